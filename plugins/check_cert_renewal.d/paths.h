/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that a path, a glob or a directory stands for. */
#ifndef CHECK_CERT_RENEWAL_PATHS_H
#define CHECK_CERT_RENEWAL_PATHS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
	char **paths; /* owned; free with paths_free() */
	size_t count;
	bool
		searched; /* a glob or a directory among them: files without certificates are passed over */
} path_list;

/*
 * Adds the files. A path that does not exist, and a glob that matches nothing, is added as it is,
 * so that reading it tells why. Returns false when memory runs out.
 */
bool paths_expand(path_list *out, const char *path);
void paths_free(path_list *list);

#endif
