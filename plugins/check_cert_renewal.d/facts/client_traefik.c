/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traefik: acme.json, {RESOLVER: {"Certificates": [{"domain", "certificate", "key"}]}}, or the same
 * without resolvers as Traefik 1 wrote it. The file holds private keys: they are
 * overwritten before it is parsed.
 */
#include "client_reader.h"

#include "certificate.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Behind the string that begins there (its quote included), or the end of the text. */
static char *string_end(char *at) {
	for (at++; *at != '\0' && *at != '"'; at++) {
		at += *at == '\\' && at[1] != '\0';
	}
	return *at == '"' ? at + 1 : at;
}

/* "key" of a certificate, "PrivateKey" of an account, in whichever letters. */
static bool is_key_name(const char *start, const char *end) {
	static const char *const names[] = {"\"key\"", "\"privatekey\""};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i]);
		if ((size_t)(end - start) == length && strncasecmp(start, names[i], length) == 0) {
			return true;
		}
	}
	return false;
}

/* Overwrites the private keys in JSON text before it is parsed, so that no copy of them is made. */
static void wipe_keys(char *text) {
	for (char *at = strchr(text, '"'); at != NULL; at = strchr(at, '"')) {
		char *end = string_end(at);
		char *value = end + strspn(end, " \t\r\n");
		value += *value == ':' ? 1 + strspn(value + 1, " \t\r\n") : 0;
		if (value > end && *value == '"' && is_key_name(at, end)) {
			end = string_end(value);
			memset(value + 1, 'x', (size_t)(end - value - 1) - (end[-1] == '"' && end > value + 1));
		}
		at = end;
	}
}

/* The leaf of a base64-encoded PEM chain; NULL where it is none. */
static X509 *decode(const char *base64) {
	size_t length = strlen(base64);
	unsigned char *pem = length > 0 && length < 1024UL * 1024 ? malloc(length) : NULL;
	int size = pem != NULL ? EVP_DecodeBlock(pem, (const unsigned char *)base64, (int)length) : -1;
	BIO *memory = size > 0 ? BIO_new_mem_buf(pem, size) : NULL;
	X509 *x509 = memory != NULL ? PEM_read_bio_X509(memory, NULL, NULL, "") : NULL;
	BIO_free(memory);
	free(pem);
	ERR_clear_error();
	return x509;
}

/* Keeps a certificate of the file if it is for the name and newer than what is kept. */
static bool consider(client_state *out, json_t *entry, const char *dns_name) {
	json_t *encoded = json_object_get(entry, "certificate");
	encoded = encoded != NULL ? encoded : json_object_get(entry, "Certificate");
	X509 *x509 = json_is_string(encoded) ? decode(json_string_value(encoded)) : NULL;
	certificate leaf = {0};
	bool done = true;
	if (x509 != NULL && X509_check_host(x509, dns_name, 0, 0, NULL) == 1) {
		done = certificate_read(&leaf, x509, FACTS_TO_JUDGE);
		if (done && (out->kind != CLIENT_STATE_KNOWN || leaf.not_before > out->not_before)) {
			out->kind = CLIENT_STATE_KNOWN;
			out->not_before = leaf.not_before;
			out->not_after = leaf.not_after;
			out->last_attempt = leaf.not_before;
			free(out->lineage);
			out->lineage = strdup(leaf.name);
			done = out->lineage != NULL;
		}
		certificate_free(&leaf);
	}
	X509_free(x509);
	return done;
}

static bool consider_all(client_state *out, json_t *resolver, const char *dns_name) {
	json_t *certificates = json_object_get(resolver, "Certificates");
	json_t *entry = NULL;
	size_t index = 0;
	bool done = true;
	json_array_foreach(certificates, index, entry) {
		done = done && index < CLIENT_CERTIFICATES_MAX && consider(out, entry, dns_name);
	}
	return done;
}

static bool is_acme_json(json_t *root) {
	const char *name = NULL;
	json_t *member = NULL;
	json_object_foreach(root, name, member) {
		if (strcmp(name, "Certificates") == 0 || json_object_get(member, "Certificates") != NULL) {
			return true;
		}
	}
	return false;
}

bool traefik_read(client_state *out, const char *path, const char *dns_name, bool *found) {
	struct stat status;
	char file[4096];
	bool is_directory = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
	snprintf(file, sizeof(file), is_directory ? "%s/acme.json" : "%s", path);
	char *text = client_text(file);
	json_t *root = NULL;
	if (text != NULL && text[strspn(text, " \t\r\n")] == '{') {
		wipe_keys(text);
		root = json_loads(text, 0, NULL);
	}
	if (text != NULL) {
		OPENSSL_cleanse(text, strlen(text));
	}
	free(text);
	*found = root != NULL && is_acme_json(root);
	bool done = true;
	if (*found) {
		const char *name = NULL;
		json_t *member = NULL;
		out->client = "traefik";
		out->kind = CLIENT_STATE_NO_LINEAGE;
		done = consider_all(out, root, dns_name);
		json_object_foreach(root, name, member) {
			done = done && consider_all(out, member, dns_name);
		}
		out->last_run = client_modified(file);
		out->certificate = out->kind == CLIENT_STATE_KNOWN ? strdup(file) : NULL;
	}
	json_decref(root);
	return done;
}
