/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "utils_base.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool mp_check_range(mp_perfdata_value value, mp_range range) {
	if (value.type == PD_TYPE_DOUBLE && isnan(value.pd_double)) {
		return true;
	}
	bool below = !range.start_infinity && cmp_perfdata_value(value, range.start) < 0;
	bool above = !range.end_infinity && cmp_perfdata_value(value, range.end) > 0;
	bool inside = !below && !above;
	return inside == range.alert_on_inside_range;
}

const char *state_text(mp_state_enum state) {
	switch (state) {
	case STATE_OK:
		return "OK";
	case STATE_WARNING:
		return "WARNING";
	case STATE_CRITICAL:
		return "CRITICAL";
	case STATE_UNKNOWN:
		break;
	}
	return "UNKNOWN";
}

void die(int result, const char *fmt, ...) {
	if (fmt != NULL) {
		va_list arguments;
		va_start(arguments, fmt);
		vprintf(fmt, arguments);
		va_end(arguments);
	}
	exit(result);
}
