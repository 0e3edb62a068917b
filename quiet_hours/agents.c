/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agents.h"

#include "hash.h"

#include <string.h>

enum {
	LOOKED_AT = 1024, /* bytes of an agent */
};

typedef struct {
	const char *mark;
	const char *not_behind; /* NULL: wherever it stands */
} agent_mark;

static const agent_mark marks[] = {
#define AGENT(mark, not_behind) {mark, not_behind},
#include "agents.def"
#undef AGENT
};

static bool has_mark(const char *text, const agent_mark *mark) {
	size_t behind = mark->not_behind != NULL ? strlen(mark->not_behind) : 0;
	for (const char *at = text; (at = strstr(at, mark->mark)) != NULL; at++) {
		size_t before = (size_t)(at - text);
		if (behind == 0 || before < behind || memcmp(at - behind, mark->not_behind, behind) != 0) {
			return true;
		}
	}
	return false;
}

bool agent_is_bot(const char *agent, size_t length) {
	char text[LOOKED_AT + 1];
	if (length <= 1) {
		return true;
	}
	length = length < LOOKED_AT ? length : LOOKED_AT;
	for (size_t i = 0; i < length; i++) {
		char byte = agent[i];
		bool upper = byte >= 'A' && byte <= 'Z';
		text[i] = upper ? (char)(byte + 'a' - 'A') : byte == '\0' ? ' ' : byte;
	}
	text[length] = '\0';
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (has_mark(text, &marks[i])) {
			return true;
		}
	}
	return false;
}

bool agents_is_bot(agents *agents, const char *agent, size_t length) {
	uint64_t hash = hash_text(agent, length);
	uint64_t *kept = &agents->kept[hash >> 51];
	if ((*kept ^ hash) >> 1 != 0) {
		*kept = (hash & ~UINT64_C(1)) | agent_is_bot(agent, length);
	}
	return (*kept & 1) != 0;
}
