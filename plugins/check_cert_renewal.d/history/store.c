/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store.h"

#include "../language.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * The journal is SQLite's default, one that is rolled back: to read costs no more than to look for
 * it. A write-ahead log would be made and removed by each check, and needs a directory that can be
 * written even to read.
 */
enum {
	schema_version = 1,
	/* How long one call waits for other checks; a write takes a hundredth of it or less. */
	wait_max_ms = 2000,
};

/*
 * A certificate at one address of a target is one row, however often it comes and goes: it came
 * first at first_seen, and the row of an address with the greatest last_seen is what is served
 * there. Where that is not also the one with the greatest first_seen, an earlier one came back.
 */
static const char schema[] =
	"CREATE TABLE seen (target TEXT NOT NULL, address TEXT NOT NULL, sha256 BLOB NOT NULL,"
	" serial TEXT NOT NULL, not_before INTEGER NOT NULL, not_after INTEGER NOT NULL,"
	" first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,"
	" PRIMARY KEY (target, address, sha256)) WITHOUT ROWID;"
	"CREATE TABLE renewal_info (certificate_id TEXT NOT NULL PRIMARY KEY, known INTEGER NOT NULL,"
	" window_start INTEGER NOT NULL, window_end INTEGER NOT NULL, explanation_url TEXT NOT NULL,"
	" asked_at INTEGER NOT NULL, next_poll INTEGER NOT NULL) WITHOUT ROWID;"
	"PRAGMA user_version = 1";

static const char *const queries[QUERIES] = {
	[QUERY_VERSION] = "PRAGMA user_version",
	[QUERY_OBJECTS] = "SELECT count(*) FROM sqlite_master",
	[QUERY_RECORD] = "SELECT address, serial, sha256, not_before, not_after, first_seen, last_seen"
					 " FROM seen WHERE target = ?",
	[QUERY_ADDRESS] = "SELECT sha256, last_seen FROM seen WHERE target = ? AND address = ?",
	[QUERY_NOTE] = "INSERT INTO seen VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)"
				   " ON CONFLICT (target, address, sha256) DO UPDATE SET last_seen = ?7",
	/* By key: times may be equal, at several addresses or by another hand. */
	[QUERY_TRIM_ADDRESS] = "DELETE FROM seen WHERE target = ?1 AND address = ?2 AND sha256 IN"
						   " (SELECT sha256 FROM seen WHERE target = ?1 AND address = ?2"
						   " ORDER BY last_seen DESC, first_seen DESC LIMIT -1 OFFSET ?3)",
	[QUERY_TRIM_TARGET] = "DELETE FROM seen WHERE target = ?1 AND (address, sha256) IN"
						  " (SELECT address, sha256 FROM seen WHERE target = ?1"
						  " ORDER BY last_seen DESC, first_seen DESC LIMIT -1 OFFSET ?2)",
	[QUERY_RENEWAL_INFO] = "SELECT known, window_start, window_end, explanation_url, asked_at,"
						   " next_poll FROM renewal_info WHERE certificate_id = ?",
	[QUERY_RENEWAL_INFO_NOTE] = "INSERT OR REPLACE INTO renewal_info VALUES (?, ?, ?, ?, ?, ?, ?)",
	[QUERY_RENEWAL_INFO_TRIM] = "DELETE FROM renewal_info WHERE next_poll < ?",
};

/* Words */

bool store_say(const history *history, const char *reason, char *error, size_t size) {
	snprintf(error, size, "%s: %s", reason, history->path);
	return false;
}

static bool say_errno(const history *history, const char *what, int number, char *error,
					  size_t size) {
	char reason[512];
	snprintf(reason, sizeof(reason), "%s (%s)", what, _(strerror(number)));
	return store_say(history, reason, error, size);
}

bool store_say_why(const history *history, char *error, size_t size) {
	const sqlite_functions *sqlite = &history->sqlite;
	int number = sqlite->system_errno(history->database);
	char reason[512];
	switch (sqlite->errcode(history->database) & 0xff) {
	case SQLITE_BUSY:
		return store_say(history, _("other checks keep the history file busy"), error, size);
	case SQLITE_FULL:
		return store_say(history, _("no space left for the history file"), error, size);
	case SQLITE_READONLY:
		return store_say(history, _("the history file or its directory cannot be written"), error,
						 size);
	case SQLITE_CANTOPEN:
		return say_errno(history, _("the history file or its journal cannot be opened"), number,
						 error, size);
	case SQLITE_IOERR:
		return say_errno(history, _("the history file cannot be read or written"), number, error,
						 size);
	case SQLITE_NOTADB:
		return store_say(history, _("not a history file"), error, size);
	case SQLITE_CORRUPT:
		return store_say(history, _("the history file is damaged"), error, size);
	case SQLITE_ERROR: /* a table or column is missing */
		snprintf(reason, sizeof(reason), _("not a history file of this plugin (%s)"),
				 sqlite->errmsg(history->database));
		return store_say(history, reason, error, size);
	default:
		return store_say(history, sqlite->errmsg(history->database), error, size);
	}
}

