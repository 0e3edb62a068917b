/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CA's word, the client's state and the cause: each rule at both sides; --severity on each. */
#include "renewal_trial.h"

#include <math.h>

/* The CA's word */

/* Late a grace after the end of the window: 24 hours, or a twentieth of the lifetime. */
static void test_ari(void **state) {
	(void)state;
	static const struct {
		int64_t lifetime;
		int64_t left;
		int64_t ago; /* when the window ended */
		finding_reason reason;
		mp_state_enum state;
	} rows[] = {
		{90 * DAY, 60 * DAY, -30 * DAY, REASON_WINDOW_AHEAD, STATE_OK},
		{90 * DAY, 60 * DAY, 0, REASON_WINDOW_AHEAD, STATE_OK},
		{90 * DAY, 60 * DAY, 1, REASON_WINDOW_OVER, STATE_OK},
		{90 * DAY, 60 * DAY, DAY, REASON_WINDOW_OVER, STATE_OK},
		{90 * DAY, 60 * DAY, DAY + 1, REASON_WINDOW_OVER, STATE_WARNING},
		/* en masse: over before the certificate was a day old */
		{90 * DAY, 89 * DAY, 2 * DAY, REASON_WINDOW_OVER, STATE_WARNING},
		{160 * HOUR, 100 * HOUR, 8 * HOUR, REASON_WINDOW_OVER, STATE_OK},
		{160 * HOUR, 100 * HOUR, 8 * HOUR + 1, REASON_WINDOW_OVER, STATE_WARNING},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		trial_serves(&trial, 0, 1, rows[i].lifetime, rows[i].left);
		trial_suggests(&trial, rows[i].ago);
		const judgement *verdict = renewal_trial_judge(&trial);
		const finding *found = finding_of(verdict, FINDING_ARI);
		expect(found->reason == rows[i].reason && found->state == rows[i].state,
			   "row %zu: reason %d, state %d", i, found->reason, found->state);
		assert_int_equal(found->seconds, rows[i].ago);
		assert_int_equal(found->time, now - rows[i].ago);
		assert_int_equal(verdict->state, rows[i].state);
		renewal_trial_free(&trial);
	}
}

static void test_ari_unknown(void **state) {
	(void)state;
	renewal_trial trial;
	renewal_trial_init(&trial);
	assert_int_equal(count_of(renewal_trial_judge(&trial), FINDING_ARI), 0);
	trial.evidence.ari_problem = "404";
	for (int i = 0; i < 2; i++) {
		const judgement *verdict = renewal_trial_judge(&trial);
		const finding *found = finding_of(verdict, FINDING_ARI);
		assert_int_equal(found->reason, REASON_ARI_UNKNOWN);
		assert_int_equal(found->state, STATE_OK);
		assert_false(found->notable);
		assert_int_equal(verdict->state, STATE_OK);
		assert_int_equal(verdict->due.source, DUE_FROM_LIFETIME);
		/* an answer without a window is none */
		trial_suggests(&trial, 30 * DAY);
		trial.ari.known = false;
	}
	/* what was known before stands, whatever came of asking again */
	trial.ari.known = true;
	assert_int_equal(finding_of(renewal_trial_judge(&trial), FINDING_ARI)->reason,
					 REASON_WINDOW_OVER);
	renewal_trial_free(&trial);
}

