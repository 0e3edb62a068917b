/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of the Monitoring Plugins library in plugins/npcommon. Links nothing else. */
#include "states.h"
#include "perfdata.h"
#include "thresholds.h"
#include "utils_base.h"
#include "extra_opts.h"
#include "utils.h"

#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum {
	MIB = 1024 * 1024,
	LINE_LIMIT = 64 * 1024,
};

/* A directory for the test's files, removed at its end. */
static char directory[PATH_MAX];

/* The path of a file in the directory. The caller frees it. */
static char *path_of(const char *name) {
	char *path = NULL;
	assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
	return path;
}

static void write_bytes(const char *name, const void *bytes, size_t size) {
	char *path = path_of(name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	free(path);
}

static void write_text(const char *name, const char *text) {
	write_bytes(name, text, strlen(text));
}

/* States */

static void test_states(void **state) {
	(void)state;
	assert_int_equal(STATE_OK, 0);
	assert_int_equal(STATE_WARNING, 1);
	assert_int_equal(STATE_CRITICAL, 2);
	assert_int_equal(STATE_UNKNOWN, 3);
	static const mp_state_enum rising[] = {STATE_UNKNOWN, STATE_OK, STATE_WARNING, STATE_CRITICAL};
	static const mp_state_enum rising_alt[] = {STATE_OK, STATE_UNKNOWN, STATE_WARNING,
											   STATE_CRITICAL};
	for (size_t i = 0; i < COUNT(rising); i++) {
		for (size_t j = 0; j < COUNT(rising); j++) {
			size_t worse = i > j ? i : j;
			assert_int_equal(max_state(rising[i], rising[j]), rising[worse]);
			assert_int_equal(max_state_alt(rising_alt[i], rising_alt[j]), rising_alt[worse]);
		}
	}
	assert_string_equal(state_text(STATE_OK), "OK");
	assert_string_equal(state_text(STATE_WARNING), "WARNING");
	assert_string_equal(state_text(STATE_CRITICAL), "CRITICAL");
	assert_string_equal(state_text(STATE_UNKNOWN), "UNKNOWN");
	assert_string_equal(state_text((mp_state_enum)99), "UNKNOWN");
}

/* Ranges */

static const struct good_range {
	const char *text;
	double start; /* -INFINITY, INFINITY: no end there */
	double end;
	bool inside;
	const char *printed;
} good_ranges[] = {
	{"10", 0, 10, false, "10"},
	{"0", 0, 0, false, "0"},
	{"-0", 0, 0, false, "0"},
	{"10:", 10, INFINITY, false, "10:"},
	{"0:", 0, INFINITY, false, "0:"},
	{"~:10", -INFINITY, 10, false, "~:10"},
	{"~:", -INFINITY, INFINITY, false, "~:"},
	{"@~:", -INFINITY, INFINITY, true, "@~:"},
	{"10:20", 10, 20, false, "10:20"},
	{"0:20", 0, 20, false, "20"},
	{"10:10", 10, 10, false, "10:10"},
	{"@10:20", 10, 20, true, "@10:20"},
	{"@0:20", 0, 20, true, "@20"},
	{"@20", 0, 20, true, "@20"},
	{"@~:5", -INFINITY, 5, true, "@~:5"},
	{"-20:-10", -20, -10, false, "-20:-10"},
	{"~:-1", -INFINITY, -1, false, "~:-1"},
	{"-1:", -1, INFINITY, false, "-1:"},
	{"1.5:2.25", 1.5, 2.25, false, "1.5:2.25"},
	{"-2.5:-1.5", -2.5, -1.5, false, "-2.5:-1.5"},
	{"-0.0:0.0", 0, 0, false, "0"},
	{".5", 0, 0.5, false, "0.5"},
	{"5.", 0, 5, false, "5"},
	{"010:020", 10, 20, false, "10:20"},
	{"9223372036854775807:", 9223372036854775807.0, INFINITY, false, "9223372036854775807:"},
	{"-9223372036854775808:", -9223372036854775808.0, INFINITY, false, "-9223372036854775808:"},
};

static void assert_bound(mp_perfdata_value value, bool infinite, double expected,
						 const char *text) {
	if (infinite != (isinf(expected) != 0)) {
		fail_msg("%s: an end is %s", text, infinite ? "infinite" : "finite");
	}
	if (!infinite && mp_get_pd_value(value) != expected) {
		fail_msg("%s: an end is %f", text, mp_get_pd_value(value));
	}
}

static void assert_good_range(const struct good_range *row) {
	mp_range_parsed parsed = mp_parse_range_string(row->text);
	if (parsed.error != MP_PARSING_SUCCESS) {
		fail_msg("%s is refused: %d", row->text, (int)parsed.error);
	}
	assert_bound(parsed.range.start, parsed.range.start_infinity, row->start, row->text);
	assert_bound(parsed.range.end, parsed.range.end_infinity, row->end, row->text);
	assert_int_equal(parsed.range.alert_on_inside_range, row->inside);
	char *printed = mp_range_to_string(parsed.range);
	assert_string_equal(printed, row->printed);
	free(printed);
}

static void test_good_ranges(void **state) {
	(void)state;
	for (size_t i = 0; i < COUNT(good_ranges); i++) {
		assert_good_range(&good_ranges[i]);
	}
}

static void test_printed_range_reads_back(void **state) {
	(void)state;
	for (size_t i = 0; i < COUNT(good_ranges); i++) {
		struct good_range row = good_ranges[i];
		row.text = row.printed;
		assert_good_range(&row);
	}
}

static const struct {
	const char *text;
	mp_range_parser_error error;
} bad_ranges[] = {
	{"", MP_RANGE_PARSING_FAILURE},
	{":", MP_RANGE_PARSING_FAILURE},
	{"@", MP_RANGE_PARSING_FAILURE},
	{"@:", MP_RANGE_PARSING_FAILURE},
	{":10", MP_RANGE_PARSING_FAILURE},
	{"@:10", MP_RANGE_PARSING_FAILURE},
	{"@@10", MP_RANGE_PARSING_INVALID_CHAR},
	{"10@", MP_RANGE_PARSING_INVALID_CHAR},
	{"~", MP_RANGE_PARSING_INVALID_CHAR},
	{"@~", MP_RANGE_PARSING_INVALID_CHAR},
	{"~~:1", MP_RANGE_PARSING_INVALID_CHAR},
	{"~5:10", MP_RANGE_PARSING_INVALID_CHAR},
	{"5:~", MP_RANGE_PARSING_INVALID_CHAR},
	{"1:2:3", MP_RANGE_PARSING_INVALID_CHAR},
	{"1::", MP_RANGE_PARSING_INVALID_CHAR},
	{"10x", MP_RANGE_PARSING_INVALID_CHAR},
	{"1.5x", MP_RANGE_PARSING_INVALID_CHAR},
	{"x", MP_RANGE_PARSING_INVALID_CHAR},
	{"10x:20", MP_RANGE_PARSING_INVALID_CHAR},
	{"10:20x", MP_RANGE_PARSING_INVALID_CHAR},
	{"10d", MP_RANGE_PARSING_INVALID_CHAR},
	{"22%", MP_RANGE_PARSING_INVALID_CHAR},
	{" 10", MP_RANGE_PARSING_INVALID_CHAR},
	{"10 ", MP_RANGE_PARSING_INVALID_CHAR},
	{"10\n", MP_RANGE_PARSING_INVALID_CHAR},
	{"10 :20", MP_RANGE_PARSING_INVALID_CHAR},
	{"10: 20", MP_RANGE_PARSING_INVALID_CHAR},
	{"+5", MP_RANGE_PARSING_INVALID_CHAR},
	{"1e3", MP_RANGE_PARSING_INVALID_CHAR},
	{"1E3:", MP_RANGE_PARSING_INVALID_CHAR},
	{"0x10", MP_RANGE_PARSING_INVALID_CHAR},
	{"0x1p3", MP_RANGE_PARSING_INVALID_CHAR},
	{"nan", MP_RANGE_PARSING_INVALID_CHAR},
	{"nan:", MP_RANGE_PARSING_INVALID_CHAR},
	{"inf", MP_RANGE_PARSING_INVALID_CHAR},
	{"-inf:5", MP_RANGE_PARSING_INVALID_CHAR},
	{"infinity:", MP_RANGE_PARSING_INVALID_CHAR},
	{"1,5", MP_RANGE_PARSING_INVALID_CHAR},
	{"1,5:2,5", MP_RANGE_PARSING_INVALID_CHAR},
	{"\xef\xbc\x91", MP_RANGE_PARSING_INVALID_CHAR}, /* a full-width digit */
	{"-", MP_RANGE_PARSING_FAILURE},
	{"-:", MP_RANGE_PARSING_FAILURE},
	{".", MP_RANGE_PARSING_FAILURE},
	{"-.", MP_RANGE_PARSING_FAILURE},
	{"--5:", MP_RANGE_PARSING_FAILURE},
	{"5-:", MP_RANGE_PARSING_FAILURE},
	{"1-2", MP_RANGE_PARSING_FAILURE},
	{"1.2.3", MP_RANGE_PARSING_FAILURE},
	{"..5", MP_RANGE_PARSING_FAILURE},
	{"20:10", MP_RANGE_PARSING_FAILURE},
	{"@20:10", MP_RANGE_PARSING_FAILURE},
	{"10.1:10", MP_RANGE_PARSING_FAILURE},
	{"-10:-20", MP_RANGE_PARSING_FAILURE},
	{"-1.5:-2.5", MP_RANGE_PARSING_FAILURE},
	{"-5", MP_RANGE_PARSING_FAILURE}, /* 0 to -5 */
	{"-0.5", MP_RANGE_PARSING_FAILURE},
	{"9223372036854775808", MP_RANGE_PARSING_OVERFLOW},
	{"-9223372036854775809:", MP_RANGE_PARSING_UNDERFLOW},
	{"0:99999999999999999999999", MP_RANGE_PARSING_OVERFLOW},
};

static void assert_refused(const char *text, mp_range_parser_error error) {
	mp_range_parsed parsed = mp_parse_range_string(text);
	if (parsed.error != error) {
		fail_msg("'%s': error %d instead of %d", text, (int)parsed.error, (int)error);
	}
	assert_true(parsed.range.start_infinity && parsed.range.end_infinity);
	assert_false(parsed.range.alert_on_inside_range);
}

static void test_bad_ranges(void **state) {
	(void)state;
	assert_refused(NULL, MP_RANGE_PARSING_FAILURE);
	for (size_t i = 0; i < COUNT(bad_ranges); i++) {
		assert_refused(bad_ranges[i].text, bad_ranges[i].error);
	}
}

/* 309 digits hold DBL_MAX; one more is too much. */
static void test_long_numbers(void **state) {
	(void)state;
	char digits[2000];
	memset(digits, '9', sizeof digits);
	memcpy(digits + 308, ".5", 3);
	assert_int_equal(mp_parse_range_string(digits).error, MP_PARSING_SUCCESS);
	memset(digits, '9', sizeof digits);
	memcpy(digits + 309, ".5", 3);
	assert_refused(digits, MP_RANGE_PARSING_OVERFLOW);
	memset(digits, '9', sizeof digits);
	digits[0] = '-';
	memcpy(digits + 310, ".5:", 4);
	assert_refused(digits, MP_RANGE_PARSING_UNDERFLOW);
	memset(digits, '0', sizeof digits);
	digits[1] = '.';
	memcpy(digits + sizeof digits - 2, "1", 2);
	assert_int_equal(mp_parse_range_string(digits).error, MP_PARSING_SUCCESS);
}

static void test_check_range(void **state) {
	(void)state;
	static const struct {
		const char *range;
		double value;
		bool alert;
	} rows[] = {
		{"10", -0.001, true},        {"10", 0, false},         {"10", 10, false},
		{"10", 10.001, true},        {"10:", 9.999, true},     {"10:", 10, false},
		{"10:", 1e12, false},        {"~:10", -1e12, false},   {"~:10", 10, false},
		{"~:10", 10.001, true},      {"10:20", 9.999, true},   {"10:20", 10, false},
		{"10:20", 20, false},        {"10:20", 20.001, true},  {"@10:20", 9.999, false},
		{"@10:20", 10, true},        {"@10:20", 20, true},     {"@10:20", 20.001, false},
		{"@0:20", -0.001, false},    {"@0:20", 0, true},       {"~:", -1e300, false},
		{"~:", 1e300, false},        {"@~:", 0, true},         {"-2.5:-1.5", -2.501, true},
		{"-2.5:-1.5", -2.5, false},  {"-2.5:-1.5", -2, false}, {"-2.5:-1.5", -1.5, false},
		{"-2.5:-1.5", -1.499, true}, {"-2:-1", -1.5, false},   {"-2:-1", -0.5, true},
		{"20:", -9.58, true},        {"10:20", NAN, true},     {"@10:20", NAN, true},
		{"~:", NAN, true},           {"10:", INFINITY, false}, {"10:", -INFINITY, true},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		mp_range range = mp_parse_range_string(rows[i].range).range;
		if (mp_check_range(mp_create_pd_value(rows[i].value), range) != rows[i].alert) {
			fail_msg("%f in %s", rows[i].value, rows[i].range);
		}
	}
}

/* Where a double could not tell the numbers apart. */
static void test_check_range_of_large_integers(void **state) {
	(void)state;
	mp_range range = mp_range_set_end(mp_range_init(), mp_create_pd_value(LLONG_MAX - 1));
	assert_false(mp_check_range(mp_create_pd_value(LLONG_MAX - 1), range));
	assert_true(mp_check_range(mp_create_pd_value(LLONG_MAX), range));
	range = mp_range_set_start(mp_range_init(), mp_create_pd_value(LLONG_MIN + 1));
	assert_true(mp_check_range(mp_create_pd_value(LLONG_MIN), range));
	assert_false(mp_check_range(mp_create_pd_value(7), range));
}

/* Values and performance data */

static void test_values(void **state) {
	(void)state;
	assert_int_equal(mp_create_pd_value(7).type, PD_TYPE_INT);
	assert_int_equal(mp_create_pd_value(7).pd_int, 7);
	assert_int_equal(mp_create_pd_value(LLONG_MIN).type, PD_TYPE_INT);
	assert_true(mp_create_pd_value(LLONG_MIN).pd_int == LLONG_MIN);
	assert_int_equal(mp_create_pd_value(0.5).type, PD_TYPE_DOUBLE);
	assert_true(mp_get_pd_value(mp_create_pd_value(0.5)) == 0.5);
	assert_true(mp_get_pd_value(mp_create_pd_value(-3)) == -3.0);
	mp_perfdata_value large = {.type = PD_TYPE_UINT, .pd_uint = ULLONG_MAX};
	assert_true(mp_get_pd_value(large) == (double)ULLONG_MAX);
	assert_true(mp_get_pd_value((mp_perfdata_value){.type = PD_TYPE_NONE}) == 0);
	assert_int_equal(cmp_perfdata_value(large, mp_create_pd_value(-1)), 1);
	assert_int_equal(cmp_perfdata_value(mp_create_pd_value(-1), large), -1);
	assert_int_equal(cmp_perfdata_value(large, large), 0);
	assert_int_equal(cmp_perfdata_value(mp_create_pd_value(2), mp_create_pd_value(2.0)), 0);
	assert_int_equal(cmp_perfdata_value(mp_create_pd_value(-2.5), mp_create_pd_value(-1.5)), -1);
}

static void assert_printed(mp_perfdata item, const char *expected) {
	char *text = pd_to_string(item);
	assert_string_equal(text, expected);
	free(text);
}

/* An item called x with this value. */
static mp_perfdata item_of(double value) {
	static char label[] = "x";
	mp_perfdata item = perfdata_init();
	item.label = label;
	return mp_set_pd_value(item, value);
}

static void assert_printed_numbers(void) {
	static const struct {
		double value;
		const char *printed;
	} rows[] = {
		{0, "'x'=0"},
		{-0.0, "'x'=0"},
		{-0.0000001, "'x'=0"},
		{-0.0000005001, "'x'=-0.000001"},
		{0.000001, "'x'=0.000001"},
		{0.0000004, "'x'=0"},
		{20.42, "'x'=20.42"},
		{-9.58, "'x'=-9.58"},
		{0.012, "'x'=0.012"},
		{10, "'x'=10"},
		{100, "'x'=100"},
		{1.5, "'x'=1.5"},
		{1.0000005001, "'x'=1.000001"},
		{0.9999999, "'x'=1"},
		{1e15, "'x'=1000000000000000"},
		{1e22, "'x'=10000000000000000000000"},
		{123456789.123456789, "'x'=123456789.123457"},
		{NAN, "'x'=U"},
		{INFINITY, "'x'=U"},
		{-INFINITY, "'x'=U"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_printed(item_of(rows[i].value), rows[i].printed);
	}
}

static void test_printed_numbers(void **state) {
	(void)state;
	assert_printed_numbers();
	char *text = pd_to_string(item_of(-DBL_MAX));
	assert_int_equal(strlen(text), strlen("'x'=-") + 309);
	assert_int_equal(strspn(text + strlen("'x'=-"), "0123456789"), 309);
	free(text);
}

static void test_perfdata_fields(void **state) {
	(void)state;
	/* Each bit of the number is a field that is there. */
	static const char *const printed[16] = {
		"'x'=5s",           "'x'=5s;1:",          "'x'=5s;;@2:3",         "'x'=5s;1:;@2:3",
		"'x'=5s;;;-4.5",    "'x'=5s;1:;;-4.5",    "'x'=5s;;@2:3;-4.5",    "'x'=5s;1:;@2:3;-4.5",
		"'x'=5s;;;;90",     "'x'=5s;1:;;;90",     "'x'=5s;;@2:3;;90",     "'x'=5s;1:;@2:3;;90",
		"'x'=5s;;;-4.5;90", "'x'=5s;1:;;-4.5;90", "'x'=5s;;@2:3;-4.5;90", "'x'=5s;1:;@2:3;-4.5;90",
	};
	static char unit[] = "s";
	for (unsigned fields = 0; fields < 16; fields++) {
		mp_thresholds limits = mp_thresholds_init();
		if (fields & 1) {
			limits = mp_thresholds_set_warn(limits, mp_parse_range_string("1:").range);
		}
		if (fields & 2) {
			limits = mp_thresholds_set_crit(limits, mp_parse_range_string("@2:3").range);
		}
		mp_perfdata item = mp_pd_set_thresholds(item_of(5), limits);
		item.uom = unit;
		if (fields & 4) {
			item = mp_set_pd_min_value(item, mp_create_pd_value(-4.5));
		}
		if (fields & 8) {
			item = mp_set_pd_max_value(item, mp_create_pd_value(90LL));
		}
		assert_printed(item, printed[fields]);
	}
}

static void test_perfdata_of_days(void **state) {
	(void)state;
	mp_range warning = mp_range_set_end(mp_range_set_start(mp_range_init(), mp_create_pd_value(0)),
										mp_create_pd_value(25.0));
	mp_range critical = mp_range_set_end(warning, mp_create_pd_value(10.0));
	mp_thresholds limits =
		mp_thresholds_set_crit(mp_thresholds_set_warn(mp_thresholds_init(), warning), critical);
	mp_perfdata item = mp_pd_set_thresholds(item_of(20.42), limits);
	assert_printed(mp_set_pd_max_value(item, mp_create_pd_value(90.0)), "'x'=20.42;25;10;;90");
}

/* What is not set leaves what was there. */
static void test_thresholds_keep_what_is_not_set(void **state) {
	(void)state;
	mp_range range = mp_parse_range_string("7:").range;
	mp_perfdata item =
		mp_pd_set_thresholds(item_of(5), mp_thresholds_set_warn(mp_thresholds_init(), range));
	item = mp_pd_set_thresholds(item, mp_thresholds_set_crit(mp_thresholds_init(), range));
	assert_printed(item, "'x'=5;7:;7:");
	assert_printed(mp_pd_set_thresholds(item, mp_thresholds_init()), "'x'=5;7:;7:");
}

static void test_perfdata_not_finite(void **state) {
	(void)state;
	static char unit[] = "s";
	mp_perfdata item = item_of(NAN);
	item.uom = unit;
	item = mp_set_pd_min_value(item, mp_create_pd_value((double)NAN));
	item = mp_set_pd_max_value(item, mp_create_pd_value((double)INFINITY));
	assert_printed(item, "'x'=U");
	mp_range range = mp_range_set_start(mp_range_init(), mp_create_pd_value((double)-INFINITY));
	char *text = mp_range_to_string(mp_range_set_end(range, mp_create_pd_value((double)NAN)));
	assert_string_equal(text, "~:");
	free(text);
}

static void test_perfdata_label(void **state) {
	(void)state;
	char label[] = "it's=a|b\n\x1b\x7f\xe6\x97\xa5 c";
	char before[sizeof label];
	memcpy(before, label, sizeof label);
	mp_perfdata item = item_of(1);
	item.label = label;
	assert_printed(item, "'it_s_a_b___\xe6\x97\xa5 c'=1");
	assert_memory_equal(label, before, sizeof label);
}

/* Locale: one with a decimal comma, or the test says that there is none. */

static const char *const comma_locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR",
											"test_comma"};

static bool comma_locale_set(void) {
	for (size_t i = 0; i < COUNT(comma_locales); i++) {
		if (setlocale(LC_ALL, comma_locales[i]) != NULL &&
			strcmp(localeconv()->decimal_point, ",") == 0) {
			return true;
		}
	}
	return false;
}

/* Makes a locale in the test's directory where the system has none. */
static bool comma_locale_make(void) {
	char *command = NULL;
	assert_true(asprintf(&command,
						 "localedef -c --no-archive -i de_DE -f UTF-8 '%s/test_comma' "
						 ">'%s/localedef.log' 2>&1",
						 directory, directory) > 0);
	int status = system(command);
	free(command);
	setenv("LOCPATH", directory, 1);
	return status != -1 && comma_locale_set();
}

static void test_locale_with_decimal_comma(void **state) {
	(void)state;
	if (!comma_locale_set() && !comma_locale_make()) {
		setlocale(LC_ALL, "C");
		unsetenv("LOCPATH");
		print_message("skipped: no locale with a decimal comma, and localedef cannot make one\n");
		skip();
	}
	char text[16];
	snprintf(text, sizeof text, "%.1f", 0.5);
	assert_string_equal(text, "0,5");

	assert_printed_numbers();
	for (size_t i = 0; i < COUNT(good_ranges); i++) {
		assert_good_range(&good_ranges[i]);
	}
	assert_refused("1,5", MP_RANGE_PARSING_INVALID_CHAR);

	/* The caller's locale is left as it was. */
	snprintf(text, sizeof text, "%.1f", 0.5);
	assert_string_equal(text, "0,5");
	assert_non_null(setlocale(LC_ALL, "C"));
	unsetenv("LOCPATH");
}

/* Programs that end */

typedef struct {
	int status; /* what waitpid() gives */
	char output[4096];
} ended;

/* Runs a function in a process of its own, with its standard output caught. input: a file for
 * standard input, or NULL. */
static ended run_apart(void (*function)(void *), void *argument, const char *input) {
	ended result = {.status = 0};
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	fflush(stdout);
	fflush(stderr);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		if (input != NULL) {
			int file = open(input, O_RDONLY);
			dup2(file, STDIN_FILENO);
			close(file);
		}
		function(argument);
		fflush(stdout);
		_exit(77);
	}
	close(ends[1]);
	size_t length = 0;
	for (;;) {
		ssize_t got = read(ends[0], result.output + length, sizeof result.output - 1 - length);
		if (got <= 0) {
			break;
		}
		length += (size_t)got;
	}
	close(ends[0]);
	assert_int_equal(waitpid(child, &result.status, 0), child);
	return result;
}

