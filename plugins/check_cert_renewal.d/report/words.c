/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "words.h"

#include "../language.h"
#include "phrase.h"
#include "renewal_words.h"

#include <math.h>
#include <string.h>

/* How much of an outside name is quoted. */
enum {
	name_max = 120,
	san_shown_max = 4
};

/* The endpoint that a finding is about. */
static const observation *seen_of(const report_entry *entry, const finding *finding) {
	return finding->endpoint != NULL ? finding->endpoint : entry->seen;
}

static const certificate *leaf_of(const report_entry *entry) {
	return &entry->seen->served.certificates[0];
}

static phrase name_of(const certificate *certificate) {
	return phrase_outside(certificate->name, name_max);
}

static void days_left(line *line, const report_entry *entry) {
	double remaining = (double)entry->verdict.remaining;
	phrase date = phrase_date(leaf_of(entry)->not_after, remaining);
	if (remaining <= 0) {
		line_add(line, _("expired %s (%s)"), phrase_ago(remaining).text, date.text);
	} else {
		line_add(line, _("%s left (expires %s)"), phrase_duration(remaining).text, date.text);
	}
}

/* Where due was learned, or is the CA's word, that is said. */
static void rhythm(line *line, const judgement *verdict) {
	if (verdict->due.source == DUE_FROM_HISTORY) {
		line_add(line, _(", usually renews %s before the end"),
				 phrase_duration(verdict->due.seconds / 0.9).text);
	} else if (verdict->due.source == DUE_FROM_ARI) {
		line_add(line, "%s", _(", as the CA suggests"));
	}
}

static void valid(line *line, const report_entry *entry) {
	const judgement *verdict = &entry->verdict;
	double remaining = (double)verdict->remaining;
	double to_renewal = remaining - verdict->due.seconds;
	phrase left = phrase_duration(remaining);
	phrase date =
		phrase_date(leaf_of(entry)->not_after - (int64_t)verdict->due.seconds, to_renewal);
	if (to_renewal >= 0) {
		line_add(line, _("%s left, renewal due %s (%s)"), left.text, phrase_in(to_renewal).text,
				 date.text);
	} else {
		line_add(line, _("%s left, renewal was due %s (%s)"), left.text,
				 phrase_ago(to_renewal).text, date.text);
	}
	rhythm(line, verdict);
	if (to_renewal < 0 && !verdict->warning.by_range) {
		line_add(line, _(", warning under %s"), phrase_duration(verdict->warning.seconds).text);
	}
}

static void overdue(line *line, const report_entry *entry) {
	const judgement *verdict = &entry->verdict;
	double late = verdict->due.seconds - (double)verdict->remaining;
	line_add(line, _("automatic renewal overdue by %s, "), phrase_duration(late).text);
	days_left(line, entry);
	rhythm(line, verdict);
}

static void inside_limit(line *line, const report_entry *entry, const finding *finding) {
	const judgement *verdict = &entry->verdict;
	bool critical = limit_alerts(verdict->critical, (double)finding->seconds);
	const resolved_limit *limit = critical ? &verdict->critical : &verdict->warning;
	days_left(line, entry);
	if (!limit->by_range) {
		line_add(line,
				 critical ? _(", under the critical limit of %s")
						  : _(", under the warning limit of %s"),
				 phrase_duration(limit->seconds).text);
	} else if (limit->range.alert_on_inside_range) {
		line_add(line, "%s",
				 critical ? _(", inside the critical range") : _(", inside the warning range"));
	} else {
		line_add(line, "%s",
				 critical ? _(", outside the critical range") : _(", outside the warning range"));
	}
	line_add(line, _("; renewal due %s"),
			 phrase_in((double)verdict->remaining - verdict->due.seconds).text);
}

static void expired(line *line, const report_entry *entry) {
	double remaining = (double)entry->verdict.remaining;
	line_add(line, _("certificate expired %s (%s)"), phrase_ago(remaining).text,
			 phrase_date(leaf_of(entry)->not_after, remaining).text);
}

