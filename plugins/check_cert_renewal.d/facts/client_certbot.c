/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * certbot: renewal/NAME.conf, live/NAME/ with links into archive/NAME/, and the log
 * (client_certbot_log.c).
 */
#include "client_certbot_log.h"
#include "../language.h"
#include "client_reader.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const int64_t day = 86400;

/* The lineage of "/path/renewal/NAME.conf", in place. */
static char *lineage_of(char *configuration) {
	char *name = basename(configuration);
	size_t length = strlen(name);
	if (length > strlen(".conf")) {
		name[length - strlen(".conf")] = '\0';
	}
	return name;
}

/* By the configurations, as live/ itself may be closed to others: that has to be said then. */
static bool find(const char *root, path_list *certificates) {
	path_list configurations = {.paths = NULL};
	bool done = client_glob(&configurations, root, "renewal/*.conf");
	for (size_t i = 0; i < configurations.count && done; i++) {
		char *path = NULL;
		done = asprintf(&path, "%s/live/%s/fullchain.pem", root,
						lineage_of(configurations.paths[i])) >= 0 &&
			   client_add_path(certificates, path);
	}
	paths_free(&configurations);
	return done;
}

static bool is_directory(const char *path) {
	struct stat status;
	return path != NULL && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/*
 * Where the logs are: as the lineage's configuration has it, else beside root, else where certbot
 * puts them by default: PREFIX/var/log/letsencrypt for PREFIX/etc/letsencrypt. NULL: not known.
 */
static char *logs_directory(const char *root, const char *configuration) {
	static const char home[] = "/etc/letsencrypt";
	char *directory = configuration != NULL ? client_value(configuration, "logs_dir") : NULL;
	if (is_directory(directory)) {
		return directory;
	}
	free(directory);
	char full[PATH_MAX];
	if (realpath(root, full) == NULL) {
		return NULL;
	}
	size_t length = strlen(full);
	size_t prefix = length >= strlen(home) ? length - strlen(home) : 0;
	bool at_home = length >= strlen(home) && strcmp(full + prefix, home) == 0;
	int written = at_home ? asprintf(&directory, "%.*s/var/log/letsencrypt", (int)prefix, full)
						  : asprintf(&directory, "%s/logs", dirname(full));
	if (written < 0 || !is_directory(directory)) {
		if (written >= 0) {
			free(directory);
		}
		return NULL;
	}
	return directory;
}

/* "30 days", "2 weeks", "12 hours" in seconds; 0: not understood. */
static int64_t period(const char *text) {
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {{"day", 86400}, {"week", 604800}, {"hour", 3600}, {"minute", 60}};
	char *unit = NULL;
	long count = strtol(text, &unit, 10);
	unit += strspn(unit, " ");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (count > 0 && count < 100000 &&
			strncmp(unit, units[i].name, strlen(units[i].name)) == 0) {
			return count * units[i].seconds;
		}
	}
	return 0;
}

/* How long before the end it renews: as configured, else by its version's rule. 0: not known. */
static int64_t renews_before(const char *configuration, int version, int64_t lifetime) {
	char *configured = client_value(configuration, "renew_before_expiry");
	if (configured != NULL) {
		int64_t seconds = period(configured);
		free(configured);
		return seconds;
	}
	char *written_by = client_value(configuration, "version");
	version = version == 0 && written_by != NULL ? atoi(written_by) : version;
	free(written_by);
	if (version >= 4) {
		return lifetime < 10 * day ? lifetime / 2 : lifetime / 3;
	}
	return version > 0 ? 30 * day : 0;
}

/* Takes over what the log says, unless it is older than the certificate. */
static void take_log(client_state *out, certbot_log *log) {
	out->last_run = log->last_run;
	if (log->last_attempt >= out->not_before) {
		out->last_attempt = log->last_attempt;
		out->last_failed = log->failed;
		out->reason = log->reason; /* moved */
		log->reason = NULL;
	}
}

/* "autorenew = False" makes `certbot renew` pass over the lineage. */
static bool read_configuration(client_state *out, const char *configuration, int version) {
	int64_t before = renews_before(configuration, version, out->not_after - out->not_before);
	char *autorenew = client_value(configuration, "autorenew");
	bool off = autorenew != NULL && strcasecmp(autorenew, "false") == 0;
	free(autorenew);
	if (before > 0 && !off) {
		out->next_attempt = out->not_after - before;
	}
	if (off && out->reason == NULL) {
		out->reason = strdup(_("autorenew = False in its configuration"));
		return out->reason != NULL;
	}
	return true;
}

static bool read(client_state *out, const char *root, const char *certificate) {
	(void)certificate;
	char *path = NULL;
	if (asprintf(&path, "%s/renewal/%s.conf", root, out->lineage) < 0) {
		return false;
	}
	char *configuration = client_text(path);
	char *directory = logs_directory(root, configuration);
	certbot_log log = {0};
	bool done = true;
	if (directory != NULL) {
		done = certbot_log_read(&log, directory, out->lineage, out->not_before);
		take_log(out, &log);
	}
	if (done && configuration != NULL) {
		done = read_configuration(out, configuration, log.version);
	}
	certbot_log_free(&log);
	free(directory);
	free(configuration);
	free(path);
	return done;
}

const client_reader reader_certbot = {.name = "certbot", .find = find, .read = read};