static void die_with_message(void *argument) {
	die(STATE_UNKNOWN, "X UNKNOWN - %s %d\n", (const char *)argument, 5);
}

static void die_without_message(void *argument) {
	(void)argument;
	die(STATE_CRITICAL, NULL);
}

static void test_die(void **state) {
	(void)state;
	char word[] = "why";
	ended result = run_apart(die_with_message, word, NULL);
	assert_true(WIFEXITED(result.status));
	assert_int_equal(WEXITSTATUS(result.status), 3);
	assert_string_equal(result.output, "X UNKNOWN - why 5\n");
	result = run_apart(die_without_message, NULL, NULL);
	assert_true(WIFEXITED(result.status));
	assert_int_equal(WEXITSTATUS(result.status), 2);
	assert_string_equal(result.output, "");
}

static void revision_apart(void *argument) {
	(void)argument;
	print_revision("check_cert_renewal", "1.2.3");
}

static void test_revision(void **state) {
	(void)state;
	ended result = run_apart(revision_apart, NULL, NULL);
	static const char start[] = "check_cert_renewal v1.2.3 (";
	assert_memory_equal(result.output, start, sizeof start - 1);
	const char *end = strchr(result.output, '\n');
	assert_non_null(end);
	assert_int_equal(end[1], '\0');
}

