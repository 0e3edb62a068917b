/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of limits and rhythm when lifetimes shrink to 100, 64, 47, 45 and 6 days. */
#include "trial.h"

#include "judge/forecast.h"

#include <math.h>

static const limit automatic = {.kind = LIMIT_AUTO};

static limit by_days(double days) {
	return (limit){.kind = LIMIT_SECONDS, .value = days * SECONDS_PER_DAY};
}

static limit by_share(double share) { return (limit){.kind = LIMIT_SHARE, .value = share}; }

static limit by_range(const char *text) {
	mp_range_parsed parsed = mp_parse_range_string(text);
	assert_int_equal(parsed.error, MP_PARSING_SUCCESS);
	return (limit){.kind = LIMIT_RANGE, .range = parsed.range};
}

/* Thirds of seconds are not exact in binary. */
static bool near(double left, double right) { return fabs(left - right) < 1e-6; }

static const double second = 1.0 / DAY; /* in days */

/* H: holds. I: the rhythm is impossible. W, w: warns always, warns while healthy; C, c: likewise
 * the critical limit. One letter per lifetime. */
static char letter_of(const forecast_row *row) {
	switch (row->verdict) {
	case FORECAST_WARNS_ALWAYS:
		return row->critical ? 'C' : 'W';
	case FORECAST_WARNS_HEALTHY:
		return row->critical ? 'c' : 'w';
	case FORECAST_RHYTHM_IMPOSSIBLE:
		return 'I';
	case FORECAST_HOLDS:
		break;
	}
	return 'H';
}

static void expect_letters(const forecast_row rows[FORECAST_ROWS], const char *wanted, size_t i) {
	static const int days[FORECAST_ROWS] = {100, 64, 47, 45, 6};
	char letters[FORECAST_ROWS + 1] = "";
	for (int j = 0; j < FORECAST_ROWS; j++) {
		assert_int_equal(rows[j].days, days[j]);
		letters[j] = letter_of(&rows[j]);
	}
	expect(strcmp(letters, wanted) == 0, "row %zu: %s", i, letters);
}

