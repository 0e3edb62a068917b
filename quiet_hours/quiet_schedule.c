/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nagios: SCHEDULE_SVC_DOWNTIME;HOST;SERVICE;START;END;FIXED;TRIGGER;DURATION;AUTHOR;COMMENT
 *   https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/extcommands2.html
 * Icinga: POST /v1/actions/schedule-downtime
 *   https://icinga.com/docs/icinga-2/latest/doc/12-icinga2-api/#schedule-downtime
 */
#include "quiet_report.h"

#include "language.h"

#include <inttypes.h>
#include <jansson.h>

static const char author[] = "cert_quiet_hours";

static const char *comment(void) {
	return _("Repair of the certificate in the quietest time of the web server's logs");
}

static void schedule_nagios(FILE *out, const quiet_report *report, int64_t begin, int64_t end) {
	const quiet_config *config = report->config;
	for (size_t i = 0; i < config->service_count; i++) {
		fprintf(out,
				"[%" PRId64 "] SCHEDULE_SVC_DOWNTIME;%s;%s;%" PRId64 ";%" PRId64 ";1;0;%" PRId64
				";%s;%s\n",
				config->at, config->host, config->services[i], begin, end, end - begin, author,
				comment());
	}
}

/* Names are values of the filter, never part of its text. */
static void schedule_icinga(FILE *out, const quiet_report *report, int64_t begin, int64_t end) {
	const quiet_config *config = report->config;
	json_t *services = json_array();
	for (size_t i = 0; i < config->service_count; i++) {
		json_array_append_new(services, json_string(config->services[i]));
	}
	json_t *body = json_pack(
		"{s:s, s:s, s:{s:s, s:o}, s:I, s:I, s:b, s:s, s:s}", "type", "Service", "filter",
		"host.name == wanted_host && service.name in wanted_services", "filter_vars", "wanted_host",
		config->host, "wanted_services", services, "start_time", (json_int_t)begin, "end_time",
		(json_int_t)end, "fixed", 1, "author", author, "comment", comment());
	if (body != NULL) {
		json_dumpf(body, out, JSON_INDENT(2));
		fputc('\n', out);
		json_decref(body);
	}
}

void quiet_report_schedule(FILE *out, const quiet_report *report, const window *window) {
	int64_t begin = quiet_report_next(report, window);
	int64_t end = begin + slot_start(report->config->window);
	if (report->config->format == SHOW_NAGIOS) {
		schedule_nagios(out, report, begin, end);
	} else {
		schedule_icinga(out, report, begin, end);
	}
}
