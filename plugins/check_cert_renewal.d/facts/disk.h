/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The certificate that lies on disk for a name, as the renewal client left it, as plain values. */
#ifndef CHECK_CERT_RENEWAL_DISK_H
#define CHECK_CERT_RENEWAL_DISK_H

#include "certificate.h"
#include "verification.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
	DISK_FOUND,
	DISK_OTHER_NAMES, /* certificates, but none for the name: names has the first one's */
	DISK_UNREADABLE,  /* problem says why */
} disk_state;

typedef enum {
	DISK_KEY_NOT_FOUND, /* none beside it, or not readable, or with a passphrase */
	DISK_KEY_MATCHES,
	DISK_KEY_DIFFERS,
} disk_key;

typedef struct {
	disk_state state;
	char *path;       /* of the file; owned */
	chain chain;      /* DISK_FOUND: the newest certificate for the name, with its issuers; owned */
	char *names;      /* DISK_OTHER_NAMES: outside material; owned */
	char *problem;    /* DISK_UNREADABLE: plain words; owned */
	int64_t modified; /* when the file was last written, seconds since the epoch */
	disk_key key;
} disk_certificate;

/*
 * Looks through the files for the newest certificate that is for the name, and whether the private
 * key beside it belongs to it. The key is only compared and wiped; nothing of it is kept. Returns
 * false when memory runs out.
 */
bool disk_read(disk_certificate *out, char *const *paths, size_t count, verify_name name);

/* The same without the private key: key is DISK_KEY_NOT_FOUND. */
bool disk_find(disk_certificate *out, char *const *paths, size_t count, verify_name name);
void disk_free(disk_certificate *disk);

#endif
