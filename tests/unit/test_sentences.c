/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The owner's words: the sentence of each finding about one endpoint, and the first line. */
#include "trial.h"

#include "report/words.h"

/* Sentences: what is broken, and what is then said about it. */

static void set_left(trial *trial, int64_t days) {
	certificate_lives(&trial->certificates[0], 90 * DAY, days * DAY);
}

static void ok_60(trial *trial) { set_left(trial, 60); }
static void just_due_28(trial *trial) { set_left(trial, 28); }
static void overdue_20(trial *trial) { set_left(trial, 20); }
static void overdue_1(trial *trial) { set_left(trial, 1); }
static void expired_2(trial *trial) { set_left(trial, -2); }

static void expired_hours(trial *trial) {
	certificate_lives(&trial->certificates[0], 90 * DAY, -3 * HOUR);
}

static void year_9999(trial *trial) {
	certificate_lives(&trial->certificates[0], 253402300799, 253402300799 - now);
}

static void inside_limit(trial *trial) {
	set_left(trial, 35);
	trial->policy.warning = (limit){.kind = LIMIT_SECONDS, .value = 40 * DAY};
}

static void inside_critical_limit(trial *trial) {
	inside_limit(trial);
	trial->policy.critical = (limit){.kind = LIMIT_SECONDS, .value = 36 * DAY};
}

static void below_range(trial *trial) {
	set_left(trial, 35);
	trial->policy.warning = (limit){LIMIT_RANGE, 0, mp_parse_range_string("40:").range};
}

static void in_alert_range(trial *trial) {
	set_left(trial, 35);
	trial->policy.warning = (limit){LIMIT_RANGE, 0, mp_parse_range_string("@0:40").range};
}

static void dates_unknown(trial *trial) { trial->certificates[0].not_after_known = false; }

static void not_yet(trial *trial) {
	certificate_lives(&trial->certificates[0], 90 * DAY, 95 * DAY);
}

static void chain_ends(trial *trial) {
	certificate_lives(&trial->certificates[1], 3650 * DAY, 8 * DAY);
}

static void chain_expired(trial *trial) {
	certificate_lives(&trial->certificates[1], 3650 * DAY, -8 * DAY);
}

static void chain_not_yet(trial *trial) {
	certificate_lives(&trial->certificates[1], 10 * DAY, 100 * DAY);
}

static void chain_unknown(trial *trial) { trial->certificates[1].not_after_known = false; }

static void root_ends(trial *trial) {
	certificate_lives(&trial->certificates[2], 3650 * DAY, 8 * DAY);
	trial_verify(trial);
}

static void weak_key(trial *trial) { trial->certificates[0].key_bits = 160; }

static void weak_signature(trial *trial) {
	static char signature[] = "sha1|With\nRSA";
	trial->certificates[1].signature = signature;
	trial->certificates[1].signature_weakness = SIGNATURE_SHA1;
}

static void weak_md5(trial *trial) { trial->certificates[1].signature_weakness = SIGNATURE_MD5; }

static void weak_tls(trial *trial) {
	trial->seen.tls_version = "TLSv1.1";
	trial->seen.tls_below_floor = true;
}

static void weak_other(trial *trial) { trial_problem(trial, VERIFY_WEAK, 0); }
static void wrong_name(trial *trial) { trial_problem(trial, VERIFY_HOSTNAME, 0); }

static void wrong_name_of_many(trial *trial) {
	static char *names[] = {"dns:a.test", "dns:*.b|.test", "ip:192.0.2.1", "dns:\xff", "dns:no"};
	trial->certificates[0].san = names;
	trial->certificates[0].san_count = 5;
	trial->certificates[0].san_total = 1000;
	wrong_name(trial);
}

static void trusted(trial *trial) { trial_verify(trial); }
static void self_signed(trial *trial) { trial_problem(trial, VERIFY_SELF_SIGNED, 0); }

static void self_signed_accepted(trial *trial) {
	trial->policy.selfsigned = true;
	self_signed(trial);
}

static void issuer_missing(trial *trial) { trial_problem(trial, VERIFY_ISSUER_MISSING, 0); }

static void unknown_issuer(trial *trial) {
	trial_verify(trial);
	trial_problem(trial, VERIFY_UNKNOWN_ISSUER, 1);
}

