/* SPDX-License-Identifier: MIT */
/*
 * zones: cuts nodes into DMA, DMA32, Normal, HighMem and Movable.
 *
 *   end of RAM ------------> limits, the same for all nodes
 *   regions of memory -----> where each node begins and ends
 *   command line, flags ---> where Movable begins on each node
 *            |
 *            v
 *   what each zone of each node spans, and how many of its pages are RAM
 *            |
 *            v
 *   which nodes there are: those with data, or all that are possible
 *            |
 *            v
 *   page descriptors: holes that get some, RAM that has no node to ask
 *
 * Each step is one pass over the regions, however many nodes there are.
 * Source: Linux 6.12 mm/mm_init.c free_area_init().
 */
#include "boot/zones.h"

#include "base/memory.h"
#include "boot/memblock.h"
#include "boot/zones_build.h"

enum {
	LINE = 64,          /* of a cache */
	TRACE_LOGLEVEL = 3, /* mminit_loglevel= from which on memmap_init is traced */
};

/* Where each zone ends, unless the one below ends above. By now the direct map
 * covers all RAM, so that Normal reaches to its end; with 32 bits, to that of low
 * memory. */
static nb_pfn end_of(const struct nb_zones_build *b, const struct nb_e820 *e820, uint32_t zone)
{
	bool has_highmem = nb_zone_is_built_in(b->env->config, NB_ZONE_HIGHMEM);
	nb_pfn low = has_highmem ? e820->max_low_pfn : e820->max_pfn;
	nb_pfn most = b->env->rules->zones_end_with_ram ? low : NB_DMA32_END_PFN;

	switch (zone) {
	case NB_ZONE_DMA:
		return nb_min(NB_DMA_END_PFN, most);
	case NB_ZONE_DMA32:
		return nb_min(NB_DMA32_END_PFN, most);
	case NB_ZONE_NORMAL:
		return low;
	case NB_ZONE_HIGHMEM:
		return e820->max_pfn;
	default:
		return 0;
	}
}

/*
 * Each zone begins where the one below ends, the lowest with RAM. Movable has no
 * limits of its own, Device no memory yet.
 * Source: Linux 6.12 arch/x86/mm/init.c zone_sizes_init(), mm/mm_init.c
 * find_usable_zone_for_movable().
 */
static void find_limits(const struct nb_zones_build *b, const struct nb_e820 *e820)
{
	nb_pfn start = b->memory->count ? nb_pfn_down(nb_region_at(b->memory, 0)->start) : 0;

	b->zones->movable_from = nb_zone_lowest(b->env->config);
	for (uint32_t zone = 0; zone < NB_ZONES; zone++) {
		struct nb_range *limit = &b->zones->limit[zone];

		*limit = (struct nb_range){ 0 };
		if (zone == NB_ZONE_MOVABLE || !nb_zone_is_built_in(b->env->config, zone))
			continue;
		*limit = (struct nb_range){ start, nb_max(end_of(b, e820, zone), start) };
		if (limit->start < limit->end)
			b->zones->movable_from = (enum nb_zone_id)zone;
		start = limit->end;
	}
}

/* Lists the regions node by node, so that a node's are found without a search. */
static void group_by_node(const struct nb_zones_build *b)
{
	struct nb_zones *zones = b->zones;
	uint32_t *first = zones->node_first, *at = zones->node_at;

	memset(first, 0, (zones->nodes + 1) * sizeof(*first));
	for (uint32_t i = 0; i < b->memory->count; i++) {
		int32_t nid = nb_region_at(b->memory, i)->nid;

		nb_assert(nid < (int32_t)zones->nodes);
		if (nid >= 0)
			first[nid + 1]++;
	}
	for (uint32_t nid = 0; nid < zones->nodes; nid++) {
		first[nid + 1] += first[nid];
		at[nid] = first[nid];
	}
	for (uint32_t i = 0; i < b->memory->count; i++) {
		int32_t nid = nb_region_at(b->memory, i)->nid;

		if (nid >= 0)
			zones->by_node[at[nid]++] = i;
	}
}

