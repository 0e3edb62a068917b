/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The states of a plugin. Interface: Monitoring Plugins 3, lib/states.h. */
#ifndef NPCOMMON_STATES_H
#define NPCOMMON_STATES_H

/* The numbers are exit codes (developer guidelines, "Plugin Return Codes"). */
typedef enum state_enum {
	STATE_OK,
	STATE_WARNING,
	STATE_CRITICAL,
	STATE_UNKNOWN,
} mp_state_enum;

/* The worse of two states, where UNKNOWN is the least: UNKNOWN < OK < WARNING < CRITICAL.
 * For a result that starts as UNKNOWN and is then made definite. */
static inline mp_state_enum max_state(mp_state_enum a, mp_state_enum b) {
	if (a == STATE_UNKNOWN) {
		return b;
	}
	if (b == STATE_UNKNOWN) {
		return a;
	}
	return a > b ? a : b;
}

/* The worse of two states, where UNKNOWN counts: OK < UNKNOWN < WARNING < CRITICAL. */
static inline mp_state_enum max_state_alt(mp_state_enum a, mp_state_enum b) {
	if (a == STATE_UNKNOWN) {
		return b == STATE_OK ? a : b;
	}
	if (b == STATE_UNKNOWN) {
		return a == STATE_OK ? b : a;
	}
	return a > b ? a : b;
}

#endif
