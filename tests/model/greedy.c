/* SPDX-License-Identifier: MIT */
/* greedy: see greedy.h. */
#include "model/greedy.h"

#include <assert.h>
#include <string.h>

static uint32_t load[GREEDY_NODES];
static bool taken[GREEDY_NODES];

/* The best node with memory that is not taken, or NB_NO_NODE. */
static int32_t best_for(const struct greedy_input *input, int32_t self)
{
	int32_t best = NB_NO_NODE;
	uint64_t least = UINT64_MAX;

	for (int32_t nid = 0; nid < (int32_t)input->nodes; nid++) {
		uint64_t value = nb_numa_distance(input->numa, self, nid);

		if (taken[nid] || !nb_nodes_has(&input->has_memory, nid))
			continue;
		if (nid < self)
			value++;
		value = value * (NB_MAX_NODES + 1) + load[nid];
		if (value < least) {
			least = value;
			best = nid;
		}
	}
	return best;
}

static int32_t next_for(const struct greedy_input *input, int32_t self)
{
	bool empty = !nb_nodes_has(&input->has_memory, self);

	if (!taken[self] && !(empty && input->skips_empty_self))
		return self;
	return best_for(input, self);
}

void greedy(const struct greedy_input *input, struct greedy_orders *orders)
{
	assert(input->nodes <= GREEDY_NODES);
	memset(load, 0, sizeof(load));
	memset(orders, 0, sizeof(*orders));
	for (int32_t self = 0; self < (int32_t)input->nodes; self++) {
		int32_t before = self;
		uint32_t left = nb_nodes_count(&input->online);

		if (!nb_nodes_has(input->all_possible ? &input->possible : &input->online, self))
			continue;
		memset(taken, 0, sizeof(taken));
		for (int32_t nid; (nid = next_for(input, self)) != NB_NO_NODE; before = nid) {
			taken[nid] = true;
			if (nb_numa_distance(input->numa, self, nid) !=
			    nb_numa_distance(input->numa, self, before))
				load[nid] = input->load_adds ? load[nid] + 1 : left;
			left -= left > 0;
			orders->order[self][orders->count[self]++] = nid;
		}
	}
}