/* Where each node's memory begins and ends; both 0 for a node without any. */
static void find_nodes(const struct nb_zones_build *b)
{
	struct nb_zones *zones = b->zones;

	group_by_node(b);
	for (uint32_t nid = 0; nid < zones->nodes; nid++) {
		struct nb_node_zones *node = &zones->node[nid];

		*node = (struct nb_node_zones){ 0 };
		for (uint32_t i = zones->node_first[nid]; i < zones->node_first[nid + 1]; i++) {
			struct nb_range pages = nb_zones_pages(nb_zones_region(b, i));

			if (pages.start >= pages.end)
				continue;
			if (!node->end)
				node->start = pages.start;
			node->end = pages.end;
		}
	}
}

static void emit_limits(const struct nb_zones_build *b)
{
	nb_emit(b->env, .kind = NB_EV_ZONES_BEGIN);
	for (uint32_t zone = 0; zone < NB_ZONES; zone++) {
		struct nb_range limit = b->zones->limit[zone];

		if (zone == NB_ZONE_MOVABLE || !nb_zone_is_built_in(b->env->config, zone))
			continue;
		if (limit.start == limit.end)
			nb_emit(b->env, .kind = NB_EV_ZONE_EMPTY, .id = zone);
		else
			nb_emit(b->env, .kind = NB_EV_ZONE_LIMITS, .id = zone,
				.range = nb_zones_bytes(limit));
	}
}

static void emit_layout(const struct nb_zones_build *b)
{
	emit_limits(b);
	nb_emit(b->env, .kind = NB_EV_MOVABLE_BEGIN);
	for (uint32_t nid = 0; nid < b->zones->nodes; nid++)
		if (b->zones->node[nid].movable_start)
			nb_emit(b->env, .kind = NB_EV_MOVABLE_START, .nid = (int32_t)nid,
				.got = nb_pfn_phys(b->zones->node[nid].movable_start));

	nb_emit(b->env, .kind = NB_EV_RANGES_BEGIN);
	for (uint32_t i = 0; i < b->memory->count; i++) {
		struct nb_range pages = nb_zones_pages(nb_region_at(b->memory, i));
		int32_t nid = nb_region_at(b->memory, i)->nid;

		if (pages.start < pages.end)
			nb_emit(b->env, .kind = NB_EV_RANGE, .nid = nid, .flags = nid < 0,
				.limit = nid < 0 ? b->env->config->max_nodes : 0,
				.range = nb_zones_bytes(pages));
	}
}

/*
 * What a zone spans on a node: the part of its limits that the node reaches into,
 * without what Movable takes. With kernelcore=mirror Movable may take nothing from
 * a zone that begins below it: both span the rest of the node.
 */
static struct nb_range zone_span(const struct nb_zones_build *b, const struct nb_node_zones *node,
				 uint32_t zone)
{
	const struct nb_zones *zones = b->zones;
	struct nb_range whole = { node->start, node->end };
	struct nb_range span = nb_zones_clamp(whole, zones->limit[zone]);
	nb_pfn movable = node->movable_start;

	if (movable && zone == NB_ZONE_MOVABLE)
		span = (struct nb_range){ movable, zones->limit[zones->movable_from].end };
	else if (movable && span.start >= movable)
		span.end = span.start;
	else if (movable && !b->overlaps)
		span.end = nb_min(span.end, movable);

	span.start = nb_max(span.start, whole.start);
	span.end = nb_min(span.end, whole.end);
	return span.start < span.end ? span : (struct nb_range){ 0 };
}

/*
 * A Movable zone that begins behind its node's end spans nothing, but Linux takes
 * the pages between as ones that are not absent.
 * Source: Linux 4.9 mm/page_alloc.c calculate_node_totalpages().
 */
