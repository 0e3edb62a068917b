/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * certbot's log. By default each run has a file of its own: letsencrypt.log is the last one,
 * letsencrypt.log.1 the one before it. Where a package rotates by the week (Debian), many runs are
 * in one file. So a file is read from run to run, and the last thing that it says counts.
 *
 * A message begins "2027-01-28 23:17:05,039:ERROR:certbot._internal.renewal:", in local time; lines
 * without that belong to the message before them.
 */
#include "client_certbot_log.h"

#include "client_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How far back: certbot runs twice a day, and a run that does nothing leaves 5 KB. */
enum {
	logs_max = 400,
	stamp_length = 23,
	detail_max = 1024,
};

static const size_t bytes_max = 16UL * 1024 * 1024;

/* Where the reading of a log is. */
typedef struct {
	certbot_log *out;
	const char *lineage;
	bool rehearsal;          /* a run with --dry-run */
	bool renewed;            /* the run has just renewed the lineage */
	bool broken;             /* its configuration could not be read; the next message says why */
	char detail[detail_max]; /* what the CA said of a challenge, "TYPE: DETAIL" */
	bool out_of_memory;
} scan;

static int64_t time_of(const char *line) {
	struct tm tm = {.tm_isdst = -1};
	if (sscanf(line, "%4d-%2d-%2d %2d:%2d:%2d,", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
			   &tm.tm_min, &tm.tm_sec) != 6) {
		return 0;
	}
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	int64_t time = (int64_t)mktime(&tm);
	return time > 0 ? time : 0;
}

/* The message of a line; NULL: the line goes on with the message before it. */
static const char *message_of(const char *line) {
	if (strlen(line) <= stamp_length || line[4] != '-' || line[19] != ',' ||
		line[stamp_length] != ':') {
		return NULL;
	}
	const char *logger = strchr(line + stamp_length + 1, ':');
	const char *message = logger != NULL ? strchr(logger + 1, ':') : NULL;
	return message != NULL ? message + 1 : NULL;
}

static const char *after(const char *text, const char *words) {
	size_t length = strlen(words);
	return strncmp(text, words, length) == 0 ? text + length : NULL;
}

/* Does the text name the lineage's configuration? */
static bool names_configuration(const scan *scan, const char *text) {
	const char *at = strstr(text, "/renewal/");
	at = at != NULL ? after(at + strlen("/renewal/"), scan->lineage) : NULL;
	return at != NULL && after(at, ".conf") != NULL;
}

static void set_reason(scan *scan, const char *reason) {
	free(scan->out->reason);
	scan->out->reason = reason != NULL ? client_line(reason) : NULL;
	scan->out_of_memory = scan->out_of_memory || (reason != NULL && scan->out->reason == NULL);
}

static void attempt(scan *scan, const char *line, bool failed, const char *reason) {
	int64_t time = time_of(line);
	if (time != 0 && !scan->rehearsal) {
		scan->out->last_attempt = time;
		scan->out->failed = failed;
		set_reason(scan, reason);
	}
}

static void new_run(scan *scan, const char *version) {
	scan->out->version = atoi(version);
	scan->rehearsal = false;
	scan->renewed = false;
	scan->broken = false;
	scan->detail[0] = '\0';
}

/* A line of the CA's report on a challenge: "  Type:   connection", "  Detail: Get ...". */
static void read_detail(scan *scan, const char *line) {
	line += strspn(line, " ");
	const char *type = after(line, "Type:");
	const char *detail = after(line, "Detail:");
	if (scan->detail[0] == '\0' && type != NULL) {
		snprintf(scan->detail, sizeof(scan->detail), "%.60s: ", type + strspn(type, " "));
	} else if (detail != NULL && scan->detail[0] != '\0' &&
			   scan->detail[strlen(scan->detail) - 1] == ' ') {
		size_t length = strlen(scan->detail);
		snprintf(scan->detail + length, sizeof(scan->detail) - length, "%s",
				 detail + strspn(detail, " "));
	}
}

