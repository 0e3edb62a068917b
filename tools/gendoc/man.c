/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual page: the template with the tables in it. */
#include "gendoc.h"
#include "language.h"
#include "tables.h"
#include "version.h"

#include <stdio.h>
#include <string.h>

/*
 * Text for troff: a minus that can be copied into a shell, no line that begins with a control
 * character, no escape by accident.
 */
static void troff_text(const char *text) {
	if (*text == '.' || *text == '\'') {
		fputs("\\&", stdout);
	}
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '\\':
			fputs("\\e", stdout);
			break;
		case '-':
			fputs("\\-", stdout);
			break;
		case '\'':
			fputs("\\(aq", stdout);
			break;
		default:
			putchar(*text);
		}
	}
}

static void troff_option(const option_row *row) {
	puts(".TP");
	if (row->letter != 0) {
		printf("\\fB\\-%c\\fR, ", row->letter);
	}
	fputs("\\fB\\-\\-", stdout);
	troff_text(row->name);
	fputs("\\fR", stdout);
	if (row->argument != OPTION_NONE) {
		fputs(row->argument == OPTION_OPTIONAL ? "[=\\fI" : "=\\fI", stdout);
		troff_text(row->argument_name);
		fputs(row->argument == OPTION_OPTIONAL ? "\\fR]" : "\\fR", stdout);
	}
	putchar('\n');
	troff_text(_(row->help));
	putchar('\n');
}

static void man_options(const option_row *rows, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (rows[i].title != NULL) {
			fputs(".SS ", stdout);
			troff_text(_(rows[i].title));
			putchar('\n');
		} else {
			troff_option(&rows[i]);
		}
	}
}

static void man_clients(void) {
	for (size_t i = 0; i < table_client_count; i++) {
		fputs(".TP\n\\fB", stdout);
		troff_text(table_clients[i].name);
		fputs("\\fR\n", stdout);
		troff_text(_(table_clients[i].text));
		putchar('\n');
	}
}

static void man_findings(void) {
	for (size_t i = 0; i < table_finding_count; i++) {
		fputs(".TP\n\\fB", stdout);
		troff_text(table_findings[i].name);
		printf("\\fR (%s)\n", table_state(&table_findings[i]));
		troff_text(_(table_findings[i].meaning));
		putchar('\n');
	}
}

/* A line of the template as it is, with the version in it. */
static void man_line(const char *line) {
	static const char mark[] = "@VERSION@";
	for (const char *at; (at = strstr(line, mark)) != NULL; line = at + sizeof(mark) - 1) {
		printf("%.*s%s", (int)(at - line), line, plugin_version);
	}
	fputs(line, stdout);
}

void gendoc_man(void) {
	char line[4096];
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strcmp(line, ".INSERT OPTIONS\n") == 0) {
			man_options(table_options, table_option_count);
		} else if (strcmp(line, ".INSERT QUIET OPTIONS\n") == 0) {
			man_options(table_quiet_options, table_quiet_option_count);
		} else if (strcmp(line, ".INSERT CLIENTS\n") == 0) {
			man_clients();
		} else if (strcmp(line, ".INSERT FINDINGS\n") == 0) {
			man_findings();
		} else {
			man_line(line);
		}
	}
}
