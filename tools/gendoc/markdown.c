/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gendoc.h"
#include "tables.h"

#include <stdio.h>
#include <string.h>

/* A bar would end the cell of the table. */
void markdown_text(const char *text, size_t length) {
	for (size_t i = 0; i < length; i++) {
		if (strchr("|<*_", text[i]) != NULL) {
			putchar('\\');
		}
		putchar(text[i]);
	}
}

void gendoc_markdown(void) {
	for (size_t i = 0; i < table_option_count; i++) {
		const option_row *row = &table_options[i];
		if (row->title != NULL) {
			printf("%s### %s\n\n| option | meaning |\n| --- | --- |\n", i > 0 ? "\n" : "",
				   row->title);
			continue;
		}
		fputs("| `", stdout);
		if (row->letter != 0) {
			printf("-%c, ", row->letter);
		}
		printf("--%s", row->name);
		if (row->argument != OPTION_NONE) {
			printf(row->argument == OPTION_OPTIONAL ? "[=%s]" : "=%s", row->argument_name);
		}
		fputs("` | ", stdout);
		markdown_text(row->help, strlen(row->help));
		puts(" |");
	}
}
