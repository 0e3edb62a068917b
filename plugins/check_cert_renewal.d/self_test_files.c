/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of --self-test: the plugin itself, the history, the ini file. */
#include "history/history.h"
#include "self_test.h"

#include "language.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#	include <sys/auxv.h>
#endif

/* As the user that runs this, whoever started it. */
static bool can(const char *path, int mode) {
	return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
}

/* Owned: everything before the last slash, "/" or "."; NULL when memory runs out. */
static char *directory_of(const char *path) {
	const char *slash = strrchr(path, '/');
	if (slash == NULL) {
		return strdup(".");
	}
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* The directories on the way to a path, from the first one below the root on, and the path itself.
 */
typedef bool way_test(const char *step);

/* Owned: the first step of the way that passes the test; NULL: none. */
static char *way_find(const char *path, way_test *test) {
	for (const char *end = path; *end != '\0';) {
		end += 1 + strcspn(end + 1, "/");
		char *step = strndup(path, (size_t)(end - path));
		if (step == NULL || test(step)) {
			return step;
		}
		free(step);
	}
	return NULL;
}

/*
 * A group of its own may well be the one of the checks (Debian installs some plugins for group
 * nagios only).
 */
static bool is_closed_to_others(const char *step) {
	struct stat status;
	if (stat(step, &status) != 0 || (status.st_mode & S_IXOTH) != 0) {
		return false;
	}
	return status.st_gid == 0 || (status.st_mode & S_IXGRP) == 0;
}

static bool is_open_to_all(const char *step) {
	struct stat status;
	return stat(step, &status) == 0 && (status.st_mode & S_IWOTH) != 0 &&
		   !(S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0);
}

/* As it was started; needs no /proc. NULL: not known on this system. */
static const char *program_name(void) {
#ifdef __linux__
	return (const char *)getauxval(AT_EXECFN);
#else
	return NULL;
#endif
}

void self_test_plugin(plugin_survey *out) {
	const char *program = program_name();
	out->path = program != NULL ? realpath(program, NULL) : NULL;
	if (out->path != NULL) {
		out->closed_to = way_find(out->path, is_closed_to_others);
		out->open_to = way_find(out->path, is_open_to_all);
	}
}

static bool is_closed_to_this_user(const char *step) {
	struct stat status;
	return stat(step, &status) == 0 && S_ISDIR(status.st_mode) && !can(step, X_OK);
}

/* What can be done in a directory that is there. */
static write_access directory_access(const char *directory) {
	if (can(directory, W_OK | X_OK)) {
		return WRITE_NEW;
	}
	return errno == EROFS ? WRITE_READ_ONLY : WRITE_DIRECTORY;
}

static write_access no_directory_access(const char *directory, bool is_default) {
	char *parent = is_default && errno == ENOENT ? directory_of(directory) : NULL;
	struct stat status;
	bool can_be_made = parent != NULL && stat(parent, &status) == 0 && can(parent, W_OK | X_OK);
	free(parent);
	return can_be_made ? WRITE_NEW : WRITE_NO_DIRECTORY;
}

static write_access access_of(const char *path, const char *directory, bool is_default) {
	struct stat status;
	if (stat(path, &status) == 0) {
		if (!S_ISREG(status.st_mode)) {
			return WRITE_NOT_A_FILE;
		}
		if (!can(path, R_OK | W_OK)) {
			return errno == EROFS ? WRITE_READ_ONLY : WRITE_FILE;
		}
		/* SQLite keeps a journal beside it. */
		write_access access = directory_access(directory);
		return access == WRITE_NEW ? WRITE_EXISTING : access;
	}
	if (errno == EACCES) {
		return WRITE_CLOSED;
	}
	if (stat(directory, &status) == 0 && S_ISDIR(status.st_mode)) {
		return directory_access(directory);
	}
	return no_directory_access(directory, is_default);
}

void self_test_history(history_survey *out, const char *file) {
	bool is_default = true;
	out->named = file != NULL;
	out->path = history_path(file, &is_default);
	char *directory = out->path != NULL ? directory_of(out->path) : NULL;
	if (directory == NULL) {
		snprintf(out->problem, sizeof(out->problem), "%s", _("out of memory"));
		return;
	}
	out->access = access_of(out->path, directory, is_default);
	switch (out->access) {
	case WRITE_CLOSED:
		out->at = way_find(directory, is_closed_to_this_user);
		break;
	case WRITE_FILE:
		out->at = strdup(out->path);
		break;
	case WRITE_NO_DIRECTORY:
	case WRITE_DIRECTORY:
		out->at = strdup(directory);
		break;
	case WRITE_EXISTING:
	case WRITE_NEW:
	case WRITE_READ_ONLY:
	case WRITE_NOT_A_FILE:
		break;
	}
	struct stat status;
	/* An empty file would be made a history, which is not for a test to do. */
	if (out->access == WRITE_EXISTING && stat(out->path, &status) == 0 && status.st_size > 0) {
		history_close(history_open(file, out->problem, sizeof(out->problem)));
	}
	free(directory);
}

static char *ini_in_list(const char *directories) {
	static const char *const names[] = {
#define INI_NAME(name) name,
#define INI_PATH(path)
#include "../npcommon/ini_places.def"
#undef INI_NAME
#undef INI_PATH
	};
	while (*directories != '\0') {
		int length = (int)strcspn(directories, ":");
		for (size_t i = 0; length > 0 && i < sizeof(names) / sizeof(names[0]); i++) {
			char *path = NULL;
			if (asprintf(&path, "%.*s/%s", length, directories, names[i]) < 0) {
				return NULL;
			}
			if (access(path, F_OK) == 0) {
				return path;
			}
			free(path);
		}
		directories += length;
		directories += *directories == ':';
	}
	return NULL;
}

static char *ini_in_standard_place(void) {
	static const char *const paths[] = {
#define INI_NAME(name)
#define INI_PATH(path) path,
#include "../npcommon/ini_places.def"
#undef INI_NAME
#undef INI_PATH
	};
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (access(paths[i], F_OK) == 0) {
			return strdup(paths[i]);
		}
	}
	return NULL;
}

/* The file that the library behind --extra-opts finds; it does not say which. */
void self_test_ini(ini_survey *out) {
	const char *file = getenv("MP_CONFIG_FILE");
	const char *directories = getenv("NAGIOS_CONFIG_PATH");
	if (file != NULL) {
		out->named = true;
		out->path = strdup(file);
	} else {
		out->path = directories != NULL ? ini_in_list(directories) : NULL;
		out->path = out->path != NULL ? out->path : ini_in_standard_place();
	}
	if (out->path != NULL) {
		out->error = can(out->path, R_OK) ? 0 : errno;
	}
}
