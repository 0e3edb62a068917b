/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which part of renewal broke, in the owner's words: a sentence for each reason. */
#include "renewal_trial.h"

#include "report/words.h"

static char hostile[] = "a|b\n\x1b"
						"c\xff";

static void deployed(renewal_trial *trial) { trial_keeps(trial, 1, 90 * DAY, 60 * DAY, DAY); }

static void not_deployed(renewal_trial *trial) {
	trial_keeps(trial, 2, 90 * DAY, 87 * DAY, 3 * DAY);
}

static void disk_fresh(renewal_trial *trial) { trial_keeps(trial, 2, 90 * DAY, 90 * DAY, 20 * 60); }

static void disk_older(renewal_trial *trial) { trial_keeps(trial, 2, 90 * DAY, 50 * DAY, DAY); }

static void other_names(renewal_trial *trial) {
	static char names[] = "a.example, b.example";
	not_deployed(trial);
	trial->disk.state = DISK_OTHER_NAMES;
	trial->disk.names = names;
}

static void unreadable_file(renewal_trial *trial) {
	static char problem[] = "Permission denied";
	not_deployed(trial);
	trial->disk.state = DISK_UNREADABLE;
	trial->disk.problem = problem;
}

/* What there was no memory for is left out. */
static void disk_without_words(renewal_trial *trial) {
	unreadable_file(trial);
	trial->disk.path = trial->disk.problem = NULL;
}

static void key_differs(renewal_trial *trial) {
	deployed(trial);
	trial->disk.key = DISK_KEY_DIFFERS;
}

static void hostile_path(renewal_trial *trial) {
	not_deployed(trial);
	trial->disk.path = hostile;
}

static void same_everywhere(renewal_trial *trial) { trial_serves(trial, 1, 1, 90 * DAY, 60 * DAY); }

static void equally_fresh(renewal_trial *trial) { trial_serves(trial, 1, 2, 90 * DAY, 59 * DAY); }

static void one_old(renewal_trial *trial) {
	trial_serves(trial, 1, 2, 90 * DAY, 87 * DAY);
	trial_serves(trial, 2, 2, 90 * DAY, 87 * DAY);
}

static void two_old(renewal_trial *trial) {
	one_old(trial);
	trial_serves(trial, 3, 1, 90 * DAY, 60 * DAY);
}

/* The one that is a day older than the newest is of the same round: not an old one. */
static void one_old_one_fresh(renewal_trial *trial) {
	one_old(trial);
	trial_serves(trial, 2, 3, 90 * DAY, 86 * DAY);
}

static void eleven_old(renewal_trial *trial) {
	for (size_t i = 1; i < 11; i++) {
		trial_serves(trial, i, 1, 90 * DAY, 60 * DAY);
	}
	trial_serves(trial, 11, 2, 90 * DAY, 87 * DAY);
}

static void fresh_somewhere(renewal_trial *trial) {
	trial_serves(trial, 1, 2, 90 * DAY, 90 * DAY - 5400);
}

static void dead_address(renewal_trial *trial) {
	same_everywhere(trial);
	trial_is_dead(trial, 2);
}

static void renewed_early(renewal_trial *trial) {
	int64_t end = now - 3 * HOUR + 41 * DAY;
	trial_serves(trial, 0, 2, 90 * DAY, 90 * DAY - 3 * HOUR);
	trial_saw(trial, 0, 1, end - 90 * DAY, end, end - 90 * DAY);
	trial_saw(trial, 0, 2, now - 3 * HOUR, now + 90 * DAY - 3 * HOUR, now - 3 * HOUR);
}

static void renewed_late(renewal_trial *trial) {
	renewed_early(trial);
	trial->entries[0].not_before -= 20 * DAY;
	trial->entries[0].not_after -= 20 * DAY;
}

static void renewed_now(renewal_trial *trial) {
	renewed_early(trial);
	trial->history.count = 1;
}

static void rollback(renewal_trial *trial) {
	trial_saw(trial, 0, 2, now - 5 * DAY, now + 85 * DAY, now - 5 * DAY);
}

