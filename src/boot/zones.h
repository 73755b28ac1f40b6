/* SPDX-License-Identifier: MIT */
/* zones: zones of a node that comes online after the others were made. What the
 * stages share, not for embedders. */
#ifndef NB_BOOT_ZONES_H
#define NB_BOOT_ZONES_H

#include <numaboot/events.h>
#include <numaboot/memblock.h>
#include <numaboot/params.h>
#include <numaboot/zones.h>

/*
 * Cuts one more node into zones. The node does not count as one with memory even
 * if it has some, as in Linux.
 * Source: Linux 5.10 mm/page_alloc.c free_area_init_memoryless_node().
 */
NB_MUST_CHECK enum nb_err nb_zones_add(struct nb_zones *zones, struct nb_memblock *mb, int32_t nid,
				       const struct nb_params *params, const struct nb_env *env);

#endif
