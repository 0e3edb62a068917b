/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line of a web server's log -> when, who, with what. Common and Combined Log Format (Apache's
 * and nginx's own; with a virtual host in front too) and JSON lines.
 */
#ifndef QUIET_HOURS_LOG_LINE_H
#define QUIET_HOURS_LOG_LINE_H

#include "slot.h"

#include <stdbool.h>
#include <stddef.h>

/* What is wrong with a line. */
typedef enum {
	LINE_GOOD,
	LINE_EMPTY, /* nothing in it; not counted */
	LINE_NO_TIME,
	LINE_WRONG_TIME,
	LINE_NO_ZONE,
	LINE_NO_ADDRESS,
	LINE_NOT_JSON,
	LINE_TOO_LONG,
	LINE_TOO_OLD,
	LINE_IN_FUTURE,
	LINE_TOO_MANY_DAYS,
	LINE_PROBLEM_COUNT,
} line_problem;

/* In words, translated. */
const char *line_problem_words(line_problem problem);

/* Points into the line. */
typedef struct {
	const char *address;
	size_t address_length;
	const char *agent; /* NULL: the line has none */
	size_t agent_length;
	slot at;
} log_line;

/* What a reader remembers from line to line: the last time of day that was taken apart. */
typedef struct {
	char minute[17]; /* "25/Nov/2026:02:10" */
	char zone[5];
	slot at;
	slot oldest; /* slots that are believed: from this one */
	slot latest; /* to this one */
} log_line_reader;

/* Takes a line, without its end, apart. `now` in seconds: a day later is not believed any more. */
void log_line_begin(log_line_reader *reader, int64_t now);
line_problem log_line_read(log_line_reader *reader, const char *text, size_t length, log_line *out);

/* The end of a line in Common or Combined Log Format may be "\r"; JSON: see json_line.c. */
line_problem json_line_read(log_line_reader *reader, const char *text, size_t length,
							log_line *out);

/*
 * Times as logs have them -> seconds since 1970. "25/Nov/2026:02:10:33 +0900", in brackets or not;
 * "2026-11-25T02:10:33.123+09:00", with a blank instead of the T too; seconds since 1970, with a
 * fraction, or milli-, micro- and nanoseconds.
 */
line_problem log_time_clf(const char *text, int64_t *out); /* the 26 bytes from the day on */
line_problem log_time_any(const char *text, size_t length, int64_t *out);

/* Is it among the slots that are believed? */
line_problem log_time_believe(const log_line_reader *reader, int64_t seconds, slot *out);

#endif
