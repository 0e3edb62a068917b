/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chart of hours: fits 80 columns. */
#include "quiet_report.h"

#include "language.h"
#include "report/wrapped.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

enum {
	EIGHTHS = 8,
	ROW_WIDTH = 79,
	HOUR_WIDTH = 6,      /* "03:00 " */
	MARK_WIDTH = 2,      /* " <" */
	NUMBER_WIDTH = 8,    /* a column of numbers, with the blank before */
	NUMBERS_SEVERAL = 5, /* visits: least, median, most; requests; bots */
	NUMBERS_ONE = 3,
};

static bool is_utf8(const quiet_config *config) {
	return !config->ascii && setlocale(LC_CTYPE, "") != NULL &&
		   strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* A bar of so many eighths of a column, filled up with blanks. */
static void print_bar(FILE *out, int eighths, int width, bool utf8) {
	static const char *const parts[EIGHTHS] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	int whole = utf8 ? eighths / EIGHTHS : (eighths + EIGHTHS / 2) / EIGHTHS;
	for (int i = 0; i < whole; i++) {
		fputs(utf8 ? "█" : "#", out);
	}
	if (utf8 && eighths % EIGHTHS > 0) {
		fputs(parts[eighths % EIGHTHS], out);
		whole++;
	} else if (!utf8 && whole == 0 && eighths > 0) {
		fputc('.', out); /* not nothing */
		whole++;
	}
	fprintf(out, "%*s", width - whole, "");
}

static void print_number(FILE *out, const spread *spread, double value) {
	number text = quiet_number(value);
	fprintf(out, "%*s", NUMBER_WIDTH, spread->seen > 0 ? text.text : "-");
}

/* A word over a column of numbers, at its right. */
static void print_head(FILE *out, const char *word) {
	int columns = (int)wrapped_columns(word);
	fprintf(out, "%*s%s", columns < NUMBER_WIDTH ? NUMBER_WIDTH - columns : 1, "", word);
}

static double loudest(const fold *fold) {
	double most = 1;
	for (int hour = 0; hour < HOURS; hour++) {
		double median = fold->hours[hour].visits.median;
		most = median > most ? median : most;
	}
	return most;
}

/* Whether the window has some of this hour. */
static bool touches(const window *window, slot length, int hour) {
	if (window->slot_of_day < 0) {
		return false;
	}
	for (slot at = window->slot_of_day; at < window->slot_of_day + length; at++) {
		if (at % SLOTS_PER_DAY / SLOTS_PER_HOUR == hour) {
			return true;
		}
	}
	return false;
}

static void print_hour(FILE *out, const quiet_report *report, int hour, int width, bool utf8) {
	const fold *fold = report->fold;
	const traffic *traffic = &fold->hours[hour];
	double share = traffic->visits.median / loudest(fold);
	fprintf(out, "%02d:00 ", hour);
	print_bar(out, (int)(share * width * EIGHTHS + 0.5), width, utf8);
	if (fold->several_days) {
		print_number(out, &traffic->visits, traffic->visits.least);
	}
	print_number(out, &traffic->visits, traffic->visits.median);
	if (fold->several_days) {
		print_number(out, &traffic->visits, traffic->visits.most);
	}
	print_number(out, &traffic->requests, traffic->requests.median);
	if (report->config->bots == BOTS_APART) {
		print_number(out, &fold->others[hour].requests, fold->others[hour].requests.median);
	}
	if (touches(&fold->day, report->config->window, hour)) {
		fputs(utf8 ? " ◀" : " <", out);
	}
	fputc('\n', out);
}

void quiet_report_chart(FILE *out, const quiet_report *report) {
	bool several = report->fold->several_days;
	bool utf8 = is_utf8(report->config);
	int numbers = several ? NUMBERS_SEVERAL : NUMBERS_ONE;
	numbers -= report->config->bots != BOTS_APART;
	int width = ROW_WIDTH - HOUR_WIDTH - MARK_WIDTH - numbers * NUMBER_WIDTH;
	const char *title = several ? _("visits in an hour:") : _("visits");
	int left = HOUR_WIDTH + width;
	if (several) {
		int columns = (int)wrapped_columns(title);
		fprintf(out, "%*s%s", columns < left ? left - columns : 0, "", title);
		print_head(out, _("least"));
		print_head(out, _("median"));
		print_head(out, _("most"));
	} else {
		fprintf(out, "%*s", left, "");
		print_head(out, title);
	}
	print_head(out, _("requests"));
	if (report->config->bots == BOTS_APART) {
		print_head(out, _("by bots"));
	}
	fputc('\n', out);
	for (int hour = 0; hour < HOURS; hour++) {
		print_hour(out, report, hour, width, utf8);
	}
}
