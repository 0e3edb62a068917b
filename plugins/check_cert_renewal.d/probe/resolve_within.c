/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resolve_within.h"

#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/*
 * getaddrinfo() cannot be interrupted, and may take half a minute. libuv's pool is no help: its
 * threads are few, and joined when the process ends.
 */
typedef struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done;
	bool abandoned; /* the thread frees it */
	int error;
	struct addrinfo *addresses;
	char *host;
	char *port;
} name_lookup;

static const struct addrinfo any_stream = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};

static void lookup_free(name_lookup *lookup) {
	pthread_cond_destroy(&lookup->changed);
	pthread_mutex_destroy(&lookup->lock);
	if (lookup->addresses != NULL) {
		freeaddrinfo(lookup->addresses);
	}
	free(lookup->host);
	free(lookup->port);
	free(lookup);
}

static name_lookup *lookup_new(const char *host, const char *port) {
	name_lookup *lookup = calloc(1, sizeof(*lookup));
	if (lookup == NULL) {
		return NULL;
	}
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&lookup->lock, NULL);
	pthread_cond_init(&lookup->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	lookup->host = strdup(host);
	lookup->port = strdup(port);
	if (lookup->host == NULL || lookup->port == NULL) {
		lookup_free(lookup);
		return NULL;
	}
	return lookup;
}

static void *look_up(void *argument) {
	name_lookup *lookup = argument;
	struct addrinfo *addresses = NULL;
	int error = getaddrinfo(lookup->host, lookup->port, &any_stream, &addresses);
	pthread_mutex_lock(&lookup->lock);
	lookup->error = error;
	lookup->addresses = error == 0 ? addresses : NULL;
	lookup->done = true;
	bool abandoned = lookup->abandoned;
	pthread_cond_signal(&lookup->changed);
	pthread_mutex_unlock(&lookup->lock);
	if (abandoned) {
		lookup_free(lookup);
	}
	return NULL;
}

static bool thread_start(name_lookup *lookup) {
	pthread_t thread;
	if (pthread_create(&thread, NULL, look_up, lookup) != 0) {
		return false;
	}
	pthread_detach(thread);
	return true;
}

/* Waits for the thread; false where it is left to itself. */
static bool lookup_wait(name_lookup *lookup, deadline deadline) {
	struct timespec until = {.tv_sec = (time_t)(deadline.at / 1000000000),
							 .tv_nsec = (long)(deadline.at % 1000000000)};
	pthread_mutex_lock(&lookup->lock);
	while (!lookup->done && pthread_cond_timedwait(&lookup->changed, &lookup->lock, &until) == 0) {
	}
	bool done = lookup->done;
	lookup->abandoned = !done;
	pthread_mutex_unlock(&lookup->lock);
	return done;
}

int resolve_within(struct addrinfo **out, const char *host, const char *port, deadline deadline,
				   bool *timed_out) {
	*timed_out = false;
	struct addrinfo numeric = any_stream;
	numeric.ai_flags |= AI_NUMERICHOST;
	if (getaddrinfo(host, port, &numeric, out) == 0) {
		return 0;
	}
	*out = NULL;
	name_lookup *lookup = lookup_new(host, port);
	if (lookup == NULL || !thread_start(lookup)) {
		if (lookup != NULL) {
			lookup_free(lookup);
		}
		return EAI_MEMORY;
	}
	if (!lookup_wait(lookup, deadline)) {
		*timed_out = true;
		return EAI_AGAIN;
	}
	int error = lookup->error;
	*out = lookup->addresses;
	lookup->addresses = NULL;
	lookup_free(lookup);
	return error;
}
