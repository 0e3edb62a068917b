/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON: every fact and finding. The schema is in doc/json.md; "version" counts its changes. */
#include "report.h"
#include "../language.h"
#include "phrase.h"
#include "renewal_json.h"
#include "utils_base.h"
#include "words.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

enum {
	schema_version = 1
};

/* Outside material, cleaned as everywhere. */
json_t *json_outside(const char *text) {
	if (text == NULL) {
		return json_null();
	}
	line line;
	line_init(&line);
	line_add_outside(&line, text, LINE_MAX_BYTES);
	return json_string(line.text);
}

static json_t *optional_string(const char *text) {
	return text != NULL ? json_string(text) : json_null();
}

json_t *json_timestamp(bool known, int64_t time) {
	if (!known) {
		return json_null();
	}
	return json_string(phrase_timestamp(time).text);
}

static json_t *rounded(double value, double steps) {
	double result = round(value * steps) / steps;
	return json_real(result == 0 ? 0.0 : result);
}

json_t *json_days(double seconds) { return rounded(seconds / SECONDS_PER_DAY, 1e4); }

static json_t *duration(double seconds) {
	return seconds < 0 ? json_null() : rounded(seconds, 1e6);
}

static json_t *names(const certificate *certificate) {
	json_t *array = json_array();
	for (size_t i = 0; i < certificate->san_count; i++) {
		json_array_append_new(array, json_outside(certificate->san[i]));
	}
	return array;
}

json_t *json_certificate(const certificate *certificate) {
	char sha256[2 * sizeof(certificate->sha256) + 1];
	for (size_t i = 0; i < sizeof(certificate->sha256); i++) {
		snprintf(sha256 + 2 * i, 3, "%02x", certificate->sha256[i]);
	}
	return json_pack(
		"{s:o, s:o, s:o, s:s, s:o, s:I, s:o, s:o, s:o, s:i, s:o, s:b, s:b}", "subject",
		json_outside(certificate->subject), "issuer", json_outside(certificate->issuer), "serial",
		json_outside(certificate->serial), "sha256", sha256, "names", names(certificate),
		"names_total", (json_int_t)certificate->san_total, "not_before",
		json_timestamp(certificate->not_before_known, certificate->not_before), "not_after",
		json_timestamp(certificate->not_after_known, certificate->not_after), "key_type",
		json_outside(certificate->key_type), "key_bits", certificate->key_bits, "signature",
		json_outside(certificate->signature), "self_issued", certificate->self_issued, "ca",
		certificate->is_ca);
}

static json_t *chain_array(const chain *chain) {
	json_t *array = json_array();
	for (size_t i = 0; i < chain->count; i++) {
		json_array_append_new(array, json_certificate(&chain->certificates[i]));
	}
	return array;
}

static json_t *findings_array(const report_entry *entry) {
	json_t *array = json_array();
	for (size_t i = 0; i < entry->verdict.finding_count; i++) {
		const finding *finding = &entry->verdict.findings[i];
		line line;
		line_init(&line);
		words_finding(&line, entry, finding);
		if (finding->id == FINDING_EXPIRY) {
			words_limit_note(&line, entry);
		}
		json_array_append_new(array,
							  json_pack("{s:s, s:s, s:s, s:s++}", "id", finding_name(finding->id),
										"state", state_text(finding->state), "text", line.text,
										"page", DOCS_URL, "#", finding_name(finding->id)));
	}
	return array;
}

static json_t *expiry_object(const report_entry *entry) {
	static const char *const sources[] = {
		[DUE_FROM_OPTION] = "option",     [DUE_FROM_ARI] = "ari",
		[DUE_FROM_HISTORY] = "history",   [DUE_FROM_CLIENT] = "client",
		[DUE_FROM_LIFETIME] = "lifetime",
	};
	const judgement *verdict = &entry->verdict;
	if (!verdict->measured) {
		return json_null();
	}
	int64_t not_after = entry->seen->served.certificates[0].not_after;
	return json_pack(
		"{s:o, s:o, s:I, s:I, s:o, s:o, s:s, s:o, s:o}", "days_to_expiry",
		json_days((double)verdict->remaining), "days_to_renewal",
		json_days((double)verdict->remaining - verdict->due.seconds), "remaining_seconds",
		(json_int_t)verdict->remaining, "lifetime_seconds", (json_int_t)verdict->lifetime,
		"renewal_due", json_timestamp(true, not_after - (int64_t)verdict->due.seconds),
		"renew_before_days", json_days(verdict->due.seconds), "due_by",
		sources[verdict->due.source], "warning_days", json_days(verdict->warning.seconds),
		"critical_days", json_days(verdict->critical.seconds));
}

