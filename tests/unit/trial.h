/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Observations made by hand, as plain values, for the tests of the judge and of its words. */
#ifndef CHECK_CERT_RENEWAL_TESTS_TRIAL_H
#define CHECK_CERT_RENEWAL_TESTS_TRIAL_H

#include "unit.h"

#include "judge/judge.h"

/* When it is judged; chosen, no clock. 2027-01-15T08:00:00Z. */
static const int64_t now = 1800000000;

/* A target with a chain of three, in order in every way; each test breaks one thing. */
typedef struct trial {
	certificate certificates[3]; /* leaf, intermediate, root */
	certificate path[3];         /* as verified; the same three */
	observation seen;
	policy policy;
	judgement verdict;
} trial;

static inline void certificate_lives(certificate *out, int64_t lifetime, int64_t remaining) {
	out->not_before_known = out->not_after_known = true;
	out->not_after = now + remaining;
	out->not_before = out->not_after - lifetime;
}

/* What is in the structs is static: observation_free() must not see them. */
static inline void trial_init(trial *trial) {
	static char names[][16] = {"www.example.jp", "Intermediate", "Root"};
	static char ec[] = "EC";
	static char signature[] = "ecdsa-with-SHA256";
	*trial = (struct trial){.policy = policy_init()};
	observation_init(&trial->seen);
	for (size_t i = 0; i < 3; i++) {
		trial->certificates[i] = (certificate){
			.name = names[i],
			.issuer_name = names[i < 2 ? i + 1 : 2],
			.key_type = ec,
			.key_bits = 256,
			.signature = signature,
			.self_issued = i == 2,
			.is_ca = i > 0,
		};
		certificate_lives(&trial->certificates[i], i == 0 ? 90 * DAY : 3650 * DAY,
						  i == 0 ? 60 * DAY : 2000 * DAY);
	}
	trial->seen.tls_version = "TLSv1.3";
	trial->seen.served = (chain){trial->certificates, 2};
	trial->seen.verification.trust_asked = true;
	trial->seen.verification.name_asked = true;
}

/* Of the file alone: neither trust nor name is asked for. */
static inline void trial_init_file(trial *trial) {
	static char path[] = "/etc/ssl/site.pem";
	trial_init(trial);
	trial->seen.file = path;
	trial->seen.tls_version = NULL;
	trial->seen.verification.trust_asked = false;
	trial->seen.verification.name_asked = false;
}

/* The path that was verified: the three certificates as they are now. */
static inline void trial_verify(trial *trial) {
	memcpy(trial->path, trial->certificates, sizeof(trial->path));
	trial->seen.verification.path = (chain){trial->path, 3};
}

static inline void trial_problem(trial *trial, verify_problem_kind kind, int depth) {
	verification *verification = &trial->seen.verification;
	verification->problems[verification->problem_count++] =
		(verify_problem){kind, depth, "openssl's words"};
}

static inline const judgement *trial_judge(trial *trial) {
	judgement_free(&trial->verdict);
	judge(&trial->verdict, &trial->seen, &trial->policy, now);
	return &trial->verdict;
}

static inline void trial_free(trial *trial) { judgement_free(&trial->verdict); }

/* The first finding of that kind; fails where there is none. */
static inline const finding *finding_of(const judgement *verdict, finding_id id) {
	for (size_t i = 0; i < verdict->finding_count; i++) {
		if (verdict->findings[i].id == id) {
			return &verdict->findings[i];
		}
	}
	fail_msg("no finding %s", finding_name(id));
	return NULL;
}

static inline size_t count_of(const judgement *verdict, finding_id id) {
	size_t count = 0;
	for (size_t i = 0; i < verdict->finding_count; i++) {
		count += verdict->findings[i].id == id;
	}
	return count;
}

#endif
