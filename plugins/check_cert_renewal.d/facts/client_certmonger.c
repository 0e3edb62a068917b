/* SPDX-License-Identifier: GPL-3.0-or-later */
/* certmonger: one file per certificate in requests/, "key=value"; times are UTC as 20261124231957.
 */
#include "../calendar.h"
#include "../language.h"
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
		done = client_add_path(certificates, location);
		location = NULL;
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

/*
 * The states in which certmonger waits for somebody (getcert-list(1)). An unreachable CA is told by
 * ca_error alone: the state in the file is then the step that it will do again.
 */
static bool is_stuck(const char *state) {
	static const char *const stuck[] = {"CA_REJECTED", "CA_UNREACHABLE", "CA_UNCONFIGURED",
										"NEED_GUIDANCE", "NEED_CA"};
	for (size_t i = 0; i < sizeof(stuck) / sizeof(stuck[0]); i++) {
		if (strcmp(state, stuck[i]) == 0) {
			return true;
		}
	}
	size_t length = strlen(state);
	return strncmp(state, "NEED_", 5) == 0 &&
		   (strcmp(state + length - 4, "_PIN") == 0 || strcmp(state + length - 5, "PERMS") == 0 ||
			strcmp(state + length - 5, "TOKEN") == 0);
}

static void take(client_state *out, const char *text) {
	int64_t submitted = stamp(text, "submitted");
	out->last_attempt = submitted > out->last_attempt ? submitted : out->last_attempt;
	char *state = client_value(text, "state");
	out->reason = client_value(text, "ca_error");
	out->last_failed = out->reason != NULL && submitted >= out->not_before;
	bool stuck = state != NULL && is_stuck(state);
	out->last_failed = out->last_failed || stuck;
	if (!out->last_failed) {
		free(out->reason);
		out->reason = NULL;
	} else if (out->reason == NULL && stuck) {
		out->reason = state; /* moved */
		state = NULL;
	}
	free(state);
	char *renews = client_value(text, "autorenew");
	if (!out->last_failed && renews != NULL && strcmp(renews, "0") == 0) {
		out->reason = strdup(_("autorenew=0: it is told not to renew"));
	}
	free(renews);
	int64_t checked = stamp(text, "last_need_enroll_check");
	out->last_run = checked > out->last_attempt ? checked : out->last_attempt;
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
			int64_t modified = client_modified(requests.paths[i]);
			out->last_run = modified > out->last_run ? modified : out->last_run;
		}
		free(location);
		free(text);
	}
	paths_free(&requests);
	return done;
}

/* A request for the name that has no certificate yet. */
static bool is_unissued_for(const char *text, const char *dns_name) {
	char *subject = client_value(text, "template_subject");
	char *hosts = client_value(text, "template_hostname");
	char *issued = client_value(text, "cert_not_after");
	bool covers = (hosts != NULL && client_names_cover(hosts, dns_name)) ||
				  (subject != NULL && strncasecmp(subject, "CN=", 3) == 0 &&
				   client_names_cover(subject + 3, dns_name));
	bool unissued = covers && issued == NULL;
	free(subject);
	free(hosts);
	free(issued);
	return unissued;
}

static bool read_unissued(client_state *out, const char *root, const char *dns_name, bool *found) {
	path_list requests = {.paths = NULL};
	bool done = find_requests(root, &requests);
	for (size_t i = 0; i < requests.count && done && !*found; i++) {
		char *text = client_text(requests.paths[i]);
		*found = text != NULL && is_unissued_for(text, dns_name);
		if (*found) {
			out->lineage = client_value(text, "id");
			out->certificate = client_value(text, "cert_storage_location");
			take(out, text);
		}
		free(text);
	}
	paths_free(&requests);
	return done;
}

const client_reader reader_certmonger = {"certmonger", find, read, read_unissued};
