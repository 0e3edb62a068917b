/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hll.h"

#include <math.h>
#include <stddef.h>

enum {
	RANK_BITS = 64 - HLL_BITS, /* "q" of the paper */
};

void hll_add(hll *set, uint64_t hash) {
	uint64_t rest = hash << HLL_BITS | UINT64_C(1) << (HLL_BITS - 1); /* ends the count of zeros */
	uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
	uint8_t *at = &set->registers[hash >> RANK_BITS];
	*at = *at < rank ? rank : *at;
}

void hll_merge(hll *set, const hll *other) {
	for (size_t i = 0; i < HLL_REGISTERS; i++) {
		uint8_t left = set->registers[i];
		uint8_t right = other->registers[i];
		set->registers[i] = left < right ? right : left;
	}
}

static double hll_sigma(double x) {
	double power = 1;
	double sum = x;
	for (double before = -1; sum != before;) {
		before = sum;
		x *= x;
		sum += x * power;
		power += power;
	}
	return sum;
}

static double hll_tau(double x) {
	if (x <= 0 || x >= 1) {
		return 0;
	}
	double power = 1;
	double sum = 1 - x;
	for (double before = -1; sum != before;) {
		before = sum;
		x = sqrt(x);
		power *= 0.5;
		sum -= (1 - x) * (1 - x) * power;
	}
	return sum / 3;
}

double hll_estimate(const hll *set) {
	const double count = HLL_REGISTERS;
	const double alpha = 0.721347520444481703680; /* 1 / (2 ln 2) */
	/* Counted in four places: the same one again and again would have to wait for itself. */
	uint32_t parts[4][RANK_BITS + 2] = {0};
	uint32_t ranks[RANK_BITS + 2];
	for (size_t i = 0; i < HLL_REGISTERS; i++) {
		parts[i % 4][set->registers[i]]++;
	}
	for (int rank = 0; rank < RANK_BITS + 2; rank++) {
		ranks[rank] = parts[0][rank] + parts[1][rank] + parts[2][rank] + parts[3][rank];
	}
	if (ranks[0] == HLL_REGISTERS) {
		return 0;
	}
	double sum = count * hll_tau(1 - ranks[RANK_BITS + 1] / count);
	for (int rank = RANK_BITS; rank >= 1; rank--) {
		sum = 0.5 * (sum + ranks[rank]);
	}
	sum += count * hll_sigma(ranks[0] / count);
	return alpha * count * count / sum;
}
