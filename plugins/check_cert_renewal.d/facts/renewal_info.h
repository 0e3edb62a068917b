/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CA's own word on when to renew: ACME Renewal Information (ARI), RFC 9773, as plain values. */
#ifndef CHECK_CERT_RENEWAL_RENEWAL_INFO_H
#define CHECK_CERT_RENEWAL_RENEWAL_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is kept of an explanationURL. */
#define RENEWAL_INFO_URL_MAX 512

/* An answer, or that there was none. Times are seconds since the epoch. */
typedef struct {
	bool known;    /* a valid suggestedWindow was given */
	int64_t start; /* suggestedWindow */
	int64_t end;
	char explanation_url[RENEWAL_INFO_URL_MAX + 1]; /* outside material; "" where there is none */
	int64_t asked_at;
	int64_t next_poll; /* not to be asked again before */
} renewal_info;

struct x509_st;

/*
 * The certificate's ARI identifier (RFC 9773, section 4.1). Owned by the caller; NULL where the
 * certificate has no authority key identifier, or memory runs out.
 */
char *renewal_info_id(struct x509_st *x509);

/*
 * Reads the body of an answer (JSON, not terminated). Returns NULL, or what is wrong (static
 * words); *out is then unchanged but for known = false.
 */
const char *renewal_info_parse(renewal_info *out, const char *body, size_t size);

/*
 * When to ask again: Retry-After (seconds or an HTTP date; NULL: none) is both the least and the
 * most to wait, clamped to between a minute and a day; 6 hours where there is none or a bad one
 * (RFC 9773, section 4.3).
 */
int64_t renewal_info_next_poll(const char *retry_after, int64_t now);

/* The directory URL of the CA that issued a certificate by its issuer's organisation; NULL: not
 * known. */
const char *renewal_info_directory(const char *issuer_line);

#endif