/* --extra-opts */

enum {
	ARGUMENTS = 16,
};

/* A command line of its own memory, since np_extra_opts changes it. */
typedef struct {
	int argc;
	char *argv[ARGUMENTS + 1];
} command_line;

static command_line command_line_of(const char *const *words) {
	command_line line = {.argc = 0};
	for (; words[line.argc] != NULL; line.argc++) {
		assert_true(line.argc < ARGUMENTS);
		line.argv[line.argc] = strdup(words[line.argc]);
		assert_non_null(line.argv[line.argc]);
	}
	return line;
}

static void assert_words(char **argv, int argc, const char *const *expected) {
	for (int i = 0; i < argc; i++) {
		assert_non_null(argv[i]);
		assert_non_null(expected[i]);
		assert_string_equal(argv[i], expected[i]);
	}
	assert_null(expected[argc]);
	assert_null(argv[argc]);
}

/* What --extra-opts makes of words must be expected. Both end with NULL. */
static void assert_expanded(const char *const *words, const char *const *expected) {
	command_line line = command_line_of(words);
	command_line strings = line; /* np_extra_opts drops some from argv */
	int argc = line.argc;
	char **argv = np_extra_opts(&argc, line.argv, "check_cert_renewal");
	assert_words(argv, argc, expected);
	for (int i = 0; line.argv[i] != NULL; i++) {
		assert_int_not_equal(strncmp(line.argv[i], "--extra-opts", 12), 0);
	}
	if (argv != line.argv) {
		free(argv);
	}
	for (int i = 0; i < strings.argc; i++) {
		free(strings.argv[i]);
	}
}

