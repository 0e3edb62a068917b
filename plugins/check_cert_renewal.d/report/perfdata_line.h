/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Performance data of a run. */
#ifndef CHECK_CERT_RENEWAL_PERFDATA_LINE_H
#define CHECK_CERT_RENEWAL_PERFDATA_LINE_H

#include "report.h"

/*
 * Prints all performance data, each item behind a blank but the first. The limits go out as plain
 * numbers, since Icinga 2 drops a threshold that is written as a range.
 */
void perfdata_print(FILE *out, const report *report);

#endif
