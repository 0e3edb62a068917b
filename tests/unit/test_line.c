/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of output stays bounded, valid UTF-8 and harmless, whatever comes from outside. */
#include "unit.h"

#include "report/line.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	usable = LINE_MAX_BYTES - 3
}; /* room for "..." is kept */

static const char *clean(line *line, const char *outside, size_t max) {
	line_init(line);
	line_add_outside(line, outside, max);
	assert_int_equal(line->length, strlen(line->text));
	return line->text;
}

static void test_cleaning(void **state) {
	(void)state;
	static const struct {
		const char *outside;
		const char *shown;
	} rows[] = {
		{"", ""},
		{"www.example.jp", "www.example.jp"},
		{" !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{}~", " !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{}~"},
		{"%s%n%d", "%s%n%d"}, /* no format */
		/* '|' begins perfdata */
		{"a|b=1;2;3", "a/b=1;2;3"},
		{"||", "//"},
		/* C0, DEL: newlines begin long output, escape sequences reach terminals */
		{"a\nb\rc\td", "a?b?c?d"},
		{"\x1b[31mred\x1b]0;title\x07", "?[31mred?]0;title?"},
		{"\x01\x08\x0b\x0c\x1f\x7f", "??????"},
		/* C1, as UTF-8 and as the single bytes of 8-bit terminals */
		{"\xc2\x80\xc2\x85\xc2\x9b\xc2\x9f", "????"},
		{"\x80\x85\x9b\x9f", "????"},
		{"\xc2\xa0", "\xc2\xa0"},
		/* what turns or hides text: bidi controls, zero width, line separators, tags, soft hyphen
		 */
		{"a\u202eb\u202ac\u2066d\u2069e\u200ef\u200fg\u061ch", "a?b?c?d?e?f?g?h"},
		{"a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg\u180eh", "a?b?c?d?e?f?g?h"},
		{"a\u2028b\u2029c", "a?b?c"},
		{"a\U000e0001b\U000e0041c", "a?b?c"},
		{"\ufff9\ufffa\ufffb", "???"},
		/* their neighbours, and scripts that people write names in */
		{"\u2010\u2027\u202f\u205f\u2070\u061b\u061d\u00ac\u00ae\ufff8\ufffc",
		 "\u2010\u2027\u202f\u205f\u2070\u061b\u061d\u00ac\u00ae\ufff8\ufffc"},
		{"日本語 ünïcödé עברית 한국어 \U0001f512", "日本語 ünïcödé עברית 한국어 \U0001f512"},
		/* the first and last character of each length */
		{"\u0100\u07ff\u0800\uffff\U00010000\U0010ffff",
		 "\u0100\u07ff\u0800\uffff\U00010000\U0010ffff"},
		/* not UTF-8 (RFC 3629): each byte by itself */
		{"\xff\xfe", "??"},
		{"caf\xe9", "caf?"}, /* Latin-1 */
		{"\xbf"
		 "a",
		 "?a"},             /* a continuation that continues nothing */
		{"\xe3\x81", "??"}, /* cut */
		{"\xe3\x81"
		 "abc",
		 "??abc"},
		{"\xf0\x9f\x94", "???"},
		{"\xc3", "?"},
		{"\xc3(", "?("},
		{"\xe3\xe3\x81\x82", "?\u3042"},
		/* overlong: '/', '|' and NUL in disguise */
		{"\xc0\xaf", "??"},
		{"\xc1\xbc", "??"},
		{"\xe0\x81\xbc", "???"},
		{"\xf0\x80\x81\xbc", "????"},
		{"\xc0\x80", "??"},
		{"\xe0\x9f\xbf", "???"},
		{"\xf0\x8f\xbf\xbf", "????"},
		/* surrogates, and beyond the last character */
		{"\xed\xa0\x80", "???"},
		{"\xed\xbf\xbf", "???"},
		{"\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80"},
		{"\xf4\x90\x80\x80", "????"},
		{"\xf5\x80\x80\x80", "????"},
		{"\xf8\x88\x80\x80\x80", "?????"},
		{"\xfc\x84\x80\x80\x80\x80", "??????"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		line line;
		expect(strcmp(clean(&line, rows[i].outside, 500), rows[i].shown) == 0,
			   "row %zu: \"%s\" instead of \"%s\"", i, line.text, rows[i].shown);
		assert_false(line.full);
	}
}

/* At most max bytes are taken; a character is taken whole or not at all. */
static void test_max(void **state) {
	(void)state;
	static const struct {
		const char *outside;
		size_t max;
		const char *shown;
	} rows[] = {
		{"abcdef", 6, "abcdef"},    {"abcdef", 7, "abcdef"},    {"abcdef", 5, "abcde..."},
		{"abcdef", 1, "a..."},      {"abcdef", 0, "..."},       {"", 0, ""},
		{"日本", 6, "日本"},        {"日本", 5, "日..."},       {"日本", 4, "日..."},
		{"日本", 3, "日..."},       {"日本", 2, "..."},         {"a\U0001f512", 5, "a\U0001f512"},
		{"a\U0001f512", 4, "a..."}, {"\xff\xff\xff", 3, "???"}, {"\xff\xff\xff", 2, "??..."},
		{"a\nb", 2, "a?..."},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		line line;
		expect(strcmp(clean(&line, rows[i].outside, rows[i].max), rows[i].shown) == 0,
			   "row %zu: \"%s\"", i, line.text);
	}
}

/* Adds characters in front of which the line has just so much room left. */
static void fill(line *line, size_t length) {
	char bytes[LINE_MAX_BYTES + 1];
	memset(bytes, 'x', sizeof(bytes));
	line_init(line);
	line_add(line, "%.*s", (int)length, bytes);
	assert_int_equal(line->length, length);
	assert_false(line->full);
}

static void test_full(void **state) {
	(void)state;
	static const char *const characters[] = {"a", "é", "日", "\U0001f512"};
	for (size_t i = 0; i < COUNT(characters); i++) {
		size_t length = strlen(characters[i]);
		assert_int_equal(length, i + 1);
		for (size_t room = 0; room < 6; room++) {
			for (int outside = 0; outside < 2; outside++) {
				line line;
				fill(&line, usable - room);
				if (outside) {
					line_add_outside(&line, characters[i], 100);
				} else {
					line_add(&line, "%s", characters[i]);
				}
				bool fits = length <= room;
				assert_int_equal(line.full, !fits);
				assert_string_equal(line.text + usable - room, fits ? characters[i] : "...");
				assert_in_range(line.length, 1, LINE_MAX_BYTES);
				/* Nothing comes after the mark. */
				size_t before = line.length;
				line_add(&line, "%s", "");
				if (!fits) {
					line_add(&line, "more");
					line_add_outside(&line, "more", 100);
					assert_int_equal(line.length, before);
				}
			}
		}
	}
}

/* Our own words are cut at a character too, although vsnprintf() cuts anywhere. */
static void test_long_words(void **state) {
	(void)state;
	char words[LINE_MAX_BYTES + 100];
	for (size_t shift = 0; shift < 3; shift++) {
		line line;
		memset(words, 'x', sizeof(words));
		for (size_t at = shift; at + 3 < sizeof(words); at += 3) {
			memcpy(words + at, "日", 3);
		}
		words[sizeof(words) - 1] = '\0';
		line_init(&line);
		line_add(&line, "%s", words);
		assert_true(line.full);
		size_t taken = line.length - 3;
		assert_in_range(taken, usable - 2, usable);
		assert_int_equal((taken - shift) % 3, 0);
		assert_memory_equal(line.text, words, taken);
		assert_string_equal(line.text + taken, "...");
	}
}

static void test_60_kilobytes(void **state) {
	(void)state;
	enum {
		size = 60 * 1024
	};
	char *outside = malloc(size + 1);
	assert_non_null(outside);
	memset(outside, '|', size);
	outside[size] = '\0';
	line line;
	clean(&line, outside, size);
	assert_true(line.full);
	assert_int_equal(line.length, LINE_MAX_BYTES);
	assert_string_equal(line.text + usable - 2, "//...");
	clean(&line, outside, 120);
	assert_int_equal(line.length, 123);
	assert_false(line.full);
	free(outside);
}

/* By the table of RFC 3629, section 4, written differently than the code under test. */
static size_t well_formed(const unsigned char *at) {
	static const struct {
		unsigned char first[2];
		unsigned char second[2];
		size_t length;
	} forms[] = {
		{{0x00, 0x7f}, {0, 0}, 1},       {{0xc2, 0xdf}, {0x80, 0xbf}, 2},
		{{0xe0, 0xe0}, {0xa0, 0xbf}, 3}, {{0xe1, 0xec}, {0x80, 0xbf}, 3},
		{{0xed, 0xed}, {0x80, 0x9f}, 3}, {{0xee, 0xef}, {0x80, 0xbf}, 3},
		{{0xf0, 0xf0}, {0x90, 0xbf}, 4}, {{0xf1, 0xf3}, {0x80, 0xbf}, 4},
		{{0xf4, 0xf4}, {0x80, 0x8f}, 4},
	};
	for (size_t i = 0; i < COUNT(forms); i++) {
		if (at[0] < forms[i].first[0] || at[0] > forms[i].first[1]) {
			continue;
		}
		size_t length = 1;
		if (forms[i].length > 1 && at[1] >= forms[i].second[0] && at[1] <= forms[i].second[1]) {
			length = 2;
		}
		while (length > 1 && length < forms[i].length && (at[length] & 0xc0) == 0x80) {
			length++;
		}
		return length == forms[i].length ? length : 0;
	}
	return 0;
}

/* Bytes of every kind, mixed by a generator that gives the same ones each time. */
static void test_any_bytes(void **state) {
	(void)state;
	static const char pieces[] = "\xc2\x9b\xe2\x80\xae\xf0\x9f\x94\x92\xed\xa0\x80|\n\x1b[a";
	uint32_t random = 1;
	for (int round = 0; round < 20000; round++) {
		char outside[64];
		size_t length = 0;
		while (length < sizeof(outside) - 1) {
			random = random * 1664525 + 1013904223;
			unsigned char byte = (unsigned char)(random >> 24);
			outside[length] = (random >> 12 & 1) != 0 ? pieces[byte % (sizeof(pieces) - 1)]
													  : (char)(byte != 0 ? byte : 1);
			length++;
		}
		outside[length] = '\0';
		line line;
		clean(&line, outside, 40);
		assert_in_range(line.length, 1, 43);
		for (size_t at = 0; at < line.length;) {
			const unsigned char *bytes = (const unsigned char *)line.text + at;
			size_t size = well_formed(bytes);
			expect(size > 0, "round %d: not UTF-8: %s", round, line.text);
			bool c1 = size == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0;
			expect(bytes[0] >= ' ' && bytes[0] != 0x7f && bytes[0] != '|' && !c1,
				   "round %d: byte %02x", round, (unsigned)bytes[0]);
			at += size;
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cleaning),     cmocka_unit_test(test_max),
		cmocka_unit_test(test_full),         cmocka_unit_test(test_long_words),
		cmocka_unit_test(test_60_kilobytes), cmocka_unit_test(test_any_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
