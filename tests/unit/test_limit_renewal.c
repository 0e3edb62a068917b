/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When renewal is due and when a limit alerts: to the second, at both sides of every boundary. */
#include "unit.h"

#include "judge/limit.h"
#include "judge/renewal.h"

#include <math.h>
#include <stdbool.h>

static const limit automatic = {.kind = LIMIT_AUTO};

static limit by_seconds(double seconds) { return (limit){.kind = LIMIT_SECONDS, .value = seconds}; }

static limit by_share(double share) { return (limit){.kind = LIMIT_SHARE, .value = share}; }

static limit by_range(const char *text) {
	mp_range_parsed parsed = mp_parse_range_string(text);
	assert_int_equal(parsed.error, MP_PARSING_SUCCESS);
	return (limit){.kind = LIMIT_RANGE, .range = parsed.range};
}

/* Thirds of seconds are not exact in binary. */
static bool near(double left, double right) { return fabs(left - right) < 1e-6; }

/* Due */

static void test_due_by_lifetime(void **state) {
	(void)state;
	static const struct {
		double lifetime;
		double due;
		double warning;
		double critical;
	} rows[] = {
		/* the four rows of the manual's table, and the longest lifetime that CAs may sell */
		{90 * DAY, 30 * DAY, 25 * DAY, 10 * DAY},
		{398 * DAY, 30 * DAY, 25 * DAY, 10 * DAY},
		{47 * DAY, 15 * DAY + 16 * HOUR, 13 * DAY + 80 * 60, 5 * DAY + 5 * HOUR + 20 * 60},
		{45 * DAY, 15 * DAY, 12.5 * DAY, 5 * DAY},
		{160 * HOUR, 80 * HOUR, 66 * HOUR + 40 * 60, 26 * HOUR + 40 * 60},
		/* 30 days is the most: from 90 days on */
		{90 * DAY - 3, 30 * DAY - 1, 25 * DAY - 5.0 / 6, 10 * DAY - 1.0 / 3},
		{90 * DAY + 3, 30 * DAY, 25 * DAY, 10 * DAY},
		/* half instead of a third: under 10 days */
		{10 * DAY, 288000, 240000, 96000},
		{10 * DAY - 1, 431999.5, 431999.5 * 5 / 6, 431999.5 / 3},
		{2, 1, 5.0 / 6, 1.0 / 3},
		/* "no well-defined expiration date": 1970 to 9999 */
		{253402300799, 30 * DAY, 25 * DAY, 10 * DAY},
		/* notAfter at or before notBefore */
		{0, 0, 0, 0},
		{-90 * DAY, 0, 0, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_due due = renewal_due_for(rows[i].lifetime, automatic, NULL);
		assert_int_equal(due.source, DUE_FROM_LIFETIME);
		expect(near(due.seconds, rows[i].due), "row %zu: due %f", i, due.seconds);
		expect(near(renewal_auto_warning(due.seconds), rows[i].warning), "row %zu: warning %f", i,
			   renewal_auto_warning(due.seconds));
		expect(near(renewal_auto_critical(due.seconds), rows[i].critical), "row %zu: critical %f",
			   i, renewal_auto_critical(due.seconds));
	}
}

static void test_due_by_client(void **state) {
	(void)state;
	static const struct {
		const char *client;
		double lifetime;
		double due;
		due_source source;
	} rows[] = {
		/* a third, half under 10 days; unlike the rule by lifetime without an upper bound */
		{"certbot", 90 * DAY, 30 * DAY, DUE_FROM_CLIENT},
		{"certbot", 398 * DAY, 398.0 * DAY / 3, DUE_FROM_CLIENT},
		{"certbot", 10 * DAY, 288000, DUE_FROM_CLIENT},
		{"certbot", 10 * DAY - 2, 5 * DAY - 1, DUE_FROM_CLIENT},
		{"lego", 45 * DAY, 15 * DAY, DUE_FROM_CLIENT},
		{"lego", 10 * DAY, 288000, DUE_FROM_CLIENT},
		{"lego", 160 * HOUR, 80 * HOUR, DUE_FROM_CLIENT},
		/* 30 days left: no rule for what lives no longer than that */
		{"certbot-3", 398 * DAY, 30 * DAY, DUE_FROM_CLIENT},
		{"certbot-3", 30 * DAY + 1, 30 * DAY, DUE_FROM_CLIENT},
		{"certbot-3", 30 * DAY, 10 * DAY, DUE_FROM_LIFETIME},
		{"lego-4", 90 * DAY, 30 * DAY, DUE_FROM_CLIENT},
		{"lego-4", 30 * DAY + 1, 30 * DAY, DUE_FROM_CLIENT},
		{"lego-4", 30 * DAY, 10 * DAY, DUE_FROM_LIFETIME},
		/* 30 (before 2025-12: 60) days after issuance: no rule for what ends by then */
		{"acme.sh", 90 * DAY, 60 * DAY, DUE_FROM_CLIENT},
		{"acme.sh", 45 * DAY, 15 * DAY, DUE_FROM_CLIENT},
		{"acme.sh", 30 * DAY + 1, 1, DUE_FROM_CLIENT},
		{"acme.sh", 30 * DAY, 10 * DAY, DUE_FROM_LIFETIME},
		{"acme.sh-60", 90 * DAY, 30 * DAY, DUE_FROM_CLIENT},
		{"acme.sh-60", 60 * DAY + 1, 1, DUE_FROM_CLIENT},
		{"acme.sh-60", 60 * DAY, 20 * DAY, DUE_FROM_LIFETIME},
		{"acme.sh-60", 45 * DAY, 15 * DAY, DUE_FROM_LIFETIME},
		/* a third, however short */
		{"caddy", 90 * DAY, 30 * DAY, DUE_FROM_CLIENT},
		{"caddy", 160 * HOUR, 192000, DUE_FROM_CLIENT},
		{"caddy", 398 * DAY, 398.0 * DAY / 3, DUE_FROM_CLIENT},
		{"cert-manager", 90 * DAY, 30 * DAY, DUE_FROM_CLIENT},
		{"cert-manager", 10 * DAY - 1, 10.0 * DAY / 3 - 1.0 / 3, DUE_FROM_CLIENT},
		/* steps; lifetimes are taken in whole hours, so that notAfter one second early is no step
		 */
		{"traefik", 398 * DAY, 120 * DAY, DUE_FROM_CLIENT},
		{"traefik", 365 * DAY, 120 * DAY, DUE_FROM_CLIENT},
		{"traefik", 365 * DAY - 1, 120 * DAY, DUE_FROM_CLIENT},
		{"traefik", 365 * DAY - 1801, 30 * DAY, DUE_FROM_CLIENT},
		{"traefik", 90 * DAY - 1800, 30 * DAY, DUE_FROM_CLIENT},
		{"traefik", 90 * DAY - 1801, 10 * DAY, DUE_FROM_CLIENT},
		{"traefik", 45 * DAY, 10 * DAY, DUE_FROM_CLIENT},
		{"traefik", 30 * DAY, 10 * DAY, DUE_FROM_CLIENT},
		{"traefik", 30 * DAY - 1801, 2 * DAY, DUE_FROM_CLIENT},
		{"traefik", 6 * DAY, 2 * DAY, DUE_FROM_CLIENT},
		{"traefik", 6 * DAY - 1801, 6 * HOUR, DUE_FROM_CLIENT},
		{"traefik", DAY, 6 * HOUR, DUE_FROM_CLIENT},
		{"traefik", DAY - 1801, 1200, DUE_FROM_CLIENT},
		{"traefik", 1201, 1200, DUE_FROM_CLIENT},
		{"traefik", 1200, 600, DUE_FROM_LIFETIME},
		/* 55 days after issuance, at the latest 7 days left */
		{"win-acme", 90 * DAY, 35 * DAY, DUE_FROM_CLIENT},
		{"win-acme", 62 * DAY + 1, 7 * DAY + 1, DUE_FROM_CLIENT},
		{"win-acme", 62 * DAY, 7 * DAY, DUE_FROM_CLIENT},
		{"win-acme", 62 * DAY - 1, 7 * DAY, DUE_FROM_CLIENT},
		{"win-acme", 45 * DAY, 7 * DAY, DUE_FROM_CLIENT},
		{"win-acme", 7 * DAY + 1, 7 * DAY, DUE_FROM_CLIENT},
		{"win-acme", 7 * DAY, 302400, DUE_FROM_LIFETIME},
		/* no lifetime at all */
		{"certbot", 0, 0, DUE_FROM_LIFETIME},
		{"traefik", -DAY, 0, DUE_FROM_LIFETIME},
	};
	size_t client_count = 0;
	const renewal_client *clients = renewal_clients(&client_count);
	bool tested[32] = {false};
	assert_in_range(client_count, 1, COUNT(tested));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const renewal_client *client = renewal_client_by_name(rows[i].client);
		assert_non_null(client);
		tested[client - clients] = true;
		renewal_due due = renewal_due_for(rows[i].lifetime, automatic, client);
		expect(near(due.seconds, rows[i].due) && due.source == rows[i].source,
			   "row %zu, %s: due %f, source %d", i, rows[i].client, due.seconds, due.source);
	}
	/* A row of client.def without one here is not tested. */
	for (size_t i = 0; i < client_count; i++) {
		expect(tested[i], "no row for client %s", clients[i].name);
		assert_non_null(clients[i].source);
		assert_true(strlen(clients[i].source) > 0);
	}
	assert_null(renewal_client_by_name("certbo"));
	assert_null(renewal_client_by_name("Certbot"));
	assert_null(renewal_client_by_name(""));
}

