/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HyperLogLog: how many different things there are, in constant memory. Flajolet, Fusy, Gandouet
 * and Meunier 2007; the estimator is Ertl's (arXiv:1702.01284, algorithm 6), which has no bias that
 * would need tables of corrections.
 */
#ifndef QUIET_HOURS_HLL_H
#define QUIET_HOURS_HLL_H

#include <stdint.h>

enum {
	HLL_BITS = 14,
	HLL_REGISTERS = 1 << HLL_BITS,
};

/* Standard error of an estimate, as a share of it: 1.04 / sqrt(HLL_REGISTERS). */
#define HLL_ERROR 0.0081

/* All zero: nothing was added. */
typedef struct {
	uint8_t registers[HLL_REGISTERS];
} hll;

/* Adds something by its hash, all bits of which have to be good. */
void hll_add(hll *set, uint64_t hash);

/* Adds what is in the other. */
void hll_merge(hll *set, const hll *other);

/* How many different things were added. */
double hll_estimate(const hll *set);

#endif
