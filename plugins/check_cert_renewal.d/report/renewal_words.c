/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "renewal_words.h"

#include "../language.h"
#include "phrase.h"

#include <string.h>

/* How much of outside material is quoted, and how many addresses are named. */
enum {
	quoted_max = 200,
	addresses_max = 8
};

static phrase quoted(const char *text) { return phrase_outside(text, quoted_max); }

/* A day, without the time of day. */
static phrase day_of(int64_t time) { return phrase_date(time, 1e9); }

/* A day with its time of day. */
static phrase moment_of(int64_t time) { return phrase_date(time, 0); }

void words_deployment(line *line, const report_entry *entry, const finding *finding) {
	const disk_certificate *disk = entry->evidence->disk;
	phrase path = quoted(disk->path);
	phrase ago = phrase_ago((double)finding->seconds);
	switch (finding->reason) {
	case REASON_NOT_DEPLOYED:
		line_add(
			line,
			_("renewed on disk %s, but the service still serves the old certificate: reload it "
			  "(%s)"),
			ago.text, path.text);
		break;
	case REASON_DISK_FRESH:
		line_add(line, _("renewed on disk %s, not served yet (%s)"), ago.text, path.text);
		break;
	case REASON_DISK_OLDER:
		line_add(line, _("the file is older than what is served: %s"), path.text);
		break;
	case REASON_DISK_OTHER_NAMES:
		line_add(line, _("the file is for other names (%s), not for %s: %s"),
				 quoted(disk->names).text, quoted(entry->verified_name).text, path.text);
		break;
	case REASON_DISK_UNREADABLE:
		line_add(line, _("cannot compare with the file %s: %s"), path.text,
				 quoted(disk->problem).text);
		break;
	case REASON_KEY_DIFFERS:
		line_add(line, _("the private key beside the file does not belong to its certificate: %s"),
				 path.text);
		break;
	default:
		line_add(line, "%s", _("the certificate on disk is the one that is served"));
		break;
	}
}

/* The addresses that have an older certificate than the newest. */
static phrase old_addresses(const report_entry *entry, const certificate *newest) {
	line names;
	line_init(&names);
	size_t named = 0;
	for (size_t i = 0; i < entry->evidence->endpoint_count; i++) {
		const observation *seen = &entry->evidence->endpoints[i];
		if (seen->served.count == 0 || !is_replaced_by(&seen->served.certificates[0], newest)) {
			continue;
		}
		if (named == addresses_max) {
			line_add(&names, ", ...");
			break;
		}
		line_add(&names, "%s%s", named++ > 0 ? ", " : "", seen->address);
	}
	return phrase_of(&names);
}

static void some_are_old(line *line, const report_entry *entry, const finding *finding) {
	line_add(line,
			 ngettext("%zu of %zu addresses still serves the old certificate: %s (reload there); "
					  "the new one appeared %s",
					  "%zu of %zu addresses still serve the old certificate: %s (reload there); "
					  "the new one appeared %s",
					  finding->count),
			 finding->count, finding->of, old_addresses(entry, finding->certificate).text,
			 phrase_ago((double)finding->seconds).text);
}

void words_consistency(line *line, const report_entry *entry, const finding *finding) {
	switch (finding->reason) {
	case REASON_OLD_SOMEWHERE:
	case REASON_FRESH_SOMEWHERE:
		some_are_old(line, entry, finding);
		break;
	case REASON_EQUALLY_FRESH:
		line_add(line,
				 ngettext("%zu address, different certificates, equally fresh",
						  "%zu addresses, different certificates, equally fresh", finding->of),
				 finding->of);
		break;
	default:
		line_add(line,
				 ngettext("%zu address, the same certificate",
						  "%zu addresses, the same certificate", finding->of),
				 finding->of);
		break;
	}
}

static void renewed(line *line, const finding *finding) {
	phrase early = phrase_duration((double)finding->early);
	phrase until = day_of(finding->time);
	phrase when = finding->seconds < 60 ? phrase_outside(_("just now"), quoted_max)
										: phrase_ago((double)finding->seconds);
	line_add(line,
			 finding->early >= 0 ? _("renewed %s, %s before it was due, was valid until %s")
								 : _("renewed %s, %s after it was due, was valid until %s"),
			 when.text, early.text, until.text);
}

void words_history(line *line, const report_entry *entry, const finding *finding) {
	switch (finding->reason) {
	case REASON_RENEWED:
		renewed(line, finding);
		break;
	case REASON_ROLLBACK:
		line_add(
			line,
			_("an older certificate is back: one issued %s was served here before, this one was "
			  "issued %s"),
			day_of(finding->time).text,
			day_of(entry->seen->served.certificates[0].not_before).text);
		break;
	default:
		line_add(line, _("history is not kept: %s"),
				 phrase_outside(entry->evidence->history_problem, 2 * quoted_max).text);
		break;
	}
}

