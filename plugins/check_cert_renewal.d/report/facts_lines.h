/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts of a target as lines of text, for -v and -vv. */
#ifndef CHECK_CERT_RENEWAL_FACTS_LINES_H
#define CHECK_CERT_RENEWAL_FACTS_LINES_H

#include "line.h"
#include "report.h"

/* Hands each line to print(context, line). */
void facts_lines(const report_entry *entry, int verbose, void (*print)(void *, const line *),
				 void *context);

/* What becomes of limits and rhythm when lifetimes shrink, for --forecast. */
void forecast_lines(const report_entry *entry, void (*print)(void *, const line *), void *context);

#endif
