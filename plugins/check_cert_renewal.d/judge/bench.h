/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the judge's parts have before them. Internal to this room. */
#ifndef CHECK_CERT_RENEWAL_BENCH_H
#define CHECK_CERT_RENEWAL_BENCH_H

#include "judge.h"

typedef struct {
	judgement *out;
	const observation *seen;  /* the endpoint being judged */
	const evidence *evidence; /* NULL where one endpoint is judged by itself */
	const policy *policy;
	const renewal_knowledge *known; /* NULL: nothing beyond rules */
	int64_t now;
} bench;

/* Adds a finding; one that is not OK gets the state that --severity gives it. */
void bench_add(bench *bench, finding finding);
void bench_add_plain(bench *bench, finding_id id, mp_state_enum state, finding_reason reason);

/* All findings that one endpoint gives by itself. */
void judge_endpoint(bench *bench);

/* Findings that need more than one endpoint's word (renewal_judge.c). */
void judge_renewal(bench *bench);

/* What history and CA know of this certificate's renewal (renewal_judge.c). */
renewal_knowledge judge_knowledge(const evidence *evidence, const observation *seen);

/* Sorts the findings and sets the state. */
void judgement_finish(judgement *out);

bool is_same_certificate(const certificate *left, const certificate *right);

#endif
