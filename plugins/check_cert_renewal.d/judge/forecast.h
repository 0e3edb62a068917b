/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of limits and rhythm when lifetimes shrink. Pure. The lifetimes are those that CAs
 * have announced: CA/Browser Forum SC-081v3 (100, 47 days) and Let's Encrypt (64, 45, 6 days).
 */
#ifndef CHECK_CERT_RENEWAL_FORECAST_H
#define CHECK_CERT_RENEWAL_FORECAST_H

#include "judge.h"

typedef enum {
	FORECAST_HOLDS,
	FORECAST_RHYTHM_IMPOSSIBLE, /* renewal would be due before the certificate begins, or at its end
								   or later */
	FORECAST_WARNS_ALWAYS,      /* the limit is longer than the whole lifetime */
	FORECAST_WARNS_HEALTHY,     /* a limit alerts before a healthy renewal is due */
} forecast_verdict;

typedef struct {
	int days; /* the lifetime */
	forecast_verdict verdict;
	bool critical; /* the limit is the critical one */
	double due;    /* seconds before the end */
	double limit;  /* seconds: the limit that does not hold, else the warning limit */
} forecast_row;

enum {
	FORECAST_ROWS = 5
};

/* The rows for a target as it was judged, the longest lifetime first. */
void forecast(forecast_row rows[FORECAST_ROWS], const judgement *verdict, const policy *policy);

#endif
