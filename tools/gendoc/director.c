/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command, a service template and the fields of its form as a basket of the Icinga Director
 * (Configuration Baskets, format of BasketSnapshot).
 */
#include "gendoc.h"
#include "icinga.h"

#include <stdio.h>

static void director_string(const char *text) {
	putchar('"');
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '"':
		case '\\':
			printf("\\%c", *text);
			break;
		case '\n':
			fputs("\\n", stdout);
			break;
		case '\t':
			fputs("\\t", stdout);
			break;
		default:
			putchar(*text);
		}
	}
	putchar('"');
}

static void director_property(const char *name, const char *text) {
	printf(",\n\t\t\t\t\t\"%s\": ", name);
	director_string(text);
}

/* The Director knows no code in variables: a preset becomes part of the argument's value. */
static void director_value(const icinga_argument *argument) {
	if (argument->preset == NULL || !argument->own_variable) {
		director_property("value", argument->value);
		return;
	}
	char code[2000];
	snprintf(code, sizeof(code), "var given = macro(\"%s\")\nif (given) {\n\treturn given\n}\n%s",
			 argument->value, argument->preset);
	fputs(",\n\t\t\t\t\t\"value\": { \"type\": \"Function\", \"body\": ", stdout);
	director_string(code);
	fputs(" }", stdout);
}

static void director_argument(const icinga_argument *argument) {
	printf("%s\t\t\t\t", argument->order > 1 ? ",\n" : "");
	director_string(argument->key);
	printf(": {\n\t\t\t\t\t\"order\": \"%d\"", argument->order);
	if (argument->value[0] != '\0') {
		director_value(argument);
	}
	if (argument->set_if[0] != '\0') {
		director_property("set_if", argument->set_if);
		director_property("set_if_format", argument->set_if_is_code ? "expression" : "string");
	}
	if (argument->skip_key) {
		fputs(",\n\t\t\t\t\t\"skip_key\": true", stdout);
	}
	if (argument->repeat_key) {
		fputs(",\n\t\t\t\t\t\"repeat_key\": true", stdout);
	}
	director_property("description", argument->option->help);
	fputs("\n\t\t\t\t}", stdout);
}

/* The number of an argument is the number of its field, too. */
static void director_field_reference(const icinga_argument *argument) {
	if (argument->own_variable) {
		printf("%s\t\t\t\t{ \"datafield_id\": %d, \"is_required\": \"n\", \"var_filter\": null }",
			   argument->order > 1 ? ",\n" : "", argument->order);
	}
}

static void director_field(const icinga_argument *argument) {
	static const char *const types[] = {
		[ICINGA_FLAG] = "Boolean",
		[ICINGA_NUMBER] = "Number",
		[ICINGA_TEXT] = "String",
		[ICINGA_LIST] = "Array",
	};
	if (!argument->own_variable) {
		return;
	}
	printf("%s\t\t\"%d\": {\n\t\t\t\"varname\": ", argument->order > 1 ? ",\n" : "",
		   argument->order);
	director_string(argument->variable);
	fputs(",\n\t\t\t\"caption\": ", stdout);
	director_string(argument->key);
	fputs(",\n\t\t\t\"description\": ", stdout);
	director_string(argument->option->help);
	printf(",\n\t\t\t\"datatype\": \"Icinga\\\\Module\\\\Director\\\\DataType\\\\DataType%s\",\n"
		   "\t\t\t\"format\": null,\n"
		   "\t\t\t\"originalId\": \"%d\",\n"
		   "\t\t\t\"settings\": {%s}\n"
		   "\t\t}",
		   types[argument->kind], argument->order,
		   argument->kind == ICINGA_TEXT ? " \"visibility\": \"visible\" " : "");
}

void gendoc_director(void) {
	puts("{\n"
		 "\t\"Command\": {\n"
		 "\t\t\"" ICINGA_COMMAND "\": {\n"
		 "\t\t\t\"object_name\": \"" ICINGA_COMMAND "\",\n"
		 "\t\t\t\"object_type\": \"object\",\n"
		 "\t\t\t\"methods_execute\": \"PluginCheck\",\n"
		 "\t\t\t\"command\": \"" PROGRAM "\",\n"
		 "\t\t\t\"timeout\": \"60\",\n"
		 "\t\t\t\"disabled\": false,\n"
		 "\t\t\t\"imports\": [],\n"
		 "\t\t\t\"vars\": {},\n"
		 "\t\t\t\"zone\": null,\n"
		 "\t\t\t\"arguments\": {");
	icinga_arguments(director_argument);
	puts("\n\t\t\t},\n"
		 "\t\t\t\"fields\": [");
	icinga_arguments(director_field_reference);
	puts("\n\t\t\t]\n"
		 "\t\t}\n"
		 "\t},\n"
		 "\t\"ServiceTemplate\": {\n"
		 "\t\t\"cert-renewal\": {\n"
		 "\t\t\t\"object_name\": \"cert-renewal\",\n"
		 "\t\t\t\"object_type\": \"template\",\n"
		 "\t\t\t\"check_command\": \"" ICINGA_COMMAND "\",\n"
		 "\t\t\t\"check_interval\": \"900\",\n"
		 "\t\t\t\"retry_interval\": \"60\",\n"
		 "\t\t\t\"max_check_attempts\": \"3\",\n"
		 "\t\t\t\"imports\": [],\n"
		 "\t\t\t\"fields\": [],\n"
		 "\t\t\t\"vars\": {}\n"
		 "\t\t}\n"
		 "\t},\n"
		 "\t\"Datafield\": {");
	icinga_arguments(director_field);
	puts("\n\t}\n}");
}
