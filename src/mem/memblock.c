/* SPDX-License-Identifier: MIT */
/*
 * memblock: memory, what of it is taken, and an allocator over the difference.
 *
 *   memory    |---------------|      |------------------|
 *   reserved      |---|                         |----------|
 *   free      |---|   |-------|      |----------|
 *
 * A search takes the highest fit (the lowest, when bottom_up) inside one free
 * range. On request it models the kernel's own arrays: fixed at first, doubled
 * when full, each time at the cost of a piece of free memory.
 *
 * Linux 6.12 mm/memblock.c.
 */
#include <numaboot/memblock.h>

enum {
	LEAST_SLOTS = 8,      /* of a modelled array: one doubling makes room for the next */
	REGION_BYTES = 24,    /* of a kernel with NUMA, since it keeps flags in 4 bytes */
	ISOLATE_SLOTS = 2,    /* what cutting a range out may need */
	DOUBLING_REGIONS = 2, /* what one doubling adds to reserved, at most */
};

void nb_memblock_init(struct nb_memblock *mb, struct nb_region *memory, struct nb_region *reserved,
		      uint32_t cap)
{
	*mb = (struct nb_memblock){
		.memory = { .store = memory, .cap = cap },
		.reserved = { .store = reserved, .cap = cap },
		.limit = UINT64_MAX,
		.unset_node = NB_UNSET_NODE,
		.region_bytes = REGION_BYTES,
	};
}

/* Searching. */

/* Whether a search passes over a region of memory: Linux should_skip_region(). */
static bool passes_over(const struct nb_region *region, int32_t nid, uint32_t flags,
			bool skip_hotplug)
{
	if (nid != NB_NO_NODE && nid != region->nid)
		return true;
	if (skip_hotplug && (region->flags & NB_REGION_HOTPLUG) && !(flags & NB_REGION_HOTPLUG))
		return true;
	if ((flags & NB_REGION_MIRROR) && !(region->flags & NB_REGION_MIRROR))
		return true;
	/* These two are for those who ask for them by name only. */
	return region->flags & ~flags & (NB_REGION_NOMAP | NB_REGION_DRIVER_MANAGED);
}

/* The index of the first region at or after `from` that ends above an address. */
static uint32_t first_above_from(const struct nb_regions *set, uint32_t from, nb_phys address)
{
	if (from >= set->count || nb_region_at(set, from)->end > address)
		return from;
	return nb_regions_first_above(set, address);
}

bool nb_free_next(struct nb_free_walk *walk, struct nb_range *range, int32_t *nid)
{
	const struct nb_memblock *mb = walk->mb;
	const struct nb_regions *memory = &mb->memory, *reserved = &mb->reserved;
	bool skip_hotplug = (walk->skip_hotplug || mb->skip_hotplug) && !mb->upwards_takes_hotplug;

	for (; walk->memory_at < memory->count; walk->memory_at++) {
		const struct nb_region *region = nb_region_at(memory, walk->memory_at);

		if (passes_over(region, walk->nid, walk->flags, skip_hotplug))
			continue;
		walk->from = nb_max(walk->from, region->start);
		while (walk->from < region->end) {
			nb_phys start = walk->from, taken = UINT64_MAX;

			walk->reserved_at = first_above_from(reserved, walk->reserved_at, start);
			walk->from = region->end;
			if (walk->reserved_at < reserved->count) {
				taken = nb_region_at(reserved, walk->reserved_at)->start;
				if (taken < region->end)
					walk->from = nb_region_at(reserved, walk->reserved_at)->end;
			}
			if (taken <= start)
				continue;
			*range = (struct nb_range){ start, nb_min(region->end, taken) };
			if (nid)
				*nid = region->nid;
			return true;
		}
	}
	return false;
}

/* A search, once the defaults of its request are filled in. */
struct search {
	const struct nb_memblock *mb;
	struct nb_range within;
	nb_phys size, align;
	int32_t nid;
	uint32_t flags;
	bool skip_hotplug;
};

