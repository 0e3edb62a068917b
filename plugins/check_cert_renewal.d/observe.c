/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe.h"

#include "facts/file.h"
#include "probe/engine.h"

#include <stdlib.h>
#include <string.h>

static observed *item_add(observed_list *out, const target *target, const char *label) {
	observed *items = realloc(out->items, (out->count + 1) * sizeof(*items));
	if (items == NULL) {
		return NULL;
	}
	out->items = items;
	observed *added = &items[out->count];
	*added = (observed){.target = target, .label = strdup(label)};
	observation_init(&added->seen);
	if (added->label == NULL) {
		return NULL;
	}
	out->count++;
	return added;
}

static bool observe_path(observed_list *out, const target *target, const char *path,
						 verify_terms terms) {
	file_observations read = {0};
	bool done = file_observe(&read, path, target->searched, terms, target_verify_name(target));
	for (size_t i = 0; i < read.count && done; i++) {
		observed *item = item_add(out, target, read.labels[i]);
		done = item != NULL;
		if (done) {
			item->seen = read.observations[i]; /* moved */
			observation_init(&read.observations[i]);
		}
	}
	file_observations_free(&read);
	return done;
}

static bool observe_files(observed_list *out, const target *target, verify_terms terms) {
	size_t before = out->count;
	for (size_t i = 0; i < target->path_count; i++) {
		if (!observe_path(out, target, target->paths[i], terms)) {
			return false;
		}
	}
	if (out->count > before) {
		return true;
	}
	observed *item = item_add(out, target, target->label);
	if (item == NULL) {
		return false;
	}
	item->seen.file = strdup(target->label);
	observation_fail(&item->seen, STEP_FILE, NULL, "%s: no certificate found there", target->label);
	return item->seen.file != NULL;
}

/* Hosts come first into the list as places to fill, so that the engine's pointers stay valid. */
static bool observe_hosts(observed_list *out, verify_terms terms) {
	engine_job *jobs = calloc(out->count + 1, sizeof(*jobs));
	if (jobs == NULL) {
		return false;
	}
	size_t count = 0;
	for (size_t i = 0; i < out->count; i++) {
		observed *item = &out->items[i];
		if (!target_is_file(item->target) && item->seen.failed == STEP_DONE) {
			jobs[count++] = (engine_job){item->target, &item->seen};
		}
	}
	if (count > 0) {
		out->lookup_pending = engine_run(jobs, count, terms) == ENGINE_DONE_LOOKUP_PENDING;
	}
	free(jobs);
	return true;
}

bool observe(observed_list *out, const target_list *targets, verify_terms terms, bool trust_files) {
	verify_terms file_terms = terms;
	file_terms.trust = trust_files ? terms.trust : NULL;
	*out = (observed_list){0};
	for (size_t i = 0; i < targets->count; i++) {
		const target *target = &targets->targets[i];
		if (target_is_file(target) && target->error == NULL) {
			if (!observe_files(out, target, file_terms)) {
				return false;
			}
			continue;
		}
		observed *item = item_add(out, target, target->label);
		if (item == NULL) {
			return false;
		}
		if (target->error != NULL) {
			observation_fail(&item->seen, STEP_USAGE, NULL, "%s", target->error);
		}
	}
	return observe_hosts(out, terms);
}

void observed_list_free(observed_list *list) {
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].label);
		observation_free(&list->items[i].seen);
	}
	free(list->items);
	*list = (observed_list){0};
}
