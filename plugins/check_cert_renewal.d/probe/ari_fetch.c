/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ari_fetch.h"

#include "../language.h"
#include "../facts/trust.h"
#include "https_get.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seconds until the next attempt. */
enum {
	wait_temporary = 3600,
	wait_lasting = 6 * 3600,
};

/* Bytes; a directory and an answer have less than one KiB. */
enum {
	body_max = 64 * 1024
};

typedef struct {
	ari_answer *out;
	https_terms terms;
} request;

static bool fail(ari_answer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(ari_answer *out, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&out->error, format, arguments) < 0) {
		out->error = NULL;
	}
	va_end(arguments);
	return false;
}

/* An hour, or as long as the CA says where that is longer. */
static void put_off(request *request, const char *retry_after) {
	int64_t now = request->out->info.asked_at;
	int64_t asked = retry_after[0] != '\0' ? renewal_info_next_poll(retry_after, now) : now;
	request->out->info.next_poll = asked > now + wait_temporary ? asked : now + wait_temporary;
}

static bool fail_status(request *request, const char *what, const https_url *url,
						const http_answer *answer) {
	int status = answer->status;
	if (status == 429 || (status >= 500 && status <= 599)) {
		put_off(request, answer->retry_after);
	}
	if (status >= 300 && status <= 399) {
		return fail(request->out, _("%s (%s): status %d, a redirect, is not followed"), _(what),
					url->host, status);
	}
	return fail(request->out, _("%s (%s): status %d"), _(what), url->host, status);
}

/* Gets an answer of status 200, or fails. */
static bool get(request *request, http_answer *answer, const char *what, const https_url *url) {
	char error[HTTPS_ERROR_MAX];
	request->out->status = 0;
	switch (https_get(answer, url, request->terms, error)) {
	case HTTPS_FAILED_FOR_NOW:
		put_off(request, "");
		return fail(request->out, "%s (%s): %s", _(what), url->host, error);
	case HTTPS_FAILED:
		return fail(request->out, "%s (%s): %s", _(what), url->host, error);
	case HTTPS_ANSWERED:
		break;
	}
	request->out->status = answer->status;
	return answer->status == 200 || fail_status(request, what, url, answer);
}

static const char directory_words[] = N_("the CA's directory");

/* What the directory's renewalInfo says, followed by the certificate's identifier. */
static bool target_of(request *request, https_url *out, const json_t *directory,
					  const https_url *directory_url, const char *certificate_id) {
	const char *host = directory_url->host;
	const char *base = json_string_value(json_object_get(directory, "renewalInfo"));
	if (directory == NULL) {
		return fail(request->out, _("%s (%s): the answer is not valid JSON"), _(directory_words),
					host);
	}
	if (base == NULL) {
		return fail(request->out, _("%s (%s): no renewalInfo: this CA does not publish it"),
					_(directory_words), host);
	}
	char url[HTTPS_URL_HOST_MAX + HTTPS_URL_PATH_MAX];
	size_t length = strlen(base);
	const char *slash = length > 0 && base[length - 1] == '/' ? "" : "/";
	int size = snprintf(url, sizeof(url), "%s%s%s", base, slash, certificate_id);
	const char *wrong =
		size < (int)sizeof(url) ? https_url_parse(out, url) : _("the URL is too long");
	if (wrong != NULL) {
		return fail(request->out, "%s (%s): renewalInfo: %s", _(directory_words), host, wrong);
	}
	/* A directory has no business to make this machine ask anybody else. */
	if (!https_url_same_server(out, directory_url)) {
		return fail(request->out, _("%s (%s): renewalInfo is on another server (%s port %s)"),
					_(directory_words), host, out->host, out->port);
	}
	return true;
}

static bool read_directory(request *request, https_url *out, const char *directory_url,
						   const char *certificate_id) {
	https_url url;
	const char *wrong = https_url_parse(&url, directory_url);
	if (wrong != NULL) {
		return fail(request->out, "%s: %s", _(directory_words), wrong);
	}
	http_answer answer;
	bool done = get(request, &answer, directory_words, &url);
	if (done) {
		json_t *directory = json_loadb(answer.body, answer.size, JSON_REJECT_DUPLICATES, NULL);
		done = target_of(request, out, directory, &url, certificate_id);
		json_decref(directory);
	}
	http_answer_free(&answer);
	return done;
}

static void read_renewal_info(request *request, const https_url *url) {
	static const char what[] = N_("the CA's renewal information");
	renewal_info *info = &request->out->info;
	http_answer answer;
	if (get(request, &answer, what, url)) {
		const char *wrong = renewal_info_parse(info, answer.body, answer.size);
		if (wrong != NULL) {
			fail(request->out, "%s (%s): %s", _(what), url->host, wrong);
		} else {
			info->next_poll = renewal_info_next_poll(answer.retry_after, info->asked_at);
		}
	}
	http_answer_free(&answer);
}

void ari_fetch(ari_answer *out, const char *directory_url, const char *certificate_id,
			   const char *rootcert, int64_t now, double timeout_seconds) {
	*out = (ari_answer){.info = {.asked_at = now, .next_poll = now + wait_lasting}};
	char error[256];
	trust *trust = trust_open(rootcert, error, sizeof(error));
	if (trust == NULL) {
		fail(out, _("trust anchors for the CA's own certificate: %s"), error);
		return;
	}
	request request = {out, {trust, now, deadline_in(timeout_seconds), body_max}};
	https_url url;
	if (read_directory(&request, &url, directory_url, certificate_id)) {
		read_renewal_info(&request, &url);
	}
	trust_free(trust);
}

void ari_answer_free(ari_answer *answer) {
	free(answer->error);
	answer->error = NULL;
}