/* The lowest fit. Linux __memblock_find_range_bottom_up(). */
static bool find_up(const struct search *s, nb_phys *address)
{
	struct nb_free_walk walk = {
		.mb = s->mb,
		.nid = s->nid,
		.flags = s->flags,
		.skip_hotplug = s->skip_hotplug,
		.memory_at = nb_regions_first_above(&s->mb->memory, s->within.start),
		.from = s->within.start,
	};
	struct nb_range free;

	while (nb_free_next(&walk, &free, NULL) && free.start < s->within.end) {
		nb_phys end = nb_min(free.end, s->within.end);

		if (end - free.start < s->size || free.start > UINT64_MAX - (s->align - 1))
			continue;

		nb_phys fit = nb_align_up(free.start, s->align);

		if (fit < end && end - fit >= s->size) {
			*address = fit;
			return true;
		}
	}
	return false;
}

/* How many of the first `count` regions begin below an address. */
static uint32_t beginning_below(const struct nb_regions *set, uint32_t count, nb_phys address)
{
	uint32_t low = 0;

	if (count > 0 && nb_region_at(set, count - 1)->start < address)
		return count;
	while (low < count) {
		uint32_t middle = low + (count - low) / 2;

		if (nb_region_at(set, middle)->start < address)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/*
 * The highest fit inside one region's part [floor, top). *taken counts the
 * reservations that may matter: those that begin below top; it goes down with it.
 */
static bool find_down_in(const struct search *s, struct nb_range part, uint32_t *taken,
			 nb_phys *address)
{
	const struct nb_regions *reserved = &s->mb->reserved;
	nb_phys top = part.end;

	*taken = beginning_below(reserved, *taken, top);
	while (top > part.start) {
		const struct nb_region *below = *taken > 0 ? nb_region_at(reserved, *taken - 1)
							   : NULL;
		nb_phys floor = below ? nb_max(part.start, below->end) : part.start;

		if (floor < top && top - floor >= s->size) {
			nb_phys fit = nb_align_down(top - s->size, s->align);

			if (fit >= floor) {
				*address = fit;
				return true;
			}
		}
		/* A reservation that reaches below this region matters to the next one too. */
		if (!below || below->start <= part.start)
			return false;
		top = below->start;
		(*taken)--;
	}
	return false;
}

/* The highest fit. Linux __memblock_find_range_top_down(). */
static bool find_down(const struct search *s, nb_phys *address)
{
	const struct nb_regions *memory = &s->mb->memory;
	uint32_t taken = s->mb->reserved.count;

	for (uint32_t i = beginning_below(memory, memory->count, s->within.end); i > 0; i--) {
		const struct nb_region *region = nb_region_at(memory, i - 1);
		struct nb_range part = {
			.start = nb_max(region->start, s->within.start),
			.end = nb_min(region->end, s->within.end),
		};

		if (region->end <= s->within.start)
			return false;
		if (!passes_over(region, s->nid, s->flags, s->skip_hotplug) &&
		    find_down_in(s, part, &taken, address))
			return true;
	}
	return false;
}

/* The lowest fit above where a search upwards begins, else the highest anywhere.
 * Linux 4.9 mm/memblock.c memblock_find_in_range_node(). */
static bool find_up_or_down(const struct search *s, nb_phys *address)
{
	nb_phys from = s->mb->upwards_from;

	if (s->within.end > from) {
		struct search above = *s;

		above.within.start = nb_max(from, s->within.start);
		if (find_up(&above, address))
			return true;
	}
	return find_down(s, address);
}

static bool find(const struct nb_memblock *mb, const struct nb_request *request, int32_t nid,
		 uint32_t flags, nb_phys *address)
{
	const struct search s = {
		.mb = mb,
		.within.start = nb_max(request->min, NB_PAGE_SIZE), /* never the first page */
		.within.end = request->max ? request->max : mb->limit,
		.size = request->size,
		.align = request->align,
		.nid = nid,
		.flags = flags,
		.skip_hotplug = request->skip_hotplug || mb->skip_hotplug,
	};

	nb_assert(s.size > 0 && s.align > 0 && (s.align & (s.align - 1)) == 0);
	if (s.within.start >= s.within.end)
		return false;
	if (!mb->bottom_up)
		return find_down(&s, address);
	return mb->upwards_from ? find_up_or_down(&s, address) : find_up(&s, address);
}

enum nb_err nb_memblock_find(const struct nb_memblock *mb, const struct nb_request *request,
			     nb_phys *address)
{
	return find(mb, request, request->nid, request->flags, address) ? NB_OK : NB_ERR_MEMORY;
}

/* The kernel's own arrays. */

/* The parts of [start, end) that the set does not cover yet: the regions that
 * Linux inserts before it merges any, and their bytes. */
struct uncovered {
	uint32_t pieces;
	nb_phys bytes;
};

static struct uncovered uncovered(const struct nb_regions *set, nb_phys start, nb_phys end)
{
	struct uncovered found = { 0 };

	for (uint32_t i = nb_regions_first_above(set, start); i < set->count; i++) {
		const struct nb_region *region = nb_region_at(set, i);

		if (region->start >= end)
			break;
		if (region->start > start) {
			found.pieces++;
			found.bytes += region->start - start;
		}
		start = nb_min(region->end, end);
	}
	if (start < end) {
		found.pieces++;
		found.bytes += end - start;
	}
	return found;
}

static uint32_t *slots_of(struct nb_memblock *mb, const struct nb_regions *set)
{
	nb_assert(set == &mb->memory || set == &mb->reserved);
	return set == &mb->reserved ? &mb->reserved_slots : &mb->memory_slots;
}

/*
 * Where an array of this many regions goes: any memory but the range that is
 * about to be reserved, above it if there is room. A range that begins at 0 has
 * no "below", and Linux takes that end for "up to the limit".
 */
static bool find_storage(const struct nb_memblock *mb, uint32_t regions, struct nb_range avoid,
			 struct nb_range *storage)
{
	struct nb_request request = {
		.size = nb_align_up((nb_phys)regions * mb->region_bytes, NB_PAGE_SIZE),
		.align = NB_PAGE_SIZE,
		.min = avoid.end,
		.max = mb->limit,
		.nid = NB_NO_NODE,
	};
	uint32_t mirror = mb->prefer_mirror ? NB_REGION_MIRROR : 0;
	bool found = find(mb, &request, NB_NO_NODE, mirror, &storage->start) ||
		     (mirror && find(mb, &request, NB_NO_NODE, 0, &storage->start));

	if (!found && avoid.end > avoid.start) {
		request.min = 0;
		request.max = nb_min(avoid.start, mb->limit);
		found = find(mb, &request, NB_NO_NODE, mirror, &storage->start) ||
			(mirror && find(mb, &request, NB_NO_NODE, 0, &storage->start));
	}
	storage->end = storage->start + request.size;
	return found;
}

/* The storage that an array had before, empty if that was the static one. */
static struct nb_range old_storage(const struct nb_memblock *mb, bool of_reserved)
{
	for (uint32_t i = mb->doubled_count; i > 0; i--)
		if (mb->doubled[i - 1].of_reserved == of_reserved)
			return mb->doubled[i - 1].storage;
	return (struct nb_range){ 0 };
}

static void record_doubling(struct nb_memblock *mb, bool of_reserved, uint32_t regions,
			    struct nb_range storage)
{
	nb_assert(mb->doubled_count < NB_MAX_DOUBLINGS);
	mb->doubled[mb->doubled_count++] = (struct nb_doubling){
		.of_reserved = of_reserved,
		.regions = regions,
		.storage = storage,
	};
}

/* How a reservation for the kernel itself is marked. */
static uint32_t kernel_mark(const struct nb_memblock *mb)
{
	return mb->marks_kernel ? NB_REGION_KERNEL : 0;
}

/* Doubles the reserved array until it takes this many more regions. */
static enum nb_err grow_reserved(struct nb_memblock *mb, uint32_t more, struct nb_range avoid)
{
	if (!mb->reserved_slots)
		return NB_OK;
	while (mb->reserved.count + more > mb->reserved_slots) {
		struct nb_range storage, old = old_storage(mb, true);

		if (!mb->may_double)
			return NB_ERR_DIES;
		if (!find_storage(mb, mb->reserved_slots * 2, avoid, &storage))
			return NB_ERR_MEMORY;
		mb->reserved_slots *= 2;

		/* has_room() has seen to it that these fit. */
		enum nb_err err = NB_OK;

		if (old.end > old.start)
			err = nb_regions_remove(&mb->reserved, old.start, old.end);
		if (!err)
			err = nb_regions_add(&mb->reserved, storage.start, storage.end,
					     mb->unset_node, kernel_mark(mb));
		nb_assert(!err);
		record_doubling(mb, true, mb->reserved_slots, storage);
	}
	return NB_OK;
}

/* Reserves what a doubled array takes. */
static enum nb_err reserve(struct nb_memblock *mb, nb_phys start, nb_phys end)
{
	uint32_t pieces = uncovered(&mb->reserved, start, end).pieces;
	enum nb_err err = grow_reserved(mb, pieces, (struct nb_range){ start, end });

	return err ? err
		   : nb_regions_add(&mb->reserved, start, end, mb->unset_node, kernel_mark(mb));
}

static enum nb_err release(struct nb_memblock *mb, nb_phys start, nb_phys end)
{
	enum nb_err err = grow_reserved(mb, ISOLATE_SLOTS, (struct nb_range){ start, end });

	return err ? err : nb_regions_remove(&mb->reserved, start, end);
}

/* Doubles the memory array until it takes this many more regions. */
static enum nb_err grow_memory(struct nb_memblock *mb, uint32_t more)
{
	if (!mb->memory_slots)
		return NB_OK;
	while (mb->memory.count + more > mb->memory_slots) {
		struct nb_range storage, old = old_storage(mb, false);

		if (!mb->may_double)
			return NB_ERR_DIES;
		if (!find_storage(mb, mb->memory_slots * 2, (struct nb_range){ 0 }, &storage))
			return NB_ERR_MEMORY;
		mb->memory_slots *= 2;
		record_doubling(mb, false, mb->memory_slots, storage);

		/* Where the old array cannot be given back Linux lets it be; where
		 * the new one cannot be reserved it stops: BUG_ON(). */
		enum nb_err err = NB_OK;

		if (old.end > old.start)
			err = release(mb, old.start, old.end);
		nb_assert(!err || err == NB_ERR_MEMORY);
		err = reserve(mb, storage.start, storage.end);
		if (err)
			return NB_ERR_DIES;
	}
	return NB_OK;
}

/*
 * Whether the caller's arrays take what doubling the modelled one may add, so
 * that nothing is half done when they do not. Each time that the memory array
 * is doubled the reserved one may be too.
 */
static bool has_room(const struct nb_memblock *mb, const struct nb_regions *set, uint32_t slots,
		     uint32_t more)
{
	uint64_t need = (uint64_t)set->count + more;
	uint32_t doublings = 0;

	if (!slots || need <= slots)
		return true;
	while ((uint64_t)slots << doublings < need + DOUBLING_REGIONS * doublings)
		doublings++;
	doublings = 2 * doublings + 1;
	if (mb->doubled_count + doublings > NB_MAX_DOUBLINGS)
		return false;
	need = more + DOUBLING_REGIONS * doublings;
	return set->cap - set->count >= need && mb->reserved.cap - mb->reserved.count >= need;
}

/* Sees that the modelled array of a set takes this many more regions. */
static enum nb_err make_slots(struct nb_memblock *mb, const struct nb_regions *set, uint32_t more,
			      struct nb_range range)
{
	uint32_t slots = *slots_of(mb, set);

	nb_assert(!slots || slots >= LEAST_SLOTS);
	if (mb->may_double && !has_room(mb, set, slots, more))
		return NB_ERR_FULL;
	return set == &mb->reserved ? grow_reserved(mb, more, range) : grow_memory(mb, more);
}

/* Changing. */

/* Tells whoever watches of a step that was taken; returns what came of it. */
static enum nb_err tell(const struct nb_memblock *mb, struct nb_memblock_step step, enum nb_err err)
{
	step.err = err;
	if (mb->watch)
		mb->watch->told(mb->watch, mb, &step);
	return err;
}

static enum nb_err add(struct nb_memblock *mb, struct nb_range range, int32_t nid, uint32_t flags)
{
	struct uncovered fresh = uncovered(&mb->memory, range.start, range.end);
	nb_phys size = mb->memory.count ? mb->memory_size : 0;
	enum nb_err err = make_slots(mb, &mb->memory, fresh.pieces, (struct nb_range){ 0 });

	if (!err)
		err = nb_regions_add(&mb->memory, range.start, range.end, nid, flags);
	if (!err)
		mb->memory_size = size + fresh.bytes;
	return err;
}

enum nb_err nb_memblock_add(struct nb_memblock *mb, nb_phys start, nb_phys end, int32_t nid,
			    uint32_t flags)
{
	const struct nb_memblock_step step = {
		.op = NB_OP_ADD, .range = { start, end }, .nid = nid, .flags = flags
	};

	return tell(mb, step, add(mb, step.range, nid, flags));
}

static enum nb_err take_out(struct nb_memblock *mb, nb_phys start, nb_phys end)
{
	nb_assert(start < end);

	nb_phys removed = end - start - uncovered(&mb->memory, start, end).bytes;
	enum nb_err err = make_slots(mb, &mb->memory, ISOLATE_SLOTS, (struct nb_range){ 0 });

	if (!err)
		err = nb_regions_remove(&mb->memory, start, end);
	if (!err)
		mb->memory_size -= removed;
	return err;
}

enum nb_err nb_memblock_remove(struct nb_memblock *mb, nb_phys start, nb_phys end)
{
	const struct nb_memblock_step step = { .op = NB_OP_REMOVE, .range = { start, end } };

	return tell(mb, step, take_out(mb, start, end));
}

static enum nb_err reserve_as(struct nb_memblock *mb, struct nb_range range, int32_t nid,
			      uint32_t flags)
{
	uint32_t pieces = uncovered(&mb->reserved, range.start, range.end).pieces;
	enum nb_err err = make_slots(mb, &mb->reserved, pieces, range);

	return err ? err : nb_regions_add(&mb->reserved, range.start, range.end, nid, flags);
}

enum nb_err nb_memblock_reserve(struct nb_memblock *mb, nb_phys start, nb_phys end)
{
	const struct nb_memblock_step step = { .op = NB_OP_RESERVE, .range = { start, end } };

	return tell(mb, step, reserve_as(mb, step.range, mb->unset_node, 0));
}

enum nb_err nb_memblock_take(struct nb_memblock *mb, nb_phys start, nb_phys end)
{
	const struct nb_memblock_step step = { .op = NB_OP_TAKE, .range = { start, end } };

	return tell(mb, step, reserve_as(mb, step.range, mb->unset_node, kernel_mark(mb)));
}

enum nb_err nb_memblock_free(struct nb_memblock *mb, nb_phys start, nb_phys end)
{
	const struct nb_memblock_step step = { .op = NB_OP_FREE, .range = { start, end } };
	enum nb_err err;

	if (start >= end)
		return tell(mb, step, NB_OK);
	err = make_slots(mb, &mb->reserved, ISOLATE_SLOTS, step.range);
	return tell(mb, step, err ? err : nb_regions_remove(&mb->reserved, start, end));
}

enum nb_err nb_memblock_set_node(struct nb_memblock *mb, struct nb_regions *set, nb_phys start,
				 nb_phys end, int32_t nid)
{
	const struct nb_memblock_step step = { .op = NB_OP_SET_NODE,
					       .range = { start, end },
					       .nid = nid,
					       .of_reserved = set == &mb->reserved };
	enum nb_err err = make_slots(mb, set, ISOLATE_SLOTS, step.range);

	return tell(mb, step, err ? err : nb_regions_set_node(set, start, end, nid));
}

enum nb_err nb_memblock_set_flags(struct nb_memblock *mb, struct nb_regions *set,
				  struct nb_range range, uint32_t flags, bool on)
{
	const struct nb_memblock_step step = { .op = NB_OP_SET_FLAGS,
					       .range = range,
					       .flags = flags,
					       .of_reserved = set == &mb->reserved,
					       .on = on };
	enum nb_err err = make_slots(mb, set, ISOLATE_SLOTS, range);

	return tell(mb, step,
		    err ? err : nb_regions_set_flags(set, range.start, range.end, flags, on));
}

void nb_memblock_trim(struct nb_memblock *mb, nb_phys align)
{
	struct nb_regions *memory = &mb->memory;
	uint32_t kept = 0;

	nb_assert(align > 0 && (align & (align - 1)) == 0);
	for (uint32_t i = 0; i < memory->count; i++) {
		struct nb_region region = *nb_region_at(memory, i);
		nb_phys size = region.end - region.start;
		bool wraps = region.start > UINT64_MAX - (align - 1);

		region.start = wraps ? UINT64_MAX : nb_align_up(region.start, align);
		region.end = nb_align_down(region.end, align);
		if (region.start < region.end)
			*nb_region_at(memory, kept++) = region;
		else
			mb->memory_size -= size;
	}
	nb_regions_cut(memory, kept);
}

/* One round of the tries for a request: with its node and without, in mirrored
 * memory and in any. */
static enum nb_err alloc(struct nb_memblock *mb, const struct nb_request *request, nb_phys *address)
{
	uint32_t flags = request->flags | (mb->prefer_mirror ? NB_REGION_MIRROR : 0);
	bool gives_up_node = request->nid != NB_NO_NODE && !request->exact_nid;
	unsigned tries = flags & NB_REGION_MIRROR ? 4 : 2;

	/* Node and mirror, mirror, node, neither. */
	for (unsigned i = 0; i < tries; i++) {
		int32_t nid = i % 2 ? NB_NO_NODE : request->nid;
		nb_phys found;

		if (i % 2 && !gives_up_node)
			continue;
		if (i == 2)
			flags &= ~(uint32_t)NB_REGION_MIRROR;
		if (!find(mb, request, nid, flags, &found))
			continue;

		bool keeps_node = mb->marks_kernel && nid != NB_NO_NODE;
		enum nb_err err = reserve_as(mb, (struct nb_range){ found, found + request->size },
					     keeps_node ? nid : mb->unset_node, kernel_mark(mb));

		if (!err)
			*address = found;
		if (err != NB_ERR_MEMORY)
			return err;
	}
	return NB_ERR_MEMORY;
}

enum nb_err nb_memblock_alloc(struct nb_memblock *mb, const struct nb_request *request,
			      nb_phys *address)
{
	struct nb_memblock_step step = { .op = NB_OP_ALLOC, .request = *request };
	struct nb_request again = *request;
	nb_phys at = 0;
	enum nb_err err = alloc(mb, request, &at);

	if (err == NB_ERR_MEMORY && request->gives_up_min && request->min) {
		again.min = 0;
		err = alloc(mb, &again, &at);
	}
	if (!err) {
		*address = at;
		step.range = (struct nb_range){ at, at + request->size };
	}
	return tell(mb, step, err);
}

/* Looking. */

bool nb_page_next(struct nb_page_walk *walk, struct nb_range *pfns, int32_t *nid)
{
	while (walk->at < walk->memory->count) {
		const struct nb_region *region = nb_region_at(walk->memory, walk->at++);
		struct nb_range pages = { nb_pfn_up(region->start), nb_pfn_down(region->end) };

		if (pages.start >= pages.end)
			continue;
		if (walk->nid != NB_NO_NODE && walk->nid != region->nid)
			continue;
		*pfns = pages;
		if (nid)
			*nid = region->nid;
		return true;
	}
	return false;
}

int32_t nb_memblock_node(const struct nb_memblock *mb, nb_pfn pfn)
{
	const struct nb_region *region = NULL;

	if (pfn <= nb_pfn_down(UINT64_MAX))
		region = nb_regions_find(&mb->memory, nb_pfn_phys(pfn));
	return region ? region->nid : NB_NO_NODE;
}

uint64_t nb_memblock_pages(const struct nb_memblock *mb, nb_pfn start, nb_pfn end)
{
	const struct nb_regions *memory = &mb->memory;
	uint64_t pages = 0;

	if (start >= end || start > nb_pfn_down(UINT64_MAX))
		return 0;
	for (uint32_t i = nb_regions_first_above(memory, nb_pfn_phys(start)); i < memory->count;
	     i++) {
		nb_pfn first = nb_pfn_up(nb_region_at(memory, i)->start),
		       past = nb_pfn_down(nb_region_at(memory, i)->end);

		if (first >= end)
			break;
		first = nb_max(first, start);
		past = nb_min(past, end);
		pages += past > first ? past - first : 0;
	}
	return pages;
}
