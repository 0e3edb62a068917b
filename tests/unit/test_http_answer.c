/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of HTTP servers, good and bad, in pieces of every size; and https URLs. */
#include "unit.h"

#include "probe/http_answer.h"
#include "probe/https_url.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	body_max = 100
};

/* Gives text in pieces of at most that size, and then fails or ends. */
typedef struct {
	const char *text;
	size_t left;
	size_t piece;
	bool fails;
} pieces;

static long next_piece(void *argument, void *into, size_t size) {
	pieces *from = argument;
	if (from->left == 0) {
		return from->fails ? -1 : 0;
	}
	size_t count = from->piece < size ? from->piece : size;
	count = count < from->left ? count : from->left;
	memcpy(into, from->text, count);
	from->text += count;
	from->left -= count;
	return (long)count;
}

static http_outcome read_sized(http_answer *out, const char *text, size_t size, size_t piece,
							   const char **wrong) {
	pieces from = {text, size, piece, false};
	return http_answer_read(out, (http_source){next_piece, &from}, body_max, wrong);
}

static http_outcome read_text(http_answer *out, const char *text, size_t piece,
							  const char **wrong) {
	return read_sized(out, text, strlen(text), piece, wrong);
}

static void test_good_answers(void **state) {
	(void)state;
	static const struct {
		const char *text;
		int status;
		const char *retry_after;
		const char *body; /* NULL: not read */
	} rows[] = {
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nRetry-After: 21600\r\n\r\nhello", 200, "21600",
		 "hello"},
		/* what follows the length is not of this answer */
		{"HTTP/1.1 200 OK\r\ncontent-length:5\r\n\r\nhello world", 200, "", "hello"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", ""},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 200, "",
		 "hello"},
		/* up to the end of the connection */
		{"HTTP/1.0 200 OK\r\n\r\nhello", 200, "", "hello"},
		{"HTTP/1.1 200\r\n\r\n", 200, "", ""},
		{"HTTP/1.1 200 \nX: y\n\nhello", 200, "", "hello"},
		/* chunks, with extensions and trailers */
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		 "2\r\nhe\r\n003 ; a=b\r\nllo\r\n0\r\nA: b\r\n\r\n",
		 200, "", "hello"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\nA;x\r\n0123456789\r\n0\r\n\r\n", 200,
		 "", "0123456789"},
		/* spaces around a value, an empty one, no value of ours */
		{"HTTP/1.1 429 Slow down\r\nRetry-After: \t Sun, 06 Nov 1994 08:49:37 GMT \t\r\n"
		 "X-Empty:\r\nX: a:b\xe3\x81\x82\r\n\r\n",
		 429, "Sun, 06 Nov 1994 08:49:37 GMT", NULL},
		{"HTTP/1.1 503 x\r\nretry-after: 1\r\nRetry-After: 2\r\n\r\nbody", 503, "1", NULL},
		{"HTTP/1.1 404 Not Found\r\nContent-Length: 1000000\r\n\r\n", 404, "", NULL},
		{"HTTP/1.1 301 x\r\nLocation: https://elsewhere.example/\r\n\r\n", 301, "", NULL},
		{"HTTP/1.1 200 OK\r\nRetry-After: "
		 "1111111111111111111111111111111111111111111111111111111111111111\r\n\r\n",
		 200, "", ""},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t piece = 1; piece <= 64; piece *= 4) {
			http_answer answer;
			const char *wrong = NULL;
			http_outcome outcome = read_text(&answer, rows[i].text, piece, &wrong);
			expect(outcome == HTTP_ANSWERED, "row %zu: %s", i, wrong != NULL ? wrong : "(none)");
			expect(answer.status == rows[i].status, "row %zu: %d", i, answer.status);
			expect(strcmp(answer.retry_after, rows[i].retry_after) == 0, "row %zu: %s", i,
				   answer.retry_after);
			size_t size = rows[i].body != NULL ? strlen(rows[i].body) : 0;
			expect((answer.body != NULL) == (rows[i].body != NULL) && answer.size == size &&
					   (size == 0 || memcmp(answer.body, rows[i].body, size) == 0),
				   "row %zu: another body", i);
			http_answer_free(&answer);
		}
	}
}

