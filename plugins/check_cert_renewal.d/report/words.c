/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "words.h"

#include "../calendar.h"
#include "renewal_words.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* How much of an outside name is quoted. */
enum {
	name_max = 120,
	san_shown_max = 4
};

static void count_of(line *line, long count, const char *unit) {
	line_add(line, count == 1 ? "%ld %s" : "%ld %ss", count, unit);
}

void words_duration(line *line, double seconds) {
	static const struct {
		double seconds;
		long enough;
		const char *name;
	} units[] = {{3600, 48, "hour"}, {60, 120, "minute"}, {1, 120, "second"}};
	seconds = fabs(seconds);
	if (lround(seconds / units[0].seconds) >= units[0].enough) {
		count_of(line, lround(seconds / SECONDS_PER_DAY), "day");
	} else if (lround(seconds / units[1].seconds) >= units[1].enough) {
		count_of(line, lround(seconds / units[0].seconds), units[0].name);
	} else if (lround(seconds) >= units[2].enough) {
		count_of(line, lround(seconds / units[1].seconds), units[1].name);
	} else {
		count_of(line, lround(seconds), units[2].name);
	}
}

void words_date(line *line, int64_t time, double near) {
	calendar_time at = calendar_split(time);
	line_add(line, "%04" PRId64 "-%02d-%02d", at.year, at.month, at.day);
	if (lround(fabs(near) / 3600) < 48) {
		line_add(line, " %02d:%02d UTC", at.hour, at.minute);
	}
}

void words_timestamp(line *line, int64_t time) {
	calendar_time at = calendar_split(time);
	line_add(line, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02dZ", at.year, at.month, at.day, at.hour,
			 at.minute, at.second);
}

/* The endpoint that a finding is about. */
static const observation *seen_of(const report_entry *entry, const finding *finding) {
	return finding->endpoint != NULL ? finding->endpoint : entry->seen;
}

static const certificate *leaf_of(const report_entry *entry) {
	return &entry->seen->served.certificates[0];
}

static void quoted(line *line, const char *name) {
	line_add(line, "\"");
	line_add_outside(line, name, name_max);
	line_add(line, "\"");
}

static void days_left(line *line, const report_entry *entry) {
	const judgement *verdict = &entry->verdict;
	if (verdict->remaining <= 0) {
		line_add(line, "expired ");
		words_duration(line, (double)verdict->remaining);
		line_add(line, " ago (");
	} else {
		words_duration(line, (double)verdict->remaining);
		line_add(line, " left (expires ");
	}
	words_date(line, leaf_of(entry)->not_after, (double)verdict->remaining);
	line_add(line, ")");
}

/* Where due was learned, or is the CA's word, that is said. */
static void rhythm(line *line, const judgement *verdict) {
	if (verdict->due.source == DUE_FROM_HISTORY) {
		line_add(line, ", usually renews ");
		words_duration(line, verdict->due.seconds / 0.9);
		line_add(line, " before the end");
	} else if (verdict->due.source == DUE_FROM_ARI) {
		line_add(line, ", as the CA suggests");
	}
}

static void valid(line *line, const report_entry *entry) {
	const judgement *verdict = &entry->verdict;
	double to_renewal = (double)verdict->remaining - verdict->due.seconds;
	words_duration(line, (double)verdict->remaining);
	line_add(line, " left, renewal ");
	line_add(line, to_renewal >= 0 ? "due in " : "was due ");
	words_duration(line, to_renewal);
	line_add(line, to_renewal >= 0 ? " (" : " ago (");
	words_date(line, leaf_of(entry)->not_after - (int64_t)verdict->due.seconds, to_renewal);
	line_add(line, ")");
	rhythm(line, verdict);
	if (to_renewal < 0 && !verdict->warning.by_range) {
		line_add(line, ", warning under ");
		words_duration(line, verdict->warning.seconds);
	}
}

static void overdue(line *line, const report_entry *entry) {
	const judgement *verdict = &entry->verdict;
	line_add(line, "automatic renewal overdue by ");
	words_duration(line, verdict->due.seconds - (double)verdict->remaining);
	line_add(line, ", ");
	days_left(line, entry);
	rhythm(line, verdict);
}

