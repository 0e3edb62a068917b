/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xz, of one or more streams. */
#include "stream.h"

#include "build.h"
#include "language.h"

#ifdef HAVE_LIBLZMA

#	include <lzma.h>
#	include <stdlib.h>

/* xz -9 needs 65 MiB. */
static const uint64_t memory_max = UINT64_C(128) << 20;

typedef struct {
	unpacker base; /* first: the unpacker is this */
	lzma_stream state;
	bool done;
} xz;

static const char *xz_words(lzma_ret result, bool in_ends) {
	switch (result) {
	case LZMA_OK:
	case LZMA_STREAM_END:
		return NULL;
	case LZMA_BUF_ERROR:
		return in_ends ? _("it ends in the middle: the file is damaged or not complete") : NULL;
	case LZMA_MEM_ERROR:
		return _("out of memory");
	case LZMA_MEMLIMIT_ERROR:
		return _("it needs more than 128 MiB to be unpacked; use: xzcat FILE | cert_quiet_hours -");
	default:
		return _("the xz data in it is damaged");
	}
}

static const char *xz_unpack(unpacker *base, unpack_step *step) {
	xz *xz = (void *)base;
	if (xz->done) {
		return NULL;
	}
	xz->state.next_in = step->in;
	xz->state.avail_in = step->in_size;
	xz->state.next_out = step->out;
	xz->state.avail_out = step->out_size;
	lzma_ret result = lzma_code(&xz->state, step->in_ends ? LZMA_FINISH : LZMA_RUN);
	step->in += step->in_size - xz->state.avail_in;
	step->in_size = xz->state.avail_in;
	step->out += step->out_size - xz->state.avail_out;
	step->out_size = xz->state.avail_out;
	xz->done = result == LZMA_STREAM_END;
	return xz_words(result, step->in_ends);
}

static void xz_end(unpacker *base) {
	xz *xz = (void *)base;
	lzma_end(&xz->state);
	free(xz);
}

unpacker *unpack_xz(const char **problem) {
	xz *xz = calloc(1, sizeof(*xz));
	if (xz == NULL || lzma_stream_decoder(&xz->state, memory_max, LZMA_CONCATENATED) != LZMA_OK) {
		free(xz);
		*problem = _("out of memory");
		return NULL;
	}
	xz->base = (unpacker){xz_unpack, xz_end};
	return &xz->base;
}

#else

unpacker *unpack_xz(const char **problem) {
	*problem = _("this build has no liblzma to read xz; use: xzcat FILE | cert_quiet_hours -");
	return NULL;
}

#endif
