/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * certbot: renewal/NAME.conf, live/NAME/, and letsencrypt.log: of the last run, with those before
 * it in letsencrypt.log.1 and so on, or of many runs where max-log-backups is 0, as Debian sets it.
 * Times in the log are local.
 */
#include "client_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How many runs are looked back; certbot runs twice a day. */
enum {
	logs_max = 60
};

static bool find(const char *root, path_list *certificates) {
	path_list configurations = {.paths = NULL};
	bool done = client_glob(&configurations, root, "renewal/*.conf");
	if (done && configurations.count > 0) {
		done = client_glob(certificates, root, "live/*/fullchain.pem");
	}
	paths_free(&configurations);
	return done;
}

/* The time at the start of a line of the log, "2027-01-28 23:17:05,039:ERROR:..."; 0: there is
 * none. */
static int64_t time_of(const char *line) {
	struct tm tm = {.tm_isdst = -1};
	if (sscanf(line, "%4d-%2d-%2d %2d:%2d:%2d,", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
			   &tm.tm_min, &tm.tm_sec) != 6) {
		return 0;
	}
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return (int64_t)mktime(&tm);
}

/* The directory of logs: as the lineage's configuration has it, else certbot's own. */
static char *logs_directory(const char *root, const char *lineage) {
	char *path = NULL;
	if (asprintf(&path, "%s/renewal/%s.conf", root, lineage) < 0) {
		return NULL;
	}
	char *text = client_text(path);
	char *directory = text != NULL ? client_value(text, "logs_dir") : NULL;
	free(text);
	free(path);
	return directory != NULL ? directory : strdup("/var/log/letsencrypt");
}

/* The time of the last line that begins with one; 0: there is none. */
static int64_t last_time(const char *text) {
	for (const char *line = text + strlen(text); line > text; line--) {
		if (line[-1] == '\n' || line - 1 == text) {
			int64_t time = time_of(line - 1 == text ? text : line);
			if (time != 0) {
				return time;
			}
		}
	}
	return time_of(text);
}

/* The last place of those words before the end; NULL: none. */
static const char *last_before(const char *text, const char *words, const char *end) {
	const char *last = NULL;
	for (const char *at = text; (at = strstr(at, words)) != NULL && at < end; at++) {
		last = at;
	}
	return last;
}

/* "Some challenges have failed." says little: the CA's own words stand before it in the log. */
static char *reason_of(const char *text, const char *words) {
	static const char vague[] = "Some challenges have failed";
	static const char title[] = "\n  Detail: ";
	const char *detail =
		strncmp(words, vague, strlen(vague)) == 0 ? last_before(text, title, words) : NULL;
	const char *type = detail != NULL ? last_before(text, "\n  Type:", detail) : NULL;
	if (type == NULL) {
		return client_line(words);
	}
	char *kind = client_line(type + strlen("\n  Type:") + strspn(type + strlen("\n  Type:"), " "));
	char *words_of_ca = client_line(detail + strlen(title));
	char *reason = NULL;
	if (kind != NULL && words_of_ca != NULL && asprintf(&reason, "%s: %s", kind, words_of_ca) < 0) {
		reason = NULL;
	}
	free(kind);
	free(words_of_ca);
	return reason;
}

/* The last failure of the lineage in one log, if it came after the present certificate. */
static void read_log(client_state *out, const char *text) {
	char failure[512];
	snprintf(failure, sizeof(failure),
			 "Failed to renew certificate %.300s with error: ", out->lineage);
	const char *found = last_before(text, failure, text + strlen(text));
	if (found == NULL) {
		return;
	}
	const char *line = found;
	while (line > text && line[-1] != '\n') {
		line--;
	}
	int64_t attempt = time_of(line);
	if (attempt > out->not_before) {
		out->last_attempt = attempt;
		out->last_failed = true;
		out->reason = reason_of(text, found + strlen(failure));
	}
}

static bool read(client_state *out, const char *root, const char *certificate) {
	(void)certificate;
	char *directory = logs_directory(root, out->lineage);
	if (directory == NULL) {
		return false;
	}
	bool ended = false;
	for (int i = 0; i < logs_max && !ended && !out->last_failed; i++) {
		char path[4096];
		snprintf(path, sizeof(path), i == 0 ? "%s/letsencrypt.log" : "%s/letsencrypt.log.%d",
				 directory, i);
		char *text = client_text(path);
		int64_t run = text != NULL ? last_time(text) : 0;
		out->last_run = run > out->last_run ? run : out->last_run;
		ended = run < out->not_before;
		if (!ended) {
			read_log(out, text);
		}
		free(text);
	}
	free(directory);
	return !out->last_failed || out->reason != NULL;
}

const client_reader reader_certbot = {"certbot", find, read};
