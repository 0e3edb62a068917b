/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The language of what people read (gettext). Only words change: perfdata, keys and numbers of
 * JSON, names of states, findings and options are the same in every language.
 *
 *   _("...")   a message, translated here and now
 *   N_("...")  a message in a table, translated with _() where it is told
 *
 * _() also takes words of a library (strerror(3), OpenSSL's reasons), translated where the library
 * does not do it: the likely ones stand in po/library_words.h.
 *
 * A message is a whole sentence, or a whole part of one: other languages order words otherwise.
 */
#ifndef CHECK_CERT_RENEWAL_LANGUAGE_H
#define CHECK_CERT_RENEWAL_LANGUAGE_H

#include <libintl.h>
#include <stdbool.h>

#define _(message)  gettext(message)
#define N_(message) message

/* What --lang accepts, divided by blanks. */
extern const char language_names[];

/*
 * Speaks this language from now on: a code with or without a territory ("ja", "de_AT.UTF-8"). Text
 * is UTF-8 in every locale. False where there are no translations into it; nothing changes then.
 */
bool language_choose(const char *name);

/*
 * The language of the environment: LC_ALL, LC_MESSAGES, LANG, and LANGUAGE beside one of them, as
 * gettext(3) reads them. English, and no work at all, where they ask for nothing that there is.
 */
void language_from_environment(void);

/* The language that is spoken: "en" where nothing else was chosen. */
const char *language_spoken(void);

/*
 * Whether the catalog of the language that is spoken was found, with a locale that lets gettext use
 * it: where not, the words are English.
 */
bool language_is_found(void);

/* Where the catalogs are looked for. */
const char *language_directory(void);

#endif
