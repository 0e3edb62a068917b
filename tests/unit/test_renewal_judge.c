/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disk against service, address against address, now against before: each rule at both sides. */
#include "renewal_trial.h"

#include <math.h>

/* Deployment */

/* The served certificate of 90 days is judged CRITICAL under 10 days left. */
static void test_deployment(void **state) {
	(void)state;
	static const struct {
		uint8_t number; /* on disk; 1 is what is served */
		int64_t served_left;
		int64_t kept_left;
		int64_t age;
		double grace;
		finding_reason reason;
		mp_state_enum state;
	} rows[] = {
		{1, 60 * DAY, 60 * DAY, 30 * DAY, HOUR, REASON_DEPLOYED, STATE_OK},
		{2, 60 * DAY, 90 * DAY, 0, HOUR, REASON_DISK_FRESH, STATE_OK},
		{2, 60 * DAY, 90 * DAY, HOUR, HOUR, REASON_DISK_FRESH, STATE_OK},
		{2, 60 * DAY, 90 * DAY, HOUR + 1, HOUR, REASON_NOT_DEPLOYED, STATE_WARNING},
		/* a file from the future has not waited yet */
		{2, 60 * DAY, 90 * DAY, -DAY, HOUR, REASON_DISK_FRESH, STATE_OK},
		{2, 60 * DAY, 90 * DAY, 0, 0, REASON_DISK_FRESH, STATE_OK},
		{2, 60 * DAY, 90 * DAY, 1, 0, REASON_NOT_DEPLOYED, STATE_WARNING},
		{2, 60 * DAY, 90 * DAY, DAY, DAY, REASON_DISK_FRESH, STATE_OK},
		{2, 60 * DAY, 90 * DAY, DAY + 1, DAY, REASON_NOT_DEPLOYED, STATE_WARNING},
		/* inside the critical limit */
		{2, 10 * DAY, 90 * DAY, HOUR + 1, HOUR, REASON_NOT_DEPLOYED, STATE_WARNING},
		{2, 10 * DAY - 1, 90 * DAY, HOUR + 1, HOUR, REASON_NOT_DEPLOYED, STATE_CRITICAL},
		{2, -DAY, 90 * DAY, HOUR + 1, HOUR, REASON_NOT_DEPLOYED, STATE_CRITICAL},
		{2, 10 * DAY - 1, 90 * DAY, HOUR, HOUR, REASON_DISK_FRESH, STATE_OK},
		/* newer by a second, older by a second */
		{2, 60 * DAY, 60 * DAY + 1, DAY, HOUR, REASON_NOT_DEPLOYED, STATE_WARNING},
		{2, 60 * DAY, 60 * DAY - 1, DAY, HOUR, REASON_DISK_OLDER, STATE_OK},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		trial_serves(&trial, 0, 1, 90 * DAY, rows[i].served_left);
		trial_keeps(&trial, rows[i].number, 90 * DAY, rows[i].kept_left, rows[i].age);
		trial.policy.reload_grace = rows[i].grace;
		const judgement *verdict = renewal_trial_judge(&trial);
		const finding *found = finding_of(verdict, FINDING_DEPLOYMENT);
		expect(found->reason == rows[i].reason && found->state == rows[i].state,
			   "row %zu: reason %d, state %d", i, found->reason, found->state);
		assert_int_equal(found->notable, rows[i].reason != REASON_DEPLOYED);
		assert_int_equal(found->seconds, rows[i].age);
		assert_int_equal(count_of(verdict, FINDING_DEPLOYMENT), 1);
		renewal_trial_free(&trial);
	}
}

/* Issued at the same second: the one that ends later is the newer one. */
static void test_deployment_by_the_end(void **state) {
	(void)state;
	renewal_trial trial;
	renewal_trial_init(&trial);
	trial_keeps(&trial, 2, 90 * DAY + 1, 60 * DAY + 1, DAY);
	assert_int_equal(finding_of(renewal_trial_judge(&trial), FINDING_DEPLOYMENT)->reason,
					 REASON_NOT_DEPLOYED);
	trial_keeps(&trial, 2, 90 * DAY - 1, 60 * DAY - 1, DAY);
	assert_int_equal(finding_of(renewal_trial_judge(&trial), FINDING_DEPLOYMENT)->reason,
					 REASON_DISK_OLDER);
	renewal_trial_free(&trial);
}

