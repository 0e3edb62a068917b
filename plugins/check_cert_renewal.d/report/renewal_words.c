/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "renewal_words.h"

/* How much of outside material is quoted, and how many addresses are named. */
enum {
	quoted_max = 200,
	addresses_max = 8
};

static void ago(line *line, int64_t seconds) {
	words_duration(line, (double)seconds);
	line_add(line, " ago");
}

void words_deployment(line *line, const report_entry *entry, const finding *finding) {
	const disk_certificate *disk = entry->evidence->disk;
	const char *path = disk->path != NULL ? disk->path : "";
	switch (finding->reason) {
	case REASON_NOT_DEPLOYED:
		line_add(line, "renewed on disk ");
		ago(line, finding->seconds);
		line_add(line, ", but the service still serves the old certificate: reload it (");
		line_add_outside(line, path, quoted_max);
		line_add(line, ")");
		break;
	case REASON_DISK_FRESH:
		line_add(line, "renewed on disk ");
		ago(line, finding->seconds);
		line_add(line, ", not served yet (");
		line_add_outside(line, path, quoted_max);
		line_add(line, ")");
		break;
	case REASON_DISK_OLDER:
		line_add(line, "the file is older than what is served: ");
		line_add_outside(line, path, quoted_max);
		break;
	case REASON_DISK_OTHER_NAMES:
		line_add(line, "the file is for other names (");
		line_add_outside(line, disk->names != NULL ? disk->names : "", quoted_max);
		line_add(line, "), not for ");
		line_add_outside(line, entry->verified_name != NULL ? entry->verified_name : "",
						 quoted_max);
		line_add(line, ": ");
		line_add_outside(line, path, quoted_max);
		break;
	case REASON_DISK_UNREADABLE:
		line_add(line, "cannot compare with the file ");
		line_add_outside(line, path, quoted_max);
		line_add(line, ": ");
		line_add_outside(line, disk->problem != NULL ? disk->problem : "", quoted_max);
		break;
	case REASON_KEY_DIFFERS:
		line_add(line, "the private key beside the file does not belong to its certificate: ");
		line_add_outside(line, path, quoted_max);
		break;
	default:
		line_add(line, "the certificate on disk is the one that is served");
		break;
	}
}

/* The addresses that have an older certificate than the newest. */
static void name_old(line *line, const report_entry *entry, const certificate *newest) {
	size_t named = 0;
	for (size_t i = 0; i < entry->evidence->endpoint_count; i++) {
		const observation *seen = &entry->evidence->endpoints[i];
		if (seen->served.count == 0 || !is_replaced_by(&seen->served.certificates[0], newest)) {
			continue;
		}
		if (named == addresses_max) {
			line_add(line, ", ...");
			break;
		}
		line_add(line, "%s%s", named++ > 0 ? ", " : "", seen->address);
	}
}

void words_consistency(line *line, const report_entry *entry, const finding *finding) {
	switch (finding->reason) {
	case REASON_OLD_SOMEWHERE:
	case REASON_FRESH_SOMEWHERE:
		line_add(line, "%zu of %zu addresses still %s the old certificate: ", finding->count,
				 finding->of, finding->count == 1 ? "serves" : "serve");
		name_old(line, entry, finding->certificate);
		line_add(line, " (reload there); the new one exists for ");
		words_duration(line, (double)finding->seconds);
		break;
	case REASON_EQUALLY_FRESH:
		line_add(line, "%zu addresses, different certificates, equally fresh", finding->of);
		break;
	default:
		line_add(line, "%zu addresses, the same certificate", finding->of);
		break;
	}
}

void words_history(line *line, const report_entry *entry, const finding *finding) {
	switch (finding->reason) {
	case REASON_RENEWED:
		line_add(line, "renewed ");
		if (finding->seconds < 60) {
			line_add(line, "just now");
		} else {
			ago(line, finding->seconds);
		}
		line_add(line, ", ");
		words_duration(line, (double)finding->early);
		line_add(line, finding->early >= 0 ? " before it was due, was valid until "
										   : " after it was due, was valid until ");
		words_date(line, finding->time, 1e9);
		break;
	case REASON_ROLLBACK:
		line_add(line, "an older certificate is back: one issued ");
		words_date(line, finding->time, 1e9);
		line_add(line, " was served here before, this one was issued ");
		words_date(line, entry->seen->served.certificates[0].not_before, 1e9);
		break;
	default:
		line_add(line, "history is not kept: ");
		line_add_outside(line, entry->evidence->history_problem, 2 * quoted_max);
		break;
	}
}

