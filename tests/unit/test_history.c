/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The history file: what is recorded, when it is written, and that nothing recorded is lost: with
 * many at once, killed ones, and a disk or file that is not as it should be.
 */
#include "unit.h"

#include "history/history.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TARGET  "www.example.jp"
#define ADDRESS "192.0.2.1"

/* 2027-01-15T08:00:00Z. */
static const int64_t now = 1800000000;

/* The test's own directory, emptied before each test; the working directory is in it. */
static char directory[PATH_MAX / 4];
static char path[PATH_MAX];
static char error[512];

/* In a process of its own, where cmocka's assertions do not reach: says what is wrong, and ends it.
 */
#define must(condition)                                                                            \
	do {                                                                                           \
		if (!(condition)) {                                                                        \
			fprintf(stderr, "line %d: %s (%s)\n", __LINE__, #condition, error);                    \
			_exit(1);                                                                              \
		}                                                                                          \
	} while (0)

static int run_apart(void (*work)(void)) {
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

/* Permissions hold for root, too. */
static void drop_privileges(void) {
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};
	must(syscall(SYS_capset, &header, none) == 0);
}

/* Certificates, each known by its number */

static certificate leaf_of(unsigned number) {
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

static unsigned number_of(const history_entry *entry) {
	unsigned number;
	memcpy(&number, entry->sha256, sizeof(number));
	return number;
}

static const history_entry *entry_of(const history_record *record, const char *address,
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
static unsigned current(const history_record *record, const char *address) {
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

static history *open_it(void) {
	history *opened = history_open(path, error, sizeof(error));
	expect(opened != NULL, "%s", error);
	return opened;
}

static void note_at(history *history, const char *address, unsigned number, int64_t time) {
	certificate leaf = leaf_of(number);
	expect(history_note(history, TARGET, address, &leaf, time, error, sizeof(error)), "%s", error);
}

static void note(history *history, unsigned number, int64_t time) {
	note_at(history, ADDRESS, number, time);
}

static history_record read_it(history *history) {
	history_record record;
	expect(history_read(history, TARGET, &record, error, sizeof(error)), "%s", error);
	return record;
}

static history_record read_again(void) {
	history *history = open_it();
	history_record record = read_it(history);
	history_close(history);
	return record;
}

/* The file itself */

static sqlite3 *raw_open(void) {
	sqlite3 *database;
	assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
	return database;
}

static void raw(const char *sql) {
	sqlite3 *database = raw_open();
	expect(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK, "%s",
		   sqlite3_errmsg(database));
	sqlite3_close(database);
}

static void raw_text(const char *sql, char *out, size_t size) {
	sqlite3 *database = raw_open();
	sqlite3_stmt *statement;
	assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	snprintf(out, size, "%s", (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(database);
}

static void assert_sound(void) {
	char answer[100];
	raw_text("PRAGMA integrity_check", answer, sizeof(answer));
	assert_string_equal(answer, "ok");
}

/* How often it was written: bytes 24 to 27 of the file,
 * https://www.sqlite.org/fileformat.html 1.3.7 */
static unsigned writes(void) {
	unsigned char header[28] = {0};
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fread(header, sizeof(header), 1, file), 1);
	fclose(file);
	return (unsigned)header[24] << 24 | (unsigned)header[25] << 16 | (unsigned)header[26] << 8 |
		   header[27];
}

static void put(const void *bytes, size_t size, long offset, const char *mode) {
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

static void snapshot_take(snapshot *out) {
	struct stat status;
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	out->size = fread(out->bytes, 1, sizeof(out->bytes), file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	out->changed = status.st_mtim;
	fclose(file);
}

static void assert_untouched(const snapshot *before) {
	static snapshot after;
	char journal[PATH_MAX + 10];
	snapshot_take(&after);
	assert_int_equal(after.size, before->size);
	assert_memory_equal(after.bytes, before->bytes, before->size);
	assert_int_equal(after.changed.tv_sec, before->changed.tv_sec);
	assert_int_equal(after.changed.tv_nsec, before->changed.tv_nsec);
	snprintf(journal, sizeof(journal), "%s-journal", path);
	assert_int_equal(access(journal, F_OK), -1);
}

static void assert_said(const char *words) {
	expect(strstr(error, words) != NULL, "\"%s\" is not in: %s", words, error);
	expect(strstr(error, path) != NULL, "the path is not in: %s", error);
}

static void assert_not_opened(const char *words) {
	assert_null(history_open(path, error, sizeof(error)));
	assert_said(words);
}

static unsigned mode_of(const char *name) {
	struct stat status;
	assert_int_equal(stat(name, &status), 0);
	return status.st_mode & 07777;
}

/* Place */

static void test_file_is_made(void **state) {
	(void)state;
	char version[20];
	mode_t before = umask(0);
	history *history = open_it();
	umask(before);
	history_record record = read_it(history);
	assert_int_equal(record.count, 0);
	history_record_free(&record);
	history_close(history);
	assert_int_equal(mode_of(path), 0600);
	raw_text("PRAGMA user_version", version, sizeof(version));
	assert_string_equal(version, "1");
	unsigned count = writes();
	history_close(open_it());
	assert_int_equal(writes(), count);
	history_close(NULL);
}

/* A check was ended between making the file and filling it. */
static void test_empty_file_is_filled(void **state) {
	(void)state;
	put("", 0, 0, "wb");
	history *history = open_it();
	note(history, 1, now);
	history_close(history);
	history_record record = read_again();
	assert_int_equal(record.count, 1);
	history_record_free(&record);
}

static void test_default_place(void **state) {
	(void)state;
	char parent[PATH_MAX / 2];
	setenv("MP_STATE_PATH", directory, 1);
	snprintf(path, sizeof(path), "%s/check_cert_renewal", directory);
	mode_t before = umask(0);
	history *history = history_open(NULL, error, sizeof(error));
	umask(before);
	expect(history != NULL, "%s", error);
	history_close(history);
	assert_int_equal(mode_of(path), 0700);
	snprintf(path, sizeof(path), "%s/check_cert_renewal/history.db", directory);
	assert_int_equal(mode_of(path), 0600);
	history_close(history_open(NULL, error, sizeof(error)));
	/* The parent is not made. */
	snprintf(parent, sizeof(parent), "%s/missing", directory);
	setenv("MP_STATE_PATH", parent, 1);
	assert_null(history_open(NULL, error, sizeof(error)));
	snprintf(path, sizeof(path), "%s/check_cert_renewal/history.db", parent);
	assert_said("cannot be made (No such file or directory)");
	assert_int_equal(access(parent, F_OK), -1);
	/* Relative to where it runs. */
	setenv("MP_STATE_PATH", ".", 1);
	history_close(history_open(NULL, error, sizeof(error)));
	assert_int_equal(mode_of("check_cert_renewal/history.db"), 0600);
	unsetenv("MP_STATE_PATH");
}

static void test_given_directory_is_not_made(void **state) {
	(void)state;
	snprintf(path, sizeof(path), "%s/missing/history.db", directory);
	assert_not_opened("cannot be made (No such file or directory)");
}

/* Names that SQLite itself gives a meaning. */
static void test_names_are_names(void **state) {
	(void)state;
	static const char *const names[] = {":memory:", "file:a?mode=memory", "-b", " "};
	for (size_t i = 0; i < COUNT(names); i++) {
		history *history = history_open(names[i], error, sizeof(error));
		expect(history != NULL, "%s: %s", names[i], error);
		history_close(history);
		expect(access(names[i], F_OK) == 0, "no file %s", names[i]);
	}
	assert_null(history_open("", error, sizeof(error)));
	expect(strstr(error, "not a file") != NULL, "%s", error);
}

static void test_what_is_no_file(void **state) {
	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_not_opened("not a file");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_not_opened("not a file");
	snprintf(path, sizeof(path), "/dev/full");
	assert_not_opened("not a file");
	snprintf(path, sizeof(path), "/dev/null/history.db");
	assert_not_opened("cannot be made (Not a directory)");
	char small[10];
	assert_null(history_open("/dev/null", small, sizeof(small)));
	assert_string_equal(small, "not a fil");
}

/* Record */

static void test_note_and_read(void **state) {
	(void)state;
	history *history = open_it();
	note_at(history, "2001:db8::1", 7, now + 5);
	note_at(history, ADDRESS, 8, now);
	history_close(history);
	history_record record = read_again();
	assert_int_equal(record.count, 2);
	const history_entry *first = &record.entries[0];
	assert_string_equal(first->address, ADDRESS);
	assert_string_equal(first->serial, "0A1B2C");
	certificate leaf = leaf_of(8);
	assert_memory_equal(first->sha256, leaf.sha256, sizeof(leaf.sha256));
	assert_int_equal(first->not_before, leaf.not_before);
	assert_int_equal(first->not_after, leaf.not_after);
	assert_int_equal(first->first_seen, now);
	assert_int_equal(first->last_seen, now);
	assert_string_equal(record.entries[1].address, "2001:db8::1");
	assert_int_equal(record.entries[1].first_seen, now + 5);
	history_record_free(&record);
	assert_int_equal(record.count, 0);
}

/* A certificate at a time: is the file written, and what are its times then? */
static void test_writes_only_news(void **state) {
	(void)state;
	static const struct {
		unsigned number;
		int64_t time;
		bool written;
		int64_t last_seen;
		const char *what;
	} rows[] = {
		{1, 0, true, 0, "new"},
		{1, 0, false, 0, "the same second"},
		{1, 300, false, 0, "the next check"},
		{1, DAY, false, 0, "a day old"},
		{1, DAY + 1, true, DAY + 1, "more than a day old"},
		{1, 2 * DAY, false, DAY + 1, "the next day's next check"},
		{1, 0, false, DAY + 1, "clock set back"},
		{1, -1000 * DAY, false, DAY + 1, "clock at its beginning"},
		{2, 3 * DAY, true, 3 * DAY, "another one"},
		{2, 3 * DAY + 1, false, 3 * DAY, "it stays"},
		{1, 3 * DAY + 2, true, 3 * DAY + 2, "the old one is back"},
		{1, 3 * DAY + 3, false, 3 * DAY + 2, "and stays"},
		{2, 3 * DAY + 3, true, 3 * DAY + 3, "the new one again"},
		{1, 3 * DAY + 3, true, 3 * DAY + 4, "in the same second the old one"},
		{2, 3 * DAY + 3, true, 3 * DAY + 5, "and again"},
		{2, 3 * DAY + 3, false, 3 * DAY + 5, "and stays in that second"},
		{3, -1000 * DAY, true, 3 * DAY + 6, "a new one while the clock is wrong"},
		{3, 4 * DAY, false, 3 * DAY + 6, "clock is right again"},
	};
	history *history = open_it();
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned before = writes();
		note(history, rows[i].number, now + rows[i].time);
		expect((writes() != before) == rows[i].written, "%s: written?", rows[i].what);
		history_record record = read_it(history);
		const history_entry *entry = entry_of(&record, ADDRESS, rows[i].number);
		expect(entry->last_seen == now + rows[i].last_seen, "%s: last seen %ld", rows[i].what,
			   (long)(entry->last_seen - now));
		assert_int_equal(current(&record, ADDRESS), rows[i].number);
		history_record_free(&record);
	}
	history_record record = read_it(history);
	assert_int_equal(record.count, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(number_of(&record.entries[i]), i + 1);
	}
	assert_int_equal(record.entries[0].first_seen, now);
	assert_int_equal(record.entries[1].first_seen, now + 3 * DAY);
	history_record_free(&record);
	history_close(history);
}

/* The record alone tells: the one served now did not come last. */
static void test_rollback_is_in_the_record(void **state) {
	(void)state;
	history *history = open_it();
	note(history, 1, now);
	note(history, 2, now);
	note(history, 1, now);
	note_at(history, "192.0.2.2", 1, now);
	note_at(history, "192.0.2.2", 2, now);
	history_close(history);
	history_record record = read_again();
	assert_int_equal(record.count, 4);
	assert_int_equal(current(&record, ADDRESS), 1);
	assert_true(entry_of(&record, ADDRESS, 2)->first_seen >
				entry_of(&record, ADDRESS, 1)->first_seen);
	assert_int_equal(current(&record, "192.0.2.2"), 2);
	history_record_free(&record);
}

/* A checker that runs twice at once may read before the other one writes. */
static void test_two_handles(void **state) {
	(void)state;
	history *one = open_it();
	history *other = open_it();
	note(one, 1, now);
	unsigned before = writes();
	note(other, 1, now);
	assert_int_equal(writes(), before);
	note(other, 2, now + 1);
	note(one, 1, now + 2);
	history_record record = read_it(other);
	assert_int_equal(current(&record, ADDRESS), 1);
	history_record_free(&record);
	history_close(one);
	history_close(other);
}

static void test_what_is_not_recorded(void **state) {
	(void)state;
	history *history = open_it();
	unsigned before = writes();
	certificate leaf = leaf_of(1);
	leaf.not_after_known = false;
	assert_false(history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
	assert_string_equal(error, "a certificate with malformed dates is not recorded");
	leaf = leaf_of(1);
	leaf.not_before_known = false;
	assert_false(history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
	leaf = leaf_of(1);
	memset(leaf.sha256, 0, sizeof(leaf.sha256));
	assert_false(history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
	assert_string_equal(error, "a certificate whose fingerprint was not read is not recorded");
	assert_int_equal(writes(), before);
	leaf = leaf_of(1);
	leaf.serial = NULL;
	assert_true(history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
	history_record record = read_it(history);
	assert_string_equal(record.entries[0].serial, "");
	history_record_free(&record);
	history_close(history);
}

static void test_hostile_strings(void **state) {
	(void)state;
	static char long_one[100000];
	memset(long_one, 'x', sizeof(long_one) - 1);
	char *const strings[] = {
		(char[]){"'); DROP TABLE seen; --"},
		(char[]){"a\"b\\c%s%n|='\n\r\t\033[31m"},
		(char[]){"\xff\xfe\xc0\x80 not UTF-8"},
		(char[]){"\xf0\x9f\x94\x92"},
		(char[]){""},
		(char[]){"?1"},
		long_one,
	};
	history *history = open_it();
	for (size_t i = 0; i < COUNT(strings); i++) {
		certificate leaf = leaf_of(1);
		leaf.serial = strings[i];
		assert_true(
			history_note(history, strings[i], strings[i], &leaf, now, error, sizeof(error)));
	}
	for (size_t i = 0; i < COUNT(strings); i++) {
		history_record record;
		assert_true(history_read(history, strings[i], &record, error, sizeof(error)));
		assert_int_equal(record.count, 1);
		assert_string_equal(record.entries[0].address, strings[i]);
		assert_string_equal(record.entries[0].serial, strings[i]);
		history_record_free(&record);
	}
	history_close(history);
	assert_sound();
}

/* Another hand wrote into the file. */
static void test_hostile_rows(void **state) {
	(void)state;
	static const struct {
		const char *columns; /* address, sha256, serial, not_before */
		bool makes_sense;
		const char *serial;
	} rows[] = {
		{"'1', zeroblob(32), CAST(x'410042' AS TEXT), 1", true, "A"},
		{"'1', zeroblob(32), 'A', 'words'", true, "A"},
		{"'1', zeroblob(32), 9223372036854775807, 1e300", true, "9223372036854775807"},
		{"'1', zeroblob(31), 'A', 1", false, NULL},
		{"'1', zeroblob(1000000), 'A', 1", false, NULL},
		{"'1', '', 'A', 1", false, NULL},
	};
	history *history = open_it();
	for (size_t i = 0; i < COUNT(rows); i++) {
		char sql[500];
		snprintf(sql, sizeof(sql),
				 "DELETE FROM seen; INSERT INTO seen (target, address, sha256, serial, not_before,"
				 " not_after, first_seen, last_seen) VALUES ('" TARGET "', %s, -1,"
				 " 9223372036854775807, 9223372036854775807)",
				 rows[i].columns);
		raw(sql);
		history_record record;
		bool read = history_read(history, TARGET, &record, error, sizeof(error));
		expect(read == rows[i].makes_sense, "%s", rows[i].columns);
		if (read) {
			assert_string_equal(record.entries[0].serial, rows[i].serial);
		} else {
			assert_said("damaged");
			assert_int_equal(record.count, 0);
		}
		history_record_free(&record);
		/* Nor does it keep the others from being noted. */
		note_at(history, "1", 5, now);
	}
	history_close(history);
}

/* Bounds */

static void test_rows_per_address(void **state) {
	(void)state;
	history *history = open_it();
	note_at(history, "192.0.2.2", 1, now - 1000 * DAY);
	history_begin(history);
	for (unsigned i = 1; i <= 200; i++) {
		note(history, i, now + i);
	}
	note(history, 1, now + 201); /* the oldest one is back: the second one is now the oldest */
	assert_true(history_commit(history, error, sizeof(error)));
	history_record record = read_it(history);
	assert_int_equal(record.count, 201);
	history_record_free(&record);
	note(history, 201, now + 202);
	note(history, 202, now + 203);
	record = read_it(history);
	assert_int_equal(record.count, 201);
	assert_non_null(entry_of(&record, "192.0.2.2", 1));
	assert_non_null(entry_of(&record, ADDRESS, 1));
	assert_null(entry_of(&record, ADDRESS, 2));
	assert_null(entry_of(&record, ADDRESS, 3));
	for (unsigned i = 4; i <= 202; i++) {
		assert_non_null(entry_of(&record, ADDRESS, i));
	}
	history_record_free(&record);
	history_close(history);
}

/* A name whose addresses change with each look-up. */
static void test_rows_per_target(void **state) {
	(void)state;
	history *history = open_it();
	certificate leaf = leaf_of(1);
	assert_true(history_note(history, "other", ADDRESS, &leaf, now - DAY, error, sizeof(error)));
	history_begin(history);
	for (unsigned i = 0; i < 1003; i++) {
		char address[20];
		snprintf(address, sizeof(address), "10.0.%u.%u", i / 256, i % 256);
		note_at(history, address, 1, now + i);
	}
	assert_true(history_commit(history, error, sizeof(error)));
	history_record record = read_it(history);
	assert_int_equal(record.count, 1000);
	assert_string_equal(record.entries[0].address, "10.0.0.3");
	assert_string_equal(record.entries[999].address, "10.0.3.234");
	history_record_free(&record);
	assert_true(history_read(history, "other", &record, error, sizeof(error)));
	assert_int_equal(record.count, 1);
	history_record_free(&record);
	history_close(history);
}

/* Many notes together */

static void test_together(void **state) {
	(void)state;
	history *history = open_it();
	unsigned before = writes();
	history_begin(history);
	assert_true(history_commit(history, error, sizeof(error)));
	history_begin(history);
	for (unsigned i = 1; i <= 64; i++) {
		note(history, i, now);
	}
	history_record record = read_it(history);
	assert_int_equal(record.count, 64);
	history_record_free(&record);
	assert_true(history_commit(history, error, sizeof(error)));
	assert_int_equal(writes(), before + 1);
	/* Where nothing is new, others are not kept from writing. */
	history_begin(history);
	note(history, 64, now);
	struct history *other = open_it();
	note(other, 65, now);
	history_close(other);
	assert_true(history_commit(history, error, sizeof(error)));
	assert_int_equal(writes(), before + 2);
	history_begin(history);
	note(history, 66, now);
	history_close(history);
	record = read_again();
	assert_int_equal(record.count, 65);
	assert_null(entry_of(&record, ADDRESS, 66));
	history_record_free(&record);
}

/* Answers of the CA */

static void answer_note(history *history, const char *id, const renewal_info *info) {
	expect(history_renewal_info_note(history, id, info, error, sizeof(error)), "%s", error);
}

static bool answer_read(history *history, const char *id, renewal_info *out) {
	bool found;
	expect(history_renewal_info_read(history, id, out, &found, error, sizeof(error)), "%s", error);
	return found;
}

static void test_renewal_info(void **state) {
	(void)state;
	static const char id[] = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE";
	renewal_info info = {
		.known = true, .start = now, .end = now + 2 * DAY, .asked_at = now, .next_poll = now + 1};
	renewal_info out;
	memset(info.explanation_url, 'u', RENEWAL_INFO_URL_MAX);
	history *history = open_it();
	assert_false(answer_read(history, id, &out));
	assert_false(out.known);
	answer_note(history, id, &info);
	answer_note(history, "other", &(renewal_info){.asked_at = now});
	history_close(history);
	history = open_it();
	assert_true(answer_read(history, id, &out));
	assert_true(out.known);
	assert_int_equal(out.start, now);
	assert_int_equal(out.end, now + 2 * DAY);
	assert_int_equal(out.asked_at, now);
	assert_int_equal(out.next_poll, now + 1);
	assert_string_equal(out.explanation_url, info.explanation_url);
	info = (renewal_info){.asked_at = now + 5, .next_poll = now + 6};
	answer_note(history, id, &info);
	assert_true(answer_read(history, id, &out));
	assert_false(out.known);
	assert_int_equal(out.next_poll, now + 6);
	assert_string_equal(out.explanation_url, "");
	history_close(history);
	raw("UPDATE renewal_info SET explanation_url = printf('%.*c', 100000, 'v')");
	history = open_it();
	assert_true(answer_read(history, id, &out));
	assert_int_equal(strlen(out.explanation_url), RENEWAL_INFO_URL_MAX);
	history_close(history);
}

static void test_old_answers_go(void **state) {
	(void)state;
	renewal_info out;
	history *history = open_it();
	answer_note(history, "gone", &(renewal_info){.asked_at = now, .next_poll = now - 1});
	answer_note(history, "kept", &(renewal_info){.asked_at = now, .next_poll = now});
	history_close(history);
	history = open_it();
	answer_note(history, "new",
				&(renewal_info){.asked_at = now + 90 * DAY, .next_poll = now + 91 * DAY});
	assert_false(answer_read(history, "gone", &out));
	assert_true(answer_read(history, "kept", &out));
	assert_true(answer_read(history, "new", &out));
	history_close(history);
}

/* Files that are not as they should be: said, and left as they are */

static snapshot before;

static void test_newer_schema(void **state) {
	(void)state;
	history_close(open_it());
	raw("PRAGMA user_version = 2; ALTER TABLE seen ADD COLUMN more TEXT");
	snapshot_take(&before);
	assert_not_opened("newer version");
	assert_untouched(&before);
	raw("PRAGMA user_version = -1");
	snapshot_take(&before);
	assert_not_opened("newer version");
	assert_untouched(&before);
}

static void test_database_of_another(void **state) {
	(void)state;
	raw("CREATE TABLE hosts (name TEXT); INSERT INTO hosts VALUES ('a')");
	snapshot_take(&before);
	assert_not_opened("database of another program");
	assert_untouched(&before);
	/* By chance with the same version. */
	raw("PRAGMA user_version = 1");
	snapshot_take(&before);
	history *history = open_it();
	history_record record;
	assert_false(history_read(history, TARGET, &record, error, sizeof(error)));
	assert_said("not a history file of this plugin (no such table: seen)");
	certificate leaf = leaf_of(1);
	assert_false(history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
	assert_said("no such table");
	assert_false(
		history_renewal_info_note(history, "id", &(renewal_info){0}, error, sizeof(error)));
	assert_said("no such table");
	history_close(history);
	assert_untouched(&before);
}

static void test_no_database(void **state) {
	(void)state;
	static const char *const contents[] = {"x", "-----BEGIN CERTIFICATE-----\n", "SQLite format 3"};
	for (size_t i = 0; i < COUNT(contents); i++) {
		put(contents[i], strlen(contents[i]), 0, "wb");
		snapshot_take(&before);
		assert_not_opened("not a history file");
		assert_untouched(&before);
	}
	static unsigned char bytes[20000];
	put(bytes, sizeof(bytes), 0, "wb");
	assert_not_opened("not a history file");
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (unsigned char)(i * 2654435761U >> 13);
	}
	put(bytes, sizeof(bytes), 0, "wb");
	snapshot_take(&before);
	assert_not_opened("not a history file");
	assert_untouched(&before);
}

static void fill(unsigned count) {
	history *history = open_it();
	history_begin(history);
	for (unsigned i = 1; i <= count; i++) {
		note(history, i, now);
	}
	assert_true(history_commit(history, error, sizeof(error)));
	history_close(history);
}

/* Each page but the first, then each length. It may be read, or the damage is said; never touched.
 */
static void test_damaged_file(void **state) {
	(void)state;
	static snapshot sound;
	static unsigned char noise[4096];
	fill(100);
	snapshot_take(&sound);
	memset(noise, 0xa5, sizeof(noise));
	size_t said = 0;
	size_t tries = 0;
	for (size_t at = 4096; at < sound.size; at += 4096, tries++) {
		put(sound.bytes, sound.size, 0, "wb");
		put(noise, sizeof(noise), (long)at, "r+b");
		snapshot_take(&before);
		history *history = open_it();
		history_record record;
		certificate leaf = leaf_of(500);
		if (!history_read(history, TARGET, &record, error, sizeof(error))) {
			said++;
			assert_said("damaged");
			assert_int_equal(record.count, 0);
			assert_false(history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
			assert_said("damaged");
			history_close(history);
			assert_untouched(&before);
		} else {
			history_record_free(&record);
			history_close(history);
		}
	}
	assert_true(tries > 4);
	assert_true(said >= tries - 1); /* the page of the CA's answers is not looked at */
	for (size_t size = 4096; size < sound.size; size += 4096) {
		put(sound.bytes, size, 0, "wb");
		snapshot_take(&before);
		history *history = history_open(path, error, sizeof(error));
		history_record record = {0};
		if (history != NULL) {
			assert_false(history_read(history, TARGET, &record, error, sizeof(error)));
		}
		assert_said("damaged");
		history_close(history);
		assert_untouched(&before);
	}
}

/* Permissions */

static void read_only_work(void) {
	drop_privileges();
	history *history = history_open(path, error, sizeof(error));
	must(history != NULL);
	history_record record;
	must(history_read(history, TARGET, &record, error, sizeof(error)) && record.count == 3);
	history_record_free(&record);
	certificate leaf = leaf_of(3);
	must(history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
	leaf = leaf_of(4);
	must(!history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
	must(strstr(error, "the history file or its directory cannot be written: ") == error);
	must(!history_renewal_info_note(history, "id", &(renewal_info){0}, error, sizeof(error)));
	must(strstr(error, "cannot be written") != NULL);
	must(history_read(history, TARGET, &record, error, sizeof(error)) && record.count == 3);
	history_record_free(&record);
	history_close(history);
}

static void test_read_only(void **state) {
	(void)state;
	fill(3);
	snapshot_take(&before);
	assert_int_equal(chmod(path, 0400), 0);
	assert_int_equal(run_apart(read_only_work), 0);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(chmod(directory, 0500), 0);
	assert_int_equal(run_apart(read_only_work), 0);
	assert_int_equal(chmod(directory, 0700), 0);
	assert_untouched(&before);
}

static void closed_work(void) {
	drop_privileges();
	must(history_open(path, error, sizeof(error)) == NULL);
	must(strstr(error, "cannot be opened (Permission denied): ") != NULL);
	must(history_open("new.db", error, sizeof(error)) == NULL);
	must(strstr(error, "cannot be made (Permission denied): ./new.db") != NULL);
}

static void test_closed(void **state) {
	(void)state;
	fill(3);
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(directory, 0500), 0);
	assert_int_equal(run_apart(closed_work), 0);
	assert_int_equal(chmod(directory, 0700), 0);
}

/* A disk of its own, in a mount namespace that ends with its process */

enum {
	NO_DISK = 77
};

static void disk_make(void) {
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("tmpfs", directory, "tmpfs", 0, "size=64k") != 0) {
		fprintf(stderr, "a small tmpfs cannot be mounted here: %s\n", strerror(errno));
		_exit(NO_DISK);
	}
}

static void run_on_disk(void (*work)(void)) {
	int status = run_apart(work);
	if (status == NO_DISK) {
		skip();
	}
	assert_int_equal(status, 0);
}

/* Everything up to that number is there. */
static void must_hold(unsigned count) {
	history *history = history_open(path, error, sizeof(error));
	must(history != NULL);
	history_record record;
	must(history_read(history, TARGET, &record, error, sizeof(error)));
	must(record.count == count);
	for (unsigned i = 1; i <= count; i++) {
		must(entry_of(&record, ADDRESS, i) != NULL);
	}
	history_record_free(&record);
	history_close(history);
}

static void full_disk_work(void) {
	disk_make();
	history *history = history_open(path, error, sizeof(error));
	must(history != NULL);
	unsigned count = 0;
	certificate leaf;
	do {
		leaf = leaf_of(count + 1);
	} while (history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)) &&
			 ++count < 199);
	must(count > 10 && count < 199);
	must(strstr(error, "no space left for the history file: ") == error);
	/* It goes on saying so, and what is there stays. */
	must(!history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
	must(strstr(error, "no space left") != NULL);
	leaf = leaf_of(count);
	must(history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
	must_hold(count);
	/* Together, where the disk is full: none of them is kept, and those before are. */
	history_begin(history);
	bool room = true;
	for (unsigned i = 1; i < 200 && room; i++) {
		leaf = leaf_of(1000 + i);
		room = history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error));
	}
	must(!room || !history_commit(history, error, sizeof(error)));
	must(strstr(error, "no space left") != NULL);
	history_close(history);
	must_hold(count);
}

static void fill_disk(void) {
	static const char bytes[4096];
	int file = open("filler", O_WRONLY | O_CREAT, 0600);
	while (write(file, bytes, sizeof(bytes)) > 0) {
	}
	close(file);
}

static void full_from_the_start_work(void) {
	disk_make();
	must(chdir(directory) == 0);
	fill_disk();
	must(history_open(path, error, sizeof(error)) == NULL);
	must(strstr(error, "no space left for the history file") != NULL);
	must(unlink("filler") == 0);
	history_close(history_open(path, error, sizeof(error)));
	must_hold(0);
}

static void read_only_disk_work(void) {
	disk_make();
	must(chdir(directory) == 0);
	history *history = history_open(path, error, sizeof(error));
	must(history != NULL);
	for (unsigned i = 1; i <= 3; i++) {
		certificate leaf = leaf_of(i);
		must(history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
	}
	history_close(history);
	must(mount(NULL, directory, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
	must(history_open("new.db", error, sizeof(error)) == NULL);
	must(strstr(error, "cannot be made (Read-only file system)") != NULL);
	read_only_work();
	must_hold(3);
}

static void test_full_disk(void **state) {
	(void)state;
	run_on_disk(full_disk_work);
}

static void test_full_from_the_start(void **state) {
	(void)state;
	run_on_disk(full_from_the_start_work);
}

static void test_read_only_disk(void **state) {
	(void)state;
	run_on_disk(read_only_disk_work);
}

/* Others at the same time */

static void test_busy(void **state) {
	(void)state;
	fill(1);
	history *history = open_it();
	sqlite3 *other = raw_open();
	certificate leaf = leaf_of(2);
	history_record record;
	/* One that is about to write: reading goes on. */
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	record = read_it(history);
	assert_int_equal(record.count, 1);
	history_record_free(&record);
	assert_false(history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
	assert_said("other checks keep the history file busy");
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	/* One that writes: not even reading. */
	assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
	assert_false(history_read(history, TARGET, &record, error, sizeof(error)));
	assert_said("busy");
	assert_not_opened("busy");
	sqlite3_close(other);
	assert_true(history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
	history_close(history);
}

enum {
	WRITERS = 8,
	NOTES = 50,
	SHARED_NOTES = NOTES / 2,
};

/* Every other note is for an address that all write to, the rest for one of its own. */
static void write_notes(unsigned writer) {
	history *history = history_open(path, error, sizeof(error));
	must(history != NULL);
	for (unsigned i = 0; i < NOTES; i++) {
		char own[20];
		snprintf(own, sizeof(own), "198.51.100.%u", writer);
		certificate leaf = leaf_of(writer * NOTES + i + 1);
		must(history_note(history, TARGET, i % 2 == 0 ? ADDRESS : own, &leaf, now + i, error,
						  sizeof(error)));
		history_record record;
		must(history_read(history, TARGET, &record, error, sizeof(error)));
		history_record_free(&record);
	}
	history_close(history);
}

/* They make the file, too. */
static void test_many_at_once(void **state) {
	(void)state;
	int gate[2];
	pid_t writers[WRITERS];
	assert_int_equal(pipe(gate), 0);
	fflush(NULL);
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i] = fork();
		assert_true(writers[i] >= 0);
		if (writers[i] == 0) {
			char byte;
			close(gate[1]);
			must(read(gate[0], &byte, 1) == 0); /* until all are there */
			write_notes(i);
			_exit(0);
		}
	}
	close(gate[0]);
	close(gate[1]);
	int failed = 0;
	for (unsigned i = 0; i < WRITERS; i++) {
		int status;
		assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
		failed += status != 0;
	}
	assert_int_equal(failed, 0);
	history_record record = read_again();
	assert_int_equal(record.count, WRITERS * NOTES);
	size_t shared = 0;
	int64_t last_come = INT64_MIN;
	for (size_t i = 0; i < record.count; i++) {
		if (strcmp(record.entries[i].address, ADDRESS) == 0) {
			shared++;
			assert_true(record.entries[i].first_seen > last_come);
			last_come = record.entries[i].first_seen;
		}
	}
	assert_int_equal(shared, WRITERS * SHARED_NOTES);
	history_record_free(&record);
	assert_sound();
}

enum {
	KILLS = 50,
	KILLED_AFTER_MAX = 6, /* reports */
	KILLED_WITHIN_US = 3000,
};

static void round_target(char *out, size_t size, unsigned round) {
	snprintf(out, size, "round %u", round);
}

/* Writes, and reports each number once it is recorded, until it is killed. */
static void write_until_killed(unsigned round, int report) {
	char target[30];
	round_target(target, sizeof(target), round);
	history *history = history_open(path, error, sizeof(error));
	must(history != NULL);
	for (unsigned i = 1; i <= 150; i++) {
		certificate leaf = leaf_of(i);
		must(history_note(history, target, ADDRESS, &leaf, now, error, sizeof(error)));
		must(write(report, &i, sizeof(i)) == sizeof(i));
	}
	pause();
}

/* The last number that it reported. */
static unsigned write_and_kill(unsigned round) {
	int report[2];
	unsigned reported = 0;
	assert_int_equal(pipe(report), 0);
	fflush(NULL);
	pid_t writer = fork();
	assert_true(writer >= 0);
	if (writer == 0) {
		close(report[0]);
		write_until_killed(round, report[1]);
	}
	close(report[1]);
	int wanted = rand() % KILLED_AFTER_MAX;
	for (int i = 0; i < wanted; i++) {
		assert_int_equal(read(report[0], &reported, sizeof(reported)), sizeof(reported));
	}
	usleep((useconds_t)(rand() % KILLED_WITHIN_US));
	assert_int_equal(kill(writer, SIGKILL), 0);
	int status;
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_true(WIFSIGNALED(status));
	while (read(report[0], &reported, sizeof(reported)) == sizeof(reported)) {
	}
	close(report[0]);
	return reported;
}

static void assert_round(history *history, unsigned round, unsigned reported) {
	char target[30];
	history_record record;
	round_target(target, sizeof(target), round);
	expect(history_read(history, target, &record, error, sizeof(error)), "%s", error);
	/* One more may have been written, but not yet reported. */
	expect(record.count == reported || record.count == reported + 1,
		   "round %u: %zu recorded, %u reported", round, record.count, reported);
	for (unsigned i = 1; i <= reported; i++) {
		assert_non_null(entry_of(&record, ADDRESS, i));
	}
	history_record_free(&record);
}

static void test_killed_at_any_moment(void **state) {
	(void)state;
	static unsigned reported[KILLS];
	char journal[PATH_MAX + 10];
	unsigned interrupted = 0;
	snprintf(journal, sizeof(journal), "%s-journal", path);
	srand((unsigned)getpid());
	for (unsigned i = 0; i < KILLS; i++) {
		reported[i] = write_and_kill(i);
		interrupted += access(journal, F_OK) == 0;
		history *history = open_it();
		assert_round(history, i, reported[i]);
		history_close(history);
	}
	history *history = open_it();
	for (unsigned i = 0; i < KILLS; i++) {
		assert_round(history, i, reported[i]);
	}
	history_close(history);
	assert_sound();
	print_message("%u of %u were killed in the middle of a write\n", interrupted, KILLS);
}

/* Frame */

static int remove_all(void) {
	char command[PATH_MAX + 40];
	snprintf(command, sizeof(command), "chmod -R u+rwX '%s' && rm -rf '%s'", directory, directory);
	return system(command);
}

static int each_begin(void **state) {
	(void)state;
	snprintf(path, sizeof(path), "%s/history.db", directory);
	return mkdir(directory, 0700) != 0 || chdir(directory) != 0;
}

static int each_end(void **state) {
	(void)state;
	unsetenv("MP_STATE_PATH");
	return chdir("/") != 0 || remove_all() != 0;
}

/* Its name is free again, but nobody else's by chance. */
static int all_begin(void **state) {
	(void)state;
	const char *parent = getenv("TMPDIR");
	char resolved[PATH_MAX];
	unsetenv("MP_STATE_PATH");
	if (realpath(parent != NULL ? parent : "/tmp", resolved) == NULL) {
		return -1;
	}
	int length = snprintf(directory, sizeof(directory), "%s/history.XXXXXX", resolved);
	return length < (int)sizeof(directory) && mkdtemp(directory) != NULL ? rmdir(directory) : -1;
}

#define each(test) cmocka_unit_test_setup_teardown(test, each_begin, each_end)

int main(void) {
	const struct CMUnitTest tests[] = {
		each(test_file_is_made),
		each(test_empty_file_is_filled),
		each(test_default_place),
		each(test_given_directory_is_not_made),
		each(test_names_are_names),
		each(test_what_is_no_file),
		each(test_note_and_read),
		each(test_writes_only_news),
		each(test_rollback_is_in_the_record),
		each(test_two_handles),
		each(test_what_is_not_recorded),
		each(test_hostile_strings),
		each(test_hostile_rows),
		each(test_rows_per_address),
		each(test_rows_per_target),
		each(test_together),
		each(test_renewal_info),
		each(test_old_answers_go),
		each(test_newer_schema),
		each(test_database_of_another),
		each(test_no_database),
		each(test_damaged_file),
		each(test_read_only),
		each(test_closed),
		each(test_full_disk),
		each(test_full_from_the_start),
		each(test_read_only_disk),
		each(test_busy),
		each(test_many_at_once),
		each(test_killed_at_any_moment),
	};
	return cmocka_run_group_tests(tests, all_begin, NULL);
}
