/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All endpoints of a target, and what else is known of it, into one judgement. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

/* Is what that endpoint found the same as what is known already? */
static bool is_known(const judgement *out, const finding *new) {
	for (size_t i = 0; i < out->finding_count; i++) {
		const finding *known = &out->findings[i];
		if (known->id == new->id && known->reason == new->reason && known->state == new->state &&
			known->problem.kind == new->problem.kind &&new->reason != REASON_FAILED &&new->reason !=
				REASON_CLIENT_CERTIFICATE) {
			return true;
		}
	}
	return false;
}

/* How bad the time left is at an endpoint. Lifetimes may differ: few days need not be the worst. */
static int expiry_rank(const judgement *endpoint) {
	for (size_t i = 0; i < endpoint->finding_count; i++) {
		if (endpoint->findings[i].id == FINDING_EXPIRY) {
			return state_rank(endpoint->findings[i].state);
		}
	}
	return 0;
}

/* The endpoint that decides: the worst one, among equals the first to end, else the first. */
static size_t deciding_endpoint(const evidence *evidence, const judgement *each) {
	size_t decides = 0;
	for (size_t i = 1; i < evidence->endpoint_count; i++) {
		int worse = expiry_rank(&each[i]) - expiry_rank(&each[decides]);
		if (each[i].measured && (!each[decides].measured || worse > 0 ||
								 (worse == 0 && each[i].remaining < each[decides].remaining))) {
			decides = i;
		}
	}
	return decides;
}

/* Moves the deciding endpoint's judgement into out and adds what only others found. */
static void merge(judgement *out, const evidence *evidence, judgement *each) {
	size_t decides = deciding_endpoint(evidence, each);
	*out = each[decides];
	each[decides] = (judgement){.state = STATE_OK};
	for (size_t i = 0; i < out->finding_count && evidence->endpoint_count > 1; i++) {
		out->findings[i].endpoint = &evidence->endpoints[decides];
	}
	policy neutral = policy_init();
	bench bench = {.out = out, .policy = &neutral};
	for (size_t i = 0; i < evidence->endpoint_count; i++) {
		out->incomplete = out->incomplete || each[i].incomplete;
		if (each[i].measured && each[i].smallest_remaining < out->smallest_remaining) {
			out->smallest_remaining = each[i].smallest_remaining;
		}
		for (size_t j = 0; j < each[i].finding_count; j++) {
			finding *found = &each[i].findings[j];
			/* The others' time left is no news: the first to end is told, and consistency the rest.
			 */
			bool is_time_left = found->id == FINDING_EXPIRY && found->reason != REASON_DATE_UNKNOWN;
			bool is_news = !is_time_left && (found->state != STATE_OK || found->notable);
			if (is_news && !is_known(out, found)) {
				found->endpoint = &evidence->endpoints[i];
				bench_add(&bench, *found);
			}
		}
	}
}

void judge_target(judgement *out, const evidence *evidence, const policy *policy, int64_t now) {
	judgement *each = calloc(evidence->endpoint_count, sizeof(*each));
	renewal_knowledge known = {.ari_known = false};
	if (each == NULL) {
		*out = (judgement){.state = STATE_UNKNOWN, .incomplete = true};
		return;
	}
	for (size_t i = 0; i < evidence->endpoint_count; i++) {
		each[i] = (judgement){.state = STATE_OK};
		known = judge_knowledge(evidence, &evidence->endpoints[i]);
		bench bench = {.out = &each[i],
					   .seen = &evidence->endpoints[i],
					   .evidence = evidence,
					   .policy = policy,
					   .known = &known,
					   .now = now};
		judge_endpoint(&bench);
	}
	merge(out, evidence, each);
	for (size_t i = 0; i < evidence->endpoint_count; i++) {
		judgement_free(&each[i]);
	}
	free(each);
	out->endpoint_count = evidence->endpoint_count;

	const observation *seen = out->endpoint != NULL ? out->endpoint : &evidence->endpoints[0];
	known = judge_knowledge(evidence, seen);
	bench bench = {.out = out,
				   .seen = seen,
				   .evidence = evidence,
				   .policy = policy,
				   .known = &known,
				   .now = now};
	judge_renewal(&bench);
	judgement_finish(out);
}
