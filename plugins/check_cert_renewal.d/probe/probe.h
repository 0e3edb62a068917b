/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One probe: the observation of one target, step by step. Internal to this room.
 *
 *   resolve.c -> connect.c -> handshake.c -> probe_finish()
 *
 * A step never blocks. It ends by calling the next step's start, or by observation_fail() and
 * probe_finish().
 */
#ifndef CHECK_CERT_RENEWAL_PROBE_H
#define CHECK_CERT_RENEWAL_PROBE_H

#include "engine.h"

#include <netdb.h>
#include <openssl/ssl.h>
#include <uv.h>

struct probe;

/* A connection being made to one address. */
typedef struct {
	struct probe *probe;
	uv_poll_t poll;
	int fd;       /* -1: closed */
	bool polling; /* the handle is open */
	size_t at;    /* index in the observation's attempts */
} connection;

/* A look-up in progress. It outlives its probe where the name server never answers. */
typedef struct {
	uv_getaddrinfo_t request;
	struct probe *probe; /* NULL: the probe has given up on it */
	struct engine *engine;
} lookup;

typedef struct engine {
	uv_loop_t loop;
	verify_terms terms;
	const engine_job *jobs;
	size_t job_count;
	size_t next_job;
	size_t running; /* probes not yet freed */
	size_t lookups; /* look-ups not yet answered */
	SSL_CTX *tls;   /* made when the first handshake needs it */
} engine;

typedef struct probe {
	engine *engine;
	const engine_job *job;
	const target *target; /* the job's */
	observation *seen;    /* the job's */

	uv_timer_t deadline;
	uv_timer_t stagger; /* until the next address is tried beside the ones that have not answered */
	size_t open_handles;
	bool finished;

	observation_step step; /* what is going on now */
	uint64_t started;      /* uv_hrtime(), nanoseconds */
	uint64_t step_started;

	lookup *lookup; /* owned by its request */
	struct addrinfo *addresses;
	const struct addrinfo *next_address;
	connection *connections; /* one per address */
	size_t connection_count;
	size_t connections_pending;

	connection *established;
	SSL *ssl;
	X509 *leaf; /* as the server sent them */
	STACK_OF(X509) * sent;
	unsigned char first_bytes[5]; /* of the server's first record */
	bool first_bytes_known;
	size_t records; /* received */
	bool cut_off;   /* the server sends without end: it is read no more */
} probe;

/* Adds the address to those that were tried, OBSERVATION_ATTEMPTS_MAX at most. False: out of
 * memory. */
bool attempt_add(observation *seen, const struct addrinfo *address);

/* Seconds since a uv_hrtime(). */
double seconds_since(uint64_t start);

/* Ends the probe, whatever is still open; the observation is complete then. */
void probe_finish(probe *probe);

/* The steps. */
void resolve_start(probe *probe);
void connect_start(probe *probe);
void handshake_start(probe *probe);

/* What is said when the time is over in each of them. */
void resolve_timed_out(probe *probe);
void connect_timed_out(probe *probe);
void handshake_timed_out(probe *probe);

/* Releases what the step holds. */
void resolve_release(probe *probe);
void connect_release(probe *probe);
void handshake_release(probe *probe);

/* The TLS context for all probes; NULL where it cannot be had. */
SSL_CTX *handshake_context_new(void);

/* Counts a libuv handle of this probe as open; give this to uv_close() for it. */
void probe_handle_opened(probe *probe);
void probe_handle_closed(uv_handle_t *handle);

/* Says in plain words why the handshake failed (tls_words.c). result is SSL_get_error()'s. */
void tls_failure_say(probe *probe, int result, int system_error);

#endif
