/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One certificate as plain values, no opinion.
 *
 * Every string is raw outside material: bounded in length, but neither printable nor valid UTF-8
 * for sure. The report cleans what it prints.
 */
#ifndef CHECK_CERT_RENEWAL_CERTIFICATE_H
#define CHECK_CERT_RENEWAL_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is kept of one name, and of how many subjectAltName entries. */
#define CERTIFICATE_NAME_MAX 512
#define CERTIFICATE_SAN_MAX  100

typedef enum {
	SIGNATURE_OTHER,
	SIGNATURE_MD5, /* or older */
	SIGNATURE_SHA1,
} signature_weakness;

typedef struct {
	char *subject;      /* detailed only: RFC 4514 style, one line */
	char *issuer;       /* likewise */
	char *name;         /* short: common name, else first subjectAltName, else subject */
	char *issuer_name;  /* short: common name, else organisation, else issuer */
	char *serial;       /* upper-case hexadecimal */
	uint8_t sha256[32]; /* fingerprinted leaf, and detailed */
	char **san;         /* "dns:NAME", "ip:ADDRESS"; others are left out */
	size_t san_count;
	size_t san_total; /* entries of those kinds in the certificate */
	bool not_before_known;
	bool not_after_known; /* false where the field is malformed */
	int64_t not_before;   /* seconds since the epoch */
	int64_t not_after;
	char *key_type;  /* "RSA", "EC", "ED25519", ... */
	int key_bits;    /* 0: unknown */
	char *signature; /* "ecdsa-with-SHA256", ... */
	signature_weakness signature_weakness;
	bool self_issued; /* subject and issuer are the same name */
	bool is_ca;
} certificate;

/*
 * Several certificates, leaf first. The array and everything in it are owned by whoever holds the
 * struct; free with chain_free().
 */
typedef struct chain {
	certificate *certificates;
	size_t count;
} chain;

/* Frees what is in the chain, not the struct itself. */
void chain_free(chain *chain);

struct x509_st;
struct stack_st_X509;

/* How much is read: what judging needs, or also what only the detailed outputs show. */
typedef enum {
	FACTS_TO_JUDGE,
	FACTS_FINGERPRINTED, /* the leaf's fingerprint too, to know it again */
	FACTS_DETAILED,
} facts_detail;

/*
 * Reads the facts of one certificate. Returns false when memory runs out; *out is then empty. What
 * a malformed certificate does not tell is left empty.
 */
bool certificate_read(certificate *out, struct x509_st *x509, facts_detail detail);
void certificate_free(certificate *certificate);

/* Reads a stack (may be NULL). Returns false when memory runs out. */
bool chain_read(chain *out, const struct stack_st_X509 *stack, facts_detail detail);

/* The remaining and whole life in seconds; both times must be known. */
int64_t certificate_remaining(const certificate *certificate, int64_t now);
int64_t certificate_lifetime(const certificate *certificate);

#endif
