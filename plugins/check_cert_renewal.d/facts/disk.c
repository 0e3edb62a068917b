/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "disk.h"

#include "../language.h"
#include "file.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_for_name(const observation *seen) {
	for (size_t i = 0; i < seen->verification.problem_count; i++) {
		if (seen->verification.problems[i].kind == VERIFY_HOSTNAME) {
			return false;
		}
	}
	return seen->served.count > 0;
}

static bool is_newer(const certificate *one, const certificate *than) {
	return one->not_before != than->not_before ? one->not_before > than->not_before
											   : one->not_after > than->not_after;
}

/* Keeps the observation's certificate if it is the best so far. */
static bool consider(disk_certificate *out, observation *seen, const char *path) {
	bool found = is_for_name(seen);
	if (found && out->state == DISK_FOUND &&
		!is_newer(&seen->served.certificates[0], &out->chain.certificates[0])) {
		return true;
	}
	if (!found && out->path != NULL && (out->state == DISK_FOUND || out->names != NULL)) {
		return true;
	}
	free(out->path);
	out->path = strdup(path);
	if (found) {
		chain_free(&out->chain);
		out->chain = seen->served; /* moved */
		seen->served = (chain){0};
		out->state = DISK_FOUND;
	} else if (seen->served.count > 0) {
		const certificate *leaf = &seen->served.certificates[0];
		out->state = DISK_OTHER_NAMES;
		out->names = strdup(leaf->san_count > 0 ? strchr(leaf->san[0], ':') + 1 : leaf->name);
	} else {
		free(out->problem);
		out->state = DISK_UNREADABLE;
		out->problem = strdup(seen->failure != NULL ? seen->failure : _("out of memory"));
	}
	return out->path != NULL;
}

/* No passphrase is known: keys that need one are passed over. */
static int no_passphrase(char *buffer, int size, int writing, void *unused) {
	(void)buffer;
	(void)size;
	(void)writing;
	(void)unused;
	return 0;
}

static X509 *first_certificate(const char *path) {
	BIO *file = BIO_new_file(path, "r");
	X509 *x509 = file != NULL ? PEM_read_bio_X509(file, NULL, no_passphrase, NULL) : NULL;
	BIO_free(file);
	return x509;
}

/* Compares the certificate with the key in a file, if there is a readable one. */
static disk_key compare_key(X509 *x509, const char *path) {
	struct stat status;
	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > FILE_BYTES_MAX) {
		return DISK_KEY_NOT_FOUND;
	}
	BIO *file = BIO_new_file(path, "r");
	EVP_PKEY *key = file != NULL ? PEM_read_bio_PrivateKey(file, NULL, no_passphrase, NULL) : NULL;
	BIO_free(file);
	if (key == NULL) {
		return DISK_KEY_NOT_FOUND;
	}
	disk_key result = X509_check_private_key(x509, key) == 1 ? DISK_KEY_MATCHES : DISK_KEY_DIFFERS;
	EVP_PKEY_free(key); /* wipes it */
	return result;
}

/*
 * Where clients put the key: in the same file, privkey.pem (certbot, dehydrated), the certificate's
 * name with .key (lego, Caddy), or the directory's only .key (acme.sh).
 */
static disk_key compare_only_key(X509 *x509, const char *directory) {
	DIR *handle = opendir(directory);
	char *path = NULL;
	int keys = 0;
	for (const struct dirent *entry; handle != NULL && (entry = readdir(handle)) != NULL;) {
		const char *dot = strrchr(entry->d_name, '.');
		if (dot != NULL && strcmp(dot, ".key") == 0 && ++keys == 1 &&
			asprintf(&path, "%s/%s", directory, entry->d_name) < 0) {
			path = NULL;
		}
	}
	if (handle != NULL) {
		closedir(handle);
	}
	disk_key result = keys == 1 && path != NULL ? compare_key(x509, path) : DISK_KEY_NOT_FOUND;
	free(path);
	return result;
}

static disk_key find_key(const char *certificate_path) {
	X509 *x509 = first_certificate(certificate_path);
	if (x509 == NULL) {
		return DISK_KEY_NOT_FOUND;
	}
	const char *slash = strrchr(certificate_path, '/');
	int directory_length = slash != NULL ? (int)(slash - certificate_path) : 1;
	const char *directory = slash != NULL ? certificate_path : ".";
	const char *base = slash != NULL ? slash + 1 : certificate_path;
	const char *dot = strrchr(base, '.');
	int stem_length = dot != NULL ? (int)(dot - base) : (int)strlen(base);
	char paths[2][4096];
	snprintf(paths[0], sizeof(paths[0]), "%.*s/privkey.pem", directory_length, directory);
	snprintf(paths[1], sizeof(paths[1]), "%.*s/%.*s.key", directory_length, directory, stem_length,
			 base);
	disk_key result = compare_key(x509, certificate_path);
	for (size_t i = 0; i < 2 && result == DISK_KEY_NOT_FOUND; i++) {
		result = compare_key(x509, paths[i]);
	}
	if (result == DISK_KEY_NOT_FOUND) {
		snprintf(paths[0], sizeof(paths[0]), "%.*s", directory_length, directory);
		result = compare_only_key(x509, paths[0]);
	}
	X509_free(x509);
	ERR_clear_error();
	return result;
}

bool disk_find(disk_certificate *out, char *const *paths, size_t count, verify_name name) {
	*out = (disk_certificate){.state = DISK_UNREADABLE};
	verify_terms terms = {.trust = NULL, .detail = FACTS_DETAILED};
	bool done = true;
	for (size_t i = 0; i < count && done; i++) {
		file_observations read = {0};
		done = file_observe(&read, paths[i], true, terms, name);
		for (size_t j = 0; j < read.count && done; j++) {
			done = consider(out, &read.observations[j], paths[i]);
		}
		file_observations_free(&read);
	}
	if (!done) {
		disk_free(out);
		return false;
	}
	struct stat status;
	if (out->state == DISK_FOUND) {
		out->modified = stat(out->path, &status) == 0 ? (int64_t)status.st_mtime : 0;
	} else if (out->state == DISK_UNREADABLE && out->problem == NULL) {
		out->path = count > 0 ? strdup(paths[0]) : NULL;
		out->problem = strdup(_("no certificate found there"));
	}
	return true;
}

bool disk_read(disk_certificate *out, char *const *paths, size_t count, verify_name name) {
	if (!disk_find(out, paths, count, name)) {
		return false;
	}
	if (out->state == DISK_FOUND) {
		out->key = find_key(out->path);
	}
	return true;
}

void disk_free(disk_certificate *disk) {
	free(disk->path);
	chain_free(&disk->chain);
	free(disk->names);
	free(disk->problem);
	*disk = (disk_certificate){0};
}
