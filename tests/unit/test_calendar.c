/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calendar, against dates that other calendars (date(1), RFC 5280) give. */
#include "unit.h"

#include "calendar.h"

static bool is_same(calendar_time left, calendar_time right) {
	return left.year == right.year && left.month == right.month && left.day == right.day &&
		   left.hour == right.hour && left.minute == right.minute && left.second == right.second;
}

static void test_known_moments(void **state) {
	(void)state;
	static const struct {
		int64_t seconds;
		calendar_time time;
	} rows[] = {
		{0, {1970, 1, 1, 0, 0, 0}},
		/* before the epoch a division has to round down */
		{-1, {1969, 12, 31, 23, 59, 59}},
		{-86400, {1969, 12, 31, 0, 0, 0}},
		{-86401, {1969, 12, 30, 23, 59, 59}},
		/* the two-digit years of UTCTime: 1950 to 2049 (RFC 5280, 4.1.2.5.1) */
		{-631152000, {1950, 1, 1, 0, 0, 0}},
		{2524607999, {2049, 12, 31, 23, 59, 59}},
		{2524608000, {2050, 1, 1, 0, 0, 0}},
		/* a century is a leap year only in each fourth */
		{951782400, {2000, 2, 29, 0, 0, 0}},
		{951868800, {2000, 3, 1, 0, 0, 0}},
		{-2203977600, {1900, 2, 28, 0, 0, 0}},
		{-2203891200, {1900, 3, 1, 0, 0, 0}},
		{4107456000, {2100, 2, 28, 0, 0, 0}},
		{4107542400, {2100, 3, 1, 0, 0, 0}},
		{1709251199, {2024, 2, 29, 23, 59, 59}},
		/* where 32 bits end */
		{2147483647, {2038, 1, 19, 3, 14, 7}},
		{2147483648, {2038, 1, 19, 3, 14, 8}},
		{4294967296, {2106, 2, 7, 6, 28, 16}},
		/* "no well-defined expiration date" (RFC 5280, 4.1.2.5), and the year after it */
		{253402300799, {9999, 12, 31, 23, 59, 59}},
		{253402300800, {10000, 1, 1, 0, 0, 0}},
		{-62135596800, {1, 1, 1, 0, 0, 0}},
		/* the contract's own example of --at */
		{1799107200, {2027, 1, 5, 0, 0, 0}},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(calendar_seconds(rows[i].time), rows[i].seconds);
		calendar_time split = calendar_split(rows[i].seconds);
		expect(is_same(split, rows[i].time), "row %zu: %lld-%d-%d %d:%d:%d", i,
			   (long long)split.year, split.month, split.day, split.hour, split.minute,
			   split.second);
	}
}

/* Day after day, counted as children do, for more than the 400 years after which all repeats. */
static void test_each_day_follows_the_one_before(void **state) {
	(void)state;
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	calendar_time day = {.year = 1890, .month = 1, .day = 1};
	int64_t seconds = -2524521600; /* 80 years, 20 of them leap but for 1900, before 1970 */
	while (day.year < 2310) {
		assert_int_equal(calendar_seconds(day), seconds);
		expect(is_same(calendar_split(seconds), day), "%lld-%d-%d", (long long)day.year, day.month,
			   day.day);
		bool leap = day.year % 4 == 0 && (day.year % 100 != 0 || day.year % 400 == 0);
		if (++day.day > lengths[day.month - 1] + (day.month == 2 && leap)) {
			day.day = 1;
			if (++day.month > 12) {
				day.month = 1;
				day.year++;
			}
		}
		seconds += 86400;
	}
}

/* Strides that hit each hour, minute and second, from year 0 to year 12000. */
static void test_there_and_back(void **state) {
	(void)state;
	for (int64_t seconds = -62167219200; seconds < 316516204800; seconds += 86400 * 11 + 3723) {
		assert_int_equal(calendar_seconds(calendar_split(seconds)), seconds);
	}
}

static void test_is_valid(void **state) {
	(void)state;
	static const struct {
		calendar_time time;
		bool valid;
	} rows[] = {
		{{2027, 1, 1, 0, 0, 0}, true},     {{2027, 12, 31, 23, 59, 59}, true},
		{{2028, 2, 29, 0, 0, 0}, true},    {{2027, 2, 29, 0, 0, 0}, false},
		{{2000, 2, 29, 0, 0, 0}, true},    {{2100, 2, 29, 0, 0, 0}, false},
		{{2027, 2, 30, 0, 0, 0}, false},   {{2027, 4, 30, 0, 0, 0}, true},
		{{2027, 4, 31, 0, 0, 0}, false},   {{2027, 1, 31, 0, 0, 0}, true},
		{{2027, 1, 32, 0, 0, 0}, false},   {{2027, 0, 1, 0, 0, 0}, false},
		{{2027, 13, 1, 0, 0, 0}, false},   {{2027, 1, 0, 0, 0, 0}, false},
		{{2027, 1, 1, 24, 0, 0}, false},   {{2027, 1, 1, -1, 0, 0}, false},
		{{2027, 1, 1, 23, 60, 0}, false},  {{2027, 1, 1, 23, -1, 0}, false},
		{{2027, 1, 1, 23, 59, 60}, false}, {{2027, 1, 1, 23, 59, -1}, false},
		{{9999, 12, 31, 0, 0, 0}, true},   {{1, 1, 1, 0, 0, 0}, true},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		expect(calendar_is_valid(rows[i].time) == rows[i].valid, "row %zu", i);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_moments),
		cmocka_unit_test(test_each_day_follows_the_one_before),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_is_valid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
