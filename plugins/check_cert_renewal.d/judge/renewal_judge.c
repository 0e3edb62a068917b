/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which part of renewal broke: disk against service, address against address, now against before.
 */
#include "bench.h"

#include <math.h>
#include <string.h>

/* A renewal is news for a day. */
static const int64_t renewed_news = 86400;

/* CAs date certificates back, so that clocks that are behind take them; Let's Encrypt by an hour.
 */
static const int64_t dated_back = 3600;

/* A client whose timer works leaves a trace more often than this. */
static const int64_t client_silence = 2 * 86400;

bool is_same_certificate(const certificate *left, const certificate *right) {
	return memcmp(left->sha256, right->sha256, sizeof(left->sha256)) == 0;
}

/* Issued so much later that it cannot be the same round of renewals: a tenth of the lifetime. */
static bool is_later_round(int64_t old_not_before, int64_t fresh_not_before, int64_t lifetime) {
	return fresh_not_before - old_not_before > (lifetime > 0 ? lifetime / 10 : 0);
}

bool is_replaced_by(const certificate *old, const certificate *fresh) {
	return !is_same_certificate(old, fresh) &&
		   is_later_round(old->not_before, fresh->not_before, certificate_lifetime(old));
}

static const certificate *leaf_of(const observation *seen) {
	return seen->served.count > 0 ? &seen->served.certificates[0] : NULL;
}

/* Deployment: the file against the leaf that is served where renewal is most urgent. */
static void judge_deployment(bench *bench) {
	const disk_certificate *disk = bench->evidence->disk;
	const certificate *leaf = leaf_of(bench->seen);
	finding found = {.id = FINDING_DEPLOYMENT, .notable = true};
	if (disk->state != DISK_FOUND) {
		found.state = STATE_UNKNOWN;
		found.reason =
			disk->state == DISK_OTHER_NAMES ? REASON_DISK_OTHER_NAMES : REASON_DISK_UNREADABLE;
		bench_add(bench, found);
		return;
	}
	const certificate *kept = &disk->chain.certificates[0];
	if (disk->key == DISK_KEY_DIFFERS) {
		found.state = finding_default_state(FINDING_DEPLOYMENT);
		found.reason = REASON_KEY_DIFFERS;
		bench_add(bench, found);
	}
	if (leaf == NULL) {
		return;
	}
	found.state = STATE_OK;
	found.seconds = bench->now - disk->modified;
	if (is_same_certificate(kept, leaf)) {
		found.reason = REASON_DEPLOYED;
		found.notable = false;
	} else if (kept->not_before > leaf->not_before ||
			   (kept->not_before == leaf->not_before && kept->not_after > leaf->not_after)) {
		bool late = (double)found.seconds > bench->policy->reload_grace;
		bool critical = bench->out->measured &&
						limit_alerts(bench->out->critical, (double)bench->out->remaining);
		found.reason = late ? REASON_NOT_DEPLOYED : REASON_DISK_FRESH;
		if (late) {
			found.state = critical ? STATE_CRITICAL : finding_default_state(FINDING_DEPLOYMENT);
		}
	} else {
		found.reason = REASON_DISK_OLDER;
	}
	bench_add(bench, found);
}

/* The newest leaf that any endpoint serves; NULL: none serves one. */
static const certificate *newest_leaf(const evidence *evidence) {
	const certificate *newest = NULL;
	for (size_t i = 0; i < evidence->endpoint_count; i++) {
		const certificate *leaf = leaf_of(&evidence->endpoints[i]);
		if (leaf != NULL && (newest == NULL || leaf->not_before > newest->not_before)) {
			newest = leaf;
		}
	}
	return newest;
}

/* Since when a certificate can have been there, by itself: at the latest since then. */
static int64_t issued(const bench *bench, int64_t not_before) {
	int64_t latest = not_before + dated_back;
	return latest < bench->now ? latest : bench->now;
}

/*
 * Since when the newest certificate could have been everywhere: it was issued then, or, where
 * history was kept before it came (entries are in the order of first_seen), it was first seen then:
 * by this very check, where it is not among them. A history that cannot be written never has it.
 */
