/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits on remaining time. Pure. */
#ifndef CHECK_CERT_RENEWAL_LIMIT_H
#define CHECK_CERT_RENEWAL_LIMIT_H

#include "perfdata.h"

#include <stdbool.h>

#define SECONDS_PER_DAY 86400.0

typedef enum {
	LIMIT_AUTO,
	LIMIT_SECONDS, /* alert when less remains than this many seconds */
	LIMIT_SHARE,   /* alert when less remains than this share of the lifetime */
	LIMIT_RANGE,   /* alert by a Monitoring Plugins range, in days */
} limit_kind;

typedef struct {
	limit_kind kind;
	double value;   /* LIMIT_SECONDS: seconds; LIMIT_SHARE: 0 to 1 */
	mp_range range; /* LIMIT_RANGE */
} limit;

/* A limit for one certificate: the share is worked out, auto is filled in. */
typedef struct {
	bool by_range;
	double seconds; /* alert under this; for a range the bound that stands for it in graphs */
	mp_range range; /* by_range: in days */
} resolved_limit;

/*
 * The limit for a certificate of that lifetime (seconds). auto_seconds is what LIMIT_AUTO means for
 * it. A negative lifetime counts as none.
 */
resolved_limit limit_resolve(limit asked, double lifetime, double auto_seconds);

/* Has it a bound of its own? Not so auto, and a range that alerts never or always. */
bool limit_is_bound(limit asked);

/* Does the remaining time (seconds, negative once expired) call for an alert? */
bool limit_alerts(resolved_limit limit, double remaining);

/*
 * Do two limits as asked contradict each other, the critical one alerting earlier than the warning
 * one? Only said where it holds for each lifetime: two limits of seconds, two shares, or ranges
 * that each have one bound.
 */
bool limit_contradicts(limit warning, limit critical);

#endif
