/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The judge on everything around the certificate: chain, strength, name, trust, failed steps. */
#include "trial.h"

#include <stdlib.h>

/* Chain */

static void test_chain_expiry(void **state) {
	(void)state;
	/* The leaf has 28 days left of 90 (OK; warning under 25, critical under 10). */
	static const struct {
		int64_t remaining; /* of the intermediate */
		bool found;
		mp_state_enum state;
		finding_reason reason;
	} rows[] = {
		{28 * DAY + 1, false, STATE_OK, REASON_VALID},
		{28 * DAY, false, STATE_OK, REASON_VALID},
		/* before the leaf, outside the limits: said, not alerted */
		{28 * DAY - 1, true, STATE_OK, REASON_ENDS_BEFORE},
		{25 * DAY, true, STATE_OK, REASON_ENDS_BEFORE},
		{25 * DAY - 1, true, STATE_WARNING, REASON_ENDS_BEFORE},
		{10 * DAY, true, STATE_WARNING, REASON_ENDS_BEFORE},
		{10 * DAY - 1, true, STATE_CRITICAL, REASON_ENDS_BEFORE},
		{1, true, STATE_CRITICAL, REASON_ENDS_BEFORE},
		{0, true, STATE_CRITICAL, REASON_EXPIRED},
		{-1, true, STATE_CRITICAL, REASON_EXPIRED},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (int verified = 0; verified < 2; verified++) {
			trial trial;
			trial_init(&trial);
			certificate_lives(&trial.certificates[0], 90 * DAY, 28 * DAY);
			certificate_lives(&trial.certificates[1], 3650 * DAY, rows[i].remaining);
			if (verified) {
				trial_verify(&trial);
			}
			const judgement *verdict = trial_judge(&trial);
			expect(count_of(verdict, FINDING_CHAIN_EXPIRY) == (rows[i].found ? 1 : 0), "row %zu",
				   i);
			assert_int_equal(verdict->state, rows[i].state);
			if (rows[i].found) {
				const finding *found = finding_of(verdict, FINDING_CHAIN_EXPIRY);
				expect(found->state == rows[i].state && found->reason == rows[i].reason,
					   "row %zu: state %d, reason %d", i, found->state, found->reason);
				assert_int_equal(found->seconds, rows[i].remaining);
				assert_ptr_equal(found->certificate,
								 verified ? &trial.path[1] : &trial.certificates[1]);
				assert_true(found->notable);
			}
			trial_free(&trial);
		}
	}
}

/* The path that was verified counts: a root that was not served, and no extra certificate that was.
 */
static void test_chain_in_use(void **state) {
	(void)state;
	trial trial;
	trial_init(&trial);
	certificate_lives(&trial.certificates[2], 3650 * DAY, 5 * DAY);
	trial_verify(&trial);
	const judgement *verdict = trial_judge(&trial);
	assert_int_equal(count_of(verdict, FINDING_CHAIN_EXPIRY), 1);
	assert_ptr_equal(finding_of(verdict, FINDING_CHAIN_EXPIRY)->certificate, &trial.path[2]);
	assert_int_equal(verdict->state, STATE_CRITICAL);
	trial_free(&trial);

	trial_init(&trial);
	trial_verify(&trial);
	certificate_lives(&trial.certificates[1], 3650 * DAY, -DAY); /* served, but not in the path */
	verdict = trial_judge(&trial);
	assert_int_equal(count_of(verdict, FINDING_CHAIN_EXPIRY), 0);
	assert_int_equal(verdict->state, STATE_OK);
	trial_free(&trial);
}

