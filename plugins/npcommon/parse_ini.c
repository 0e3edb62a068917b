/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parse_ini.h"

#include "states.h"
#include "utils_base.h"

#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define _(message) gettext(message)

enum {
	FILE_LIMIT = 1024 * 1024,
	LINE_LIMIT = 64 * 1024,
	/* So much of them is shown in an error, which keeps it under 1 KiB. */
	PATH_SHOWN = 600,
	SECTION_SHOWN = 200,
	ERROR_SIZE = 1000,
};

static const char byte_order_mark[] = "\xef\xbb\xbf";

/* Names in each directory of $NAGIOS_CONFIG_PATH, and whole paths; the first that exists counts. */
static const char *const standard_names[] = {
#define INI_NAME(name) name,
#define INI_PATH(path)
#include "ini_places.def"
#undef INI_NAME
#undef INI_PATH
};
static const char *const standard_paths[] = {
#define INI_NAME(name)
#define INI_PATH(path) path,
#include "ini_places.def"
#undef INI_NAME
#undef INI_PATH
};

enum {
	STANDARD_NAMES = sizeof standard_names / sizeof *standard_names,
	STANDARD_PATHS = sizeof standard_paths / sizeof *standard_paths,
};

/* A part of the file's text. */
typedef struct {
	const char *start;
	size_t length;
} span;

/* Where the reader stands among the sections. */
typedef enum {
	SECTION_NONE, /* before the first one */
	SECTION_OTHER,
	SECTION_WANTED,
} section_state;

/* Owns what it points to. */
typedef struct {
	char *path;
	int path_shown; /* bytes */
	char *section;
	int section_shown; /* bytes */
	char *text;        /* the whole file, not terminated */
	size_t length;
	size_t line_number;
	section_state state;
	bool section_seen;
	np_arg_list *options;
	np_arg_list **options_end;
	char error[ERROR_SIZE];
} ini_reader;

/* Keeps the first thing that went wrong. Always false, for the caller to return. */
__attribute__((format(printf, 2, 3))) static bool reader_fail(ini_reader *reader,
															  const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(reader->error, sizeof reader->error, format, arguments);
	va_end(arguments);
	return false;
}

static bool reader_fail_at_line(ini_reader *reader, const char *what) {
	return reader_fail(reader, _("%.*s line %zu: %s"), reader->path_shown, reader->path,
					   reader->line_number, what);
}

static bool reader_fail_of_memory(ini_reader *reader) {
	return reader_fail(reader, _("out of memory"));
}

/* Spans. White space is what isspace() takes for it in the C locale. */

static bool byte_is_space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

static span span_trim(span part) {
	while (part.length > 0 && byte_is_space(part.start[0])) {
		part.start++;
		part.length--;
	}
	while (part.length > 0 && byte_is_space(part.start[part.length - 1])) {
		part.length--;
	}
	return part;
}

static bool span_equals(span part, const char *text) {
	return part.length == strlen(text) && memcmp(part.start, text, part.length) == 0;
}

static bool span_is_empty_or_comment(span part) {
	return part.length == 0 || part.start[0] == '#' || part.start[0] == ';';
}

/* The file's name */

static bool path_exists(const char *path) { return access(path, F_OK) == 0; }

/* The first standard name that exists in the directory; NULL: none. Malloc'ed. */
static char *path_find_in(span directory) {
	for (size_t i = 0; i < STANDARD_NAMES; i++) {
		char *path = NULL;
		if (asprintf(&path, "%.*s/%s", (int)directory.length, directory.start, standard_names[i]) <
			0) {
			return NULL;
		}
		if (path_exists(path)) {
			return path;
		}
		free(path);
	}
	return NULL;
}

static char *path_find_in_list(const char *directories) {
	while (*directories != '\0') {
		span directory = {.start = directories, .length = strcspn(directories, ":")};
		char *path = directory.length > 0 ? path_find_in(directory) : NULL;
		if (path != NULL) {
			return path;
		}
		directories += directory.length;
		directories += *directories == ':';
	}
	return NULL;
}

/* The file to read where none is named; NULL: none. Malloc'ed. */
static char *path_find(void) {
	const char *file = getenv("MP_CONFIG_FILE");
	if (file != NULL) {
		return strdup(file);
	}
	const char *directories = getenv("NAGIOS_CONFIG_PATH");
	char *path = directories != NULL ? path_find_in_list(directories) : NULL;
	for (size_t i = 0; path == NULL && i < STANDARD_PATHS; i++) {
		if (path_exists(standard_paths[i])) {
			path = strdup(standard_paths[i]);
		}
	}
	return path;
}

