/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_cert_renewal - tells whether automatic certificate renewal still works.
 *
 *   options -> targets -> observations -> evidence -> judgements -> report
 */
#include "check_cert_renewal.d/options.h"
#include "check_cert_renewal.d/report/report.h"
#include "check_cert_renewal.d/run.h"
#include "states.h"
#include "utils.h"
#include "version.h"

#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
	double started = run_clock();
	config config;
	char error[OPTIONS_ERROR_MAX];
	int state = STATE_UNKNOWN;
	bool lookup_pending = false;
	switch (options_parse(&config, argc, argv, error)) {
	case OPTIONS_WRONG:
		state = run_wrong(error);
		break;
	case OPTIONS_HELP:
		report_help(stdout);
		break;
	case OPTIONS_VERSION:
		print_revision("check_cert_renewal", plugin_version);
		break;
	case OPTIONS_CHECK:
		state = run(&config, &lookup_pending, started);
		break;
	}
	config_free(&config);
	fflush(stdout);
	if (lookup_pending) {
		_exit(state);
	}
	return state;
}
