/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "quiet_options.h"

#include "language.h"
#include "options.h"
#include "report/wrapped.h"
#include "values.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const size_t default_exact = 500000;
static const size_t exact_max = 100000000;

typedef struct {
	quiet_config *config;
	quiet_result result;
	bool json;
	bool schedule;
} parser;

/* Each setter returns NULL, or what is wrong with the value and what is accepted. */
typedef const char *setter(parser *parser, const char *value);

static const char *append(const char ***list, size_t *count, const char *text) {
	const char **longer = realloc(*list, (*count + 1) * sizeof(*longer));
	if (longer == NULL) {
		return _("out of memory");
	}
	*list = longer;
	longer[(*count)++] = text;
	return NULL;
}

static const char *set_window(parser *parser, const char *value) {
	double seconds = 0;
	if (value_duration(value, 60, &seconds) != NULL || seconds < SLOT_SECONDS ||
		seconds > SLOTS_PER_DAY * SLOT_SECONDS || (int64_t)seconds % SLOT_SECONDS != 0 ||
		seconds != (double)(int64_t)seconds) {
		return _("not a window; accepted are 5m to 24h in steps of 5 minutes, as 40m or 1.5h");
	}
	parser->config->window = slot_of((int64_t)seconds);
	return NULL;
}

static const char *set_fold(parser *parser, const char *value) {
	parser->config->by_week = strcmp(value, "week") == 0;
	return parser->config->by_week || strcmp(value, "day") == 0
			   ? NULL
			   : _("neither; accepted are day and week");
}

static const char *set_bots(parser *parser, const char *value) {
	static const char *const names[] = {"apart", "with", "only"};
	for (int mode = BOTS_APART; mode <= BOTS_ONLY; mode++) {
		if (strcmp(value, names[mode]) == 0) {
			parser->config->bots = (bots_mode)mode;
			return NULL;
		}
	}
	return _("not understood; accepted are apart, with and only");
}

static const char *set_utc(parser *parser, const char *value) {
	(void)value;
	parser->config->utc = true;
	return NULL;
}

static const char *set_whole_days(parser *parser, const char *value) {
	(void)value;
	parser->config->whole_days = true;
	return NULL;
}

static const char *set_exact(parser *parser, const char *value) {
	size_t length = strspn(value, "0123456789");
	size_t number = length > 0 && length < 10 ? (size_t)strtoul(value, NULL, 10) : 0;
	if (value[length] != '\0' || number < 1 || number > exact_max) {
		return _("not a number of addresses; accepted are 1 to 100000000");
	}
	parser->config->exact = number;
	return NULL;
}

static const char *set_output_format(parser *parser, const char *value) {
	parser->json = strcmp(value, "json") == 0;
	return parser->json || strcmp(value, "text") == 0
			   ? NULL
			   : _("no such format; accepted are text and json");
}

static const char *set_schedule(parser *parser, const char *value) {
	parser->schedule = true;
	parser->config->format = strcmp(value, "nagios") == 0 ? SHOW_NAGIOS : SHOW_ICINGA;
	return parser->config->format == SHOW_NAGIOS || strcmp(value, "icinga") == 0
			   ? NULL
			   : _("no such monitoring system; accepted are nagios and icinga");
}

/* A name that is one field of a line: Nagios divides them by semicolons. */
static const char *name_problem(const char *value) {
	for (const char *at = value; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || *at == '\x7f' || *at == ';') {
			return _("not a name: there is a control character or a semicolon in it");
		}
	}
	return value[0] == '\0' ? _("no name") : NULL;
}

static const char *set_host(parser *parser, const char *value) {
	parser->config->host = value;
	return name_problem(value);
}

static const char *set_service(parser *parser, const char *value) {
	const char *problem = name_problem(value);
	return problem != NULL
			   ? problem
			   : append(&parser->config->services, &parser->config->service_count, value);
}

static const char *set_at(parser *parser, const char *value) {
	return value_time(value, &parser->config->at);
}

static const char *set_ascii(parser *parser, const char *value) {
	(void)value;
	parser->config->ascii = true;
	return NULL;
}

static const char *set_lang(parser *parser, const char *value) {
	(void)parser;
	return language_choose(value) ? NULL : _("no translations; accepted are en, de, fr and ja");
}

static const char *set_version(parser *parser, const char *value) {
	(void)value;
	parser->result = QUIET_VERSION;
	return NULL;
}

static const char *set_help(parser *parser, const char *value) {
	(void)value;
	parser->result = QUIET_HELP;
	return NULL;
}

static const option_row rows[] = {
#define OPTION_GROUP(title) {.help = (title)},
#define OPTION(letter, name, argument, argument_name, values, setter, repeats, help)               \
	{letter, name, argument, argument_name, help},
#include "quiet_hours/options.def"
#undef OPTION_GROUP
#undef OPTION
};

static setter *const setters[] = {
#define OPTION_GROUP(title)                                                          NULL,
#define OPTION(letter, name, argument, argument_name, values, setter, repeats, help) set_##setter,
#include "quiet_hours/options.def"
#undef OPTION_GROUP
#undef OPTION
};

enum {
	ROW_COUNT = sizeof(rows) / sizeof(rows[0]),
	ROW_CODE = 256, /* getopt_long() returns this plus the row's index */
};

