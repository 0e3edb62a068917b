/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is counted from the lines of all logs. */
#ifndef QUIET_HOURS_COUNT_H
#define QUIET_HOURS_COUNT_H

#include "agents.h"
#include "log_line.h"
#include "visits.h"

/* Bots are counted apart from everybody else, or with them. */
typedef enum {
	VISITOR_PERSON,
	VISITOR_BOT,
	VISITOR_COUNT,
} visitor_kind;

typedef struct {
	bool bots_with_people;
	log_line_reader reader;
	agents agents;
	visits visits[VISITOR_COUNT];
	uint64_t requests[VISITOR_COUNT];
	uint64_t lines; /* not counting empty ones */
	uint64_t bad;
} count;

/* Counts one line. Returns what is wrong with it. */
line_problem count_line(count *count, const log_line *line);

#endif
