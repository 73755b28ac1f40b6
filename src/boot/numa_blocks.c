/* SPDX-License-Identifier: MIT */
/*
 * numa_blocks: the memory that tables claim for nodes, cut to RAM and joined.
 *
 * Linux compares each block with each other one. Where no two nodes claim the
 * same bytes, the result and its order follow from one sort: in the order of
 * addresses, blocks of one node with no other node between them are a run, and a
 * run becomes one block, in the place of its first member.
 *
 * Source: Linux 6.12 mm/numa_memblks.c.
 */
#include "boot/numa_build.h"

#include "base/memory.h"
#include "base/sort.h"

/* Appends to a list that the modelled kernel caps at two blocks for each node it
 * could have. False: full, told unless the caller's own array is what is full. */
static bool append(struct nb_numa_build *b, struct nb_block *at, uint32_t *count, uint32_t cap,
		   struct nb_block block)
{
	uint32_t kernel_cap = 2 * b->env->config->max_nodes;

	if (*count >= kernel_cap)
		return false;
	if (*count >= cap) {
		b->err = NB_ERR_FULL;
		return true;
	}
	at[(*count)++] = block;
	return true;
}

bool nb_blocks_add(struct nb_numa_build *b, struct nb_block block, uint32_t who)
{
	struct nb_numa *numa = b->numa;

	if (block.range.start == block.range.end)
		return true;
	if (block.range.start > block.range.end) {
		nb_emit(b->env, .kind = NB_EV_SRAT_BLOCK_INVALID, .nid = block.nid,
			.range = block.range);
		return true;
	}
	if (append(b, numa->blocks, &numa->block_count, numa->block_cap, block))
		return true;
	nb_emit(b->env, .kind = NB_EV_SRAT_BLOCKS_FULL, .nid = block.nid, .range = block.range,
		.limit = 2 * b->env->config->max_nodes, .flags = who,
		.more = { block.range.start, block.range.end });
	return false;
}

/* Keeps a block for memory that may be added later. What lies above RAM goes
 * through numa_add_memblk_to(), which says that the list is full; other blocks
 * Linux moves without a look, over the list's end. */
void nb_blocks_set_aside(struct nb_numa_build *b, struct nb_block block, enum nb_why why)
{
	struct nb_numa *numa = b->numa;

	nb_emit(b->env, .kind = NB_EV_BLOCK_SET_ASIDE, .nid = block.nid, .range = block.range,
		.why = why);
	if (!append(b, numa->reserved, &numa->reserved_count, numa->reserved_cap, block))
		nb_emit(b->env, .kind = NB_EV_SRAT_BLOCKS_FULL, .nid = block.nid,
			.range = block.range, .limit = 2 * b->env->config->max_nodes,
			.flags = why == NB_WHY_ABOVE_RAM ? 0 : 4);
}

static uint64_t block_start(const void *of, uint32_t index)
{
	return ((const struct nb_block *)of)[index].range.start;
}

bool nb_blocks_fill(struct nb_numa_build *b, struct nb_range window)
{
	struct nb_block *blocks = b->numa->blocks;
	uint32_t *index = b->numa->scratch.index;
	uint32_t count = 0;
	nb_phys filled;

	for (uint32_t i = 0; i < b->numa->block_count; i++)
		if (nb_ranges_overlap(blocks[i].range, window))
			index[count++] = i;
	if (!count)
		return false;
	nb_sort(index, count, block_start, blocks);

	struct nb_range *first = &blocks[index[0]].range;
	struct nb_range *last = &blocks[index[count - 1]].range;

	first->start = nb_min(first->start, window.start);
	last->end = nb_max(last->end, window.end);
	filled = first->end;
	for (uint32_t i = 1; i < count; i++) {
		struct nb_range *range = &blocks[index[i]].range;

		range->start = nb_min(range->start, filled);
		filled = nb_max(filled, range->end);
	}
	return true;
}

/* An emulated block of an absurd size may end before it begins: then its bytes
 * are counted up to the end of all addresses. memblock_cap_size(). */
