/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts + policy + now -> findings. Pure: no I/O, no clock, no globals. Findings carry values, not
 * words; the report tells them.
 */
#ifndef CHECK_CERT_RENEWAL_JUDGE_H
#define CHECK_CERT_RENEWAL_JUDGE_H

#include "../facts/observation.h"
#include "finding.h"
#include "policy.h"
#include "renewal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What exactly a finding found. */
typedef enum {
	REASON_VALID,        /* expiry: renewal is not due yet, or just due */
	REASON_OVERDUE,      /* expiry: past renewal due, and inside a limit */
	REASON_LIMIT,        /* expiry: inside a limit though renewal is not due yet */
	REASON_EXPIRED,      /* expiry, chain-expiry */
	REASON_DATE_UNKNOWN, /* expiry, not-yet-valid, chain-expiry: a date of the certificate is malformed */
	REASON_NOT_YET_VALID,
	REASON_ENDS_BEFORE, /* chain-expiry: ends before the leaf */
	REASON_WEAK_KEY,
	REASON_WEAK_SIGNATURE,
	REASON_WEAK_TLS,
	REASON_WEAK_OTHER, /* OpenSSL calls it weak: words says how */
	REASON_NAME_MATCHES,
	REASON_NAME_MISMATCH,
	REASON_TRUSTED,
	REASON_SELF_SIGNED_ACCEPTED,
	REASON_NOT_TRUSTED,        /* problem says which */
	REASON_FAILED,             /* unreachable, handshake, file, usage: the observation has the words */
	REASON_CLIENT_CERTIFICATE, /* handshake: ended for want of a client certificate */
	REASON_CLIENT_CERTIFICATE_ASKED,
} finding_reason;

/* One judgement on a target. Pointers are into the observation. */
typedef struct {
	finding_id id;
	mp_state_enum state;
	finding_reason reason;
	bool notable;                   /* worth a line even when OK */
	const certificate *certificate; /* whom it is about; NULL: the leaf or none */
	int64_t seconds;                /* remaining; not-yet-valid: until it begins */
	verify_problem problem;         /* REASON_NOT_TRUSTED, REASON_WEAK_OTHER */
} finding;

#define JUDGEMENT_FINDINGS_MAX 24

typedef struct {
	mp_state_enum state; /* the worst of the findings */
	finding *findings;   /* worst first; owned */
	size_t finding_count;
	bool incomplete; /* memory ran out: the state is at least UNKNOWN */

	/* what was measured of the leaf; all times in seconds */
	bool measured;
	int64_t remaining;
	int64_t lifetime;
	renewal_due due;
	resolved_limit warning;
	resolved_limit critical;
	/* a limit that no certificate of this lifetime can meet, and the share that would do */
	bool warning_beyond_lifetime;
	bool critical_beyond_lifetime;
	double warning_share; /* 0 to 1 */
	double critical_share;
} judgement;

/* Judges one target as of now (seconds since the epoch). Free the result with judgement_free(). */
void judge(judgement *out, const observation *seen, const policy *policy, int64_t now);
void judgement_free(judgement *judgement);

#endif
