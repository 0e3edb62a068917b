/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When renewal is due. Pure. The one place that has the rule and its numbers:
 *   - by lifetime: Let's Encrypt's integration guide: a third of the lifetime left, half of it where
 *     the lifetime is under 10 days; never more than 30 days, which certbot made the custom of
 *     90-day certificates and what longer-lived ones are renewed by.
 *   - by client: client.def.
 */
#ifndef CHECK_CERT_RENEWAL_RENEWAL_H
#define CHECK_CERT_RENEWAL_RENEWAL_H

#include "limit.h"

#include <stddef.h>

typedef enum {
	DUE_THIRD_OR_HALF,
	DUE_THIRD,
	DUE_DAYS_LEFT,
	DUE_DAYS_AFTER,
	DUE_BY_STEPS,
} due_rule;

/* A row of client.def. */
typedef struct renewal_client {
	const char *name;
	due_rule rule;
	int value; /* days */
	int least; /* days */
	const char *source;
} renewal_client;

/* The clients known, in the order of the table. */
const renewal_client *renewal_clients(size_t *count);

/* The client called name; NULL if there is none. */
const renewal_client *renewal_client_by_name(const char *name);

/* Where the due moment came from. */
typedef enum {
	DUE_FROM_OPTION,
	DUE_FROM_CLIENT,
	DUE_FROM_LIFETIME,
} due_source;

typedef struct {
	double seconds; /* remaining time at which renewal is due; 0 for an absurd lifetime */
	due_source source;
} renewal_due;

/*
 * When renewal of a certificate of that lifetime (seconds) is due. renew_before is LIMIT_AUTO,
 * LIMIT_SECONDS or LIMIT_SHARE; client may be NULL.
 */
renewal_due renewal_due_for(double lifetime, limit renew_before, const renewal_client *client);

/* The limits that `auto` means: WARNING under 5/6, CRITICAL under 1/3 of the due time. Seconds. */
double renewal_auto_warning(double due_seconds);
double renewal_auto_critical(double due_seconds);

#endif
