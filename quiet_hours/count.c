/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "count.h"

#include "hash.h"

line_problem count_line(count *count, const log_line *line) {
	visitor_kind kind = VISITOR_PERSON;
	if (line->agent != NULL && !count->bots_with_people &&
		agents_is_bot(&count->agents, line->agent, line->agent_length)) {
		kind = VISITOR_BOT;
	}
	visits *visits = &count->visits[kind];
	if (!visits_add(visits, line->at, hash_text(line->address, line->address_length))) {
		return LINE_TOO_MANY_DAYS;
	}
	count->requests[kind]++;
	return LINE_GOOD;
}
