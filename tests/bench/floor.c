/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The floor of one check: the least an ordinary C program does with OpenSSL to know, verified,
 * how many days a served certificate has left. bench.py compares the plugin with it.
 *
 * usage: floor ADDR PORT NAME [DIR]
 *   ADDR  address (or name) to connect to; NAME  SNI, and the name verified;
 *   DIR   hashed directory of trust anchors, default the system's
 * Prints "N days left", exit 0; anything else prints why on stderr, exit 1.
 */

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int floor_connect(const char *addr, const char *port) {
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
	if (getaddrinfo(addr, port, &hints, &found) != 0) {
		return -1;
	}
	int fd = -1;
	for (struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next) {
		fd = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
		if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

int main(int argc, char **argv) {
	if (argc < 4) {
		fputs("usage: floor ADDR PORT NAME [DIR]\n", stderr);
		return 1;
	}
	int fd = floor_connect(argv[1], argv[2]);
	if (fd < 0) {
		perror("floor: connect");
		return 1;
	}
	int status = 1, days = 0, seconds = 0;
	X509 *leaf = NULL;
	SSL *ssl = NULL;
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	if (ctx != NULL && (argc > 4 ? SSL_CTX_load_verify_dir(ctx, argv[4])
								 : SSL_CTX_set_default_verify_dir(ctx)) == 1) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		ssl = SSL_new(ctx);
	}
	if (ssl != NULL && SSL_set_tlsext_host_name(ssl, argv[3]) == 1 &&
		SSL_set1_host(ssl, argv[3]) == 1 && SSL_set_fd(ssl, fd) == 1 && SSL_connect(ssl) == 1 &&
		(leaf = SSL_get1_peer_certificate(ssl)) != NULL &&
		ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(leaf)) == 1) {
		printf("%d days left\n", days);
		SSL_shutdown(ssl);
		status = 0;
	} else {
		ERR_print_errors_fp(stderr);
	}
	X509_free(leaf);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
	return status;
}
