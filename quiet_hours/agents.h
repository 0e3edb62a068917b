/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which user agents are robots: crawlers, monitoring, libraries. The table is agents.def. */
#ifndef QUIET_HOURS_AGENTS_H
#define QUIET_HOURS_AGENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	AGENTS_KEPT = 8192,
};

/* Agents come again and again: answers are kept by their hash. All zero at first. */
typedef struct {
	uint64_t kept[AGENTS_KEPT]; /* hash, its lowest bit is the answer */
} agents;

bool agents_is_bot(agents *agents, const char *agent, size_t length);

/* The same without what is kept. */
bool agent_is_bot(const char *agent, size_t length);

#endif
