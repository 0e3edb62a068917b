/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a handshake failed, in plain words. */
#include "probe.h"

#include "../language.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <string.h>

/* What servers say first that do not speak TLS on this port. */
static const struct {
	const char *start;
	const char *words;
} plain_greetings[] = {
	{"HTTP/", N_("the server speaks plain HTTP on this port")},
	{"<html", N_("the server speaks plain HTTP on this port")},
	{"<!DOC", N_("the server speaks plain HTTP on this port")},
	{"SSH-", N_("an SSH server answers on this port")},
	{"220", N_("a mail (SMTP) or FTP server greets in plain text on this port")},
	{"554", N_("a mail (SMTP) server refuses in plain text on this port")},
	{"* OK", N_("a mail (IMAP) server greets in plain text on this port")},
	{"* BY", N_("a mail (IMAP) server refuses in plain text on this port")},
	{"+OK", N_("a mail (POP3) server greets in plain text on this port")},
	{"-ERR", N_("the server (POP3 or Redis) answers in plain text on this port")},
	{"200", N_("a news (NNTP) server greets in plain text on this port")},
	{"201", N_("a news (NNTP) server greets in plain text on this port")},
	{"<?xml", N_("the server speaks plain XML (XMPP?) on this port")},
	{"<stre", N_("an XMPP server speaks plain text on this port")},
	{"RFB ", N_("a VNC server answers on this port")},
};

/* RFC 8446, section 6, and RFC 5246, section 7.2: alerts. */
static const struct {
	int alert;
	const char *words;
	const char *advice;
} alerts[] = {
	{SSL_AD_HANDSHAKE_FAILURE, "handshake failure",
	 N_("no cipher, protocol version or certificate type in common")},
	{SSL_AD_PROTOCOL_VERSION, "protocol version",
	 N_("the server speaks no TLS version that is offered")},
	{SSL_AD_UNRECOGNIZED_NAME, "unrecognized name",
	 N_("the server has no certificate for this name (SNI)")},
	{SSL_AD_INTERNAL_ERROR, "internal error", N_("look into the server's log")},
	{SSL_AD_INSUFFICIENT_SECURITY, "insufficient security",
	 N_("the server wants stronger ciphers")},
	{SSL_AD_ACCESS_DENIED, "access denied", NULL},
	{SSL_AD_NO_APPLICATION_PROTOCOL, "no application protocol",
	 N_("the server insists on another ALPN protocol")},
	{SSL_AD_UNKNOWN_CA, "unknown CA", NULL},
	{SSL_AD_BAD_CERTIFICATE, "bad certificate", NULL},
	{SSL_AD_UNSUPPORTED_CERTIFICATE, "unsupported certificate", NULL},
	{SSL_AD_CERTIFICATE_REVOKED, "certificate revoked", NULL},
	{SSL_AD_CERTIFICATE_EXPIRED, "certificate expired", NULL},
	{SSL_AD_CERTIFICATE_UNKNOWN, "certificate unknown", NULL},
	{SSL_AD_ILLEGAL_PARAMETER, "illegal parameter", NULL},
	{SSL_AD_DECODE_ERROR, "decode error", NULL},
	{SSL_AD_DECRYPT_ERROR, "decrypt error", NULL},
	{SSL_AD_UNEXPECTED_MESSAGE, "unexpected message", NULL},
	{SSL_AD_BAD_RECORD_MAC, "bad record MAC", NULL},
	{SSL_AD_RECORD_OVERFLOW, "record overflow", NULL},
	{SSL_AD_USER_CANCELLED, "user cancelled", NULL},
	{SSL_AD_MISSING_EXTENSION, "missing extension", NULL},
	{SSL_AD_UNSUPPORTED_EXTENSION, "unsupported extension", NULL},
	{SSL_AD_CERTIFICATE_REQUIRED, "certificate required",
	 N_("the server wants a client certificate")},
};

