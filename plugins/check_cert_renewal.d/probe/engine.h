/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine observes targets over the network: one event loop (libuv), one probe per target, a
 * bounded number of them at once. A single check is the case of one target.
 */
#ifndef CHECK_CERT_RENEWAL_ENGINE_H
#define CHECK_CERT_RENEWAL_ENGINE_H

#include "../facts/observation.h"
#include "../target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Targets observed at the same time. */
#define ENGINE_CONCURRENCY 256

/* One endpoint to observe, or one name to resolve. */
typedef struct {
	const target *target;
	const char *host;  /* name or numeric address to connect to */
	double timeout;    /* seconds, everything included */
	bool resolve_only; /* the addresses become the observation's attempts, and nothing more is done
						*/
	observation *seen; /* initialised by the caller, filled by the engine, owned by the caller */
} engine_job;

typedef enum {
	ENGINE_DONE,
	/*
	 * All jobs are done, but a name look-up that ran out of time still occupies a thread: the
	 * process must end with _exit(), since exit() would wait for it.
	 */
	ENGINE_DONE_LOOKUP_PENDING,
	ENGINE_FAILED, /* no event loop or no TLS context: each job's observation says so */
} engine_result;

/*
 * Carries out every job, each within its own deadline. Certificates are verified by the terms,
 * which have trust anchors.
 */
engine_result engine_run(const engine_job *jobs, size_t count, verify_terms terms);

#endif