static void inside_limit(line *line, const report_entry *entry, const finding *finding) {
	const judgement *verdict = &entry->verdict;
	bool critical = limit_alerts(verdict->critical, (double)finding->seconds);
	const resolved_limit *limit = critical ? &verdict->critical : &verdict->warning;
	days_left(line, entry);
	const char *which = critical ? "critical" : "warning";
	if (limit->by_range) {
		line_add(line, ", %s the %s range",
				 limit->range.alert_on_inside_range ? "inside" : "outside", which);
	} else {
		line_add(line, ", under the %s limit of ", which);
		words_duration(line, limit->seconds);
	}
	line_add(line, "; renewal due in ");
	words_duration(line, (double)verdict->remaining - verdict->due.seconds);
}

static void expiry(line *line, const report_entry *entry, const finding *finding) {
	switch (finding->reason) {
	case REASON_EXPIRED:
		line_add(line, "certificate ");
		days_left(line, entry);
		break;
	case REASON_OVERDUE:
		overdue(line, entry);
		break;
	case REASON_LIMIT:
		inside_limit(line, entry, finding);
		break;
	case REASON_DATE_UNKNOWN:
		line_add(line, "the dates of the certificate are malformed");
		break;
	default:
		valid(line, entry);
		break;
	}
}

static void not_yet_valid(line *line, const report_entry *entry, const finding *finding) {
	line_add(line, "certificate not valid before ");
	words_date(line, leaf_of(entry)->not_before, (double)finding->seconds);
	line_add(line, ", in ");
	words_duration(line, (double)finding->seconds);
	line_add(line, " (or this machine's clock is wrong)");
}

static void chain_expiry(line *line, const report_entry *entry, const finding *finding) {
	(void)entry;
	const certificate *member = finding->certificate;
	line_add(line, "%s certificate ", member->self_issued ? "root" : "intermediate");
	quoted(line, member->name);
	switch (finding->reason) {
	case REASON_EXPIRED:
		line_add(line, " expired ");
		words_duration(line, (double)finding->seconds);
		line_add(line, " ago (");
		words_date(line, member->not_after, (double)finding->seconds);
		line_add(line, ")");
		break;
	case REASON_NOT_YET_VALID:
		line_add(line, " not valid before ");
		words_date(line, member->not_before, (double)finding->seconds);
		break;
	case REASON_DATE_UNKNOWN:
		line_add(line, " has a malformed date");
		break;
	default:
		line_add(line, " ends before the server's own: ");
		words_duration(line, (double)finding->seconds);
		line_add(line, " left (expires ");
		words_date(line, member->not_after, (double)finding->seconds);
		line_add(line, ")");
		break;
	}
}

static void weak(line *line, const report_entry *entry, const finding *finding) {
	const certificate *certificate = finding->certificate;
	switch (finding->reason) {
	case REASON_WEAK_KEY:
		line_add(line, "%s key of %d bits is too short in certificate ", certificate->key_type,
				 certificate->key_bits);
		quoted(line, certificate->name);
		break;
	case REASON_WEAK_SIGNATURE:
		line_add(line, "weak signature ");
		line_add_outside(line, certificate->signature, name_max);
		line_add(line, " (%s) on certificate ",
				 certificate->signature_weakness == SIGNATURE_SHA1 ? "SHA-1" : "MD5");
		quoted(line, certificate->name);
		break;
	case REASON_WEAK_TLS:
		line_add(line, "%s is too old: TLS 1.2 is the least today",
				 seen_of(entry, finding)->tls_version);
		break;
	default:
		line_add(line, "%s", finding->problem.words);
		break;
	}
}

/* Whom the certificate is for: a few of its names. */
static void names_of(line *line, const certificate *certificate) {
	if (certificate->san_count == 0) {
		quoted(line, certificate->name);
		return;
	}
	size_t shown = certificate->san_count < san_shown_max ? certificate->san_count : san_shown_max;
	for (size_t i = 0; i < shown; i++) {
		line_add(line, i > 0 ? ", " : "");
		line_add_outside(line, strchr(certificate->san[i], ':') + 1, name_max);
	}
	if (certificate->san_total > shown) {
		line_add(line, " and %zu more", certificate->san_total - shown);
	}
}

