/* SPDX-License-Identifier: MIT */
/*
 * greedy: fallback orders as Linux makes them: the best of all nodes that are
 * left is looked for, again and again.
 */
#ifndef TESTS_MODEL_GREEDY_H
#define TESTS_MODEL_GREEDY_H

#include <numaboot/numa.h>

enum { GREEDY_NODES = 256 };

struct greedy_input {
	struct nb_nodes possible, has_memory;
	uint32_t nodes;             /* numbers are below this */
	const struct nb_numa *numa; /* for its distances */
	bool skips_empty_self;      /* the rule fallback_skips_empty_self */
	bool load_adds;             /* the rule fallback_load_adds */
	bool all_possible;          /* the rule empty_nodes_built */
	struct nb_nodes online;
};

/* The orders that were made last; count 0 for a node that is not possible. */
struct greedy_orders {
	uint32_t count[GREEDY_NODES];
	int32_t order[GREEDY_NODES][GREEDY_NODES];
};

void greedy(const struct greedy_input *input, struct greedy_orders *orders);

#endif
