/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "visits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const unsigned first_table_bits = 12;

/* Windows that ended so many slots ago may still get a late line when estimates begin. */
static const slot still_open = 16;

void visits_init(visits *visits, slot window, size_t limit) {
	memset(visits, 0, sizeof(*visits));
	visits->length[SPAN_WINDOW] = window;
	visits->length[SPAN_HOUR] = SLOTS_PER_HOUR;
	visits->limit = limit;
	slot longest = window > SLOTS_PER_HOUR ? window : SLOTS_PER_HOUR;
	visits->ring_size = longest + VISITS_LATE;
}

static void ring_clear(visits *visits) {
	for (slot i = 0; visits->ring != NULL && i < visits->ring_size; i++) {
		free(visits->ring[i]);
		visits->ring[i] = NULL;
	}
}

void visits_free(visits *visits) {
	ring_clear(visits);
	free(visits->ring);
	free(visits->all);
	free(visits->window);
	free(visits->table);
	days_free(&visits->days);
	memset(visits, 0, sizeof(*visits));
}

/* --- exact ---------------------------------------------------------------------------------- */

/* Where the key is, or would be. The table is never full. */
static visitor *table_place(visitor *table, unsigned bits, uint64_t key) {
	size_t mask = ((size_t)1 << bits) - 1;
	size_t at = (size_t)(key >> (64 - bits));
	while (table[at].key != 0 && table[at].key != key) {
		at = (at + 1) & mask;
	}
	return &table[at];
}

static bool table_grow(visits *visits) {
	unsigned bits = visits->table == NULL ? first_table_bits : visits->table_bits + 1;
	visitor *table = calloc((size_t)1 << bits, sizeof(*table));
	if (table == NULL) {
		visits->out_of_memory = true;
		return false;
	}
	for (size_t i = 0; visits->table != NULL && i < (size_t)1 << visits->table_bits; i++) {
		if (visits->table[i].key != 0) {
			*table_place(table, bits, visits->table[i].key) = visits->table[i];
		}
	}
	free(visits->table);
	visits->table = table;
	visits->table_bits = bits;
	return true;
}

/* Windows that begin behind `after`, up to `last`, have one more visitor. */
static void visit_windows(visits *visits, span span, slot after, slot last) {
	if (after < last) {
		days_visit(&visits->days, span, after, last, 1);
	}
}

/* A request later than all of the visitor's before: what it has in common with the last is known.
 */
static void visitor_later(visits *visits, visitor *visitor, slot at) {
	slot steps = at - visitor->last;
	for (span span = 0; span < SPAN_COUNT; span++) {
		slot after = at - visits->length[span];
		visit_windows(visits, span, after > visitor->last ? after : visitor->last, at);
	}
	uint64_t before = steps < VISITS_LATE ? visitor->seen << steps : 0;
	visitor->seen = steps <= VISITS_LATE ? before | UINT64_C(1) << (steps - 1) : 0;
	visitor->last = at;
}

/* A request that was logged late: it counts where none of the visitor's around it does. */
static void visitor_earlier(visits *visits, visitor *visitor, slot at) {
	slot steps = visitor->last - at;
	if (steps > VISITS_LATE) {
		return; /* cannot be, or a new part had begun */
	}
	uint64_t bit = UINT64_C(1) << (steps - 1);
	if ((visitor->seen & bit) != 0) {
		return;
	}
	uint64_t between = visitor->seen & (bit - 1);
	uint64_t earlier = visitor->seen & ~(bit | (bit - 1));
	slot next = between == 0 ? visitor->last : visitor->last - 64 + __builtin_clzll(between);
	slot previous = earlier == 0 ? INT32_MIN : visitor->last - 1 - __builtin_ctzll(earlier);
	for (span span = 0; span < SPAN_COUNT; span++) {
		slot after = at - visits->length[span];
		slot last = next - visits->length[span];
		visit_windows(visits, span, after > previous ? after : previous, last < at ? last : at);
	}
	visitor->seen |= bit;
}

