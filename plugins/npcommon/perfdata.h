/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values, ranges and performance data. Interface: Monitoring Plugins 3, lib/perfdata.h; meaning:
 * developer guidelines, "Threshold and Ranges" and "Performance data".
 * Numbers are read and written in the C locale whatever LC_NUMERIC is.
 */
#ifndef NPCOMMON_PERFDATA_H
#define NPCOMMON_PERFDATA_H

#include <stdbool.h>

typedef enum pd_value_type {
	PD_TYPE_NONE = 0,
	PD_TYPE_INT,
	PD_TYPE_UINT,
	PD_TYPE_DOUBLE
} pd_value_type;

typedef struct {
	enum pd_value_type type;
	union {
		long long pd_int;
		unsigned long long pd_uint;
		double pd_double;
	};
} mp_perfdata_value;

#define MP_OUTSIDE false
#define MP_INSIDE  true

/* Both ends belong to the range. */
typedef struct {
	mp_perfdata_value start;
	bool start_infinity; /* no lower end; start has no meaning */

	mp_perfdata_value end;
	bool end_infinity; /* no upper end; end has no meaning */

	bool alert_on_inside_range; /* MP_OUTSIDE or MP_INSIDE */
} mp_range;

/* One item of performance data. label and uom stay the caller's; uom may be NULL. */
typedef struct {
	char *label;
	char *uom;
	mp_perfdata_value value;

	bool warn_present;
	mp_range warn;

	bool crit_present;
	mp_range crit;

	bool min_present;
	mp_perfdata_value min;

	bool max_present;
	mp_perfdata_value max;
} mp_perfdata;

/* No label, no value, nothing present. */
mp_perfdata perfdata_init(void);

/* From minus to plus infinity, alert outside: never alerts. */
mp_range mp_range_init(void);

/* Copies of the range with that end made finite. */
mp_range mp_range_set_start(mp_range, mp_perfdata_value);
mp_range mp_range_set_end(mp_range, mp_perfdata_value);

typedef enum {
	MP_PARSING_SUCCESS = 0,
	MP_PARSING_SUCCES = MP_PARSING_SUCCESS,
	MP_PARSING_FAILURE,
	MP_RANGE_PARSING_FAILURE,      /* not of the form of a range, or start > end */
	MP_RANGE_PARSING_UNDERFLOW,    /* a number is too small to be held */
	MP_RANGE_PARSING_OVERFLOW,     /* a number is too large to be held */
	MP_RANGE_PARSING_INVALID_CHAR, /* something else than a digit, a minus or a point */
} mp_range_parser_error;

/* range is mp_range_init()'s where error is not MP_PARSING_SUCCESS. */
typedef struct mp_range_parsed {
	mp_range_parser_error error;
	mp_range range;
} mp_range_parsed;

/*
 * Reads `[@]end`, `[@]start:`, `[@]start:end`, `[@]~:end`, `[@]~:` (guidelines, "Threshold and
 * Ranges"). A bare end means 0 to end. Numbers are decimal, with an optional minus and point;
 * a whole number becomes PD_TYPE_INT, another PD_TYPE_DOUBLE. Anything else is refused: white
 * space, plus, exponent, hexadecimal, nan, inf, a part that is empty, start > end. NULL is refused.
 */
mp_range_parsed mp_parse_range_string(const char *input);

/* clang-format off */
#define mp_set_pd_value(P, V) _Generic((V), double: mp_set_pd_value_double)(P, V)
/* clang-format on */

mp_perfdata mp_set_pd_value_double(mp_perfdata, double);

/* clang-format off */
#define mp_create_pd_value(V)                                                                      \
	_Generic((V),                                                                                  \
		double: mp_create_pd_value_double,                                                         \
		int: mp_create_pd_value_int,                                                               \
		long long: mp_create_pd_value_long_long)(V)
/* clang-format on */

mp_perfdata_value mp_create_pd_value_double(double);
mp_perfdata_value mp_create_pd_value_int(int);
mp_perfdata_value mp_create_pd_value_long_long(long long);

/* Copies with that field set and present. */
mp_perfdata mp_set_pd_max_value(mp_perfdata perfdata, mp_perfdata_value value);
mp_perfdata mp_set_pd_min_value(mp_perfdata perfdata, mp_perfdata_value value);

/* The value as a double; 0 for PD_TYPE_NONE. */
double mp_get_pd_value(mp_perfdata_value value);

/* -1, 0 or 1: a less than, equal to, greater than b, also where their types differ. 0 where
 * one of them is not a number (nan). A PD_TYPE_NONE counts as 0. */
int cmp_perfdata_value(mp_perfdata_value a, mp_perfdata_value b);

/*
 * `'label'=value[UOM];warn;crit;min;max`, without the semicolons that nothing follows. Malloc'ed,
 * the caller's. At most 6 decimals, no zeros at the end, never an exponent, never -0. What may not
 * stand in a label (a quote, `=`, `|`, a control character) is printed as `_`. A value that is not
 * finite is printed as U (guidelines: "value could not be determined"), without a unit; a minimum
 * or maximum that is not finite is left out. label must not be NULL. Dies where memory is out.
 */
char *pd_to_string(mp_perfdata);

/* The shortest form that mp_parse_range_string reads back, an end that is not finite taken as
 * infinite. Malloc'ed, the caller's. */
char *mp_range_to_string(mp_range);

#endif
