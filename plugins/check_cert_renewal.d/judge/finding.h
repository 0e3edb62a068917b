/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings: one named judgement on a target, with a state. The table is finding.def. */
#ifndef CHECK_CERT_RENEWAL_FINDING_H
#define CHECK_CERT_RENEWAL_FINDING_H

#include "states.h"

#include <stdbool.h>

typedef enum {
#define FINDING(id, name, state, meaning) FINDING_##id,
#include "finding.def"
#undef FINDING
	FINDING_COUNT,
} finding_id;

/* What --severity made of a finding. */
typedef enum {
	SEVERITY_DEFAULT,
	SEVERITY_OK,
	SEVERITY_WARNING,
	SEVERITY_CRITICAL,
	SEVERITY_UNKNOWN,
	SEVERITY_IGNORE,
} severity;

/* The name of a finding as the command line and the outputs have it. Static. */
const char *finding_name(finding_id id);

/* One line on what a finding means. Static. */
const char *finding_meaning(finding_id id);

/* The finding called name; FINDING_COUNT if there is none. */
finding_id finding_by_name(const char *name);

/* The state of a finding that is not OK, where the limits do not decide it (else STATE_CRITICAL).
 */
mp_state_enum finding_default_state(finding_id id);

/* Order for "worst first": CRITICAL, WARNING, UNKNOWN, OK. Greater is worse. */
int state_rank(mp_state_enum state);

#endif
