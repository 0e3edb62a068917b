/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "finding.h"

#include "policy.h"

#include <string.h>

/* In finding.def: the limits decide; CRITICAL where there is nothing to decide by. */
#define STATE_DEPENDENT STATE_CRITICAL

static const struct {
	const char *name;
	mp_state_enum state;
	const char *meaning;
} table[FINDING_COUNT] = {
#define FINDING(id, name, state, meaning) {name, state, meaning},
#include "finding.def"
#undef FINDING
};

const char *finding_name(finding_id id) { return table[id].name; }

const char *finding_meaning(finding_id id) { return table[id].meaning; }

finding_id finding_by_name(const char *name) {
	for (int id = 0; id < FINDING_COUNT; id++) {
		if (strcmp(table[id].name, name) == 0) {
			return (finding_id)id;
		}
	}
	return FINDING_COUNT;
}

mp_state_enum finding_default_state(finding_id id) { return table[id].state; }

int state_rank(mp_state_enum state) {
	switch (state) {
	case STATE_CRITICAL:
		return 3;
	case STATE_WARNING:
		return 2;
	case STATE_UNKNOWN:
		return 1;
	case STATE_OK:
		break;
	}
	return 0;
}

policy policy_init(void) {
	/* Long enough for a nightly job's next step, short enough for the same day. */
	policy result = {.warning = {.kind = LIMIT_AUTO}, .reload_grace = 3600};
	return result;
}
