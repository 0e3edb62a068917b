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

void gendoc_completion(void) {
	puts("# bash completion for " PROGRAM ", made from its table of options\n"
		 "_" PROGRAM "() {\n"
		 "\tlocal cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
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
	for (size_t i = 0; i < table_option_count; i++) {
		if (table_options[i].title == NULL && table_options[i].argument != OPTION_NONE) {
			completion_argument(&table_options[i]);
		}
	}
	/* --severity=FINDING=STATE */
	for (size_t i = 0; i < table_finding_count; i++) {
		printf("%s%s", i > 0 ? " | " : "\t", table_findings[i].name);
	}
	puts(")\n"
		 "\t\tmapfile -t COMPREPLY < <(compgen -W 'ok warning critical unknown ignore' -- "
		 "\"$cur\")\n"
		 "\t\t;;\n"
		 "\t*)");
	fputs("\t\tmapfile -t COMPREPLY < <(compgen -W '", stdout);
	const char *blank = "";
	for (size_t i = 0; i < table_option_count; i++) {
		if (table_options[i].title == NULL) {
			printf("%s--%s", blank, table_options[i].name);
			blank = " ";
		}
	}
	puts("' -- \"$cur\")\n"
		 "\t\t;;\n"
		 "\tesac\n"
		 "} && complete -F _" PROGRAM " " PROGRAM);
}
