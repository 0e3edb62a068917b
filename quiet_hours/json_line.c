/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A JSON object in one line, read for three of its values without building anything. Escapes stay
 * as they are: nothing that is looked for has any.
 */
#include "log_line.h"

#include <string.h>

enum {
	DEPTH_MAX = 16,
};

typedef enum {
	ROLE_TIME,
	ROLE_ADDRESS,
	ROLE_AGENT,
	ROLE_COUNT,
} json_role;

typedef struct {
	const char *name;
	size_t length;
	json_role role;
} json_key;

static const json_key keys[] = {
#define KEY(role, name) {name, sizeof(name) - 1, ROLE_##role},
#include "json_keys.def"
#undef KEY
};

enum {
	KEY_COUNT = sizeof(keys) / sizeof(keys[0]),
};

typedef struct {
	const char *at;
	const char *end;
	int depth;
	struct {
		const char *text; /* NULL: not found yet */
		size_t length;
		int rank; /* of its key: less is better */
	} found[ROLE_COUNT];
} json_reader;

static bool read_value(json_reader *reader, int key);

static void skip_blanks(json_reader *reader) {
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t')) {
		reader->at++;
	}
}

static bool take(json_reader *reader, char byte) {
	skip_blanks(reader);
	if (reader->at < reader->end && *reader->at == byte) {
		reader->at++;
		return true;
	}
	return false;
}

/* Behind the opening quote. Leaves the text between the quotes. */
static bool read_string(json_reader *reader, const char **text, size_t *length) {
	const char *begin = reader->at;
	for (const char *from = begin;;) {
		const char *quote = memchr(from, '"', (size_t)(reader->end - from));
		if (quote == NULL) {
			return false;
		}
		const char *slash = quote;
		while (slash > begin && slash[-1] == '\\') {
			slash--;
		}
		if ((quote - slash) % 2 == 0) {
			*text = begin;
			*length = (size_t)(quote - begin);
			reader->at = quote + 1;
			return true;
		}
		from = quote + 1;
	}
}

/* The rank of a key, KEY_COUNT for one that is not looked for. */
static int key_rank(const char *name, size_t length) {
	int rank = 0;
	while (rank < KEY_COUNT &&
		   (keys[rank].length != length || memcmp(keys[rank].name, name, length) != 0)) {
		rank++;
	}
	return rank;
}

static void keep(json_reader *reader, int key, const char *text, size_t length) {
	if (key == KEY_COUNT || length == 0) {
		return;
	}
	json_role role = keys[key].role;
	if (reader->found[role].text == NULL || key < reader->found[role].rank) {
		reader->found[role].text = text;
		reader->found[role].length = length;
		reader->found[role].rank = key;
	}
}

static bool read_object(json_reader *reader) {
	if (take(reader, '}')) {
		return true;
	}
	do {
		const char *name = NULL;
		size_t length = 0;
		if (!take(reader, '"') || !read_string(reader, &name, &length) || !take(reader, ':') ||
			!read_value(reader, key_rank(name, length))) {
			return false;
		}
	} while (take(reader, ','));
	return take(reader, '}');
}

/* The first element is the value. */
static bool read_array(json_reader *reader, int key) {
	if (take(reader, ']')) {
		return true;
	}
	do {
		if (!read_value(reader, key)) {
			return false;
		}
		key = KEY_COUNT;
	} while (take(reader, ','));
	return take(reader, ']');
}

/* A number, or true, false, null. */
static bool read_plain(json_reader *reader, int key) {
	const char *begin = reader->at;
	while (reader->at < reader->end && strchr(",]} \t", *reader->at) == NULL) {
		reader->at++;
	}
	size_t length = (size_t)(reader->at - begin);
	if (length > 0 && ((*begin >= '0' && *begin <= '9') || *begin == '-')) {
		keep(reader, key, begin, length);
	}
	return length > 0;
}

static bool read_value(json_reader *reader, int key) {
	if (reader->depth == DEPTH_MAX) {
		return false;
	}
	if (take(reader, '"')) {
		const char *text = NULL;
		size_t length = 0;
		if (!read_string(reader, &text, &length)) {
			return false;
		}
		keep(reader, key, text, length);
		return true;
	}
	reader->depth++;
	bool good = take(reader, '{')   ? read_object(reader)
				: take(reader, '[') ? read_array(reader, key)
									: read_plain(reader, key);
	reader->depth--;
	return good;
}

line_problem json_line_read(log_line_reader *reader, const char *text, size_t length,
							log_line *out) {
	json_reader json = {.at = text, .end = text + length};
	if (!read_value(&json, KEY_COUNT)) {
		return LINE_NOT_JSON;
	}
	skip_blanks(&json);
	if (json.at != json.end) {
		return LINE_NOT_JSON;
	}
	if (json.found[ROLE_TIME].text == NULL) {
		return LINE_NO_TIME;
	}
	if (json.found[ROLE_ADDRESS].text == NULL) {
		return LINE_NO_ADDRESS;
	}
	*out = (log_line){.address = json.found[ROLE_ADDRESS].text,
					  .address_length = json.found[ROLE_ADDRESS].length,
					  .agent = json.found[ROLE_AGENT].text,
					  .agent_length = json.found[ROLE_AGENT].length};
	int64_t seconds = 0;
	line_problem problem =
		log_time_any(json.found[ROLE_TIME].text, json.found[ROLE_TIME].length, &seconds);
	return problem == LINE_GOOD ? log_time_believe(reader, seconds, &out->at) : problem;
}
