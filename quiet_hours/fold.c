/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

enum {
	RANGES_MAX = DAYS_MAX,
	GAP = SLOTS_PER_DAY, /* slots without any line: a log is missing */
};

/* What was seen without a gap. */
typedef struct {
	slot begin;
	slot end; /* behind it */
} range;

/* Something seen at one place (an hour, a slot of the day or the week). */
typedef struct {
	int place;
	uint32_t visits;
	uint32_t requests;
} sample;

typedef struct {
	sample *list;
	size_t count;
	size_t room;
	bool out_of_memory;
} samples;

static void samples_add(samples *samples, int place, uint32_t visits, uint32_t requests) {
	if (samples->count == samples->room) {
		size_t room = samples->room > 0 ? 2 * samples->room : 1024;
		sample *list = realloc(samples->list, room * sizeof(*list));
		if (list == NULL) {
			samples->out_of_memory = true;
			return;
		}
		samples->list = list;
		samples->room = room;
	}
	/* An estimate may be more than there can be. */
	visits = visits < requests ? visits : requests;
	samples->list[samples->count++] = (sample){place, visits, requests};
}

static int by_place(const void *left, const void *right) {
	return ((const sample *)left)->place - ((const sample *)right)->place;
}

static int by_value(const void *left, const void *right) {
	uint32_t one = *(const uint32_t *)left;
	uint32_t other = *(const uint32_t *)right;
	return one < other ? -1 : one > other;
}

spread spread_of(uint32_t *values, size_t count) {
	if (count == 0) {
		return (spread){0};
	}
	qsort(values, count, sizeof(*values), by_value);
	return (spread){
		.seen = (uint32_t)count,
		.least = values[0],
		.median = ((double)values[(count - 1) / 2] + (double)values[count / 2]) / 2,
		.most = values[count - 1],
	};
}

/* Samples -> the traffic at each place; the samples are gone after it. False: no memory. */
static bool samples_fold(samples *samples, traffic *out, int places) {
	memset(out, 0, (size_t)places * sizeof(*out));
	uint32_t *values = calloc(samples->count + 1, sizeof(*values));
	bool good = values != NULL && !samples->out_of_memory;
	if (good && samples->count > 0) {
		qsort(samples->list, samples->count, sizeof(*samples->list), by_place);
	}
	for (size_t begin = 0, end = 0; good && begin < samples->count; begin = end) {
		int place = samples->list[begin].place;
		while (end < samples->count && samples->list[end].place == place) {
			values[end - begin] = samples->list[end].visits;
			end++;
		}
		out[place].visits = spread_of(values, end - begin);
		for (size_t i = begin; i < end; i++) {
			values[i - begin] = samples->list[i].requests;
		}
		out[place].requests = spread_of(values, end - begin);
	}
	free(values);
	free(samples->list);
	memset(samples, 0, sizeof(*samples));
	return good;
}

/* *silence: the longest time without a line in what was seen. */
static void add_slot(range *ranges, size_t *count, slot at, slot *silence) {
	if (*count > 0 && at - ranges[*count - 1].end < GAP) {
		slot empty = at - ranges[*count - 1].end;
		*silence = *silence > empty ? *silence : empty;
		ranges[*count - 1].end = at + 1;
	} else if (*count < RANGES_MAX) {
		ranges[(*count)++] = (range){at, at + 1};
	}
}

static int wall_slot_of_hour(const wall *wall, slot at) {
	struct tm shown = wall_at(wall, slot_start(at));
	return wall_slot(&shown) % SLOTS_PER_HOUR;
}

/* What was seen, by anybody, in order. */
static size_t find_ranges(const count *count, range ranges[RANGES_MAX], slot *silence) {
	const days *people = &count->visits[VISITOR_PERSON].days;
	const days *bots = &count->visits[VISITOR_BOT].days;
	size_t found = 0;
	size_t one = 0;
	size_t other = 0;
	while (one < people->count || other < bots->count) {
		int32_t number = one < people->count ? people->list[one]->number : INT32_MAX;
		if (other < bots->count && bots->list[other]->number < number) {
			number = bots->list[other]->number;
		}
		one += one < people->count && people->list[one]->number == number;
		other += other < bots->count && bots->list[other]->number == number;
		for (slot at = number * SLOTS_PER_DAY; at < (number + 1) * SLOTS_PER_DAY; at++) {
			if (days_requests(people, at) + days_requests(bots, at) > 0) {
				add_slot(ranges, &found, at, silence);
			}
		}
	}
	return found;
}

/* Requests in the slots from `at` on. */
static uint32_t requests_in(const days *days, slot at, slot length) {
	uint32_t sum = 0;
	for (slot end = at + length; at < end; at++) {
		sum += days_requests(days, at);
	}
	return sum;
}

