/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fold.h"

static int compare(double left, double right) { return left < right ? -1 : left > right; }

/* Negative: the left one is quieter. */
static int quieter(const traffic *left, const traffic *right) {
	int order = compare(left->visits.median, right->visits.median);
	order = order != 0 ? order : compare(left->requests.median, right->requests.median);
	order = order != 0 ? order : compare(left->visits.most, right->visits.most);
	return order != 0 ? order : compare(left->requests.most, right->requests.most);
}

static int step(int at, int steps, int count) { return (at + steps + count) % count; }

static bool is_as_quiet(const traffic *window, const traffic *best, uint32_t least) {
	return window->visits.seen >= least && quieter(window, best) == 0;
}

int window_quietest(const traffic *windows, int count, uint32_t least) {
	int best = -1;
	for (int at = 0; at < count; at++) {
		if (windows[at].visits.seen >= least &&
			(best < 0 || quieter(&windows[at], &windows[best]) < 0)) {
			best = at;
		}
	}
	if (best < 0) {
		return -1;
	}
	/* The longest run of windows that are as quiet, also around midnight: its middle is farthest
	 * from where it gets louder. */
	int longest = 0;
	int middle = best;
	for (int at = 0; at < count; at++) {
		if (!is_as_quiet(&windows[at], &windows[best], least) ||
			is_as_quiet(&windows[step(at, -1, count)], &windows[best], least)) {
			continue;
		}
		int length = 1;
		while (length < count &&
			   is_as_quiet(&windows[step(at, length, count)], &windows[best], least)) {
			length++;
		}
		if (length > longest) {
			longest = length;
			middle = step(at, (length - 1) / 2, count);
		}
	}
	return middle;
}
