/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many that write to one history at the same time, and some that are killed: nothing is lost. */
#include "history_trial.h"

#include <signal.h>

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

/*
 * Notes it, with another try where a slow disk kept the others busy beyond a check's patience: then
 * it is told, and a later check does it. Any other failure ends the test.
 */
static void note_in_the_end(history **history, const char *address, const certificate *leaf,
							int64_t at) {
	for (unsigned tries = 1;
		 !history_note(*history, TARGET, address, leaf, at, error, sizeof(error)); tries++) {
		must(strstr(error, "busy") != NULL && tries < 100);
		history_close(*history);
		*history = history_open(path, error, sizeof(error));
		must(*history != NULL);
	}
}

/* Every other note is for an address that all write to, the rest for one of its own. */
static void write_notes(unsigned writer) {
	history *history = history_open(path, error, sizeof(error));
	must(history != NULL);
	for (unsigned i = 0; i < NOTES; i++) {
		char own[20];
		snprintf(own, sizeof(own), "198.51.100.%u", writer);
		certificate leaf = leaf_of(writer * NOTES + i + 1);
		note_in_the_end(&history, i % 2 == 0 ? ADDRESS : own, &leaf, now + i);
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
	char journal[sizeof(path) + 10];
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

int main(void) {
	const struct CMUnitTest tests[] = {
		each(test_busy),
		each(test_many_at_once),
		each(test_killed_at_any_moment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
