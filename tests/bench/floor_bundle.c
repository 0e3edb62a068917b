/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The floor of reading a bundle of certificates: a loop of PEM_read_X509.
 * bench.py compares the plugin's -f with it.
 *
 * usage: floor_bundle FILE
 * Prints the number of certificates and the soonest notAfter, exit 0; otherwise exit 1.
 */

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>

int main(int argc, char **argv) {
	FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
	if (file == NULL) {
		fputs("usage: floor_bundle FILE\n", stderr);
		return 1;
	}
	size_t count = 0;
	ASN1_TIME *soonest = NULL;
	for (X509 *cert; (cert = PEM_read_X509(file, NULL, NULL, NULL)) != NULL; X509_free(cert)) {
		count++;
		const ASN1_TIME *ends = X509_get0_notAfter(cert);
		if (soonest == NULL || ASN1_TIME_compare(ends, soonest) < 0) {
			ASN1_TIME_free(soonest);
			soonest = ASN1_STRING_dup(ends);
		}
	}
	fclose(file);
	/* The end of the file is the one error that ends a good bundle. */
	int good = count > 0 && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	if (good) {
		printf("%zu certificates, soonest end ", count);
		fflush(stdout);
		BIO *out = BIO_new_fp(stdout, BIO_NOCLOSE);
		good = out != NULL && ASN1_TIME_print(out, soonest) == 1;
		BIO_free(out);
		puts("");
	} else {
		ERR_print_errors_fp(stderr);
	}
	ASN1_TIME_free(soonest);
	return good ? 0 : 1;
}