static int64_t first_seen(const bench *bench, const certificate *leaf) {
	const history_record *history = bench->evidence->history;
	int64_t by_itself = issued(bench, leaf->not_before);
	for (size_t i = 0; history != NULL && i < history->count; i++) {
		const history_entry *entry = &history->entries[i];
		if (memcmp(entry->sha256, leaf->sha256, sizeof(leaf->sha256)) == 0) {
			bool watched = history->entries[0].first_seen < entry->first_seen;
			return watched && entry->first_seen > by_itself ? entry->first_seen : by_itself;
		}
	}
	bool watched =
		history != NULL && history->count > 0 && bench->evidence->history_problem == NULL;
	return watched ? bench->now : by_itself;
}

static void judge_consistency(bench *bench) {
	const evidence *evidence = bench->evidence;
	const certificate *newest = newest_leaf(evidence);
	finding found = {.id = FINDING_CONSISTENCY, .state = STATE_OK, .certificate = newest};
	size_t different = 0;
	size_t old = 0;
	for (size_t i = 0; i < evidence->endpoint_count; i++) {
		const certificate *leaf = leaf_of(&evidence->endpoints[i]);
		if (leaf == NULL) {
			continue;
		}
		found.of++;
		different += !is_same_certificate(leaf, newest);
		old += is_replaced_by(leaf, newest);
	}
	if (found.of < 2) {
		return;
	}
	if (old == 0) {
		found.reason = different == 0 ? REASON_SAME_EVERYWHERE : REASON_EQUALLY_FRESH;
		found.count = different;
	} else {
		found.seconds = bench->now - first_seen(bench, newest);
		bool late = (double)found.seconds > bench->policy->reload_grace;
		found.reason = late ? REASON_OLD_SOMEWHERE : REASON_FRESH_SOMEWHERE;
		found.state = late ? finding_default_state(FINDING_CONSISTENCY) : STATE_OK;
		found.count = old;
		found.notable = true;
	}
	bench_add(bench, found);
}

static bool entry_is_here(const history_entry *entry, const observation *seen) {
	return strcmp(entry->address, seen->address) == 0;
}

static bool entry_is(const history_entry *entry, const certificate *leaf) {
	return memcmp(entry->sha256, leaf->sha256, sizeof(leaf->sha256)) == 0;
}

/* The certificate that the leaf replaced here; NULL: none is known. */
static const history_entry *predecessor(const bench *bench, const certificate *leaf) {
	const history_record *history = bench->evidence->history;
	const history_entry *before = NULL;
	for (size_t i = 0; i < history->count; i++) {
		const history_entry *entry = &history->entries[i];
		if (entry_is_here(entry, bench->seen) && !entry_is(entry, leaf) &&
			entry->not_before < leaf->not_before &&
			(before == NULL || entry->not_before > before->not_before)) {
			before = entry;
		}
	}
	return before;
}

static int64_t first_seen_here(const bench *bench, const certificate *leaf) {
	const history_record *history = bench->evidence->history;
	for (size_t i = 0; i < history->count; i++) {
		if (entry_is_here(&history->entries[i], bench->seen) &&
			entry_is(&history->entries[i], leaf)) {
			return history->entries[i].first_seen;
		}
	}
	return bench->now;
}

static void judge_renewed(bench *bench, const certificate *leaf) {
	const history_entry *before = predecessor(bench, leaf);
	int64_t since = first_seen_here(bench, leaf);
	if (before == NULL || bench->now - since > renewed_news || since < before->first_seen) {
		return;
	}
	double lifetime = (double)(before->not_after - before->not_before);
	renewal_due due = renewal_due_for(lifetime, bench->policy->renew_before, bench->policy->client);
	bench_add(bench, (finding){.id = FINDING_RENEWED,
							   .state = STATE_OK,
							   .reason = REASON_RENEWED,
							   .notable = true,
							   .seconds = bench->now - since,
							   .early = before->not_after - (int64_t)due.seconds - since,
							   .time = before->not_after});
}

static void judge_rollback(bench *bench, const certificate *leaf) {
	const history_record *history = bench->evidence->history;
	int64_t newest = 0;
	for (size_t i = 0; i < history->count; i++) {
		const history_entry *entry = &history->entries[i];
		if (entry_is_here(entry, bench->seen) && !entry_is(entry, leaf) &&
			is_later_round(leaf->not_before, entry->not_before, certificate_lifetime(leaf)) &&
			entry->not_before > newest) {
			newest = entry->not_before;
		}
	}
	if (newest != 0) {
		bench_add(bench, (finding){.id = FINDING_ROLLBACK,
								   .state = finding_default_state(FINDING_ROLLBACK),
								   .reason = REASON_ROLLBACK,
								   .time = newest});
	}
}

