/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parts of sentences: durations, dates, and names from outside. They are values, so that a sentence
 * is one translatable format: line_add(line, _("expired %s (%s)"), phrase_ago(s).text, ...).
 */
#ifndef CHECK_CERT_RENEWAL_PHRASE_H
#define CHECK_CERT_RENEWAL_PHRASE_H

#include "line.h"

#include <stdint.h>

typedef struct {
	char text[LINE_MAX_BYTES + 1];
} phrase;

/* "62 days", "36 hours", "1 minute": rounded, in the largest unit of which there are enough. */
phrase phrase_duration(double seconds);

/* "2 days ago", "in 2 days": of the same duration, whatever its sign. */
phrase phrase_ago(double seconds);
phrase phrase_in(double seconds);

/* "2026-12-14", with the time of day where `near` is under two days away. UTC. */
phrase phrase_date(int64_t time, double near);

/* "2026-12-14T05:06:07Z" */
phrase phrase_timestamp(int64_t time);

/* Outside material, cleaned as line_add_outside() does; at most max bytes of it. NULL is nothing.
 */
phrase phrase_outside(const char *text, size_t max);

/* What was put together in a line. */
phrase phrase_of(const line *line);

#endif
