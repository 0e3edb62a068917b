/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "quiet_report.h"

#include "language.h"

#include <string.h>

enum {
	CLOCK_SIZE = 24,
};

static const char *const week_days[WEEK_DAYS] = {
	N_("Sunday"),   N_("Monday"), N_("Tuesday"),  N_("Wednesday"),
	N_("Thursday"), N_("Friday"), N_("Saturday"),
};

/* "03:25" for a slot of the day, also of the next one. */
static const char *clock_of(int slot_of_day, char out[CLOCK_SIZE]) {
	int at = slot_of_day % SLOTS_PER_DAY;
	snprintf(out, CLOCK_SIZE, "%02d:%02d", at / SLOTS_PER_HOUR, at % SLOTS_PER_HOUR * SLOT_MINUTES);
	return out;
}

static void date_and_clock(const wall *wall, int64_t seconds, char out[CLOCK_SIZE]) {
	struct tm shown = wall_at(wall, seconds);
	strftime(out, CLOCK_SIZE, "%Y-%m-%d %H:%M", &shown);
}

/* The median; for several days with the least and the most. */
static void say_traffic(FILE *out, const window *window) {
	const spread *visits = &window->traffic.visits;
	const spread *requests = &window->traffic.requests;
	number median = quiet_number(visits->median);
	number of_requests = quiet_number(requests->median);
	if (visits->seen == 1) {
		fprintf(out, _("  visits: %s, requests: %s\n"), median.text, of_requests.text);
		return;
	}
	number least = quiet_number(visits->least);
	number most = quiet_number(visits->most);
	number least_requests = quiet_number(requests->least);
	number most_requests = quiet_number(requests->most);
	fprintf(out, _("  visits: %s (%s to %s), requests: %s (%s to %s)\n"), median.text, least.text,
			most.text, of_requests.text, least_requests.text, most_requests.text);
	fprintf(out,
			ngettext("  seen %u time: median (least to most)\n",
					 "  seen %u times: median (least to most)\n", visits->seen),
			(unsigned)visits->seen);
}

static void say_next(FILE *out, const quiet_report *report, const window *window) {
	int64_t next = quiet_report_next(report, window);
	char begin[CLOCK_SIZE];
	char end[CLOCK_SIZE];
	char zone[32];
	date_and_clock(&report->wall, next, begin);
	date_and_clock(&report->wall, next + slot_start(report->config->window), end);
	wall_name(&report->wall, next, zone, sizeof(zone));
	fprintf(out, _("  next: %s to %s (%s)\n"), begin, end, zone);
}

static void say_windows(FILE *out, const quiet_report *report) {
	const fold *fold = report->fold;
	int minutes = report->config->window * SLOT_MINUTES;
	char begin[CLOCK_SIZE];
	char end[CLOCK_SIZE];
	if (fold->day.slot_of_day < 0) {
		fprintf(out, _("No %d minutes were seen as a whole: the logs are too short.\n"), minutes);
		return;
	}
	clock_of(fold->day.slot_of_day, begin);
	clock_of(fold->day.slot_of_day + report->config->window, end);
	fprintf(out, _("Quietest %d minutes of the day: %s to %s\n"), minutes, begin, end);
	say_traffic(out, &fold->day);
	say_next(out, report, &fold->day);
	if (fold->week.slot_of_day >= 0) {
		clock_of(fold->week.slot_of_day, begin);
		clock_of(fold->week.slot_of_day + report->config->window, end);
		fprintf(out, _("Quietest %d minutes of the week: %s, %s to %s\n"), minutes,
				_(week_days[fold->week.week_day]), begin, end);
		say_traffic(out, &fold->week);
		say_next(out, report, &fold->week);
	}
}

static void say_period(FILE *out, const quiet_report *report) {
	const fold *fold = report->fold;
	char begin[CLOCK_SIZE];
	char end[CLOCK_SIZE];
	char zone[32];
	char zone_end[32];
	date_and_clock(&report->wall, slot_start(fold->begin), begin);
	date_and_clock(&report->wall, slot_start(fold->end), end);
	wall_name(&report->wall, slot_start(fold->begin), zone, sizeof(zone));
	wall_name(&report->wall, slot_start(fold->end), zone_end, sizeof(zone_end));
	if (strcmp(zone, zone_end) == 0) {
		fprintf(out, _("Logs from %s to %s, times in %s.\n"), begin, end, zone);
	} else {
		fprintf(out, _("Logs from %s (%s) to %s (%s).\n"), begin, zone, end, zone_end);
	}
	if (!fold->several_days) {
		fputs(_("They have seen each hour once: other days may differ.\n"), out);
	} else if (fold->week.slot_of_day < 0) {
		fputs(_("For days of the week, logs of two weeks are needed.\n"), out);
	}
}

/* As many addresses as a site with visitors cannot have. */
static bool is_behind_proxy(const count *count) {
	return count->requests[VISITOR_PERSON] >= 1000 &&
		   visits_total(&count->visits[VISITOR_PERSON]) <= 2;
}

static void say_visitors(FILE *out, const quiet_report *report) {
	const count *count = report->count;
	number requests = quiet_number((double)count->requests[report->of]);
	number addresses = quiet_number(visits_total(&count->visits[report->of]));
	number bots = quiet_number((double)count->requests[VISITOR_BOT]);
	switch (report->config->bots) {
	case BOTS_APART:
		fprintf(out, _("Counted: %s requests from %s addresses; %s requests of bots apart.\n"),
				requests.text, addresses.text, bots.text);
		break;
	case BOTS_WITH:
		fprintf(out, _("Counted: %s requests from %s addresses, bots among them.\n"), requests.text,
				addresses.text);
		break;
	case BOTS_ONLY:
		fprintf(out, _("Counted: %s requests from %s addresses, bots only.\n"), requests.text,
				addresses.text);
		break;
	}
	if (is_behind_proxy(count)) {
		fputs(_("Nearly all come from one address: behind a proxy, the log has to have the address "
				"of "
				"the client.\n"),
			  out);
	}
}

static void say_counts(FILE *out, const quiet_report *report) {
	const count *count = report->count;
	const visits *visits = &count->visits[report->of];
	say_visitors(out, report);
	if (visits->estimating) {
		fprintf(out,
				_("Visits are estimated from address %zu on (HyperLogLog, standard error %.1f "
				  "%%).\n"),
				visits->limit, HLL_ERROR * 100);
	}
	if (count->bad > 0) {
		fprintf(out,
				ngettext("%llu line was not understood, of %llu.\n",
						 "%llu lines were not understood, of %llu.\n", count->bad),
				(unsigned long long)count->bad, (unsigned long long)count->lines);
	}
}

void quiet_report_text(FILE *out, const quiet_report *report) {
	say_windows(out, report);
	fputc('\n', out);
	quiet_report_chart(out, report);
	fputc('\n', out);
	say_period(out, report);
	say_counts(out, report);
	quiet_report_problems(out, report->logs, report->count);
}
