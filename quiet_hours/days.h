/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was counted, by slot: requests, and visits in the windows that begin in a slot. Kept by day
 * of UTC, so that absurd dates cost a day each and no more.
 */
#ifndef QUIET_HOURS_DAYS_H
#define QUIET_HOURS_DAYS_H

#include "slot.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	DAYS_MAX = 1100, /* three years, and what lies between them and their neighbours */
};

/* Lengths of window that visits are counted for. */
typedef enum {
	SPAN_WINDOW, /* the one that was asked for */
	SPAN_HOUR,   /* for the chart */
	SPAN_COUNT,
} span;

typedef struct {
	int32_t number; /* days since 1970-01-01, UTC */
	uint32_t requests[SLOTS_PER_DAY];
	/* Differences from the slot before, until days_settle() makes sums of them. */
	int32_t visits[SPAN_COUNT][SLOTS_PER_DAY];
} day;

typedef struct {
	day **list; /* by number */
	size_t count;
	day *recent; /* the one that was asked for last */
	bool out_of_memory;
} days;

void days_free(days *days);

/*
 * Makes room for this slot and a day around it. False: there are DAYS_MAX days already, or there is
 * no memory; nothing has changed then.
 */
bool days_reach(days *days, slot at);

/* The day of a slot; NULL where nothing was counted near it. */
day *days_find(const days *days, slot at);

/* Adds a request; the slot was reached. */
void days_request(days *days, slot at);

/* Adds visits to the windows that begin in the slots behind `after`, up to and with `last`. */
void days_visit(days *days, span span, slot after, slot last, int32_t visits);

/* When all is counted: days_visits() may be asked. */
void days_settle(days *days);

/* Visits in the window of this span that begins in this slot. */
uint32_t days_visits(const days *days, span span, slot at);

uint32_t days_requests(const days *days, slot at);

#endif
