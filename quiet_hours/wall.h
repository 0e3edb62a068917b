/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clock on the wall: local time (TZ), or UTC. */
#ifndef QUIET_HOURS_WALL_H
#define QUIET_HOURS_WALL_H

#include "slot.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

typedef struct {
	bool utc;
} wall;

/* What the clock shows. */
struct tm wall_at(const wall *wall, int64_t seconds);

/* Slot of the day (0: midnight) that the clock shows in this slot. */
int wall_slot(const struct tm *shown);

/*
 * When the clock next shows this slot of the day, on this day of the week (0: Sunday; -1: any), at
 * `from` or later. Clocks that are put forward leave some times out: then the next day that has it.
 */
int64_t wall_next(const wall *wall, int64_t from, int slot_of_day, int week_day);

/* The midnight at or before, and at or behind this slot. */
slot wall_day_begin(const wall *wall, slot at);
slot wall_day_end(const wall *wall, slot at);

/* "UTC", or "CET, UTC+01:00"; not translated. */
void wall_name(const wall *wall, int64_t seconds, char *out, size_t size);

/* "2026-11-25T03:25:00+01:00" */
void wall_iso(const wall *wall, int64_t seconds, char *out, size_t size);

#endif
