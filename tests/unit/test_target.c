/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user named, understood: names, ports, URLs, other scripts, files, globs, directories. */
#include "scratch.h"
#include "unit.h"

#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static config asked;
static target_spec specs[4];
static target_list list;

static void nothing_asked(void) {
	target_list_free(&list);
	asked = (config){.specs = specs, .options = {.protocol = protocol_by_name("https")}};
}

static void ask(const char *text, int kind) {
	specs[asked.spec_count].kind = kind;
	specs[asked.spec_count].text = text;
	asked.spec_count++;
}

static const target *understand(void) {
	target_list_free(&list);
	assert_true(targets_from_config(&list, &asked));
	assert_int_equal(list.count > 0, true);
	return &list.targets[0];
}

static const target *understand_host(const char *text) {
	nothing_asked();
	ask(text, SPEC_HOST);
	return understand();
}

static const target *understand_file(const char *text) {
	nothing_asked();
	ask(text, SPEC_FILE);
	return understand();
}

static bool is_same(const char *left, const char *right) {
	return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

/* Names */

static void test_names(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *label;
		const char *host;     /* connected to */
		const char *dns_name; /* sent and verified; NULL: an address */
		const char *ip_address;
		uint16_t port;
	} rows[] = {
		{"www.example.jp", "www.example.jp", "www.example.jp", "www.example.jp", NULL, 443},
		{"localhost", "localhost", "localhost", "localhost", NULL, 443},
		{"my_host-1", "my_host-1", "my_host-1", "my_host-1", NULL, 443},
		{"WWW.Example.JP", "WWW.Example.JP", "WWW.Example.JP", "WWW.Example.JP", NULL, 443},
		{"a.test:8443", "a.test:8443", "a.test", "a.test", NULL, 8443},
		/* the protocol's own port is not part of the label: the graph goes on when it is added */
		{"a.test:443", "a.test", "a.test", "a.test", NULL, 443},
		{"a.test:65535", "a.test:65535", "a.test", "a.test", NULL, 65535},
		/* a dot at the end makes the name absolute for the resolver; SNI and certificates have none
		 */
		{"a.test.", "a.test.", "a.test.", "a.test", NULL, 443},
		{"a.test.:8443", "a.test.:8443", "a.test.", "a.test", NULL, 8443},
		/* addresses: no SNI, matched against iPAddress */
		{"192.0.2.1", "192.0.2.1", "192.0.2.1", NULL, "192.0.2.1", 443},
		{"192.0.2.1:8443", "192.0.2.1:8443", "192.0.2.1", NULL, "192.0.2.1", 8443},
		{"::1", "::1", "::1", NULL, "::1", 443},
		{"2001:db8::1", "2001:db8::1", "2001:db8::1", NULL, "2001:db8::1", 443},
		{"[2001:db8::1]", "2001:db8::1", "2001:db8::1", NULL, "2001:db8::1", 443},
		{"[2001:db8::1]:443", "2001:db8::1", "2001:db8::1", NULL, "2001:db8::1", 443},
		{"[2001:db8::1]:8443", "[2001:db8::1]:8443", "2001:db8::1", NULL, "2001:db8::1", 8443},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.1", NULL, "::ffff:192.0.2.1", 443},
		/* a scope says where to connect, and is part of no certificate */
		{"fe80::1%lo", "fe80::1%lo", "fe80::1%lo", NULL, "fe80::1", 443},
		/* URLs */
		{"https://a.test", "a.test", "a.test", "a.test", NULL, 443},
		{"https://a.test/", "a.test", "a.test", "a.test", NULL, 443},
		{"HTTPS://a.test:8443/path?query#part", "a.test:8443", "a.test", "a.test", NULL, 8443},
		{"https://a.test?q=/", "a.test", "a.test", "a.test", NULL, 443},
		{"https://a.test#x:y", "a.test", "a.test", "a.test", NULL, 443},
		{"https://[::1]:8443/", "[::1]:8443", "::1", NULL, "::1", 8443},
		{"https://a.test/@b", "a.test", "a.test", "a.test", NULL, 443},
		/* other scripts: IDNA 2008, so that sharp s stays; labels as the user wrote them */
		{"日本語.jp", "日本語.jp", "xn--wgv71a119e.jp", "xn--wgv71a119e.jp", NULL, 443},
		{"日本語.jp:8443", "日本語.jp:8443", "xn--wgv71a119e.jp", "xn--wgv71a119e.jp", NULL, 8443},
		{"https://日本語.jp/", "日本語.jp", "xn--wgv71a119e.jp", "xn--wgv71a119e.jp", NULL, 443},
		{"BÜCHER.example", "BÜCHER.example", "xn--bcher-kva.example", "xn--bcher-kva.example", NULL,
		 443},
		{"faß.de", "faß.de", "xn--fa-hia.de", "xn--fa-hia.de", NULL, 443},
		{"xn--wgv71a119e.jp", "xn--wgv71a119e.jp", "xn--wgv71a119e.jp", "xn--wgv71a119e.jp", NULL,
		 443},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const target *target = understand_host(rows[i].text);
		expect(target->error == NULL, "%s: %s", rows[i].text, target->error);
		assert_string_equal(target->label, rows[i].label);
		assert_int_equal(target->host_count, 1);
		assert_string_equal(target->hosts[0], rows[i].host);
		expect(is_same(target->dns_name, rows[i].dns_name), "%s: %s", rows[i].text,
			   target->dns_name);
		assert_true(is_same(target->server_name, rows[i].dns_name));
		expect(is_same(target->ip_address, rows[i].ip_address), "%s: %s", rows[i].text,
			   target->ip_address);
		assert_int_equal(target->port, rows[i].port);
		assert_false(target_is_file(target));
		verify_name name = target_verify_name(target);
		assert_true(is_same(name.dns_name, rows[i].dns_name));
		assert_true(is_same(name.ip_address, rows[i].ip_address));
	}
}

