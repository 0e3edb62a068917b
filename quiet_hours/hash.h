/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 64 bits of a text. The same text has the same bits in every run, so that the same logs give the
 * same answer. Not for secrets.
 */
#ifndef QUIET_HOURS_HASH_H
#define QUIET_HOURS_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* High and low half of a product, folded. */
static inline uint64_t hash_mix(uint64_t left, uint64_t right) {
#ifdef __SIZEOF_INT128__
	unsigned __int128 product = (unsigned __int128)left * right;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
	uint64_t low = (left & 0xffffffff) * (right & 0xffffffff);
	uint64_t high = (left >> 32) * (right >> 32);
	uint64_t cross = (left >> 32) * (right & 0xffffffff) + (left & 0xffffffff) * (right >> 32);
	return low ^ high ^ (cross << 32 | cross >> 32);
#endif
}

static inline uint64_t hash_text(const char *text, size_t length) {
	uint64_t state = 0x9e3779b97f4a7c15 ^ length;
	uint64_t word = 0;
	for (; length > 8; length -= 8, text += 8) {
		memcpy(&word, text, 8);
		state = hash_mix(state ^ word, 0xe7037ed1a0b428db);
	}
	word = 0;
	memcpy(&word, text, length);
	state = hash_mix(state ^ word, 0xa0761d6478bd642f);
	return hash_mix(state ^ state >> 32, 0x8ebc6af09c88c6e3);
}

#endif