static void test_chain_dates(void **state) {
	(void)state;
	trial trial;
	trial_init(&trial);
	trial.certificates[1].not_before = now;
	assert_int_equal(count_of(trial_judge(&trial), FINDING_CHAIN_EXPIRY), 0);
	trial.certificates[1].not_before = now + 1;
	const finding *found = finding_of(trial_judge(&trial), FINDING_CHAIN_EXPIRY);
	assert_int_equal(found->state, STATE_CRITICAL);
	assert_int_equal(found->reason, REASON_NOT_YET_VALID);
	assert_int_equal(found->seconds, 1);
	trial.certificates[1].not_after_known = false;
	found = finding_of(trial_judge(&trial), FINDING_CHAIN_EXPIRY);
	assert_int_equal(found->state, STATE_CRITICAL);
	assert_int_equal(found->reason, REASON_DATE_UNKNOWN);
	trial_free(&trial);

	/* Where the leaf's own dates are malformed there is nothing to compare with; expired still is.
	 */
	trial_init(&trial);
	trial.certificates[0].not_after_known = false;
	certificate_lives(&trial.certificates[1], 3650 * DAY, DAY);
	assert_int_equal(count_of(trial_judge(&trial), FINDING_CHAIN_EXPIRY), 0);
	certificate_lives(&trial.certificates[1], 3650 * DAY, -DAY);
	assert_int_equal(finding_of(trial_judge(&trial), FINDING_CHAIN_EXPIRY)->reason, REASON_EXPIRED);
	trial_free(&trial);
}

/*
 * Findings are bounded, as the network decides how many certificates there are. What falls away
 * must not be what decides.
 */
static void test_many_findings_hide_nothing(void **state) {
	(void)state;
	enum {
		many = 500
	};
	trial trial;
	trial_init(&trial);
	certificate *certificates = calloc(many, sizeof(*certificates));
	assert_non_null(certificates);
	for (size_t i = 0; i < many; i++) {
		certificates[i] = trial.certificates[i == 0 ? 0 : 1];
		certificates[i].key_bits = 160;
		certificate_lives(&certificates[i], 3650 * DAY, i == 0 ? 60 * DAY : 59 * DAY);
	}
	certificate_lives(&certificates[many - 1], 3650 * DAY, -DAY);
	trial.seen.served = (chain){certificates, many};
	trial_problem(&trial, VERIFY_HOSTNAME, 0);
	trial_problem(&trial, VERIFY_ISSUER_MISSING, 0);
	const judgement *verdict = trial_judge(&trial);
	assert_int_equal(verdict->finding_count, JUDGEMENT_FINDINGS_MAX);
	assert_int_equal(verdict->state, STATE_CRITICAL);
	assert_int_equal(finding_of(verdict, FINDING_CHAIN_EXPIRY)->reason, REASON_EXPIRED);
	assert_int_equal(finding_of(verdict, FINDING_HOSTNAME)->reason, REASON_NAME_MISMATCH);
	assert_int_equal(finding_of(verdict, FINDING_TRUST)->reason, REASON_NOT_TRUSTED);
	for (size_t i = 1; i < many; i++) {
		certificate_lives(&certificates[i], 3650 * DAY, -DAY);
	}
	verdict = trial_judge(&trial);
	assert_int_equal(finding_of(verdict, FINDING_HOSTNAME)->reason, REASON_NAME_MISMATCH);
	assert_int_equal(finding_of(verdict, FINDING_TRUST)->reason, REASON_NOT_TRUSTED);
	/* Only the last of all expired; the others are made the user's own choice. */
	for (size_t i = 1; i < many - 1; i++) {
		certificate_lives(&certificates[i], 3650 * DAY, 59 * DAY);
	}
	trial.policy.severity[FINDING_HOSTNAME] = SEVERITY_OK;
	trial.policy.severity[FINDING_TRUST] = SEVERITY_OK;
	trial.policy.severity[FINDING_WEAK] = SEVERITY_OK;
	assert_int_equal(trial_judge(&trial)->state, STATE_CRITICAL);
	trial_free(&trial);
	free(certificates);
}

/* Strength */

