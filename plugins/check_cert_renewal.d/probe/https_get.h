/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One blocking GET over TLS, for threads of their own. */
#ifndef CHECK_CERT_RENEWAL_HTTPS_GET_H
#define CHECK_CERT_RENEWAL_HTTPS_GET_H

#include "deadline.h"
#include "http_answer.h"
#include "https_url.h"

#include <stddef.h>
#include <stdint.h>

/* Enough for every reason. */
#define HTTPS_ERROR_MAX 256

typedef enum {
	HTTPS_ANSWERED,
	HTTPS_FAILED_FOR_NOW, /* no answer in time, or a broken connection: may go away by itself */
	HTTPS_FAILED,
} https_outcome;

struct trust;

/* How to ask. The server's certificate has to be valid at that time, in seconds since the epoch. */
typedef struct {
	struct trust *trust;
	int64_t at;
	deadline deadline;
	size_t body_max;
} https_terms;

/*
 * Gets what is there. The server's certificate is verified with its name; redirects are answers
 * like others; proxies and what the environment says of them are not used. Where there is no
 * answer, error has the reason in plain words. SIGPIPE has to be ignored by the caller.
 */
https_outcome https_get(http_answer *out, const https_url *url, https_terms terms,
						char error[HTTPS_ERROR_MAX]);

#endif
