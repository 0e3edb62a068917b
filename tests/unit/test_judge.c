/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The judge on the certificate itself: dates, limits, severities, order. */
#include "trial.h"

#include <math.h>

static limit by_seconds(double seconds) { return (limit){.kind = LIMIT_SECONDS, .value = seconds}; }

static limit by_share(double share) { return (limit){.kind = LIMIT_SHARE, .value = share}; }

static limit by_range(const char *text) {
	mp_range_parsed parsed = mp_parse_range_string(text);
	assert_int_equal(parsed.error, MP_PARSING_SUCCESS);
	return (limit){.kind = LIMIT_RANGE, .range = parsed.range};
}

/* Expiry */

static void test_expiry(void **state) {
	(void)state;
	const limit automatic = {.kind = LIMIT_AUTO};
	const struct {
		limit warning;
		limit critical;
		int64_t lifetime;
		int64_t remaining;
		mp_state_enum state;
		finding_reason reason;
	} rows[] = {
		/* auto, 90 days: due at 30 d, warning under 25 d, critical under 10 d, expired at 0 */
		{automatic, automatic, 90 * DAY, 90 * DAY, STATE_OK, REASON_VALID},
		{automatic, automatic, 90 * DAY, 30 * DAY - 1, STATE_OK, REASON_VALID},
		{automatic, automatic, 90 * DAY, 25 * DAY, STATE_OK, REASON_VALID},
		{automatic, automatic, 90 * DAY, 25 * DAY - 1, STATE_WARNING, REASON_OVERDUE},
		{automatic, automatic, 90 * DAY, 10 * DAY, STATE_WARNING, REASON_OVERDUE},
		{automatic, automatic, 90 * DAY, 10 * DAY - 1, STATE_CRITICAL, REASON_OVERDUE},
		{automatic, automatic, 90 * DAY, 1, STATE_CRITICAL, REASON_OVERDUE},
		/* the second of notAfter itself is over, as it is for OpenSSL */
		{automatic, automatic, 90 * DAY, 0, STATE_CRITICAL, REASON_EXPIRED},
		{automatic, automatic, 90 * DAY, -1, STATE_CRITICAL, REASON_EXPIRED},
		{automatic, automatic, 90 * DAY, -2 * DAY, STATE_CRITICAL, REASON_EXPIRED},
		/* 160 hours: warning under 66 h 40 min, critical under 26 h 40 min */
		{automatic, automatic, 160 * HOUR, 240000, STATE_OK, REASON_VALID},
		{automatic, automatic, 160 * HOUR, 239999, STATE_WARNING, REASON_OVERDUE},
		{automatic, automatic, 160 * HOUR, 96000, STATE_WARNING, REASON_OVERDUE},
		{automatic, automatic, 160 * HOUR, 95999, STATE_CRITICAL, REASON_OVERDUE},
		/* a limit above the due time alerts although nothing is overdue yet */
		{by_seconds(40 * DAY), by_seconds(35 * DAY), 90 * DAY, 40 * DAY, STATE_OK, REASON_VALID},
		{by_seconds(40 * DAY), by_seconds(35 * DAY), 90 * DAY, 40 * DAY - 1, STATE_WARNING,
		 REASON_LIMIT},
		{by_seconds(40 * DAY), by_seconds(35 * DAY), 90 * DAY, 35 * DAY - 1, STATE_CRITICAL,
		 REASON_LIMIT},
		{by_seconds(40 * DAY), by_seconds(20 * DAY), 90 * DAY, 30 * DAY, STATE_WARNING,
		 REASON_LIMIT},
		{by_seconds(40 * DAY), by_seconds(20 * DAY), 90 * DAY, 30 * DAY - 1, STATE_WARNING,
		 REASON_OVERDUE},
		/* a share */
		{by_share(0.25), by_share(0.125), 80 * DAY, 20 * DAY, STATE_OK, REASON_VALID},
		{by_share(0.25), by_share(0.125), 80 * DAY, 20 * DAY - 1, STATE_WARNING, REASON_OVERDUE},
		{by_share(0.25), by_share(0.125), 80 * DAY, 10 * DAY - 1, STATE_CRITICAL, REASON_OVERDUE},
		/* ranges */
		{by_range("20:"), by_range("@0:5"), 90 * DAY, 20 * DAY, STATE_OK, REASON_VALID},
		{by_range("20:"), by_range("@0:5"), 90 * DAY, 20 * DAY - 1, STATE_WARNING, REASON_OVERDUE},
		{by_range("20:"), by_range("@0:5"), 90 * DAY, 5 * DAY + 1, STATE_WARNING, REASON_OVERDUE},
		{by_range("20:"), by_range("@0:5"), 90 * DAY, 5 * DAY, STATE_CRITICAL, REASON_OVERDUE},
		{by_range("~:80"), by_range("~:"), 90 * DAY, 80 * DAY + 1, STATE_WARNING, REASON_LIMIT},
		/* expired is CRITICAL whatever the limits say */
		{by_seconds(0), by_seconds(0), 90 * DAY, 1, STATE_OK, REASON_VALID},
		{by_seconds(0), by_seconds(0), 90 * DAY, 0, STATE_CRITICAL, REASON_EXPIRED},
		{by_range("@0:20"), by_range("@0:5"), 90 * DAY, -1, STATE_CRITICAL, REASON_EXPIRED},
		{by_range("~:"), by_range("~:"), 90 * DAY, -1, STATE_CRITICAL, REASON_EXPIRED},
		/* notAfter in year 9999: 1970 to then */
		{automatic, automatic, 253402300799, 251602300799, STATE_OK, REASON_VALID},
		/* notAfter before notBefore: no due time, and no time at which it is valid */
		{automatic, automatic, -DAY, DAY, STATE_OK, REASON_VALID},
		{automatic, automatic, -DAY, -1, STATE_CRITICAL, REASON_EXPIRED},
		{automatic, automatic, 0, 0, STATE_CRITICAL, REASON_EXPIRED},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		trial trial;
		trial_init_file(&trial);
		trial.seen.served.count = 1;
		trial.policy.warning = rows[i].warning;
		trial.policy.critical = rows[i].critical;
		certificate_lives(&trial.certificates[0], rows[i].lifetime, rows[i].remaining);
		const judgement *verdict = trial_judge(&trial);
		const finding *expiry = finding_of(verdict, FINDING_EXPIRY);
		expect(expiry->state == rows[i].state && expiry->reason == rows[i].reason,
			   "row %zu: state %d, reason %d", i, expiry->state, expiry->reason);
		assert_int_equal(expiry->seconds, rows[i].remaining);
		assert_true(verdict->measured);
		assert_int_equal(verdict->remaining, rows[i].remaining);
		assert_int_equal(verdict->lifetime, rows[i].lifetime);
		trial_free(&trial);
	}
}

