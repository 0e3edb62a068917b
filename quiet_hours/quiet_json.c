/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The form is described in doc/quiet-hours.md. */
#include "quiet_report.h"

#include "version.h"

#include <jansson.h>

static json_t *json_time(const wall *wall, int64_t seconds) {
	char text[48];
	wall_iso(wall, seconds, text, sizeof(text));
	return json_string(text);
}

static json_t *json_number(double value) {
	return value == (double)(json_int_t)value ? json_integer((json_int_t)value) : json_real(value);
}

static json_t *json_spread(const spread *spread) {
	if (spread->seen == 0) {
		return json_null();
	}
	return json_pack("{s:o, s:o, s:o}", "min", json_number(spread->least), "median",
					 json_number(spread->median), "max", json_number(spread->most));
}

static json_t *json_window(const quiet_report *report, const window *window) {
	static const char *const days[WEEK_DAYS] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
												"Thursday", "Friday", "Saturday"};
	if (window->slot_of_day < 0) {
		return json_null();
	}
	int64_t next = quiet_report_next(report, window);
	char begin[16];
	int end_slot = (window->slot_of_day + report->config->window) % SLOTS_PER_DAY;
	char end[16];
	snprintf(begin, sizeof(begin), "%02d:%02d", window->slot_of_day / SLOTS_PER_HOUR,
			 window->slot_of_day % SLOTS_PER_HOUR * SLOT_MINUTES);
	snprintf(end, sizeof(end), "%02d:%02d", end_slot / SLOTS_PER_HOUR,
			 end_slot % SLOTS_PER_HOUR * SLOT_MINUTES);
	return json_pack("{s:s?, s:s, s:s, s:i, s:o, s:o, s:o, s:o}", "day",
					 window->week_day >= 0 ? days[window->week_day] : NULL, "begin", begin, "end",
					 end, "days", (int)window->traffic.visits.seen, "visits",
					 json_spread(&window->traffic.visits), "requests",
					 json_spread(&window->traffic.requests), "next_begin",
					 json_time(&report->wall, next), "next_end",
					 json_time(&report->wall, next + slot_start(report->config->window)));
}

static json_t *json_hours(const quiet_report *report) {
	json_t *hours = json_array();
	for (int hour = 0; hour < HOURS; hour++) {
		const traffic *traffic = &report->fold->hours[hour];
		const struct traffic_others {
			json_t *visits;
			json_t *requests;
		} others = {
			report->config->bots == BOTS_APART ? json_spread(&report->fold->others[hour].visits)
											   : json_null(),
			report->config->bots == BOTS_APART ? json_spread(&report->fold->others[hour].requests)
											   : json_null(),
		};
		json_array_append_new(hours, json_pack("{s:i, s:i, s:o, s:o, s:o, s:o}", "hour", hour,
											   "days", (int)traffic->visits.seen, "visits",
											   json_spread(&traffic->visits), "requests",
											   json_spread(&traffic->requests), "bot_visits",
											   others.visits, "bot_requests", others.requests));
	}
	return hours;
}

static json_t *json_files(const logs *logs) {
	json_t *files = json_array();
	for (size_t i = 0; i < logs->count; i++) {
		const log_file *file = &logs->files[i];
		outside path = quiet_outside(file->path, 200);
		json_t *bad = json_null();
		if (file->bad > 0) {
			outside begin = quiet_outside(file->first_bad_text, sizeof(file->first_bad_text));
			bad = json_pack("{s:I, s:s, s:s}", "line", (json_int_t)file->first_bad_line, "problem",
							line_problem_words(file->first_bad), "begins", begin.text);
		}
		json_array_append_new(files,
							  json_pack("{s:s, s:I, s:I, s:o, s:s?}", "path", path.text, "lines",
										(json_int_t)file->lines, "bad_lines", (json_int_t)file->bad,
										"first_bad", bad, "problem", file->problem));
	}
	return files;
}

static json_t *json_counted(const quiet_report *report) {
	const count *count = report->count;
	const visits *visits = &count->visits[report->of];
	static const char *const bots[] = {"apart", "with", "only"};
	json_t *apart = report->config->bots == BOTS_APART
						? json_integer((json_int_t)count->requests[VISITOR_BOT])
						: json_null();
	return json_pack(
		"{s:s, s:I, s:o, s:s, s:o, s:o, s:I, s:I, s:b}", "bots", bots[report->config->bots],
		"requests", (json_int_t)count->requests[report->of], "addresses",
		json_integer((json_int_t)(visits_total(visits) + 0.5)), "visits_are",
		visits->estimating ? "estimated" : "exact", "standard_error",
		visits->estimating ? json_real(HLL_ERROR) : json_integer(0), "bot_requests", apart, "lines",
		(json_int_t)count->lines, "bad_lines", (json_int_t)count->bad, "in_order",
		count->visits[VISITOR_PERSON].part <= 1 && count->visits[VISITOR_BOT].part <= 1);
}

void quiet_report_json(FILE *out, const quiet_report *report) {
	const fold *fold = report->fold;
	char zone[32];
	wall_name(&report->wall, slot_start(fold->end), zone, sizeof(zone));
	json_t *whole =
		json_pack("{s:i, s:s, s:s, s:i, s:s, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "version", 1,
				  "program", "cert_quiet_hours", "program_version", plugin_version,
				  "window_minutes", (int)report->config->window * SLOT_MINUTES, "zone", zone,
				  "begin", json_time(&report->wall, slot_start(fold->begin)), "end",
				  json_time(&report->wall, slot_start(fold->end)), "several_days",
				  fold->several_days, "quietest_of_day", json_window(report, &fold->day),
				  "quietest_of_week", json_window(report, &fold->week), "hours", json_hours(report),
				  "counted", json_counted(report), "files", json_files(report->logs));
	if (whole != NULL) {
		json_dumpf(whole, out, JSON_INDENT(2));
		fputc('\n', out);
		json_decref(whole);
	}
}