static void judge_ari(bench *bench, const certificate *leaf) {
	const evidence *evidence = bench->evidence;
	finding found = {.id = FINDING_ARI, .state = STATE_OK};
	if (evidence->ari == NULL || !evidence->ari->known) {
		found.reason = REASON_ARI_UNKNOWN;
		if (evidence->ari_problem != NULL) {
			bench_add(bench, found);
		}
		return;
	}
	const certificate *about = evidence->ari_leaf != NULL ? evidence->ari_leaf : leaf;
	double grace = renewal_grace((double)certificate_lifetime(about));
	found.time = evidence->ari->end;
	found.seconds = bench->now - evidence->ari->end;
	found.reason = found.seconds > 0 ? REASON_WINDOW_OVER : REASON_WINDOW_AHEAD;
	if ((double)found.seconds > grace) {
		found.state = finding_default_state(FINDING_ARI);
	}
	bench_add(bench, found);
}

/* Has renewal been due for longer than a healthy client's rhythm explains? */
static bool is_late(const bench *bench) {
	const judgement *out = bench->out;
	return out->measured &&
		   (double)out->remaining < out->due.seconds - renewal_grace((double)out->lifetime);
}

static const finding *finding_of(const judgement *out, finding_id id) {
	for (size_t i = 0; i < out->finding_count; i++) {
		if (out->findings[i].id == id) {
			return &out->findings[i];
		}
	}
	return NULL;
}

static bool client_has_newer(const client_state *client, const certificate *leaf) {
	return leaf != NULL && client->not_before > leaf->not_before &&
		   client->not_after > leaf->not_after;
}

static finding_reason cause_of(const bench *bench, const certificate *leaf) {
	const client_state *client = bench->evidence->client;
	const finding *consistency = finding_of(bench->out, FINDING_CONSISTENCY);
	if (client->kind == CLIENT_STATE_UNREADABLE) {
		return REASON_CAUSE_UNREADABLE;
	}
	if (client->kind == CLIENT_STATE_NO_LINEAGE) {
		return REASON_CAUSE_NO_LINEAGE;
	}
	if (client_has_newer(client, leaf)) {
		return client_has_newer(client, newest_leaf(bench->evidence))
				   ? REASON_CAUSE_NOT_DEPLOYED
				   : REASON_CAUSE_PARTLY_DEPLOYED;
	}
	if (consistency != NULL && consistency->reason == REASON_OLD_SOMEWHERE) {
		return REASON_CAUSE_PARTLY_DEPLOYED;
	}
	if (client->last_failed) {
		return REASON_CAUSE_FAILED;
	}
	if (!is_late(bench)) {
		return REASON_CLIENT_HEALTHY;
	}
	int64_t trace =
		client->last_attempt > client->last_run ? client->last_attempt : client->last_run;
	if (trace <= bench->now - client_silence) {
		return REASON_CAUSE_NOT_ATTEMPTED;
	}
	return client->next_attempt > bench->now ? REASON_CAUSE_WAITING : REASON_CAUSE_IDLE;
}

/* The state that a cause has is that of its symptoms: the worst of what it explains. */
static mp_state_enum symptom_state(const judgement *out) {
	static const finding_id symptoms[] = {FINDING_EXPIRY, FINDING_DEPLOYMENT, FINDING_CONSISTENCY};
	mp_state_enum worst = STATE_OK;
	for (size_t i = 0; i < sizeof(symptoms) / sizeof(symptoms[0]); i++) {
		const finding *symptom = finding_of(out, symptoms[i]);
		if (symptom != NULL && symptom->state != STATE_UNKNOWN &&
			state_rank(symptom->state) > state_rank(worst)) {
			worst = symptom->state;
		}
	}
	return worst;
}