static void hostname(line *line, const report_entry *entry, const finding *finding) {
	bool matches = finding->reason == REASON_NAME_MATCHES;
	line_add(line, matches ? "certificate is for " : "certificate is not for ");
	line_add_outside(line, entry->verified_name != NULL ? entry->verified_name : "", name_max);
	if (!matches) {
		line_add(line, ", but for ");
		names_of(line, &seen_of(entry, finding)->served.certificates[0]);
	}
}

/* The certificate that a problem of verification is about. */
static const certificate *certificate_at(const observation *seen, int depth) {
	const chain *path = &seen->verification.path;
	return depth >= 0 && (size_t)depth < path->count ? &path->certificates[depth]
													 : &seen->served.certificates[0];
}

static void not_trusted(line *line, const report_entry *entry, const finding *finding) {
	const certificate *at = certificate_at(seen_of(entry, finding), finding->problem.depth);
	bool is_file = entry->seen->file != NULL;
	switch (finding->problem.kind) {
	case VERIFY_SELF_SIGNED:
		line_add(line,
				 "self-signed certificate, not trusted here (-s accepts it, -r FILE trusts it)");
		break;
	case VERIFY_ISSUER_MISSING:
		line_add(line, "intermediate certificate missing: ");
		quoted(line, at->issuer_name);
		line_add(line,
				 is_file ? ", which issued the certificate, is not in the file and not trusted here"
						 : ", which issued the certificate, is not sent by the server and not "
						   "trusted here (serve the full chain)");
		break;
	case VERIFY_UNKNOWN_ISSUER:
		line_add(line, "unknown issuer: ");
		quoted(line, at->issuer_name);
		line_add(line, ", which issued ");
		quoted(line, at->name);
		line_add(line, ", is not trusted here (an own CA? -r FILE)");
		break;
	case VERIFY_UNTRUSTED_ROOT:
		line_add(line, "unknown issuer: root ");
		quoted(line, at->name);
		line_add(line, " is not trusted here (an own CA? -r FILE)");
		break;
	case VERIFY_PURPOSE:
		line_add(line, finding->problem.depth == 0
						   ? "the certificate is not for TLS servers (extended key usage)"
						   : "a certificate in the chain may not issue TLS server certificates: ");
		if (finding->problem.depth > 0) {
			quoted(line, at->name);
		}
		break;
	default:
		line_add(line, "not trusted: %s (certificate ", finding->problem.words);
		quoted(line, at->name);
		line_add(line, ")");
		break;
	}
}

static void trusted(line *line, const report_entry *entry, const finding *finding) {
	switch (finding->reason) {
	case REASON_NOT_TRUSTED:
		not_trusted(line, entry, finding);
		break;
	case REASON_SELF_SIGNED_ACCEPTED:
		line_add(line, "self-signed certificate, accepted as asked");
		break;
	default: {
		const chain *path = &entry->seen->verification.path;
		line_add(line, "trusted by ");
		quoted(line, path->count > 0 ? path->certificates[path->count - 1].name : "");
		break;
	}
	}
}

static void failed(line *line, const report_entry *entry, const finding *finding) {
	const observation *seen = seen_of(entry, finding);
	if (finding->reason == REASON_CLIENT_CERTIFICATE) {
		line_add(line,
				 "the server requires a client certificate and none was sent; its own certificate "
				 "is judged all the same");
		return;
	}
	if (finding->reason == REASON_CLIENT_CERTIFICATE_ASKED) {
		line_add(line, "the server asked for a client certificate, none was sent");
		return;
	}
	line_add_outside(line, seen->failure != NULL ? seen->failure : "out of memory", 500);
	if (seen->advice != NULL) {
		line_add(line, " (%s)", seen->advice);
	}
}

/* What only one of several endpoints found is said with its address; failures name theirs. */
static void endpoint_prefix(line *line, const report_entry *entry, const finding *finding) {
	if (entry->verdict.endpoint_count > 1 && finding->endpoint != NULL &&
		finding->endpoint->address[0] != '\0') {
		line_add(line, "%s: ", finding->endpoint->address);
	}
}

