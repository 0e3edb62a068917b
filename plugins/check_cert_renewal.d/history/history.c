/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history.h"
#include "../language.h"
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	rows_per_address_max = 200,
	/* All are read at each check: a name whose addresses change daily must not slow it down. */
	rows_per_target_max = 1000,
	day = 24 * 60 * 60,
	/* An answer of a CA that was not asked for so long is of a certificate no longer in use. */
	renewal_info_kept = 90 * day,
	sha256_size = sizeof(((history_entry *)NULL)->sha256),
};

/* Reading */

void history_record_free(history_record *record) {
	for (size_t i = 0; i < record->count; i++) {
		free(record->entries[i].address);
		free(record->entries[i].serial);
	}
	free(record->entries);
	*record = (history_record){0};
}

/* The bytes of a fingerprint; NULL where the column holds something else. */
static const uint8_t *fingerprint(const history *history, sqlite3_stmt *statement, int column) {
	const uint8_t *bytes = history->sqlite.column_blob(statement, column);
	size_t size = (size_t)history->sqlite.column_bytes(statement, column);
	return size == sha256_size ? bytes : NULL;
}

static char *text_copy(const history *history, sqlite3_stmt *statement, int column) {
	const unsigned char *text = history->sqlite.column_text(statement, column);
	return text != NULL ? strdup((const char *)text) : NULL;
}

/* The next entry, in the array's free place. Returns false where the row makes no sense. */
static bool entry_read(const history *history, sqlite3_stmt *statement, history_record *out) {
	const uint8_t *sha256 = fingerprint(history, statement, 2);
	history_entry *entry = &out->entries[out->count++];
	*entry = (history_entry){
		.address = text_copy(history, statement, 0),
		.serial = text_copy(history, statement, 1),
		.not_before = store_number(history, statement, 3),
		.not_after = store_number(history, statement, 4),
		.first_seen = store_number(history, statement, 5),
		.last_seen = store_number(history, statement, 6),
	};
	if (sha256 != NULL) {
		memcpy(entry->sha256, sha256, sizeof(entry->sha256));
	}
	return sha256 != NULL && entry->address != NULL && entry->serial != NULL;
}

static bool entry_room(history_record *record) {
	if ((record->count & (record->count - 1)) != 0) {
		return true; /* it doubles at powers of two */
	}
	size_t room = record->count == 0 ? 1 : 2 * record->count;
	history_entry *entries = realloc(record->entries, room * sizeof(*entries));
	if (entries != NULL) {
		record->entries = entries;
	}
	return entries != NULL;
}

static int by_first_seen(const void *left, const void *right) {
	const history_entry *a = left;
	const history_entry *b = right;
	if (a->first_seen != b->first_seen) {
		return a->first_seen < b->first_seen ? -1 : 1;
	}
	int order = strcmp(a->address, b->address);
	return order != 0 ? order : memcmp(a->sha256, b->sha256, sizeof(a->sha256));
}

bool history_read(history *history, const char *target, history_record *out, char *error,
				  size_t size) {
	*out = (history_record){0};
	store_start(history);
	sqlite3_stmt *statement = store_query(history, QUERY_RECORD);
	if (statement == NULL || !store_bind_text(history, statement, 1, target)) {
		return store_say_why(history, error, size);
	}
	bool sense = true;
	while (sense && store_has_row(history, statement)) {
		if (!entry_room(out)) {
			store_finish(history, statement);
			history_record_free(out);
			return store_say(history, _("out of memory"), error, size);
		}
		sense = entry_read(history, statement, out);
	}
	if (!store_finish(history, statement)) {
		history_record_free(out);
		return store_say_why(history, error, size);
	}
	if (!sense) {
		history_record_free(out);
		return store_say(history, _("the history file is damaged"), error, size);
	}
	if (out->count > 1) {
		qsort(out->entries, out->count, sizeof(*out->entries), by_first_seen);
	}
	return true;
}

