/* SPDX-License-Identifier: MIT */
/*
 * zones: cuts every possible node into DMA, DMA32, Normal and Movable.
 *
 *   end of RAM ------------> limits, the same for all nodes
 *   regions of memory -----> where each node begins and ends
 *   command line, flags ---> where Movable begins on each node
 *            |
 *            v
 *   what each zone of each node spans, and how many of its pages are RAM
 *            |
 *            v
 *   page descriptors: holes that get some, RAM that has no node to ask
 *
 * Each step is one pass over the regions, however many nodes there are.
 * Source: Linux 6.12 mm/mm_init.c free_area_init().
 */
#include <numaboot/events.h>
#include <numaboot/params.h>
#include <numaboot/rules.h>
#include <numaboot/zones.h>

#include "base/memory.h"

enum {
	DMA_END_PFN = (16 * NB_MIB) >> NB_PAGE_SHIFT,
	DMA32_END_PFN = (4 * NB_GIB) >> NB_PAGE_SHIFT,
	MOVABLE_ALIGN_PAGES = 1024, /* the largest block of the page allocator */
	TRACE_LOGLEVEL = 3,         /* mminit_loglevel= from which on memmap_init is traced */
};

/* What every step reads, and what the command line makes of it. */
struct build {
	struct nb_zones *zones;
	const struct nb_regions *memory;
	const struct nb_params *params;
	const struct nb_env *env;
	uint32_t zone_count; /* zones that are built in */
	bool mirror;         /* kernelcore=mirror, whether or not there is any */
};

/* The whole pages of a region; start >= end if it has none. */
static struct nb_range pages_of(const struct nb_region *region)
{
	return (struct nb_range){ nb_pfn_up(region->start), nb_pfn_down(region->end) };
}

static struct nb_range bytes_of(struct nb_range pfns)
{
	return (struct nb_range){ nb_pfn_phys(pfns.start), nb_pfn_phys(pfns.end) };
}

static struct nb_range clamp(struct nb_range range, struct nb_range to)
{
	return (struct nb_range){ nb_clamp(range.start, to.start, to.end),
				  nb_clamp(range.end, to.start, to.end) };
}

static struct nb_range span_of(const struct nb_zone *zone)
{
	return (struct nb_range){ zone->start, zone->start + zone->spanned_pages };
}

/*
 * Each zone begins where the one below ends, the lowest with RAM. Movable has no
 * limits of its own, Device no memory yet. By now the direct map covers all RAM,
 * so Normal reaches to its end.
 * Source: Linux 6.12 arch/x86/mm/init.c zone_sizes_init(), mm/mm_init.c
 * find_usable_zone_for_movable().
 */
static void find_limits(const struct build *b, nb_pfn max_pfn)
{
	const nb_pfn ends[NB_ZONES] = {
		[NB_ZONE_DMA] = nb_min(DMA_END_PFN, max_pfn),
		[NB_ZONE_DMA32] = nb_min(DMA32_END_PFN, max_pfn),
		[NB_ZONE_NORMAL] = max_pfn,
	};
	nb_pfn start = b->memory->count ? nb_pfn_down(b->memory->at[0].start) : 0;

	b->zones->movable_from = NB_ZONE_DMA;
	for (uint32_t zone = 0; zone < NB_ZONES; zone++) {
		struct nb_range *limit = &b->zones->limit[zone];

		*limit = (struct nb_range){ 0 };
		if (zone == NB_ZONE_MOVABLE)
			continue;
		*limit = (struct nb_range){ start, nb_max(ends[zone], start) };
		if (limit->start < limit->end)
			b->zones->movable_from = (enum nb_zone_id)zone;
		start = limit->end;
	}
}