/* Due is the end of the window; WARNING a grace later, CRITICAL under a third of what was left. */
static void test_due_by_ari(void **state) {
	(void)state;
	static const struct {
		int64_t lifetime;
		int64_t left;
		int64_t window_left; /* of the certificate at the end of the window */
		mp_state_enum state;
		double warning;
		double critical;
	} rows[] = {
		{90 * DAY, 29 * DAY, 30 * DAY, STATE_OK, 29 * DAY, 10 * DAY},
		{90 * DAY, 29 * DAY - 1, 30 * DAY, STATE_WARNING, 29 * DAY, 10 * DAY},
		{90 * DAY, 10 * DAY, 30 * DAY, STATE_WARNING, 29 * DAY, 10 * DAY},
		{90 * DAY, 10 * DAY - 1, 30 * DAY, STATE_CRITICAL, 29 * DAY, 10 * DAY},
		{160 * HOUR, 72 * HOUR, 80 * HOUR, STATE_OK, 72 * HOUR, 96000},
		{160 * HOUR, 72 * HOUR - 1, 80 * HOUR, STATE_WARNING, 72 * HOUR, 96000},
		/* the grace may reach below the critical limit: that one holds */
		{90 * DAY, 12 * HOUR, 36 * HOUR, STATE_OK, 12 * HOUR, 12 * HOUR},
		{90 * DAY, 12 * HOUR - 1, 36 * HOUR, STATE_CRITICAL, 12 * HOUR, 12 * HOUR},
		/* a window that ends after the certificate leaves no limit but the end itself */
		{90 * DAY, 1, -DAY, STATE_OK, 0, 0},
		{90 * DAY, 0, -DAY, STATE_CRITICAL, 0, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		trial_serves(&trial, 0, 1, rows[i].lifetime, rows[i].left);
		trial_suggests(&trial, rows[i].window_left - rows[i].left);
		const judgement *verdict = renewal_trial_judge(&trial);
		const finding *expiry = finding_of(verdict, FINDING_EXPIRY);
		expect(expiry->state == rows[i].state, "row %zu: state %d", i, expiry->state);
		assert_int_equal(verdict->due.source, DUE_FROM_ARI);
		expect(verdict->warning.seconds == rows[i].warning &&
				   fabs(verdict->critical.seconds - rows[i].critical) < 1e-6,
			   "row %zu: %f, %f", i, verdict->warning.seconds, verdict->critical.seconds);
		renewal_trial_free(&trial);
	}
}

/* The CA spoke of one certificate: another address's is judged by the rules. */
static void test_ari_of_one_address(void **state) {
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		trial_serves(&trial, 0, 1, 90 * DAY, 85 * DAY);
		trial_serves(&trial, 1, 2, 90 * DAY, 5 * DAY);
		trial_suggests(&trial, i == 0 ? -55 * DAY : 25 * DAY);
		trial.evidence.ari_leaf = &trial.leaves[i];
		const judgement *verdict = renewal_trial_judge(&trial);
		const finding *expiry = finding_of(verdict, FINDING_EXPIRY);
		assert_int_equal(expiry->state, STATE_CRITICAL);
		assert_ptr_equal(expiry->endpoint, &trial.seen[1]);
		assert_int_equal(verdict->due.source, i == 0 ? DUE_FROM_LIFETIME : DUE_FROM_ARI);
		assert_true(verdict->due.seconds == 30 * DAY);
		assert_int_equal(finding_of(verdict, FINDING_ARI)->reason,
						 i == 0 ? REASON_WINDOW_AHEAD : REASON_WINDOW_OVER);
		renewal_trial_free(&trial);
	}
}

/* The cause */

static const client_state failed = {.kind = CLIENT_STATE_KNOWN, .last_failed = true};
static const client_state silent = {.kind = CLIENT_STATE_KNOWN};
static const client_state unreadable = {.kind = CLIENT_STATE_UNREADABLE};
static const client_state no_lineage = {.kind = CLIENT_STATE_NO_LINEAGE};

