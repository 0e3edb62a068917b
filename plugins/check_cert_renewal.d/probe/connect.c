/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From addresses to a connection. Each address is tried in turn until one answers; an address that
 * says nothing does not hold up the next one for longer than the attempt delay of RFC 8305.
 */
#include "probe.h"

#include "../language.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* RFC 8305, section 8: Connection Attempt Delay, milliseconds. */
enum {
	attempt_delay = 250
};

static void try_next(probe *probe);

static const char *advice_for(int error) {
	switch (error) {
	case ECONNREFUSED:
		return _("nothing listens on this port there, or a firewall refuses");
	case EHOSTUNREACH:
	case ENETUNREACH:
		return _("no route there from this machine");
	default:
		return NULL;
	}
}

static address_attempt *attempt_of(const connection *connection) {
	return &connection->probe->seen->attempts[connection->at];
}

static void connection_close(connection *connection) {
	if (connection->polling) {
		connection->polling = false;
		connection->poll.data = connection->probe;
		uv_close((uv_handle_t *)&connection->poll, probe_handle_closed);
	}
	if (connection->fd >= 0) {
		close(connection->fd);
		connection->fd = -1;
	}
}

/* All that was tried has failed: say it, the one address or all of them. */
static void say_unreachable(probe *probe, int last_error) {
	observation *seen = probe->seen;
	if (seen->attempt_count == 1) {
		observation_fail(seen, STEP_CONNECT, advice_for(last_error), _("connect to %s port %u: %s"),
						 seen->attempts[0].address, (unsigned)seen->port,
						 seen->attempts[0].failure);
		return;
	}
	char each[512];
	size_t length = 0;
	for (size_t i = 0; i < seen->attempt_count && length < sizeof(each); i++) {
		length +=
			(size_t)snprintf(each + length, sizeof(each) - length, "%s%s: %s", i > 0 ? "; " : "",
							 seen->attempts[i].address, seen->attempts[i].failure);
	}
	observation_fail(seen, STEP_CONNECT, advice_for(last_error),
					 _("connect to port %u: none of %zu addresses answers: %s"),
					 (unsigned)seen->port, seen->attempt_count, each);
}

static void connection_failed(connection *connection, int error) {
	probe *probe = connection->probe;
	connection_close(connection);
	attempt_of(connection)->failure = strdup(_(strerror(error)));
	if (probe->next_address == NULL && probe->connections_pending == 0) {
		say_unreachable(probe, error);
		probe_finish(probe);
	}
}

static void connection_made(connection *connection) {
	probe *probe = connection->probe;
	probe->established = connection;
	uv_timer_stop(&probe->stagger);
	for (size_t i = 0; i < probe->connection_count; i++) {
		if (&probe->connections[i] != connection && probe->connections[i].fd >= 0) {
			connection_close(&probe->connections[i]);
			attempt_of(&probe->connections[i])->failure = strdup(_("no answer yet"));
		}
	}
	probe->seen->seconds_connect = seconds_since(probe->step_started);
	snprintf(probe->seen->address, sizeof(probe->seen->address), "%s",
			 attempt_of(connection)->address);
	handshake_start(probe);
}

static void connection_ready(uv_poll_t *poll, int status, int events) {
	(void)events;
	connection *connection = poll->data;
	int error = 0;
	socklen_t size = sizeof(error);
	if (getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
		error = errno;
	} else if (error == 0 && status != 0) {
		error = -status; /* libuv says EBADF for any error: the socket knows better */
	}
	connection->probe->connections_pending--;
	/* A server that accepts and resets at once did answer: the handshake meets the reset, and says
	 * so. */
	if (error == 0 || error == ECONNRESET) {
		uv_poll_stop(poll);
		connection_made(connection);
		return;
	}
	probe *probe = connection->probe;
	connection_failed(connection, error);
	if (!probe->finished) {
		try_next(probe);
	}
}

/* Starts one connection; returns the error that it ended with at once, 0 if it goes on or is made.
 */
