/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "file.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file in memory, or why not. */
typedef struct {
	unsigned char *bytes; /* owned */
	size_t size;
	const char *problem; /* static; NULL: none */
} contents;

/* strerror()'s words are used before the next call, so no copy is kept. */
static contents contents_problem(contents result, const char *problem) {
	free(result.bytes);
	return (contents){.problem = problem};
}

static contents contents_read(const char *path) {
	contents result = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		return contents_problem(result, strerror(errno));
	}
	struct stat status;
	if (fstat(fd, &status) != 0) {
		result = contents_problem(result, strerror(errno));
	} else if (!S_ISREG(status.st_mode)) {
		result = contents_problem(result, S_ISDIR(status.st_mode) ? "is a directory"
																  : "is not a regular file");
	} else if (status.st_size > FILE_BYTES_MAX) {
		result = contents_problem(result, "larger than 16 MiB");
	} else if ((result.bytes = malloc((size_t)status.st_size + 1)) == NULL) {
		result = contents_problem(result, "out of memory");
	}
	while (result.problem == NULL && result.size < (size_t)status.st_size) {
		ssize_t got = read(fd, result.bytes + result.size, (size_t)status.st_size - result.size);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			result = contents_problem(result, strerror(errno));
		}
		if (got <= 0) {
			break;
		}
		result.size += (size_t)got;
	}
	close(fd);
	return result;
}

/* The certificates found, and how many places looked like one but were not readable. */
typedef struct {
	STACK_OF(X509) * certificates; /* owned */
	size_t damaged;
	bool cut; /* more than FILE_CERTIFICATES_MAX */
} findings;

static void read_der(findings *out, const contents *contents) {
	const unsigned char *at = contents->bytes;
	const unsigned char *end = contents->bytes + contents->size;
	while (at < end && *at == 0x30) {
		X509 *x509 = d2i_X509(NULL, &at, end - at);
		if (x509 == NULL) {
			out->damaged++;
			return;
		}
		if (sk_X509_num(out->certificates) >= FILE_CERTIFICATES_MAX) {
			out->cut = true;
			X509_free(x509);
			return;
		}
		sk_X509_push(out->certificates, x509);
	}
}

static void read_pem(findings *out, const contents *contents) {
	BIO *memory = BIO_new_mem_buf(contents->bytes, (int)contents->size);
	while (memory != NULL && !out->cut) {
		X509 *x509 = PEM_read_bio_X509(memory, NULL, NULL, NULL);
		if (x509 != NULL) {
			out->cut = sk_X509_num(out->certificates) >= FILE_CERTIFICATES_MAX;
			if (out->cut || sk_X509_push(out->certificates, x509) == 0) {
				X509_free(x509);
			}
			continue;
		}
		if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) {
			break;
		}
		out->damaged++;
		ERR_clear_error();
	}
	BIO_free(memory);
}

static bool contains(const contents *contents, const char *text) {
	return memmem(contents->bytes, contents->size, text, strlen(text)) != NULL;
}

/* What a file without a certificate is instead. */
static const char *what_it_is(const contents *contents) {
	if (contents->size == 0) {
		return "is empty";
	}
	if (contains(contents, "PRIVATE KEY-----")) {
		return "holds a private key, not a certificate";
	}
	if (contains(contents, "CERTIFICATE REQUEST-----")) {
		return "holds a certificate request, not a certificate";
	}
	return "holds no certificate (neither PEM nor DER)";
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

static bool issues_another(STACK_OF(X509) * all, int index) {
	X509 *issuer = sk_X509_value(all, index);
	for (int i = 0; i < sk_X509_num(all); i++) {
		if (i != index && has_issued(issuer, sk_X509_value(all, i))) {
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

static bool observe_groups(file_observations *out, const char *path, STACK_OF(X509) * all,
						   verify_terms terms, verify_name name) {
	int count = sk_X509_num(all);
	bool *used = calloc((size_t)count + 1, sizeof(*used));
	bool done = used != NULL;
	/* First those that issued no other; then what only such circles as cross-signatures leave over. */
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < count && done; i++) {
			if (used[i] || (pass == 0 && issues_another(all, i))) {
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
			done = set_label(&out->labels[i], path, leaf, name_is_shared(sorted, groups, leaf->name));
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
	observation_fail(seen, STEP_FILE, NULL, "%s: %s", path, problem);
	return true;
}

bool file_observe(file_observations *out, const char *path, bool found_by_search,
				  verify_terms terms, verify_name name) {
	*out = (file_observations){0};
	contents contents = contents_read(path);
	if (contents.problem != NULL) {
		return observe_problem(out, path, contents.problem) && set_labels(out, path);
	}
	findings found = {.certificates = sk_X509_new_null()};
	bool done = found.certificates != NULL;
	if (done && contents.size > 0 && contents.bytes[0] == 0x30) {
		read_der(&found, &contents);
	} else if (done) {
		read_pem(&found, &contents);
	}
	ERR_clear_error();
	if (done) {
		drop_duplicates(found.certificates);
		done = observe_groups(out, path, found.certificates, terms, name);
	}
	if (done && found.damaged > 0) {
		done = observe_problem(out, path, "a certificate in it is truncated or damaged");
	} else if (done && found.cut) {
		done = observe_problem(out, path, "more than 5000 certificates; the rest was not read");
	} else if (done && out->count == 0 && !found_by_search) {
		done = observe_problem(out, path, what_it_is(&contents));
	}
	sk_X509_pop_free(found.certificates, X509_free);
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
