/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a renewal client left on this host, as plain values: did it try, did it succeed, when will
 * it try again? One reader per client (client_NAME.c), in a table.
 */
#ifndef CHECK_CERT_RENEWAL_CLIENT_STATE_H
#define CHECK_CERT_RENEWAL_CLIENT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
	CLIENT_STATE_UNREADABLE, /* nothing could be learned: problem says why */
	CLIENT_STATE_NO_LINEAGE, /* the client is there, but has no certificate for the name */
	CLIENT_STATE_KNOWN,
} client_state_kind;

/* Times are seconds since the epoch; 0: not known. Strings are owned; NULL: not known. */
typedef struct {
	client_state_kind kind;
	char *problem;      /* plain words; outside material in it */
	const char *client; /* "certbot", "acme.sh", ...; static */
	char *lineage;      /* the client's name for the certificate */
	char *certificate;  /* path of the certificate it keeps for deployment */
	int64_t not_before; /* of that certificate */
	int64_t not_after;
	int64_t last_attempt; /* the last renewal attempt that left a trace, successful or not */
	bool last_failed;     /* that attempt failed */
	char *reason; /* why, in the client's words, one line; outside material. Where it did not fail:
					 why it does not try, or what went wrong after it (a deploy hook) */
	int64_t next_attempt; /* when the client means to renew */
	int64_t last_run; /* when the client last ran at all (its timer works), if it leaves a trace */
} client_state;

/*
 * Reads the state below path (the client's directory, or one of its files) for the certificate that
 * covers dns_name. Which client it is follows from what is found there. Bounded: files over 4 MiB
 * (of a log all but the end) and more than 10,000 directory entries are not read. Private keys are
 * never read. Returns false when memory runs out.
 */
bool client_state_read(client_state *out, const char *path, const char *dns_name);
void client_state_free(client_state *state);

#endif
