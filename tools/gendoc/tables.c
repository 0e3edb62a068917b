/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables.h"

#include "language.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const option_row table_options[] = {
#define OPTION_GROUP(title) {title, 0, NULL, OPTION_NONE, NULL, NULL, false, NULL},
#define OPTION(letter, name, argument, argument_name, values, setter, repeats, help)               \
	{NULL, letter, name, argument, argument_name, values, repeats, help},
#include "options.def"
};
const size_t table_option_count = COUNT(table_options);

const option_row table_quiet_options[] = {
#include "quiet_hours/options.def"
#undef OPTION
#undef OPTION_GROUP
};
const size_t table_quiet_option_count = COUNT(table_quiet_options);

const client_row table_clients[] = {
#define CLIENT(name, rule, value, least, source) {name, source},
#include "judge/client.def"
#undef CLIENT
};
const size_t table_client_count = COUNT(table_clients);

const finding_row table_findings[] = {
#define FINDING(id, name, state, meaning) {name, #state, meaning},
#include "judge/finding.def"
#undef FINDING
};
const size_t table_finding_count = COUNT(table_findings);

const char *table_state(const finding_row *row) {
	static const char prefix[] = "STATE_";
	if (strcmp(row->state, "STATE_DEPENDENT") == 0) {
		return _("by the limits");
	}
	return strncmp(row->state, prefix, sizeof(prefix) - 1) == 0 ? row->state + sizeof(prefix) - 1
																: row->state;
}
