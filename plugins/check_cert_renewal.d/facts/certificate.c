/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "certificate.h"

#include "../calendar.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A copy of outside bytes as a string: cut to size, NUL replaced by another control character. */
static char *copy_bytes(const void *bytes, size_t length) {
	if (length > CERTIFICATE_NAME_MAX) {
		length = CERTIFICATE_NAME_MAX;
	}
	char *copy = malloc(length + 1);
	if (copy == NULL) {
		return NULL;
	}
	if (length > 0) {
		memcpy(copy, bytes, length);
	}
	copy[length] = '\0';
	for (size_t i = 0; i < length; i++) {
		if (copy[i] == '\0') {
			copy[i] = '\x01';
		}
	}
	return copy;
}

static char *copy_string(const char *string) { return copy_bytes(string, strlen(string)); }

/* The whole name on one line, most specific part first. */
static char *name_line(const X509_NAME *name) {
	const unsigned long flags = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
	BIO *memory = BIO_new(BIO_s_mem());
	if (memory == NULL) {
		return NULL;
	}
	if (X509_NAME_print_ex(memory, name, 0, flags) < 0) {
		/* A string that is not what its type says: take its bytes as they are. */
		(void)BIO_reset(memory);
		X509_NAME_print_ex(memory, name, 0, flags & ~(unsigned long)ASN1_STRFLGS_UTF8_CONVERT);
	}
	char *bytes = NULL;
	long length = BIO_get_mem_data(memory, &bytes);
	char *line = copy_bytes(bytes, length > 0 ? (size_t)length : 0);
	BIO_free(memory);
	return line;
}

/* The last (most specific) value of that kind; *found tells whether there is one. */
static char *name_part(const X509_NAME *name, int nid, bool *found) {
	int last = -1;
	for (int at = -1; (at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0;) {
		last = at;
	}
	*found = last >= 0;
	if (last < 0) {
		return NULL;
	}
	const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last));
	unsigned char *utf8 = NULL;
	int length = ASN1_STRING_to_UTF8(&utf8, value);
	if (length < 0) {
		return copy_bytes(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
	}
	char *copy = copy_bytes(utf8, (size_t)length);
	OPENSSL_free(utf8);
	return copy;
}

/* The common name, else the part second_nid (NID_undef: none), else otherwise, else the whole name.
 */
static char *short_name(const X509_NAME *name, int second_nid, const char *otherwise) {
	bool found = false;
	char *part = name_part(name, NID_commonName, &found);
	if (!found && second_nid != NID_undef) {
		part = name_part(name, second_nid, &found);
	}
	if (found) {
		return part;
	}
	return otherwise != NULL ? copy_string(otherwise) : name_line(name);
}

/*
 * X509_cmp_time(), by which certificates are verified, is strict (RFC 5280, section 4.1.2.5:
 * seconds, no fractions, Z); ASN1_TIME_to_tm() alone takes more forms than that.
 */
static bool time_read(const ASN1_TIME *asn1, int64_t *seconds) {
	struct tm tm;
	time_t any = 0;
	if (asn1 == NULL || X509_cmp_time(asn1, &any) == 0 || ASN1_TIME_to_tm(asn1, &tm) != 1) {
		return false;
	}
	*seconds = calendar_seconds((calendar_time){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
												tm.tm_hour, tm.tm_min, tm.tm_sec});
	return true;
}

static char *serial_read(const X509 *x509) {
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
	char *hex = number != NULL ? BN_bn2hex(number) : NULL;
	char *copy = copy_string(hex != NULL ? hex : "");
	OPENSSL_free(hex);
	BN_free(number);
	return copy;
}

/* "dns:NAME" or "ip:ADDRESS"; NULL for other kinds, and where memory runs out (*failed is set). */
static char *san_entry(const GENERAL_NAME *entry, bool *failed) {
	char text[CERTIFICATE_NAME_MAX];
	int length = 0;
	if (entry->type == GEN_DNS) {
		const ASN1_STRING *name = entry->d.dNSName;
		length = snprintf(text, sizeof(text), "dns:");
		size_t room = sizeof(text) - (size_t)length;
		size_t size = (size_t)ASN1_STRING_length(name);
		size = size < room ? size : room;
		memcpy(text + length, ASN1_STRING_get0_data(name), size);
		length += (int)size;
	} else if (entry->type == GEN_IPADD) {
		const ASN1_STRING *bytes = entry->d.iPAddress;
		int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
		char address[INET6_ADDRSTRLEN];
		if ((family == AF_INET6 && ASN1_STRING_length(bytes) != 16) ||
			inet_ntop(family, ASN1_STRING_get0_data(bytes), address, sizeof(address)) == NULL) {
			return NULL;
		}
		length = snprintf(text, sizeof(text), "ip:%s", address);
	} else {
		return NULL;
	}
	char *copy = copy_bytes(text, (size_t)length);
	*failed = copy == NULL;
	return copy;
}