static void untrusted_root(trial *trial) {
	trial_verify(trial);
	trial_problem(trial, VERIFY_UNTRUSTED_ROOT, 2);
}

static void wrong_purpose(trial *trial) { trial_problem(trial, VERIFY_PURPOSE, 0); }

static void wrong_purpose_of_issuer(trial *trial) {
	trial_verify(trial);
	trial_problem(trial, VERIFY_PURPOSE, 1);
}

static void other_problem(trial *trial) {
	trial_verify(trial);
	trial_problem(trial, VERIFY_OTHER, 1);
}

static void fail_with(trial *trial, observation_step step, char *words, const char *advice) {
	trial->seen.served.count = 0;
	trial->seen.failed = step;
	trial->seen.failure = words;
	trial->seen.advice = advice;
}

static void refused(trial *trial) {
	static char words[] = "connection to 192.0.2.1 port 443 refused|\n";
	fail_with(trial, STEP_CONNECT, words, "is the service running?");
}

static void no_memory_for_words(trial *trial) { fail_with(trial, STEP_FILE, NULL, NULL); }

static void client_certificate(trial *trial) {
	trial->seen.failed = STEP_HANDSHAKE;
	trial->seen.client_certificate_required = true;
}

static void client_certificate_asked(trial *trial) { trial->seen.client_certificate_asked = true; }

/* now is 2027-01-15 08:00 UTC */
static const struct {
	void (*happens)(trial *trial);
	finding_id id;
	const char *words;
} sentences[] = {
	{ok_60, FINDING_EXPIRY, "60 days left, renewal due in 30 days (2027-02-14)"},
	{just_due_28, FINDING_EXPIRY,
	 "28 days left, renewal was due 2 days ago (2027-01-13), warning under 25 days"},
	{overdue_20, FINDING_EXPIRY,
	 "automatic renewal overdue by 10 days, 20 days left (expires 2027-02-04)"},
	{overdue_1, FINDING_EXPIRY,
	 "automatic renewal overdue by 29 days, 24 hours left (expires 2027-01-16 08:00 UTC)"},
	{expired_2, FINDING_EXPIRY, "certificate expired 2 days ago (2027-01-13)"},
	{expired_hours, FINDING_EXPIRY, "certificate expired 3 hours ago (2027-01-15 05:00 UTC)"},
	{year_9999, FINDING_EXPIRY, "2912064 days left, renewal due in 2912034 days (9999-12-01)"},
	{inside_limit, FINDING_EXPIRY,
	 "35 days left (expires 2027-02-19), under the warning limit of 40 days; renewal due in 5 "
	 "days"},
	{inside_critical_limit, FINDING_EXPIRY,
	 "35 days left (expires 2027-02-19), under the critical limit of 36 days; renewal due in 5 "
	 "days"},
	{below_range, FINDING_EXPIRY,
	 "35 days left (expires 2027-02-19), outside the warning range; renewal due in 5 days"},
	{in_alert_range, FINDING_EXPIRY,
	 "35 days left (expires 2027-02-19), inside the warning range; renewal due in 5 days"},
	{dates_unknown, FINDING_EXPIRY, "the dates of the certificate are malformed"},
	{not_yet, FINDING_NOT_YET_VALID,
	 "certificate not valid before 2027-01-20, in 5 days (or this machine's clock is wrong)"},
	{chain_ends, FINDING_CHAIN_EXPIRY,
	 "intermediate certificate \"Intermediate\" ends before the server's own: 8 days left (expires "
	 "2027-01-23)"},
	{root_ends, FINDING_CHAIN_EXPIRY,
	 "root certificate \"Root\" ends before the server's own: 8 days left (expires 2027-01-23)"},
	{chain_expired, FINDING_CHAIN_EXPIRY,
	 "intermediate certificate \"Intermediate\" expired 8 days ago (2027-01-07)"},
	{chain_not_yet, FINDING_CHAIN_EXPIRY,
	 "intermediate certificate \"Intermediate\" not valid before 2027-04-15"},
	{chain_unknown, FINDING_CHAIN_EXPIRY,
	 "intermediate certificate \"Intermediate\" has a malformed date"},
	{weak_key, FINDING_WEAK, "EC key of 160 bits is too short in certificate \"www.example.jp\""},
	{weak_signature, FINDING_WEAK,
	 "weak signature sha1/With?RSA (SHA-1) on certificate \"Intermediate\""},
	{weak_md5, FINDING_WEAK,
	 "weak signature ecdsa-with-SHA256 (MD5) on certificate \"Intermediate\""},
	{weak_tls, FINDING_WEAK, "TLSv1.1 is too old: TLS 1.2 is the least today"},
	{weak_other, FINDING_WEAK, "openssl's words"},
	{ok_60, FINDING_HOSTNAME, "certificate is for www.example.jp"},
	{wrong_name, FINDING_HOSTNAME,
	 "certificate is not for www.example.jp, but for \"www.example.jp\""},
	{wrong_name_of_many, FINDING_HOSTNAME,
	 "certificate is not for www.example.jp, but for a.test, *.b/.test, 192.0.2.1, ? and 996 more"},
	{trusted, FINDING_TRUST, "trusted by \"Root\""},
	{self_signed, FINDING_TRUST,
	 "self-signed certificate, not trusted here (-s accepts it, -r FILE trusts it)"},
	{self_signed_accepted, FINDING_TRUST, "self-signed certificate, accepted as asked"},
	{issuer_missing, FINDING_TRUST,
	 "intermediate certificate missing: \"Intermediate\", which issued the certificate, is not "
	 "sent "
	 "by the server and not trusted here (serve the full chain)"},
	{unknown_issuer, FINDING_TRUST,
	 "unknown issuer: \"Root\", which issued \"Intermediate\", is not trusted here (an own CA? "
	 "-r FILE)"},
	{untrusted_root, FINDING_TRUST,
	 "unknown issuer: root \"Root\" is not trusted here (an own CA? -r FILE)"},
	{wrong_purpose, FINDING_TRUST, "the certificate is not for TLS servers (extended key usage)"},
	{wrong_purpose_of_issuer, FINDING_TRUST,
	 "a certificate in the chain may not issue TLS server certificates: \"Intermediate\""},
	{other_problem, FINDING_TRUST, "not trusted: openssl's words (certificate \"Intermediate\")"},
	{refused, FINDING_UNREACHABLE,
	 "connection to 192.0.2.1 port 443 refused/? (is the service running?)"},
	{no_memory_for_words, FINDING_FILE, "out of memory"},
	{client_certificate, FINDING_HANDSHAKE,
	 "the server requires a client certificate and none was sent; its own certificate is judged "
	 "all the same"},
	{client_certificate_asked, FINDING_HANDSHAKE,
	 "the server asked for a client certificate, none was sent"},
};

