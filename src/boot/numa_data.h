/* SPDX-License-Identifier: MIT */
/* numa_data: the memory of a node's own data. What the stages share, not for embedders. */
#ifndef NB_BOOT_NUMA_DATA_H
#define NB_BOOT_NUMA_DATA_H

#include <numaboot/memblock.h>
#include <numaboot/numa.h>

struct nb_env;

/*
 * Takes a node's data of memblock: on the node if there is room, else anywhere.
 * span is what the node's blocks span; an old log has it in the same line.
 *
 * Errors: NB_ERR_MEMORY if there is no room, which is for the caller to judge;
 * NB_ERR_FULL if the caller's limits are too small.
 * Source: Linux 6.12 mm/numa.c alloc_node_data().
 */
NB_MUST_CHECK enum nb_err nb_numa_take_data(struct nb_numa *numa, struct nb_memblock *mb,
					    int32_t nid, struct nb_range span,
					    const struct nb_env *env);

#endif