#define WORDS(...) ((const char *const[]){"prog", __VA_ARGS__, NULL})

static void expand_apart(void *argument) {
	command_line *line = argument;
	np_extra_opts(&line->argc, line->argv, "check_cert_renewal");
}

/* --extra-opts must end with 3 and one line that begins with `CERT_RENEWAL UNKNOWN - ` and holds
 * each of the other words. */
static void assert_fails(const char *option, const char *first, const char *second) {
	command_line line = command_line_of(WORDS(option));
	ended result = run_apart(expand_apart, &line, NULL);
	for (int i = 0; i < line.argc; i++) {
		free(line.argv[i]);
	}
	if (!WIFEXITED(result.status) || WEXITSTATUS(result.status) != STATE_UNKNOWN) {
		fail_msg("%s: status %d: %s", option, result.status, result.output);
	}
	static const char start[] = "CERT_RENEWAL UNKNOWN - ";
	if (strncmp(result.output, start, sizeof start - 1) != 0 ||
		strstr(result.output, first) == NULL || strstr(result.output, second) == NULL) {
		fail_msg("'%s' has not both '%s' and '%s'", result.output, first, second);
	}
	const char *newline = strchr(result.output, '\n');
	assert_non_null(newline);
	assert_int_equal(newline[1], '\0');
	assert_true(newline - result.output < 1024);
	assert_null(strchr(result.output, '|'));
}