/* Certificates of 90 days: late under 29 days left, WARNING under 25, CRITICAL under 10. */
static void test_cause_by_client(void **state) {
	(void)state;
	const client_state waiting = {
		.kind = CLIENT_STATE_KNOWN, .next_attempt = now + 1, .last_run = now - 2 * DAY + 1};
	client_state waiting_by_attempt = waiting;
	waiting_by_attempt.last_run = 0;
	waiting_by_attempt.last_attempt = now - 2 * DAY + 1;
	client_state waiting_in_silence = waiting;
	waiting_in_silence.last_run = now - 2 * DAY;
	waiting_in_silence.last_attempt = now - 30 * DAY;
	client_state waiting_no_more = waiting;
	waiting_no_more.next_attempt = now;
	client_state waiting_but_failed = waiting;
	waiting_but_failed.last_failed = true;
	const struct {
		client_state client;
		int64_t left;
		finding_reason reason;
		mp_state_enum state;
	} rows[] = {
		{unreadable, 60 * DAY, REASON_CAUSE_UNREADABLE, STATE_UNKNOWN},
		{unreadable, 5 * DAY, REASON_CAUSE_UNREADABLE, STATE_UNKNOWN},
		{no_lineage, 60 * DAY, REASON_CAUSE_NO_LINEAGE, STATE_UNKNOWN},
		{no_lineage, 5 * DAY, REASON_CAUSE_NO_LINEAGE, STATE_UNKNOWN},
		/* failed once, as long as there is time: no problem yet */
		{failed, 60 * DAY, REASON_CAUSE_FAILED, STATE_OK},
		{failed, 29 * DAY, REASON_CAUSE_FAILED, STATE_OK},
		{failed, 29 * DAY - 1, REASON_CAUSE_FAILED, STATE_WARNING},
		{failed, 25 * DAY - 1, REASON_CAUSE_FAILED, STATE_WARNING},
		{failed, 10 * DAY, REASON_CAUSE_FAILED, STATE_WARNING},
		{failed, 10 * DAY - 1, REASON_CAUSE_FAILED, STATE_CRITICAL},
		{failed, -DAY, REASON_CAUSE_FAILED, STATE_CRITICAL},
		{silent, 60 * DAY, REASON_CLIENT_HEALTHY, STATE_OK},
		{silent, 29 * DAY, REASON_CLIENT_HEALTHY, STATE_OK},
		{silent, 29 * DAY - 1, REASON_CAUSE_NOT_ATTEMPTED, STATE_WARNING},
		{silent, 10 * DAY, REASON_CAUSE_NOT_ATTEMPTED, STATE_WARNING},
		{silent, 10 * DAY - 1, REASON_CAUSE_NOT_ATTEMPTED, STATE_CRITICAL},
		/* it runs, and means to renew later: bad only where the limits say so */
		{waiting, 29 * DAY, REASON_CLIENT_HEALTHY, STATE_OK},
		{waiting, 29 * DAY - 1, REASON_CAUSE_WAITING, STATE_OK},
		{waiting, 25 * DAY, REASON_CAUSE_WAITING, STATE_OK},
		{waiting, 25 * DAY - 1, REASON_CAUSE_WAITING, STATE_WARNING},
		{waiting, 10 * DAY - 1, REASON_CAUSE_WAITING, STATE_CRITICAL},
		{waiting_by_attempt, 29 * DAY - 1, REASON_CAUSE_WAITING, STATE_OK},
		{waiting_in_silence, 29 * DAY - 1, REASON_CAUSE_NOT_ATTEMPTED, STATE_WARNING},
		{waiting_no_more, 29 * DAY, REASON_CLIENT_HEALTHY, STATE_OK},
		{waiting_no_more, 29 * DAY - 1, REASON_CAUSE_IDLE, STATE_WARNING},
		{waiting_no_more, 10 * DAY - 1, REASON_CAUSE_IDLE, STATE_CRITICAL},
		{waiting_but_failed, 29 * DAY - 1, REASON_CAUSE_FAILED, STATE_WARNING},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		trial_serves(&trial, 0, 1, 90 * DAY, rows[i].left);
		trial_client(&trial, rows[i].client);
		const judgement *verdict = renewal_trial_judge(&trial);
		const finding *found = finding_of(verdict, FINDING_CAUSE);
		expect(found->reason == rows[i].reason && found->state == rows[i].state,
			   "row %zu: reason %d, state %d", i, found->reason, found->state);
		assert_int_equal(found->notable, rows[i].reason != REASON_CLIENT_HEALTHY);
		/* the cause comes before its symptoms */
		if (found->state != STATE_UNKNOWN) {
			assert_ptr_equal(found, &verdict->findings[0]);
			assert_int_equal(verdict->state, rows[i].state);
		}
		renewal_trial_free(&trial);
	}
}