static void test_deployment_of_what_cannot_be_compared(void **state) {
	(void)state;
	static const struct {
		disk_state state;
		finding_reason reason;
	} rows[] = {
		{DISK_OTHER_NAMES, REASON_DISK_OTHER_NAMES},
		{DISK_UNREADABLE, REASON_DISK_UNREADABLE},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		trial_keeps(&trial, 2, 90 * DAY, 90 * DAY, DAY);
		trial.disk.state = rows[i].state;
		trial.disk.chain = (chain){NULL, 0};
		const judgement *verdict = renewal_trial_judge(&trial);
		const finding *found = finding_of(verdict, FINDING_DEPLOYMENT);
		assert_int_equal(found->reason, rows[i].reason);
		assert_int_equal(found->state, STATE_UNKNOWN);
		assert_int_equal(verdict->state, STATE_UNKNOWN);
		/* said where no address answers, too */
		trial_is_dead(&trial, 0);
		verdict = renewal_trial_judge(&trial);
		assert_int_equal(finding_of(verdict, FINDING_DEPLOYMENT)->reason, rows[i].reason);
		assert_int_equal(verdict->state, STATE_CRITICAL);
		renewal_trial_free(&trial);
	}
}

/* A key that does not belong to the certificate is said beside what else is to be said. */
static void test_key(void **state) {
	(void)state;
	static const struct {
		disk_key key;
		bool dead;
		size_t findings;
		finding_reason first;
		mp_state_enum state;
	} rows[] = {
		{DISK_KEY_MATCHES, false, 1, REASON_DEPLOYED, STATE_OK},
		{DISK_KEY_NOT_FOUND, false, 1, REASON_DEPLOYED, STATE_OK},
		{DISK_KEY_DIFFERS, false, 2, REASON_KEY_DIFFERS, STATE_WARNING},
		{DISK_KEY_DIFFERS, true, 1, REASON_KEY_DIFFERS, STATE_WARNING},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		trial_keeps(&trial, 1, 90 * DAY, 60 * DAY, DAY);
		trial.disk.key = rows[i].key;
		if (rows[i].dead) {
			trial_is_dead(&trial, 0);
		}
		const judgement *verdict = renewal_trial_judge(&trial);
		const finding *found = finding_of(verdict, FINDING_DEPLOYMENT);
		expect(count_of(verdict, FINDING_DEPLOYMENT) == rows[i].findings &&
				   found->reason == rows[i].first && found->state == rows[i].state,
			   "row %zu: reason %d, state %d", i, found->reason, found->state);
		renewal_trial_free(&trial);
	}
	/* nothing on disk was asked about */
	renewal_trial trial;
	renewal_trial_init(&trial);
	assert_int_equal(count_of(renewal_trial_judge(&trial), FINDING_DEPLOYMENT), 0);
	renewal_trial_free(&trial);
}

/* Consistency */

