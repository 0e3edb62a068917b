/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http_answer.h"

#include "../language.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct {
	http_source source;
	unsigned char buffer[4096];
	size_t at;
	size_t end;
	bool source_failed;
	const char *wrong;
	char line[HTTP_LINE_MAX + 1];
	size_t header_left;
	size_t body_max;
	bool has_length;
	size_t length;
	bool is_chunked;
} reader;

static bool wrong(reader *reader, const char *words) {
	reader->wrong = words;
	return false;
}

/* Has the buffer a byte, after reading on where it is empty? False at the end, and on failure. */
static bool has_more(reader *reader) {
	if (reader->at < reader->end) {
		return true;
	}
	long got = reader->source.read(reader->source.argument, reader->buffer, sizeof(reader->buffer));
	reader->source_failed = got < 0;
	reader->at = 0;
	reader->end = got > 0 ? (size_t)got : 0;
	return got > 0;
}

/* The next line without its end, CR LF or LF alone (RFC 9112, section 2.2). */
static bool next_line(reader *reader) {
	size_t length = 0;
	for (;;) {
		if (!has_more(reader)) {
			return wrong(reader, _("the HTTP answer ends early"));
		}
		unsigned char byte = reader->buffer[reader->at++];
		if (reader->header_left-- == 0) {
			return wrong(reader, _("the header of the HTTP answer is too large"));
		}
		if (byte == '\n') {
			break;
		}
		if (length == HTTP_LINE_MAX) {
			return wrong(reader, _("a header line of the HTTP answer is too long"));
		}
		reader->line[length++] = (char)byte;
	}
	length -= length > 0 && reader->line[length - 1] == '\r';
	reader->line[length] = '\0';
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)reader->line[i];
		if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
			return wrong(reader, _("there are control characters in the HTTP answer"));
		}
	}
	return true;
}

/* "HTTP/1.1 200 OK"; servers leave the reason out, and the space before it. */
static bool read_status(reader *reader, http_answer *out) {
	static const char version[] = "HTTP/1.";
	const char *line = reader->line;
	if (!next_line(reader)) {
		/* What is cut off or too long before the first line ends is most likely another protocol.
		 */
		return false;
	}
	const char *status = line + strlen(version) + 2;
	if (strncmp(line, version, strlen(version)) != 0 || strlen(line) < strlen(version) + 5 ||
		status[-1] != ' ' || strspn(status, "0123456789") != 3 ||
		(status[3] != '\0' && status[3] != ' ')) {
		return wrong(reader, _("the answer is not HTTP/1.1"));
	}
	out->status = atoi(status);
	return true;
}

/* A whole number in the base, up to limit. */
static bool read_size(const char *text, unsigned base, size_t *out) {
	static const char digits[] = "0123456789abcdef";
	*out = 0;
	for (const char *at = text; *at != '\0'; at++) {
		int character = *at >= 'A' && *at <= 'F' ? *at - 'A' + 'a' : *at;
		const char *digit = strchr(digits, character);
		if (digit == NULL || digit - digits >= (int)base || *out > SIZE_MAX / base / 2) {
			return false;
		}
		*out = *out * base + (size_t)(digit - digits);
	}
	return *text != '\0';
}

static bool note_length(reader *reader, const char *value) {
	size_t length = 0;
	if (!read_size(value, 10, &length) || (reader->has_length && length != reader->length)) {
		return wrong(reader, _("the Content-Length of the HTTP answer is malformed"));
	}
	reader->has_length = true;
	reader->length = length;
	return true;
}

static bool note_field(reader *reader, http_answer *out, const char *name, const char *value) {
	if (strcasecmp(name, "Content-Length") == 0) {
		return note_length(reader, value);
	}
	if (strcasecmp(name, "Transfer-Encoding") == 0) {
		if (reader->is_chunked || strcasecmp(value, "chunked") != 0) {
			return wrong(reader, _("the Transfer-Encoding of the HTTP answer is not known"));
		}
		reader->is_chunked = true;
	} else if (strcasecmp(name, "Retry-After") == 0 && out->retry_after[0] == '\0' &&
			   strlen(value) <= HTTP_RETRY_AFTER_MAX) {
		snprintf(out->retry_after, sizeof(out->retry_after), "%s", value);
	}
	return true;
}