/* A limit that alerts before renewal is due is no fault of the client: it has nothing to say. */
static void test_no_cause_by_healthy_client(void **state) {
	(void)state;
	renewal_trial trial;
	renewal_trial_init(&trial);
	trial.policy.warning = (limit){.kind = LIMIT_SECONDS, .value = 70 * DAY};
	trial_client(&trial, silent);
	const judgement *verdict = renewal_trial_judge(&trial);
	assert_int_equal(verdict->state, STATE_WARNING);
	assert_int_equal(count_of(verdict, FINDING_CAUSE), 0);
	trial.evidence.client = NULL;
	assert_int_equal(count_of(renewal_trial_judge(&trial), FINDING_CAUSE), 0);
	renewal_trial_free(&trial);
}

/* What is due by the client's own rule is late by it, too: acme.sh's failure a month earlier. */
static void test_cause_by_rule(void **state) {
	(void)state;
	renewal_trial trial;
	renewal_trial_init(&trial);
	trial_serves(&trial, 0, 1, 90 * DAY, 59 * DAY - 1);
	trial_client(&trial, silent);
	assert_int_equal(finding_of(renewal_trial_judge(&trial), FINDING_CAUSE)->reason,
					 REASON_CLIENT_HEALTHY);
	trial.policy.client = renewal_client_by_name("acme.sh");
	assert_int_equal(finding_of(renewal_trial_judge(&trial), FINDING_CAUSE)->reason,
					 REASON_CAUSE_NOT_ATTEMPTED);
	trial_serves(&trial, 0, 1, 90 * DAY, 59 * DAY);
	assert_int_equal(finding_of(renewal_trial_judge(&trial), FINDING_CAUSE)->reason,
					 REASON_CLIENT_HEALTHY);
	renewal_trial_free(&trial);
}

/* The client has a newer one than is served: dated back by an hour, then an hour of grace. */
static void test_cause_not_deployed(void **state) {
	(void)state;
	static const struct {
		int64_t left;
		int64_t age; /* of the client's certificate */
		int64_t lifetime;
		finding_reason reason;
		mp_state_enum state;
	} rows[] = {
		{60 * DAY, 0, 90 * DAY, REASON_CAUSE_NOT_DEPLOYED, STATE_OK},
		{60 * DAY, 2 * HOUR, 90 * DAY, REASON_CAUSE_NOT_DEPLOYED, STATE_OK},
		{60 * DAY, 2 * HOUR + 1, 90 * DAY, REASON_CAUSE_NOT_DEPLOYED, STATE_WARNING},
		{25 * DAY - 1, 0, 90 * DAY, REASON_CAUSE_NOT_DEPLOYED, STATE_WARNING},
		{10 * DAY - 1, 0, 90 * DAY, REASON_CAUSE_NOT_DEPLOYED, STATE_CRITICAL},
		/* newer by a second in both dates, or not newer */
		{60 * DAY, 30 * DAY - 1, 90 * DAY, REASON_CAUSE_NOT_DEPLOYED, STATE_WARNING},
		{60 * DAY, 30 * DAY, 90 * DAY, REASON_CLIENT_HEALTHY, STATE_OK},
		{60 * DAY, 30 * DAY - 1, 90 * DAY - 1, REASON_CLIENT_HEALTHY, STATE_OK},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		trial_serves(&trial, 0, 1, 90 * DAY, rows[i].left);
		trial_client(&trial, (client_state){.kind = CLIENT_STATE_KNOWN,
											.not_before = now - rows[i].age,
											.not_after = now - rows[i].age + rows[i].lifetime});
		const judgement *verdict = renewal_trial_judge(&trial);
		const finding *found = finding_of(verdict, FINDING_CAUSE);
		expect(found->reason == rows[i].reason && found->state == rows[i].state,
			   "row %zu: reason %d, state %d", i, found->reason, found->state);
		assert_int_equal(verdict->state, rows[i].state);
		renewal_trial_free(&trial);
	}
}

