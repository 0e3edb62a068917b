/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "phrase.h"

#include "../calendar.h"
#include "../language.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef enum {
	UNIT_DAY,
	UNIT_HOUR,
	UNIT_MINUTE,
	UNIT_SECOND
} time_unit;

/* From `enough` of a unit on, the next larger one is spoken in. */
static const struct {
	double seconds;
	long enough;
} units[] = {[UNIT_DAY] = {86400, 0},
			 [UNIT_HOUR] = {3600, 48},
			 [UNIT_MINUTE] = {60, 120},
			 [UNIT_SECOND] = {1, 120}};

static time_unit unit_of(double seconds, long *count) {
	time_unit unit = UNIT_DAY;
	while (unit < UNIT_SECOND &&
		   lround(seconds / units[unit + 1].seconds) < units[unit + 1].enough) {
		unit++;
	}
	*count = lround(seconds / units[unit].seconds);
	return unit;
}

phrase phrase_duration(double seconds) {
	long n = 0;
	time_unit unit = unit_of(fabs(seconds), &n);
	unsigned long count = (unsigned long)n;
	phrase out;
	snprintf(out.text, sizeof(out.text),
			 unit == UNIT_DAY      ? ngettext("%ld day", "%ld days", count)
			 : unit == UNIT_HOUR   ? ngettext("%ld hour", "%ld hours", count)
			 : unit == UNIT_MINUTE ? ngettext("%ld minute", "%ld minutes", count)
								   : ngettext("%ld second", "%ld seconds", count),
			 n);
	return out;
}

phrase phrase_ago(double seconds) {
	long n = 0;
	time_unit unit = unit_of(fabs(seconds), &n);
	unsigned long count = (unsigned long)n;
	phrase out;
	snprintf(out.text, sizeof(out.text),
			 unit == UNIT_DAY      ? ngettext("%ld day ago", "%ld days ago", count)
			 : unit == UNIT_HOUR   ? ngettext("%ld hour ago", "%ld hours ago", count)
			 : unit == UNIT_MINUTE ? ngettext("%ld minute ago", "%ld minutes ago", count)
								   : ngettext("%ld second ago", "%ld seconds ago", count),
			 n);
	return out;
}

phrase phrase_in(double seconds) {
	long n = 0;
	time_unit unit = unit_of(fabs(seconds), &n);
	unsigned long count = (unsigned long)n;
	phrase out;
	snprintf(out.text, sizeof(out.text),
			 unit == UNIT_DAY      ? ngettext("in %ld day", "in %ld days", count)
			 : unit == UNIT_HOUR   ? ngettext("in %ld hour", "in %ld hours", count)
			 : unit == UNIT_MINUTE ? ngettext("in %ld minute", "in %ld minutes", count)
								   : ngettext("in %ld second", "in %ld seconds", count),
			 n);
	return out;
}

phrase phrase_date(int64_t time, double near) {
	calendar_time at = calendar_split(time);
	phrase out;
	if (lround(fabs(near) / 3600) < 48) {
		snprintf(out.text, sizeof(out.text), "%04" PRId64 "-%02d-%02d %02d:%02d UTC", at.year,
				 at.month, at.day, at.hour, at.minute);
	} else {
		snprintf(out.text, sizeof(out.text), "%04" PRId64 "-%02d-%02d", at.year, at.month, at.day);
	}
	return out;
}

phrase phrase_timestamp(int64_t time) {
	calendar_time at = calendar_split(time);
	phrase out;
	snprintf(out.text, sizeof(out.text), "%04" PRId64 "-%02d-%02dT%02d:%02d:%02dZ", at.year,
			 at.month, at.day, at.hour, at.minute, at.second);
	return out;
}

phrase phrase_of(const line *line) {
	phrase out;
	memcpy(out.text, line->text, line->length + 1);
	return out;
}

phrase phrase_outside(const char *text, size_t max) {
	line line;
	line_init(&line);
	line_add_outside(&line, text != NULL ? text : "", max);
	return phrase_of(&line);
}
