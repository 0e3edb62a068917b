/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --show-history: what is recorded of each target, as a table. */
#include "report.h"
#include "words.h"

#include <inttypes.h>

static void print_time(FILE *out, int64_t time) {
	line line;
	line_init(&line);
	words_timestamp(&line, time);
	fprintf(out, "  %-20s", line.text);
}

void report_history(FILE *out, const char *label, const history_record *record) {
	line line;
	line_init(&line);
	line_add_outside(&line, label, 253);
	fprintf(out, "%s: %zu certificates seen\n", line.text, record->count);
	if (record->count > 0) {
		fprintf(out, "  %-20s  %-20s  %-20s  %-20s  %-15s  %s\n", "first seen", "last seen",
				"valid from", "valid until", "address", "serial");
	}
	for (size_t i = 0; i < record->count; i++) {
		const history_entry *entry = &record->entries[i];
		print_time(out, entry->first_seen);
		print_time(out, entry->last_seen);
		print_time(out, entry->not_before);
		print_time(out, entry->not_after);
		line_init(&line);
		line_add_outside(&line, entry->address, 64);
		fprintf(out, "  %-15s", line.text);
		line_init(&line);
		line_add_outside(&line, entry->serial, 64);
		fprintf(out, "  %s\n", line.text);
	}
}
