/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tables that the documentation is made from, as the program itself has them: options.def,
 * client.def and finding.def. All text is static.
 */
#ifndef GENDOC_TABLES_H
#define GENDOC_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#define PROGRAM "check_cert_renewal"

typedef enum {
	OPTION_NONE,
	OPTION_REQUIRED,
	OPTION_OPTIONAL,
} option_argument;

/* A row of options.def; title is set in the rows that begin a group, and nothing else is. */
typedef struct {
	const char *title;
	char letter; /* 0: none */
	const char *name;
	option_argument argument;
	const char *argument_name; /* NULL without argument */
	const char *values;        /* see options.def; NULL: free text */
	bool repeats;
	const char *help;
} option_row;

extern const option_row table_options[];
extern const size_t table_option_count;

/* The options of cert_quiet_hours: quiet_hours/options.def. */
extern const option_row table_quiet_options[];
extern const size_t table_quiet_option_count;

/* A row of client.def: an ACME client and what its rule is. */
typedef struct {
	const char *name;
	const char *text;
} client_row;

extern const client_row table_clients[];
extern const size_t table_client_count;

/* A row of finding.def. */
typedef struct {
	const char *name;
	const char *state; /* the constant, like "STATE_WARNING" */
	const char *meaning;
} finding_row;

extern const finding_row table_findings[];
extern const size_t table_finding_count;

/* The default state of a finding as documents have it: "WARNING", or "by the limits". */
const char *table_state(const finding_row *row);

#endif
