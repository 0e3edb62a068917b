/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --self-test in words: what there is, and the command that repairs what is wrong. */
#include "../language.h"
#include "perfdata_line.h"
#include "phrase.h"
#include "report.h"
#include "utils_base.h"
#include "version.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

/* Paths and names from outside, cleaned for one sentence. */
static const char *outside(line *buffer, const char *text) {
	line_init(buffer);
	line_add_outside(buffer, text != NULL ? text : "?", 300);
	return buffer->text;
}

/* As a word of a shell's command. */
static const char *shell_word(line *buffer, const char *text) {
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
								"/._-+@%:,";
	text = text != NULL ? text : "?";
	if (text[0] != '\0' && text[strspn(text, plain)] == '\0') {
		return outside(buffer, text);
	}
	/* Each quote becomes four characters. */
	char *quoted = malloc(4 * strlen(text) + 3);
	if (quoted == NULL) {
		return outside(buffer, "?");
	}
	char *end = quoted;
	*end++ = '\'';
	for (; *text != '\0'; text++) {
		if (*text == '\'') {
			end = stpcpy(end, "'\\''");
		} else {
			*end++ = *text;
		}
	}
	strcpy(end, "'");
	outside(buffer, quoted);
	free(quoted);
	return buffer->text;
}

static void words_plugin(line *out, const self_test *test) {
	line path, at, command;
	const plugin_survey *plugin = &test->plugin;
	outside(&path, plugin->path);
	bool has_problem = test->states[SELF_TEST_PLUGIN] != STATE_OK;
	if (has_problem && plugin->open_to != NULL) {
		line_add(
			out,
			_("version %s, %s: any user could replace it, since all may write %s; repair: sudo "
			  "chmod o-w %s"),
			plugin_version, path.text, outside(&at, plugin->open_to),
			shell_word(&command, plugin->open_to));
	} else if (has_problem) {
		line_add(out,
				 _("version %s, %s: other users cannot run it, since %s is closed to them; repair: "
				   "sudo chmod o+x %s"),
				 plugin_version, path.text, outside(&at, plugin->closed_to),
				 shell_word(&command, plugin->closed_to));
	} else {
		line_add(out, _("version %s, %s"), plugin_version, path.text);
	}
}

static void words_user(line *out, const self_test *test) {
	line name, command;
	if (test->is_root) {
		line_add(out,
				 _("run as root, which may do everything; repeat this as the user that runs the "
				   "checks: sudo -u nagios %s --self-test"),
				 shell_word(&command,
							test->plugin.path != NULL ? test->plugin.path : "check_cert_renewal"));
	} else {
		line_add(out, _("run as user %s"), outside(&name, test->user));
	}
}

static void words_library(line *out, const self_test *test, self_test_check check) {
	const library_versions *versions = &test->libraries[check];
	if (versions->running != NULL) {
		line_add(out, _("version %s, built with %s"), versions->running, versions->built);
	} else if (check == SELF_TEST_SQLITE) {
		line_add(out, _("libsqlite3.so.0 is not installed; --history and --show-history need it"));
	} else {
		line_add(
			out,
			_("libidn2.so.0 is not installed; host names with other than ASCII letters need it"));
	}
}

static void words_rootcert(line *out, const self_test *test) {
	line path;
	outside(&path, test->rootcert);
	if (test->rootcert_problem[0] != '\0') {
		line_add(out, _("-r %s cannot be used: %s"), path.text, test->rootcert_problem);
	} else {
		line_add(out, _("-r %s can be used"), path.text);
	}
}

