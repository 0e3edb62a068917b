/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Not OpenSSL's HTTP client (OSSL_HTTP_get() of 3.0): it hides the header, and so Retry-After;
 * tells a status of 404 from one of 503 only in the text of an error; does not know chunked bodies;
 * takes a proxy from the environment; and looks names up without an end in time. What it would save
 * is the parser, http_answer.c.
 */
#include "https_get.h"

#include "../language.h"
#include "../facts/trust.h"
#include "../facts/verification.h"
#include "resolve_within.h"
#include "version.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Certificates that a server sends are kept whole; this bounds them (bytes of DER). */
enum {
	certificates_size_max = 100 * 1024
};

typedef struct {
	const https_url *url;
	https_terms terms;
	int fd;
	SSL_CTX *context;
	SSL *ssl;
	char *error;
	https_outcome outcome;
	const char *untrusted; /* why the certificate was refused; NULL: it was not */
} exchange;

static bool fail(exchange *exchange, https_outcome outcome, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool fail(exchange *exchange, https_outcome outcome, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(exchange->error, HTTPS_ERROR_MAX, format, arguments);
	va_end(arguments);
	exchange->outcome = outcome;
	return false;
}

/* Connecting */

/* Returns the error that it ended with, 0 when it is connected. */
static int connect_within(exchange *exchange, const struct addrinfo *address, deadline deadline) {
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return errno;
	}
	int error = connect(fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
	if (error == EINPROGRESS) {
		socklen_t size = sizeof(error);
		if (!deadline_wait(deadline, fd, POLLOUT)) {
			error = ETIMEDOUT;
		} else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
			error = errno;
		}
	}
	if (error != 0) {
		close(fd);
		return error;
	}
	exchange->fd = fd;
	return 0;
}

/* One address after the other; none may take the time that the others need. */
static bool connect_any(exchange *exchange, const struct addrinfo *addresses) {
	unsigned left = 0;
	for (const struct addrinfo *at = addresses; at != NULL; at = at->ai_next) {
		left++;
	}
	int error = 0;
	bool timed_out = false;
	for (const struct addrinfo *at = addresses; at != NULL; at = at->ai_next) {
		error = connect_within(exchange, at, deadline_part(exchange->terms.deadline, left--));
		if (error == 0) {
			return true;
		}
		timed_out = timed_out || error == ETIMEDOUT;
	}
	https_outcome outcome = timed_out ? HTTPS_FAILED_FOR_NOW : HTTPS_FAILED;
	if (error == ETIMEDOUT) {
		return fail(exchange, outcome, _("cannot connect to port %s: no answer in time"),
					exchange->url->port);
	}
	return fail(exchange, outcome, _("cannot connect to port %s: %s"), exchange->url->port,
				_(strerror(error)));
}

static bool connect_server(exchange *exchange) {
	struct addrinfo *addresses = NULL;
	bool timed_out = false;
	int error = resolve_within(&addresses, exchange->url->host, exchange->url->port,
							   exchange->terms.deadline, &timed_out);
	if (timed_out) {
		return fail(exchange, HTTPS_FAILED_FOR_NOW, _("no answer from the name server in time"));
	}
	if (error != 0) {
		return fail(exchange, HTTPS_FAILED, _("no address: %s"), _(gai_strerror(error)));
	}
	bool connected = connect_any(exchange, addresses);
	freeaddrinfo(addresses);
	return connected;
}

/* TLS */

/* Instead of OpenSSL's verification of the store alone: the bundle is tried too, see trust.h. */
static int verify_server(X509_STORE_CTX *context, void *argument) {
	exchange *exchange = argument;
	const https_url *url = exchange->url;
	verify_terms terms = {.trust = exchange->terms.trust, .at = exchange->terms.at};
	verify_name name = {url->is_address ? NULL : url->host, url->is_address ? url->host : NULL};
	verification verification = {.problem_count = 0};
	if (!verification_run(&verification, terms, X509_STORE_CTX_get0_cert(context),
						  X509_STORE_CTX_get0_untrusted(context), name)) {
		exchange->untrusted = N_("out of memory");
	} else if (verification.problem_count > 0) {
		exchange->untrusted = verification.problems[0].words;
	}
	verification_free(&verification);
	X509_STORE_CTX_set_error(
		context, exchange->untrusted == NULL ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION);
	return exchange->untrusted == NULL;
}

static bool session_new(exchange *exchange) {
	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_SSL_STRINGS, NULL);
	SSL_CTX *context = exchange->context = SSL_CTX_new(TLS_client_method());
	if (context == NULL) {
		return false;
	}
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_security_level(context, 2);
	/* The end of an answer is seen in the answer itself; many servers leave close_notify out. */
	SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_max_cert_list(context, certificates_size_max);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(context, verify_server, exchange);
	exchange->ssl = SSL_new(context);
	https_url url = *exchange->url; /* OpenSSL's macro takes no const */
	return exchange->ssl != NULL && SSL_set_fd(exchange->ssl, exchange->fd) == 1 &&
		   (url.is_address || SSL_set_tlsext_host_name(exchange->ssl, url.host) == 1);
}

static bool is_no_tls(int reason) {
	switch (reason) {
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_PACKET_LENGTH_TOO_LONG:
	case SSL_R_RECORD_LENGTH_MISMATCH:
		return true;
	default:
		return false;
	}
}

/*
 * Why TLS went no further; the error strings of OpenSSL are not loaded. step: "TLS handshake",
 * "request" or "answer".
 */