static int connection_begin(connection *connection, const struct addrinfo *address) {
	probe *probe = connection->probe;
	connection->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (connection->fd < 0) {
		return errno;
	}
	int error = uv_poll_init(&probe->engine->loop, &connection->poll, connection->fd);
	if (error != 0) {
		return -error;
	}
	connection->poll.data = connection;
	connection->polling = true;
	probe_handle_opened(probe);
	if (connect(connection->fd, address->ai_addr, address->ai_addrlen) != 0 &&
		errno != EINPROGRESS) {
		return errno;
	}
	/* Also where it was made at once: it is writable then. */
	return -uv_poll_start(&connection->poll, UV_WRITABLE, connection_ready);
}

bool attempt_add(observation *seen, const struct addrinfo *address) {
	if (seen->attempt_count == OBSERVATION_ATTEMPTS_MAX) {
		return true;
	}
	address_attempt *attempts =
		realloc(seen->attempts, (seen->attempt_count + 1) * sizeof(*attempts));
	if (attempts == NULL) {
		return false;
	}
	seen->attempts = attempts;
	address_attempt *added = &attempts[seen->attempt_count++];
	*added = (address_attempt){.failure = NULL};
	getnameinfo(address->ai_addr, address->ai_addrlen, added->address, sizeof(added->address), NULL,
				0, NI_NUMERICHOST);
	return true;
}

static void delay_over(uv_timer_t *timer) { try_next(timer->data); }

static void try_next(probe *probe) {
	while (!probe->finished && probe->next_address != NULL) {
		const struct addrinfo *address = probe->next_address;
		probe->next_address =
			probe->connection_count + 1 < OBSERVATION_ATTEMPTS_MAX ? address->ai_next : NULL;
		connection *connection = &probe->connections[probe->connection_count++];
		connection->probe = probe;
		connection->fd = -1;
		connection->at = probe->seen->attempt_count;
		if (!attempt_add(probe->seen, address)) {
			observation_fail(probe->seen, STEP_CONNECT, NULL, _("out of memory"));
			probe_finish(probe);
			return;
		}
		int error = connection_begin(connection, address);
		if (error == 0) {
			probe->connections_pending++;
			if (probe->next_address != NULL) {
				uv_timer_start(&probe->stagger, delay_over, attempt_delay, 0);
			}
			return;
		}
		connection_failed(connection, error);
	}
}

void connect_start(probe *probe) {
	probe->step = STEP_CONNECT;
	probe->step_started = uv_hrtime();
	size_t count = 0;
	for (const struct addrinfo *at = probe->addresses; at != NULL; at = at->ai_next) {
		count++;
	}
	count = count < OBSERVATION_ATTEMPTS_MAX ? count : OBSERVATION_ATTEMPTS_MAX;
	probe->connections = calloc(count > 0 ? count : 1, sizeof(*probe->connections));
	if (probe->connections == NULL || count == 0) {
		observation_fail(probe->seen, STEP_CONNECT, NULL,
						 count == 0 ? _("no address to connect to") : _("out of memory"));
		probe_finish(probe);
		return;
	}
	probe->next_address = probe->addresses;
	try_next(probe);
}

void connect_timed_out(probe *probe) {
	for (size_t i = 0; i < probe->connection_count; i++) {
		address_attempt *attempt = attempt_of(&probe->connections[i]);
		if (attempt->failure == NULL) {
			attempt->failure = strdup(_("no answer"));
		}
	}
	observation *seen = probe->seen;
	if (seen->attempt_count == 1) {
		observation_fail(seen, STEP_CONNECT, _("host down, or a firewall drops packets"),
						 _("connect to %s port %u: no answer within %g s"),
						 seen->attempts[0].address, (unsigned)seen->port,
						 probe->target->options.timeout);
	} else {
		say_unreachable(probe, ETIMEDOUT);
	}
}

void connect_release(probe *probe) {
	for (size_t i = 0; i < probe->connection_count; i++) {
		connection_close(&probe->connections[i]);
	}
}
