/* SPDX-License-Identifier: GPL-3.0-or-later */
/* International names, by libidn2. */
#ifndef CHECK_CERT_RENEWAL_IDNA_H
#define CHECK_CERT_RENEWAL_IDNA_H

/*
 * A UTF-8 name in the form that DNS and certificates have it (A-labels, IDNA 2008). Returns NULL
 * with a reason in *why (static). Owned by the caller.
 */
char *idna_encode(const char *name, const char **why);

/* The version of the library that is loaded then; NULL where it is not installed. Static. */
const char *idna_version(void);

#endif
