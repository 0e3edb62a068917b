/* SPDX-License-Identifier: GPL-3.0-or-later */
/* https://httpd.apache.org/docs/2.4/logs.html#accesslog (common, combined, vhost_combined). */
#include "log_line.h"

#include "language.h"

#include <string.h>

enum {
	TIME_LENGTH = 28,   /* [25/Nov/2026:02:10:33 +0900] */
	MINUTE_LENGTH = 17, /* 25/Nov/2026:02:10 */
	ZONE_AT = 22,       /* from the bracket */
	ZONE_LENGTH = 5,
	BRACKETS_MAX = 8, /* looked at for the time: names of users may have some too */
};

const char *line_problem_words(line_problem problem) {
	switch (problem) {
	case LINE_NO_TIME:
		return _("there is no time in it");
	case LINE_WRONG_TIME:
		return _("its time cannot be");
	case LINE_NO_ZONE:
		return _("its time has no time zone");
	case LINE_NO_ADDRESS:
		return _("there is no address in it");
	case LINE_NOT_JSON:
		return _("it begins as JSON, but is none");
	case LINE_TOO_LONG:
		return _("it is longer than 64 KiB");
	case LINE_TOO_OLD:
		return _("it is from before 1995");
	case LINE_IN_FUTURE:
		return _("it is from the future");
	case LINE_TOO_MANY_DAYS:
		return _("it is of one day more than the three years that are kept");
	case LINE_GOOD:
	case LINE_EMPTY:
	case LINE_PROBLEM_COUNT:
		break;
	}
	return "";
}

static bool looks_like_time(const char *bracket) {
	return bracket[3] == '/' && bracket[7] == '/' && bracket[12] == ':' && bracket[15] == ':' &&
		   bracket[27] == ']';
}

/* The bracket that begins the time; NULL: there is none. */
static const char *find_time(const char *text, const char *end) {
	const char *at = text;
	for (int i = 0; i < BRACKETS_MAX; i++) {
		at = memchr(at, '[', (size_t)(end - at));
		if (at == NULL || end - at < TIME_LENGTH) {
			return NULL;
		}
		if (looks_like_time(at)) {
			return at;
		}
		at++;
	}
	return NULL;
}

/* Most lines have the minute and the zone of the line before. */
static line_problem read_time(log_line_reader *reader, const char *bracket, slot *out) {
	const char *minute = bracket + 1;
	const char *zone = bracket + ZONE_AT;
	if (memcmp(minute, reader->minute, MINUTE_LENGTH) == 0 &&
		memcmp(zone, reader->zone, ZONE_LENGTH) == 0) {
		*out = reader->at;
		return LINE_GOOD;
	}
	int64_t seconds = 0;
	line_problem problem = log_time_clf(minute, &seconds);
	if (problem == LINE_GOOD) {
		problem = log_time_believe(reader, seconds, out);
	}
	if (problem == LINE_GOOD) {
		memcpy(reader->minute, minute, MINUTE_LENGTH);
		memcpy(reader->zone, zone, ZONE_LENGTH);
		reader->at = *out;
	}
	return problem;
}

/* A word that cannot be a host's name alone: an IPv4 or IPv6 address. */
static bool looks_like_address(const char *word, size_t length) {
	size_t dots = 0;
	size_t colons = 0;
	for (size_t i = 0; i < length; i++) {
		char byte = word[i];
		bool hexadecimal = (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
		if (byte == '.') {
			dots++;
		} else if (byte == ':') {
			colons++;
		} else if (!(byte >= '0' && byte <= '9') && !hexadecimal) {
			return false;
		}
	}
	return dots == 3 || colons >= 2;
}

/*
 * The first word, or the second where the first is the virtual host ("example.test:443 192.0.2.1 -
 * - [...").
 */
static bool read_address(const char *text, const char *bracket, log_line *out) {
	const char *blank = memchr(text, ' ', (size_t)(bracket - text));
	if (blank == NULL || blank == text) {
		return false;
	}
	out->address = text;
	out->address_length = (size_t)(blank - text);
	if (blank[1] == '-' || blank + 1 == bracket) {
		return true;
	}
	const char *word = blank + 1;
	const char *end = memchr(word, ' ', (size_t)(bracket - word));
	if (end != NULL && looks_like_address(word, (size_t)(end - word))) {
		out->address = word;
		out->address_length = (size_t)(end - word);
	}
	return true;
}

/* The quote that ends a text which begins at `at`; a quote with a backslash before is part of it.
 */
static const char *quote_end(const char *at, const char *end) {
	for (const char *from = at;;) {
		const char *quote = memchr(from, '"', (size_t)(end - from));
		if (quote == NULL) {
			return NULL;
		}
		const char *slash = quote;
		while (slash > at && slash[-1] == '\\') {
			slash--;
		}
		if ((quote - slash) % 2 == 0) {
			return quote;
		}
		from = quote + 1;
	}
}

/* "request" status size "referrer" "agent": the third text in quotes. */
static void read_agent(const char *at, const char *end, log_line *out) {
	const char *close = at;
	for (int text = 0;; text++) {
		const char *open = memchr(close, '"', (size_t)(end - close));
		const char *begin = open == NULL ? NULL : open + 1;
		const char *found = begin == NULL ? NULL : quote_end(begin, end);
		if (found == NULL) {
			return;
		}
		if (text == 2) {
			out->agent = begin;
			out->agent_length = (size_t)(found - begin);
			return;
		}
		close = found + 1;
	}
}

line_problem log_line_read(log_line_reader *reader, const char *text, size_t length,
						   log_line *out) {
	const char *end = text + length;
	end -= length > 0 && end[-1] == '\r';
	if (text == end) {
		return LINE_EMPTY;
	}
	*out = (log_line){0};
	if (text[0] == '{' || text[0] == ' ' || text[0] == '\t') {
		size_t blanks = 0;
		while (blanks < length && (text[blanks] == ' ' || text[blanks] == '\t')) {
			blanks++;
		}
		if (text + blanks >= end) {
			return LINE_EMPTY;
		}
		if (text[blanks] == '{') {
			return json_line_read(reader, text + blanks, (size_t)(end - text) - blanks, out);
		}
	}
	const char *bracket = find_time(text, end);
	if (bracket == NULL) {
		return LINE_NO_TIME;
	}
	if (!read_address(text, bracket, out)) {
		return LINE_NO_ADDRESS;
	}
	line_problem problem = read_time(reader, bracket, &out->at);
	if (problem == LINE_GOOD) {
		read_agent(bracket + TIME_LENGTH, end, out);
	}
	return problem;
}