static void test_weak_keys(void **state) {
	(void)state;
	static const struct {
		const char *type;
		int bits;
		bool weak;
	} rows[] = {
		{"RSA", 2047, true},     {"RSA", 2048, false},    {"RSA", 1024, true},
		{"RSA", 4096, false},    {"RSA-PSS", 2047, true}, {"RSA-PSS", 2048, false},
		{"DSA", 2047, true},     {"DSA", 2048, false},    {"EC", 223, true},
		{"EC", 224, false},      {"EC", 256, false},      {"ED25519", 253, false},
		{"ED448", 456, false},   {"unknown", 0, false},   {"RSA", 0, false},
		{"ML-DSA-44", 0, false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t place = 0; place < 3; place++) {
			char type[16];
			strcpy(type, rows[i].type);
			trial trial;
			trial_init(&trial);
			trial.seen.served.count = 3;
			trial.certificates[place].key_type = type;
			trial.certificates[place].key_bits = rows[i].bits;
			const judgement *verdict = trial_judge(&trial);
			expect(verdict->state == (rows[i].weak ? STATE_WARNING : STATE_OK), "row %zu", i);
			if (rows[i].weak) {
				const finding *weak = finding_of(verdict, FINDING_WEAK);
				assert_int_equal(weak->reason, REASON_WEAK_KEY);
				assert_ptr_equal(weak->certificate, &trial.certificates[place]);
			}
			trial_free(&trial);
		}
	}
}

static void test_weak_signatures(void **state) {
	(void)state;
	static const signature_weakness weaknesses[] = {SIGNATURE_MD5, SIGNATURE_SHA1};
	for (size_t i = 0; i < COUNT(weaknesses); i++) {
		trial trial;
		trial_init(&trial);
		trial.seen.served.count = 3;
		/* A root's own signature proves nothing. */
		trial.certificates[2].signature_weakness = weaknesses[i];
		assert_int_equal(trial_judge(&trial)->finding_count, 3);
		assert_int_equal(trial.verdict.state, STATE_OK);
		trial.certificates[1].signature_weakness = weaknesses[i];
		const finding *weak = finding_of(trial_judge(&trial), FINDING_WEAK);
		assert_int_equal(trial.verdict.state, STATE_WARNING);
		assert_int_equal(weak->reason, REASON_WEAK_SIGNATURE);
		assert_ptr_equal(weak->certificate, &trial.certificates[1]);
		/* OpenSSL's own word on the same thing is not said twice ... */
		trial_problem(&trial, VERIFY_WEAK, 1);
		assert_int_equal(count_of(trial_judge(&trial), FINDING_WEAK), 1);
		trial_free(&trial);
	}
	/* ... but is said where nothing else was found. */
	trial trial;
	trial_init(&trial);
	trial_problem(&trial, VERIFY_WEAK, 1);
	const finding *weak = finding_of(trial_judge(&trial), FINDING_WEAK);
	assert_int_equal(weak->reason, REASON_WEAK_OTHER);
	assert_string_equal(weak->problem.words, "openssl's words");
	assert_int_equal(trial.verdict.state, STATE_WARNING);
	trial_free(&trial);
}

static void test_weak_tls_and_files(void **state) {
	(void)state;
	trial trial;
	trial_init(&trial);
	trial.seen.tls_below_floor = true;
	const finding *weak = finding_of(trial_judge(&trial), FINDING_WEAK);
	assert_int_equal(weak->reason, REASON_WEAK_TLS);
	assert_int_equal(weak->state, STATE_WARNING);
	trial_free(&trial);
	/* Of files alone, expiry and chain-expiry are judged. */
	trial_init_file(&trial);
	trial.certificates[0].key_bits = 160;
	trial.certificates[0].signature_weakness = SIGNATURE_MD5;
	assert_int_equal(trial_judge(&trial)->finding_count, 1);
	assert_int_equal(trial.verdict.findings[0].id, FINDING_EXPIRY);
	assert_int_equal(trial.verdict.state, STATE_OK);
	trial_free(&trial);
}

/* Name and trust */

