/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "icinga.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What is checked without any variable set is the host itself: its name at its address. Not where
 * files or a list of targets are to be checked. An address that is a name is left out: the plugin
 * resolves the host name itself. An empty array is no argument.
 */
static const char preset_hostname[] =
	"if (macro(\"$cert_renewal_file$\") || macro(\"$cert_renewal_targets$\")) {\n"
	"\treturn []\n"
	"}\n"
	"return macro(\"$host.name$\")\n";

static const char preset_address[] =
	"var others = macro(\"$cert_renewal_file$\") || macro(\"$cert_renewal_targets$\")\n"
	"if (others && !macro(\"$cert_renewal_hostname$\") || macro(\"$cert_renewal_all_addresses$\")) "
	"{\n"
	"\treturn []\n"
	"}\n"
	"var address = macro(\"$address$\")\n"
	"if (macro(\"$cert_renewal_use_ipv6$\") || !address && !macro(\"$cert_renewal_use_ipv4$\")) {\n"
	"\taddress = macro(\"$address6$\")\n"
	"}\n"
	"if (address && regex(\"^[0-9.]+$|:\", address)) {\n"
	"\treturn address\n"
	"}\n"
	"return []\n";

static const struct {
	const char *option;
	const char *code;
} presets[] = {
	{"hostname", preset_hostname},
	{"IP-address", preset_address},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

__attribute__((format(printf, 3, 4))) static void icinga_print(char *out, size_t size,
															   const char *format, ...) {
	va_list list;
	va_start(list, format);
	int length = vsnprintf(out, size, format, list);
	va_end(list);
	if (length < 0 || (size_t)length >= size) {
		fprintf(stderr, "gendoc: too long for an argument of Icinga 2: %s\n", out);
		exit(1);
	}
}

/* Appends a name as variables are written: a-z, 0-9 and "_". */
static void icinga_append_name(char *out, size_t size, const char *name) {
	size_t length = strlen(out);
	for (; *name != '\0' && length + 1 < size; name++) {
		unsigned char character = (unsigned char)*name;
		out[length++] = (char)(isalnum(character) ? tolower(character) : '_');
	}
	out[length] = '\0';
}

static void icinga_set_variable(icinga_argument *argument, const char *suffix) {
	icinga_print(argument->variable, sizeof(argument->variable), ICINGA_COMMAND "_");
	icinga_append_name(argument->variable, sizeof(argument->variable), argument->option->name);
	if (suffix != NULL) {
		icinga_append_name(argument->variable, sizeof(argument->variable), "_");
		icinga_append_name(argument->variable, sizeof(argument->variable), suffix);
	}
}

static icinga_argument icinga_begin(const option_row *option, int order) {
	icinga_argument argument = {.option = option, .order = order, .own_variable = true};
	icinga_print(argument.key, sizeof(argument.key), "--%s", option->name);
	icinga_set_variable(&argument, NULL);
	for (size_t i = 0; i < COUNT(presets); i++) {
		if (strcmp(presets[i].option, option->name) == 0) {
			argument.preset = presets[i].code;
		}
	}
	return argument;
}

/* --option VALUE */
static icinga_argument icinga_value(const option_row *option, int order) {
	icinga_argument argument = icinga_begin(option, order);
	argument.kind = option->repeats ? ICINGA_LIST : ICINGA_TEXT;
	argument.repeat_key = option->repeats;
	icinga_print(argument.value, sizeof(argument.value), "$%s$", argument.variable);
	return argument;
}

/* --option */
static icinga_argument icinga_flag(const option_row *option, int order) {
	icinga_argument argument = icinga_begin(option, order);
	argument.kind = option->repeats ? ICINGA_NUMBER : ICINGA_FLAG;
	icinga_print(argument.set_if, sizeof(argument.set_if), "$%s$", argument.variable);
	return argument;
}

/* A flag for the second time. */
static icinga_argument icinga_again(const option_row *option, int order) {
	icinga_argument argument = icinga_begin(option, order);
	argument.own_variable = false;
	icinga_print(argument.key, sizeof(argument.key), "--%s twice", option->name);
	icinga_print(argument.value, sizeof(argument.value), "--%s", option->name);
	argument.skip_key = true;
	icinga_print(argument.set_if, sizeof(argument.set_if), "macro(\"$%s$\") in [ 2, \"2\" ]",
				 argument.variable);
	argument.set_if_is_code = true;
	return argument;
}

/* --option=VALUE, in one word, since the value is optional; with a variable of its own, or not. */
static icinga_argument icinga_word(const option_row *option, int order, bool own) {
	icinga_argument argument = icinga_begin(option, order);
	argument.kind = ICINGA_TEXT;
	if (own) {
		icinga_set_variable(&argument, option->argument_name);
		icinga_print(argument.key, sizeof(argument.key), "--%s=%s", option->name,
					 option->argument_name);
	}
	icinga_print(argument.value, sizeof(argument.value), "--%s=$%s$", option->name,
				 argument.variable);
	argument.skip_key = true;
	return argument;
}

/* The flag of an option with an optional value, where the value is not given. */
static icinga_argument icinga_alone(const option_row *option, int order,
									const char *variable_of_value) {
	icinga_argument argument = icinga_begin(option, order);
	argument.kind = ICINGA_FLAG;
	icinga_print(argument.set_if, sizeof(argument.set_if), "macro(\"$%s$\") && !macro(\"$%s$\")",
				 argument.variable, variable_of_value);
	argument.set_if_is_code = true;
	return argument;
}

void icinga_arguments(void (*each)(const icinga_argument *)) {
	int order = 0;
	for (size_t i = 0; i < table_option_count; i++) {
		const option_row *option = &table_options[i];
		/* What prints a text and ends is no check. */
		if (option->title != NULL || strcmp(option->name, "help") == 0 ||
			strcmp(option->name, "version") == 0) {
			continue;
		}
		icinga_argument argument;
		if (option->argument == OPTION_REQUIRED) {
			argument = icinga_value(option, ++order);
		} else if (option->argument == OPTION_NONE) {
			argument = icinga_flag(option, ++order);
			if (option->repeats) {
				each(&argument);
				argument = icinga_again(option, ++order);
			}
		} else if (option->argument_name[0] == '[') { /* may be empty as well */
			argument = icinga_word(option, ++order, false);
		} else {
			icinga_argument word = icinga_word(option, order + 2, true);
			argument = icinga_alone(option, order + 1, word.variable);
			each(&argument);
			argument = word;
			order += 2;
		}
		each(&argument);
	}
}
