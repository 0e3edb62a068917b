/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "utils.h"

#include <stdio.h>

#ifndef PACKAGE_NAME_STRING
#	define PACKAGE_NAME_STRING "check_cert_renewal"
#endif

void print_revision(const char *command_name, const char *revision) {
	printf("%s v%s (%s)\n", command_name, revision, PACKAGE_NAME_STRING);
}