/* Two addresses, certificates of 90 days: a tenth of that is 9 days. */
static void test_consistency(void **state) {
	(void)state;
	static const struct {
		uint8_t number; /* of the other address; 1 is the first one's */
		int64_t age;    /* of the newest certificate, as it says */
		int64_t apart;
		finding_reason reason;
		mp_state_enum state;
		size_t count;
	} rows[] = {
		{1, 2 * DAY, 0, REASON_SAME_EVERYWHERE, STATE_OK, 0},
		{2, 2 * DAY, 0, REASON_EQUALLY_FRESH, STATE_OK, 1},
		{2, 2 * DAY, 9 * DAY, REASON_EQUALLY_FRESH, STATE_OK, 1},
		{2, 2 * DAY, 9 * DAY + 1, REASON_OLD_SOMEWHERE, STATE_WARNING, 1},
		{2, 2 * DAY, 60 * DAY, REASON_OLD_SOMEWHERE, STATE_WARNING, 1},
		/* dated back by an hour, then an hour of grace */
		{2, 0, 60 * DAY, REASON_FRESH_SOMEWHERE, STATE_OK, 1},
		{2, 2 * HOUR, 60 * DAY, REASON_FRESH_SOMEWHERE, STATE_OK, 1},
		{2, 2 * HOUR + 1, 60 * DAY, REASON_OLD_SOMEWHERE, STATE_WARNING, 1},
	};
	for (size_t i = 0; i < COUNT(rows) * 2; i++) {
		/* whichever address has the old one */
		size_t row = i / 2;
		size_t fresh = i % 2;
		renewal_trial trial;
		renewal_trial_init(&trial);
		for (size_t j = 0; j < 2; j++) {
			trial_serves(&trial, j, j == fresh ? 1 : rows[row].number, 90 * DAY,
						 90 * DAY - rows[row].age - (j == fresh ? 0 : rows[row].apart));
		}
		const judgement *verdict = renewal_trial_judge(&trial);
		const finding *found = finding_of(verdict, FINDING_CONSISTENCY);
		expect(found->reason == rows[row].reason && found->state == rows[row].state,
			   "row %zu: reason %d, state %d", row, found->reason, found->state);
		assert_int_equal(found->count, rows[row].count);
		assert_int_equal(found->of, 2);
		assert_int_equal(found->notable, found->reason == REASON_OLD_SOMEWHERE ||
											 found->reason == REASON_FRESH_SOMEWHERE);
		/* equal dates: the first is as good as the other */
		if (rows[row].apart > 0) {
			assert_ptr_equal(found->certificate, &trial.leaves[fresh]);
		}
		renewal_trial_free(&trial);
	}
}

/* With history the grace counts from when the new one was first seen, where that is known. */
static void test_consistency_with_history(void **state) {
	(void)state;
	enum {
		old_seen = 1,
		new_seen = 2,
		problem = 4
	};
	static const struct {
		int known;
		int64_t seen_ago;
		double grace;
		int64_t seconds;
		mp_state_enum state;
	} rows[] = {
		/* the new one is two days old, less the hour it is dated back */
		{0, 0, HOUR, 47 * HOUR, STATE_WARNING},
		/* watched from before: it came when it was seen */
		{old_seen | new_seen, HOUR, HOUR, HOUR, STATE_OK},
		{old_seen | new_seen, HOUR + 1, HOUR, HOUR + 1, STATE_WARNING},
		{old_seen | new_seen, DAY, DAY, DAY, STATE_OK},
		{old_seen | new_seen, DAY + 1, DAY, DAY + 1, STATE_WARNING},
		/* seen by this check for the first time */
		{old_seen, 0, HOUR, 0, STATE_OK},
		/* but a history that is not kept always says so */
		{old_seen | problem, 0, HOUR, 47 * HOUR, STATE_WARNING},
		/* nobody looked before it was there */
		{new_seen, 10, HOUR, 47 * HOUR, STATE_WARNING},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		trial_serves(&trial, 0, 1, 90 * DAY, 30 * DAY);
		trial_serves(&trial, 1, 2, 90 * DAY, 88 * DAY);
		if (rows[i].known & old_seen) {
			trial_saw(&trial, 0, 1, now - 60 * DAY, now + 30 * DAY, now - 50 * DAY);
		}
		if (rows[i].known & new_seen) {
			trial_saw(&trial, 1, 2, now - 2 * DAY, now + 88 * DAY, now - rows[i].seen_ago);
		}
		trial.evidence.history = &trial.history;
		trial.evidence.history_problem = rows[i].known & problem ? "disk full" : NULL;
		trial.policy.reload_grace = rows[i].grace;
		const finding *found = finding_of(renewal_trial_judge(&trial), FINDING_CONSISTENCY);
		expect(found->state == rows[i].state && found->seconds == rows[i].seconds,
			   "row %zu: state %d, %ld seconds", i, found->state, (long)found->seconds);
		renewal_trial_free(&trial);
	}
}