/* `--extra-opts=SECTION@DIRECTORY/NAME`. The caller frees it. */
static char *option_for(const char *section, const char *name) {
	char *option = NULL;
	assert_true(asprintf(&option, "--extra-opts=%s@%s/%s", section, directory, name) > 0);
	return option;
}

static void test_no_extra_opts(void **state) {
	(void)state;
	char name[] = "prog";
	char word[] = "--extra-optsx";
	char *alone[] = {name, NULL};
	int argc = 1;
	assert_ptr_equal(np_extra_opts(&argc, alone, "check_cert_renewal"), alone);
	assert_int_equal(argc, 1);
	char *argv[] = {name, word, name, NULL};
	argc = 3;
	assert_ptr_equal(np_extra_opts(&argc, argv, "check_cert_renewal"), argv);
	assert_int_equal(argc, 3);
	assert_ptr_equal(argv[1], word);
	char *nothing[] = {NULL};
	argc = 0;
	assert_ptr_equal(np_extra_opts(&argc, nothing, "check_cert_renewal"), nothing);
}

static const char many_sections[] = "# comment\n"
									"; comment\n"
									"\n"
									"[check_other]\n"
									"this line has no equals sign\n"
									"=nor this a name\n"
									"hostname=other.example\n"
									"[check_cert_renewal]\r\n"
									"hostname=www.example.jp\r\n"
									"  warning  \t=  20:  \r\n"
									"selfsigned=\r\n"
									"blank =   \n"
									"\t# a comment that is indented\n"
									"p=8443\n"
									"s=\n"
									"sni=a=b # not a comment\n"
									"title=Two words; and more\n"
									"two words=x\n"
									"[check_cert_renewal2]\n"
									"no=1\n"
									"[check_cert]\n"
									"no=2\n"
									"[ spaced name\t] ; comment\n"
									"one=1\n"
									"one=2\n"
									"[check_cert_renewal]\n"
									"port=443";

