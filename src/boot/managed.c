/* SPDX-License-Identifier: MIT */
/*
 * managed: which pages the page allocator gets of memblock, zone by zone.
 *
 *   free ranges ---> pieces, each in one zone ---> pages, and the blocks they make
 *                          |
 *                          v
 *      above a node's first section or so: only once all CPUs run
 *
 *   initrd, kernel's init part, huge pages ---> what comes later
 *
 * Free pages of a zone that touch become one run, whatever regions they are of:
 * free lists know no regions. A run is cut into blocks that are aligned to their
 * size, the largest that fit, up to 4 MiB.
 * Source: Linux 6.12 mm/memblock.c memblock_free_all(), mm/page_alloc.c
 * __free_one_page().
 */
#include <numaboot/events.h>
#include <numaboot/managed.h>
#include <numaboot/rules.h>

#include "base/memory.h"
#include "boot/zones_build.h"

/* The next range of page frames that the walk is over; false at the end. */
static bool next_range(struct nb_piece_walk *walk, struct nb_range *pfns)
{
	struct nb_range bytes;

	if (walk->all)
		return nb_page_next(&walk->memory, pfns, NULL);
	while (nb_free_next(&walk->free, &bytes, NULL)) {
		*pfns = (struct nb_range){ nb_pfn_up(bytes.start), nb_pfn_down(bytes.end) };
		if (pfns->start < pfns->end)
			return true;
	}
	return false;
}

bool nb_piece_next(struct nb_piece_walk *walk, struct nb_piece *piece)
{
	const struct nb_region *region;
	nb_pfn start;

	if (!walk->begun) {
		/* What can be unplugged was only kept from early requests. */
		walk->free = (struct nb_free_walk){ .mb = walk->mb,
						    .nid = NB_NO_NODE,
						    .flags = NB_REGION_HOTPLUG };
		walk->memory =
			(struct nb_page_walk){ .memory = &walk->mb->memory, .nid = NB_NO_NODE };
		walk->begun = true;
	}
	if (walk->left.start >= walk->left.end && !next_range(walk, &walk->left))
		return false;
	start = walk->left.start;
	region = nb_regions_find(&walk->mb->memory, nb_pfn_phys(start));
	nb_assert(region);
	*piece = (struct nb_piece){ .start = start,
				    .nid = region->nid,
				    .zone = nb_zones_of(walk->zones, region, start),
				    .end = walk->left.end };
	if (piece->zone != NB_ZONES)
		piece->end = nb_min(
			piece->end,
			nb_zones_span(&walk->zones->node[region->nid].zone[piece->zone]).end);
	walk->left.start = piece->end;
	return true;
}

/* The zone that ends with its node: those below it are for devices, and wait for nothing. */
static struct nb_range last_zone(const struct nb_node_zones *node)
{
	struct nb_range last = { 0 };

	for (uint32_t id = 0; id < NB_ZONES; id++)
		if (nb_zones_span(&node->zone[id]).end == node->end)
			last = nb_zones_span(&node->zone[id]);
	return last;
}

/*
 * Region by region, the descriptors of a section's pages are made before the page
 * allocator begins, and on to the border of a section; the others by a thread for each
 * node. The pages are counted anew where another zone's come in between.
 */
static void find_deferred(const struct nb_managed *managed, const struct nb_memblock *mb,
			  const struct nb_zones *zones, const struct nb_env *env)
{
	uint64_t section = nb_pfn_down(env->config->section_bytes), made = 0;
	nb_pfn end_before = 0;

	memset(managed->first_deferred, 0, managed->nodes * sizeof(*managed->first_deferred));
	for (uint32_t i = 0; env->config->deferred_init && i < mb->memory.count; i++) {
		const struct nb_region *region = nb_region_at(&mb->memory, i);
		struct nb_range zone, pages;
		nb_pfn *first, from;

		if (region->nid < 0 || (uint32_t)region->nid >= managed->nodes)
			continue;
		first = &managed->first_deferred[region->nid];
		zone = last_zone(&zones->node[region->nid]);
		pages = nb_zones_clamp(nb_zones_pages(region), zone);
		if (pages.start >= pages.end || *first)
			continue;
		if (zone.end != end_before)
			made = 0;
		end_before = zone.end;
		from = pages.start + (section > made ? section - made : 0);
		from = nb_align_up(from, section);
		if (from < pages.end)
			*first = from;
		made += nb_range_size(pages);
	}
}

