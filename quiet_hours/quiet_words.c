/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "quiet_report.h"

#include "language.h"
#include "report/line.h"

#include <math.h>

outside quiet_outside(const char *text, size_t max) {
	line cleaned;
	outside out;
	line_init(&cleaned);
	line_add_outside(&cleaned, text, max);
	snprintf(out.text, sizeof(out.text), "%.400s", cleaned.text);
	return out;
}

number quiet_number(double value) {
	number out;
	if (value >= 1e9) {
		snprintf(out.text, sizeof(out.text), "%.1fG", value / 1e9);
	} else if (value >= 1e6) {
		snprintf(out.text, sizeof(out.text), "%.1fM", value / 1e6);
	} else if (value < 100 && value != floor(value)) {
		snprintf(out.text, sizeof(out.text), "%.1f", value);
	} else {
		snprintf(out.text, sizeof(out.text), "%.0f", value);
	}
	return out;
}

int64_t quiet_report_next(const quiet_report *report, const window *window) {
	return wall_next(&report->wall, report->config->at, window->slot_of_day, window->week_day);
}

static void say_bad_lines(FILE *out, const log_file *file) {
	outside path = quiet_outside(file->path, 120);
	outside begin = quiet_outside(file->first_bad_text, sizeof(file->first_bad_text));
	fprintf(out,
			ngettext("%s: %llu line was not understood, line %llu: %s: \"%s\"\n",
					 "%s: %llu lines were not understood, the first is line %llu: %s: \"%s\"\n",
					 file->bad),
			path.text, (unsigned long long)file->bad, (unsigned long long)file->first_bad_line,
			line_problem_words(file->first_bad), begin.text);
}

void quiet_report_problems(FILE *out, const logs *logs, const count *count) {
	for (size_t i = 0; i < logs->count; i++) {
		const log_file *file = &logs->files[i];
		if (file->problem != NULL) {
			outside path = quiet_outside(file->path, 120);
			fprintf(out, file->lines > 0 ? _("%s: read in part: %s\n") : _("%s: not read: %s\n"),
					path.text, file->problem);
		}
		if (file->bad > 0) {
			say_bad_lines(out, file);
		}
	}
	for (int kind = 0; kind < VISITOR_COUNT; kind++) {
		if (count->visits[kind].part > 1) {
			fputs(_("The lines are not in the order of their times: who comes again where it goes "
					"back "
					"counts once more.\n"),
				  out);
			return;
		}
	}
}
