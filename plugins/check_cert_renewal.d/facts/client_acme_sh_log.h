/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What acme.sh's log tells of one certificate. Internal to client_acme_sh*.c. */
#ifndef CHECK_CERT_RENEWAL_CLIENT_ACME_SH_LOG_H
#define CHECK_CERT_RENEWAL_CLIENT_ACME_SH_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* Times are seconds since the epoch; 0: not known, or not written in a form that is understood. */
typedef struct {
	int64_t last_run;
	int64_t last_failure;
	bool failed;  /* the last attempt in the log failed */
	char *reason; /* owned; NULL: none is found */
} acme_sh_log;

/*
 * Reads the log for a domain whose files are in a directory of that name (DOMAIN or DOMAIN_ecc).
 * The text is changed. False: out of memory.
 */
bool acme_sh_log_read(acme_sh_log *out, char *text, const char *domain, const char *directory);
void acme_sh_log_free(acme_sh_log *log);

#endif