/* Statements */

sqlite3_stmt *store_query(history *history, query_id id) {
	if (history->prepared[id] == NULL) {
		history->sqlite.prepare_v2(history->database, queries[id], -1, &history->prepared[id],
								   NULL);
	}
	return history->prepared[id];
}

bool store_bind_text(const history *history, sqlite3_stmt *statement, int index, const char *text) {
	return history->sqlite.bind_text(statement, index, text, -1, SQLITE_STATIC) == SQLITE_OK;
}

bool store_bind_number(const history *history, sqlite3_stmt *statement, int index, int64_t number) {
	return history->sqlite.bind_int64(statement, index, number) == SQLITE_OK;
}

bool store_has_row(const history *history, sqlite3_stmt *statement) {
	return history->sqlite.step(statement) == SQLITE_ROW;
}

bool store_finish(const history *history, sqlite3_stmt *statement) {
	return history->sqlite.reset(statement) == SQLITE_OK;
}

bool store_run(const history *history, sqlite3_stmt *statement) {
	history->sqlite.step(statement);
	return store_finish(history, statement);
}

static bool run_text(const history *history, const char *sql) {
	return history->sqlite.exec(history->database, sql, NULL, NULL, NULL) == SQLITE_OK;
}

int64_t store_number(const history *history, sqlite3_stmt *statement, int column) {
	return history->sqlite.column_int64(statement, column);
}

/* A statement that gives one number. */
static bool ask_number(history *history, query_id id, int64_t *out) {
	sqlite3_stmt *statement = store_query(history, id);
	if (statement == NULL) {
		return false;
	}
	*out = store_has_row(history, statement) ? store_number(history, statement, 0) : 0;
	return store_finish(history, statement);
}

/* Locks and transactions */

static int64_t monotonic_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void store_start(history *history) { history->wait_until = 0; }

/*
 * The pauses of one that waits, and the gap that one leaves which writes several times: who has
 * waited for longer looks more often, and so sees the gap first.
 */
enum {
	pause_first_us = 8000,
	pause_last_us = 1000,
	/* Of the one whose turn it is: it waits for those that are just reading. */
	pause_inside_us = 100,
	pause_less_us_per_ms = 20,
	gap_us = 1500,
};

static void sleep_us(int64_t microseconds) {
	nanosleep(&(struct timespec){.tv_nsec = (long)microseconds * 1000}, NULL);
}

/* SQLite's busy handler, too. Returns 0 where the time to wait is over. */
static int wait_for_others(void *context, int tries) {
	(void)tries;
	history *history = context;
	int64_t now = monotonic_ms();
	if (history->wait_until == 0) {
		history->wait_until = now + wait_max_ms;
	}
	int64_t left = history->wait_until - now;
	if (history->waited_in_vain || left <= 0) {
		history->waited_in_vain = true;
		return 0;
	}
	int64_t pause = pause_first_us - pause_less_us_per_ms * (wait_max_ms - left);
	if (history->inside) {
		pause = pause_inside_us;
	} else if (pause < pause_last_us) {
		pause = pause_last_us;
	}
	sleep_us(pause);
	return 1;
}

/*
 * A door before SQLite's own locks, which alone guard the file: of a hundred that want to write,
 * each attempt at those would hold up the one that writes. It is a lock on a byte that SQLite does
 * not lock (https://www.sqlite.org/src/file/src/os.h: PENDING_BYTE), far behind the end of the
 * file.
 */
#ifdef F_OFD_SETLK
static int door_set(const history *history, short type) {
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = INT32_MAX, .l_len = 1};
	return fcntl(history->door, F_OFD_SETLK, &lock);
}

/* Where there is no way in, SQLite says so in its own words. */
static void door_enter(history *history) {
	if (history->door < 0) {
		/* Closed after the database: to close it ends the process's locks on the file. */
		history->door = open(history->path, O_RDWR | O_CLOEXEC);
	}
	while (history->door >= 0 && door_set(history, F_WRLCK) != 0 &&
		   (errno == EAGAIN || errno == EACCES || errno == EINTR) &&
		   wait_for_others(history, 0) != 0) {
	}
}

static void door_leave(const history *history) {
	if (history->door >= 0) {
		door_set(history, F_UNLCK);
	}
}
#else
static void door_enter(history *history) { (void)history; }
static void door_leave(const history *history) { (void)history; }
#endif

/*
 * Locks at the start, not at the first write: two that have read and then want to write would each
 * wait for the other.
 */
bool store_write_begin(history *history) {
	if (history->sqlite.get_autocommit(history->database) == 0) {
		return true;
	}
	if (history->has_written) {
		sleep_us(gap_us);
	}
	history->has_written = true;
	door_enter(history);
	history->inside = run_text(history, "BEGIN IMMEDIATE");
	return history->inside;
}

