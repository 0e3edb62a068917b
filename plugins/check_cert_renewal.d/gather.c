/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gather.h"

#include "language.h"
#include "probe/ari.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	problem_max = 256
};

static bool gather_disk(gathered *out, const target *target) {
	if (target_is_file(target) || target->files.count == 0) {
		return true;
	}
	out->evidence.disk = &out->disk;
	return disk_read(&out->disk, target->files.paths, target->files.count,
					 target_verify_name(target));
}

static bool gather_client(gathered *out, const target *target) {
	const char *path = target->options.client_state;
	if (path == NULL || target->dns_name == NULL) {
		return true;
	}
	out->evidence.client = &out->client;
	return client_state_read(&out->client, path, target->dns_name);
}

static void say_history_problem(gathered *out, const char *problem) {
	if (out->history_problem == NULL) {
		out->history_problem = strdup(problem);
		out->evidence.history_problem =
			out->history_problem != NULL ? out->history_problem : _("out of memory");
	}
}

static void gather_history(gathered *out, const observed *item, history *history) {
	char error[problem_max];
	if (history == NULL || target_is_file(item->target)) {
		return;
	}
	if (history_read(history, item->label, &out->history, error, sizeof(error))) {
		out->evidence.history = &out->history;
	} else {
		say_history_problem(out, error);
	}
}

/* The observation whose certificate the CA is asked about: of those with an identifier the one that
 * ends first. */
static const observation *with_identifier(const observed *item) {
	const observation *first = NULL;
	for (size_t i = 0; i < item->endpoint_count; i++) {
		const observation *seen = &item->endpoints[i];
		if (seen->renewal_id != NULL &&
			(first == NULL ||
			 seen->served.certificates[0].not_after < first->served.certificates[0].not_after)) {
			first = seen;
		}
	}
	return first;
}

static void say_ari_problem(gathered *out, const char *problem) {
	free(out->ari_problem);
	out->ari_problem = strdup(problem);
	out->evidence.ari_problem = out->ari_problem != NULL ? out->ari_problem : _("out of memory");
}

/* What history still holds, so that the CA need not be asked. */
static bool ari_is_remembered(gathered *out, const char *id, history *history, int64_t now) {
	char error[problem_max];
	bool found = false;
	if (history == NULL ||
		!history_renewal_info_read(history, id, &out->ari, &found, error, sizeof(error))) {
		return false;
	}
	return found && out->ari.next_poll > now;
}

/* Prepares the question to the CA; false: none is to be asked. */
static bool ari_ask(gathered *out, const observed *item, const char *rootcert, history *history,
					int64_t now, ari_question *question) {
	const target_options *options = &item->target->options;
	const observation *seen = with_identifier(item);
	if (!options->ari || target_is_file(item->target)) {
		return false;
	}
	if (seen == NULL) {
		say_ari_problem(out, _("the certificate has no identifier for it"));
		return false;
	}
	const certificate *leaf = &seen->served.certificates[0];
	if (!leaf->not_after_known || leaf->not_after <= now) {
		say_ari_problem(out, _("not asked for an expired certificate"));
		return false;
	}
	out->evidence.ari = &out->ari;
	out->evidence.ari_leaf = leaf;
	if (ari_is_remembered(out, seen->renewal_id, history, now)) {
		if (!out->ari.known) {
			say_ari_problem(out, _("the CA gave no usable answer; it is asked again later"));
		}
		return false;
	}
	const char *directory = options->ari_directory != NULL ? options->ari_directory
														   : renewal_info_directory(leaf->issuer);
	if (directory == NULL) {
		say_ari_problem(out, _("no ACME directory is known for this issuer; give --ari=URL"));
		return false;
	}
	*question = (ari_question){
		.directory_url = directory,
		.certificate_id = seen->renewal_id,
		.rootcert = options->ari_directory != NULL ? rootcert : NULL,
		.timeout = options->timeout - (seen->seconds_total > 0 ? seen->seconds_total : 0),
	};
	return true;
}

