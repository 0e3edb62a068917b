/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The version of the package, as configure.ac has it: "0.1.0". For -V (print_revision) and JSON.
 */
#ifndef CHECK_CERT_RENEWAL_VERSION_H
#define CHECK_CERT_RENEWAL_VERSION_H

extern const char plugin_version[];

#endif
