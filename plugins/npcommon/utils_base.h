/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judging a value, naming a state, ending. Interface: Monitoring Plugins 3, lib/utils_base.h. */
#ifndef NPCOMMON_UTILS_BASE_H
#define NPCOMMON_UTILS_BASE_H

#include "perfdata.h"
#include "states.h"
#include "thresholds.h"

#include <stdbool.h>

/* True means alert: the value lies outside the range, or inside where the range says so. Both ends
 * lie inside (guidelines, "Threshold and Ranges"). A value that is not a number always alerts. */
bool mp_check_range(mp_perfdata_value value, mp_range range);

/* "OK", "WARNING", "CRITICAL"; "UNKNOWN" for everything else. Static. */
const char *state_text(mp_state_enum state);

/* Prints the message on standard output as it is (NULL: nothing) and exits with result. */
void die(int result, const char *fmt, ...) __attribute__((noreturn, format(printf, 2, 3)));

#endif