static void test_ini_format(void **state) {
	(void)state;
	write_text("many.ini", many_sections);
	char *option = option_for("", "many.ini");
	assert_expanded(WORDS(option),
					WORDS("--hostname=www.example.jp", "--warning=20:", "--selfsigned", "--blank",
						  "-p=8443", "-s", "--sni=a=b # not a comment",
						  "--title=Two words; and more", "--two words=x", "--port=443"));
	free(option);
	option = option_for("spaced name", "many.ini");
	assert_expanded(WORDS(option), WORDS("--one=1", "--one=2"));
	free(option);
	write_text("mark.ini", "\xef\xbb\xbf[check_cert_renewal]\na=\n");
	option = option_for("", "mark.ini");
	assert_expanded(WORDS(option), WORDS("-a"));
	free(option);
}

static void test_order_and_forms(void **state) {
	(void)state;
	write_text("order.ini", "[one]\nfirst=1\n[two]\nsecond=2\n[check_cert_renewal]\nthird=3\n");
	char *one = option_for("one", "order.ini");
	char *two = option_for("two", "order.ini");
	char *two_value = two + strlen("--extra-opts=");
	assert_expanded(WORDS("-H", "x", two, "--port=1", one, "-v"),
					WORDS("--second=2", "--first=1", "-H", "x", "--port=1", "-v"));
	assert_expanded(WORDS("-H", "--extra-opts", two_value, "x"), WORDS("--second=2", "-H", "x"));
	assert_expanded(WORDS(one, one, one), WORDS("--first=1", "--first=1", "--first=1"));

	char *path = path_of("order.ini");
	setenv("MP_CONFIG_FILE", path, 1);
	assert_expanded(WORDS("--extra-opts"), WORDS("--third=3"));
	assert_expanded(WORDS("--extra-opts", "-v"), WORDS("--third=3", "-v"));
	assert_expanded(WORDS("--extra-opts", "--v"), WORDS("--third=3", "--v"));
	assert_expanded(WORDS("--extra-opts", "-"), WORDS("--third=3", "-"));
	assert_expanded(WORDS("--extra-opts="), WORDS("--third=3"));
	assert_expanded(WORDS("--extra-opts=two"), WORDS("--second=2"));
	assert_expanded(WORDS("--extra-opts", "two", "two"), WORDS("--second=2", "two"));
	assert_expanded(WORDS("-v", "--extra-opts"), WORDS("--third=3", "-v"));
	unsetenv("MP_CONFIG_FILE");
	free(path);
	free(two);
	free(one);
}

/* The pointers of the command line itself are kept, so that they can be overwritten in place. */
static void test_original_pointers_are_kept(void **state) {
	(void)state;
	write_text("keep.ini", "[check_cert_renewal]\na=1\n");
	char name[] = "prog";
	char word[] = "--word";
	char *option = option_for("", "keep.ini");
	char *argv[] = {name, option, word, NULL};
	int argc = 3;
	char **expanded = np_extra_opts(&argc, argv, "check_cert_renewal");
	assert_int_equal(argc, 3);
	assert_ptr_equal(expanded[0], name);
	assert_string_equal(expanded[1], "-a=1");
	assert_ptr_equal(expanded[2], word);
	free(expanded);
	free(option);
}