static uint64_t pages_behind(const struct nb_zones_build *b, const struct nb_node_zones *node)
{
	const struct nb_zones *zones = b->zones;
	nb_pfn end = nb_min(node->end, zones->limit[zones->movable_from].end);

	if (b->env->rules->movable_within_node)
		return 0;
	return nb_range_size((struct nb_range){ end, node->movable_start });
}

/* Counts a node's RAM in each of its zones. */
static void count_present(const struct nb_zones_build *b, uint32_t nid)
{
	struct nb_node_zones *node = &b->zones->node[nid];

	node->zone[NB_ZONE_MOVABLE].present_pages = pages_behind(b, node);
	for (uint32_t i = b->zones->node_first[nid]; i < b->zones->node_first[nid + 1]; i++) {
		struct nb_range pages = nb_zones_pages(nb_zones_region(b, i));

		for (uint32_t id = 0; id < NB_ZONES; id++) {
			struct nb_zone *zone = &node->zone[id];
			struct nb_range part = nb_zones_clamp(pages, nb_zones_span(zone));

			zone->present_pages += nb_range_size(part);
		}
	}
}

static bool is_mirrored(const struct nb_region *region)
{
	return region->flags & NB_REGION_MIRROR;
}

/* Adds up the pages that are mirrored, or those that are not, below each region. */
static void sum_below(const struct nb_zones_build *b, bool mirrored)
{
	uint64_t *below = b->zones->pages_below;

	below[0] = 0;
	for (uint32_t i = 0; i < b->memory->count; i++) {
		const struct nb_region *region = nb_region_at(b->memory, i);
		bool counts = is_mirrored(region) == mirrored;

		below[i + 1] = below[i] + (counts ? nb_range_size(nb_zones_pages(region)) : 0);
	}
}

/* Pages below a pfn, of the kind that pages_below was made for. */
static uint64_t pages_below(const struct nb_zones_build *b, nb_pfn pfn, bool mirrored)
{
	uint32_t i = nb_regions_first_above(b->memory, nb_pfn_phys(pfn));
	uint64_t pages = b->zones->pages_below[i];

	if (i < b->memory->count && is_mirrored(nb_region_at(b->memory, i)) == mirrored) {
		nb_pfn start = nb_zones_pages(nb_region_at(b->memory, i)).start;

		pages += nb_range_size((struct nb_range){ start, pfn });
	}
	return pages;
}

/*
 * Where Normal and Movable span the same pages, mirrored ones are no part of
 * Movable and the others no part of Normal. Linux takes them off for all that the
 * zone spans, so also for a node that lies in between: the count may then fall
 * below zero and wrap.
 * Source: Linux 6.12 mm/mm_init.c zone_absent_pages_in_node().
 */
static void take_off(const struct nb_zones_build *b, struct nb_range nids, enum nb_zone_id zone,
		     bool mirrored)
{
	struct nb_zones *zones = b->zones;

	sum_below(b, mirrored);
	for (uint64_t nid = nids.start; nid < nids.end; nid++) {
		struct nb_zone *of = &zones->node[nid].zone[zone];
		struct nb_range span = nb_zones_span(of);

		if (zones->node[nid].movable_start)
			of->present_pages -= pages_below(b, span.end, mirrored) -
					     pages_below(b, span.start, mirrored);
	}
}

/* The pages that the descriptors of a zone's pages take. Sparse memory has none
 * for large holes. Source: Linux 6.1 mm/page_alloc.c calc_memmap_size(). */
static uint64_t memmap_pages(const struct nb_zones_build *b, const struct nb_zone *zone)
{
	const struct nb_kernel_config *config = b->env->config;
	uint64_t pages = zone->spanned_pages, present = zone->present_pages;

	if (config->section_bytes > NB_PAGE_SIZE && pages > present + (present >> 4))
		pages = present;
	return nb_pfn_up(pages * config->page_struct_bytes);
}

/* Whether a zone is HighMem, or a Movable zone cut out of it. */
static bool is_high(const struct nb_zones_build *b, uint32_t zone)
{
	return (zone == NB_ZONE_MOVABLE ? b->zones->movable_from : zone) == NB_ZONE_HIGHMEM;
}