/* Three of five have the old one; one does not answer and is named; the others are still judged. */
static void test_pool(void **state) {
	(void)state;
	renewal_trial trial;
	renewal_trial_init(&trial);
	trial_serves(&trial, 0, 2, 90 * DAY, 88 * DAY);
	trial_serves(&trial, 1, 1, 90 * DAY, 20 * DAY);
	trial_is_dead(&trial, 2);
	trial_serves(&trial, 3, 1, 90 * DAY, 20 * DAY);
	trial_serves(&trial, 4, 1, 90 * DAY, 20 * DAY);
	const judgement *verdict = renewal_trial_judge(&trial);
	const finding *found = finding_of(verdict, FINDING_CONSISTENCY);
	assert_int_equal(found->reason, REASON_OLD_SOMEWHERE);
	assert_int_equal(found->count, 3);
	assert_int_equal(found->of, 4);
	found = finding_of(verdict, FINDING_UNREACHABLE);
	assert_ptr_equal(found->endpoint, &trial.seen[2]);
	assert_int_equal(found->state, STATE_CRITICAL);
	assert_int_equal(verdict->state, STATE_CRITICAL);
	assert_int_equal(verdict->endpoint_count, 5);
	/* days are those of the first that ends */
	assert_true(verdict->measured);
	assert_ptr_equal(verdict->endpoint, &trial.seen[1]);
	assert_int_equal(verdict->remaining, 20 * DAY);
	assert_int_equal(count_of(verdict, FINDING_EXPIRY), 1);
	/* each dead address is named, the first one as well */
	trial_is_dead(&trial, 0);
	verdict = renewal_trial_judge(&trial);
	assert_int_equal(count_of(verdict, FINDING_UNREACHABLE), 2);
	assert_int_equal(finding_of(verdict, FINDING_CONSISTENCY)->of, 3);
	/* one that answers is nothing to compare with */
	trial_is_dead(&trial, 3);
	trial_is_dead(&trial, 4);
	verdict = renewal_trial_judge(&trial);
	assert_int_equal(count_of(verdict, FINDING_CONSISTENCY), 0);
	assert_int_equal(verdict->remaining, 20 * DAY);
	trial_is_dead(&trial, 1);
	verdict = renewal_trial_judge(&trial);
	assert_int_equal(count_of(verdict, FINDING_UNREACHABLE), 5);
	assert_false(verdict->measured);
	renewal_trial_free(&trial);
}

/* The worst address decides the state, which need not be the one with the fewest days. */
static void test_worst_address(void **state) {
	(void)state;
	const struct {
		int64_t lifetime[3];
		int64_t left[3];
		size_t worst;
		mp_state_enum state;
		int64_t smallest;
	} rows[] = {
		{{90 * DAY, 90 * DAY, 90 * DAY}, {60 * DAY, 50 * DAY, 70 * DAY}, 1, STATE_OK, 50 * DAY},
		{{90 * DAY, 90 * DAY, 90 * DAY},
		 {60 * DAY, 70 * DAY, 20 * DAY},
		 2,
		 STATE_WARNING,
		 20 * DAY},
		{{90 * DAY, 90 * DAY, 90 * DAY}, {5 * DAY, -DAY, 20 * DAY}, 1, STATE_CRITICAL, -DAY},
		/* 4 of 6 days are healthy, 20 of 90 are not, 9 of 90 are worse */
		{{6 * DAY, 90 * DAY, 90 * DAY}, {4 * DAY, 70 * DAY, 20 * DAY}, 2, STATE_WARNING, 4 * DAY},
		{{6 * DAY, 90 * DAY, 90 * DAY}, {4 * DAY, 9 * DAY, 20 * DAY}, 1, STATE_CRITICAL, 4 * DAY},
		{{90 * DAY, 6 * DAY, 90 * DAY}, {20 * DAY, 4 * DAY, 8 * DAY}, 2, STATE_CRITICAL, 4 * DAY},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		for (size_t j = 0; j < 3; j++) {
			trial_serves(&trial, j, (uint8_t)(j + 1), rows[i].lifetime[j], rows[i].left[j]);
		}
		const judgement *verdict = renewal_trial_judge(&trial);
		const finding *expiry = finding_of(verdict, FINDING_EXPIRY);
		expect(expiry->state == rows[i].state, "row %zu: state %d", i, expiry->state);
		assert_ptr_equal(expiry->endpoint, &trial.seen[rows[i].worst]);
		assert_ptr_equal(verdict->endpoint, &trial.seen[rows[i].worst]);
		assert_int_equal(verdict->remaining, rows[i].left[rows[i].worst]);
		assert_int_equal(verdict->smallest_remaining, rows[i].smallest);
		renewal_trial_free(&trial);
	}
}

