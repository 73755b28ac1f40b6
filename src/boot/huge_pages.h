/* SPDX-License-Identifier: MIT */
/* huge_pages: the stage that takes pages of 1 GiB; see huge_pages.c. */
#ifndef NB_BOOT_HUGE_PAGES_H
#define NB_BOOT_HUGE_PAGES_H

#include <numaboot/events.h>
#include <numaboot/firmware.h>
#include <numaboot/memblock.h>
#include <numaboot/params.h>
#include <numaboot/zones.h>

/* Nodes that may be named; those that have memory have pages taken of them in turn,
 * which is counted in their zones. */
struct nb_huge_nodes {
	const struct nb_nodes *online;
	struct nb_zones *zones;
};

/* Errors: those of memblock; no room is an event. */
NB_MUST_CHECK enum nb_err nb_huge_pages_build(struct nb_memblock *mb,
					      const struct nb_huge_nodes *nodes,
					      const struct nb_params *params,
					      const struct nb_boot_facts *facts,
					      const struct nb_env *env);

#endif
