/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --self-test: what this installation has, for the user that runs it. Plain values; the states say
 * which of them some option, or every check, suffers from.
 */
#ifndef CHECK_CERT_RENEWAL_SELF_TEST_H
#define CHECK_CERT_RENEWAL_SELF_TEST_H

#include "config.h"
#include "facts/trust.h"
#include "states.h"

#include <stdbool.h>
#include <stdint.h>

/* What is looked at, in the order of the output: id, name in the output. */
#define SELF_TEST_CHECKS(ROW)                                                                      \
	ROW(PLUGIN, "plugin")                                                                          \
	ROW(USER, "user")                                                                              \
	ROW(OPENSSL, "OpenSSL")                                                                        \
	ROW(LIBUV, "libuv")                                                                            \
	ROW(JANSSON, "jansson")                                                                        \
	ROW(SQLITE, "SQLite")                                                                          \
	ROW(LIBIDN2, "libidn2")                                                                        \
	ROW(TRUST, "trust")                                                                            \
	ROW(RESOLVER, "resolver")                                                                      \
	ROW(STATE_PATH, "state-path")                                                                  \
	ROW(HISTORY, "history")                                                                        \
	ROW(INI_FILE, "ini-file")                                                                      \
	ROW(CLOCK, "clock")                                                                            \
	ROW(LANGUAGE, "language")

typedef enum {
#define ROW(id, name) SELF_TEST_##id,
	SELF_TEST_CHECKS(ROW)
#undef ROW
	SELF_TEST_COUNT,
} self_test_check;

/* The version that this program was built with, and the one that it runs with: NULL is none. */
typedef struct {
	const char *built;
	const char *running;
} library_versions;

/* Can this user write a file that need not be there yet? */
typedef enum {
	WRITE_EXISTING,
	WRITE_NEW,          /* there is no file yet, and it can be made */
	WRITE_NO_DIRECTORY, /* at: the directory that is missing */
	WRITE_CLOSED,       /* at: the directory that does not let this user pass */
	WRITE_DIRECTORY,    /* at: the directory that cannot be written */
	WRITE_FILE,         /* at: the file itself */
	WRITE_READ_ONLY,    /* the file system */
	WRITE_NOT_A_FILE,
} write_access;

typedef struct {
	char *path; /* owned */
	bool named; /* by --history */
	write_access access;
	char *at;          /* owned: where to repair; NULL: nowhere */
	char problem[256]; /* of what is in the file; "": none */
} history_survey;

typedef struct {
	char *path;      /* owned; NULL: not known */
	char *closed_to; /* owned: what others cannot pass or run on the way to it; NULL: nothing */
	char *open_to;   /* owned: what others can write on the way to it; NULL: nothing */
} plugin_survey;

typedef struct {
	char *path; /* owned; NULL: none found */
	bool named; /* by MP_CONFIG_FILE */
	int error;  /* errno of reading it; 0: it can be read */
} ini_survey;

typedef struct {
	plugin_survey plugin;
	char user[64];
	bool is_root;
	library_versions libraries[SELF_TEST_COUNT]; /* by check */
	const char *rootcert;                        /* -r; NULL: the system's anchors */
	char rootcert_problem[256];                  /* "": none */
	trust_survey trust;
	char resolver_problem[128]; /* "": none */
	const char *state_path;     /* MP_STATE_PATH; NULL: the package's */
	history_survey history;
	ini_survey ini;
	int64_t now; /* seconds since the epoch */
	mp_state_enum states[SELF_TEST_COUNT];
} self_test;

/* *lookup_pending as for run(). Free with self_test_free(). */
void self_test_gather(self_test *out, const config *config, bool *lookup_pending);
void self_test_free(self_test *test);

const char *self_test_name(self_test_check check);
/* The worst of all. */
mp_state_enum self_test_state(const self_test *test);

/* self_test_files.c; each fills what it is named for. */
void self_test_plugin(plugin_survey *out);
void self_test_history(history_survey *out, const char *file);
void self_test_ini(ini_survey *out);

#endif
