/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "line.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char cut_mark[] = "...";

/* Room that is kept for the mark. */
enum {
	usable = LINE_MAX_BYTES - 3
};

void line_init(line *line) {
	line->text[0] = '\0';
	line->length = 0;
	line->full = false;
}

static bool is_continuation(char byte) { return ((unsigned char)byte & 0xc0) == 0x80; }

/* Adds whole characters only; marks the line as full where they do not fit. */
static void add_bytes(line *line, const char *bytes, size_t length) {
	if (line->full) {
		return;
	}
	size_t room = usable - line->length;
	size_t taken = length;
	if (taken > room) {
		taken = room;
		while (taken > 0 && is_continuation(bytes[taken])) {
			taken--;
		}
		line->full = true;
	}
	memcpy(line->text + line->length, bytes, taken);
	line->length += taken;
	if (line->full) {
		memcpy(line->text + line->length, cut_mark, sizeof(cut_mark) - 1);
		line->length += sizeof(cut_mark) - 1;
	}
	line->text[line->length] = '\0';
}

void line_add(line *line, const char *format, ...) {
	char words[LINE_MAX_BYTES + 1];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	if (length > 0) {
		add_bytes(line, words, strlen(words));
	}
}

/*
 * Decodes one UTF-8 character (RFC 3629: no overlong forms, no surrogates). Returns its length, 0
 * where the bytes are not UTF-8.
 */
static size_t decode(const unsigned char *bytes, uint32_t *character) {
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = bytes[0] < 0x80             ? 1
					: (bytes[0] & 0xe0) == 0xc0 ? 2
					: (bytes[0] & 0xf0) == 0xe0 ? 3
					: (bytes[0] & 0xf8) == 0xf0 ? 4
												: 0;
	if (length <= 1) {
		*character = bytes[0];
		return length;
	}
	uint32_t value = bytes[0] & (0x7fU >> length);
	for (size_t i = 1; i < length; i++) {
		if (!is_continuation((char)bytes[i])) {
			return 0;
		}
		value = value << 6 | (bytes[i] & 0x3f);
	}
	*character = value;
	bool valid = value >= least[length] && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
	return valid ? length : 0;
}

/* Control characters, and format characters that hide text or turn its direction. */
static bool is_harmful(uint32_t character) {
	static const struct {
		uint32_t first;
		uint32_t last;
	} ranges[] = {{0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},      {0x61c, 0x61c},
				  {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},  {0x2060, 0x206f},
				  {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (character >= ranges[i].first && character <= ranges[i].last) {
			return true;
		}
	}
	return false;
}

void line_add_outside(line *line, const char *text, size_t max) {
	size_t used = 0;
	while (text[used] != '\0') {
		uint32_t character = 0;
		const unsigned char *bytes = (const unsigned char *)text + used;
		size_t length = decode(bytes, &character);
		if (used + (length > 0 ? length : 1) > max) {
			add_bytes(line, cut_mark, sizeof(cut_mark) - 1);
			return;
		}
		if (length == 0 || is_harmful(character)) {
			add_bytes(line, "?", 1);
		} else if (character == '|') {
			add_bytes(line, "/", 1);
		} else {
			add_bytes(line, text + used, length);
		}
		used += length > 0 ? length : 1;
	}
}
