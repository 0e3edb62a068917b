/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "forecast.h"

static const int lifetimes[FORECAST_ROWS] = {100, 64, 47, 45, 6};

/* A rhythm that was learned stays what it is, and so does a client's rule; the rule by lifetime
 * adapts. */
static double due_then(double lifetime, const judgement *verdict, const policy *policy) {
	if (verdict->measured && verdict->due.source == DUE_FROM_HISTORY) {
		return verdict->due.seconds;
	}
	if (policy->renew_before.kind == LIMIT_AUTO && policy->client != NULL) {
		return renewal_due_by_client(lifetime, policy->client);
	}
	return renewal_due_for(lifetime, policy->renew_before, policy->client).seconds;
}

static bool judge_limit(forecast_row *row, resolved_limit limit, double lifetime, bool critical) {
	bool alerts_at_first = limit_alerts(limit, lifetime);
	if (alerts_at_first && limit.seconds > lifetime) {
		row->verdict = FORECAST_WARNS_ALWAYS;
	} else if (alerts_at_first || limit_alerts(limit, row->due)) {
		row->verdict = FORECAST_WARNS_HEALTHY;
	} else {
		return false;
	}
	row->critical = critical;
	row->limit = limit.seconds;
	return true;
}

void forecast(forecast_row rows[FORECAST_ROWS], const judgement *verdict, const policy *policy) {
	for (int i = 0; i < FORECAST_ROWS; i++) {
		double lifetime = lifetimes[i] * SECONDS_PER_DAY;
		forecast_row *row = &rows[i];
		*row = (forecast_row){.days = lifetimes[i], .due = due_then(lifetime, verdict, policy)};
		resolved_limit warning =
			limit_resolve(policy->warning, lifetime, renewal_auto_warning(row->due));
		resolved_limit critical =
			limit_resolve(policy->critical, lifetime, renewal_auto_critical(row->due));
		row->limit = warning.seconds;
		if (row->due >= lifetime || row->due <= 0) {
			row->verdict = FORECAST_RHYTHM_IMPOSSIBLE;
		} else if (!judge_limit(row, critical, lifetime, true)) {
			judge_limit(row, warning, lifetime, false);
		}
	}
}