static bool touches_ram(const struct nb_regions *memory, struct nb_range range)
{
	return nb_regions_overlap(memory, range.start,
				  range.end < range.start ? UINT64_MAX : range.end);
}

/* What is claimed but is no RAM goes to the second list, or nowhere. */
static void leave_out(struct nb_numa_build *b, struct nb_block block, enum nb_why why)
{
	if (b->env->rules->blocks_outside_ram == NB_OUTSIDE_ASIDE)
		nb_blocks_set_aside(b, block, why);
	else
		nb_emit(b->env, .kind = NB_EV_BLOCK_DROPPED, .nid = block.nid, .range = block.range,
			.why = why);
}

/* What blocks are clamped to. */
static struct nb_range clamp_of(const struct nb_numa_build *b)
{
	const struct nb_regions *memory = &b->mb->memory;

	if (!b->env->rules->blocks_clamped_to_ram)
		return (struct nb_range){ 0, nb_pfn_phys(b->max_pfn) };
	if (!memory->count)
		return (struct nb_range){ 0, 0 };
	return (struct nb_range){ nb_region_at(memory, 0)->start,
				  nb_region_at(memory, memory->count - 1)->end };
}

/* Cuts all blocks to RAM, in their order. */
static void cut_to_ram(struct nb_numa_build *b, struct nb_block_list *list)
{
	const struct nb_regions *memory = &b->mb->memory;
	const bool keeps = b->env->rules->blocks_outside_ram == NB_OUTSIDE_KEPT;
	const struct nb_range clamp = clamp_of(b);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < list->count; i++) {
		struct nb_block was = list->at[i], now = was;

		if (!keeps && !touches_ram(memory, was.range)) {
			leave_out(b, was, NB_WHY_NOT_RAM);
			continue;
		}
		now.range.start = nb_max(was.range.start, clamp.start);
		if (was.range.end > clamp.end) {
			leave_out(b, (struct nb_block){ { clamp.end, was.range.end }, was.nid },
				  NB_WHY_ABOVE_RAM);
			now.range.end = clamp.end;
		}
		if (now.range.start >= now.range.end)
			continue;
		if (now.range.start != was.range.start || now.range.end != was.range.end)
			nb_emit(b->env, .kind = NB_EV_BLOCK_CLAMPED, .nid = now.nid,
				.range = now.range, .other = was.range);
		list->at[kept++] = now;
	}
	list->count = kept;
}

static void tell_overlap(struct nb_numa_build *b, const struct nb_block *one,
			 const struct nb_block *other)
{
	bool itself = one->nid == other->nid;

	nb_emit(b->env, .kind = itself ? NB_EV_NODE_OVERLAPS_ITSELF : NB_EV_NODES_OVERLAP,
		.nid = one->nid, .range = one->range, .other_nid = itself ? 0 : other->nid,
		.other = other->range);
}

/* One block takes in another of its node, and what lies between. */
static void join(struct nb_numa_build *b, struct nb_block *one, const struct nb_block *other)
{
	struct nb_range joined = {
		nb_min(one->range.start, other->range.start),
		nb_max(one->range.end, other->range.end),
	};

	nb_emit(b->env, .kind = NB_EV_BLOCKS_JOINED, .nid = one->nid, .range = one->range,
		.other = other->range, .more = { joined.start, joined.end });
	one->range = joined;
}

/* Numbers the runs of blocks in run[], by block; false if nodes overlap. */
static bool find_runs(const struct nb_block_list *list, uint32_t *index, uint32_t *run)
{
	nb_phys end = 0;
	uint32_t number = 0;

	for (uint32_t i = 0; i < list->count; i++)
		index[i] = i;
	nb_sort(index, list->count, block_start, list->at);
	for (uint32_t i = 0; i < list->count; i++) {
		const struct nb_block *block = &list->at[index[i]];
		bool same = i && list->at[index[i - 1]].nid == block->nid;

		if (i && block->range.start < end && !same)
			return false;
		number += !same;
		run[index[i]] = number;
		end = nb_max(end, block->range.end);
	}
	return true;
}

