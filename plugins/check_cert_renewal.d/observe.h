/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets -> observations: hosts by the engine, files by the reader, in the order asked for. */
#ifndef CHECK_CERT_RENEWAL_OBSERVE_H
#define CHECK_CERT_RENEWAL_OBSERVE_H

#include "facts/observation.h"
#include "target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One thing observed. A host is one, with an endpoint per address checked; a file as many as it
 * holds. */
typedef struct {
	char *label; /* owned */
	const target *target;
	observation *endpoints; /* owned; at least one */
	size_t endpoint_count;
} observed;

typedef struct {
	observed *items; /* owned; free with observed_list_free() */
	size_t count;
	bool lookup_pending; /* end the process with _exit(): see engine.h */
} observed_list;

/*
 * The terms need trust anchors where there is a host among the targets; files are verified against
 * them where trust_files. Returns false when memory runs out.
 */
bool observe(observed_list *out, const target_list *targets, verify_terms terms, bool trust_files);
void observed_list_free(observed_list *list);

#endif
