/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations and dates, as people say them. */
#include "unit.h"

#include "report/words.h"

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
		line line;
		line_init(&line);
		words_duration(&line, rows[i].seconds);
		expect(strcmp(line.text, rows[i].words) == 0, "row %zu: %s", i, line.text);
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
		line line;
		line_init(&line);
		words_date(&line, rows[i].time, rows[i].near);
		expect(strcmp(line.text, rows[i].words) == 0, "row %zu: %s", i, line.text);
	}
	line line;
	line_init(&line);
	words_timestamp(&line, 1797224767);
	line_add(&line, " ");
	words_timestamp(&line, -631152000);
	assert_string_equal(line.text, "2026-12-14T05:06:07Z 1950-01-01T00:00:00Z");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_dates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
