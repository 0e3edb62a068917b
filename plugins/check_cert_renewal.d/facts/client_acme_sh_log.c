/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * acme.sh.log, all runs in one file. A line begins with what date(1) prints: "[Tue Nov 24 23:24:13
 * UTC 2026] " as cron has it, other forms in other locales. An attempt goes from "Renewing:
 * 'DOMAIN'" to "Error renewing DIRECTORY." or "Cert success.". Errors between them are not marked
 * as such, and the CA's answer follows over several lines.
 */
#include "client_acme_sh_log.h"

#include "../calendar.h"
#include "client_reader.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	reason_max = 1024
};

/* One token of a date: takes from it what it can be. */
static void read_token(const char *token, struct tm *tm, bool *utc) {
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char name[4];
	int hour = 0;
	int minute = 0;
	int second = 0;
	if (sscanf(token, "%2d:%2d:%2d", &hour, &minute, &second) == 3) {
		tm->tm_hour = hour;
		tm->tm_min = minute;
		tm->tm_sec = second;
	} else if (isdigit((unsigned char)token[0])) {
		int number = atoi(token);
		if (number > 31) {
			tm->tm_year = number - 1900;
		} else {
			tm->tm_mday = number;
		}
	} else if (strcmp(token, "PM") == 0 || strcmp(token, "AM") == 0) {
		tm->tm_hour = tm->tm_hour % 12 + (token[0] == 'P' ? 12 : 0);
	} else if (strcmp(token, "UTC") == 0 || strcmp(token, "GMT") == 0) {
		*utc = true;
	} else if (snprintf(name, sizeof(name), "%.3s", token) == 3 && strlen(token) == 3) {
		const char *month = strstr(months, name);
		if (month != NULL && (month - months) % 3 == 0) {
			tm->tm_mon = (int)(month - months) / 3;
		}
	}
}

/* The date in the brackets at the start of a line; 0: there is none that is understood. */
static int64_t date_of(const char *line) {
	char date[80];
	if (sscanf(line, "[%79[^]]]", date) != 1) {
		return 0;
	}
	struct tm tm = {.tm_mon = -1, .tm_hour = -1, .tm_isdst = -1};
	bool utc = false;
	char *rest = date;
	for (char *token = NULL; (token = strsep(&rest, " ")) != NULL;) {
		if (token[0] != '\0') {
			read_token(token, &tm, &utc);
		}
	}
	calendar_time time = {tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
						  tm.tm_hour,        tm.tm_min,     tm.tm_sec};
	if (tm.tm_year == 0 || !calendar_is_valid(time)) {
		return 0;
	}
	int64_t seconds = utc ? calendar_seconds(time) : (int64_t)mktime(&tm);
	return seconds > 0 ? seconds : 0;
}

/* A line without the "[date] " before it. */
static const char *without_date(const char *line) {
	const char *end = line[0] == '[' ? strstr(line, "] ") : NULL;
	return end != NULL ? end + 2 : line;
}

/* How much a line tells of why; 0: nothing. Lines such as "ret='7'" are for debugging. */
static int weight_of(const char *words) {
	size_t name = strspn(words, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
	if (words[name] == '=' || words[0] == '"') {
		return 0;
	}
	if (strstr(words, "erification error") != NULL || strstr(words, "nvalid status") != NULL) {
		return 4;
	}
	if (strncmp(words, "Error", 5) == 0) {
		return 3;
	}
	if (strncmp(words, "Cannot init API for", 19) == 0 || strstr(words, "rror:") != NULL) {
		return 2;
	}
	return strstr(words, "ailed") != NULL || strstr(words, "annot ") != NULL;
}

/* An attempt as it is read. */
typedef struct attempt {
	bool open;
	int weight; /* of the reason */
	char reason[reason_max];
	bool detail_wanted; /* the reason's answer of the CA may follow */
} attempt;

/* The CA's own words: `"detail": "Account ... not found.",`. */
static void add_detail(attempt *attempt, const char *line) {
	const char *detail = strstr(line, "\"detail\":");
	const char *start = detail != NULL ? strchr(detail + strlen("\"detail\":"), '"') : NULL;
	const char *end = start != NULL ? strrchr(start + 1, '"') : NULL;
	if (end == NULL) {
		return;
	}
	size_t length = strlen(attempt->reason);
	while (length > 0 && strchr(" {", attempt->reason[length - 1]) != NULL) {
		length--;
	}
	snprintf(attempt->reason + length, sizeof(attempt->reason) - length, " %.*s",
			 (int)(end - start - 1), start + 1);
	attempt->detail_wanted = false;
}

static void read_reason(attempt *attempt, const char *line) {
	int weight = weight_of(without_date(line));
	if (weight > 0 && weight >= attempt->weight) {
		snprintf(attempt->reason, sizeof(attempt->reason), "%s", without_date(line));
		attempt->weight = weight;
		attempt->detail_wanted = strchr(line, '{') != NULL;
	} else if (attempt->detail_wanted) {
		add_detail(attempt, line);
	}
}

static bool close_failed(acme_sh_log *out, attempt *attempt, const char *line) {
	attempt->open = false;
	out->failed = true;
	out->last_failure = date_of(line);
	free(out->reason);
	out->reason = attempt->weight > 0 ? client_line(attempt->reason) : NULL;
	return attempt->weight == 0 || out->reason != NULL;
}

/* Does the line say "BEFORE NAME AFTER"? */
static bool says(const char *words, const char *before, const char *name, const char *after) {
	size_t length = strlen(before);
	return strncmp(words, before, length) == 0 &&
		   strncmp(words + length, name, strlen(name)) == 0 &&
		   strncmp(words + length + strlen(name), after, strlen(after)) == 0;
}

bool acme_sh_log_read(acme_sh_log *out, char *text, const char *domain, const char *directory) {
	*out = (acme_sh_log){0};
	attempt attempt = {0};
	bool done = true;
	for (char *line = NULL; done && (line = strsep(&text, "\n")) != NULL;) {
		const char *words = without_date(line);
		if (strncmp(words, "===Starting cron===", 19) == 0) {
			out->last_run = date_of(line);
		} else if (says(words, "Renewing: '", domain, "'")) {
			attempt = (struct attempt){.open = true};
		} else if (!attempt.open) {
			continue;
		} else if (says(words, "Error renewing ", directory, ".")) {
			done = close_failed(out, &attempt, line);
		} else if (strncmp(words, "Cert success.", 13) == 0) {
			attempt.open = false;
			out->failed = false;
		} else if (strncmp(words, "Skipped ", 8) == 0 ||
				   strncmp(words, "===End cron===", 14) == 0) {
			attempt.open = false;
		} else {
			read_reason(&attempt, line);
		}
	}
	return done;
}

void acme_sh_log_free(acme_sh_log *log) {
	free(log->reason);
	*log = (acme_sh_log){0};
}
