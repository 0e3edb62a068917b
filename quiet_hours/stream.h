/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of a log file, unpacked where it is compressed: gzip, xz, Zstandard, known by how they
 * begin, whatever the file is called. Memory is bounded by the format's own window.
 */
#ifndef QUIET_HOURS_STREAM_H
#define QUIET_HOURS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct unpacker unpacker;

typedef struct {
	int descriptor;
	unpacker *unpacker;  /* NULL: plain */
	const char *problem; /* why no more can be read, in words; NULL: nothing is wrong */
	bool started;
	bool ended;            /* of the packed bytes */
	unsigned char *packed; /* read, not unpacked yet; of a plain file: the first bytes */
	size_t packed_at;
	size_t packed_size;
} stream;

/* Takes the descriptor over, and closes it at the end. */
void stream_begin(stream *stream, int descriptor);

/*
 * Reads up to size bytes. 0: the end, or stream->problem says why there is no more. What was read
 * before stays good.
 */
size_t stream_read(stream *stream, char *out, size_t size);

void stream_end(stream *stream);

/* --- for the formats ------------------------------------------------------------------------ */

/* Bytes in, bytes out; what is left is moved on. */
typedef struct {
	const unsigned char *in;
	size_t in_size;
	bool in_ends; /* nothing comes behind `in` */
	unsigned char *out;
	size_t out_size;
} unpack_step;

/* One way of unpacking; the state follows in the same block of memory or is owned by it. */
struct unpacker {
	/* NULL, or what is wrong, in words. Nothing moved and in_ends: the end. */
	const char *(*unpack)(unpacker *unpacker, unpack_step *step);
	void (*end)(unpacker *unpacker); /* frees itself */
};

/* Each returns NULL and what is wrong where it cannot begin, or was not built in. */
unpacker *unpack_gzip(const char **problem);
unpacker *unpack_xz(const char **problem);
unpacker *unpack_zstd(const char **problem);

#endif
