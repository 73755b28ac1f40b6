/* SPDX-License-Identifier: MIT */
/*
 * zonelists: for each node, the order in which the others are asked when it has
 * no free page. The zones of a list are read from the order and the zones.
 */
#ifndef NUMABOOT_ZONELISTS_H
#define NUMABOOT_ZONELISTS_H

#include <numaboot/cpus.h>
#include <numaboot/numa.h>
#include <numaboot/zones.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_env;

struct nb_zonelists {
	uint16_t *order;             /* [nodes * nodes]: row nid has order_count[nid] nodes */
	uint16_t *order_count;       /* [nodes] */
	uint32_t nodes;              /* length of a row */
	uint16_t *scratch;           /* [5 * nodes + 2] */
	bool by_zone;                /* the highest zones of all nodes come first */
	bool by_managed;             /* zones without managed pages are left out */
	uint64_t total_pages;        /* what "Total pages" says */
	bool grouping_off;           /* mobility grouping is off: too little memory */
	enum nb_zone_id policy_zone; /* the highest zone that any node has */
};

/* One entry of a zonelist. */
struct nb_zoneref {
	int32_t nid;
	enum nb_zone_id zone;
};

/*
 * Orders the nodes.
 *
 * Errors: NB_ERR_DIES, after an event, if mminit_loglevel= asks to see the lists of
 * a node that has no data.
 * Source: Linux 6.12 mm/page_alloc.c build_all_zonelists(), build_zonelists(),
 * find_next_best_node().
 */
NB_MUST_CHECK enum nb_err nb_zonelists_build(struct nb_zonelists *lists, const struct nb_numa *numa,
					     const struct nb_zones *zones,
					     const struct nb_cpus *cpus,
					     const struct nb_params *params,
					     const struct nb_env *env);

/* A walk over the zones that a request on a node may use, best first. */
struct nb_zonelist_walk {
	const struct nb_zonelists *lists;
	const struct nb_zones *zones;
	int32_t nid;             /* whose list */
	enum nb_zone_id highest; /* highest zone that is allowed */
	bool this_node;          /* the node's own zones only (__GFP_THISNODE) */
	uint32_t at;
	int32_t zone;
};

struct nb_zonelist_walk nb_zonelist_start(const struct nb_zonelists *lists,
					  const struct nb_zones *zones, int32_t nid,
					  enum nb_zone_id highest, bool this_node);
/* Gives the next zone with pages, or false at the end. */
bool nb_zonelist_next(struct nb_zonelist_walk *walk, struct nb_zoneref *ref);

#ifdef __cplusplus
}
#endif
#endif
