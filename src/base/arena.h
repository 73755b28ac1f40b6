/* SPDX-License-Identifier: MIT */
/*
 * arena: carves the caller's block into arrays, once. With a null block it only
 * adds up, so that the size and the carving come from one list.
 */
#ifndef NB_BASE_ARENA_H
#define NB_BASE_ARENA_H

#include <numaboot/base.h>

struct nb_arena {
	uint8_t *block; /* null: count only */
	size_t size, used;
};

/* An array of count things of size bytes each, aligned to 16, cleared; null
 * while counting. The block is large enough: it was counted before. */
void *nb_arena_take(struct nb_arena *arena, size_t count, size_t size);

#endif
