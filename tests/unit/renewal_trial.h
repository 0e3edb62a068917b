/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that can be known of one target, made by hand, for the tests of the rules on renewal. */
#ifndef CHECK_CERT_RENEWAL_TESTS_RENEWAL_TRIAL_H
#define CHECK_CERT_RENEWAL_TESTS_RENEWAL_TRIAL_H

#include "trial.h"

#include <stdio.h>

enum {
	TRIAL_ENDPOINTS = 12,
	TRIAL_ENTRIES = 8
};

/* One endpoint that is in order, and nothing else known; each test adds what it is about. */
typedef struct renewal_trial {
	certificate leaves[TRIAL_ENDPOINTS];
	observation seen[TRIAL_ENDPOINTS];
	certificate kept;
	disk_certificate disk;
	history_entry entries[TRIAL_ENTRIES];
	history_record history;
	renewal_info ari;
	client_state client;
	evidence evidence;
	policy policy;
	judgement verdict;
} renewal_trial;

/* A certificate known by a number: the same number, the same fingerprint. */
static inline certificate certificate_numbered(uint8_t number, int64_t lifetime,
											   int64_t remaining) {
	certificate result = {.sha256 = {number}};
	certificate_lives(&result, lifetime, remaining);
	return result;
}

/* The endpoint 192.0.2.1 + index serves that certificate. Endpoints are added in order. */
static inline void trial_serves(renewal_trial *trial, size_t index, uint8_t number,
								int64_t lifetime, int64_t remaining) {
	observation *seen = &trial->seen[index];
	trial->leaves[index] = certificate_numbered(number, lifetime, remaining);
	observation_init(seen);
	seen->failed = STEP_DONE;
	snprintf(seen->address, sizeof(seen->address), "192.0.2.%zu", index + 1);
	seen->served = (chain){&trial->leaves[index], 1};
	if (trial->evidence.endpoint_count <= index) {
		trial->evidence.endpoint_count = index + 1;
	}
}

static inline void trial_is_dead(renewal_trial *trial, size_t index) {
	static char refused[] = "connection refused";
	trial_serves(trial, index, 0, DAY, DAY);
	trial->seen[index].served = (chain){NULL, 0};
	trial->seen[index].failed = STEP_CONNECT;
	trial->seen[index].failure = refused;
}

static inline void renewal_trial_init(renewal_trial *trial) {
	*trial = (struct renewal_trial){.policy = policy_init()};
	trial->evidence.endpoints = trial->seen;
	trial_serves(trial, 0, 1, 90 * DAY, 60 * DAY);
}

/* On disk lies that certificate, since `age` seconds. */
static inline void trial_keeps(renewal_trial *trial, uint8_t number, int64_t lifetime,
							   int64_t remaining, int64_t age) {
	static char path[] = "/etc/ssl/site.pem";
	trial->kept = certificate_numbered(number, lifetime, remaining);
	trial->disk = (disk_certificate){.state = DISK_FOUND,
									 .path = path,
									 .chain = {&trial->kept, 1},
									 .modified = now - age,
									 .key = DISK_KEY_MATCHES};
	trial->evidence.disk = &trial->disk;
}

/* That certificate was first seen at the endpoint at a time. Entries are added in that order. */
static inline void trial_saw(renewal_trial *trial, size_t endpoint, uint8_t number,
							 int64_t not_before, int64_t not_after, int64_t first_seen) {
	static char addresses[TRIAL_ENDPOINTS][16];
	snprintf(addresses[endpoint], sizeof(addresses[endpoint]), "192.0.2.%zu", endpoint + 1);
	trial->entries[trial->history.count++] = (history_entry){.address = addresses[endpoint],
															 .sha256 = {number},
															 .not_before = not_before,
															 .not_after = not_after,
															 .first_seen = first_seen,
															 .last_seen = first_seen};
	trial->history.entries = trial->entries;
	trial->evidence.history = &trial->history;
}

/* What the CA suggests: a window that ended (or, negative, ends) so many seconds ago. */
static inline void trial_suggests(renewal_trial *trial, int64_t ago) {
	trial->ari = (renewal_info){.known = true, .start = now - ago - 2 * DAY, .end = now - ago};
	trial->evidence.ari = &trial->ari;
}

static inline void trial_client(renewal_trial *trial, client_state client) {
	trial->client = client;
	trial->client.client = "certbot";
	trial->evidence.client = &trial->client;
}

static inline const judgement *renewal_trial_judge(renewal_trial *trial) {
	judgement_free(&trial->verdict);
	judge_target(&trial->verdict, &trial->evidence, &trial->policy, now);
	return &trial->verdict;
}

static inline void renewal_trial_free(renewal_trial *trial) { judgement_free(&trial->verdict); }

#endif
