/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts_lines.h"

#include "../judge/forecast.h"
#include "../language.h"
#include "phrase.h"

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
	line_add(&line, "%s: %s", title, phrase_outside(text, LINE_MAX_BYTES).text);
	print(printer, &line);
}

static void names_line(const printer *printer, const certificate *certificate) {
	if (certificate->san_count == 0) {
		return;
	}
	line line;
	line_init(&line);
	line_add(&line, "%s", _("names: "));
	for (size_t i = 0; i < certificate->san_count; i++) {
		line_add(&line, i > 0 ? ", " : "");
		line_add_outside(&line, strchr(certificate->san[i], ':') + 1, 253);
	}
	if (certificate->san_total > certificate->san_count) {
		size_t more = certificate->san_total - certificate->san_count;
		line_add(&line, ngettext(" and %zu more", " and %zu more", more), more);
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
	line_add(&line, _("valid: %s to %s, lifetime %s"),
			 phrase_timestamp(certificate->not_before).text,
			 phrase_timestamp(certificate->not_after).text,
			 phrase_duration((double)certificate_lifetime(certificate)).text);
	print(printer, &line);

	static const char *const sources[] = {
		[DUE_FROM_OPTION] = "--renew-before",
		[DUE_FROM_ARI] = N_("the CA's own word (ARI)"),
		[DUE_FROM_HISTORY] = N_("what history shows"),
		[DUE_FROM_CLIENT] = N_("the client's rule"),
		[DUE_FROM_LIFETIME] = N_("the lifetime"),
	};
	const judgement *verdict = &entry->verdict;
	line_init(&line);
	line_add(&line, _("renewal due: %s before the end, by %s; warning under %s, critical under %s"),
			 phrase_duration(verdict->due.seconds).text, _(sources[verdict->due.source]),
			 phrase_duration(verdict->warning.seconds).text,
			 phrase_duration(verdict->critical.seconds).text);
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
	outside_line(printer, _("subject"), certificate->subject);
	outside_line(printer, _("issuer"), certificate->issuer);
	names_line(printer, certificate);
	validity_line(printer, entry, certificate);
	line line;
	line_init(&line);
	line_add(&line, _("key: %s %d bits, signature %s"), certificate->key_type,
			 certificate->key_bits, phrase_outside(certificate->signature, 100).text);
	print(printer, &line);
	outside_line(printer, _("serial"), certificate->serial);
	fingerprint_line(printer, certificate);
}

static void connection_line(const printer *printer, const observation *seen) {
	if (seen->tls_version == NULL) {
		return;
	}
	line line;
	line_init(&line);
	line_add(&line,
			 _("connection: %s port %u, %s, %s; resolved in %.3f s, connected in %.3f s, handshake "
			   "in %.3f s"),
			 seen->address, (unsigned)seen->port, seen->tls_version, seen->cipher,
			 seen->seconds_resolve, seen->seconds_connect, seen->seconds_handshake);
	print(printer, &line);
}

static void chain_lines(const printer *printer, const char *title, const chain *chain) {
	for (size_t i = 0; i < chain->count; i++) {
		const certificate *certificate = &chain->certificates[i];
		phrase subject = phrase_outside(certificate->subject, 200);
		phrase issuer = phrase_outside(certificate->issuer, 200);
		line line;
		line_init(&line);
		line_add(&line, "%s %zu: ", title, i);
		if (certificate->not_after_known) {
			line_add(&line, _("%s, issued by %s, until %s"), subject.text, issuer.text,
					 phrase_timestamp(certificate->not_after).text);
		} else {
			line_add(&line, _("%s, issued by %s"), subject.text, issuer.text);
		}
		print(printer, &line);
	}
}

static void attempt_lines(const printer *printer, const observation *seen) {
	for (size_t i = 0; i < seen->attempt_count; i++) {
		const char *failure = seen->attempts[i].failure;
		line line;
		line_init(&line);
		line_add(&line, _("address %s: %s"), seen->attempts[i].address,
				 failure != NULL ? failure : _("answered"));
		print(printer, &line);
	}
}

static void forecast_line(line *line, const forecast_row *row) {
	phrase due = phrase_duration(row->due);
	phrase limit = phrase_duration(row->limit);
	line_add(line,
			 ngettext("forecast, lifetime %d day: ", "forecast, lifetime %d days: ",
					  (unsigned long)row->days),
			 row->days);
	switch (row->verdict) {
	case FORECAST_RHYTHM_IMPOSSIBLE:
		line_add(line,
				 row->due > 0 ? _("renewing %s before the end is impossible")
							  : _("renewing %s after the end is too late"),
				 due.text);
		return;
	case FORECAST_WARNS_ALWAYS:
		line_add(line,
				 row->critical ? _("the critical limit of %s is longer than the lifetime and would "
								   "alert always")
							   : _("the warning limit of %s is longer than the lifetime and would "
								   "alert always"),
				 limit.text);
		return;
	case FORECAST_WARNS_HEALTHY:
		line_add(line,
				 row->critical ? _("the critical limit of %s would alert on every healthy "
								   "certificate, which is renewed %s before its end")
							   : _("the warning limit of %s would alert on every healthy "
								   "certificate, which is renewed %s before its end"),
				 limit.text, due.text);
		return;
	case FORECAST_HOLDS:
		line_add(line, _("holds: renewal due %s before the end, warning under %s"), due.text,
				 limit.text);
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
		chain_lines(&printer, seen->file != NULL ? _("in the file") : _("served"), &seen->served);
		chain_lines(&printer, _("path"), &seen->verification.path);
		attempt_lines(&printer, seen);
	}
}