/* "Name: value" (RFC 9112, section 5); no folded lines, no space before the colon. */
static bool read_field(reader *reader, http_answer *out) {
	char *colon = strchr(reader->line, ':');
	if (colon == NULL || colon == reader->line ||
		strcspn(reader->line, " \t") < (size_t)(colon - reader->line)) {
		return wrong(reader, _("a header line of the HTTP answer is malformed"));
	}
	*colon = '\0';
	char *value = colon + 1 + strspn(colon + 1, " \t");
	for (size_t length = strlen(value); length > 0 && strchr(" \t", value[length - 1]) != NULL;) {
		value[--length] = '\0';
	}
	return note_field(reader, out, reader->line, value);
}

static bool read_header(reader *reader, http_answer *out) {
	if (!read_status(reader, out)) {
		return false;
	}
	for (;;) {
		if (!next_line(reader)) {
			return false;
		}
		if (reader->line[0] == '\0') {
			break;
		}
		if (!read_field(reader, out)) {
			return false;
		}
	}
	if (reader->is_chunked && reader->has_length) {
		return wrong(reader,
					 _("the HTTP answer has both a Content-Length and a Transfer-Encoding"));
	}
	return true;
}

/* Appends size bytes to the body. */
static bool read_part(reader *reader, http_answer *out, size_t size) {
	if (size > reader->body_max - out->size) {
		return wrong(reader, _("the HTTP answer is too large"));
	}
	while (size > 0) {
		if (!has_more(reader)) {
			return wrong(reader, _("the HTTP answer ends early"));
		}
		size_t count = reader->end - reader->at;
		count = count < size ? count : size;
		memcpy(out->body + out->size, reader->buffer + reader->at, count);
		reader->at += count;
		out->size += count;
		size -= count;
	}
	return true;
}

/* Up to the end of the connection. JSON tells by itself where it was cut off. */
static bool read_rest(reader *reader, http_answer *out) {
	while (has_more(reader)) {
		if (!read_part(reader, out, reader->end - reader->at)) {
			return false;
		}
	}
	return !reader->source_failed;
}

/* RFC 9112, section 7.1. Extensions and trailers are skipped. */
static bool read_chunks(reader *reader, http_answer *out) {
	for (;;) {
		size_t size = 0;
		if (!next_line(reader)) {
			return false;
		}
		reader->line[strcspn(reader->line, "; \t")] = '\0';
		if (!read_size(reader->line, 16, &size)) {
			return wrong(reader, _("a chunk of the HTTP answer is malformed"));
		}
		if (size == 0) {
			break;
		}
		if (!read_part(reader, out, size) || !next_line(reader)) {
			return false;
		}
		if (reader->line[0] != '\0') {
			return wrong(reader, _("a chunk of the HTTP answer is malformed"));
		}
	}
	do {
		if (!next_line(reader)) {
			return false;
		}
	} while (reader->line[0] != '\0');
	return true;
}

static bool read_body(reader *reader, http_answer *out) {
	out->body = malloc(reader->body_max + 1);
	if (out->body == NULL) {
		return wrong(reader, _("out of memory"));
	}
	reader->header_left = HTTP_HEADER_MAX;
	if (reader->is_chunked) {
		return read_chunks(reader, out);
	}
	return reader->has_length ? read_part(reader, out, reader->length) : read_rest(reader, out);
}

http_outcome http_answer_read(http_answer *out, http_source source, size_t body_max,
							  const char **words) {
	*out = (http_answer){.status = 0};
	reader *reader = calloc(1, sizeof(*reader));
	if (reader == NULL) {
		*words = _("out of memory");
		return HTTP_WRONG;
	}
	reader->source = source;
	reader->body_max = body_max;
	reader->header_left = HTTP_HEADER_MAX;
	bool done = read_header(reader, out) && (out->status != 200 || read_body(reader, out));
	http_outcome outcome = done                    ? HTTP_ANSWERED
						   : reader->source_failed ? HTTP_SOURCE_FAILED
												   : HTTP_WRONG;
	*words = reader->wrong;
	if (!done) {
		http_answer_free(out);
	}
	free(reader);
	return outcome;
}

void http_answer_free(http_answer *answer) {
	free(answer->body);
	*answer = (http_answer){.status = 0};
}
