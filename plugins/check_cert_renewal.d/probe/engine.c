/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine.h"

#include "../language.h"
#include "../facts/renewal_info.h"
#include "probe.h"

#include <math.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>

/* Threads for name look-ups; libuv starts as many as it is told at the first one. */
enum {
	lookup_threads_max = 32
};

double seconds_since(uint64_t start) { return (double)(uv_hrtime() - start) / 1e9; }

static void probe_free(probe *probe) {
	engine *engine = probe->engine;
	free(probe->connections);
	free(probe);
	engine->running--;
}

void probe_handle_opened(probe *probe) { probe->open_handles++; }

void probe_handle_closed(uv_handle_t *handle) {
	probe *probe = handle->data;
	if (--probe->open_handles == 0) {
		probe_free(probe);
	}
}

/* Turns what the server sent into facts. */
static void read_facts(probe *probe) {
	if (probe->leaf == NULL) {
		return;
	}
	observation *seen = probe->seen;
	verify_terms terms = probe->engine->terms;
	if (!chain_read(&seen->served, probe->sent, terms.detail) ||
		!verification_run(&seen->verification, terms, probe->leaf, probe->sent,
						  target_verify_name(probe->target))) {
		observation_fail(seen, STEP_HANDSHAKE, NULL, _("out of memory"));
	}
	if (terms.renewal_id) {
		seen->renewal_id = renewal_info_id(probe->leaf);
	}
	ERR_clear_error();
}

void probe_finish(probe *probe) {
	if (probe->finished) {
		return;
	}
	probe->finished = true;
	read_facts(probe);
	probe->seen->seconds_total = seconds_since(probe->started);
	handshake_release(probe);
	connect_release(probe);
	resolve_release(probe);
	uv_close((uv_handle_t *)&probe->stagger, probe_handle_closed);
	uv_close((uv_handle_t *)&probe->deadline, probe_handle_closed);
}

static void deadline_over(uv_timer_t *timer) {
	probe *probe = timer->data;
	switch (probe->step) {
	case STEP_RESOLVE:
		resolve_timed_out(probe);
		break;
	case STEP_CONNECT:
		connect_timed_out(probe);
		break;
	default:
		handshake_timed_out(probe);
		break;
	}
	probe_finish(probe);
}

static void probe_start(engine *engine, const engine_job *job) {
	probe *probe = calloc(1, sizeof(*probe));
	if (probe == NULL) {
		observation_fail(job->seen, STEP_RESOLVE, NULL, _("out of memory"));
		return;
	}
	engine->running++;
	probe->engine = engine;
	probe->job = job;
	probe->target = job->target;
	probe->seen = job->seen;
	probe->seen->port = job->target->port;
	probe->started = uv_hrtime();
	uv_timer_init(&engine->loop, &probe->deadline);
	uv_timer_init(&engine->loop, &probe->stagger);
	probe->deadline.data = probe;
	probe->stagger.data = probe;
	probe->open_handles = 2;
	uv_update_time(&engine->loop);
	uv_timer_start(&probe->deadline, deadline_over, (uint64_t)ceil(fmax(job->timeout, 0) * 1000),
				   0);
	resolve_start(probe);
}

/* Look-ups wait for each other only where there are more names than threads. */
static void set_lookup_threads(size_t jobs) {
	char threads[16];
	snprintf(threads, sizeof(threads), "%zu",
			 jobs < lookup_threads_max ? jobs : lookup_threads_max);
	setenv("UV_THREADPOOL_SIZE", threads, 0);
}

static void run_jobs(engine *engine) {
	while (engine->next_job < engine->job_count || engine->running > 0) {
		while (engine->next_job < engine->job_count && engine->running < ENGINE_CONCURRENCY) {
			probe_start(engine, &engine->jobs[engine->next_job++]);
		}
		if (engine->running > 0) {
			uv_run(&engine->loop, UV_RUN_ONCE);
		}
	}
}

engine_result engine_run(const engine_job *jobs, size_t count, verify_terms terms) {
	engine engine = {.terms = terms, .jobs = jobs, .job_count = count};
	set_lookup_threads(count);
	if (uv_loop_init(&engine.loop) != 0) {
		for (size_t i = 0; i < count; i++) {
			observation_fail(jobs[i].seen, STEP_CONNECT, NULL, _("cannot make an event loop"));
		}
		return ENGINE_FAILED;
	}
	run_jobs(&engine);
	SSL_CTX_free(engine.tls);
	if (engine.lookups > 0) {
		return ENGINE_DONE_LOOKUP_PENDING;
	}
	uv_loop_close(&engine.loop);
	return ENGINE_DONE;
}
