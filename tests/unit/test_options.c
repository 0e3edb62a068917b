/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: every option, and every way to get one wrong. --extra-opts has tests of its
 * own. */
#include "unit.h"

#include "facts/observation.h"
#include "judge/renewal.h"
#include "options.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	words_max = 32
};

/* One command line at a time; strings of the config point into it. */
static char text[4096];
static char *words[words_max];
static config parsed;
static char error[OPTIONS_ERROR_MAX];

/* Parses a command line whose words are divided by blanks; '' is an empty word. */
static options_result parse(const char *line) {
	int count = 0;
	char *place = NULL;
	config_free(&parsed);
	memset(error, 0, sizeof(error));
	snprintf(text, sizeof(text), "check_cert_renewal %s", line);
	for (char *word = strtok_r(text, " ", &place); word != NULL;
		 word = strtok_r(NULL, " ", &place)) {
		assert_true(count < words_max - 1);
		words[count++] = strcmp(word, "''") == 0 ? word + 2 : word;
	}
	words[count] = NULL;
	return options_parse(&parsed, count, words, error);
}

static const config *parse_good(const char *line) {
	options_result result = parse(line);
	expect(result == OPTIONS_CHECK, "%s: %s", line, error);
	return &parsed;
}

static const target_options *options_of(const char *line) { return &parse_good(line)->options; }

static void expect_specs(const char *line, size_t count, const target_spec *wanted) {
	const config *config = parse_good(line);
	assert_int_equal(config->spec_count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(config->specs[i].kind, wanted[i].kind);
		assert_string_equal(config->specs[i].text, wanted[i].text);
	}
}

static void test_defaults(void **state) {
	(void)state;
	const config *config = parse_good("-H www.example.jp");
	const target_options *options = &config->options;
	assert_int_equal(options->address_count, 0);
	assert_null(options->sni);
	assert_string_equal(options->protocol->name, "https");
	assert_int_equal(options->port, 0);
	assert_int_equal(options->family, FAMILY_ANY);
	assert_true(options->timeout == 10);
	assert_int_equal(options->policy.warning.kind, LIMIT_AUTO);
	assert_int_equal(options->policy.critical.kind, LIMIT_AUTO);
	assert_int_equal(options->policy.renew_before.kind, LIMIT_AUTO);
	assert_null(options->policy.client);
	assert_false(options->policy.selfsigned);
	for (int id = 0; id < FINDING_COUNT; id++) {
		assert_int_equal(options->policy.severity[id], SEVERITY_DEFAULT);
	}
	assert_null(config->rootcert);
	assert_false(config->at_set);
	assert_int_equal(config->format, OUTPUT_TEXT);
	assert_int_equal(config->verbose, 0);
}

/* What is checked, in the order in which it was named, bare words among the options too. */
static void test_targets(void **state) {
	(void)state;
	const target_spec host = {SPEC_HOST, "a.test"};
	expect_specs("-H a.test", 1, &host);
	expect_specs("-Ha.test", 1, &host);
	expect_specs("--hostname a.test", 1, &host);
	expect_specs("--hostname=a.test", 1, &host);
	expect_specs("a.test", 1, &host);
	expect_specs("-- a.test", 1, &host);
	const target_spec file = {SPEC_FILE, "/etc/a.pem"};
	expect_specs("-f /etc/a.pem", 1, &file);
	expect_specs("--file /etc/a.pem", 1, &file);
	const target_spec mixed[] = {
		{SPEC_HOST, "a"}, {SPEC_HOST, "b"}, {SPEC_FILE, "c"}, {SPEC_HOST, "d"}, {SPEC_HOST, "-e"},
	};
	expect_specs("a -H b -v -f c d -w 20 -- -e", COUNT(mixed), mixed);
	/* POSIXLY_CORRECT must not make options after the first bare word into host names. */
	setenv("POSIXLY_CORRECT", "1", 1);
	expect_specs("a -H b -v -f c d -w 20 -- -e", COUNT(mixed), mixed);
	unsetenv("POSIXLY_CORRECT");
	/* Only an option's value may have the "=" that an ini file's lines have. */
	const target_spec equals[] = {{SPEC_HOST, "a"}, {SPEC_HOST, "=b"}};
	expect_specs("-H=a =b", COUNT(equals), equals);
}

