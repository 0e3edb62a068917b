/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "version.h"

/* The only file that sees autoconf's header: a new version recompiles nothing else. */
#include "build.h"

#include <stdio.h>

const char plugin_version[] = PACKAGE_VERSION;

const char *progname = PACKAGE_NAME;

void print_usage(void) { printf("Usage: %s [OPTIONS] [NAME...]; see --help\n", progname); }
