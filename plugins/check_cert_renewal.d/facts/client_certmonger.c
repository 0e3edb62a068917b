/* SPDX-License-Identifier: GPL-3.0-or-later */
/* certmonger: one file per certificate in requests/, "key=value"; times are UTC as 20261124231957.
 */
#include "../calendar.h"
#include "client_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool find_requests(const char *root, path_list *requests) {
	return client_glob(requests, root, "requests/[0-9]*") && client_glob(requests, root, "[0-9]*");
}

/* Adds the certificate that a request file names. */
static bool add_certificate(path_list *certificates, const char *request) {
	char *text = client_text(request);
	char *location = text != NULL ? client_value(text, "cert_storage_location") : NULL;
	bool done = true;
	if (location != NULL && location[0] == '/') {
		char **paths = realloc(certificates->paths, (certificates->count + 1) * sizeof(*paths));
		done = paths != NULL;
		if (done) {
			certificates->paths = paths;
			paths[certificates->count++] = location;
			location = NULL;
		}
	}
	free(location);
	free(text);
	return done;
}

static bool find(const char *root, path_list *certificates) {
	path_list requests = {.paths = NULL};
	bool done = find_requests(root, &requests);
	for (size_t i = 0; i < requests.count && done; i++) {
		done = add_certificate(certificates, requests.paths[i]);
	}
	paths_free(&requests);
	return done;
}

static int64_t stamp(const char *text, const char *key) {
	char *value = client_value(text, key);
	int year = 0;
	calendar_time time = {0};
	bool read = value != NULL && sscanf(value, "%4d%2d%2d%2d%2d%2d", &year, &time.month, &time.day,
										&time.hour, &time.minute, &time.second) == 6;
	free(value);
	time.year = year;
	return read && calendar_is_valid(time) && calendar_seconds(time) > 0 ? calendar_seconds(time)
																		 : 0;
}

static void take(client_state *out, const char *text) {
	static const char *const failed_states[] = {"CA_REJECTED", "CA_UNREACHABLE", "CA_UNCONFIGURED",
												"NEED_GUIDANCE"};
	int64_t submitted = stamp(text, "submitted");
	out->last_attempt = submitted > out->last_attempt ? submitted : out->last_attempt;
	char *state = client_value(text, "state");
	out->reason = client_value(text, "ca_error");
	out->last_failed = out->reason != NULL && submitted >= out->not_before;
	for (size_t i = 0; state != NULL && i < sizeof(failed_states) / sizeof(failed_states[0]); i++) {
		out->last_failed = out->last_failed || strcmp(state, failed_states[i]) == 0;
	}
	if (!out->last_failed) {
		free(out->reason);
		out->reason = NULL;
	}
	free(state);
}

static bool read(client_state *out, const char *root, const char *certificate) {
	path_list requests = {.paths = NULL};
	bool done = find_requests(root, &requests);
	for (size_t i = 0; i < requests.count && done; i++) {
		char *text = client_text(requests.paths[i]);
		char *location = text != NULL ? client_value(text, "cert_storage_location") : NULL;
		if (location != NULL && strcmp(location, certificate) == 0) {
			char *id = client_value(text, "id");
			if (id != NULL) {
				free(out->lineage);
				out->lineage = id;
			}
			take(out, text);
			out->last_run = client_modified(requests.paths[i]);
		}
		free(location);
		free(text);
	}
	paths_free(&requests);
	return done;
}

const client_reader reader_certmonger = {"certmonger", find, read};