/* Those of high memory's pages lie elsewhere. */
static bool memmap_is_counted(const struct nb_zones_build *b, uint32_t zone)
{
	return b->env->rules->memmap_counted && !is_high(b, zone);
}

/* Whether they are taken off what the zone has. Where memory is flat a zone of
 * holes may have fewer pages than that, and is left alone. */
static bool memmap_is_taken_off(const struct nb_zones_build *b, const struct nb_zone *zone,
				uint32_t id)
{
	return memmap_is_counted(b, id) && memmap_pages(b, zone) <= zone->present_pages;
}

/*
 * What each zone is taken to manage until memblock gives its free pages: what is
 * present, and in some lines not what the kernel has taken of it.
 * Source: Linux 6.1 mm/page_alloc.c free_area_init_core().
 */
static void count_managed(const struct nb_zones_build *b, struct nb_node_zones *node)
{
	for (uint32_t id = 0; id < NB_ZONES; id++) {
		struct nb_zone *zone = &node->zone[id];

		zone->managed_pages = zone->present_pages;
		if (memmap_is_taken_off(b, zone, id))
			zone->managed_pages -= memmap_pages(b, zone);
		if (id == nb_zone_lowest(b->env->config) &&
		    zone->managed_pages > b->zones->dma_reserved_pages)
			zone->managed_pages -= b->zones->dma_reserved_pages;
	}
}

/* Measures the zones of those of some nodes that have zones. */
static void measure_nodes(const struct nb_zones_build *b, struct nb_range nids)
{
	struct nb_zones *zones = b->zones;

	for (uint64_t nid = nids.start; nid < nids.end; nid++) {
		struct nb_node_zones *node = &zones->node[nid];

		if (!node->end || !nb_nodes_has(&zones->built, (int32_t)nid))
			continue;
		for (uint32_t zone = 0; zone < NB_ZONES; zone++) {
			struct nb_range span = zone_span(b, node, zone);

			node->zone[zone].start = span.start;
			node->zone[zone].spanned_pages = span.end - span.start;
		}
		count_present(b, (uint32_t)nid);
	}
	if (b->overlaps) {
		take_off(b, nids, NB_ZONE_NORMAL, false);
		take_off(b, nids, NB_ZONE_MOVABLE, true);
	}
	for (uint64_t nid = nids.start; nid < nids.end; nid++)
		count_managed(b, &zones->node[nid]);
}

static uint64_t present_of(const struct nb_node_zones *node)
{
	uint64_t present = 0;

	for (uint32_t id = 0; id < NB_ZONES; id++)
		present += node->zone[id].present_pages;
	return present;
}

/* Adds a node that has been cut to the sums and sets of all nodes. */
static void add_node(const struct nb_zones_build *b, int32_t nid)
{
	struct nb_zones *zones = b->zones;
	struct nb_node_zones *node = &zones->node[nid];
	uint64_t present = present_of(node), normal = 0;

	for (uint32_t zone = 0; zone < NB_ZONES; zone++) {
		zones->managed_pages += node->zone[zone].managed_pages;
		if (zone <= NB_ZONE_NORMAL)
			normal |= node->zone[zone].present_pages;
	}
	if (present)
		nb_nodes_add(&zones->has_memory, nid);
	if (present && normal)
		nb_nodes_add(&zones->has_normal_memory, nid);
	zones->present_pages += present;
}

