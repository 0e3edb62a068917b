/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings in the owner's words. */
#ifndef CHECK_CERT_RENEWAL_WORDS_H
#define CHECK_CERT_RENEWAL_WORDS_H

#include "line.h"
#include "report.h"

/* What the finding found. */
void words_finding(line *line, const report_entry *entry, const finding *finding);

/* All that one target's first line says: the worst finding, days left, date, how much more there
 * is. */
void words_headline(line *line, const report_entry *entry);

/* A limit that no certificate of this lifetime can meet; nothing where there is none. */
void words_limit_note(line *line, const report_entry *entry);

#endif
