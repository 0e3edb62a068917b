/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was counted, folded into the hours of a day and into the days of a week as the clock on the
 * wall has them. Only what the logs have seen counts: not the time before the first line or behind
 * the last, nor a day and more without any line (a log is missing there).
 */
#ifndef QUIET_HOURS_FOLD_H
#define QUIET_HOURS_FOLD_H

#include "count.h"
#include "wall.h"

enum {
	HOURS = 24,
	WEEK_DAYS = 7,
	SLOTS_PER_WEEK = SLOTS_PER_DAY * WEEK_DAYS,
	/* Each time of the week has to be seen this often for a word about days of the week. */
	WEEKS_LEAST = 2,
};

/* How often, least, median and most. All zero: never seen. */
typedef struct {
	uint32_t seen; /* on how many days */
	double least;
	double median;
	double most;
} spread;

typedef struct {
	spread visits;
	spread requests;
} traffic;

/* A window that is asked for, by where it begins. */
typedef struct {
	int slot_of_day; /* -1: there is none */
	int week_day;    /* 0: Sunday; -1: any */
	traffic traffic;
} window;

typedef struct {
	slot begin; /* of what was seen */
	slot end;   /* behind it */
	traffic hours[HOURS];
	traffic others[HOURS]; /* the other kind of visitors */
	bool several_days;     /* some hour was seen on two days or more */
	window day;            /* the quietest of the day */
	window week;           /* of the week, where there are enough weeks */
} fold;

/*
 * Folds what `of` has counted, with the others beside it. whole_days: the first and the last day
 * were seen from midnight to midnight. False: no memory, or nothing was counted.
 */
bool fold_make(fold *fold, const count *count, visitor_kind of, const wall *wall, bool whole_days);

/* The median of values, which are put in order. */
spread spread_of(uint32_t *values, size_t count);

/*
 * The quietest of `count` windows in a circle of them: fewest visits, then requests, by their
 * medians, then by the most there were; in the middle of those that are alike. -1: none was seen at
 * least `least` times.
 */
int window_quietest(const traffic *windows, int count, uint32_t least);

#endif
