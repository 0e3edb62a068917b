/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All logs, read side by side in the order of their lines' times. */
#ifndef QUIET_HOURS_LOGS_H
#define QUIET_HOURS_LOGS_H

#include "log_file.h"

enum {
	LOGS_OPEN_MAX = 64, /* that are read side by side; the others wait */
};

typedef struct {
	log_file *files; /* owned */
	size_t count;
	size_t twice; /* files that were named again, and are counted once */
} logs;

/* Adds a file, "-", or the files that a pattern fits. False: no memory. */
bool logs_add(logs *logs, const char *name);

/* Reads everything. Problems are in the files. */
void logs_count(logs *logs, count *count);

void logs_free(logs *logs);

#endif
