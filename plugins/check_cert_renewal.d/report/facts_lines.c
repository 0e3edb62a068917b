/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts_lines.h"

#include "../judge/forecast.h"
#include "words.h"

#include <string.h>

typedef struct {
	void (*print)(void *, const line *);
	void *context;
} printer;

static void print(const printer *printer, const line *line) {
	printer->print(printer->context, line);
}

static void outside_line(const printer *printer, const char *title, const char *text) {
	line line;
	line_init(&line);
	line_add(&line, "%s: ", title);
	line_add_outside(&line, text, LINE_MAX_BYTES);
	print(printer, &line);
}

static void names_line(const printer *printer, const certificate *certificate) {
	if (certificate->san_count == 0) {
		return;
	}
	line line;
	line_init(&line);
	line_add(&line, "names: ");
	for (size_t i = 0; i < certificate->san_count; i++) {
		line_add(&line, i > 0 ? ", " : "");
		line_add_outside(&line, strchr(certificate->san[i], ':') + 1, 253);
	}
	if (certificate->san_total > certificate->san_count) {
		line_add(&line, " and %zu more", certificate->san_total - certificate->san_count);
	}
	print(printer, &line);
}

static void validity_line(const printer *printer, const report_entry *entry,
						  const certificate *certificate) {
	if (!certificate->not_before_known || !certificate->not_after_known) {
		return;
	}
	line line;
	line_init(&line);
	line_add(&line, "valid: ");
	words_timestamp(&line, certificate->not_before);
	line_add(&line, " to ");
	words_timestamp(&line, certificate->not_after);
	line_add(&line, ", lifetime ");
	words_duration(&line, (double)certificate_lifetime(certificate));
	print(printer, &line);

	line_init(&line);
	line_add(&line, "renewal due: ");
	words_duration(&line, entry->verdict.due.seconds);
	static const char *const sources[] = {
		[DUE_FROM_OPTION] = "--renew-before",      [DUE_FROM_ARI] = "the CA's own word (ARI)",
		[DUE_FROM_HISTORY] = "what history shows", [DUE_FROM_CLIENT] = "the client's rule",
		[DUE_FROM_LIFETIME] = "the lifetime",
	};
	line_add(&line, " before the end, by %s; warning under ", sources[entry->verdict.due.source]);
	words_duration(&line, entry->verdict.warning.seconds);
	line_add(&line, ", critical under ");
	words_duration(&line, entry->verdict.critical.seconds);
	print(printer, &line);
}

static void fingerprint_line(const printer *printer, const certificate *certificate) {
	line line;
	line_init(&line);
	line_add(&line, "sha256: ");
	for (size_t i = 0; i < sizeof(certificate->sha256); i++) {
		line_add(&line, i > 0 ? ":%02X" : "%02X", certificate->sha256[i]);
	}
	print(printer, &line);
}

static void certificate_lines(const printer *printer, const report_entry *entry,
							  const certificate *certificate) {
	outside_line(printer, "subject", certificate->subject);
	outside_line(printer, "issuer", certificate->issuer);
	names_line(printer, certificate);
	validity_line(printer, entry, certificate);
	line line;
	line_init(&line);
	line_add(&line, "key: %s %d bits, signature ", certificate->key_type, certificate->key_bits);
	line_add_outside(&line, certificate->signature, 100);
	print(printer, &line);
	outside_line(printer, "serial", certificate->serial);
	fingerprint_line(printer, certificate);
}

static void connection_line(const printer *printer, const observation *seen) {
	if (seen->tls_version == NULL) {
		return;
	}
	line line;
	line_init(&line);
	line_add(&line,
			 "connection: %s port %u, %s, %s; resolved in %.3f s, connected in %.3f s, "
			 "handshake in %.3f s",
			 seen->address, (unsigned)seen->port, seen->tls_version, seen->cipher,
			 seen->seconds_resolve, seen->seconds_connect, seen->seconds_handshake);
	print(printer, &line);
}

static void chain_lines(const printer *printer, const char *title, const chain *chain) {
	for (size_t i = 0; i < chain->count; i++) {
		const certificate *certificate = &chain->certificates[i];
		line line;
		line_init(&line);
		line_add(&line, "%s %zu: ", title, i);
		line_add_outside(&line, certificate->subject, 200);
		line_add(&line, ", issued by ");
		line_add_outside(&line, certificate->issuer, 200);
		if (certificate->not_after_known) {
			line_add(&line, ", until ");
			words_timestamp(&line, certificate->not_after);
		}
		print(printer, &line);
	}
}

static void attempt_lines(const printer *printer, const observation *seen) {
	for (size_t i = 0; i < seen->attempt_count; i++) {
		const char *failure = seen->attempts[i].failure;
		line line;
		line_init(&line);
		line_add(&line, "address %s: %s", seen->attempts[i].address,
				 failure != NULL ? failure : "answered");
		print(printer, &line);
	}
}

static void forecast_line(line *line, const forecast_row *row) {
	line_add(line, "forecast, lifetime %d days: ", row->days);
	switch (row->verdict) {
	case FORECAST_RHYTHM_IMPOSSIBLE:
		line_add(line, "renewing ");
		words_duration(line, row->due);
		line_add(line,
				 row->due > 0 ? " before the end is impossible" : " after the end is too late");
		return;
	case FORECAST_WARNS_ALWAYS:
		line_add(line, "the %s limit of ", row->critical ? "critical" : "warning");
		words_duration(line, row->limit);
		line_add(line, " is longer than the lifetime and would alert always");
		return;
	case FORECAST_WARNS_HEALTHY:
		line_add(line, "the %s limit of ", row->critical ? "critical" : "warning");
		words_duration(line, row->limit);
		line_add(line, " would alert on every healthy certificate, which is renewed ");
		words_duration(line, row->due);
		line_add(line, " before its end");
		return;
	case FORECAST_HOLDS:
		line_add(line, "holds: renewal due ");
		words_duration(line, row->due);
		line_add(line, " before the end, warning under ");
		words_duration(line, row->limit);
		return;
	}
}

void forecast_lines(const report_entry *entry, void (*print)(void *, const line *), void *context) {
	forecast_row rows[FORECAST_ROWS];
	forecast(rows, &entry->verdict, entry->policy);
	for (size_t i = 0; i < FORECAST_ROWS; i++) {
		line line;
		line_init(&line);
		forecast_line(&line, &rows[i]);
		print(context, &line);
	}
}

void facts_lines(const report_entry *entry, int verbose, void (*print)(void *, const line *),
				 void *context) {
	printer printer = {print, context};
	const observation *seen = entry->seen;
	if (seen->served.count > 0) {
		certificate_lines(&printer, entry, &seen->served.certificates[0]);
	}
	connection_line(&printer, seen);
	if (verbose > 1) {
		chain_lines(&printer, seen->file != NULL ? "in the file" : "served", &seen->served);
		chain_lines(&printer, "path", &seen->verification.path);
		attempt_lines(&printer, seen);
	}
}