/* The judgement goes over to the entry; trial_free() frees what is left. */
static report_entry entry_of(trial *trial) {
	return (report_entry){
		.label = "www.example.jp",
		.verified_name = "www.example.jp",
		.protocol = "https",
		.seen = &trial->seen,
		.policy = &trial->policy,
		.verdict = *trial_judge(trial),
	};
}

static void test_sentences(void **state) {
	(void)state;
	for (size_t i = 0; i < COUNT(sentences); i++) {
		trial trial;
		trial_init(&trial);
		sentences[i].happens(&trial);
		report_entry entry = entry_of(&trial);
		line line;
		line_init(&line);
		words_finding(&line, &entry, finding_of(&entry.verdict, sentences[i].id));
		expect(strcmp(line.text, sentences[i].words) == 0, "row %zu: %s", i, line.text);
		trial_free(&trial);
	}
}

/* A file sends nothing: what is missing is missing there. */
static void test_sentences_of_files(void **state) {
	(void)state;
	trial trial;
	trial_init_file(&trial);
	trial.seen.verification.trust_asked = true;
	issuer_missing(&trial);
	report_entry entry = entry_of(&trial);
	line line;
	line_init(&line);
	words_finding(&line, &entry, finding_of(&entry.verdict, FINDING_TRUST));
	assert_string_equal(line.text,
						"intermediate certificate missing: \"Intermediate\", which issued the "
						"certificate, is not in the file and not trusted here");
	trial_free(&trial);
}

