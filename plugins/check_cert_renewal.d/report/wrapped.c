/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wrapped.h"

#include <stdbool.h>
#include <string.h>

enum {
	width = 80,
	help_column = 6
};

/*
 * Where a line may break in text without blanks (Japanese): after each wide character, but not
 * before one that must not begin a line (JIS X 4051).
 */
static const char no_line_start[] = "、。）」』】〉》：；？！・ー％";

/* Bytes of the character at text, and the columns that it takes on a terminal. */
static size_t character_at(const char *text, size_t *columns) {
	unsigned char first = (unsigned char)text[0];
	size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	*columns = first >= 0xe3 ? 2 : 1;
	return length;
}

static bool begins_with_no_start(const char *text) {
	for (const char *at = no_line_start; *at != '\0';) {
		size_t columns = 0;
		size_t length = character_at(at, &columns);
		if (strncmp(text, at, length) == 0) {
			return true;
		}
		at += length;
	}
	return false;
}

/* Bytes of the piece of text that stays on one line, and its columns. */
static size_t piece_at(const char *text, size_t *columns) {
	size_t length = 0;
	bool wide = false;
	*columns = 0;
	while (text[length] != '\0' && text[length] != ' ') {
		size_t width = 0;
		size_t size = character_at(text + length, &width);
		if (length > 0 && (wide || width == 2) && !begins_with_no_start(text + length)) {
			break;
		}
		wide = width == 2;
		length += size;
		*columns += width;
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
