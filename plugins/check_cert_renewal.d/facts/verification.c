/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verification.h"

#include "trust.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

/*
 * OpenSSL's own floor for TLS: security level 2, 112 bits. Set by hand, as the level that a system
 * configures differs, and the handshake itself is let through at level 0.
 */
enum {
	verify_level = 2
};

static verify_problem_kind kind_of_error(int error, int depth) {
	switch (error) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return VERIFY_HOSTNAME;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return VERIFY_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return VERIFY_NOT_YET_VALID;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return VERIFY_WEAK;
	case X509_V_ERR_INVALID_PURPOSE:
		return VERIFY_PURPOSE;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return VERIFY_SELF_SIGNED;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return VERIFY_UNTRUSTED_ROOT;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
		return depth == 0 ? VERIFY_ISSUER_MISSING : VERIFY_UNKNOWN_ISSUER;
	default:
		return VERIFY_OTHER;
	}
}

static void problem_add(verification *out, verify_problem_kind kind, int depth, const char *words) {
	for (size_t i = 0; i < out->problem_count; i++) {
		if (out->problems[i].kind == kind && out->problems[i].depth == depth &&
			out->problems[i].words == words) {
			return;
		}
	}
	if (out->problem_count < VERIFICATION_PROBLEMS_MAX) {
		out->problems[out->problem_count++] = (verify_problem){kind, depth, words};
	}
}

/*
 * Called by OpenSSL for each certificate and error: notes the error and goes on. An error that
 * stays set would end the search for a trust anchor before its own errors are told.
 */
static int gather(int ok, X509_STORE_CTX *context) {
	if (!ok) {
		int error = X509_STORE_CTX_get_error(context);
		int depth = X509_STORE_CTX_get_error_depth(context);
		problem_add(X509_STORE_CTX_get_app_data(context), kind_of_error(error, depth), depth,
					X509_verify_cert_error_string(error));
		X509_STORE_CTX_set_error(context, X509_V_OK);
	}
	return 1;
}

static bool parameters_set(X509_VERIFY_PARAM *parameters, verify_name name, int64_t at) {
	X509_VERIFY_PARAM_set_time(parameters, (time_t)at);
	X509_VERIFY_PARAM_set_auth_level(parameters, verify_level);
	if (name.dns_name != NULL) {
		return X509_VERIFY_PARAM_set1_host(parameters, name.dns_name, 0) == 1;
	}
	if (name.ip_address != NULL) {
		return X509_VERIFY_PARAM_set1_ip_asc(parameters, name.ip_address) == 1;
	}
	return true;
}

/* Would more trust anchors help? */
static bool lacks_anchor(const verification *out) {
	for (size_t i = 0; i < out->problem_count; i++) {
		switch (out->problems[i].kind) {
		case VERIFY_SELF_SIGNED:
		case VERIFY_ISSUER_MISSING:
		case VERIFY_UNKNOWN_ISSUER:
		case VERIFY_UNTRUSTED_ROOT:
			return true;
		default:
			break;
		}
	}
	return false;
}

static bool verify_once(verification *out, verify_terms terms, X509 *leaf,
						STACK_OF(X509) * untrusted, verify_name name) {
	verification_free(out);
	out->trust_asked = true;
	out->name_asked = name.dns_name != NULL || name.ip_address != NULL;
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	bool done = context != NULL &&
				X509_STORE_CTX_init(context, trust_store(terms.trust), leaf, untrusted) == 1 &&
				X509_STORE_CTX_set_default(context, "ssl_server") == 1 &&
				parameters_set(X509_STORE_CTX_get0_param(context), name, terms.at);
	if (done) {
		X509_STORE_CTX_set_app_data(context, out);
		X509_STORE_CTX_set_verify_cb(context, gather);
		/* A return of 0 or less without a problem gathered is an error of OpenSSL's own. */
		if (X509_verify_cert(context) <= 0 && out->problem_count == 0) {
			int error = X509_STORE_CTX_get_error(context);
			error = error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error;
			problem_add(out, VERIFY_OTHER, 0, X509_verify_cert_error_string(error));
		}
		STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(context);
		done = chain_read(&out->path, path,
						  terms.detail == FACTS_FINGERPRINTED ? FACTS_TO_JUDGE : terms.detail);
		out->public_root = done && out->path.count > 0 && !lacks_anchor(out) &&
						   trust_is_public(terms.trust, sk_X509_value(path, sk_X509_num(path) - 1));
	}
	X509_STORE_CTX_free(context);
	return done;
}

/* Verifies only that leaf is for the name, by the same rules. */
static void verify_name_only(verification *out, X509 *leaf, verify_name name) {
	int matches = 1;
	if (name.dns_name != NULL) {
		matches = X509_check_host(leaf, name.dns_name, 0, 0, NULL);
	} else if (name.ip_address != NULL) {
		matches = X509_check_ip_asc(leaf, name.ip_address, 0);
	} else {
		return;
	}
	out->name_asked = true;
	if (matches != 1) {
		int error =
			name.dns_name != NULL ? X509_V_ERR_HOSTNAME_MISMATCH : X509_V_ERR_IP_ADDRESS_MISMATCH;
		problem_add(out, VERIFY_HOSTNAME, 0, X509_verify_cert_error_string(error));
	}
}

bool verification_run(verification *out, verify_terms terms, X509 *leaf, STACK_OF(X509) * untrusted,
					  verify_name name) {
	if (terms.trust == NULL) {
		verify_name_only(out, leaf, name);
		return true;
	}
	bool done = verify_once(out, terms, leaf, untrusted, name);
	if (done && lacks_anchor(out) && trust_load_bundle(terms.trust)) {
		done = verify_once(out, terms, leaf, untrusted, name);
	}
	return done;
}

void verification_free(verification *verification) {
	chain_free(&verification->path);
	*verification = (struct verification){0};
}
