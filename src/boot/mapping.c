/* SPDX-License-Identifier: MIT */
/*
 * mapping: the direct map, and what its tables take from memblock while it grows.
 *
 *   0      1 MiB                                              top
 *   |--1---|------------4-----------|-----3-----|--2--|---5---|
 *
 *   1  the first MiB, be it RAM or not
 *   2  the highest free 2 MiB: room for the tables of what comes next
 *   3  downwards in steps, each many times as long as the one before
 *   4  ... down to 1 MiB
 *   5  what is left above
 *
 * But for 1 only RAM is mapped, in the largest pages that fit. A table takes a page of
 * a few that the kernel's image brings along, and when these are used up the
 * highest free one that the walk has mapped. Where memblock searches upwards, so
 * does the walk, from the kernel's end; below it comes last.
 *
 * Linux 6.12 arch/x86/mm/init.c init_mem_mapping(), init_64.c
 * kernel_physical_mapping_init(). With 32 bits the tables up to the end of the image,
 * and all those above, are there before: arch/x86/kernel/head_32.S.
 */
#include <numaboot/mapping.h>

#include "boot/memblock.h"

#include <numaboot/e820.h>
#include <numaboot/firmware.h>
#include <numaboot/params.h>
#include <numaboot/rules.h>

#define ISA_END NB_MIB
#define BLOCK (2 * NB_MIB) /* the first step, and what it is aligned to */

struct walk {
	struct nb_mapping *map;
	struct nb_memblock *mb;
	const struct nb_env *env;
	enum nb_page_size largest;
	nb_phys end;         /* of what is to be mapped */
	nb_phys low;         /* tables lie above this, if not in the image */
	struct nb_range brk; /* pages of the image that are left for tables */
	bool brk_is_far;     /* they are outside of what is being mapped */
};

static nb_phys size_of(unsigned level)
{
	return (nb_phys)1 << nb_entry_shift(level);
}

/* Takes a page for a table. Linux 6.12 arch/x86/mm/init.c alloc_low_pages(). */
static enum nb_err take_page(struct walk *w, nb_phys *at)
{
	const struct nb_request request = {
		.size = NB_PAGE_SIZE,
		.align = NB_PAGE_SIZE,
		.min = w->low,
		.max = w->map->end,
		.nid = NB_NO_NODE,
	};
	enum nb_err err = NB_ERR_MEMORY;

	if (w->brk.start < w->brk.end && w->brk_is_far) {
		*at = w->brk.start;
		w->brk.start += NB_PAGE_SIZE;
		w->map->from_brk++;
		nb_emit(w->env, .kind = NB_EV_MAPPING_BRK, .got = *at, .limit = *at + NB_PAGE_SIZE);
		return NB_OK;
	}
	if (w->low < w->map->end)
		err = nb_memblock_get(w->mb, &request, NB_RESERVED_PAGE_TABLE, at, w->env);
	if (err == NB_ERR_MEMORY) {
		nb_emit(w->env, .kind = NB_EV_DIES, .id = NB_MAPPING, .why = NB_WHY_DIES_NO_TABLES);
		return NB_ERR_DIES;
	}
	w->map->from_memory += !err;
	return err;
}

/* Sees that there is a table of a level for an address. */
static enum nb_err need_table(struct walk *w, nb_phys physical, unsigned level)
{
	uint64_t address = w->map->base + physical;
	uint64_t start = nb_align_down(address, size_of(level + 1));
	struct nb_regions *there = &w->map->tables[level - 1];
	nb_phys table;
	enum nb_err err;

	if (nb_regions_find(there, start))
		return NB_OK;
	err = take_page(w, &table);
	if (!err)
		err = nb_regions_add(there, start, start + size_of(level + 1), NB_NO_NODE, 0);
	if (!err && w->map->writer)
		nb_tables_link(w->map->writer, address, level, table);
	return err;
}

/* A part of a range, and the pages that it is mapped with. */
struct piece {
	struct nb_range range;
	enum nb_page_size size;
};

/* Enters the pages of a piece, table by table. The last page may reach beyond the
 * piece, where that is RAM too. Linux 6.12 arch/x86/mm/init_64.c phys_pud_init(). */
static enum nb_err enter(struct walk *w, struct piece piece)
{
	struct nb_mapping *map = w->map;
	nb_phys page = size_of(piece.size);
	nb_phys end = nb_align_up(piece.range.end, page), next;
	enum nb_err err = NB_OK;