/* Lists the regions node by node, so that a node's are found without a search. */
static void group_by_node(const struct build *b)
{
	struct nb_zones *zones = b->zones;
	uint32_t *first = zones->node_first, *at = zones->node_at;

	memset(first, 0, (zones->nodes + 1) * sizeof(*first));
	for (uint32_t i = 0; i < b->memory->count; i++) {
		int32_t nid = b->memory->at[i].nid;

		nb_assert(nid < (int32_t)zones->nodes);
		if (nid >= 0)
			first[nid + 1]++;
	}
	for (uint32_t nid = 0; nid < zones->nodes; nid++) {
		first[nid + 1] += first[nid];
		at[nid] = first[nid];
	}
	for (uint32_t i = 0; i < b->memory->count; i++) {
		int32_t nid = b->memory->at[i].nid;

		if (nid >= 0)
			zones->by_node[at[nid]++] = i;
	}
}

/* A region of a node: the i-th of its list. */
static const struct nb_region *node_region(const struct build *b, uint32_t i)
{
	return &b->memory->at[b->zones->by_node[i]];
}

/* Where each node's memory begins and ends; both 0 for a node without any. */
static void find_nodes(const struct build *b)
{
	struct nb_zones *zones = b->zones;

	group_by_node(b);
	for (uint32_t nid = 0; nid < zones->nodes; nid++) {
		struct nb_node_zones *node = &zones->node[nid];

		*node = (struct nb_node_zones){ 0 };
		for (uint32_t i = zones->node_first[nid]; i < zones->node_first[nid + 1]; i++) {
			struct nb_range pages = pages_of(node_region(b, i));

			if (pages.start >= pages.end)
				continue;
			if (!node->end)
				node->start = pages.start;
			node->end = pages.end;
		}
	}
}

/* A node's Movable zone begins with the lowest region that wants it. */
static void begin_movable(const struct build *b, const struct nb_region *region)
{
	if (region->nid < 0)
		return;

	struct nb_node_zones *node = &b->zones->node[region->nid];

	if (!node->movable_start)
		node->movable_start = nb_pfn_up(region->start);
}

/* movable_node: what can be unplugged must hold nothing that cannot move. */
static void movable_from_hotplug(const struct build *b)
{
	for (uint32_t i = 0; i < b->memory->count; i++)
		if (b->memory->at[i].flags & NB_REGION_HOTPLUG)
			begin_movable(b, &b->memory->at[i]);
}

static bool any_mirrored(const struct nb_regions *memory)
{
	for (uint32_t i = 0; i < memory->count; i++)
		if (memory->at[i].flags & NB_REGION_MIRROR)
			return true;
	return false;
}

/* kernelcore=mirror: the kernel keeps to mirrored memory, and to what lies below 4 GiB. */
static void movable_from_mirror(const struct build *b, bool kdump)
{
	bool unmirrored_low = false;

	if (!any_mirrored(b->memory)) {
		nb_emit(b->env, .kind = NB_EV_NO_MIRROR);
		return;
	}
	if (kdump) {
		nb_emit(b->env, .kind = NB_EV_MIRROR_KDUMP);
		return;
	}
	for (uint32_t i = 0; i < b->memory->count; i++) {
		const struct nb_region *region = &b->memory->at[i];

		if (region->flags & NB_REGION_MIRROR)
			continue;
		if (nb_pfn_up(region->start) < DMA32_END_PFN)
			unmirrored_low = true;
		else
			begin_movable(b, region);
	}
	if (unmirrored_low)
		nb_emit(b->env, .kind = NB_EV_UNMIRRORED_LOW);
}

/* The pages that kernelcore= and movablecore= leave to the kernel; 0: there is
 * no Movable zone. A product that does not fit wraps, as it does in Linux. */
static uint64_t core_pages(const struct nb_params *params, uint64_t total)
{
	uint64_t core = params->kernelcore.pages, movable = params->movablecore.pages;

	if (params->kernelcore.percent)
		core = total * 100 * params->kernelcore.percent / 10000;
	if (params->movablecore.percent)
		movable = total * 100 * params->movablecore.percent / 10000;
	if (movable) {
		movable = nb_min(total, nb_align_up(movable, MOVABLE_ALIGN_PAGES));
		core = nb_max(core, total - movable);
	}
	return core < total ? core : 0;
}

