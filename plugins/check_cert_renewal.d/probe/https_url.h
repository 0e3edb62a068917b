/* SPDX-License-Identifier: GPL-3.0-or-later */
/* https URLs, taken apart. */
#ifndef CHECK_CERT_RENEWAL_HTTPS_URL_H
#define CHECK_CERT_RENEWAL_HTTPS_URL_H

#include <stdbool.h>

#define HTTPS_URL_HOST_MAX 253
#define HTTPS_URL_PATH_MAX 1024

/* Nothing in it can end a header line or begin another request. */
typedef struct {
	char host[HTTPS_URL_HOST_MAX + 1]; /* a name in lower case or an address, without brackets */
	char port[6];
	char path[HTTPS_URL_PATH_MAX + 1]; /* with the query; begins with "/" */
	bool is_address;
} https_url;

/*
 * Reads "https://HOST[:PORT][/PATH]" (RFC 3986, RFC 9110 section 4.2.2): ASCII, without user name
 * and fragment. Returns NULL, or what is wrong (static words).
 */
const char *https_url_parse(https_url *out, const char *text);

/* The same host and port? */
bool https_url_same_server(const https_url *one, const https_url *other);

#endif