static void test_verification(void **state) {
	(void)state;
	static const struct {
		verify_problem_kind kind;
		bool selfsigned; /* -s */
		finding_id id;
		mp_state_enum state;
		finding_reason reason;
	} rows[] = {
		{VERIFY_HOSTNAME, false, FINDING_HOSTNAME, STATE_CRITICAL, REASON_NAME_MISMATCH},
		{VERIFY_OTHER, false, FINDING_TRUST, STATE_CRITICAL, REASON_NOT_TRUSTED},
		{VERIFY_PURPOSE, false, FINDING_TRUST, STATE_CRITICAL, REASON_NOT_TRUSTED},
		{VERIFY_SELF_SIGNED, false, FINDING_TRUST, STATE_CRITICAL, REASON_NOT_TRUSTED},
		{VERIFY_ISSUER_MISSING, false, FINDING_TRUST, STATE_CRITICAL, REASON_NOT_TRUSTED},
		{VERIFY_UNKNOWN_ISSUER, false, FINDING_TRUST, STATE_CRITICAL, REASON_NOT_TRUSTED},
		{VERIFY_UNTRUSTED_ROOT, false, FINDING_TRUST, STATE_CRITICAL, REASON_NOT_TRUSTED},
		/* -s is about a self-signed leaf alone, neither about other issuers nor about the name */
		{VERIFY_SELF_SIGNED, true, FINDING_TRUST, STATE_OK, REASON_SELF_SIGNED_ACCEPTED},
		{VERIFY_UNTRUSTED_ROOT, true, FINDING_TRUST, STATE_CRITICAL, REASON_NOT_TRUSTED},
		{VERIFY_UNKNOWN_ISSUER, true, FINDING_TRUST, STATE_CRITICAL, REASON_NOT_TRUSTED},
		{VERIFY_HOSTNAME, true, FINDING_HOSTNAME, STATE_CRITICAL, REASON_NAME_MISMATCH},
		/* dates and strength are findings of their own, by their own rules */
		{VERIFY_EXPIRED, false, FINDING_TRUST, STATE_OK, REASON_TRUSTED},
		{VERIFY_NOT_YET_VALID, false, FINDING_TRUST, STATE_OK, REASON_TRUSTED},
		{VERIFY_WEAK, false, FINDING_TRUST, STATE_OK, REASON_TRUSTED},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		trial trial;
		trial_init(&trial);
		trial_problem(&trial, rows[i].kind, 1);
		trial.policy.selfsigned = rows[i].selfsigned;
		const finding *found = finding_of(trial_judge(&trial), rows[i].id);
		expect(found->state == rows[i].state && found->reason == rows[i].reason,
			   "row %zu: state %d, reason %d", i, found->state, found->reason);
		if (found->reason == REASON_NOT_TRUSTED) {
			assert_int_equal(found->problem.kind, rows[i].kind);
			assert_int_equal(found->problem.depth, 1);
		}
		/* One trouble is one finding, and the other judgement is there beside it. */
		finding_id other = rows[i].id == FINDING_TRUST ? FINDING_HOSTNAME : FINDING_TRUST;
		assert_int_equal(count_of(&trial.verdict, rows[i].id), 1);
		assert_int_equal(finding_of(&trial.verdict, other)->state, STATE_OK);
		trial_free(&trial);
	}
}

/* An accepted self-signed certificate is not trusted for everything: another problem still counts.
 */
static void test_selfsigned_with_another_problem(void **state) {
	(void)state;
	trial trial;
	trial_init(&trial);
	trial.policy.selfsigned = true;
	trial_problem(&trial, VERIFY_SELF_SIGNED, 0);
	trial_problem(&trial, VERIFY_OTHER, 0);
	trial_problem(&trial, VERIFY_HOSTNAME, 0);
	const judgement *verdict = trial_judge(&trial);
	assert_int_equal(finding_of(verdict, FINDING_TRUST)->problem.kind, VERIFY_OTHER);
	assert_int_equal(finding_of(verdict, FINDING_HOSTNAME)->state, STATE_CRITICAL);
	trial_free(&trial);
}

static void test_what_was_not_asked_is_not_judged(void **state) {
	(void)state;
	trial trial;
	trial_init_file(&trial);
	assert_int_equal(trial_judge(&trial)->finding_count, 1);
	trial.seen.verification.name_asked = true; /* -f with -H */
	assert_int_equal(finding_of(trial_judge(&trial), FINDING_HOSTNAME)->state, STATE_OK);
	assert_int_equal(trial.verdict.finding_count, 2);
	trial.seen.verification.trust_asked = true; /* -f with -r and -H */
	assert_int_equal(finding_of(trial_judge(&trial), FINDING_TRUST)->reason, REASON_TRUSTED);
	assert_int_equal(trial.verdict.finding_count, 3);
	trial_free(&trial);
}

