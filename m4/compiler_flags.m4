# SPDX-License-Identifier: GPL-3.0-or-later

# CCR_COMPILE_FLAGS(VARIABLE, FLAGS)
# Appends each of FLAGS that the compiler takes without a warning to VARIABLE. What is compiled has
# a header of the C library, since _FORTIFY_SOURCE complains there where it cannot work, and a macro
# of OpenSSL's that casts const away, which clang's -Wcast-qual does not forgive.
AC_DEFUN([CCR_COMPILE_FLAGS], [
	for ccr_flag in $2; do
		AS_VAR_PUSHDEF([ccr_cached], [ccr_cv_compile_$ccr_flag])
		AC_CACHE_CHECK([whether $CC takes $ccr_flag], [ccr_cached], [
			ccr_saved_CFLAGS=$CFLAGS
			CFLAGS="-Werror $ccr_base_flags $ccr_flag $OPENSSL_CFLAGS $CFLAGS"
			AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>
#include <openssl/ssl.h>]], [[SSL *ssl = NULL; const char *name = "";
return puts(name) < 0 || SSL_set_tlsext_host_name(ssl, name) != 1;]])],
				[AS_VAR_SET([ccr_cached], [yes])], [AS_VAR_SET([ccr_cached], [no])])
			CFLAGS=$ccr_saved_CFLAGS
		])
		AS_VAR_IF([ccr_cached], [yes], [AS_VAR_APPEND([$1], [" $ccr_flag"])])
		AS_VAR_POPDEF([ccr_cached])
	done
])

# CCR_LINK_FLAGS(VARIABLE, FLAGS)
# The same for the linker; objects are compiled with the flags chosen so far (CCR_CFLAGS).
AC_DEFUN([CCR_LINK_FLAGS], [
	for ccr_flag in $2; do
		AS_VAR_PUSHDEF([ccr_cached], [ccr_cv_link_$ccr_flag])
		AC_CACHE_CHECK([whether $CC links with $ccr_flag], [ccr_cached], [
			ccr_saved_CFLAGS=$CFLAGS
			ccr_saved_LDFLAGS=$LDFLAGS
			CFLAGS="$CCR_CFLAGS $CFLAGS"
			LDFLAGS="-Werror $ccr_flag $LDFLAGS"
			AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <stdio.h>]], [[puts("");]])],
				[AS_VAR_SET([ccr_cached], [yes])], [AS_VAR_SET([ccr_cached], [no])])
			CFLAGS=$ccr_saved_CFLAGS
			LDFLAGS=$ccr_saved_LDFLAGS
		])
		AS_VAR_IF([ccr_cached], [yes], [AS_VAR_APPEND([$1], [" $ccr_flag"])])
		AS_VAR_POPDEF([ccr_cached])
	done
])
