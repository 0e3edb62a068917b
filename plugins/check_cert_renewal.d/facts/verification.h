/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What OpenSSL's verification for a TLS server said, as plain values. */
#ifndef CHECK_CERT_RENEWAL_VERIFICATION_H
#define CHECK_CERT_RENEWAL_VERIFICATION_H

#include "certificate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERIFICATION_PROBLEMS_MAX 16

typedef enum {
	VERIFY_OTHER,          /* OpenSSL's own words say which */
	VERIFY_HOSTNAME,       /* not for this name or address */
	VERIFY_EXPIRED,        /* at this depth */
	VERIFY_NOT_YET_VALID,  /* at this depth */
	VERIFY_WEAK,           /* a key or a signature is below OpenSSL's floor */
	VERIFY_PURPOSE,        /* not for TLS servers, or a CA that is none */
	VERIFY_SELF_SIGNED,    /* the leaf itself, not a trust anchor */
	VERIFY_ISSUER_MISSING, /* the leaf's issuer was neither sent nor is a trust anchor */
	VERIFY_UNKNOWN_ISSUER, /* the chain ends in no trust anchor */
	VERIFY_UNTRUSTED_ROOT, /* the chain ends in a root that is no trust anchor */
} verify_problem_kind;

typedef struct {
	verify_problem_kind kind;
	int depth;         /* 0: the leaf */
	const char *words; /* OpenSSL's; static */
} verify_problem;

typedef struct verification {
	bool trust_asked; /* the path to a trust anchor was verified */
	bool name_asked;  /* the host name or address was verified */
	bool public_root; /* the path ends in an anchor that came with the system's store */
	verify_problem problems[VERIFICATION_PROBLEMS_MAX];
	size_t problem_count;
	chain path; /* leaf first, as far as it could be built; owned */
} verification;

void verification_free(verification *verification);

struct trust;
struct x509_st;
struct stack_st_X509;

/* Whom a certificate has to be for. At most one is set. */
typedef struct {
	const char *dns_name;
	const char *ip_address;
} verify_name;

/* How certificates are looked at; the same for the whole run. */
typedef struct {
	struct trust *trust; /* NULL: trust is not verified */
	int64_t at;          /* verified as of, seconds since the epoch */
	facts_detail detail;
	bool renewal_id; /* the leaf's ARI identifier is wanted */
} verify_terms;

/*
 * Verifies leaf with the untrusted certificates sent along, as a TLS client verifies a server. All
 * problems are gathered, not only the first. Without trust anchors only the name is verified.
 * Returns false when memory runs out.
 */
bool verification_run(verification *out, verify_terms terms, struct x509_st *leaf,
					  struct stack_st_X509 *untrusted, verify_name name);

#endif
