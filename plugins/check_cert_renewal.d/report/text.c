/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text for Nagios and Icinga: a first line that stands alone, then one line per finding. */
#include "../language.h"
#include "facts_lines.h"
#include "perfdata_line.h"
#include "report.h"
#include "utils_base.h"
#include "words.h"

#include <string.h>

/* One target's text stays under 8 KiB: the first line and these. */
enum {
	block_max = 6 * 1024
};

/* How many targets' names the first line has room for. */
enum {
	worst_named_max = 3
};

mp_state_enum report_state(const report *report) {
	mp_state_enum worst = STATE_OK;
	for (size_t i = 0; i < report->count; i++) {
		mp_state_enum state = report->entries[i].verdict.state;
		worst = state_rank(state) > state_rank(worst) ? state : worst;
	}
	return worst;
}

static void print_count(line *line, const report *report, mp_state_enum state) {
	size_t count = 0;
	for (size_t i = 0; i < report->count; i++) {
		count += report->entries[i].verdict.state == state;
	}
	if (count > 0) {
		line_add(line, ", %zu %s", count, state_text(state));
	}
}

/* Of equal states the one with the least time left is the worse. */
static bool is_worse(const report_entry *entry, const report_entry *than) {
	int difference = state_rank(entry->verdict.state) - state_rank(than->verdict.state);
	if (difference != 0) {
		return difference > 0;
	}
	return entry->verdict.measured && than->verdict.measured &&
		   entry->verdict.remaining < than->verdict.remaining;
}

/* The worst entry that is not among the ones named so far. */
static const report_entry *next_worst(const report *report, const report_entry **named,
									  size_t named_count) {
	const report_entry *worst = NULL;
	for (size_t i = 0; i < report->count; i++) {
		const report_entry *entry = &report->entries[i];
		bool is_named = false;
		for (size_t j = 0; j < named_count; j++) {
			is_named = is_named || named[j] == entry;
		}
		if (!is_named && (worst == NULL || is_worse(entry, worst))) {
			worst = entry;
		}
	}
	return worst;
}

static void summary_headline(line *line, const report *report) {
	line_add(line, ngettext("%zu target", "%zu targets", report->count), report->count);
	print_count(line, report, STATE_CRITICAL);
	print_count(line, report, STATE_WARNING);
	print_count(line, report, STATE_UNKNOWN);
	print_count(line, report, STATE_OK);
	const report_entry *named[worst_named_max];
	for (size_t i = 0; i < worst_named_max && !line->full; i++) {
		named[i] = next_worst(report, named, i);
		if (named[i] == NULL || (i > 0 && named[i]->verdict.state == STATE_OK)) {
			break;
		}
		line_add(line, i == 0 ? ": " : "; ");
		line_add_outside(line, named[i]->label, 120);
		line_add(line, ": ");
		words_headline(line, named[i]);
	}
}

static void print_first_line(FILE *out, const report *report) {
	line line;
	line_init(&line);
	if (report->count == 1) {
		line_add_outside(&line, report->entries[0].label, 253);
		line_add(&line, ": ");
		words_headline(&line, &report->entries[0]);
	} else {
		summary_headline(&line, report);
	}
	fprintf(out, "CERT_RENEWAL %s - %s|", state_text(report_state(report)), line.text);
	perfdata_print(out, report);
	fputc('\n', out);
}

/* The lines of one target, bounded. */
typedef struct {
	FILE *out;
	const char *indent;
	size_t used;
	size_t cut;
} block;

static void block_line(block *block, const line *line) {
	size_t size = strlen(block->indent) + line->length + 1;
	if (block->used + size > block_max) {
		block->cut++;
		return;
	}
	block->used += size;
	fprintf(block->out, "%s%s\n", block->indent, line->text);
}

static void block_add(void *context, const line *line) { block_line(context, line); }

static void print_finding(block *block, const report_entry *entry, const finding *finding) {
	line line;
	line_init(&line);
	line_add(&line, "\\_[%s] - %s: ", state_text(finding->state), finding_name(finding->id));
	words_finding(&line, entry, finding);
	if (finding->id == FINDING_EXPIRY) {
		words_limit_note(&line, entry);
	}
	block_line(block, &line);
}

/* Where the finding is explained. */
static void print_page(block *block, const finding *finding) {
	line line;
	line_init(&line);
	line_add(&line, "    ");
	line_add(&line, _("explained in %s#%s"), DOCS_URL, finding_name(finding->id));
	block_line(block, &line);
}

static void print_block(FILE *out, const report *report, const report_entry *entry,
						const char *indent) {
	block block = {.out = out, .indent = indent};
	for (size_t i = 0; i < entry->verdict.finding_count; i++) {
		const finding *finding = &entry->verdict.findings[i];
		if (finding->state != STATE_OK || finding->notable || report->verbose > 0) {
			print_finding(&block, entry, finding);
		}
		if (finding->state != STATE_OK && report->verbose > 0) {
			print_page(&block, finding);
		}
	}
	if (report->forecast && entry->policy != NULL) {
		forecast_lines(entry, block_add, &block);
	}
	if (report->verbose > 0) {
		facts_lines(entry, report->verbose, block_add, &block);
	}
	if (block.cut > 0) {
		fputs(indent, out);
		fprintf(out,
				ngettext("(%zu more line not shown)\n", "(%zu more lines not shown)\n", block.cut),
				block.cut);
	}
}

static void print_targets(FILE *out, const report *report, mp_state_enum state) {
	for (size_t i = 0; i < report->count; i++) {
		const report_entry *entry = &report->entries[i];
		if (entry->verdict.state != state) {
			continue;
		}
		line line;
		line_init(&line);
		line_add(&line, "\\_[%s] - ", state_text(entry->verdict.state));
		line_add_outside(&line, entry->label, 253);
		line_add(&line, ": ");
		words_headline(&line, entry);
		fprintf(out, "%s\n", line.text);
		print_block(out, report, entry, "    ");
	}
}

/* A target that makes no sense needs one clear line, and has nothing measured. */
static bool is_only_usage(const report *report) {
	return report->count == 1 && report->entries[0].seen->failed == STEP_USAGE;
}

void report_text(FILE *out, const report *report) {
	if (is_only_usage(report)) {
		line line;
		line_init(&line);
		words_headline(&line, &report->entries[0]);
		fprintf(out, "CERT_RENEWAL %s - %s\n", state_text(report_state(report)), line.text);
		return;
	}
	print_first_line(out, report);
	if (report->count == 1) {
		print_block(out, report, &report->entries[0], "");
		return;
	}
	print_targets(out, report, STATE_CRITICAL);
	print_targets(out, report, STATE_WARNING);
	print_targets(out, report, STATE_UNKNOWN);
	if (report->verbose > 0 || report->forecast) {
		print_targets(out, report, STATE_OK);
	}
}

void report_wrong(FILE *out, const char *what) {
	line line;
	line_init(&line);
	line_add_outside(&line, what, LINE_MAX_BYTES);
	fprintf(out, "CERT_RENEWAL %s - %s\n", state_text(STATE_UNKNOWN), line.text);
}