/* Has the client's certificate waited for longer than the grace? A file says when it came. */
static bool is_undeployed_for_long(const bench *bench) {
	const finding *deployment = finding_of(bench->out, FINDING_DEPLOYMENT);
	const finding *consistency = finding_of(bench->out, FINDING_CONSISTENCY);
	if ((deployment != NULL && deployment->reason == REASON_DISK_FRESH) ||
		(consistency != NULL && consistency->reason == REASON_FRESH_SOMEWHERE)) {
		return false;
	}
	int64_t since = bench->now - issued(bench, bench->evidence->client->not_before);
	return (double)since > bench->policy->reload_grace;
}

static void judge_cause(bench *bench) {
	const certificate *leaf = leaf_of(bench->seen);
	finding found = {.id = FINDING_CAUSE, .notable = true, .reason = cause_of(bench, leaf)};
	found.state = symptom_state(bench->out);
	switch (found.reason) {
	case REASON_CLIENT_HEALTHY:
		if (found.state != STATE_OK) {
			return; /* the client does not explain what is wrong */
		}
		found.notable = false;
		break;
	case REASON_CAUSE_FAILED:
	case REASON_CAUSE_NOT_ATTEMPTED:
	case REASON_CAUSE_IDLE:
		/* Known to be broken before the limits say so. */
		if (found.state == STATE_OK && is_late(bench)) {
			found.state = STATE_WARNING;
		}
		break;
	case REASON_CAUSE_NOT_DEPLOYED:
	case REASON_CAUSE_PARTLY_DEPLOYED:
		/* Likewise, also where nothing was asked that would notice (-f, every address). */
		if (found.state == STATE_OK && is_undeployed_for_long(bench)) {
			found.state = STATE_WARNING;
		}
		break;
	case REASON_CAUSE_UNREADABLE:
	case REASON_CAUSE_NO_LINEAGE:
		found.state = STATE_UNKNOWN;
		break;
	default:
		break;
	}
	bench_add(bench, found);
}

void judge_renewal(bench *bench) {
	const evidence *evidence = bench->evidence;
	const certificate *leaf = leaf_of(bench->seen);
	if (evidence->disk != NULL) {
		judge_deployment(bench);
	}
	if (evidence->endpoint_count > 1) {
		judge_consistency(bench);
	}
	if (evidence->history != NULL && leaf != NULL) {
		judge_renewed(bench, leaf);
		judge_rollback(bench, leaf);
	}
	if (evidence->history_problem != NULL) {
		bench_add(bench, (finding){.id = FINDING_HISTORY,
								   .state = STATE_OK,
								   .reason = REASON_HISTORY_NOT_KEPT,
								   .notable = true});
	}
	if (leaf != NULL) {
		judge_ari(bench, leaf);
	}
	if (evidence->client != NULL) {
		judge_cause(bench);
	}
}

/*
 * The smallest remaining time at which certificates of about this lifetime were replaced here, less
 * a tenth; learned from two renewals on.
 */
static void learn(const history_record *history, const observation *seen, const certificate *leaf,
				  renewal_knowledge *out) {
	const history_entry *before = NULL;
	size_t renewals = 0;
	double smallest = INFINITY;
	double lifetime = (double)certificate_lifetime(leaf);
	for (size_t i = 0; i < history->count; i++) {
		const history_entry *entry = &history->entries[i];
		if (!entry_is_here(entry, seen)) {
			continue;
		}
		if (before != NULL && entry->not_before <= before->not_before) {
			continue;
		}
		if (before != NULL) {
			double remaining = (double)(before->not_after - entry->first_seen);
			double old_lifetime = (double)(before->not_after - before->not_before);
			if (remaining > 0 && fabs(old_lifetime - lifetime) <= lifetime / 10) {
				renewals++;
				smallest = fmin(smallest, remaining);
			}
		}
		before = entry;
	}
	out->learned = renewals >= 2;
	out->learned_seconds = out->learned ? smallest * 0.9 : 0;
}

renewal_knowledge judge_knowledge(const evidence *evidence, const observation *seen) {
	renewal_knowledge known = {.ari_known = false};
	const certificate *leaf = leaf_of(seen);
	if (leaf == NULL) {
		return known;
	}
	if (evidence->ari != NULL && evidence->ari->known &&
		(evidence->ari_leaf == NULL || is_same_certificate(evidence->ari_leaf, leaf))) {
		known.ari_known = true;
		known.ari_seconds = (double)(leaf->not_after - evidence->ari->end);
	}
	if (evidence->history != NULL) {
		learn(evidence->history, seen, leaf, &known);
	}
	return known;
}
