/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "idna.h"

#include "language.h"

#include <dlfcn.h>
#include <idn2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * libidn2 and the libunistring behind it cost every start 3 % of a whole check, and few checks have
 * a name to encode: they are loaded when one has.
 */
static const char library[] = "libidn2.so.0";

typedef int lookup_function(const uint8_t *name, uint8_t **encoded, int flags);
typedef const char *error_function(int result);
typedef void free_function(void *memory);
typedef const char *version_function(const char *least);

char *idna_encode(const char *name, const char **why) {
	*why = _("names in other scripts need libidn2, which is not installed here");
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		return NULL;
	}
	lookup_function *lookup = (lookup_function *)dlsym(handle, "idn2_lookup_u8");
	error_function *error = (error_function *)dlsym(handle, "idn2_strerror");
	free_function *release = (free_function *)dlsym(handle, "idn2_free");
	char *copy = NULL;
	if (lookup != NULL && error != NULL && release != NULL) {
		uint8_t *encoded = NULL;
		int result = lookup((const uint8_t *)name, &encoded, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
		if (result == IDN2_OK) {
			copy = strdup((const char *)encoded);
			release(encoded);
		} else {
			*why = error(result); /* stays valid: the library is not unloaded */
		}
	}
	return copy;
}

const char *idna_version(void) {
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	version_function *version =
		handle != NULL ? (version_function *)dlsym(handle, "idn2_check_version") : NULL;
	return version != NULL ? version(NULL) : NULL;
}