/* The reason in "Failed to renew certificate NAME with error: REASON"; NULL: another message. */
static const char *failure_in(const scan *scan, const char *message) {
	const char *rest = after(message, "Failed to renew certificate ");
	rest = rest != NULL ? after(rest, scan->lineage) : NULL;
	rest = rest != NULL ? after(rest, " with error: ") : NULL;
	if (rest != NULL) {
		return rest;
	}
	/* certbot before 1.10 */
	rest = after(message, "Attempting to renew cert (");
	rest = rest != NULL ? after(rest, scan->lineage) : NULL;
	rest = rest != NULL && rest[0] == ')' ? strstr(rest, " produced an unexpected error: ") : NULL;
	return rest != NULL ? rest + strlen(" produced an unexpected error: ") : NULL;
}

/* "Writing full chain to /etc/letsencrypt/archive/NAME/fullchain2.pem." */
static bool is_success(const scan *scan, const char *message) {
	const char *path = after(message, "Writing full chain to ");
	const char *file = path != NULL ? strrchr(path, '/') : NULL;
	size_t length = strlen(scan->lineage);
	return file != NULL && after(file, "/fullchain") != NULL && file - path > (ptrdiff_t)length &&
		   strncmp(file - length, scan->lineage, length) == 0 &&
		   file[-1 - (ptrdiff_t)length] == '/';
}

static void ran(scan *scan, const char *line) {
	int64_t time = scan->rehearsal ? 0 : time_of(line);
	scan->out->last_run = time > scan->out->last_run ? time : scan->out->last_run;
}

static void read_message(scan *scan, const char *line, const char *message) {
	const char *rest = NULL;
	if ((rest = after(message, "certbot version: ")) != NULL) {
		new_run(scan, rest);
	} else if (after(message, "Arguments: ") != NULL) {
		scan->rehearsal = strstr(message, "'--dry-run'") != NULL;
	} else if (after(message, "Notifying user: Processing") != NULL) {
		/* The next lineage. Its path may stand on the next line, as certbot wraps these. */
		scan->renewed = false;
		scan->detail[0] = '\0';
		ran(scan, line);
	} else if (strstr(message, "no renewal failures") != NULL ||
			   strstr(message, " renew failure(s)") != NULL) {
		scan->renewed = false;
		ran(scan, line);
	} else if ((rest = failure_in(scan, message)) != NULL) {
		bool says_less = after(rest, "Some challenges have failed.") != NULL;
		attempt(scan, line, true, says_less && scan->detail[0] != '\0' ? scan->detail : rest);
	} else if (after(message, "Renewal configuration file ") != NULL) {
		scan->broken = names_configuration(scan, message);
		if (scan->broken) {
			attempt(scan, line, true, message);
		}
	} else if (scan->broken && (rest = after(message, "The error was: ")) != NULL) {
		attempt(scan, line, true, rest);
		scan->broken = false;
	} else if (is_success(scan, message)) {
		attempt(scan, line, false, NULL);
		scan->renewed = true;
	} else if (scan->renewed && !scan->rehearsal && strstr(message, "deploy-hook") != NULL &&
			   strstr(message, "error code") != NULL) {
		set_reason(scan, message);
	}
}

/* Reads one file. Gives the time of its first message; 0: it has none. */
static int64_t read_file(scan *scan, char *text) {
	int64_t first = 0;
	new_run(scan, "0");
	for (char *line = NULL; (line = strsep(&text, "\n")) != NULL;) {
		const char *message = message_of(line);
		if (message == NULL) {
			read_detail(scan, line);
			continue;
		}
		first = first != 0 ? first : time_of(line);
		read_message(scan, line, message);
	}
	return first;
}

bool certbot_log_read(certbot_log *out, const char *directory, const char *lineage, int64_t since) {
	*out = (certbot_log){0};
	scan scan = {.out = out, .lineage = lineage};
	size_t bytes = 0;
	int version = 0;
	for (int i = 0; i < logs_max && bytes < bytes_max && !scan.out_of_memory; i++) {
		char path[4096];
		snprintf(path, sizeof(path), i == 0 ? "%s/letsencrypt.log" : "%s/letsencrypt.log.%d",
				 directory, i);
		char *text = client_log(path);
		if (text == NULL) {
			break;
		}
		bytes += strlen(text);
		int64_t first = read_file(&scan, text);
		free(text);
		version = version != 0 ? version : out->version;
		if (out->last_attempt != 0 || first < since) {
			break;
		}
	}
	out->version = version;
	return !scan.out_of_memory;
}

void certbot_log_free(certbot_log *log) {
	free(log->reason);
	*log = (certbot_log){0};
}