/* Steps that failed */

static void test_failures(void **state) {
	(void)state;
	static const struct {
		observation_step failed;
		finding_id id;
		mp_state_enum state;
	} rows[] = {
		{STEP_USAGE, FINDING_USAGE, STATE_UNKNOWN},
		{STEP_FILE, FINDING_FILE, STATE_UNKNOWN},
		{STEP_RESOLVE, FINDING_UNREACHABLE, STATE_CRITICAL},
		{STEP_CONNECT, FINDING_UNREACHABLE, STATE_CRITICAL},
		{STEP_HANDSHAKE, FINDING_HANDSHAKE, STATE_CRITICAL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		trial trial;
		trial_init(&trial);
		trial.seen.served.count = 0;
		trial.seen.failed = rows[i].failed;
		trial.seen.client_certificate_required =
			true; /* no excuse without a certificate to judge */
		const judgement *verdict = trial_judge(&trial);
		assert_int_equal(verdict->finding_count, 1);
		assert_int_equal(verdict->state, rows[i].state);
		assert_int_equal(verdict->findings[0].id, rows[i].id);
		assert_int_equal(verdict->findings[0].state, rows[i].state);
		assert_int_equal(verdict->findings[0].reason, REASON_FAILED);
		assert_false(verdict->measured);
		trial_free(&trial);
	}
}

/* A handshake that failed after the certificate was shown: the failure counts, and so does expiry.
 */
static void test_failure_after_the_certificate(void **state) {
	(void)state;
	trial trial;
	trial_init(&trial);
	trial.seen.failed = STEP_HANDSHAKE;
	certificate_lives(&trial.certificates[0], 90 * DAY, 20 * DAY);
	const judgement *verdict = trial_judge(&trial);
	assert_int_equal(finding_of(verdict, FINDING_HANDSHAKE)->state, STATE_CRITICAL);
	assert_int_equal(finding_of(verdict, FINDING_EXPIRY)->state, STATE_WARNING);
	assert_int_equal(verdict->state, STATE_CRITICAL);
	/* It failed for want of a client certificate: the server's own can be judged, so that is fine.
	 */
	trial.seen.client_certificate_required = true;
	verdict = trial_judge(&trial);
	const finding *handshake = finding_of(verdict, FINDING_HANDSHAKE);
	assert_int_equal(handshake->state, STATE_OK);
	assert_int_equal(handshake->reason, REASON_CLIENT_CERTIFICATE);
	assert_true(handshake->notable);
	assert_int_equal(verdict->state, STATE_WARNING);
	trial_free(&trial);
}

static void test_client_certificate_asked(void **state) {
	(void)state;
	trial trial;
	trial_init(&trial);
	trial.seen.client_certificate_asked = true;
	const finding *handshake = finding_of(trial_judge(&trial), FINDING_HANDSHAKE);
	assert_int_equal(handshake->state, STATE_OK);
	assert_int_equal(handshake->reason, REASON_CLIENT_CERTIFICATE_ASKED);
	assert_true(handshake->notable);
	/* A handshake of which there is nothing to say is no finding. */
	trial.seen.client_certificate_asked = false;
	assert_int_equal(count_of(trial_judge(&trial), FINDING_HANDSHAKE), 0);
	trial_free(&trial);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain_expiry),
		cmocka_unit_test(test_chain_in_use),
		cmocka_unit_test(test_chain_dates),
		cmocka_unit_test(test_many_findings_hide_nothing),
		cmocka_unit_test(test_weak_keys),
		cmocka_unit_test(test_weak_signatures),
		cmocka_unit_test(test_weak_tls_and_files),
		cmocka_unit_test(test_verification),
		cmocka_unit_test(test_selfsigned_with_another_problem),
		cmocka_unit_test(test_what_was_not_asked_is_not_judged),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_failure_after_the_certificate),
		cmocka_unit_test(test_client_certificate_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
