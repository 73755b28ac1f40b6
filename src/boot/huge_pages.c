/* SPDX-License-Identifier: MIT */
/*
 * huge_pages: pages of 1 GiB, which memblock gives before the page allocator is there:
 * of the nodes that were named, else of each node with memory in turn. A node that has
 * none lets another help, but for a named one in lines that hold to it.
 *
 * Lines take them while they read the command line, once CPUs have their areas; 7.3
 * before descriptors of pages are made.
 *
 * Source: Linux 6.12 mm/hugetlb.c hugetlb_hstate_alloc_pages(),
 * __alloc_bootmem_huge_page().
 */
#include "boot/huge_pages.h"

#include "boot/memblock.h"
#include "boot/params_huge.h"

#include <numaboot/rules.h>

struct huge {
	struct nb_memblock *mb;
	struct nb_zones *zones;
	const struct nb_env *env;
};

/* The page's descriptors are for huge pages to set up, but for the first. */
static enum nb_err mark(const struct huge *huge, nb_phys at)
{
	struct nb_regions *reserved = &huge->mb->reserved;
	const struct nb_range tail = { at + NB_PAGE_SIZE, at + NB_GIB };
	enum nb_err err = NB_OK;

	if (huge->env->rules->huge_pages_early)
		err = nb_regions_set_flags(reserved, at, at + NB_GIB, NB_REGION_HUGE_PAGE, true);
	if (!err && huge->env->rules->huge_pages_marked)
		err = nb_memblock_settle(
			huge->mb, reserved, NB_HUGE_PAGES,
			nb_memblock_set_flags(huge->mb, reserved, tail, NB_REGION_NO_INIT, true),
			huge->env);
	return err;
}

/* Counts a page where its first frame is: all of it comes back to that zone. */
static void count(const struct huge *huge, nb_phys at)
{
	const struct nb_region *region = nb_regions_find(&huge->mb->memory, at);
	enum nb_zone_id zone = nb_zones_of(huge->zones, region, nb_pfn_down(at));

	if (zone != NB_ZONES)
		huge->zones->node[region->nid].zone[zone].huge_pages += nb_pfn_down(NB_GIB);
}

static enum nb_err take(const struct huge *huge, int32_t nid, bool named)
{
	const struct nb_request request = {
		.size = NB_GIB,
		.align = NB_GIB,
		.nid = nid,
		.exact_nid = named && huge->env->rules->huge_pages_early,
	};
	nb_phys at;
	enum nb_err err =
		nb_memblock_get(huge->mb, &request, NB_RESERVED_HUGE_PAGE, &at, huge->env);

	if (!err)
		count(huge, at);
	return err ? err : mark(huge, at);
}

static void tell_short(const struct huge *huge, int32_t nid, uint64_t asked, uint64_t taken)
{
	enum { OF_NODE = 1 };

	nb_emit(huge->env, .kind = NB_EV_HUGE_PAGES_SHORT, .nid = nid == NB_NO_NODE ? 0 : nid,
		.flags = nid == NB_NO_NODE ? 0 : OF_NODE, .got = asked, .limit = taken);
}

static enum nb_err take_of_node(const struct huge *huge, int32_t nid, uint64_t count)
{
	enum nb_err err = NB_OK;
	uint64_t taken = 0;

	while (taken < count && !err) {
		err = take(huge, nid, true);
		taken += !err;
	}
	if (err != NB_ERR_MEMORY)
		return err;
	tell_short(huge, nid, count, taken);
	return NB_OK;
}

static enum nb_err take_in_turn(const struct huge *huge, const struct nb_nodes *nodes,
				uint64_t count)
{
	int32_t nid = nb_nodes_next(nodes, 0);
	enum nb_err err = NB_OK;
	uint64_t taken = 0;

	while (taken < count && !err) {
		err = take(huge, nid, false);
		taken += !err;
		nid = nb_nodes_next(nodes, nid + 1);
		if (nid == NB_NO_NODE)
			nid = nb_nodes_next(nodes, 0);
	}
	if (err != NB_ERR_MEMORY)
		return err;
	tell_short(huge, NB_NO_NODE, count, taken);
	return NB_OK;
}

enum nb_err nb_huge_pages_build(struct nb_memblock *mb, const struct nb_huge_nodes *nodes,
				const struct nb_params *params, const struct nb_boot_facts *facts,
				const struct nb_env *env)
{
	const struct huge huge = { mb, nodes->zones, env };
	const struct nb_huge_pages *asked = &params->huge_pages;
	enum nb_err err = NB_OK;
	bool wrong;

	if (!facts->gb_pages || (!asked->count && !asked->by_node.at))
		return NB_OK;
	if (!asked->by_node.at)
		return take_in_turn(&huge, &nodes->zones->has_memory, asked->count);
	if (!nb_huge_pages_are_of(asked->by_node, nodes->online))
		return NB_OK;
	nb_for_each_node (nid, nodes->online) {
		uint64_t count = nb_huge_pages_of_node(asked->by_node, nid, &wrong);

		if (!err && count)
			err = take_of_node(&huge, nid, count);
	}
	return err;
}
