/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "days.h"

#include <stdlib.h>
#include <string.h>

void days_free(days *days) {
	for (size_t i = 0; i < days->count; i++) {
		free(days->list[i]);
	}
	free(days->list);
	memset(days, 0, sizeof(*days));
}

static int32_t number_of(slot at) { return at / SLOTS_PER_DAY; }

/* Where the day with this number is, or would be. */
static size_t place_of(const days *days, int32_t number) {
	size_t low = 0;
	size_t high = days->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (days->list[middle]->number < number) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static bool has_day(const days *days, int32_t number) {
	size_t place = place_of(days, number);
	return place < days->count && days->list[place]->number == number;
}

static bool add_day(days *days, int32_t number) {
	size_t place = place_of(days, number);
	if (place < days->count && days->list[place]->number == number) {
		return true;
	}
	day **list = realloc(days->list, (days->count + 1) * sizeof(day *));
	if (list == NULL) {
		return false;
	}
	days->list = list;
	day *added = calloc(1, sizeof(*added));
	if (added == NULL) {
		return false;
	}
	added->number = number;
	memmove(list + place + 1, list + place, (days->count - place) * sizeof(day *));
	list[place] = added;
	days->count++;
	return true;
}

bool days_reach(days *days, slot at) {
	int32_t number = number_of(at);
	if (days->recent != NULL && days->recent->number == number) {
		return true;
	}
	size_t missing = 0;
	for (int32_t near = number - 1; near <= number + 1; near++) {
		missing += !has_day(days, near);
	}
	if (days->count + missing > DAYS_MAX) {
		return false;
	}
	for (int32_t near = number - 1; near <= number + 1; near++) {
		if (!add_day(days, near)) {
			days->out_of_memory = true;
			return false;
		}
	}
	days->recent = days->list[place_of(days, number)];
	return true;
}

day *days_find(const days *days, slot at) {
	int32_t number = number_of(at);
	if (days->recent != NULL && days->recent->number == number) {
		return days->recent;
	}
	size_t place = place_of(days, number);
	return place < days->count && days->list[place]->number == number ? days->list[place] : NULL;
}

void days_request(days *days, slot at) {
	day *found = days_find(days, at);
	if (found != NULL) {
		found->requests[at % SLOTS_PER_DAY]++;
	}
}

static void add_difference(days *days, span span, slot at, int32_t difference) {
	day *found = days_find(days, at);
	if (found != NULL) {
		found->visits[span][at % SLOTS_PER_DAY] += difference;
	}
}

void days_visit(days *days, span span, slot after, slot last, int32_t visits) {
	add_difference(days, span, after + 1, visits);
	add_difference(days, span, last + 1, -visits);
}

void days_settle(days *days) {
	int64_t sums[SPAN_COUNT] = {0};
	for (size_t i = 0; i < days->count; i++) {
		for (int span = 0; span < SPAN_COUNT; span++) {
			int32_t *visits = days->list[i]->visits[span];
			for (int at = 0; at < SLOTS_PER_DAY; at++) {
				sums[span] += visits[at];
				visits[at] = (int32_t)(sums[span] < 0 ? 0 : sums[span]);
			}
		}
	}
}

uint32_t days_visits(const days *days, span span, slot at) {
	const day *found = days_find(days, at);
	return found != NULL ? (uint32_t)found->visits[span][at % SLOTS_PER_DAY] : 0;
}

uint32_t days_requests(const days *days, slot at) {
	const day *found = days_find(days, at);
	return found != NULL ? found->requests[at % SLOTS_PER_DAY] : 0;
}
