/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CheckCommand as a configuration file of Icinga 2. */
#include "gendoc.h"
#include "icinga.h"

#include <stdio.h>

static void icinga2_string(const char *text) {
	putchar('"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\') {
			putchar('\\');
		}
		putchar(*text);
	}
	putchar('"');
}

static void icinga2_attribute(const char *name, const char *text) {
	printf("\t\t\t%s = ", name);
	icinga2_string(text);
	putchar('\n');
}

static void icinga2_argument(const icinga_argument *argument) {
	fputs("\t\t", stdout);
	icinga2_string(argument->key);
	fputs(" = {\n", stdout);
	if (argument->value[0] != '\0') {
		icinga2_attribute("value", argument->value);
	}
	if (argument->set_if[0] != '\0' && argument->set_if_is_code) {
		printf("\t\t\tset_if = {{ %s }}\n", argument->set_if);
	} else if (argument->set_if[0] != '\0') {
		icinga2_attribute("set_if", argument->set_if);
	}
	if (argument->skip_key) {
		puts("\t\t\tskip_key = true");
	}
	if (argument->repeat_key) {
		puts("\t\t\trepeat_key = true");
	}
	icinga2_attribute("description", argument->option->help);
	printf("\t\t\torder = %d\n\t\t}\n", argument->order);
}

static void icinga2_preset(const icinga_argument *argument) {
	if (argument->preset == NULL || !argument->own_variable) {
		return;
	}
	printf("\n\tvars.%s = {{\n\t\t", argument->variable);
	for (const char *code = argument->preset; *code != '\0'; code++) {
		putchar(*code);
		if (*code == '\n' && code[1] != '\0') {
			fputs("\t\t", stdout);
		}
	}
	puts("\t}}");
}

void gendoc_icinga2(void) {
	puts("// CheckCommand for " PROGRAM ", made from its table of options.\n"
		 "//\n"
		 "// Each long option is a custom variable: --renew-before is cert_renewal_renew_before. "
		 "Options\n"
		 "// that may repeat take an array, options without a value take true. Without any "
		 "variable the\n"
		 "// host's name is checked at the host's address; files alone (cert_renewal_file) are "
		 "checked\n"
		 "// without it. An empty array leaves an argument out that has a default here:\n"
		 "// cert_renewal_ip_address = [] lets the plugin resolve the name.\n"
		 "\n"
		 "object CheckCommand \"" ICINGA_COMMAND "\" {\n"
		 "\tcommand = [ PluginDir + \"/" PROGRAM "\" ]\n"
		 "\ttimeout = 1m // for all targets of one check; cert_renewal_timeout is for each\n"
		 "\n"
		 "\targuments = {");
	icinga_arguments(icinga2_argument);
	puts("\t}");
	icinga_arguments(icinga2_preset);
	puts("}");
}
