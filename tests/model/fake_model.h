/* SPDX-License-Identifier: MIT */
/*
 * fake_model: how numa=fake= splits blocks, grain by grain of 32 MiB, with RAM
 * counted region by region each time it is asked for.
 */
#ifndef TESTS_FAKE_MODEL_H
#define TESTS_FAKE_MODEL_H

#include <numaboot/memblock.h>
#include <numaboot/numa.h>

enum { FAKE_MODEL_PIECES = 256, FAKE_MODEL_BLOCKS = 64 };

enum fake_form {
	FAKE_COUNT, /* number: nodes in all */
	FAKE_SIZE,  /* number: bytes of a node */
	FAKE_EACH,  /* number: nodes of each physical one */
};

struct fake_model {
	const struct nb_regions *memory;
	struct nb_nodes parsed;
	nb_pfn max_pfn;
	uint32_t max_nodes, max_pieces;
	struct nb_block left[FAKE_MODEL_BLOCKS]; /* physical blocks, used up */
	uint32_t left_count;

	struct nb_block piece[FAKE_MODEL_PIECES]; /* in the order in which they are made */
	int32_t physical[FAKE_MODEL_PIECES];
	uint32_t pieces;
};

/* Returns false if emulation is given up. */
bool fake_model_split(struct fake_model *model, enum fake_form form, uint64_t number);

#endif
