/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the history records, when it writes, and how much it keeps. */
#include "history_trial.h"

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

int main(void) {
	const struct CMUnitTest tests[] = {
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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
