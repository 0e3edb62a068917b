/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory of the certificates that were seen: which one, where, from when to when (SQLite). A check
 * never fails for want of it: whatever is wrong with the file is said, and nothing that was
 * recorded before is lost.
 */
#ifndef CHECK_CERT_RENEWAL_HISTORY_H
#define CHECK_CERT_RENEWAL_HISTORY_H

#include "../facts/certificate.h"
#include "../facts/renewal_info.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A certificate seen at one address of a target: one entry, however often it comes and goes. What
 * an address serves is its entry with the greatest last_seen; where another one has a greater
 * first_seen, an earlier certificate came back. These two times differ between the entries of an
 * address and never run backwards, so with a clock that is set back they may lie in the future.
 * Times are seconds since the epoch.
 */
typedef struct {
	char *address; /* numeric */
	char *serial;
	uint8_t sha256[32];
	int64_t not_before;
	int64_t not_after;
	int64_t first_seen;
	int64_t last_seen; /* to the day: refreshed once a day at most */
} history_entry;

/*
 * What was seen of one target, by first_seen: of each address the 200 certificates and of all of
 * them the 1000 that were there last. Owned; free with history_record_free().
 */
typedef struct {
	history_entry *entries;
	size_t count;
} history_record;

void history_record_free(history_record *record);

/* For one thread. */
typedef struct history history;

/*
 * Opens the file, and makes it where there is none. path NULL: the default place, under
 * $MP_STATE_PATH, else the package's state directory. Returns NULL with a reason in error (cut to
 * size).
 */
history *history_open(const char *path, char *error, size_t size);

/*
 * The file that history_open() opens. *is_default: it makes the file's directory, too, where only
 * that is missing. Owned by the caller; NULL when memory runs out.
 */
char *history_path(const char *path, bool *is_default);

void history_close(history *history);

/*
 * Each returns false with a reason in error where the file cannot be read or written. What returned
 * true is kept, whatever ends the process. Where other checks write, a call waits two seconds for
 * them at most, and after one that waited in vain none waits any more.
 */

/* What is recorded of a target (its label). An unknown target has an empty record. */
bool history_read(history *history, const char *target, history_record *out, char *error,
				  size_t size);

/*
 * Records that this certificate was seen (its facts must be detailed). Writes only where something
 * changed: it is new at that address, or back, or its last_seen is more than a day old. A
 * certificate with malformed dates is refused.
 */
bool history_note(history *history, const char *target, const char *address,
				  const certificate *leaf, int64_t now, char *error, size_t size);

/*
 * Notes between the two are written together, which costs the disk no more than one. They are kept
 * when history_commit() returns true; a note that fails drops those before it. Others cannot write
 * in the meantime, so nothing slow belongs there. history_close() without history_commit() drops
 * them.
 */
void history_begin(history *history);
bool history_commit(history *history, char *error, size_t size);

/* The CA's last answer for a certificate (certID of RFC 9773). *found: is there one? */
bool history_renewal_info_read(history *history, const char *certificate_id, renewal_info *out,
							   bool *found, char *error, size_t size);
bool history_renewal_info_note(history *history, const char *certificate_id,
							   const renewal_info *info, char *error, size_t size);

#endif