/* Each hour that the clock shows, as often as it does: an hour that comes twice is two. */
static bool fold_hours(const visits *visits, const range *ranges, size_t count, const wall *wall,
					   traffic out[HOURS]) {
	samples samples = {0};
	for (size_t i = 0; i < count; i++) {
		for (slot at = ranges[i].begin; at + SLOTS_PER_HOUR <= ranges[i].end; at++) {
			struct tm shown = wall_at(wall, slot_start(at));
			if (shown.tm_min == 0) {
				samples_add(&samples, shown.tm_hour, days_visits(&visits->days, SPAN_HOUR, at),
							requests_in(&visits->days, at, SLOTS_PER_HOUR));
			}
		}
	}
	return samples_fold(&samples, out, HOURS);
}

/* Each window that was seen from its begin to its end. */
static bool fold_windows(const visits *visits, const range *ranges, size_t count, const wall *wall,
						 traffic *of_day, traffic *of_week) {
	samples day = {0};
	samples week = {0};
	slot length = visits->length[SPAN_WINDOW];
	for (size_t i = 0; i < count; i++) {
		if (ranges[i].end - ranges[i].begin < length) {
			continue;
		}
		uint32_t requests = requests_in(&visits->days, ranges[i].begin, length);
		for (slot at = ranges[i].begin; at + length <= ranges[i].end; at++) {
			struct tm shown = wall_at(wall, slot_start(at));
			int place = wall_slot(&shown);
			uint32_t seen = days_visits(&visits->days, SPAN_WINDOW, at);
			samples_add(&day, place, seen, requests);
			samples_add(&week, shown.tm_wday * SLOTS_PER_DAY + place, seen, requests);
			requests += days_requests(&visits->days, at + length);
			requests -= days_requests(&visits->days, at);
		}
	}
	bool good = samples_fold(&day, of_day, SLOTS_PER_DAY);
	return samples_fold(&week, of_week, SLOTS_PER_WEEK) && good;
}

/* Not missed: what clocks leave out once a year, windows that the end of the logs cuts, and the
 * hours before the first line of a quiet night. */
static bool week_is_seen(const traffic *of_week, slot length) {
	int missing = 0;
	for (int at = 0; at < SLOTS_PER_WEEK; at++) {
		missing += of_week[at].visits.seen < WEEKS_LEAST;
	}
	return missing <= length + 4 * SLOTS_PER_HOUR;
}

static bool find_windows(fold *fold, const visits *visits, const range *ranges, size_t count,
						 const wall *wall) {
	traffic *of_day = calloc(SLOTS_PER_DAY + SLOTS_PER_WEEK, sizeof(*of_day));
	if (of_day == NULL) {
		return false;
	}
	traffic *of_week = of_day + SLOTS_PER_DAY;
	bool good = fold_windows(visits, ranges, count, wall, of_day, of_week);
	int day = good ? window_quietest(of_day, SLOTS_PER_DAY, 1) : -1;
	int week = good && week_is_seen(of_week, visits->length[SPAN_WINDOW])
				   ? window_quietest(of_week, SLOTS_PER_WEEK, WEEKS_LEAST)
				   : -1;
	fold->day = (window){.slot_of_day = day, .week_day = -1};
	fold->week = (window){.slot_of_day = -1, .week_day = -1};
	if (day >= 0) {
		fold->day.traffic = of_day[day];
	}
	if (week >= 0) {
		fold->week = (window){.slot_of_day = week % SLOTS_PER_DAY,
							  .week_day = week / SLOTS_PER_DAY,
							  .traffic = of_week[week]};
	}
	free(of_day);
	return good;
}

/*
 * The hours that the logs begin and end in were seen as a whole where what is missing is no longer
 * than a silence that is in the logs: then nobody came.
 */
static void extend_to_hours(const wall *wall, range *first, range *last, slot silence) {
	int before = wall_slot_of_hour(wall, first->begin);
	int behind = (SLOTS_PER_HOUR - wall_slot_of_hour(wall, last->end)) % SLOTS_PER_HOUR;
	if (before <= silence) {
		first->begin -= before;
	}
	if (behind <= silence) {
		last->end += behind;
	}
}

bool fold_make(fold *fold, const count *count, visitor_kind of, const wall *wall, bool whole_days) {
	memset(fold, 0, sizeof(*fold));
	range *ranges = calloc(RANGES_MAX, sizeof(*ranges));
	slot silence = 0;
	size_t found = ranges != NULL ? find_ranges(count, ranges, &silence) : 0;
	if (found == 0) {
		free(ranges);
		return false;
	}
	extend_to_hours(wall, &ranges[0], &ranges[found - 1], silence);
	if (whole_days) {
		ranges[0].begin = wall_day_begin(wall, ranges[0].begin);
		ranges[found - 1].end = wall_day_end(wall, ranges[found - 1].end);
	}
	fold->begin = ranges[0].begin;
	fold->end = ranges[found - 1].end;
	visitor_kind others = of == VISITOR_PERSON ? VISITOR_BOT : VISITOR_PERSON;
	bool good = fold_hours(&count->visits[of], ranges, found, wall, fold->hours) &&
				fold_hours(&count->visits[others], ranges, found, wall, fold->others) &&
				find_windows(fold, &count->visits[of], ranges, found, wall);
	for (int hour = 0; hour < HOURS; hour++) {
		fold->several_days |= fold->hours[hour].visits.seen > 1;
	}
	free(ranges);
	return good;
}
