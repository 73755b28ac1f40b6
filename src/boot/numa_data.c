/* SPDX-License-Identifier: MIT */
/*
 * numa_data: where the data of a node lies: on the node itself if there is room,
 * else as high as possible on any. Nodes with memory get theirs in the numa
 * stage; some lines make it for others once they know the CPUs.
 *
 * Source: Linux 6.12 mm/numa.c alloc_node_data().
 */
#include "boot/numa_data.h"

#include "boot/memblock.h"

#include <numaboot/events.h>
#include <numaboot/rules.h>

enum {
	NODE_DATA_ALIGN = 64,
	ZONE_ALIGN = 8 << 20, /* what a node's start is rounded up to in 3.14's log */
};

/* The node that Linux finds an address on. Where none has it, that is the first
 * one that is online, or the number that stands for none. */
static int32_t found_on(const struct nb_numa *numa, const struct nb_memblock *mb, nb_phys at,
			const struct nb_env *env)
{
	int32_t nid = nb_memblock_node(mb, nb_pfn_down(at));

	if (nid == NB_NO_NODE)
		nid = nb_nodes_next(&numa->online, 0);
	return nid == NB_NO_NODE ? (int32_t)env->config->max_nodes : nid;
}

enum nb_err nb_numa_take_data(struct nb_numa *numa, struct nb_memblock *mb, int32_t nid,
			      struct nb_range span, const struct nb_env *env)
{
	struct nb_request request = {
		.size = env->config->node_data_bytes,
		.align = NODE_DATA_ALIGN,
		.nid = nid,
	};
	nb_phys at;
	int32_t on;

	nb_emit(env, .kind = NB_EV_NODE_SETUP, .nid = nid,
		.range = { nb_align_up(span.start, ZONE_ALIGN), span.end });

	enum nb_err err = nb_memblock_get(mb, &request, NB_RESERVED_NODE_DATA, &at, env);

	if (err)
		return err;
	numa->node_data[nid] = at;
	nb_emit(env, .kind = NB_EV_NODE_DATA, .nid = nid, .range = { at, at + request.size });
	on = found_on(numa, mb, at, env);
	if (on != nid)
		nb_emit(env, .kind = NB_EV_NODE_DATA_ELSEWHERE, .nid = nid, .other_nid = on);
	return NB_OK;
}
