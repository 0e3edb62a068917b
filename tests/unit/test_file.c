/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificate files: chains in any order, bundles, name and trust. */
#include "observed_file.h"

#include "facts/trust.h"

#include <stdio.h>

/* Chains and bundles */

static void test_chain_in_any_order(void **state) {
	(void)state;
	static const size_t orders[][3] = {
		{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0},
	};
	for (size_t i = 0; i < COUNT(orders); i++) {
		X509 *chain[] = {made[orders[i][0]], made[orders[i][1]], made[orders[i][2]]};
		write_pem("chain.pem", chain, 3);
		observe("chain.pem");
		expect_good(1);
		expect_chain(0, 3, names_up);
		assert_string_equal(found.labels[0], path);
	}
	/* without the root, as servers have it; and the leaf alone */
	write_pem("chain.pem", made, 2);
	observe("chain.pem");
	expect_good(1);
	expect_chain(0, 2, names_up);
	write_pem("chain.pem", made, 1);
	observe("chain.pem");
	expect_good(1);
	expect_chain(0, 1, names_up);
}

static void test_duplicates(void **state) {
	(void)state;
	X509 *twice[] = {made[0], made[1], made[0], made[2], made[1], made[2], made[0]};
	write_pem("twice.pem", twice, COUNT(twice));
	observe("twice.pem");
	expect_good(1);
	expect_chain(0, 3, names_up);
	X509 *roots[] = {made[2], made[2], made[2]};
	write_pem("roots.pem", roots, COUNT(roots));
	observe("roots.pem");
	expect_good(1);
	expect_chain(0, 1, &names_up[2]);
}

/* Unrelated certificates are judged each by itself, and told apart. */
static void test_bundle(void **state) {
	(void)state;
	char label[SCRATCH_PATH_MAX + 32];
	X509 *bundle[] = {made[3], made[2], made[1], made[0]};
	static const char *const other[] = {"other"};
	write_pem("bundle.pem", bundle, COUNT(bundle));
	observe("bundle.pem");
	expect_good(2);
	expect_chain(0, 1, other);
	expect_chain(1, 3, names_up);
	snprintf(label, sizeof(label), "%s: other", path);
	assert_string_equal(found.labels[0], label);
	snprintf(label, sizeof(label), "%s: leaf", path);
	assert_string_equal(found.labels[1], label);
}

/* Where a name is shared the serial number says which one it is. */
static void test_bundle_with_shared_names(void **state) {
	(void)state;
	char label[SCRATCH_PATH_MAX + 32];
	X509 *same[] = {mint_signed(mint_new("same", "CA", 0x11)), made[3],
					mint_signed(mint_new("same", "CA", 0x12))};
	write_pem("same.pem", same, 3);
	observe("same.pem");
	expect_good(3);
	snprintf(label, sizeof(label), "%s: same 11", path);
	assert_string_equal(found.labels[0], label);
	snprintf(label, sizeof(label), "%s: other", path);
	assert_string_equal(found.labels[1], label);
	snprintf(label, sizeof(label), "%s: same 12", path);
	assert_string_equal(found.labels[2], label);
	X509_free(same[0]);
	X509_free(same[2]);
}

/* Roots only, as trust stores are: each one is a target, also of two with one name. */
static void test_bundle_of_roots(void **state) {
	(void)state;
	X509 *roots[] = {mint_signed(mint_new_ca("A", "A", 1)), mint_signed(mint_new_ca("B", "B", 2)),
					 mint_signed(mint_new_ca("A", "A", 3))};
	static const char *const wanted[] = {"A", "B", "A"};
	write_pem("roots.pem", roots, 3);
	observe("roots.pem");
	expect_good(3);
	for (size_t i = 0; i < 3; i++) {
		expect_chain(i, 1, &wanted[i]);
		X509_free(roots[i]);
	}
}

/* Two that issued each other: no leaf, and no end, but each is judged. */
static void test_circle(void **state) {
	(void)state;
	X509 *circle[] = {mint_signed(mint_new_ca("A", "B", 1)), mint_signed(mint_new_ca("B", "A", 2))};
	static const char *const wanted[] = {"A", "B"};
	write_pem("circle.pem", circle, 2);
	observe("circle.pem");
	expect_good(1);
	expect_chain(0, 2, wanted);
	X509_free(circle[0]);
	X509_free(circle[1]);
}

/* A second certificate of the same intermediate (cross-signed): it issued the leaf too, so it is no
 * target. */
static void test_cross_signed(void **state) {
	(void)state;
	X509 *pair[] = {mint_signed(mint_new("leaf.test", "Int", 1)),
					mint_signed(mint_new_ca("Int", "Root A", 2)),
					mint_signed(mint_new_ca("Int", "Root B", 3))};
	static const char *const wanted[] = {"leaf.test", "Int"};
	write_pem("cross.pem", pair, 3);
	observe("cross.pem");
	expect_good(1);
	expect_chain(0, 2, wanted);
	for (size_t i = 0; i < 3; i++) {
		X509_free(pair[i]);
	}
}

/* Name and trust */

static void test_name(void **state) {
	(void)state;
	static const struct {
		verify_name name;
		bool matches;
	} rows[] = {
		{{"www.example.jp", NULL}, true},
		{{"example.jp", NULL}, false},
		{{NULL, "192.0.2.1"}, true},
		{{NULL, "192.0.2.2"}, false},
	};
	write_pem("leaf.pem", made, 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		observe_as("leaf.pem", false, (verify_terms){.at = mint_not_before}, rows[i].name);
		expect_good(1);
		const verification *verification = &found.observations[0].verification;
		assert_true(verification->name_asked);
		assert_false(verification->trust_asked);
		assert_int_equal(verification->problem_count, rows[i].matches ? 0 : 1);
		assert_true(rows[i].matches || verification->problems[0].kind == VERIFY_HOSTNAME);
	}
	observe("leaf.pem");
	assert_false(found.observations[0].verification.name_asked);
}

static void test_trust(void **state) {
	(void)state;
	char error[256];
	char anchors[SCRATCH_PATH_MAX];
	write_pem("root.pem", &made[2], 1);
	trust *trust = trust_open(scratch_path(anchors, "root.pem"), error, sizeof(error));
	expect(trust != NULL, "%s", error);
	verify_terms terms = {.trust = trust, .at = mint_not_before};
	const verify_name no_name = {NULL, NULL};
	/* in the order in which people paste them together, too */
	X509 *backwards[] = {made[1], made[0]};
	write_pem("chain.pem", backwards, 2);
	observe_as("chain.pem", false, terms, no_name);
	expect_good(1);
	const verification *verification = &found.observations[0].verification;
	assert_true(verification->trust_asked);
	assert_int_equal(verification->problem_count, 0);
	assert_int_equal(verification->path.count, 3);
	assert_string_equal(verification->path.certificates[2].name, "Root");
	write_pem("leaf.pem", made, 1);
	observe_as("leaf.pem", false, terms, no_name);
	verification = &found.observations[0].verification;
	assert_int_equal(verification->problem_count > 0, true);
	assert_int_equal(verification->problems[0].kind, VERIFY_ISSUER_MISSING);
	trust_free(trust);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain_in_any_order),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_bundle),
		cmocka_unit_test(test_bundle_with_shared_names),
		cmocka_unit_test(test_bundle_of_roots),
		cmocka_unit_test(test_circle),
		cmocka_unit_test(test_cross_signed),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_trust),
	};
	return cmocka_run_group_tests(tests, make, clean_up);
}
