/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

#include "extra_opts.h"
#include "facts/observation.h"
#include "judge/renewal.h"
#include "language.h"
#include "probe/https_url.h"
#include "values.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLUGIN_NAME "check_cert_renewal"

static const double default_timeout = 10;
static const double timeout_max = 86400;

/* The names in the tables, each behind a blank. */
#define PROTOCOL(name, port) " " name
static const char protocol_names[] =
#include "probe/protocol.def"
	;
#undef PROTOCOL
#define CLIENT(name, rule, value, least, source) " " name
static const char client_names[] =
#include "judge/client.def"
	;
#undef CLIENT

typedef struct {
	config *config;
	options_result result;
	const char
		*accepted; /* the names that end what a setter says; static, NULL where there are none */
} parser;

/*
 * Each setter returns NULL, or what is wrong with the value and what is accepted; where that is a
 * list of names, it leaves them in parser->accepted.
 */
typedef const char *setter(parser *parser, const char *value);

static const char *add_spec(parser *parser, int kind, const char *text) {
	config *config = parser->config;
	target_spec *specs = realloc(config->specs, (config->spec_count + 1) * sizeof(*config->specs));
	if (specs == NULL) {
		return _("out of memory");
	}
	config->specs = specs;
	specs[config->spec_count].kind = kind;
	specs[config->spec_count].text = text;
	config->spec_count++;
	return NULL;
}

static const char *set_hostname(parser *parser, const char *value) {
	return add_spec(parser, SPEC_HOST, value);
}

static const char *set_file(parser *parser, const char *value) {
	return value[0] == '\0' ? _("no path") : add_spec(parser, SPEC_FILE, value);
}

static const char *set_address(parser *parser, const char *value) {
	target_options *options = &parser->config->options;
	if (!value_is_address(value)) {
		return _("not an address; accepted are IPv4 and IPv6 addresses");
	}
	for (size_t i = 0; i < options->address_count; i++) {
		if (strcmp(options->addresses[i], value) == 0) {
			return NULL;
		}
	}
	if (options->address_count == OBSERVATION_ATTEMPTS_MAX) {
		return _("one more address than the 64 that are checked together");
	}
	const char **addresses =
		realloc(options->addresses, (options->address_count + 1) * sizeof(*addresses));
	if (addresses == NULL) {
		return _("out of memory");
	}
	options->addresses = addresses;
	addresses[options->address_count++] = value;
	return NULL;
}

static const char *set_all_addresses(parser *parser, const char *value) {
	(void)value;
	parser->config->options.all_addresses = true;
	return NULL;
}

static const char *set_port(parser *parser, const char *value) {
	return value_port(value, &parser->config->options.port);
}

static const char *set_protocol(parser *parser, const char *value) {
	const protocol *found = protocol_by_name(value);
	if (found == NULL) {
		parser->accepted = protocol_names;
		return _("no such protocol; accepted are");
	}
	parser->config->options.protocol = found;
	return NULL;
}

static const char *set_sni(parser *parser, const char *value) {
	parser->config->options.sni = value;
	return value[0] == '\0' || strpbrk(value, " \t\r\n") != NULL ? _("not a name") : NULL;
}

static const char *set_family(parser *parser, address_family family) {
	address_family *asked = &parser->config->options.family;
	if (*asked != FAMILY_ANY && *asked != family) {
		return _("-4 and -6 contradict each other");
	}
	*asked = family;
	return NULL;
}

static const char *set_ipv4(parser *parser, const char *value) {
	(void)value;
	return set_family(parser, FAMILY_IPV4);
}

static const char *set_ipv6(parser *parser, const char *value) {
	(void)value;
	return set_family(parser, FAMILY_IPV6);
}

static const char *set_reload_grace(parser *parser, const char *value) {
	return value_duration(value, SECONDS_PER_DAY, &parser->config->options.policy.reload_grace);
}

static const char *set_history(parser *parser, const char *value) {
	parser->config->history = true;
	parser->config->history_file = value;
	return value != NULL && value[0] == '\0' ? _("no path") : NULL;
}

static const char *set_show_history(parser *parser, const char *value) {
	(void)value;
	parser->config->show_history = true;
	return NULL;
}

static const char *set_self_test(parser *parser, const char *value) {
	(void)value;
	parser->config->self_test = true;
	return NULL;
}

static const char *set_client_state(parser *parser, const char *value) {
	parser->config->options.client_state = value;
	return value[0] == '\0' ? _("no path") : NULL;
}

static const char *set_ari(parser *parser, const char *value) {
	parser->config->options.ari = true;
	parser->config->options.ari_directory = value;
	https_url url;
	return value != NULL ? https_url_parse(&url, value) : NULL;
}

static const char *set_forecast(parser *parser, const char *value) {
	(void)value;
	parser->config->forecast = true;
	return NULL;
}

static const char *set_warning(parser *parser, const char *value) {
	return value_limit(value, &parser->config->options.policy.warning);
}

