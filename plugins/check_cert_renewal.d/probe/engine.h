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

typedef struct {
	const target *target;
	observation *seen; /* initialised by the caller, filled by the engine, owned by the caller */
} engine_job;

typedef enum {
	ENGINE_DONE,
	/*
	 * All jobs are done, but a name look-up that ran out of time still occupies a thread: the process
	 * must end with _exit(), since exit() would wait for it.
	 */
	ENGINE_DONE_LOOKUP_PENDING,
	ENGINE_FAILED, /* no event loop or no TLS context: each job's observation says so */
} engine_result;

/*
 * Observes every job's target; each has its own deadline (target_options.timeout). Certificates are
 * verified by the terms, which have trust anchors.
 */
engine_result engine_run(const engine_job *jobs, size_t count, verify_terms terms);

#endif
