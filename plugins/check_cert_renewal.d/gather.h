/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is known of a target beside what the network shows: the certificate on disk, history, the
 * CA's own word, and what the renewal client left behind. Only what was asked for is looked at.
 */
#ifndef CHECK_CERT_RENEWAL_GATHER_H
#define CHECK_CERT_RENEWAL_GATHER_H

#include "config.h"
#include "facts/trust.h"
#include "judge/evidence.h"
#include "observe.h"

#include <stdbool.h>
#include <stdint.h>

/* The evidence of one target and what it points to. Owned; free with gathered_free(). */
typedef struct {
	evidence evidence; /* for the judge */
	disk_certificate disk;
	history_record history;
	renewal_info ari;
	client_state client;
	char *history_problem;
	char *ari_problem;
} gathered;

/* Gathers for each item of the list, into an array of as many; NULL when memory runs out. */
gathered *gather(const observed_list *list, const config *config, history *history,
				 const char *history_problem);
void gathered_free(gathered *all, size_t count);

/* Records what was seen. Says in the evidence why not, where it could not be. */
void gather_record(gathered *all, const observed_list *list, history *history, int64_t now);

#endif