static void visitor_first(visits *visits, visitor *visitor, slot at) {
	visitor->last = at;
	visitor->seen = 0;
	visitor->part = visits->part;
	for (span span = 0; span < SPAN_COUNT; span++) {
		visit_windows(visits, span, at - visits->length[span], at);
	}
}

/* False: the table has as many visitors as it may, or there is no memory. */
static bool table_visit(visits *visits, slot at, uint64_t key) {
	if (visits->table == NULL && !table_grow(visits)) {
		return false;
	}
	visitor *found = table_place(visits->table, visits->table_bits, key);
	if (found->key == key && found->part == visits->part) {
		if (at > found->last) {
			visitor_later(visits, found, at);
		} else if (at < found->last) {
			visitor_earlier(visits, found, at);
		}
		return true;
	}
	if (found->key == 0) {
		if (visits->visitors >= visits->limit) {
			return false;
		}
		if (visits->visitors >= ((size_t)1 << visits->table_bits) / 4 * 3) {
			if (!table_grow(visits)) {
				return false;
			}
			found = table_place(visits->table, visits->table_bits, key);
		}
		found->key = key;
		visits->visitors++;
	}
	visitor_first(visits, found, at);
	return true;
}

/* --- estimated ------------------------------------------------------------------------------ */

/* Visitors in the slots from `begin` on. */
static double ring_estimate(visits *visits, slot begin, slot length) {
	const hll *only = NULL;
	bool several = false;
	for (slot at = begin; at < begin + length; at++) {
		const hll *set = visits->ring[at % visits->ring_size];
		if (set == NULL) {
			continue;
		}
		if (only == NULL) {
			only = set;
			continue;
		}
		if (!several) {
			*visits->window = *only;
			several = true;
		}
		hll_merge(visits->window, set);
	}
	return only == NULL ? 0 : hll_estimate(several ? visits->window : only);
}

/* The windows that begin in ring_low are over: their visits are told, the slot is forgotten. */
static void ring_finish_one(visits *visits) {
	slot start = visits->ring_low++;
	for (span span = 0; span < SPAN_COUNT; span++) {
		if (start >= visits->exact_before[span]) {
			double found = ring_estimate(visits, start, visits->length[span]);
			days_visit(&visits->days, span, start - 1, start, (int32_t)lround(found));
		}
	}
	free(visits->ring[start % visits->ring_size]);
	visits->ring[start % visits->ring_size] = NULL;
}

static void ring_finish(visits *visits) {
	while (visits->estimating && visits->ring_low <= visits->newest) {
		ring_finish_one(visits);
	}
}

/* Nothing is in the ring, and a line of this slot comes. */
static void ring_begin(visits *visits, slot at) {
	visits->ring_low = at - (visits->ring_size - VISITS_LATE) - still_open + 1;
	for (span span = 0; span < SPAN_COUNT; span++) {
		visits->exact_before[span] = INT32_MIN;
	}
}

/* Makes room in the ring for a later slot. */
static void ring_advance(visits *visits, slot at) {
	if (at - visits->newest >= visits->ring_size) {
		ring_finish(visits);
		ring_begin(visits, at);
	}
	while (at - visits->ring_low >= visits->ring_size) {
		ring_finish_one(visits);
	}
}

/* False: no memory. Slots whose windows are over are left out. */
static bool ring_add(visits *visits, slot at, uint64_t key) {
	if (at < visits->ring_low) {
		return true;
	}
	hll **set = &visits->ring[at % visits->ring_size];
	if (*set == NULL && (*set = calloc(1, sizeof(**set))) == NULL) {
		visits->out_of_memory = true;
		return false;
	}
	hll_add(*set, key);
	hll_add(visits->all, key);
	return true;
}

/* Takes back what was counted exactly for windows that are estimated, for a visitor in this slot,
 * who was there again in the slot `next`. */
static void take_back(visits *visits, slot at, slot next) {
	for (span span = 0; span < SPAN_COUNT; span++) {
		slot length = visits->length[span];
		slot after = at - length;
		slot last = next - length;
		after = after < visits->exact_before[span] ? visits->exact_before[span] - 1 : after;
		last = last < at ? last : at;
		if (after < last) {
			days_visit(&visits->days, span, after, last, -1);
		}
	}
}

