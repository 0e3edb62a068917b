/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run.h"

#include "language.h"
#include "facts/trust.h"
#include "gather.h"
#include "history/history.h"
#include "judge/judge.h"
#include "observe.h"
#include "report/report.h"
#include "self_test.h"
#include "target.h"

#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/*
 * The same verdict on every system: openssl.cnf is not read. What it would set (protocol versions,
 * security level) is set by hand where it matters. Error strings and the clean-up at exit are work
 * that no check needs.
 */
static void prepare_libraries(void) {
	signal(SIGPIPE, SIG_IGN);
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_LOAD_CONFIG |
							OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
						NULL);
}

double run_clock(void) {
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

int run_wrong(const char *what) {
	report_wrong(stdout, what);
	return STATE_UNKNOWN;
}

/* Judges all the evidence and prints the report. */
static int judge_and_report(const config *config, const observed_list *seen, const gathered *known,
							int64_t now, double started) {
	report_entry *entries = calloc(seen->count + 1, sizeof(*entries));
	if (entries == NULL) {
		return run_wrong(_("out of memory"));
	}
	for (size_t i = 0; i < seen->count; i++) {
		const target *target = seen->items[i].target;
		const evidence *evidence = &known[i].evidence;
		verify_name name = target_verify_name(target);
		report_entry *entry = &entries[i];
		entry->label = seen->items[i].label;
		entry->verified_name = name.dns_name != NULL ? name.dns_name : name.ip_address;
		entry->protocol = target_is_file(target) ? NULL : target->options.protocol->name;
		entry->evidence = evidence;
		entry->policy = &target->options.policy;
		judge_target(&entry->verdict, evidence, entry->policy, now);
		entry->seen =
			entry->verdict.endpoint != NULL ? entry->verdict.endpoint : &evidence->endpoints[0];
	}
	report report = {.entries = entries,
					 .count = seen->count,
					 .now = now,
					 .seconds = run_clock() - started,
					 .verbose = config->verbose,
					 .forecast = config->forecast};
	(config->format == OUTPUT_JSON ? report_json : report_text)(stdout, &report);
	int state = report_state(&report);
	for (size_t i = 0; i < seen->count; i++) {
		judgement_free(&entries[i].verdict);
	}
	free(entries);
	return state;
}

/* How closely certificates have to be looked at for what was asked. */
static verify_terms terms_of(const config *config, const target_list *targets, trust *trust,
							 int64_t now) {
	bool detailed = config->format != OUTPUT_TEXT || config->verbose > 0 || config->options.ari;
	bool compared = config->history || config->options.all_addresses;
	for (size_t i = 0; i < targets->count; i++) {
		const target *target = &targets->targets[i];
		bool has_files = !target_is_file(target) && target->files.count > 0;
		compared = compared || has_files || target->host_count > 1;
	}
	return (verify_terms){.trust = trust,
						  .at = now,
						  .detail = detailed   ? FACTS_DETAILED
									: compared ? FACTS_FINGERPRINTED
											   : FACTS_TO_JUDGE,
						  .renewal_id = config->options.ari};
}

/* Observes, gathers what else is known, records, judges, reports. */
static int check(const config *config, const target_list *targets, bool *lookup_pending,
				 double started) {
	int64_t now = config->at_set ? config->at : (int64_t)time(NULL);
	char error[512];
	trust *trust = NULL;
	if (config->rootcert != NULL || has_host(targets)) {
		trust = trust_open(config->rootcert, error, sizeof(error));
		if (trust == NULL) {
			char what[1024];
			if (config->rootcert != NULL) {
				snprintf(what, sizeof(what), _("trust anchors %.200s: %s"), config->rootcert,
						 error);
			} else {
				snprintf(what, sizeof(what), _("trust anchors of the system: %s"), error);
			}
			return run_wrong(what);
		}
	}
	observed_list seen;
	bool done =
		observe(&seen, targets, terms_of(config, targets, trust, now), config->rootcert != NULL);
	*lookup_pending = seen.lookup_pending;
	history *history =
		config->history ? history_open(config->history_file, error, sizeof(error)) : NULL;
	const char *problem = config->history && history == NULL ? error : NULL;
	gathered *known = done ? gather(&seen, config, history, problem) : NULL;
	int state = STATE_UNKNOWN;
	if (known == NULL) {
		state = run_wrong(_("out of memory"));
	} else {
		/* What would be at another time is not what was seen. */
		if (!config->at_set) {
			gather_record(known, &seen, history, now);
		}
		state = judge_and_report(config, &seen, known, now, started);
		gathered_free(known, seen.count);
	}
	history_close(history);
	observed_list_free(&seen);
	trust_free(trust);
	return state;
}

static int show_history(const config *config, const target_list *targets) {
	char error[512];
	history *history = history_open(config->history_file, error, sizeof(error));
	if (history == NULL) {
		return run_wrong(error);
	}
	int state = STATE_OK;
	for (size_t i = 0; i < targets->count && state == STATE_OK; i++) {
		history_record record = {0};
		const char *label = targets->targets[i].label;
		if (history_read(history, label, &record, error, sizeof(error))) {
			report_history(stdout, label, &record);
		} else {
			state = run_wrong(error);
		}
		history_record_free(&record);
	}
	history_close(history);
	return state;
}

static int run_self_test(const config *config, bool *lookup_pending, double started) {
	self_test test;
	self_test_gather(&test, config, lookup_pending);
	report_self_test(stdout, &test, run_clock() - started);
	int state = self_test_state(&test);
	self_test_free(&test);
	return state;
}

int run(const config *config, bool *lookup_pending, double started) {
	prepare_libraries();
	if (config->self_test) {
		return run_self_test(config, lookup_pending, started);
	}
	target_list targets;
	int state = !targets_from_config(&targets, config) ? run_wrong(_("out of memory"))
				: config->show_history                 ? show_history(config, &targets)
									   : check(config, &targets, lookup_pending, started);
	target_list_free(&targets);
	return state;
}
