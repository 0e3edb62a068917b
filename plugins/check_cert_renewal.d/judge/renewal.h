/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When renewal is due. Pure. The one place that has the rule and its numbers:
 *   - by lifetime: Let's Encrypt's integration guide: a third of the lifetime left, half of it
 * where the lifetime is under 10 days; never more than 30 days, which certbot made the custom of
 *     90-day certificates and what longer-lived ones are renewed by.
 *   - by client: client.def.
 */
#ifndef CHECK_CERT_RENEWAL_RENEWAL_H
#define CHECK_CERT_RENEWAL_RENEWAL_H

#include "limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	DUE_FROM_ARI,
	DUE_FROM_HISTORY,
	DUE_FROM_CLIENT,
	DUE_FROM_LIFETIME,
} due_source;

typedef struct {
	double seconds; /* remaining time at which renewal is due; 0 for an absurd lifetime */
	due_source source;
} renewal_due;

/* What is known of this one certificate's renewal, beyond rules. All in seconds. */
typedef struct {
	bool ari_known;
	double ari_seconds; /* remaining time at the end of the window that the CA suggests */
	bool learned;
	double learned_seconds; /* remaining time at which this endpoint renews at the latest */
} renewal_knowledge;

/*
 * As renewal_due_for(), with what is known: the user's word counts first, then the CA's, then what
 * was learned, then the rules. known may be NULL.
 */
renewal_due renewal_due_known(double lifetime, limit renew_before, const renewal_client *client,
							  const renewal_knowledge *known);

/*
 * How long past due is still healthy: clients look twice a day, so that a renewal may come up to a
 * day late; short lifetimes have a twentieth of theirs.
 */
double renewal_grace(double lifetime);

/*
 * When renewal of a certificate of that lifetime (seconds) is due. renew_before is LIMIT_AUTO,
 * LIMIT_SECONDS or LIMIT_SHARE; client may be NULL.
 */
renewal_due renewal_due_for(double lifetime, limit renew_before, const renewal_client *client);

/*
 * When the client renews a certificate of that lifetime (seconds) by its own rule, whatever comes
 * of it: more than the lifetime (at each run), or less than nothing (only after its end).
 */
double renewal_due_by_client(double lifetime, const renewal_client *client);

/* The limits that `auto` means: WARNING under 5/6, CRITICAL under 1/3 of the due time. Seconds. */
double renewal_auto_warning(double due_seconds);
double renewal_auto_critical(double due_seconds);

/* The longest lifetime (seconds) that the CA/Browser Forum allows for a certificate issued then:
 * SC-081v3. */
double renewal_lifetime_allowed(int64_t not_before);

#endif
