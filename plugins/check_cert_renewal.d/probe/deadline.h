/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One point in time that all steps of a blocking job obey. */
#ifndef CHECK_CERT_RENEWAL_DEADLINE_H
#define CHECK_CERT_RENEWAL_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds of CLOCK_MONOTONIC. */
typedef struct {
	int64_t at;
} deadline;

deadline deadline_in(double seconds);

/* When that part of the time is over which is left until the deadline: 1: all, 2: half of it, ...
 */
deadline deadline_part(deadline deadline, unsigned part);

/* Waits until the descriptor is ready for the events of poll(2). False: the time is over. */
bool deadline_wait(deadline deadline, int fd, short events);

#endif
