/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cert_quiet_hours: lines of logs, times, user agents. */
#include "unit.h"

#include "quiet_hours/agents.h"
#include "quiet_hours/log_line.h"

#include <stdio.h>

#define NOW 1796083200 /* 2026-12-01T00:00:00Z */

/* 2026-11-25T02:10:33Z */
#define MOMENT 1795572633

static void test_times(void **state) {
	(void)state;
	static const struct {
		const char *text;
		line_problem problem;
		int64_t seconds;
	} rows[] = {
		{"25/Nov/2026:02:10:33 +0000", LINE_GOOD, MOMENT},
		{"[25/Nov/2026:02:10:33 +0000]", LINE_GOOD, MOMENT},
		{"25/Nov/2026:11:10:33 +0900", LINE_GOOD, MOMENT},
		{"24/Nov/2026:22:40:33 -0330", LINE_GOOD, MOMENT},
		{"2026-11-25T02:10:33Z", LINE_GOOD, MOMENT},
		{"2026-11-25T02:10:33+00:00", LINE_GOOD, MOMENT},
		{"2026-11-25 07:55:33.123456+0545", LINE_GOOD, MOMENT},
		{"2026-11-25T02:10:33,999Z", LINE_GOOD, MOMENT},
		{"1795572633", LINE_GOOD, MOMENT},
		{"1795572633.512", LINE_GOOD, MOMENT},
		{"1795572633512", LINE_GOOD, MOMENT},
		{"1795572633512345", LINE_GOOD, MOMENT},
		{"1795572633512345678", LINE_GOOD, MOMENT},
		/* a leap second is of the minute that it ends */
		{"31/Dec/2016:23:59:60 +0000", LINE_GOOD, 1483228799},
		{"2026-11-25T02:10:33", LINE_NO_ZONE, 0},
		{"2026-11-25T02:10:33+9:00", LINE_NO_ZONE, 0},
		{"25/Nov/2026:02:10:33 GMT00", LINE_NO_ZONE, 0},
		{"25/Nov/2026:02:10:33 +9900", LINE_NO_ZONE, 0},
		{"31/Nov/2026:02:10:33 +0000", LINE_WRONG_TIME, 0},
		{"29/Feb/2026:02:10:33 +0000", LINE_WRONG_TIME, 0},
		{"25/Nov/2026:24:10:33 +0000", LINE_WRONG_TIME, 0},
		{"25/Nov/2026:02:60:33 +0000", LINE_WRONG_TIME, 0},
		{"25/nov/2026:02:10:33 +0000", LINE_WRONG_TIME, 0},
		{"-5/Nov/2026:02:10:33 +0000", LINE_WRONG_TIME, 0},
		{"25/Nov/-026:02:10:33 +0000", LINE_WRONG_TIME, 0},
		{"yesterday", LINE_WRONG_TIME, 0},
		{"12:30", LINE_WRONG_TIME, 0},
		{"-1795572633", LINE_WRONG_TIME, 0},
		{"", LINE_WRONG_TIME, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t seconds = 0;
		line_problem problem = log_time_any(rows[i].text, strlen(rows[i].text), &seconds);
		expect(problem == rows[i].problem, "%s: problem %d", rows[i].text, problem);
		expect(seconds == rows[i].seconds, "%s: %lld", rows[i].text, (long long)seconds);
	}
}

#define REQUEST " \"GET / HTTP/1.1\" 200 5"
#define TIME    "[25/Nov/2026:02:10:33 +0000]"

static void test_common_and_combined(void **state) {
	(void)state;
	static const struct {
		const char *text;
		line_problem problem;
		const char *address;
		const char *agent; /* NULL: none */
	} rows[] = {
		{"192.0.2.1 - - " TIME REQUEST, LINE_GOOD, "192.0.2.1", NULL},
		{"192.0.2.1 - - " TIME REQUEST " \"-\" \"Agent/1.0\"", LINE_GOOD, "192.0.2.1", "Agent/1.0"},
		{"192.0.2.1 - - " TIME REQUEST " \"-\" \"Agent/1.0\"\r", LINE_GOOD, "192.0.2.1",
		 "Agent/1.0"},
		{"192.0.2.1 - - " TIME REQUEST " \"-\" \"Agent/1.0\" \"10.0.0.1\" rt=0.1", LINE_GOOD,
		 "192.0.2.1", "Agent/1.0"},
		{"2001:db8::1 - - " TIME REQUEST " \"http://a.test/\" \"-\"", LINE_GOOD, "2001:db8::1",
		 "-"},
		{"client.example.test - alice " TIME REQUEST, LINE_GOOD, "client.example.test", NULL},
		/* names of users are what clients send */
		{"192.0.2.1 - a b [c] " TIME REQUEST " \"\" \"A\"", LINE_GOOD, "192.0.2.1", "A"},
		{"192.0.2.1 - 192.0.2.9 " TIME REQUEST, LINE_GOOD, "192.0.2.1", NULL},
		/* quotes as Apache escapes them */
		{"192.0.2.1 - - " TIME " \"GET /\\\"x HTTP/1.1\" 200 5 \"\\\\\" \"A \\\"b\\\" c\"",
		 LINE_GOOD, "192.0.2.1", "A \\\"b\\\" c"},
		/* vhost_combined */
		{"www.example.test:443 192.0.2.7 - - " TIME REQUEST " \"-\" \"A\"", LINE_GOOD, "192.0.2.7",
		 "A"},
		{"www.example.test:443 2001:db8::7 - - " TIME REQUEST " \"-\" \"A\"", LINE_GOOD,
		 "2001:db8::7", "A"},
		/* cut off */
		{"192.0.2.1 - - " TIME " \"GET /", LINE_GOOD, "192.0.2.1", NULL},
		{"192.0.2.1 - - " TIME, LINE_GOOD, "192.0.2.1", NULL},
		{"192.0.2.1 - - [25/Nov/2026:02:10:33", LINE_NO_TIME, NULL, NULL},
		{"192.0.2.1 - - [25/Nov/2026:02:10:33 UTC00] \"GET / HTTP/1.1\"", LINE_NO_ZONE, NULL, NULL},
		{"192.0.2.1 - - [01/Jan/9999:00:00:00 +0000]" REQUEST, LINE_IN_FUTURE, NULL, NULL},
		{"192.0.2.1 - - [01/Jan/0001:00:00:00 +0000]" REQUEST, LINE_TOO_OLD, NULL, NULL},
		{"192.0.2.1 - - [01/Jan/1994:00:00:00 +0000]" REQUEST, LINE_TOO_OLD, NULL, NULL},
		{"192.0.2.1 - - [02/Dec/2026:01:00:00 +0000]" REQUEST, LINE_IN_FUTURE, NULL, NULL},
		{TIME REQUEST, LINE_NO_ADDRESS, NULL, NULL},
		{"#Software: Microsoft Internet Information Services", LINE_NO_TIME, NULL, NULL},
		{"", LINE_EMPTY, NULL, NULL},
		{"\r", LINE_EMPTY, NULL, NULL},
		{"  ", LINE_EMPTY, NULL, NULL},
	};
	log_line_reader reader;
	log_line_begin(&reader, NOW);
	for (size_t i = 0; i < COUNT(rows); i++) {
		log_line line;
		line_problem problem = log_line_read(&reader, rows[i].text, strlen(rows[i].text), &line);
		expect(problem == rows[i].problem, "%s: problem %d", rows[i].text, problem);
		if (problem != LINE_GOOD) {
			continue;
		}
		expect(line.at == slot_of(MOMENT), "%s: slot %d", rows[i].text, line.at);
		expect(strlen(rows[i].address) == line.address_length &&
				   memcmp(rows[i].address, line.address, line.address_length) == 0,
			   "%s: address %.*s", rows[i].text, (int)line.address_length, line.address);
		expect((line.agent == NULL) == (rows[i].agent == NULL), "%s: agent", rows[i].text);
		if (line.agent != NULL) {
			expect(strlen(rows[i].agent) == line.agent_length &&
					   memcmp(rows[i].agent, line.agent, line.agent_length) == 0,
				   "%s: agent %.*s", rows[i].text, (int)line.agent_length, line.agent);
		}
	}
}

/* The minute and the zone are remembered: another zone, another minute have to be seen. */
static void test_remembered_time(void **state) {
	(void)state;
	static const struct {
		const char *time;
		int64_t seconds;
	} rows[] = {
		{"25/Nov/2026:02:10:33 +0000", MOMENT},
		{"25/Nov/2026:02:10:59 +0000", MOMENT + 26},
		{"25/Nov/2026:02:10:33 +0900", MOMENT - 32400},
		{"25/Nov/2026:02:15:33 +0900", MOMENT - 32100},
		{"25/Nov/2026:02:10:33 +0000", MOMENT},
		{"25/Nov/2025:02:10:33 +0000", MOMENT - 31536000},
	};
	log_line_reader reader;
	log_line_begin(&reader, NOW);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[100];
		int length = snprintf(text, sizeof(text), "192.0.2.1 - - [%s]" REQUEST, rows[i].time);
		log_line line;
		assert_int_equal(log_line_read(&reader, text, (size_t)length, &line), LINE_GOOD);
		expect(line.at == slot_of(rows[i].seconds), "%s: slot %d", rows[i].time, line.at);
	}
}

