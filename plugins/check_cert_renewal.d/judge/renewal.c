/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "renewal.h"

#include <math.h>
#include <string.h>

/* Under this lifetime a certificate is renewed when half of it is left. */
static const double short_lifetime = 10 * SECONDS_PER_DAY;
/* No rule by lifetime asks for renewal earlier than this. */
static const double earliest_due = 30 * SECONDS_PER_DAY;

static const renewal_client clients[] = {
#define CLIENT(name, rule, value, least, source) {name, rule, value, least, source},
#include "client.def"
#undef CLIENT
};

const renewal_client *renewal_clients(size_t *count) {
	*count = sizeof(clients) / sizeof(clients[0]);
	return clients;
}

const renewal_client *renewal_client_by_name(const char *name) {
	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		if (strcmp(clients[i].name, name) == 0) {
			return &clients[i];
		}
	}
	return NULL;
}

static double due_third(double lifetime) {
	return lifetime < short_lifetime ? lifetime / 2 : lifetime / 3;
}

static double due_by_lifetime(double lifetime) { return fmin(due_third(lifetime), earliest_due); }

/*
 * Traefik 3, pkg/provider/acme: getCertificateRenewDurations. It takes the lifetime in whole hours,
 * rounded, so that a certificate one second short of 90 days counts as 90 days.
 */
static double due_by_steps(double lifetime) {
	static const struct {
		double lifetime_hours;
		double left_hours;
	} steps[] = {
		{365 * 24, 120 * 24}, {90 * 24, 30 * 24}, {30 * 24, 10 * 24}, {6 * 24, 2 * 24}, {24, 6},
		{0, 1.0 / 3}};
	double hours = round(lifetime / 3600);
	size_t i = 0;
	while (hours < steps[i].lifetime_hours) {
		i++;
	}
	return steps[i].left_hours * 3600;
}

double renewal_due_by_client(double lifetime, const renewal_client *client) {
	switch (client->rule) {
	case DUE_THIRD:
		return lifetime / 3;
	case DUE_DAYS_LEFT:
		return client->value * SECONDS_PER_DAY;
	case DUE_DAYS_AFTER:
		return client->least > 0 ? fmax(lifetime - client->value * SECONDS_PER_DAY,
										client->least * SECONDS_PER_DAY)
								 : lifetime - client->value * SECONDS_PER_DAY;
	case DUE_BY_STEPS:
		return due_by_steps(lifetime);
	case DUE_THIRD_OR_HALF:
		break;
	}
	return due_third(lifetime);
}

renewal_due renewal_due_for(double lifetime, limit renew_before, const renewal_client *client) {
	lifetime = fmax(lifetime, 0);
	if (renew_before.kind != LIMIT_AUTO) {
		return (renewal_due){limit_resolve(renew_before, lifetime, 0).seconds, DUE_FROM_OPTION};
	}
	if (client != NULL) {
		double due = renewal_due_by_client(lifetime, client);
		if (due > 0 && due < lifetime) {
			return (renewal_due){due, DUE_FROM_CLIENT};
		}
	}
	return (renewal_due){due_by_lifetime(lifetime), DUE_FROM_LIFETIME};
}

renewal_due renewal_due_known(double lifetime, limit renew_before, const renewal_client *client,
							  const renewal_knowledge *known) {
	if (renew_before.kind == LIMIT_AUTO && known != NULL) {
		if (known->ari_known) {
			return (renewal_due){fmax(known->ari_seconds, 0), DUE_FROM_ARI};
		}
		if (known->learned) {
			return (renewal_due){known->learned_seconds, DUE_FROM_HISTORY};
		}
	}
	return renewal_due_for(lifetime, renew_before, client);
}

double renewal_grace(double lifetime) { return fmin(SECONDS_PER_DAY, fmax(lifetime, 0) / 20); }

double renewal_lifetime_allowed(int64_t not_before) {
	static const struct {
		int64_t from; /* seconds since the epoch */
		int days;
	} steps[] = {
		{1868227200, 47},  /* 2029-03-15 */
		{1805068800, 100}, /* 2027-03-15 */
		{1773532800, 200}, /* 2026-03-15 */
		{1598918400, 398}, /* 2020-09-01 */
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (not_before >= steps[i].from) {
			return steps[i].days * SECONDS_PER_DAY;
		}
	}
	return 825 * SECONDS_PER_DAY; /* 2018-03-01 */
}

double renewal_auto_warning(double due_seconds) { return due_seconds * 5 / 6; }

double renewal_auto_critical(double due_seconds) { return due_seconds / 3; }
