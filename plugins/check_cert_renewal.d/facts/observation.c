/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observation.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Failure texts quote outside material; this much is enough for a reader. */
#define FAILURE_MAX 1024

void observation_init(observation *observation) {
	*observation = (struct observation){
		.failed = STEP_DONE,
		.seconds_resolve = -1,
		.seconds_connect = -1,
		.seconds_handshake = -1,
		.seconds_total = -1,
	};
}

void observation_free(observation *observation) {
	for (size_t i = 0; i < observation->attempt_count; i++) {
		free(observation->attempts[i].failure);
	}
	free(observation->attempts);
	free(observation->failure);
	free(observation->file);
	free(observation->renewal_id);
	chain_free(&observation->served);
	verification_free(&observation->verification);
	observation_init(observation);
}

void observation_fail(observation *observation, observation_step step, const char *advice,
					  const char *format, ...) {
	if (observation->failed != STEP_DONE) {
		return;
	}
	observation->failed = step;
	observation->advice = advice;
	char words[FAILURE_MAX];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	observation->failure = strdup(words);
}