static void test_json(void **state) {
	(void)state;
	static const struct {
		const char *text;
		line_problem problem;
		const char *address;
		const char *agent;
	} rows[] = {
		{"{\"time_iso8601\":\"2026-11-25T02:10:33+00:00\",\"remote_addr\":\"192.0.2.1\","
		 "\"http_user_agent\":\"A\"}",
		 LINE_GOOD, "192.0.2.1", "A"},
		/* nginx with msec */
		{"{ \"msec\": \"1795572633.123\", \"remote_addr\": \"192.0.2.1\" } ", LINE_GOOD,
		 "192.0.2.1", NULL},
		/* Caddy */
		{"{\"level\":\"info\",\"ts\":1795572633.0123,\"logger\":\"http.log.access\",\"msg\":"
		 "\"handled "
		 "request\",\"request\":{\"remote_ip\":\"10.0.0.1\",\"remote_port\":\"41342\",\"client_"
		 "ip\":"
		 "\"192.0.2.1\",\"proto\":\"HTTP/2.0\",\"headers\":{\"Accept\":[\"*/"
		 "*\"],\"User-Agent\":[\"A\","
		 "\"B\"]},\"tls\":{\"resumed\":false,\"version\":772}},\"bytes_read\":0,\"status\":200}",
		 LINE_GOOD, "192.0.2.1", "A"},
		/* Apache, the time as %t writes it */
		{"{\"time\":\"[25/Nov/2026:02:10:33 +0000]\",\"remoteIP\":\"192.0.2.1\",\"host\":\"www\","
		 "\"userAgent\":\"A\"}",
		 LINE_GOOD, "192.0.2.1", "A"},
		/* Traefik */
		{"{\"ClientAddr\":\"192.0.2.1:4711\",\"ClientHost\":\"192.0.2.1\",\"StartUTC\":"
		 "\"2026-11-25T02:10:33.123456789Z\",\"request_User-Agent\":\"A\"}",
		 LINE_GOOD, "192.0.2.1", "A"},
		/* a value that looks like a key, escapes */
		{"{\"uri\":\"/?\\\"ip\\\":\\\"10.9.9.9\\\"\",\"timestamp\":\"2026-11-25T02:10:33Z\",\"ip\":"
		 "\"192.0.2.1\",\"agent\":\"a\\\\\"}",
		 LINE_GOOD, "192.0.2.1", "a\\\\"},
		{"{\"time\":\"2026-11-25T02:10:33Z\"}", LINE_NO_ADDRESS, NULL, NULL},
		{"{\"ip\":\"192.0.2.1\"}", LINE_NO_TIME, NULL, NULL},
		{"{\"ip\":\"192.0.2.1\",\"time\":\"2026-11-25T02:10:33\"}", LINE_NO_ZONE, NULL, NULL},
		{"{\"ip\":\"192.0.2.1\",\"time\":\"now\"}", LINE_WRONG_TIME, NULL, NULL},
		{"{\"ip\":\"192.0.2.1\",\"time\":\"9999-11-25T02:10:33Z\"}", LINE_IN_FUTURE, NULL, NULL},
		{"{\"ip\":\"192.0.2.1\",\"time\":\"2026-11-25T02:10:33Z\"", LINE_NOT_JSON, NULL, NULL},
		{"{\"ip\":\"192.0.2.1\",\"time\":\"2026-11-25T02:10:33Z\"} x", LINE_NOT_JSON, NULL, NULL},
		{"{\"ip\":\"192.0.2.1\",}", LINE_NOT_JSON, NULL, NULL},
		{"{\"ip\":", LINE_NOT_JSON, NULL, NULL},
		{"{\"ip\"", LINE_NOT_JSON, NULL, NULL},
		{"{ip:1}", LINE_NOT_JSON, NULL, NULL},
		{"{", LINE_NOT_JSON, NULL, NULL},
		{"{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", LINE_NOT_JSON, NULL, NULL},
	};
	log_line_reader reader;
	log_line_begin(&reader, NOW);
	for (size_t i = 0; i < COUNT(rows); i++) {
		log_line line;
		line_problem problem = log_line_read(&reader, rows[i].text, strlen(rows[i].text), &line);
		expect(problem == rows[i].problem, "%s: problem %d", rows[i].text, problem);
		if (problem != LINE_GOOD) {
			continue;
		}
		expect(line.at == slot_of(MOMENT), "%s: slot %d", rows[i].text, line.at);
		expect(strlen(rows[i].address) == line.address_length &&
				   memcmp(rows[i].address, line.address, line.address_length) == 0,
			   "%s: address %.*s", rows[i].text, (int)line.address_length, line.address);
		expect(
			(line.agent == NULL) == (rows[i].agent == NULL) &&
				(line.agent == NULL || (strlen(rows[i].agent) == line.agent_length &&
										memcmp(rows[i].agent, line.agent, line.agent_length) == 0)),
			"%s: agent", rows[i].text);
	}
}

