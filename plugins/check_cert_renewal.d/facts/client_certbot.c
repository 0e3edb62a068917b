/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * certbot: renewal/NAME.conf, live/NAME/, and a log per run: letsencrypt.log is the last one,
 * letsencrypt.log.1 the one before it. Times in the log are local.
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

/* What one run's log says of the lineage. True: it has said something. */
static bool read_log(client_state *out, const char *text) {
	char failure[512];
	snprintf(failure, sizeof(failure),
			 "Failed to renew certificate %.300s with error: ", out->lineage);
	const char *found = strstr(text, failure);
	if (found != NULL) {
		const char *line = found;
		while (line > text && line[-1] != '\n') {
			line--;
		}
		int64_t attempt = time_of(line);
		if (attempt > out->not_before) {
			out->last_attempt = attempt;
			out->last_failed = true;
			out->reason = client_line(found + strlen(failure));
		}
		return true;
	}
	/* The run that made the present certificate: nothing before it matters. */
	return strstr(text, "all renewals succeeded") != NULL ||
		   strstr(text, "Successfully received certificate") != NULL;
}

static bool read(client_state *out, const char *root, const char *certificate) {
	(void)certificate;
	char *directory = logs_directory(root, out->lineage);
	if (directory == NULL) {
		return false;
	}
	bool said = false;
	for (int i = 0; i < logs_max && !said; i++) {
		char path[4096];
		snprintf(path, sizeof(path), i == 0 ? "%s/letsencrypt.log" : "%s/letsencrypt.log.%d",
				 directory, i);
		char *text = client_text(path);
		if (text == NULL) {
			break;
		}
		int64_t run = time_of(text);
		out->last_run = run > out->last_run ? run : out->last_run;
		said = run != 0 && (run < out->not_before || read_log(out, text));
		free(text);
	}
	free(directory);
	return !out->last_failed || out->reason != NULL;
}

const client_reader reader_certbot = {"certbot", find, read};
