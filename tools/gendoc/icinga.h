/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The options as arguments of an Icinga 2 CheckCommand: what the configuration file and the
 * Director basket say in two languages.
 */
#ifndef GENDOC_ICINGA_H
#define GENDOC_ICINGA_H

#include "tables.h"

/* Name of the CheckCommand, and what the names of its custom variables begin with. */
#define ICINGA_COMMAND "cert_renewal"

/* What a custom variable holds. */
typedef enum {
	ICINGA_FLAG,   /* true or false */
	ICINGA_NUMBER, /* how often a flag is given */
	ICINGA_TEXT,
	ICINGA_LIST, /* one text, or an array of them */
} icinga_kind;

typedef struct {
	const option_row *option;
	int order;         /* counts from 1, as the table has the options */
	char key[80];      /* in the dictionary of arguments; an option may have two */
	char variable[80]; /* custom variable that it is made from */
	icinga_kind kind;
	bool own_variable; /* false where an argument before it has the same variable */
	char value[120];   /* "": none */
	char set_if[200];  /* "": always */
	bool set_if_is_code;
	bool skip_key; /* the value has the option's name in it */
	bool repeat_key;
	const char *preset; /* code for the value where the variable is not set; NULL: none */
} icinga_argument;

/* Calls back for each argument, in order. The argument is the callee's until it returns. */
void icinga_arguments(void (*each)(const icinga_argument *argument));

#endif
