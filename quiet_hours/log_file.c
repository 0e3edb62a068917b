/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "log_file.h"

#include "language.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BUFFER_SIZE = 1 << 18,
	READ_LEAST = 1 << 17, /* the buffer's rest is moved to its begin where there is less room */
};

static const char out_of_memory[] = N_("out of memory");

void log_file_init(log_file *file, char *path) {
	*file = (log_file){.path = path};
	struct stat status;
	int result = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &status) : stat(path, &status);
	if (result != 0) {
		file->problem = _(strerror(errno));
	} else if (S_ISDIR(status.st_mode)) {
		file->problem = _("it is a directory");
	} else {
		file->device = status.st_dev;
		file->number = status.st_ino;
		file->regular = S_ISREG(status.st_mode) && strcmp(path, "-") != 0;
	}
}

static void log_file_close(log_file *file) {
	if (file->open) {
		file->problem = file->problem != NULL ? file->problem : file->stream.problem;
		stream_end(&file->stream);
		free(file->buffer);
		file->buffer = NULL;
		file->begin = 0;
		file->end = 0;
		file->open = false;
	}
}

void log_file_free(log_file *file) {
	log_file_close(file);
	free(file->path);
	file->path = NULL;
}

bool log_file_open(log_file *file) {
	if (file->open || file->problem != NULL) {
		return file->open;
	}
	int descriptor =
		strcmp(file->path, "-") == 0 ? dup(STDIN_FILENO) : open(file->path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0) {
		file->problem = _(strerror(errno));
		return false;
	}
	stream_begin(&file->stream, descriptor);
	file->open = true;
	file->buffer = malloc(BUFFER_SIZE);
	if (file->buffer == NULL) {
		file->problem = _(out_of_memory);
		log_file_close(file);
		return false;
	}
	posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
	return true;
}

/* Reads more behind what is there. False: there is no more. */
static bool read_more(log_file *file) {
	if (BUFFER_SIZE - file->end < READ_LEAST) {
		memmove(file->buffer, file->buffer + file->begin, file->end - file->begin);
		file->end -= file->begin;
		file->begin = 0;
	}
	size_t size = stream_read(&file->stream, file->buffer + file->end, BUFFER_SIZE - file->end);
	file->end += size;
	return size > 0;
}

/*
 * The next line, with as much read as it needs. *length without its end, *whole with it. False:
 * there is none. A line that is too long comes as its begin, and what follows of it is left out.
 */
static bool next_line(log_file *file, const char **text, size_t *length, size_t *whole) {
	size_t searched = 0;
	for (;;) {
		const char *begin = file->buffer + file->begin;
		size_t size = file->end - file->begin;
		const char *found =
			size > searched ? memchr(begin + searched, '\n', size - searched) : NULL;
		if (found != NULL) {
			*length = (size_t)(found - begin);
			*whole = *length + 1;
		} else if (size > LOG_LINE_MAX) {
			*length = *whole = size;
		} else if (read_more(file)) {
			searched = size;
			continue;
		} else if (size == 0) {
			return false;
		} else {
			*length = *whole = size;
		}
		if (!file->skipping) {
			*text = begin;
			return true;
		}
		file->skipping = found == NULL && *whole == size;
		file->begin += *whole;
		searched = 0;
	}
}

static void say_bad(log_file *file, line_problem problem, const char *text, size_t length) {
	file->bad++;
	if (file->first_bad_line == 0) {
		file->first_bad_line = file->line;
		file->first_bad = problem;
		size_t most = sizeof(file->first_bad_text) - 1;
		length = length < most ? length : most;
		for (size_t i = 0; i < length; i++) {
			file->first_bad_text[i] = text[i] != '\0' ? text[i] : '\x01';
		}
		file->first_bad_text[length] = '\0';
	}
}

void log_file_look(log_file *file, log_line_reader *reader) {
	if (!log_file_open(file)) {
		return;
	}
	if (read_more(file)) {
		const char *at = file->buffer;
		const char *end = at + file->end;
		for (const char *stop; file->first == 0 && at < end; at = stop + 1) {
			log_line line;
			stop = memchr(at, '\n', (size_t)(end - at));
			stop = stop != NULL ? stop : end;
			if (log_line_read(reader, at, (size_t)(stop - at), &line) == LINE_GOOD) {
				file->first = line.at;
			}
		}
	}
	file->at = file->first;
	if (file->regular && file->stream.problem == NULL) {
		log_file_close(file);
	}
}

bool log_file_count(log_file *file, count *count, slot until) {
	const char *text = NULL;
	size_t length = 0;
	size_t whole = 0;
	while (next_line(file, &text, &length, &whole)) {
		log_line line = {0};
		line_problem problem = length > LOG_LINE_MAX
								   ? LINE_TOO_LONG
								   : log_line_read(&count->reader, text, length, &line);
		if (problem == LINE_GOOD && line.at > until) {
			file->at = line.at;
			return true;
		}
		file->line++;
		file->skipping = length == whole && length > LOG_LINE_MAX;
		file->begin += whole;
		if (problem == LINE_EMPTY) {
			continue;
		}
		if (problem == LINE_GOOD) {
			problem = count_line(count, &line);
		}
		file->lines++;
		if (problem != LINE_GOOD) {
			say_bad(file, problem, text, length);
		}
	}
	count->lines += file->lines;
	count->bad += file->bad;
	log_file_close(file);
	return false;
}
