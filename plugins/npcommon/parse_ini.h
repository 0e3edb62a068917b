/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the options of one section of an ini file. For extra_opts.c only. */
#ifndef NPCOMMON_PARSE_INI_H
#define NPCOMMON_PARSE_INI_H

typedef struct np_arg_el {
	char *arg;
	struct np_arg_el *next;
} np_arg_list;

/*
 * Returns the options that `[section][@file]` names, as arguments in the order of the file; the
 * caller frees the list with np_arg_list_free(). Never empty.
 *
 * locator may be NULL. Without a section it is default_section, which is the plugin's name. Without
 * a file it is $MP_CONFIG_FILE; else the first monitoring-plugins.ini, plugins.ini or
 * nagios-plugins.ini in the directories of $NAGIOS_CONFIG_PATH (separated by colons); else the
 * first that exists of the Monitoring Plugins' standard places. The file `-` is standard input.
 *
 * The file: `[section]` (white space around the name is dropped; a section may come in several
 * pieces), `name=value` (white space around both is dropped, the rest of the line is the value),
 * empty lines, and lines that begin with `#` or `;`. name=value gives --name=value, `name=` gives
 * --name; a name of one byte gets one dash: -n=value, -n. Source:
 * https://www.monitoring-plugins.org/doc/extra-opts.html. Lines of other sections are not looked
 * at.
 *
 * Files over 1 MiB, lines over 64 KiB and files that are not regular ones are refused. On any error
 * prints one line with the file, the line's number and what is wrong, and exits with 3. The
 * program must not be setuid.
 */
np_arg_list *np_get_defaults(const char *locator, const char *default_section);

void np_arg_list_free(np_arg_list *list);

#endif
