/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of certificate files share: a chain of three, files made of it, what was observed.
 */
#ifndef CHECK_CERT_RENEWAL_TESTS_OBSERVED_FILE_H
#define CHECK_CERT_RENEWAL_TESTS_OBSERVED_FILE_H

#include "mint.h"
#include "scratch.h"

#include "facts/file.h"

#include <openssl/pem.h>

static file_observations found;
static char path[SCRATCH_PATH_MAX];

static inline void observe_as(const char *name, bool found_by_search, verify_terms terms,
							  verify_name wanted) {
	file_observations_free(&found);
	assert_true(file_observe(&found, scratch_path(path, name), found_by_search, terms, wanted));
}

static inline void observe(const char *name) {
	observe_as(name, false, (verify_terms){.at = mint_not_before}, (verify_name){NULL, NULL});
}

/* A file of certificates in PEM, one after the other. The stack stays the caller's. */
static inline void write_pem(const char *name, X509 *const *certificates, size_t count) {
	BIO *memory = BIO_new(BIO_s_mem());
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(PEM_write_bio_X509(memory, certificates[i]), 1);
	}
	char *bytes = NULL;
	long size = BIO_get_mem_data(memory, &bytes);
	scratch_write(name, bytes, (size_t)size);
	BIO_free(memory);
}

/* Its whole PEM or DER, the caller's. */
static inline unsigned char *encode(X509 *x509, bool pem, size_t *size) {
	unsigned char *der = NULL;
	if (!pem) {
		*size = (size_t)i2d_X509(x509, &der);
		return der;
	}
	BIO *memory = BIO_new(BIO_s_mem());
	char *bytes = NULL;
	assert_int_equal(PEM_write_bio_X509(memory, x509), 1);
	*size = (size_t)BIO_get_mem_data(memory, &bytes);
	der = OPENSSL_memdup(bytes, *size);
	BIO_free(memory);
	return der;
}

/* That many observations, none of which failed. */
static inline void expect_good(size_t count) {
	assert_int_equal(found.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(found.observations[i].failed, STEP_DONE);
		assert_string_equal(found.observations[i].file, path);
	}
}

static inline void expect_chain(size_t which, size_t count, const char *const *names) {
	const chain *served = &found.observations[which].served;
	assert_int_equal(served->count, count);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(served->certificates[i].name, names[i]);
	}
}

/* The observation, which has no certificate, failed for that reason. */
static inline void expect_failed(size_t which, const char *words) {
	const observation *seen = &found.observations[which];
	assert_true(which < found.count);
	assert_int_equal(seen->failed, STEP_FILE);
	assert_int_equal(seen->served.count, 0);
	expect(strstr(seen->failure, words) != NULL, "\"%s\" instead of \"%s\"", seen->failure, words);
}

/* leaf, intermediate, root, and a leaf that is unrelated */
static X509 *made[4];
static const char *const names_up[] = {"leaf", "Intermediate", "Root"};

static inline int make(void **state) {
	made[0] = mint_new("leaf", "Intermediate", 1);
	mint_extension(made[0], NID_subject_alt_name, "DNS:www.example.jp,IP:192.0.2.1");
	made[1] = mint_new_ca("Intermediate", "Root", 2);
	made[2] = mint_new_ca("Root", "Root", 3);
	made[3] = mint_new("other", "Elsewhere", 4);
	for (size_t i = 0; i < COUNT(made); i++) {
		made[i] = mint_signed(made[i]);
	}
	return scratch_make(state);
}

static inline int clean_up(void **state) {
	for (size_t i = 0; i < COUNT(made); i++) {
		X509_free(made[i]);
	}
	file_observations_free(&found);
	return scratch_remove(state) | mint_close(state);
}

#endif
