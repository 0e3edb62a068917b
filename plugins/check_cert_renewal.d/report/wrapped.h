/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our own words (UTF-8) on a terminal of 80 columns, also where a language has no blanks. */
#ifndef CHECK_CERT_RENEWAL_WRAPPED_H
#define CHECK_CERT_RENEWAL_WRAPPED_H

#include <stddef.h>
#include <stdio.h>

/* Prints words, wrapped, with the indent that help has. */
void wrapped_print(FILE *out, const char *text);

/* The columns that words take. */
size_t wrapped_columns(const char *text);

#endif
