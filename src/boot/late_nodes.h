/* SPDX-License-Identifier: MIT */
/* late_nodes: the stage that makes nodes which come online with a CPU; see late_nodes.c. */
#ifndef NB_BOOT_LATE_NODES_H
#define NB_BOOT_LATE_NODES_H

#include <numaboot/cpus.h>
#include <numaboot/events.h>
#include <numaboot/zones.h>

/*
 * Makes the data and the zones of nodes that are online and have none.
 * Errors: NB_ERR_FULL; NB_ERR_DIES if there is no room for a node's data.
 */
NB_MUST_CHECK enum nb_err nb_late_nodes_build(struct nb_zones *zones, struct nb_memblock *mb,
					      struct nb_numa *numa, const struct nb_cpus *cpus,
					      const struct nb_params *params,
					      const struct nb_env *env);

#endif
