/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known beside the network, as JSON. */
#ifndef CHECK_CERT_RENEWAL_RENEWAL_JSON_H
#define CHECK_CERT_RENEWAL_RENEWAL_JSON_H

#include "report.h"

#include <jansson.h>

/* Helpers of json.c. */
json_t *json_outside(const char *text);
json_t *json_timestamp(bool known, int64_t time);
json_t *json_days(double seconds);
json_t *json_certificate(const certificate *certificate);

/* Each is null where it was not asked for. */
json_t *json_disk(const evidence *evidence);
json_t *json_history(const evidence *evidence);
json_t *json_ari(const evidence *evidence);
json_t *json_client_state(const evidence *evidence);
json_t *json_forecast(const report *report, const report_entry *entry);

#endif
