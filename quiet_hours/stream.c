/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream.h"

#include "language.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PACKED_SIZE = 1 << 17,
	MAGIC_SIZE = 6, /* the longest of the formats' first bytes */
};

void stream_begin(stream *stream, int descriptor) {
	memset(stream, 0, sizeof(*stream));
	stream->descriptor = descriptor;
}

void stream_end(stream *stream) {
	if (stream->unpacker != NULL) {
		stream->unpacker->end(stream->unpacker);
	}
	free(stream->packed);
	close(stream->descriptor);
	memset(stream, 0, sizeof(*stream));
	stream->descriptor = -1;
}

/* read(2), again where a signal came between. */
static size_t read_some(stream *stream, void *out, size_t size) {
	ssize_t count = 0;
	do {
		count = read(stream->descriptor, out, size);
	} while (count < 0 && errno == EINTR);
	if (count < 0) {
		stream->problem = _(strerror(errno));
	}
	stream->ended |= count <= 0;
	return count > 0 ? (size_t)count : 0;
}

static const char *bzip2_problem(void) {
	return _("bzip2 is not read here; use: bzcat FILE | cert_quiet_hours -");
}

/* Reads the first bytes and looks what they are. */
static void find_format(stream *stream) {
	stream->started = true;
	stream->packed = malloc(PACKED_SIZE);
	if (stream->packed == NULL) {
		stream->problem = _("out of memory");
		return;
	}
	while (stream->packed_size < MAGIC_SIZE && !stream->ended) {
		stream->packed_size += read_some(stream, stream->packed + stream->packed_size,
										 PACKED_SIZE - stream->packed_size);
	}
	if (stream->packed_size < MAGIC_SIZE) {
		return;
	}
	const unsigned char *magic = stream->packed;
	if (memcmp(magic, "\x1f\x8b", 2) == 0) {
		stream->unpacker = unpack_gzip(&stream->problem);
	} else if (memcmp(magic,
					  "\xfd"
					  "7zXZ",
					  6) == 0) {
		stream->unpacker = unpack_xz(&stream->problem);
	} else if (memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0) {
		stream->unpacker = unpack_zstd(&stream->problem);
	} else if (memcmp(magic, "BZh", 3) == 0) {
		stream->problem = bzip2_problem();
	}
}

static void refill(stream *stream) {
	if (stream->packed_at == stream->packed_size && !stream->ended) {
		stream->packed_at = 0;
		stream->packed_size = read_some(stream, stream->packed, PACKED_SIZE);
	}
}

static size_t read_unpacked(stream *stream, char *out, size_t size) {
	for (;;) {
		refill(stream);
		unpack_step step = {
			.in = stream->packed + stream->packed_at,
			.in_size = stream->packed_size - stream->packed_at,
			.in_ends = stream->ended,
			.out = (unsigned char *)out,
			.out_size = size,
		};
		size_t before = step.in_size;
		const char *problem = stream->unpacker->unpack(stream->unpacker, &step);
		stream->packed_at += before - step.in_size;
		size_t made = size - step.out_size;
		if (problem != NULL && stream->problem == NULL) {
			stream->problem = problem;
		}
		if (made > 0 || stream->problem != NULL) {
			return made;
		}
		if (before == step.in_size && (stream->ended || step.in_size > 0)) {
			return 0;
		}
	}
}

size_t stream_read(stream *stream, char *out, size_t size) {
	if (!stream->started) {
		find_format(stream);
	}
	if (stream->problem != NULL) {
		return 0;
	}
	if (stream->unpacker != NULL) {
		return read_unpacked(stream, out, size);
	}
	size_t left = stream->packed_size - stream->packed_at;
	if (left > 0) {
		left = left < size ? left : size;
		memcpy(out, stream->packed + stream->packed_at, left);
		stream->packed_at += left;
		return left;
	}
	return stream->ended ? 0 : read_some(stream, out, size);
}
