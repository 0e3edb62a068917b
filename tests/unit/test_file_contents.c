/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificate files: encodings, damage, bounds, and whatever is no certificate. */
#include "observed_file.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_der(void **state) {
	(void)state;
	size_t size = 0;
	unsigned char *leaf = encode(made[0], false, &size);
	scratch_write("leaf.der", leaf, size);
	observe("leaf.der");
	expect_good(1);
	expect_chain(0, 1, names_up);
	scratch_write("leaf.der", leaf, size - 1);
	observe("leaf.der");
	assert_int_equal(found.count, 1);
	expect_failed(0, "truncated or damaged");
	scratch_write("leaf.der", leaf, 1);
	observe("leaf.der");
	expect_failed(0, "truncated or damaged");
	/* two, one after the other, the second one cut */
	unsigned char both[4096];
	memcpy(both, leaf, size);
	memcpy(both + size, leaf, size);
	scratch_write("leaf.der", both, 2 * size);
	observe("leaf.der");
	expect_good(1);
	scratch_write("leaf.der", both, 2 * size - 1);
	observe("leaf.der");
	assert_int_equal(found.count, 2);
	expect_chain(0, 1, names_up);
	expect_failed(1, "truncated or damaged");
	OPENSSL_free(leaf);
}

/* What is good in a file is judged although something else in it is not. */
static void test_damaged_pem(void **state) {
	(void)state;
	size_t size = 0;
	unsigned char *leaf = encode(made[0], true, &size);
	unsigned char bytes[4096];
	memcpy(bytes, leaf, size);
	memcpy(bytes + size, leaf, size);
	size_t lengths[] = {size + size / 2, 2 * size - 30, 2 * size - 10, size + 60};
	for (size_t i = 0; i < COUNT(lengths); i++) {
		scratch_write("cut.pem", bytes, lengths[i]);
		observe("cut.pem");
		expect(found.count == 2, "cut at %zu: %zu", lengths[i], found.count);
		assert_int_equal(found.observations[0].failed, STEP_DONE);
		expect_chain(0, 1, names_up);
		expect_failed(1, "truncated or damaged");
	}
	scratch_write("cut.pem", bytes, size / 2);
	observe("cut.pem");
	assert_int_equal(found.count, 1);
	expect_failed(0, "truncated or damaged");
	/* damaged first, good second */
	memset(bytes + 100, '!', 5);
	scratch_write("bad.pem", bytes, 2 * size);
	observe("bad.pem");
	assert_int_equal(found.count, 2);
	expect_chain(0, 1, names_up);
	expect_failed(1, "truncated or damaged");
	/* base64 that is right, of something that is no certificate */
	static const char wrong[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
	scratch_write("wrong.pem", wrong, strlen(wrong));
	observe("wrong.pem");
	assert_int_equal(found.count, 1);
	expect_failed(0, "truncated or damaged");
	OPENSSL_free(leaf);
}

static void test_text_around_pem(void **state) {
	(void)state;
	size_t size = 0;
	unsigned char *leaf = encode(made[0], true, &size);
	BIO *memory = BIO_new(BIO_s_mem());
	BIO_puts(memory, "# comment\r\nsubject=CN = leaf\n\n");
	for (size_t i = 0; i < size; i++) {
		if (leaf[i] == '\n') {
			BIO_write(memory, "\r", 1); /* as Windows ends lines */
		}
		BIO_write(memory, &leaf[i], 1);
	}
	/* a key in the same file, with a passphrase, as HAProxy and others have it: it is none of ours
	 */
	assert_int_equal(
		PEM_write_bio_PKCS8PrivateKey(memory, mint_key(), EVP_aes_128_cbc(), "pass", 4, NULL, NULL),
		1);
	PEM_write_bio_X509(memory, made[1]);
	char *bytes = NULL;
	long length = BIO_get_mem_data(memory, &bytes);
	scratch_write("mixed.pem", bytes, (size_t)length);
	observe("mixed.pem");
	expect_good(1);
	expect_chain(0, 2, names_up);
	BIO_free(memory);
	OPENSSL_free(leaf);
}

/* A certificate that claims to be encrypted: nobody is asked for a passphrase, on no terminal. */
static void test_no_passphrase_is_asked_for(void **state) {
	(void)state;
	BIO *memory = BIO_new(BIO_s_mem());
	assert_int_equal(PEM_ASN1_write_bio((i2d_of_void *)(void (*)(void))i2d_X509, PEM_STRING_X509,
										memory, made[0], EVP_aes_128_cbc(),
										(const unsigned char *)"pass", 4, NULL, NULL),
					 1);
	char *bytes = NULL;
	long size = BIO_get_mem_data(memory, &bytes);
	scratch_write("encrypted.pem", bytes, (size_t)size);
	scratch_write("input", "pass\n", 5);
	int kept = dup(STDIN_FILENO);
	char input[SCRATCH_PATH_MAX];
	assert_non_null(freopen(scratch_path(input, "input"), "r", stdin));
	observe("encrypted.pem");
	assert_int_equal(lseek(STDIN_FILENO, 0, SEEK_CUR), 0);
	assert_int_equal(found.count, 1);
	expect_failed(0, "truncated or damaged");
	dup2(kept, STDIN_FILENO);
	close(kept);
	BIO_free(memory);
}

/* What is no certificate */

static void test_other_contents(void **state) {
	(void)state;
	static const struct {
		const char *contents;
		const char *said;
	} rows[] = {
		{"", "is empty"},
		{"hello\n", "holds no certificate (neither PEM nor DER)"},
		{"\xff\xfe\x01", "holds no certificate (neither PEM nor DER)"},
		{"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds a private key"},
		{"-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
		 "holds a private key"},
		{"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
		 "holds a certificate request"},
		{"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", "holds no certificate"},
		{"-----BEGIN CERTIFICATE", "holds no certificate"},
		{"0 is where DER begins too\n", "truncated or damaged"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		scratch_write("other", rows[i].contents, strlen(rows[i].contents));
		observe("other");
		assert_int_equal(found.count, 1);
		expect_failed(0, rows[i].said);
		assert_string_equal(found.labels[0], path);
	}
	/* Found in a directory, it is not what was meant, and passed over. */
	scratch_write("other", "hello\n", 6);
	observe_as("other", true, (verify_terms){.at = 0}, (verify_name){NULL, NULL});
	assert_int_equal(found.count, 0);
}

static void test_no_file(void **state) {
	(void)state;
	char other[SCRATCH_PATH_MAX];
	observe("missing.pem");
	expect_failed(0, "No such file or directory");
	observe("");
	expect_failed(0, "is a directory");
	/* a pipe that nobody writes to must not make anyone wait */
	assert_int_equal(mkfifo(scratch_path(other, "fifo"), 0600), 0);
	observe("fifo");
	expect_failed(0, "is not a regular file");
	/* a file does not become a directory by what follows it */
	scratch_write("file", "x", 1);
	observe("file/leaf.pem");
	expect_failed(0, "Not a directory");
}

static void test_bounds(void **state) {
	(void)state;
	char large[SCRATCH_PATH_MAX];
	write_pem("large.pem", made, 1);
	assert_int_equal(truncate(scratch_path(large, "large.pem"), FILE_BYTES_MAX), 0);
	observe("large.pem");
	expect_good(1);
	assert_int_equal(truncate(large, FILE_BYTES_MAX + 1), 0);
	observe("large.pem");
	assert_int_equal(found.count, 1);
	expect_failed(0, "larger than 16 MiB");

	/* Decoding so many keys would be most of the work. */
	X509 *keyless = mint_new_ca("Root", "Root", 1);
	mint_unknown_key(keyless);
	keyless = mint_signed(keyless);
	size_t size = 0;
	unsigned char *root = encode(keyless, false, &size);
	unsigned char *many = malloc((FILE_CERTIFICATES_MAX + 1) * size);
	assert_non_null(many);
	for (size_t i = 0; i <= FILE_CERTIFICATES_MAX; i++) {
		memcpy(many + i * size, root, size);
	}
	scratch_write("many.der", many, FILE_CERTIFICATES_MAX * size);
	observe("many.der");
	expect_good(1);
	scratch_write("many.der", many, (FILE_CERTIFICATES_MAX + 1) * size);
	observe("many.der");
	assert_int_equal(found.count, 2);
	expect_failed(1, "more than 5000 certificates");
	free(many);
	OPENSSL_free(root);
	X509_free(keyless);
}

/* OpenSSL's queue of errors is left as it was found: the next handshake must not read these. */
static void test_no_errors_are_left(void **state) {
	(void)state;
	static const char *const files[] = {"wrong.pem", "cut.pem", "mixed.pem", "leaf.der", "missing"};
	for (size_t i = 0; i < COUNT(files); i++) {
		ERR_clear_error();
		observe(files[i]);
		assert_int_equal(ERR_peek_error(), 0);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_der),
		cmocka_unit_test(test_damaged_pem),
		cmocka_unit_test(test_text_around_pem),
		cmocka_unit_test(test_no_passphrase_is_asked_for),
		cmocka_unit_test(test_other_contents),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_no_errors_are_left),
	};
	return cmocka_run_group_tests(tests, make, clean_up);
}