static void test_search_path(void **state) {
	(void)state;
	static const char *const names[] = {"nagios-plugins.ini", "plugins.ini",
										"monitoring-plugins.ini"};
	char *first = path_of("first");
	char *second = path_of("second");
	assert_int_equal(mkdir(first, 0700), 0);
	assert_int_equal(mkdir(second, 0700), 0);
	char *path = NULL;
	assert_true(asprintf(&path, "::/nonexistent:%s:%s:", first, second) > 0);
	setenv("NAGIOS_CONFIG_PATH", path, 1);
	/* Each file written comes before those that were there. */
	for (int in_first = 0; in_first < 2; in_first++) {
		for (size_t i = 0; i < COUNT(names); i++) {
			char name[64];
			char text[64];
			char expected[32];
			snprintf(name, sizeof name, "%s/%s", in_first ? "first" : "second", names[i]);
			snprintf(text, sizeof text, "[check_cert_renewal]\nfile=%d%zu\n", in_first, i);
			snprintf(expected, sizeof expected, "--file=%d%zu", in_first, i);
			write_text(name, text);
			assert_expanded(WORDS("--extra-opts"), WORDS(expected));
		}
	}
	write_text("chosen.ini", "[check_cert_renewal]\nfile=chosen\n");
	char *chosen = path_of("chosen.ini");
	setenv("MP_CONFIG_FILE", chosen, 1);
	assert_expanded(WORDS("--extra-opts"), WORDS("--file=chosen"));
	/* A file that is named and missing is an error, not a reason to read another one. */
	setenv("MP_CONFIG_FILE", "/nonexistent/x.ini", 1);
	assert_fails("--extra-opts", "/nonexistent/x.ini", "No such file");
	setenv("MP_CONFIG_FILE", "", 1);
	assert_fails("--extra-opts", "no ini file", "standard places");
	unsetenv("MP_CONFIG_FILE");
	unsetenv("NAGIOS_CONFIG_PATH");
	free(chosen);
	free(path);
	free(second);
	free(first);
}

static void test_ini_errors(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *where;
		const char *what;
	} rows[] = {
		{"", "bad.ini", "no section [check_cert_renewal]"},
		{"[check_other]\na=1\n", "bad.ini", "no section [check_cert_renewal]"},
		{"[check_cert_renewal]\n", "bad.ini", "is empty"},
		{"[check_cert_renewal]\n# a=1\n[x]\na=1\n", "bad.ini", "is empty"},
		{"\nhostname=x\n", "bad.ini line 2:", "before the first [section]"},
		{"[check_cert_renewal]\na=1\nselfsigned\n", "bad.ini line 3:", "no '='"},
		{"[check_cert_renewal]\n\n  = 5\n", "bad.ini line 3:", "no option name"},
		{"[check_cert_renewal]\n--hostname=x\n", "bad.ini line 2:", "without dashes"},
		{"[check_cert_renewal]\nextra-opts=@x\n", "bad.ini line 2:", "extra-opts"},
		{"[check_cert_renewal\na=1\n", "bad.ini line 1:", "without ']'"},
		{"[x]\n[\n", "bad.ini line 2:", "without ']'"},
		{"[check_cert_renewal] a=1\n", "bad.ini line 1:", "after the section header"},
	};
	char *option = option_for("", "bad.ini");
	for (size_t i = 0; i < COUNT(rows); i++) {
		write_text("bad.ini", rows[i].text);
		assert_fails(option, rows[i].where, rows[i].what);
	}
	static const char with_nul[] = "[check_cert_renewal]\nhostname=a\0b\n";
	write_bytes("bad.ini", with_nul, sizeof with_nul - 1);
	assert_fails(option, "bad.ini line 2:", "NUL byte");
	free(option);
	assert_fails("--extra-opts=@", "no file name", "@");
	assert_fails("--extra-opts=x@", "no file name", "@");
}

static void test_unsafe_names_in_errors(void **state) {
	(void)state;
	assert_fails("--extra-opts=@/nonexistent/a|b\nc\x1b[1m", "/nonexistent/a?b?c?[1m",
				 "cannot open");
	/* Long names are cut, at a whole character; the reason still fits. */
	char option[3000] = "--extra-opts=@/nonexistent/";
	while (strlen(option) + 4 < sizeof option) {
		strcat(option, "\xe6\x97\xa5");
	}
	command_line line = command_line_of(WORDS(option));
	ended result = run_apart(expand_apart, &line, NULL);
	free(line.argv[0]);
	free(line.argv[1]);
	const char *colon = strrchr(result.output, ':');
	assert_non_null(colon);
	assert_memory_equal(colon - 3, "\xe6\x97\xa5", 3);
	assert_fails(option, "/nonexistent/", ": ");
}

static void test_special_files(void **state) {
	(void)state;
	assert_fails("--extra-opts=@/dev/null", "/dev/null", "not a regular file");
	assert_fails("--extra-opts=@/dev/zero", "/dev/zero", "not a regular file");
	char *option = NULL;
	assert_true(asprintf(&option, "--extra-opts=@%s", directory) > 0);
	assert_fails(option, directory, "is a directory");
	free(option);
	char *path = path_of("fifo");
	assert_int_equal(mkfifo(path, 0600), 0);
	option = option_for("", "fifo");
	assert_fails(option, "/fifo", "not a regular file");
	free(option);
	free(path);
	option = option_for("", "missing.ini");
	assert_fails(option, "missing.ini", "No such file");
	free(option);
	/* A link to a file is as good as the file. */
	write_text("target.ini", "[check_cert_renewal]\na=1\n");
	path = path_of("link.ini");
	assert_int_equal(symlink("target.ini", path), 0);
	option = option_for("", "link.ini");
	assert_expanded(WORDS(option), WORDS("-a=1"));
	free(option);
	free(path);
}

