/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was asked: plain values, no behaviour.
 *
 * Strings point into argv, or into the array that --extra-opts made of it, which the config owns.
 */
#ifndef CHECK_CERT_RENEWAL_CONFIG_H
#define CHECK_CERT_RENEWAL_CONFIG_H

#include "judge/policy.h"
#include "probe/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
	FAMILY_ANY,
	FAMILY_IPV4,
	FAMILY_IPV6,
} address_family;

typedef enum {
	OUTPUT_TEXT,
	OUTPUT_JSON,
} output_format;

/* What is asked of one target: options that may differ from target to target. */
typedef struct {
	const char **addresses;   /* -I, each a pointer into argv; owned by the config */
	size_t address_count;     /* 0: resolve the name */
	bool all_addresses;       /* --all-addresses */
	const char *client_state; /* --client-state; NULL: not asked for */
	bool ari;
	const char *ari_directory; /* --ari=URL; NULL: by the issuer */
	const char *sni;           /* --sni; NULL: the name */
	const protocol *protocol;
	uint16_t port; /* 0: the protocol's own */
	address_family family;
	double timeout; /* seconds */
	policy policy;
} target_options;

/* What the user named, in the order of the command line. */
typedef struct {
	enum {
		SPEC_HOST,
		SPEC_FILE,
	} kind;
	const char *text;
} target_spec;

/* The whole run. */
typedef struct {
	target_options options;
	target_spec *specs; /* owned; free with config_free() */
	size_t spec_count;
	const char *rootcert; /* -r; NULL: the system's trust anchors */
	char **arguments;     /* owned: what --extra-opts made of argv, one block; NULL: nothing */
	bool at_set;
	int64_t at; /* --at: seconds since the epoch */
	bool history;
	const char *history_file; /* NULL: the default one */
	bool show_history;
	bool self_test;
	bool forecast;
	output_format format;
	int verbose;
} config;

#endif
