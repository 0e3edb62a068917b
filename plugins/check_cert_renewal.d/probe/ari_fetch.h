/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks a CA when a certificate should be renewed (RFC 9773). */
#ifndef CHECK_CERT_RENEWAL_ARI_FETCH_H
#define CHECK_CERT_RENEWAL_ARI_FETCH_H

#include "../facts/renewal_info.h"

#include <stdint.h>

typedef struct {
	char *error;       /* why there is no answer, in plain words; owned; NULL: none, or no memory */
	long status;       /* the last HTTP status; 0: no answer that was HTTP */
	renewal_info info; /* not known where there is an error; when to ask again is set in any case */
} ari_answer;

/*
 * Asks the directory for renewalInfo, and that for the certificate (renewal_info_id()). Blocks, at
 * the longest for the timeout in seconds: made to run on a thread of its own. Shares nothing with
 * other threads: the trust anchors (a path as trust_open() takes it; NULL: the system's) are opened
 * for this call. SIGPIPE has to be ignored.
 *
 * now is the present in seconds since the epoch, also where a certificate is judged as of another
 * time: the CA's own certificate is verified as of now, and the next poll counts from it.
 *
 * Temporary errors (no answer in time, a broken connection, status 429 and 5xx) are not to be tried
 * again for an hour, or for as long as the CA says; all others for six hours (section 4.3.3).
 */
void ari_fetch(ari_answer *out, const char *directory_url, const char *certificate_id,
			   const char *rootcert, int64_t now, double timeout_seconds);

/* Frees what is in the answer, not the struct itself. */
void ari_answer_free(ari_answer *answer);

#endif
