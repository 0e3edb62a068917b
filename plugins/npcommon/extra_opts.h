/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options from ini files. Interface: Monitoring Plugins 3, lib/extra_opts.h. */
#ifndef NPCOMMON_EXTRA_OPTS_H
#define NPCOMMON_EXTRA_OPTS_H

/*
 * Replaces each --extra-opts[=[section][@file]] by the options of that section; parse_ini.h says
 * which file is read and how. The section or file may also be the next argument, if that does not
 * begin with a dash (or begins with three). The options of the files come first, in the order of
 * the --extra-opts, then the rest of the command line, so that the command line overrides.
 *
 * Every --extra-opts is taken out of argv, and *argc becomes the number of arguments returned.
 * Returns argv itself where there was no --extra-opts, else a new array, NULL at its end. The new
 * array and the strings from the files are one block of memory: the caller keeps it as long as an
 * argument is used, and may then free() the array, which frees the strings as well. The other
 * pointers in it are those of argv.
 *
 * On an error prints "NAME UNKNOWN - what is wrong", NAME being plugin_name in upper case without
 * "check_", and exits with 3.
 */
char **np_extra_opts(int *argc, char **argv, const char *plugin_name);

#endif
