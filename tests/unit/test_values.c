/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Option values: each malformed one is refused with words and changes nothing. Nothing is guessed:
 * strtod() and sscanf() take far more than these forms.
 */
#include "unit.h"

#include "values.h"

#include <math.h>
#include <stdio.h>

/* What no number, with or without a unit, may look like. */
static const char *const bad_numbers[] = {"",
										  " ",
										  " 5",
										  "5 ",
										  "+5",
										  "-1",
										  "-0",
										  "--5",
										  "1e3",
										  "1E3",
										  "1e",
										  "0x10",
										  "0X1p3",
										  "nan",
										  "NaN",
										  "inf",
										  "Inf",
										  "20,5",
										  "1.2.3",
										  ".",
										  ".d",
										  "d",
										  "5x",
										  "5 d",
										  "5D",
										  "5days",
										  "5dd",
										  "5d5h",
										  "5\n",
										  "5us",
										  "5M",
										  "5y",
										  "five",
										  "'5'",
										  "\xd9\xa3",
										  "1'000",
										  "1_000",
										  "5;",
										  "5|",
										  "$5",
										  "5-",
										  "1000000001",
										  "99999999999999999999",
										  "100000000000000000000000000000000000000000",
										  "1000000001d"};

static void expect_refused(const char *wrong, const char *text) {
	expect(wrong != NULL, "\"%s\" is accepted", text);
	/* What is wrong has to be said in words, not only that something is. */
	expect(strlen(wrong) > 10, "\"%s\": %s", text, wrong);
}

static void test_durations(void **state) {
	(void)state;
	static const struct {
		const char *text;
		double seconds;
	} rows[] = {
		{"20", 20 * DAY}, {"0", 0},         {"0.5", DAY / 2},     {".5", DAY / 2},
		{"2w", 14 * DAY}, {"20d", 1728000}, {"36h", 129600},      {"90m", 5400},
		{"45s", 45},      {"0.25h", 900},   {"1000000000s", 1e9}, {"007d", 7 * DAY},
		{"0s", 0},        {"1.5w", 907200},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		double seconds = -1;
		assert_null(value_duration(rows[i].text, DAY, &seconds));
		expect(seconds == rows[i].seconds, "%s: %f", rows[i].text, seconds);
	}
	/* The unit of a plain number is the caller's: -t takes seconds. */
	double seconds = -1;
	assert_null(value_duration("20", 1, &seconds));
	assert_true(seconds == 20);
	for (size_t i = 0; i < COUNT(bad_numbers); i++) {
		seconds = -1;
		expect_refused(value_duration(bad_numbers[i], DAY, &seconds), bad_numbers[i]);
		assert_true(seconds == -1);
	}
}

static void test_plain_limits(void **state) {
	(void)state;
	static const struct {
		const char *text;
		limit_kind kind;
		double value;
	} rows[] = {
		{"auto", LIMIT_AUTO, 0},         {"20", LIMIT_SECONDS, 20 * DAY},
		{"0.5", LIMIT_SECONDS, DAY / 2}, {"36h", LIMIT_SECONDS, 36 * HOUR},
		{"45s", LIMIT_SECONDS, 45},      {"0", LIMIT_SECONDS, 0},
		{"25%", LIMIT_SHARE, 0.25},      {"12.5%", LIMIT_SHARE, 0.125},
		{"0%", LIMIT_SHARE, 0},          {"100%", LIMIT_SHARE, 1},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		limit limit = {.kind = LIMIT_RANGE, .value = -1};
		assert_null(value_limit(rows[i].text, &limit));
		expect(limit.kind == rows[i].kind && limit.value == rows[i].value, "%s: kind %d, %f",
			   rows[i].text, limit.kind, limit.value);
		/* When renewal is due is said in the same forms. */
		limit.kind = LIMIT_RANGE;
		assert_null(value_renew_before(rows[i].text, &limit));
		assert_int_equal(limit.kind, rows[i].kind);
		assert_true(limit.value == rows[i].value);
	}
}

static void test_ranges(void **state) {
	(void)state;
	static const struct {
		const char *text;
		double start; /* -INFINITY, INFINITY: no such end */
		double end;
		bool inside;
	} rows[] = {
		{"20:", 20, INFINITY, false},       {"0.5:", 0.5, INFINITY, false},
		{"-5:", -5, INFINITY, false},       {"@20:", 20, INFINITY, true},
		{"10:20", 10, 20, false},           {"20:20", 20, 20, false},
		{"-5:-1", -5, -1, false},           {"@0:20", 0, 20, true},
		{"@0.25:20.5", 0.25, 20.5, true},   {"~:20", -INFINITY, 20, false},
		{"@~:20", -INFINITY, 20, true},     {"~:", -INFINITY, INFINITY, false},
		{"@~:", -INFINITY, INFINITY, true}, {"@20", 0, 20, true},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		limit limit = {.kind = LIMIT_AUTO};
		expect(value_limit(rows[i].text, &limit) == NULL, "%s is refused", rows[i].text);
		mp_range range = limit.range;
		assert_int_equal(limit.kind, LIMIT_RANGE);
		double start = range.start_infinity ? -INFINITY : mp_get_pd_value(range.start);
		double end = range.end_infinity ? INFINITY : mp_get_pd_value(range.end);
		expect(start == rows[i].start && end == rows[i].end, "%s: %f to %f", rows[i].text, start,
			   end);
		assert_int_equal(range.alert_on_inside_range, rows[i].inside);
		/* A moment is no range. */
		expect_refused(value_renew_before(rows[i].text, &limit), rows[i].text);
		assert_int_equal(limit.kind, LIMIT_RANGE);
	}
}

