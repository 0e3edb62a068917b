/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a connection to the certificates. The handshake lets everything through that OpenSSL can
 * still speak, so that old, weak and untrusted servers can be looked at; what is wrong with them is
 * judged afterwards.
 */
#include "probe.h"

#include "../language.h"

#include <errno.h>
#include <openssl/err.h>
#include <string.h>

/* Certificates that a server sends are kept whole; this bounds them (bytes of DER). */
enum {
	certificates_size_max = 100 * 1024
};

/* A handshake takes some ten records; even one in small pieces stays far below this. */
enum {
	records_max = 5000
};

/* OpenSSL's own list, and behind it the curves of old certificates. */
#if OPENSSL_VERSION_NUMBER >= 0x30500000L
static const char groups[] = "DEFAULT:?P-224:?P-192";
#else
static const char groups[] = "X25519:P-256:X448:P-521:P-384:ffdhe2048:ffdhe3072:ffdhe4096:"
							 "ffdhe6144:ffdhe8192:P-224:P-192";
#endif

static void continue_handshake(probe *probe);

/* Instead of OpenSSL's verification: keeps what the server sent. */
static int keep_certificates(X509_STORE_CTX *context, void *unused) {
	(void)unused;
	SSL *ssl = X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
	probe *probe = SSL_get_app_data(ssl);
	if (probe->leaf == NULL) {
		probe->leaf = X509_STORE_CTX_get0_cert(context);
		X509_up_ref(probe->leaf);
		probe->sent = X509_chain_up_ref(X509_STORE_CTX_get0_untrusted(context));
	}
	return 1;
}

static int note_client_certificate_asked(SSL *ssl, X509 **x509, EVP_PKEY **key) {
	(void)x509;
	(void)key;
	probe *probe = SSL_get_app_data(ssl);
	probe->seen->client_certificate_asked = true;
	return 0; /* none is sent */
}

/*
 * OpenSSL reads on as long as there is something to read. A server that sends records without end
 * would keep it from the event loop and its deadline.
 */
static void bound_records(probe *probe, SSL *ssl) {
	probe->records++;
	if (probe->records > records_max || seconds_since(probe->started) > probe->job->timeout) {
		probe->cut_off = true;
		BIO_set_fd(SSL_get_rbio(ssl), -1, BIO_NOCLOSE);
	}
}

/* The server's first bytes tell what it speaks where that is not TLS. */
static void note_record(int write_p, int version, int content_type, const void *bytes,
						size_t length, SSL *ssl, void *argument) {
	(void)version;
	probe *probe = argument;
	if (write_p != 0 || content_type != SSL3_RT_HEADER) {
		return;
	}
	bound_records(probe, ssl);
	if (!probe->first_bytes_known && length >= sizeof(probe->first_bytes)) {
		memcpy(probe->first_bytes, bytes, sizeof(probe->first_bytes));
		probe->first_bytes_known = true;
	}
}

SSL_CTX *handshake_context_new(void) {
	/* tls_words.c has the words for the errors that matter: OpenSSL's are not loaded. */
	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_SSL_STRINGS, NULL);
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	if (context == NULL) {
		return NULL;
	}
	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_min_proto_version(context, 0);
	/* With curves that OpenSSL no longer offers by itself: a weak key can only be told if it is
	 * seen. */
	SSL_CTX_set1_groups_list(context, groups);
	SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_max_cert_list(context, certificates_size_max);
	SSL_CTX_set_cert_verify_callback(context, keep_certificates, NULL);
	SSL_CTX_set_client_cert_cb(context, note_client_certificate_asked);
	return context;
}

static bool session_new(probe *probe) {
	engine *engine = probe->engine;
	if (engine->tls == NULL) {
		engine->tls = handshake_context_new();
	}
	probe->ssl = engine->tls != NULL ? SSL_new(engine->tls) : NULL;
	if (probe->ssl == NULL || SSL_set_fd(probe->ssl, probe->established->fd) != 1) {
		return false;
	}
	SSL_set_app_data(probe->ssl, probe);
	SSL_set_msg_callback(probe->ssl, note_record);
	SSL_set_msg_callback_arg(probe->ssl, probe);
	SSL_set_connect_state(probe->ssl);
	const char *server_name = probe->target->server_name;
	return server_name == NULL || SSL_set_tlsext_host_name(probe->ssl, server_name) == 1;
}

static void socket_ready(uv_poll_t *poll, int status, int events) {
	(void)status; /* an error is met again, and told, by the next read or write */
	(void)events;
	connection *connection = poll->data;
	continue_handshake(connection->probe);
}

static void note_connection(probe *probe) {
	observation *seen = probe->seen;
	seen->tls_version = SSL_get_version(probe->ssl);
	seen->tls_below_floor = SSL_version(probe->ssl) < TLS1_2_VERSION;
	seen->cipher = SSL_CIPHER_get_name(SSL_get_current_cipher(probe->ssl));
}

static void say_endless(probe *probe) {
	if (probe->records > records_max) {
		observation_fail(probe->seen, STEP_HANDSHAKE, NULL,
						 _("the server sends TLS records without end"));
	} else {
		handshake_timed_out(probe);
	}
}

static void continue_handshake(probe *probe) {
	ERR_clear_error();
	errno = 0;
	int done = SSL_connect(probe->ssl);
	int system_error = errno;
	if (done == 1) {
		note_connection(probe);
		probe->seen->seconds_handshake = seconds_since(probe->step_started);
		SSL_shutdown(probe->ssl);
		probe_finish(probe);
		return;
	}
	if (probe->cut_off) {
		say_endless(probe);
		probe_finish(probe);
		return;
	}
	int result = SSL_get_error(probe->ssl, done);
	if (result == SSL_ERROR_WANT_READ || result == SSL_ERROR_WANT_WRITE) {
		int events = result == SSL_ERROR_WANT_READ ? UV_READABLE : UV_WRITABLE;
		uv_poll_start(&probe->established->poll, events, socket_ready);
		return;
	}
	tls_failure_say(probe, result, system_error);
	probe_finish(probe);
}

void handshake_start(probe *probe) {
	probe->step = STEP_HANDSHAKE;
	probe->step_started = uv_hrtime();
	if (!session_new(probe)) {
		observation_fail(probe->seen, STEP_HANDSHAKE, NULL, _("cannot start TLS: OpenSSL refuses"));
		probe_finish(probe);
		return;
	}
	continue_handshake(probe);
}

void handshake_timed_out(probe *probe) {
	const char *got = probe->leaf != NULL        ? _("the server stopped in the middle of it")
					  : probe->first_bytes_known ? _("the server's answer is incomplete")
												 : _("the server says nothing");
	observation_fail(
		probe->seen, STEP_HANDSHAKE, _("the service hangs, or does not speak TLS on this port"),
		_("TLS handshake with %s port %u not done within %g s: %s"), probe->seen->address,
		(unsigned)probe->seen->port, probe->target->options.timeout, got);
}

void handshake_release(probe *probe) {
	SSL_free(probe->ssl);
	probe->ssl = NULL;
	X509_free(probe->leaf);
	probe->leaf = NULL;
	sk_X509_pop_free(probe->sent, X509_free);
	probe->sent = NULL;
}
