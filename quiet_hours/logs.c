/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "logs.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_there(const logs *logs, const log_file *file) {
	for (size_t i = 0; file->problem == NULL && i < logs->count; i++) {
		const log_file *other = &logs->files[i];
		if (other->problem == NULL && other->device == file->device &&
			other->number == file->number) {
			return true;
		}
	}
	return false;
}

static bool add_path(logs *logs, const char *path) {
	log_file *files = realloc(logs->files, (logs->count + 1) * sizeof(*files));
	if (files == NULL) {
		return false;
	}
	logs->files = files;
	char *copy = strdup(path);
	if (copy == NULL) {
		return false;
	}
	log_file *file = &files[logs->count];
	log_file_init(file, copy);
	if (is_there(logs, file)) {
		log_file_free(file);
		logs->twice++;
	} else {
		logs->count++;
	}
	return true;
}

bool logs_add(logs *logs, const char *name) {
	glob_t found = {0};
	if (strcmp(name, "-") == 0 || access(name, F_OK) == 0 || strpbrk(name, "*?[") == NULL ||
		glob(name, 0, NULL, &found) != 0) {
		return add_path(logs, name);
	}
	bool added = true;
	for (size_t i = 0; added && i < found.gl_pathc; i++) {
		added = add_path(logs, found.gl_pathv[i]);
	}
	globfree(&found);
	return added;
}

static int by_first(const void *left, const void *right) {
	const log_file *one = left;
	const log_file *other = right;
	return one->first != other->first ? (one->first < other->first ? -1 : 1)
									  : strcmp(one->path, other->path);
}

/* Opens the files that are due: all that begin before the earliest of the open ones goes on. */
static void open_due(logs *logs, size_t *next, log_file **open, size_t *count) {
	while (*next < logs->count && *count < LOGS_OPEN_MAX) {
		log_file *file = &logs->files[*next];
		for (size_t i = 0; i < *count; i++) {
			if (open[i]->at < file->first) {
				return;
			}
		}
		++*next;
		if (log_file_open(file)) {
			open[(*count)++] = file;
		}
	}
}

static size_t earliest(log_file *const *open, size_t count) {
	size_t found = 0;
	for (size_t i = 1; i < count; i++) {
		if (open[i]->at < open[found]->at) {
			found = i;
		}
	}
	return found;
}

/* How far a file may be read before another one has to be. */
static slot read_until(const logs *logs, size_t next, log_file *const *open, size_t count,
					   size_t chosen) {
	slot until = INT32_MAX;
	for (size_t i = 0; i < count; i++) {
		if (i != chosen && open[i]->at < until) {
			until = open[i]->at;
		}
	}
	if (next < logs->count && count < LOGS_OPEN_MAX && logs->files[next].first < until) {
		until = logs->files[next].first;
	}
	return until;
}

void logs_count(logs *logs, count *count) {
	for (size_t i = 0; i < logs->count; i++) {
		log_file_look(&logs->files[i], &count->reader);
	}
	if (logs->count > 1) {
		qsort(logs->files, logs->count, sizeof(*logs->files), by_first);
	}
	log_file *open[LOGS_OPEN_MAX];
	size_t open_count = 0;
	size_t next = 0;
	for (;;) {
		open_due(logs, &next, open, &open_count);
		if (open_count == 0) {
			break;
		}
		size_t chosen = earliest(open, open_count);
		slot until = read_until(logs, next, open, open_count, chosen);
		if (!log_file_count(open[chosen], count, until)) {
			open[chosen] = open[--open_count];
		}
	}
}

void logs_free(logs *logs) {
	for (size_t i = 0; i < logs->count; i++) {
		log_file_free(&logs->files[i]);
	}
	free(logs->files);
	memset(logs, 0, sizeof(*logs));
}
