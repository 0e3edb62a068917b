/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "https_url.h"

#include "../language.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char host_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";

static bool is_address(int family, const char *text) {
	unsigned char bytes[sizeof(struct in6_addr)];
	return inet_pton(family, text, bytes) == 1;
}

static bool copy_lower(char *out, size_t room, const char *text, size_t length) {
	if (length == 0 || length >= room) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		out[i] = (char)tolower((unsigned char)text[i]);
	}
	out[length] = '\0';
	return true;
}

/* Moves on behind the host. */
static bool take_host(https_url *out, const char **at) {
	if (**at == '[') {
		size_t length = strcspn(*at, "]");
		if ((*at)[length] != ']' ||
			!copy_lower(out->host, sizeof(out->host), *at + 1, length - 1)) {
			return false;
		}
		*at += length + 1;
		out->is_address = true;
		return is_address(AF_INET6, out->host);
	}
	size_t length = strcspn(*at, ":/?#");
	if (!copy_lower(out->host, sizeof(out->host), *at, length)) {
		return false;
	}
	*at += length;
	out->is_address = is_address(AF_INET, out->host);
	return out->host[strspn(out->host, host_characters)] == '\0';
}

static bool take_port(https_url *out, const char **at) {
	snprintf(out->port, sizeof(out->port), "443");
	if (**at != ':') {
		return true;
	}
	(*at)++;
	size_t length = strspn(*at, "0123456789");
	long number = length > 0 && length < sizeof(out->port) ? strtol(*at, NULL, 10) : 0;
	*at += length;
	snprintf(out->port, sizeof(out->port), "%ld", number);
	return number >= 1 && number <= 65535;
}

static bool take_path(https_url *out, const char *at) {
	size_t length = strlen(at);
	for (size_t i = 0; i < length; i++) {
		if (at[i] <= ' ' || at[i] > '~' || at[i] == '#') {
			return false;
		}
	}
	const char *slash = at[0] == '/' ? "" : "/";
	if ((length > 0 && at[0] != '/' && at[0] != '?') || length + 1 > HTTPS_URL_PATH_MAX) {
		return false;
	}
	snprintf(out->path, sizeof(out->path), "%s%s", slash, at);
	return true;
}

const char *https_url_parse(https_url *out, const char *text) {
	*out = (https_url){.is_address = false};
	const char *at = text + strlen("https://");
	if (strncasecmp(text, "https://", strlen("https://")) != 0) {
		return _("not an https:// URL");
	}
	if (!take_host(out, &at)) {
		return _("no valid host name in the URL");
	}
	if (!take_port(out, &at)) {
		return _("no valid port in the URL");
	}
	if (!take_path(out, at)) {
		return _("no valid path in the URL, or one that is too long");
	}
	return NULL;
}

bool https_url_same_server(const https_url *one, const https_url *other) {
	return strcmp(one->host, other->host) == 0 && strcmp(one->port, other->port) == 0;
}
