/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "renewal_info.h"

#include "../language.h"
#include "../calendar.h"
#include "certificate.h"

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seconds. RFC 9773, section 4.3.2 (limits) and 4.3.3 (long-term errors). */
enum {
	poll_wait_least = 60,
	poll_wait_most = 86400,
	poll_wait_unknown = 6 * 3600,
};

/*
 * An identifier becomes part of a URL: key identifiers have 20 or 32 bytes, serials at most 20 (RFC
 * 5280, section 4.1.2.2). Longer ones are no CA's that publishes renewal information.
 */
enum {
	id_part_max = 64
};

/* certID */

/* base64url without padding (RFC 4648, section 5); out has room for it. Returns the end. */
static char *base64url(char *out, const unsigned char *bytes, int size) {
	int length = EVP_EncodeBlock((unsigned char *)out, bytes, size);
	while (length > 0 && out[length - 1] == '=') {
		length--;
	}
	for (int i = 0; i < length; i++) {
		out[i] = out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i];
	}
	out[length] = '\0';
	return out + length;
}

static char *id_of(const ASN1_OCTET_STRING *key_id, const ASN1_INTEGER *serial) {
	unsigned char *der = NULL;
	int der_size = i2d_ASN1_INTEGER(serial, &der);
	/* Without the DER header: the content bytes, a leading 00 included. */
	const unsigned char *content = der;
	long content_size = 0;
	int tag = 0;
	int class = 0;
	bool usable = der_size > 0 &&
				  (ASN1_get_object(&content, &content_size, &tag, &class, der_size) & 0x80) == 0 &&
				  content_size > 0 && content_size <= id_part_max &&
				  ASN1_STRING_length(key_id) > 0 && ASN1_STRING_length(key_id) <= id_part_max;
	/* EVP_EncodeBlock() writes four characters for three bytes begun, and ends the string. */
	char *id = usable ? malloc(2 * ((id_part_max + 2) / 3 * 4 + 1) + 1) : NULL;
	if (id != NULL) {
		char *end = base64url(id, ASN1_STRING_get0_data(key_id), ASN1_STRING_length(key_id));
		*end++ = '.';
		base64url(end, content, (int)content_size);
	}
	OPENSSL_free(der);
	return id;
}

char *renewal_info_id(X509 *x509) {
	AUTHORITY_KEYID *authority = X509_get_ext_d2i(x509, NID_authority_key_identifier, NULL, NULL);
	char *id = NULL;
	if (authority != NULL && authority->keyid != NULL) {
		id = id_of(authority->keyid, X509_get0_serialNumber(x509));
	}
	AUTHORITY_KEYID_free(authority);
	return id;
}

/* Reading text: each takes what it names and moves on, or returns false. */

static bool take(const char **at, char character) {
	if (**at != character) {
		return false;
	}
	(*at)++;
	return true;
}

static bool take_digits(const char **at, int count, int *number) {
	*number = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (**at < '0' || **at > '9') {
			return false;
		}
		*number = *number * 10 + (**at - '0');
	}
	return true;
}

/* One of the words; *which counts from 0. */
static bool take_word(const char **at, const char *const *words, int count, int *which) {
	for (int i = 0; i < count; i++) {
		size_t length = strlen(words[i]);
		if (strncmp(*at, words[i], length) == 0) {
			*at += length;
			*which = i;
			return true;
		}
	}
	return false;
}

static bool take_clock(const char **at, calendar_time *time) {
	return take_digits(at, 2, &time->hour) && take(at, ':') && take_digits(at, 2, &time->minute) &&
		   take(at, ':') && take_digits(at, 2, &time->second);
}

/* The time as seconds. A leap second is the first of the next minute. */
static bool to_seconds(calendar_time time, int64_t *seconds) {
	bool leap = time.second == 60;
	time.second -= leap;
	if (!calendar_is_valid(time)) {
		return false;
	}
	*seconds = calendar_seconds(time) + leap;
	return true;
}

/* RFC 3339 */

