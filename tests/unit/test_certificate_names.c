/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of certificates as other people may make them: odd bytes, odd types, very many. */
#include "mint.h"

#include "facts/certificate.h"

#include <stdio.h>
#include <stdlib.h>

/* Reads and frees the certificate. */
static certificate facts_of(X509 *x509) {
	certificate facts;
	assert_true(certificate_read(&facts, x509, FACTS_DETAILED));
	X509_free(x509);
	return facts;
}

static void test_name_bytes(void **state) {
	(void)state;
	static const struct {
		int type;
		const char *bytes;
		size_t size;
		const char *name;
		const char *subject;
	} rows[] = {
#define BYTES(literal) literal, sizeof(literal) - 1
		{V_ASN1_PRINTABLESTRING, BYTES("a.test"), "a.test", "CN=a.test"},
		/* raw: it is the report that cleans; on the whole line OpenSSL escapes what RFC 4514 names
		 */
		{V_ASN1_UTF8STRING, BYTES("a\nb|c\x1b[31m"), "a\nb|c\x1b[31m", "CN=a\\0Ab|c\\1B[31m"},
		{V_ASN1_UTF8STRING, BYTES("a,b=c+d"), "a,b=c+d", "CN=a\\,b=c\\+d"},
		/* a NUL must not end the name: good.test is not what it is */
		{V_ASN1_UTF8STRING, BYTES("good.test\0.evil"), "good.test\x01.evil",
		 "CN=good.test\\00.evil"},
		{V_ASN1_UTF8STRING, BYTES("\0"), "\x01", "CN=\\00"},
		{V_ASN1_UTF8STRING, BYTES(""), "", "CN="},
		/* character sets of old become UTF-8 */
		{V_ASN1_UTF8STRING, BYTES("日本語"), "日本語", "CN=日本語"},
		{V_ASN1_BMPSTRING, BYTES("\x65\xe5\x67\x2c"), "日本", "CN=日本"},
		{V_ASN1_UNIVERSALSTRING, BYTES("\x00\x01\xf5\x12"), "\U0001f512", "CN=\U0001f512"},
		{V_ASN1_T61STRING, BYTES("caf\xe9"), "café", "CN=café"},
		{V_ASN1_IA5STRING, BYTES("caf\xe9"), "café", "CN=café"},
#undef BYTES
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		X509 *x509 = mint_new(NULL, "CA", 1);
		mint_name(X509_get_subject_name(x509), NID_commonName, rows[i].type, rows[i].bytes,
				  rows[i].size);
		certificate facts = facts_of(mint_signed(x509));
		expect(strcmp(facts.name, rows[i].name) == 0, "row %zu: %s", i, facts.name);
		expect(strcmp(facts.subject, rows[i].subject) == 0, "row %zu: %s", i, facts.subject);
		certificate_free(&facts);
	}
}

/*
 * Bytes that are not what their type says. OpenSSL refuses to read such a name, so they are put
 * into one in memory: should it ever take them, they are taken as they are.
 */
static void test_name_that_is_not_what_its_type_says(void **state) {
	(void)state;
	static const struct {
		int type;
		const char *bytes;
	} rows[] = {
		{V_ASN1_UTF8STRING, "a\xff\xfe"},
		{V_ASN1_UTF8STRING, "\xed\xa0\x80"},
		{V_ASN1_BMPSTRING, "odd"},
		{V_ASN1_UNIVERSALSTRING, "five!"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		X509 *x509 = mint_new(NULL, "CA", 1);
		X509_NAME *subject = X509_get_subject_name(x509);
		mint_name(subject, NID_commonName, rows[i].type, "", 0);
		ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, 0));
		assert_int_equal(ASN1_STRING_set(value, rows[i].bytes, -1), 1);
		certificate facts = facts_of(x509);
		expect(strcmp(facts.name, rows[i].bytes) == 0, "row %zu: %s", i, facts.name);
		assert_non_null(strstr(facts.subject, "CN="));
		certificate_free(&facts);
	}
}

/* A name may be a bit string, which has no characters but can be read. */
static void test_name_of_bits(void **state) {
	(void)state;
	X509 *x509 = mint_new(NULL, "CA", 1);
	mint_name(X509_get_subject_name(x509), NID_commonName, V_ASN1_BIT_STRING, "a\xff\n\0|", 5);
	certificate facts = facts_of(mint_signed(x509));
	assert_string_equal(facts.name, "a\xff\n\x01|");
	certificate_free(&facts);
}

static void test_long_names(void **state) {
	(void)state;
	enum {
		size = 60 * 1024
	};
	char *bytes = malloc(size);
	assert_non_null(bytes);
	memset(bytes, 'x', size);
	X509 *x509 = mint_new(NULL, NULL, 1);
	mint_name(X509_get_subject_name(x509), NID_commonName, V_ASN1_UTF8STRING, bytes, size);
	mint_name(X509_get_issuer_name(x509), NID_organizationName, V_ASN1_UTF8STRING, bytes, size);
	free(bytes);
	certificate facts = facts_of(mint_signed(x509));
	assert_int_equal(strlen(facts.name), CERTIFICATE_NAME_MAX);
	assert_int_equal(strlen(facts.subject), CERTIFICATE_NAME_MAX);
	assert_int_equal(strlen(facts.issuer_name), CERTIFICATE_NAME_MAX);
	assert_int_equal(strlen(facts.issuer), CERTIFICATE_NAME_MAX);
	certificate_free(&facts);
}

