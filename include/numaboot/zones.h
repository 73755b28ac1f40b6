/* SPDX-License-Identifier: MIT */
/*
 * zones: what part of each node is DMA, DMA32, Normal and Movable, how many
 * pages it spans and how many of them are RAM.
 */
#ifndef NUMABOOT_ZONES_H
#define NUMABOOT_ZONES_H

#include <numaboot/numa.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_env;

struct nb_zone {
	nb_pfn start;           /* 0 if it spans nothing */
	uint64_t spanned_pages; /* with holes */
	/* Without. With kernelcore=mirror Linux may take off more than there is,
	 * and the number wraps as it does there. */
	uint64_t present_pages;
	/* What it counts on before memblock gives its free pages: in some lines less
	 * than is present. */
	uint64_t managed_pages;
	uint64_t huge_pages; /* of present: taken of memblock in pieces of 1 GiB that begin here */
};

struct nb_node_zones {
	nb_pfn start, end; /* of the node's memory, with holes; both 0 without any */
	struct nb_zone zone[NB_ZONES];
	nb_pfn movable_start; /* 0: no Movable zone */
};

struct nb_zones {
	struct nb_range limit[NB_ZONES]; /* page frames; Movable's is empty */
	enum nb_zone_id movable_from;    /* the zone that Movable is cut out of */
	struct nb_node_zones *node;      /* [nodes] */
	uint32_t nodes;
	struct nb_nodes has_memory;        /* any zone has present pages */
	struct nb_nodes has_normal_memory; /* DMA, DMA32 or Normal has */
	struct nb_nodes built;             /* nodes that have zones; those of others are 0 */
	uint64_t present_pages;            /* of all nodes */
	uint64_t managed_pages;            /* of those with memory */
	/* What large tables are reckoned by: pages that the kernel can use itself, and all. */
	uint64_t kernel_pages, all_pages;
	uint64_t dma_reserved_pages; /* below 16 MiB, taken already; not counted: 0 */

	/* The stage's own memory; ranges as many as memblock's array has room for. */
	uint32_t *by_node;     /* [ranges] regions of memory, node by node, ascending */
	uint32_t *node_first;  /* [nodes + 1] where the regions of a node begin there */
	uint32_t *node_at;     /* [nodes] the region that a walk over a node has reached */
	uint64_t *pages_below; /* [ranges + 1] pages of one kind below each region */
};

/*
 * Cuts every node that has data into zones, or every possible one.
 *
 * Errors: NB_ERR_DIES if RAM has no node: the modelled kernel reads that node's
 * data, which does not exist; after an event.
 * Source: Linux 6.12 mm/mm_init.c free_area_init(), arch/x86/mm/init.c zone_sizes_init().
 */
NB_MUST_CHECK enum nb_err nb_zones_build(struct nb_zones *zones, struct nb_memblock *mb,
					 const struct nb_numa *numa, const struct nb_e820 *e820,
					 const struct nb_params *params,
					 const struct nb_boot_facts *facts,
					 const struct nb_env *env);

/*
 * Fills in the descriptors of pages, in lines that have memory for them only once the
 * zones are made takes that first. Errors: as above, and those of memblock.
 * Source: Linux 7.3 mm/mm_init.c mm_core_init_early().
 */
NB_MUST_CHECK enum nb_err nb_zones_memmap(struct nb_zones *zones, struct nb_memblock *mb,
					  const struct nb_numa *numa, const struct nb_e820 *e820,
					  const struct nb_params *params,
					  const struct nb_boot_facts *facts,
					  const struct nb_env *env);

/*
 * The zone of a page of RAM, or NB_ZONES if no zone has it. The region is the
 * one of memblock's memory that holds the page: with kernelcore=mirror Normal
 * and Movable span the same pages, and the region's flags tell which has it.
 */
enum nb_zone_id nb_zones_of(const struct nb_zones *zones, const struct nb_region *region,
			    nb_pfn pfn);

#ifdef __cplusplus
}
#endif
#endif
