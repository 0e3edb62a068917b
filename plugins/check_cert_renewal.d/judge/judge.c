/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "judge.h"

#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Below these a key is weak: NIST SP 800-57 part 1, table 2: 112 bits of security. */
static const int least_rsa_bits = 2048;
static const int least_ec_bits = 224;

static mp_state_enum state_of_severity(severity severity) {
	switch (severity) {
	case SEVERITY_WARNING:
		return STATE_WARNING;
	case SEVERITY_CRITICAL:
		return STATE_CRITICAL;
	case SEVERITY_UNKNOWN:
		return STATE_UNKNOWN;
	case SEVERITY_DEFAULT:
	case SEVERITY_OK:
	case SEVERITY_IGNORE:
		break;
	}
	return STATE_OK;
}

/* Most targets have a handful of findings: room grows at powers of two. */
static bool make_room(judgement *out) {
	size_t count = out->finding_count;
	if (count > 0 && (count < 4 || (count & (count - 1)) != 0)) {
		return true;
	}
	size_t room = count < 4 ? 4 : 2 * count;
	finding *findings = realloc(out->findings, room * sizeof(*findings));
	if (findings == NULL) {
		return false;
	}
	out->findings = findings;
	return true;
}

/* Where there is no room left, what is worse takes the place of the mildest finding. */
static void take_place(judgement *out, finding finding) {
	size_t mildest = 0;
	for (size_t i = 1; i < out->finding_count; i++) {
		if (state_rank(out->findings[i].state) <= state_rank(out->findings[mildest].state)) {
			mildest = i;
		}
	}
	if (state_rank(finding.state) > state_rank(out->findings[mildest].state)) {
		out->findings[mildest] = finding;
	}
}

/* Adds a finding; one that is not OK gets the state that --severity gives it. */
void bench_add(bench *bench, finding finding) {
	judgement *out = bench->out;
	severity asked = bench->policy->severity[finding.id];
	if (asked == SEVERITY_IGNORE) {
		return;
	}
	if (finding.state != STATE_OK && asked != SEVERITY_DEFAULT) {
		finding.state = state_of_severity(asked);
		finding.notable = true;
	}
	if (out->finding_count == JUDGEMENT_FINDINGS_MAX) {
		take_place(out, finding);
		return;
	}
	if (!make_room(out)) {
		out->incomplete = true;
		return;
	}
	out->findings[out->finding_count++] = finding;
}

void bench_add_plain(bench *bench, finding_id id, mp_state_enum state, finding_reason reason) {
	bench_add(bench, (finding){.id = id, .state = state, .reason = reason});
}

/* A step that failed: its finding and nothing more to judge about that step. */
static void judge_failure(bench *bench) {
	static const finding_id ids[] = {
		[STEP_USAGE] = FINDING_USAGE,         [STEP_FILE] = FINDING_FILE,
		[STEP_RESOLVE] = FINDING_UNREACHABLE, [STEP_CONNECT] = FINDING_UNREACHABLE,
		[STEP_HANDSHAKE] = FINDING_HANDSHAKE,
	};
	const observation *seen = bench->seen;
	if (seen->failed == STEP_DONE) {
		if (seen->client_certificate_asked) {
			bench_add(bench, (finding){.id = FINDING_HANDSHAKE,
									   .state = STATE_OK,
									   .reason = REASON_CLIENT_CERTIFICATE_ASKED,
									   .notable = true});
		}
		return;
	}
	/* The server showed its certificate and proved its key before it asked for ours: it can be
	 * judged. */
	if (seen->failed == STEP_HANDSHAKE && seen->client_certificate_required &&
		seen->served.count > 0) {
		bench_add(bench, (finding){.id = FINDING_HANDSHAKE,
								   .state = STATE_OK,
								   .reason = REASON_CLIENT_CERTIFICATE,
								   .notable = true});
		return;
	}
	finding_id id = ids[seen->failed];
	bench_add_plain(bench, id, finding_default_state(id), REASON_FAILED);
}

