/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trust.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct trust {
	X509_STORE *store;
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
		snprintf(error, size, "%s", strerror(errno));
		return false;
	}
	bool hashed = false;
	for (const struct dirent *entry; !hashed && (entry = readdir(directory)) != NULL;) {
		hashed = trust_is_hash_name(entry->d_name);
	}
	closedir(directory);
	if (!hashed) {
		snprintf(error, size, "not a hashed directory; run: openssl rehash");
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
		snprintf(error, size, "%s", strerror(errno));
		return false;
	}
	if (S_ISDIR(status.st_mode)) {
		return directory_is_hashed(path, error, size) && add_directory(trust->store, path);
	}
	if (!S_ISREG(status.st_mode)) {
		snprintf(error, size, "neither a file nor a directory");
		return false;
	}
	if (access(path, R_OK) != 0) {
		snprintf(error, size, "%s", strerror(errno));
		return false;
	}
	if (!add_file(trust->store, path)) {
		snprintf(error, size, "no PEM certificate in it, or damaged");
		return false;
	}
	return true;
}

static const char *environment_or(const char *variable, const char *otherwise) {
	const char *value = secure_getenv(variable);
	return value != NULL && value[0] != '\0' ? value : otherwise;
}

trust *trust_open(const char *path, char *error, size_t size) {
	trust *trust = calloc(1, sizeof(*trust));
	if (trust == NULL || (trust->store = X509_STORE_new()) == NULL) {
		snprintf(error, size, "out of memory");
		free(trust);
		return NULL;
	}
	bool opened = true;
	if (path != NULL) {
		opened = open_named(trust, path, error, size);
	} else {
		trust->bundle_untried = true;
		opened = add_directory(trust->store, environment_or(X509_get_default_cert_dir_env(),
															X509_get_default_cert_dir()));
		if (!opened) {
			snprintf(error, size, "out of memory");
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

X509_STORE *trust_store(trust *trust) {
	return trust->store;
}

bool trust_load_bundle(trust *trust) {
	if (!trust->bundle_untried) {
		return false;
	}
	trust->bundle_untried = false;
	const char *file =
		environment_or(X509_get_default_cert_file_env(), X509_get_default_cert_file());
	if (add_file(trust->store, file)) {
		return true;
	}
	for (size_t i = 0; i < sizeof(bundle_paths) / sizeof(bundle_paths[0]); i++) {
		if (access(bundle_paths[i], R_OK) == 0 && add_file(trust->store, bundle_paths[i])) {
			return true;
		}
	}
	return false;
}