static void test_connection(void **state) {
	(void)state;
	static const char *const address[] = {"-I 192.0.2.1", "-I192.0.2.1", "--IP-address=192.0.2.1"};
	for (size_t i = 0; i < COUNT(address); i++) {
		char line[64];
		snprintf(line, sizeof(line), "a.test %s", address[i]);
		assert_int_equal(options_of(line)->address_count, 1);
		assert_string_equal(parsed.options.addresses[0], "192.0.2.1");
	}
	assert_int_equal(options_of("a.test -I 192.0.2.1 -I 2001:db8::1")->address_count, 2);
	assert_string_equal(parsed.options.addresses[1], "2001:db8::1");
	assert_int_equal(options_of("a.test -p 8443")->port, 8443);
	assert_int_equal(options_of("a.test --port=8443")->port, 8443);
	assert_int_equal(options_of("a.test -p=8443")->port, 8443);
	assert_string_equal(options_of("a.test -P tls -p 1")->protocol->name, "tls");
	assert_string_equal(options_of("a.test --protocol=https")->protocol->name, "https");
	assert_string_equal(options_of("a.test --sni b.test")->sni, "b.test");
	assert_int_equal(options_of("a.test -4")->family, FAMILY_IPV4);
	assert_int_equal(options_of("a.test -44 --use-ipv4")->family, FAMILY_IPV4);
	assert_int_equal(options_of("a.test --use-ipv6")->family, FAMILY_IPV6);
	assert_int_equal(options_of("a.test -6")->family, FAMILY_IPV6);
	assert_true(options_of("a.test -t 2.5")->timeout == 2.5);
	assert_true(options_of("a.test -t 2m")->timeout == 120);
	assert_true(options_of("a.test --timeout=0.001")->timeout == 0.001);
	assert_true(options_of("a.test --timeout=86400")->timeout == 86400);
	assert_string_equal(parse_good("a.test -r /etc/ssl")->rootcert, "/etc/ssl");
	assert_string_equal(parse_good("a.test --rootcert=/etc/ssl")->rootcert, "/etc/ssl");
}

static void test_policy(void **state) {
	(void)state;
	const policy *policy = &options_of("a.test -w 25% -c 36h --renew-before 2w")->policy;
	assert_int_equal(policy->warning.kind, LIMIT_SHARE);
	assert_true(policy->warning.value == 0.25);
	assert_int_equal(policy->critical.kind, LIMIT_SECONDS);
	assert_true(policy->critical.value == 129600);
	assert_int_equal(policy->renew_before.kind, LIMIT_SECONDS);
	assert_true(policy->renew_before.value == 1209600);
	assert_int_equal(options_of("a.test --warning=20:")->policy.warning.kind, LIMIT_RANGE);
	assert_int_equal(options_of("a.test --critical=@0:20")->policy.critical.kind, LIMIT_RANGE);
	/* The last word counts, as it does over an ini file; "auto" takes back. */
	assert_int_equal(options_of("a.test -w 20 -w auto")->policy.warning.kind, LIMIT_AUTO);
	assert_true(options_of("a.test -p 1 -p 2")->port == 2);

	size_t count = 0;
	const renewal_client *clients = renewal_clients(&count);
	for (size_t i = 0; i < count; i++) {
		char line[64];
		snprintf(line, sizeof(line), "a.test --client %s", clients[i].name);
		assert_ptr_equal(options_of(line)->policy.client, &clients[i]);
	}
	policy =
		&options_of("a.test --severity expiry=unknown,weak=ignore --severity=trust=ok")->policy;
	assert_int_equal(policy->severity[FINDING_EXPIRY], SEVERITY_UNKNOWN);
	assert_int_equal(policy->severity[FINDING_WEAK], SEVERITY_IGNORE);
	assert_int_equal(policy->severity[FINDING_TRUST], SEVERITY_OK);
	assert_int_equal(policy->severity[FINDING_HOSTNAME], SEVERITY_DEFAULT);
	assert_true(options_of("a.test -s")->policy.selfsigned);
	assert_true(options_of("a.test --selfsigned")->policy.selfsigned);
	assert_true(parse_good("a.test --at 2027-01-05")->at_set);
	assert_int_equal(parsed.at, 1799107200);
	/* The epoch itself is a time like any other. */
	assert_true(parse_good("a.test --at @0")->at_set);
	assert_int_equal(parsed.at, 0);
}

static void test_output(void **state) {
	(void)state;
	assert_int_equal(parse_good("a.test --output-format json")->format, OUTPUT_JSON);
	assert_int_equal(parse_good("a.test --output-format=text")->format, OUTPUT_TEXT);
	assert_int_equal(parse_good("a.test -v")->verbose, 1);
	assert_int_equal(parse_good("a.test -vv --verbose -v")->verbose, 4);
}

