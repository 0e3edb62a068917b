/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cert_quiet_hours: days folded by the clock on the wall, clocks that change, the search. */
#include "unit.h"

#include "quiet_hours/fold.h"
#include "quiet_hours/hash.h"

#include <stdlib.h>
#include <time.h>

/* The rules of Europe/Berlin and America/New_York, without asking for a time zone database. */
#define BERLIN   "CET-1CEST,M3.5.0,M10.5.0/3"
#define NEW_YORK "EST5EDT,M3.2.0,M11.1.0"

/* Moments of the tests, in UTC. */
#define BERLIN_SPRING   1774738800 /* 2026-03-29T00:00 +01:00 = 2026-03-28T23:00Z */
#define BERLIN_AUTUMN   1792879200 /* 2026-10-25T00:00 +02:00 = 2026-10-24T22:00Z */
#define NEW_YORK_SPRING 1772946000 /* 2026-03-08T00:00 -05:00 */
#define NEW_YORK_AUTUMN 1793505600 /* 2026-11-01T00:00 -04:00 */

static void zone(const char *name) {
	setenv("TZ", name, 1);
	tzset();
}

static count *begin_count(slot window) {
	count *count = calloc(1, sizeof(*count));
	assert_non_null(count);
	for (int kind = 0; kind < VISITOR_COUNT; kind++) {
		visits_init(&count->visits[kind], window, 1000000);
	}
	return count;
}

static void end_count(count *count) {
	for (int kind = 0; kind < VISITOR_COUNT; kind++) {
		visits_free(&count->visits[kind]);
	}
	free(count);
}

static void add(count *count, visitor_kind kind, slot at, int visitors) {
	for (int i = 0; i < visitors; i++) {
		assert_true(visits_add(&count->visits[kind], at, hash_text((const char *)&i, sizeof(i))));
	}
}

static fold settle(count *count, const wall *wall, bool whole_days) {
	fold fold;
	for (int kind = 0; kind < VISITOR_COUNT; kind++) {
		visits_settle(&count->visits[kind]);
	}
	assert_true(fold_make(&fold, count, VISITOR_PERSON, wall, whole_days));
	return fold;
}

/* A visitor in each slot of so many real hours, beginning at a local midnight. */
static fold steady_hours(int64_t begin, int hours) {
	count *count = begin_count(8);
	for (int at = 0; at < hours * SLOTS_PER_HOUR; at++) {
		add(count, VISITOR_PERSON, slot_of(begin) + at, 1);
	}
	wall local = {false};
	fold fold = settle(count, &local, false);
	end_count(count);
	return fold;
}

