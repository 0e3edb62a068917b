/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol.h"

#include <string.h>

static const protocol table[] = {
#define PROTOCOL(name, port) {name, port},
#include "protocol.def"
#undef PROTOCOL
};

const protocol *protocols(size_t *count) {
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

const protocol *protocol_by_name(const char *name) {
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].name, name) == 0) {
			return &table[i];
		}
	}
	return NULL;
}