/* Noting */

/* What the record of an address has to say on a certificate that is seen there now. */
typedef struct {
	bool known;
	int64_t last_seen; /* where known */
	bool others;
	int64_t others_last_seen; /* the greatest one */
} standing;

static bool standing_read(history *history, const char *target, const char *address,
						  const uint8_t *sha256, standing *out) {
	*out = (standing){.others_last_seen = INT64_MIN};
	sqlite3_stmt *statement = store_query(history, QUERY_ADDRESS);
	if (statement == NULL || !store_bind_text(history, statement, 1, target) ||
		!store_bind_text(history, statement, 2, address)) {
		return false;
	}
	while (store_has_row(history, statement)) {
		const uint8_t *found = fingerprint(history, statement, 0);
		int64_t last_seen = store_number(history, statement, 1);
		if (found != NULL && memcmp(found, sha256, sha256_size) == 0) {
			out->known = true;
			out->last_seen = last_seen;
		} else {
			out->others = true;
			if (last_seen > out->others_last_seen) {
				out->others_last_seen = last_seen;
			}
		}
	}
	return store_finish(history, statement);
}

static bool is_current(const standing *standing) {
	return standing->known &&
		   (!standing->others || standing->last_seen > standing->others_last_seen);
}

static bool is_news(const standing *standing, int64_t now) {
	return !is_current(standing) || now - day > standing->last_seen;
}

/*
 * The order in which certificates came is what rollback is known by, so the time of an address
 * never runs backwards: not with a clock that is set back, and not within a second.
 */
static int64_t time_of(const standing *standing, int64_t now) {
	int64_t time = now;
	if (standing->others && time <= standing->others_last_seen) {
		time = standing->others_last_seen < INT64_MAX ? standing->others_last_seen + 1 : INT64_MAX;
	}
	if (standing->known && time < standing->last_seen) {
		time = standing->last_seen;
	}
	return time;
}

static bool note_write(history *history, const char *target, const char *address,
					   const certificate *leaf, int64_t time) {
	sqlite3_stmt *statement = store_query(history, QUERY_NOTE);
	return statement != NULL && store_bind_text(history, statement, 1, target) &&
		   store_bind_text(history, statement, 2, address) &&
		   history->sqlite.bind_blob(statement, 3, leaf->sha256, sizeof(leaf->sha256),
									 SQLITE_STATIC) == SQLITE_OK &&
		   store_bind_text(history, statement, 4, leaf->serial != NULL ? leaf->serial : "") &&
		   store_bind_number(history, statement, 5, leaf->not_before) &&
		   store_bind_number(history, statement, 6, leaf->not_after) &&
		   store_bind_number(history, statement, 7, time) && store_run(history, statement);
}

/* Drops what was not seen for longest. */
static bool trim_address(history *history, const char *target, const char *address) {
	sqlite3_stmt *statement = store_query(history, QUERY_TRIM_ADDRESS);
	return statement != NULL && store_bind_text(history, statement, 1, target) &&
		   store_bind_text(history, statement, 2, address) &&
		   store_bind_number(history, statement, 3, rows_per_address_max) &&
		   store_run(history, statement);
}

static bool trim_target(history *history, const char *target) {
	sqlite3_stmt *statement = store_query(history, QUERY_TRIM_TARGET);
	return statement != NULL && store_bind_text(history, statement, 1, target) &&
		   store_bind_number(history, statement, 2, rows_per_target_max) &&
		   store_run(history, statement);
}

static const char *why_not_to_note(const certificate *leaf) {
	static const uint8_t unread[sizeof(leaf->sha256)];
	if (!leaf->not_before_known || !leaf->not_after_known) {
		return _("a certificate with malformed dates is not recorded");
	}
	if (memcmp(leaf->sha256, unread, sizeof(unread)) == 0) {
		return _("a certificate whose fingerprint was not read is not recorded");
	}
	return NULL;
}