/* A file says when it came: what the file is within its grace is no problem of the client's. */
static void test_cause_with_file(void **state) {
	(void)state;
	renewal_trial trial;
	renewal_trial_init(&trial);
	trial_client(&trial, (client_state){.kind = CLIENT_STATE_KNOWN,
										.last_failed = true,
										.not_before = now - DAY,
										.not_after = now + 89 * DAY});
	trial_keeps(&trial, 2, 90 * DAY, 89 * DAY, HOUR);
	const judgement *verdict = renewal_trial_judge(&trial);
	assert_int_equal(finding_of(verdict, FINDING_CAUSE)->reason, REASON_CAUSE_NOT_DEPLOYED);
	assert_int_equal(verdict->state, STATE_OK);
	trial_keeps(&trial, 2, 90 * DAY, 89 * DAY, HOUR + 1);
	verdict = renewal_trial_judge(&trial);
	assert_int_equal(verdict->findings[0].id, FINDING_CAUSE);
	assert_int_equal(verdict->findings[0].reason, REASON_CAUSE_NOT_DEPLOYED);
	assert_int_equal(verdict->findings[0].state, STATE_WARNING);
	assert_int_equal(verdict->findings[1].id, FINDING_DEPLOYMENT);
	/* a file that cannot be read explains nothing */
	trial.disk.state = DISK_UNREADABLE;
	trial_client(&trial, silent);
	verdict = renewal_trial_judge(&trial);
	assert_int_equal(finding_of(verdict, FINDING_CAUSE)->reason, REASON_CLIENT_HEALTHY);
	assert_int_equal(verdict->state, STATE_UNKNOWN);
	renewal_trial_free(&trial);
}