static void expiry(line *line, const report_entry *entry, const finding *finding) {
	switch (finding->reason) {
	case REASON_EXPIRED:
		expired(line, entry);
		break;
	case REASON_OVERDUE:
		overdue(line, entry);
		break;
	case REASON_LIMIT:
		inside_limit(line, entry, finding);
		break;
	case REASON_DATE_UNKNOWN:
		line_add(line, "%s", _("the dates of the certificate are malformed"));
		break;
	default:
		valid(line, entry);
		break;
	}
}

static void not_yet_valid(line *line, const report_entry *entry, const finding *finding) {
	double seconds = (double)finding->seconds;
	line_add(line, _("certificate not valid before %s, %s (or this machine's clock is wrong)"),
			 phrase_date(leaf_of(entry)->not_before, seconds).text, phrase_in(seconds).text);
}

static void chain_expiry(line *line, const report_entry *entry, const finding *finding) {
	(void)entry;
	const certificate *member = finding->certificate;
	double seconds = (double)finding->seconds;
	const char *kind = member->self_issued ? _("root certificate") : _("intermediate certificate");
	phrase name = name_of(member);
	switch (finding->reason) {
	case REASON_EXPIRED:
		line_add(line, _("%s \"%s\" expired %s (%s)"), kind, name.text, phrase_ago(seconds).text,
				 phrase_date(member->not_after, seconds).text);
		break;
	case REASON_NOT_YET_VALID:
		line_add(line, _("%s \"%s\" not valid before %s"), kind, name.text,
				 phrase_date(member->not_before, seconds).text);
		break;
	case REASON_DATE_UNKNOWN:
		line_add(line, _("%s \"%s\" has a malformed date"), kind, name.text);
		break;
	default:
		line_add(line, _("%s \"%s\" ends before the server's own: %s left (expires %s)"), kind,
				 name.text, phrase_duration(seconds).text,
				 phrase_date(member->not_after, seconds).text);
		break;
	}
}

static void weak(line *line, const report_entry *entry, const finding *finding) {
	const certificate *certificate = finding->certificate;
	switch (finding->reason) {
	case REASON_WEAK_KEY:
		line_add(line, _("%s key of %d bits is too short in certificate \"%s\""),
				 certificate->key_type, certificate->key_bits, name_of(certificate).text);
		break;
	case REASON_WEAK_SIGNATURE:
		line_add(line, _("weak signature %s (%s) on certificate \"%s\""),
				 phrase_outside(certificate->signature, name_max).text,
				 certificate->signature_weakness == SIGNATURE_SHA1 ? "SHA-1" : "MD5",
				 name_of(certificate).text);
		break;
	case REASON_WEAK_TLS:
		line_add(line, _("%s is too old: TLS 1.2 is the least today"),
				 seen_of(entry, finding)->tls_version);
		break;
	default:
		line_add(line, "%s", _(finding->problem.words));
		break;
	}
}

/* Whom the certificate is for: a few of its names. */
static phrase names_of(const certificate *certificate) {
	line names;
	line_init(&names);
	size_t shown = certificate->san_count < san_shown_max ? certificate->san_count : san_shown_max;
	for (size_t i = 0; i < shown; i++) {
		line_add(&names, i > 0 ? ", " : "");
		line_add_outside(&names, strchr(certificate->san[i], ':') + 1, name_max);
	}
	if (names.length == 0) {
		line_add(&names, "\"%s\"", name_of(certificate).text);
	} else if (certificate->san_total > shown) {
		size_t more = certificate->san_total - shown;
		line_add(&names, ngettext(" and %zu more", " and %zu more", more), more);
	}
	return phrase_of(&names);
}

static void hostname(line *line, const report_entry *entry, const finding *finding) {
	phrase name = phrase_outside(entry->verified_name, name_max);
	if (finding->reason == REASON_NAME_MATCHES) {
		line_add(line, _("certificate is for %s"), name.text);
	} else {
		line_add(line, _("certificate is not for %s, but for %s"), name.text,
				 names_of(&seen_of(entry, finding)->served.certificates[0]).text);
	}
}

/* The certificate that a problem of verification is about. */
static const certificate *certificate_at(const observation *seen, int depth) {
	const chain *path = &seen->verification.path;
	return depth >= 0 && (size_t)depth < path->count ? &path->certificates[depth]
													 : &seen->served.certificates[0];
}

