/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trust.h"

#include "../language.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct trust {
	X509_STORE *store;
	bool is_system;
	bool bundle_untried; /* the system's bundle may have what its directory lacks */
};

/* Where systems keep their bundle, after OpenSSL's own place. */
static const char *const bundle_paths[] = {
	"/etc/ssl/certs/ca-certificates.crt",                /* Debian, Arch, Gentoo */
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora, RHEL */
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem", /* SUSE */
	"/etc/ssl/cert.pem",      /* Alpine, BSD */
	"/usr/local/etc/ssl/cert.pem",
};

bool trust_is_hash_name(const char *name) {
	for (int i = 0; i < 8; i++) {
		if (!isxdigit((unsigned char)name[i])) {
			return false;
		}
	}
	return name[8] == '.' && isdigit((unsigned char)name[9]);
}

static bool directory_is_hashed(const char *path, char *error, size_t size) {
	DIR *directory = opendir(path);
	if (directory == NULL) {
		snprintf(error, size, "%s", _(strerror(errno)));
		return false;
	}
	bool hashed = false;
	for (const struct dirent *entry; !hashed && (entry = readdir(directory)) != NULL;) {
		hashed = trust_is_hash_name(entry->d_name);
	}
	closedir(directory);
	if (!hashed) {
		snprintf(error, size, _("not a hashed directory; run: openssl rehash"));
	}
	return hashed;
}

static bool add_directory(X509_STORE *store, const char *path) {
	X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
	return lookup != NULL && X509_LOOKUP_add_dir(lookup, path, X509_FILETYPE_PEM) == 1;
}

static bool add_file(X509_STORE *store, const char *path) {
	X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
	bool added = lookup != NULL && X509_load_cert_file(lookup, path, X509_FILETYPE_PEM) > 0;
	ERR_clear_error();
	return added;
}

/* Anchors that the user named. */
static bool open_named(trust *trust, const char *path, char *error, size_t size) {
	struct stat status;
	if (stat(path, &status) != 0) {
		snprintf(error, size, "%s", _(strerror(errno)));
		return false;
	}
	if (S_ISDIR(status.st_mode)) {
		return directory_is_hashed(path, error, size) && add_directory(trust->store, path);
	}
	if (!S_ISREG(status.st_mode)) {
		snprintf(error, size, _("neither a file nor a directory"));
		return false;
	}
	if (access(path, R_OK) != 0) {
		snprintf(error, size, "%s", _(strerror(errno)));
		return false;
	}
	if (!add_file(trust->store, path)) {
		snprintf(error, size, _("no PEM certificate in it, or damaged"));
		return false;
	}
	return true;
}

static const char *environment_or(const char *variable, const char *otherwise) {
	const char *value = secure_getenv(variable);
	return value != NULL && value[0] != '\0' ? value : otherwise;
}

static const char *system_directory(void) {
	return environment_or(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
}

static const char *system_bundle(void) {
	return environment_or(X509_get_default_cert_file_env(), X509_get_default_cert_file());
}

trust *trust_open(const char *path, char *error, size_t size) {
	trust *trust = calloc(1, sizeof(*trust));
	if (trust == NULL || (trust->store = X509_STORE_new()) == NULL) {
		snprintf(error, size, _("out of memory"));
		free(trust);
		return NULL;
	}
	bool opened = true;
	if (path != NULL) {
		opened = open_named(trust, path, error, size);
	} else {
		trust->is_system = true;
		trust->bundle_untried = true;
		opened = add_directory(trust->store, system_directory());
		if (!opened) {
			snprintf(error, size, _("out of memory"));
		}
	}
	if (!opened) {
		trust_free(trust);
		return NULL;
	}
	return trust;
}

void trust_free(trust *trust) {
	if (trust != NULL) {
		X509_STORE_free(trust->store);
		free(trust);
	}
}

/* Where administrators put anchors of their own. */
static const char *const local_directories[] = {
	"/usr/local/share/ca-certificates",          /* Debian */
	"/etc/pki/ca-trust/source/anchors",          /* Fedora, RHEL */
	"/etc/pki/trust/anchors",                    /* SUSE */
	"/etc/ca-certificates/trust-source/anchors", /* Arch */
};

static bool directory_has(const char *path, X509 *anchor) {
	static char no_passphrase[] = ""; /* without one, OpenSSL asks for it on the terminal */
	DIR *directory = opendir(path);
	bool found = false;
	for (const struct dirent *entry; directory != NULL && !found && (entry = readdir(directory));) {
		char file[PATH_MAX];
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		BIO *bio = entry->d_name[0] == '.' ? NULL : BIO_new_file(file, "r");
		X509 *x509 = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, no_passphrase) : NULL;
		found = x509 != NULL && X509_cmp(x509, anchor) == 0;
		X509_free(x509);
		BIO_free(bio);
	}
	if (directory != NULL) {
		closedir(directory);
	}
	ERR_clear_error();
	return found;
}

bool trust_is_public(const trust *trust, X509 *anchor) {
	for (size_t i = 0;
		 trust->is_system && i < sizeof(local_directories) / sizeof(local_directories[0]); i++) {
		if (directory_has(local_directories[i], anchor)) {
			return false;
		}
	}
	return trust->is_system;
}

X509_STORE *trust_store(trust *trust) { return trust->store; }

bool trust_load_bundle(trust *trust) {
	if (!trust->bundle_untried) {
		return false;
	}
	trust->bundle_untried = false;
	if (add_file(trust->store, system_bundle())) {
		return true;
	}
	for (size_t i = 0; i < sizeof(bundle_paths) / sizeof(bundle_paths[0]); i++) {
		if (access(bundle_paths[i], R_OK) == 0 && add_file(trust->store, bundle_paths[i])) {
			return true;
		}
	}
	return false;
}

static size_t count_hashed(const char *path) {
	DIR *directory = opendir(path);
	size_t count = 0;
	for (const struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
		count += trust_is_hash_name(entry->d_name) &&
				 faccessat(dirfd(directory), entry->d_name, R_OK, AT_EACCESS) == 0;
	}
	if (directory != NULL) {
		closedir(directory);
	}
	return count;
}

static size_t count_in_file(const char *path) {
	X509_STORE *store = X509_STORE_new();
	X509_LOOKUP *lookup = store != NULL ? X509_STORE_add_lookup(store, X509_LOOKUP_file()) : NULL;
	int count = lookup != NULL ? X509_load_cert_file(lookup, path, X509_FILETYPE_PEM) : 0;
	X509_STORE_free(store);
	ERR_clear_error();
	return count > 0 ? (size_t)count : 0;
}

void trust_look(trust_survey *out) {
	*out = (trust_survey){.directory = system_directory()};
	char *directories = strdup(out->directory);
	char *rest = NULL;
	for (char *one = directories != NULL ? strtok_r(directories, ":", &rest) : NULL; one != NULL;
		 one = strtok_r(NULL, ":", &rest)) {
		out->hashed += count_hashed(one);
	}
	free(directories);
	out->bundle = system_bundle();
	out->in_bundle = count_in_file(out->bundle);
	size_t count = sizeof(bundle_paths) / sizeof(bundle_paths[0]);
	for (size_t i = 0; out->in_bundle == 0 && i < count; i++) {
		out->bundle = bundle_paths[i];
		out->in_bundle = count_in_file(out->bundle);
	}
	if (out->in_bundle == 0) {
		out->bundle = NULL;
	}
}