/* A file of that many bytes: one option, then comments. */
static void write_file_of_size(const char *name, size_t size) {
	static const char start[] = "[check_cert_renewal]\na=1\n";
	char *text = malloc(size);
	assert_non_null(text);
	for (size_t i = 0; i < size; i++) {
		text[i] = i % 100 == 0 ? '\n' : '#';
	}
	memcpy(text, start, sizeof start - 1);
	write_bytes(name, text, size);
	free(text);
}

/* A line of that many bytes in the file: `name=xxx...`. */
static void write_line_of_length(const char *name, size_t length, const char *section) {
	size_t size = strlen(section) + 1 + length + 1;
	char *text = malloc(size);
	assert_non_null(text);
	memset(text, 'x', size);
	memcpy(text, section, strlen(section));
	text[strlen(section)] = '\n';
	memcpy(text + strlen(section) + 1, "name=", 5);
	text[size - 1] = '\n';
	write_bytes(name, text, size);
	free(text);
}

static void test_bounds(void **state) {
	(void)state;
	char *option = option_for("", "size.ini");
	write_file_of_size("size.ini", MIB);
	assert_expanded(WORDS(option), WORDS("-a=1"));
	write_file_of_size("size.ini", MIB + 1);
	assert_fails(option, "size.ini", "larger than 1 MiB");

	write_line_of_length("size.ini", LINE_LIMIT, "[check_cert_renewal]");
	char *expected = malloc(LINE_LIMIT + 3);
	assert_non_null(expected);
	memset(expected, 'x', LINE_LIMIT + 2);
	memcpy(expected, "--name=", 7);
	expected[LINE_LIMIT + 2] = '\0';
	assert_expanded(WORDS(option), WORDS(expected));
	free(expected);
	write_line_of_length("size.ini", LINE_LIMIT + 1, "[check_cert_renewal]");
	assert_fails(option, "size.ini line 2:", "longer than 64 KiB");
	write_line_of_length("size.ini", LINE_LIMIT + 1, "[other]");
	assert_fails(option, "size.ini line 2:", "longer than 64 KiB");
	free(option);
}

static void expand_and_print_apart(void *argument) {
	command_line *line = argument;
	char **argv = np_extra_opts(&line->argc, line->argv, "check_cert_renewal");
	for (int i = 1; i < line->argc; i++) {
		puts(argv[i]);
	}
	if (argv != line->argv) {
		free(argv);
	}
}

static void test_standard_input(void **state) {
	(void)state;
	write_text("input.ini", "[check_cert_renewal]\na=1\nname=2\n");
	char *path = path_of("input.ini");
	static char name[] = "prog";
	static char option[] = "--extra-opts=@-";
	static char verbose[] = "-v";
	command_line line = {.argc = 3, .argv = {name, option, verbose}};
	ended result = run_apart(expand_and_print_apart, &line, path);
	assert_string_equal(result.output, "-a=1\n--name=2\n-v\n");
	write_file_of_size("input.ini", MIB + 1);
	result = run_apart(expand_and_print_apart, &line, path);
	assert_int_equal(WEXITSTATUS(result.status), STATE_UNKNOWN);
	assert_string_equal(result.output, "CERT_RENEWAL UNKNOWN - - is larger than 1 MiB\n");
	free(path);
}

static int directory_make(void **state) {
	(void)state;
	const char *parent = getenv("TMPDIR");
	snprintf(directory, sizeof directory, "%s/npcommon.XXXXXX", parent != NULL ? parent : "/tmp");
	unsetenv("MP_CONFIG_FILE");
	unsetenv("NAGIOS_CONFIG_PATH");
	return mkdtemp(directory) != NULL ? 0 : -1;
}

static int directory_remove(void **state) {
	(void)state;
	char *command = NULL;
	if (asprintf(&command, "rm -r '%s'", directory) < 0) {
		return -1;
	}
	int status = system(command);
	free(command);
	return status;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_good_ranges),
		cmocka_unit_test(test_printed_range_reads_back),
		cmocka_unit_test(test_bad_ranges),
		cmocka_unit_test(test_long_numbers),
		cmocka_unit_test(test_check_range),
		cmocka_unit_test(test_check_range_of_large_integers),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_printed_numbers),
		cmocka_unit_test(test_perfdata_fields),
		cmocka_unit_test(test_perfdata_of_days),
		cmocka_unit_test(test_thresholds_keep_what_is_not_set),
		cmocka_unit_test(test_perfdata_not_finite),
		cmocka_unit_test(test_perfdata_label),
		cmocka_unit_test(test_locale_with_decimal_comma),
		cmocka_unit_test(test_die),
		cmocka_unit_test(test_revision),
		cmocka_unit_test(test_no_extra_opts),
		cmocka_unit_test(test_ini_format),
		cmocka_unit_test(test_order_and_forms),
		cmocka_unit_test(test_original_pointers_are_kept),
		cmocka_unit_test(test_search_path),
		cmocka_unit_test(test_ini_errors),
		cmocka_unit_test(test_unsafe_names_in_errors),
		cmocka_unit_test(test_special_files),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_standard_input),
	};
	return cmocka_run_group_tests(tests, directory_make, directory_remove);
}