void words_ari(line *line, const report_entry *entry, const finding *finding) {
	const renewal_info *ari = entry->evidence->ari;
	phrase date = phrase_date(finding->time, (double)finding->seconds);
	switch (finding->reason) {
	case REASON_WINDOW_OVER:
		line_add(line, _("the CA wanted it renewed by %s, %s"), date.text,
				 phrase_ago((double)finding->seconds).text);
		break;
	case REASON_WINDOW_AHEAD:
		line_add(line, _("the CA suggests renewal by %s"), date.text);
		break;
	default:
		line_add(line, _("the CA's suggestion is not known: %s"),
				 phrase_outside(entry->evidence->ari_problem, 2 * quoted_max).text);
		return;
	}
	if (ari->explanation_url[0] != '\0') {
		line_add(line, _("; see %s"), quoted(ari->explanation_url).text);
	}
}

static int64_t last_trace(const client_state *client) {
	return client->last_attempt > client->last_run ? client->last_attempt : client->last_run;
}

static void failed(line *line, const client_state *client, const char *name) {
	if (client->last_attempt != 0) {
		line_add(line, _("renewal fails: %s tried on %s and failed"), name,
				 moment_of(client->last_attempt).text);
	} else {
		line_add(line, _("renewal fails: %s tried and failed"), name);
	}
}

static void not_attempted(line *line, const client_state *client, const char *name) {
	if (last_trace(client) != 0) {
		line_add(
			line,
			_("renewal is not attempted: %s does not run, last trace %s: look at its timer, cron "
			  "job or service"),
			name, moment_of(last_trace(client)).text);
	} else {
		line_add(
			line,
			_("renewal is not attempted: %s does not run: look at its timer, cron job or service"),
			name);
	}
}

static void not_deployed(line *line, const client_state *client, const char *name) {
	line_add(line, _("%s has renewed, but the new certificate is not served: reload the service"),
			 name);
	if (client->certificate != NULL) {
		line_add(line, " (%s)", quoted(client->certificate).text);
	}
}

static void well(line *line, const client_state *client, const char *name) {
	if (client->next_attempt != 0) {
		line_add(line, _("%s is well, means to renew on %s"), name,
				 day_of(client->next_attempt).text);
	} else {
		line_add(line, _("%s is well"), name);
	}
}

/* The client's own words on why, where it left any; our sentence may go on behind them. */
static void client_reason(line *line, const client_state *client) {
	if (client->reason == NULL) {
		return;
	}
	phrase reason = phrase_outside(client->reason, 2 * quoted_max);
	size_t length = strlen(reason.text);
	if (length > 1 && reason.text[length - 1] == '.' && reason.text[length - 2] != '.') {
		reason.text[length - 1] = '\0';
	}
	line_add(line, ": %s", reason.text);
}

void words_cause(line *line, const report_entry *entry, const finding *finding) {
	const client_state *client = entry->evidence->client;
	const char *name = client->client != NULL ? client->client : _("the renewal client");
	switch (finding->reason) {
	case REASON_CAUSE_FAILED:
		failed(line, client, name);
		client_reason(line, client);
		break;
	case REASON_CAUSE_NOT_ATTEMPTED:
		not_attempted(line, client, name);
		client_reason(line, client);
		break;
	case REASON_CAUSE_IDLE:
		line_add(line, _("%s runs, last on %s, but does not renew: look into its log"), name,
				 moment_of(last_trace(client)).text);
		client_reason(line, client);
		break;
	case REASON_CAUSE_NOT_DEPLOYED:
		not_deployed(line, client, name);
		client_reason(line, client);
		break;
	case REASON_CAUSE_PARTLY_DEPLOYED:
		line_add(line, "%s", _("renewed, but deployed on some addresses only"));
		break;
	case REASON_CAUSE_WAITING:
		line_add(line, _("%s runs, but means to renew only on %s"), name,
				 day_of(client->next_attempt).text);
		break;
	case REASON_CAUSE_NO_LINEAGE:
		line_add(line, _("%s keeps no certificate for this name on this host"), name);
		break;
	case REASON_CAUSE_UNREADABLE:
		line_add(line, _("the renewal client's state cannot be read: %s"),
				 phrase_outside(client->problem, 2 * quoted_max).text);
		break;
	default:
		well(line, client, name);
		break;
	}
}