/* What OpenSSL itself found wrong. */
static const struct {
	int reason;
	const char *words;
	const char *advice;
} reasons[] = {
	{SSL_R_UNSUPPORTED_PROTOCOL, N_("the server's protocol is too old"),
	 N_("it speaks SSL 3 or older, or a TLS version that OpenSSL here no longer has")},
	{SSL_R_WRONG_SSL_VERSION, N_("the server's protocol is too old"), NULL},
	{SSL_R_NO_PROTOCOLS_AVAILABLE, N_("no TLS version is available here"),
	 N_("OpenSSL of this machine is configured without them")},
	{SSL_R_UNEXPECTED_EOF_WHILE_READING,
	 N_("the server closed the connection during the handshake"), NULL},
	{SSL_R_EXCESSIVE_MESSAGE_SIZE, N_("the server sends more than 100 KiB of certificates"), NULL},
	{SSL_R_BAD_SIGNATURE,
	 N_("the server could not prove that it has the certificate's private key"),
	 N_("certificate and key do not belong together")},
	{SSL_R_BAD_PACKET_LENGTH, N_("the server sends a malformed TLS record"), NULL},
	{SSL_R_BAD_LENGTH, N_("the server sends a malformed TLS message"), NULL},
	{SSL_R_LENGTH_MISMATCH, N_("the server sends a malformed TLS message"), NULL},
	{SSL_R_BAD_EXTENSION, N_("the server sends a malformed TLS message"), NULL},
	{SSL_R_BAD_RECORD_TYPE, N_("the server sends a malformed TLS record"), NULL},
	{SSL_R_UNEXPECTED_MESSAGE, N_("the server sends a TLS message out of order"), NULL},
	{SSL_R_UNEXPECTED_RECORD, N_("the server sends a TLS record out of order"), NULL},
	{SSL_R_BAD_CHANGE_CIPHER_SPEC, N_("the server sends a malformed TLS message"), NULL},
	{SSL_R_CERT_LENGTH_MISMATCH, N_("the server sends a malformed certificate message"), NULL},
	{SSL_R_BAD_ECC_CERT, N_("the server's certificate is malformed"), NULL},
	{SSL_R_WRONG_CERTIFICATE_TYPE,
	 N_("the server's certificate has another type of key than it negotiated"), NULL},
	{SSL_R_UNKNOWN_CERTIFICATE_TYPE,
	 N_("the server's certificate has a key that OpenSSL does not know"), NULL},
	{SSL_R_UNABLE_TO_FIND_PUBLIC_KEY_PARAMETERS, N_("the server's certificate has a malformed key"),
	 NULL},
	{SSL_R_WRONG_CIPHER_RETURNED, N_("the server picks a cipher that was not offered"), NULL},
	{SSL_R_UNKNOWN_CIPHER_RETURNED, N_("the server picks a cipher that was not offered"), NULL},
	{SSL_R_BAD_DH_VALUE, N_("the server's Diffie-Hellman parameters are broken"), NULL},
	{SSL_R_DH_KEY_TOO_SMALL, N_("the server's Diffie-Hellman key is too small"), NULL},
	{SSL_R_BAD_ECPOINT, N_("the server's elliptic curve parameters are broken"), NULL},
	{SSL_R_DIGEST_CHECK_FAILED, N_("the server's Finished message is wrong"), NULL},
	{SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, N_("a TLS record was damaged on the way"), NULL},
	{SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED, N_("the server has no secure renegotiation"),
	 NULL},
	{SSL_R_WRONG_VERSION_NUMBER, N_("the server's answer is not TLS"),
	 N_("is this the right port?")},
	{SSL_R_HTTP_REQUEST, N_("the server's answer is not TLS"), N_("is this the right port?")},
	{SSL_R_PACKET_LENGTH_TOO_LONG, N_("the server's answer is not TLS"),
	 N_("is this the right port?")},
	{SSL_R_RECORD_LENGTH_MISMATCH, N_("the server's answer is not TLS"),
	 N_("is this the right port?")},
};

