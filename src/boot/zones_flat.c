/* SPDX-License-Identifier: MIT */
/*
 * zones_flat: memory for the descriptors of pages where memory is flat, as on 32 bits.
 *
 *   memmap    of each node: one array from its first page to its last, holes and all,
 *             in whole blocks of the largest size that the page allocator has
 *   usage     of each zone: a few bits for each group of pages of one kind
 *
 * High memory has its descriptors in low memory, too.
 *
 * Source: Linux 6.1 mm/page_alloc.c alloc_node_mem_map(), usemap_size(), setup_usemap().
 */
#include "boot/memblock.h"
#include "boot/zones_build.h"

enum {
	LINE = 64,            /* of a cache */
	LARGEST_PAGES = 1024, /* the largest block of the page allocator, 4 MiB */
	GROUP_BITS = 4,       /* what is noted of a group of pages */
	NARROW = 32,          /* bits of an address without PAE */
};

/* Takes what a kernel does not go on without. */
static enum nb_err take_or_die(const struct nb_zones_build *b, nb_phys bytes, int32_t nid,
			       enum nb_reserved_for reason)
{
	const struct nb_request request = { .size = bytes, .align = LINE, .nid = nid };
	nb_phys at;
	enum nb_err err = nb_memblock_get(b->mb, &request, reason, &at, b->env);

	if (err != NB_ERR_MEMORY)
		return err;
	nb_emit(b->env, .kind = NB_EV_DIES, .id = NB_ZONES_STAGE, .why = NB_WHY_DIES_NO_MEMMAP);
	return NB_ERR_DIES;
}

static bool is_flat(const struct nb_zones_build *b)
{
	return b->env->config->section_bytes == NB_PAGE_SIZE;
}

/* RAM above the node's zones, as highmem= leaves some, has no descriptors. */
enum nb_err nb_zones_flat_memmap(const struct nb_zones_build *b, int32_t nid)
{
	const struct nb_node_zones *node = &b->zones->node[nid];
	nb_pfn start = nb_align_down(node->start, LARGEST_PAGES);
	nb_pfn end = node->start;

	for (uint32_t id = 0; id < NB_ZONES; id++)
		end += node->zone[id].spanned_pages;
	if (!is_flat(b) || end == node->start)
		return NB_OK;
	end = nb_align_up(end, LARGEST_PAGES);
	return take_or_die(b, (end - start) * b->env->config->page_struct_bytes, nid,
			   NB_RESERVED_MEMMAP);
}

/* A group is as large as a large page: 2 MiB with PAE, else 4. */
enum nb_err nb_zones_flat_usage(const struct nb_zones_build *b, int32_t nid, uint32_t id)
{
	const struct nb_zone *zone = &b->zones->node[nid].zone[id];
	const struct nb_kernel_config *config = b->env->config;
	uint64_t word = config->low_and_vmalloc ? 4 : 8;
	uint64_t group = config->phys_bits > NARROW ? LARGEST_PAGES / 2 : LARGEST_PAGES;
	uint64_t groups, bits;

	if (!is_flat(b) || !zone->spanned_pages)
		return NB_OK;
	groups = (zone->start % group + zone->spanned_pages + group - 1) / group;
	bits = nb_align_up(groups * GROUP_BITS, 8 * word);
	return take_or_die(b, bits / 8, nid, NB_RESERVED_SECTIONS);
}