/* Limits as they were given, against the rule by lifetime: 30, 21 1/3, 15 2/3, 15 and 3 days. */
static void test_limits(void **state) {
	(void)state;
	const struct {
		limit warning;
		limit critical;
		const char *verdicts;
	} rows[] = {
		{automatic, automatic, "HHHHH"},
		/* at the due time itself, and a second before it */
		{by_days(30), automatic, "HwwwW"},
		{by_days(30 + second), automatic, "wwwwW"},
		{by_days(15), automatic, "HHHHW"},
		{by_days(15 + second), automatic, "HHHwW"},
		{by_days(3), automatic, "HHHHH"},
		{by_days(3 + second), automatic, "HHHHw"},
		/* the whole lifetime, and a second more */
		{by_days(6), automatic, "HHHHw"},
		{by_days(6 + second), automatic, "HHHHW"},
		{by_days(45), automatic, "wwwwW"},
		{by_days(45 + second), automatic, "wwwWW"},
		{by_days(64), automatic, "wwWWW"},
		{by_days(100), automatic, "wWWWW"},
		{by_days(100 + second), automatic, "WWWWW"},
		/* what the critical limit does is worse */
		{by_days(30), by_days(20), "HwccC"},
		{automatic, by_days(15), "HHHHC"},
		{automatic, by_days(15 + second), "HHHcC"},
		{by_days(20), by_days(3), "HHwwW"},
		{by_days(20), by_days(3 + second), "HHwwc"},
		/* a share follows the lifetime; a third is too much where 30 days are the most */
		{by_share(0.27), by_share(0.11), "HHHHH"},
		{by_share(0.3), automatic, "HHHHH"},
		{by_share(0.31), automatic, "wHHHH"},
		{by_share(0.5), automatic, "wwwwH"},
		{by_share(1), automatic, "wwwww"},
		/* ranges, whose bounds are inside */
		{by_range("30:"), automatic, "HwwwW"},
		{by_range("@0:30"), automatic, "wwwwW"},
		{by_range("~:"), by_range("~:"), "HHHHH"},
		/* alerts above 50 days: for the young ones, not always */
		{by_range("~:50"), automatic, "wwHHH"},
		{by_range("@0:45"), automatic, "wwwwW"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		policy policy = policy_init();
		judgement verdict = {.measured = false};
		forecast_row forecasts[FORECAST_ROWS];
		policy.warning = rows[i].warning;
		policy.critical = rows[i].critical;
		forecast(forecasts, &verdict, &policy);
		expect_letters(forecasts, rows[i].verdicts, i);
	}
}

/* The rhythm: the user's, the client's, what was learned, else the rule by lifetime. */
static void test_rhythm(void **state) {
	(void)state;
	const renewal_due learned = {27.9 * DAY, DUE_FROM_HISTORY};
	const renewal_due learned_late = {6 * DAY - 1, DUE_FROM_HISTORY};
	const renewal_due suggested = {70 * DAY, DUE_FROM_ARI};
	const renewal_due none = {0, DUE_FROM_LIFETIME};
	const struct {
		const char *client;
		limit renew_before;
		renewal_due due;
		limit warning;
		double days[FORECAST_ROWS];
		const char *verdicts;
	} rows[] = {
		{NULL, automatic, none, automatic, {30, 64.0 / 3, 47.0 / 3, 15, 3}, "HHHHH"},
		{"certbot", automatic, none, automatic, {100.0 / 3, 64.0 / 3, 47.0 / 3, 15, 3}, "HHHHH"},
		{"caddy", automatic, none, automatic, {100.0 / 3, 64.0 / 3, 47.0 / 3, 15, 2}, "HHHHH"},
		{"traefik", automatic, none, automatic, {30, 10, 10, 10, 2}, "HHHHH"},
		{"traefik", automatic, none, by_days(10), {30, 10, 10, 10, 2}, "HHHHW"},
		{"traefik", automatic, none, by_days(10 + second), {30, 10, 10, 10, 2}, "HwwwW"},
		/* a client that was set up for 90 days keeps its rule */
		{"certbot-3", automatic, none, automatic, {30, 30, 30, 30, 30}, "HHHHI"},
		{"acme.sh", automatic, none, automatic, {70, 34, 17, 15, -24}, "HHHHI"},
		{"acme.sh-60", automatic, none, automatic, {40, 4, -13, -15, -54}, "HHIII"},
		{"win-acme", automatic, none, automatic, {45, 9, 7, 7, 7}, "HHHHI"},
		/* what the user said goes before the client, and may be impossible */
		{"acme.sh-60", by_days(30), none, automatic, {30, 30, 30, 30, 30}, "HHHHI"},
		{NULL, by_days(45), none, automatic, {45, 45, 45, 45, 45}, "HHHII"},
		{NULL,
		 by_days(45 - second),
		 none,
		 automatic,
		 {45 - second, 45 - second, 45 - second, 45 - second, 45 - second},
		 "HHHHI"},
		{NULL, by_days(0), none, automatic, {0, 0, 0, 0, 0}, "IIIII"},
		{NULL, by_share(0.25), none, automatic, {25, 16, 11.75, 11.25, 1.5}, "HHHHH"},
		/* what was learned here goes before the client's rule; what the CA says holds for one
		   certificate only */
		{"acme.sh-60", automatic, learned, automatic, {27.9, 27.9, 27.9, 27.9, 27.9}, "HHHHI"},
		{NULL,
		 automatic,
		 learned_late,
		 automatic,
		 {6 - second, 6 - second, 6 - second, 6 - second, 6 - second},
		 "HHHHH"},
		{NULL, automatic, suggested, automatic, {30, 64.0 / 3, 47.0 / 3, 15, 3}, "HHHHH"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		policy policy = policy_init();
		judgement verdict = {.measured = true, .due = rows[i].due};
		forecast_row forecasts[FORECAST_ROWS];
		if (rows[i].client != NULL) {
			policy.client = renewal_client_by_name(rows[i].client);
			assert_non_null(policy.client);
		}
		policy.renew_before = rows[i].renew_before;
		policy.warning = rows[i].warning;
		forecast(forecasts, &verdict, &policy);
		expect_letters(forecasts, rows[i].verdicts, i);
		for (int j = 0; j < FORECAST_ROWS; j++) {
			expect(near(forecasts[j].due, rows[i].days[j] * DAY), "row %zu, %d days: due %f", i,
				   forecasts[j].days, forecasts[j].due);
		}
	}
}

/* Nothing was measured (no address answered): nothing was learned for this certificate. */
static void test_without_a_certificate(void **state) {
	(void)state;
	policy policy = policy_init();
	judgement verdict = {.measured = false, .due = {2 * DAY, DUE_FROM_HISTORY}};
	forecast_row rows[FORECAST_ROWS];
	forecast(rows, &verdict, &policy);
	assert_true(near(rows[0].due, 30 * DAY));
}

/* The limit that is told: the one that does not hold, else the warning limit. */
static void test_limit_told(void **state) {
	(void)state;
	policy policy = policy_init();
	judgement verdict = {.measured = false};
	forecast_row rows[FORECAST_ROWS];
	forecast(rows, &verdict, &policy);
	assert_true(near(rows[0].limit, 25 * DAY));
	assert_true(near(rows[3].limit, 12.5 * DAY));
	policy.warning = by_days(30);
	policy.critical = by_days(20);
	forecast(rows, &verdict, &policy);
	assert_true(near(rows[0].limit, 30 * DAY));
	assert_true(near(rows[1].limit, 30 * DAY));
	assert_false(rows[1].critical);
	assert_true(near(rows[2].limit, 20 * DAY));
	assert_true(rows[2].critical);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_rhythm),
		cmocka_unit_test(test_without_a_certificate),
		cmocka_unit_test(test_limit_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
