/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations and dates, as people say them. */
#include "unit.h"

#include "report/phrase.h"

static void test_durations(void **state) {
	(void)state;
	static const struct {
		double seconds;
		const char *words;
	} rows[] = {
		{0, "0 seconds"},
		{1, "1 second"},
		{1.4, "1 second"},
		{2, "2 seconds"},
		{119, "119 seconds"},
		{119.4, "119 seconds"},
		{119.5, "2 minutes"},
		{120, "2 minutes"},
		{149, "2 minutes"},
		{150, "3 minutes"},
		{119 * 60, "119 minutes"},
		{120 * 60 - 31, "119 minutes"},
		{120 * 60 - 30, "2 hours"},
		{2 * HOUR, "2 hours"},
		{2.5 * HOUR - 1, "2 hours"},
		{2.5 * HOUR, "3 hours"},
		{47 * HOUR, "47 hours"},
		{47.5 * HOUR - 1, "47 hours"},
		{47.5 * HOUR, "2 days"},
		{2 * DAY, "2 days"},
		{2.5 * DAY - 1, "2 days"},
		{2.5 * DAY, "3 days"},
		{19.6 * DAY, "20 days"},
		{90 * DAY - 1, "90 days"},
		{398 * DAY, "398 days"},
		{251602300799, "2912064 days"}, /* year 9999 */
		/* how long, in whichever direction: "ago" is said by who knows */
		{-1, "1 second"},
		{-2.5 * DAY, "3 days"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		phrase phrase = phrase_duration(rows[i].seconds);
		expect(strcmp(phrase.text, rows[i].words) == 0, "row %zu: %s", i, phrase.text);
	}
}

static void test_dates(void **state) {
	(void)state;
	static const struct {
		int64_t time;
		double near;
		const char *words;
	} rows[] = {
		{1797224767, 3 * DAY, "2026-12-14"},
		{1797224767, 2 * DAY, "2026-12-14"},
		/* the time of day where the duration beside it is in hours or less */
		{1797224767, 47.5 * HOUR, "2026-12-14"},
		{1797224767, 47.5 * HOUR - 1, "2026-12-14 05:06 UTC"},
		{1797224767, 0, "2026-12-14 05:06 UTC"},
		{1797224767, -47 * HOUR, "2026-12-14 05:06 UTC"},
		{1797224767, -2 * DAY, "2026-12-14"},
		{-631152000, 1e9, "1950-01-01"},
		{2524607999, 1e9, "2049-12-31"},
		{253402300799, 1e9, "9999-12-31"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		phrase phrase = phrase_date(rows[i].time, rows[i].near);
		expect(strcmp(phrase.text, rows[i].words) == 0, "row %zu: %s", i, phrase.text);
	}
	assert_string_equal(phrase_timestamp(1797224767).text, "2026-12-14T05:06:07Z");
	assert_string_equal(phrase_timestamp(-631152000).text, "1950-01-01T00:00:00Z");
}

/* The same duration with its direction. */
static void test_directions(void **state) {
	(void)state;
	assert_string_equal(phrase_ago(-2 * DAY).text, "2 days ago");
	assert_string_equal(phrase_ago(HOUR * 3).text, "3 hours ago");
	assert_string_equal(phrase_ago(125).text, "2 minutes ago");
	assert_string_equal(phrase_ago(1).text, "1 second ago");
	assert_string_equal(phrase_in(2 * DAY).text, "in 2 days");
	assert_string_equal(phrase_in(-HOUR * 3).text, "in 3 hours");
	assert_string_equal(phrase_in(125).text, "in 2 minutes");
	assert_string_equal(phrase_in(1).text, "in 1 second");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_directions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
