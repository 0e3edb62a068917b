/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shows what ari_fetch() says, as JSON, for tests/integration/test_ari_fetch.py. It runs as in the
 * plugin: on a work thread of libuv, without OpenSSL's error strings and configuration.
 *
 *   ari_driver DIRECTORY-URL CERTIFICATE-ID ROOTCERT NOW TIMEOUT     ROOTCERT "-": the system's
 */
#include "probe/ari_fetch.h"

#include <jansson.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

typedef struct {
	char **arguments;
	ari_answer answer;
} job;

static void fetch(uv_work_t *work) {
	job *job = work->data;
	char **arguments = job->arguments;
	const char *rootcert = strcmp(arguments[3], "-") == 0 ? NULL : arguments[3];
	ari_fetch(&job->answer, arguments[1], arguments[2], rootcert, strtoll(arguments[4], NULL, 10),
			  strtod(arguments[5], NULL));
}

static void fetched(uv_work_t *work, int status) {
	(void)status;
	const ari_answer *answer = &((job *)work->data)->answer;
	const renewal_info *info = &answer->info;
	json_t *json = json_pack("{s:s?, s:I, s:b, s:I, s:I, s:s, s:I, s:I}", "error", answer->error,
							 "status", (json_int_t)answer->status, "known", info->known, "start",
							 (json_int_t)info->start, "end", (json_int_t)info->end,
							 "explanation_url", info->explanation_url, "asked_at",
							 (json_int_t)info->asked_at, "next_poll", (json_int_t)info->next_poll);
	json_dumpf(json, stdout, 0);
	json_decref(json);
}

int main(int argc, char **argv) {
	if (argc != 6) {
		fprintf(stderr, "usage: ari_driver DIRECTORY-URL CERTIFICATE-ID ROOTCERT NOW TIMEOUT\n");
		return 3;
	}
	signal(SIGPIPE, SIG_IGN);
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_LOAD_CONFIG |
							OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
						NULL);
	job job = {.arguments = argv};
	uv_work_t work = {.data = &job};
	uv_loop_t loop;
	uv_loop_init(&loop);
	uv_queue_work(&loop, &work, fetch, fetched);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	ari_answer_free(&job.answer);
	return 0;
}