static void issuer_missing(line *line, const char *issuer, bool is_file) {
	line_add(line,
			 is_file ? _("intermediate certificate missing: \"%s\", which issued the certificate, "
						 "is not in the file and not trusted here")
					 : _("intermediate certificate missing: \"%s\", which issued the certificate, "
						 "is not sent by the server and not trusted here (serve the full chain)"),
			 issuer);
}

static void not_trusted(line *line, const report_entry *entry, const finding *finding) {
	const certificate *at = certificate_at(seen_of(entry, finding), finding->problem.depth);
	phrase issuer = phrase_outside(at->issuer_name, name_max);
	phrase name = name_of(at);
	switch (finding->problem.kind) {
	case VERIFY_SELF_SIGNED:
		line_add(line, "%s",
				 _("self-signed certificate, not trusted here (-s accepts it, -r FILE trusts it)"));
		break;
	case VERIFY_ISSUER_MISSING:
		issuer_missing(line, issuer.text, entry->seen->file != NULL);
		break;
	case VERIFY_UNKNOWN_ISSUER:
		line_add(
			line,
			_("unknown issuer: \"%s\", which issued \"%s\", is not trusted here (an own CA? -r "
			  "FILE)"),
			issuer.text, name.text);
		break;
	case VERIFY_UNTRUSTED_ROOT:
		line_add(line, _("unknown issuer: root \"%s\" is not trusted here (an own CA? -r FILE)"),
				 name.text);
		break;
	case VERIFY_PURPOSE:
		if (finding->problem.depth == 0) {
			line_add(line, "%s", _("the certificate is not for TLS servers (extended key usage)"));
		} else {
			line_add(line,
					 _("a certificate in the chain may not issue TLS server certificates: \"%s\""),
					 name.text);
		}
		break;
	default:
		line_add(line, _("not trusted: %s (certificate \"%s\")"), _(finding->problem.words),
				 name.text);
		break;
	}
}

static void trusted(line *line, const report_entry *entry, const finding *finding) {
	switch (finding->reason) {
	case REASON_NOT_TRUSTED:
		not_trusted(line, entry, finding);
		break;
	case REASON_SELF_SIGNED_ACCEPTED:
		line_add(line, "%s", _("self-signed certificate, accepted as asked"));
		break;
	default: {
		const chain *path = &entry->seen->verification.path;
		const char *anchor = path->count > 0 ? path->certificates[path->count - 1].name : "";
		line_add(line, _("trusted by \"%s\""), phrase_outside(anchor, name_max).text);
		break;
	}
	}
}

static void failed(line *line, const report_entry *entry, const finding *finding) {
	const observation *seen = seen_of(entry, finding);
	if (finding->reason == REASON_CLIENT_CERTIFICATE) {
		line_add(
			line, "%s",
			_("the server requires a client certificate and none was sent; its own certificate "
			  "is judged all the same"));
		return;
	}
	if (finding->reason == REASON_CLIENT_CERTIFICATE_ASKED) {
		line_add(line, "%s", _("the server asked for a client certificate, none was sent"));
		return;
	}
	line_add_outside(line, seen->failure != NULL ? seen->failure : _("out of memory"), 500);
	if (seen->advice != NULL) {
		line_add(line, " (%s)", seen->advice);
	}
}

static void lifetime(line *line, const report_entry *entry, const finding *finding) {
	line_add(
		line,
		_("lifetime of %s is longer than the %s that the CA/Browser Forum allows for its issue "
		  "date"),
		phrase_duration((double)certificate_lifetime(leaf_of(entry))).text,
		phrase_duration((double)finding->seconds).text);
}

/* What only one of several endpoints found is said with its address; failures name theirs. */
static void endpoint_prefix(line *line, const report_entry *entry, const finding *finding) {
	if (entry->verdict.endpoint_count > 1 && finding->endpoint != NULL &&
		finding->endpoint->address[0] != '\0') {
		line_add(line, "%s: ", finding->endpoint->address);
	}
}

typedef void words_of(line *line, const report_entry *entry, const finding *finding);