static void history_not_kept(renewal_trial *trial) {
	trial->evidence.history_problem = "database or disk is full\n";
}

static void window_ahead(renewal_trial *trial) { trial_suggests(trial, -25 * DAY); }

static void window_ahead_soon(renewal_trial *trial) { trial_suggests(trial, -5 * HOUR); }

static void window_over(renewal_trial *trial) {
	trial_suggests(trial, 3 * DAY);
	strcpy(trial->ari.explanation_url, "https://ca.example/incident|\n");
}

static void ari_unknown(renewal_trial *trial) {
	trial->evidence.ari_problem = "the CA answered 404";
}

static void known(renewal_trial *trial) {
	trial_client(trial, (client_state){.kind = CLIENT_STATE_KNOWN});
}

static void healthy_with_plan(renewal_trial *trial) {
	known(trial);
	trial->client.next_attempt = now + 30 * DAY;
}

static void late(renewal_trial *trial) {
	trial_serves(trial, 0, 1, 90 * DAY, 20 * DAY);
	known(trial);
}

static void not_attempted(renewal_trial *trial) { late(trial); }

static void not_attempted_since(renewal_trial *trial) {
	late(trial);
	trial->client.last_attempt = now - 9 * DAY;
	trial->client.last_run = now - 8 * DAY;
}

static void failed(renewal_trial *trial) {
	late(trial);
	trial->client.last_failed = true;
}

static void failed_because(renewal_trial *trial) {
	static char reason[] = "DNS problem: NXDOMAIN|\n";
	failed(trial);
	trial->client.last_attempt = now - HOUR;
	trial->client.reason = reason;
}

static void idle(renewal_trial *trial) {
	failed_because(trial);
	trial->client.last_failed = false;
}

static void client_not_deployed(renewal_trial *trial) {
	late(trial);
	trial->client.not_before = now - DAY;
	trial->client.not_after = now + 89 * DAY;
}

static void client_not_deployed_path(renewal_trial *trial) {
	static char path[] = "/etc/letsencrypt/live/x/fullchain.pem";
	client_not_deployed(trial);
	trial->client.certificate = path;
}

static void partly_deployed(renewal_trial *trial) {
	known(trial);
	one_old(trial);
}

static void waiting(renewal_trial *trial) {
	late(trial);
	trial->client.next_attempt = now + 10 * DAY;
	trial->client.last_run = now - HOUR;
}

static void no_lineage(renewal_trial *trial) {
	trial_client(trial, (client_state){.kind = CLIENT_STATE_NO_LINEAGE});
}

static void state_unreadable(renewal_trial *trial) {
	static char problem[] = "/etc/letsencrypt: Permission denied";
	trial_client(trial, (client_state){.kind = CLIENT_STATE_UNREADABLE, .problem = problem});
}

static void state_without_words(renewal_trial *trial) {
	state_unreadable(trial);
	trial->client.problem = NULL;
	trial->client.client = NULL;
}

static void unknown_client_without_lineage(renewal_trial *trial) {
	no_lineage(trial);
	trial->client.client = NULL;
}

static void too_long(renewal_trial *trial) {
	trial_serves(trial, 0, 1, 398 * DAY, 200 * DAY);
	trial->seen[0].verification.public_root = true;
}

static void too_long_elsewhere(renewal_trial *trial) {
	trial_serves(trial, 1, 2, 398 * DAY, 200 * DAY);
	trial->seen[1].verification.public_root = true;
}

static void not_yet_valid_elsewhere(renewal_trial *trial) {
	trial_serves(trial, 1, 2, 90 * DAY, 95 * DAY);
}