static const char *set_critical(parser *parser, const char *value) {
	return value_limit(value, &parser->config->options.policy.critical);
}

static const char *set_renew_before(parser *parser, const char *value) {
	return value_renew_before(value, &parser->config->options.policy.renew_before);
}

static const char *set_client(parser *parser, const char *value) {
	const renewal_client *client = renewal_client_by_name(value);
	if (client == NULL) {
		parser->accepted = client_names;
		return _("no such client; accepted are");
	}
	parser->config->options.policy.client = client;
	return NULL;
}

static const char *set_severity(parser *parser, const char *value) {
	return value_severity(value, parser->config->options.policy.severity, &parser->accepted);
}

static const char *set_at(parser *parser, const char *value) {
	parser->config->at_set = true;
	return value_time(value, &parser->config->at);
}

static const char *set_rootcert(parser *parser, const char *value) {
	parser->config->rootcert = value;
	return value[0] == '\0' ? _("no path") : NULL;
}

static const char *set_selfsigned(parser *parser, const char *value) {
	(void)value;
	parser->config->options.policy.selfsigned = true;
	return NULL;
}

static const char *set_timeout(parser *parser, const char *value) {
	double seconds = 0;
	if (value_duration(value, 1, &seconds) != NULL || seconds < 0.001 || seconds > timeout_max) {
		return _("not a time; accepted are seconds (10, 0.5) or a duration (2m), up to a day");
	}
	parser->config->options.timeout = seconds;
	return NULL;
}

static const char *set_output_format(parser *parser, const char *value) {
	static const struct {
		const char *name;
		output_format format;
	} formats[] = {{"text", OUTPUT_TEXT}, {"json", OUTPUT_JSON}};
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(value, formats[i].name) == 0) {
			parser->config->format = formats[i].format;
			return NULL;
		}
	}
	return _("no such format; accepted are text and json");
}

static const char *set_lang(parser *parser, const char *value) {
	if (language_choose(value)) {
		return NULL;
	}
	parser->accepted = language_names;
	return _("no translations into this language; accepted are");
}

/* --extra-opts is gone from argv before the options are read. */
static const char *set_extra_opts(parser *parser, const char *value) {
	(void)parser;
	(void)value;
	return _("not accepted here");
}

static const char *set_verbose(parser *parser, const char *value) {
	(void)value;
	parser->config->verbose++;
	return NULL;
}

static const char *set_version(parser *parser, const char *value) {
	(void)value;
	parser->result = OPTIONS_VERSION;
	return NULL;
}

static const char *set_help(parser *parser, const char *value) {
	(void)value;
	parser->result = OPTIONS_HELP;
	return NULL;
}

static const option_row rows[] = {
#define OPTION_GROUP(title) {.help = (title)},
#define OPTION(letter, name, argument, argument_name, values, setter, repeats, help)               \
	{letter, name, argument, argument_name, help},
#include "options.def"
#undef OPTION_GROUP
#undef OPTION
};

static setter *const setters[] = {
#define OPTION_GROUP(title)                                                          NULL,
#define OPTION(letter, name, argument, argument_name, values, setter, repeats, help) set_##setter,
#include "options.def"
#undef OPTION_GROUP
#undef OPTION
};

enum {
	row_count = sizeof(rows) / sizeof(rows[0])
};

const option_row *option_rows(size_t *count) {
	*count = row_count;
	return rows;
}

/* getopt_long() returns this plus the row's index, or the first for a word that is no option. */
enum {
	bare_word_code = 1,
	row_code = 256
};

static void getopt_tables(char *letters, struct option *names) {
	*letters++ = '-'; /* bare words in their place among the options, also with POSIXLY_CORRECT */
	*letters++ = ':'; /* tell a missing argument from an unknown option */
	for (int i = 0; i < row_count; i++) {
		if (rows[i].name == NULL) {
			continue;
		}
		*names++ = (struct option){rows[i].name, rows[i].argument, NULL, row_code + i};
		if (rows[i].letter != 0) {
			*letters++ = (char)rows[i].letter;
			for (option_argument colons = OPTION_NONE; colons < rows[i].argument; colons++) {
				*letters++ = ':';
			}
		}
	}
	*letters = '\0';
	*names = (struct option){0};
}

static int row_of(int code) {
	if (code >= row_code) {
		return code - row_code;
	}
	int letter = code == bare_word_code ? 'H' : code;
	for (int i = 0; i < row_count; i++) {
		if (rows[i].letter != 0 && rows[i].letter == letter) {
			return i;
		}
	}
	return -1;
}

/* The word of argv that getopt could not read. */
static void say_unreadable(char error[OPTIONS_ERROR_MAX], char **argv, bool argument_missing) {
	if (optopt >= row_code) {
		snprintf(error, OPTIONS_ERROR_MAX,
				 argument_missing ? _("option --%s needs a value")
								  : _("option --%s takes no value"),
				 rows[optopt - row_code].name);
	} else if (optopt != 0) {
		snprintf(error, OPTIONS_ERROR_MAX,
				 argument_missing ? _("option -%c needs a value")
								  : _("unknown option -%c; --help lists them"),
				 optopt);
	} else {
		snprintf(error, OPTIONS_ERROR_MAX, _("unknown option %.*s; --help lists them"),
				 (int)strcspn(argv[optind - 1], "="), argv[optind - 1]);
	}
}

