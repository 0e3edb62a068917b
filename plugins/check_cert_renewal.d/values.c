/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "values.h"

#include "calendar.h"
#include "language.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789";

/* No sensible number of an option is larger. */
static const double number_max = 1e9;

/*
 * A plain decimal number: digits with an optional fraction, no sign, exponent, hexadecimal, inf or
 * nan. Returns what follows it, NULL if there is none. The program never sets LC_NUMERIC, so that
 * strtod() reads the C locale's point.
 */
static const char *read_number(const char *text, double *out) {
	size_t whole = strspn(text, digits);
	size_t length = whole;
	if (text[whole] == '.') {
		size_t fraction = strspn(text + whole + 1, digits);
		length = whole + 1 + fraction;
		whole += fraction;
	}
	if (whole == 0 || length > 32) {
		return NULL;
	}
	double number = strtod(text, NULL);
	if (number > number_max) {
		return NULL;
	}
	*out = number;
	return text + length;
}

static double unit_seconds(const char *unit) {
	static const struct {
		const char *name;
		double seconds;
	} units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 7 * 86400}};
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit, units[i].name) == 0) {
			return units[i].seconds;
		}
	}
	return 0;
}

const char *value_duration(const char *text, double default_unit, double *out) {
	double number = 0;
	const char *unit = read_number(text, &number);
	double seconds = unit == NULL ? 0 : *unit == '\0' ? default_unit : unit_seconds(unit);
	if (seconds <= 0) {
		return _("not a duration; accepted is a number, with a unit w, d, h, m or s");
	}
	*out = number * seconds;
	return NULL;
}

static const char *not_a_limit(void) {
	/* xgettext:no-c-format */
	return _("not a limit; accepted are days (20), a duration (2w, 20d, 36h, 90m, 45s), a share of "
			 "the lifetime (22%), a range in days (20:, @0:20) or auto");
}

/* A number as a range has it: one that cannot be taken for octal. Returns what follows it. */
static const char *read_bound(const char *text, double *out) {
	bool negative = text[0] == '-';
	const char *number = text + negative;
	if (number[0] == '0' && strspn(number, digits) > 1) {
		return NULL;
	}
	const char *rest = read_number(number, out);
	*out = negative ? -*out : *out;
	return rest;
}

/*
 * "[@][START:][END]". The form is checked here, as not every version of the library is strict about
 * it; the library makes the range.
 */
static bool read_range(const char *text, limit *out) {
	double start = 0;
	double end = 0;
	const char *at = text + (text[0] == '@');
	const char *colon = strchr(at, ':');
	if (colon != NULL) {
		const char *rest = at[0] == '~' ? at + 1 : read_bound(at, &start);
		if (rest != colon) {
			return false;
		}
		at = colon + 1;
	}
	bool has_end = at[0] != '\0' || colon == NULL;
	const char *rest = has_end ? read_bound(at, &end) : at;
	bool unbounded = colon != NULL && colon[-1] == '~';
	if (rest == NULL || *rest != '\0' || (has_end && !unbounded && start > end)) {
		return false;
	}
	mp_range_parsed parsed = mp_parse_range_string(text);
	if (parsed.error != MP_PARSING_SUCCESS) {
		return false;
	}
	if (colon == NULL) {
		parsed.range = mp_range_set_start(parsed.range, mp_create_pd_value(0));
	}
	*out = (limit){.kind = LIMIT_RANGE, .range = parsed.range};
	return true;
}

const char *value_limit(const char *text, limit *out) {
	limit result = {.kind = LIMIT_AUTO};
	double number = 0;
	if (strcmp(text, "auto") == 0) {
		*out = result;
		return NULL;
	}
	if (text[0] == '@' || strchr(text, ':') != NULL) {
		return read_range(text, out) ? NULL : not_a_limit();
	}
	const char *rest = read_number(text, &number);
	if (rest != NULL && strcmp(rest, "%") == 0) {
		if (number > 100) {
			/* xgettext:no-c-format */
			return _("more than 100 % of the lifetime");
		}
		result.kind = LIMIT_SHARE;
		result.value = number / 100;
	} else if (value_duration(text, SECONDS_PER_DAY, &number) == NULL) {
		result.kind = LIMIT_SECONDS;
		result.value = number;
	} else {
		return not_a_limit();
	}
	*out = result;
	return NULL;
}

