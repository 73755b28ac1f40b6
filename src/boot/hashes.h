/* SPDX-License-Identifier: MIT */
/* hashes: the stage that takes memory for the largest hash tables; see hashes.c. */
#ifndef NB_BOOT_HASHES_H
#define NB_BOOT_HASHES_H

#include <numaboot/events.h>
#include <numaboot/memblock.h>
#include <numaboot/params.h>
#include <numaboot/zones.h>

/* Those that memblock gives. Errors: NB_ERR_DIES without memory for one; those of
 * memblock. */
NB_MUST_CHECK enum nb_err nb_hashes_build(struct nb_memblock *mb, const struct nb_zones *zones,
					  const struct nb_params *params, const struct nb_env *env);

/* Those that the page allocator gives once it is there, before CPUs are started: they are
 * told, and nothing is taken. `nodes`: how many are online. */
void nb_hashes_later(const struct nb_zones *zones, uint32_t nodes, const struct nb_params *params,
		     const struct nb_env *env);

#endif
