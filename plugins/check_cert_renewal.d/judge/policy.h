/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user wants to be told about: limits, the due rule and states. Plain values. */
#ifndef CHECK_CERT_RENEWAL_POLICY_H
#define CHECK_CERT_RENEWAL_POLICY_H

#include "finding.h"
#include "limit.h"

#include <stdbool.h>

struct renewal_client;

typedef struct {
	limit warning;
	limit critical;
	limit renew_before;                  /* LIMIT_AUTO: by client or lifetime */
	const struct renewal_client *client; /* --client; NULL: none named */
	bool selfsigned;                     /* a self-signed certificate is acceptable */
	double reload_grace; /* seconds that a renewed certificate may wait for its deployment */
	severity severity[FINDING_COUNT]; /* what --severity changed */
} policy;

/* The default policy: everything auto. */
policy policy_init(void);

#endif
