/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cert_quiet_hours: visits in each window, against sets that are counted one by one. */
#include "unit.h"

#include "quiet_hours/hash.h"
#include "quiet_hours/visits.h"

#include <math.h>
#include <stdlib.h>

enum {
	BEGIN = 5900000, /* 2026-02-04 */
	SLOTS = 600,
	VISITORS = 400,
};

static uint64_t random_state = 88172645463325252u;

static unsigned random_below(unsigned limit) {
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)((random_state >> 16) % limit);
}

static uint64_t visitor_hash(unsigned number) {
	return hash_text((const char *)&number, sizeof(number));
}

/* Who was there in which slot. */
static bool was_there[VISITORS][SLOTS];

/* Requests in the order of time, but late by up to so many slots; as visits and as plain marks. */
static void make_requests(visits *visits, int count, unsigned late) {
	memset(was_there, 0, sizeof(was_there));
	for (int i = 0; i < count; i++) {
		int at = (int)((int64_t)i * SLOTS / count) - (int)random_below(late + 1);
		/* Some come all the time, some seldom. */
		unsigned visitor = random_below(random_below(VISITORS) + 1);
		at = at < 0 ? 0 : at;
		was_there[visitor][at] = true;
		assert_true(visits_add(visits, BEGIN + at, visitor_hash(visitor)));
	}
	visits_settle(visits);
}

static unsigned count_plainly(int begin, slot length) {
	unsigned sum = 0;
	for (int visitor = 0; visitor < VISITORS; visitor++) {
		bool there = false;
		for (int at = begin < 0 ? 0 : begin; at < begin + length && at < SLOTS; at++) {
			there |= was_there[visitor][at];
		}
		sum += there;
	}
	return sum;
}

static void test_exact(void **state) {
	(void)state;
	static const struct {
		slot length;
		unsigned late;
	} rows[] = {{1, 0}, {8, 0}, {8, 3}, {12, 60}, {48, 10}, {288, 0}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		visits visits;
		visits_init(&visits, rows[i].length, 100000);
		make_requests(&visits, 4000, rows[i].late);
		assert_false(visits.estimating);
		for (int begin = -rows[i].length; begin < SLOTS; begin++) {
			unsigned found = days_visits(&visits.days, SPAN_WINDOW, BEGIN + begin);
			unsigned right = count_plainly(begin, rows[i].length);
			expect(found == right, "row %zu: window at %d: %u, not %u", i, begin, found, right);
			found = days_visits(&visits.days, SPAN_HOUR, BEGIN + begin);
			right = count_plainly(begin, SLOTS_PER_HOUR);
			expect(found == right, "row %zu: hour at %d: %u, not %u", i, begin, found, right);
		}
		visits_free(&visits);
	}
}

/* The change from exact to estimated at any time: few things are estimated very well. */
static void test_estimated(void **state) {
	(void)state;
	static const size_t limits[] = {1, 50, 200, 350};
	for (size_t i = 0; i < COUNT(limits); i++) {
		visits visits;
		visits_init(&visits, 8, limits[i]);
		make_requests(&visits, 40000, 2);
		assert_true(visits.estimating);
		for (int begin = -8; begin < SLOTS; begin++) {
			double found = days_visits(&visits.days, SPAN_WINDOW, BEGIN + begin);
			double right = count_plainly(begin, 8);
			expect(fabs(found - right) <= 2 + right * 0.03, "limit %zu: window at %d: %g, not %g",
				   limits[i], begin, found, right);
			found = days_visits(&visits.days, SPAN_HOUR, BEGIN + begin);
			right = count_plainly(begin, SLOTS_PER_HOUR);
			expect(fabs(found - right) <= 2 + right * 0.03, "limit %zu: hour at %d: %g, not %g",
				   limits[i], begin, found, right);
		}
		expect(fabs(visits_total(&visits) - VISITORS) <= VISITORS * 0.05, "limit %zu: all: %g",
			   limits[i], visits_total(&visits));
		visits_free(&visits);
	}
}

