/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "file.h"

#include "../language.h"
#include "contents.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes the certificates out of a file's contents one by one. */
typedef struct reader {
	const contents *contents;
	BIO *pem;                 /* NULL: DER */
	const unsigned char *der; /* what is left */
	int count;
	size_t damaged; /* places that looked like a certificate but were not readable */
	bool cut;       /* more than FILE_CERTIFICATES_MAX */
} reader;

static bool reader_open(reader *reader, const contents *contents) {
	bool is_der = contents->size > 0 && contents->bytes[0] == 0x30;
	*reader = (struct reader){.contents = contents, .der = contents->bytes};
	reader->pem = is_der ? NULL : BIO_new_mem_buf(contents->bytes, (int)contents->size);
	return is_der || reader->pem != NULL;
}

static void reader_close(reader *reader) {
	BIO_free(reader->pem);
	ERR_clear_error();
}

static X509 *read_der(reader *reader) {
	const unsigned char *end = reader->contents->bytes + reader->contents->size;
	if (reader->der >= end || *reader->der != 0x30) {
		return NULL;
	}
	X509 *x509 = d2i_X509(NULL, &reader->der, end - reader->der);
	if (x509 == NULL) {
		reader->damaged++;
		reader->der = end;
	}
	return x509;
}

static X509 *read_pem(reader *reader) {
	static char no_passphrase[] =
		""; /* without one, OpenSSL asks for it on the terminal, and waits */
	for (;;) {
		X509 *x509 = PEM_read_bio_X509_AUX(reader->pem, NULL, NULL, no_passphrase);
		if (x509 != NULL || ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) {
			return x509;
		}
		reader->damaged++;
		ERR_clear_error();
	}
}

/* The next certificate, owned by the caller; NULL at the end. */
static X509 *reader_next(reader *reader) {
	X509 *x509 = reader->pem != NULL ? read_pem(reader) : read_der(reader);
	if (x509 != NULL && reader->count == FILE_CERTIFICATES_MAX) {
		reader->cut = true;
		X509_free(x509);
		return NULL;
	}
	reader->count += x509 != NULL;
	return x509;
}

static bool contains(const contents *contents, const char *text) {
	return memmem(contents->bytes, contents->size, text, strlen(text)) != NULL;
}

/* What a file without a certificate is instead. */
static const char *what_it_is(const contents *contents) {
	if (contents->size == 0) {
		return _("is empty");
	}
	if (contains(contents, "PRIVATE KEY-----")) {
		return _("holds a private key, not a certificate");
	}
	if (contains(contents, "CERTIFICATE REQUEST-----")) {
		return _("holds a certificate request, not a certificate");
	}
	return _("holds no certificate (neither PEM nor DER)");
}

/* A chain ends at a root: two roots of one name and key are two certificates, not a chain. */
static bool has_issued(X509 *issuer, X509 *subject) {
	const X509_NAME *name = X509_get_issuer_name(subject);
	return issuer != subject && X509_NAME_cmp(name, X509_get_subject_name(issuer)) == 0 &&
		   X509_NAME_cmp(name, X509_get_subject_name(subject)) != 0 &&
		   X509_check_issued(issuer, subject) == X509_V_OK;
}

static bool stack_has(STACK_OF(X509) * stack, const X509 *x509) {
	for (int i = 0; i < sk_X509_num(stack); i++) {
		if (sk_X509_value(stack, i) == x509) {
			return true;
		}
	}
	return false;
}

/* The chain of the leaf at that index, and which certificates it uses. Borrowed certificates. */
static STACK_OF(X509) * group_from(STACK_OF(X509) * all, int leaf, bool *used) {
	STACK_OF(X509) *group = sk_X509_new_null();
	for (int at = leaf; group != NULL && at >= 0;) {
		X509 *current = sk_X509_value(all, at);
		if (sk_X509_push(group, current) == 0) {
			break;
		}
		used[at] = true;
		int next = -1;
		for (int i = 0; i < sk_X509_num(all) && next < 0; i++) {
			X509 *candidate = sk_X509_value(all, i);
			if (has_issued(candidate, current) && !stack_has(group, candidate)) {
				next = i;
			}
		}
		at = next;
	}
	return group;
}

