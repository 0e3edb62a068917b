/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the plugin says of itself.
 */
#ifndef CHECK_CERT_RENEWAL_VERSION_H
#define CHECK_CERT_RENEWAL_VERSION_H

/* The version of the package as configure.ac has it, "0.1.0": for -V (print_revision) and JSON. */
extern const char plugin_version[];

/*
 * Upstream's utils.c, linked in with print_revision(), wants these two of every plugin. They serve
 * its usage functions, which are not used here.
 */
extern const char *progname;
void print_usage(void);

#endif
