/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks CAs when they want certificates renewed, side by side, each within its own time. */
#ifndef CHECK_CERT_RENEWAL_ARI_H
#define CHECK_CERT_RENEWAL_ARI_H

#include "ari_fetch.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
	const char *directory_url;
	const char *certificate_id;
	const char
		*rootcert;  /* as -r; NULL: the system's trust anchors, which a public CA's server needs */
	double timeout; /* seconds */
	ari_answer answer; /* filled in; owned, free with ari_question_free() */
} ari_question;

/* now: the present, seconds since the epoch. */
void ari_ask_all(ari_question *questions, size_t count, int64_t now);
void ari_question_free(ari_question *question);

#endif