/* Has it issued another certificate, or one that is used already? */
static bool issues_another(STACK_OF(X509) * all, int index, const bool *among) {
	X509 *issuer = sk_X509_value(all, index);
	for (int i = 0; i < sk_X509_num(all); i++) {
		bool counts = i != index && (among == NULL || among[i]);
		if (counts && has_issued(issuer, sk_X509_value(all, i))) {
			return true;
		}
	}
	return false;
}

/* Issuer and serial number tell nearly all apart, at less cost than X509_cmp(). */
static bool is_same(X509 *left, X509 *right) {
	return ASN1_INTEGER_cmp(X509_get0_serialNumber(left), X509_get0_serialNumber(right)) == 0 &&
		   X509_NAME_cmp(X509_get_issuer_name(left), X509_get_issuer_name(right)) == 0 &&
		   X509_cmp(left, right) == 0;
}

static void drop_duplicates(STACK_OF(X509) * all) {
	for (int i = sk_X509_num(all) - 1; i > 0; i--) {
		for (int j = 0; j < i; j++) {
			if (is_same(sk_X509_value(all, i), sk_X509_value(all, j))) {
				X509_free(sk_X509_delete(all, i));
				break;
			}
		}
	}
}

static observation *observations_add(file_observations *out, const char *path) {
	size_t size = out->count + 1;
	observation *observations = realloc(out->observations, size * sizeof(*observations));
	out->observations = observations != NULL ? observations : out->observations;
	char **labels = realloc(out->labels, size * sizeof(*labels));
	out->labels = labels != NULL ? labels : out->labels;
	if (observations == NULL || labels == NULL) {
		return NULL;
	}
	observation *added = &observations[out->count];
	observation_init(added);
	added->file = strdup(path);
	labels[out->count] = NULL;
	out->count = size;
	return added->file != NULL ? added : NULL;
}

static bool observe_group(file_observations *out, const char *path, STACK_OF(X509) * group,
						  verify_terms terms, verify_name name) {
	observation *seen = observations_add(out, path);
	if (seen == NULL || !chain_read(&seen->served, group, terms.detail)) {
		return false;
	}
	return verification_run(&seen->verification, terms, sk_X509_value(group, 0), group, name);
}

static bool is_root(X509 *x509) {
	return X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0;
}

/* Was a certificate like the last one observed before it? */
static bool last_is_repeated(const file_observations *out) {
	const certificate *last = &out->observations[out->count - 1].served.certificates[0];
	for (size_t i = 0; i + 1 < out->count; i++) {
		const certificate *other = &out->observations[i].served.certificates[0];
		if (strcmp(last->serial, other->serial) == 0 && strcmp(last->name, other->name) == 0 &&
			last->not_before == other->not_before && last->not_after == other->not_after) {
			return true;
		}
	}
	return false;
}

static bool observe_root(file_observations *out, const char *path, X509 *root, verify_terms terms,
						 verify_name name) {
	STACK_OF(X509) *group = sk_X509_new_null();
	bool done = group != NULL && sk_X509_push(group, root) > 0 &&
				observe_group(out, path, group, terms, name);
	sk_X509_free(group);
	if (done && last_is_repeated(out)) {
		observation_free(&out->observations[--out->count]);
	}
	return done;
}

/*
 * A bundle of roots needs no search for chains, so each one is let go as soon as it is observed.
 * Stops at the first certificate that is no root, with *only_roots false.
 */
static bool observe_roots(file_observations *out, const char *path, reader *reader,
						  verify_terms terms, verify_name name, bool *only_roots) {
	bool done = true;
	*only_roots = true;
	for (X509 *x509; done && *only_roots && (x509 = reader_next(reader)) != NULL;) {
		*only_roots = is_root(x509);
		done = !*only_roots || observe_root(out, path, x509, terms, name);
		X509_free(x509);
	}
	return done;
}

static bool observe_groups(file_observations *out, const char *path, STACK_OF(X509) * all,
						   verify_terms terms, verify_name name) {
	int count = sk_X509_num(all);
	bool *used = calloc((size_t)count + 1, sizeof(*used));
	bool done = used != NULL;
	/* First those that issued no other; then what only such circles as cross-signatures leave over.
	 */
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < count && done; i++) {
			if (used[i] || issues_another(all, i, pass == 0 ? NULL : used)) {
				continue;
			}
			STACK_OF(X509) *group = group_from(all, i, used);
			done = group != NULL && observe_group(out, path, group, terms, name);
			sk_X509_free(group);
		}
	}
	free(used);
	return done;
}

