/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts of certificates as other people may make them: odd dates, keys, signatures. */
#include "mint.h"

#include "facts/certificate.h"

#include <openssl/rsa.h>

/* Reads and frees the certificate. */
static certificate facts_of(X509 *x509) {
	certificate facts;
	assert_true(certificate_read(&facts, x509, FACTS_DETAILED));
	X509_free(x509);
	return facts;
}

static void test_plain(void **state) {
	(void)state;
	X509 *x509 = mint_new("www.example.jp", "Example CA", 0x0a1b);
	mint_extension(x509, NID_subject_alt_name, "DNS:www.example.jp,DNS:example.jp,IP:192.0.2.1");
	x509 = mint_signed(x509);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int digest_size = 0;
	assert_int_equal(X509_digest(x509, EVP_sha256(), digest, &digest_size), 1);
	certificate facts = facts_of(x509);
	assert_string_equal(facts.name, "www.example.jp");
	assert_string_equal(facts.subject, "CN=www.example.jp");
	assert_string_equal(facts.issuer_name, "Example CA");
	assert_string_equal(facts.issuer, "CN=Example CA");
	assert_string_equal(facts.serial, "0A1B");
	assert_int_equal(facts.san_count, 3);
	assert_int_equal(facts.san_total, 3);
	assert_string_equal(facts.san[0], "dns:www.example.jp");
	assert_string_equal(facts.san[1], "dns:example.jp");
	assert_string_equal(facts.san[2], "ip:192.0.2.1");
	assert_true(facts.not_before_known && facts.not_after_known);
	assert_int_equal(facts.not_before, mint_not_before);
	assert_int_equal(facts.not_after, mint_not_after);
	assert_int_equal(certificate_lifetime(&facts), 90 * DAY);
	assert_int_equal(certificate_remaining(&facts, mint_not_after - 5), 5);
	assert_int_equal(certificate_remaining(&facts, mint_not_after + 5), -5);
	assert_string_equal(facts.key_type, "EC");
	assert_int_equal(facts.key_bits, 256);
	assert_string_equal(facts.signature, "ecdsa-with-SHA256");
	assert_int_equal(facts.signature_weakness, SIGNATURE_OTHER);
	assert_false(facts.self_issued);
	assert_false(facts.is_ca);
	assert_int_equal(digest_size, sizeof(facts.sha256));
	assert_memory_equal(facts.sha256, digest, sizeof(facts.sha256));
	certificate_free(&facts);
	assert_null(facts.name);

	x509 = mint_signed(mint_new_ca("Root", "Root", 1));
	facts = facts_of(x509);
	assert_true(facts.self_issued);
	assert_true(facts.is_ca);
	certificate_free(&facts);
}

/* Dates */

