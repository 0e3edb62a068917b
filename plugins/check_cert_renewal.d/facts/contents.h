/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A regular file read into memory, bounded. Fifos and devices are not waited for. */
#ifndef CHECK_CERT_RENEWAL_CONTENTS_H
#define CHECK_CERT_RENEWAL_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
	unsigned char
		*bytes; /* owned: free(); a NUL stands behind the last; NULL where there is a problem */
	size_t size;
	const char *problem; /* why it was not read; static, NULL: it was */
	bool too_large;      /* the problem: it holds more than was asked for */
} contents;

/* The whole file, of at most max bytes. */
contents contents_read(const char *path, size_t max);

/* The last max bytes of the file, or all of a smaller one. */
contents contents_read_end(const char *path, size_t max);

#endif