/* Lengths: a label has 63 characters, a name 253 without the dot at its end (RFC 1035). */
static void test_long_names(void **state) {
	(void)state;
	char name[300] = "";
	for (int i = 0; i < 4; i++) {
		for (int j = 0; j < (i < 3 ? 63 : 61); j++) {
			strcat(name, "a");
		}
		strcat(name, i < 3 ? "." : "");
	}
	assert_int_equal(strlen(name), 253);
	assert_null(understand_host(name)->error);
	strcat(name, ".");
	assert_null(understand_host(name)->error);
	strcpy(name + 253, "a");
	assert_non_null(understand_host(name)->error);
	memset(name, 'a', 64);
	strcpy(name + 63, ".test");
	assert_null(understand_host(name)->error);
	strcpy(name + 63, "a.test");
	assert_non_null(understand_host(name)->error);
}

/* What makes no sense is a target with a reason, so that the others are still checked. */
static void test_bad_names(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *said;
	} rows[] = {
		{"", "not a host name"},
		{".", "not a host name"},
		{".a.test", "not a host name"},
		{"a..test", "not a host name"},
		{"a.test..", "not a host name"},
		{"-a.test", "not a host name"},
		{"a.-test", "not a host name"},
		{"*.a.test", "not a host name"}, /* names are never patterns */
		{"a test", "not a host name"},
		{"a.test ", "not a host name"},
		{" a.test", "not a host name"},
		{"a/b", "not a host name"},
		{"a;b", "not a host name"},
		{"a|b", "not a host name"},
		{"a\nb", "not a host name"},
		{"a$(id)", "not a host name"},
		{"user@a.test", "not a host name"},
		{"\xff.test", ""},         /* no UTF-8; libidn2 has its own words */
		{"日本語\xe3\x81.jp", ""}, /* cut in the middle of a character */
		{"日本 語.jp", ""},
		{"日本語|.jp", ""},
		{"a.test:", "not a port"},
		{"a.test:0", "not a port"},
		{"a.test:65536", "not a port"},
		{"a.test:99999999999", "not a port"},
		{"a.test:https", "not a port"},
		{"a.test:-1", "not a port"},
		{"a.test:443:443", "not a port"},
		{"a.test:443/", "not a port"},
		{":443", "not a host name"},
		{"2001:db8::12345", "not a port"},
		{"[2001:db8::1", "not [IPV6]"},
		{"[2001:db8::1]x", "not [IPV6]"},
		{"[2001:db8::1]443", "not [IPV6]"},
		{"[2001:db8::1]:", "not a port"},
		{"[192.0.2.1]", "no IPv6 address"},
		{"[a.test]", "no IPv6 address"},
		{"[]", "no IPv6 address"},
		{"[::x]", "not a host name"},
		{"http://a.test/", "only https://"},
		{"ftp://a.test/", "only https://"},
		{"https://", "not a host name"},
		{"https:///path", "not a host name"},
		{"https://user@a.test/", "user name"},
		{"https://user:secret@a.test:443/", "user name"},
		{"https://a.test:x/", "not a port"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const target *target = understand_host(rows[i].text);
		expect(target->error != NULL, "\"%s\" is accepted", rows[i].text);
		expect(strstr(target->error, rows[i].said) != NULL, "\"%s\": %s", rows[i].text,
			   target->error);
		assert_non_null(target->label);
		assert_false(target_is_file(target));
	}
}

/* Options */