/* now is 2027-01-15 08:00 UTC; the certificate was issued 30 days before, on 2026-12-16 */
static const struct {
	void (*happens)(renewal_trial *trial);
	finding_id id;
	finding_reason reason;
	const char *words;
} sentences[] = {
	{deployed, FINDING_DEPLOYMENT, REASON_DEPLOYED,
	 "the certificate on disk is the one that is served"},
	{not_deployed, FINDING_DEPLOYMENT, REASON_NOT_DEPLOYED,
	 "renewed on disk 3 days ago, but the service still serves the old certificate: reload it "
	 "(/etc/ssl/site.pem)"},
	{hostile_path, FINDING_DEPLOYMENT, REASON_NOT_DEPLOYED,
	 "renewed on disk 3 days ago, but the service still serves the old certificate: reload it "
	 "(a/b?"
	 "?c?)"},
	{disk_fresh, FINDING_DEPLOYMENT, REASON_DISK_FRESH,
	 "renewed on disk 20 minutes ago, not served yet (/etc/ssl/site.pem)"},
	{disk_older, FINDING_DEPLOYMENT, REASON_DISK_OLDER,
	 "the file is older than what is served: /etc/ssl/site.pem"},
	{other_names, FINDING_DEPLOYMENT, REASON_DISK_OTHER_NAMES,
	 "the file is for other names (a.example, b.example), not for www.example.jp: "
	 "/etc/ssl/site.pem"},
	{unreadable_file, FINDING_DEPLOYMENT, REASON_DISK_UNREADABLE,
	 "cannot compare with the file /etc/ssl/site.pem: Permission denied"},
	{disk_without_words, FINDING_DEPLOYMENT, REASON_DISK_UNREADABLE,
	 "cannot compare with the file : "},
	{key_differs, FINDING_DEPLOYMENT, REASON_KEY_DIFFERS,
	 "the private key beside the file does not belong to its certificate: /etc/ssl/site.pem"},
	{same_everywhere, FINDING_CONSISTENCY, REASON_SAME_EVERYWHERE,
	 "2 addresses, the same certificate"},
	{equally_fresh, FINDING_CONSISTENCY, REASON_EQUALLY_FRESH,
	 "2 addresses, different certificates, equally fresh"},
	{one_old, FINDING_CONSISTENCY, REASON_OLD_SOMEWHERE,
	 "1 of 3 addresses still serves the old certificate: 192.0.2.1 (reload there); the new one "
	 "appeared 3 days ago"},
	{two_old, FINDING_CONSISTENCY, REASON_OLD_SOMEWHERE,
	 "2 of 4 addresses still serve the old certificate: 192.0.2.1, 192.0.2.4 (reload there); the "
	 "new one appeared 3 days ago"},
	{one_old_one_fresh, FINDING_CONSISTENCY, REASON_OLD_SOMEWHERE,
	 "1 of 3 addresses still serves the old certificate: 192.0.2.1 (reload there); the new one "
	 "appeared 3 days ago"},
	{eleven_old, FINDING_CONSISTENCY, REASON_OLD_SOMEWHERE,
	 "11 of 12 addresses still serve the old certificate: 192.0.2.1, 192.0.2.2, 192.0.2.3, "
	 "192.0.2.4, 192.0.2.5, 192.0.2.6, 192.0.2.7, 192.0.2.8, ... (reload there); the new one "
	 "appeared 3 days ago"},
	{fresh_somewhere, FINDING_CONSISTENCY, REASON_FRESH_SOMEWHERE,
	 "1 of 2 addresses still serves the old certificate: 192.0.2.1 (reload there); the new one "
	 "appeared 30 minutes ago"},
	{dead_address, FINDING_UNREACHABLE, REASON_FAILED, "192.0.2.3: connection refused"},
	{renewed_early, FINDING_RENEWED, REASON_RENEWED,
	 "renewed 3 hours ago, 11 days before it was due, was valid until 2027-02-25"},
	{renewed_late, FINDING_RENEWED, REASON_RENEWED,
	 "renewed 3 hours ago, 9 days after it was due, was valid until 2027-02-05"},
	{renewed_now, FINDING_RENEWED, REASON_RENEWED,
	 "renewed just now, 11 days before it was due, was valid until 2027-02-25"},
	{rollback, FINDING_ROLLBACK, REASON_ROLLBACK,
	 "an older certificate is back: one issued 2027-01-10 was served here before, this one was "
	 "issued 2026-12-16"},
	{history_not_kept, FINDING_HISTORY, REASON_HISTORY_NOT_KEPT,
	 "history is not kept: database or disk is full?"},
	{window_ahead, FINDING_ARI, REASON_WINDOW_AHEAD, "the CA suggests renewal by 2027-02-09"},
	{window_ahead_soon, FINDING_ARI, REASON_WINDOW_AHEAD,
	 "the CA suggests renewal by 2027-01-15 13:00 UTC"},
	{window_over, FINDING_ARI, REASON_WINDOW_OVER,
	 "the CA wanted it renewed by 2027-01-12, 3 days ago; see https://ca.example/incident/?"},
	{ari_unknown, FINDING_ARI, REASON_ARI_UNKNOWN,
	 "the CA's suggestion is not known: the CA answered 404"},
	{known, FINDING_CAUSE, REASON_CLIENT_HEALTHY, "certbot is well"},
	{healthy_with_plan, FINDING_CAUSE, REASON_CLIENT_HEALTHY,
	 "certbot is well, means to renew on 2027-02-14"},
	{not_attempted, FINDING_CAUSE, REASON_CAUSE_NOT_ATTEMPTED,
	 "renewal is not attempted: certbot does not run: look at its timer, cron job or service"},
	{not_attempted_since, FINDING_CAUSE, REASON_CAUSE_NOT_ATTEMPTED,
	 "renewal is not attempted: certbot does not run, last trace 2027-01-07 08:00 UTC: look at its "
	 "timer, cron job or service"},
	{idle, FINDING_CAUSE, REASON_CAUSE_IDLE,
	 "certbot runs, last on 2027-01-15 07:00 UTC, but does not renew: look into its log: DNS "
	 "problem: "
	 "NXDOMAIN/?"},
	{failed, FINDING_CAUSE, REASON_CAUSE_FAILED, "renewal fails: certbot tried and failed"},
	{failed_because, FINDING_CAUSE, REASON_CAUSE_FAILED,
	 "renewal fails: certbot tried on 2027-01-15 07:00 UTC and failed: DNS problem: NXDOMAIN/?"},
	{client_not_deployed, FINDING_CAUSE, REASON_CAUSE_NOT_DEPLOYED,
	 "certbot has renewed, but the new certificate is not served: reload the service"},
	{client_not_deployed_path, FINDING_CAUSE, REASON_CAUSE_NOT_DEPLOYED,
	 "certbot has renewed, but the new certificate is not served: reload the service "
	 "(/etc/letsencrypt/live/x/fullchain.pem)"},
	{partly_deployed, FINDING_CAUSE, REASON_CAUSE_PARTLY_DEPLOYED,
	 "renewed, but deployed on some addresses only"},
	{waiting, FINDING_CAUSE, REASON_CAUSE_WAITING,
	 "certbot runs, but means to renew only on 2027-01-25"},
	{no_lineage, FINDING_CAUSE, REASON_CAUSE_NO_LINEAGE,
	 "certbot keeps no certificate for this name on this host"},
	{unknown_client_without_lineage, FINDING_CAUSE, REASON_CAUSE_NO_LINEAGE,
	 "the renewal client keeps no certificate for this name on this host"},
	{state_unreadable, FINDING_CAUSE, REASON_CAUSE_UNREADABLE,
	 "the renewal client's state cannot be read: /etc/letsencrypt: Permission denied"},
	{state_without_words, FINDING_CAUSE, REASON_CAUSE_UNREADABLE,
	 "the renewal client's state cannot be read: "},
	{too_long, FINDING_LIFETIME, REASON_LIFETIME_TOO_LONG,
	 "lifetime of 398 days is longer than the 200 days that the CA/Browser Forum allows for its "
	 "issue date"},
	/* what only another address has is told with its own figures */
	{too_long_elsewhere, FINDING_LIFETIME, REASON_LIFETIME_TOO_LONG,
	 "192.0.2.2: lifetime of 398 days is longer than the 200 days that the CA/Browser Forum allows "
	 "for its issue date"},
	{not_yet_valid_elsewhere, FINDING_NOT_YET_VALID, REASON_NOT_YET_VALID,
	 "192.0.2.2: certificate not valid before 2027-01-20, in 5 days (or this machine's clock is "
	 "wrong)"},
};

