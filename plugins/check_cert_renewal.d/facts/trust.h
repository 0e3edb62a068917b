/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trust anchors. */
#ifndef CHECK_CERT_RENEWAL_TRUST_H
#define CHECK_CERT_RENEWAL_TRUST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct trust trust;

/*
 * Trust anchors from a PEM file or a hashed directory; path NULL: the system's (its hashed
 * directory, and its bundle where the directory has no answer). Returns NULL with a reason in error
 * (cut to size) where they cannot be had. Free with trust_free().
 */
trust *trust_open(const char *path, char *error, size_t size);
void trust_free(trust *trust);

struct x509_store_st;

/*
 * Is this anchor one that came with the system's store, not added by the administrator, nor named
 * by the user?
 */
struct x509_st;
bool trust_is_public(const trust *trust, struct x509_st *anchor);

/* The store; owned by trust. */
struct x509_store_st *trust_store(trust *trust);

/*
 * Asks for more: parses the system's bundle if there is one that was not parsed yet. Returns true
 * where that brought anchors, so that verifying again may help.
 */
bool trust_load_bundle(trust *trust);

/* What the system has; strings are static or the environment's. */
typedef struct {
	const char *directory; /* the hashed directory; several are divided by colons */
	size_t hashed;         /* hashed entries in it that can be read */
	const char *bundle;    /* the first bundle that has certificates; NULL: there is none */
	size_t in_bundle;      /* certificates in it */
} trust_survey;

/* Looks at the system's trust anchors as trust_open() and trust_load_bundle() use them. */
void trust_look(trust_survey *out);

/* Is it "hhhhhhhh.N", as openssl rehash names the links of a hashed directory? */
bool trust_is_hash_name(const char *name);

#endif