static bool san_read(certificate *out, const X509 *x509) {
	GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	if (names == NULL) {
		return true;
	}
	int total = sk_GENERAL_NAME_num(names);
	size_t room = total < CERTIFICATE_SAN_MAX ? (size_t)total : CERTIFICATE_SAN_MAX;
	out->san = calloc(room > 0 ? room : 1, sizeof(*out->san));
	bool failed = out->san == NULL;
	for (int i = 0; i < total && !failed; i++) {
		const GENERAL_NAME *entry = sk_GENERAL_NAME_value(names, i);
		if (entry->type != GEN_DNS && entry->type != GEN_IPADD) {
			continue;
		}
		out->san_total++;
		if (out->san_count < room) {
			char *text = san_entry(entry, &failed);
			if (text != NULL) {
				out->san[out->san_count++] = text;
			}
		}
	}
	GENERAL_NAMES_free(names);
	return !failed;
}

static signature_weakness weakness_of_digest(int digest) {
	switch (digest) {
	case NID_md2:
	case NID_md4:
	case NID_md5:
	case NID_md5_sha1:
		return SIGNATURE_MD5;
	case NID_sha1:
		return SIGNATURE_SHA1;
	default:
		return SIGNATURE_OTHER;
	}
}

static void key_and_signature_read(certificate *out, X509 *x509) {
	const EVP_PKEY *key = X509_get0_pubkey(x509);
	const char *type = key != NULL ? EVP_PKEY_get0_type_name(key) : NULL;
	out->key_type = copy_string(type != NULL ? type : "unknown");
	out->key_bits = key != NULL ? EVP_PKEY_get_bits(key) : 0;

	int nid = X509_get_signature_nid(x509);
	int digest = NID_undef;
	if (OBJ_find_sigid_algs(nid, &digest, NULL) != 1 || digest == NID_undef) {
		/* RSA-PSS names its digest in the parameters. */
		X509_get_signature_info(x509, &digest, NULL, NULL, NULL);
	}
	out->signature_weakness = weakness_of_digest(digest);
	const char *algorithm = OBJ_nid2ln(nid);
	out->signature = copy_string(algorithm != NULL ? algorithm : "unknown");
}

/* X509_check_ca() would read and hash every extension. */
static bool ca_read(const X509 *x509) {
	BASIC_CONSTRAINTS *constraints = X509_get_ext_d2i(x509, NID_basic_constraints, NULL, NULL);
	bool is_ca = constraints != NULL && constraints->ca != 0;
	BASIC_CONSTRAINTS_free(constraints);
	return is_ca;
}

static bool details_read(certificate *out, X509 *x509) {
	out->subject = name_line(X509_get_subject_name(x509));
	out->issuer = name_line(X509_get_issuer_name(x509));
	return out->subject != NULL && out->issuer != NULL;
}

bool certificate_read(certificate *out, X509 *x509, facts_detail detail) {
	*out = (certificate){.is_ca = ca_read(x509)};
	const X509_NAME *subject = X509_get_subject_name(x509);
	const X509_NAME *issuer = X509_get_issuer_name(x509);
	out->self_issued = X509_NAME_cmp(subject, issuer) == 0;
	out->serial = serial_read(x509);
	out->not_before_known = time_read(X509_get0_notBefore(x509), &out->not_before);
	out->not_after_known = time_read(X509_get0_notAfter(x509), &out->not_after);
	key_and_signature_read(out, x509);

	bool complete = san_read(out, x509) && (detail != FACTS_DETAILED || details_read(out, x509));
	if (detail != FACTS_TO_JUDGE) {
		X509_digest(x509, EVP_sha256(), out->sha256, NULL);
	}
	if (complete) {
		const char *first_san = out->san_count > 0 ? strchr(out->san[0], ':') + 1 : NULL;
		out->name = short_name(subject, NID_undef, first_san);
		out->issuer_name = short_name(issuer, NID_organizationName, NULL);
	}
	if (!complete || out->name == NULL || out->issuer_name == NULL || out->serial == NULL ||
		out->key_type == NULL || out->signature == NULL) {
		certificate_free(out);
		return false;
	}
	return true;
}

void certificate_free(certificate *certificate) {
	free(certificate->subject);
	free(certificate->issuer);
	free(certificate->name);
	free(certificate->issuer_name);
	free(certificate->serial);
	for (size_t i = 0; i < certificate->san_count; i++) {
		free(certificate->san[i]);
	}
	free(certificate->san);
	free(certificate->key_type);
	free(certificate->signature);
	memset(certificate, 0, sizeof(*certificate));
}

bool chain_read(chain *out, const STACK_OF(X509) * stack, facts_detail detail) {
	*out = (chain){0};
	int count = sk_X509_num(stack); /* -1 for NULL */
	if (count <= 0) {
		return true;
	}
	out->certificates = calloc((size_t)count, sizeof(*out->certificates));
	if (out->certificates == NULL) {
		return false;
	}
	for (int i = 0; i < count; i++) {
		facts_detail wanted = i > 0 && detail == FACTS_FINGERPRINTED ? FACTS_TO_JUDGE : detail;
		if (!certificate_read(&out->certificates[i], sk_X509_value(stack, i), wanted)) {
			chain_free(out);
			return false;
		}
		out->count++;
	}
	return true;
}

void chain_free(chain *chain) {
	for (size_t i = 0; i < chain->count; i++) {
		certificate_free(&chain->certificates[i]);
	}
	free(chain->certificates);
	*chain = (struct chain){0};
}

int64_t certificate_remaining(const certificate *certificate, int64_t now) {
	return certificate->not_after - now;
}

int64_t certificate_lifetime(const certificate *certificate) {
	return certificate->not_after - certificate->not_before;
}