static const char *plain_greeting(const probe *probe) {
	const char *bytes = (const char *)probe->first_bytes;
	for (size_t i = 0; i < sizeof(plain_greetings) / sizeof(plain_greetings[0]); i++) {
		if (strncmp(bytes, plain_greetings[i].start, strlen(plain_greetings[i].start)) == 0) {
			return _(plain_greetings[i].words);
		}
	}
	return NULL;
}

/* TLS records begin with a content type and the major version 3; other printable text does not. */
static bool is_plain_text(const probe *probe) {
	for (size_t i = 0; i < sizeof(probe->first_bytes); i++) {
		unsigned char byte = probe->first_bytes[i];
		if (!isprint(byte) && byte != '\r' && byte != '\n' && byte != '\t') {
			return false;
		}
	}
	return true;
}

static bool say_plain_text(probe *probe) {
	if (!probe->first_bytes_known) {
		return false;
	}
	const char *greeting = plain_greeting(probe);
	if (greeting == NULL && !is_plain_text(probe)) {
		return false;
	}
	observation_fail(probe->seen, STEP_HANDSHAKE,
					 _("is this the right port, and is TLS switched on there?"), _("no TLS: %s"),
					 greeting != NULL ? greeting : _("the server answers in plain text"));
	return true;
}

static void say_alert(probe *probe, int alert) {
	for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++) {
		if (alerts[i].alert == alert) {
			const char *advice = alerts[i].advice;
			observation_fail(probe->seen, STEP_HANDSHAKE, advice != NULL ? _(advice) : NULL,
							 _("the server refuses the TLS handshake (alert \"%s\")"),
							 alerts[i].words);
			return;
		}
	}
	observation_fail(probe->seen, STEP_HANDSHAKE, NULL,
					 _("the server refuses the TLS handshake (alert %d)"), alert);
}

static void say_reason(probe *probe, unsigned long error) {
	int reason = ERR_GET_REASON(error);
	for (size_t i = 0;
		 ERR_GET_LIB(error) == ERR_LIB_SSL && i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].reason == reason) {
			const char *advice = reasons[i].advice;
			observation_fail(probe->seen, STEP_HANDSHAKE, advice != NULL ? _(advice) : NULL, "%s",
							 _(reasons[i].words));
			return;
		}
	}
	/* `openssl errstr` tells what the number means. */
	observation_fail(probe->seen, STEP_HANDSHAKE, NULL,
					 _("TLS handshake failed: OpenSSL error %08lX"), error);
}

static void say_lost(probe *probe, int system_error) {
	const char *when = probe->first_bytes_known ? _("during the handshake")
												: _("at once, before it said anything");
	if (system_error == 0) {
		observation_fail(probe->seen, STEP_HANDSHAKE, NULL,
						 _("the server closed the connection %s"), when);
	} else if (system_error == ECONNRESET || system_error == EPIPE) {
		observation_fail(probe->seen, STEP_HANDSHAKE,
						 _("overloaded, an access list, or a proxy without a backend?"),
						 _("the server reset the connection %s"), when);
	} else {
		observation_fail(probe->seen, STEP_HANDSHAKE, NULL, _("the connection broke %s: %s"), when,
						 _(strerror(system_error)));
	}
}

void tls_failure_say(probe *probe, int result, int system_error) {
	unsigned long error = ERR_peek_last_error();
	bool is_tls = ERR_GET_LIB(error) == ERR_LIB_SSL;
	int reason = ERR_GET_REASON(error);
	bool is_alert = is_tls && reason >= SSL_AD_REASON_OFFSET;
	bool is_lost = result == SSL_ERROR_SYSCALL || error == 0 ||
				   (is_tls && reason == SSL_R_UNEXPECTED_EOF_WHILE_READING);
	probe->seen->client_certificate_required =
		probe->seen->client_certificate_asked && (is_alert || is_lost);
	if (say_plain_text(probe)) {
		return;
	}
	if (is_alert) {
		say_alert(probe, reason - SSL_AD_REASON_OFFSET);
	} else if (is_lost) {
		say_lost(probe, result == SSL_ERROR_SYSCALL ? system_error : 0);
	} else {
		say_reason(probe, error);
	}
	ERR_clear_error();
}
