/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Documentation from the tables, at build time: gendoc DOCUMENT [LANGUAGE] >FILE. gendoc.h says
 * what each document is; "man" reads its template from standard input. The language is the one that
 * the tables are written in: gendoc man ja.
 *
 * Exit: 0 done, 1 a template, an output or a catalog that cannot be read or written, 2 wrong use.
 */
#include "gendoc.h"
#include "language.h"

#include <stdio.h>
#include <string.h>

typedef struct {
	const char *name;
	void (*write)(void);
} document;

static const document documents[] = {
	{"man", gendoc_man},
	{"markdown", gendoc_markdown},
	{"findings", gendoc_findings},
	{"completion", gendoc_completion},
	{"quiet-completion", gendoc_quiet_completion},
	{"icinga2", gendoc_icinga2},
	{"director", gendoc_director},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int main_usage(void) {
	fputs("usage: gendoc ", stderr);
	for (size_t i = 0; i < COUNT(documents); i++) {
		fprintf(stderr, "%s%s", i > 0 ? "|" : "", documents[i].name);
	}
	fputs(" [LANGUAGE]\n", stderr);
	return 2;
}

int main(int argc, char **argv) {
	const document *chosen = NULL;
	for (size_t i = 0; argc >= 2 && argc <= 3 && i < COUNT(documents); i++) {
		if (strcmp(argv[1], documents[i].name) == 0) {
			chosen = &documents[i];
		}
	}
	if (chosen == NULL) {
		return main_usage();
	}
	if (argc == 3 && (!language_choose(argv[2]) || !language_is_found())) {
		fprintf(stderr, "gendoc: no catalog for %s in %s, or no locale (locale -a) for gettext\n",
				argv[2], language_directory());
		return 1;
	}
	chosen->write();
	if (ferror(stdin) || fflush(stdout) != 0 || ferror(stdout)) {
		perror("gendoc");
		return 1;
	}
	return 0;
}