/* --renew-before goes before everything else, even where it makes no sense for that lifetime. */
static void test_due_by_option(void **state) {
	(void)state;
	const renewal_client *client = renewal_client_by_name("acme.sh");
	static const struct {
		limit renew_before;
		double lifetime;
		double due;
	} rows[] = {
		{{.kind = LIMIT_SECONDS, .value = 20 * DAY}, 90 * DAY, 20 * DAY},
		{{.kind = LIMIT_SECONDS, .value = 200 * DAY}, 90 * DAY, 200 * DAY},
		{{.kind = LIMIT_SECONDS, .value = 0}, 90 * DAY, 0},
		{{.kind = LIMIT_SHARE, .value = 0.5}, 90 * DAY, 45 * DAY},
		{{.kind = LIMIT_SHARE, .value = 0.5}, -90 * DAY, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_due due = renewal_due_for(rows[i].lifetime, rows[i].renew_before, client);
		expect(near(due.seconds, rows[i].due) && due.source == DUE_FROM_OPTION, "row %zu: %f", i,
			   due.seconds);
	}
}

/* Each source by itself and above all that come after it. */
static void test_due_by_what_is_known(void **state) {
	(void)state;
	const renewal_client *client = renewal_client_by_name("acme.sh");
	const renewal_knowledge nothing = {.ari_known = false};
	const renewal_knowledge ari = {.ari_known = true, .ari_seconds = 27 * DAY};
	const renewal_knowledge over = {.ari_known = true, .ari_seconds = -1};
	const renewal_knowledge learned = {.learned = true, .learned_seconds = 20 * DAY};
	const renewal_knowledge both = {true, 27 * DAY, true, 20 * DAY};
	const struct {
		limit option;
		const renewal_client *client;
		const renewal_knowledge *known;
		double due;
		due_source source;
	} rows[] = {
		{by_seconds(12 * DAY), client, &both, 12 * DAY, DUE_FROM_OPTION},
		{by_share(0.1), client, &both, 9 * DAY, DUE_FROM_OPTION},
		{by_seconds(0), client, &both, 0, DUE_FROM_OPTION},
		{automatic, client, &both, 27 * DAY, DUE_FROM_ARI},
		{automatic, NULL, &ari, 27 * DAY, DUE_FROM_ARI},
		/* a window that ends after the certificate leaves no time at all */
		{automatic, client, &over, 0, DUE_FROM_ARI},
		{automatic, client, &learned, 20 * DAY, DUE_FROM_HISTORY},
		{automatic, NULL, &learned, 20 * DAY, DUE_FROM_HISTORY},
		{automatic, client, &nothing, 60 * DAY, DUE_FROM_CLIENT},
		{automatic, client, NULL, 60 * DAY, DUE_FROM_CLIENT},
		{automatic, NULL, &nothing, 30 * DAY, DUE_FROM_LIFETIME},
		{automatic, NULL, NULL, 30 * DAY, DUE_FROM_LIFETIME},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		renewal_due due =
			renewal_due_known(90 * DAY, rows[i].option, rows[i].client, rows[i].known);
		expect(near(due.seconds, rows[i].due) && due.source == rows[i].source,
			   "row %zu: due %f, source %d", i, due.seconds, due.source);
	}
}

/* 24 hours, or a twentieth of the lifetime where that is less: under 20 days. */
static void test_grace(void **state) {
	(void)state;
	static const struct {
		double lifetime;
		double grace;
	} rows[] = {
		{90 * DAY, DAY},
		{20 * DAY, DAY},
		{20 * DAY - 20, DAY - 1},
		{20 * DAY + 20, DAY},
		{160 * HOUR, 8 * HOUR},
		{6 * DAY, 25920},
		{DAY, 4320},
		{0, 0},
		{-DAY, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		expect(near(renewal_grace(rows[i].lifetime), rows[i].grace), "row %zu: %f", i,
			   renewal_grace(rows[i].lifetime));
	}
}

/* SC-081v3, and what held before it; the day begins at midnight UTC. */
static void test_lifetime_allowed(void **state) {
	(void)state;
	static const struct {
		int64_t not_before;
		int days;
	} rows[] = {
		{1598918399, 825}, {1598918400, 398}, /* 2020-09-01 */
		{1773532799, 398}, {1773532800, 200}, /* 2026-03-15 */
		{1805068799, 200}, {1805068800, 100}, /* 2027-03-15 */
		{1868227199, 100}, {1868227200, 47},  /* 2029-03-15 */
		{4102444800, 47},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		expect(near(renewal_lifetime_allowed(rows[i].not_before), rows[i].days * SECONDS_PER_DAY),
			   "row %zu: %f", i, renewal_lifetime_allowed(rows[i].not_before));
	}
}

/* Limits */

static void test_resolve(void **state) {
	(void)state;
	const struct {
		limit asked;
		double lifetime;
		double seconds;
	} rows[] = {
		{automatic, 90 * DAY, 12345},
		{by_seconds(20 * DAY), 90 * DAY, 20 * DAY},
		{by_seconds(0), 90 * DAY, 0},
		{by_share(0.25), 90 * DAY, 22.5 * DAY},
		{by_share(1), 90 * DAY, 90 * DAY},
		{by_share(0.25), 0, 0},
		{by_share(0.25), -90 * DAY, 0},
		/* the bound that stands for a range in a graph */
		{by_range("20:"), 90 * DAY, 20 * DAY},
		{by_range("@0:20"), 90 * DAY, 20 * DAY},
		{by_range("@~:20"), 90 * DAY, 20 * DAY},
		{by_range("@20"), 90 * DAY, 20 * DAY},
		{by_range("10:100"), 90 * DAY, 10 * DAY},
		{by_range("0.5:"), 90 * DAY, DAY / 2.0},
		{by_range("~:100"), 90 * DAY, 100 * DAY},
		{by_range("@100:"), 90 * DAY, 100 * DAY},
		{by_range("-2:"), 90 * DAY, -2 * DAY},
		{by_range("~:"), 90 * DAY, 0},
		{by_range("@~:"), 90 * DAY, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		resolved_limit limit = limit_resolve(rows[i].asked, rows[i].lifetime, 12345);
		expect(near(limit.seconds, rows[i].seconds), "row %zu: %f", i, limit.seconds);
		assert_int_equal(limit.by_range, rows[i].asked.kind == LIMIT_RANGE);
	}
}

static void test_alerts(void **state) {
	(void)state;
	const struct {
		limit asked;
		double remaining;
		bool alerts;
	} rows[] = {
		/* "when less than that remains" */
		{by_seconds(20 * DAY), 20 * DAY - 1, true},
		{by_seconds(20 * DAY), 20 * DAY, false},
		{by_seconds(20 * DAY), 20 * DAY + 1, false},
		{by_seconds(20 * DAY), -1, true},
		{by_seconds(0), 0, false},
		{by_seconds(0), -1, true},
		{by_seconds(DAY / 2), DAY / 2 - 1, true},
		{by_seconds(DAY / 2), DAY / 2, false},
		{by_share(0.25), 25 * DAY - 1, true},
		{by_share(0.25), 25 * DAY, false},
		/* ranges: outside of start and end alerts, both ends are inside */
		{by_range("20:"), 20 * DAY - 1, true},
		{by_range("20:"), 20 * DAY, false},
		{by_range("~:20"), 20 * DAY, false},
		{by_range("~:20"), 20 * DAY + 1, true},
		{by_range("~:20"), -20 * DAY, false},
		{by_range("10:20"), 10 * DAY - 1, true},
		{by_range("10:20"), 10 * DAY, false},
		{by_range("10:20"), 20 * DAY, false},
		{by_range("10:20"), 20 * DAY + 1, true},
		{by_range("~:"), -1, false},
		{by_range("~:"), 1e9, false},
		/* with @ inside alerts, the ends too */
		{by_range("@0:20"), 20 * DAY, true},
		{by_range("@0:20"), 20 * DAY + 1, false},
		{by_range("@0:20"), 0, true},
		{by_range("@0:20"), -1, false},
		{by_range("@~:20"), -1, true},
		{by_range("@20"), 20 * DAY, true},
		{by_range("@20"), 20 * DAY + 1, false},
		{by_range("@~:"), 1e9, true},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		resolved_limit limit = limit_resolve(rows[i].asked, 100 * DAY, 0);
		expect(limit_alerts(limit, rows[i].remaining) == rows[i].alerts, "row %zu", i);
	}
}

static void test_contradictions(void **state) {
	(void)state;
	const struct {
		limit warning;
		limit critical;
		bool contradict;
	} rows[] = {
		{by_seconds(20 * DAY), by_seconds(20 * DAY), false},
		{by_seconds(20 * DAY), by_seconds(20 * DAY + 1), true},
		{by_seconds(20 * DAY), by_seconds(20 * DAY - 1), false},
		{by_share(0.22), by_share(0.22), false},
		{by_share(0.22), by_share(0.23), true},
		{by_share(0.22), by_share(0.21), false},
		/* ranges that alert under one bound are compared by it, in days */
		{by_range("20:"), by_range("20:"), false},
		{by_range("20:"), by_range("21:"), true},
		{by_range("20:"), by_range("@0:20"), false},
		{by_range("20:"), by_range("@0:21"), true},
		{by_range("@~:20"), by_range("21:"), true},
		{by_seconds(20 * DAY), by_range("20:"), false},
		{by_seconds(20 * DAY), by_range("20.5:"), true},
		{by_range("20:"), by_seconds(20 * DAY), false},
		{by_range("20:"), by_seconds(20 * DAY + 1), true},
		/* only said where it holds for each lifetime */
		{automatic, automatic, false},
		{automatic, by_seconds(1000 * DAY), false},
		{by_seconds(0), automatic, false},
		{by_seconds(1), by_share(1), false},
		{by_share(0.01), by_seconds(1000 * DAY), false},
		{by_share(0.01), by_range("1000:"), false},
		{automatic, by_range("1000:"), false},
		/* two bounds, or an upper one: alerts elsewhere, which is no contradiction */
		{by_range("10:20"), by_range("15:30"), false},
		{by_range("~:20"), by_range("~:30"), false},
		{by_range("@20:"), by_range("@30:"), false},
		{by_range("~:"), by_range("30:"), false},
		{by_range("30:"), by_range("@~:"), false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		expect(limit_contradicts(rows[i].warning, rows[i].critical) == rows[i].contradict,
			   "row %zu", i);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_due_by_lifetime), cmocka_unit_test(test_due_by_client),
		cmocka_unit_test(test_due_by_option),   cmocka_unit_test(test_due_by_what_is_known),
		cmocka_unit_test(test_grace),           cmocka_unit_test(test_lifetime_allowed),
		cmocka_unit_test(test_resolve),         cmocka_unit_test(test_alerts),
		cmocka_unit_test(test_contradictions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
