/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * acme.sh: NAME/NAME.conf or NAME_ecc/NAME.conf with Le_ values, and acme.sh.log where logging is
 * on (client_acme_sh_log.c).
 */
#include "client_acme_sh_log.h"
#include "client_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A certificate that never came leaves its request only. */
static bool find(const char *root, path_list *certificates) {
	if (!client_glob(certificates, root, "*/fullchain.cer")) {
		return false;
	}
	path_list accounts = {.paths = NULL};
	bool done = client_glob(&accounts, root, "account.conf");
	if (done && accounts.count > 0 && certificates->count == 0) {
		done = client_glob(certificates, root, "*/*.csr.conf");
	}
	paths_free(&accounts);
	return done;
}

static bool read_log(client_state *out, const char *root, const char *domain) {
	char path[4096];
	snprintf(path, sizeof(path), "%s/acme.sh.log", root);
	char *text = client_log(path);
	if (text == NULL) {
		return true;
	}
	acme_sh_log log = {0};
	bool done = acme_sh_log_read(&log, text, domain, out->lineage);
	free(text);
	/* Dates are as the locale has them: where they are not understood, the file's own has to do. */
	int64_t modified = client_modified(path);
	out->last_run = log.last_run != 0 ? log.last_run : modified;
	int64_t failure = log.last_failure != 0 ? log.last_failure : modified;
	if (log.failed && failure > out->last_attempt) {
		out->last_attempt = failure;
		out->last_failed = true;
		out->reason = log.reason; /* moved */
		log.reason = NULL;
	}
	acme_sh_log_free(&log);
	return done;
}

/* The NAME.conf in a directory, owned by the caller; *domain likewise. NULL: there is none. */
static char *configuration_in(const char *directory, char **domain, bool *done) {
	path_list configurations = {.paths = NULL};
	char *found = NULL;
	*domain = NULL;
	*done = client_glob(&configurations, directory, "*.conf");
	for (size_t i = 0; i < configurations.count && found == NULL; i++) {
		char *text = client_text(configurations.paths[i]);
		*domain = text != NULL ? client_value(text, "Le_Domain") : NULL;
		found = *domain != NULL ? text : NULL;
		if (found == NULL) {
			free(text);
		}
	}
	paths_free(&configurations);
	return found;
}

static bool read(client_state *out, const char *root, const char *certificate) {
	char *directory = client_directory(certificate, 1);
	if (directory == NULL) {
		return false;
	}
	bool done = true;
	char *domain = NULL;
	char *text = configuration_in(directory, &domain, &done);
	if (text != NULL) {
		int64_t created = client_time(text, "Le_CertCreateTime");
		out->next_attempt = client_time(text, "Le_NextRenewTime");
		out->last_attempt = created > out->last_attempt ? created : out->last_attempt;
		done = read_log(out, root, domain);
	}
	free(domain);
	free(text);
	free(directory);
	return done;
}

/* Le_Domain and Le_Alt are for the name, and there is no Le_CertCreateTime. */
static bool is_unissued_for(const char *text, const char *domain, const char *dns_name) {
	char *alt = client_value(text, "Le_Alt");
	bool covers =
		client_names_cover(domain, dns_name) || (alt != NULL && client_names_cover(alt, dns_name));
	free(alt);
	return covers && client_time(text, "Le_CertCreateTime") == 0;
}

static bool read_unissued(client_state *out, const char *root, const char *dns_name, bool *found) {
	path_list requests = {.paths = NULL};
	bool done = client_glob(&requests, root, "*/*.csr.conf");
	for (size_t i = 0; i < requests.count && done && !*found; i++) {
		char *directory = client_directory(requests.paths[i], 1);
		char *domain = NULL;
		char *text = directory != NULL ? configuration_in(directory, &domain, &done) : NULL;
		*found = text != NULL && is_unissued_for(text, domain, dns_name);
		if (*found) {
			out->lineage = strdup(strrchr(directory, '/') + 1);
			out->last_attempt = client_modified(requests.paths[i]);
			out->last_failed = true;
			done = out->lineage != NULL && read_log(out, root, domain);
		}
		free(domain);
		free(text);
		free(directory);
	}
	paths_free(&requests);
	return done;
}

const client_reader reader_acme_sh = {"acme.sh", find, read, read_unissued};