/* How a zone came to manage so many pages. */
static void emit_managed(const struct nb_zones_build *b, int32_t nid, uint32_t id)
{
	const struct nb_zone *zone = &b->zones->node[nid].zone[id];
	uint64_t memmap = memmap_pages(b, zone), reserved = b->zones->dma_reserved_pages;
	bool taken_off = memmap_is_taken_off(b, zone, id);
	uint64_t left = zone->present_pages - (taken_off ? memmap : 0);

	if (taken_off && memmap)
		nb_emit(b->env, .kind = NB_EV_ZONE_MEMMAP, .nid = nid, .id = id, .got = memmap);
	else if (memmap_is_counted(b, id) && memmap)
		nb_emit(b->env, .kind = NB_EV_ZONE_MEMMAP_EXCEEDS, .nid = nid, .id = id,
			.got = memmap, .limit = zone->present_pages);
	if (id == nb_zone_lowest(b->env->config) && left > reserved)
		nb_emit(b->env, .kind = NB_EV_ZONE_RESERVED, .nid = nid, .id = id, .got = reserved);
	if (zone->present_pages)
		nb_emit(b->env, .kind = NB_EV_ZONE_PAGES, .nid = nid, .id = id,
			.got = zone->present_pages,
			.limit = nb_zones_batch(zone->managed_pages, b->env->rules),
			.more = { zone->managed_pages });
}

/* The number of a zone in this kernel: zones that are not built in have none. */
static uint32_t number_of(const struct nb_kernel_config *config, uint32_t id)
{
	uint32_t number = 0;

	for (uint32_t below = 0; below < id; below++)
		number += nb_zone_is_built_in(config, below);
	return number;
}

/* Tables that processes wait in for a page of a zone. Linux 4.4 mm/page_alloc.c
 * zone_wait_table_init(). */
static enum nb_err take_wait_table(const struct nb_zones_build *b, int32_t nid, uint32_t id)
{
	const struct nb_request request = {
		.size = b->env->rules->zone_wait_bytes,
		.align = LINE,
		.nid = nid,
	};
	nb_phys at;
	enum nb_err err;

	if (!request.size || !b->zones->node[nid].zone[id].spanned_pages)
		return NB_OK;
	err = nb_memblock_get(b->mb, &request, NB_RESERVED_WAIT_TABLE, &at, b->env);
	return err == NB_ERR_MEMORY ? NB_OK : err;
}

static enum nb_err emit_zone(const struct nb_zones_build *b, int32_t nid, uint32_t id)
{
	const struct nb_zone *zone = &b->zones->node[nid].zone[id];
	struct nb_range span = nb_zones_span(zone);
	enum nb_err err;

	if (b->env->rules->memmap_counted)
		emit_managed(b, nid, id);
	if (!zone->spanned_pages)
		return NB_OK;
	nb_emit(b->env, .kind = NB_EV_ZONE, .nid = nid, .id = id, .range = nb_zones_bytes(span),
		.got = zone->present_pages, .limit = zone->spanned_pages);
	err = nb_zones_flat_usage(b, nid, id);
	if (!err)
		err = take_wait_table(b, nid, id);
	if (!err && b->params->mminit_loglevel >= TRACE_LOGLEVEL)
		nb_emit(b->env, .kind = NB_EV_MEMMAP_INIT, .nid = nid, .id = id, .got = span.start,
			.limit = span.end, .more = { number_of(b->env->config, id) });
	return err;
}

/* Data of a node that has none, since it has no memory. Linux 6.12 mm/numa.c
 * alloc_offline_node_data(). */
static enum nb_err take_empty_data(const struct nb_zones_build *b, int32_t nid)
{
	const struct nb_request request = {
		.size = b->env->config->node_struct_bytes,
		.align = LINE,
		.nid = NB_NO_NODE,
	};
	nb_phys at;
	enum nb_err err;

	nb_emit(b->env, .kind = NB_EV_NODE_NO_DATA, .nid = nid);
	err = nb_memblock_get(b->mb, &request, NB_RESERVED_EMPTY_NODE, &at, b->env);
	if (err != NB_ERR_MEMORY)
		return err;
	nb_emit(b->env, .kind = NB_EV_DIES, .id = NB_ZONES_STAGE, .nid = nid,
		.why = NB_WHY_DIES_NODE_DATA);
	return NB_ERR_DIES;
}

static enum nb_err emit_node(const struct nb_zones_build *b, int32_t nid)
{
	const struct nb_node_zones *node = &b->zones->node[nid];
	enum nb_err err;

