/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a name to addresses. A numeric address needs no look-up and no thread. */
#include "probe.h"

#include "../language.h"

#include <stdio.h>
#include <stdlib.h>

static int family_of(address_family family) {
	switch (family) {
	case FAMILY_IPV4:
		return AF_INET;
	case FAMILY_IPV6:
		return AF_INET6;
	case FAMILY_ANY:
		break;
	}
	return AF_UNSPEC;
}

static void say_no_address(const probe *probe, const char *advice, const char *why) {
	address_family family = probe->target->options.family;
	observation_fail(probe->seen, STEP_RESOLVE, advice,
					 family == FAMILY_IPV4   ? _("no IPv4 address for %s: %s")
					 : family == FAMILY_IPV6 ? _("no IPv6 address for %s: %s")
											 : _("no address for %s: %s"),
					 probe->job->host, why);
}

/* Each address once: they become the attempts that somebody else will make. */
static void list_addresses(probe *probe) {
	for (const struct addrinfo *at = probe->addresses; at != NULL; at = at->ai_next) {
		if (!attempt_add(probe->seen, at)) {
			observation_fail(probe->seen, STEP_RESOLVE, NULL, _("out of memory"));
			return;
		}
	}
}

static void resolved(probe *probe, struct addrinfo *addresses) {
	probe->addresses = addresses;
	probe->seen->seconds_resolve = seconds_since(probe->step_started);
	if (probe->job->resolve_only) {
		list_addresses(probe);
		probe_finish(probe);
		return;
	}
	connect_start(probe);
}

static const char *advice_for(int error) {
	switch (error) {
	case UV_EAI_NONAME:
		return _("is the name spelled right, and is there an A or AAAA record for it?");
	case UV_EAI_AGAIN:
		return _("the name server did not answer: check the resolver of this machine");
	default:
		return NULL;
	}
}

static void answered(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses) {
	lookup *lookup = request->data;
	probe *probe = lookup->probe;
	lookup->engine->lookups--;
	free(lookup);
	if (probe == NULL) {
		uv_freeaddrinfo(addresses);
		return;
	}
	probe->lookup = NULL;
	if (status != 0) {
		say_no_address(probe, advice_for(status), _(uv_strerror(status)));
		probe_finish(probe);
		return;
	}
	resolved(probe, addresses);
}

static bool look_up(probe *probe, const char *service, const struct addrinfo *hints) {
	lookup *lookup = calloc(1, sizeof(*lookup));
	if (lookup == NULL) {
		return false;
	}
	lookup->probe = probe;
	lookup->engine = probe->engine;
	lookup->request.data = lookup;
	if (uv_getaddrinfo(&probe->engine->loop, &lookup->request, answered, probe->job->host, service,
					   hints) != 0) {
		free(lookup);
		return false;
	}
	probe->lookup = lookup;
	probe->engine->lookups++;
	return true;
}

void resolve_start(probe *probe) {
	probe->step = STEP_RESOLVE;
	probe->step_started = uv_hrtime();
	char service[8];
	snprintf(service, sizeof(service), "%u", (unsigned)probe->target->port);
	struct addrinfo hints = {
		.ai_family = family_of(probe->target->options.family),
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	};
	struct addrinfo *addresses = NULL;
	int error = getaddrinfo(probe->job->host, service, &hints, &addresses);
	if (error == 0) {
		resolved(probe, addresses);
		return;
	}
	if (error == EAI_ADDRFAMILY) {
		observation_fail(probe->seen, STEP_RESOLVE, NULL,
						 probe->target->options.family == FAMILY_IPV6
							 ? _("%s is not an IPv6 address")
							 : _("%s is not an IPv4 address"),
						 probe->job->host);
		probe_finish(probe);
		return;
	}
	hints.ai_flags = AI_NUMERICSERV;
	if (!look_up(probe, service, &hints)) {
		observation_fail(probe->seen, STEP_RESOLVE, NULL, _("cannot look up %s: out of memory"),
						 probe->job->host);
		probe_finish(probe);
	}
}

void resolve_timed_out(probe *probe) {
	observation_fail(probe->seen, STEP_RESOLVE, advice_for(UV_EAI_AGAIN),
					 _("no answer from the name server for %s within %g s"), probe->job->host,
					 probe->target->options.timeout);
}

void resolve_release(probe *probe) {
	if (probe->lookup != NULL) {
		probe->lookup->probe = NULL;
		uv_cancel((uv_req_t *)&probe->lookup->request);
		probe->lookup = NULL;
	}
	if (probe->addresses != NULL) {
		freeaddrinfo(probe->addresses);
		probe->addresses = NULL;
	}
}
