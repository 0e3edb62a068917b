/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What certbot's log tells of one certificate. Internal to client_certbot*.c. */
#ifndef CHECK_CERT_RENEWAL_CLIENT_CERTBOT_LOG_H
#define CHECK_CERT_RENEWAL_CLIENT_CERTBOT_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* Times are seconds since the epoch; 0: not known. Strings are owned; NULL: none. */
typedef struct {
	int64_t last_run;     /* the last run that looked at certificates, rehearsals left out */
	int64_t last_attempt; /* the last attempt to renew this one */
	bool failed;          /* that attempt failed */
	char *reason;         /* why; where it did not fail: what went wrong with the deploy hook */
	int version;          /* certbot's own, the first number; 0: not known */
} certbot_log;

/*
 * Reads the logs in a directory, the newest first, back to the last attempt for the lineage, at the
 * most to the time since. Nothing in it: no log could be read. False: out of memory.
 */
bool certbot_log_read(certbot_log *out, const char *directory, const char *lineage, int64_t since);
void certbot_log_free(certbot_log *log);

#endif