static void say_wrong(char error[OPTIONS_ERROR_MAX], const option_row *row, const char *value,
					  const char *wrong, const char *accepted) {
	char letter[8] = "";
	if (row->letter != 0) {
		snprintf(letter, sizeof(letter), "-%c, ", row->letter);
	}
	accepted = accepted != NULL ? accepted : "";
	snprintf(error, OPTIONS_ERROR_MAX, "%s--%s%s%.100s: %s%s%s", letter, row->name,
			 value != NULL ? " " : "", value != NULL ? value : "", wrong,
			 accepted[0] != '\0' && accepted[0] != ' ' ? " " : "", accepted);
}

static bool read_options(parser *parser, int argc, char **argv, char error[OPTIONS_ERROR_MAX]) {
	char letters[3 * row_count + 3];
	struct option names[row_count + 1];
	getopt_tables(letters, names);
	opterr = 0;
	optind = 0;
	for (int code; (code = getopt_long(argc, argv, letters, names, NULL)) != -1;) {
		int row = row_of(code);
		if (row < 0) {
			say_unreadable(error, argv, code == ':');
			return false;
		}
		/* An ini file's "w = 20" becomes "-w=20". */
		const char *value = optarg;
		value += value != NULL && code < row_code && code != bare_word_code && value[0] == '=';
		const char *wrong = setters[row](parser, value);
		if (wrong != NULL) {
			say_wrong(error, &rows[row], value, wrong, parser->accepted);
			return false;
		}
		if (parser->result != OPTIONS_CHECK) {
			return true;
		}
	}
	for (int i = optind; i < argc; i++) {
		const char *wrong = add_spec(parser, SPEC_HOST, argv[i]);
		if (wrong != NULL) {
			snprintf(error, OPTIONS_ERROR_MAX, "%s", wrong);
			return false;
		}
	}
	return true;
}

/* What each option may be, but not together. NULL: nothing contradicts. */
static const char *contradiction(const config *config) {
	const target_options *options = &config->options;
	size_t hosts = 0;
	for (size_t i = 0; i < config->spec_count; i++) {
		hosts += config->specs[i].kind == SPEC_HOST;
	}
	if (config->self_test) {
		return config->spec_count > 0
				   ? _("--self-test checks the installation: leave out -H and -f")
			   : config->format != OUTPUT_TEXT
				   ? _("--self-test has text output only: leave out --output-format")
				   : NULL;
	}
	if (config->spec_count == 0) {
		return _("nothing to check: give a host name (-H) or a certificate file (-f)");
	}
	if (hosts == 0 &&
		(options->address_count > 0 || options->all_addresses || options->port != 0)) {
		return _("-I, -p and --all-addresses need a host name (-H)");
	}
	if (limit_contradicts(options->policy.warning, options->policy.critical)) {
		return _("the critical limit is above the warning limit: -c has to be at most -w");
	}
	return NULL;
}

/* Before the options are read, for what is wrong with them. */
static void choose_language(int argc, char **argv) {
	language_from_environment();
	static const char option[] = "--lang";
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], option, strlen(option)) != 0) {
			continue;
		}
		const char *rest = argv[i] + strlen(option);
		const char *value = rest[0] == '=' ? rest + 1 : rest[0] == '\0' ? argv[i + 1] : NULL;
		if (value != NULL) {
			language_choose(value);
		}
	}
}

options_result options_parse(config *out, int argc, char **argv, char error[OPTIONS_ERROR_MAX]) {
	size_t protocol_count = 0;
	*out = (config){.options = {.protocol = protocols(&protocol_count),
								.timeout = default_timeout,
								.policy = policy_init()}};
	choose_language(argc, argv);
	char **arguments = np_extra_opts(&argc, argv, PLUGIN_NAME);
	out->arguments = arguments != argv ? arguments : NULL;
	parser parser = {.config = out, .result = OPTIONS_CHECK};
	if (!read_options(&parser, argc, arguments, error)) {
		return OPTIONS_WRONG;
	}
	if (parser.result != OPTIONS_CHECK) {
		return parser.result;
	}
	const char *wrong = contradiction(out);
	if (wrong != NULL) {
		snprintf(error, OPTIONS_ERROR_MAX, "%s", wrong);
		return OPTIONS_WRONG;
	}
	return OPTIONS_CHECK;
}

void config_free(config *config) {
	free(config->options.addresses);
	config->options.addresses = NULL;
	config->options.address_count = 0;
	free(config->arguments);
	config->arguments = NULL;
	free(config->specs);
	config->specs = NULL;
	config->spec_count = 0;
}