static void test_bad_limits(void **state) {
	(void)state;
	static const char *const bad[] = {
		"101%",   "100.01%", "-1%",    "%",     "22 %",    "22%%",
		"22%d",   "22d%",    "1e1%",   "0x10%", "nan%",    ",5%",
		"2w%",    "AUTO",    "Auto",   "auto ", "autos",   "aut",
		"20:10",  "@20:10",  "-1:-5",  "@-1",   "@",       ":",
		"@:",     "::",      "@@20",   "20::",  "20:10:5", "10:20:",
		":20",    "@:20",    "~",      "~20",   "@~",      "20:~",
		"~:~",    "a:b",     "20:x",   "x:20",  "20d:",    "20:30d",
		"20%:",   "@auto",   "auto:",  "1e3:",  "20:1e3",  "0x10:",
		"@0x10",  "nan:",    "inf:",   ":inf",  "20,5:",   "20:30,5",
		"--5:",   "-:",      ".:",     "+5:",   " 20:",    "20: ",
		"20 :30", "20: 30",  "20:30 ", "010:",  "@010",    "20:\n",
		"[20:]",  "20..30",  "20-30",  ">20",   "<20",     "99999999999999999999:"};
	const limit untouched = {.kind = LIMIT_SHARE, .value = 0.125};
	for (size_t i = 0; i < COUNT(bad) + COUNT(bad_numbers); i++) {
		const char *text = i < COUNT(bad) ? bad[i] : bad_numbers[i - COUNT(bad)];
		limit limit = untouched;
		expect_refused(value_limit(text, &limit), text);
		expect_refused(value_renew_before(text, &limit), text);
		assert_int_equal(limit.kind, untouched.kind);
		assert_true(limit.value == untouched.value);
	}
}

static void test_times(void **state) {
	(void)state;
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
		{"2027-01-05", 1799107200},
		{"2027-01-05T12:00:00Z", 1799150400},
		{"2027-01-05T23:59:59Z", 1799193599},
		{"@1798761600", 1798761600},
		{"@0", 0},
		{"1969-12-31T23:59:59Z", -1},
		{"1950-01-01", -631152000},
		{"2000-02-29", 951782400},
		{"2050-01-01", 2524608000},
		{"9999-12-31T23:59:59Z", 253402300799},
		{"@253402300799", 253402300799},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t seconds = 7;
		assert_null(value_time(rows[i].text, &seconds));
		expect(seconds == rows[i].seconds, "%s: %lld", rows[i].text, (long long)seconds);
	}
	static const char *const bad[] = {
		"", " ", "now", "today", "tomorrow", "1798761600", "2027", "2027-01",
		/* a number that is none, or that no clock shows */
		"@", "@-1", "@+1", "@ 1", "@1 ", "@1.5", "@1e9", "@0x10", "@1x", "@nan", "@@1",
		"@1234567890123", "@99999999999999999999",
		/* days that are not */
		"2027-02-29", "2100-02-29", "2027-02-30", "2027-04-31", "2027-01-32", "2027-01-00",
		"2027-13-01", "2027-00-01", "2027-99-99",
		/* times of day that are not; a leap second is none in UTC as clocks count it */
		"2027-01-05T24:00:00Z", "2027-01-05T12:60:00Z", "2027-01-05T12:00:60Z",
		"2027-01-05T99:99:99Z",
		/* other forms, and what sscanf() would swallow */
		"2027-1-5", "2027-01-5", "2027-1-05", "27-01-05", "12027-01-05", "2027/01/05", "05.01.2027",
		"20270105", "2027-01-05 ", " 2027-01-05", " 027-01-05", "-027-01-05", "+027-01-05",
		"2027-01- 5", "2027-01--5", "2027-+1-05", "2027-0x-05", "2027_01_05", "2027-01-05T",
		"2027-01-05Z", "2027-01-05T12:00Z", "2027-01-05T12:00:00", "2027-01-05T12:00:00z",
		"2027-01-05t12:00:00Z", "2027-01-05 12:00:00Z", "2027-01-05 12:00:00",
		"2027-01-05T12:00:00+01:00", "2027-01-05T12:00:00ZZ", "2027-01-05T12:00:00.5Z",
		"2027-01-05T 2:00:00Z", "2027-01-05T-1:00:00Z", "2027-01-05T12.00.00Z", "2027-01-05\n"};
	for (size_t i = 0; i < COUNT(bad); i++) {
		int64_t seconds = 7;
		expect_refused(value_time(bad[i], &seconds), bad[i]);
		assert_int_equal(seconds, 7);
	}
}

