/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line of output being put together: bounded, and clean by construction. Our own words go in with
 * line_add(); everything from outside goes through line_add_outside().
 */
#ifndef CHECK_CERT_RENEWAL_LINE_H
#define CHECK_CERT_RENEWAL_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* Under 1 KiB with what a first line has around it. */
#define LINE_MAX_BYTES 800

typedef struct {
	char text[LINE_MAX_BYTES + 1];
	size_t length;
	bool full; /* something was cut; the text ends in "..." */
} line;

void line_init(line *line);

/* Adds our own words (printf format). */
void line_add(line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Adds outside material, at most max bytes of it. Control characters (C0, C1, DEL), format
 * characters that turn or hide text, and bytes that are not UTF-8 become '?', and '|', which begins
 * perfdata, becomes '/'.
 */
void line_add_outside(line *line, const char *text, size_t max);

#endif