static void test_one_bad_target_leaves_the_others(void **state) {
	(void)state;
	nothing_asked();
	ask("a.test", SPEC_HOST);
	ask("a..test", SPEC_HOST);
	ask("b.test", SPEC_HOST);
	understand();
	assert_int_equal(list.count, 3);
	assert_null(list.targets[0].error);
	assert_non_null(list.targets[1].error);
	assert_null(list.targets[2].error);
	assert_string_equal(list.targets[2].hosts[0], "b.test");
}

static void test_address_and_sni(void **state) {
	(void)state;
	const char *addresses[] = {"192.0.2.1", "2001:db8::1", "pool.test"};
	nothing_asked();
	ask("a.test", SPEC_HOST);
	asked.options.addresses = addresses;
	asked.options.address_count = 3;
	const target *target = understand();
	assert_null(target->error);
	assert_int_equal(target->host_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(target->hosts[i], addresses[i]);
	}
	assert_string_equal(target->dns_name, "a.test");
	assert_string_equal(target->server_name, "a.test");
	assert_string_equal(target->label, "a.test");
	/* --sni is what is sent and verified; the name is still what the target is called */
	asked.options.sni = "日本語.jp";
	target = understand();
	assert_string_equal(target->dns_name, "xn--wgv71a119e.jp");
	assert_string_equal(target->server_name, "xn--wgv71a119e.jp");
	assert_string_equal(target->label, "a.test");
	/* an address is never sent as SNI (RFC 6066, section 3) */
	asked.options.sni = "192.0.2.1";
	assert_non_null(strstr(understand()->error, "--sni takes a name"));
	/* a name that DNS cannot have, but a certificate: it is only compared, as -I says where to go
	 */
	asked.options.sni = "*.a.test";
	assert_null(understand()->error);
	assert_string_equal(list.targets[0].dns_name, "*.a.test");
	static const char *const bad[] = {"", ".a.test", "a b", "a\nb"};
	for (size_t i = 0; i < COUNT(bad); i++) {
		asked.options.sni = bad[i];
		expect(understand()->error != NULL, "\"%s\" is accepted", bad[i]);
	}
	/* without -I it has to be one that can be looked up */
	asked.options.sni = "*.a.test";
	asked.options.address_count = 0;
	assert_non_null(strstr(understand()->error, "*.a.test: not a host name"));
}

/* -4 and -6 contradict an address of the other family, wherever it was named. */
static void test_family(void **state) {
	(void)state;
	static const struct {
		address_family family;
		const char *text;
		const char *address;
		const char *said; /* NULL: fine */
	} rows[] = {
		{FAMILY_IPV4, "a.test", NULL, NULL},
		{FAMILY_IPV6, "a.test", NULL, NULL},
		{FAMILY_IPV4, "192.0.2.1", NULL, NULL},
		{FAMILY_IPV6, "192.0.2.1", NULL, "192.0.2.1: an IPv4 address, which -6 excludes"},
		{FAMILY_IPV6, "[::1]:443", NULL, NULL},
		{FAMILY_IPV4, "[::1]:443", NULL, "::1: an IPv6 address, which -4 excludes"},
		{FAMILY_IPV4, "a.test", "::1", "::1: an IPv6 address, which -4 excludes"},
		{FAMILY_IPV6, "a.test", "192.0.2.1", "192.0.2.1: an IPv4 address, which -6 excludes"},
		{FAMILY_IPV4, "::1", "192.0.2.1", NULL}, /* only the name is of the other family */
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *addresses[] = {rows[i].address};
		nothing_asked();
		ask(rows[i].text, SPEC_HOST);
		asked.options.family = rows[i].family;
		asked.options.addresses = addresses;
		asked.options.address_count = rows[i].address != NULL;
		const target *target = understand();
		expect(is_same(target->error, rows[i].said), "row %zu: %s", i, target->error);
	}
}

static void test_ports(void **state) {
	(void)state;
	nothing_asked();
	ask("a.test", SPEC_HOST);
	asked.options.port = 8443;
	assert_int_equal(understand()->port, 8443);
	assert_string_equal(understand()->label, "a.test:8443");
	specs[0].text = "a.test:8443";
	assert_null(understand()->error);
	specs[0].text = "a.test:443";
	assert_non_null(strstr(understand()->error, "names another port than -p"));
	/* a protocol without a port of its own */
	asked.options.protocol = protocol_by_name("tls");
	asked.options.port = 0;
	assert_int_equal(understand()->port, 443);
	assert_string_equal(understand()->label, "a.test:443");
	specs[0].text = "a.test";
	assert_non_null(strstr(understand()->error, "give -p"));
}

/* Files */

static void expect_paths(const target *target, bool searched, size_t count,
						 const char *const *names) {
	assert_null(target->error);
	assert_int_equal(target->files.searched, searched);
	assert_int_equal(target->files.count, count);
	for (size_t i = 0; i < count; i++) {
		char path[SCRATCH_PATH_MAX];
		assert_string_equal(target->files.paths[i], scratch_path(path, names[i]));
	}
}

