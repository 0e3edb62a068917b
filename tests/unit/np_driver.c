/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shows what a Monitoring Plugins library does, for tests/integration/
 * test_monitoring_plugins_tree.py, which compiles this file against plugins/npcommon and against an
 * upstream tree. It includes only what the plugin itself may include.
 *
 *   np_driver range      standard input: one RANGE per line, then a tab, then values with a space
 *                        between them. Prints "refused", or "START END INSIDE ALERTS": the ends as
 *                        numbers or "infinite", 1 for an alert inside, a 0 or 1 for each value.
 *   np_driver perfdata   standard input: LABEL UOM VALUE WARN CRIT MIN MAX with tabs between them,
 *                        WARN and CRIT being ranges; what is empty is not set. Prints the item.
 *   np_driver opts ...   what np_extra_opts() makes of the arguments, each with a NUL after it.
 *   np_driver states     max_state, max_state_alt and state_text of every pair of states.
 *   np_driver revision   what print_revision() prints.
 */
#include "states.h"
#include "perfdata.h"
#include "thresholds.h"
#include "utils_base.h"
#include "extra_opts.h"
#include "utils.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LINE_SIZE = 4096,
};

/* The upstream library's usage functions, linked in with print_revision(), want these two of every
 * plugin. */
extern const char *progname;
void print_usage(void);

const char *progname = "np_driver";

void print_usage(void) { printf("%s range|perfdata|opts|states|revision\n", progname); }

static void end_print(mp_perfdata_value value, bool infinite) {
	if (infinite) {
		printf("infinite ");
	} else {
		printf("%.17g ", mp_get_pd_value(value));
	}
}

static void range_show(const char *text, char *values) {
	mp_range_parsed parsed = mp_parse_range_string(text);
	if (parsed.error != MP_PARSING_SUCCESS) {
		puts("refused");
		return;
	}
	end_print(parsed.range.start, parsed.range.start_infinity);
	end_print(parsed.range.end, parsed.range.end_infinity);
	printf("%d ", parsed.range.alert_on_inside_range ? 1 : 0);
	for (char *word = strtok(values, " "); word != NULL; word = strtok(NULL, " ")) {
		bool alert = mp_check_range(mp_create_pd_value(strtod(word, NULL)), parsed.range);
		printf("%d", alert ? 1 : 0);
	}
	puts("");
}

static mp_range range_of(const char *text) {
	mp_range_parsed parsed = mp_parse_range_string(text);
	if (parsed.error != MP_PARSING_SUCCESS) {
		die(STATE_UNKNOWN, "not a range: %s\n", text);
	}
	return parsed.range;
}

static void perfdata_show(char *line) {
	char *fields[7];
	for (size_t i = 0; i < 7; i++) {
		fields[i] = strsep(&line, "\t");
		if (fields[i] == NULL) {
			die(STATE_UNKNOWN, "field %zu is missing\n", i);
		}
	}
	mp_thresholds thresholds_given = mp_thresholds_init();
	if (*fields[3] != '\0') {
		thresholds_given = mp_thresholds_set_warn(thresholds_given, range_of(fields[3]));
	}
	if (*fields[4] != '\0') {
		thresholds_given = mp_thresholds_set_crit(thresholds_given, range_of(fields[4]));
	}
	mp_perfdata item = perfdata_init();
	item.label = fields[0];
	item.uom = *fields[1] != '\0' ? fields[1] : NULL;
	item = mp_set_pd_value(item, strtod(fields[2], NULL));
	item = mp_pd_set_thresholds(item, thresholds_given);
	if (*fields[5] != '\0') {
		item = mp_set_pd_min_value(item, mp_create_pd_value(strtod(fields[5], NULL)));
	}
	if (*fields[6] != '\0') {
		item = mp_set_pd_max_value(item, mp_create_pd_value(strtoll(fields[6], NULL, 10)));
	}
	char *text = pd_to_string(item);
	puts(text);
	free(text);
}

static void lines_show(bool ranges) {
	char line[LINE_SIZE];
	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		char *rest = line;
		if (ranges) {
			const char *text = strsep(&rest, "\t");
			range_show(text, rest != NULL ? rest : line + strlen(line));
		} else {
			perfdata_show(line);
		}
	}
}

static void opts_show(int argc, char **argv) {
	char **expanded = np_extra_opts(&argc, argv, "check_cert_renewal");
	for (int i = 1; i < argc; i++) {
		fwrite(expanded[i], 1, strlen(expanded[i]) + 1, stdout);
	}
	if (expanded != argv) {
		free(expanded);
	}
}

static void states_show(void) {
	for (int a = STATE_OK; a <= STATE_UNKNOWN; a++) {
		for (int b = STATE_OK; b <= STATE_UNKNOWN; b++) {
			printf("%s %s\n", state_text(max_state((mp_state_enum)a, (mp_state_enum)b)),
				   state_text(max_state_alt((mp_state_enum)a, (mp_state_enum)b)));
		}
	}
}

int main(int argc, char **argv) {
	const char *mode = argc > 1 ? argv[1] : "";
	if (strcmp(mode, "range") == 0 || strcmp(mode, "perfdata") == 0) {
		lines_show(strcmp(mode, "range") == 0);
	} else if (strcmp(mode, "opts") == 0) {
		opts_show(argc - 1, argv + 1);
	} else if (strcmp(mode, "states") == 0) {
		states_show();
	} else if (strcmp(mode, "revision") == 0) {
		print_revision("check_cert_renewal", "1.2.3");
	} else {
		print_usage();
		return STATE_UNKNOWN;
	}
	return 0;
}
