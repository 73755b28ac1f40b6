/* SPDX-License-Identifier: MIT */
/*
 * zones_build: what the files of the zones stage share: one build in progress.
 *
 *   zones.c          limits, what zones span and hold, which nodes there are
 *   zones_movable.c  where Movable begins on each node
 *   zones_memmap.c   descriptors of pages, of RAM and of holes
 *   zones_sparse.c   memory for the descriptors
 *   zones_flat.c     the same where memory is flat
 */
#ifndef NB_BOOT_ZONES_BUILD_H
#define NB_BOOT_ZONES_BUILD_H

#include <numaboot/events.h>
#include <numaboot/memblock.h>
#include <numaboot/params.h>
#include <numaboot/rules.h>
#include <numaboot/zones.h>

enum {
	NB_DMA_END_PFN = (16 * NB_MIB) >> NB_PAGE_SHIFT,
	NB_DMA32_END_PFN = (4 * NB_GIB) >> NB_PAGE_SHIFT,
};

/* What every step reads, and what the command line makes of it. */
struct nb_zones_build {
	struct nb_zones *zones;
	const struct nb_regions *memory;
	struct nb_memblock *mb; /* what memory is taken from */
	const struct nb_params *params;
	const struct nb_env *env;
	bool overlaps; /* kernelcore=mirror lets Normal and Movable span the same pages */
};

/* The lowest zone that a kernel has: Normal at the least. */
static inline enum nb_zone_id nb_zone_lowest(const struct nb_kernel_config *config)
{
	uint32_t zone = NB_ZONE_DMA;

	while (!nb_zone_is_built_in(config, zone))
		zone++;
	return (enum nb_zone_id)zone;
}

/* The whole pages of a region; start >= end if it has none. */
static inline struct nb_range nb_zones_pages(const struct nb_region *region)
{
	return (struct nb_range){ nb_pfn_up(region->start), nb_pfn_down(region->end) };
}

static inline struct nb_range nb_zones_bytes(struct nb_range pfns)
{
	return (struct nb_range){ nb_pfn_phys(pfns.start), nb_pfn_phys(pfns.end) };
}

static inline struct nb_range nb_zones_clamp(struct nb_range range, struct nb_range to)
{
	return (struct nb_range){ nb_clamp(range.start, to.start, to.end),
				  nb_clamp(range.end, to.start, to.end) };
}

static inline struct nb_range nb_zones_span(const struct nb_zone *zone)
{
	return (struct nb_range){ zone->start, zone->start + zone->spanned_pages };
}

/* Pages that a CPU's list takes at a time from a zone that has so many, as the log of
 * old lines shows it. Linux 5.10 mm/page_alloc.c zone_batchsize(). */
static inline uint64_t nb_zones_batch(uint64_t pages, const struct nb_rules *rules)
{
	uint64_t most = nb_pfn_down(rules->batch_bytes_most), power = 1;
	uint64_t quarter = nb_max(nb_min(pages / 1024, most) / 4, 1);

	while (power * 2 <= quarter + quarter / 2)
		power *= 2;
	return power - 1;
}

/* A region of a node: the i-th of the list that node_first begins. */
static inline const struct nb_region *nb_zones_region(const struct nb_zones_build *b, uint32_t i)
{
	return nb_region_at(b->memory, b->zones->by_node[i]);
}

/* zones_movable.c: sets movable_start of each node. Linux 6.12 mm/mm_init.c
 * find_zone_movable_pfns_for_nodes(). */
void nb_zones_find_movable(const struct nb_zones_build *b, bool kdump);

/* zones_memmap.c: fills in the descriptors of all RAM and of the holes around it.
 * Errors: NB_ERR_DIES if RAM has no node. Linux 6.12 mm/mm_init.c memmap_init(). */
NB_MUST_CHECK enum nb_err nb_zones_describe(const struct nb_zones_build *b, nb_pfn max_pfn);

struct nb_boot_facts;

/* Takes memory for descriptors of pages, and what they need; it is known where each
 * node's memory ends. Errors: NB_ERR_FULL; NB_ERR_DIES after an event. */
NB_MUST_CHECK enum nb_err nb_zones_sparse(const struct nb_zones_build *b,
					  const struct nb_numa *numa,
					  const struct nb_boot_facts *facts);

/* zones_flat.c: the same where memory is flat, and nothing elsewhere: of a node, and of
 * a zone of it. Errors: NB_ERR_FULL; NB_ERR_DIES after an event. */
NB_MUST_CHECK enum nb_err nb_zones_flat_memmap(const struct nb_zones_build *b, int32_t nid);
NB_MUST_CHECK enum nb_err nb_zones_flat_usage(const struct nb_zones_build *b, int32_t nid,
					      uint32_t id);

#endif