static json_t *attempts_array(const observation *seen) {
	json_t *array = json_array();
	for (size_t i = 0; i < seen->attempt_count; i++) {
		json_array_append_new(array, json_pack("{s:s, s:o}", "address", seen->attempts[i].address,
											   "failure", json_outside(seen->attempts[i].failure)));
	}
	return array;
}

static json_t *connection_object(const report_entry *entry, const observation *seen) {
	if (seen->file != NULL) {
		return json_null();
	}
	return json_pack("{s:o, s:i, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "address",
					 seen->address[0] != '\0' ? json_string(seen->address) : json_null(), "port",
					 (int)seen->port, "protocol", optional_string(entry->protocol), "tls_version",
					 optional_string(seen->tls_version), "cipher", optional_string(seen->cipher),
					 "client_certificate_asked", seen->client_certificate_asked, "attempts",
					 attempts_array(seen), "resolve_seconds", duration(seen->seconds_resolve),
					 "connect_seconds", duration(seen->seconds_connect), "handshake_seconds",
					 duration(seen->seconds_handshake), "total_seconds",
					 duration(seen->seconds_total));
}

/* Every endpoint, where there is more than one: its connection and the leaf that it serves. */
static json_t *endpoints_array(const report_entry *entry) {
	const evidence *evidence = entry->evidence;
	if (evidence == NULL || evidence->endpoint_count < 2) {
		return json_null();
	}
	json_t *array = json_array();
	for (size_t i = 0; i < evidence->endpoint_count; i++) {
		const observation *seen = &evidence->endpoints[i];
		json_array_append_new(array, json_pack("{s:o, s:o, s:o}", "connection",
											   connection_object(entry, seen), "failure",
											   json_outside(seen->failure), "leaf",
											   seen->served.count > 0
												   ? json_certificate(&seen->served.certificates[0])
												   : json_null()));
	}
	return array;
}

static json_t *target_object(const report *report, const report_entry *entry) {
	const observation *seen = entry->seen;
	line headline;
	line_init(&headline);
	words_headline(&headline, entry);
	const verification *verification = &seen->verification;
	return json_pack(
		"{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"target", json_outside(entry->label), "state", state_text(entry->verdict.state), "text",
		headline.text, "findings", findings_array(entry), "expiry", expiry_object(entry),
		"verified_name", json_outside(entry->verified_name), "file", json_outside(seen->file),
		"connection", connection_object(entry, seen), "endpoints", endpoints_array(entry), "disk",
		json_disk(entry->evidence), "history", json_history(entry->evidence), "ari",
		json_ari(entry->evidence), "client_state", json_client_state(entry->evidence), "forecast",
		json_forecast(report, entry), "served", chain_array(&seen->served), "path",
		verification->trust_asked ? chain_array(&verification->path) : json_null());
}

void report_json(FILE *out, const report *report) {
	json_t *targets = json_array();
	for (size_t i = 0; i < report->count; i++) {
		json_array_append_new(targets, target_object(report, &report->entries[i]));
	}
	mp_state_enum state = report_state(report);
	json_t *root =
		json_pack("{s:i, s:s, s:s, s:i, s:o, s:o, s:o}", "version", schema_version, "plugin",
				  "check_cert_renewal", "state", state_text(state), "exit_code", (int)state,
				  "judged_at", json_timestamp(true, report->now), "seconds",
				  duration(report->seconds), "targets", targets);
	if (root == NULL || json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) != 0) {
		report_wrong(out, _("out of memory while writing JSON"));
	} else {
		fputc('\n', out);
	}
	json_decref(root);
}
