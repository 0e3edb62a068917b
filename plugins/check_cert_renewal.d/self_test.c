/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "self_test.h"

#include "history/sqlite.h"
#include "idna.h"
#include "judge/finding.h"
#include "language.h"
#include "probe/resolve_within.h"

#include <idn2.h>
#include <jansson.h>
#include <netdb.h>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>
#include <pwd.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

/* No certificate can be judged by a clock outside of these: 2026-01-01 and 2100-01-01. */
static const int64_t clock_least = 1767225600;
static const int64_t clock_most = 4102444800;

const char *self_test_name(self_test_check check) {
	static const char *const names[] = {
#define ROW(id, name) name,
		SELF_TEST_CHECKS(ROW)
#undef ROW
	};
	return names[check];
}

static void user_find(self_test *out) {
	uid_t uid = geteuid();
	const struct passwd *entry = getpwuid(uid);
	out->is_root = uid == 0;
	if (entry != NULL) {
		snprintf(out->user, sizeof(out->user), "%s", entry->pw_name);
	} else {
		snprintf(out->user, sizeof(out->user), "%lu", (unsigned long)uid);
	}
}

static void libraries_find(library_versions *out) {
	out[SELF_TEST_OPENSSL] =
		(library_versions){OPENSSL_FULL_VERSION_STR, OpenSSL_version(OPENSSL_FULL_VERSION_STRING)};
	static char libuv[32];
	snprintf(libuv, sizeof(libuv), "%d.%d.%d", UV_VERSION_MAJOR, UV_VERSION_MINOR,
			 UV_VERSION_PATCH);
	out[SELF_TEST_LIBUV] = (library_versions){libuv, uv_version_string()};
#if JANSSON_VERSION_HEX >= 0x020d00
	out[SELF_TEST_JANSSON] = (library_versions){JANSSON_VERSION, jansson_version_str()};
#else
	out[SELF_TEST_JANSSON] = (library_versions){JANSSON_VERSION, JANSSON_VERSION};
#endif
	sqlite_functions sqlite;
	out[SELF_TEST_SQLITE] =
		(library_versions){SQLITE_VERSION, sqlite_load(&sqlite) ? sqlite.libversion() : NULL};
	out[SELF_TEST_LIBIDN2] = (library_versions){IDN2_VERSION, idna_version()};
}

static void trust_find(self_test *out, const char *rootcert) {
	out->rootcert = rootcert;
	if (rootcert != NULL) {
		trust_free(trust_open(rootcert, out->rootcert_problem, sizeof(out->rootcert_problem)));
	} else {
		trust_look(&out->trust);
	}
}

/* "localhost" needs no network where the resolver is set up well (RFC 6761, 6.3). */
static void resolver_try(self_test *out, double timeout, bool *lookup_pending) {
	struct addrinfo *addresses = NULL;
	int error =
		resolve_within(&addresses, "localhost", "443", deadline_in(timeout), lookup_pending);
	if (*lookup_pending) {
		snprintf(out->resolver_problem, sizeof(out->resolver_problem), _("no answer within %g s"),
				 timeout);
	} else if (error != 0) {
		snprintf(out->resolver_problem, sizeof(out->resolver_problem), "%s",
				 _(gai_strerror(error)));
	} else {
		freeaddrinfo(addresses);
	}
}

/* What is wrong with trust anchors or clock hurts every check, the others an option each. */
static void judge(self_test *out) {
	mp_state_enum *states = out->states;
	for (int check = 0; check < SELF_TEST_COUNT; check++) {
		states[check] = STATE_OK;
	}
	const plugin_survey *plugin = &out->plugin;
	/* Who is not root proves by running it that the way to it is open. */
	if ((out->is_root && plugin->closed_to != NULL) || plugin->open_to != NULL) {
		states[SELF_TEST_PLUGIN] = STATE_WARNING;
	}
	for (int check = SELF_TEST_OPENSSL; check <= SELF_TEST_LIBIDN2; check++) {
		if (out->libraries[check].running == NULL) {
			states[check] = STATE_WARNING;
		}
	}
	bool has_anchors = out->rootcert != NULL ? out->rootcert_problem[0] == '\0'
											 : out->trust.hashed > 0 || out->trust.in_bundle > 0;
	if (!has_anchors) {
		states[SELF_TEST_TRUST] = STATE_CRITICAL;
	}
	if (out->resolver_problem[0] != '\0') {
		states[SELF_TEST_RESOLVER] = STATE_WARNING;
	}
	const history_survey *history = &out->history;
	if (history->access > WRITE_NEW || history->problem[0] != '\0') {
		states[SELF_TEST_HISTORY] = STATE_WARNING;
	}
	if (out->ini.path != NULL && out->ini.error != 0) {
		states[SELF_TEST_INI_FILE] = STATE_WARNING;
	}
	if (!language_is_found()) {
		states[SELF_TEST_LANGUAGE] = STATE_WARNING;
	}
	if (out->now < clock_least || out->now >= clock_most) {
		states[SELF_TEST_CLOCK] = STATE_CRITICAL;
	}
}

void self_test_gather(self_test *out, const config *config, bool *lookup_pending) {
	*out = (self_test){.now = config->at_set ? config->at : (int64_t)time(NULL),
					   .state_path = secure_getenv("MP_STATE_PATH")};
	if (out->state_path != NULL && out->state_path[0] == '\0') {
		out->state_path = NULL;
	}
	user_find(out);
	self_test_plugin(&out->plugin);
	libraries_find(out->libraries);
	trust_find(out, config->rootcert);
	resolver_try(out, config->options.timeout, lookup_pending);
	self_test_history(&out->history, config->history_file);
	self_test_ini(&out->ini);
	judge(out);
}

mp_state_enum self_test_state(const self_test *test) {
	mp_state_enum worst = STATE_OK;
	for (int check = 0; check < SELF_TEST_COUNT; check++) {
		if (state_rank(test->states[check]) > state_rank(worst)) {
			worst = test->states[check];
		}
	}
	return worst;
}

void self_test_free(self_test *test) {
	free(test->plugin.path);
	free(test->plugin.closed_to);
	free(test->plugin.open_to);
	free(test->history.path);
	free(test->history.at);
	free(test->ini.path);
}
