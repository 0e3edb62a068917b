/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts + policy + now -> findings. Pure: no I/O, no clock, no globals. Findings carry values, not
 * words; the report tells them.
 */
#ifndef CHECK_CERT_RENEWAL_JUDGE_H
#define CHECK_CERT_RENEWAL_JUDGE_H

#include "../facts/observation.h"
#include "evidence.h"
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
	REASON_DATE_UNKNOWN, /* expiry, not-yet-valid, chain-expiry: a date of the certificate is
							malformed */
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
	REASON_NOT_TRUSTED, /* problem says which */
	REASON_FAILED,      /* unreachable, handshake, file, usage: the observation has the words */
	REASON_CLIENT_CERTIFICATE, /* handshake: ended for want of a client certificate */
	REASON_CLIENT_CERTIFICATE_ASKED,
	REASON_NOT_DEPLOYED,        /* deployment: newer on disk; seconds: since when */
	REASON_DEPLOYED,            /* deployment: the file is what is served */
	REASON_DISK_FRESH,          /* deployment: newer on disk, within the grace */
	REASON_DISK_OLDER,          /* deployment: the file is older than what is served */
	REASON_DISK_OTHER_NAMES,    /* deployment: for other names */
	REASON_DISK_UNREADABLE,     /* deployment */
	REASON_KEY_DIFFERS,         /* deployment: the key beside it does not belong to it */
	REASON_SAME_EVERYWHERE,     /* consistency: count endpoints */
	REASON_OLD_SOMEWHERE,       /* consistency: count of `of` endpoints have an older certificate */
	REASON_FRESH_SOMEWHERE,     /* consistency: likewise, within the grace */
	REASON_EQUALLY_FRESH,       /* consistency: `count` different certificates */
	REASON_RENEWED,             /* renewed: seconds ago; time: the end of the one before; early */
	REASON_ROLLBACK,            /* rollback: time: notBefore of the newest one seen */
	REASON_WINDOW_AHEAD,        /* ari: time: the end of the window */
	REASON_WINDOW_OVER,         /* ari: likewise; seconds: since when */
	REASON_ARI_UNKNOWN,         /* ari: the evidence says why */
	REASON_LIFETIME_TOO_LONG,   /* lifetime: seconds: what is allowed */
	REASON_HISTORY_NOT_KEPT,    /* history: the evidence says why */
	REASON_CAUSE_NOT_ATTEMPTED, /* the client left no trace lately */
	REASON_CAUSE_IDLE,          /* it runs, but does not renew */
	REASON_CAUSE_FAILED,
	REASON_CAUSE_NOT_DEPLOYED,
	REASON_CAUSE_PARTLY_DEPLOYED,
	REASON_CAUSE_WAITING, /* the client means to renew later */
	REASON_CAUSE_NO_LINEAGE,
	REASON_CAUSE_UNREADABLE,
	REASON_CLIENT_HEALTHY,
} finding_reason;

/* One judgement on a target. Pointers are into the observation. */
typedef struct {
	finding_id id;
	mp_state_enum state;
	finding_reason reason;
	bool notable;                   /* worth a line even when OK */
	const certificate *certificate; /* whom it is about; NULL: the leaf or none */
	const observation *endpoint;    /* which one it is about; NULL: the only one, or the worst */
	int64_t seconds;                /* remaining; not-yet-valid: until it begins */
	int64_t early; /* renewed: seconds before the old one was due; negative: after */
	int64_t time;  /* seconds since the epoch */
	size_t count;  /* of endpoints */
	size_t of;
	verify_problem problem; /* REASON_NOT_TRUSTED, REASON_WEAK_OTHER */
} finding;

#define JUDGEMENT_FINDINGS_MAX 24

typedef struct {
	mp_state_enum state; /* the worst of the findings */
	finding *findings;   /* worst first; owned */
	size_t finding_count;
	bool incomplete; /* memory ran out: the state is at least UNKNOWN */

	/* what was measured of the leaf; all times in seconds */
	bool measured;
	const observation
		*endpoint; /* whose leaf it is: the worst one, or among equals the first to end */
	size_t endpoint_count;
	int64_t remaining;
	int64_t smallest_remaining; /* of all endpoints */
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

/*
 * Judges one target as of now (seconds since the epoch), with all that is known of it. Free the
 * result with judgement_free().
 */
void judge_target(judgement *out, const evidence *evidence, const policy *policy, int64_t now);

/* Judges one endpoint by itself. */
void judge(judgement *out, const observation *seen, const policy *policy, int64_t now);
void judgement_free(judgement *judgement);

/* Is the certificate so much older than the other that it must have been replaced by it? */
bool is_replaced_by(const certificate *old, const certificate *fresh);

#endif
