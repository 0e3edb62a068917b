/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wrapped.h"

#include <stdbool.h>
#include <string.h>

enum {
	width = 80,
	help_column = 6
};

/*
 * Where a line may break in text without blanks (Japanese): beside each wide character, but not
 * before one that must not begin a line, nor after one that must not end it (JIS X 4051).
 */
static const char no_line_start[] = "、。，．）」』】〉》：；？！・ー％),.:;?!%";
static const char no_line_end[] = "（「『【〈《(";

/* Bytes of the character at text, and the columns that it takes on a terminal. */
static size_t character_at(const char *text, size_t *columns) {
	size_t length = 1;
	while (((unsigned char)text[length] & 0xc0) == 0x80) {
		length++;
	}
	*columns = (unsigned char)text[0] >= 0xe3 ? 2 : 1;
	return length;
}

static bool is_one_of(const char *characters, const char *text, size_t size) {
	for (const char *at = characters; *at != '\0';) {
		size_t columns = 0;
		size_t length = character_at(at, &columns);
		if (length == size && strncmp(text, at, length) == 0) {
			return true;
		}
		at += length;
	}
	return false;
}

/* Bytes of the piece of text that stays on one line, and its columns. */
static size_t piece_at(const char *text, size_t *columns) {
	size_t length = 0;
	bool was_wide = false;
	bool opened = false;
	*columns = 0;
	while (text[length] != '\0' && text[length] != ' ') {
		size_t taken = 0;
		size_t size = character_at(text + length, &taken);
		bool may_break = (was_wide || taken == 2) && !opened;
		if (length > 0 && may_break && !is_one_of(no_line_start, text + length, size)) {
			break;
		}
		was_wide = taken == 2;
		opened = is_one_of(no_line_end, text + length, size);
		length += size;
		*columns += taken;
	}
	return length;
}

void wrapped_print(FILE *out, const char *text) {
	size_t column = 0;
	bool blank = false;
	while (*text != '\0') {
		size_t columns = 0;
		size_t length = piece_at(text, &columns);
		if (column > 0 && column + blank + columns > width) {
			fputc('\n', out);
			column = 0;
		}
		if (column == 0) {
			column = (size_t)fprintf(out, "%*s", help_column, "") + columns;
			blank = false;
		} else {
			column += columns + blank;
		}
		fprintf(out, "%s%.*s", blank ? " " : "", (int)length, text);
		text += length;
		blank = *text == ' ';
		text += blank;
	}
	fputc('\n', out);
}

size_t wrapped_columns(const char *text) {
	size_t sum = 0;
	while (*text != '\0') {
		size_t columns = 0;
		text += character_at(text, &columns);
		sum += columns;
	}
	return sum;
}
