/* SPDX-License-Identifier: GPL-3.0-or-later */
/* argv -> what was asked for. The table is quiet_hours/options.def. */
#ifndef QUIET_HOURS_QUIET_OPTIONS_H
#define QUIET_HOURS_QUIET_OPTIONS_H

#include "slot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum {
	BOTS_APART,
	BOTS_WITH,
	BOTS_ONLY,
} bots_mode;

typedef enum {
	SHOW_TEXT,
	SHOW_JSON,
	SHOW_NAGIOS,
	SHOW_ICINGA,
} show_format;

typedef struct {
	slot window;
	bool by_week;
	bots_mode bots;
	bool utc;
	bool whole_days;
	size_t exact;
	show_format format;
	const char *host;      /* NULL: none; the texts are argv's */
	const char **services; /* owned list */
	size_t service_count;
	int64_t at; /* seconds; now, where nothing else was asked for */
	bool ascii;
	const char **files; /* owned list */
	size_t file_count;
} quiet_config;

typedef enum {
	QUIET_RUN,
	QUIET_HELP,
	QUIET_VERSION,
	QUIET_WRONG, /* error says what is wrong and what is accepted */
} quiet_result;

#define QUIET_ERROR_MAX 512

/* Fills config; free it with quiet_config_free() whatever the result. */
quiet_result quiet_options_parse(quiet_config *config, int argc, char **argv,
								 char error[QUIET_ERROR_MAX]);

void quiet_config_free(quiet_config *config);

/* --help, from the table. */
void quiet_help(FILE *out);

#endif