static void getopt_tables(char *letters, struct option *names) {
	*letters++ = ':'; /* tell a missing argument from an unknown option */
	for (int i = 0; i < ROW_COUNT; i++) {
		if (rows[i].name == NULL) {
			continue;
		}
		*names++ = (struct option){rows[i].name, rows[i].argument, NULL, ROW_CODE + i};
		if (rows[i].letter != 0) {
			*letters++ = (char)rows[i].letter;
			if (rows[i].argument == OPTION_REQUIRED) {
				*letters++ = ':';
			}
		}
	}
	*letters = '\0';
	*names = (struct option){0};
}

static int row_of(int code) {
	for (int i = 0; code < ROW_CODE && i < ROW_COUNT; i++) {
		if (rows[i].letter != 0 && rows[i].letter == code) {
			return i;
		}
	}
	return code < ROW_CODE ? -1 : code - ROW_CODE;
}

static void say_unreadable(char error[QUIET_ERROR_MAX], const char *word, bool argument_missing) {
	size_t length = strcspn(word, "=");
	int shown = (int)(length < 100 ? length : 100);
	if (argument_missing) {
		snprintf(error, QUIET_ERROR_MAX, _("option %.*s needs a value"), shown, word);
	} else {
		snprintf(error, QUIET_ERROR_MAX,
				 _("unknown option %.*s, or it takes no value; --help lists them"), shown, word);
	}
}

static bool read_options(parser *parser, int argc, char **argv, char error[QUIET_ERROR_MAX]) {
	char letters[2 * ROW_COUNT + 2];
	struct option names[ROW_COUNT + 1];
	getopt_tables(letters, names);
	opterr = 0;
	optind = 0;
	for (int code; (code = getopt_long(argc, argv, letters, names, NULL)) != -1;) {
		int row = row_of(code);
		if (row < 0) {
			say_unreadable(error, argv[optind - 1], code == ':');
			return false;
		}
		const char *wrong = setters[row](parser, optarg);
		if (wrong != NULL) {
			snprintf(error, QUIET_ERROR_MAX, "--%s %.100s: %s", rows[row].name, optarg, wrong);
			return false;
		}
		if (parser->result != QUIET_RUN) {
			return true;
		}
	}
	for (int i = optind; i < argc; i++) {
		const char *wrong = append(&parser->config->files, &parser->config->file_count, argv[i]);
		if (wrong != NULL) {
			snprintf(error, QUIET_ERROR_MAX, "%s", wrong);
			return false;
		}
	}
	return true;
}

/* What each option may be, but not together. NULL: nothing contradicts. */
static const char *contradiction(const parser *parser) {
	const quiet_config *config = parser->config;
	if (config->file_count == 0) {
		return _(
			"no log to read: name the files of your web server's access log, or - for standard "
			"input");
	}
	if (parser->schedule && parser->json) {
		return _("--schedule has a form of its own: leave out --output-format");
	}
	if (parser->schedule && (config->host == NULL || config->service_count == 0)) {
		return _("--schedule needs --host and --service, as the monitoring system names them");
	}
	if (!parser->schedule && (config->host != NULL || config->service_count > 0)) {
		return _("--host and --service need --schedule");
	}
	return NULL;
}

quiet_result quiet_options_parse(quiet_config *config, int argc, char **argv,
								 char error[QUIET_ERROR_MAX]) {
	*config =
		(quiet_config){.window = SLOTS_PER_HOUR, .exact = default_exact, .at = (int64_t)time(NULL)};
	parser parser = {.config = config, .result = QUIET_RUN};
	language_from_environment();
	if (!read_options(&parser, argc, argv, error)) {
		return QUIET_WRONG;
	}
	const char *wrong = parser.result == QUIET_RUN ? contradiction(&parser) : NULL;
	if (wrong != NULL) {
		snprintf(error, QUIET_ERROR_MAX, "%s", wrong);
		return QUIET_WRONG;
	}
	if (!parser.schedule) {
		config->format = parser.json ? SHOW_JSON : SHOW_TEXT;
	}
	return parser.result;
}

void quiet_config_free(quiet_config *config) {
	free(config->services);
	free(config->files);
	memset(config, 0, sizeof(*config));
}

void quiet_help(FILE *out) {
	fprintf(out, "cert_quiet_hours - %s\n\n%s\n",
			_("tells from web server logs when the fewest visitors come"), _("Usage:"));
	fputs("  cert_quiet_hours [--window=DURATION] [options] FILE...\n", out);
	for (int i = 0; i < ROW_COUNT; i++) {
		if (rows[i].name == NULL) {
			fprintf(out, "\n%s:\n", _(rows[i].help));
			continue;
		}
		if (rows[i].letter != 0) {
			fprintf(out, "  -%c, --%s", rows[i].letter, rows[i].name);
		} else {
			fprintf(out, "      --%s", rows[i].name);
		}
		fprintf(out, rows[i].argument == OPTION_REQUIRED ? "=%s\n" : "%s\n",
				rows[i].argument == OPTION_REQUIRED ? rows[i].argument_name : "");
		wrapped_print(out, _(rows[i].help));
	}
	fprintf(out, "\n%s\n",
			_("Logs: Common and Combined Log Format and JSON lines, plain or packed by gzip,\n"
			  "xz or zstd; - is standard input.\n"
			  "Exit: 0 done, 3 nothing usable or wrong options."));
}
