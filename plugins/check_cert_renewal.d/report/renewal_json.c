/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "renewal_json.h"

#include "../judge/forecast.h"

json_t *json_disk(const evidence *evidence) {
	static const char *const keys[] = {
		[DISK_KEY_NOT_FOUND] = "not found",
		[DISK_KEY_MATCHES] = "matches",
		[DISK_KEY_DIFFERS] = "differs",
	};
	if (evidence == NULL || evidence->disk == NULL) {
		return json_null();
	}
	const disk_certificate *disk = evidence->disk;
	bool found = disk->state == DISK_FOUND;
	return json_pack("{s:o, s:o, s:o, s:s, s:o}", "path", json_outside(disk->path), "certificate",
					 found ? json_certificate(&disk->chain.certificates[0]) : json_null(),
					 "modified", json_timestamp(found, disk->modified), "private_key",
					 keys[disk->key], "problem", json_outside(disk->problem));
}

json_t *json_history(const evidence *evidence) {
	if (evidence == NULL || (evidence->history == NULL && evidence->history_problem == NULL)) {
		return json_null();
	}
	json_t *entries = json_array();
	for (size_t i = 0; evidence->history != NULL && i < evidence->history->count; i++) {
		const history_entry *entry = &evidence->history->entries[i];
		json_array_append_new(
			entries, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "address",
							   json_outside(entry->address), "serial", json_outside(entry->serial),
							   "not_before", json_timestamp(true, entry->not_before), "not_after",
							   json_timestamp(true, entry->not_after), "first_seen",
							   json_timestamp(true, entry->first_seen), "last_seen",
							   json_timestamp(true, entry->last_seen)));
	}
	return json_pack("{s:o, s:o}", "certificates", entries, "problem",
					 json_outside(evidence->history_problem));
}

json_t *json_ari(const evidence *evidence) {
	if (evidence == NULL || (evidence->ari == NULL && evidence->ari_problem == NULL)) {
		return json_null();
	}
	const renewal_info none = {.known = false};
	const renewal_info *ari = evidence->ari != NULL ? evidence->ari : &none;
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o}", "window_start", json_timestamp(ari->known, ari->start),
		"window_end", json_timestamp(ari->known, ari->end), "explanation_url",
		ari->explanation_url[0] != '\0' ? json_outside(ari->explanation_url) : json_null(),
		"next_poll", json_timestamp(ari->next_poll != 0, ari->next_poll), "problem",
		json_outside(evidence->ari_problem));
}

json_t *json_client_state(const evidence *evidence) {
	if (evidence == NULL || evidence->client == NULL) {
		return json_null();
	}
	const client_state *client = evidence->client;
	return json_pack("{s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "client",
					 json_outside(client->client), "lineage", json_outside(client->lineage),
					 "certificate", json_outside(client->certificate), "last_attempt",
					 json_timestamp(client->last_attempt != 0, client->last_attempt), "last_failed",
					 client->last_failed, "reason", json_outside(client->reason), "next_attempt",
					 json_timestamp(client->next_attempt != 0, client->next_attempt), "last_run",
					 json_timestamp(client->last_run != 0, client->last_run), "problem",
					 json_outside(client->problem));
}

json_t *json_forecast(const report *report, const report_entry *entry) {
	static const char *const verdicts[] = {
		[FORECAST_HOLDS] = "holds",
		[FORECAST_RHYTHM_IMPOSSIBLE] = "rhythm impossible",
		[FORECAST_WARNS_ALWAYS] = "alerts always",
		[FORECAST_WARNS_HEALTHY] = "alerts on healthy certificates",
	};
	if (!report->forecast || entry->policy == NULL) {
		return json_null();
	}
	forecast_row rows[FORECAST_ROWS];
	forecast(rows, &entry->verdict, entry->policy);
	json_t *array = json_array();
	for (size_t i = 0; i < FORECAST_ROWS; i++) {
		json_array_append_new(array, json_pack("{s:i, s:s, s:o, s:o}", "lifetime_days",
											   rows[i].days, "verdict", verdicts[rows[i].verdict],
											   "renew_before_days", json_days(rows[i].due),
											   "limit_days", json_days(rows[i].limit)));
	}
	return array;
}