void words_ari(line *line, const report_entry *entry, const finding *finding) {
	const renewal_info *ari = entry->evidence->ari;
	switch (finding->reason) {
	case REASON_WINDOW_OVER:
		line_add(line, "the CA wanted it renewed by ");
		words_date(line, finding->time, (double)finding->seconds);
		line_add(line, ", ");
		ago(line, finding->seconds);
		break;
	case REASON_WINDOW_AHEAD:
		line_add(line, "the CA suggests renewal by ");
		words_date(line, finding->time, (double)finding->seconds);
		break;
	default:
		line_add(line, "the CA's suggestion is not known: ");
		line_add_outside(line, entry->evidence->ari_problem, 2 * quoted_max);
		return;
	}
	if (ari->explanation_url[0] != '\0') {
		line_add(line, "; see ");
		line_add_outside(line, ari->explanation_url, quoted_max);
	}
}

static int64_t later_of(int64_t one, int64_t other) { return one > other ? one : other; }

/* The client's own words on why, where it left any. */
static void client_reason(line *line, const client_state *client) {
	if (client->reason != NULL) {
		line_add(line, ": ");
		line_add_outside(line, client->reason, 2 * quoted_max);
	}
}

void words_cause(line *line, const report_entry *entry, const finding *finding) {
	const client_state *client = entry->evidence->client;
	const char *name = client->client != NULL ? client->client : "the renewal client";
	switch (finding->reason) {
	case REASON_CAUSE_FAILED:
		line_add(line, "renewal fails: %s tried", name);
		if (client->last_attempt != 0) {
			line_add(line, " on ");
			words_date(line, client->last_attempt, 0);
		}
		line_add(line, " and failed");
		client_reason(line, client);
		break;
	case REASON_CAUSE_NOT_ATTEMPTED:
		line_add(line, "renewal is not attempted: %s does not run", name);
		if (client->last_attempt != 0 || client->last_run != 0) {
			line_add(line, ", last trace ");
			words_date(line, later_of(client->last_attempt, client->last_run), 0);
		}
		line_add(line, ": look at its timer or cron job");
		client_reason(line, client);
		break;
	case REASON_CAUSE_IDLE:
		line_add(line, "%s runs, last on ", name);
		words_date(line, later_of(client->last_attempt, client->last_run), 0);
		line_add(line, ", but does not renew: look into its log");
		client_reason(line, client);
		break;
	case REASON_CAUSE_NOT_DEPLOYED:
		line_add(line, "%s has renewed, but the new certificate is not served: reload the service",
				 name);
		if (client->certificate != NULL) {
			line_add(line, " (");
			line_add_outside(line, client->certificate, quoted_max);
			line_add(line, ")");
		}
		client_reason(line, client);
		break;
	case REASON_CAUSE_PARTLY_DEPLOYED:
		line_add(line, "renewed, but deployed on some addresses only");
		break;
	case REASON_CAUSE_WAITING:
		line_add(line, "%s runs, but means to renew only on ", name);
		words_date(line, client->next_attempt, 1e9);
		break;
	case REASON_CAUSE_NO_LINEAGE:
		line_add(line, "%s keeps no certificate for this name on this host", name);
		break;
	case REASON_CAUSE_UNREADABLE:
		line_add(line, "the renewal client's state cannot be read: ");
		line_add_outside(line, client->problem != NULL ? client->problem : "", 2 * quoted_max);
		break;
	default:
		line_add(line, "%s is well", name);
		if (client->next_attempt != 0) {
			line_add(line, ", means to renew on ");
			words_date(line, client->next_attempt, 1e9);
		}
		break;
	}
}