static void test_ports(void **state) {
	(void)state;
	uint16_t port = 7;
	assert_null(value_port("1", &port));
	assert_int_equal(port, 1);
	assert_null(value_port("443", &port));
	assert_int_equal(port, 443);
	assert_null(value_port("65535", &port));
	assert_int_equal(port, 65535);
	static const char *const bad[] = {"",      "0",        "65536",       "65979",
									  "99999", "100000",   "99999999999", "18446744073709552059",
									  "-1",    "-443",     "+443",        " 443",
									  "443 ",  "443\n",    "4.43",        "443.0",
									  "4e2",   "0x1bb",    "https",       "443x",
									  "x443",  "443,8443", "443-444",     "\xd9\xa3"};
	for (size_t i = 0; i < COUNT(bad); i++) {
		port = 7;
		expect_refused(value_port(bad[i], &port), bad[i]);
		assert_int_equal(port, 7);
	}
}

static const struct {
	const char *name;
	severity severity;
} states[] = {
	{"ok", SEVERITY_OK},           {"warning", SEVERITY_WARNING}, {"critical", SEVERITY_CRITICAL},
	{"unknown", SEVERITY_UNKNOWN}, {"ignore", SEVERITY_IGNORE},
};

/* The names that end what is wrong. */
static const char *accepted;

/* Every finding of the table in every state; no other finding changes. */
static void test_severities(void **state) {
	(void)state;
	for (int id = 0; id < FINDING_COUNT; id++) {
		assert_int_equal(finding_by_name(finding_name((finding_id)id)), id);
		assert_true(strlen(finding_meaning((finding_id)id)) > 0);
		for (size_t i = 0; i < COUNT(states); i++) {
			severity severities[FINDING_COUNT] = {0};
			char text[64];
			snprintf(text, sizeof(text), "%s=%s", finding_name((finding_id)id), states[i].name);
			assert_null(value_severity(text, severities, &accepted));
			for (int other = 0; other < FINDING_COUNT; other++) {
				severity wanted = other == id ? states[i].severity : SEVERITY_DEFAULT;
				expect(severities[other] == wanted, "%s: %s is %d", text,
					   finding_name((finding_id)other), severities[other]);
			}
		}
	}
	/* Lists add up, within an option and from option to option; the last word on a finding counts.
	 */
	severity severities[FINDING_COUNT] = {0};
	assert_null(
		value_severity("expiry=warning,trust=ignore,expiry=unknown", severities, &accepted));
	assert_null(value_severity("trust=ok", severities, &accepted));
	assert_int_equal(severities[FINDING_EXPIRY], SEVERITY_UNKNOWN);
	assert_int_equal(severities[FINDING_TRUST], SEVERITY_OK);
	assert_int_equal(severities[FINDING_WEAK], SEVERITY_DEFAULT);
}

static void test_bad_severities(void **state) {
	(void)state;
	static const char *const bad[] = {
		"", ",", "=", "expiry", "expiry=", "=ok", "expiry:ok", "expiry==ok", "expiry=ok=ok",
		"nosuch=ok", "Expiry=ok", "EXPIRY=ok", "expir=ok", "expiry2=ok", "default=ok",
		"expiry=default", "expiry=warn", "expiry=WARNING", "expiry=1", "expiry=none", "expiry= ok",
		"expiry =ok", " expiry=ok", "expiry=ok ", "chain_expiry=ok", "expiry=ok,", ",expiry=ok",
		"expiry=ok,,trust=ok", "expiry=ok, trust=ok", "expiry=ok trust=ok", "expiry=ok;trust=ok",
		/* right up to the last one: then the right ones must not count either */
		"trust=ignore,nosuch=ok", "trust=ignore,weak=bad", "trust=ignore,",
		/* longer than any name and state */
		"expiry=okokokokokokokokokokokokokokokokokokokokokokokokokokokokokokokokokokokok",
		"expiryexpiryexpiryexpiryexpiryexpiryexpiryexpiryexpiryexpiryexpiryexpiryexpiry=ok"};
	for (size_t i = 0; i < COUNT(bad); i++) {
		severity severities[FINDING_COUNT] = {[FINDING_WEAK] = SEVERITY_CRITICAL};
		expect_refused(value_severity(bad[i], severities, &accepted), bad[i]);
		for (int id = 0; id < FINDING_COUNT; id++) {
			severity wanted = id == FINDING_WEAK ? SEVERITY_CRITICAL : SEVERITY_DEFAULT;
			expect(severities[id] == wanted, "\"%s\" changed %s", bad[i],
				   finding_name((finding_id)id));
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),  cmocka_unit_test(test_plain_limits),
		cmocka_unit_test(test_ranges),     cmocka_unit_test(test_bad_limits),
		cmocka_unit_test(test_times),      cmocka_unit_test(test_ports),
		cmocka_unit_test(test_severities), cmocka_unit_test(test_bad_severities),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
