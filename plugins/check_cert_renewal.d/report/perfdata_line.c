/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "perfdata_line.h"

#include "thresholds.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static mp_perfdata_value rounded(double value, double steps) {
	double result = round(value * steps) / steps;
	return mp_create_pd_value(result == 0 ? 0.0 : result); /* no -0 */
}

static mp_perfdata_value days(double seconds) {
	return rounded(seconds / SECONDS_PER_DAY, 100);
}

/* A range that is written as the plain number of its end. */
static mp_range plain(double seconds) {
	return mp_range_set_end(mp_range_set_start(mp_range_init(), mp_create_pd_value(0)),
							days(seconds));
}

static void print_item(FILE *out, mp_perfdata item, bool *first) {
	char *text = pd_to_string(item);
	if (text != NULL) {
		fprintf(out, "%s%s", *first ? "" : " ", text);
		free(text);
		*first = false;
	}
}

/* "TARGET_" with every character that a label must not have replaced; "" for the only target. */
static char *label_prefix(const report *report, const report_entry *entry) {
	char *prefix = NULL;
	if (report->count <= 1) {
		return strdup("");
	}
	if (asprintf(&prefix, "%s_", entry->label) < 0) {
		return NULL;
	}
	for (char *at = prefix; *at != '\0'; at++) {
		bool allowed = (unsigned char)*at < 0x80 && (isalnum((unsigned char)*at) || *at == '.' ||
													 *at == '-');
		*at = allowed ? *at : '_';
	}
	return prefix;
}

static void print_days(FILE *out, const char *prefix, const report_entry *entry, bool *first) {
	const judgement *verdict = &entry->verdict;
	mp_thresholds limits = mp_thresholds_init();
	limits = mp_thresholds_set_warn(limits, plain(verdict->warning.seconds));
	limits = mp_thresholds_set_crit(limits, plain(verdict->critical.seconds));
	char *label = NULL;
	if (asprintf(&label, "%sdays_to_expiry", prefix) < 0) {
		return;
	}
	mp_perfdata item = perfdata_init();
	item.label = label;
	item.value = days((double)verdict->remaining);
	item = mp_pd_set_thresholds(item, limits);
	item = mp_set_pd_max_value(item, days((double)verdict->lifetime));
	print_item(out, item, first);
	free(label);
}

static void print_renewal(FILE *out, const report_entry *entry, bool *first) {
	mp_perfdata item = perfdata_init();
	char label[] = "days_to_renewal";
	item.label = label;
	item.value = days((double)entry->verdict.remaining - entry->verdict.due.seconds);
	print_item(out, item, first);
}

static void print_addresses(FILE *out, const report_entry *entry, bool *first) {
	mp_perfdata item = perfdata_init();
	char label[] = "addresses";
	item.label = label;
	item.value = mp_create_pd_value((long long)entry->verdict.endpoint_count);
	print_item(out, item, first);
}

static void print_time(FILE *out, double seconds, bool *first) {
	mp_perfdata item = perfdata_init();
	char label[] = "time";
	char unit[] = "s";
	item.label = label;
	item.uom = unit;
	item.value = rounded(seconds, 1000);
	print_item(out, item, first);
}

void perfdata_print(FILE *out, const report *report) {
	bool first = true;
	for (size_t i = 0; i < report->count; i++) {
		const report_entry *entry = &report->entries[i];
		if (!entry->verdict.measured) {
			continue;
		}
		char *prefix = label_prefix(report, entry);
		if (prefix != NULL) {
			print_days(out, prefix, entry, &first);
			free(prefix);
		}
		if (report->count == 1) {
			print_renewal(out, entry, &first);
		}
	}
	if (report->count == 1 && report->entries[0].verdict.endpoint_count > 1) {
		print_addresses(out, &report->entries[0], &first);
	}
	print_time(out, report->seconds, &first);
}
