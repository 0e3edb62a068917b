/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --help, from the tables. */
#include "../judge/finding.h"
#include "../judge/renewal.h"
#include "../language.h"
#include "../options.h"
#include "../probe/protocol.h"
#include "report.h"
#include "wrapped.h"

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
	wrapped_print(out, _(row->help));
}

static void print_options(FILE *out) {
	size_t count = 0;
	const option_row *rows = option_rows(&count);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].name == NULL) {
			fprintf(out, "\n%s:\n", _(rows[i].help));
		} else {
			print_option(out, &rows[i]);
		}
	}
}

static void print_findings(FILE *out) {
	fprintf(out, "\n%s\n", _("Findings, and what each tells when something is wrong:"));
	for (int id = 0; id < FINDING_COUNT; id++) {
		fprintf(out, "  %-14s %s\n", finding_name((finding_id)id),
				_(finding_meaning((finding_id)id)));
	}
}

static void print_clients(FILE *out) {
	size_t count = 0;
	const renewal_client *clients = renewal_clients(&count);
	fprintf(out, "\n%s\n", _("Renewal clients for --client:"));
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "  %-14s %s\n", clients[i].name, _(clients[i].source));
	}
}

static void print_protocols(FILE *out) {
	size_t count = 0;
	const protocol *table = protocols(&count);
	fprintf(out, "\n%s\n", _("Protocols for -P:"));
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "  %-14s ", table[i].name);
		if (table[i].port != 0) {
			fprintf(out, _("port %u"), (unsigned)table[i].port);
		} else {
			fputs(_("needs -p"), out);
		}
		fputc('\n', out);
	}
}

void report_help(FILE *out) {
	fprintf(out, "check_cert_renewal - %s\n\n%s\n",
			_("tells whether automatic certificate renewal still works"), _("Usage:"));
	fputs("  check_cert_renewal -H NAME [-p PORT] [-w LIMIT] [-c LIMIT] [OPTION]...\n"
		  "  check_cert_renewal -f PATH [-w LIMIT] [-c LIMIT] [OPTION]...\n",
		  out);
	print_options(out);
	print_findings(out);
	print_clients(out);
	print_protocols(out);
	fprintf(out, "\n%s\n",
			_("States: OK 0, WARNING 1, CRITICAL 2, UNKNOWN 3. Without -w and -c the limits follow "
			  "from\nthe certificate's lifetime: see check_cert_renewal(8)."));
}