static void test_dates(void **state) {
	(void)state;
	enum {
		utc = V_ASN1_UTCTIME,
		generalized = V_ASN1_GENERALIZEDTIME
	};
	static const struct {
		int type;
		const char *text;
		bool known;
		int64_t seconds;
	} rows[] = {
		{utc, "270105000000Z", true, 1799107200},
		{utc, "491231235959Z", true, 2524607999}, /* two digits: 1950 to 2049 */
		{utc, "500101000000Z", true, -631152000},
		{generalized, "20500101000000Z", true, 2524608000},
		{generalized, "99991231235959Z", true, 253402300799},
		{generalized, "20270105000000Z", true, 1799107200},
		{generalized, "19491231235959Z", true, -631152001},
		{utc, "280229000000Z", true, 1835395200},
		/* no such day or time */
		{utc, "270229000000Z", false, 0},
		{utc, "271301000000Z", false, 0},
		{utc, "270100000000Z", false, 0},
		{utc, "270105240000Z", false, 0},
		{utc, "270105000060Z", false, 0},
		{generalized, "20270230000000Z", false, 0},
		/* RFC 5280, 4.1.2.5: seconds, no fractions, in UTC, that is Z; OpenSSL's verification too
		 */
		{utc, "2701050000Z", false, 0},
		{utc, "270105000000", false, 0},
		{utc, "270105000000+0900", false, 0},
		{utc, "20270105000000Z", false, 0},
		{generalized, "202701050000Z", false, 0},
		{generalized, "20270105000000", false, 0},
		{generalized, "20270105000000.5Z", false, 0},
		{generalized, "20270105000000+0000", false, 0},
		{generalized, "270105000000Z", false, 0},
		/* nonsense */
		{utc, "", false, 0},
		{utc, "Z", false, 0},
		{utc, "never", false, 0},
		{utc, "2701050000-1Z", false, 0},
		{utc, "27010500 000Z", false, 0},
		{generalized, "99999999999999Z", false, 0},
		{generalized, "-9990105000000Z", false, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		X509 *x509 = mint_new("a.test", "CA", 1);
		ASN1_TIME *time = ASN1_STRING_type_new(rows[i].type);
		assert_int_equal(ASN1_STRING_set(time, rows[i].text, (int)strlen(rows[i].text)), 1);
		assert_int_equal(X509_set1_notBefore(x509, time), 1);
		assert_int_equal(X509_set1_notAfter(x509, time), 1);
		ASN1_STRING_free(time);
		certificate facts = facts_of(mint_signed(x509));
		expect(facts.not_after_known == rows[i].known && facts.not_before_known == rows[i].known,
			   "row %zu, %s", i, rows[i].text);
		expect(!rows[i].known || facts.not_after == rows[i].seconds, "row %zu: %lld", i,
			   (long long)facts.not_after);
		assert_int_equal(facts.not_before, facts.not_after);
		certificate_free(&facts);
	}
}

/* Keys and signatures */

static void test_signatures(void **state) {
	(void)state;
	/* 1024 bits: made in no time, and what the judge is to call weak */
	EVP_PKEY *rsa = EVP_RSA_gen(1024);
	EVP_PKEY *ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	const struct {
		EVP_PKEY *key;
		const EVP_MD *digest;
		bool pss;
		const char *type;
		int bits;
		const char *signature;
		signature_weakness weakness;
	} rows[] = {
		{rsa, EVP_md5(), false, "RSA", 1024, "md5WithRSAEncryption", SIGNATURE_MD5},
		{rsa, EVP_sha1(), false, "RSA", 1024, "sha1WithRSAEncryption", SIGNATURE_SHA1},
		{rsa, EVP_sha256(), false, "RSA", 1024, "sha256WithRSAEncryption", SIGNATURE_OTHER},
		/* the digest is a parameter */
		{rsa, EVP_sha1(), true, "RSA", 1024, "rsassaPss", SIGNATURE_SHA1},
		{rsa, EVP_sha256(), true, "RSA", 1024, "rsassaPss", SIGNATURE_OTHER},
		{mint_key(), EVP_sha1(), false, "EC", 256, "ecdsa-with-SHA1", SIGNATURE_SHA1},
		{mint_key(), EVP_sha384(), false, "EC", 256, "ecdsa-with-SHA384", SIGNATURE_OTHER},
		{ed25519, NULL, false, "ED25519", 256, "ED25519", SIGNATURE_OTHER},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		X509 *x509 = mint_new("a.test", "CA", 1);
		assert_int_equal(X509_set_pubkey(x509, rows[i].key), 1);
		if (rows[i].pss) {
			EVP_MD_CTX *context = EVP_MD_CTX_new();
			EVP_PKEY_CTX *padding = NULL;
			assert_int_equal(
				EVP_DigestSignInit(context, &padding, rows[i].digest, NULL, rows[i].key), 1);
			assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING), 1);
			assert_true(X509_sign_ctx(x509, context) > 0);
			EVP_MD_CTX_free(context);
		} else {
			x509 = mint_signed_by(x509, rows[i].key, rows[i].digest);
		}
		certificate facts = facts_of(x509);
		assert_string_equal(facts.key_type, rows[i].type);
		assert_int_equal(facts.key_bits, rows[i].bits);
		assert_string_equal(facts.signature, rows[i].signature);
		expect(facts.signature_weakness == rows[i].weakness, "row %zu: %d", i,
			   facts.signature_weakness);
		certificate_free(&facts);
	}
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ed25519);
}

/* A key that this OpenSSL does not know, as those of tomorrow: everything else is read. */
static void test_unknown_key(void **state) {
	(void)state;
	X509 *x509 = mint_new("a.test", "CA", 1);
	mint_unknown_key(x509);
	certificate facts = facts_of(mint_signed(x509));
	assert_string_equal(facts.key_type, "unknown");
	assert_int_equal(facts.key_bits, 0);
	assert_string_equal(facts.name, "a.test");
	assert_int_equal(facts.not_after, mint_not_after);
	certificate_free(&facts);
}

/* Chains, and what is left out where only judging is asked for */

static void test_chain(void **state) {
	(void)state;
	chain chain;
	assert_true(chain_read(&chain, NULL, FACTS_TO_JUDGE));
	assert_int_equal(chain.count, 0);
	STACK_OF(X509) *stack = sk_X509_new_null();
	assert_true(chain_read(&chain, stack, FACTS_TO_JUDGE));
	assert_int_equal(chain.count, 0);
	chain_free(&chain);
	sk_X509_push(stack, mint_signed(mint_new("leaf", "CA", 1)));
	sk_X509_push(stack, mint_signed(mint_new_ca("CA", "Root", 2)));
	assert_true(chain_read(&chain, stack, FACTS_TO_JUDGE));
	assert_int_equal(chain.count, 2);
	assert_string_equal(chain.certificates[0].name, "leaf");
	assert_string_equal(chain.certificates[1].name, "CA");
	assert_null(chain.certificates[0].subject);
	assert_null(chain.certificates[0].issuer);
	assert_string_equal(chain.certificates[0].issuer_name, "CA");
	chain_free(&chain);
	assert_int_equal(chain.count, 0);
	sk_X509_pop_free(stack, X509_free);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),      cmocka_unit_test(test_dates),
		cmocka_unit_test(test_signatures), cmocka_unit_test(test_unknown_key),
		cmocka_unit_test(test_chain),
	};
	return cmocka_run_group_tests(tests, NULL, mint_close);
}
