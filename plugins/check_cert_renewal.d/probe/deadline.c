/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deadline.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

static const int64_t second = 1000000000;
static const int64_t millisecond = 1000000;

static int64_t now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * second + time.tv_nsec;
}

deadline deadline_in(double seconds) {
	return (deadline){now() + (int64_t)(seconds * (double)second)};
}

deadline deadline_part(deadline whole, unsigned part) {
	int64_t start = now();
	return (deadline){whole.at > start ? start + (whole.at - start) / part : whole.at};
}

bool deadline_wait(deadline deadline, int fd, short events) {
	for (;;) {
		int64_t left = deadline.at - now();
		if (left <= 0) {
			return false;
		}
		/* Rounded up, or the last part of a millisecond would be spent in a loop. */
		int64_t wait = (left + millisecond - 1) / millisecond;
		struct pollfd poll_fd = {.fd = fd, .events = events};
		int ready = poll(&poll_fd, 1, wait < INT_MAX ? (int)wait : INT_MAX);
		/* An error of the descriptor is met again, and told, by the next read or write. */
		if (ready > 0 || (ready < 0 && errno != EINTR)) {
			return true;
		}
	}
}
