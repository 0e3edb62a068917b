/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "contents.h"

#include "../language.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The words of strerror(3) are used before its next call, so no copy is kept. */
static contents contents_problem(contents result, const char *problem) {
	free(result.bytes);
	return (contents){.problem = problem, .too_large = result.too_large};
}

/* Size bytes from start on; fewer where the file has become shorter meanwhile. */
static contents read_part(int fd, off_t start, size_t size) {
	contents result = {.bytes = malloc(size + 1)};
	if (result.bytes == NULL) {
		return contents_problem(result, _("out of memory"));
	}
	while (result.size < size) {
		ssize_t got =
			pread(fd, result.bytes + result.size, size - result.size, start + (off_t)result.size);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return contents_problem(result, _(strerror(errno)));
		}
		if (got == 0) {
			break;
		}
		result.size += (size_t)got;
	}
	result.bytes[result.size] = '\0';
	return result;
}

static contents read_opened(int fd, size_t max, bool only_end) {
	struct stat status;
	contents none = {0};
	if (fstat(fd, &status) != 0) {
		return contents_problem(none, _(strerror(errno)));
	}
	if (!S_ISREG(status.st_mode)) {
		return contents_problem(none, S_ISDIR(status.st_mode) ? _("is a directory")
															  : _("is not a regular file"));
	}
	size_t size = (size_t)status.st_size;
	if (size > max && !only_end) {
		none.too_large = true;
		return contents_problem(none, _("too large"));
	}
	size_t kept = size < max ? size : max;
	return read_part(fd, (off_t)(size - kept), kept);
}

static contents read_file(const char *path, size_t max, bool only_end) {
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		return contents_problem((contents){0}, _(strerror(errno)));
	}
	contents result = read_opened(fd, max, only_end);
	close(fd);
	return result;
}

contents contents_read(const char *path, size_t max) { return read_file(path, max, false); }

contents contents_read_end(const char *path, size_t max) { return read_file(path, max, true); }