/* Adds the blocks of a run of free pages. */
static void add_blocks(struct nb_managed_zone *zone, nb_pfn start, nb_pfn end)
{
	while (start < end) {
		uint32_t order = 0;
		uint64_t count = 1;

		while (order < NB_ORDERS - 1 && !(start >> order & 1) &&
		       end - start >= (uint64_t)2 << order)
			order++;
		if (order == NB_ORDERS - 1)
			count = (end - start) >> order;
		zone->blocks[order] += (uint32_t)count;
		start += count << order;
	}
}

/* Where a piece's pages count; null: nowhere, as the kernel cannot address them.
 * Descriptors of what is in no zone are left as zeros, which name the first one. */
static struct nb_managed_zone *zone_of(const struct nb_managed *managed,
				       const struct nb_zones *zones, const struct nb_piece *piece,
				       const struct nb_env *env)
{
	nb_pfn end = 0;

	if (piece->zone != NB_ZONES)
		return nb_managed_zone(managed, piece->nid, piece->zone);
	for (uint32_t id = 0; id < NB_ZONES; id++)
		end = nb_max(end, zones->limit[id].end);
	return piece->start < end ? nb_managed_zone(managed, 0, nb_zone_lowest(env->config)) : NULL;
}

static void count_free(struct nb_managed *managed, const struct nb_memblock *mb,
		       const struct nb_zones *zones, const struct nb_env *env)
{
	struct nb_piece_walk walk = { .mb = mb, .zones = zones };
	struct nb_managed_zone *run_of = NULL;
	struct nb_range run = { 0 };
	struct nb_piece piece;

	while (nb_piece_next(&walk, &piece)) {
		struct nb_managed_zone *zone = zone_of(managed, zones, &piece, env);
		nb_pfn later = piece.nid >= 0 ? managed->first_deferred[piece.nid] : 0;

		if (!zone)
			continue;
		zone->pages += piece.end - piece.start;
		if (piece.zone == NB_ZONES)
			continue;
		if (later && piece.end > later)
			zone->deferred_pages += piece.end - nb_max(piece.start, later);
		if (zone != run_of || piece.start != run.end) {
			if (run_of)
				add_blocks(run_of, run.start, run.end);
			run = (struct nb_range){ piece.start, piece.start };
			run_of = zone;
		}
		run.end = piece.end;
	}
	if (run_of)
		add_blocks(run_of, run.start, run.end);
}

/* What comes back of what memblock has given: the initrd, page by page where it lies;
 * the kernel's init part, where the image begins; huge pages, as they were counted. */
static void count_later(const struct nb_managed *managed, const struct nb_memblock *mb,
			const struct nb_zones *zones, const struct nb_boot_facts *facts,
			const struct nb_env *env)
{
	struct nb_piece_walk walk = { .mb = mb, .zones = zones, .all = true };
	struct nb_range initrd = { nb_pfn_down(mb->initrd.start), nb_pfn_up(mb->initrd.end) };
	nb_pfn image = nb_pfn_down(facts->kernel.start);
	struct nb_piece piece;

	for (uint32_t i = 0; i < managed->nodes * NB_ZONES; i++)
		managed->zone[i].huge_pages =
			zones->node[i / NB_ZONES].zone[i % NB_ZONES].huge_pages;
	while (nb_piece_next(&walk, &piece)) {
		const struct nb_range pages = { piece.start, piece.end };
		const struct nb_range both = nb_zones_clamp(initrd, pages);
		struct nb_managed_zone *zone = zone_of(managed, zones, &piece, env);

		if (!zone)
			continue;
		zone->initrd_pages += nb_range_size(both);
		if (piece.start <= image && image < piece.end)
			zone->init_pages += (uint32_t)nb_pfn_down(env->config->init_bytes);
	}
}