/* A malformed date is found wherever it is, though no days can be told of it. */
static void test_malformed_date_at_one_address(void **state) {
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		trial_serves(&trial, 1, 1, 90 * DAY, 60 * DAY);
		trial.leaves[i].not_after_known = false;
		const judgement *verdict = renewal_trial_judge(&trial);
		const finding *found = finding_of(verdict, FINDING_EXPIRY);
		assert_int_equal(found->reason, REASON_DATE_UNKNOWN);
		assert_int_equal(found->state, STATE_CRITICAL);
		assert_ptr_equal(found->endpoint, &trial.seen[i]);
		assert_int_equal(verdict->state, STATE_CRITICAL);
		assert_ptr_equal(verdict->endpoint, &trial.seen[1 - i]);
		renewal_trial_free(&trial);
	}
}

/* What only another address has is said of it; what several have is said once. */
static void test_finding_of_another_address(void **state) {
	(void)state;
	renewal_trial trial;
	renewal_trial_init(&trial);
	trial_serves(&trial, 1, 1, 90 * DAY, 60 * DAY);
	trial_serves(&trial, 2, 1, 90 * DAY, 60 * DAY);
	trial.seen[1].tls_below_floor = true;
	trial.seen[2].tls_below_floor = true;
	const judgement *verdict = renewal_trial_judge(&trial);
	assert_int_equal(count_of(verdict, FINDING_WEAK), 1);
	assert_ptr_equal(finding_of(verdict, FINDING_WEAK)->endpoint, &trial.seen[1]);
	assert_int_equal(verdict->state, STATE_WARNING);
	renewal_trial_free(&trial);
}

/* Memory */

