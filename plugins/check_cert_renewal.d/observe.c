/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe.h"

#include "language.h"
#include "facts/file.h"
#include "probe/engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An item with that many endpoints, none of them observed yet. */
static observed *item_add(observed_list *out, const target *target, const char *label,
						  size_t endpoint_count) {
	observed *items = realloc(out->items, (out->count + 1) * sizeof(*items));
	if (items == NULL) {
		return NULL;
	}
	out->items = items;
	observed *added = &items[out->count];
	*added = (observed){
		.target = target,
		.label = strdup(label),
		.endpoints = calloc(endpoint_count, sizeof(*added->endpoints)),
	};
	out->count++;
	if (added->label == NULL || added->endpoints == NULL) {
		return NULL;
	}
	added->endpoint_count = endpoint_count;
	for (size_t i = 0; i < endpoint_count; i++) {
		observation_init(&added->endpoints[i]);
	}
	return added;
}

static bool observe_path(observed_list *out, const target *target, const char *path,
						 verify_terms terms) {
	file_observations read = {0};
	bool done =
		file_observe(&read, path, target->files.searched, terms, target_verify_name(target));
	for (size_t i = 0; i < read.count && done; i++) {
		observed *item = item_add(out, target, read.labels[i], 1);
		done = item != NULL;
		if (done) {
			item->endpoints[0] = read.observations[i]; /* moved */
			observation_init(&read.observations[i]);
		}
	}
	file_observations_free(&read);
	return done;
}

static bool observe_file(observed_list *out, const target *target, verify_terms terms) {
	size_t before = out->count;
	for (size_t i = 0; i < target->files.count; i++) {
		if (!observe_path(out, target, target->files.paths[i], terms)) {
			return false;
		}
	}
	if (out->count > before) {
		return true;
	}
	observed *item = item_add(out, target, target->label, 1);
	if (item == NULL) {
		return false;
	}
	observation *seen = &item->endpoints[0];
	seen->file = strdup(target->label);
	observation_fail(seen, STEP_FILE, NULL, _("no certificate found there"));
	return seen->file != NULL;
}

/* Jobs for the engine, as they are gathered. */
typedef struct {
	engine_job *jobs; /* owned */
	size_t count;
} job_list;

static bool job_add(job_list *list, engine_job job) {
	engine_job *jobs = realloc(list->jobs, (list->count + 1) * sizeof(*jobs));
	if (jobs == NULL) {
		return false;
	}
	list->jobs = jobs;
	jobs[list->count++] = job;
	return true;
}

static void run(observed_list *out, const job_list *list, verify_terms terms) {
	if (list->count > 0 &&
		engine_run(list->jobs, list->count, terms) == ENGINE_DONE_LOOKUP_PENDING) {
		out->lookup_pending = true;
	}
}

/* Resolves every host of the targets that want all addresses; by target, NULL for the others. */
static observation **resolve_all(observed_list *out, const target_list *targets,
								 verify_terms terms) {
	observation **names = calloc(targets->count + 1, sizeof(*names));
	job_list jobs = {0};
	bool done = names != NULL;
	for (size_t i = 0; i < targets->count && done; i++) {
		const target *target = &targets->targets[i];
		if (!target->options.all_addresses || target->error != NULL || target_is_file(target)) {
			continue;
		}
		names[i] = calloc(target->host_count, sizeof(**names));
		done = names[i] != NULL;
		for (size_t host = 0; host < target->host_count && done; host++) {
			observation_init(&names[i][host]);
			done = job_add(&jobs, (engine_job){.target = target,
											   .host = target->hosts[host],
											   .timeout = target->options.timeout,
											   .resolve_only = true,
											   .seen = &names[i][host]});
		}
	}
	if (done) {
		run(out, &jobs, terms);
	}
	free(jobs.jobs);
	return names;
}

static void resolutions_free(observation **names, const target_list *targets) {
	for (size_t i = 0; names != NULL && i < targets->count; i++) {
		for (size_t host = 0; names[i] != NULL && host < targets->targets[i].host_count; host++) {
			observation_free(&names[i][host]);
		}
		free(names[i]);
	}
	free(names);
}

/* The addresses of a target's names, each once; a name without any stands for itself and fails
 * again. */
static size_t addresses_of(const target *target, const observation *names, const char **addresses) {
	size_t count = 0;
	for (size_t host = 0; host < target->host_count; host++) {
		const observation *name = &names[host];
		for (size_t i = 0; i < name->attempt_count && count < OBSERVATION_ATTEMPTS_MAX; i++) {
			bool is_known = false;
			for (size_t j = 0; j < count; j++) {
				is_known = is_known || strcmp(addresses[j], name->attempts[i].address) == 0;
			}
			if (!is_known) {
				addresses[count++] = name->attempts[i].address;
			}
		}
		if (name->attempt_count == 0 && count < OBSERVATION_ATTEMPTS_MAX) {
			addresses[count++] = target->hosts[host];
		}
	}
	return count;
}

/* The item of a host target, with a job for each of its endpoints. */
static bool add_host(observed_list *out, job_list *jobs, const target *target,
					 const observation *names) {
	const char *addresses[OBSERVATION_ATTEMPTS_MAX];
	size_t count = 0;
	double resolved_in = 0;
	if (names != NULL) {
		count = addresses_of(target, names, addresses);
		for (size_t i = 0; i < target->host_count; i++) {
			resolved_in = fmax(resolved_in, names[i].seconds_total);
		}
	} else {
		for (; count < target->host_count && count < OBSERVATION_ATTEMPTS_MAX; count++) {
			addresses[count] = target->hosts[count];
		}
	}
	observed *item = item_add(out, target, target->label, count > 0 ? count : 1);
	if (item == NULL) {
		return false;
	}
	if (target->error != NULL) {
		observation_fail(&item->endpoints[0], STEP_USAGE, NULL, "%s", target->error);
		return true;
	}
	double left = fmax(target->options.timeout - resolved_in, 0);
	bool done = true;
	for (size_t i = 0; i < count && done; i++) {
		done = job_add(jobs, (engine_job){.target = target,
										  .host = addresses[i],
										  .timeout = left,
										  .seen = &item->endpoints[i]});
	}
	return done;
}

bool observe(observed_list *out, const target_list *targets, verify_terms terms, bool trust_files) {
	*out = (observed_list){0};
	verify_terms file_terms = terms;
	file_terms.trust = trust_files ? terms.trust : NULL;
	observation **names = resolve_all(out, targets, terms);
	job_list jobs = {0};
	bool done = names != NULL;
	for (size_t i = 0; i < targets->count && done; i++) {
		const target *target = &targets->targets[i];
		if (target_is_file(target) && target->error == NULL) {
			done = observe_file(out, target, file_terms);
		} else {
			done = add_host(out, &jobs, target, names[i]);
		}
	}
	if (done) {
		run(out, &jobs, terms);
	}
	free(jobs.jobs);
	resolutions_free(names, targets);
	return done;
}

void observed_list_free(observed_list *list) {
	for (size_t i = 0; i < list->count; i++) {
		observed *item = &list->items[i];
		for (size_t j = 0; j < item->endpoint_count; j++) {
			observation_free(&item->endpoints[j]);
		}
		free(item->endpoints);
		free(item->label);
	}
	free(list->items);
	*list = (observed_list){0};
}
