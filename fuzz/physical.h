/* SPDX-License-Identifier: MIT */
/*
 * physical: an input as the memory of a machine, from BASE on. Each piece that is
 * mapped is a block of exactly its size, so that a read beyond it is seen.
 */
#ifndef FUZZ_PHYSICAL_H
#define FUZZ_PHYSICAL_H

#include "fuzz.h"

enum { BASE = 0x10000, MOST_MAPS = 1024 };

struct physical {
	struct nb_map map; /* first: who maps gives it back */
	const uint8_t *at;
	size_t size;
	void *copy[MOST_MAPS];
	uint32_t copies;
};

/* Null if it lies outside, or if too much was mapped. */
static const void *physical_map(struct nb_map *self, nb_phys address, size_t len)
{
	struct physical *memory = (struct physical *)self;
	nb_phys from = address - BASE;

	if (address < BASE || from > memory->size || len > memory->size - from ||
	    memory->copies == MOST_MAPS)
		return NULL;
	return memory->copy[memory->copies++] = fuzz_copy(memory->at + from, len);
}

static void physical_drop(struct physical *memory)
{
	for (uint32_t i = 0; i < memory->copies; i++)
		free(memory->copy[i]);
	memory->copies = 0;
}

#endif
