/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the unit tests share: cmocka with what it needs, a check that tells which row failed. */
#ifndef CHECK_CERT_RENEWAL_TESTS_UNIT_H
#define CHECK_CERT_RENEWAL_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define DAY  86400
#define HOUR 3600

/* Fails with words (printf format) that name the row of a table and what came instead. */
#define expect(condition, ...)                                                                     \
	do {                                                                                           \
		if (!(condition)) {                                                                        \
			fail_msg(__VA_ARGS__);                                                                 \
		}                                                                                          \
	} while (0)

#endif
