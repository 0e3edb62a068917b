/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gzip (RFC 1952), of one or more members: log rotation appends some. */
#include "stream.h"

#include "build.h"
#include "language.h"

#ifdef HAVE_ZLIB

#	include <stdlib.h>
#	define ZLIB_CONST
#	include <zlib.h>

typedef struct {
	unpacker base; /* first: the unpacker is this */
	z_stream state;
	bool between; /* members */
} gzip;

static const char *gzip_unpack(unpacker *base, unpack_step *step) {
	gzip *gzip = (void *)base;
	if (gzip->between) {
		if (step->in_size == 0) {
			return NULL;
		}
		/* Zeros fill the last block of a tape; no member begins with one. */
		if (step->in[0] == 0) {
			step->in += step->in_size;
			step->in_size = 0;
			return NULL;
		}
		if (inflateReset(&gzip->state) != Z_OK) {
			return _("out of memory");
		}
		gzip->between = false;
	}
	gzip->state.next_in = step->in;
	gzip->state.avail_in = (uInt)step->in_size;
	gzip->state.next_out = step->out;
	gzip->state.avail_out = (uInt)step->out_size;
	int result = inflate(&gzip->state, Z_NO_FLUSH);
	step->in += step->in_size - gzip->state.avail_in;
	step->in_size = gzip->state.avail_in;
	step->out += step->out_size - gzip->state.avail_out;
	step->out_size = gzip->state.avail_out;
	gzip->between = result == Z_STREAM_END;
	if (result == Z_BUF_ERROR && step->in_ends) {
		return _("it ends in the middle: the file is damaged or not complete");
	}
	return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR
			   ? NULL
			   : _("the gzip data in it is damaged");
}

static void gzip_end(unpacker *base) {
	gzip *gzip = (void *)base;
	inflateEnd(&gzip->state);
	free(gzip);
}

unpacker *unpack_gzip(const char **problem) {
	gzip *gzip = calloc(1, sizeof(*gzip));
	/* 16: a gzip header, and no other */
	if (gzip == NULL || inflateInit2(&gzip->state, 16 + MAX_WBITS) != Z_OK) {
		free(gzip);
		*problem = _("out of memory");
		return NULL;
	}
	gzip->base = (unpacker){gzip_unpack, gzip_end};
	return &gzip->base;
}

#else

unpacker *unpack_gzip(const char **problem) {
	*problem = _("this build has no zlib to read gzip; use: zcat FILE | cert_quiet_hours -");
	return NULL;
}

#endif