	for (nb_phys at = nb_align_down(piece.range.start, page); !err && at < end; at = next) {
		uint64_t left = size_of(piece.size + 1u) -
				((map->base + at) & (size_of(piece.size + 1u) - 1));

		next = at + nb_min(left, end - at);
		for (unsigned level = map->levels - 1u; !err && level >= piece.size; level--)
			err = need_table(w, at, level);
		if (err)
			break;
		map->pages[piece.size] += (next - at) / page;
		if (map->writer)
			nb_tables_fill(map->writer, map->base + at, at, next - at, piece.size);
	}
	map->end = nb_max(map->end, end);
	return err;
}

/* The largest pages for a piece: larger than its borders ask for, if what such pages
 * would hold is all RAM. Linux 6.12 arch/x86/mm/init.c adjust_range_page_size_mask(). */
static enum nb_page_size widened(const struct walk *w, const struct piece *piece)
{
	enum nb_page_size size = piece->size;

	for (unsigned larger = size + 1u; larger <= w->largest; larger++) {
		nb_phys start = nb_align_down(piece->range.start, size_of(larger));
		nb_phys end = nb_align_up(piece->range.end, size_of(larger));
		const struct nb_region *ram = nb_regions_find(&w->mb->memory, start);

		if (ram && ram->end >= end && (end <= w->end || !w->env->config->low_and_vmalloc))
			size = (enum nb_page_size)larger;
	}
	return size;
}

enum { PIECES = 5 };

/*
 * Cuts a range where larger pages may begin and end: 4 KiB pages up to a border
 * of 2 MiB, 2 MiB up to one of 1 GiB, 1 GiB, and down again. Neighbours that have
 * the same size are one. Linux 6.12 arch/x86/mm/init.c split_mem_range().
 */
static uint32_t split(const struct walk *w, struct nb_range range, struct piece *pieces)
{
	static const enum nb_page_size sizes[PIECES] = { NB_PAGE_4K, NB_PAGE_2M, NB_PAGE_1G,
							 NB_PAGE_2M, NB_PAGE_4K };
	nb_phys head = nb_min(nb_align_up(range.start, size_of(NB_PAGE_2M)), range.end);
	nb_phys tail = nb_max(nb_align_down(range.end, size_of(NB_PAGE_2M)), head);
	nb_phys from = nb_min(nb_align_up(head, size_of(NB_PAGE_1G)), tail);
	nb_phys to = nb_max(nb_align_down(range.end, size_of(NB_PAGE_1G)), from);
	const nb_phys cuts[PIECES + 1] = { range.start, head, from, to, tail, range.end };
	uint32_t count = 0;

	for (uint32_t i = 0; i < PIECES; i++) {
		struct piece piece = { { cuts[i], cuts[i + 1] }, sizes[i] };

		if (cuts[i] >= cuts[i + 1])
			continue;
		if (piece.size > w->largest)
			piece.size = w->largest;
		piece.size = widened(w, &piece);
		if (count && pieces[count - 1].size == piece.size)
			pieces[count - 1].range.end = piece.range.end;
		else
			pieces[count++] = piece;
	}
	return count;
}

/* Linux 6.12 arch/x86/mm/init.c init_memory_mapping(). */
static enum nb_err map_range(struct walk *w, struct nb_range range)
{
	struct piece pieces[PIECES];
	uint32_t count = split(w, range, pieces);
	enum nb_err err = NB_OK;

	nb_emit(w->env, .kind = NB_EV_MAPPING_RANGE, .range = range);
	for (uint32_t i = 0; i < count; i++)
		nb_emit(w->env, .kind = NB_EV_MAPPING_PIECE, .range = pieces[i].range,
			.id = pieces[i].size);
	for (uint32_t i = 0; !err && i < count; i++)
		err = enter(w, pieces[i]);
	return err;
}

/* Maps the RAM of a range; *bytes is how much there is of it.
 * Linux 6.12 arch/x86/mm/init.c init_range_memory_mapping(). */
static enum nb_err map_ram(struct walk *w, struct nb_range range, nb_phys *bytes)
{
	const struct nb_regions *memory = &w->mb->memory;
	enum nb_err err = NB_OK;

