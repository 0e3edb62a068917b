/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Targets: what the user named, understood. */
#ifndef CHECK_CERT_RENEWAL_TARGET_H
#define CHECK_CERT_RENEWAL_TARGET_H

#include "config.h"
#include "facts/verification.h"
#include "paths.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	char *label; /* as it is shown and as perfdata labels begin */
	/* what is resolved and connected to: A-labels or numeric addresses; NULL: a file */
	char **hosts;
	size_t host_count;
	char *server_name; /* SNI; NULL: none is sent (an address) */
	char *dns_name;    /* what is verified: at most one of these two */
	char *ip_address;
	uint16_t port;
	path_list files; /* a file target's, or what a host is compared with */
	bool is_file;    /* the files themselves are the target */
	char *error;     /* why this target makes no sense (a usage finding), else NULL */
	target_options options;
} target;

typedef struct {
	target *targets; /* owned */
	size_t count;
} target_list;

/*
 * Understands everything that was named: splits NAME:PORT and URLs, encodes international names
 * (IDNA 2008, libidn2), expands globs and directories. Files beside hosts are what each host is
 * compared with, not targets. A target that makes no sense is in the list with its error. Returns
 * false when memory runs out.
 */
bool targets_from_config(target_list *out, const config *config);
void target_list_free(target_list *list);

/* Whom the certificate of this target has to be for. */
verify_name target_verify_name(const target *target);

bool target_is_file(const target *target);

#endif