/*
 * Gives the kernel up to `share` more pages of a node, and all below the zone
 * that Movable is cut out of; Movable begins behind them. Returns how many pages
 * that were. What an earlier turn gave lies below movable_start.
 */
static uint64_t take_core(const struct build *b, uint32_t nid, uint64_t share)
{
	struct nb_zones *zones = b->zones;
	struct nb_node_zones *node = &zones->node[nid];
	nb_pfn lowest = zones->limit[zones->movable_from].start;
	uint64_t taken = 0;

	for (; zones->node_at[nid] < zones->node_first[nid + 1]; zones->node_at[nid]++) {
		struct nb_range pages = pages_of(node_region(b, zones->node_at[nid]));

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
 * Source: Linux 6.12 mm/mm_init.c find_zone_movable_pfns_for_nodes().
 */
static void spread_core(const struct build *b)
{
	struct nb_zones *zones = b->zones;
	uint64_t total = 0;
	uint32_t turns = 0;

	for (uint32_t i = 0; i < b->memory->count; i++) {
		struct nb_range pages = pages_of(&b->memory->at[i]);

		total += nb_range_size(pages);
	}
	for (uint32_t nid = 0; nid < zones->nodes; nid++) {
		zones->node_at[nid] = zones->node_first[nid];
		turns += zones->node[nid].end != 0;
	}

	uint64_t core = core_pages(b->params, total);

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

/* Movable begins on a border of the largest block, or not at all. */
static void align_movable(struct nb_zones *zones)
{
	for (uint32_t nid = 0; nid < zones->nodes; nid++) {
		struct nb_node_zones *node = &zones->node[nid];

		node->movable_start = nb_align_up(node->movable_start, MOVABLE_ALIGN_PAGES);
		if (node->movable_start >= node->end)
			node->movable_start = 0;
	}
}

/* The first of three wishes counts: movable_node, kernelcore=mirror, a size. */
static void find_movable(const struct build *b, bool kdump)
{
	if (b->params->movable_node && b->env->config->memory_hotplug)
		movable_from_hotplug(b);
	else if (b->mirror)
		movable_from_mirror(b, kdump);
	else
		spread_core(b);
	align_movable(b->zones);
}

static void emit_layout(const struct build *b)
{
	nb_emit(b->env, .kind = NB_EV_ZONES_BEGIN);
	for (uint32_t zone = 0; zone < b->zone_count; zone++) {
		struct nb_range limit = b->zones->limit[zone];

		if (zone == NB_ZONE_MOVABLE)
			continue;
		if (limit.start == limit.end)
			nb_emit(b->env, .kind = NB_EV_ZONE_EMPTY, .id = zone);
		else
			nb_emit(b->env, .kind = NB_EV_ZONE_LIMITS, .id = zone,
				.range = bytes_of(limit));
	}

	nb_emit(b->env, .kind = NB_EV_MOVABLE_BEGIN);
	for (uint32_t nid = 0; nid < b->zones->nodes; nid++)
		if (b->zones->node[nid].movable_start)
			nb_emit(b->env, .kind = NB_EV_MOVABLE_START, .nid = (int32_t)nid,
				.got = nb_pfn_phys(b->zones->node[nid].movable_start));

	nb_emit(b->env, .kind = NB_EV_RANGES_BEGIN);
	for (uint32_t i = 0; i < b->memory->count; i++) {
		struct nb_range pages = pages_of(&b->memory->at[i]);

		if (pages.start < pages.end)
			nb_emit(b->env, .kind = NB_EV_RANGE, .nid = b->memory->at[i].nid,
				.range = bytes_of(pages));
	}
}

/*
 * What a zone spans on a node: the part of its limits that the node reaches into,
 * without what Movable takes. With kernelcore=mirror Movable takes nothing from a
 * zone that begins below it: both span the rest of the node.
 */
static struct nb_range zone_span(const struct build *b, const struct nb_node_zones *node,
				 uint32_t zone)
{
	const struct nb_zones *zones = b->zones;
	struct nb_range whole = { node->start, node->end };
	struct nb_range span = clamp(whole, zones->limit[zone]);
	nb_pfn movable = node->movable_start;

	if (movable && zone == NB_ZONE_MOVABLE)
		span = (struct nb_range){ movable, zones->limit[zones->movable_from].end };
	else if (movable && span.start >= movable)
		span.end = span.start;
	else if (movable && !b->mirror)
		span.end = nb_min(span.end, movable);

	span.start = nb_max(span.start, whole.start);
	span.end = nb_min(span.end, whole.end);
	return span.start < span.end ? span : (struct nb_range){ 0 };
}

/* Counts a node's RAM in each of its zones. */
static void count_present(const struct build *b, uint32_t nid)
{
	struct nb_node_zones *node = &b->zones->node[nid];

	for (uint32_t i = b->zones->node_first[nid]; i < b->zones->node_first[nid + 1]; i++) {
		struct nb_range pages = pages_of(node_region(b, i));

		for (uint32_t zone = 0; zone < b->zone_count; zone++)
			node->zone[zone].present_pages +=
				nb_range_size(clamp(pages, span_of(&node->zone[zone])));
	}
}

static void measure_zones(const struct build *b)
{
	for (uint32_t nid = 0; nid < b->zones->nodes; nid++) {
		struct nb_node_zones *node = &b->zones->node[nid];

		if (!node->end)
			continue;
		for (uint32_t zone = 0; zone < b->zone_count; zone++) {
			struct nb_range span = zone_span(b, node, zone);

			node->zone[zone].start = span.start;
			node->zone[zone].spanned_pages = span.end - span.start;
		}
		count_present(b, nid);
	}
}

static bool is_mirrored(const struct nb_region *region)
{
	return region->flags & NB_REGION_MIRROR;
}

/* Pages below a pfn, of the kind that pages_below was made for. */
static uint64_t pages_below(const struct build *b, nb_pfn pfn, bool mirrored)
{
	uint32_t i = nb_regions_first_above(b->memory, nb_pfn_phys(pfn));
	uint64_t pages = b->zones->pages_below[i];

	if (i < b->memory->count && is_mirrored(&b->memory->at[i]) == mirrored)
		pages += nb_range_size((struct nb_range){ pages_of(&b->memory->at[i]).start, pfn });
	return pages;
}

/*
 * Where Normal and Movable span the same pages, mirrored ones are no part of
 * Movable and the others no part of Normal. Linux takes them off for all that the
 * zone spans, so also for a node that lies in between: the count may then fall
 * below zero and wrap.
 * Source: Linux 6.12 mm/mm_init.c zone_absent_pages_in_node().
 */
static void take_off(const struct build *b, enum nb_zone_id zone, bool mirrored)
{
	struct nb_zones *zones = b->zones;

	zones->pages_below[0] = 0;
	for (uint32_t i = 0; i < b->memory->count; i++) {
		const struct nb_region *region = &b->memory->at[i];
		bool counts = is_mirrored(region) == mirrored;

		zones->pages_below[i + 1] =
			zones->pages_below[i] + (counts ? nb_range_size(pages_of(region)) : 0);
	}
	for (uint32_t nid = 0; nid < zones->nodes; nid++) {
		struct nb_zone *of = &zones->node[nid].zone[zone];
		struct nb_range span = span_of(of);

		if (zones->node[nid].movable_start)
			of->present_pages -= pages_below(b, span.end, mirrored) -
					     pages_below(b, span.start, mirrored);
	}
}

/* Adds a node that has been cut to the sums and sets of all nodes. */
static void add_node(const struct build *b, int32_t nid)
{
	struct nb_zones *zones = b->zones;
	struct nb_node_zones *node = &zones->node[nid];
	uint64_t present = 0, below_movable = 0;

	for (uint32_t zone = 0; zone < b->zone_count; zone++) {
		present += node->zone[zone].present_pages;
		if (zone < NB_ZONE_MOVABLE)
			below_movable |= node->zone[zone].present_pages;
	}
	if (present)
		nb_nodes_add(&zones->has_memory, nid);
	if (present && below_movable)
		nb_nodes_add(&zones->has_normal_memory, nid);
	zones->present_pages += present;
}

static void emit_node(const struct build *b, int32_t nid)
{
	const struct nb_node_zones *node = &b->zones->node[nid];
	bool trace = b->params->mminit_loglevel >= TRACE_LOGLEVEL;

	if (!node->end) {
		nb_emit(b->env, .kind = NB_EV_NODE_MEMORYLESS, .nid = nid);
		return;
	}
	nb_emit(b->env, .kind = NB_EV_NODE_SPAN, .nid = nid,
		.range = bytes_of((struct nb_range){ node->start, node->end }));
	for (uint32_t id = 0; id < b->zone_count; id++) {
		const struct nb_zone *zone = &node->zone[id];
		struct nb_range span = span_of(zone);

		if (!zone->spanned_pages)
			continue;
		nb_emit(b->env, .kind = NB_EV_ZONE, .nid = nid, .id = id, .range = bytes_of(span),
			.got = zone->present_pages, .limit = zone->spanned_pages);
		if (trace)
			nb_emit(b->env, .kind = NB_EV_MEMMAP_INIT, .nid = nid, .id = id,
				.got = span.start, .limit = span.end);
	}
}

static void set_up_nodes(const struct build *b, const struct nb_nodes *possible)
{
	b->zones->has_memory = b->zones->has_normal_memory = (struct nb_nodes){ 0 };
	b->zones->present_pages = 0;
	nb_for_each_node (nid, possible) {
		nb_assert(nid < (int32_t)b->zones->nodes);
		add_node(b, nid);
		emit_node(b, nid);
	}
}

/* How far page descriptors have been filled in. */
struct sweep {
	nb_pfn done;        /* all below have theirs */
	uint32_t region;    /* no region before this one reaches the section of `done` */
	uint32_t last_zone; /* the zone that was looked at last */
};

/*
 * The pages of a hole that get descriptors: sparse memory has these by sections,
 * so the hole's pages in a section that holds any RAM have one. Each hole lies
 * above the one before.
 * Source: Linux 6.12 mm/sparse.c memory_present(), include/linux/mmzone.h
 * pfn_valid(): a section that is there from boot on is valid as a whole.
 */
static uint64_t described_pages(const struct build *b, struct sweep *sweep, struct nb_range hole)
{
	uint64_t section_pages = b->env->config->section_bytes >> NB_PAGE_SHIFT;
	nb_pfn floor = nb_align_down(hole.start, section_pages);
	uint64_t described = 0;

	while (sweep->region < b->memory->count &&
	       nb_pfn_down(b->memory->at[sweep->region].end) <= floor)
		sweep->region++;
	for (uint32_t i = sweep->region; i < b->memory->count && hole.start < hole.end; i++) {
		struct nb_range pages = pages_of(&b->memory->at[i]);

		if (pages.start >= pages.end)
			continue;

		struct nb_range sections = { nb_align_down(pages.start, section_pages),
					     nb_align_up(pages.end, section_pages) };
		struct nb_range part = clamp(sections, hole);

		if (sections.start >= hole.end)
			break;
		described += nb_range_size(part);
		hole.start = nb_max(hole.start, part.end);
	}
	return described;
}

/* Gives descriptors to the hole before `end`, in the name of a zone. */
static void describe_hole(const struct build *b, struct sweep *sweep, nb_pfn end, int32_t nid)
{
	if (sweep->done >= end)
		return;

	uint64_t pages = described_pages(b, sweep, (struct nb_range){ sweep->done, end });

	if (pages)
		nb_emit(b->env, .kind = NB_EV_UNAVAILABLE, .nid = nid, .id = sweep->last_zone,
			.got = pages);
}

/* Fills in the descriptors of one region, zone by zone. The hole before it goes
 * to its lowest zone. */
static void describe_region(const struct build *b, struct sweep *sweep, struct nb_range pages,
			    int32_t nid)
{
	const struct nb_node_zones *node = &b->zones->node[nid];

	for (uint32_t id = 0; id < b->zone_count; id++) {
		const struct nb_zone *zone = &node->zone[id];
		struct nb_range part = clamp(pages, span_of(zone));

		if (!zone->present_pages)
			continue;
		sweep->last_zone = id;
		if (part.start >= part.end)
			continue;
		describe_hole(b, sweep, part.start, nid);
		sweep->done = part.end;
	}
}

/*
 * Fills in the page descriptors of all RAM and of the holes around it. What is
 * left of the last section goes to the highest zone of the last region's node.
 * RAM without a node has no zones to go through: Linux reads them at address 0.
 * Source: Linux 6.12 mm/mm_init.c memmap_init().
 */
static enum nb_err describe_pages(const struct build *b)
{
	struct sweep sweep = { 0 };
	struct nb_range pages = { 0 };
	int32_t nid = 0;

	for (uint32_t i = 0; i < b->memory->count; i++) {
		const struct nb_region *region = &b->memory->at[i];

		if (pages_of(region).start >= pages_of(region).end)
			continue;
		pages = pages_of(region);
		nid = region->nid;
		if (nid < 0) {
			nb_emit(b->env, .kind = NB_EV_DIES, .why = NB_WHY_DIES_RAM_WITHOUT_NODE,
				.id = NB_ZONES_STAGE, .nid = NB_NO_NODE, .range = bytes_of(pages));
			return NB_ERR_DIES;
		}
		describe_region(b, &sweep, pages, nid);
	}
	describe_hole(b, &sweep,
		      nb_align_up(pages.end, b->env->config->section_bytes >> NB_PAGE_SHIFT), nid);
	return NB_OK;
}

enum nb_zone_id nb_zones_of(const struct nb_zones *zones, const struct nb_region *region,
			    nb_pfn pfn)
{
	/* The first zone of these that spans the page has it: Linux makes Movable's
	 * descriptors last, but not those of mirrored memory. */
	static const enum nb_zone_id order[2][4] = {
		{ NB_ZONE_MOVABLE, NB_ZONE_DMA, NB_ZONE_DMA32, NB_ZONE_NORMAL },
		{ NB_ZONE_DMA, NB_ZONE_DMA32, NB_ZONE_NORMAL, NB_ZONE_MOVABLE },
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

enum nb_err nb_zones_build(struct nb_zones *zones, const struct nb_memblock *mb,
			   const struct nb_numa *numa, const struct nb_e820 *e820,
			   const struct nb_params *params, const struct nb_boot_facts *facts,
			   const struct nb_env *env)
{
	const struct build b = {
		.zones = zones,
		.memory = &mb->memory,
		.params = params,
		.env = env,
		.zone_count = env->config->zone_device ? NB_ZONES : NB_ZONE_DEVICE,
		.mirror = params->kernelcore_mirror,
	};

	find_limits(&b, e820->max_pfn);
	find_nodes(&b);
	find_movable(&b, facts->kdump);
	emit_layout(&b);

	measure_zones(&b);
	if (b.mirror) {
		take_off(&b, NB_ZONE_NORMAL, false);
		take_off(&b, NB_ZONE_MOVABLE, true);
	}
	set_up_nodes(&b, &numa->possible);
	return describe_pages(&b);
}
