/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The documents: each is written to standard output. main() looks for errors there at the end.
 */
#ifndef GENDOC_GENDOC_H
#define GENDOC_GENDOC_H

/* The manual page, in troff, from the template on standard input. */
void gendoc_man(void);

/* The options as Markdown tables, one for each group. */
void gendoc_markdown(void);

/* Completion for bash. */
void gendoc_completion(void);

#endif