static bool observe_chains(file_observations *out, const char *path, reader *reader,
						   verify_terms terms, verify_name name) {
	STACK_OF(X509) *all = sk_X509_new_null();
	bool done = all != NULL;
	for (X509 *x509; done && (x509 = reader_next(reader)) != NULL;) {
		done = sk_X509_push(all, x509) > 0;
		if (!done) {
			X509_free(x509);
		}
	}
	if (done) {
		drop_duplicates(all);
		done = observe_groups(out, path, all, terms, name);
	}
	sk_X509_pop_free(all, X509_free);
	return done;
}

static int compare_names(const void *left, const void *right) {
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Names that stand for more than one certificate of the file need the serial number beside them. */
static bool name_is_shared(char **sorted, size_t count, const char *name) {
	char **found = bsearch(&name, sorted, count, sizeof(*sorted), compare_names);
	return found != NULL && ((found > sorted && strcmp(found[-1], name) == 0) ||
							 (found + 1 < sorted + count && strcmp(found[1], name) == 0));
}

static bool set_label(char **label, const char *path, const certificate *leaf, bool shared) {
	int length = shared ? asprintf(label, "%s: %s %s", path, leaf->name, leaf->serial)
						: asprintf(label, "%s: %s", path, leaf->name);
	return length >= 0;
}

static bool set_labels(file_observations *out, const char *path) {
	size_t groups = 0;
	char **sorted = calloc(out->count + 1, sizeof(*sorted));
	if (sorted == NULL) {
		return false;
	}
	for (size_t i = 0; i < out->count; i++) {
		if (out->observations[i].served.count > 0) {
			sorted[groups++] = out->observations[i].served.certificates[0].name;
		}
	}
	qsort(sorted, groups, sizeof(*sorted), compare_names);
	bool done = true;
	for (size_t i = 0; i < out->count && done; i++) {
		const chain *served = &out->observations[i].served;
		if (groups > 1 && served->count > 0) {
			const certificate *leaf = &served->certificates[0];
			done =
				set_label(&out->labels[i], path, leaf, name_is_shared(sorted, groups, leaf->name));
		} else {
			done = (out->labels[i] = strdup(path)) != NULL;
		}
	}
	free(sorted);
	return done;
}

/* A file that holds nothing usable, or something unusable too. */
static bool observe_problem(file_observations *out, const char *path, const char *problem) {
	observation *seen = observations_add(out, path);
	if (seen == NULL) {
		return false;
	}
	observation_fail(seen, STEP_FILE, NULL, "%s", problem);
	return true;
}

/* Observes every certificate; what was wrong with the file as a whole is left in the reader. */
static bool observe_contents(file_observations *out, const char *path, reader *reader,
							 const contents *contents, verify_terms terms, verify_name name) {
	bool only_roots = false;
	if (!reader_open(reader, contents)) {
		return false;
	}
	bool done = observe_roots(out, path, reader, terms, name, &only_roots);
	reader_close(reader);
	if (!done || only_roots) {
		return done;
	}
	file_observations_free(out);
	if (!reader_open(reader, contents)) {
		return false;
	}
	done = observe_chains(out, path, reader, terms, name);
	reader_close(reader);
	return done;
}

bool file_observe(file_observations *out, const char *path, bool found_by_search,
				  verify_terms terms, verify_name name) {
	*out = (file_observations){0};
	contents contents = contents_read(path, FILE_BYTES_MAX);
	if (contents.problem != NULL) {
		const char *problem = contents.too_large ? _("larger than 16 MiB") : contents.problem;
		return observe_problem(out, path, problem) && set_labels(out, path);
	}
	reader reader;
	bool done = observe_contents(out, path, &reader, &contents, terms, name);
	if (done && reader.damaged > 0) {
		done = observe_problem(out, path, _("a certificate in it is truncated or damaged"));
	} else if (done && reader.cut) {
		done = observe_problem(out, path, _("more than 5000 certificates; the rest was not read"));
	} else if (done && out->count == 0 && !found_by_search) {
		done = observe_problem(out, path, what_it_is(&contents));
	}
	free(contents.bytes);
	return done && set_labels(out, path);
}

void file_observations_free(file_observations *observations) {
	for (size_t i = 0; i < observations->count; i++) {
		observation_free(&observations->observations[i]);
		free(observations->labels[i]);
	}
	free(observations->observations);
	free(observations->labels);
	*observations = (file_observations){0};
}