static void test_clock_changes(void **state) {
	(void)state;
	static const struct {
		const char *zone;
		int64_t begin;
		int hours;   /* of the day */
		int special; /* hour that is left out, or comes twice */
		unsigned seen;
	} rows[] = {
		{BERLIN, BERLIN_SPRING, 23, 2, 0},     {BERLIN, BERLIN_AUTUMN, 25, 2, 2},
		{NEW_YORK, NEW_YORK_SPRING, 23, 2, 0}, {NEW_YORK, NEW_YORK_AUTUMN, 25, 1, 2},
		{"JST-9", 1774710000, 24, -1, 0},      {"<+0545>-5:45", 1774721700, 24, -1, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		zone(rows[i].zone);
		fold fold = steady_hours(rows[i].begin, rows[i].hours);
		unsigned all = 0;
		for (int hour = 0; hour < HOURS; hour++) {
			const traffic *traffic = &fold.hours[hour];
			unsigned wanted = hour == rows[i].special ? rows[i].seen : 1;
			expect(traffic->visits.seen == wanted, "row %zu: hour %d seen %u times", i, hour,
				   traffic->visits.seen);
			all += traffic->visits.seen;
			if (wanted > 0) { /* an hour is an hour: nothing is added up */
				expect(traffic->requests.least == 12 && traffic->requests.most == 12,
					   "row %zu: hour %d: %g requests", i, hour, traffic->requests.most);
				expect(traffic->visits.most == 1, "row %zu: hour %d: %g visits", i, hour,
					   traffic->visits.most);
			}
		}
		assert_int_equal(all, rows[i].hours);
	}
}

static void test_next_time(void **state) {
	(void)state;
	wall local = {false};
	zone(BERLIN);
	int half_past_two = 2 * SLOTS_PER_HOUR + 6;
	/* The day before, the day without that time, and the day behind. */
	int64_t day_before = BERLIN_SPRING - 86400;
	assert_int_equal(wall_next(&local, day_before, half_past_two, -1), day_before + 9000);
	assert_int_equal(wall_next(&local, BERLIN_SPRING, half_past_two, -1),
					 BERLIN_SPRING + 82800 + 9000);
	/* now is still in time, a second later is not */
	assert_int_equal(wall_next(&local, day_before + 9000, half_past_two, -1), day_before + 9000);
	assert_int_equal(wall_next(&local, day_before + 9001, half_past_two, -1),
					 BERLIN_SPRING + 82800 + 9000);
	/* 2026-03-29 is a Sunday: the next Wednesday is April 1st */
	assert_int_equal(wall_next(&local, BERLIN_SPRING, 0, 3), BERLIN_SPRING + 3 * 86400 - 3600);
	wall utc = {true};
	assert_int_equal(wall_next(&utc, BERLIN_SPRING, half_past_two, -1),
					 BERLIN_SPRING + 3600 + 9000);
}

static traffic level(double visits, double requests) {
	return (traffic){{1, visits, visits, visits}, {1, requests, requests, requests}};
}

static void test_search(void **state) {
	(void)state;
	traffic windows[SLOTS_PER_DAY];
	for (int i = 0; i < SLOTS_PER_DAY; i++) {
		windows[i] = level(10, 20);
	}
	/* one that is quieter */
	windows[40] = level(3, 9);
	assert_int_equal(window_quietest(windows, SLOTS_PER_DAY, 1), 40);
	/* as few visits, fewer requests */
	windows[50] = level(3, 8);
	assert_int_equal(window_quietest(windows, SLOTS_PER_DAY, 1), 50);
	/* around midnight: the middle of 280 ... 287, 0 ... 2 */
	for (int i = 280; i < 291; i++) {
		windows[i % SLOTS_PER_DAY] = level(0, 0);
	}
	assert_int_equal(window_quietest(windows, SLOTS_PER_DAY, 1), 285);
	/* what was not seen is not quiet, and divides */
	windows[285].visits.seen = 0;
	assert_int_equal(window_quietest(windows, SLOTS_PER_DAY, 1), 282);
	/* seen once where twice is asked for */
	assert_int_equal(window_quietest(windows, SLOTS_PER_DAY, 2), -1);
	/* all the same */
	for (int i = 0; i < SLOTS_PER_DAY; i++) {
		windows[i] = level(1, 1);
	}
	assert_int_equal(window_quietest(windows, SLOTS_PER_DAY, 1), 0);
}

static void test_spread(void **state) {
	(void)state;
	uint32_t odd[] = {9, 1, 5};
	spread spread = spread_of(odd, 3);
	assert_true(spread.seen == 3 && spread.least == 1 && spread.median == 5 && spread.most == 9);
	uint32_t even[] = {9, 1, 4, 5};
	spread = spread_of(even, 4);
	assert_true(spread.seen == 4 && spread.least == 1 && spread.median == 4.5 && spread.most == 9);
	assert_int_equal(spread_of(odd, 0).seen, 0);
}

/* One day from 6 to 22 o'clock: nothing is said of the night, unless the whole day is there. */
static void test_only_what_was_seen(void **state) {
	(void)state;
	zone(BERLIN);
	int64_t midnight = 1795561200; /* 2026-11-25T00:00 +01:00 */
	for (int whole = 0; whole <= 1; whole++) {
		count *count = begin_count(8);
		for (int at = 6 * SLOTS_PER_HOUR; at < 22 * SLOTS_PER_HOUR; at++) {
			add(count, VISITOR_PERSON, slot_of(midnight) + at, at / SLOTS_PER_HOUR == 7 ? 1 : 5);
		}
		wall local = {false};
		fold fold = settle(count, &local, whole);
		assert_false(fold.several_days);
		assert_int_equal(fold.week.slot_of_day, -1);
		assert_int_equal(fold.hours[5].visits.seen, whole);
		assert_int_equal(fold.hours[6].visits.seen, 1);
		assert_int_equal(fold.hours[21].visits.seen, 1);
		assert_int_equal(fold.hours[22].visits.seen, whole);
		if (whole) {
			assert_true(fold.hours[23].visits.most == 0);
			assert_int_equal(fold.begin, slot_of(midnight));
			assert_int_equal(fold.end, slot_of(midnight) + SLOTS_PER_DAY);
			assert_true(fold.day.traffic.visits.most == 0);
		} else {
			/* 07:00 to 08:00 has room for the window from 07:00 to 07:20; the middle */
			assert_int_equal(fold.day.slot_of_day, 7 * SLOTS_PER_HOUR + 2);
		}
		end_count(count);
	}
}

/* Two weeks with a gap of three days: the gap is no quiet time. Bots alone fill other gaps. */
static void test_gaps_and_weeks(void **state) {
	(void)state;
	zone("UTC0");
	slot monday = slot_of(1793577600); /* 2026-11-02 */
	count *count = begin_count(8);
	for (int day = 0; day < 24; day++) {
		for (int at = 0; at < SLOTS_PER_DAY; at++) {
			slot when = monday + day * SLOTS_PER_DAY + at;
			int hour = at / SLOTS_PER_HOUR;
			bool quiet = day % 7 == 6 && hour == 4;
			if (day >= 10 && day < 13) {
				continue; /* lost */
			}
			if (day == 3) {
				add(count, VISITOR_BOT, when, 1); /* nobody else came */
			} else {
				add(count, VISITOR_PERSON, when, quiet ? 1 : hour == 3 ? 2 : 6);
			}
		}
	}
	wall utc = {true};
	fold fold = settle(count, &utc, false);
	assert_true(fold.several_days);
	assert_int_equal(fold.hours[12].visits.seen, 21);
	assert_true(fold.hours[12].visits.least == 0); /* the day of the bots was seen */
	assert_true(fold.hours[12].visits.median == 6);
	assert_int_equal(fold.day.slot_of_day, 3 * SLOTS_PER_HOUR + 2);
	assert_int_equal(fold.week.week_day, 0);
	assert_int_equal(fold.week.slot_of_day, 4 * SLOTS_PER_HOUR + 2);
	assert_true(fold.week.traffic.visits.most == 1);
	end_count(count);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock_changes),
		cmocka_unit_test(test_next_time),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_only_what_was_seen),
		cmocka_unit_test(test_gaps_and_weeks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