static void words_trust(line *out, const self_test *test) {
	line directory, bundle;
	const trust_survey *trust = &test->trust;
	outside(&directory, trust->directory);
	outside(&bundle, trust->bundle);
	if (trust->hashed > 0 && trust->in_bundle > 0) {
		line_add(out, _("%zu hashed entries in directory %s; %zu certificates in bundle %s"),
				 trust->hashed, directory.text, trust->in_bundle, bundle.text);
	} else if (trust->hashed > 0) {
		line_add(out, _("%zu hashed entries in directory %s; no bundle"), trust->hashed,
				 directory.text);
	} else if (trust->in_bundle > 0) {
		line_add(out,
				 _("no hashed entries in directory %s; %zu certificates in bundle %s, which each "
				   "check has to read: openssl rehash saves that"),
				 directory.text, trust->in_bundle, bundle.text);
	} else {
		line_add(out,
				 _("none: no hashed entries in directory %s, and no bundle; nothing can be trusted "
				   "until "
				   "the system's package ca-certificates is installed or -r names trust anchors"),
				 directory.text);
	}
}

static void words_resolver(line *out, const self_test *test) {
	if (test->resolver_problem[0] != '\0') {
		line_add(
			out,
			_("localhost is not found: %s; repair: write the line \"127.0.0.1 localhost\" into "
			  "/etc/hosts"),
			test->resolver_problem);
	} else {
		line_add(out, _("localhost is found"));
	}
}

static void words_state_path(line *out, const self_test *test) {
	line path;
	if (test->state_path != NULL) {
		line_add(out, _("%s, named by MP_STATE_PATH"), outside(&path, test->state_path));
	} else {
		line_add(out, _("%s, where MP_STATE_PATH names no other one"), STATE_DIRECTORY);
	}
}

static void words_unwritable_directory(line *out, const history_survey *history, const char *user) {
	line directory, owner, command;
	outside(&directory, history->at);
	shell_word(&owner, user);
	shell_word(&command, history->at);
	if (history->named) {
		line_add(out,
				 _("user %s cannot write directory %s; repair: sudo install -d -m 0700 -o %s "
				   "%s/check_cert_renewal, and --history=%s/check_cert_renewal/history.db"),
				 owner.text, directory.text, owner.text, command.text, command.text);
	} else {
		line_add(
			out,
			_("user %s cannot write directory %s; repair: sudo chown %s %s && sudo chmod u+rwx %s"),
			owner.text, directory.text, owner.text, command.text, command.text);
	}
}

static void words_history(line *out, const self_test *test) {
	line path, owner, at, command;
	const history_survey *history = &test->history;
	outside(&path, history->path);
	shell_word(&owner, test->user);
	outside(&at, history->at);
	shell_word(&command, history->at);
	if (history->problem[0] != '\0') {
		line_add_outside(out, history->problem, 400);
		return;
	}
	switch (history->access) {
	case WRITE_EXISTING:
		line_add(out, _("user %s can write %s"), owner.text, path.text);
		break;
	case WRITE_NEW:
		line_add(out, _("user %s can make %s: the first check with --history does"), owner.text,
				 path.text);
		break;
	case WRITE_NO_DIRECTORY:
		line_add(out, _("there is no directory %s; repair: sudo install -d -m 0700 -o %s %s"),
				 at.text, owner.text, command.text);
		break;
	case WRITE_CLOSED:
		line_add(out,
				 _("user %s cannot reach %s, since directory %s is closed to other users; repair: "
				   "sudo chmod o+x %s"),
				 owner.text, path.text, at.text, command.text);
		break;
	case WRITE_DIRECTORY:
		words_unwritable_directory(out, history, test->user);
		break;
	case WRITE_FILE:
		line_add(
			out,
			_("user %s cannot read and write %s; repair: sudo chown %s %s && sudo chmod u+rw %s"),
			owner.text, path.text, owner.text, command.text, command.text);
		break;
	case WRITE_READ_ONLY:
		line_add(out,
				 _("%s is on a read-only file system; name another file with --history=FILE, or "
				   "another directory with MP_STATE_PATH"),
				 path.text);
		break;
	case WRITE_NOT_A_FILE:
		line_add(out, _("%s is not a file; name another one with --history=FILE"), path.text);
		break;
	}
}