/* A flag of the event. */
enum { HAS_HUGE_PAGES = 1 };

static void emit(struct nb_managed *managed, const struct nb_zones *zones, const struct nb_env *env)
{
	managed->pages = managed->deferred_pages = 0;
	for (uint32_t i = 0; i < managed->nodes * NB_ZONES; i++) {
		const struct nb_managed_zone *zone = &managed->zone[i];
		int32_t nid = (int32_t)(i / NB_ZONES);
		uint64_t present = zones->node[nid].zone[i % NB_ZONES].present_pages;

		managed->pages += zone->pages;
		managed->deferred_pages += zone->deferred_pages;
		if (present || zone->pages)
			nb_emit(env, .kind = NB_EV_MANAGED, .nid = nid, .id = i % NB_ZONES,
				.got = zone->pages, .limit = present,
				.flags = zone->huge_pages ? HAS_HUGE_PAGES : 0,
				.more = { zone->deferred_pages, zone->initrd_pages,
					  zone->init_pages, zone->huge_pages });
	}
}

/* Tables of the highest level that all of vmalloc needs: 32 TiB in pieces of 512 GiB or,
 * of 5 levels, 12800 TiB in pieces of 256 TiB. */
static uint64_t vmalloc_tables(const struct nb_boot_facts *facts, const struct nb_env *env)
{
	if (!env->rules->vmalloc_tables)
		return 0;
	return facts->five_level && env->config->direct_map_5 ? 12800 / 256 : 32 * 1024 / 512;
}

/* Whole pages of memblock's own arrays: the last that each kind was doubled to. */
static uint64_t array_pages(const struct nb_memblock *mb, const struct nb_env *env)
{
	uint64_t pages[2] = { 0, 0 };

	for (uint32_t i = 0; env->rules->arrays_back_first && i < mb->doubled_count; i++)
		pages[mb->doubled[i].of_reserved] =
			nb_pfn_down(nb_range_size(mb->doubled[i].storage));
	return pages[0] + pages[1];
}

/* What the kernel's own line tells of all this. RAM in no zone is in no free list. */
static void tell(struct nb_managed *managed, const struct nb_memblock *mb,
		 const struct nb_zones *zones, const struct nb_boot_facts *facts,
		 const struct nb_env *env)
{
	enum { TOLD_EARLY = 1 };
	uint64_t arrays = array_pages(mb, env), tables = vmalloc_tables(facts, env);
	uint64_t free = arrays, huge = 0;
	bool late = env->rules->memory_told_late;

	for (uint32_t i = 0; i < managed->nodes * NB_ZONES; i++) {
		const struct nb_managed_zone *zone = &managed->zone[i];

		for (uint32_t order = 0; order < NB_ORDERS; order++)
			free += (uint64_t)zone->blocks[order] << order;
		free -= zone->deferred_pages;
		huge += zone->huge_pages;
	}
	managed->reserved_pages =
		zones->present_pages - managed->pages - arrays - (late ? huge : 0);
	managed->free_pages = late || free < tables ? 0 : free - tables;
	nb_emit(env, .kind = NB_EV_MEMORY_TOLD, .got = managed->free_pages,
		.limit = zones->present_pages, .flags = late ? 0 : TOLD_EARLY,
		.more = { managed->reserved_pages });
}

enum nb_err nb_managed_build(struct nb_managed *managed, const struct nb_memblock *mb,
			     const struct nb_zones *zones, const struct nb_boot_facts *facts,
			     const struct nb_env *env)
{
	nb_assert(managed->nodes && managed->nodes == zones->nodes);
	memset(managed->zone, 0, managed->nodes * NB_ZONES * sizeof(*managed->zone));
	find_deferred(managed, mb, zones, env);
	count_free(managed, mb, zones, env);
	count_later(managed, mb, zones, facts, env);
	emit(managed, zones, env);
	tell(managed, mb, zones, facts, env);
	return NB_OK;
}
