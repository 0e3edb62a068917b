/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A directory for a test's files, removed at its end: a group's set-up and tear-down. */
#ifndef CHECK_CERT_RENEWAL_TESTS_SCRATCH_H
#define CHECK_CERT_RENEWAL_TESTS_SCRATCH_H

#include "unit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#define SCRATCH_PATH_MAX 300

static char scratch_directory[200];

static inline int scratch_make(void **state) {
	(void)state;
	const char *parent = getenv("TMPDIR");
	int length = snprintf(scratch_directory, sizeof(scratch_directory), "%s/unit.XXXXXX",
						  parent != NULL ? parent : "/tmp");
	return length < (int)sizeof(scratch_directory) && mkdtemp(scratch_directory) != NULL ? 0 : -1;
}

/* The path of a file in the directory, in out; "" is the directory itself. */
static inline const char *scratch_path(char out[SCRATCH_PATH_MAX], const char *name) {
	const char *slash = name[0] != '\0' ? "/" : "";
	int length = snprintf(out, SCRATCH_PATH_MAX, "%s%s%s", scratch_directory, slash, name);
	assert_in_range(length, 1, SCRATCH_PATH_MAX - 1);
	return out;
}

static inline void scratch_write(const char *name, const void *bytes, size_t size) {
	char path[SCRATCH_PATH_MAX];
	FILE *file = fopen(scratch_path(path, name), "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static inline int scratch_remove_one(const char *path, const struct stat *status, int kind,
									 struct FTW *place) {
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

static inline int scratch_remove(void **state) {
	(void)state;
	return nftw(scratch_directory, scratch_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
