/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a handshake failed, in plain words. */
#include "probe.h"

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
	{"HTTP/", "the server speaks plain HTTP on this port"},
	{"<html", "the server speaks plain HTTP on this port"},
	{"<!DOC", "the server speaks plain HTTP on this port"},
	{"SSH-", "an SSH server answers on this port"},
	{"220", "a mail (SMTP) or FTP server greets in plain text on this port"},
	{"554", "a mail (SMTP) server refuses in plain text on this port"},
	{"* OK", "a mail (IMAP) server greets in plain text on this port"},
	{"* BY", "a mail (IMAP) server refuses in plain text on this port"},
	{"+OK", "a mail (POP3) server greets in plain text on this port"},
	{"-ERR", "the server (POP3 or Redis) answers in plain text on this port"},
	{"200", "a news (NNTP) server greets in plain text on this port"},
	{"201", "a news (NNTP) server greets in plain text on this port"},
	{"<?xml", "the server speaks plain XML (XMPP?) on this port"},
	{"<stre", "an XMPP server speaks plain text on this port"},
	{"RFB ", "a VNC server answers on this port"},
};

/* RFC 8446, section 6, and RFC 5246, section 7.2: alerts. */
static const struct {
	int alert;
	const char *words;
	const char *advice;
} alerts[] = {
	{SSL_AD_HANDSHAKE_FAILURE, "handshake failure",
	 "no cipher, protocol version or certificate type in common"},
	{SSL_AD_PROTOCOL_VERSION, "protocol version",
	 "the server speaks no TLS version that is offered"},
	{SSL_AD_UNRECOGNIZED_NAME, "unrecognized name",
	 "the server has no certificate for this name (SNI)"},
	{SSL_AD_INTERNAL_ERROR, "internal error", "look into the server's log"},
	{SSL_AD_INSUFFICIENT_SECURITY, "insufficient security", "the server wants stronger ciphers"},
	{SSL_AD_ACCESS_DENIED, "access denied", NULL},
	{SSL_AD_NO_APPLICATION_PROTOCOL, "no application protocol",
	 "the server insists on another ALPN protocol"},
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
	{SSL_AD_CERTIFICATE_REQUIRED, "certificate required", "the server wants a client certificate"},
};

/* What OpenSSL itself found wrong. */
static const struct {
	int reason;
	const char *words;
	const char *advice;
} reasons[] = {
	{SSL_R_UNSUPPORTED_PROTOCOL, "the server's protocol is too old",
	 "it speaks SSL 3 or older, or a TLS version that OpenSSL here no longer has"},
	{SSL_R_WRONG_SSL_VERSION, "the server's protocol is too old", NULL},
	{SSL_R_NO_PROTOCOLS_AVAILABLE, "no TLS version is available here",
	 "OpenSSL of this machine is configured without them"},
	{SSL_R_UNEXPECTED_EOF_WHILE_READING, "the server closed the connection during the handshake",
	 NULL},
	{SSL_R_EXCESSIVE_MESSAGE_SIZE, "the server sends more than 100 KiB of certificates", NULL},
	{SSL_R_BAD_SIGNATURE, "the server could not prove that it has the certificate's private key",
	 "certificate and key do not belong together"},
	{SSL_R_BAD_PACKET_LENGTH, "the server sends a malformed TLS record", NULL},
	{SSL_R_BAD_LENGTH, "the server sends a malformed TLS message", NULL},
	{SSL_R_LENGTH_MISMATCH, "the server sends a malformed TLS message", NULL},
	{SSL_R_BAD_EXTENSION, "the server sends a malformed TLS message", NULL},
	{SSL_R_BAD_RECORD_TYPE, "the server sends a malformed TLS record", NULL},
	{SSL_R_UNEXPECTED_MESSAGE, "the server sends a TLS message out of order", NULL},
	{SSL_R_UNEXPECTED_RECORD, "the server sends a TLS record out of order", NULL},
	{SSL_R_BAD_CHANGE_CIPHER_SPEC, "the server sends a malformed TLS message", NULL},
	{SSL_R_CERT_LENGTH_MISMATCH, "the server sends a malformed certificate message", NULL},
	{SSL_R_BAD_ECC_CERT, "the server's certificate is malformed", NULL},
	{SSL_R_WRONG_CERTIFICATE_TYPE,
	 "the server's certificate has another type of key than it negotiated", NULL},
	{SSL_R_UNKNOWN_CERTIFICATE_TYPE,
	 "the server's certificate has a key that OpenSSL does not know", NULL},
	{SSL_R_UNABLE_TO_FIND_PUBLIC_KEY_PARAMETERS, "the server's certificate has a malformed key",
	 NULL},
	{SSL_R_WRONG_CIPHER_RETURNED, "the server picks a cipher that was not offered", NULL},
	{SSL_R_UNKNOWN_CIPHER_RETURNED, "the server picks a cipher that was not offered", NULL},
	{SSL_R_BAD_DH_VALUE, "the server's Diffie-Hellman parameters are broken", NULL},
	{SSL_R_DH_KEY_TOO_SMALL, "the server's Diffie-Hellman key is too small", NULL},
	{SSL_R_BAD_ECPOINT, "the server's elliptic curve parameters are broken", NULL},
	{SSL_R_DIGEST_CHECK_FAILED, "the server's Finished message is wrong", NULL},
	{SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "a TLS record was damaged on the way", NULL},
	{SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED, "the server has no secure renegotiation", NULL},
	{SSL_R_WRONG_VERSION_NUMBER, "the server's answer is not TLS", "is this the right port?"},
	{SSL_R_HTTP_REQUEST, "the server's answer is not TLS", "is this the right port?"},
	{SSL_R_PACKET_LENGTH_TOO_LONG, "the server's answer is not TLS", "is this the right port?"},
	{SSL_R_RECORD_LENGTH_MISMATCH, "the server's answer is not TLS", "is this the right port?"},
};

