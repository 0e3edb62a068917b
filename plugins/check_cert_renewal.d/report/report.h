/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings -> what is printed. The only room that prints; it decides nothing. */
#ifndef CHECK_CERT_RENEWAL_REPORT_H
#define CHECK_CERT_RENEWAL_REPORT_H

#include "../judge/judge.h"
#include "../self_test.h"

#include <stdio.h>

typedef struct {
	const char *label;
	const char *verified_name; /* NULL: none was asked for */
	const char *protocol;      /* NULL: a file */
	const observation *seen;   /* the endpoint that decides */
	const evidence *evidence;  /* all that is known; NULL: nothing beside seen */
	const policy *policy;      /* NULL: no forecast can be made */
	judgement verdict;
} report_entry;

typedef struct {
	const report_entry *entries; /* in the order asked for */
	size_t count;
	int64_t now;    /* judged as of, seconds since the epoch */
	double seconds; /* how long the run took */
	int verbose;
	bool forecast; /* --forecast */
} report;

/* The worst state of all entries. */
mp_state_enum report_state(const report *report);

void report_text(FILE *out, const report *report);
void report_json(FILE *out, const report *report);

/* --show-history: one target's record as a table. */
void report_history(FILE *out, const char *label, const history_record *record);

/* --self-test: a first line as any check has it, then a line for each thing looked at. */
void report_self_test(FILE *out, const self_test *test, double seconds);

/* One line for a run that cannot be made. */
void report_wrong(FILE *out, const char *what);

void report_help(FILE *out);

#endif