static bool fail_tls(exchange *exchange, const char *step, int result, int system_error) {
	unsigned long error = ERR_peek_last_error();
	int reason = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
	if (exchange->untrusted != NULL) {
		return fail(exchange, HTTPS_FAILED, _("its certificate is not trusted: %s"),
					_(exchange->untrusted));
	}
	if (result == SSL_ERROR_ZERO_RETURN || (result == SSL_ERROR_SYSCALL && system_error == 0)) {
		return fail(exchange, HTTPS_FAILED_FOR_NOW, _("it closed the connection during the %s"),
					_(step));
	}
	if (result == SSL_ERROR_SYSCALL) {
		return fail(exchange, HTTPS_FAILED_FOR_NOW, _("the connection broke during the %s: %s"),
					_(step), _(strerror(system_error)));
	}
	if (reason >= SSL_AD_REASON_OFFSET) {
		return fail(exchange, HTTPS_FAILED, _("it refuses TLS (alert \"%s\")"),
					SSL_alert_desc_string_long(reason - SSL_AD_REASON_OFFSET));
	}
	if (is_no_tls(reason)) {
		return fail(exchange, HTTPS_FAILED, _("it does not speak TLS on port %s"),
					exchange->url->port);
	}
	/* `openssl errstr` tells what the number means. */
	return fail(exchange, HTTPS_FAILED, _("TLS failed during the %s: OpenSSL error %08lX"), _(step),
				error);
}

/* After a TLS call that did not succeed: waits until it can be tried again. */
static bool wait_for_tls(exchange *exchange, const char *step, int returned) {
	int system_error = errno;
	int result = SSL_get_error(exchange->ssl, returned);
	if (result != SSL_ERROR_WANT_READ && result != SSL_ERROR_WANT_WRITE) {
		return fail_tls(exchange, step, result, system_error);
	}
	short events = result == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
	return deadline_wait(exchange->terms.deadline, exchange->fd, events) ||
		   fail(exchange, HTTPS_FAILED_FOR_NOW, _("the %s was not done in time"), _(step));
}

/* The calls of TLS find an error of their own only in a clean queue. */
static void errors_clear(void) {
	ERR_clear_error();
	errno = 0;
}

static bool tls_start(exchange *exchange) {
	static const char step[] = N_("TLS handshake");
	if (!session_new(exchange)) {
		return fail(exchange, HTTPS_FAILED, _("cannot start TLS: OpenSSL refuses"));
	}
	for (;;) {
		errors_clear();
		int returned = SSL_connect(exchange->ssl);
		if (returned == 1) {
			return true;
		}
		if (!wait_for_tls(exchange, step, returned)) {
			return false;
		}
	}
}

/* HTTP */

static bool request_send(exchange *exchange) {
	const https_url *url = exchange->url;
	bool is_ipv6 = strchr(url->host, ':') != NULL;
	bool is_default = strcmp(url->port, "443") == 0;
	char request[HTTPS_URL_PATH_MAX + HTTPS_URL_HOST_MAX + 256];
	/* RFC 8555, section 6.1, wants a User-Agent of every ACME client. */
	int length = snprintf(request, sizeof(request),
						  "GET %s HTTP/1.1\r\nHost: %s%s%s%s%s\r\n"
						  "User-Agent: check_cert_renewal/%s\r\nAccept: application/json\r\n"
						  "Accept-Encoding: identity\r\nConnection: close\r\n\r\n",
						  url->path, is_ipv6 ? "[" : "", url->host, is_ipv6 ? "]" : "",
						  is_default ? "" : ":", is_default ? "" : url->port, plugin_version);
	for (;;) {
		errors_clear();
		int returned = SSL_write(exchange->ssl, request, length);
		if (returned > 0) {
			return true;
		}
		if (!wait_for_tls(exchange, N_("request"), returned)) {
			return false;
		}
	}
}

static long read_decrypted(void *argument, void *into, size_t size) {
	exchange *exchange = argument;
	for (;;) {
		errors_clear();
		int returned = SSL_read(exchange->ssl, into, (int)size);
		if (returned > 0) {
			return returned;
		}
		if (SSL_get_error(exchange->ssl, returned) == SSL_ERROR_ZERO_RETURN) {
			return 0;
		}
		if (!wait_for_tls(exchange, N_("answer"), returned)) {
			return -1;
		}
	}
}

static bool answer_read(exchange *exchange, http_answer *out) {
	const char *wrong = NULL;
	http_source source = {read_decrypted, exchange};
	switch (http_answer_read(out, source, exchange->terms.body_max, &wrong)) {
	case HTTP_ANSWERED:
		return true;
	case HTTP_WRONG:
		return fail(exchange, HTTPS_FAILED, "%s", wrong);
	case HTTP_SOURCE_FAILED:
		break;
	}
	return false;
}

https_outcome https_get(http_answer *out, const https_url *url, https_terms terms,
						char error[HTTPS_ERROR_MAX]) {
	*out = (http_answer){.status = 0};
	exchange exchange = {.url = url, .terms = terms, .fd = -1, .error = error};
	if (connect_server(&exchange) && tls_start(&exchange) && request_send(&exchange) &&
		answer_read(&exchange, out)) {
		exchange.outcome = HTTPS_ANSWERED;
		SSL_shutdown(exchange.ssl);
	}
	SSL_free(exchange.ssl);
	SSL_CTX_free(exchange.context);
	if (exchange.fd >= 0) {
		close(exchange.fd);
	}
	ERR_clear_error();
	return exchange.outcome;
}
