/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "version.h"

/* The only file that sees autoconf's header: a new version recompiles nothing else. */
#include "build.h"

const char plugin_version[] = PACKAGE_VERSION;
