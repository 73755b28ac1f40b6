/* SPDX-License-Identifier: MIT */
/*
 * numa_mend: the tolerant policy: what is plainly wrong in the tables is mended, where
 * Linux would drop all nodes because of it.
 *
 *   an entry of a wrong length        has that of its type, and the next one follows it
 *   a domain that cannot be           the entry is left out, the others count
 *   an unknown entry without length   ends the table, what stands before it counts
 *   two nodes claim the same bytes    the entry that comes first has them, to whole pages
 *   RAM that no node claims           goes to the nearest node
 *   a distance that cannot be         that of the way back, or 20; 10 to itself
 *   a SLIT that is cut off            is left out
 *
 * With Linux's policy nothing here has an effect. Each repair is an event, and what
 * comes after the repairs is done as in Linux.
 */
#include "boot/numa_build.h"

#include "base/bytes.h"
#include "base/memory.h"
#include "boot/srat.h"

static bool tolerant(const struct nb_numa_build *b)
{
	return b->env->config->tolerant;
}

bool nb_mend_entry(const struct nb_numa_build *b, enum nb_why why, const struct nb_entry *entry)
{
	if (tolerant(b))
		nb_emit(b->env, .kind = NB_EV_REPAIR_ENTRY, .why = why, .id = entry->type,
			.more = { entry->bytes.offset });
	return tolerant(b);
}

void nb_mend_length(const struct nb_numa_build *b, struct nb_entry_walk *walk,
		    struct nb_entry *entry, uint32_t length, bool tells)
{
	if (!tolerant(b) || !length)
		return;
	if (tells)
		nb_emit(b->env, .kind = NB_EV_REPAIR_LENGTH, .id = entry->type,
			.got = entry->length, .limit = length, .more = { entry->bytes.offset });
	nb_srat_set_length(walk, entry, length);
}

bool nb_mend_end(const struct nb_numa_build *b)
{
	if (tolerant(b))
		nb_emit(b->env, .kind = NB_EV_REPAIR_END);
	return tolerant(b);
}

bool nb_mend_slit(const struct nb_numa_build *b, const struct nb_fault *fault)
{
	if (tolerant(b))
		nb_emit(b->env, .kind = NB_EV_REPAIR_SLIT, .got = fault->got, .limit = fault->want);
	return tolerant(b);
}

/* A distance as the table has it; 0 where it has none. */
static uint8_t distance_of(const struct nb_slit *slit, uint32_t from, uint32_t to)
{
	return nb_u8(slit->matrix, (size_t)((uint64_t)from * slit->count + to));
}

bool nb_mend_distances(const struct nb_numa_build *b)
{
	return tolerant(b);
}

uint8_t nb_mend_distance(const struct nb_numa_build *b, const struct nb_slit *slit, uint32_t from,
			 uint32_t to)
{
	uint8_t value = distance_of(slit, from, to), mended = value;

	if (from == to)
		mended = NB_LOCAL_DISTANCE;
	else if (value <= NB_LOCAL_DISTANCE)
		mended = distance_of(slit, to, from);
	if (from != to && mended <= NB_LOCAL_DISTANCE)
		mended = NB_REMOTE_DISTANCE;
	if (mended == value || !tolerant(b))
		return value;
	nb_emit(b->env, .kind = NB_EV_REPAIR_DISTANCE, .nid = (int32_t)from,
		.other_nid = (int32_t)to, .got = value, .limit = mended);
	return mended;
}

static void remove_block(struct nb_block_list *list, uint32_t at)
{
	list->count--;
	memmove(&list->at[at], &list->at[at + 1], (list->count - at) * sizeof(*list->at));
}

/* Makes room behind a block for a copy of it; false if there is none. */
static bool double_block(const struct nb_numa_build *b, struct nb_block_list *list, uint32_t at)
{
	if (list->count == b->numa->block_cap)
		return false;
	memmove(&list->at[at + 1], &list->at[at], (list->count - at) * sizeof(*list->at));
	list->count++;
	return true;
}

/* Whether a block other than these two claims a byte of a range. */
static bool others_claim(const struct nb_block_list *list, uint32_t a, uint32_t b,
			 struct nb_range range)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (i != a && i != b && nb_ranges_overlap(list->at[i].range, range))
			return true;
	return false;
}

/*
 * A page that two nodes share is lost to both. So where the block `first` ends, or
 * begins, within a page of the other block, it has that page in whole, unless a third
 * one claims a part of it.
 */
