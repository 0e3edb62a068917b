/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificate files: PEM and DER. */
#ifndef CHECK_CERT_RENEWAL_FILE_H
#define CHECK_CERT_RENEWAL_FILE_H

#include "observation.h"
#include "verification.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file larger than this, or with more certificates, is said and not read further. */
#define FILE_BYTES_MAX        (16L * 1024 * 1024)
#define FILE_CERTIFICATES_MAX 5000

/*
 * What one file holds: each certificate that issued no other one in the file, with its issuers as
 * far as they are in the file. Owned; free with file_observations_free().
 */
typedef struct {
	observation *observations;
	char **labels; /* the path; with the certificate's name where there are several */
	size_t count;
} file_observations;

/*
 * Reads path and verifies what it holds: trust where the terms have anchors, the name where one is
 * asked. A file that cannot be read, or that is damaged in part, is an observation that failed. A
 * file without any certificate gives none where found_by_search. Returns false when memory runs
 * out.
 */
bool file_observe(file_observations *out, const char *path, bool found_by_search,
				  verify_terms terms, verify_name name);
void file_observations_free(file_observations *observations);

#endif
