/* SPDX-License-Identifier: MIT */
/*
 * zones_movable: where the zone for what can be moved begins on each node: with
 * the first memory that can be unplugged, or is not mirrored, or that the kernel's
 * own share leaves over.
 *
 * Source: Linux 6.12 mm/mm_init.c find_zone_movable_pfns_for_nodes().
 */
#include "boot/zones_build.h"

enum { MOVABLE_ALIGN_PAGES = 1024 /* the largest block of the page allocator */ };

/* A node's Movable zone begins with the lowest region that wants it. */
static void begin_movable(const struct nb_zones_build *b, const struct nb_region *region,
			  nb_pfn start)
{
	if (region->nid < 0)
		return;

	struct nb_node_zones *node = &b->zones->node[region->nid];

	if (!node->movable_start)
		node->movable_start = start;
}

/* movable_node: what can be unplugged must hold nothing that cannot move. */
static void movable_from_hotplug(const struct nb_zones_build *b)
{
	for (uint32_t i = 0; i < b->memory->count; i++) {
		const struct nb_region *region = nb_region_at(b->memory, i);

		if (region->flags & NB_REGION_HOTPLUG)
			begin_movable(b, region,
				      b->env->rules->movable_rounded_up
					      ? nb_pfn_up(region->start)
					      : nb_pfn_down(region->start));
	}
}

static bool any_mirrored(const struct nb_regions *memory)
{
	for (uint32_t i = 0; i < memory->count; i++)
		if (nb_region_at(memory, i)->flags & NB_REGION_MIRROR)
			return true;
	return false;
}

/* Whether kernelcore=mirror is taken at its word. */
static bool minds_mirror(const struct nb_zones_build *b, bool kdump)
{
	if (b->env->rules->mirror != NB_MIRROR_IF_ANY)
		return true;
	if (!any_mirrored(b->memory)) {
		nb_emit(b->env, .kind = NB_EV_NO_MIRROR);
		return false;
	}
	if (kdump)
		nb_emit(b->env, .kind = NB_EV_MIRROR_KDUMP);
	return !kdump;
}

/* kernelcore=mirror: the kernel keeps to mirrored memory, and to what lies below 4 GiB. */
static void movable_from_mirror(const struct nb_zones_build *b)
{
	bool unmirrored_low = false;

	for (uint32_t i = 0; i < b->memory->count; i++) {
		const struct nb_region *region = nb_region_at(b->memory, i);

		if (region->flags & NB_REGION_MIRROR)
			continue;
		if (nb_pfn_up(region->start) < NB_DMA32_END_PFN)
			unmirrored_low = true;
		else
			begin_movable(b, region, nb_pfn_up(region->start));
	}
	if (unmirrored_low)
		nb_emit(b->env, .kind = NB_EV_UNMIRRORED_LOW);
}

/*
 * The pages that kernelcore= and movablecore= leave to the kernel; 0: there is
 * no Movable zone. A product that does not fit wraps, as it does in Linux; so does
 * what a movablecore= beyond all memory leaves, unless it is bounded.
 */
static uint64_t core_pages(const struct nb_zones_build *b, uint64_t total)
{
	const struct nb_params *params = b->params;
	uint64_t core = params->kernelcore.pages, movable = params->movablecore.pages;

	if (params->kernelcore.percent)
		core = total * 100 * params->kernelcore.percent / 10000;
	if (params->movablecore.percent)
		movable = total * 100 * params->movablecore.percent / 10000;
	if (movable) {
		movable = nb_align_up(movable, MOVABLE_ALIGN_PAGES);
		if (b->env->rules->movable_bounded)
			movable = nb_min(total, movable);
		core = nb_max(core, total - movable);
	}
	return core < total || !b->env->rules->movable_bounded ? core : 0;
}

/*
 * Gives the kernel up to `share` more pages of a node, and all below the zone
 * that Movable is cut out of; Movable begins behind them. Returns how many pages
 * that were. What an earlier turn gave lies below movable_start.
 */
static uint64_t take_core(const struct nb_zones_build *b, uint32_t nid, uint64_t share)
{
	struct nb_zones *zones = b->zones;
	struct nb_node_zones *node = &zones->node[nid];
	nb_pfn lowest = zones->limit[zones->movable_from].start;
	uint64_t taken = 0;

	for (; zones->node_at[nid] < zones->node_first[nid + 1]; zones->node_at[nid]++) {
		struct nb_range pages = nb_zones_pages(nb_zones_region(b, zones->node_at[nid]));

		pages.start = nb_max(pages.start, node->movable_start);
		if (pages.start >= pages.end)
			continue;
		if (pages.start < lowest) {
			uint64_t low = nb_min(pages.end, lowest) - pages.start;

			taken += low;
			share -= nb_min(low, share);
			if (pages.end <= lowest) {
				node->movable_start = pages.end;
				continue;
			}
			pages.start = lowest;
		}

		uint64_t part = nb_min(pages.end - pages.start, share);

		node->movable_start = pages.start + part;
		taken += part;
		share -= part;
		if (!share)
			break;
	}
	return taken;
}

/*
 * Spreads the kernel's pages evenly over the nodes. A node that has fewer leaves
 * some over: these are spread again, as if there were one node less.
 */
static void spread_core(const struct nb_zones_build *b)
{
	struct nb_zones *zones = b->zones;
	uint64_t total = 0;
	uint32_t turns = 0;

	for (uint32_t i = 0; i < b->memory->count; i++)
		total += nb_range_size(nb_zones_pages(nb_region_at(b->memory, i)));
	for (uint32_t nid = 0; nid < zones->nodes; nid++) {
		zones->node_at[nid] = zones->node_first[nid];
		turns += zones->node[nid].end != 0;
	}

	uint64_t core = core_pages(b, total);

	for (; turns && core > 0; turns--) {
		uint64_t share = core / turns;

		for (uint32_t nid = 0; nid < zones->nodes; nid++) {
			if (!zones->node[nid].end)
				continue;
			if (core < share)
				share = core / turns;
			core -= nb_min(core, take_core(b, nid, share));
		}
		if (core <= turns - 1)
			break;
	}
}

/* Movable begins on a border of the largest block; behind the node's end that is
 * nowhere, unless the line leaves it there. */
static void align_movable(const struct nb_zones_build *b)
{
	for (uint32_t nid = 0; nid < b->zones->nodes; nid++) {
		struct nb_node_zones *node = &b->zones->node[nid];

		node->movable_start = nb_align_up(node->movable_start, MOVABLE_ALIGN_PAGES);
		if (node->movable_start >= node->end && b->env->rules->movable_within_node)
			node->movable_start = 0;
	}
}

/* The first of three wishes counts: movable_node, kernelcore=mirror, a size. */
void nb_zones_find_movable(const struct nb_zones_build *b, bool kdump)
{
	if (b->params->movable_node && b->env->config->memory_hotplug)
		movable_from_hotplug(b);
	else if (!b->params->kernelcore_mirror)
		spread_core(b);
	else if (minds_mirror(b, kdump))
		movable_from_mirror(b);
	align_movable(b);
}
