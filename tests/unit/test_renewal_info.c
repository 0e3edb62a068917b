/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CA's own word: identifiers, answers, dates and waits as RFC 9773 has them. */
#include "unit.h"

#include "facts/renewal_info.h"

#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

/* certID */

/* RFC 9773, Appendix A */
static const char example_pem[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt\n"
	"cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS\n"
	"BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu\n"
	"7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf\n"
	"qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B\n"
	"yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb\n"
	"+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK\n"
	"-----END CERTIFICATE-----\n";

static void test_id_of_the_rfc(void **state) {
	(void)state;
	BIO *memory = BIO_new_mem_buf(example_pem, -1);
	X509 *x509 = PEM_read_bio_X509(memory, NULL, NULL, NULL);
	assert_non_null(x509);
	char *id = renewal_info_id(x509);
	assert_non_null(id);
	assert_string_equal(id, "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
	free(id);
	X509_free(x509);
	BIO_free(memory);
}

/* The id of a certificate with this serial and, where size >= 0, an authority key identifier. */
static char *id_of(const char *serial_hex, const unsigned char *key_id, int size) {
	X509 *x509 = X509_new();
	BIGNUM *number = NULL;
	assert_true(BN_hex2bn(&number, serial_hex) > 0);
	ASN1_INTEGER *serial = BN_to_ASN1_INTEGER(number, NULL);
	assert_int_equal(X509_set_serialNumber(x509, serial), 1);
	if (size >= -1) {
		AUTHORITY_KEYID *authority = AUTHORITY_KEYID_new();
		if (size >= 0) {
			authority->keyid = ASN1_OCTET_STRING_new();
			ASN1_OCTET_STRING_set(authority->keyid, key_id, size);
		}
		assert_int_equal(
			X509_add1_ext_i2d(x509, NID_authority_key_identifier, authority, 0, X509V3_ADD_DEFAULT),
			1);
		AUTHORITY_KEYID_free(authority);
	}
	char *id = renewal_info_id(x509);
	ASN1_INTEGER_free(serial);
	BN_free(number);
	X509_free(x509);
	return id;
}

static void test_ids(void **state) {
	(void)state;
	static const unsigned char bytes[65] = {0xfb, 0xff, 0xbf};
	static const struct {
		const char *serial;
		int size;
		const char *id; /* NULL: none */
	} rows[] = {
		/* the alphabet of base64url, each length of padding left out */
		{"1", 1, "-w.AQ"},
		{"1", 2, "-_8.AQ"},
		{"1", 3, "-_-_.AQ"},
		/* DER content bytes: a leading 00 before a high bit, two's complement below zero */
		{"7F", 1, "-w.fw"},
		{"80", 1, "-w.AIA"},
		{"FF", 1, "-w.AP8"},
		{"100", 1, "-w.AQA"},
		{"0", 1, "-w.AA"},
		{"-1", 1, "-w._w"},
		/* none: an empty or oversized part, no key identifier, no extension */
		{"1", 0, NULL},
		{"1", 65, NULL},
		{"1", -1, NULL},
		{"1", -2, NULL},
		{"1111111111111111111111111111111111111111111111111111111111111111"
		 "1111111111111111111111111111111111111111111111111111111111111111"
		 "11",
		 1, NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *id = id_of(rows[i].serial, bytes, rows[i].size);
		bool same = rows[i].id == NULL ? id == NULL : id != NULL && strcmp(id, rows[i].id) == 0;
		expect(same, "row %zu: %s", i, id != NULL ? id : "(none)");
		free(id);
	}
}

static void test_longest_id(void **state) {
	(void)state;
	unsigned char bytes[64];
	memset(bytes, 0xff, sizeof(bytes));
	char serial[2 * 64 + 1];
	memset(serial, '7', sizeof(serial) - 1);
	serial[sizeof(serial) - 1] = '\0';
	char *id = id_of(serial, bytes, sizeof(bytes));
	assert_non_null(id);
	assert_int_equal(strlen(id), 86 + 1 + 86);
	free(id);
}

/* Answers */

static const char *parse(renewal_info *out, const char *body) {
	/* Not terminated: what reads on behind it is seen by the sanitizer. */
	size_t size = strlen(body);
	char *copy = malloc(size > 0 ? size : 1);
	memcpy(copy, body, size);
	const char *wrong = renewal_info_parse(out, copy, size);
	free(copy);
	return wrong;
}

static void test_answer_of_the_rfc(void **state) {
	(void)state;
	renewal_info info = {.asked_at = 5, .next_poll = 7};
	assert_null(parse(&info, "{\"suggestedWindow\": {\"start\": \"2025-01-02T04:00:00Z\","
							 "\"end\": \"2025-01-03T04:00:00Z\"},"
							 "\"explanationURL\": \"https://acme.example.com/docs/ari\"}"));
	assert_true(info.known);
	assert_int_equal(info.start, 1735790400);
	assert_int_equal(info.end, 1735876800);
	assert_string_equal(info.explanation_url, "https://acme.example.com/docs/ari");
	assert_int_equal(info.asked_at, 5);
	assert_int_equal(info.next_poll, 7);
}

static void test_malformed_answers(void **state) {
	(void)state;
	static const char *const bodies[] = {
		"",
		" ",
		"null",
		"[]",
		"3",
		"\"x\"",
		"{}",
		"{",
		"<html>",
		"{\"suggestedWindow\": null}",
		"{\"suggestedWindow\": \"2025-01-02T04:00:00Z\"}",
		"{\"suggestedWindow\": [\"2025-01-02T04:00:00Z\", \"2025-01-03T04:00:00Z\"]}",
		"{\"suggestedWindow\": {}}",
		"{\"suggestedWindow\": {\"start\": \"2025-01-02T04:00:00Z\"}}",
		"{\"suggestedWindow\": {\"end\": \"2025-01-02T04:00:00Z\"}}",
		"{\"suggestedWindow\": {\"start\": 1735790400, \"end\": 1735876800}}",
		"{\"suggestedWindow\": {\"start\": \"2025-01-02\", \"end\": \"2025-01-03\"}}",
		"{\"SuggestedWindow\": {\"start\": \"2025-01-02T04:00:00Z\","
		" \"end\": \"2025-01-03T04:00:00Z\"}}",
		/* the window ends with, or before, its start */
		"{\"suggestedWindow\": {\"start\": \"2025-01-02T04:00:00Z\","
		" \"end\": \"2025-01-02T04:00:00Z\"}}",
		"{\"suggestedWindow\": {\"start\": \"2025-01-02T04:00:01Z\","
		" \"end\": \"2025-01-02T04:00:00Z\"}}",
		/* the same moment in two zones */
		"{\"suggestedWindow\": {\"start\": \"2025-01-02T04:00:00Z\","
		" \"end\": \"2025-01-02T13:00:00+09:00\"}}",
		/* which of them? */
		"{\"suggestedWindow\": {\"start\": \"2025-01-02T04:00:00Z\","
		" \"start\": \"2025-01-01T04:00:00Z\", \"end\": \"2025-01-03T04:00:00Z\"}}",
		"{\"suggestedWindow\": {\"start\": \"2025-01-02T04:00:00Z\","
		" \"end\": \"2025-01-03T04:00:00Z\"}} x",
		"{\"suggestedWindow\": {\"start\": \"2025-01-02T04:00:00Z\\u0000\","
		" \"end\": \"2025-01-03T04:00:00Z\"}}",
		"{\"suggestedWindow\": {\"start\": \"2025-01-02T04:00:00Z\xff\","
		" \"end\": \"2025-01-03T04:00:00Z\"}}",
		"{\"a\": 99999999999999999999999999}",
	};
	for (size_t i = 0; i < COUNT(bodies); i++) {
		renewal_info before = {true, 1, 2, "x", 3, 4};
		renewal_info info = before;
		const char *wrong = parse(&info, bodies[i]);
		expect(wrong != NULL && wrong[0] != '\0', "taken: %s", bodies[i]);
		before.known = false;
		expect(!info.known && info.start == 1 && info.end == 2 && info.asked_at == 3 &&
				   info.next_poll == 4 && strcmp(info.explanation_url, "x") == 0,
			   "changed by %s", bodies[i]);
	}
}

static void test_deep_nesting(void **state) {
	(void)state;
	static char body[60000];
	memset(body, '[', sizeof(body) - 1);
	renewal_info info = {0};
	assert_non_null(parse(&info, body));
}

static void test_explanations(void **state) {
	(void)state;
	static char longest[RENEWAL_INFO_URL_MAX + 1] = "https://ca.example/";
	memset(longest + strlen(longest), 'x', RENEWAL_INFO_URL_MAX - strlen(longest));
	static char too_long[RENEWAL_INFO_URL_MAX + 2] = "https://ca.example/";
	memset(too_long + strlen(too_long), 'x', RENEWAL_INFO_URL_MAX + 1 - strlen(too_long));
	const struct {
		const char *sent;
		bool kept;
	} rows[] = {
		{"http://ca.example/", true},
		{"https://ca.example/?q=1#a", true},
		{longest, true},
		{too_long, false},
		{"", false},
		{"javascript:alert(1)", false},
		{"file:///etc/passwd", false},
		{"see https://ca.example/", false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char body[2048];
		snprintf(body, sizeof(body),
				 "{\"explanationURL\": \"%s\", \"suggestedWindow\": {\"start\": "
				 "\"2025-01-02T04:00:00Z\", \"end\": \"2025-01-03T04:00:00Z\"}}",
				 rows[i].sent);
		renewal_info info = {.explanation_url = "of the last time"};
		expect(parse(&info, body) == NULL && info.known, "row %zu: the window is lost", i);
		expect(strcmp(info.explanation_url, rows[i].kept ? rows[i].sent : "") == 0, "row %zu: %s",
			   i, info.explanation_url);
	}
	renewal_info info = {.explanation_url = "of the last time"};
	assert_null(parse(&info, "{\"explanationURL\": 3, \"suggestedWindow\": {\"start\": "
							 "\"2025-01-02T04:00:00Z\", \"end\": \"2025-01-03T04:00:00Z\"}}"));
	assert_string_equal(info.explanation_url, "");
}

/* The start of a window whose end is far away; false where the date is refused. */
static bool timestamp(const char *text, int64_t *seconds) {
	char body[512];
	snprintf(body, sizeof(body),
			 "{\"suggestedWindow\": {\"start\": \"%s\", \"end\": \"9999-12-31T23:59:59Z\"}}", text);
	renewal_info info = {0};
	bool read = parse(&info, body) == NULL;
	*seconds = info.start;
	return read;
}

static void test_timestamps(void **state) {
	(void)state;
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1970-01-01t00:00:00z", 0},
		{"1969-12-31T23:59:59Z", -1},
		/* RFC 3339, section 5.8 */
		{"1985-04-12T23:20:50.52Z", 482196050},
		{"1996-12-19T16:39:57-08:00", 851042397},
		{"1990-12-31T23:59:60Z", 662688000},
		{"1990-12-31T15:59:60-08:00", 662688000},
		{"1937-01-01T12:00:27.87+00:20", -1041337173},
		{"2025-01-02T04:00:00+00:00", 1735790400},
		{"2025-01-02T04:00:00-00:00", 1735790400},
		{"2025-01-02T13:00:00+09:00", 1735790400},
		{"2025-01-01T23:30:00-04:30", 1735790400},
		{"2025-01-03T03:59:00+23:59", 1735790400},
		{"2025-01-02T04:00:00.999999999999999999999999999999Z", 1735790400},
		{"2024-02-29T00:00:00Z", 1709164800},
		{"2050-01-01T00:00:00Z", 2524608000},
		{"0001-01-01T00:00:00Z", -62135596800},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t seconds = 0;
		expect(timestamp(rows[i].text, &seconds), "refused: %s", rows[i].text);
		expect(seconds == rows[i].seconds, "%s: %lld", rows[i].text, (long long)seconds);
	}
}

static void test_malformed_timestamps(void **state) {
	(void)state;
	static const char *const texts[] = {
		"",
		"2025-01-02",
		"2025-01-02T04:00:00",
		"2025-01-02T04:00Z",
		"2025-01-02 04:00:00Z",
		" 2025-01-02T04:00:00Z",
		"2025-01-02T04:00:00Z ",
		"2025-01-02T04:00:00ZZ",
		"2025-01-02T04:00:00.Z",
		"2025-01-02T04:00:00,5Z",
		"2025-01-02T04:00:00.5",
		"2025-01-02T04:00:00+0900",
		"2025-01-02T04:00:00+09",
		"2025-01-02T04:00:00+9:00",
		"2025-01-02T04:00:00+24:00",
		"2025-01-02T04:00:00+09:60",
		"2025-01-02T04:00:00 +09:00",
		"2025-1-2T04:00:00Z",
		"25-01-02T04:00:00Z",
		"12025-01-02T04:00:00Z",
		"-025-01-02T04:00:00Z",
		"+025-01-02T04:00:00Z",
		"2025-00-02T04:00:00Z",
		"2025-13-02T04:00:00Z",
		"2025-01-00T04:00:00Z",
		"2025-01-32T04:00:00Z",
		"2025-02-29T04:00:00Z",
		"2100-02-29T04:00:00Z",
		"2025-01-02T24:00:00Z",
		"2025-01-02T04:60:00Z",
		"2025-01-02T04:00:61Z",
		"2025-01-02T04:00:-1Z",
		"20250102T040000Z",
		"1735790400",
	};
	for (size_t i = 0; i < COUNT(texts); i++) {
		int64_t seconds = 0;
		expect(!timestamp(texts[i], &seconds), "taken: %s", texts[i]);
	}
}

/* Retry-After */

/* 1994-11-06T08:49:37Z, the moment of RFC 9110's examples. */
enum {
	example_moment = 784111777
};

static void test_next_poll(void **state) {
	(void)state;
	static const int64_t six_hours = 6 * HOUR;
	static const struct {
		const char *retry_after;
		int64_t before; /* now is so long before the example's moment */
		int64_t wait;
	} rows[] = {
		{NULL, 0, six_hours},
		{"", 0, six_hours},
		/* between a minute and a day */
		{"0", 0, 60},
		{"59", 0, 60},
		{"60", 0, 60},
		{"61", 0, 61},
		{"21600", 0, 21600},
		{"007200", 0, 7200},
		{"86399", 0, 86399},
		{"86400", 0, 86400},
		{"86401", 0, 86400},
		{"99999999999999999999999999", 0, 86400},
		/* not numbers */
		{"-1", 0, six_hours},
		{"+60", 0, six_hours},
		{"1.5", 0, six_hours},
		{"60s", 0, six_hours},
		{" 60", 0, six_hours},
		{"60 ", 0, six_hours},
		{"0x10", 0, six_hours},
		{"soon", 0, six_hours},
		/* dates in the three forms of RFC 9110, section 5.6.7 */
		{"Sun, 06 Nov 1994 08:49:37 GMT", 7200, 7200},
		{"Sunday, 06-Nov-94 08:49:37 GMT", 7200, 7200},
		{"Sun Nov  6 08:49:37 1994", 7200, 7200},
		{"Sun, 06 Nov 1994 08:49:37 GMT", 59, 60},
		{"Sun, 06 Nov 1994 08:49:37 GMT", -7200, 60},
		{"Sun, 06 Nov 1994 08:49:37 GMT", 86401, 86400},
		{"Wed Nov 16 08:49:37 1994", -10 * DAY + 7200, 7200},
		/* two digits of a year: at most 50 ahead */
		{"Sunday, 06-Nov-44 08:49:37 GMT", 7200, 86400},
		{"Sunday, 06-Nov-45 08:49:37 GMT", 7200, 60},
		/* not dates */
		{"Sun, 06 Nov 1994 08:49:37", 7200, six_hours},
		{"Sun, 06 Nov 1994 08:49:37 UTC", 7200, six_hours},
		{"Sun, 06 Nov 1994 08:49:37 GMT ", 7200, six_hours},
		{"Sun, 6 Nov 1994 08:49:37 GMT", 7200, six_hours},
		{"sun, 06 nov 1994 08:49:37 gmt", 7200, six_hours},
		{"Son, 06 Nov 1994 08:49:37 GMT", 7200, six_hours},
		{"Sun, 31 Nov 1994 08:49:37 GMT", 7200, six_hours},
		{"Sun, 06 Nov 1994 24:49:37 GMT", 7200, six_hours},
		{"06 Nov 1994 08:49:37 GMT", 7200, six_hours},
		{"Sun Nov 06 08:49:37 94", 7200, six_hours},
		{"1994-11-06T08:49:37Z", 7200, six_hours},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t now = example_moment - rows[i].before;
		int64_t wait = renewal_info_next_poll(rows[i].retry_after, now) - now;
		expect(wait == rows[i].wait, "row %zu (%s): %lld", i,
			   rows[i].retry_after != NULL ? rows[i].retry_after : "none", (long long)wait);
	}
}

/* Directories */

static void test_directories(void **state) {
	(void)state;
	static const char lets_encrypt[] = "https://acme-v02.api.letsencrypt.org/directory";
	static const struct {
		const char *issuer;
		const char *url;
	} rows[] = {
		{"CN=R12,O=Let's Encrypt,C=US", lets_encrypt},
		{"O=Let's Encrypt", lets_encrypt},
		{"CN=x+O=Let's Encrypt,C=US", lets_encrypt},
		{"O=Let's Encrypt+CN=x", lets_encrypt},
		{"CN=(STAGING) Riddling Rhubarb R12,O=(STAGING) Let's Encrypt,C=US",
		 "https://acme-staging-v02.api.letsencrypt.org/directory"},
		{"CN=WE1,O=Google Trust Services,C=US", "https://dv.acme-v02.api.pki.goog/directory"},
		/* to the letter */
		{"CN=R12,O=Let's Encrypt Inc,C=US", NULL},
		{"CN=R12,O=Not Let's Encrypt,C=US", NULL},
		{"CN=R12,O=let's encrypt,C=US", NULL},
		{"CN=R12,O=Let's Encrypt\\, Inc,C=US", NULL},
		{"CN=R12,O=Let's Encrypt\\,C=US", NULL},
		{"CN=x\\,O=Let's Encrypt,C=US", NULL},
		{"CN=x\\+O=Let's Encrypt,C=US", NULL},
		{"CN=x\\\\,O=Let's Encrypt,C=US", lets_encrypt},
		{"CN=Let's Encrypt,C=US", NULL},
		{"OU=Let's Encrypt,C=US", NULL},
		{"CN=O=Let's Encrypt,C=US", NULL},
		{"O=,C=US", NULL},
		{"O=", NULL},
		{"CN=x\\", NULL},
		{",,+", NULL},
		{"", NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *url = renewal_info_directory(rows[i].issuer);
		bool same =
			rows[i].url == NULL ? url == NULL : url != NULL && strcmp(url, rows[i].url) == 0;
		expect(same, "%s: %s", rows[i].issuer, url != NULL ? url : "(none)");
	}
}

/* A line that was cut in the middle of an organisation names another one. */
static void test_cut_issuer(void **state) {
	(void)state;
	static const char end[] = ",O=Let's Encrypt";
	char line[513] = "CN=";
	memset(line + 3, 'x', sizeof(line) - 4);
	memcpy(line + sizeof(line) - sizeof(end), end, sizeof(end));
	assert_int_equal(strlen(line), 512);
	assert_null(renewal_info_directory(line));
	memmove(line + 3, line + 4, strlen(line + 4) + 1);
	assert_non_null(renewal_info_directory(line));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_id_of_the_rfc),        cmocka_unit_test(test_ids),
		cmocka_unit_test(test_longest_id),           cmocka_unit_test(test_answer_of_the_rfc),
		cmocka_unit_test(test_malformed_answers),    cmocka_unit_test(test_deep_nesting),
		cmocka_unit_test(test_explanations),         cmocka_unit_test(test_timestamps),
		cmocka_unit_test(test_malformed_timestamps), cmocka_unit_test(test_next_poll),
		cmocka_unit_test(test_directories),          cmocka_unit_test(test_cut_issuer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