static void words_ini(line *out, const self_test *test) {
	line path;
	const ini_survey *ini = &test->ini;
	outside(&path, ini->path);
	if (ini->path == NULL) {
		line_add(out, _("none in the places where --extra-opts looks for it"));
	} else if (ini->error != 0 && ini->named) {
		line_add(out, _("%s, named by MP_CONFIG_FILE, cannot be read: %s"), path.text,
				 _(strerror(ini->error)));
	} else if (ini->error != 0) {
		line_add(out, _("%s cannot be read: %s"), path.text, _(strerror(ini->error)));
	} else if (ini->named) {
		line_add(out, _("%s, named by MP_CONFIG_FILE, can be read"), path.text);
	} else {
		line_add(out, _("%s can be read"), path.text);
	}
}

static void words_clock(line *out, const self_test *test) {
	phrase now = phrase_timestamp(test->now);
	if (test->states[SELF_TEST_CLOCK] != STATE_OK) {
		line_add(
			out,
			_("%s cannot be the time: every certificate would be judged wrongly until the clock "
			  "is set"),
			now.text);
	} else {
		line_add(out, "%s", now.text);
	}
}

static void words_language(line *out) {
	if (language_is_found()) {
		line_add(out, "%s", language_spoken());
	} else {
		line_add(out, _("%s is asked for, but its catalog in %s or a UTF-8 locale is missing"),
				 language_spoken(), language_directory());
	}
}

static void words_check(line *out, const self_test *test, self_test_check check) {
	switch (check) {
	case SELF_TEST_PLUGIN:
		words_plugin(out, test);
		break;
	case SELF_TEST_USER:
		words_user(out, test);
		break;
	case SELF_TEST_OPENSSL:
	case SELF_TEST_LIBUV:
	case SELF_TEST_JANSSON:
	case SELF_TEST_SQLITE:
	case SELF_TEST_LIBIDN2:
		words_library(out, test, check);
		break;
	case SELF_TEST_TRUST:
		(test->rootcert != NULL ? words_rootcert : words_trust)(out, test);
		break;
	case SELF_TEST_RESOLVER:
		words_resolver(out, test);
		break;
	case SELF_TEST_STATE_PATH:
		words_state_path(out, test);
		break;
	case SELF_TEST_HISTORY:
		words_history(out, test);
		break;
	case SELF_TEST_INI_FILE:
		words_ini(out, test);
		break;
	case SELF_TEST_CLOCK:
		words_clock(out, test);
		break;
	case SELF_TEST_LANGUAGE:
		words_language(out);
		break;
	case SELF_TEST_COUNT:
		break;
	}
}

static void print_checks(FILE *out, const self_test *test, mp_state_enum state) {
	for (int check = 0; check < SELF_TEST_COUNT; check++) {
		if (test->states[check] != state) {
			continue;
		}
		line line;
		line_init(&line);
		line_add(&line, "\\_[%s] - %s: ", state_text(state),
				 self_test_name((self_test_check)check));
		words_check(&line, test, (self_test_check)check);
		fprintf(out, "%s\n", line.text);
	}
}

static void print_first_line(FILE *out, const self_test *test, double seconds) {
	mp_state_enum worst = self_test_state(test);
	int first = -1;
	int failed = 0;
	for (int check = 0; check < SELF_TEST_COUNT; check++) {
		failed += test->states[check] != STATE_OK;
		if (first < 0 && test->states[check] == worst) {
			first = check;
		}
	}
	line words;
	line line;
	line_init(&line);
	if (failed == 0) {
		line_add(&line, _("self-test passed: version %s, %d checks"), plugin_version,
				 (int)SELF_TEST_COUNT);
	} else {
		line_init(&words);
		words_check(&words, test, (self_test_check)first);
		line_add(&line, _("self-test: %d of %d checks are not OK; %s: %s"), failed,
				 (int)SELF_TEST_COUNT, self_test_name((self_test_check)first), words.text);
	}
	fprintf(out, "CERT_RENEWAL %s - %s|", state_text(worst), line.text);
	perfdata_print(out, &(report){.seconds = seconds});
	fputc('\n', out);
}

void report_self_test(FILE *out, const self_test *test, double seconds) {
	print_first_line(out, test, seconds);
	print_checks(out, test, STATE_CRITICAL);
	print_checks(out, test, STATE_WARNING);
	print_checks(out, test, STATE_OK);
}
