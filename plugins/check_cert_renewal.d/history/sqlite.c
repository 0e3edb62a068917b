/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sqlite.h"

#include <dlfcn.h>
#include <stddef.h>

static const char library[] = "libsqlite3.so.0";

bool sqlite_load(sqlite_functions *out) {
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	bool complete = handle != NULL;
#define ROW(name)                                                                                  \
	out->name = complete ? (__typeof__(sqlite3_##name) *)dlsym(handle, "sqlite3_" #name) : NULL;   \
	complete = complete && out->name != NULL;
	SQLITE_FUNCTIONS(ROW)
#undef ROW
	return complete;
}
