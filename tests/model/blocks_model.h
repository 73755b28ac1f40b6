/* SPDX-License-Identifier: MIT */
/*
 * blocks_model: node blocks cut to RAM and joined the slow way: each block is held
 * against each later one, and each join against all blocks of other nodes.
 */
#ifndef TESTS_BLOCKS_MODEL_H
#define TESTS_BLOCKS_MODEL_H

#include <numaboot/events.h>
#include <numaboot/memblock.h>
#include <numaboot/numa.h>

enum { BLOCKS_MODEL_TELLS = 512 };

struct blocks_model {
	const struct nb_regions *memory;
	struct nb_block *at; /* changed in place */
	uint32_t count;
	struct nb_event told[BLOCKS_MODEL_TELLS]; /* as the stage tells it */
	uint32_t tells;
};

/* Returns false if two nodes overlap; what was done until then is in the model. */
bool blocks_model_clean(struct blocks_model *model);

#endif