/* What a certificate is called: common name, first alternative name, or the whole name. */
static void test_short_names(void **state) {
	(void)state;
	X509 *x509 = mint_new(NULL, NULL, 1);
	mint_extension(x509, NID_subject_alt_name, "email:a@a.test,DNS:a.test,DNS:b.test");
	mint_name(X509_get_issuer_name(x509), NID_countryName, V_ASN1_PRINTABLESTRING, "JP", 2);
	mint_name(X509_get_issuer_name(x509), NID_organizationName, V_ASN1_UTF8STRING, "Org", 3);
	certificate facts = facts_of(mint_signed(x509));
	assert_string_equal(facts.name, "a.test");
	assert_string_equal(facts.subject, "");
	assert_string_equal(facts.issuer_name, "Org");
	assert_string_equal(facts.issuer, "O=Org,C=JP");
	certificate_free(&facts);

	x509 = mint_new(NULL, NULL, 1);
	mint_name(X509_get_subject_name(x509), NID_countryName, V_ASN1_PRINTABLESTRING, "JP", 2);
	mint_name(X509_get_subject_name(x509), NID_localityName, V_ASN1_UTF8STRING, "Nagoya", 6);
	mint_name(X509_get_issuer_name(x509), NID_countryName, V_ASN1_PRINTABLESTRING, "JP", 2);
	facts = facts_of(mint_signed(x509));
	assert_string_equal(facts.name, "L=Nagoya,C=JP");
	assert_string_equal(facts.issuer_name, "C=JP");
	certificate_free(&facts);

	/* of several the most specific, which is the last */
	x509 = mint_new("example", "CA", 1);
	mint_common_name(X509_get_subject_name(x509), "www");
	facts = facts_of(mint_signed(x509));
	assert_string_equal(facts.name, "www");
	assert_string_equal(facts.subject, "CN=www,CN=example");
	certificate_free(&facts);
}

static void test_serials(void **state) {
	(void)state;
	static const char *const serials[] = {
		"00", "01", "7F", "80", "0100", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "-01"};
	for (size_t i = 0; i < COUNT(serials); i++) {
		BIGNUM *number = NULL;
		assert_true(BN_hex2bn(&number, serials[i]) > 0);
		X509 *x509 = mint_new("a.test", "CA", 1);
		assert_non_null(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)));
		certificate facts = facts_of(mint_signed(x509));
		assert_string_equal(facts.serial, i == 0 ? "0" : serials[i]);
		certificate_free(&facts);
		BN_free(number);
	}
}

/* Subject alternative names */

static void san_add(GENERAL_NAMES *names, int type, const void *bytes, size_t size) {
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_STRING *string =
		ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
	assert_non_null(name);
	assert_int_equal(ASN1_STRING_set(string, bytes, (int)size), 1);
	GENERAL_NAME_set0_value(name, type, string);
	assert_true(sk_GENERAL_NAME_push(names, name) > 0);
}

static certificate facts_with_san(GENERAL_NAMES *names) {
	X509 *x509 = mint_new("a.test", "CA", 1);
	assert_int_equal(X509_add1_ext_i2d(x509, NID_subject_alt_name, names, 0, 0), 1);
	GENERAL_NAMES_free(names);
	return facts_of(mint_signed(x509));
}

static void test_many_san(void **state) {
	(void)state;
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	for (int i = 0; i < 10000; i++) {
		char name[32];
		snprintf(name, sizeof(name), "h%d.test", i);
		san_add(names, GEN_DNS, name, strlen(name));
	}
	certificate facts = facts_with_san(names);
	assert_int_equal(facts.san_total, 10000);
	assert_int_equal(facts.san_count, CERTIFICATE_SAN_MAX);
	assert_string_equal(facts.san[0], "dns:h0.test");
	assert_string_equal(facts.san[CERTIFICATE_SAN_MAX - 1], "dns:h99.test");
	certificate_free(&facts);
}

static void test_odd_san(void **state) {
	(void)state;
	static char long_name[2000];
	memset(long_name, 'x', sizeof(long_name));
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	san_add(names, GEN_EMAIL, "a@a.test", 8); /* no server's name */
	san_add(names, GEN_URI, "https://a.test/", 15);
	san_add(names, GEN_DNS, "good.test\0.evil", 15);
	san_add(names, GEN_DNS, "a\n|\xff", 4);
	san_add(names, GEN_DNS, "", 0);
	san_add(names, GEN_DNS, long_name, sizeof(long_name));
	san_add(names, GEN_IPADD, "\xc0\x00\x02\x01", 4);
	san_add(names, GEN_IPADD, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
	san_add(names, GEN_IPADD, "\xc0\x00\x02\x01\xff", 5); /* no address: counted, not shown */
	san_add(names, GEN_IPADD, "", 0);
	certificate facts = facts_with_san(names);
	assert_int_equal(facts.san_total, 8);
	assert_int_equal(facts.san_count, 6);
	assert_string_equal(facts.san[0], "dns:good.test\x01.evil");
	assert_string_equal(facts.san[1], "dns:a\n|\xff");
	assert_string_equal(facts.san[2], "dns:");
	assert_int_equal(strlen(facts.san[3]), CERTIFICATE_NAME_MAX);
	assert_string_equal(facts.san[4], "ip:192.0.2.1");
	assert_string_equal(facts.san[5], "ip:2001:db8::1");
	certificate_free(&facts);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_bytes),
		cmocka_unit_test(test_name_that_is_not_what_its_type_says),
		cmocka_unit_test(test_name_of_bits),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_short_names),
		cmocka_unit_test(test_serials),
		cmocka_unit_test(test_many_san),
		cmocka_unit_test(test_odd_san),
	};
	return cmocka_run_group_tests(tests, NULL, mint_close);
}
