/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ari.h"

#include <uv.h>

/* Questions asked at the same time; each is bounded by its own time. */
enum {
	threads_max = 16
};

typedef struct {
	ari_question *question;
	int64_t now;
} asker;

static void ask(void *argument) {
	asker *asker = argument;
	ari_question *question = asker->question;
	ari_fetch(&question->answer, question->directory_url, question->certificate_id,
			  question->rootcert, asker->now, question->timeout);
}

void ari_ask_all(ari_question *questions, size_t count, int64_t now) {
	for (size_t first = 0; first < count; first += threads_max) {
		uv_thread_t threads[threads_max];
		asker askers[threads_max];
		size_t batch = count - first < threads_max ? count - first : threads_max;
		size_t started = 0;
		/* The last one of a batch needs no thread of its own: a single check has none. */
		while (started + 1 < batch) {
			askers[started] = (asker){&questions[first + started], now};
			if (uv_thread_create(&threads[started], ask, &askers[started]) != 0) {
				break;
			}
			started++;
		}
		for (size_t i = started; i < batch; i++) {
			askers[i] = (asker){&questions[first + i], now};
			ask(&askers[i]);
		}
		for (size_t i = 0; i < started; i++) {
			uv_thread_join(&threads[i]);
		}
	}
}

void ari_question_free(ari_question *question) { ari_answer_free(&question->answer); }
