/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "thresholds.h"

mp_thresholds mp_thresholds_init(void) {
	return (mp_thresholds){
		.warning_is_set = false,
		.warning = mp_range_init(),
		.critical_is_set = false,
		.critical = mp_range_init(),
	};
}

mp_thresholds mp_thresholds_set_warn(mp_thresholds thlds, mp_range warn) {
	thlds.warning_is_set = true;
	thlds.warning = warn;
	return thlds;
}

mp_thresholds mp_thresholds_set_crit(mp_thresholds thlds, mp_range crit) {
	thlds.critical_is_set = true;
	thlds.critical = crit;
	return thlds;
}

mp_perfdata mp_pd_set_thresholds(mp_perfdata pd, mp_thresholds th) {
	if (th.warning_is_set) {
		pd.warn_present = true;
		pd.warn = th.warning;
	}
	if (th.critical_is_set) {
		pd.crit_present = true;
		pd.crit = th.critical;
	}
	return pd;
}