/* The length of a text, or as much of it as ends with a whole UTF-8 character within the limit. */
static int length_shown(const char *text, size_t limit) {
	size_t length = strnlen(text, limit + 1);
	if (length > limit) {
		length = limit;
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) {
			length--;
		}
	}
	return (int)length;
}

static bool locator_parse(ini_reader *reader, const char *locator, const char *default_section) {
	size_t section_length = locator != NULL ? strcspn(locator, "@") : 0;
	reader->section =
		section_length > 0 ? strndup(locator, section_length) : strdup(default_section);
	if (reader->section == NULL) {
		return reader_fail_of_memory(reader);
	}
	bool named = locator != NULL && locator[section_length] == '@';
	reader->path = named ? strdup(locator + section_length + 1) : path_find();
	if (named && reader->path == NULL) {
		return reader_fail_of_memory(reader);
	}
	if (named && reader->path[0] == '\0') {
		return reader_fail(reader, _("--extra-opts: no file name after '@'"));
	}
	if (reader->path == NULL || reader->path[0] == '\0') {
		return reader_fail(reader,
						   _("--extra-opts: no ini file in any of the standard places; name "
							 "it: --extra-opts=[SECTION]@FILE, or set MP_CONFIG_FILE"));
	}
	reader->section_shown = length_shown(reader->section, SECTION_SHOWN);
	reader->path_shown = length_shown(reader->path, PATH_SHOWN);
	return true;
}

/* The file's text */

