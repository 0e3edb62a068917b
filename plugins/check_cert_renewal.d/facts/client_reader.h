/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of client states share. Internal to client_state*.c. */
#ifndef CHECK_CERT_RENEWAL_CLIENT_READER_H
#define CHECK_CERT_RENEWAL_CLIENT_READER_H

#include "../paths.h"
#include "client_state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Files larger than this are not read, and no more certificates than that are looked at. */
#define CLIENT_FILE_BYTES_MAX   (4L * 1024 * 1024)
#define CLIENT_CERTIFICATES_MAX 10000

/* A row of the table of clients. */
typedef struct {
	const char *name;
	/* Adds the certificates that the client keeps below root; none: root is not this client's. */
	bool (*find)(const char *root, path_list *certificates);
	/* Reads what is known of the attempts to renew that certificate. False: out of memory. */
	bool (*read)(client_state *out, const char *root, const char *certificate);
	/*
	 * NULL, or: reads what is known of a certificate that was asked for and never came; *found: was
	 * there one for the name? False: out of memory.
	 */
	bool (*read_unissued)(client_state *out, const char *root, const char *dns_name, bool *found);
} client_reader;

/* The rows (client_state.c picks the first whose find() finds something). */
extern const client_reader reader_certbot;
extern const client_reader reader_acme_sh;
extern const client_reader reader_dehydrated;
extern const client_reader reader_lego;
extern const client_reader reader_caddy;
extern const client_reader reader_certmonger;

/* Traefik keeps all in one file, keys and all: read by itself. *found: is it one? */
bool traefik_read(client_state *out, const char *path, const char *dns_name, bool *found);

/* A whole file as text, NUL replaced by blanks; NULL where it cannot be read, is larger or no file.
 */
char *client_text(const char *path);

/* The same of a log, of which only the end is read where it is larger. */
char *client_log(const char *path);

/* "root/pattern" expanded; adds what is there. */
bool client_glob(path_list *out, const char *root, const char *pattern);

/* Adds a path, which the list owns from then on (or which is freed). */
bool client_add_path(path_list *out, char *path);

/*
 * The value of the last line "key=value" (blanks around "=" and quotes around the value are
 * dropped), cut at 1024 bytes. NULL: there is none, or no memory.
 */
char *client_value(const char *text, const char *key);

/* The same as a number of seconds; 0: there is none. */
int64_t client_time(const char *text, const char *key);

/* "2026-11-24T23:41:58.52Z" in seconds; 0: it is none. */
int64_t client_rfc3339(const char *text);

/* Is the name one of these (separated by commas or blanks; "*." stands for one label)? */
bool client_names_cover(const char *names, const char *dns_name);

/* When a file was last written; 0: not known. */
int64_t client_modified(const char *path);

/* "dir" of "dir/file", levels up; owned by the caller. */
char *client_directory(const char *path, int levels);

/* A copy of one line, cut at 1024 bytes. */
char *client_line(const char *start);

#endif