/* The limits of this leaf; a limit left on auto never contradicts the one that was given. */
static void resolve_limits(bench *bench) {
	judgement *out = bench->out;
	const policy *policy = bench->policy;
	double lifetime = (double)out->lifetime;
	double automatic = out->due.seconds;
	/* The CA names the last moment, not a margin: what is past it by the grace is late. */
	double warning = out->due.source == DUE_FROM_ARI ? fmax(automatic - renewal_grace(lifetime),
															renewal_auto_critical(automatic))
													 : renewal_auto_warning(automatic);
	out->warning = limit_resolve(policy->warning, lifetime, warning);
	out->critical = limit_resolve(policy->critical, lifetime, renewal_auto_critical(automatic));
	if (policy->warning.kind == LIMIT_AUTO && limit_is_bound(policy->critical)) {
		out->warning.seconds = fmax(out->warning.seconds, out->critical.seconds);
	}
	if (policy->critical.kind == LIMIT_AUTO && limit_is_bound(policy->warning)) {
		out->critical.seconds = fmin(out->critical.seconds, out->warning.seconds);
	}
}

/* Does this limit, given as a time, alert however fresh a certificate of that lifetime is? */
static bool beyond_lifetime(limit asked, resolved_limit limit, int64_t lifetime) {
	bool is_time = asked.kind == LIMIT_SECONDS || asked.kind == LIMIT_RANGE;
	return is_time && lifetime > 0 && limit.seconds > (double)lifetime &&
		   limit_alerts(limit, (double)lifetime);
}

static void note_limits_beyond_lifetime(bench *bench) {
	judgement *out = bench->out;
	out->warning_beyond_lifetime =
		beyond_lifetime(bench->policy->warning, out->warning, out->lifetime);
	out->critical_beyond_lifetime =
		beyond_lifetime(bench->policy->critical, out->critical, out->lifetime);
	double due = renewal_due_for((double)out->lifetime, (limit){.kind = LIMIT_AUTO}, NULL).seconds;
	if (out->lifetime > 0) {
		out->warning_share = renewal_auto_warning(due) / (double)out->lifetime;
		out->critical_share = renewal_auto_critical(due) / (double)out->lifetime;
	}
}

static mp_state_enum state_by_limits(const judgement *out, double remaining) {
	if (remaining <= 0 || limit_alerts(out->critical, remaining)) {
		return STATE_CRITICAL;
	}
	return limit_alerts(out->warning, remaining) ? STATE_WARNING : STATE_OK;
}

static finding_reason expiry_reason(const judgement *out, mp_state_enum state) {
	if (out->remaining <= 0) {
		return REASON_EXPIRED;
	}
	if (state == STATE_OK) {
		return REASON_VALID;
	}
	return (double)out->remaining < out->due.seconds ? REASON_OVERDUE : REASON_LIMIT;
}

static void judge_expiry(bench *bench, const certificate *leaf) {
	judgement *out = bench->out;
	if (!leaf->not_after_known || !leaf->not_before_known) {
		bench_add_plain(bench, FINDING_EXPIRY, finding_default_state(FINDING_EXPIRY),
						REASON_DATE_UNKNOWN);
		return;
	}
	out->measured = true;
	out->remaining = certificate_remaining(leaf, bench->now);
	out->smallest_remaining = out->remaining;
	out->lifetime = certificate_lifetime(leaf);
	out->endpoint = bench->seen;
	out->due = renewal_due_known((double)out->lifetime, bench->policy->renew_before,
								 bench->policy->client, bench->known);
	resolve_limits(bench);
	note_limits_beyond_lifetime(bench);

	mp_state_enum state = state_by_limits(out, (double)out->remaining);
	bench_add(bench, (finding){.id = FINDING_EXPIRY,
							   .state = state,
							   .reason = expiry_reason(out, state),
							   .seconds = out->remaining});
}

static void judge_not_yet_valid(bench *bench, const certificate *leaf) {
	if (leaf->not_before_known && leaf->not_before > bench->now) {
		bench_add(bench, (finding){.id = FINDING_NOT_YET_VALID,
								   .state = finding_default_state(FINDING_NOT_YET_VALID),
								   .reason = REASON_NOT_YET_VALID,
								   .seconds = leaf->not_before - bench->now});
	}
}

