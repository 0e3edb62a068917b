/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where each fact comes from (versions: made with the real clients unless a document is named):
 *
 * client      certificates                 last failure and reason            next attempt
 * certbot     live/NAME/fullchain.pem      logs_dir/letsencrypt.log*:         by its rule
 *                                          "Failed to renew certificate"
 * acme.sh     NAME/fullchain.cer           acme.sh.log after "Renewing: 'X'"  NAME.conf:
 * Le_NextRenewTime dehydrated  certs/NAME/fullchain.pem     cert-TIME.csr without certificate  by
 * its rule lego        certificates/NAME.crt        keeps none                         by its rule
 * Caddy       certificates/CA/NAME/X.crt   keeps none in its storage          by its rule
 * certmonger  each file in requests/:      ca_error=, state=                  by its rule
 *             cert_storage_location=
 * Traefik     acme.json                    keeps none                         by its rule
 */
#include "client_state.h"

#include "client_reader.h"
#include "disk.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How much of a line is kept, and how far up a file may lie below the client's directory. */
enum {
	line_max = 1024,
	levels_max = 4
};

static const client_reader *const readers[] = {
	&reader_certbot, &reader_acme_sh, &reader_dehydrated,
	&reader_lego,    &reader_caddy,   &reader_certmonger,
};

char *client_text(const char *path) {
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	char *text = NULL;
	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		status.st_size <= CLIENT_FILE_BYTES_MAX) {
		text = malloc((size_t)status.st_size + 1);
	}
	size_t size = 0;
	while (text != NULL && size < (size_t)status.st_size) {
		ssize_t got = read(fd, text + size, (size_t)status.st_size - size);
		if (got <= 0) {
			break;
		}
		size += (size_t)got;
	}
	if (fd >= 0) {
		close(fd);
	}
	if (text != NULL) {
		text[size] = '\0';
		for (char *at = memchr(text, '\0', size); at != NULL;
			 at = memchr(at, '\0', size - (size_t)(at - text))) {
			*at = ' ';
		}
	}
	return text;
}

bool client_glob(path_list *out, const char *root, const char *pattern) {
	char *full = NULL;
	if (asprintf(&full, "%s/%s", root, pattern) < 0) {
		return false;
	}
	glob_t found;
	bool done = true;
	if (glob(full, GLOB_NOSORT, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && out->count < CLIENT_CERTIFICATES_MAX && done;
			 i++) {
			char **paths = realloc(out->paths, (out->count + 1) * sizeof(*paths));
			done = paths != NULL;
			if (done) {
				out->paths = paths;
				paths[out->count] = strdup(found.gl_pathv[i]);
				done = paths[out->count++] != NULL;
			}
		}
		globfree(&found);
	}
	free(full);
	return done;
}

char *client_line(const char *start) {
	size_t length = strcspn(start, "\r\n");
	return strndup(start, length < line_max ? length : line_max);
}

char *client_value(const char *text, const char *key) {
	size_t length = strlen(key);
	const char *value = NULL;
	for (const char *line = text; line != NULL && *line != '\0';) {
		line += strspn(line, " \t");
		if (strncmp(line, key, length) == 0) {
			const char *equals = line + length + strspn(line + length, " \t");
			value = *equals == '=' ? equals + 1 + strspn(equals + 1, " \t") : value;
		}
		line = strchr(line, '\n');
		line += line != NULL;
	}
	if (value == NULL) {
		return NULL;
	}
	char *copy = client_line(value + (*value == '\'' || *value == '"'));
	size_t end = copy != NULL ? strlen(copy) : 0;
	while (end > 0 && (isspace((unsigned char)copy[end - 1]) || copy[end - 1] == '\'' ||
					   copy[end - 1] == '"')) {
		copy[--end] = '\0';
	}
	return copy;
}

int64_t client_time(const char *text, const char *key) {
	char *value = client_value(text, key);
	int64_t time = value != NULL && strlen(value) <= 12 ? strtoll(value, NULL, 10) : 0;
	free(value);
	return time > 0 ? time : 0;
}

int64_t client_modified(const char *path) {
	struct stat status;
	return stat(path, &status) == 0 ? (int64_t)status.st_mtime : 0;
}

char *client_directory(const char *path, int levels) {
	char *copy = strdup(path);
	while (copy != NULL && levels-- > 0) {
		char *parent = strdup(dirname(copy));
		free(copy);
		copy = parent;
	}
	return copy;
}

static bool say_problem(client_state *out, const char *problem) {
	out->kind = CLIENT_STATE_UNREADABLE;
	out->problem = strdup(problem);
	return out->problem != NULL;
}

/* The newest certificate for the name among those that the client keeps. */
static bool read_lineage(client_state *out, const client_reader *reader, const char *root,
						 const path_list *certificates, const char *dns_name) {
	disk_certificate disk;
	out->client = reader->name;
	if (!disk_read(&disk, certificates->paths, certificates->count,
				   (verify_name){.dns_name = dns_name})) {
		return false;
	}
	bool done = true;
	if (disk.state != DISK_FOUND) {
		bool unreadable = disk.state == DISK_UNREADABLE && disk.problem != NULL;
		out->kind = unreadable ? CLIENT_STATE_UNREADABLE : CLIENT_STATE_NO_LINEAGE;
		out->problem = unreadable ? strdup(disk.problem) : NULL;
	} else {
		const certificate *leaf = &disk.chain.certificates[0];
		out->kind = CLIENT_STATE_KNOWN;
		out->certificate = strdup(disk.path);
		out->not_before = leaf->not_before;
		out->not_after = leaf->not_after;
		out->last_attempt = leaf->not_before;
		char *directory = client_directory(disk.path, 1);
		out->lineage = directory != NULL ? strdup(basename(directory)) : NULL;
		free(directory);
		done = out->certificate != NULL && out->lineage != NULL &&
			   reader->read(out, root, out->certificate);
	}
	disk_free(&disk);
	return done;
}

/* Tries each client at one directory. *found: is it one of theirs? */
static bool try_directory(client_state *out, const char *root, const char *dns_name, bool *found) {
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		path_list certificates = {.paths = NULL};
		bool done = readers[i]->find(root, &certificates);
		*found = certificates.count > 0;
		if (done && *found) {
			done = read_lineage(out, readers[i], root, &certificates, dns_name);
		}
		paths_free(&certificates);
		if (!done || *found) {
			return done;
		}
	}
	return true;
}

bool client_state_read(client_state *out, const char *path, const char *dns_name) {
	*out = (client_state){.kind = CLIENT_STATE_UNREADABLE};
	if (access(path, R_OK) != 0) {
		return say_problem(out, strerror(errno));
	}
	bool found = false;
	bool done = traefik_read(out, path, dns_name, &found);
	for (int level = 0; level < levels_max && done && !found; level++) {
		char *root = client_directory(path, level);
		done = root != NULL && try_directory(out, root, dns_name, &found);
		free(root);
	}
	if (done && !found) {
		done = say_problem(out, "no renewal client's state is found there");
	}
	if (!done) {
		client_state_free(out);
	}
	return done;
}

void client_state_free(client_state *state) {
	free(state->problem);
	free(state->lineage);
	free(state->certificate);
	free(state->reason);
	*state = (client_state){.kind = CLIENT_STATE_UNREADABLE};
}