/* The judgement goes over to the entry; renewal_trial_free() frees what is left. */
static report_entry entry_of(renewal_trial *trial) {
	const judgement *verdict = renewal_trial_judge(trial);
	return (report_entry){
		.label = "www.example.jp",
		.verified_name = "www.example.jp",
		.protocol = "https",
		.seen = verdict->endpoint != NULL ? verdict->endpoint : &trial->seen[0],
		.evidence = &trial->evidence,
		.policy = &trial->policy,
		.verdict = *verdict,
	};
}

static void test_sentences(void **state) {
	(void)state;
	for (size_t i = 0; i < COUNT(sentences); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		sentences[i].happens(&trial);
		report_entry entry = entry_of(&trial);
		const finding *found = finding_of(&entry.verdict, sentences[i].id);
		expect(found->reason == sentences[i].reason, "row %zu: reason %d", i, found->reason);
		line line;
		line_init(&line);
		words_finding(&line, &entry, found);
		expect(strcmp(line.text, sentences[i].words) == 0, "row %zu: %s", i, line.text);
		renewal_trial_free(&trial);
	}
}

/* Each reason that is about renewal has its sentence here. */
static void test_every_reason(void **state) {
	(void)state;
	for (int reason = REASON_NOT_DEPLOYED; reason <= REASON_CLIENT_HEALTHY; reason++) {
		size_t count = 0;
		for (size_t i = 0; i < COUNT(sentences); i++) {
			count += sentences[i].reason == (finding_reason)reason;
		}
		expect(count > 0, "no sentence for reason %d", reason);
	}
}