/* The first line stands alone: what is wrong, days left, date, and that there is more. */
static void test_headline(void **state) {
	(void)state;
	static const struct {
		void (*happens[3])(trial *trial);
		const char *words;
	} rows[] = {
		{{ok_60}, "60 days left, renewal due in 30 days (2027-02-14)"},
		{{overdue_20}, "automatic renewal overdue by 10 days, 20 days left (expires 2027-02-04)"},
		{{self_signed},
		 "self-signed certificate, not trusted here (-s accepts it, -r FILE trusts it); 60 days "
		 "left "
		 "(expires 2027-03-16)"},
		{{self_signed, overdue_20},
		 "self-signed certificate, not trusted here (-s accepts it, -r FILE trusts it); 20 days "
		 "left "
		 "(expires 2027-02-04) (and 1 more problem)"},
		{{self_signed, overdue_20, weak_tls},
		 "self-signed certificate, not trusted here (-s accepts it, -r FILE trusts it); 20 days "
		 "left "
		 "(expires 2027-02-04) (and 2 more problems)"},
		{{self_signed, expired_2},
		 "certificate expired 2 days ago (2027-01-13) (and 1 more problem)"},
		{{refused}, "connection to 192.0.2.1 port 443 refused/? (is the service running?)"},
		/* a client certificate was asked for: no problem, so the days are what is wanted */
		{{ok_60, client_certificate_asked}, "60 days left, renewal due in 30 days (2027-02-14)"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		trial trial;
		trial_init(&trial);
		for (size_t j = 0; j < 3 && rows[i].happens[j] != NULL; j++) {
			rows[i].happens[j](&trial);
		}
		report_entry entry = entry_of(&trial);
		line line;
		line_init(&line);
		words_headline(&line, &entry);
		expect(strcmp(line.text, rows[i].words) == 0, "row %zu: %s", i, line.text);
		trial_free(&trial);
	}
}

static void test_headline_of_nothing(void **state) {
	(void)state;
	trial trial;
	trial_init(&trial);
	for (int id = 0; id < FINDING_COUNT; id++) {
		trial.policy.severity[id] = SEVERITY_IGNORE;
	}
	report_entry entry = entry_of(&trial);
	line line;
	line_init(&line);
	words_headline(&line, &entry);
	assert_string_equal(line.text, "nothing judged: each finding is ignored");
	trial_free(&trial);
}

static void test_limit_note(void **state) {
	(void)state;
	trial trial;
	trial_init(&trial);
	trial.policy.warning = (limit){.kind = LIMIT_SECONDS, .value = 100 * DAY};
	report_entry entry = entry_of(&trial);
	line line;
	line_init(&line);
	words_limit_note(&line, &entry);
	assert_string_equal(line.text,
						"; a limit of 100 days is longer than the whole lifetime of 90 days, so "
						"this can never be OK: -w 27% would do");
	trial.policy.critical = (limit){.kind = LIMIT_SECONDS, .value = 95 * DAY};
	entry = entry_of(&trial);
	line_init(&line);
	words_limit_note(&line, &entry);
	assert_string_equal(line.text,
						"; a limit of 100 days is longer than the whole lifetime of 90 days, so "
						"this can never be OK: -w 27% -c 11% would do");
	trial.policy.critical.value = 10 * DAY;
	trial.policy.warning.value = 90 * DAY;
	entry = entry_of(&trial);
	line_init(&line);
	words_limit_note(&line, &entry);
	assert_string_equal(line.text, "");
	trial_free(&trial);
}

/* Names of any length and kind leave a line that is bounded and clean. */
static void test_hostile_names(void **state) {
	(void)state;
	static char name[512 + 1];
	for (size_t i = 0; i < sizeof(name) - 1; i++) {
		name[i] = "|\n\x1b\xff\x01"[i % 5];
	}
	for (size_t i = 0; i < COUNT(sentences); i++) {
		trial trial;
		trial_init(&trial);
		for (size_t j = 0; j < 3; j++) {
			trial.certificates[j].name = trial.certificates[j].issuer_name = name;
		}
		sentences[i].happens(&trial);
		report_entry entry = entry_of(&trial);
		line line;
		line_init(&line);
		words_headline(&line, &entry);
		assert_in_range(line.length, 1, LINE_MAX_BYTES);
		assert_null(strpbrk(line.text, "|\n\x1b\xff\x01"));
		trial_free(&trial);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),  cmocka_unit_test(test_sentences_of_files),
		cmocka_unit_test(test_headline),   cmocka_unit_test(test_headline_of_nothing),
		cmocka_unit_test(test_limit_note), cmocka_unit_test(test_hostile_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
