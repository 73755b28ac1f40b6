/* SPDX-License-Identifier: MIT */
/*
 * numa_flat: a kernel that is built without NUMA: no table is asked, there is
 * node 0 and nothing else, and no memory is taken for its data.
 *
 * Linux 6.1 arch/x86/mm/init_32.c initmem_init(), arch/x86/mm/init_64.c
 * initmem_init().
 */
#include "boot/numa_build.h"

enum { ONLY_NODE = 0 };

enum nb_err nb_numa_flat(struct nb_numa_build *b)
{
	struct nb_numa *numa = b->numa;

	for (uint32_t id = 0; id < numa->apic_ids; id++)
		numa->apic_node[id] = NB_NO_NODE;
	numa->source = NB_NUMA_NONE;
	numa->srat_rejected = false;
	numa->parsed = numa->possible = numa->online = (struct nb_nodes){ 0 };
	numa->block_count = 0;
	nb_nodes_add(&numa->possible, ONLY_NODE);
	nb_nodes_add(&numa->online, ONLY_NODE);
	numa->nr_node_ids = 1;
	/* Regions of such a kernel have no node at all: none is cut. */
	b->err = nb_regions_set_node(&b->mb->memory, 0, UINT64_MAX, ONLY_NODE);

	nb_emit(b->env, .kind = NB_EV_FLAT_MEMORY);
	return b->err;
}