static void test_agents(void **state) {
	(void)state;
	static const struct {
		const char *agent;
		bool bot;
	} rows[] = {
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
		 "Chrome/130.0.0.0 Safari/537.36",
		 false},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
		 "Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
		 false},
		{"Mozilla/5.0 (Linux; Android 10; CUBOT_X30) AppleWebKit/537.36 (KHTML, like Gecko) "
		 "Chrome/130.0.0.0 Mobile Safari/537.36",
		 false},
		{"Mozilla/5.0 (Linux; Android 10; CUBOT_X30; compatible; Googlebot/2.1)", true},
		{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", true},
		{"Mozilla/5.0 (compatible; Baiduspider/2.0)", true},
		{"curl/7.88.1", true},
		{"check_http/v2.3.3 (monitoring-plugins 2.3.3)", true},
		{"Mozilla/5.0 (compatible; Let's Encrypt validation server; +https://www.letsencrypt.org)",
		 true},
		{"python-requests/2.28.1", true},
		{"-", true},
		{"", true},
	};
	static agents agents;
	for (int turn = 0; turn < 2; turn++) { /* the second time from what is kept */
		for (size_t i = 0; i < COUNT(rows); i++) {
			bool bot = agents_is_bot(&agents, rows[i].agent, strlen(rows[i].agent));
			expect(bot == rows[i].bot, "%s: %d", rows[i].agent, bot);
		}
	}
	char longer[5000];
	memset(longer, 'a', sizeof(longer));
	memcpy(longer + 2000, "bot", 3);
	assert_false(agent_is_bot(longer, sizeof(longer))); /* bounded */
	memcpy(longer + 500, "\0bot", 4);
	assert_true(agent_is_bot(longer, sizeof(longer)));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),           cmocka_unit_test(test_common_and_combined),
		cmocka_unit_test(test_remembered_time), cmocka_unit_test(test_json),
		cmocka_unit_test(test_agents),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