const char *value_renew_before(const char *text, limit *out) {
	limit result = {.kind = LIMIT_AUTO};
	if (value_limit(text, &result) != NULL || result.kind == LIMIT_RANGE) {
		/* xgettext:no-c-format */
		return _("not a remaining time; accepted are days (30), a duration (2w, 30d, 36h), a share "
				 "of the lifetime (33%) or auto");
	}
	*out = result;
	return NULL;
}

static const char *not_a_time(void) {
	return _("not a time; accepted are 2027-01-05, 2027-01-05T12:00:00Z and @1798761600");
}

const char *value_time(const char *text, int64_t *out) {
	if (text[0] == '@') {
		size_t length = strspn(text + 1, digits);
		if (length == 0 || length > 12 || text[1 + length] != '\0') {
			return not_a_time();
		}
		*out = strtoll(text + 1, NULL, 10);
		return NULL;
	}
	static const char date[] = "dddd-dd-dd";
	static const char date_and_time[] = "dddd-dd-ddTdd:dd:ddZ";
	const char *form = strlen(text) == strlen(date) ? date : date_and_time;
	if (strlen(text) != strlen(form)) {
		return not_a_time();
	}
	for (size_t i = 0; form[i] != '\0'; i++) {
		bool fits = form[i] == 'd' ? strchr(digits, text[i]) != NULL : text[i] == form[i];
		if (!fits) {
			return not_a_time();
		}
	}
	calendar_time time = {0};
	int year = 0;
	sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2dZ", &year, &time.month, &time.day, &time.hour,
		   &time.minute, &time.second);
	time.year = year;
	if (!calendar_is_valid(time)) {
		return _("no such day or time of day");
	}
	*out = calendar_seconds(time);
	return NULL;
}

bool value_is_address(const char *text) {
	unsigned char bytes[16];
	char copy[64];
	snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(text, "%"), text); /* without a scope */
	return strlen(text) < sizeof(copy) &&
		   (inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, copy, bytes) == 1);
}

const char *value_port(const char *text, uint16_t *out) {
	size_t length = strspn(text, digits);
	long port = length > 0 && length <= 5 && text[length] == '\0' ? strtol(text, NULL, 10) : 0;
	if (port < 1 || port > 65535) {
		return _("not a port; accepted are 1 to 65535");
	}
	*out = (uint16_t)port;
	return NULL;
}

#define FINDING(id, name, state, meaning) " " name
static const char finding_names[] =
#include "judge/finding.def"
	;
#undef FINDING

static const char *one_severity(const char *text, size_t length, severity out[FINDING_COUNT],
								const char **accepted) {
	static const struct {
		const char *name;
		severity severity;
	} states[] = {{"ok", SEVERITY_OK},
				  {"warning", SEVERITY_WARNING},
				  {"critical", SEVERITY_CRITICAL},
				  {"unknown", SEVERITY_UNKNOWN},
				  {"ignore", SEVERITY_IGNORE}};
	char pair[64];
	if (length >= sizeof(pair)) {
		return _("not FINDING=STATE");
	}
	memcpy(pair, text, length);
	pair[length] = '\0';
	char *state = strchr(pair, '=');
	if (state == NULL) {
		return _("not FINDING=STATE");
	}
	*state++ = '\0';
	finding_id id = finding_by_name(pair);
	if (id == FINDING_COUNT) {
		*accepted = finding_names;
		return _("no such finding; accepted are");
	}
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(state, states[i].name) == 0) {
			out[id] = states[i].severity;
			return NULL;
		}
	}
	return _("no such state; accepted are ok, warning, critical, unknown and ignore");
}

const char *value_severity(const char *text, severity out[FINDING_COUNT], const char **accepted) {
	severity result[FINDING_COUNT];
	memcpy(result, out, sizeof(result));
	for (const char *at = text;; at++) {
		size_t length = strcspn(at, ",");
		const char *wrong = one_severity(at, length, result, accepted);
		if (wrong != NULL) {
			return wrong;
		}
		at += length;
		if (*at == '\0') {
			break;
		}
	}
	memcpy(out, result, sizeof(result));
	return NULL;
}
