/* SPDX-License-Identifier: GPL-3.0-or-later */
/* getaddrinfo() that gives up in time, for blocking jobs. */
#ifndef CHECK_CERT_RENEWAL_RESOLVE_WITHIN_H
#define CHECK_CERT_RENEWAL_RESOLVE_WITHIN_H

#include "deadline.h"

#include <stdbool.h>

struct addrinfo;

/*
 * Addresses for stream sockets; free with freeaddrinfo(). Returns 0 or an EAI_ error of
 * getaddrinfo(). Where the time is over, *timed_out is true and the look-up is left to itself: it
 * ends in a thread of its own, which the process does not wait for.
 */
int resolve_within(struct addrinfo **out, const char *host, const char *port, deadline deadline,
				   bool *timed_out);

#endif
