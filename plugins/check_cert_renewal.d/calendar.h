/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Gregorian calendar in UTC, from year 1 to far beyond 9999, without time zones and time_t. */
#ifndef CHECK_CERT_RENEWAL_CALENDAR_H
#define CHECK_CERT_RENEWAL_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	int64_t year;
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
	int hour;
	int minute;
	int second;
} calendar_time;

/* Seconds since 1970-01-01T00:00:00Z. */
int64_t calendar_seconds(calendar_time time);

calendar_time calendar_split(int64_t seconds);

/* Is there such a day, and such a time of day? */
bool calendar_is_valid(calendar_time time);

#endif