static words_of *const words[FINDING_COUNT] = {
	[FINDING_CAUSE] = words_cause,
	[FINDING_DEPLOYMENT] = words_deployment,
	[FINDING_CONSISTENCY] = words_consistency,
	[FINDING_EXPIRY] = expiry,
	[FINDING_NOT_YET_VALID] = not_yet_valid,
	[FINDING_CHAIN_EXPIRY] = chain_expiry,
	[FINDING_WEAK] = weak,
	[FINDING_HOSTNAME] = hostname,
	[FINDING_TRUST] = trusted,
	[FINDING_ROLLBACK] = words_history,
	[FINDING_ARI] = words_ari,
	[FINDING_LIFETIME] = lifetime,
	[FINDING_RENEWED] = words_history,
	[FINDING_HISTORY] = words_history,
	[FINDING_UNREACHABLE] = failed,
	[FINDING_HANDSHAKE] = failed,
	[FINDING_FILE] = failed,
	[FINDING_USAGE] = failed,
};

void words_finding(line *line, const report_entry *target, const finding *finding) {
	/* Told with the names and dates of the endpoint that it is about. */
	report_entry about = *target;
	about.seen = seen_of(target, finding);
	endpoint_prefix(line, &about, finding);
	words[finding->id](line, &about, finding);
}

static const finding *news(const judgement *verdict, finding_id id) {
	for (size_t i = 0; i < verdict->finding_count; i++) {
		if (verdict->findings[i].id == id) {
			return &verdict->findings[i];
		}
	}
	return NULL;
}

/* Between two sentences of one line. */
static void next_sentence(line *line) { line_add(line, "%s", _("; ")); }

static void more_problems(line *line, const judgement *verdict) {
	size_t problems = 0;
	while (problems < verdict->finding_count && verdict->findings[problems].state != STATE_OK) {
		problems++;
	}
	if (problems > 1) {
		size_t more = problems - 1;
		line_add(line, ngettext(" (and %zu more problem)", " (and %zu more problems)", more), more);
	}
}

void words_headline(line *line, const report_entry *entry) {
	const judgement *verdict = &entry->verdict;
	if (verdict->incomplete) {
		line_add(line, "%s", _("out of memory"));
		next_sentence(line);
	}
	if (verdict->finding_count == 0) {
		line_add(line, "%s", _("nothing judged: each finding is ignored"));
		return;
	}
	const finding *worst = &verdict->findings[0];
	const finding *renewed = news(verdict, FINDING_RENEWED);
	const finding *expiry = news(verdict, FINDING_EXPIRY);
	if (worst->state == STATE_OK && renewed != NULL) {
		words_finding(line, entry, renewed);
		next_sentence(line);
	}
	/* When all is well, the days are what is wanted. */
	if (worst->state == STATE_OK && expiry != NULL) {
		worst = expiry;
	}
	words_finding(line, entry, worst);
	if (worst->id != FINDING_EXPIRY && worst->id != FINDING_NOT_YET_VALID && verdict->measured) {
		next_sentence(line);
		days_left(line, entry);
	}
	if (worst->state != STATE_OK && renewed != NULL) {
		next_sentence(line);
		words_finding(line, entry, renewed);
	}
	more_problems(line, verdict);
}

/* "-w 33% -c 11%" */
static phrase shares_that_do(const judgement *verdict) {
	line shares;
	line_init(&shares);
	if (verdict->warning_beyond_lifetime) {
		line_add(&shares, "-w %.0f%%", floor(verdict->warning_share * 100));
	}
	if (verdict->critical_beyond_lifetime) {
		line_add(&shares, verdict->warning_beyond_lifetime ? " -c %.0f%%" : "-c %.0f%%",
				 floor(verdict->critical_share * 100));
	}
	return phrase_of(&shares);
}

void words_limit_note(line *line, const report_entry *entry) {
	const judgement *verdict = &entry->verdict;
	bool warning = verdict->warning_beyond_lifetime;
	bool critical = verdict->critical_beyond_lifetime;
	if (!warning && !critical) {
		return;
	}
	double limit = warning ? verdict->warning.seconds : verdict->critical.seconds;
	line_add(line,
			 _("; a limit of %s is longer than the whole lifetime of %s, so this can never be OK: "
			   "%s would do"),
			 phrase_duration(limit).text, phrase_duration((double)verdict->lifetime).text,
			 shares_that_do(verdict).text);
}
