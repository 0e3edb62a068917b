/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the history share: a file of their own, certificates by number, the file
 * itself. */
#ifndef CHECK_CERT_RENEWAL_TESTS_HISTORY_TRIAL_H
#define CHECK_CERT_RENEWAL_TESTS_HISTORY_TRIAL_H

#include "scratch.h"

#include "history/history.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TARGET  "www.example.jp"
#define ADDRESS "192.0.2.1"

/* 2027-01-15T08:00:00Z. */
static const int64_t now = 1800000000;

/* The history of the test, in the scratch scratch_directory, and the reason of the last failure. */
static char path[2 * SCRATCH_PATH_MAX];
static char error[1000];

/* In a process of its own, where cmocka's assertions do not reach: says what is wrong, and ends it.
 */
#define must(condition)                                                                            \
	do {                                                                                           \
		if (!(condition)) {                                                                        \
			fprintf(stderr, "line %d: %s (%s)\n", __LINE__, #condition, error);                    \
			_exit(1);                                                                              \
		}                                                                                          \
	} while (0)

static inline int run_apart(void (*work)(void)) {
	fflush(NULL);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		work();
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Certificates, each known by its number */

static inline certificate leaf_of(unsigned number) {
	static char serial[] = "0A1B2C";
	certificate leaf = {
		.serial = serial,
		.not_before_known = true,
		.not_after_known = true,
		.not_before = now - 60 * DAY + number,
		.not_after = now + 30 * DAY + number,
	};
	memcpy(leaf.sha256, &number, sizeof(number));
	leaf.sha256[31] = 1;
	return leaf;
}

static inline unsigned number_of(const history_entry *entry) {
	unsigned number;
	memcpy(&number, entry->sha256, sizeof(number));
	return number;
}

static inline const history_entry *entry_of(const history_record *record, const char *address,
											unsigned number) {
	for (size_t i = 0; i < record->count; i++) {
		if (strcmp(record->entries[i].address, address) == 0 &&
			number_of(&record->entries[i]) == number) {
			return &record->entries[i];
		}
	}
	return NULL;
}

/* What is served at an address: the entry with the greatest last_seen. */
static inline unsigned current(const history_record *record, const char *address) {
	const history_entry *last = NULL;
	for (size_t i = 0; i < record->count; i++) {
		if (strcmp(record->entries[i].address, address) == 0 &&
			(last == NULL || record->entries[i].last_seen > last->last_seen)) {
			last = &record->entries[i];
		}
	}
	assert_non_null(last);
	return number_of(last);
}

/* The history, which must be fine */

static inline history *open_it(void) {
	history *opened = history_open(path, error, sizeof(error));
	expect(opened != NULL, "%s", error);
	return opened;
}

static inline void note_at(history *history, const char *address, unsigned number, int64_t time) {
	certificate leaf = leaf_of(number);
	expect(history_note(history, TARGET, address, &leaf, time, error, sizeof(error)), "%s", error);
}

static inline void note(history *history, unsigned number, int64_t time) {
	note_at(history, ADDRESS, number, time);
}

static inline history_record read_it(history *history) {
	history_record record;
	expect(history_read(history, TARGET, &record, error, sizeof(error)), "%s", error);
	return record;
}

static inline history_record read_again(void) {
	history *history = open_it();
	history_record record = read_it(history);
	history_close(history);
	return record;
}

static inline void fill(unsigned count) {
	history *history = open_it();
	history_begin(history);
	for (unsigned i = 1; i <= count; i++) {
		note(history, i, now);
	}
	assert_true(history_commit(history, error, sizeof(error)));
	history_close(history);
}

/* The file itself */

static inline sqlite3 *raw_open(void) {
	sqlite3 *database;
	assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
	return database;
}

static inline void raw(const char *sql) {
	sqlite3 *database = raw_open();
	expect(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK, "%s",
		   sqlite3_errmsg(database));
	sqlite3_close(database);
}

static inline void raw_text(const char *sql, char *out, size_t size) {
	sqlite3 *database = raw_open();
	sqlite3_stmt *statement;
	assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	snprintf(out, size, "%s", (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(database);
}

static inline void assert_sound(void) {
	char answer[100];
	raw_text("PRAGMA integrity_check", answer, sizeof(answer));
	assert_string_equal(answer, "ok");
}

/* How often it was written: bytes 24 to 27 of the file,
 * https://www.sqlite.org/fileformat.html 1.3.7 */
static inline unsigned writes(void) {
	unsigned char header[28] = {0};
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fread(header, sizeof(header), 1, file), 1);
	fclose(file);
	return (unsigned)header[24] << 24 | (unsigned)header[25] << 16 | (unsigned)header[26] << 8 |
		   header[27];
}

static inline void put(const void *bytes, size_t size, long offset, const char *mode) {
	FILE *file = fopen(path, mode);
	assert_non_null(file);
	assert_int_equal(fseek(file, offset, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

typedef struct {
	unsigned char bytes[256 * 1024];
	size_t size;
	struct timespec changed;
} snapshot;

static inline void snapshot_take(snapshot *out) {
	struct stat status;
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	out->size = fread(out->bytes, 1, sizeof(out->bytes), file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	out->changed = status.st_mtim;
	fclose(file);
}

static inline void assert_untouched(const snapshot *before) {
	static snapshot after;
	char journal[sizeof(path) + 10];
	snapshot_take(&after);
	assert_int_equal(after.size, before->size);
	assert_memory_equal(after.bytes, before->bytes, before->size);
	assert_int_equal(after.changed.tv_sec, before->changed.tv_sec);
	assert_int_equal(after.changed.tv_nsec, before->changed.tv_nsec);
	snprintf(journal, sizeof(journal), "%s-journal", path);
	assert_int_equal(access(journal, F_OK), -1);
}

static inline void assert_said(const char *words) {
	expect(strstr(error, words) != NULL, "\"%s\" is not in: %s", words, error);
	expect(strstr(error, path) != NULL, "the path is not in: %s", error);
}

static inline void assert_not_opened(const char *words) {
	assert_null(history_open(path, error, sizeof(error)));
	assert_said(words);
}

static inline unsigned mode_of(const char *name) {
	struct stat status;
	assert_int_equal(stat(name, &status), 0);
	return status.st_mode & 07777;
}

/* The frame of each test: a scratch directory of its own, which is the working directory. */
static inline int trial_begin(void **state) {
	unsetenv("MP_STATE_PATH");
	int failed = scratch_make(state);
	snprintf(path, sizeof(path), "%s/history.db", scratch_directory);
	return failed != 0 ? failed : chdir(scratch_directory);
}

static inline int trial_end(void **state) {
	unsetenv("MP_STATE_PATH");
	return chdir("/") != 0 ? -1 : scratch_remove(state);
}

#define each(test) cmocka_unit_test_setup_teardown(test, trial_begin, trial_end)

#endif
