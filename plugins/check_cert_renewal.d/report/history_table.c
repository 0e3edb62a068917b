/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --show-history: what is recorded of each target, as a table. */
#include "../language.h"
#include "phrase.h"
#include "report.h"

#include <inttypes.h>

static void print_time(FILE *out, int64_t time) {
	fprintf(out, "  %-20s", phrase_timestamp(time).text);
}

/* A heading over a column: padded by what it takes on a terminal, where a wide character takes two.
 */
static void print_heading(FILE *out, const char *heading, int width) {
	int columns = 0;
	for (const unsigned char *at = (const unsigned char *)heading; *at != '\0'; at++) {
		columns += (*at & 0xc0) == 0x80 ? 0 : *at >= 0xe3 ? 2 : 1;
	}
	fprintf(out, "  %s%*s", heading, columns < width ? width - columns : 0, "");
}

void report_history(FILE *out, const char *label, const history_record *record) {
	line line;
	line_init(&line);
	line_add(&line,
			 ngettext("%s: %zu certificate seen", "%s: %zu certificates seen", record->count),
			 phrase_outside(label, 253).text, record->count);
	fprintf(out, "%s\n", line.text);
	if (record->count > 0) {
		print_heading(out, _("first seen"), 20);
		print_heading(out, _("last seen"), 20);
		print_heading(out, _("valid from"), 20);
		print_heading(out, _("valid until"), 20);
		print_heading(out, _("address"), 15);
		print_heading(out, _("serial"), 0);
		fputc('\n', out);
	}
	for (size_t i = 0; i < record->count; i++) {
		const history_entry *entry = &record->entries[i];
		print_time(out, entry->first_seen);
		print_time(out, entry->last_seen);
		print_time(out, entry->not_before);
		print_time(out, entry->not_after);
		fprintf(out, "  %-15s", phrase_outside(entry->address, 64).text);
		fprintf(out, "  %s\n", phrase_outside(entry->serial, 64).text);
	}
}