/* The error of estimates is what is said of it. */
static void test_error_of_estimate(void **state) {
	(void)state;
	static hll sets[12];
	static const unsigned counts[] = {10, 1000, 20000, 45000, 100000};
	unsigned number = 0;
	memset(sets, 0, sizeof(sets));
	for (size_t i = 0; i < COUNT(counts); i++) {
		double squares = 0;
		for (size_t set = 0; set < COUNT(sets); set++) {
			memset(&sets[set], 0, sizeof(sets[set]));
			for (unsigned k = 0; k < counts[i]; k++) {
				hll_add(&sets[set], visitor_hash(number));
				hll_add(&sets[set], visitor_hash(number++)); /* twice is once */
			}
			double error = hll_estimate(&sets[set]) / counts[i] - 1;
			squares += error * error;
		}
		double error = sqrt(squares / COUNT(sets));
		expect(error < HLL_ERROR * 1.5, "%u: error %g", counts[i], error);
	}
	hll empty = {0};
	assert_true(hll_estimate(&empty) == 0);
	hll_merge(&sets[0], &sets[1]);
	double both = hll_estimate(&sets[0]);
	expect(fabs(both / 200000 - 1) < 3 * HLL_ERROR, "both: %g", both);
}

/* Logs that go back in time are counted in each part. */
static void test_parts(void **state) {
	(void)state;
	for (size_t limit = 1; limit <= 100; limit += 99) {
		visits visits;
		visits_init(&visits, 8, limit);
		for (int part = 2; part >= 0; part--) {
			for (int at = 0; at < SLOTS_PER_DAY; at++) {
				slot when = BEGIN + part * SLOTS_PER_DAY + at;
				assert_true(visits_add(&visits, when, visitor_hash(1)));
				assert_true(visits_add(&visits, when, visitor_hash(2)));
			}
		}
		visits_settle(&visits);
		assert_int_equal(visits.part, 3);
		assert_int_equal(visits.estimating, limit == 1);
		for (int at = 0; at < 3 * SLOTS_PER_DAY; at++) {
			uint32_t found = days_visits(&visits.days, SPAN_WINDOW, BEGIN + at);
			int left = SLOTS_PER_DAY - at % SLOTS_PER_DAY;
			bool around = left < 8 && at < 2 * SLOTS_PER_DAY;
			expect(found == (around ? 4u : 2u), "limit %zu: at %d: %u", limit, at, found);
			assert_int_equal(days_requests(&visits.days, BEGIN + at), 2);
		}
		visits_free(&visits);
	}
}

/* A few late lines are no new part: nobody is counted twice for them. */
static void test_strays(void **state) {
	(void)state;
	for (size_t limit = 1; limit <= 100; limit += 99) {
		visits visits;
		visits_init(&visits, 8, limit);
		for (int at = 0; at < SLOTS_PER_DAY; at++) {
			assert_true(visits_add(&visits, BEGIN + at, visitor_hash(1)));
			assert_true(visits_add(&visits, BEGIN + at, visitor_hash(2)));
			for (int i = 0; at >= 100 && i < VISITS_STRAYS - 1; i++) {
				assert_true(visits_add(&visits, BEGIN + at - 70 - i, visitor_hash(3)));
			}
		}
		visits_add(&visits, BEGIN + SLOTS_PER_DAY, visitor_hash(1));
		visits_settle(&visits);
		assert_int_equal(visits.part, 1);
		for (int at = 0; at < SLOTS_PER_DAY; at++) {
			uint32_t found = days_visits(&visits.days, SPAN_WINDOW, BEGIN + at);
			expect(found == 2, "limit %zu: at %d: %u", limit, at, found);
		}
		assert_int_equal(days_requests(&visits.days, BEGIN + 100), 2 + VISITS_STRAYS - 1);
		visits_free(&visits);
	}
}

/* Dates that jump about cost a bounded number of days and parts. */
static void test_absurd_dates(void **state) {
	(void)state;
	visits visits;
	visits_init(&visits, 24, 10);
	size_t kept = 0;
	for (unsigned i = 0; i < 10000; i++) {
		slot at = 3000000 + (slot)random_below(3000000);
		kept += visits_add(&visits, at, visitor_hash(i % 100));
	}
	assert_true(visits.days.count <= DAYS_MAX);
	assert_in_range(kept, DAYS_MAX / 3, 9999);
	visits_settle(&visits);
	visits_free(&visits);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_estimated),
		cmocka_unit_test(test_error_of_estimate),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_strays),
		cmocka_unit_test(test_absurd_dates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
