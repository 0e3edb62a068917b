/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Clients whose state is their files: dehydrated (its files carry the time of the attempt), lego
 * and Caddy (which keep what succeeded, and nothing of a failure).
 */
#include "client_reader.h"

#include "../language.h"

#include <jansson.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool dehydrated_find(const char *root, path_list *certificates) {
	return client_glob(certificates, root, "certs/*/fullchain.pem");
}

/* RENEW_DAYS where a configuration beside its files has it: the certificate's own, else the main
 * one. */
static void dehydrated_next(client_state *out, const char *root, const char *directory) {
	const char *const places[] = {directory, root};
	for (size_t i = 0; i < 2 && out->next_attempt == 0 && places[i] != NULL; i++) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/config", places[i]);
		char *text = client_text(path);
		int64_t days = text != NULL ? client_time(text, "RENEW_DAYS") : 0;
		out->next_attempt = days > 0 && days < 10000 ? out->not_after - days * 86400 : 0;
		free(text);
	}
}

/* Every attempt leaves a request, cert-TIME.csr; a failed one no certificate, or an empty one. */
static bool dehydrated_read(client_state *out, const char *root, const char *certificate) {
	char *directory = client_directory(certificate, 1);
	path_list requests = {.paths = NULL};
	bool done = directory != NULL && client_glob(&requests, directory, "cert-*.csr");
	int64_t last = 0;
	for (size_t i = 0; i < requests.count && done; i++) {
		const char *name = strrchr(requests.paths[i], '/') + 1;
		int64_t attempt = strtoll(name + strlen("cert-"), NULL, 10);
		last = attempt > last ? attempt : last;
	}
	if (done && last > 0) {
		char path[4096];
		struct stat status;
		snprintf(path, sizeof(path), "%s/cert-%lld.pem", directory, (long long)last);
		out->last_attempt = last;
		out->last_failed = stat(path, &status) != 0 || status.st_size == 0;
		if (out->last_failed) {
			out->reason = strdup(_("the certificate request got no certificate"));
			done = out->reason != NULL;
		}
	}
	paths_free(&requests);
	dehydrated_next(out, root, directory);
	free(directory);
	return done;
}

static bool lego_find(const char *root, path_list *certificates) {
	return client_glob(certificates, root, "certificates/*.crt");
}

/* lego's certificates lie side by side: the lineage is the file's name. */
static bool lego_read(client_state *out, const char *root, const char *certificate) {
	(void)root;
	char *copy = strdup(certificate);
	char *name = copy != NULL ? strdup(basename(copy)) : NULL;
	free(copy);
	if (name == NULL) {
		return false;
	}
	char *dot = strrchr(name, '.');
	if (dot != NULL) {
		*dot = '\0';
	}
	free(out->lineage);
	out->lineage = name;
	return true;
}

static bool caddy_find(const char *root, path_list *certificates) {
	return client_glob(certificates, root, "certificates/*/*/*.crt");
}

/* When Caddy means to renew by the CA's word (ARI); 0: it has none. */
static int64_t caddy_selected_time(const char *certificate) {
	char path[4096];
	size_t stem = strlen(certificate) - strlen(".crt");
	snprintf(path, sizeof(path), "%.*s.json", (int)stem, certificate);
	char *text = client_text(path);
	json_t *root = text != NULL ? json_loads(text, 0, NULL) : NULL;
	json_t *renewal = json_object_get(json_object_get(root, "issuer_data"), "renewal_info");
	int64_t selected = client_rfc3339(json_string_value(json_object_get(renewal, "_selectedTime")));
	json_decref(root);
	free(text);
	return selected;
}

/*
 * While Caddy tries, it keeps a lock and renews it every few seconds, for up to 30 days: one that
 * has lived for longer than an attempt takes is an attempt that failed and is tried again.
 */
static bool caddy_read_lock(client_state *out, const char *root) {
	static const int64_t attempt_max = 300;
	char path[4096];
	snprintf(path, sizeof(path), "%s/locks/issue_cert_%s.lock", root, out->lineage);
	char *text = client_text(path);
	json_t *lock = text != NULL ? json_loads(text, 0, NULL) : NULL;
	int64_t created = client_rfc3339(json_string_value(json_object_get(lock, "created")));
	int64_t updated = client_rfc3339(json_string_value(json_object_get(lock, "updated")));
	json_decref(lock);
	free(text);
	if (created > out->not_before && updated - created > attempt_max) {
		out->last_attempt = updated;
		out->last_failed = true;
		out->reason = strdup(_("it tries again and again; its log says why"));
		return out->reason != NULL;
	}
	return true;
}

static bool caddy_read(client_state *out, const char *root, const char *certificate) {
	out->next_attempt = caddy_selected_time(certificate);
	/* Written at every start and clean-up of the storage. */
	char path[4096];
	snprintf(path, sizeof(path), "%s/last_clean.json", root);
	out->last_run = client_modified(path);
	return caddy_read_lock(out, root);
}

const client_reader reader_dehydrated = {"dehydrated", dehydrated_find, dehydrated_read, NULL};
const client_reader reader_lego = {"lego", lego_find, lego_read, NULL};
const client_reader reader_caddy = {"caddy", caddy_find, caddy_read, NULL};