void words_finding(line *line, const report_entry *target, const finding *finding) {
	/* Told with the names and dates of the endpoint that it is about. */
	report_entry about = *target;
	const report_entry *entry = &about;
	about.seen = seen_of(target, finding);
	endpoint_prefix(line, entry, finding);
	switch (finding->id) {
	case FINDING_CAUSE:
		words_cause(line, entry, finding);
		break;
	case FINDING_DEPLOYMENT:
		words_deployment(line, entry, finding);
		break;
	case FINDING_CONSISTENCY:
		words_consistency(line, entry, finding);
		break;
	case FINDING_RENEWED:
	case FINDING_ROLLBACK:
	case FINDING_HISTORY:
		words_history(line, entry, finding);
		break;
	case FINDING_ARI:
		words_ari(line, entry, finding);
		break;
	case FINDING_LIFETIME:
		line_add(line, "lifetime of ");
		words_duration(line, (double)certificate_lifetime(leaf_of(entry)));
		line_add(line, " is longer than the ");
		words_duration(line, (double)finding->seconds);
		line_add(line, " that the CA/Browser Forum allows for its issue date");
		break;
	case FINDING_EXPIRY:
		expiry(line, entry, finding);
		break;
	case FINDING_NOT_YET_VALID:
		not_yet_valid(line, entry, finding);
		break;
	case FINDING_CHAIN_EXPIRY:
		chain_expiry(line, entry, finding);
		break;
	case FINDING_WEAK:
		weak(line, entry, finding);
		break;
	case FINDING_HOSTNAME:
		hostname(line, entry, finding);
		break;
	case FINDING_TRUST:
		trusted(line, entry, finding);
		break;
	default:
		failed(line, entry, finding);
		break;
	}
}

static const finding *news(const judgement *verdict, finding_id id) {
	for (size_t i = 0; i < verdict->finding_count; i++) {
		if (verdict->findings[i].id == id) {
			return &verdict->findings[i];
		}
	}
	return NULL;
}

void words_headline(line *line, const report_entry *entry) {
	const judgement *verdict = &entry->verdict;
	if (verdict->incomplete) {
		line_add(line, "out of memory; ");
	}
	if (verdict->finding_count == 0) {
		line_add(line, "nothing judged: each finding is ignored");
		return;
	}
	const finding *worst = &verdict->findings[0];
	const finding *renewed = news(verdict, FINDING_RENEWED);
	const finding *expiry = news(verdict, FINDING_EXPIRY);
	if (worst->state == STATE_OK && renewed != NULL) {
		words_finding(line, entry, renewed);
		line_add(line, "; ");
	}
	/* When all is well, the days are what is wanted. */
	if (worst->state == STATE_OK && expiry != NULL) {
		worst = expiry;
	}
	words_finding(line, entry, worst);
	if (worst->id != FINDING_EXPIRY && worst->id != FINDING_NOT_YET_VALID && verdict->measured) {
		line_add(line, "; ");
		days_left(line, entry);
	}
	if (worst->state != STATE_OK && renewed != NULL) {
		line_add(line, "; ");
		words_finding(line, entry, renewed);
	}
	size_t problems = 0;
	while (problems < verdict->finding_count && verdict->findings[problems].state != STATE_OK) {
		problems++;
	}
	if (problems > 1) {
		line_add(line, " (and ");
		count_of(line, (long)problems - 1, "more problem");
		line_add(line, ")");
	}
}

void words_limit_note(line *line, const report_entry *entry) {
	const judgement *verdict = &entry->verdict;
	bool warning = verdict->warning_beyond_lifetime;
	bool critical = verdict->critical_beyond_lifetime;
	if (!warning && !critical) {
		return;
	}
	line_add(line, "; a limit of ");
	words_duration(line, warning ? verdict->warning.seconds : verdict->critical.seconds);
	line_add(line, " is longer than the whole lifetime of ");
	words_duration(line, (double)verdict->lifetime);
	line_add(line, ", so this can never be OK:");
	if (warning) {
		line_add(line, " -w %.0f%%", floor(verdict->warning_share * 100));
	}
	if (critical) {
		line_add(line, " -c %.0f%%", floor(verdict->critical_share * 100));
	}
	line_add(line, " would do");
}