static uint64_t run_of(const void *of, uint32_t index)
{
	return ((const uint32_t *)of)[index];
}

/*
 * Joins the members of each run into its first. Linux goes through the blocks
 * and joins the later ones of the same run to each, so the runs come in the
 * order of their first members, and so do the events.
 */
static void join_runs(struct nb_numa_build *b, struct nb_block_list *list)
{
	uint32_t *index = b->numa->scratch.index, *run = b->numa->scratch.run;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < list->count; i++)
		index[i] = i;
	nb_sort(index, list->count, run_of, run); /* by run, in each by list */
	for (uint32_t i = 0; i < list->count; i++) {
		uint32_t first = index[i];

		while (i + 1 < list->count && run[index[i + 1]] == run[first])
			run[index[++i]] = first; /* a member: points at the first */
		run[first] = UINT32_MAX;
	}
	for (uint32_t i = 0; i < list->count; i++)
		index[i] = UINT32_MAX; /* from here on: the next member of a run */
	for (uint32_t i = list->count; i-- > 0;) {
		uint32_t first = run[i];

		if (first != UINT32_MAX) {
			index[i] = index[first];
			index[first] = i;
		}
	}
	for (uint32_t i = 0; i < list->count; i++) {
		if (run[i] != UINT32_MAX)
			continue;
		for (uint32_t j = index[i]; j != UINT32_MAX; j = index[j]) {
			if (nb_ranges_overlap(list->at[i].range, list->at[j].range))
				tell_overlap(b, &list->at[i], &list->at[j]);
			join(b, &list->at[i], &list->at[j]);
		}
	}
	for (uint32_t i = 0; i < list->count; i++)
		if (run[i] == UINT32_MAX)
			list->at[kept++] = list->at[i];
	list->count = kept;
}

/* Whether a block of another node has a byte of what two blocks of a node span. */
static bool other_between(const struct nb_block_list *list, const struct nb_block *one,
			  const struct nb_block *two)
{
	struct nb_range span = {
		nb_min(one->range.start, two->range.start),
		nb_max(one->range.end, two->range.end),
	};

	for (uint32_t k = 0; k < list->count; k++)
		if (list->at[k].nid != one->nid && nb_ranges_overlap(list->at[k].range, span))
			return true;
	return false;
}

/*
 * The walk as Linux does it, for lists where two nodes overlap: it ends at the
 * first such pair, after the joins that come before it.
 */
static void walk_to_overlap(struct nb_numa_build *b, struct nb_block_list *list)
{
	for (uint32_t i = 0; i < list->count; i++) {
		for (uint32_t j = i + 1; j < list->count; j++) {
			struct nb_block *one = &list->at[i], *two = &list->at[j];

			if (nb_ranges_overlap(one->range, two->range))
				tell_overlap(b, one, two);
			if (one->nid != two->nid) {
				if (nb_ranges_overlap(one->range, two->range))
					return;
				continue;
			}
			if (other_between(list, one, two))
				continue;
			join(b, one, two);
			memmove(two, two + 1, (list->count - j - 1) * sizeof(*two));
			list->count--;
			j--;
		}
	}
}

enum nb_verdict nb_blocks_clean(struct nb_numa_build *b, struct nb_block_list *list)
{
	cut_to_ram(b, list);
	if (!find_runs(list, b->numa->scratch.index, b->numa->scratch.run)) {
		walk_to_overlap(b, list);
		return NB_REJECTED;
	}
	join_runs(b, list);
	return NB_ACCEPTED;
}

static int32_t node_in(const struct nb_block *blocks, uint32_t count, nb_phys address)
{
	for (uint32_t i = 0; i < count; i++)
		if (blocks[i].range.start <= address && address < blocks[i].range.end)
			return blocks[i].nid;
	return NB_NO_NODE;
}

int32_t nb_numa_target_node(const struct nb_numa *numa, nb_phys address)
{
	int32_t reserved = node_in(numa->reserved, numa->reserved_count, address);

	return reserved != NB_NO_NODE ? reserved
				      : node_in(numa->blocks, numa->block_count, address);
}
