/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One log, line after line, as far as another one has to be read first. */
#ifndef QUIET_HOURS_LOG_FILE_H
#define QUIET_HOURS_LOG_FILE_H

#include "count.h"
#include "stream.h"

#include <sys/stat.h>

enum {
	LOG_LINE_MAX = 1 << 16, /* bytes; longer ones are bad, and cost no more memory */
};

typedef struct {
	char *path; /* owned; "-": standard input */
	dev_t device;
	ino_t number;
	bool regular;
	slot first; /* of its first good line; 0: unknown yet */
	slot at;    /* of the line that comes next */

	bool open;
	stream stream;
	char *buffer; /* owned while open */
	size_t begin; /* of what was read and not counted yet */
	size_t end;
	bool skipping; /* the rest of an endless line */
	uint64_t line; /* number of the last line that was counted */

	const char *problem; /* why (the rest of) it was not read; NULL: it was */
	uint64_t lines;
	uint64_t bad;
	uint64_t first_bad_line; /* 0: none */
	line_problem first_bad;
	char first_bad_text[41]; /* how it begins, as it is: not for output */
} log_file;

/* A file, or standard input. Problems are in file->problem. */
void log_file_init(log_file *file, char *path);

void log_file_free(log_file *file);

/* Opens it and looks for the first good line's time, then closes it unless it cannot be read twice.
 */
void log_file_look(log_file *file, log_line_reader *reader);

/* For reading. False: file->problem says why not. */
bool log_file_open(log_file *file);

/*
 * Counts lines up to one that is later than `until`, which file->at is then. False: the file has
 * ended and is closed.
 */
bool log_file_count(log_file *file, count *count, slot until);

#endif