static void write_undo(history *history) {
	if (history->sqlite.get_autocommit(history->database) == 0) {
		run_text(history, "ROLLBACK");
	}
	history->inside = false;
	door_leave(history);
}

/* Says why before it undoes, which is the next thing that could fail. */
bool store_write_failed(history *history, char *error, size_t size) {
	store_say_why(history, error, size);
	write_undo(history);
	return false;
}

bool store_write_end(history *history) {
	if (history->together) {
		return true;
	}
	bool written = run_text(history, "COMMIT");
	if (written) {
		history->inside = false;
		door_leave(history);
	}
	return written;
}

/* Opening */

char *history_path(const char *path, bool *is_default) {
	char *out = NULL;
	const char *state = secure_getenv("MP_STATE_PATH");
	int length;
	*is_default = path == NULL;
	if (path != NULL) {
		/* SQLite gives other names a meaning: ":memory:", "file:...". */
		length = asprintf(&out, "%s%s", path[0] == '/' ? "" : "./", path);
	} else if (state != NULL && state[0] != '\0') {
		length = asprintf(&out, "%s%s/check_cert_renewal/history.db", state[0] == '/' ? "" : "./",
						  state);
	} else {
		length = asprintf(&out, "%s/history.db", STATE_DIRECTORY);
	}
	return length < 0 ? NULL : out;
}

static int file_make(const char *path) {
	int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (descriptor < 0) {
		return errno == EEXIST ? 0 : errno;
	}
	close(descriptor);
	return 0;
}

static void directory_make(char *path) {
	char *end = strrchr(path, '/');
	*end = '\0';
	mkdir(path, 0700); /* where that fails, so does what follows */
	*end = '/';
}

/* SQLite would make the file readable for all, and open what is no file. */
static bool file_present(history *history, bool is_default, char *error, size_t size) {
	struct stat status;
	if (stat(history->path, &status) == 0) {
		return S_ISREG(status.st_mode) || store_say(history, _("not a file"), error, size);
	}
	int number = errno == ENOENT ? file_make(history->path) : errno;
	if (number == ENOENT && is_default) {
		directory_make(history->path);
		number = file_make(history->path);
	}
	return number == 0 ||
		   say_errno(history, _("the history file cannot be made"), number, error, size);
}

/* Two checks may find the file empty at the same time: the second one has to find that out. */
static bool schema_make(history *history, char *error, size_t size) {
	int64_t version = 0;
	int64_t objects = 0;
	if (!store_write_begin(history) || !ask_number(history, QUERY_VERSION, &version) ||
		!ask_number(history, QUERY_OBJECTS, &objects)) {
		return store_write_failed(history, error, size);
	}
	if (version == 0 && objects != 0) {
		write_undo(history);
		return store_say(history, _("not a history file, but a database of another program"), error,
						 size);
	}
	if ((version == 0 && !run_text(history, schema)) || !store_write_end(history)) {
		return store_write_failed(history, error, size);
	}
	return true;
}

static bool schema_check(history *history, char *error, size_t size) {
	int64_t version = 0;
	if (!ask_number(history, QUERY_VERSION, &version)) {
		return store_say_why(history, error, size);
	}
	if (version == 0) {
		return schema_make(history, error, size);
	}
	return version == schema_version ||
		   store_say(history, _("the history file is of a newer version of this plugin"), error,
					 size);
}

history *history_open(const char *path, char *error, size_t size) {
	bool is_default;
	history *opened = calloc(1, sizeof(*opened));
	if (opened != NULL) {
		opened->door = -1;
		opened->path = history_path(path, &is_default);
	}
	if (opened == NULL || opened->path == NULL) {
		snprintf(error, size, _("out of memory"));
	} else if (!sqlite_load(&opened->sqlite)) {
		snprintf(error, size, _("history needs libsqlite3, which is not installed here"));
	} else if (file_present(opened, is_default, error, size)) {
		int result = opened->sqlite.open_v2(opened->path, &opened->database,
											SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
		if (opened->database == NULL) {
			snprintf(error, size, _("out of memory"));
		} else if (result != SQLITE_OK) {
			store_say_why(opened, error, size);
		} else {
			opened->sqlite.busy_handler(opened->database, wait_for_others, opened);
			if (schema_check(opened, error, size)) {
				return opened;
			}
		}
	}
	history_close(opened);
	return NULL;
}

void history_close(history *history) {
	if (history == NULL) {
		return;
	}
	if (history->database != NULL) {
		for (size_t i = 0; i < QUERIES; i++) {
			history->sqlite.finalize(history->prepared[i]);
		}
		history->sqlite.close(history->database);
	}
	if (history->door >= 0) {
		close(history->door);
	}
	free(history->path);
	free(history);
}