static const char *plain_greeting(const probe *probe) {
	const char *bytes = (const char *)probe->first_bytes;
	for (size_t i = 0; i < sizeof(plain_greetings) / sizeof(plain_greetings[0]); i++) {
		if (strncmp(bytes, plain_greetings[i].start, strlen(plain_greetings[i].start)) == 0) {
			return plain_greetings[i].words;
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
					 "is this the right port, and is TLS switched on there?", "no TLS: %s",
					 greeting != NULL ? greeting : "the server answers in plain text");
	return true;
}

static void say_alert(probe *probe, int alert) {
	for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++) {
		if (alerts[i].alert == alert) {
			observation_fail(probe->seen, STEP_HANDSHAKE, alerts[i].advice,
							 "the server refuses the TLS handshake (alert \"%s\")",
							 alerts[i].words);
			return;
		}
	}
	observation_fail(probe->seen, STEP_HANDSHAKE, NULL,
					 "the server refuses the TLS handshake (alert %d)", alert);
}

static void say_reason(probe *probe, unsigned long error) {
	int reason = ERR_GET_REASON(error);
	for (size_t i = 0;
		 ERR_GET_LIB(error) == ERR_LIB_SSL && i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].reason == reason) {
			observation_fail(probe->seen, STEP_HANDSHAKE, reasons[i].advice, "%s",
							 reasons[i].words);
			return;
		}
	}
	/* `openssl errstr` tells what the number means. */
	observation_fail(probe->seen, STEP_HANDSHAKE, NULL, "TLS handshake failed: OpenSSL error %08lX",
					 error);
}

static void say_lost(probe *probe, int system_error) {
	const char *when =
		probe->first_bytes_known ? "during the handshake" : "at once, before it said anything";
	if (system_error == 0) {
		observation_fail(probe->seen, STEP_HANDSHAKE, NULL, "the server closed the connection %s",
						 when);
	} else if (system_error == ECONNRESET || system_error == EPIPE) {
		observation_fail(probe->seen, STEP_HANDSHAKE,
						 "overloaded, an access list, or a proxy without a backend?",
						 "the server reset the connection %s", when);
	} else {
		observation_fail(probe->seen, STEP_HANDSHAKE, NULL, "the connection broke %s: %s", when,
						 strerror(system_error));
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