	*bytes = 0;
	for (uint32_t i = nb_regions_first_above(memory, range.start);
	     !err && i < memory->count && nb_region_at(memory, i)->start < range.end; i++) {
		const struct nb_range part = { nb_max(nb_region_at(memory, i)->start, range.start),
					       nb_min(nb_region_at(memory, i)->end, range.end) };

		w->brk_is_far = part.start >= w->brk.end || part.end <= w->brk.start ||
				w->brk.start >= w->brk.end;
		err = map_range(w, part);
		w->brk_is_far = true;
		*bytes += part.end - part.start;
	}
	return err;
}

/* How long the next step is. */
struct pace {
	nb_phys step, mapped; /* bytes */
};

/* A step is lengthened once there is enough room for the tables of the next.
 * Linux 6.12 arch/x86/mm/init.c get_new_step_size(), memory_map_top_down(). */
static void lengthen(struct pace *pace, nb_phys bytes, const struct nb_rules *rules)
{
	bool enough = rules->map_step_by_last ? bytes > pace->mapped
					      : pace->mapped + bytes >= pace->step;

	pace->mapped += bytes;
	if (enough && pace->step <= UINT64_MAX >> rules->map_step_shift)
		pace->step <<= rules->map_step_shift;
}

/* Whether the next step will be longer though it may be over a hole. */
static bool is_over(const struct pace *pace, const struct nb_rules *rules)
{
	return !rules->map_step_by_last && pace->mapped >= pace->step;
}

/* The end of the highest RAM below an address. */
static nb_phys ram_below(const struct nb_memblock *mb, nb_phys address)
{
	uint32_t i = nb_regions_first_above(&mb->memory, address - 1);

	if (i < mb->memory.count && nb_region_at(&mb->memory, i)->start < address)
		return address;
	return i ? nb_region_at(&mb->memory, i - 1)->end : 0;
}

/* The first RAM at or above an address; the end of all addresses if there is none. */
static nb_phys ram_above(const struct nb_memblock *mb, nb_phys address)
{
	uint32_t i = nb_regions_first_above(&mb->memory, address);

	return i == mb->memory.count ? UINT64_MAX
				     : nb_max(nb_region_at(&mb->memory, i)->start, address);
}

/* Where the walk downwards begins: above the highest free block. Some kernels take
 * it and give it back; where there is none these begin at the top, others at 2 MiB. */
static enum nb_err find_top(struct walk *w, nb_phys *top)
{
	const struct nb_request request = {
		.size = BLOCK,
		.align = BLOCK,
		.min = ISA_END,
		.max = w->end,
		.nid = NB_NO_NODE,
	};
	nb_phys at = 0;
	enum nb_err err;

	if (!w->env->rules->map_block_taken) {
		err = nb_memblock_find(w->mb, &request, &at);
		*top = at + BLOCK;
		return err == NB_ERR_MEMORY ? NB_OK : err;
	}
	err = nb_memblock_get(w->mb, &request, NB_RESERVED_FIRST_BLOCK, &at, w->env);
	if (err == NB_ERR_MEMORY) {
		*top = nb_max(ISA_END, nb_align_down(w->end, BLOCK));
		return NB_OK;
	}
	*top = at + BLOCK;
	return err ? err
		   : nb_memblock_give_back(w->mb, (struct nb_range){ at, at + BLOCK },
					   NB_RESERVED_FIRST_BLOCK, w->env);
}

/* Linux 6.12 arch/x86/mm/init.c memory_map_top_down(). */
static enum nb_err map_down(struct walk *w)
{
	struct pace pace = { .step = BLOCK };
	nb_phys top, last, bytes;
	enum nb_err err = find_top(w, &top);

	w->map->end = 0;
	w->low = last = top;
	while (!err && last > ISA_END) {
		nb_phys start = last > pace.step ? nb_align_down(last - 1, pace.step) : ISA_END;
		nb_phys ram = ram_below(w->mb, last);

		/* Nothing in it, so that it stays as long: on to the step with RAM. */
		if (ram < start && start > ISA_END && !is_over(&pace, w->env->rules)) {
			last = w->low = nb_max(ISA_END, nb_align_up(ram, pace.step));
			continue;
		}
		start = nb_max(start, ISA_END);
		err = map_ram(w, (struct nb_range){ start, last }, &bytes);
		last = w->low = start;
		lengthen(&pace, bytes, w->env->rules);
	}
	if (!err && top < w->end)
		err = map_ram(w, (struct nb_range){ top, w->end }, &bytes);
	return err;
}