/* "Z", "+09:00"; seconds east of Greenwich. */
static bool take_offset(const char **at, int64_t *offset) {
	*offset = 0;
	if (take(at, 'Z') || take(at, 'z')) {
		return true;
	}
	bool west = **at == '-';
	int hours = 0;
	int minutes = 0;
	if ((!take(at, '+') && !take(at, '-')) || !take_digits(at, 2, &hours) || !take(at, ':') ||
		!take_digits(at, 2, &minutes) || hours > 23 || minutes > 59) {
		return false;
	}
	*offset = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
	return true;
}

/* "2025-01-02T04:00:00.25+09:00" (RFC 3339, section 5.6). Fractions of a second are cut off. */
static bool read_timestamp(const char *text, int64_t *seconds) {
	const char *at = text;
	calendar_time time = {0};
	int year = 0;
	if (!take_digits(&at, 4, &year) || !take(&at, '-') || !take_digits(&at, 2, &time.month) ||
		!take(&at, '-') || !take_digits(&at, 2, &time.day) ||
		(!take(&at, 'T') && !take(&at, 't')) || !take_clock(&at, &time)) {
		return false;
	}
	time.year = year;
	if (take(&at, '.')) {
		size_t digits = strspn(at, "0123456789");
		at += digits;
		if (digits == 0) {
			return false;
		}
	}
	int64_t offset = 0;
	if (!take_offset(&at, &offset) || *at != '\0' || !to_seconds(time, seconds)) {
		return false;
	}
	*seconds -= offset;
	return true;
}

/* The answer */

/* A URL for a person to open, or nothing: the answer is good without it. */
static void read_explanation(renewal_info *out, const json_t *url) {
	const char *text = json_string_value(url);
	if (text != NULL && strlen(text) <= RENEWAL_INFO_URL_MAX &&
		(strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0)) {
		snprintf(out->explanation_url, sizeof(out->explanation_url), "%s", text);
	}
}

static const char *read_answer(renewal_info *out, const json_t *answer) {
	const json_t *window = json_object_get(answer, "suggestedWindow");
	const char *start_text = json_string_value(json_object_get(window, "start"));
	const char *end_text = json_string_value(json_object_get(window, "end"));
	int64_t start = 0;
	int64_t end = 0;
	if (!json_is_object(answer)) {
		return _("the answer is not a JSON object");
	}
	if (window == NULL) {
		return _("the answer has no suggestedWindow");
	}
	if (start_text == NULL || end_text == NULL) {
		return _("the suggestedWindow has no start and end");
	}
	if (!read_timestamp(start_text, &start) || !read_timestamp(end_text, &end)) {
		return _("start or end of the suggestedWindow is not a date as RFC 3339 has it");
	}
	/* RFC 9773, section 4.2: such an answer counts as none. */
	if (end <= start) {
		return _("the suggestedWindow does not end after its start");
	}
	out->known = true;
	out->start = start;
	out->end = end;
	out->explanation_url[0] = '\0';
	read_explanation(out, json_object_get(answer, "explanationURL"));
	return NULL;
}

const char *renewal_info_parse(renewal_info *out, const char *body, size_t size) {
	out->known = false;
	json_t *answer = json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL);
	if (answer == NULL) {
		return _("the answer is not valid JSON");
	}
	const char *wrong = read_answer(out, answer);
	json_decref(answer);
	return wrong;
}

/* Retry-After */

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
									 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const days[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
								   "Friday", "Saturday", "Sunday"};
static const char *const short_days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

