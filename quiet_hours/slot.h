/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The grain of all counting: five minutes of UTC. Every time zone of today is a multiple of it away
 * from UTC, so that hours of the wall clock are whole slots, and windows begin at times that people
 * can remember.
 */
#ifndef QUIET_HOURS_SLOT_H
#define QUIET_HOURS_SLOT_H

#include <stdint.h>

/* Slots since 1970-01-01T00:00:00Z. */
typedef int32_t slot;

enum {
	SLOT_SECONDS = 300,
	SLOT_MINUTES = 5,
	SLOTS_PER_HOUR = 12,
	SLOTS_PER_DAY = 288,
};

static inline int64_t slot_start(slot at) { return (int64_t)at * SLOT_SECONDS; }

/* The slot of a moment, in seconds since 1970; not for moments before. */
static inline slot slot_of(int64_t seconds) { return (slot)(seconds / SLOT_SECONDS); }

#endif
