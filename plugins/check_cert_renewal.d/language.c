/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language.h"

#include <locale.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN "check_cert_renewal"

const char language_names[] = "en " LINGUAS;

/* gettext's own state is as global. */
static char spoken[8] = "en";
static bool found = true;

/*
 * gettext translates nothing while the locale is "C", which is what a daemon starts its checks in,
 * and takes any other locale as well, since LANGUAGE says which language. The likely ones, the best
 * first; newer C libraries count C.UTF-8 as "C".
 */
static const struct {
	const char *language;
	const char *locale;
} locales[] = {
	{NULL, ""},
	{"de", "de_DE.UTF-8"},
	{"fr", "fr_FR.UTF-8"},
	{"ja", "ja_JP.UTF-8"},
	{NULL, "en_US.UTF-8"},
	{NULL, "en_GB.UTF-8"},
	{NULL, "C.UTF-8"},
};

/* Length of the language's code at the start of "de_AT.UTF-8:en". */
static size_t code_length(const char *name) { return strcspn(name, "_.@:"); }

/* The code as it stands in the list of languages; NULL where it does not. */
static const char *language_of(const char *name, size_t *length) {
	*length = code_length(name);
	for (const char *at = language_names; *at != '\0';) {
		size_t size = strcspn(at, " ");
		if (size == *length && strncmp(at, name, size) == 0) {
			return at;
		}
		at += size + strspn(at + size, " ");
	}
	return NULL;
}

const char *language_directory(void) {
	/* For a plugin that is not installed yet. */
	const char *directory = getenv("CHECK_CERT_RENEWAL_LOCALEDIR");
	return directory != NULL && directory[0] != '\0' ? directory : LOCALEDIR;
}

/* A catalog's header is its translation of "". */
static bool catalog_answers(void) {
	const char empty[] = "";
	return gettext(empty)[0] != '\0';
}

static bool open_catalog(void) {
	setenv("LANGUAGE", spoken, 1);
	bindtextdomain(DOMAIN, language_directory());
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	bind_textdomain_codeset("libc", "UTF-8"); /* strerror(3) */
	textdomain(DOMAIN);
	for (size_t i = 0; i < sizeof(locales) / sizeof(locales[0]); i++) {
		if (locales[i].language != NULL && strcmp(locales[i].language, spoken) != 0) {
			continue;
		}
		if (setlocale(LC_MESSAGES, locales[i].locale) != NULL && catalog_answers()) {
			return true;
		}
	}
	return false;
}

bool language_choose(const char *name) {
	size_t length = 0;
	const char *code = language_of(name, &length);
	if (code == NULL || length >= sizeof(spoken)) {
		return false;
	}
	if (strlen(spoken) == length && strncmp(spoken, code, length) == 0) {
		return true;
	}
	memcpy(spoken, code, length);
	spoken[length] = '\0';
	found = true;
	if (strcmp(spoken, "en") == 0) {
		setlocale(LC_MESSAGES, "C");
	} else {
		found = open_catalog();
	}
	return true;
}

void language_from_environment(void) {
	static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *locale = NULL;
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		locale = getenv(variables[i]);
		if (locale != NULL && locale[0] != '\0') {
			break;
		}
	}
	if (locale == NULL || locale[0] == '\0' || strcmp(locale, "POSIX") == 0 ||
		(locale[0] == 'C' && code_length(locale) == 1)) {
		return;
	}
	const char *list = getenv("LANGUAGE");
	list = list != NULL && list[0] != '\0' ? list : locale;
	while (!language_choose(list) && (list = strchr(list, ':')) != NULL) {
		list++;
	}
}

const char *language_spoken(void) { return spoken; }

bool language_is_found(void) { return found; }
