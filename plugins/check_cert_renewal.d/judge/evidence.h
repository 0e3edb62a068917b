/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All that is known of one target, put before the judge: every endpoint, and what disk, memory, CA
 * and renewal client say. What was not asked for is NULL.
 */
#ifndef CHECK_CERT_RENEWAL_EVIDENCE_H
#define CHECK_CERT_RENEWAL_EVIDENCE_H

#include "../facts/client_state.h"
#include "../facts/disk.h"
#include "../facts/observation.h"
#include "../facts/renewal_info.h"
#include "../history/history.h"

#include <stddef.h>

typedef struct {
	const observation *endpoints;
	size_t endpoint_count; /* at least one */
	const disk_certificate *disk;
	const history_record *history; /* before this check was recorded */
	const char *history_problem;   /* why history is not kept; NULL: it is, or was not asked for */
	const renewal_info *ari;
	const certificate *ari_leaf; /* whom it is about; NULL: each leaf */
	const char *ari_problem; /* why the CA's word is not known; NULL: it is, or was not asked for */
	const client_state *client;
} evidence;

#endif
