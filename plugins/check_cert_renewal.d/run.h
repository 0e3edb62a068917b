/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run: targets -> observations -> evidence -> judgements -> report. */
#ifndef CHECK_CERT_RENEWAL_RUN_H
#define CHECK_CERT_RENEWAL_RUN_H

#include "config.h"

#include <stdbool.h>

/* Seconds on a clock that only runs forward. */
double run_clock(void);

/*
 * Does what was asked and prints it. started: run_clock() when the process began. *lookup_pending:
 * a name look-up still occupies a thread, so that the process has to end with _exit(). Returns the
 * exit code.
 */
int run(const config *config, bool *lookup_pending, double started);

/* One line for a run that cannot be made; returns the exit code. */
int run_wrong(const char *what);

#endif
