/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cert_quiet_hours - tells from web server logs when the fewest visitors come.
 *
 *   options -> logs -> counts -> fold -> report
 */
#include "language.h"
#include "quiet_report.h"
#include "utils.h"
#include "version.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

enum {
	EXIT_DONE = 0,
	EXIT_NOTHING = 3,
};

static int say_wrong(const char *what) {
	fprintf(stderr, "cert_quiet_hours: %s\n", what);
	return EXIT_NOTHING;
}

static void count_begin(count *count, const quiet_config *config) {
	count->bots_with_people = config->bots == BOTS_WITH;
	log_line_begin(&count->reader, config->at);
	for (int kind = 0; kind < VISITOR_COUNT; kind++) {
		visits_init(&count->visits[kind], config->window, config->exact);
	}
}

static int tell(const quiet_report *report) {
	const window *window = report->config->by_week ? &report->fold->week : &report->fold->day;
	if (report->config->by_week && window->slot_of_day < 0) {
		return say_wrong(_("--fold=week: the logs have not seen each day of the week twice"));
	}
	switch (report->config->format) {
	case SHOW_TEXT:
		quiet_report_text(stdout, report);
		return EXIT_DONE;
	case SHOW_JSON:
		quiet_report_json(stdout, report);
		return EXIT_DONE;
	case SHOW_NAGIOS:
	case SHOW_ICINGA:
		break;
	}
	quiet_report_problems(stderr, report->logs, report->count);
	if (window->slot_of_day < 0) {
		return say_wrong(_("the logs are too short for such a window"));
	}
	quiet_report_schedule(stdout, report, window);
	return EXIT_DONE;
}

static int fold_and_tell(const quiet_config *config, const logs *logs, count *count) {
	fold fold;
	quiet_report report = {
		.config = config,
		.logs = logs,
		.count = count,
		.fold = &fold,
		.wall = {config->utc},
		.of = config->bots == BOTS_ONLY ? VISITOR_BOT : VISITOR_PERSON,
	};
	bool out_of_memory = false;
	for (int kind = 0; kind < VISITOR_COUNT; kind++) {
		out_of_memory |= count->visits[kind].out_of_memory;
		visits_settle(&count->visits[kind]);
	}
	if (out_of_memory) {
		return say_wrong(_("out of memory"));
	}
	if (count->lines == count->bad) {
		quiet_report_problems(stderr, logs, count);
		return say_wrong(_("no line of an access log was found"));
	}
	if (!fold_make(&fold, count, report.of, &report.wall, config->whole_days)) {
		return say_wrong(_("out of memory"));
	}
	return tell(&report);
}

static int run(const quiet_config *config) {
	logs logs = {0};
	count *count = calloc(1, sizeof(*count));
	bool good = count != NULL;
	for (size_t i = 0; good && i < config->file_count; i++) {
		good = logs_add(&logs, config->files[i]);
	}
	int result = EXIT_NOTHING;
	if (good) {
		count_begin(count, config);
		logs_count(&logs, count);
		result = fold_and_tell(config, &logs, count);
		for (int kind = 0; kind < VISITOR_COUNT; kind++) {
			visits_free(&count->visits[kind]);
		}
	} else {
		say_wrong(_("out of memory"));
	}
	logs_free(&logs);
	free(count);
	return result;
}

int main(int argc, char **argv) {
	quiet_config config;
	char error[QUIET_ERROR_MAX];
	int result = EXIT_DONE;
	tzset();
	switch (quiet_options_parse(&config, argc, argv, error)) {
	case QUIET_WRONG:
		result = say_wrong(quiet_outside(error, 400).text);
		break;
	case QUIET_HELP:
		quiet_help(stdout);
		break;
	case QUIET_VERSION:
		print_revision("cert_quiet_hours", plugin_version);
		break;
	case QUIET_RUN:
		result = run(&config);
		break;
	}
	quiet_config_free(&config);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		return say_wrong(_("the output cannot be written"));
	}
	return result;
}
