/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clang-format off */
/*
 * Where each fact comes from, and from what it is known: files that the real client made against a
 * CA on loopback ("real", with the version), or its documentation.
 *
 * client      certificates, known from     attempts, failures and reasons     next attempt
 * ----------  ---------------------------  ---------------------------------  ----------------------
 * certbot     renewal/NAME.conf, live/     letsencrypt.log*: "Writing full    its end less what
 *             NAME/fullchain.pem           chain to", "Failed to renew        renew_before_expiry or
 *             (real: 2.1)                  certificate", "is broken",         its version has: 30
 *                                          "Detail:", "Hook ... reported      days, or a third from
 *                                          error code" (real: 2.1)            4.0 on (User Guide)
 * acme.sh     NAME[_ecc]/fullchain.cer     Le_CertCreateTime; acme.sh.log     Le_NextRenewTime
 *             (real: 3.1)                  from "Renewing: 'X'" to "Error     (real)
 *                                          renewing" (real)
 * dehydrated  certs/NAME/fullchain.pem     cert-TIME.csr; without a           its end less
 *             (real: 0.7)                  cert-TIME.pem it failed (real);    RENEW_DAYS, where a
 *                                          keeps no reason                    config lies beside
 * lego        certificates/NAME.crt        keeps none                         not kept
 *             (real: 4.9)
 * Caddy       certificates/CA/NAME/X.crt   locks/issue_cert_NAME.lock: tries  NAME.json: issuer_data,
 *             (real: 2.6)                  until it is gone (real); keeps no  renewal_info (ARI;
 *                                          reason                             certmagic's structure)
 * certmonger  cert_storage_location= of    submitted=, state=, ca_error=      not kept
 *             each file in requests/       (real; states: getcert-list(1))
 *             (real: 0.79)
 * Traefik     acme.json: Certificates      keeps none                         not kept
 *             (its structure as
 *             documented, 1 to 3)
 */
/* clang-format on */
#include "client_state.h"

#include "../calendar.h"
#include "../language.h"
#include "client_reader.h"
#include "contents.h"
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

/* What was read, as text: NUL is replaced by a blank. */
static char *text_of(contents contents) {
	for (size_t i = 0; i < contents.size; i++) {
		if (contents.bytes[i] == '\0') {
			contents.bytes[i] = ' ';
		}
	}
	return (char *)contents.bytes;
}

char *client_text(const char *path) { return text_of(contents_read(path, CLIENT_FILE_BYTES_MAX)); }

char *client_log(const char *path) {
	return text_of(contents_read_end(path, CLIENT_FILE_BYTES_MAX));
}

bool client_add_path(path_list *out, char *path) {
	char **paths = path != NULL ? realloc(out->paths, (out->count + 1) * sizeof(*paths)) : NULL;
	if (paths == NULL) {
		free(path);
		return false;
	}
	out->paths = paths;
	out->paths[out->count++] = path;
	return true;
}

/* The directory with what glob() would take for a pattern made plain. */
static char *escaped(const char *root) {
	char *copy = malloc(2 * strlen(root) + 1);
	char *to = copy;
	for (const char *from = root; copy != NULL && *from != '\0'; from++) {
		if (strchr("*?[\\", *from) != NULL) {
			*to++ = '\\';
		}
		*to++ = *from;
	}
	if (copy != NULL) {
		*to = '\0';
	}
	return copy;
}

bool client_glob(path_list *out, const char *root, const char *pattern) {
	char *full = NULL;
	char *plain = escaped(root);
	int written = plain != NULL ? asprintf(&full, "%s/%s", plain, pattern) : -1;
	free(plain);
	if (written < 0) {
		return false;
	}
	glob_t found;
	bool done = true;
	if (glob(full, GLOB_NOSORT, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && out->count < CLIENT_CERTIFICATES_MAX && done;
			 i++) {
			done = client_add_path(out, strdup(found.gl_pathv[i]));
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

int64_t client_rfc3339(const char *text) {
	int year = 0;
	calendar_time time = {0};
	int length = 0;
	if (text == NULL || sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &time.month, &time.day,
							   &time.hour, &time.minute, &time.second, &length) != 6) {
		return 0;
	}
	time.year = year;
	const char *zone = text + length;
	zone += *zone == '.' ? 1 + strspn(zone + 1, "0123456789") : 0;
	int hours = 0;
	int minutes = 0;
	char sign[2] = "+";
	if (!calendar_is_valid(time) ||
		(strcmp(zone, "Z") != 0 && sscanf(zone, "%1[+-]%2d:%2d", sign, &hours, &minutes) != 3)) {
		return 0;
	}
	int64_t offset = (sign[0] == '-' ? -1 : 1) * (hours * (int64_t)3600 + minutes * (int64_t)60);
	int64_t seconds = calendar_seconds(time) - offset;
	return seconds > 0 ? seconds : 0;
}

static bool name_covers(const char *name, size_t length, const char *dns_name) {
	const char *compared = dns_name;
	if (length > 2 && strncmp(name, "*.", 2) == 0) {
		compared = strchr(dns_name, '.');
		name++;
		length--;
	}
	return compared != NULL && strlen(compared) == length &&
		   strncasecmp(name, compared, length) == 0;
}

bool client_names_cover(const char *names, const char *dns_name) {
	static const char separators[] = ", ";
	for (names += strspn(names, separators); *names != '\0';) {
		size_t length = strcspn(names, separators);
		if (name_covers(names, length, dns_name)) {
			return true;
		}
		names += length;
		names += strspn(names, separators);
	}
	return false;
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
	if (!disk_find(&disk, certificates->paths, certificates->count,
				   (verify_name){.dns_name = dns_name})) {
		return false;
	}
	bool done = true;
	bool unissued = false;
	if (disk.state != DISK_FOUND && reader->read_unissued != NULL) {
		out->kind = CLIENT_STATE_KNOWN;
		done = reader->read_unissued(out, root, dns_name, &unissued);
	}
	if (!done || unissued) {
		/* said */
	} else if (disk.state != DISK_FOUND) {
		bool unreadable = disk.state == DISK_UNREADABLE && disk.problem != NULL;
		out->kind = unreadable ? CLIENT_STATE_UNREADABLE : CLIENT_STATE_NO_LINEAGE;
		out->problem = unreadable ? strdup(disk.problem) : NULL;
		done = !unreadable || out->problem != NULL;
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
		return say_problem(out, _(strerror(errno)));
	}
	bool found = false;
	bool done = traefik_read(out, path, dns_name, &found);
	for (int level = 0; level < levels_max && done && !found; level++) {
		char *root = client_directory(path, level);
		done = root != NULL && try_directory(out, root, dns_name, &found);
		free(root);
	}
	if (done && !found) {
		done = say_problem(out, _("no renewal client's state is found there"));
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
