/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What renewal clients left behind. The trees, logs and request files have the form of real ones,
 * made with certbot 2.1, acme.sh 3.1, dehydrated 0.7, lego 4.9, Caddy 2.6 and certmonger 0.79
 * against a CA on loopback; Traefik's acme.json and Caddy's renewal_info are as their documentation
 * has them.
 */
#include "facts/client_state.h"

#include "mint.h"
#include "scratch.h"
#include "unit.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NAME "www.example.test"

enum {
	MIB = 1024 * 1024
};

/* The files of one test are below a directory of that name. */
static const char *place;

static const char *at(char out[SCRATCH_PATH_MAX], const char *name) {
	char below[SCRATCH_PATH_MAX];
	snprintf(below, sizeof(below), "%s/%s", place, name);
	return scratch_path(out, below);
}

static void make_directories(char *path) {
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

static void put_bytes(const char *name, const void *bytes, size_t size) {
	char path[SCRATCH_PATH_MAX];
	char below[SCRATCH_PATH_MAX];
	at(path, name);
	make_directories(path);
	snprintf(below, sizeof(below), "%s/%s", place, name);
	scratch_write(below, bytes, size);
}

static void put(const char *name, const char *text) { put_bytes(name, text, strlen(text)); }

/* PEM of a certificate for names ("DNS:a,DNS:b") that was issued so many days later than usual. */
static char *pem_of(const char *names, int days_later) {
	X509 *x509 = mint_new("subject", "issuer", 1 + days_later);
	mint_extension(x509, NID_subject_alt_name, names);
	ASN1_TIME_set(X509_getm_notBefore(x509), mint_not_before + days_later * (int64_t)DAY);
	ASN1_TIME_set(X509_getm_notAfter(x509), mint_not_after + days_later * (int64_t)DAY);
	x509 = mint_signed(x509);
	BIO *memory = BIO_new(BIO_s_mem());
	assert_int_equal(PEM_write_bio_X509(memory, x509), 1);
	char *bytes = NULL;
	long size = BIO_get_mem_data(memory, &bytes);
	char *pem = strndup(bytes, (size_t)size);
	BIO_free(memory);
	X509_free(x509);
	return pem;
}

static void put_certificate(const char *name, const char *names, int days_later) {
	char *pem = pem_of(names, days_later);
	put(name, pem);
	free(pem);
}

static client_state ask(const char *below, const char *dns_name) {
	char path[SCRATCH_PATH_MAX];
	client_state state;
	assert_true(client_state_read(&state, at(path, below), dns_name));
	return state;
}

static void is_kind(client_state state, client_state_kind kind, const char *client) {
	expect(state.kind == kind, "%s: kind %d, %s", place, state.kind,
		   state.problem != NULL ? state.problem : "no problem");
	if (client != NULL) {
		assert_string_equal(state.client, client);
	}
	assert_true((kind == CLIENT_STATE_UNREADABLE) == (state.problem != NULL));
}

/* Known, with the times of the certificate, and no failure. */
static void is_well(client_state state, const char *client, int days_later) {
	is_kind(state, CLIENT_STATE_KNOWN, client);
	assert_int_equal(state.not_before, mint_not_before + days_later * (int64_t)DAY);
	assert_int_equal(state.not_after, mint_not_after + days_later * (int64_t)DAY);
	expect(!state.last_failed, "%s: failed: %s", place, state.reason);
	assert_true(state.last_attempt >= state.not_before);
}

static void has_failed(client_state state, int64_t when, const char *reason) {
	is_kind(state, CLIENT_STATE_KNOWN, NULL);
	assert_true(state.last_failed);
	expect(state.last_attempt == when, "%s: at %lld", place, (long long)state.last_attempt);
	if (reason != NULL) {
		assert_non_null(state.reason);
		assert_string_equal(state.reason, reason);
	}
}

static void done(client_state state) {
	client_state_free(&state);
	assert_null(state.reason);
}

/* --- certbot: UTC is the tests' time zone ------------------------------------------------------
 */

#define CONF_HEAD "version = 2.1.0\nfullchain = /elsewhere/fullchain.pem\n\n"
/* 2027-03-10 12:00:00, 68 days after the certificate was issued */
#define RUN_AT  ((int64_t)1804680000)
#define PROCESS "DEBUG:certbot._internal.display.obj:Notifying user: Processing /c/renewal/"
/* As certbot wraps it where the path is long. */
#define WRAPPED "DEBUG:certbot._internal.display.obj:Notifying user: Processing\n/c/renewal/"
#define RENEWAL "ERROR:certbot._internal.renewal:"
#define STORAGE "DEBUG:certbot._internal.storage:"
#define STAMP   "2027-03-10 12:00:00,123:"
#define STAMP_2 "2027-03-10 13:00:00,123:"
#define VERSION "DEBUG:certbot._internal.main:certbot version: 2.1.0\n"
#define FAILED  RENEWAL "Failed to renew certificate shop with error: "
#define REFUSED "Requesting localhost/dir: Connection refused"
#define RUN(stamp, arguments)                                                                      \
	stamp VERSION stamp "DEBUG:certbot._internal.main:Arguments: [" arguments "]\n"

static void put_certbot(const char *name, const char *configuration, const char *log) {
	place = name;
	put_certificate("letsencrypt/archive/shop/fullchain1.pem", "DNS:" NAME, 0);
	put("letsencrypt/renewal/shop.conf", configuration);
	put("letsencrypt/live/shop/README", "");
	char path[SCRATCH_PATH_MAX];
	assert_int_equal(symlink("../../archive/shop/fullchain1.pem",
							 at(path, "letsencrypt/live/shop/fullchain.pem")),
					 0);
	if (log != NULL) {
		put("logs/letsencrypt.log", log);
	}
}

static void certbot_without_log(void **state) {
	(void)state;
	put_certbot("certbot", CONF_HEAD, NULL);
	client_state seen = ask("letsencrypt", NAME);
	is_well(seen, "certbot", 0);
	assert_string_equal(seen.lineage, "shop");
	assert_non_null(strstr(seen.certificate, "/live/shop/fullchain.pem"));
	assert_int_equal(seen.last_run, 0);
	assert_int_equal(seen.next_attempt, mint_not_after - 30 * (int64_t)DAY);
	done(seen);
	seen = ask("letsencrypt/live/shop/fullchain.pem", NAME);
	is_well(seen, "certbot", 0);
	done(seen);
	seen = ask("letsencrypt/renewal/shop.conf", NAME);
	is_well(seen, "certbot", 0);
	done(seen);
	seen = ask("letsencrypt", "other.example.test");
	is_kind(seen, CLIENT_STATE_NO_LINEAGE, "certbot");
	done(seen);
}

static void certbot_next_attempt(void **state) {
	(void)state;
	static const struct {
		const char *name;
		const char *configuration;
		int days_before; /* 0: not known */
	} rows[] = {
		{"certbot-30", "# renew_before_expiry = 20 days\nversion = 3.9.0\n", 30},
		{"certbot-4", "version = 4.0.0\n", 30},
		{"certbot-days", "renew_before_expiry = 10 days\nversion = 2.1.0\n", 10},
		{"certbot-weeks", "renew_before_expiry = 2 weeks\nversion = 5.1.0\n", 14},
		{"certbot-odd", "renew_before_expiry = soon\nversion = 2.1.0\n", 0},
		{"certbot-empty", "", 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		put_certbot(rows[i].name, rows[i].configuration, NULL);
		client_state seen = ask("letsencrypt", NAME);
		int64_t expected =
			rows[i].days_before != 0 ? mint_not_after - rows[i].days_before * (int64_t)DAY : 0;
		expect(seen.next_attempt == expected, "%s: %lld", place, (long long)seen.next_attempt);
		done(seen);
	}
	put_certbot("certbot-off", "version = 2.1.0\n[renewalparams]\nautorenew = False\n", NULL);
	client_state seen = ask("letsencrypt", NAME);
	is_well(seen, "certbot", 0);
	assert_int_equal(seen.next_attempt, 0);
	assert_non_null(strstr(seen.reason, "autorenew"));
	done(seen);
}

/* What a log says; reason NULL: nothing failed. */
static void certbot_logs(void **state) {
	(void)state;
	static const struct {
		const char *name;
		const char *log;
		int64_t run;
		int64_t attempt; /* 0: none but the certificate */
		const char *reason;
	} rows[] = {
		{"log-idle",
		 RUN(STAMP, "'-q'") STAMP PROCESS "shop.conf\n" STAMP
										  "DEBUG:certbot._internal.renewal:no renewal failures\n",
		 RUN_AT, 0, NULL},
		{"log-failed",
		 RUN(STAMP, "'-q'") STAMP PROCESS "shop.conf\n" STAMP FAILED REFUSED "\nTraceback:\n",
		 RUN_AT, RUN_AT, REFUSED},
		{"log-many-runs",
		 RUN("2027-01-02 00:00:00,000:", "") "2027-01-02 00:00:00,000:" PROCESS "shop.conf\n" RUN(
			 STAMP, "'-q'") STAMP PROCESS "shop.conf\n" STAMP FAILED REFUSED "\n",
		 RUN_AT, RUN_AT, REFUSED},
		{"log-challenge",
		 RUN(STAMP, "") STAMP WRAPPED
		 "shop.conf\n" STAMP "DEBUG:certbot._internal.display.obj:Notifying user: \n"
		 "Certbot failed to authenticate some domains (authenticator: webroot).\n"
		 "  Domain: shop.example.test\n  Type:   connection\n"
		 "  Detail: 127.0.0.1: Connection refused\n\nHint: none\n\n" STAMP FAILED
		 "Some challenges have failed.\n",
		 RUN_AT, RUN_AT, "connection: 127.0.0.1: Connection refused"},
		{"log-repaired",
		 RUN(STAMP, "") STAMP PROCESS "shop.conf\n" STAMP FAILED REFUSED "\n" RUN(STAMP_2, "")
			 STAMP_2 PROCESS "shop.conf\n" STAMP_2 STORAGE
							 "Writing full chain to /c/archive/shop/fullchain2.pem.\n",
		 RUN_AT + HOUR, RUN_AT + HOUR, NULL},
		{"log-other-succeeds",
		 RUN(STAMP, "") STAMP PROCESS "shop.conf\n" STAMP FAILED REFUSED "\n" STAMP PROCESS
									  "eshop.conf\n" STAMP STORAGE
									  "Writing full chain to /c/archive/eshop/fullchain2.pem.\n",
		 RUN_AT, RUN_AT, REFUSED},
		{"log-other-fails",
		 RUN(STAMP, "") STAMP PROCESS "shop2.conf\n" STAMP RENEWAL
									  "Failed to renew certificate shop2 with error: " REFUSED "\n",
		 RUN_AT, 0, NULL},
		{"log-rehearsal",
		 RUN(STAMP, "'--dry-run'") STAMP PROCESS "shop.conf\n" STAMP FAILED REFUSED "\n", 0, 0,
		 NULL},
		{"log-broken",
		 RUN(STAMP, "") STAMP PROCESS
		 "shop.conf\n" STAMP RENEWAL
		 "Renewal configuration file /c/renewal/shop.conf is broken.\n" STAMP RENEWAL
		 "The error was: expected /c/live/shop/cert.pem to be a symlink\nSkipping.\n",
		 RUN_AT, RUN_AT, "expected /c/live/shop/cert.pem to be a symlink"},
		{"log-older",
		 "2026-12-01 00:00:00,000:" VERSION "2026-12-01 00:00:00,000:" FAILED REFUSED "\n", 0, 0,
		 NULL},
		{"log-empty", "", 0, 0, NULL},
		{"log-nonsense", "9999-99-99 99:99:99,999:ERROR:x:y\n:::\n2027-03-10 12:00:00,123:\n", 0, 0,
		 NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		put_certbot(rows[i].name, CONF_HEAD, rows[i].log);
		client_state seen = ask("letsencrypt", NAME);
		int64_t attempt = rows[i].attempt != 0 ? rows[i].attempt : mint_not_before;
		if (rows[i].reason != NULL) {
			has_failed(seen, attempt, rows[i].reason);
		} else {
			is_well(seen, "certbot", 0);
			assert_int_equal(seen.last_attempt, attempt);
		}
		expect(seen.last_run == rows[i].run, "%s: run %lld", place, (long long)seen.last_run);
		done(seen);
	}
}

static void certbot_hook(void **state) {
	(void)state;
	put_certbot("certbot-hook", CONF_HEAD,
				RUN(STAMP, "") STAMP WRAPPED
				"shop.conf\n" STAMP STORAGE
				"Writing full chain to /c/archive/shop/fullchain2.pem.\n" STAMP
				"WARNING:certbot.display.ops:Hook 'deploy-hook' reported error code 1\n");
	client_state seen = ask("letsencrypt", NAME);
	is_well(seen, "certbot", 0);
	assert_string_equal(seen.reason, "Hook 'deploy-hook' reported error code 1");
	done(seen);
}

/* One file per run: the failure is in an earlier one. */
static void certbot_earlier_logs(void **state) {
	(void)state;
	put_certbot("certbot-logs", CONF_HEAD, RUN(STAMP_2, "") STAMP_2 PROCESS "other.conf\n");
	put("logs/letsencrypt.log.1",
		RUN(STAMP, "") STAMP PROCESS "shop.conf\n" STAMP FAILED REFUSED "\n");
	client_state seen = ask("letsencrypt", NAME);
	has_failed(seen, RUN_AT, REFUSED);
	assert_int_equal(seen.last_run, RUN_AT + HOUR);
	done(seen);
}

/* Of a huge log the end is read; NUL and overlong lines in it do no harm. */
static void certbot_huge_log(void **state) {
	(void)state;
	static const char end[] = "\n" RUN(STAMP, "") STAMP PROCESS "shop.conf\n" STAMP FAILED "x\0y";
	size_t size = 6 * MIB;
	char *log = calloc(1, size + sizeof(end));
	assert_non_null(log);
	memset(log + MIB, 'x', size - MIB);
	memcpy(log + size, end, sizeof(end));
	put_certbot("certbot-huge", CONF_HEAD, NULL);
	put_bytes("logs/letsencrypt.log", log, size + sizeof(end) - 1);
	client_state seen = ask("letsencrypt", NAME);
	has_failed(seen, RUN_AT, "x y");
	done(seen);
	free(log);
}

static void certbot_newest_and_wildcard(void **state) {
	(void)state;
	put_certbot("certbot-two", CONF_HEAD, NULL);
	put("letsencrypt/renewal/shop-0001.conf", CONF_HEAD);
	put_certificate("letsencrypt/live/shop-0001/fullchain.pem", "DNS:*.example.test", 5);
	put("letsencrypt/renewal/gone.conf", CONF_HEAD);
	client_state seen = ask("letsencrypt", NAME);
	is_well(seen, "certbot", 5);
	assert_string_equal(seen.lineage, "shop-0001");
	done(seen);
}

/* --- acme.sh -----------------------------------------------------------------------------------
 */

#define ACME_CONF "Le_Domain='" NAME "'\nLe_Alt='alt.example.test'\nLe_Keylength='ec-256'\n"
#define ACME_DIR  "acme/" NAME "_ecc/"
#define ACME_RUN(date)                                                                             \
	"[" date "] ===Starting cron===\n[" date "] Renew: " NAME "\n[" date "] Renewing: '" NAME "'"  \
	"\n"
#define ACME_END(date) "[" date "] Return code: 1\n[" date "] Error renewing " NAME "_ecc.\n"

static void put_acme_sh(const char *name, const char *log) {
	place = name;
	put("acme/account.conf", "LOG_FILE='/x'\n");
	put_certificate(ACME_DIR "fullchain.cer", "DNS:" NAME, 0);
	put(ACME_DIR NAME ".csr.conf", "[ req ]\n");
	put(ACME_DIR NAME ".conf",
		ACME_CONF "Le_CertCreateTime='1798765200'\nLe_NextRenewTime='1801266800'\n");
	if (log != NULL) {
		put("acme/acme.sh.log", log);
	}
}

static void acme_sh(void **state) {
	(void)state;
	put_acme_sh("acme-sh", NULL);
	client_state seen = ask("acme", NAME);
	is_well(seen, "acme.sh", 0);
	assert_string_equal(seen.lineage, NAME "_ecc");
	assert_int_equal(seen.last_attempt, 1798765200);
	assert_int_equal(seen.next_attempt, 1801266800);
	assert_int_equal(seen.last_run, 0);
	done(seen);
	seen = ask(ACME_DIR NAME ".conf", NAME);
	is_well(seen, "acme.sh", 0);
	done(seen);
	seen = ask("acme", "other.example.test");
	is_kind(seen, CLIENT_STATE_NO_LINEAGE, "acme.sh");
	done(seen);
}

static void acme_sh_logs(void **state) {
	(void)state;
	static const struct {
		const char *name;
		const char *log;
		int64_t attempt; /* 0: the certificate's */
		const char *reason;
	} rows[] = {
		{"acme-down",
		 ACME_RUN(
			 "Wed Mar 10 11:59:00 UTC 2027") "[Wed Mar 10 11:59:30 UTC 2027] Cannot init API for "
											 "https://localhost:26000/dir\n"
											 "[Wed Mar 10 11:59:30 UTC 2027] ret='7'\n" ACME_END(
												 "Wed Mar 10 12:00:00 UTC 2027"),
		 RUN_AT, "Cannot init API for https://localhost:26000/dir"},
		{"acme-answer",
		 ACME_RUN(
			 "Wed 10 Mar 2027 11:59:00 AM UTC") "[Wed 10 Mar 2027 11:59:00 AM UTC] Error creating "
												"new order. Le_OrderFinalize not found. {\n"
												"   \"type\": "
												"\"urn:ietf:params:acme:error:"
												"accountDoesNotExist\",\n"
												"   \"detail\": \"Account 7 not "
												"found.\",\n}\n" ACME_END(
													"Wed 10 Mar 2027 12:00:00 PM UTC"),
		 RUN_AT, "Error creating new order. Le_OrderFinalize not found. Account 7 not found."},
		{"acme-challenge",
		 ACME_RUN("Wed Mar 10 11:59:00 UTC 2027") "[Wed Mar 10 11:59:30 UTC 2027] " NAME
												  ": Invalid status. Verification error details: "
												  "refused\n"
												  "[Wed Mar 10 11:59:31 UTC 2027] Please check log "
												  "file for more details: "
												  "/x\n" ACME_END("Wed Mar 10 12:00:00 UTC 2027"),
		 RUN_AT, NAME ": Invalid status. Verification error details: refused"},
		{"acme-repaired",
		 ACME_RUN("Wed Mar 10 11:00:00 UTC 2027") ACME_END("Wed Mar 10 11:00:00 UTC 2027") ACME_RUN(
			 "Wed Mar 10 12:00:00 UTC 2027") "[Wed Mar 10 12:00:00 UTC 2027] Cert success.\n",
		 0, NULL},
		{"acme-skipped",
		 ACME_RUN("Wed Mar 10 12:00:00 UTC 2027") "[Wed Mar 10 12:00:00 UTC 2027] Skipped " NAME
												  "_ecc\n",
		 0, NULL},
		{"acme-other-key",
		 ACME_RUN(
			 "Wed Mar 10 12:00:00 UTC 2027") "[Wed Mar 10 12:00:00 UTC 2027] Error renewing " NAME
											 ".\n",
		 0, NULL},
		{"acme-older",
		 ACME_RUN("Tue Dec 1 12:00:00 UTC 2026") ACME_END("Tue Dec 1 12:00:00 UTC 2026"), 0, NULL},
		{"acme-nonsense", "[[[] ] [99] \n[Xyz 77 99:99:99 -5] Renewing: '" NAME "'\n", 0, NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		put_acme_sh(rows[i].name, rows[i].log);
		client_state seen = ask("acme", NAME);
		if (rows[i].reason != NULL) {
			has_failed(seen, rows[i].attempt, rows[i].reason);
		} else {
			is_well(seen, "acme.sh", 0);
		}
		done(seen);
	}
}

/* Asked for and never given: known by its configuration. */
static void acme_sh_unissued(void **state) {
	(void)state;
	place = "acme-unissued";
	put("acme/account.conf", "");
	put(ACME_DIR NAME ".csr.conf", "[ req ]\n");
	put(ACME_DIR NAME ".conf", ACME_CONF);
	put("acme/acme.sh.log", ACME_RUN("Wed Mar 10 12:00:00 UTC 2027") "Error, no.\n" ACME_END(
								"Wed Mar 10 12:00:00 UTC 2027"));
	client_state seen = ask("acme", "alt.example.test");
	is_kind(seen, CLIENT_STATE_KNOWN, "acme.sh");
	assert_true(seen.last_failed);
	assert_int_equal(seen.not_after, 0);
	done(seen);
	seen = ask("acme", "other.example.test");
	assert_int_not_equal(seen.kind, CLIENT_STATE_KNOWN);
	done(seen);
}

/* --- lego, Caddy, dehydrated -------------------------------------------------------------------
 */

static void lego(void **state) {
	(void)state;
	place = "lego";
	put_certificate("lego/certificates/_.example.test.crt", "DNS:*.example.test", 0);
	put("lego/certificates/_.example.test.json", "{\"domain\": \"*.example.test\"}");
	client_state seen = ask("lego", NAME);
	is_well(seen, "lego", 0);
	assert_string_equal(seen.lineage, "_.example.test");
	done(seen);
	seen = ask("lego/certificates/_.example.test.json", NAME);
	is_well(seen, "lego", 0);
	done(seen);
	seen = ask("lego", "a.b.example.test");
	is_kind(seen, CLIENT_STATE_NO_LINEAGE, "lego");
	done(seen);
}

#define CADDY_DIR "caddy/certificates/acme-ca-directory/" NAME "/" NAME

static void caddy(void **state) {
	(void)state;
	static const struct {
		const char *name;
		const char *json;
		const char *lock;
		int64_t next;
		int64_t failed; /* 0: it did not */
	} rows[] = {
		{"caddy", "{\"sans\": [\"x\"], \"issuer_data\": {\"url\": \"https://ca/cert/1\"}}", NULL, 0,
		 0},
		{"caddy-ari",
		 "{\"issuer_data\": {\"renewal_info\": {\"_selectedTime\": "
		 "\"2027-03-10T13:00:00.5+01:00\"}}}",
		 NULL, RUN_AT, 0},
		{"caddy-trying", "{}",
		 "{\"created\":\"2027-03-10T11:59:00.1Z\",\"updated\":\"2027-03-10T12:00:00.2Z\"}", 0, 0},
		{"caddy-failing", "{}",
		 "{\"created\":\"2027-03-09T11:00:00.1Z\",\"updated\":\"2027-03-10T12:00:00.2Z\"}", 0,
		 RUN_AT},
		{"caddy-stale", "{}",
		 "{\"created\":\"2026-03-09T11:00:00.1Z\",\"updated\":\"2026-03-10T12:00:00.2Z\"}", 0, 0},
		{"caddy-truncated", "{\"issuer_data\": {\"renew", "{\"created\":7,\"up", 0, 0},
		{"caddy-odd", "[1]", "{\"created\":7,\"updated\":[]}", 0, 0},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		place = rows[i].name;
		put_certificate(CADDY_DIR ".crt", "DNS:" NAME, 0);
		put(CADDY_DIR ".json", rows[i].json);
		if (rows[i].lock != NULL) {
			put("caddy/locks/issue_cert_" NAME ".lock", rows[i].lock);
		}
		client_state seen = ask("caddy", NAME);
		if (rows[i].failed != 0) {
			has_failed(seen, rows[i].failed, NULL);
		} else {
			is_well(seen, "caddy", 0);
		}
		assert_int_equal(seen.next_attempt, rows[i].next);
		done(seen);
	}
}

static void dehydrated(void **state) {
	(void)state;
	place = "dehydrated";
	put_certificate("dh/certs/shop/fullchain-1798761700.pem", "DNS:" NAME, 0);
	put("dh/certs/shop/cert-1798761700.csr", "csr");
	put("dh/certs/shop/cert-1798761700.pem", "pem");
	char path[SCRATCH_PATH_MAX];
	assert_int_equal(symlink("fullchain-1798761700.pem", at(path, "dh/certs/shop/fullchain.pem")),
					 0);
	client_state seen = ask("dh", NAME);
	is_well(seen, "dehydrated", 0);
	assert_int_equal(seen.last_attempt, 1798761700);
	assert_int_equal(seen.next_attempt, 0);
	done(seen);
	put("dh/config", "RENEW_DAYS=\"20\"\n");
	put("dh/certs/shop/cert-1804680000.csr", "csr");
	put("dh/certs/shop/cert-1804680000.pem", "");
	seen = ask("dh/certs/shop/fullchain.pem", NAME);
	has_failed(seen, RUN_AT, NULL);
	assert_int_equal(seen.next_attempt, mint_not_after - 20 * (int64_t)DAY);
	done(seen);
}

/* --- certmonger --------------------------------------------------------------------------------
 */

static void put_request(const char *name, const char *more, bool issued) {
	place = name;
	char path[SCRATCH_PATH_MAX];
	char text[2048];
	at(path, "cert.pem");
	snprintf(text, sizeof(text),
			 "id=20270101000000\nkey_storage_location=/x.key\ncert_storage_type=FILE\n"
			 "cert_storage_location=%s\n%stemplate_subject=CN=%s\ntemplate_hostname=a,%s\n"
			 "csr=-----BEGIN CERTIFICATE REQUEST-----\n AAAA\n%s",
			 path, issued ? "cert_not_after=20270401000000\n" : "", NAME, NAME, more);
	put("certmonger/requests/20270101000000", text);
	put("certmonger/cas/20270101000000", "id=IPA\n");
	if (issued) {
		put_certificate("cert.pem", "DNS:" NAME, 0);
	}
}

static void certmonger(void **state) {
	(void)state;
	static const struct {
		const char *name;
		const char *more;
		bool issued;
		const char *reason; /* NULL: it did not fail */
	} rows[] = {
		{"monger", "state=MONITORING\nautorenew=1\nsubmitted=20270101000500\n", true, NULL},
		{"monger-tracked", "state=MONITORING\nautorenew=1\nsubmitted=19700101000000\n", true, NULL},
		{"monger-rejected",
		 "state=MONITORING\nautorenew=1\nsubmitted=20270310120000\nca_error=denied: 2100.\n", true,
		 "denied: 2100."},
		{"monger-unreachable",
		 "state=HAVE_CSR\nautorenew=1\nsubmitted=20270310120000\nca_error=Error 7\n more\n", false,
		 "Error 7"},
		{"monger-stuck", "state=NEED_KEY_GEN_PIN\nsubmitted=20270310120000\n", false,
		 "NEED_KEY_GEN_PIN"},
		{"monger-waits", "state=SUBMITTING\nsubmitted=20270310120000\n", false, NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		put_request(rows[i].name, rows[i].more, rows[i].issued);
		client_state seen = ask("certmonger", NAME);
		is_kind(seen, CLIENT_STATE_KNOWN, "certmonger");
		assert_string_equal(seen.lineage, "20270101000000");
		if (rows[i].reason != NULL) {
			has_failed(seen, RUN_AT, rows[i].reason);
		} else {
			assert_false(seen.last_failed);
			assert_null(seen.reason);
		}
		assert_int_equal(seen.not_after, rows[i].issued ? mint_not_after : 0);
		done(seen);
		seen = ask("certmonger/requests/20270101000000", NAME);
		is_kind(seen, CLIENT_STATE_KNOWN, "certmonger");
		done(seen);
		seen = ask("certmonger", "www.other.test");
		assert_int_not_equal(seen.kind, CLIENT_STATE_KNOWN);
		done(seen);
	}
	put_request("monger-else", "state=MONITORING\nsubmitted=20270101000500\n", true);
	put_certificate("cert.pem", "DNS:else.example.test", 0);
	client_state seen = ask("certmonger", NAME);
	is_kind(seen, CLIENT_STATE_NO_LINEAGE, "certmonger");
	done(seen);
	put_request("monger-off", "state=MONITORING\nautorenew=0\nsubmitted=20270101000500\n", true);
	seen = ask("certmonger", NAME);
	is_well(seen, "certmonger", 0);
	assert_non_null(strstr(seen.reason, "autorenew=0"));
	done(seen);
}

/* --- Traefik -----------------------------------------------------------------------------------
 */

static char *base64_of(const char *names, int days_later) {
	char *pem = pem_of(names, days_later);
	char *encoded = malloc(strlen(pem) * 2);
	assert_non_null(encoded);
	EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)pem, (int)strlen(pem));
	free(pem);
	return encoded;
}

/* The text with the certificates in the places of @1 and @2. */
static char *filled(const char *text, const char *older, const char *newer) {
	char *out = calloc(1, strlen(text) + strlen(older) + strlen(newer) + 1);
	assert_non_null(out);
	char *to = out;
	for (const char *from = text; *from != '\0'; from++) {
		if (*from == '@') {
			from++;
			to = stpcpy(to, *from == '1' ? older : newer);
		} else {
			*to++ = *from;
		}
	}
	return out;
}

static void traefik(void **state) {
	(void)state;
	/* @1: the older certificate, @2: the newer one */
	static const struct {
		const char *name;
		const char *json;
		client_state_kind kind;
	} rows[] = {
		{"traefik",
		 "{\"le\": {\"Account\": {\"PrivateKey\": \"a\\\"b\\\\\", \"Email\": \"x\"}, "
		 "\"Certificates\": ["
		 "{\"domain\": {\"main\": \"x\"}, \"certificate\": \"@1\", \"key\" : \"QUJD\", "
		 "\"Store\": "
		 "\"default\"}, {\"certificate\": \"@2\", \"key\":\"\"}]}, \"none\": {\"Certificates\": "
		 "null}}",
		 CLIENT_STATE_KNOWN},
		{"traefik-1",
		 "{\"Account\": {}, \"Certificates\": [{\"Domain\": {\"Main\": \"x\"}, \"Certificate\": "
		 "\"@2\", \"Key\": \"QUJD\"}, {\"Certificate\": \"@1\"}]}",
		 CLIENT_STATE_KNOWN},
		{"traefik-broken",
		 "{\"le\": {\"Certificates\": [7, null, {\"certificate\": 7}, {\"certificate\": \"!\"}]}}",
		 CLIENT_STATE_NO_LINEAGE},
		{"traefik-truncated",
		 "{\"le\": {\"Certificates\": [{\"certificate\": \"@2\", \"key\": \"QU",
		 CLIENT_STATE_UNREADABLE},
		{"traefik-empty", "{}", CLIENT_STATE_UNREADABLE},
	};
	char *older = base64_of("DNS:" NAME, 0);
	char *newer = base64_of("DNS:" NAME, 7);
	for (size_t i = 0; i < COUNT(rows); i++) {
		place = rows[i].name;
		char *json = filled(rows[i].json, older, newer);
		put("acme.json", json);
		free(json);
		static const char *const paths[] = {"acme.json", ""};
		for (size_t j = 0; j < COUNT(paths); j++) {
			client_state seen = ask(paths[j], NAME);
			if (rows[i].kind == CLIENT_STATE_KNOWN) {
				is_well(seen, "traefik", 7);
			} else {
				is_kind(seen, rows[i].kind, NULL);
			}
			done(seen);
		}
	}
	free(older);
	free(newer);
}

/* --- What cannot be read -----------------------------------------------------------------------
 */

static void unreadable(void **state) {
	(void)state;
	place = "unreadable";
	char path[SCRATCH_PATH_MAX];
	put("empty", "");
	put("directory/notes.txt", "hello\n");
	put("nested.json", "{\"Certificates\": [[[[[[[[[[[[[[");
	assert_int_equal(symlink("loop", at(path, "loop")), 0);
	assert_int_equal(mkfifo(at(path, "fifo"), 0600), 0);
	static const char *const paths[] = {"missing",     "empty", "directory",
										"nested.json", "loop",  "fifo"};
	for (size_t i = 0; i < COUNT(paths); i++) {
		client_state seen = ask(paths[i], NAME);
		is_kind(seen, CLIENT_STATE_UNREADABLE, NULL);
		done(seen);
	}
	/* deeper than jansson goes, larger than is read */
	char *deep = malloc(5 * MIB);
	assert_non_null(deep);
	memset(deep, '[', 5 * MIB);
	memcpy(deep, "{\"a\":", 5);
	put_bytes("deep/acme.json", deep, 100000);
	put_bytes("huge/acme.json", deep, 5 * MIB);
	free(deep);
	for (size_t i = 0; i < 2; i++) {
		client_state seen = ask(i == 0 ? "deep" : "huge/acme.json", NAME);
		is_kind(seen, CLIENT_STATE_UNREADABLE, NULL);
		done(seen);
	}
}

/* The place of the certificate holds something else. */
static void no_certificate_there(void **state) {
	(void)state;
	char path[SCRATCH_PATH_MAX];
	char fullchain[SCRATCH_PATH_MAX];
	put_certbot("hostile", CONF_HEAD, NULL);
	at(fullchain, "letsencrypt/live/shop/fullchain.pem");
	for (int what = 0; what < 5; what++) {
		unlink(fullchain);
		switch (what) {
		case 0:
			break;
		case 1:
			assert_int_equal(symlink("fullchain.pem", fullchain), 0);
			break;
		case 2:
			assert_int_equal(mkfifo(fullchain, 0600), 0);
			break;
		case 3:
			put("letsencrypt/live/shop/fullchain.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
			break;
		default:
			unlink(fullchain);
			assert_int_equal(mkdir(fullchain, 0700), 0);
		}
		client_state seen = ask("letsencrypt", NAME);
		is_kind(seen, CLIENT_STATE_UNREADABLE, "certbot");
		done(seen);
	}
	/* the configuration and the log as well: the certificate is known all the same */
	put_certbot("hostile-2", CONF_HEAD, NULL);
	unlink(at(path, "letsencrypt/renewal/shop.conf"));
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_int_equal(mkdir(at(path, "logs"), 0700), 0);
	assert_int_equal(mkfifo(at(path, "logs/letsencrypt.log"), 0600), 0);
	client_state seen = ask("letsencrypt", NAME);
	is_well(seen, "certbot", 0);
	done(seen);
}

/* What glob(3) would take for a pattern is a plain name here. */
static void special_characters(void **state) {
	(void)state;
	put_certbot("odd [a-z]*?\\x", CONF_HEAD, NULL);
	client_state seen = ask("letsencrypt", NAME);
	is_well(seen, "certbot", 0);
	done(seen);
}

/* Reasons are one line, and bounded. */
static void long_reason(void **state) {
	(void)state;
	static char log[20000];
	snprintf(log, sizeof(log), "%s", RUN(STAMP, "") STAMP PROCESS "shop.conf\n" STAMP FAILED);
	memset(log + strlen(log), '\033', 10000);
	put_certbot("long", CONF_HEAD, log);
	client_state seen = ask("letsencrypt", NAME);
	has_failed(seen, RUN_AT, NULL);
	assert_in_range(strlen(seen.reason), 100, 1024);
	done(seen);
}

static int set_up(void **state) {
	setenv("TZ", "UTC", 1);
	tzset();
	return scratch_make(state);
}

static int tear_down(void **state) {
	mint_close(state);
	return scratch_remove(state);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certbot_without_log),
		cmocka_unit_test(certbot_next_attempt),
		cmocka_unit_test(certbot_logs),
		cmocka_unit_test(certbot_hook),
		cmocka_unit_test(certbot_earlier_logs),
		cmocka_unit_test(certbot_huge_log),
		cmocka_unit_test(certbot_newest_and_wildcard),
		cmocka_unit_test(acme_sh),
		cmocka_unit_test(acme_sh_logs),
		cmocka_unit_test(acme_sh_unissued),
		cmocka_unit_test(lego),
		cmocka_unit_test(caddy),
		cmocka_unit_test(dehydrated),
		cmocka_unit_test(certmonger),
		cmocka_unit_test(traefik),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(no_certificate_there),
		cmocka_unit_test(special_characters),
		cmocka_unit_test(long_reason),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
