/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "perfdata.h"

#include "states.h"
#include "utils_base.h"

#include <assert.h>
#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DECIMALS = 6,
	/* A minus, the digits of DBL_MAX, the point, the decimals, NUL. */
	NUMBER_SIZE = 1 + DBL_MAX_10_EXP + 1 + 1 + DECIMALS + 1,
};

static _Noreturn void die_of_memory(void) { die(STATE_UNKNOWN, "UNKNOWN - out of memory\n"); }

/* Puts this thread into the C locale; returns what locale_restore() needs. */
static locale_t locale_use_c(void) {
	locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (c_locale == (locale_t)0) {
		die_of_memory();
	}
	return uselocale(c_locale);
}

static void locale_restore(locale_t saved) { freelocale(uselocale(saved)); }

/* Values */

mp_perfdata_value mp_create_pd_value_double(double value) {
	return (mp_perfdata_value){.type = PD_TYPE_DOUBLE, .pd_double = value};
}

mp_perfdata_value mp_create_pd_value_int(int value) { return mp_create_pd_value_long_long(value); }

mp_perfdata_value mp_create_pd_value_long_long(long long value) {
	return (mp_perfdata_value){.type = PD_TYPE_INT, .pd_int = value};
}

/* A long double holds every value of the three types exactly where it has 64 bits of mantissa. */
static long double value_widened(mp_perfdata_value value) {
	switch (value.type) {
	case PD_TYPE_INT:
		return (long double)value.pd_int;
	case PD_TYPE_UINT:
		return (long double)value.pd_uint;
	case PD_TYPE_DOUBLE:
		return (long double)value.pd_double;
	case PD_TYPE_NONE:
		break;
	}
	return 0;
}

double mp_get_pd_value(mp_perfdata_value value) { return (double)value_widened(value); }

int cmp_perfdata_value(mp_perfdata_value a, mp_perfdata_value b) {
	if (a.type == PD_TYPE_INT && b.type == PD_TYPE_INT) {
		return (a.pd_int > b.pd_int) - (a.pd_int < b.pd_int);
	}
	if (a.type == PD_TYPE_UINT && b.type == PD_TYPE_UINT) {
		return (a.pd_uint > b.pd_uint) - (a.pd_uint < b.pd_uint);
	}
	long double left = value_widened(a);
	long double right = value_widened(b);
	return (left > right) - (left < right);
}

static bool value_is_finite(mp_perfdata_value value) {
	return value.type != PD_TYPE_DOUBLE || isfinite(value.pd_double);
}

/* Writes a finite double without an exponent, without zeros at its end, and never -0. */
static void double_format(char text[NUMBER_SIZE], double value) {
	locale_t saved = locale_use_c();
	int length = snprintf(text, NUMBER_SIZE, "%.*f", DECIMALS, value);
	locale_restore(saved);
	/* It has a point and DECIMALS digits after it, so the loop ends at the point at the latest. */
	while (text[length - 1] == '0') {
		length--;
	}
	if (text[length - 1] == '.') {
		length--;
	}
	text[length] = '\0';
	if (strcmp(text, "-0") == 0) {
		strcpy(text, "0");
	}
}

static void value_print(FILE *out, mp_perfdata_value value) {
	char text[NUMBER_SIZE];
	switch (value.type) {
	case PD_TYPE_INT:
		fprintf(out, "%lld", value.pd_int);
		break;
	case PD_TYPE_UINT:
		fprintf(out, "%llu", value.pd_uint);
		break;
	case PD_TYPE_DOUBLE:
		double_format(text, value.pd_double);
		fputs(text, out);
		break;
	case PD_TYPE_NONE:
		fputc('0', out);
		break;
	}
}

/* Ranges */

mp_range mp_range_init(void) {
	return (mp_range){
		.start_infinity = true, .end_infinity = true, .alert_on_inside_range = MP_OUTSIDE};
}

mp_range mp_range_set_start(mp_range range, mp_perfdata_value value) {
	range.start = value;
	range.start_infinity = false;
	return range;
}

mp_range mp_range_set_end(mp_range range, mp_perfdata_value value) {
	range.end = value;
	range.end_infinity = false;
	return range;
}

static mp_range_parser_error whole_number_parse(const char *text, mp_perfdata_value *value) {
	errno = 0;
	long long parsed = strtoll(text, NULL, 10);
	if (errno == ERANGE) {
		return parsed < 0 ? MP_RANGE_PARSING_UNDERFLOW : MP_RANGE_PARSING_OVERFLOW;
	}
	*value = mp_create_pd_value(parsed);
	return MP_PARSING_SUCCESS;
}

static mp_range_parser_error fraction_parse(const char *text, mp_perfdata_value *value) {
	locale_t saved = locale_use_c();
	double parsed = strtod(text, NULL);
	locale_restore(saved);
	if (isinf(parsed)) {
		return parsed < 0 ? MP_RANGE_PARSING_UNDERFLOW : MP_RANGE_PARSING_OVERFLOW;
	}
	*value = mp_create_pd_value(parsed);
	return MP_PARSING_SUCCESS;
}

/* Reads the number that is all of the length bytes at text. What follows them is NUL or a colon,
 * where strtoll and strtod stop as well. */