static int make_files(void **state) {
	int made = scratch_make(state);
	static const char *const files[] = {"b.pem", "a.pem", ".hidden.pem", "[x].pem", "99999999.0"};
	for (size_t i = 0; i < COUNT(files); i++) {
		scratch_write(files[i], "x", 1);
	}
	char path[SCRATCH_PATH_MAX];
	made |= mkdir(scratch_path(path, "sub.pem"), 0700);
	made |= mkdir(scratch_path(path, "empty"), 0700);
	made |= mkfifo(scratch_path(path, "fifo.pem"), 0600);
	made |= symlink("a.pem", scratch_path(path, "link.pem"));
	made |= symlink("nowhere", scratch_path(path, "dangling.pem"));
	made |= symlink("a.pem", scratch_path(path, "01234567.0"));
	return made;
}

static void test_files(void **state) {
	(void)state;
	char path[SCRATCH_PATH_MAX];
	static const char *const one[] = {"a.pem"};
	const target *target = understand_file(scratch_path(path, "a.pem"));
	expect_paths(target, false, 1, one);
	assert_string_equal(target->label, path);
	assert_true(target_is_file(target));
	assert_int_equal(target->host_count, 0);
	assert_null(target->dns_name);
	/* a file that is not there is told by whoever reads it */
	static const char *const missing[] = {"missing.pem"};
	expect_paths(understand_file(scratch_path(path, "missing.pem")), false, 1, missing);
	/* a file of which the name looks like a glob is that file */
	static const char *const literal[] = {"[x].pem"};
	expect_paths(understand_file(scratch_path(path, "[x].pem")), false, 1, literal);
}

static void test_directories(void **state) {
	(void)state;
	char path[SCRATCH_PATH_MAX];
	/*
	 * Regular files, each once although links lead to it, by name; hidden ones are passed over. The
	 * names that openssl rehash gives come last: people know the others.
	 */
	static const char *const all[] = {"[x].pem", "a.pem", "b.pem", "99999999.0"};
	expect_paths(understand_file(scratch_path(path, "")), true, COUNT(all), all);
	/* slashes at the end are not part of the label */
	char slashes[SCRATCH_PATH_MAX + 4];
	snprintf(slashes, sizeof(slashes), "%s///", scratch_path(path, "empty"));
	const target *target = understand_file(slashes);
	expect_paths(target, true, 0, NULL);
	assert_string_equal(target->label, path);
	assert_true(target_is_file(target));
}

static void test_globs(void **state) {
	(void)state;
	char path[SCRATCH_PATH_MAX];
	static const char *const some[] = {"a.pem", "b.pem"};
	expect_paths(understand_file(scratch_path(path, "?.pem")), true, 2, some);
	expect_paths(understand_file(scratch_path(path, "[a-c].pem")), true, 2, some);
	static const char *const first[] = {"a.pem"};
	expect_paths(understand_file(scratch_path(path, "a*")), true, 1, first);
	assert_string_equal(list.targets[0].label, path);
	/* a directory is not a file */
	expect_paths(understand_file(scratch_path(path, "sub*")), true, 0, NULL);
	assert_true(target_is_file(&list.targets[0]));
	/* a glob that nothing matches is said like a file that is missing */
	static const char *const pattern[] = {"*.none"};
	expect_paths(understand_file(scratch_path(path, "*.none")), true, 1, pattern);
}

/* Files beside hosts are what each host is compared with, not targets. */
static void test_files_beside_hosts(void **state) {
	(void)state;
	char a[SCRATCH_PATH_MAX];
	char b[SCRATCH_PATH_MAX];
	nothing_asked();
	ask(scratch_path(a, "a.pem"), SPEC_FILE);
	ask("a.test", SPEC_HOST);
	ask(scratch_path(b, "b.pem"), SPEC_FILE);
	ask("b.test", SPEC_HOST);
	understand();
	assert_int_equal(list.count, 2);
	static const char *const both[] = {"a.pem", "b.pem"};
	for (size_t i = 0; i < 2; i++) {
		assert_false(target_is_file(&list.targets[i]));
		expect_paths(&list.targets[i], false, 2, both);
	}
	assert_string_equal(list.targets[1].label, "b.test");
}

static int remove_files(void **state) {
	nothing_asked();
	return scratch_remove(state);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_bad_names),
		cmocka_unit_test(test_one_bad_target_leaves_the_others),
		cmocka_unit_test(test_address_and_sni),
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_globs),
		cmocka_unit_test(test_files_beside_hosts),
	};
	return cmocka_run_group_tests(tests, make_files, remove_files);
}