/* The one before had 90 days, so that its renewal was due at 30 days left. */
static void test_renewed(void **state) {
	(void)state;
	static const struct {
		size_t address;
		int64_t ago;  /* when the new one was first seen; negative: by this check */
		int64_t left; /* of the old one at that time */
		bool renewed;
		int64_t early;
	} rows[] = {
		{0, 3 * HOUR, 41 * DAY, true, 11 * DAY}, {0, 3 * HOUR, 30 * DAY, true, 0},
		{0, 3 * HOUR, 30 * DAY + 1, true, 1},    {0, 3 * HOUR, 30 * DAY - 1, true, -1},
		{0, 3 * HOUR, -DAY, true, -31 * DAY},    {0, 0, 41 * DAY, true, 11 * DAY},
		{0, -1, 41 * DAY, true, 11 * DAY},       {0, DAY, 41 * DAY, true, 11 * DAY},
		{0, DAY + 1, 41 * DAY, false, 0},        {1, 3 * HOUR, 41 * DAY, false, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		int64_t ago = rows[i].ago < 0 ? 0 : rows[i].ago;
		int64_t end = now - ago + rows[i].left;
		trial_serves(&trial, 0, 2, 90 * DAY, 89 * DAY);
		trial_saw(&trial, rows[i].address, 1, end - 90 * DAY, end, end - 90 * DAY);
		if (rows[i].ago >= 0) {
			trial_saw(&trial, rows[i].address, 2, now - DAY, now + 89 * DAY, now - ago);
		}
		const judgement *verdict = renewal_trial_judge(&trial);
		size_t count = count_of(verdict, FINDING_RENEWED);
		expect(count == rows[i].renewed, "row %zu: %zu findings", i, count);
		if (rows[i].renewed) {
			const finding *found = finding_of(verdict, FINDING_RENEWED);
			assert_int_equal(found->state, STATE_OK);
			assert_true(found->notable);
			assert_int_equal(found->seconds, ago);
			assert_int_equal(found->early, rows[i].early);
			assert_int_equal(found->time, end);
		}
		assert_int_equal(verdict->state, STATE_OK);
		renewal_trial_free(&trial);
	}
}

/* Due is by the client's rule, or the user's, where there is one. */
static void test_renewed_by_client(void **state) {
	(void)state;
	renewal_trial trial;
	renewal_trial_init(&trial);
	trial_serves(&trial, 0, 2, 90 * DAY, 89 * DAY);
	trial_saw(&trial, 0, 1, now - 31 * DAY, now + 59 * DAY, now - 31 * DAY);
	trial.policy.client = renewal_client_by_name("acme.sh");
	assert_int_equal(finding_of(renewal_trial_judge(&trial), FINDING_RENEWED)->early, -DAY);
	trial.policy.renew_before = (limit){.kind = LIMIT_SECONDS, .value = 50 * DAY};
	assert_int_equal(finding_of(renewal_trial_judge(&trial), FINDING_RENEWED)->early, 9 * DAY);
	renewal_trial_free(&trial);
}

/* The first certificate that is seen, and the one that is back: neither was renewed. */
static void test_not_renewed(void **state) {
	(void)state;
	renewal_trial trial;
	renewal_trial_init(&trial);
	assert_int_equal(count_of(renewal_trial_judge(&trial), FINDING_RENEWED), 0);
	trial.evidence.history = &trial.history;
	assert_int_equal(count_of(renewal_trial_judge(&trial), FINDING_RENEWED), 0);
	trial_saw(&trial, 0, 1, now - 30 * DAY, now + 60 * DAY, now - HOUR);
	assert_int_equal(count_of(renewal_trial_judge(&trial), FINDING_RENEWED), 0);
	/* an older one was seen here only after this one */
	trial_saw(&trial, 0, 2, now - 60 * DAY, now + 30 * DAY, now - 600);
	assert_int_equal(count_of(renewal_trial_judge(&trial), FINDING_RENEWED), 0);
	renewal_trial_free(&trial);
}

/* The one served has 90 days: what was issued over 9 days later is another round of renewals. */
static void test_rollback(void **state) {
	(void)state;
	static const struct {
		uint8_t number;
		size_t address;
		int64_t later;
		bool back;
	} rows[] = {
		{2, 0, 9 * DAY, false},   {2, 0, 9 * DAY + 1, true}, {2, 0, 29 * DAY, true},
		{2, 0, -60 * DAY, false}, {2, 1, 29 * DAY, false}, /* seen elsewhere */
		{1, 0, 29 * DAY, false},                           /* itself */
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		int64_t issued = now - 30 * DAY + rows[i].later;
		trial_saw(&trial, rows[i].address, rows[i].number, issued, issued + 90 * DAY, now - DAY);
		const judgement *verdict = renewal_trial_judge(&trial);
		size_t count = count_of(verdict, FINDING_ROLLBACK);
		expect(count == rows[i].back, "row %zu: %zu findings", i, count);
		assert_int_equal(verdict->state, rows[i].back ? STATE_WARNING : STATE_OK);
		if (rows[i].back) {
			const finding *found = finding_of(verdict, FINDING_ROLLBACK);
			assert_int_equal(found->reason, REASON_ROLLBACK);
			assert_int_equal(found->time, issued);
			/* the newest of several is told */
			trial_saw(&trial, 0, 3, issued + 10, issued + 90 * DAY, now - HOUR);
			trial_saw(&trial, 0, 4, issued - 10 * DAY, issued + 90 * DAY, now - HOUR);
			found = finding_of(renewal_trial_judge(&trial), FINDING_ROLLBACK);
			assert_int_equal(found->time, issued + 10);
		}
		renewal_trial_free(&trial);
	}
}

static void test_history_not_kept(void **state) {
	(void)state;
	renewal_trial trial;
	renewal_trial_init(&trial);
	trial.evidence.history_problem = "read-only file system";
	const judgement *verdict = renewal_trial_judge(&trial);
	const finding *found = finding_of(verdict, FINDING_HISTORY);
	assert_int_equal(found->reason, REASON_HISTORY_NOT_KEPT);
	assert_int_equal(found->state, STATE_OK);
	assert_true(found->notable);
	assert_int_equal(verdict->state, STATE_OK);
	renewal_trial_free(&trial);
}

/* The rhythm */

/* The leaf of 90 days has 60 left; its predecessors were replaced with so much left each. */
static void test_learned(void **state) {
	(void)state;
	static const struct {
		size_t renewals;
		int64_t left[3]; /* the latest first; 0: the end of the row */
		int64_t lifetime[3];
		double due; /* days; 0: nothing was learned */
	} rows[] = {
		{0, {0}, {0}, 0},
		{1, {31 * DAY}, {90 * DAY}, 0},
		{2, {31 * DAY, 31 * DAY}, {90 * DAY, 90 * DAY}, 27.9},
		{2, {40 * DAY, 31 * DAY}, {90 * DAY, 90 * DAY}, 27.9},
		{2, {31 * DAY, 40 * DAY}, {90 * DAY, 90 * DAY}, 27.9},
		{3, {12 * DAY, 20 * DAY, 10 * DAY}, {90 * DAY, 90 * DAY, 90 * DAY}, 9},
		/* in whichever direction */
		{2, {60 * DAY, 60 * DAY}, {90 * DAY, 90 * DAY}, 54},
		/* lifetimes within a tenth of the present one count, others do not */
		{2, {31 * DAY, 31 * DAY}, {99 * DAY, 81 * DAY}, 27.9},
		{2, {31 * DAY, 31 * DAY}, {99 * DAY + 1, 90 * DAY}, 0},
		{2, {31 * DAY, 31 * DAY}, {90 * DAY, 81 * DAY - 1}, 0},
		{3, {31 * DAY, 2 * DAY, 31 * DAY}, {90 * DAY, 45 * DAY, 90 * DAY}, 27.9},
		/* after the end is no rhythm; a second before it is one */
		{2, {31 * DAY, -DAY}, {90 * DAY, 90 * DAY}, 0},
		{3, {31 * DAY, -DAY, 31 * DAY}, {90 * DAY, 90 * DAY, 90 * DAY}, 27.9},
		{2, {31 * DAY, 1}, {90 * DAY, 90 * DAY}, 0.9 / DAY},
	};
	for (size_t i = 0; i < COUNT(rows) * 2; i++) {
		/* an address learns from what was seen there, not from another one's */
		size_t row = i / 2;
		size_t address = i % 2;
		renewal_trial trial;
		renewal_trial_init(&trial);
		int64_t begins[4] = {now - 30 * DAY};
		int64_t ends[4] = {now + 60 * DAY};
		for (size_t j = 0; j < rows[row].renewals; j++) {
			ends[j + 1] = begins[j] + rows[row].left[j];
			begins[j + 1] = ends[j + 1] - rows[row].lifetime[j];
		}
		for (size_t j = rows[row].renewals + 1; j > 0; j--) {
			trial_saw(&trial, address, (uint8_t)j, begins[j - 1], ends[j - 1], begins[j - 1]);
		}
		const judgement *verdict = renewal_trial_judge(&trial);
		bool learned = rows[row].due > 0 && address == 0;
		double due = learned ? rows[row].due * DAY : 30 * DAY;
		expect(verdict->due.source == (learned ? DUE_FROM_HISTORY : DUE_FROM_LIFETIME) &&
				   fabs(verdict->due.seconds - due) < 1e-6,
			   "row %zu: source %d, due %f", row, verdict->due.source, verdict->due.seconds);
		assert_true(fabs(verdict->warning.seconds - due * 5 / 6) < 1e-6);
		assert_true(fabs(verdict->critical.seconds - due / 3) < 1e-6);
		renewal_trial_free(&trial);
	}
}

/* One that is back, and one that is seen again, are no renewals. */
static void test_learned_from_renewals_only(void **state) {
	(void)state;
	renewal_trial trial;
	renewal_trial_init(&trial);
	trial_saw(&trial, 0, 3, now - 90 * DAY, now, now - 90 * DAY);
	trial_saw(&trial, 0, 2, now - 150 * DAY, now - 60 * DAY, now - 80 * DAY);
	trial_saw(&trial, 0, 1, now - 30 * DAY, now + 60 * DAY, now - 30 * DAY);
	assert_int_equal(renewal_trial_judge(&trial)->due.source, DUE_FROM_LIFETIME);
	renewal_trial_free(&trial);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deployment),
		cmocka_unit_test(test_deployment_by_the_end),
		cmocka_unit_test(test_deployment_of_what_cannot_be_compared),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_consistency),
		cmocka_unit_test(test_consistency_with_history),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_worst_address),
		cmocka_unit_test(test_malformed_date_at_one_address),
		cmocka_unit_test(test_finding_of_another_address),
		cmocka_unit_test(test_renewed),
		cmocka_unit_test(test_renewed_by_client),
		cmocka_unit_test(test_not_renewed),
		cmocka_unit_test(test_rollback),
		cmocka_unit_test(test_history_not_kept),
		cmocka_unit_test(test_learned),
		cmocka_unit_test(test_learned_from_renewals_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
