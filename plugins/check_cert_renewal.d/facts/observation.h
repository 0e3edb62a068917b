/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was observed of one target: the probe or the file reader fills it in, the judge reads it.
 * Everything in it is owned by it; free with observation_free().
 */
#ifndef CHECK_CERT_RENEWAL_OBSERVATION_H
#define CHECK_CERT_RENEWAL_OBSERVATION_H

#include "certificate.h"
#include "verification.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far it came, or where it failed. */
typedef enum {
	STEP_USAGE, /* the target itself makes no sense */
	STEP_FILE,
	STEP_RESOLVE,
	STEP_CONNECT,
	STEP_HANDSHAKE,
	STEP_DONE,
} observation_step;

/* What one address answered. */
typedef struct {
	char address[64]; /* numeric */
	char *failure;    /* plain words; NULL: this is the one that answered */
} address_attempt;

#define OBSERVATION_ATTEMPTS_MAX 64

typedef struct observation {
	observation_step failed; /* STEP_DONE: nothing failed */
	char *failure;      /* plain words (may quote outside material); NULL where nothing failed */
	const char *advice; /* static: what to do about it; NULL: nothing to say */

	/* host targets */
	address_attempt *attempts; /* in the order they were made */
	size_t attempt_count;
	char address[64]; /* numeric, of the endpoint that answered; "" if none did */
	uint16_t port;
	const char *tls_version; /* static; NULL without a handshake */
	const char *cipher;      /* static; likewise */
	bool tls_below_floor;    /* older than TLS 1.2 */
	bool client_certificate_asked;
	bool client_certificate_required; /* the server ended the handshake for want of one */
	double seconds_resolve;           /* negative: not measured */
	double seconds_connect;
	double seconds_handshake;
	double seconds_total;

	/* file targets */
	char *file;

	char *renewal_id; /* the leaf's ARI identifier, where it was wanted and has one */

	/* the certificates, leaf first, as sent or as the file has them */
	chain served;
	verification verification;
} observation;

void observation_init(observation *observation);
void observation_free(observation *observation);

/*
 * Says where it failed, in plain words (printf format). The first failure said is kept. advice is
 * static or NULL.
 */
void observation_fail(observation *observation, observation_step step, const char *advice,
					  const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