static bool take_month(const char **at, calendar_time *time) {
	bool taken = take_word(at, months, 12, &time->month);
	time->month++;
	return taken;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool take_fixdate(const char *at, calendar_time *time) {
	int day = 0;
	int year = 0;
	bool taken = take_word(&at, short_days, 7, &day) && take(&at, ',') && take(&at, ' ') &&
				 take_digits(&at, 2, &time->day) && take(&at, ' ') && take_month(&at, time) &&
				 take(&at, ' ') && take_digits(&at, 4, &year) && take(&at, ' ') &&
				 take_clock(&at, time) && strcmp(at, " GMT") == 0;
	time->year = year;
	return taken;
}

/* "Sunday, 06-Nov-94 08:49:37 GMT": the year is the latest one that is at most 50 ahead. */
static bool take_rfc850(const char *at, calendar_time *time, int64_t now) {
	int day = 0;
	int year = 0;
	bool taken = take_word(&at, days, 7, &day) && take(&at, ',') && take(&at, ' ') &&
				 take_digits(&at, 2, &time->day) && take(&at, '-') && take_month(&at, time) &&
				 take(&at, '-') && take_digits(&at, 2, &year) && take(&at, ' ') &&
				 take_clock(&at, time) && strcmp(at, " GMT") == 0;
	int64_t this_year = calendar_split(now).year;
	time->year = this_year - this_year % 100 + year;
	if (time->year > this_year + 50) {
		time->year -= 100;
	} else if (time->year <= this_year - 50) {
		time->year += 100;
	}
	return taken;
}

/* "Sun Nov  6 08:49:37 1994" */
static bool take_asctime(const char *at, calendar_time *time) {
	int day = 0;
	int year = 0;
	bool taken = take_word(&at, short_days, 7, &day) && take(&at, ' ') && take_month(&at, time) &&
				 take(&at, ' ') && take_digits(&at, take(&at, ' ') ? 1 : 2, &time->day) &&
				 take(&at, ' ') && take_clock(&at, time) && take(&at, ' ') &&
				 take_digits(&at, 4, &year) && *at == '\0';
	time->year = year;
	return taken;
}

/* An HTTP date in each of the forms that RFC 9110, section 5.6.7, says to accept. */
static bool read_http_date(const char *text, int64_t now, int64_t *seconds) {
	calendar_time time = {0};
	return (take_fixdate(text, &time) || take_rfc850(text, &time, now) ||
			take_asctime(text, &time)) &&
		   to_seconds(time, seconds);
}

/* Seconds to wait; false where it is neither a number nor a date. */
static bool read_retry_after(const char *text, int64_t now, int64_t *wait) {
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || text[digits] != '\0') {
		int64_t until = 0;
		bool is_date = read_http_date(text, now, &until);
		*wait = until - now;
		return is_date;
	}
	*wait = 0;
	for (const char *at = text; *at != '\0' && *wait < poll_wait_most; at++) {
		*wait = *wait * 10 + (*at - '0');
	}
	return true;
}

int64_t renewal_info_next_poll(const char *retry_after, int64_t now) {
	int64_t wait = 0;
	if (retry_after == NULL || !read_retry_after(retry_after, now, &wait)) {
		return now + poll_wait_unknown;
	}
	wait = wait < poll_wait_least ? poll_wait_least : wait;
	return now + (wait > poll_wait_most ? poll_wait_most : wait);
}

/* Directories */

static const struct {
	const char *organisation;
	const char *url;
} directories[] = {
#define DIRECTORY(organisation, url, source) {organisation, url},
#include "directory.def"
#undef DIRECTORY
};

/* The end of a part of an RFC 4514 name; a separator after a backslash belongs to the part. */
static const char *part_end(const char *at) {
	while (*at != '\0' && *at != ',' && *at != '+') {
		at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
	}
	return at;
}

static const char *directory_of(const char *organisation, size_t length) {
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		if (strlen(directories[i].organisation) == length &&
			memcmp(directories[i].organisation, organisation, length) == 0) {
			return directories[i].url;
		}
	}
	return NULL;
}

const char *renewal_info_directory(const char *issuer_line) {
	/* One that was cut could end in half an organisation. */
	if (strlen(issuer_line) >= CERTIFICATE_NAME_MAX) {
		return NULL;
	}
	for (const char *at = issuer_line;;) {
		const char *end = part_end(at);
		if (strncmp(at, "O=", 2) == 0) {
			return directory_of(at + 2, (size_t)(end - at) - 2);
		}
		if (*end == '\0') {
			return NULL;
		}
		at = end + 1;
	}
}
