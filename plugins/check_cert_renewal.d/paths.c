/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paths.h"

#include "facts/trust.h"

#include <dirent.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void paths_free(path_list *list) {
	for (size_t i = 0; i < list->count; i++) {
		free(list->paths[i]);
	}
	free(list->paths);
	*list = (path_list){0};
}

static bool path_add(path_list *out, const char *path) {
	char **paths = realloc(out->paths, (out->count + 1) * sizeof(*paths));
	if (paths == NULL) {
		return false;
	}
	out->paths = paths;
	paths[out->count] = strdup(path);
	return paths[out->count++] != NULL;
}

/* Files already met, so that links to one file are read once. */
typedef struct {
	dev_t device;
	ino_t inode;
} file_identity;

typedef struct {
	file_identity *files;
	size_t count;
} file_set;

static bool file_set_add(file_set *set, const struct stat *status, bool *added) {
	for (size_t i = 0; i < set->count; i++) {
		if (set->files[i].device == status->st_dev && set->files[i].inode == status->st_ino) {
			*added = false;
			return true;
		}
	}
	file_identity *files = realloc(set->files, (set->count + 1) * sizeof(*files));
	if (files == NULL) {
		return false;
	}
	set->files = files;
	files[set->count++] = (file_identity){status->st_dev, status->st_ino};
	*added = true;
	return true;
}

static int is_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

/*
 * The regular files of a directory, each once, by name; in a hashed directory by the names that
 * people gave them. Not recursive.
 */
static bool expand_directory(path_list *out, const char *directory) {
	struct dirent **entries = NULL;
	int count = scandir(directory, &entries, is_visible, alphasort);
	if (count < 0) {
		/* Told like any file that cannot be read. */
		return path_add(out, directory);
	}
	file_set met = {0};
	bool done = true;
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < count && done; i++) {
			if (trust_is_hash_name(entries[i]->d_name) != (pass == 1)) {
				continue;
			}
			char *path = NULL;
			struct stat status;
			bool added = false;
			if (asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0) {
				done = false;
				break;
			}
			if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
				done = file_set_add(&met, &status, &added) && (!added || path_add(out, path));
			}
			free(path);
		}
	}
	for (int i = 0; i < count; i++) {
		free(entries[i]);
	}
	free(entries);
	free(met.files);
	return done;
}

static bool expand_glob(path_list *out, const char *pattern) {
	glob_t found;
	int result = glob(pattern, GLOB_NOCHECK, NULL, &found);
	bool done = result == 0;
	for (size_t i = 0; done && i < found.gl_pathc; i++) {
		struct stat status;
		bool is_directory = stat(found.gl_pathv[i], &status) == 0 && S_ISDIR(status.st_mode);
		done = is_directory || path_add(out, found.gl_pathv[i]);
	}
	if (result == 0) {
		globfree(&found);
	}
	return done;
}

bool paths_expand(path_list *out, const char *path) {
	struct stat status;
	bool exists = stat(path, &status) == 0;
	if (exists && S_ISDIR(status.st_mode)) {
		out->searched = true;
		return expand_directory(out, path);
	}
	if (!exists && strpbrk(path, "*?[") != NULL) {
		out->searched = true;
		return expand_glob(out, path);
	}
	return path_add(out, path);
}