static void test_help_and_version(void **state) {
	(void)state;
	assert_int_equal(parse("-h"), OPTIONS_HELP);
	assert_int_equal(parse("--help"), OPTIONS_HELP);
	assert_int_equal(parse("-V"), OPTIONS_VERSION);
	assert_int_equal(parse("--version"), OPTIONS_VERSION);
	/* Nothing else has to be right, or there; what is wrong before it is still said. */
	assert_int_equal(parse("a.test -w 1 -c 2 -h --nosuch"), OPTIONS_HELP);
	assert_int_equal(parse("-Vh"), OPTIONS_VERSION);
	assert_int_equal(parse("--nosuch -h"), OPTIONS_WRONG);
	assert_int_equal(parse("-p 0 -h"), OPTIONS_WRONG);
	assert_int_equal(parse("-- -h"), OPTIONS_CHECK);
}

/* Every option of the table: one that needs a value does not do without, nor the other way round.
 */
static void test_values_of_all_options(void **state) {
	(void)state;
	size_t count = 0;
	const option_row *rows = option_rows(&count);
	for (size_t i = 0; i < count; i++) {
		char line[80];
		char wanted[80];
		if (rows[i].name == NULL || rows[i].argument == OPTION_OPTIONAL) {
			continue;
		}
		bool needs = rows[i].argument == OPTION_REQUIRED;
		assert_int_equal(needs, rows[i].argument_name != NULL);
		snprintf(line, sizeof(line), "a.test --%s%s", rows[i].name, needs ? "" : "=1");
		snprintf(wanted, sizeof(wanted), "option --%s %s", rows[i].name,
				 needs ? "needs a value" : "takes no value");
		assert_int_equal(parse(line), OPTIONS_WRONG);
		assert_string_equal(error, wanted);
		if (rows[i].letter != 0 && needs) {
			snprintf(line, sizeof(line), "a.test -%c", rows[i].letter);
			snprintf(wanted, sizeof(wanted), "option -%c needs a value", rows[i].letter);
			assert_int_equal(parse(line), OPTIONS_WRONG);
			assert_string_equal(error, wanted);
		}
	}
}