	if (node->end)
		nb_emit(b->env, .kind = NB_EV_NODE_SPAN, .nid = nid,
			.range = nb_zones_bytes((struct nb_range){ node->start, node->end }));
	else
		nb_emit(b->env, .kind = NB_EV_NODE_MEMORYLESS, .nid = nid);
	if (b->env->rules->memmap_counted)
		nb_emit(b->env, .kind = NB_EV_NODE_PAGES, .nid = nid, .got = present_of(node));
	err = nb_zones_flat_memmap(b, nid);
	for (uint32_t id = 0; !err && id < NB_ZONES; id++)
		err = emit_zone(b, nid, id);
	return err;
}

/*
 * Pages of the lowest 16 MiB that are RAM and taken already. With 32 bits nobody
 * counts them.
 * Source: Linux 6.1 arch/x86/mm/init.c memblock_find_dma_reserve().
 */
static uint64_t dma_reserved(const struct nb_zones_build *b, const struct nb_memblock *mb)
{
	struct nb_free_walk walk = { .mb = mb, .nid = NB_NO_NODE };
	struct nb_range range, low = { 0, NB_DMA_END_PFN };
	uint64_t reserved = 0;

	if (!b->env->rules->memmap_counted || b->env->config->low_and_vmalloc)
		return 0;
	for (uint32_t i = 0; i < b->memory->count; i++)
		reserved += nb_range_size(
			nb_zones_clamp(nb_zones_pages(nb_region_at(b->memory, i)), low));
	while (nb_free_next(&walk, &range, NULL) && nb_pfn_up(range.start) < low.end) {
		struct nb_range pages = { nb_pfn_up(range.start), nb_pfn_down(range.end) };

		reserved -= nb_range_size(nb_zones_clamp(pages, low));
	}
	return reserved;
}

/* Pages by which large tables are reckoned: those that zones manage, less what describes
 * high memory. Source: Linux 6.1 mm/page_alloc.c free_area_init_core(). */
static void count_by_zones(const struct nb_zones_build *b, const struct nb_node_zones *node)
{
	struct nb_zones *zones = b->zones;

	for (uint32_t id = 0; id < NB_ZONES; id++) {
		const struct nb_zone *zone = &node->zone[id];
		uint64_t memmap = memmap_pages(b, zone);

		zones->all_pages += zone->managed_pages;
		if (!is_high(b, id))
			zones->kernel_pages += zone->managed_pages;
		else if (zones->kernel_pages > 2 * memmap)
			zones->kernel_pages -= memmap;
	}
}

/* Or what is free by now. Source: Linux 6.12 mm/mm_init.c calc_nr_kernel_pages(). */
static uint64_t free_pages(const struct nb_memblock *mb)
{
	struct nb_free_walk walk = { .mb = mb, .nid = NB_NO_NODE };
	struct nb_range range;
	uint64_t pages = 0;

	while (nb_free_next(&walk, &range, NULL))
		if (nb_pfn_up(range.start) < nb_pfn_down(range.end))
			pages += nb_pfn_down(range.end) - nb_pfn_up(range.start);
	return pages;
}

/* The nodes that there are so far get their zones. */
static enum nb_err build_nodes(const struct nb_zones_build *b, const struct nb_numa *numa)
{
	struct nb_zones *zones = b->zones;
	enum nb_err err = NB_OK;

	zones->built = b->env->rules->empty_nodes_built ? numa->possible : numa->online;
	zones->has_memory = zones->has_normal_memory = (struct nb_nodes){ 0 };
	zones->present_pages = zones->managed_pages = 0;
	zones->kernel_pages = zones->all_pages = 0;
	measure_nodes(b, (struct nb_range){ 0, zones->nodes });
	nb_for_each_node (nid, &zones->built) {
		nb_assert(nid < (int32_t)zones->nodes);
		if (!err && !numa->node_data[nid] && b->env->rules->empty_nodes_built &&
		    !b->env->config->no_numa)
			err = take_empty_data(b, nid);
		add_node(b, nid);
		count_by_zones(b, &zones->node[nid]);
		if (!err)
			err = emit_node(b, nid);
	}
	if (b->env->rules->hash_by_free)
		zones->kernel_pages = zones->all_pages = free_pages(b->mb);
	return err;
}

