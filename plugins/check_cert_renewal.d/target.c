/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target.h"

#include "language.h"
#include "idna.h"
#include "values.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* RFC 1035: a name has at most 253 characters as text, a label 63. */
enum {
	host_name_max = 253,
	host_label_max = 63
};

/* A target named by the user, taken apart. Owned strings. */
typedef struct {
	char *host;
	uint16_t port; /* 0: not said */
} host_and_port;

static void target_free(target *target) {
	free(target->label);
	for (size_t i = 0; i < target->host_count; i++) {
		free(target->hosts[i]);
	}
	free(target->hosts);
	free(target->server_name);
	free(target->dns_name);
	free(target->ip_address);
	paths_free(&target->files);
	free(target->error);
}

void target_list_free(target_list *list) {
	for (size_t i = 0; i < list->count; i++) {
		target_free(&list->targets[i]);
	}
	free(list->targets);
	*list = (target_list){0};
}

verify_name target_verify_name(const target *target) {
	return (verify_name){target->dns_name, target->ip_address};
}

bool target_is_file(const target *target) { return target->is_file; }

static void say_wrong(target *target, const char *what, const char *why) {
	if (target->error == NULL && asprintf(&target->error, "%.100s: %s", what, why) < 0) {
		target->error = NULL;
	}
}

/* Letters, digits, hyphens and underscores in labels of sensible length. */
static bool is_host_name(const char *name) {
	size_t length = strlen(name);
	bool final_dot = length > 0 && name[length - 1] == '.'; /* beyond the 253 */
	if (length == 0 || length - final_dot > host_name_max) {
		return false;
	}
	for (const char *label = name;;) {
		size_t size = strcspn(label, ".");
		bool last = label[size] == '\0';
		if (size == 0) {
			return last && label > name; /* one dot at the end is fine */
		}
		if (size > host_label_max || label[0] == '-') {
			return false;
		}
		for (size_t i = 0; i < size; i++) {
			if (!isalnum((unsigned char)label[i]) && label[i] != '-' && label[i] != '_') {
				return false;
			}
		}
		if (last) {
			return true;
		}
		label += size + 1;
	}
}

/*
 * The name as DNS and certificates have it: an A-label form (IDNA 2008) for names in other scripts.
 * NULL with *why where there is none. Owned by the caller.
 */
static char *encode_name(const char *name, const char **why) {
	bool plain = true;
	for (const char *at = name; *at != '\0'; at++) {
		plain = plain && (unsigned char)*at < 0x80;
	}
	if (plain) {
		*why = _("not a host name");
		return is_host_name(name) ? strdup(name) : NULL;
	}
	char *encoded = idna_encode(name, why);
	if (encoded != NULL && !is_host_name(encoded)) {
		*why = _("not a host name");
		free(encoded);
		return NULL;
	}
	return encoded;
}

/* "NAME", "NAME:PORT", "ADDRESS", "[IPV6]", "[IPV6]:PORT". Returns what is wrong, or NULL. */
static const char *split_port(const char *text, host_and_port *out) {
	const char *port = NULL;
	if (text[0] == '[') {
		const char *end = strchr(text, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':')) {
			return _("not [IPV6] or [IPV6]:PORT");
		}
		out->host = strndup(text + 1, (size_t)(end - text - 1));
		port = end[1] == ':' ? end + 2 : NULL;
		if (out->host != NULL && strchr(out->host, ':') == NULL) {
			return _("no IPv6 address between the brackets");
		}
	} else if (value_is_address(text) || strchr(text, ':') == NULL) {
		out->host = strdup(text);
	} else {
		const char *colon = strchr(text, ':');
		out->host = strndup(text, (size_t)(colon - text));
		port = colon + 1;
	}
	if (port != NULL) {
		uint16_t number = 0;
		if (value_port(port, &number) != NULL) {
			return value_port(port, &number);
		}
		out->port = number;
	}
	return out->host == NULL ? _("out of memory") : NULL;
}

/* As split_port(), and https:// URLs. */
static const char *split_host(const char *text, host_and_port *out) {
	const char *scheme_end = strstr(text, "://");
	if (scheme_end == NULL) {
		return split_port(text, out);
	}
	if (strncasecmp(text, "https://", 8) != 0) {
		return _("only https:// URLs are understood");
	}
	const char *authority = text + 8;
	size_t length = strcspn(authority, "/?#");
	char *copy = strndup(authority, length);
	if (copy == NULL) {
		return _("out of memory");
	}
	const char *wrong = strchr(copy, '@') != NULL ? _("a URL with a user name is not accepted")
												  : split_port(copy, out);
	free(copy);
	return wrong;
}

/* The name without the dot that makes it absolute: SNI and certificates have none. */
static char *without_final_dot(const char *name) {
	size_t length = strlen(name);
	return strndup(name, length > 0 && name[length - 1] == '.' ? length - 1 : length);
}

/*
 * Where -I says whom to connect to, the name is only compared with the certificate, and
 * certificates have names that DNS does not. A dot at the start would make OpenSSL take it for a
 * pattern.
 */
static bool is_comparable(const target *target, const char *name) {
	if (target->options.address_count == 0 || name[0] == '.' || name[0] == '\0' ||
		strlen(name) > host_name_max) {
		return false;
	}
	for (const char *at = name; *at != '\0'; at++) {
		if (!isgraph((unsigned char)*at)) {
			return false;
		}
	}
	return true;
}

