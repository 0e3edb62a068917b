/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gendoc.h"
#include "language.h"
#include "tables.h"

#include <stdio.h>
#include <string.h>

typedef struct {
	const char *meaning;
	const char *visitor;
	const char *urgency;
	const char *repair; /* one step a line */
} explanation_row;

/* By number, so that a row that is missing or stands elsewhere does not compile. */
enum {
#define FINDING(id, name, state, meaning) FINDING_##id,
#include "judge/finding.def"
#undef FINDING
	FINDING_COUNT,
};

static const explanation_row explanations[] = {
#define EXPLANATION(finding, meaning, visitor, urgency, repair)                                    \
	[FINDING_##finding] = {meaning, visitor, urgency, repair},
#include "report/explanation.def"
#undef EXPLANATION
};

enum {
#define EXPLANATION(finding, meaning, visitor, urgency, repair) EXPLANATION_##finding,
#include "report/explanation.def"
#undef EXPLANATION
	EXPLANATION_COUNT,
};
_Static_assert((int)EXPLANATION_COUNT == (int)FINDING_COUNT, "a row for each finding");
#define FINDING(id, name, state, meaning)                                                          \
	_Static_assert((int)EXPLANATION_##id == (int)FINDING_##id, "in the order of finding.def");
#include "judge/finding.def"
#undef FINDING

static const char introduction[] =
	"# Findings\n"
	"\n"
	"A page for each thing that `" PROGRAM "` can find: what it means for a site, what its\n"
	"visitors see, how urgent it is, and how to repair it. With `-v` the output has a link to the\n"
	"part that it is about.\n"
	"\n"
	"A certificate does three things for a site. It proves to visitors that they reached this site "
	"and\n"
	"no other (identity). It lets both sides agree on keys, so that nobody on the way can read "
	"what\n"
	"is sent (encryption) or change it (integrity). And it carries the signature of a certificate\n"
	"authority (CA) that browsers know, which is why strangers can rely on all that.\n"
	"\n"
	"States: OK 0, WARNING 1, CRITICAL 2, UNKNOWN 3. `--severity` changes the state that a finding "
	"has.\n";

static void print_steps(const char *steps) {
	for (int number = 1; *steps != '\0'; number++) {
		size_t length = strcspn(steps, "\n");
		printf("%d. ", number);
		markdown_text(steps, length);
		putchar('\n');
		steps += length;
		steps += *steps == '\n';
	}
}

static void print_text(const char *text) {
	markdown_text(text, strlen(text));
	putchar('\n');
}

static void print_part(const char *title, const char *text) {
	printf("\n**%s** ", title);
	print_text(text);
}

static void print_state(const finding_row *row) {
	if (strcmp(row->state, "STATE_DEPENDENT") == 0) {
		fputs("\nDefault state: by the limits (`-w`, `-c`). Without them WARNING when less than "
			  "5/6, and\n"
			  "CRITICAL when less than 1/3 remains of the time between renewal due and the end.",
			  stdout);
	} else if (strcmp(row->state, "STATE_OK") == 0) {
		fputs("\nDefault state: OK, it only tells.", stdout);
	} else {
		printf("\nDefault state: %s.", table_state(row));
	}
	printf(" Another one: `--severity=%s=STATE`.\n", row->name);
}

void gendoc_findings(void) {
	fputs(introduction, stdout);
	fputs("\n| finding | when |\n| --- | --- |\n", stdout);
	for (size_t i = 0; i < table_finding_count; i++) {
		printf("| [%s](#%s) | ", table_findings[i].name, table_findings[i].name);
		markdown_text(table_findings[i].meaning, strlen(table_findings[i].meaning));
		puts(" |");
	}
	for (size_t i = 0; i < table_finding_count; i++) {
		const explanation_row *row = &explanations[i];
		printf("\n## %s\n", table_findings[i].name);
		print_state(&table_findings[i]);
		putchar('\n');
		print_text(_(row->meaning));
		print_part(_("What a visitor sees:"), _(row->visitor));
		print_part(_("How urgent:"), _(row->urgency));
		printf("\n**%s**\n\n", _("How to repair:"));
		print_steps(_(row->repair));
	}
}