bool history_note(history *history, const char *target, const char *address,
				  const certificate *leaf, int64_t now, char *error, size_t size) {
	const char *why_not = why_not_to_note(leaf);
	if (why_not != NULL) {
		snprintf(error, size, "%s", why_not);
		return false;
	}
	store_start(history);
	standing standing;
	if (!standing_read(history, target, address, leaf->sha256, &standing)) {
		return store_say_why(history, error, size);
	}
	if (!is_news(&standing, now)) {
		return true;
	}
	/* Another check may have noted it since. */
	bool done = store_write_begin(history) &&
				standing_read(history, target, address, leaf->sha256, &standing);
	if (done && is_news(&standing, now)) {
		done = note_write(history, target, address, leaf, time_of(&standing, now)) &&
			   (standing.known ||
				(trim_address(history, target, address) && trim_target(history, target)));
	}
	return (done && store_write_end(history)) || store_write_failed(history, error, size);
}

/* The CA's answers */

bool history_renewal_info_read(history *history, const char *certificate_id, renewal_info *out,
							   bool *found, char *error, size_t size) {
	*out = (renewal_info){0};
	*found = false;
	store_start(history);
	sqlite3_stmt *statement = store_query(history, QUERY_RENEWAL_INFO);
	if (statement == NULL || !store_bind_text(history, statement, 1, certificate_id)) {
		return store_say_why(history, error, size);
	}
	*found = store_has_row(history, statement);
	if (*found) {
		const char *url = (const char *)history->sqlite.column_text(statement, 3);
		out->known = store_number(history, statement, 0) != 0;
		out->start = store_number(history, statement, 1);
		out->end = store_number(history, statement, 2);
		snprintf(out->explanation_url, sizeof(out->explanation_url), "%s", url != NULL ? url : "");
		out->asked_at = store_number(history, statement, 4);
		out->next_poll = store_number(history, statement, 5);
	}
	if (!store_finish(history, statement)) {
		*found = false;
		return store_say_why(history, error, size);
	}
	return true;
}

static bool renewal_info_write(history *history, const char *certificate_id,
							   const renewal_info *info) {
	sqlite3_stmt *statement = store_query(history, QUERY_RENEWAL_INFO_NOTE);
	return statement != NULL && store_bind_text(history, statement, 1, certificate_id) &&
		   store_bind_number(history, statement, 2, info->known) &&
		   store_bind_number(history, statement, 3, info->start) &&
		   store_bind_number(history, statement, 4, info->end) &&
		   store_bind_text(history, statement, 5, info->explanation_url) &&
		   store_bind_number(history, statement, 6, info->asked_at) &&
		   store_bind_number(history, statement, 7, info->next_poll) &&
		   store_run(history, statement);
}

/* Reads the whole table: once per handle. */
static bool renewal_info_trim(history *history, int64_t now) {
	if (history->renewal_info_trimmed) {
		return true;
	}
	sqlite3_stmt *statement = store_query(history, QUERY_RENEWAL_INFO_TRIM);
	history->renewal_info_trimmed = true;
	return statement != NULL && store_bind_number(history, statement, 1, now - renewal_info_kept) &&
		   store_run(history, statement);
}

bool history_renewal_info_note(history *history, const char *certificate_id,
							   const renewal_info *info, char *error, size_t size) {
	store_start(history);
	return (store_write_begin(history) && renewal_info_write(history, certificate_id, info) &&
			renewal_info_trim(history, info->asked_at) && store_write_end(history)) ||
		   store_write_failed(history, error, size);
}

/* Many notes at once */

void history_begin(history *history) { history->together = true; }

bool history_commit(history *history, char *error, size_t size) {
	history->together = false;
	store_start(history);
	if (history->sqlite.get_autocommit(history->database) != 0 || store_write_end(history)) {
		return true;
	}
	return store_write_failed(history, error, size);
}
