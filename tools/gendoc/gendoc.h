/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The documents: each is written to standard output. main() looks for errors there at the end.
 */
#ifndef GENDOC_GENDOC_H
#define GENDOC_GENDOC_H

#include <stddef.h>

/* The manual page, in troff, from the template on standard input. */
void gendoc_man(void);

/* The options as Markdown tables, one for each group. */
void gendoc_markdown(void);

/* What each finding means, as Markdown with an anchor for each. */
void gendoc_findings(void);

/* So many bytes of plain text, so that Markdown takes none of it for a mark. */
void markdown_text(const char *text, size_t length);

/* Completion for bash, for the plugin and for cert_quiet_hours. */
void gendoc_completion(void);
void gendoc_quiet_completion(void);

/* The Icinga 2 CheckCommand, as its configuration file. */
void gendoc_icinga2(void);

/* The same command and what belongs to it, as a basket of the Icinga Director. */
void gendoc_director(void);

#endif
