/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates made on the spot, by OpenSSL's API. All of them have one key, unless a test says so.
 */
#ifndef CHECK_CERT_RENEWAL_TESTS_MINT_H
#define CHECK_CERT_RENEWAL_TESTS_MINT_H

#include "unit.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* What certificates live from and to: 2027-01-01 and 90 days later. */
static const int64_t mint_not_before = 1798761600;
static const int64_t mint_not_after = 1798761600 + 90 * (int64_t)DAY;

static inline EVP_PKEY *mint_key(void) {
	static EVP_PKEY *key;
	if (key == NULL) {
		key = EVP_EC_gen("P-256");
		assert_non_null(key);
	}
	return key;
}

static inline int mint_close(void **state) {
	(void)state;
	EVP_PKEY_free(mint_key());
	return 0;
}

static inline void mint_name(X509_NAME *name, int nid, int type, const void *bytes, size_t size) {
	assert_int_equal(X509_NAME_add_entry_by_NID(name, nid, type, bytes, (int)size, -1, 0), 1);
}

static inline void mint_common_name(X509_NAME *name, const char *text) {
	mint_name(name, NID_commonName, V_ASN1_UTF8STRING, text, strlen(text));
}

static inline void mint_extension(X509 *x509, int nid, const char *value) {
	X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, NULL, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(x509, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

/* Unsigned and the caller's. NULL for a name leaves it empty. */
static inline X509 *mint_new(const char *subject, const char *issuer, long serial) {
	X509 *x509 = X509_new();
	assert_non_null(x509);
	assert_int_equal(X509_set_version(x509, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x509), serial), 1);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(x509), mint_not_before));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(x509), mint_not_after));
	assert_int_equal(X509_set_pubkey(x509, mint_key()), 1);
	if (subject != NULL) {
		mint_common_name(X509_get_subject_name(x509), subject);
	}
	if (issuer != NULL) {
		mint_common_name(X509_get_issuer_name(x509), issuer);
	}
	return x509;
}

static inline X509 *mint_new_ca(const char *subject, const char *issuer, long serial) {
	X509 *x509 = mint_new(subject, issuer, serial);
	mint_extension(x509, NID_basic_constraints, "critical,CA:TRUE");
	return x509;
}

/* Gives it a key that no OpenSSL knows. */
static inline void mint_unknown_key(X509 *x509) {
	ASN1_OBJECT *algorithm = OBJ_txt2obj("1.3.6.1.4.1.32473.1", 1);
	unsigned char *bits = OPENSSL_zalloc(8);
	assert_non_null(bits);
	assert_int_equal(
		X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(x509), algorithm, V_ASN1_UNDEF, NULL, bits, 8),
		1);
}

/* Signs it, and gives what comes out of reading its DER. Takes the certificate. */
static inline X509 *mint_signed_by(X509 *x509, EVP_PKEY *key, const EVP_MD *digest) {
	assert_true(X509_sign(x509, key, digest) > 0);
	unsigned char *der = NULL;
	int size = i2d_X509(x509, &der);
	assert_true(size > 0);
	const unsigned char *at = der;
	X509 *read = d2i_X509(NULL, &at, size);
	assert_non_null(read);
	OPENSSL_free(der);
	X509_free(x509);
	return read;
}

static inline X509 *mint_signed(X509 *x509) {
	return mint_signed_by(x509, mint_key(), EVP_sha256());
}

#endif
