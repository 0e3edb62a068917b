/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gendoc.h"
#include "tables.h"

#include <stdio.h>
#include <string.h>

/* The words that complete an argument, from a column of options.def. */
static void completion_words(const char *values) {
	if (strcmp(values, "@client") == 0) {
		for (size_t i = 0; i < table_client_count; i++) {
			printf("%s%s", i > 0 ? " " : "", table_clients[i].name);
		}
	} else if (strcmp(values, "@severity") == 0) {
		for (size_t i = 0; i < table_finding_count; i++) {
			printf("%s%s=", i > 0 ? " " : "", table_findings[i].name);
		}
	} else {
		fputs(values, stdout);
	}
}

static void completion_argument(const option_row *row) {
	putchar('\t');
	if (row->letter != 0) {
		printf("-%c | ", row->letter);
	}
	printf("--%s)\n", row->name);
	if (row->values == NULL) {
		puts("\t\t;; # free text");
		return;
	}
	if (strcmp(row->values, "file") == 0) {
		puts("\t\tcompopt -o filenames");
		puts("\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")");
	} else if (strcmp(row->values, "directory") == 0) {
		puts("\t\tcompopt -o filenames");
		puts("\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\")");
	} else {
		if (strcmp(row->values, "@severity") == 0) {
			puts("\t\tcompopt -o nospace");
		}
		fputs("\t\tmapfile -t COMPREPLY < <(compgen -W '", stdout);
		completion_words(row->values);
		puts("' -- \"$cur\")");
	}
	puts("\t\t;;");
}

/* What comes before the arguments of the options. */
static void completion_begin(const char *program) {
	printf("# bash completion for %s, made from its table of options\n"
		   "_%s() {\n",
		   program, program);
	puts("\tlocal cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
		 "\tCOMPREPLY=()\n"
		 "\t# --option=value comes as three words: \"=\" is one of them.\n"
		 "\tif [[ $cur == = ]]; then\n"
		 "\t\tcur=\n"
		 "\telif [[ $option == = ]]; then\n"
		 "\t\toption=${COMP_WORDS[COMP_CWORD - 2]}\n"
		 "\telif [[ $option != -* ]]; then\n"
		 "\t\toption=\n"
		 "\tfi\n"
		 "\tcase $option in");
}

static void completion_options(const option_row *rows, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (rows[i].title == NULL && rows[i].argument != OPTION_NONE) {
			completion_argument(&rows[i]);
		}
	}
}

/* --severity=FINDING=STATE */
static void completion_severity(void) {
	for (size_t i = 0; i < table_finding_count; i++) {
		printf("%s%s", i > 0 ? " | " : "\t", table_findings[i].name);
	}
	puts(")\n"
		 "\t\tmapfile -t COMPREPLY < <(compgen -W 'ok warning critical unknown ignore' -- "
		 "\"$cur\")\n"
		 "\t\t;;");
}

/* Where there is no option before the word. */
static void completion_names(const option_row *rows, size_t count) {
	fputs("\t\tmapfile -t COMPREPLY < <(compgen -W '", stdout);
	const char *blank = "";
	for (size_t i = 0; i < count; i++) {
		if (rows[i].title == NULL) {
			printf("%s--%s", blank, rows[i].name);
			blank = " ";
		}
	}
	puts("' -- \"$cur\")");
}

static void completion_end(const char *program) {
	printf("\t\t;;\n"
		   "\tesac\n"
		   "} && complete -F _%s %s\n",
		   program, program);
}

void gendoc_completion(void) {
	completion_begin(PROGRAM);
	completion_options(table_options, table_option_count);
	completion_severity();
	puts("\t*)");
	completion_names(table_options, table_option_count);
	completion_end(PROGRAM);
}

void gendoc_quiet_completion(void) {
	completion_begin("cert_quiet_hours");
	completion_options(table_quiet_options, table_quiet_option_count);
	puts("\t*)");
	puts("\t\tif [[ $cur != -* ]]; then\n"
		 "\t\t\tcompopt -o filenames\n"
		 "\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
		 "\t\t\treturn\n"
		 "\t\tfi");
	completion_names(table_quiet_options, table_quiet_option_count);
	completion_end("cert_quiet_hours");
}