static void widen_to_pages(struct nb_block_list *list, uint32_t first, uint32_t at)
{
	struct nb_range *has = &list->at[first].range;
	const struct nb_range range = list->at[at].range;
	uint64_t below = has->start % NB_PAGE_SIZE, above = -has->end % NB_PAGE_SIZE;
	struct nb_range more;

	if (range.start < has->start) {
		more = (struct nb_range){ nb_max(has->start - below, range.start), has->start };
		if (below && !others_claim(list, first, at, more))
			has->start = more.start;
	}
	if (has->end < range.end) {
		more = (struct nb_range){ has->end,
					  has->end + nb_min(above, range.end - has->end) };
		if (above && !others_claim(list, first, at, more))
			has->end = more.end;
	}
}

/* Takes from a block what the block `first` has. If that is its middle and there is no
 * room for two, the rest above is without a node for now. */
static void cut_block(struct nb_numa_build *b, struct nb_block_list *list, uint32_t at,
		      uint32_t first)
{
	struct nb_range *range = &list->at[at].range;
	struct nb_block has;
	struct nb_range lost;

	widen_to_pages(list, first, at);
	has = list->at[first];
	lost = (struct nb_range){ nb_max(range->start, has.range.start),
				  nb_min(range->end, has.range.end) };
	nb_emit(b->env, .kind = NB_EV_REPAIR_OVERLAP, .nid = list->at[at].nid, .range = lost,
		.other_nid = has.nid, .other = has.range);
	if (lost.start == range->start && lost.end == range->end) {
		remove_block(list, at);
	} else if (lost.start == range->start) {
		range->start = lost.end;
	} else {
		if (lost.end < range->end && double_block(b, list, at))
			list->at[at + 1].range.start = lost.end;
		range->end = lost.start;
	}
}

/* No byte stays with two nodes. */
static void cut_overlaps(struct nb_numa_build *b, struct nb_block_list *list)
{
	for (uint32_t i = 1; i < list->count;) {
		uint32_t first = 0;

		while (first < i && (list->at[first].nid == list->at[i].nid ||
				     !nb_ranges_overlap(list->at[first].range, list->at[i].range)))
			first++;
		if (first < i)
			cut_block(b, list, i, first);
		else
			i++;
	}
}

/* Where an address is among the blocks. */
struct place {
	const struct nb_block *in;      /* null: in none, but between these: */
	struct nb_block *below, *above; /* null: none */
};

static struct place find_place(const struct nb_block_list *list, nb_phys address)
{
	struct place place = { 0 };

	for (struct nb_block *block = list->at; block < list->at + list->count; block++) {
		if (block->range.start > address) {
			if (!place.above || block->range.start < place.above->range.start)
				place.above = block;
		} else if (block->range.end > address) {
			place.in = block;
		} else if (!place.below || block->range.end > place.below->range.end) {
			place.below = block;
		}
	}
	return place;
}

/* Stretches the nearer of two blocks over RAM that lies between them: the upper one over
 * what else is there on the way, which is nearer still. */
static void give_to_nearest(struct nb_numa_build *b, const struct place *place,
			    struct nb_range range)
{
	struct nb_block *block = place->below;

	if (!block || (place->above &&
		       place->above->range.start - range.end < range.start - block->range.end)) {
		block = place->above;
		range.end = block->range.start;
		block->range.start = range.start;
	} else {
		block->range.end = range.end;
	}
	nb_emit(b->env, .kind = NB_EV_REPAIR_UNCOVERED, .nid = block->nid, .range = range);
}

/* No RAM stays without a node. */
static void cover_ram(struct nb_numa_build *b, struct nb_block_list *list)
{
	const struct nb_regions *memory = &b->mb->memory;

	for (uint32_t i = 0; i < memory->count && list->count; i++) {
		const struct nb_region *region = nb_region_at(memory, i);

		for (nb_phys at = region->start; at < region->end;) {
			struct place place = find_place(list, at);
			struct nb_range range = { at, region->end };

			if (place.above)
				range.end = nb_min(range.end, place.above->range.start);
			if (!place.in)
				give_to_nearest(b, &place, range);
			at = place.in ? place.in->range.end : range.end;
		}
	}
}

void nb_mend_blocks(struct nb_numa_build *b, struct nb_block_list *list)
{
	if (!tolerant(b))
		return;
	cut_overlaps(b, list);
	cover_ram(b, list);
}