static void test_bad_answers(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *words; /* that the reason holds */
	} rows[] = {
		{"", "ends early"},
		{"HTTP/1.1 200 OK\r\n", "ends early"},
		{"HTTP/1.1 200 OK\r\nX: y\r\n", "ends early"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "ends early"},
		{"\r\n\r\n", "not HTTP"},
		{"220 mail.example ESMTP\r\n\r\n", "not HTTP"},
		{"HTTP/2 200\r\n\r\n", "not HTTP"},
		{"HTTP/1.1\r\n\r\n", "not HTTP"},
		{"HTTP/1.1 20 OK\r\n\r\n", "not HTTP"},
		{"HTTP/1.1 2000 OK\r\n\r\n", "not HTTP"},
		{"HTTP/1.1 200OK\r\n\r\n", "not HTTP"},
		{"HTTP/1.1  200 OK\r\n\r\n", "not HTTP"},
		{"HTTP/1.1 -20 OK\r\n\r\n", "not HTTP"},
		{"HTTP/1.1x200 OK\r\n\r\n", "not HTTP"},
		{"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "malformed"},
		{"HTTP/1.1 200 OK\r\n: y\r\n\r\n", "malformed"},
		{"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello", "malformed"},
		{"HTTP/1.1 200 OK\r\nX: y\r\n folded: z\r\n\r\n", "malformed"},
		{"HTTP/1.1 200 OK\r\nX: y\r\n\tfolded\r\n\r\n", "malformed"},
		{"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", "control"},
		{"HTTP/1.1 200 OK\r\nX: \x1b[31m\r\n\r\n", "control"},
		{"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "Content-Length"},
		{"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "Content-Length"},
		{"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", "Content-Length"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", "Content-Length"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello", "Content-Length"},
		{"HTTP/1.1 200 OK\r\nContent-Length: a\r\n\r\nhello", "Content-Length"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551621\r\n\r\nhello", "Content-Length"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
		 "Content-Length"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", "too large"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "Transfer-Encoding"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "Transfer-Encoding"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
		 "Transfer-Encoding"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "both"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "chunk"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "chunk"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", "chunk"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n", "chunk"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", "chunk"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n", "too large"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "ends early"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", "ends early"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t piece = 1; piece <= 64; piece *= 4) {
			http_answer answer;
			const char *wrong = NULL;
			http_outcome outcome = read_text(&answer, rows[i].text, piece, &wrong);
			expect(outcome == HTTP_WRONG && wrong != NULL, "row %zu: taken", i);
			expect(strstr(wrong, rows[i].words) != NULL, "row %zu: %s", i, wrong);
			expect(answer.body == NULL && answer.status == 0, "row %zu: not empty", i);
		}
	}
}

static void test_nul_bytes(void **state) {
	(void)state;
	static const char text[] = "HTTP/1.1 200 OK\r\nX: \0y\r\n\r\n";
	http_answer answer;
	const char *wrong = NULL;
	assert_int_equal(read_sized(&answer, text, sizeof(text) - 1, 7, &wrong), HTTP_WRONG);
	assert_non_null(strstr(wrong, "control"));
	/* In a body they are bytes like others. */
	static const char body[] = "HTTP/1.1 200 OK\r\n\r\na\0b";
	assert_int_equal(read_sized(&answer, body, sizeof(body) - 1, 7, &wrong), HTTP_ANSWERED);
	assert_int_equal(answer.size, 3);
	assert_memory_equal(answer.body, "a\0b", 3);
	http_answer_free(&answer);
}

/* head, count times the part, end */
static http_outcome read_repeated(const char *head, const char *part, size_t count, const char *end,
								  const char **wrong) {
	size_t room = strlen(head) + strlen(part) * count + strlen(end) + 1;
	char *text = malloc(room);
	char *at = stpcpy(text, head);
	for (size_t i = 0; i < count; i++) {
		at = stpcpy(at, part);
	}
	stpcpy(at, end);
	http_answer answer;
	http_outcome outcome = read_text(&answer, text, 1000, wrong);
	http_answer_free(&answer);
	free(text);
	return outcome;
}

static void test_bounds(void **state) {
	(void)state;
	static const struct {
		const char *head;
		const char *part;
		size_t count;
		const char *end;
		const char *words; /* NULL: within the bounds */
	} rows[] = {
		{"HTTP/1.1 200 ", "x", HTTP_LINE_MAX - 13, "\n\n", NULL},
		{"HTTP/1.1 200 ", "x", HTTP_LINE_MAX - 12, "\n\n", "too long"},
		/* 16 bytes of a status line, lines of 8, an empty one of 1 */
		{"HTTP/1.1 200 OK\n", "A: 4567\n", (HTTP_HEADER_MAX - 16) / 8, "", "ends early"},
		{"HTTP/1.1 200 OK\n", "A: 4567\n", (HTTP_HEADER_MAX - 16) / 8, "\n", "header"},
		{"HTTP/1.1 200 OK\n", "A: 4567\n", (HTTP_HEADER_MAX - 16) / 8 - 1, "\n", NULL},
		{"HTTP/1.1 200 OK\n\n", "x", body_max, "", NULL},
		{"HTTP/1.1 200 OK\n\n", "x", body_max + 1, "", "too large"},
		{"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", "1\nx\n", body_max, "0\n\n", NULL},
		{"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", "1\nx\n", body_max + 1, "0\n\n",
		 "too large"},
		{"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n0\n", "A: 4567\n", 10000, "\n", "header"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *wrong = NULL;
		http_outcome outcome =
			read_repeated(rows[i].head, rows[i].part, rows[i].count, rows[i].end, &wrong);
		if (rows[i].words == NULL) {
			expect(outcome == HTTP_ANSWERED, "row %zu: %s", i, wrong != NULL ? wrong : "(none)");
		} else {
			expect(outcome == HTTP_WRONG && strstr(wrong, rows[i].words) != NULL, "row %zu: %s", i,
				   wrong != NULL ? wrong : "taken");
		}
	}
}

/* Wherever the connection breaks, that is what is told. */
static void test_broken_source(void **state) {
	(void)state;
	static const char *const texts[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\nhello ",
	};
	for (size_t i = 0; i < COUNT(texts); i++) {
		for (size_t size = 0; size < strlen(texts[i]); size++) {
			pieces from = {texts[i], size, 3, true};
			http_answer answer;
			const char *wrong = NULL;
			http_outcome outcome =
				http_answer_read(&answer, (http_source){next_piece, &from}, body_max, &wrong);
			expect(outcome == HTTP_SOURCE_FAILED && answer.body == NULL, "text %zu, %zu bytes: %d",
				   i, size, (int)outcome);
		}
	}
}

/* URLs */

static void test_urls(void **state) {
	(void)state;
	static const struct {
		const char *text;
		https_url url;
	} rows[] = {
		{"https://acme.example/directory", {"acme.example", "443", "/directory", false}},
		{"HTTPS://ACME.Example:8443/Dir?a=b", {"acme.example", "8443", "/Dir?a=b", false}},
		{"https://acme.example", {"acme.example", "443", "/", false}},
		{"https://acme.example?x", {"acme.example", "443", "/?x", false}},
		{"https://127.0.0.1:1/", {"127.0.0.1", "1", "/", true}},
		{"https://[::1]:65535/", {"::1", "65535", "/", true}},
		{"https://[2001:DB8::A]", {"2001:db8::a", "443", "/", true}},
		{"https://localhost:0443/", {"localhost", "443", "/", false}},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		https_url url;
		const char *wrong = https_url_parse(&url, rows[i].text);
		expect(wrong == NULL, "%s: %s", rows[i].text, wrong);
		const https_url *right = &rows[i].url;
		expect(strcmp(url.host, right->host) == 0 && strcmp(url.port, right->port) == 0 &&
				   strcmp(url.path, right->path) == 0 && url.is_address == right->is_address,
			   "%s: %s %s %s", rows[i].text, url.host, url.port, url.path);
	}
}

static void test_bad_urls(void **state) {
	(void)state;
	static const char *const texts[] = {
		"",
		"acme.example",
		"http://acme.example/",
		"ftp://acme.example/",
		"//acme.example/",
		"https:/acme.example",
		" https://acme.example",
		"https://",
		"https:///directory",
		"https://:443/",
		"https://user@acme.example/",
		"https://user:password@acme.example/",
		"https://acme.example:/",
		"https://acme.example:0/",
		"https://acme.example:65536/",
		"https://acme.example:443x/",
		"https://acme.example:-1/",
		"https://acme.example:999999999999/",
		"https://acme.example/#a",
		"https://acme.example#a",
		"https://acme.example/a b",
		"https://acme.example/a\r\nX: y",
		"https://acme.example/a\n",
		"https://acme.example/\x7f",
		"https://acme.example/\xe3\x81\x82",
		"https://\xe3\x81\x82.example/",
		"https://acme_example\\/",
		"https://acme.example\r\n/",
		"https://%61cme.example/",
		"https://[::1/",
		"https://[]/",
		"https://[::1]x/",
		"https://[127.0.0.1]/",
		"https://[fe80::1%25eth0]/",
		"https://::1/",
	};
	for (size_t i = 0; i < COUNT(texts); i++) {
		https_url url;
		expect(https_url_parse(&url, texts[i]) != NULL, "taken: %s", texts[i]);
	}
}

/* A URL with a host of that many characters, or a path. */
static const char *parse_long(size_t host, size_t path) {
	char text[4096] = "https://";
	memset(text + strlen(text), 'h', host);
	strcat(text, "/");
	memset(text + strlen(text), 'p', path - 1);
	https_url url;
	return https_url_parse(&url, text);
}

static void test_long_urls(void **state) {
	(void)state;
	assert_null(parse_long(HTTPS_URL_HOST_MAX, 10));
	assert_non_null(parse_long(HTTPS_URL_HOST_MAX + 1, 10));
	assert_null(parse_long(10, HTTPS_URL_PATH_MAX - 1));
	assert_non_null(parse_long(10, HTTPS_URL_PATH_MAX + 1));
}

static void test_same_server(void **state) {
	(void)state;
	static const struct {
		const char *one;
		const char *other;
		bool same;
	} rows[] = {
		{"https://a.example/x", "https://A.example:443/y", true},
		{"https://a.example/x", "https://a.example:8443/x", false},
		{"https://a.example/x", "https://b.example/x", false},
		{"https://a.example/x", "https://a.example.b.example/x", false},
		{"https://127.0.0.1/x", "https://[::1]/x", false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		https_url one;
		https_url other;
		assert_null(https_url_parse(&one, rows[i].one));
		assert_null(https_url_parse(&other, rows[i].other));
		expect(https_url_same_server(&one, &other) == rows[i].same, "row %zu", i);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_answers),  cmocka_unit_test(test_bad_answers),
		cmocka_unit_test(test_nul_bytes),     cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_broken_source), cmocka_unit_test(test_urls),
		cmocka_unit_test(test_bad_urls),      cmocka_unit_test(test_long_urls),
		cmocka_unit_test(test_same_server),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
