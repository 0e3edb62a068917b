/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_cert_renewal - tells whether automatic certificate renewal still works.
 *
 *   options -> targets -> observations -> judgements -> report
 */
#include "check_cert_renewal.d/config.h"
#include "check_cert_renewal.d/facts/trust.h"
#include "check_cert_renewal.d/judge/judge.h"
#include "check_cert_renewal.d/observe.h"
#include "check_cert_renewal.d/options.h"
#include "check_cert_renewal.d/report/report.h"
#include "check_cert_renewal.d/target.h"
#include "utils.h"
#include "version.h"

#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/*
 * The same verdict on every system: openssl.cnf is not read. What it would set (protocol versions, security
 * level) is set by hand where it matters. Error strings and the clean-up at exit are work that no check
 * needs.
 */
static void prepare_libraries(void) {
	signal(SIGPIPE, SIG_IGN);
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_LOAD_CONFIG |
							OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
						NULL);
}

static double now_monotonic(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool has_host(const target_list *targets) {
	for (size_t i = 0; i < targets->count; i++) {
		if (!target_is_file(&targets->targets[i])) {
			return true;
		}
	}
	return false;
}

static int wrong(const char *what) {
	report_wrong(stdout, what);
	return STATE_UNKNOWN;
}

/* Judges everything observed and prints the report. */
static int judge_and_report(const config *config, const observed_list *seen, int64_t now,
							double started) {
	report_entry *entries = calloc(seen->count + 1, sizeof(*entries));
	if (entries == NULL) {
		return wrong("out of memory");
	}
	for (size_t i = 0; i < seen->count; i++) {
		const observed *item = &seen->items[i];
		verify_name name = target_verify_name(item->target);
		entries[i] = (report_entry){
			.label = item->label,
			.verified_name = name.dns_name != NULL ? name.dns_name : name.ip_address,
			.protocol = target_is_file(item->target) ? NULL : item->target->options.protocol->name,
			.seen = &item->endpoints[0],
		};
		judge(&entries[i].verdict, &item->endpoints[0], &item->target->options.policy, now);
	}
	report report = {entries, seen->count, now, now_monotonic() - started, config->verbose};
	(config->format == OUTPUT_JSON ? report_json : report_text)(stdout, &report);
	int state = report_state(&report);
	for (size_t i = 0; i < seen->count; i++) {
		judgement_free(&entries[i].verdict);
	}
	free(entries);
	return state;
}

/* Opens the trust anchors where something is verified against them, observes, judges, reports. */
static int check(const config *config, const target_list *targets, bool *lookup_pending,
				 double started) {
	int64_t now = config->at_set ? config->at : (int64_t)time(NULL);
	trust *trust = NULL;
	if (config->rootcert != NULL || has_host(targets)) {
		char error[256];
		trust = trust_open(config->rootcert, error, sizeof(error));
		if (trust == NULL) {
			char what[512];
			snprintf(what, sizeof(what), "trust anchors %.200s: %s",
					 config->rootcert != NULL ? config->rootcert : "of the system", error);
			return wrong(what);
		}
	}
	observed_list seen;
	bool detailed = config->format != OUTPUT_TEXT || config->verbose > 0;
	verify_terms terms = {trust, now, detailed ? FACTS_DETAILED : FACTS_TO_JUDGE};
	bool done = observe(&seen, targets, terms, config->rootcert != NULL);
	*lookup_pending = seen.lookup_pending;
	int state = done ? judge_and_report(config, &seen, now, started) : wrong("out of memory");
	observed_list_free(&seen);
	trust_free(trust);
	return state;
}

int main(int argc, char **argv) {
	double started = now_monotonic();
	config config;
	char error[OPTIONS_ERROR_MAX];
	int state = STATE_UNKNOWN;
	bool lookup_pending = false;
	switch (options_parse(&config, argc, argv, error)) {
	case OPTIONS_WRONG:
		state = wrong(error);
		break;
	case OPTIONS_HELP:
		report_help(stdout);
		break;
	case OPTIONS_VERSION:
		print_revision("check_cert_renewal", plugin_version);
		break;
	case OPTIONS_CHECK: {
		prepare_libraries();
		target_list targets;
		state = targets_from_config(&targets, &config)
					? check(&config, &targets, &lookup_pending, started)
					: wrong("out of memory");
		target_list_free(&targets);
		break;
	}
	}
	config_free(&config);
	fflush(stdout);
	if (lookup_pending) {
		_exit(state);
	}
	return state;
}
