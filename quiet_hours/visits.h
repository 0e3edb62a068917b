/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Visits: how many different addresses were seen in each window of a given length, wherever it
 * begins. Lines come in about the order of their time.
 *
 * Exact, for a number of addresses that is limited: each is remembered with the slots it was last
 * seen in, and what a request adds to each window is known at once. Above the limit HyperLogLogs of
 * the slots that a window can still get something in are kept, and nothing of each address.
 */
#ifndef QUIET_HOURS_VISITS_H
#define QUIET_HOURS_VISITS_H

#include "days.h"
#include "hll.h"

enum {
	/* Lines that are later than this (5 hours 20 minutes) begin a new part, as when files were put
	 * together in another order: visitors count anew there. */
	VISITS_LATE = 64,
	/* So many, one behind the other: less are strays, as a connection that was open all night, and
	 * count as requests only. */
	VISITS_STRAYS = 16,
	/* Parts; lines that are late after that count as requests only. */
	VISITS_PARTS_MAX = 1000,
};

typedef struct {
	uint64_t key;  /* 0: free */
	uint64_t seen; /* bit i: also in slot last - 1 - i */
	slot last;
	uint32_t part; /* the one that last and seen are of */
} visitor;

typedef struct {
	days days;
	slot length[SPAN_COUNT]; /* slots of a window */
	slot newest;             /* of this part */
	uint32_t part;           /* from 1; 0: nothing came yet */
	struct {
		slot at;
		uint64_t key;
	} strays[VISITS_STRAYS]; /* late lines that may begin a part */
	size_t stray_count;
	bool out_of_memory;

	visitor *table; /* while exact */
	unsigned table_bits;
	size_t visitors; /* in the table */
	size_t limit;    /* the most that are counted exactly */

	bool estimating; /* the limit was passed */
	hll *all;        /* every visitor */
	hll **ring;      /* by slot % ring_size; NULL: nobody */
	hll *window;     /* for working */
	slot ring_size;
	slot ring_low;                 /* windows that begin before are done */
	slot exact_before[SPAN_COUNT]; /* windows that begin before are counted exactly */
} visits;

/* Windows of this many slots, 1 to SLOTS_PER_DAY. */
void visits_init(visits *visits, slot window, size_t limit);

void visits_free(visits *visits);

/*
 * A request in this slot from who has this hash. False: it could not be kept (too many days, no
 * memory); nothing has changed then.
 */
bool visits_add(visits *visits, slot at, uint64_t hash);

/* When all is counted: visits->days may be asked. */
void visits_settle(visits *visits);

/* Different visitors, all together. */
double visits_total(const visits *visits);

#endif
