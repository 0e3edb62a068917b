/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sqlite.h"

#include <dlfcn.h>
#include <stddef.h>

/*
 * SQLite's many calls of itself are then found in itself at once, not after a look into all
 * libraries of the process: a third of what it costs to load. AddressSanitizer refuses it.
 */
#if defined(__has_feature)
#	if __has_feature(address_sanitizer)
#		define WITH_ADDRESS_SANITIZER
#	endif
#endif
#if defined(RTLD_DEEPBIND) && !defined(WITH_ADDRESS_SANITIZER) && !defined(__SANITIZE_ADDRESS__)
static const int itself_first = RTLD_DEEPBIND;
#else
static const int itself_first = 0;
#endif

static const char library[] = "libsqlite3.so.0";

bool sqlite_load(sqlite_functions *out) {
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL | itself_first);
	bool complete = handle != NULL;
#define ROW(name)                                                                                  \
	out->name = complete ? (__typeof__(sqlite3_##name) *)dlsym(handle, "sqlite3_" #name) : NULL;   \
	complete = complete && out->name != NULL;
	SQLITE_FUNCTIONS(ROW)
#undef ROW
	return complete;
}
