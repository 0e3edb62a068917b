/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory of the certificates that were seen: which one, where, from when to when (SQLite). A check
 * never fails for want of it: whatever is wrong with the file is said, and nothing that was recorded
 * before is lost.
 */
#ifndef CHECK_CERT_RENEWAL_HISTORY_H
#define CHECK_CERT_RENEWAL_HISTORY_H

#include "../facts/certificate.h"
#include "../facts/renewal_info.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A certificate seen at one address of a target. Times are seconds since the epoch. */
typedef struct {
	char *address; /* numeric */
	char *serial;
	uint8_t sha256[32];
	int64_t not_before;
	int64_t not_after;
	int64_t first_seen;
	int64_t last_seen; /* to the day: refreshed once a day at most */
} history_entry;

/* All that was seen of one target, by first_seen. Owned; free with history_record_free(). */
typedef struct {
	history_entry *entries;
	size_t count;
} history_record;

void history_record_free(history_record *record);

typedef struct history history;

/*
 * Opens the file, and makes it where there is none. path NULL: the default place, under
 * $MP_STATE_PATH, else the package's state directory. Returns NULL with a reason in error (cut to
 * size).
 */
history *history_open(const char *path, char *error, size_t size);
void history_close(history *history);

/* Each returns false with a reason in error where the file cannot be read or written. */

/* What is recorded of a target (its label). An unknown target has an empty record. */
bool history_read(history *history, const char *target, history_record *out, char *error,
				  size_t size);

/* Records that this certificate was seen. Writes only where something changed. */
bool history_note(history *history, const char *target, const char *address,
				  const certificate *leaf, int64_t now, char *error, size_t size);

/* The CA's last answer for a certificate (certID of RFC 9773). *found: is there one? */
bool history_renewal_info_read(history *history, const char *certificate_id, renewal_info *out,
							   bool *found, char *error, size_t size);
bool history_renewal_info_note(history *history, const char *certificate_id,
							   const renewal_info *info, char *error, size_t size);

#endif