static void test_wrong(void **state) {
	(void)state;
	static const struct {
		const char *line;
		const char *said; /* a part of what is said */
	} rows[] = {
		{"", "nothing to check"},
		{"-v", "nothing to check"},
		{"--", "nothing to check"},
		/* unknown options, each by its name */
		{"a.test -Z", "unknown option -Z;"},
		{"a.test -4Z", "unknown option -Z;"},
		{"a.test --nosuch", "unknown option --nosuch;"},
		{"a.test --nosuch=1", "unknown option --nosuch;"},
		{"--nosuch a.test -v", "unknown option --nosuch;"},
		{"a.test --ver", "unknown option --ver;"}, /* of two that begin so, none is guessed */
		{"a.test -ww", "--warning w: not a limit"},
		/* values; test_values has each malformed form */
		{"a.test -p 65536", "--port 65536: not a port; accepted are 1 to 65535"},
		{"a.test -p ''", "--port : not a port"},
		{"a.test -P smpt", "-P, --protocol smpt: no such protocol; accepted are https tls"},
		{"a.test -P HTTPS", "--protocol HTTPS: no such protocol"},
		{"a.test -w 20,5", "--warning 20,5: not a limit"},
		{"a.test -c 101%", "--critical 101%: more than 100 % of the lifetime"},
		{"a.test -c -1", "--critical -1: not a limit"},
		{"a.test --renew-before 20:", "--renew-before 20:: not a remaining time"},
		{"a.test --client certbo",
		 "--client certbo: no such client; accepted are certbot certbot-3 "},
		{"a.test --client ''", "--client : no such client"},
		{"a.test --severity weak", "--severity weak: not FINDING=STATE"},
		{"a.test --severity nosuch=ok", "no such finding; accepted are "},
		{"a.test --severity weak=bad", "no such state"},
		{"a.test --at 2027-02-29", "--at 2027-02-29: no such day"},
		{"a.test --at tomorrow", "--at tomorrow: not a time; accepted are 2027-01-05,"},
		{"a.test -t 0", "--timeout 0: not a time"},
		{"a.test -t 0.0009", "not a time"},
		{"a.test -t 86401", "not a time"},
		{"a.test -t 2d", "not a time"},
		{"a.test -t -1", "not a time"},
		{"a.test -t 1e3", "not a time"},
		{"a.test -t inf", "not a time"},
		{"a.test -t ''", "not a time"},
		{"a.test --output-format xml", "--output-format xml: no such format; accepted are text"},
		{"a.test --output-format JSON", "no such format"},
		{"-f ''", "--file : no path"},
		{"a.test -I ''", "-I, --IP-address : not an address; accepted are IPv4 and IPv6"},
		{"a.test -I b.test", "-I, --IP-address b.test: not an address"},
		{"a.test -I 192.0.2.256", "not an address"},
		{"a.test -I 192.0.2.1:443", "not an address"},
		{"a.test -I [::1]", "not an address"},
		{"a.test --sni ''", "--sni : not a name"},
		{"a.test --sni a\tb", "not a name"},
		{"a.test -r ''", "--rootcert : no path"},
		/* contradictions */
		{"a.test -4 -6", "-4 and -6 contradict each other"},
		{"a.test --use-ipv6 --use-ipv4", "-4 and -6 contradict each other"},
		{"a.test -w 10 -c 20", "critical limit is above the warning limit"},
		{"a.test -c 20 -w 10", "critical limit is above the warning limit"},
		{"a.test -w 10% -c 11%", "critical limit is above the warning limit"},
		{"a.test -w 36h -c 2d", "critical limit is above the warning limit"},
		{"a.test -w 20: -c 30:", "critical limit is above the warning limit"},
		{"a.test -w 20 -c @0:30", "critical limit is above the warning limit"},
		{"-f a.pem -I 192.0.2.1", "need a host name"},
		{"-f a.pem -p 443", "need a host name"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		expect(parse(rows[i].line) == OPTIONS_WRONG, "\"%s\" is accepted", rows[i].line);
		expect(strstr(error, rows[i].said) != NULL, "\"%s\": %s", rows[i].line, error);
	}
	/* Files can be verified for a name. */
	assert_string_equal(options_of("-f a.pem --sni a.test")->sni, "a.test");
	/* Two limits that are equal, or that depend on the lifetime, contradict nothing. */
	parse_good("a.test -w 20 -c 20");
	parse_good("a.test -w 1% -c 20");
}

/* What is wrong fits into the line, however long the value is. */
static void test_long_values(void **state) {
	(void)state;
	char line[3000] = "a.test --client ";
	memset(line + strlen(line), 'x', 2000);
	assert_int_equal(parse(line), OPTIONS_WRONG);
	assert_non_null(strstr(error, "xxx: no such client; accepted are certbot "));
	strcpy(line, "a.test --");
	memset(line + strlen(line), 'x', 2000);
	assert_int_equal(parse(line), OPTIONS_WRONG);
	assert_non_null(strstr(error, "unknown option --xxx"));
	assert_true(strlen(error) < OPTIONS_ERROR_MAX);
}

/* An address named twice is one; as many as are kept of one target can be named. */
static void test_many_addresses(void **state) {
	(void)state;
	static char addresses[OBSERVATION_ATTEMPTS_MAX + 1][16];
	char *arguments[2 * COUNT(addresses) + 4] = {"check_cert_renewal", "a.test"};
	int count = 2;
	for (size_t i = 0; i < COUNT(addresses); i++) {
		snprintf(addresses[i], sizeof(addresses[i]), "192.0.2.%zu", i);
		arguments[count++] = "-I";
		arguments[count++] = addresses[i];
	}
	config_free(&parsed);
	assert_int_equal(options_parse(&parsed, count, arguments, error), OPTIONS_WRONG);
	assert_non_null(strstr(error, "192.0.2.64: one more address than the 64"));
	strcpy(addresses[COUNT(addresses) - 1], addresses[0]);
	config_free(&parsed);
	assert_int_equal(options_parse(&parsed, count, arguments, error), OPTIONS_CHECK);
	assert_int_equal(parsed.options.address_count, OBSERVATION_ATTEMPTS_MAX);
	assert_string_equal(parsed.options.addresses[63], "192.0.2.63");
}

/* execve() lets a program be started without any argument, not even its name. */
static void test_no_arguments_at_all(void **state) {
	(void)state;
	char *nothing[] = {NULL};
	config_free(&parsed);
	assert_int_equal(options_parse(&parsed, 0, nothing, error), OPTIONS_WRONG);
	assert_non_null(strstr(error, "nothing to check"));
}

static int free_parsed(void **state) {
	(void)state;
	config_free(&parsed);
	return 0;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_connection),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_help_and_version),
		cmocka_unit_test(test_values_of_all_options),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_long_values),
		cmocka_unit_test(test_many_addresses),
		cmocka_unit_test(test_no_arguments_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, free_parsed);
}
