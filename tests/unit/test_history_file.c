/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The history's file: where it is, and that one which is not as it should be, or its disk, is said
 * and left as it is.
 */
#include "history_trial.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <time.h>

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
	char parent[SCRATCH_PATH_MAX];
	setenv("MP_STATE_PATH", scratch_directory, 1);
	snprintf(path, sizeof(path), "%s/check_cert_renewal", scratch_directory);
	mode_t before = umask(0);
	history *history = history_open(NULL, error, sizeof(error));
	umask(before);
	expect(history != NULL, "%s", error);
	history_close(history);
	assert_int_equal(mode_of(path), 0700);
	snprintf(path, sizeof(path), "%s/check_cert_renewal/history.db", scratch_directory);
	assert_int_equal(mode_of(path), 0600);
	history_close(history_open(NULL, error, sizeof(error)));
	/* The parent is not made. */
	scratch_path(parent, "missing");
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
	snprintf(path, sizeof(path), "%s/missing/history.db", scratch_directory);
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
	static const char *const contents[] = {"xy", "-----BEGIN CERTIFICATE-----\n",
										   "SQLite format 3"};
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

/* Permissions hold for root, too. */
static void drop_privileges(void) {
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};
	must(syscall(SYS_capset, &header, none) == 0);
}

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
	assert_int_equal(chmod(scratch_directory, 0500), 0);
	assert_int_equal(run_apart(read_only_work), 0);
	assert_int_equal(chmod(scratch_directory, 0700), 0);
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
	assert_int_equal(chmod(scratch_directory, 0500), 0);
	assert_int_equal(run_apart(closed_work), 0);
	assert_int_equal(chmod(scratch_directory, 0700), 0);
}

/* A disk of its own, in a mount namespace that ends with its process */

enum {
	NO_DISK = 77
};

static void disk_make(void) {
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, "") != 0 ||
		mount("tmpfs", scratch_directory, "tmpfs", 0, "size=64k") != 0) {
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

/* With room for less than a hundred notes. */
static bool large_note(history *history, unsigned number) {
	static char serial[600];
	memset(serial, 'A', sizeof(serial) - 1);
	certificate leaf = leaf_of(number);
	leaf.serial = serial;
	return history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error));
}

static void full_disk_work(void) {
	disk_make();
	history *history = history_open(path, error, sizeof(error));
	must(history != NULL);
	unsigned count = 0;
	while (large_note(history, count + 1)) {
		must(++count < 100);
	}
	must(count > 10);
	must(strstr(error, "no space left for the history file: ") == error);
	/* It goes on saying so, and what is there stays. */
	must(!large_note(history, count + 1));
	must(strstr(error, "no space left") != NULL);
	must(large_note(history, count)); /* nothing new */
	must_hold(count);
	/* Together: none of them is kept, and those before are. */
	history_begin(history);
	bool room = true;
	for (unsigned i = 0; i < 100 && room; i++) {
		room = large_note(history, count + 1 + i);
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
	must(chdir(scratch_directory) == 0);
	fill_disk();
	must(history_open(path, error, sizeof(error)) == NULL);
	must(strstr(error, "no space left for the history file") != NULL);
	must(unlink("filler") == 0);
	history_close(history_open(path, error, sizeof(error)));
	must_hold(0);
}

static void read_only_disk_work(void) {
	disk_make();
	must(chdir(scratch_directory) == 0);
	history *history = history_open(path, error, sizeof(error));
	must(history != NULL);
	for (unsigned i = 1; i <= 3; i++) {
		certificate leaf = leaf_of(i);
		must(history_note(history, TARGET, ADDRESS, &leaf, now, error, sizeof(error)));
	}
	history_close(history);
	must(mount("none", scratch_directory, "tmpfs", MS_REMOUNT | MS_RDONLY, "") == 0);
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

int main(void) {
	const struct CMUnitTest tests[] = {
		each(test_file_is_made),    each(test_empty_file_is_filled),
		each(test_default_place),   each(test_given_directory_is_not_made),
		each(test_names_are_names), each(test_what_is_no_file),
		each(test_newer_schema),    each(test_database_of_another),
		each(test_no_database),     each(test_damaged_file),
		each(test_read_only),       each(test_closed),
		each(test_full_disk),       each(test_full_from_the_start),
		each(test_read_only_disk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