/* Opens without waiting for the other end of a fifo, and looks at what was really opened. */
static int file_open(ini_reader *reader) {
	int file = open(reader->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (file < 0) {
		reader_fail(reader, _("cannot open %.*s: %s"), reader->path_shown, reader->path,
					_(strerror(errno)));
		return -1;
	}
	struct stat status;
	if (fstat(file, &status) != 0) {
		reader_fail(reader, _("cannot read %.*s: %s"), reader->path_shown, reader->path,
					_(strerror(errno)));
	} else if (S_ISDIR(status.st_mode)) {
		reader_fail(reader, _("%.*s is a directory, not an ini file"), reader->path_shown,
					reader->path);
	} else if (!S_ISREG(status.st_mode)) {
		reader_fail(reader, _("%.*s is not a regular file"), reader->path_shown, reader->path);
	} else {
		return file;
	}
	close(file);
	return -1;
}

/* Reads to the end of the file, but one byte over the limit at most. */
static bool file_read(ini_reader *reader, int file) {
	size_t size = 0;
	for (;;) {
		if (reader->length == size) {
			size = size == 0 ? 4096 : size * 2;
			size = size > FILE_LIMIT ? FILE_LIMIT + 1 : size;
			char *text = realloc(reader->text, size);
			if (text == NULL) {
				return reader_fail_of_memory(reader);
			}
			reader->text = text;
		}
		ssize_t got = read(file, reader->text + reader->length, size - reader->length);
		if (got == 0) {
			return true;
		}
		if (got < 0 && errno != EINTR) {
			return reader_fail(reader, _("cannot read %.*s: %s"), reader->path_shown, reader->path,
							   _(strerror(errno)));
		}
		reader->length += got > 0 ? (size_t)got : 0;
		if (reader->length > FILE_LIMIT) {
			return reader_fail(reader, _("%.*s is larger than 1 MiB"), reader->path_shown,
							   reader->path);
		}
	}
}

static bool reader_load(ini_reader *reader) {
	if (strcmp(reader->path, "-") == 0) {
		return file_read(reader, STDIN_FILENO);
	}
	int file = file_open(reader);
	if (file < 0) {
		return false;
	}
	bool loaded = file_read(reader, file);
	close(file);
	return loaded;
}

/* Lines */

static bool header_parse(ini_reader *reader, span line) {
	const char *name = line.start + 1;
	const char *bracket = memchr(name, ']', line.length - 1);
	if (bracket == NULL) {
		return reader_fail_at_line(reader, _("section header without ']'"));
	}
	const char *end = line.start + line.length;
	span rest = {.start = bracket + 1, .length = (size_t)(end - bracket) - 1};
	if (!span_is_empty_or_comment(span_trim(rest))) {
		return reader_fail_at_line(reader, _("text after the section header's ']'"));
	}
	span section = {.start = name, .length = (size_t)(bracket - name)};
	bool wanted = span_equals(span_trim(section), reader->section);
	reader->state = wanted ? SECTION_WANTED : SECTION_OTHER;
	reader->section_seen = reader->section_seen || wanted;
	return true;
}

static bool option_append(ini_reader *reader, span name, span value) {
	np_arg_list *option = malloc(sizeof *option);
	if (option == NULL) {
		return reader_fail_of_memory(reader);
	}
	if (asprintf(&option->arg, "%s%.*s%s%.*s", name.length == 1 ? "-" : "--", (int)name.length,
				 name.start, value.length > 0 ? "=" : "", (int)value.length, value.start) < 0) {
		free(option);
		return reader_fail_of_memory(reader);
	}
	option->next = NULL;
	*reader->options_end = option;
	reader->options_end = &option->next;
	return true;
}

static bool option_parse(ini_reader *reader, span line) {
	const char *equals = memchr(line.start, '=', line.length);
	if (equals == NULL) {
		return reader_fail_at_line(
			reader, _("no '=' (options are written name=value, or name= where there is no value)"));
	}
	span name = {.start = line.start, .length = (size_t)(equals - line.start)};
	const char *end = line.start + line.length;
	span value = {.start = equals + 1, .length = (size_t)(end - equals) - 1};
	name = span_trim(name);
	if (name.length == 0) {
		return reader_fail_at_line(reader, _("no option name before '='"));
	}
	if (name.start[0] == '-') {
		return reader_fail_at_line(reader, _("option names are written without dashes here"));
	}
	if (span_equals(name, "extra-opts")) {
		return reader_fail_at_line(reader, _("extra-opts cannot be used in an ini file"));
	}
	return option_append(reader, name, span_trim(value));
}

static bool line_parse(ini_reader *reader, span line) {
	if (line.length > LINE_LIMIT) {
		return reader_fail_at_line(reader, _("longer than 64 KiB"));
	}
	if (memchr(line.start, '\0', line.length) != NULL) {
		return reader_fail_at_line(reader, _("NUL byte: this is not a text file"));
	}
	line = span_trim(line);
	if (span_is_empty_or_comment(line)) {
		return true;
	}
	if (line.start[0] == '[') {
		return header_parse(reader, line);
	}
	switch (reader->state) {
	case SECTION_NONE:
		return reader_fail_at_line(reader, _("text before the first [section]"));
	case SECTION_WANTED:
		return option_parse(reader, line);
	case SECTION_OTHER:
		break;
	}
	return true;
}

static bool reader_parse(ini_reader *reader) {
	const char *next = reader->text;
	const char *end = reader->text + reader->length;
	size_t mark = sizeof byte_order_mark - 1;
	if (reader->length >= mark && memcmp(next, byte_order_mark, mark) == 0) {
		next += mark;
	}
	while (next < end) {
		const char *newline = memchr(next, '\n', (size_t)(end - next));
		const char *line_end = newline != NULL ? newline : end;
		reader->line_number++;
		if (!line_parse(reader, (span){.start = next, .length = (size_t)(line_end - next)})) {
			return false;
		}
		next = newline != NULL ? newline + 1 : end;
	}
	if (!reader->section_seen) {
		return reader_fail(reader, _("no section [%.*s] in %.*s"), reader->section_shown,
						   reader->section, reader->path_shown, reader->path);
	}
	if (reader->options == NULL) {
		return reader_fail(reader, _("section [%.*s] in %.*s is empty"), reader->section_shown,
						   reader->section, reader->path_shown, reader->path);
	}
	return true;
}

/* Errors end the program, with everything freed before, so that leaks elsewhere stay visible. */

/* The name that stands first in the output: check_ldap becomes LDAP. */
static void plugin_title(char *title, size_t size, const char *plugin_name) {
	if (strncmp(plugin_name, "check_", 6) == 0) {
		plugin_name += 6;
	}
	snprintf(title, size, "%s", plugin_name);
	for (; *title != '\0'; title++) {
		if (*title >= 'a' && *title <= 'z') {
			*title = (char)(*title - 'a' + 'A');
		}
	}
}

/* A file name may hold anything: it must neither end the line nor begin performance data. */
static void error_clean(char *text) {
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;
		if (byte < 0x20 || byte == 0x7f || byte == '|') {
			*text = '?';
		}
	}
}

void np_arg_list_free(np_arg_list *list) {
	while (list != NULL) {
		np_arg_list *next = list->next;
		free(list->arg);
		free(list);
		list = next;
	}
}

np_arg_list *np_get_defaults(const char *locator, const char *default_section) {
	ini_reader reader = {.state = SECTION_NONE};
	reader.options_end = &reader.options;
	bool success = locator_parse(&reader, locator, default_section) && reader_load(&reader) &&
				   reader_parse(&reader);
	free(reader.path);
	free(reader.section);
	free(reader.text);
	if (!success) {
		np_arg_list_free(reader.options);
		char title[64];
		plugin_title(title, sizeof title, default_section);
		error_clean(reader.error);
		die(STATE_UNKNOWN, "%s UNKNOWN - %s\n", title, reader.error);
	}
	return reader.options;
}
