/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --help, from the tables. */
#include "../judge/finding.h"
#include "../judge/renewal.h"
#include "../options.h"
#include "../probe/protocol.h"
#include "report.h"

#include <string.h>

enum {
	width = 80,
	help_column = 6
};

/* Prints words, wrapped and indented. */
static void print_wrapped(FILE *out, const char *text) {
	size_t column = 0;
	while (*text != '\0') {
		size_t length = strcspn(text, " ");
		if (column > 0 && column + 1 + length > width) {
			fputc('\n', out);
			column = 0;
		}
		if (column == 0) {
			column = (size_t)fprintf(out, "%*s%.*s", help_column, "", (int)length, text);
		} else {
			column += (size_t)fprintf(out, " %.*s", (int)length, text);
		}
		text += length;
		text += *text == ' ';
	}
	fputc('\n', out);
}

static void print_option(FILE *out, const option_row *row) {
	if (row->letter != 0) {
		fprintf(out, "  -%c, --%s", row->letter, row->name);
	} else {
		fprintf(out, "      --%s", row->name);
	}
	if (row->argument == OPTION_REQUIRED) {
		fprintf(out, "=%s", row->argument_name);
	} else if (row->argument == OPTION_OPTIONAL) {
		fprintf(out, "[=%s]", row->argument_name);
	}
	fputc('\n', out);
	print_wrapped(out, row->help);
}

static void print_options(FILE *out) {
	size_t count = 0;
	const option_row *rows = option_rows(&count);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].name == NULL) {
			fprintf(out, "\n%s:\n", rows[i].help);
		} else {
			print_option(out, &rows[i]);
		}
	}
}

static void print_findings(FILE *out) {
	fputs("\nFindings, with the state each has when something is wrong:\n", out);
	for (int id = 0; id < FINDING_COUNT; id++) {
		fprintf(out, "  %-14s %s\n", finding_name((finding_id)id), finding_meaning((finding_id)id));
	}
}

static void print_clients(FILE *out) {
	size_t count = 0;
	const renewal_client *clients = renewal_clients(&count);
	fputs("\nRenewal clients for --client:\n", out);
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "  %-14s %s\n", clients[i].name, clients[i].source);
	}
}

static void print_protocols(FILE *out) {
	size_t count = 0;
	const protocol *table = protocols(&count);
	fputs("\nProtocols for -P:\n", out);
	for (size_t i = 0; i < count; i++) {
		if (table[i].port != 0) {
			fprintf(out, "  %-14s port %u\n", table[i].name, (unsigned)table[i].port);
		} else {
			fprintf(out, "  %-14s needs -p\n", table[i].name);
		}
	}
}

void report_help(FILE *out) {
	fputs("check_cert_renewal - tells whether automatic certificate renewal still works\n\n"
		  "Usage:\n"
		  "  check_cert_renewal -H NAME [-p PORT] [-w LIMIT] [-c LIMIT] [options]\n"
		  "  check_cert_renewal -f PATH [-w LIMIT] [-c LIMIT] [options]\n",
		  out);
	print_options(out);
	print_findings(out);
	print_clients(out);
	print_protocols(out);
	fputs("\nStates: OK 0, WARNING 1, CRITICAL 2, UNKNOWN 3. Without -w and -c the limits follow "
		  "from\n"
		  "the certificate's lifetime: see check_cert_renewal(8).\n",
		  out);
}
