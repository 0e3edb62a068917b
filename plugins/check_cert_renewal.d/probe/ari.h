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
	double timeout;    /* seconds */
	ari_answer answer; /* filled in; owned, free with ari_question_free() */
} ari_question;

/* rootcert: as -r; NULL: the system's trust anchors. */
void ari_ask_all(ari_question *questions, size_t count, const char *rootcert, int64_t now);
void ari_question_free(ari_question *question);

#endif