static void test_due_by_policy(void **state) {
	(void)state;
	trial trial;
	trial_init_file(&trial);
	certificate_lives(&trial.certificates[0], 45 * DAY, 9 * DAY);
	/* Traefik renews a certificate of 45 days with 10 days left: 9 are no reason for an alert. */
	trial.policy.client = renewal_client_by_name("traefik");
	assert_non_null(trial.policy.client);
	const judgement *verdict = trial_judge(&trial);
	assert_int_equal(verdict->state, STATE_OK);
	assert_int_equal(verdict->due.source, DUE_FROM_CLIENT);
	assert_true(verdict->due.seconds == 10 * DAY);
	assert_true(verdict->warning.seconds == 720000);
	assert_true(verdict->critical.seconds == 288000);
	/* --renew-before goes before --client. */
	trial.policy.renew_before = by_seconds(12 * DAY);
	verdict = trial_judge(&trial);
	assert_int_equal(verdict->state, STATE_WARNING);
	assert_int_equal(verdict->due.source, DUE_FROM_OPTION);
	assert_true(verdict->due.seconds == 12 * DAY);
	assert_true(verdict->warning.seconds == 10 * DAY);
	assert_true(verdict->critical.seconds == 4 * DAY);
	trial_free(&trial);
}

/* A limit left on auto never contradicts the one that was given: 25 d and 10 d here. */
static void test_one_limit_left_on_auto(void **state) {
	(void)state;
	const struct {
		bool critical_given;
		limit given;
		double warning;
		double critical;
	} rows[] = {
		{false, by_seconds(30 * DAY), 30 * DAY, 10 * DAY},
		{false, by_seconds(10 * DAY), 10 * DAY, 10 * DAY},
		{false, by_seconds(9 * DAY), 9 * DAY, 9 * DAY},
		{false, by_share(0.05), 4.5 * DAY, 4.5 * DAY},
		{false, by_range("5:"), 5 * DAY, 5 * DAY},
		{false, by_range("@0:5"), 5 * DAY, 5 * DAY},
		{true, by_seconds(5 * DAY), 25 * DAY, 5 * DAY},
		{true, by_seconds(25 * DAY), 25 * DAY, 25 * DAY},
		{true, by_seconds(26 * DAY), 26 * DAY, 26 * DAY},
		{true, by_share(0.5), 45 * DAY, 45 * DAY},
		{true, by_range("40:"), 40 * DAY, 40 * DAY},
		/* no bound at all: "never warn" does not take away CRITICAL */
		{false, by_range("~:"), 0, 10 * DAY},
		{true, by_range("~:"), 25 * DAY, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		trial trial;
		trial_init_file(&trial);
		*(rows[i].critical_given ? &trial.policy.critical : &trial.policy.warning) = rows[i].given;
		const judgement *verdict = trial_judge(&trial);
		expect(verdict->warning.seconds == rows[i].warning, "row %zu: warning %f", i,
			   verdict->warning.seconds);
		expect(verdict->critical.seconds == rows[i].critical, "row %zu: critical %f", i,
			   verdict->critical.seconds);
		trial_free(&trial);
	}
}

/* A limit that could never be OK is noted, with the share that would do. */
static void test_limit_beyond_lifetime(void **state) {
	(void)state;
	const struct {
		limit warning;
		limit critical;
		int64_t lifetime;
		bool warning_beyond;
		bool critical_beyond;
	} rows[] = {
		{by_seconds(45 * DAY), by_seconds(20 * DAY), 45 * DAY, false, false},
		{by_seconds(45 * DAY + 1), by_seconds(20 * DAY), 45 * DAY, true, false},
		{by_seconds(50 * DAY), by_seconds(45 * DAY + 1), 45 * DAY, true, true},
		{by_range("45:"), by_range("20:"), 45 * DAY, false, false},
		{by_range("46:"), by_range("20:"), 45 * DAY, true, false},
		{by_range("@0:46"), by_range("20:"), 45 * DAY, true, false},
		/* alerts above, not below: a young certificate is what it alerts for */
		{by_range("~:46"), by_range("20:"), 45 * DAY, false, false},
		/* a share and auto follow the lifetime */
		{by_share(1), by_share(1), 45 * DAY, false, false},
		{{.kind = LIMIT_AUTO}, {.kind = LIMIT_AUTO}, 45 * DAY, false, false},
		/* without a lifetime there is nothing to compare with */
		{by_seconds(DAY), by_seconds(DAY), 0, false, false},
		{by_seconds(DAY), by_seconds(DAY), -DAY, false, false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		trial trial;
		trial_init_file(&trial);
		certificate_lives(&trial.certificates[0], rows[i].lifetime, rows[i].lifetime);
		trial.policy.warning = rows[i].warning;
		trial.policy.critical = rows[i].critical;
		const judgement *verdict = trial_judge(&trial);
		expect(verdict->warning_beyond_lifetime == rows[i].warning_beyond &&
				   verdict->critical_beyond_lifetime == rows[i].critical_beyond,
			   "row %zu", i);
		if (rows[i].lifetime > 0) {
			/* 5/6 and 1/3 of a third */
			assert_true(fabs(verdict->warning_share - 5.0 / 18) < 1e-9);
			assert_true(fabs(verdict->critical_share - 1.0 / 9) < 1e-9);
		}
		trial_free(&trial);
	}
}

static void test_not_yet_valid(void **state) {
	(void)state;
	trial trial;
	trial_init_file(&trial);
	certificate_lives(&trial.certificates[0], 90 * DAY, 90 * DAY); /* begins this very second */
	const judgement *verdict = trial_judge(&trial);
	assert_int_equal(count_of(verdict, FINDING_NOT_YET_VALID), 0);
	assert_int_equal(verdict->state, STATE_OK);
	certificate_lives(&trial.certificates[0], 90 * DAY, 90 * DAY + 1);
	verdict = trial_judge(&trial);
	const finding *found = finding_of(verdict, FINDING_NOT_YET_VALID);
	assert_int_equal(verdict->state, STATE_CRITICAL);
	assert_int_equal(found->state, STATE_CRITICAL);
	assert_int_equal(found->reason, REASON_NOT_YET_VALID);
	assert_int_equal(found->seconds, 1);
	/* notAfter before notBefore, now between them: expired, and not yet valid */
	certificate_lives(&trial.certificates[0], -2 * DAY, -DAY);
	verdict = trial_judge(&trial);
	assert_int_equal(finding_of(verdict, FINDING_EXPIRY)->reason, REASON_EXPIRED);
	assert_int_equal(finding_of(verdict, FINDING_NOT_YET_VALID)->seconds, DAY);
	trial_free(&trial);
}

/* What cannot be read is not taken for right, and nothing is measured of it. */
static void test_malformed_dates(void **state) {
	(void)state;
	for (int known = 0; known < 3; known++) {
		trial trial;
		trial_init_file(&trial);
		trial.certificates[0].not_before_known = (known & 1) != 0;
		trial.certificates[0].not_after_known = (known & 2) != 0;
		const judgement *verdict = trial_judge(&trial);
		const finding *expiry = finding_of(verdict, FINDING_EXPIRY);
		assert_int_equal(expiry->state, STATE_CRITICAL);
		assert_int_equal(expiry->reason, REASON_DATE_UNKNOWN);
		assert_int_equal(verdict->state, STATE_CRITICAL);
		assert_false(verdict->measured);
		trial_free(&trial);
	}
}

/* The CA/Browser Forum's maximum, under a public root only; issued in 2026: 200 days. */
static void test_lifetime(void **state) {
	(void)state;
	static const struct {
		bool public_root;
		int64_t age;
		int64_t lifetime;
		int64_t allowed; /* 0: no finding */
	} rows[] = {
		{true, 100 * DAY, 200 * DAY, 0},
		{true, 100 * DAY, 200 * DAY + 1, 200 * DAY},
		{true, 100 * DAY, 90 * DAY, 0},
		{false, 100 * DAY, 200 * DAY + 1, 0},
		{false, 100 * DAY, 3650 * DAY, 0},
		/* now is 2027-01-15 08:00: 306 days and 8 hours after 2026-03-15 */
		{true, 306 * DAY + 8 * HOUR, 398 * DAY, 200 * DAY},
		{true, 306 * DAY + 8 * HOUR + 1, 398 * DAY, 0},
		{true, 306 * DAY + 8 * HOUR + 1, 398 * DAY + 1, 398 * DAY},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		trial trial;
		trial_init(&trial);
		certificate_lives(&trial.certificates[0], rows[i].lifetime, rows[i].lifetime - rows[i].age);
		trial.seen.verification.public_root = rows[i].public_root;
		const judgement *verdict = trial_judge(&trial);
		size_t count = count_of(verdict, FINDING_LIFETIME);
		expect(count == (rows[i].allowed != 0), "row %zu: %zu findings", i, count);
		if (rows[i].allowed != 0) {
			const finding *found = finding_of(verdict, FINDING_LIFETIME);
			assert_int_equal(found->state, STATE_WARNING);
			assert_int_equal(found->reason, REASON_LIFETIME_TOO_LONG);
			assert_int_equal(found->seconds, rows[i].allowed);
		}
		trial_free(&trial);
	}
}

/* Severity and order */

static void test_severity(void **state) {
	(void)state;
	static const struct {
		severity severity;
		mp_state_enum state;
	} rows[] = {
		{SEVERITY_DEFAULT, STATE_CRITICAL}, {SEVERITY_OK, STATE_OK},
		{SEVERITY_WARNING, STATE_WARNING},  {SEVERITY_CRITICAL, STATE_CRITICAL},
		{SEVERITY_UNKNOWN, STATE_UNKNOWN},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		trial trial;
		trial_init(&trial);
		trial_problem(&trial, VERIFY_HOSTNAME, 0);
		trial.policy.severity[FINDING_HOSTNAME] = rows[i].severity;
		const judgement *verdict = trial_judge(&trial);
		const finding *hostname = finding_of(verdict, FINDING_HOSTNAME);
		assert_int_equal(hostname->state, rows[i].state);
		assert_int_equal(verdict->state, rows[i].state);
		/* What was made OK is still said. */
		assert_int_equal(hostname->notable, rows[i].severity != SEVERITY_DEFAULT);
		/* A finding that is OK stays so. */
		trial.seen.verification.problem_count = 0;
		verdict = trial_judge(&trial);
		assert_int_equal(finding_of(verdict, FINDING_HOSTNAME)->state, STATE_OK);
		assert_int_equal(verdict->state, STATE_OK);
		trial_free(&trial);
	}
}

static void test_ignored(void **state) {
	(void)state;
	trial trial;
	trial_init(&trial);
	trial_problem(&trial, VERIFY_HOSTNAME, 0);
	certificate_lives(&trial.certificates[0], 90 * DAY, 20 * DAY);
	trial.policy.severity[FINDING_HOSTNAME] = SEVERITY_IGNORE;
	const judgement *verdict = trial_judge(&trial);
	assert_int_equal(count_of(verdict, FINDING_HOSTNAME), 0);
	assert_int_equal(verdict->state, STATE_WARNING);
	/* Days are measured although nobody wants a verdict on them. */
	for (int id = 0; id < FINDING_COUNT; id++) {
		trial.policy.severity[id] = SEVERITY_IGNORE;
	}
	verdict = trial_judge(&trial);
	assert_int_equal(verdict->finding_count, 0);
	assert_int_equal(verdict->state, STATE_OK);
	assert_true(verdict->measured);
	assert_int_equal(verdict->remaining, 20 * DAY);
	trial_free(&trial);
}

/* Worst first: CRITICAL, WARNING, UNKNOWN, OK; the order of the table among equals. */
static void test_order(void **state) {
	(void)state;
	trial trial;
	trial_init(&trial);
	certificate_lives(&trial.certificates[0], 90 * DAY, 20 * DAY);
	trial.certificates[0].key_bits = 160;
	trial.certificates[1].key_bits = 160;
	trial.seen.tls_below_floor = true;
	trial.seen.client_certificate_asked = true;
	trial_problem(&trial, VERIFY_HOSTNAME, 0);
	trial_problem(&trial, VERIFY_UNKNOWN_ISSUER, 1);
	trial.policy.severity[FINDING_HOSTNAME] = SEVERITY_UNKNOWN;
	const judgement *verdict = trial_judge(&trial);
	const struct {
		mp_state_enum state;
		finding_id id;
		finding_reason reason;
		const certificate *certificate;
	} wanted[] = {
		{STATE_CRITICAL, FINDING_TRUST, REASON_NOT_TRUSTED, NULL},
		{STATE_WARNING, FINDING_EXPIRY, REASON_OVERDUE, NULL},
		{STATE_WARNING, FINDING_WEAK, REASON_WEAK_KEY, &trial.certificates[0]},
		{STATE_WARNING, FINDING_WEAK, REASON_WEAK_KEY, &trial.certificates[1]},
		{STATE_WARNING, FINDING_WEAK, REASON_WEAK_TLS, NULL},
		{STATE_UNKNOWN, FINDING_HOSTNAME, REASON_NAME_MISMATCH, NULL},
		{STATE_OK, FINDING_HANDSHAKE, REASON_CLIENT_CERTIFICATE_ASKED, NULL},
	};
	assert_int_equal(verdict->finding_count, COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		const finding *found = &verdict->findings[i];
		expect(found->id == wanted[i].id && found->state == wanted[i].state &&
				   found->reason == wanted[i].reason && found->certificate == wanted[i].certificate,
			   "place %zu: %s, state %d, reason %d", i, finding_name(found->id), found->state,
			   found->reason);
	}
	assert_int_equal(verdict->state, STATE_CRITICAL);
	trial_free(&trial);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_due_by_policy),
		cmocka_unit_test(test_one_limit_left_on_auto),
		cmocka_unit_test(test_limit_beyond_lifetime),
		cmocka_unit_test(test_not_yet_valid),
		cmocka_unit_test(test_malformed_dates),
		cmocka_unit_test(test_lifetime),
		cmocka_unit_test(test_severity),
		cmocka_unit_test(test_ignored),
		cmocka_unit_test(test_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