static void ari_take(gathered *out, const ari_question *question, history *history) {
	char error[problem_max];
	if (question->answer.error == NULL) {
		out->ari = question->answer.info;
	} else {
		/* What the CA said before stands; only when to ask again is new. */
		out->ari.next_poll = question->answer.info.next_poll;
		say_ari_problem(out, question->answer.error);
	}
	if (history != NULL && !history_renewal_info_note(history, question->certificate_id, &out->ari,
													  error, sizeof(error))) {
		say_history_problem(out, error);
	}
}

static bool gather_ari(gathered *all, const observed_list *list, const config *config,
					   history *history) {
	/* CAs are asked in the present, whatever time is judged. */
	int64_t now = (int64_t)time(NULL);
	ari_question *questions = calloc(list->count + 1, sizeof(*questions));
	size_t *whose = calloc(list->count + 1, sizeof(*whose));
	bool done = questions != NULL && whose != NULL;
	size_t count = 0;
	for (size_t i = 0; i < list->count && done; i++) {
		if (ari_ask(&all[i], &list->items[i], config->rootcert, history, now, &questions[count])) {
			whose[count++] = i;
		}
	}
	if (done && count > 0) {
		ari_ask_all(questions, count, now);
		for (size_t i = 0; i < count; i++) {
			ari_take(&all[whose[i]], &questions[i], history);
			ari_question_free(&questions[i]);
		}
	}
	free(questions);
	free(whose);
	return done;
}

gathered *gather(const observed_list *list, const config *config, history *history,
				 const char *history_problem) {
	gathered *all = calloc(list->count + 1, sizeof(*all));
	bool done = all != NULL;
	for (size_t i = 0; i < list->count && done; i++) {
		const observed *item = &list->items[i];
		all[i].evidence.endpoints = item->endpoints;
		all[i].evidence.endpoint_count = item->endpoint_count;
		if (history_problem != NULL) {
			say_history_problem(&all[i], history_problem);
		}
		gather_history(&all[i], item, history);
		done = gather_disk(&all[i], item->target) && gather_client(&all[i], item->target);
	}
	done = done && gather_ari(all, list, config, history);
	if (!done && all != NULL) {
		gathered_free(all, list->count);
		return NULL;
	}
	return all;
}

void gathered_free(gathered *all, size_t count) {
	for (size_t i = 0; i < count; i++) {
		disk_free(&all[i].disk);
		history_record_free(&all[i].history);
		client_state_free(&all[i].client);
		free(all[i].history_problem);
		free(all[i].ari_problem);
	}
	free(all);
}

/* A certificate whose dates are malformed is told by its own finding, and has no place in a
 * history. */
static bool can_be_recorded(const observation *seen) {
	return seen->served.count > 0 && seen->address[0] != '\0' &&
		   seen->served.certificates[0].not_before_known &&
		   seen->served.certificates[0].not_after_known;
}

static void record_item(gathered *out, const observed *item, history *history, int64_t now) {
	char error[problem_max];
	bool done = true;
	history_begin(history);
	for (size_t i = 0; i < item->endpoint_count && done; i++) {
		const observation *seen = &item->endpoints[i];
		done = !can_be_recorded(seen) ||
			   history_note(history, item->label, seen->address, &seen->served.certificates[0], now,
							error, sizeof(error));
	}
	/* The first error is the one that tells why; the commit ends the batch in any case. */
	char later[problem_max];
	bool kept = history_commit(history, later, sizeof(later));
	if (!done || !kept) {
		say_history_problem(out, done ? later : error);
	}
}

void gather_record(gathered *all, const observed_list *list, history *history, int64_t now) {
	for (size_t i = 0; i < list->count && history != NULL; i++) {
		if (!target_is_file(list->items[i].target)) {
			record_item(&all[i], &list->items[i], history, now);
		}
	}
}
