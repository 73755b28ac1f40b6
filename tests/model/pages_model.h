/* SPDX-License-Identifier: MIT */
/*
 * pages_model: what is free of a few thousand frames, one byte for each: no
 * words, no hints, no caches. Every question looks at all frames.
 */
#ifndef TESTS_PAGES_MODEL_H
#define TESTS_PAGES_MODEL_H

#include <numaboot/pages.h>

enum {
	PAGES_MODEL_FRAMES = 5 * 4096,
	PAGES_MODEL_ZONES = 4,
};

enum pages_model_state {
	PAGES_ABSENT,
	PAGES_FREE,
	PAGES_TAKEN,
};

struct pages_model {
	uint8_t state[PAGES_MODEL_FRAMES]; /* enum pages_model_state */
	uint8_t zone[PAGES_MODEL_FRAMES];  /* a number of the test's own */
};

/* Sets [start, end), all of which are in one state, to another. */
void pages_model_set(struct pages_model *m, nb_pfn start, nb_pfn end, enum pages_model_state from,
		     enum pages_model_state to);

uint64_t pages_model_free(const struct pages_model *m, uint32_t zone);

/* Whether a zone has an aligned free block of an order. */
bool pages_model_has(const struct pages_model *m, uint32_t zone, uint32_t order);

/* Free blocks as a buddy allocator holds them: each as large as it can be. */
void pages_model_blocks(const struct pages_model *m, uint32_t zone, uint64_t blocks[NB_ORDERS]);

#endif
