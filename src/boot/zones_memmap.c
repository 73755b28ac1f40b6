/* SPDX-License-Identifier: MIT */
/*
 * zones_memmap: which zone the descriptors of pages name, region by region. The
 * pages of a hole that have one belong to the zone above it.
 *
 * Source: Linux 6.12 mm/mm_init.c memmap_init().
 */
#include "boot/zones_build.h"

enum { PAGEBLOCK_PAGES = 512 /* 2 MiB: what is asked for descriptors at once */ };

/* How far page descriptors have been filled in. */
struct sweep {
	nb_pfn done;        /* all below have theirs */
	uint32_t region;    /* no region before this one reaches the section of `done` */
	uint32_t last_zone; /* the zone that was looked at last */
	bool flat;          /* memory is flat: every page up to `flat_end` has one */
	nb_pfn flat_end;
};

/*
 * The pages of a hole that get descriptors: sparse memory has these by sections,
 * so the hole's pages in a section that holds any RAM have one. Each hole lies
 * above the one before.
 * Source: Linux 6.12 mm/sparse.c memory_present(), include/linux/mmzone.h
 * pfn_valid(): a section that is there from boot on is valid as a whole.
 */
static uint64_t described_pages(const struct nb_zones_build *b, struct sweep *sweep,
				struct nb_range hole)
{
	uint64_t section_pages = b->env->config->section_bytes >> NB_PAGE_SHIFT;
	nb_pfn floor = nb_align_down(hole.start, section_pages);
	uint64_t described = 0;

	if (sweep->flat)
		return nb_range_size(nb_zones_clamp(hole, (struct nb_range){ 0, sweep->flat_end }));
	while (sweep->region < b->memory->count &&
	       nb_pfn_down(nb_region_at(b->memory, sweep->region)->end) <= floor)
		sweep->region++;
	for (uint32_t i = sweep->region; i < b->memory->count && hole.start < hole.end; i++) {
		struct nb_range pages = nb_zones_pages(nb_region_at(b->memory, i));

		if (pages.start >= pages.end)
			continue;

		struct nb_range sections = { nb_align_down(pages.start, section_pages),
					     nb_align_up(pages.end, section_pages) };
		struct nb_range part = nb_zones_clamp(sections, hole);

		if (sections.start >= hole.end)
			break;
		described += nb_range_size(part);
		hole.start = nb_max(hole.start, part.end);
	}
	return described;
}

/* Gives descriptors to the hole before `end`, in the name of a zone. */
static void describe_hole(const struct nb_zones_build *b, struct sweep *sweep, nb_pfn end,
			  int32_t nid)
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
static void describe_region(const struct nb_zones_build *b, struct sweep *sweep,
			    struct nb_range pages, int32_t nid)
{
	const struct nb_node_zones *node = &b->zones->node[nid];

	for (uint32_t id = 0; id < NB_ZONES; id++) {
		const struct nb_zone *zone = &node->zone[id];
		struct nb_range part = nb_zones_clamp(pages, nb_zones_span(zone));

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
 * What is left of the last section goes to the highest zone of the last region's
 * node. RAM of a node that is not there has no zones to go through: Linux reads
 * them at address 0.
 */
enum nb_err nb_zones_describe(const struct nb_zones_build *b, nb_pfn max_pfn)
{
	uint64_t section_pages = b->env->config->section_bytes >> NB_PAGE_SHIFT;
	struct sweep sweep = {
		.flat = section_pages == 1,
		.flat_end = nb_align_up(max_pfn, PAGEBLOCK_PAGES),
	};
	struct nb_range pages = { 0 };
	int32_t nid = 0;

	for (uint32_t i = 0; i < b->memory->count; i++) {
		const struct nb_region *region = nb_region_at(b->memory, i);

		if (nb_zones_pages(region).start >= nb_zones_pages(region).end)
			continue;
		pages = nb_zones_pages(region);
		nid = region->nid;
		if (!nb_nodes_has(&b->zones->built, nid)) {
			nb_emit(b->env, .kind = NB_EV_DIES, .why = NB_WHY_DIES_RAM_WITHOUT_NODE,
				.id = NB_ZONES_STAGE, .nid = nid, .range = nb_zones_bytes(pages));
			return NB_ERR_DIES;
		}
		describe_region(b, &sweep, pages, nid);
	}
	describe_hole(b, &sweep, nb_align_up(pages.end, section_pages), nid);
	return NB_OK;
}
