/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Protocols: how TLS starts on a port. The table is protocol.def. */
#ifndef CHECK_CERT_RENEWAL_PROTOCOL_H
#define CHECK_CERT_RENEWAL_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
	const char *name;
	uint16_t port; /* 0: none of its own, -p is needed */
} protocol;

/* The protocols known, in the order of the table; the first is the default. */
const protocol *protocols(size_t *count);

/* The protocol called name; NULL if there is none. */
const protocol *protocol_by_name(const char *name);

#endif