/* Renewed, and some addresses have it: whether the client's state tells it or the addresses do. */
static void test_cause_partly_deployed(void **state) {
	(void)state;
	static const struct {
		int64_t age; /* of the newest certificate */
		int64_t left;
		bool client_has_it;
		finding_reason reason;
		mp_state_enum state;
	} rows[] = {
		{2 * HOUR, 30 * DAY, true, REASON_CAUSE_PARTLY_DEPLOYED, STATE_OK},
		{2 * HOUR + 1, 30 * DAY, true, REASON_CAUSE_PARTLY_DEPLOYED, STATE_WARNING},
		{2 * HOUR + 1, 30 * DAY, false, REASON_CAUSE_PARTLY_DEPLOYED, STATE_WARNING},
		{2 * HOUR, 30 * DAY, false, REASON_CLIENT_HEALTHY, STATE_OK},
		{2 * HOUR, 10 * DAY - 1, true, REASON_CAUSE_PARTLY_DEPLOYED, STATE_CRITICAL},
		{2 * HOUR + 1, 10 * DAY - 1, false, REASON_CAUSE_PARTLY_DEPLOYED, STATE_CRITICAL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		trial_serves(&trial, 0, 2, 90 * DAY, 90 * DAY - rows[i].age);
		trial_serves(&trial, 1, 1, 90 * DAY, rows[i].left);
		trial_client(&trial, silent);
		if (rows[i].client_has_it) {
			trial.client.not_before = trial.leaves[0].not_before;
			trial.client.not_after = trial.leaves[0].not_after;
		}
		const judgement *verdict = renewal_trial_judge(&trial);
		const finding *found = finding_of(verdict, FINDING_CAUSE);
		expect(found->reason == rows[i].reason && found->state == rows[i].state,
			   "row %zu: reason %d, state %d", i, found->reason, found->state);
		assert_int_equal(verdict->state, rows[i].state);
		renewal_trial_free(&trial);
	}
}

/* Severity */

static void not_deployed(renewal_trial *trial) { trial_keeps(trial, 2, 90 * DAY, 90 * DAY, DAY); }

static void unreadable_file(renewal_trial *trial) {
	not_deployed(trial);
	trial->disk.state = DISK_UNREADABLE;
}

static void old_somewhere(renewal_trial *trial) { trial_serves(trial, 1, 2, 90 * DAY, 89 * DAY); }

static void back(renewal_trial *trial) {
	trial_saw(trial, 0, 2, now - DAY, now + 89 * DAY, now - DAY);
}

static void window_over(renewal_trial *trial) {
	trial_suggests(trial, 2 * DAY);
	trial->policy.severity[FINDING_EXPIRY] = SEVERITY_IGNORE;
}

static void too_long(renewal_trial *trial) {
	trial_serves(trial, 0, 1, 300 * DAY, 200 * DAY);
	trial->seen[0].verification.public_root = true;
}

static void not_attempted(renewal_trial *trial) {
	trial_serves(trial, 0, 1, 90 * DAY, 29 * DAY - 1);
	trial_client(trial, silent);
}

static void state_unreadable(renewal_trial *trial) { trial_client(trial, unreadable); }

static void renewed(renewal_trial *trial) {
	trial_saw(trial, 0, 2, now - 90 * DAY, now + DAY, now - 90 * DAY);
}

static void history_not_kept(renewal_trial *trial) { trial->evidence.history_problem = "full"; }

static void test_severity(void **state) {
	(void)state;
	static const struct {
		void (*happens)(renewal_trial *trial);
		finding_id id;
		mp_state_enum state;
	} rows[] = {
		{not_deployed, FINDING_DEPLOYMENT, STATE_WARNING},
		{unreadable_file, FINDING_DEPLOYMENT, STATE_UNKNOWN},
		{old_somewhere, FINDING_CONSISTENCY, STATE_WARNING},
		{back, FINDING_ROLLBACK, STATE_WARNING},
		{window_over, FINDING_ARI, STATE_WARNING},
		{too_long, FINDING_LIFETIME, STATE_WARNING},
		{not_attempted, FINDING_CAUSE, STATE_WARNING},
		{state_unreadable, FINDING_CAUSE, STATE_UNKNOWN},
		{renewed, FINDING_RENEWED, STATE_OK},
		{history_not_kept, FINDING_HISTORY, STATE_OK},
	};
	static const struct {
		severity severity;
		mp_state_enum state;
	} severities[] = {
		{SEVERITY_OK, STATE_OK},
		{SEVERITY_WARNING, STATE_WARNING},
		{SEVERITY_CRITICAL, STATE_CRITICAL},
		{SEVERITY_UNKNOWN, STATE_UNKNOWN},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		rows[i].happens(&trial);
		const judgement *verdict = renewal_trial_judge(&trial);
		expect(finding_of(verdict, rows[i].id)->state == rows[i].state &&
				   verdict->state == rows[i].state,
			   "row %zu: state %d", i, verdict->state);
		for (size_t j = 0; j < COUNT(severities); j++) {
			/* what is OK stays so */
			mp_state_enum wanted = rows[i].state == STATE_OK ? STATE_OK : severities[j].state;
			trial.policy.severity[rows[i].id] = severities[j].severity;
			verdict = renewal_trial_judge(&trial);
			const finding *found = finding_of(verdict, rows[i].id);
			expect(found->state == wanted && found->notable && verdict->state == wanted,
				   "row %zu, severity %zu: state %d", i, j, found->state);
		}
		trial.policy.severity[rows[i].id] = SEVERITY_IGNORE;
		verdict = renewal_trial_judge(&trial);
		assert_int_equal(count_of(verdict, rows[i].id), 0);
		assert_int_equal(verdict->state, STATE_OK);
		renewal_trial_free(&trial);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ari),
		cmocka_unit_test(test_ari_unknown),
		cmocka_unit_test(test_due_by_ari),
		cmocka_unit_test(test_ari_of_one_address),
		cmocka_unit_test(test_cause_by_client),
		cmocka_unit_test(test_no_cause_by_healthy_client),
		cmocka_unit_test(test_cause_by_rule),
		cmocka_unit_test(test_cause_not_deployed),
		cmocka_unit_test(test_cause_with_file),
		cmocka_unit_test(test_cause_partly_deployed),
		cmocka_unit_test(test_severity),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
