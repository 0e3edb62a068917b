/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * acme.sh: NAME/NAME.conf or NAME_ecc/NAME.conf with Le_ values, and acme.sh.log where logging is
 * on. Its times are written as the locale has them, so that only the log's own last change is
 * taken.
 */
#include "client_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool find(const char *root, path_list *certificates) {
	return client_glob(certificates, root, "*/fullchain.cer");
}

/* A line without the "[date] " before it. */
static const char *without_date(const char *line) {
	const char *end = line[0] == '[' ? strstr(line, "] ") : NULL;
	return end != NULL && end < line + strcspn(line, "\n") ? end + 2 : line;
}

static const char *last_of(const char *text, const char *words) {
	const char *last = NULL;
	for (const char *at = text; (at = strstr(at, words)) != NULL; at++) {
		last = at;
	}
	return last;
}

/* Why the last attempt failed: the first error behind its beginning. */
static char *reason_after(const char *start, const char *end) {
	for (const char *line = strchr(start, '\n'); line != NULL && line < end;
		 line = strchr(line + 1, '\n')) {
		const char *words = without_date(line + 1);
		if (strncmp(words, "Error", 5) == 0 || strstr(words, "rror, ") == words + 1) {
			return client_line(words);
		}
	}
	return strdup("see acme.sh.log");
}

static bool read_log(client_state *out, const char *root, const char *domain) {
	char path[4096];
	snprintf(path, sizeof(path), "%s/acme.sh.log", root);
	out->last_run = client_modified(path);
	char *text = client_text(path);
	if (text == NULL || domain == NULL) {
		free(text);
		return true;
	}
	char words[512];
	snprintf(words, sizeof(words), "Renewing: '%.300s'", domain);
	const char *start = last_of(text, words);
	snprintf(words, sizeof(words), "Error renewing %.300s", domain);
	const char *failure = start != NULL ? strstr(start, words) : NULL;
	bool done = true;
	if (failure != NULL && out->last_run > out->not_before) {
		out->last_failed = true;
		out->last_attempt = out->last_run;
		out->reason = reason_after(start, failure);
		done = out->reason != NULL;
	}
	free(text);
	return done;
}

static bool read(client_state *out, const char *root, const char *certificate) {
	char *directory = client_directory(certificate, 1);
	path_list configurations = {.paths = NULL};
	bool done = directory != NULL && client_glob(&configurations, directory, "*.conf");
	for (size_t i = 0; i < configurations.count && done; i++) {
		char *text = client_text(configurations.paths[i]);
		char *domain = text != NULL ? client_value(text, "Le_Domain") : NULL;
		if (domain != NULL) {
			int64_t created = client_time(text, "Le_CertCreateTime");
			out->next_attempt = client_time(text, "Le_NextRenewTime");
			out->last_attempt = created > out->last_attempt ? created : out->last_attempt;
			done = read_log(out, root, domain);
		}
		free(domain);
		free(text);
	}
	paths_free(&configurations);
	free(directory);
	return done;
}

const client_reader reader_acme_sh = {"acme.sh", find, read};
