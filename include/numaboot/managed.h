/* SPDX-License-Identifier: MIT */
/*
 * managed: which pages the page allocator gets of memblock, zone by zone: those
 * that are free, at once or once all CPUs run, and what comes back later.
 */
#ifndef NUMABOOT_MANAGED_H
#define NUMABOOT_MANAGED_H

#include <numaboot/firmware.h>
#include <numaboot/memblock.h>
#include <numaboot/pages.h>
#include <numaboot/zones.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_env;

struct nb_managed_zone {
	uint64_t pages;          /* free in memblock */
	uint64_t deferred_pages; /* of these: given only once all CPUs run */
	uint64_t initrd_pages;   /* come when the initrd is unpacked */
	uint64_t huge_pages;     /* count as the zone's again, as pages of 1 GiB; never free */
	uint32_t init_pages;     /* come at the end: of the kernel's init part */
	/* Free blocks of each order that `pages` make, as free lists hold them. All that
	 * a processor addresses is 2^30 of the largest. */
	uint32_t blocks[NB_ORDERS];
};

struct nb_managed {
	struct nb_managed_zone *zone; /* [nodes * NB_ZONES] */
	uint32_t nodes;
	uint64_t pages, deferred_pages; /* of all zones */
	/* What the kernel's line "Memory:" tells. Reserved is what is present and not handed
	 * over; free what is in free lists by then. Lines that tell it once all CPUs run have
	 * used memory meanwhile: 0, not known. */
	uint64_t reserved_pages, free_pages;
	nb_pfn *first_deferred; /* [nodes] from where on a node's pages wait; 0: none do */
};

/*
 * Counts what memblock has left. mb is not changed, and nothing may be taken from
 * it any more.
 *
 * RAM in no zone, where a kernel survives that, counts for the lowest zone of
 * node 0, which descriptors of zeros name; it is in no free block.
 * Errors: none yet.
 * Source: Linux 6.12 mm/memblock.c memblock_free_all(); mm/mm_init.c
 * defer_init(), deferred_init_memmap().
 */
NB_MUST_CHECK enum nb_err nb_managed_build(struct nb_managed *managed, const struct nb_memblock *mb,
					   const struct nb_zones *zones,
					   const struct nb_boot_facts *facts,
					   const struct nb_env *env);

/* The zone of a node in these counts. */
static inline struct nb_managed_zone *nb_managed_zone(const struct nb_managed *managed, int32_t nid,
						      uint32_t zone)
{
	nb_assert(nid >= 0 && (uint32_t)nid < managed->nodes && zone < NB_ZONES);
	return &managed->zone[(uint32_t)nid * NB_ZONES + zone];
}

/* A walk over the whole pages of free ranges, or of all of memory, piece by piece:
 * ascending, each piece in one region of memory and in one zone. */
struct nb_piece_walk {
	const struct nb_memblock *mb;
	const struct nb_zones *zones;
	bool all;                 /* of memory, reserved or not */
	struct nb_free_walk free; /* the walk's own, as all that follows: 0 to begin */
	struct nb_page_walk memory;
	struct nb_range left;
	bool begun;
};

/* Page frames. */
struct nb_piece {
	nb_pfn start, end;
	int32_t nid;          /* NB_NO_NODE: none */
	enum nb_zone_id zone; /* NB_ZONES: none */
};

/* Gives the next piece; false at the end. */
bool nb_piece_next(struct nb_piece_walk *walk, struct nb_piece *piece);

#ifdef __cplusplus
}
#endif
#endif