/* The chain that counts: the path that was verified, else what was served. */
static const chain *chain_in_use(const observation *seen) {
	return seen->verification.path.count > 0 ? &seen->verification.path : &seen->served;
}

/* One certificate above the leaf: said when it ends before the leaf, judged by the leaf's limits.
 */
static void judge_chain_member(bench *bench, const certificate *member) {
	judgement *out = bench->out;
	finding found = {.id = FINDING_CHAIN_EXPIRY, .certificate = member, .notable = true};
	if (!member->not_after_known) {
		found.state = finding_default_state(FINDING_CHAIN_EXPIRY);
		found.reason = REASON_DATE_UNKNOWN;
		bench_add(bench, found);
		return;
	}
	found.seconds = certificate_remaining(member, bench->now);
	if (member->not_before_known && member->not_before > bench->now) {
		found.state = finding_default_state(FINDING_CHAIN_EXPIRY);
		found.reason = REASON_NOT_YET_VALID;
		found.seconds = member->not_before - bench->now;
	} else if (found.seconds <= 0) {
		found.state = STATE_CRITICAL;
		found.reason = REASON_EXPIRED;
	} else if (out->measured && found.seconds < out->remaining) {
		found.state = state_by_limits(out, (double)found.seconds);
		found.reason = REASON_ENDS_BEFORE;
	} else {
		return;
	}
	bench_add(bench, found);
}

static bool key_is_weak(const certificate *certificate) {
	if (certificate->key_bits <= 0 || certificate->key_type == NULL) {
		return false;
	}
	if (strcmp(certificate->key_type, "EC") == 0) {
		return certificate->key_bits < least_ec_bits;
	}
	if (strncmp(certificate->key_type, "RSA", 3) == 0 ||
		strcmp(certificate->key_type, "DSA") == 0) {
		return certificate->key_bits < least_rsa_bits;
	}
	return false;
}

/* A root's signature proves nothing, so its algorithm does not matter. */
static bool signature_is_weak(const certificate *certificate) {
	return !certificate->self_issued && certificate->signature_weakness != SIGNATURE_OTHER;
}

static void judge_weak(bench *bench) {
	mp_state_enum state = finding_default_state(FINDING_WEAK);
	const chain *chain = chain_in_use(bench->seen);
	size_t before = bench->out->finding_count;
	for (size_t i = 0; i < chain->count; i++) {
		const certificate *certificate = &chain->certificates[i];
		finding found = {.id = FINDING_WEAK, .state = state, .certificate = certificate};
		if (key_is_weak(certificate)) {
			found.reason = REASON_WEAK_KEY;
			bench_add(bench, found);
		}
		if (signature_is_weak(certificate)) {
			found.reason = REASON_WEAK_SIGNATURE;
			bench_add(bench, found);
		}
	}
	const verification *verification = &bench->seen->verification;
	for (size_t i = 0; i < verification->problem_count; i++) {
		if (verification->problems[i].kind == VERIFY_WEAK && bench->out->finding_count == before) {
			bench_add(bench, (finding){.id = FINDING_WEAK,
									   .state = state,
									   .reason = REASON_WEAK_OTHER,
									   .problem = verification->problems[i]});
		}
	}
	if (bench->seen->tls_below_floor) {
		bench_add_plain(bench, FINDING_WEAK, state, REASON_WEAK_TLS);
	}
}

static void judge_hostname(bench *bench) {
	const verification *verification = &bench->seen->verification;
	for (size_t i = 0; i < verification->problem_count; i++) {
		if (verification->problems[i].kind == VERIFY_HOSTNAME) {
			bench_add_plain(bench, FINDING_HOSTNAME, finding_default_state(FINDING_HOSTNAME),
							REASON_NAME_MISMATCH);
			return;
		}
	}
	bench_add_plain(bench, FINDING_HOSTNAME, STATE_OK, REASON_NAME_MATCHES);
}

