/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pair of ranges. Interface: Monitoring Plugins 3, lib/thresholds.h. */
#ifndef NPCOMMON_THRESHOLDS_H
#define NPCOMMON_THRESHOLDS_H

#include "perfdata.h"
#include "states.h"

#include <stdbool.h>

typedef struct {
	bool warning_is_set;
	mp_range warning;
	bool critical_is_set;
	mp_range critical;
} mp_thresholds;

/* Neither is set. */
mp_thresholds mp_thresholds_init(void);

/* Copies with that range set. */
mp_thresholds mp_thresholds_set_warn(mp_thresholds thlds, mp_range warn);
mp_thresholds mp_thresholds_set_crit(mp_thresholds thlds, mp_range crit);

/* A copy of the item with the ranges that are set; what is not set stays as it was. */
mp_perfdata mp_pd_set_thresholds(mp_perfdata pd, mp_thresholds th);

#endif
