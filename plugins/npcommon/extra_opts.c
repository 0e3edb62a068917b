/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "extra_opts.h"

#include "parse_ini.h"
#include "states.h"
#include "utils_base.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char extra_opts_option[] = "--extra-opts";

static bool argument_is_option(const char *argument) {
	size_t dashes = strspn(argument, "-");
	return dashes == 1 || dashes == 2;
}

/*
 * Takes the arguments of --extra-opts out of argv and appends what they stand for to *options.
 * Returns how many arguments are left.
 */
static int arguments_expand(int argc, char **argv, const char *plugin_name, np_arg_list **options) {
	const size_t length = sizeof extra_opts_option - 1;
	int kept = 1;
	for (int i = 1; i < argc; i++) {
		const char *locator = NULL;
		if (strncmp(argv[i], extra_opts_option, length) != 0 ||
			(argv[i][length] != '\0' && argv[i][length] != '=')) {
			argv[kept++] = argv[i];
			continue;
		}
		if (argv[i][length] == '=') {
			locator = argv[i] + length + 1;
		} else if (i + 1 < argc && !argument_is_option(argv[i + 1])) {
			locator = argv[++i];
		}
		*options = np_get_defaults(locator, plugin_name);
		while (*options != NULL) {
			options = &(*options)->next;
		}
	}
	argv[kept] = NULL;
	return kept;
}

/* The new array with the strings behind it, in one block; NULL where memory is out. */
static char **arguments_join(int *argc, char **argv, const np_arg_list *options) {
	size_t count = (size_t)*argc;
	size_t text_size = 0;
	for (const np_arg_list *option = options; option != NULL; option = option->next) {
		count++;
		text_size += strlen(option->arg) + 1;
	}
	char **joined = malloc((count + 1) * sizeof *joined + text_size);
	if (joined == NULL) {
		return NULL;
	}
	char *text = (char *)(joined + count + 1);
	size_t used = 0;
	joined[used++] = argv[0];
	for (const np_arg_list *option = options; option != NULL; option = option->next) {
		size_t size = strlen(option->arg) + 1;
		joined[used++] = memcpy(text, option->arg, size);
		text += size;
	}
	for (int i = 1; i < *argc; i++) {
		joined[used++] = argv[i];
	}
	joined[used] = NULL;
	*argc = (int)used;
	return joined;
}

char **np_extra_opts(int *argc, char **argv, const char *plugin_name) {
	if (*argc < 2) {
		return argv;
	}
	np_arg_list *options = NULL;
	*argc = arguments_expand(*argc, argv, plugin_name, &options);
	if (options == NULL) {
		return argv;
	}
	char **joined = arguments_join(argc, argv, options);
	np_arg_list_free(options);
	if (joined == NULL) {
		die(STATE_UNKNOWN, "UNKNOWN - out of memory\n");
	}
	return joined;
}
