/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which part of renewal broke, in the owner's words. */
#ifndef CHECK_CERT_RENEWAL_RENEWAL_WORDS_H
#define CHECK_CERT_RENEWAL_RENEWAL_WORDS_H

#include "words.h"

void words_cause(line *line, const report_entry *entry, const finding *finding);
void words_deployment(line *line, const report_entry *entry, const finding *finding);
void words_consistency(line *line, const report_entry *entry, const finding *finding);
void words_history(line *line, const report_entry *entry, const finding *finding);
void words_ari(line *line, const report_entry *entry, const finding *finding);

#endif