static mp_range_parser_error number_parse(const char *text, size_t length,
										  mp_perfdata_value *value) {
	size_t digits = 0;
	size_t points = 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			digits++;
		} else if (text[i] == '.') {
			points++;
		} else if (text[i] != '-') {
			return MP_RANGE_PARSING_INVALID_CHAR;
		} else if (i > 0) {
			return MP_RANGE_PARSING_FAILURE;
		}
	}
	if (digits == 0 || points > 1) {
		return MP_RANGE_PARSING_FAILURE;
	}
	return points == 0 ? whole_number_parse(text, value) : fraction_parse(text, value);
}

static mp_range_parser_error range_start_parse(const char *text, size_t length, mp_range *range) {
	if (length == 1 && text[0] == '~') {
		return MP_PARSING_SUCCESS;
	}
	range->start_infinity = false;
	return number_parse(text, length, &range->start);
}

static mp_range_parser_error range_parse(const char *text, mp_range *range) {
	if (*text == '@') {
		range->alert_on_inside_range = MP_INSIDE;
		text++;
	}
	mp_range_parser_error error;
	const char *colon = strchr(text, ':');
	if (colon == NULL) {
		*range = mp_range_set_start(*range, mp_create_pd_value(0));
	} else {
		error = range_start_parse(text, (size_t)(colon - text), range);
		if (error != MP_PARSING_SUCCESS) {
			return error;
		}
		text = colon + 1;
		if (*text == '\0') {
			return MP_PARSING_SUCCESS;
		}
	}
	range->end_infinity = false;
	error = number_parse(text, strlen(text), &range->end);
	if (error == MP_PARSING_SUCCESS && !range->start_infinity &&
		cmp_perfdata_value(range->start, range->end) > 0) {
		return MP_RANGE_PARSING_FAILURE;
	}
	return error;
}

mp_range_parsed mp_parse_range_string(const char *input) {
	mp_range_parsed result = {.error = MP_RANGE_PARSING_FAILURE, .range = mp_range_init()};
	if (input == NULL) {
		return result;
	}
	result.error = range_parse(input, &result.range);
	if (result.error != MP_PARSING_SUCCESS) {
		result.range = mp_range_init();
	}
	return result;
}

static void range_print(FILE *out, mp_range range) {
	bool has_start = !range.start_infinity && value_is_finite(range.start);
	bool has_end = !range.end_infinity && value_is_finite(range.end);
	if (range.alert_on_inside_range) {
		fputc('@', out);
	}
	if (!has_start) {
		fputs("~:", out);
	} else if (!has_end || mp_get_pd_value(range.start) != 0) {
		value_print(out, range.start);
		fputc(':', out);
	}
	if (has_end) {
		value_print(out, range.end);
	}
}

/* Performance data */

mp_perfdata perfdata_init(void) { return (mp_perfdata){.label = NULL}; }

mp_perfdata mp_set_pd_value_double(mp_perfdata perfdata, double value) {
	perfdata.value = mp_create_pd_value(value);
	return perfdata;
}

mp_perfdata mp_set_pd_max_value(mp_perfdata perfdata, mp_perfdata_value value) {
	perfdata.max = value;
	perfdata.max_present = true;
	return perfdata;
}

mp_perfdata mp_set_pd_min_value(mp_perfdata perfdata, mp_perfdata_value value) {
	perfdata.min = value;
	perfdata.min_present = true;
	return perfdata;
}

static void label_print(FILE *out, const char *label) {
	for (; *label != '\0'; label++) {
		unsigned char byte = (unsigned char)*label;
		bool bad = byte < 0x20 || byte == 0x7f || strchr("'=|", byte) != NULL;
		fputc(bad ? '_' : byte, out);
	}
}

/* The semicolons of this field and of the absent ones before it. Returns how many are left to
 * print. */
static size_t separators_print(FILE *out, size_t pending) {
	while (pending > 0) {
		fputc(';', out);
		pending--;
	}
	return pending;
}

static void perfdata_print(FILE *out, mp_perfdata pd) {
	fputc('\'', out);
	label_print(out, pd.label);
	fputs("'=", out);
	if (value_is_finite(pd.value)) {
		value_print(out, pd.value);
		fputs(pd.uom != NULL ? pd.uom : "", out);
	} else {
		fputc('U', out);
	}
	size_t pending = 1;
	if (pd.warn_present) {
		pending = separators_print(out, pending);
		range_print(out, pd.warn);
	}
	pending++;
	if (pd.crit_present) {
		pending = separators_print(out, pending);
		range_print(out, pd.crit);
	}
	pending++;
	if (pd.min_present && value_is_finite(pd.min)) {
		pending = separators_print(out, pending);
		value_print(out, pd.min);
	}
	pending++;
	if (pd.max_present && value_is_finite(pd.max)) {
		separators_print(out, pending);
		value_print(out, pd.max);
	}
}

static FILE *string_open(char **text, size_t *length) {
	FILE *out = open_memstream(text, length);
	if (out == NULL) {
		die_of_memory();
	}
	return out;
}

static void string_close(FILE *out) {
	bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		die_of_memory();
	}
}

char *pd_to_string(mp_perfdata pd) {
	assert(pd.label != NULL);
	char *text = NULL;
	size_t length = 0;
	FILE *out = string_open(&text, &length);
	perfdata_print(out, pd);
	string_close(out);
	return text;
}

char *mp_range_to_string(mp_range range) {
	char *text = NULL;
	size_t length = 0;
	FILE *out = string_open(&text, &length);
	range_print(out, range);
	string_close(out);
	return text;
}
