/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "limit.h"

#include "utils_base.h"

#include <math.h>

/* The bound of a range that stands for it where one number must do: the lower, else the upper. */
static double range_bound(mp_range range) {
	if (range.alert_on_inside_range) {
		return range.end_infinity ? mp_get_pd_value(range.start) : mp_get_pd_value(range.end);
	}
	return range.start_infinity ? mp_get_pd_value(range.end) : mp_get_pd_value(range.start);
}

/* A range without any bound alerts never, or (with @) always. */
static bool range_is_unbounded(mp_range range) {
	return range.start_infinity && range.end_infinity;
}

resolved_limit limit_resolve(limit asked, double lifetime, double auto_seconds) {
	resolved_limit result = {.by_range = false};
	switch (asked.kind) {
	case LIMIT_AUTO:
		result.seconds = auto_seconds;
		break;
	case LIMIT_SECONDS:
		result.seconds = asked.value;
		break;
	case LIMIT_SHARE:
		result.seconds = asked.value * fmax(lifetime, 0);
		break;
	case LIMIT_RANGE:
		result.by_range = true;
		result.range = asked.range;
		result.seconds =
			range_is_unbounded(asked.range) ? 0 : range_bound(asked.range) * SECONDS_PER_DAY;
		break;
	}
	return result;
}

bool limit_is_bound(limit asked) {
	return asked.kind == LIMIT_RANGE ? !range_is_unbounded(asked.range) : asked.kind != LIMIT_AUTO;
}

bool limit_alerts(resolved_limit limit, double remaining) {
	if (limit.by_range) {
		return mp_check_range(mp_create_pd_value(remaining / SECONDS_PER_DAY), limit.range);
	}
	return remaining < limit.seconds;
}

/* Alerts when less than one bound remains ("20:", "@~:20", "@0:20"): that bound in days. */
static bool range_floor(mp_range range, double *days) {
	if (range_is_unbounded(range)) {
		return false;
	}
	if (range.alert_on_inside_range ? range.end_infinity : !range.end_infinity) {
		return false;
	}
	*days = range_bound(range);
	return true;
}

bool limit_contradicts(limit warning, limit critical) {
	if (warning.kind != LIMIT_RANGE && critical.kind != LIMIT_RANGE) {
		return warning.kind != LIMIT_AUTO && warning.kind == critical.kind &&
			   critical.value > warning.value;
	}
	double bound[2] = {0, 0};
	const limit *limits[2] = {&warning, &critical};
	for (int i = 0; i < 2; i++) {
		if (limits[i]->kind == LIMIT_SECONDS) {
			bound[i] = limits[i]->value / SECONDS_PER_DAY;
		} else if (limits[i]->kind != LIMIT_RANGE || !range_floor(limits[i]->range, &bound[i])) {
			return false;
		}
	}
	return bound[1] > bound[0];
}
