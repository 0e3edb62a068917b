/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file behind a history, for history.c alone: opening it, statements, locks, and what went
 * wrong in words.
 */
#ifndef CHECK_CERT_RENEWAL_STORE_H
#define CHECK_CERT_RENEWAL_STORE_H

#include "history.h"
#include "sqlite.h"

typedef enum {
	QUERY_VERSION,
	QUERY_OBJECTS,
	QUERY_RECORD,
	QUERY_ADDRESS,
	QUERY_NOTE,
	QUERY_TRIM_ADDRESS,
	QUERY_TRIM_TARGET,
	QUERY_RENEWAL_INFO,
	QUERY_RENEWAL_INFO_NOTE,
	QUERY_RENEWAL_INFO_TRIM,
	QUERIES,
} query_id;

struct history {
	sqlite_functions sqlite;
	sqlite3 *database;
	char *path;
	sqlite3_stmt *prepared[QUERIES];
	bool together;             /* between history_begin() and history_commit() */
	bool renewal_info_trimmed; /* once per handle is enough */
	bool has_written;
	bool inside;         /* between BEGIN and COMMIT */
	int door;            /* the file once more, where it was written; else -1 */
	int64_t wait_until;  /* monotonic, in ms; 0: this call has not waited yet */
	bool waited_in_vain; /* then no call waits any more */
};

/* A public function starts with this: it has the whole time to wait for other checks. */
void store_start(history *history);

/* Reason and path into error; always false. store_say_why(): what SQLite's last call failed of. */
bool store_say(const history *history, const char *reason, char *error, size_t size);
bool store_say_why(const history *history, char *error, size_t size);

/*
 * The statement, ready to bind to; owned by the history. NULL where it cannot be prepared. What is
 * bound is not copied: it must stay until store_finish().
 */
sqlite3_stmt *store_query(history *history, query_id id);
bool store_bind_text(const history *history, sqlite3_stmt *statement, int index, const char *text);
bool store_bind_number(const history *history, sqlite3_stmt *statement, int index, int64_t value);
bool store_has_row(const history *history, sqlite3_stmt *statement);
int64_t store_number(const history *history, sqlite3_stmt *statement, int column);
/* Ends a statement: it holds a lock until then. Returns false where its last step failed. */
bool store_finish(const history *history, sqlite3_stmt *statement);
/* For what gives no rows. */
bool store_run(const history *history, sqlite3_stmt *statement);

/* To write: begin, then end where all went well, else store_write_failed(), which is always false.
 */
bool store_write_begin(history *history);
bool store_write_end(history *history);
bool store_write_failed(history *history, char *error, size_t size);

#endif