static void learned(renewal_trial *trial) {
	trial_saw(trial, 0, 3, now - 139 * DAY, now - 49 * DAY, now - 139 * DAY);
	trial_saw(trial, 0, 2, now - 80 * DAY, now + 10 * DAY, now - 80 * DAY);
	trial_saw(trial, 0, 1, now - 30 * DAY, now + 60 * DAY, now - 30 * DAY);
}

/* Where due comes from is said; a renewal is said in the first line, whatever the state. */
static void test_headline(void **state) {
	(void)state;
	static const struct {
		void (*happens[2])(renewal_trial *trial);
		const char *words;
	} rows[] = {
		{{learned},
		 "60 days left, renewal due in 32 days (2027-02-16), usually renews 31 days before the "
		 "end"},
		{{window_ahead}, "60 days left, renewal due in 25 days (2027-02-09), as the CA suggests"},
		{{renewed_early},
		 "renewed 3 hours ago, 11 days before it was due, was valid until 2027-02-25; 90 days "
		 "left, "
		 "renewal due in 60 days (2027-03-16)"},
		{{failed},
		 "renewal fails: certbot tried and failed; 20 days left (expires 2027-02-04) (and 1 more "
		 "problem)"},
		{{not_deployed},
		 "renewed on disk 3 days ago, but the service still serves the old certificate: reload it "
		 "(/etc/ssl/site.pem); 60 days left (expires 2027-03-16)"},
		{{renewed_early, key_differs},
		 "the private key beside the file does not belong to its certificate: /etc/ssl/site.pem; "
		 "90 days left (expires 2027-04-15); renewed 3 hours ago, 11 days before it was due, was "
		 "valid until 2027-02-25"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_trial trial;
		renewal_trial_init(&trial);
		for (size_t j = 0; j < 2 && rows[i].happens[j] != NULL; j++) {
			rows[i].happens[j](&trial);
		}
		report_entry entry = entry_of(&trial);
		line line;
		line_init(&line);
		words_headline(&line, &entry);
		expect(strcmp(line.text, rows[i].words) == 0, "row %zu: %s", i, line.text);
		renewal_trial_free(&trial);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_every_reason),
		cmocka_unit_test(test_headline),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