static void set_verified_name(target *target, const char *name) {
	if (value_is_address(name)) {
		target->ip_address = strndup(name, strcspn(name, "%"));
		return;
	}
	if (!is_host_name(name) && is_comparable(target, name)) {
		target->dns_name = strdup(name);
		target->server_name = strdup(name);
		return;
	}
	const char *why = NULL;
	char *encoded = encode_name(name, &why);
	if (encoded == NULL) {
		say_wrong(target, name, why);
		return;
	}
	target->dns_name = without_final_dot(encoded);
	target->server_name = without_final_dot(encoded);
	free(encoded);
}

static void set_port(target *target, uint16_t named_port, const char *text) {
	const target_options *options = &target->options;
	if (named_port != 0 && options->port != 0 && named_port != options->port) {
		say_wrong(target, text, _("names another port than -p"));
	}
	target->port = named_port != 0      ? named_port
				   : options->port != 0 ? options->port
										: options->protocol->port;
	if (target->port == 0) {
		say_wrong(target, text, _("this protocol has no port of its own: give -p"));
	}
}

static void set_label(target *target, const char *host) {
	bool brackets = strchr(host, ':') != NULL;
	int length = 0;
	if (target->port == target->options.protocol->port) {
		length = asprintf(&target->label, "%s", host);
	} else {
		length =
			asprintf(&target->label, brackets ? "[%s]:%u" : "%s:%u", host, (unsigned)target->port);
	}
	if (length < 0) {
		target->label = NULL;
	}
}

/* An address that -4 or -6 excludes. NULL: no contradiction. */
static const char *family_contradiction(address_family asked, const char *host) {
	if (asked == FAMILY_ANY || !value_is_address(host)) {
		return NULL;
	}
	bool is_ipv6 = strchr(host, ':') != NULL;
	if (asked == FAMILY_IPV4) {
		return is_ipv6 ? _("an IPv6 address, which -4 excludes") : NULL;
	}
	return is_ipv6 ? NULL : _("an IPv4 address, which -6 excludes");
}

static bool add_connected_host(target *target, const char *name) {
	const char *why = _("out of memory");
	char *host = value_is_address(name) ? strdup(name) : encode_name(name, &why);
	if (host == NULL) {
		say_wrong(target, name, why);
		return true;
	}
	const char *contradiction = family_contradiction(target->options.family, host);
	if (contradiction != NULL) {
		say_wrong(target, name, contradiction);
	}
	char **hosts = realloc(target->hosts, (target->host_count + 1) * sizeof(*hosts));
	if (hosts == NULL) {
		free(host);
		return false;
	}
	target->hosts = hosts;
	hosts[target->host_count++] = host;
	return true;
}

/* Whom to connect to: each -I, or the name itself. */
static bool set_connected_hosts(target *target, const char *name) {
	const target_options *options = &target->options;
	bool done = options->address_count > 0 || add_connected_host(target, name);
	for (size_t i = 0; i < options->address_count && done; i++) {
		done = add_connected_host(target, options->addresses[i]);
	}
	return done;
}

static bool host_target(target *out, const char *text) {
	bool done = true;
	host_and_port named = {0};
	const char *wrong = split_host(text, &named);
	if (wrong != NULL) {
		say_wrong(out, text, wrong);
	} else {
		const char *sni = out->options.sni;
		if (sni != NULL && value_is_address(sni)) {
			say_wrong(out, sni, _("--sni takes a name, not an address"));
		} else {
			set_verified_name(out, sni != NULL ? sni : named.host);
		}
		done = set_connected_hosts(out, named.host);
		set_port(out, named.port, text);
	}
	set_label(out, wrong == NULL ? named.host : text);
	free(named.host);
	return done && out->label != NULL;
}

static bool file_target(target *out, const char *text) {
	size_t length = strlen(text);
	while (length > 1 && text[length - 1] == '/') {
		length--;
	}
	out->is_file = true;
	out->label = strndup(text, length);
	if (out->options.sni != NULL) {
		set_verified_name(out, out->options.sni);
	}
	return out->label != NULL && paths_expand(&out->files, out->label);
}

static bool has_host(const config *config) {
	for (size_t i = 0; i < config->spec_count; i++) {
		if (config->specs[i].kind == SPEC_HOST) {
			return true;
		}
	}
	return false;
}

/* The files that every host is compared with. */
static bool add_compared_files(target *out, const config *config) {
	bool done = true;
	for (size_t i = 0; i < config->spec_count && done; i++) {
		if (config->specs[i].kind == SPEC_FILE) {
			done = paths_expand(&out->files, config->specs[i].text);
		}
	}
	return done;
}

bool targets_from_config(target_list *out, const config *config) {
	*out = (target_list){.targets = calloc(config->spec_count + 1, sizeof(*out->targets))};
	bool compares = has_host(config);
	bool done = out->targets != NULL;
	for (size_t i = 0; i < config->spec_count && done; i++) {
		const target_spec *spec = &config->specs[i];
		if (spec->kind == SPEC_FILE && compares) {
			continue;
		}
		target *target = &out->targets[out->count++];
		target->options = config->options;
		done = spec->kind == SPEC_HOST
				   ? host_target(target, spec->text) && add_compared_files(target, config)
				   : file_target(target, spec->text);
	}
	return done;
}
