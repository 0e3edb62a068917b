/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SQLite, loaded when a history is opened: linked in, it would cost every start 4 % of a whole
 * check and 1 MB, and most checks keep no history.
 */
#ifndef CHECK_CERT_RENEWAL_SQLITE_H
#define CHECK_CERT_RENEWAL_SQLITE_H

#include <sqlite3.h>
#include <stdbool.h>

/* Each function of SQLite that is used, without its sqlite3_. A new one is a row. */
#define SQLITE_FUNCTIONS(ROW)                                                                      \
	ROW(bind_blob)                                                                                 \
	ROW(bind_int64)                                                                                \
	ROW(bind_text)                                                                                 \
	ROW(busy_handler)                                                                              \
	ROW(close)                                                                                     \
	ROW(column_blob)                                                                               \
	ROW(column_bytes)                                                                              \
	ROW(column_int64)                                                                              \
	ROW(column_text)                                                                               \
	ROW(errcode)                                                                                   \
	ROW(errmsg)                                                                                    \
	ROW(exec)                                                                                      \
	ROW(finalize)                                                                                  \
	ROW(get_autocommit)                                                                            \
	ROW(libversion)                                                                                \
	ROW(open_v2)                                                                                   \
	ROW(prepare_v2)                                                                                \
	ROW(reset)                                                                                     \
	ROW(step)                                                                                      \
	ROW(system_errno)

typedef struct {
#define ROW(name) __typeof__(sqlite3_##name) *name;
	SQLITE_FUNCTIONS(ROW)
#undef ROW
} sqlite_functions;

/* Returns false where the library is not installed. It is never unloaded. */
bool sqlite_load(sqlite_functions *out);

#endif