/* The slots of this part that a visitor was last seen in. False: no memory. */
static bool estimate_visitor(visits *visits, const visitor *visitor) {
	slot at = visitor->last;
	slot next = INT32_MAX;
	for (uint64_t seen = visitor->seen;; seen &= seen - 1) {
		take_back(visits, at, next);
		if (!ring_add(visits, at, visitor->key)) {
			return false;
		}
		if (seen == 0) {
			return true;
		}
		next = at;
		at = visitor->last - 1 - __builtin_ctzll(seen);
	}
}

/* Windows that are not over are estimated from here on, with what is known of each visitor. */
static bool estimate_from_table(visits *visits) {
	ring_begin(visits, visits->newest);
	for (span span = 0; span < SPAN_COUNT; span++) {
		visits->exact_before[span] = visits->newest - visits->length[span] - still_open + 1;
	}
	for (size_t i = 0; i < (size_t)1 << visits->table_bits; i++) {
		const visitor *visitor = &visits->table[i];
		if (visitor->key == 0) {
			continue;
		}
		hll_add(visits->all, visitor->key);
		if (visitor->part == visits->part && !estimate_visitor(visits, visitor)) {
			return false;
		}
	}
	free(visits->table);
	visits->table = NULL;
	return true;
}

static bool estimate_begin(visits *visits) {
	visits->all = calloc(1, sizeof(*visits->all));
	visits->window = calloc(1, sizeof(*visits->window));
	visits->ring = calloc((size_t)visits->ring_size, sizeof(hll *));
	visits->estimating = visits->all != NULL && visits->window != NULL && visits->ring != NULL;
	if (!visits->estimating || !estimate_from_table(visits)) {
		visits->out_of_memory = true;
		return false;
	}
	return true;
}

/* --- both ----------------------------------------------------------------------------------- */

/* Goes on to the slot; a new part where it is too late for this one. False: requests only. */
static bool move_to(visits *visits, slot at) {
	if (visits->part == 0 || at < visits->newest - VISITS_LATE) {
		if (visits->part == VISITS_PARTS_MAX) {
			return false;
		}
		ring_finish(visits);
		if (visits->estimating) {
			ring_begin(visits, at);
		}
		visits->part++;
		visits->newest = at;
	} else if (at > visits->newest) {
		if (visits->estimating) {
			ring_advance(visits, at);
		}
		visits->newest = at;
	}
	return true;
}

/* A request that is counted as such already. False: no memory. */
static bool visit(visits *visits, slot at, uint64_t key) {
	if (!move_to(visits, at)) {
		return true;
	}
	if (!visits->estimating &&
		(table_visit(visits, at, key) || visits->out_of_memory || !estimate_begin(visits))) {
		return !visits->out_of_memory;
	}
	return ring_add(visits, at, key);
}

/* They are no strays. */
static bool visit_strays(visits *visits) {
	bool good = true;
	for (size_t i = 0; good && i < visits->stray_count; i++) {
		good = visit(visits, visits->strays[i].at, visits->strays[i].key);
	}
	visits->stray_count = 0;
	return good;
}

bool visits_add(visits *visits, slot at, uint64_t hash) {
	if (visits->out_of_memory || !days_reach(&visits->days, at)) {
		visits->out_of_memory |= visits->days.out_of_memory;
		return false;
	}
	days_request(&visits->days, at);
	uint64_t key = hash != 0 ? hash : 1;
	if (visits->part > 0 && at < visits->newest - VISITS_LATE) {
		visits->strays[visits->stray_count].at = at;
		visits->strays[visits->stray_count++].key = key;
		return visits->stray_count < VISITS_STRAYS || visit_strays(visits);
	}
	visits->stray_count = 0;
	return visit(visits, at, key);
}

void visits_settle(visits *visits) {
	visit_strays(visits);
	ring_finish(visits);
	days_settle(&visits->days);
}

double visits_total(const visits *visits) {
	return visits->estimating ? hll_estimate(visits->all) : (double)visits->visitors;
}
