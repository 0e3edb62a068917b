/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Documentation from the tables, at build time.
 *
 *   gendoc man <TEMPLATE      the manual page: TEMPLATE with the lines @OPTIONS@, @CLIENTS@ and
 *                             @FINDINGS@ replaced by the tables, @VERSION@ by the version
 *   gendoc markdown           the options as Markdown tables, one for each group
 *   gendoc completion         completion for bash
 *
 * Exit: 0 done, 1 a template or an output that cannot be read or written, 2 wrong use.
 */
#include "gendoc.h"

#include <stdio.h>
#include <string.h>

typedef struct {
	const char *name;
	void (*write)(void);
} document;

static const document documents[] = {
	{"man", gendoc_man},
	{"markdown", gendoc_markdown},
	{"completion", gendoc_completion},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int main_usage(void) {
	fputs("usage: gendoc ", stderr);
	for (size_t i = 0; i < COUNT(documents); i++) {
		fprintf(stderr, "%s%s", i > 0 ? "|" : "", documents[i].name);
	}
	fputc('\n', stderr);
	return 2;
}

int main(int argc, char **argv) {
	const document *chosen = NULL;
	for (size_t i = 0; argc == 2 && i < COUNT(documents); i++) {
		if (strcmp(argv[1], documents[i].name) == 0) {
			chosen = &documents[i];
		}
	}
	if (chosen == NULL) {
		return main_usage();
	}
	chosen->write();
	if (ferror(stdin) || fflush(stdout) != 0 || ferror(stdout)) {
		perror("gendoc");
		return 1;
	}
	return 0;
}
