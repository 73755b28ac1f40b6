/* SPDX-License-Identifier: MIT */
/*
 * regions: a set of ranges, each with a node and flags, ascending and without
 * overlaps. Neighbours that touch are one region unless node or flags differ. The
 * array has its free slots in the middle, where the last change was: a change finds
 * its place by halving, moves the free slots there and rewrites the regions that it
 * meets. Who goes through addresses in order, as boot does, moves little, however
 * many regions there are.
 *
 *   store  [ a b c d . . . . . . . . e f g ]   front 4, count 7, cap 15
 *
 * Linux 6.12 mm/memblock.c has the same sets. It inserts first and merges
 * later; here the result is made at once, so what counts is if that fits.
 */
#include <numaboot/memblock.h>

#include "base/memory.h"

/* Whether two regions would be one if they touched. */
static bool alike(const struct nb_region *a, const struct nb_region *b)
{
	return a->nid == b->nid && a->flags == b->flags;
}

uint32_t nb_regions_first_above(const struct nb_regions *set, nb_phys address)
{
	const struct nb_region *side = set->store; /* where index `low` lies, as of front */
	uint32_t low = 0, high = set->count;

	/* Firmware maps are ascending: the usual place is the end. The next usual one is
	 * where the last change was made. */
	if (high == 0 || nb_region_at(set, high - 1)->end <= address)
		return high;
	if (set->front == 0 || side[set->front - 1].end <= address) {
		low = set->front;
		side += set->cap - set->count;
		if (side[low].end > address)
			return low;
	} else {
		high = set->front - 1; /* at the most */
		if (high > 0 && side[high - 1].end <= address)
			return high;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (side[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The index past the last region that has a byte below `end`. */
static uint32_t past_below(const struct nb_regions *set, nb_phys end)
{
	uint32_t at = nb_regions_first_above(set, end - 1);

	return at < set->count && nb_region_at(set, at)->start < end ? at + 1 : at;
}

/* Moves the free slots to where index `at` is: store[0, at) is then the start of the set. */
static void open_at(struct nb_regions *set, uint32_t at)
{
	struct nb_region *above = set->store + (set->cap - set->count); /* indexes past front */
	uint32_t front = set->front;

	set->front = at;
	if (at < front)
		memmove(above + at, set->store + at, (front - at) * sizeof(*set->store));
	else
		memmove(set->store + front, above + front, (at - front) * sizeof(*set->store));
}

/* Of a set that is open at an index: the regions below it are now the first `count`. */
static void set_front(struct nb_regions *set, uint32_t count)
{
	set->count = set->count - set->front + count;
	set->front = count;
}

/* The regions [first, past) that a new piece meets: those that it overlaps, and
 * those that it touches and becomes one with. */
struct window {
	uint32_t first, past;
};

static struct window meets(const struct nb_regions *set, const struct nb_region *piece)
{
	struct window w = {
		.first = nb_regions_first_above(set, piece->start),
		.past = past_below(set, piece->end),
	};

	if (w.first > 0 && nb_region_at(set, w.first - 1)->end == piece->start &&
	    alike(nb_region_at(set, w.first - 1), piece))
		w.first--;
	if (w.past < set->count && nb_region_at(set, w.past)->start == piece->end &&
	    alike(nb_region_at(set, w.past), piece))
		w.past++;
	return w;
}

/* How many regions the window holds once the piece has filled its gaps. */
static uint32_t count_filled(const struct nb_regions *set, struct window w,
			     const struct nb_region *piece)
{
	nb_phys filled = piece->start; /* all below is covered */
	bool grows = false; /* the last region is like the piece: it takes what follows */
	uint32_t count = 0;

	for (uint32_t i = w.first; i < w.past; i++) {
		const struct nb_region *region = nb_region_at(set, i);

		if (region->start > filled) {
			count += !grows;
			grows = true;
		}
		if (!alike(region, piece)) {
			count++;
			grows = false;
		} else if (!grows) {
			count++;
			grows = true;
		}
		filled = nb_max(filled, region->end);
	}
	if (filled < piece->end)
		count += !grows;
	return count;
}

/*
 * Lets the window's regions that are like the piece grow over the gaps beside
 * them, and joins those that then touch. Returns the index past the last one
 * left. The gaps that remain lie between regions unlike the piece. The set is
 * open past the window, here and below.
 */
static uint32_t grow_alike(struct nb_regions *set, struct window w, const struct nb_region *piece)
{
	nb_phys filled = piece->start;
	struct nb_region *last = NULL; /* the last one kept, if it is like the piece */
	uint32_t kept = w.first;

	for (uint32_t i = w.first; i < w.past; i++) {
		struct nb_region region = set->store[i];

		filled = nb_max(filled, region.end);
		if (!alike(&region, piece)) {
			if (last)
				last->end = region.start;
			last = NULL;
			set->store[kept++] = region;
		} else if (last) {
			last->end = region.end;
		} else {
			nb_phys below = kept > w.first ? set->store[kept - 1].end : piece->start;

			region.start = nb_min(region.start, below);
			last = &set->store[kept];
			set->store[kept++] = region;
		}
	}
	if (last && filled < piece->end)
		last->end = piece->end;
	return kept;
}

/*
 * Puts the piece into the gaps of the regions [first, kept), from the top down,
 * so that they end at index `past`, up to which there is room.
 */
static void fill_gaps(struct nb_regions *set, struct window w, uint32_t kept,
		      const struct nb_region *piece)
{
	nb_phys top = piece->end; /* all from here up is in place */
	uint32_t to = w.past;

	while (to > kept) {
		nb_phys below = kept > w.first ? set->store[kept - 1].end : piece->start;

		if (below < top) {
			set->store[--to] = *piece;
			set->store[to].start = below;
			set->store[to].end = top;
		}
		if (to > kept) {
			nb_assert(kept > w.first);
			set->store[--to] = set->store[--kept];
			top = set->store[to].start;
		}
	}
}

enum nb_err nb_regions_add(struct nb_regions *set, nb_phys start, nb_phys end, int32_t nid,
			   uint32_t flags)
{
	const struct nb_region piece = { .start = start, .end = end, .nid = nid, .flags = flags };

	nb_assert(start < end);

	struct window w = meets(set, &piece);
	uint32_t filled = count_filled(set, w, &piece);

	if (filled > set->cap - (set->count - (w.past - w.first)))
		return NB_ERR_FULL;

	open_at(set, w.past);

	uint32_t kept = grow_alike(set, w, &piece);

	set_front(set, w.first + filled);
	w.past = w.first + filled;
	fill_gaps(set, w, kept, &piece);
	return NB_OK;
}

enum nb_err nb_regions_remove(struct nb_regions *set, nb_phys start, nb_phys end)
{
	nb_assert(start < end);

	uint32_t first = nb_regions_first_above(set, start);
	uint32_t past = past_below(set, end);

	if (first >= past)
		return NB_OK;

	struct nb_region below = *nb_region_at(set, first), above = *nb_region_at(set, past - 1);
	uint32_t to = first + (below.start < start) + (above.end > end);

	if (to > past && set->count == set->cap)
		return NB_ERR_FULL;
	open_at(set, past);
	set_front(set, to);
	if (above.end > end) {
		above.start = end;
		set->store[--to] = above;
	}
	if (below.start < start) {
		below.end = start;
		set->store[--to] = below;
	}
	return NB_OK;
}

/* What changes in the regions of a range: the node, if it is not the flags. */
struct edit {
	nb_phys start, end;
	bool sets_node;
	int32_t nid;
	uint32_t set_flags, clear_flags;
};

/*
 * Regions on their way into the array. The last one is held back until one
 * comes that it does not merge with, so that the array is written one behind
 * where it is read, even where a region was cut in two.
 */
struct writer {
	struct nb_region *at; /* null: count only */
	struct nb_region held;
	uint32_t to; /* where the held one will go */
	bool holds;
};

static void put(struct writer *out, const struct nb_region *region)
{
	if (region->start >= region->end)
		return;
	if (out->holds && out->held.end == region->start && alike(&out->held, region)) {
		out->held.end = region->end;
		return;
	}
	if (out->holds) {
		if (out->at)
			out->at[out->to] = out->held;
		out->to++;
	}
	out->held = *region;
	out->holds = true;
}

/* Writes a region as the edit leaves it, but for the part above the edit. */
static void put_edited(struct writer *out, const struct nb_region *region, const struct edit *edit)
{
	struct nb_region below = *region, inside = *region;

	below.end = nb_min(region->end, nb_max(region->start, edit->start));
	inside.start = below.end;
	inside.end = nb_max(inside.start, nb_min(region->end, edit->end));
	if (edit->sets_node)
		inside.nid = edit->nid;
	inside.flags = (inside.flags | edit->set_flags) & ~edit->clear_flags;
	put(out, &below);
	put(out, &inside);
}

/* Writes the regions of a window as the edit leaves them. */
static void put_window(struct writer *out, const struct nb_regions *set, struct window w,
		       const struct edit *edit)
{
	for (uint32_t i = w.first; i < w.past; i++) {
		struct nb_region region = *nb_region_at(set, i);

		if (region.start < edit->end)
			put_edited(out, &region, edit);
		else
			put(out, &region);
	}
}

/* Joins what is left above the edit with the last region below, if they are one.
 * Returns whether it stays a region of its own. */
static bool put_rest(struct writer *out, const struct nb_region *rest)
{
	if (rest->start >= rest->end)
		return false;
	if (out->held.end != rest->start || !alike(&out->held, rest))
		return true;
	out->held.end = rest->end;
	return false;
}

static enum nb_err apply(struct nb_regions *set, const struct edit *edit)
{
	nb_assert(edit->start < edit->end);

	struct window w = {
		.first = nb_regions_first_above(set, edit->start),
		.past = past_below(set, edit->end),
	};

	if (w.first >= w.past)
		return NB_OK;

	struct nb_region rest = *nb_region_at(set, w.past - 1); /* what is left above the edit */

	rest.start = nb_max(rest.start, edit->end);
	/* The neighbours may merge, the one above only if nothing is left below it. */
	if (rest.start >= rest.end && w.past < set->count)
		w.past++;
	if (w.first > 0)
		w.first--;

	struct writer out = { .to = w.first };
	bool rest_stays;

	if (set->cap - set->count < 2) { /* two more at most: count only where that matters */
		put_window(&out, set, w, edit);
		rest_stays = put_rest(&out, &rest);
		if (out.to + 1 + rest_stays > w.past + (set->cap - set->count))
			return NB_ERR_FULL;
	}
	open_at(set, w.past);
	out = (struct writer){ .at = set->store, .to = w.first };
	put_window(&out, set, w, edit);
	rest_stays = put_rest(&out, &rest);
	set_front(set, out.to + 1 + rest_stays);
	set->store[out.to] = out.held;
	if (rest_stays)
		set->store[out.to + 1] = rest;
	return NB_OK;
}

enum nb_err nb_regions_set_node(struct nb_regions *set, nb_phys start, nb_phys end, int32_t nid)
{
	return apply(set,
		     &(struct edit){ .start = start, .end = end, .sets_node = true, .nid = nid });
}

enum nb_err nb_regions_set_flags(struct nb_regions *set, nb_phys start, nb_phys end, uint32_t flags,
				 bool on)
{
	return apply(set, &(struct edit){
				  .start = start,
				  .end = end,
				  .set_flags = on ? flags : 0,
				  .clear_flags = on ? 0 : flags,
			  });
}

const struct nb_region *nb_regions_find(const struct nb_regions *set, nb_phys address)
{
	uint32_t at = nb_regions_first_above(set, address);

	return at < set->count && nb_region_at(set, at)->start <= address ? nb_region_at(set, at)
									  : NULL;
}

bool nb_regions_overlap(const struct nb_regions *set, nb_phys start, nb_phys end)
{
	uint32_t at = nb_regions_first_above(set, start);

	return start < end && at < set->count && nb_region_at(set, at)->start < end;
}

nb_phys nb_regions_size(const struct nb_regions *set)
{
	nb_phys size = 0;

	for (uint32_t i = 0; i < set->count; i++)
		size += nb_region_at(set, i)->end - nb_region_at(set, i)->start;
	return size;
}

void nb_regions_cut(struct nb_regions *set, uint32_t count)
{
	nb_assert(count <= set->count);
	open_at(set, count);
	set->count = count;
}

void nb_regions_check(const struct nb_regions *set)
{
	nb_assert(set->front <= set->count && set->count <= set->cap);
	for (uint32_t i = 0; i < set->count; i++) {
		const struct nb_region *region = nb_region_at(set, i), *below;

		nb_assert(region->start < region->end);
		if (i == 0)
			continue;
		below = nb_region_at(set, i - 1);
		nb_assert(below->end <= region->start);
		nb_assert(below->end < region->start || !alike(below, region));
	}
}
