/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interface: Monitoring Plugins 3, plugins/utils.h. */
#ifndef NPCOMMON_UTILS_H
#define NPCOMMON_UTILS_H

/* Prints one line: the plugin's name and version, then the package it comes from, in parentheses.
 * The package is PACKAGE_NAME_STRING as the library was compiled. */
void print_revision(const char *command_name, const char *revision);

#endif