/* Linux 6.12 arch/x86/mm/init.c memory_map_bottom_up(). */
static enum nb_err map_up(struct walk *w, struct nb_range range)
{
	struct pace pace = { .step = BLOCK };
	enum nb_err err = NB_OK;

	w->low = range.start;
	for (nb_phys start = range.start, next; !err && start < range.end; start = next) {
		nb_phys ram = nb_min(ram_above(w->mb, start), range.end), bytes;

		next = range.end;
		if (range.end - start > pace.step)
			next = nb_min(nb_align_up(start + 1, pace.step), range.end);
		if (ram >= next && next < range.end && !is_over(&pace, w->env->rules)) {
			next = nb_max(next, nb_align_down(ram, pace.step));
			continue;
		}
		err = map_ram(w, (struct nb_range){ start, next }, &bytes);
		lengthen(&pace, bytes, w->env->rules);
	}
	return err;
}

static void clear(struct nb_mapping *map, const struct nb_boot_facts *facts,
		  const struct nb_env *env)
{
	bool low_only = env->config->low_and_vmalloc != 0;

	bool five = facts->five_level && env->config->direct_map_5;

	map->levels = low_only ? 2 : five ? 5 : 4;
	map->base = five ? env->config->direct_map_5 : env->config->direct_map;
	map->end = 0;
	map->from_brk = map->from_memory = 0;
	for (size_t i = 0; i < NB_COUNT(map->pages); i++)
		map->pages[i] = 0;
	for (size_t i = 0; i < NB_COUNT(map->tables); i++)
		map->tables[i].count = 0;
}

/* With 32 bits tables of the addresses that the kernel fixes at build time are taken
 * the same way. Linux 6.1 arch/x86/mm/init_32.c early_ioremap_page_table_range_init(). */
static enum nb_err take_fixed_tables(struct walk *w)
{
	enum nb_err err = NB_OK;
	nb_phys table;

	for (uint32_t i = 0; !err && i < w->env->config->fixed_tables; i++)
		err = take_page(w, &table);
	return err;
}

/* The pages of the image that tables may take: the last ones of what is used of it. If
 * nobody knows where the image is, they are at 0. */
static struct nb_range brk_tables(const struct nb_boot_facts *facts,
				  const struct nb_kernel_config *config)
{
	nb_phys bytes = config->brk_tables * NB_PAGE_SIZE;
	nb_phys start = facts->kernel.end >= bytes ? facts->kernel.end - bytes : 0;

	return (struct nb_range){ start, start + bytes };
}

enum nb_err nb_mapping_build(struct nb_mapping *mapping, struct nb_memblock *mb,
			     const struct nb_e820 *e820, const struct nb_boot_facts *facts,
			     const struct nb_params *params, const struct nb_env *env)
{
	bool low_only = env->config->low_and_vmalloc != 0;
	bool large = facts->gb_pages && !params->no_gb_pages && !low_only;
	struct walk w = {
		.map = mapping,
		.mb = mb,
		.env = env,
		.largest = large ? NB_PAGE_1G : NB_PAGE_2M,
		.end = nb_pfn_phys(low_only ? e820->max_low_pfn : e820->max_pfn),
		.brk = brk_tables(facts, env->config),
		.brk_is_far = true,
	};
	enum nb_err err;

	clear(mapping, facts, env);
	if (low_only && facts->kernel_end &&
	    nb_regions_add(&mapping->tables[0], mapping->base,
			   mapping->base + nb_min(facts->kernel_end, 4 * NB_GIB), NB_NO_NODE, 0))
		return NB_ERR_FULL;
	if (large)
		nb_emit(env, .kind = NB_EV_MAPPING_GB);
	err = map_range(&w, (struct nb_range){ 0, ISA_END });
	if (!err && mb->bottom_up && facts->kernel_end > ISA_END) {
		err = map_up(&w, (struct nb_range){ facts->kernel_end, w.end });
		if (!err)
			err = map_up(&w, (struct nb_range){ ISA_END, facts->kernel_end });
	} else if (!err) {
		err = map_down(&w);
	}
	if (!err)
		err = take_fixed_tables(&w);
	mb->limit = nb_max(mapping->end, ISA_END);
	return err;
}
