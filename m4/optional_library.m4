# SPDX-License-Identifier: GPL-3.0-or-later

# CCR_OPTIONAL_LIBRARY(OPTION, VARIABLE, MODULE, PURPOSE)
# --without-OPTION leaves the library out, --with-OPTION insists on it; else it is used where
# pkg-config knows it: HAVE_VARIABLE, VARIABLE_CFLAGS, VARIABLE_LIBS.
AC_DEFUN([CCR_OPTIONAL_LIBRARY], [
	AC_ARG_WITH([$1], [AS_HELP_STRING([--without-$1], [leave out: $4])], [], [with_$1=check])
	AS_IF([test "x$with_$1" != xno], [
		PKG_CHECK_MODULES([$2], [$3],
			[AC_DEFINE([HAVE_$2], [1], [Define to 1 for $4.])],
			[AS_IF([test "x$with_$1" != xcheck], [AC_MSG_ERROR([--with-$1: there is no $3])])])
	])
])
