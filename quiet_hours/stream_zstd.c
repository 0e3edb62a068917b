/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zstandard (RFC 8878), of one or more frames. */
#include "stream.h"

#include "build.h"
#include "language.h"

#ifdef HAVE_LIBZSTD

#	include <stdlib.h>
#	include <zstd.h>

typedef struct {
	unpacker base; /* first: the unpacker is this */
	ZSTD_DStream *state;
	bool inside; /* a frame */
} zstd;

static const char *zstd_unpack(unpacker *base, unpack_step *step) {
	zstd *zstd = (void *)base;
	ZSTD_inBuffer in = {step->in, step->in_size, 0};
	ZSTD_outBuffer out = {step->out, step->out_size, 0};
	if (step->in_size == 0 && !zstd->inside) {
		return NULL;
	}
	size_t result = ZSTD_decompressStream(zstd->state, &out, &in);
	step->in += in.pos;
	step->in_size -= in.pos;
	step->out += out.pos;
	step->out_size -= out.pos;
	if (ZSTD_isError(result)) {
		return _("the Zstandard data in it is damaged, or needs more than 128 MiB to be unpacked");
	}
	zstd->inside = result != 0;
	bool stuck = in.pos == 0 && out.pos == 0;
	return stuck && zstd->inside && step->in_ends
			   ? _("it ends in the middle: the file is damaged or not complete")
			   : NULL;
}

static void zstd_end(unpacker *base) {
	zstd *zstd = (void *)base;
	ZSTD_freeDStream(zstd->state);
	free(zstd);
}

unpacker *unpack_zstd(const char **problem) {
	zstd *zstd = calloc(1, sizeof(*zstd));
	if (zstd == NULL || (zstd->state = ZSTD_createDStream()) == NULL) {
		free(zstd);
		*problem = _("out of memory");
		return NULL;
	}
	zstd->base = (unpacker){zstd_unpack, zstd_end};
	return &zstd->base;
}

#else

unpacker *unpack_zstd(const char **problem) {
	*problem =
		_("this build has no libzstd to read Zstandard; use: zstdcat FILE | cert_quiet_hours -");
	return NULL;
}

#endif
