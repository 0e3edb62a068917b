/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the answer to one HTTP/1.1 GET request (RFC 9112), strictly and within bounds, wherever its
 * bytes come from.
 */
#ifndef CHECK_CERT_RENEWAL_HTTP_ANSWER_H
#define CHECK_CERT_RENEWAL_HTTP_ANSWER_H

#include <stddef.h>

/* Bytes. A value of Retry-After that is longer is no number and no date. */
#define HTTP_RETRY_AFTER_MAX 63

/* Bounds in bytes: of one header line, and of all lines before and after the body. */
#define HTTP_LINE_MAX   4096
#define HTTP_HEADER_MAX (16 * 1024)

/* Reads up to size bytes. Returns how many, 0 at the end, -1 on failure. */
typedef struct {
	long (*read)(void *argument, void *into, size_t size);
	void *argument;
} http_source;

/* Owned; free with http_answer_free(). */
typedef struct {
	int status;
	char retry_after[HTTP_RETRY_AFTER_MAX + 1]; /* "": none, or too long */
	char *body;                                 /* read with status 200 only; not a string */
	size_t size;
} http_answer;

typedef enum {
	HTTP_ANSWERED,
	HTTP_WRONG,         /* not HTTP, or not within the bounds */
	HTTP_SOURCE_FAILED, /* the source knows why */
} http_outcome;

/*
 * Reads until the end of the answer; *wrong tells in plain (static) words what HTTP_WRONG means.
 * The answer is empty unless HTTP_ANSWERED is returned.
 */
http_outcome http_answer_read(http_answer *out, http_source source, size_t body_max,
							  const char **wrong);
void http_answer_free(http_answer *answer);

#endif
