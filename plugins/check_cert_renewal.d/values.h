/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Option values: text -> typed value. Each returns NULL, or what is wrong and what is accepted
 * (static words) with *out untouched.
 */
#ifndef CHECK_CERT_RENEWAL_VALUES_H
#define CHECK_CERT_RENEWAL_VALUES_H

#include "judge/policy.h"

#include <stdbool.h>
#include <stdint.h>

/* "20" (in units of default_unit seconds), "2w", "20d", "36h", "90m", "45s" -> seconds. */
const char *value_duration(const char *text, double default_unit, double *out);

/* A LIMIT: days, a duration, a share of the lifetime, a range in days, "auto". */
const char *value_limit(const char *text, limit *out);

/* As value_limit(), but a range makes no sense. */
const char *value_renew_before(const char *text, limit *out);

/* "2027-01-05", "2027-01-05T12:00:00Z", "@1798761600" -> seconds since the epoch. */
const char *value_time(const char *text, int64_t *out);

/* Is it a numeric IPv4 or IPv6 address (with a scope, if any)? */
bool value_is_address(const char *text);

/* 1 to 65535. */
const char *value_port(const char *text, uint16_t *out);

/*
 * "FINDING=STATE[,...]" into the table of severities. *accepted: static names that end what is
 * wrong, where they do.
 */
const char *value_severity(const char *text, severity out[FINDING_COUNT], const char **accepted);

#endif