/* Dates, names and strength are findings of their own; what remains decides about trust. */
static bool is_about_trust(verify_problem_kind kind) {
	switch (kind) {
	case VERIFY_HOSTNAME:
	case VERIFY_EXPIRED:
	case VERIFY_NOT_YET_VALID:
	case VERIFY_WEAK:
		return false;
	case VERIFY_OTHER:
	case VERIFY_PURPOSE:
	case VERIFY_SELF_SIGNED:
	case VERIFY_ISSUER_MISSING:
	case VERIFY_UNKNOWN_ISSUER:
	case VERIFY_UNTRUSTED_ROOT:
		break;
	}
	return true;
}

static void judge_trust(bench *bench) {
	const verification *verification = &bench->seen->verification;
	finding_reason reason = REASON_TRUSTED;
	for (size_t i = 0; i < verification->problem_count; i++) {
		verify_problem problem = verification->problems[i];
		if (!is_about_trust(problem.kind)) {
			continue;
		}
		if (problem.kind == VERIFY_SELF_SIGNED && bench->policy->selfsigned) {
			reason = REASON_SELF_SIGNED_ACCEPTED;
			continue;
		}
		bench_add(bench, (finding){.id = FINDING_TRUST,
								   .state = finding_default_state(FINDING_TRUST),
								   .reason = REASON_NOT_TRUSTED,
								   .problem = problem});
		return;
	}
	bench_add_plain(bench, FINDING_TRUST, STATE_OK, reason);
}

/* The CA/Browser Forum's maximum binds public CAs; an internal one may issue for ten years. */
static void judge_lifetime(bench *bench, const certificate *leaf) {
	if (!bench->out->measured || !bench->seen->verification.public_root) {
		return;
	}
	double allowed = renewal_lifetime_allowed(leaf->not_before);
	if ((double)bench->out->lifetime > allowed) {
		bench_add(bench, (finding){.id = FINDING_LIFETIME,
								   .state = finding_default_state(FINDING_LIFETIME),
								   .reason = REASON_LIFETIME_TOO_LONG,
								   .seconds = (int64_t)allowed});
	}
}

/* Worst first; the order of the table among equals (insertion sort: stable, a handful of rows). */
static void sort_findings(judgement *out) {
	for (size_t i = 1; i < out->finding_count; i++) {
		finding moved = out->findings[i];
		size_t to = i;
		while (to > 0) {
			const finding *before = &out->findings[to - 1];
			int worse = state_rank(moved.state) - state_rank(before->state);
			if (worse < 0 || (worse == 0 && moved.id >= before->id)) {
				break;
			}
			out->findings[to] = *before;
			to--;
		}
		out->findings[to] = moved;
	}
}

void judge_endpoint(bench *bench) {
	const observation *seen = bench->seen;
	judge_failure(bench);
	if (seen->served.count == 0) {
		return;
	}
	const certificate *leaf = &seen->served.certificates[0];
	judge_expiry(bench, leaf);
	judge_not_yet_valid(bench, leaf);
	if (seen->verification.name_asked) {
		judge_hostname(bench);
	}
	if (seen->verification.trust_asked) {
		judge_trust(bench);
	}
	const chain *chain = chain_in_use(seen);
	for (size_t i = 1; i < chain->count; i++) {
		judge_chain_member(bench, &chain->certificates[i]);
	}
	if (seen->file == NULL) {
		judge_weak(bench);
	}
	judge_lifetime(bench, leaf);
}

void judgement_finish(judgement *out) {
	sort_findings(out);
	if (out->finding_count > 0) {
		out->state = out->findings[0].state;
	}
	if (out->incomplete && out->state == STATE_OK) {
		out->state = STATE_UNKNOWN;
	}
}

void judge(judgement *out, const observation *seen, const policy *policy, int64_t now) {
	*out = (judgement){.state = STATE_OK, .endpoint_count = 1};
	bench bench = {.out = out, .seen = seen, .policy = policy, .now = now};
	judge_endpoint(&bench);
	judgement_finish(out);
}

void judgement_free(judgement *judgement) {
	free(judgement->findings);
	judgement->findings = NULL;
	judgement->finding_count = 0;
}
