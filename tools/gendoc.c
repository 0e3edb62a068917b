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
#include "version.h"

#include <stdio.h>
#include <string.h>

#define PROGRAM "check_cert_renewal"

enum {
	OPTION_NONE,
	OPTION_REQUIRED,
	OPTION_OPTIONAL,
};

/* A row of options.def; title is set in the rows that begin a group, and nothing else is. */
typedef struct {
	const char *title;
	char letter; /* 0: none */
	const char *name;
	int argument;
	const char *argument_name;
	const char *values;
	const char *help;
} option_row;

static const option_row options[] = {
#define OPTION_GROUP(title) {title, 0, NULL, 0, NULL, NULL, NULL},
#define OPTION(letter, name, argument, argument_name, values, setter, repeats, help)               \
	{NULL, letter, name, argument, argument_name, values, help},
#include "options.def"
#undef OPTION
#undef OPTION_GROUP
};

typedef struct {
	const char *name;
	const char *text;
} named_row;

static const named_row clients[] = {
#define CLIENT(name, rule, value, least, source) {name, source},
#include "judge/client.def"
#undef CLIENT
};

typedef struct {
	const char *name;
	const char *state;
	const char *meaning;
} finding_row;

static const finding_row findings[] = {
#define FINDING(id, name, state, meaning) {name, #state, meaning},
#include "judge/finding.def"
#undef FINDING
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The default state as the manual has it: from the name of the constant. */
static const char *gendoc_state(const char *constant) {
	static const char prefix[] = "STATE_";
	if (strcmp(constant, "STATE_DEPENDENT") == 0) {
		return "by the limits";
	}
	return strncmp(constant, prefix, sizeof(prefix) - 1) == 0 ? constant + sizeof(prefix) - 1
															  : constant;
}

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
	troff_text(row->help);
	putchar('\n');
}

static void man_options(void) {
	for (size_t i = 0; i < COUNT(options); i++) {
		if (options[i].title != NULL) {
			fputs(".SS ", stdout);
			troff_text(options[i].title);
			putchar('\n');
		} else {
			troff_option(&options[i]);
		}
	}
}

static void man_clients(void) {
	for (size_t i = 0; i < COUNT(clients); i++) {
		fputs(".TP\n\\fB", stdout);
		troff_text(clients[i].name);
		fputs("\\fR\n", stdout);
		troff_text(clients[i].text);
		putchar('\n');
	}
}

static void man_findings(void) {
	for (size_t i = 0; i < COUNT(findings); i++) {
		fputs(".TP\n\\fB", stdout);
		troff_text(findings[i].name);
		printf("\\fR (%s)\n", gendoc_state(findings[i].state));
		troff_text(findings[i].meaning);
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

static void gendoc_man(void) {
	char line[4096];
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strcmp(line, "@OPTIONS@\n") == 0) {
			man_options();
		} else if (strcmp(line, "@CLIENTS@\n") == 0) {
			man_clients();
		} else if (strcmp(line, "@FINDINGS@\n") == 0) {
			man_findings();
		} else {
			man_line(line);
		}
	}
}

/* A bar would end the cell of the table. */
static void markdown_text(const char *text) {
	for (; *text != '\0'; text++) {
		if (*text == '|' || *text == '<' || *text == '*' || *text == '_') {
			putchar('\\');
		}
		putchar(*text);
	}
}

static void gendoc_markdown(void) {
	for (size_t i = 0; i < COUNT(options); i++) {
		const option_row *row = &options[i];
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
		markdown_text(row->help);
		puts(" |");
	}
}

/* The words that complete an argument, from a column of options.def. */
static void completion_words(const char *values) {
	if (strcmp(values, "@client") == 0) {
		for (size_t i = 0; i < COUNT(clients); i++) {
			printf("%s%s", i > 0 ? " " : "", clients[i].name);
		}
	} else if (strcmp(values, "@severity") == 0) {
		for (size_t i = 0; i < COUNT(findings); i++) {
			printf("%s%s=", i > 0 ? " " : "", findings[i].name);
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

static void gendoc_completion(void) {
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
	for (size_t i = 0; i < COUNT(options); i++) {
		if (options[i].title == NULL && options[i].argument != OPTION_NONE) {
			completion_argument(&options[i]);
		}
	}
	/* --severity=FINDING=STATE */
	for (size_t i = 0; i < COUNT(findings); i++) {
		printf("%s%s", i > 0 ? " | " : "\t", findings[i].name);
	}
	puts(")\n"
		 "\t\tmapfile -t COMPREPLY < <(compgen -W 'ok warning critical unknown ignore' -- "
		 "\"$cur\")\n"
		 "\t\t;;\n"
		 "\t*)");
	fputs("\t\tmapfile -t COMPREPLY < <(compgen -W '", stdout);
	const char *blank = "";
	for (size_t i = 0; i < COUNT(options); i++) {
		if (options[i].title == NULL) {
			printf("%s--%s", blank, options[i].name);
			blank = " ";
		}
	}
	puts("' -- \"$cur\")\n"
		 "\t\t;;\n"
		 "\tesac\n"
		 "} && complete -F _" PROGRAM " " PROGRAM);
}

int main(int argc, char **argv) {
	const char *what = argc == 2 ? argv[1] : "";
	if (strcmp(what, "man") == 0) {
		gendoc_man();
	} else if (strcmp(what, "markdown") == 0) {
		gendoc_markdown();
	} else if (strcmp(what, "completion") == 0) {
		gendoc_completion();
	} else {
		fputs("usage: gendoc man|markdown|completion\n", stderr);
		return 2;
	}
	if (ferror(stdin) || fflush(stdout) != 0 || ferror(stdout)) {
		perror("gendoc");
		return 1;
	}
	return 0;
}
