/* SPDX-License-Identifier: GPL-3.0-or-later */
/* argv and --extra-opts -> config. The table is options.def. */
#ifndef CHECK_CERT_RENEWAL_OPTIONS_H
#define CHECK_CERT_RENEWAL_OPTIONS_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum {
	OPTION_NONE,
	OPTION_REQUIRED,
	OPTION_OPTIONAL,
} option_argument;

/* A row of the table; a row without name is the title (help) of a group. */
typedef struct {
	int letter; /* 0: none */
	const char *name;
	option_argument argument;
	const char *argument_name;
	const char *help;
} option_row;

const option_row *option_rows(size_t *count);

typedef enum {
	OPTIONS_CHECK,
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_WRONG, /* error says what is wrong and what is accepted */
} options_result;

#define OPTIONS_ERROR_MAX 1024

/* Fills config; free it with config_free() whatever the result. */
options_result options_parse(config *out, int argc, char **argv, char error[OPTIONS_ERROR_MAX]);

void config_free(config *config);

#endif