enum nb_zone_id nb_zones_of(const struct nb_zones *zones, const struct nb_region *region,
			    nb_pfn pfn)
{
	/* The first zone of these that spans the page has it: Linux makes Movable's
	 * descriptors last, but not those of mirrored memory. */
	static const enum nb_zone_id order[2][5] = {
		{ NB_ZONE_MOVABLE, NB_ZONE_DMA, NB_ZONE_DMA32, NB_ZONE_NORMAL, NB_ZONE_HIGHMEM },
		{ NB_ZONE_DMA, NB_ZONE_DMA32, NB_ZONE_NORMAL, NB_ZONE_HIGHMEM, NB_ZONE_MOVABLE },
	};

	if (region->nid < 0 || region->nid >= (int32_t)zones->nodes)
		return NB_ZONES;
	for (uint32_t i = 0; i < NB_COUNT(order[0]); i++) {
		enum nb_zone_id id = order[is_mirrored(region)][i];
		const struct nb_zone *zone = &zones->node[region->nid].zone[id];

		if (pfn >= zone->start && pfn - zone->start < zone->spanned_pages)
			return id;
	}
	return NB_ZONES;
}

static struct nb_zones_build begin(struct nb_zones *zones, struct nb_memblock *mb,
				   const struct nb_params *params, const struct nb_env *env)
{
	return (struct nb_zones_build){
		.zones = zones,
		.memory = &mb->memory,
		.mb = mb,
		.params = params,
		.env = env,
		.overlaps = params->kernelcore_mirror && env->rules->mirror_overlaps,
	};
}

enum nb_err nb_zones_add(struct nb_zones *zones, struct nb_memblock *mb, int32_t nid,
			 const struct nb_params *params, const struct nb_env *env)
{
	const struct nb_zones_build b = begin(zones, mb, params, env);

	nb_assert(nid >= 0 && nid < (int32_t)zones->nodes && !nb_nodes_has(&zones->built, nid));
	nb_nodes_add(&zones->built, nid);
	group_by_node(&b);
	measure_nodes(&b, (struct nb_range){ (uint64_t)nid, (uint64_t)nid + 1 });
	zones->present_pages += present_of(&zones->node[nid]);
	return emit_node(&b, nid);
}

enum nb_err nb_zones_build(struct nb_zones *zones, struct nb_memblock *mb,
			   const struct nb_numa *numa, const struct nb_e820 *e820,
			   const struct nb_params *params, const struct nb_boot_facts *facts,
			   const struct nb_env *env)
{
	const struct nb_zones_build b = begin(zones, mb, params, env);
	enum nb_err err = NB_OK;

	zones->dma_reserved_pages = dma_reserved(&b, mb);
	find_nodes(&b);
	if (!env->rules->sparse_after_zones)
		err = nb_zones_sparse(&b, numa, facts);
	if (err)
		return err;
	find_limits(&b, e820);
	nb_zones_find_movable(&b, facts->kdump);
	emit_layout(&b);

	return build_nodes(&b, numa);
}

enum nb_err nb_zones_memmap(struct nb_zones *zones, struct nb_memblock *mb,
			    const struct nb_numa *numa, const struct nb_e820 *e820,
			    const struct nb_params *params, const struct nb_boot_facts *facts,
			    const struct nb_env *env)
{
	const struct nb_zones_build b = begin(zones, mb, params, env);
	enum nb_err err = NB_OK;

	if (env->rules->sparse_after_zones)
		err = nb_zones_sparse(&b, numa, facts);
	if (err)
		return err;
	return env->rules->memmap_by_region ? nb_zones_describe(&b, e820->max_pfn) : NB_OK;
}
