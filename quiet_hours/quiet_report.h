/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was found, told: text with a chart, JSON, downtimes for monitoring systems. */
#ifndef QUIET_HOURS_QUIET_REPORT_H
#define QUIET_HOURS_QUIET_REPORT_H

#include "fold.h"
#include "logs.h"
#include "quiet_options.h"

typedef struct {
	const quiet_config *config;
	const logs *logs;
	const count *count;
	const fold *fold;
	wall wall;
	visitor_kind of; /* whom the windows are for */
} quiet_report;

/* Where a window is next, in seconds. */
int64_t quiet_report_next(const quiet_report *report, const window *window);

void quiet_report_text(FILE *out, const quiet_report *report);

/* 24 lines, and what stands above them. */
void quiet_report_chart(FILE *out, const quiet_report *report);

void quiet_report_json(FILE *out, const quiet_report *report);

/* For the window, which is there. */
void quiet_report_schedule(FILE *out, const quiet_report *report, const window *window);

/* Files that could not be read, lines that were not understood: a line each. */
void quiet_report_problems(FILE *out, const logs *logs, const count *count);

/* Text from outside, safe to print. */
typedef struct {
	char text[408];
} outside;
outside quiet_outside(const char *text, size_t max);

/* Numbers as people read them: 12, 2.5, 1.2M. */
typedef struct {
	char text[24];
} number;
number quiet_number(double value);

#endif
