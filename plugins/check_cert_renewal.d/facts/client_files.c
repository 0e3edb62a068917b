/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Clients whose state is their files: dehydrated (its files carry the time of the attempt), lego
 * and Caddy (which keep what succeeded, and nothing of a failure).
 */
#include "client_reader.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool dehydrated_find(const char *root, path_list *certificates) {
	return client_glob(certificates, root, "certs/*/fullchain.pem");
}

/* Every attempt leaves a request, cert-TIME.csr; a failed one no certificate, or an empty one. */
static bool dehydrated_read(client_state *out, const char *root, const char *certificate) {
	(void)root;
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
			out->reason = strdup("the certificate request got no certificate");
			done = out->reason != NULL;
		}
	}
	paths_free(&requests);
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

static bool caddy_read(client_state *out, const char *root, const char *certificate) {
	(void)certificate;
	/* Written at every start and clean-up of the storage. */
	char path[4096];
	snprintf(path, sizeof(path), "%s/last_clean.json", root);
	out->last_run = client_modified(path);
	return true;
}

const client_reader reader_dehydrated = {"dehydrated", dehydrated_find, dehydrated_read};
const client_reader reader_lego = {"lego", lego_find, lego_read};
const client_reader reader_caddy = {"caddy", caddy_find, caddy_read};
