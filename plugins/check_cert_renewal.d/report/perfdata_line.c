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

static mp_perfdata_value days(double seconds) { return rounded(seconds / SECONDS_PER_DAY, 100); }

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

/* The label's beginning: every character that a label must not have is replaced. */
static char *clean_label(const char *label) {
	char *clean = strdup(label);
	for (char *at = clean; at != NULL && *at != '\0'; at++) {
		bool allowed =
			(unsigned char)*at < 0x80 && (isalnum((unsigned char)*at) || *at == '.' || *at == '-');
		*at = allowed ? *at : '_';
	}
	return clean;
}

typedef struct {
	char *label; /* owned */
	size_t entry;
} numbered_label;

static int compare_labels(const void *left, const void *right) {
	const numbered_label *one = left;
	const numbered_label *other = right;
	int difference = strcmp(one->label, other->label);
	return difference != 0 ? difference : one->entry < other->entry ? -1 : 1;
}

/*
 * "TARGET_" for each entry, "" for the only one. Where targets share a label, the second is
 * "TARGET_2_", and so on. NULL when memory runs out; free each and the array.
 */
static char **label_prefixes(const report *report) {
	char **prefixes = calloc(report->count + 1, sizeof(*prefixes));
	numbered_label *labels = calloc(report->count + 1, sizeof(*labels));
	bool done = prefixes != NULL && labels != NULL;
	for (size_t i = 0; i < report->count && done; i++) {
		labels[i] = (numbered_label){clean_label(report->entries[i].label), i};
		done = labels[i].label != NULL;
	}
	if (done) {
		qsort(labels, report->count, sizeof(*labels), compare_labels);
	}
	int number = 1;
	for (size_t i = 0; i < report->count && done; i++) {
		number = i > 0 && strcmp(labels[i].label, labels[i - 1].label) == 0 ? number + 1 : 1;
		char **prefix = &prefixes[labels[i].entry];
		int length = report->count == 1 ? asprintf(prefix, "%s", "")
					 : number == 1      ? asprintf(prefix, "%s_", labels[i].label)
										: asprintf(prefix, "%s_%d_", labels[i].label, number);
		*prefix = length < 0 ? NULL : *prefix;
	}
	for (size_t i = 0; i < report->count && labels != NULL; i++) {
		free(labels[i].label);
	}
	free(labels);
	return prefixes;
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
	item.value = days((double)verdict->smallest_remaining);
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
	char **prefixes = label_prefixes(report);
	for (size_t i = 0; i < report->count && prefixes != NULL; i++) {
		const report_entry *entry = &report->entries[i];
		if (entry->verdict.measured && prefixes[i] != NULL) {
			print_days(out, prefixes[i], entry, &first);
		}
		free(prefixes[i]);
		if (entry->verdict.measured && report->count == 1) {
			print_renewal(out, entry, &first);
		}
	}
	free(prefixes);
	if (report->count == 1 && report->entries[0].verdict.endpoint_count > 1) {
		print_addresses(out, &report->entries[0], &first);
	}
	print_time(out, report->seconds, &first);
}
