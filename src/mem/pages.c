/* SPDX-License-Identifier: MIT */
/*
 * pages: page frames handed out by node and zone.
 *
 *   request -> zones of the fallback order -> spans of a zone -> frames.c
 *                 | mark and reserve            | partial words, loose words, blocks
 *   single frames: a CPU takes a word, or a block of words, and serves from it;
 *   blocks of 2 MiB likewise: it takes those of a chunk
 *   frees of single frames: a CPU keeps up to 32, serves them again, the last one
 *   first, and passes on the 16 that wait the longest
 *
 * What a CPU holds (struct nb_page_cpu) is its own, so it is no atomic; all that is
 * shared is in frames.c, in the count of free pages of a zone, which each CPU
 * brings up to date now and then, and in the list of spans, which only grows: a
 * span is complete before the count of spans, or the one before it, names it.
 *
 * While a freed frame waits its bit says that it is taken: to serve it again needs no
 * atomic. The memory that its bit lies in is fetched meanwhile, and looked at when the
 * frame is served or passed on: if the bit says free by then, two have freed it.
 *
 * Linux 6.12 mm/page_alloc.c.
 */
#include <numaboot/pages.h>

#include "base/arena.h"
#include "base/memory.h"
#include "mem/frames.h"

enum {
	LINE = 128,   /* bytes that CPUs should not share, with the neighbour it fetches */
	WAITING = 32, /* frees that a CPU keeps at most, */
	BATCH = 16,   /* and passes on at a time */
	SEEN_WORDS = 8,
	DRIFT = 64, /* pages by which it may be behind with a zone's count */
	SHARE = 64, /* a CPU takes a block for itself if that is 1/SHARE of what is free */
	BLOCK_ORDER = 9,
	BLOCK_WORDS_ORDER = BLOCK_ORDER - NB_WORD_SHIFT,
	BLOCK_PAGES = 1 << BLOCK_ORDER,
	BLOCK_WORDS = 0xff, /* as bits */
};

#define NO_KEY UINT64_MAX
#define APART __attribute__((noinline))

struct nb_page_zone {
	_Alignas(LINE) _Atomic int64_t free_pages;
	_Alignas(LINE) _Atomic uint64_t managed_pages;
	_Atomic uint64_t mark[NB_MARK_NONE + 1]; /* that of NB_MARK_NONE stays 0 */
	_Atomic uint64_t reserve[NB_ZONES];
	_Atomic uint32_t first; /* span + 1; 0: none */
	int32_t nid;
};

struct nb_page_spans {
	_Atomic uint32_t count, sorted; /* of the first `sorted` each is above the one before */
	struct nb_frames *at;           /* [limits.spans] */
};

/* What a CPU has taken to serve from: frames of one word, and whole words that
 * follow it; or blocks of one chunk. */
struct slot {
	_Alignas(64) uint64_t key; /* the request that it serves; NO_KEY: none */
	uint64_t mask;  /* frames that are left of the word; words that blocks begin with */
	nb_pfn pfn;     /* of the word's first frame; of the chunk's */
	uint32_t shift; /* frames from one bit of the mask to the next, as a power of 2 */
	uint32_t words; /* whole ones that are left behind the word */
	struct nb_frames *frames;
	struct nb_page_zone *zone;
	bool first; /* no zone comes before this one in the request's list */
};

/* A frame, and the span that it is in. */
struct place {
	struct nb_frames *frames;
	nb_pfn pfn;
};

/* Frames that were freed, before their bits are turned: a stack that is shortened
 * from below. No two of them have the same bit of `seen`. */
struct waiting {
	uint32_t bottom, count;    /* at[bottom] .. around, all modulo WAITING */
	uint64_t seen[SEEN_WORDS]; /* by the end of the pfn */
	struct place at[WAITING];
};

struct nb_page_cpu {
	_Alignas(LINE) struct slot slot[2 * NB_ZONES]; /* slot_of() says which */
	struct nb_frames *last;                        /* where the last free was found */
	struct waiting waiting;
	struct nb_page_zone *behind; /* the zone whose count is this much behind: */
	int64_t drift, drift_limit;
	uint32_t cursor[NB_FROMS]; /* where the last search ended */
	_Atomic uint64_t hit, miss, returned, failed;
};

/* Zones and spans. */

static struct nb_page_zone *zone_at(const struct nb_pages *pages, int32_t nid, int32_t zone)
{
	return &pages->zone[(size_t)nid * NB_ZONES + (size_t)zone];
}

static struct nb_frames *next_span(const struct nb_pages *pages, _Atomic uint32_t *link)
{
	uint32_t next = atomic_load_explicit(link, memory_order_acquire);

	return next ? &pages->spans->at[next - 1] : NULL;
}

/* The span of a frame, or null. Those that came out of order are few. */
static struct nb_frames *find_span(const struct nb_pages *pages, nb_pfn pfn)
{
	struct nb_page_spans *spans = pages->spans;
	uint32_t count = atomic_load_explicit(&spans->count, memory_order_acquire);
	uint32_t sorted = atomic_load_explicit(&spans->sorted, memory_order_acquire);
	uint32_t low = 0, high = sorted;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (spans->at[middle].end <= pfn)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < sorted && spans->at[low].start <= pfn)
		return &spans->at[low];
	for (uint32_t i = sorted; i < count; i++)
		if (pfn >= spans->at[i].start && pfn < spans->at[i].end)
			return &spans->at[i];
	return NULL;
}

static struct nb_page_zone *zone_of(const struct nb_pages *pages, const struct nb_frames *frames)
{
	return &pages->zone[frames->zone];
}

static void settle(struct nb_page_cpu *cpu)
{
	if (cpu->drift)
		atomic_fetch_add_explicit(&cpu->behind->free_pages, cpu->drift,
					  memory_order_relaxed);
	cpu->drift = 0;
}

/* More, or less, pages of a zone are free. */
static inline void count_free(struct nb_page_cpu *cpu, struct nb_page_zone *zone, int64_t pages)
{
	if (cpu->behind != zone)
		settle(cpu);
	cpu->behind = zone;
	cpu->drift += pages;
	if (cpu->drift > cpu->drift_limit || cpu->drift < -cpu->drift_limit)
		settle(cpu);
}

/* Counts of one CPU, which others may read: no read-modify-write is needed. */
static void count_own(_Atomic uint64_t *counter, uint64_t more)
{
	uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, value + more, memory_order_relaxed);
}

static void count_taken(struct nb_page_cpu *cpu, struct nb_page_zone *zone, int32_t nid,
			uint64_t pages)
{
	count_free(cpu, zone, -(int64_t)pages);
	count_own(zone->nid == nid ? &cpu->hit : &cpu->miss, pages);
}

/* A CPU's caches. */

static uint64_t key_of(struct nb_page_request request)
{
	const union {
		struct nb_page_request request;
		uint64_t key;
	} whole = { .request = request };

	_Static_assert(sizeof(whole) == sizeof(request), "a request is a key: it has no padding");
	return whole.key;
}

static struct slot *slot_of(struct nb_page_cpu *cpu, struct nb_page_request request)
{
	return &cpu->slot[request.highest + (request.order == BLOCK_ORDER ? NB_ZONES : 0)];
}

static nb_pfn pop(struct slot *slot)
{
	nb_pfn pfn = slot->pfn + ((uint64_t)__builtin_ctzll(slot->mask) << slot->shift);

	slot->mask &= slot->mask - 1;
	return pfn;
}

/* The word that the slot stands at, which is a whole one, becomes frames of the slot. */
static void open_word(struct slot *slot)
{
	nb_frames_open(slot->frames, slot->pfn - slot->frames->base, UINT64_MAX);
	slot->mask = UINT64_MAX;
}

static void open_next(struct slot *slot)
{
	slot->pfn += NB_WORD_FRAMES;
	slot->words--;
	open_word(slot);
}

/* Which of its chunk's words a frame is in. */
static uint32_t frame_word(uint64_t frame)
{
	return (uint32_t)(frame >> NB_WORD_SHIFT) % 64;
}

static void empty_slot(struct nb_page_cpu *cpu, struct slot *slot)
{
	uint64_t pages = (nb_bits(slot->mask) << (slot->shift ? BLOCK_ORDER : 0)) +
			 ((uint64_t)slot->words << NB_WORD_SHIFT);
	uint64_t frame, words;

	slot->key = NO_KEY;
	if (pages == 0)
		return;
	frame = slot->pfn - slot->frames->base;
	count_free(cpu, slot->zone, (int64_t)pages);
	count_own(&cpu->returned, pages);
	words = slot->shift ? slot->mask * BLOCK_WORDS
			    : (((uint64_t)1 << slot->words) - 1) << 1 << frame_word(frame);
	if (words)
		nb_frames_put_words(slot->frames, frame, words);
	if (slot->mask && !slot->shift)
		nb_frames_put(slot->frames, frame, slot->mask);
	slot->words = 0;
	slot->mask = 0;
}

/* Frees that wait. */

static struct place *waiting_at(struct waiting *waiting, uint32_t index)
{
	return &waiting->at[(waiting->bottom + index) % WAITING];
}

static uint64_t *seen_word(struct waiting *waiting, nb_pfn pfn)
{
	return &waiting->seen[pfn / 64 % SEEN_WORDS];
}

static uint64_t seen_bit(nb_pfn pfn)
{
	return (uint64_t)1 << pfn % 64;
}

static void pass_on(struct waiting *waiting, struct place place)
{
	*seen_word(waiting, place.pfn) &= ~seen_bit(place.pfn);
	nb_frames_put(place.frames, place.pfn - place.frames->base, seen_bit(place.pfn));
}

/* Those that wait the longest. */
static void pass_on_first(const struct nb_pages *pages, struct nb_page_cpu *cpu, uint32_t count)
{
	struct waiting *waiting = &cpu->waiting;

	for (uint32_t i = 0; i < count; i++) {
		struct place *at = waiting_at(waiting, i);

		count_free(cpu, zone_of(pages, at->frames), 1);
		pass_on(waiting, *at);
	}
	waiting->bottom = (waiting->bottom + count) % WAITING;
	waiting->count -= count;
}

/* Serves again what was freed last, if it is of the zone; else NB_NO_PFN. */
static inline nb_pfn serve_again(const struct nb_pages *pages, struct nb_page_cpu *cpu,
				 const struct nb_page_zone *zone)
{
	struct waiting *waiting = &cpu->waiting;
	struct place *at = waiting_at(waiting, waiting->count - 1);

	if (waiting->count == 0 || zone_of(pages, at->frames) != zone)
		return NB_NO_PFN;
	waiting->count--;
	*seen_word(waiting, at->pfn) &= ~seen_bit(at->pfn);
	nb_assert(nb_frames_taken(at->frames, at->pfn - at->frames->base)); /* else freed twice */
	return at->pfn;
}

static void drain(const struct nb_pages *pages, struct nb_page_cpu *cpu)
{
	pass_on_first(pages, cpu, cpu->waiting.count);
	for (uint32_t i = 0; i < NB_COUNT(cpu->slot); i++)
		empty_slot(cpu, &cpu->slot[i]);
	settle(cpu);
}

/* Taking. */

/* Pages that a request could leave above mark and reserve; negative: too few. */
static inline int64_t room_in(const struct nb_page_cpu *cpu, struct nb_page_zone *zone,
			      struct nb_page_request request)
{
	int64_t free = atomic_load_explicit(&zone->free_pages, memory_order_relaxed);
	uint64_t kept = 0;

	if (cpu->behind == zone)
		free += cpu->drift;
	if (request.mark != NB_MARK_NONE)
		kept = atomic_load_explicit(&zone->mark[request.mark], memory_order_relaxed) +
		       atomic_load_explicit(&zone->reserve[request.highest], memory_order_relaxed);
	kept += (uint64_t)1 << request.order;
	return free < 0 || (uint64_t)free < kept ? -1 : (int64_t)((uint64_t)free - kept);
}

static void record(struct nb_frames *frames, uint64_t frame, uint32_t order)
{
	if (frames->orders)
		frames->orders[frame] = (uint8_t)(order + 1);
}

/* One block, past the caches. */
static nb_pfn take_block(const struct nb_pages *pages, struct nb_page_cpu *cpu,
			 struct nb_page_zone *zone, uint32_t order)
{
	uint32_t from = order < NB_WORD_SHIFT ? NB_FROM_PARTIAL
			: order < BLOCK_ORDER ? NB_FROM_LOOSE
					      : NB_FROM_BLOCKS;

	for (; from < NB_FROMS; from++) {
		struct nb_frames *frames = next_span(pages, &zone->first);

		for (; frames; frames = next_span(pages, &frames->next)) {
			struct nb_taken taken;

			if (!nb_frames_take(frames, (enum nb_frames_from)from, order,
					    &cpu->cursor[from], &taken))
				continue;
			if (taken.mask)
				taken.frame += (uint32_t)__builtin_ctzll(taken.mask);
			record(frames, taken.frame, order);
			return frames->base + taken.frame;
		}
	}
	return NB_NO_PFN;
}

/* Gives an empty slot the free frames of a word, or of as many words as may be. */
static uint64_t refill(const struct nb_pages *pages, struct nb_page_cpu *cpu,
		       struct nb_page_zone *zone, struct slot *slot, int64_t room)
{
	for (uint32_t from = 0; from < NB_FROMS; from++) {
		bool block = from == NB_FROM_BLOCKS && room >= (int64_t)SHARE * BLOCK_PAGES;
		uint32_t words_order = block ? BLOCK_WORDS_ORDER : 0;
		struct nb_frames *frames = next_span(pages, &zone->first);

		for (; frames; frames = next_span(pages, &frames->next)) {
			struct nb_taken taken;

			if (!nb_frames_take_words(frames, (enum nb_frames_from)from, words_order,
						  &cpu->cursor[from], &taken))
				continue;
			slot->frames = frames;
			slot->zone = zone;
			slot->shift = 0;
			slot->pfn = frames->base + taken.frame;
			slot->mask = taken.mask;
			if (taken.mask)
				return nb_bits(taken.mask);
			open_word(slot);
			slot->words = (1u << words_order) - 1;
			return (uint64_t)NB_WORD_FRAMES << words_order;
		}
	}
	return 0;
}

/* Gives an empty slot the whole blocks of a chunk. */
static uint64_t refill_blocks(const struct nb_pages *pages, struct nb_page_cpu *cpu,
			      struct nb_page_zone *zone, struct slot *slot)
{
	struct nb_frames *frames = next_span(pages, &zone->first);

	for (; frames; frames = next_span(pages, &frames->next)) {
		struct nb_taken taken;

		if (!nb_frames_take_blocks(frames, &cpu->cursor[NB_FROM_BLOCKS], &taken))
			continue;
		slot->frames = frames;
		slot->zone = zone;
		slot->shift = NB_WORD_SHIFT;
		slot->pfn = frames->base + taken.frame;
		slot->mask = taken.mask;
		return (uint64_t)nb_bits(taken.mask) << BLOCK_ORDER;
	}
	return 0;
}

/* Fills a slot from a zone, if so much of it may be taken at once; returns pages. */
static uint64_t refill_from(const struct nb_pages *pages, struct nb_page_cpu *cpu,
			    struct nb_page_zone *zone, struct nb_page_request request, int64_t room)
{
	struct slot *slot = slot_of(cpu, request);
	uint64_t got = 0;

	if (request.order == 0 && room >= NB_WORD_FRAMES) {
		empty_slot(cpu, slot);
		got = refill(pages, cpu, zone, slot, room);
	} else if (request.order == BLOCK_ORDER && room >= (int64_t)SHARE * NB_CHUNK_FRAMES) {
		empty_slot(cpu, slot);
		got = refill_blocks(pages, cpu, zone, slot);
	}
	return got;
}

/* What one zone has for a request. */
static nb_pfn from_zone(const struct nb_pages *pages, struct nb_page_cpu *cpu,
			struct nb_page_zone *zone, struct nb_page_request request, bool first)
{
	struct slot *slot = slot_of(cpu, request);
	uint64_t got = 0;
	int64_t room;
	nb_pfn pfn;

	/* An order that has no slot of its own never finds one of its size. */
	if ((slot->mask || slot->words) && slot->zone == zone &&
	    request.order == (slot->shift ? BLOCK_ORDER : 0)) {
		slot->key = key_of(request);
		slot->first = first;
		if (!slot->mask)
			open_next(slot);
		return pop(slot);
	}
	pfn = request.order ? NB_NO_PFN : serve_again(pages, cpu, zone);
	if (pfn != NB_NO_PFN)
		return pfn;
	room = room_in(cpu, zone, request);
	if (room < 0)
		return NB_NO_PFN;
	if (!pages->limits.record_orders)
		got = refill_from(pages, cpu, zone, request, room);
	if (got) {
		slot->key = key_of(request);
		slot->first = first;
		count_taken(cpu, zone, request.nid, got);
		return pop(slot);
	}
	pfn = take_block(pages, cpu, zone, request.order);
	if (pfn != NB_NO_PFN)
		count_taken(cpu, zone, request.nid, (uint64_t)1 << request.order);
	return pfn;
}

/* What the zones of the request's list have, best first. */
static nb_pfn from_list(const struct nb_pages *pages, struct nb_page_cpu *cpu,
			struct nb_page_request request)
{
	const uint16_t own = (uint16_t)request.nid, *row = &own;
	uint32_t count = 1, node = 0;
	int32_t zone = request.highest;
	bool first = true;

	if (pages->order && !request.this_node) {
		row = pages->order + (size_t)request.nid * pages->limits.nodes;
		count = pages->order_count[request.nid];
	}
	while (node < count && zone >= 0) {
		struct nb_page_zone *at = zone_at(pages, row[node], zone);

		if (atomic_load_explicit(&at->first, memory_order_relaxed)) {
			nb_pfn pfn = from_zone(pages, cpu, at, request, first);

			if (pfn != NB_NO_PFN)
				return pfn;
			first = false;
		}
		if (pages->by_zone && ++node == count) {
			node = 0;
			zone--;
		} else if (!pages->by_zone && --zone < 0) {
			zone = request.highest;
			node++;
		}
	}
	return NB_NO_PFN;
}

static nb_pfn alloc_slow(const struct nb_pages *pages, struct nb_page_cpu *cpu,
			 struct nb_page_request request)
{
	struct slot *slot = slot_of(cpu, request);
	nb_pfn pfn;

	nb_assert(request.nid >= 0 && (uint32_t)request.nid < pages->limits.nodes);
	nb_assert(request.order < NB_ORDERS && request.mark <= NB_MARK_NONE);
	if (slot->mask && slot->key == key_of(request))
		return pop(slot); /* a block */
	pfn = from_list(pages, cpu, request);
	if (pfn == NB_NO_PFN) {
		drain(pages, cpu);
		pfn = from_list(pages, cpu, request);
	}
	if (pfn == NB_NO_PFN)
		count_own(&cpu->failed, 1);
	return pfn;
}

/* A request that the slot served until its word was used up: what the CPU freed last
 * does, if no better zone has to be asked first, or the next word. It stands apart, so
 * that the usual way has no register to save. */
static APART nb_pfn alloc_again(const struct nb_pages *pages, struct nb_page_cpu *cpu,
				struct slot *slot, struct nb_page_request request)
{
	nb_pfn pfn = slot->first ? serve_again(pages, cpu, slot->zone) : NB_NO_PFN;

	if (pfn != NB_NO_PFN)
		return pfn;
	if (!slot->words)
		return alloc_slow(pages, cpu, request);
	open_next(slot);
	return pop(slot);
}

static inline nb_pfn alloc(const struct nb_pages *pages, struct nb_page_cpu *cpu,
			   struct nb_page_request request)
{
	struct slot *slot = &cpu->slot[request.highest]; /* of single frames: shift is 0 */
	uint64_t mask = slot->mask;

	if (slot->key != key_of(request))
		return alloc_slow(pages, cpu, request);
	if (!mask)
		return alloc_again(pages, cpu, slot, request);
	slot->mask = mask & (mask - 1);
	return slot->pfn + (uint32_t)__builtin_ctzll(mask);
}

nb_pfn nb_pages_alloc(const struct nb_pages *pages, uint32_t cpu, struct nb_page_request request)
{
	nb_assert(cpu < pages->limits.cpus && request.highest < NB_ZONES);
	return alloc(pages, &pages->cpu[cpu], request);
}

size_t nb_pages_alloc_bulk(const struct nb_pages *pages, uint32_t cpu,
			   struct nb_page_request request, nb_pfn *pfns, size_t count)
{
	nb_assert(cpu < pages->limits.cpus && request.highest < NB_ZONES && request.order == 0);
	for (size_t i = 0; i < count; i++) {
		pfns[i] = alloc(pages, &pages->cpu[cpu], request);
		if (pfns[i] == NB_NO_PFN)
			return i;
	}
	return count;
}

/* Giving back. */

static void free_block(const struct nb_pages *pages, struct nb_page_cpu *cpu, nb_pfn pfn,
		       uint32_t order)
{
	uint64_t size = (uint64_t)1 << order;
	struct nb_frames *frames = find_span(pages, pfn);

	nb_assert(order < NB_ORDERS);
	nb_assert((pfn & (size - 1)) == 0);
	nb_assert(frames && frames->end - pfn >= size); /* else it is no page that was given out */
	pfn -= frames->base;
	if (frames->orders) {
		nb_assert(frames->orders[pfn] == order + 1); /* else freed twice, or in part */
		frames->orders[pfn] = 0;
	}
	count_free(cpu, zone_of(pages, frames), (int64_t)size);
	nb_frames_put_block(frames, pfn, order);
}

/* Another frame waits by the same bit of `seen`: the new one gets its place. */
static void replace(const struct nb_pages *pages, struct nb_page_cpu *cpu, struct place place)
{
	struct waiting *waiting = &cpu->waiting;
	struct place *at = NULL;

	for (uint32_t i = 0; i < waiting->count; i++) {
		at = waiting_at(waiting, i);
		if ((at->pfn ^ place.pfn) % (SEEN_WORDS * 64) == 0)
			break;
	}
	nb_assert(at && at->pfn != place.pfn); /* else freed twice */
	count_free(cpu, zone_of(pages, at->frames), 1);
	pass_on(waiting, *at);
	*seen_word(waiting, place.pfn) |= seen_bit(place.pfn);
	*at = place;
}

static void free_in(const struct nb_pages *pages, struct nb_page_cpu *cpu, struct place place)
{
	struct waiting *waiting = &cpu->waiting;
	uint64_t *seen = seen_word(waiting, place.pfn), bit = seen_bit(place.pfn);

	nb_frames_expect(place.frames, place.pfn - place.frames->base);
	if (*seen & bit) {
		replace(pages, cpu, place);
		return;
	}
	if (waiting->count == WAITING)
		pass_on_first(pages, cpu, BATCH);
	*seen |= bit;
	*waiting_at(waiting, waiting->count++) = place;
}

static void free_elsewhere(const struct nb_pages *pages, struct nb_page_cpu *cpu, nb_pfn pfn)
{
	cpu->last = find_span(pages, pfn);
	nb_assert(cpu->last); /* else it is no page that was given out */
	free_in(pages, cpu, (struct place){ cpu->last, pfn });
}

static inline void free_one(const struct nb_pages *pages, struct nb_page_cpu *cpu, nb_pfn pfn)
{
	struct nb_frames *last = cpu->last;

	if (last && pfn >= last->start && pfn < last->end)
		free_in(pages, cpu, (struct place){ last, pfn });
	else
		free_elsewhere(pages, cpu, pfn);
}

void nb_pages_free(const struct nb_pages *pages, uint32_t cpu, nb_pfn pfn, uint32_t order)
{
	nb_assert(cpu < pages->limits.cpus);
	if (order == 0 && !pages->limits.record_orders)
		free_one(pages, &pages->cpu[cpu], pfn);
	else
		free_block(pages, &pages->cpu[cpu], pfn, order);
}

void nb_pages_free_bulk(const struct nb_pages *pages, uint32_t cpu, const nb_pfn *pfns,
			size_t count)
{
	for (size_t i = 0; i < count; i++)
		nb_pages_free(pages, cpu, pfns[i], 0);
}

void nb_pages_drain(const struct nb_pages *pages, uint32_t cpu)
{
	nb_assert(cpu < pages->limits.cpus);
	drain(pages, &pages->cpu[cpu]);
}

/* Making. */

static bool limits_ok(const struct nb_pages_limits *limits)
{
	return limits->nodes >= 1 && limits->nodes <= NB_MAX_NODES && limits->cpus >= 1 &&
	       limits->cpus <= NB_MAX_CPUS && limits->spans >= 1 && limits->spans < UINT32_MAX;
}

/* The largest alignment comes first: each piece is a multiple of its own. */
static void carve(struct nb_arena *arena, struct nb_pages *pages)
{
	const struct nb_pages_limits *limits = &pages->limits;

	pages->cpu = nb_arena_take(arena, limits->cpus, sizeof(*pages->cpu));
	pages->zone = nb_arena_take(arena, (size_t)limits->nodes * NB_ZONES, sizeof(*pages->zone));
	pages->spans = nb_arena_take(arena, 1, sizeof(*pages->spans));

	struct nb_frames *at = nb_arena_take(arena, limits->spans, sizeof(*at));

	if (pages->spans)
		pages->spans->at = at;
}

size_t nb_pages_size(const struct nb_pages_limits *limits)
{
	struct nb_pages pages = { .limits = *limits };
	struct nb_arena arena = { .block = NULL };

	if (!limits_ok(limits))
		return 0;
	carve(&arena, &pages);
	return arena.used;
}

enum nb_err nb_pages_init(struct nb_pages *pages, void *block, size_t size,
			  const struct nb_pages_limits *limits)
{
	struct nb_arena arena = { .block = block, .size = size };

	if (!limits_ok(limits))
		return NB_ERR_LIMITS;
	if (size < nb_pages_size(limits))
		return NB_ERR_MEMORY;
	nb_assert(((uintptr_t)block & (LINE - 1)) == 0);
	*pages = (struct nb_pages){ .limits = *limits };
	carve(&arena, pages);
	for (uint32_t cpu = 0; cpu < limits->cpus; cpu++) {
		pages->cpu[cpu].drift_limit = limits->record_orders ? 0 : DRIFT;
		for (uint32_t i = 0; i < NB_ZONES; i++)
			pages->cpu[cpu].slot[i].key = NO_KEY;
	}
	for (uint32_t nid = 0; nid < limits->nodes; nid++)
		for (int32_t zone = 0; zone < NB_ZONES; zone++)
			zone_at(pages, (int32_t)nid, zone)->nid = (int32_t)nid;
	return NB_OK;
}

size_t nb_pages_span_size(const struct nb_pages_limits *limits, nb_pfn start, nb_pfn end)
{
	nb_assert(start < end);
	return nb_frames_size(start, end, limits->record_orders);
}

/* Hangs a complete span behind the others of its zone, then tells the look-ups. */
static void publish(struct nb_pages *pages, struct nb_page_zone *zone, uint32_t index)
{
	struct nb_page_spans *spans = pages->spans;
	_Atomic uint32_t *link = &zone->first;

	for (struct nb_frames *at = next_span(pages, link); at; at = next_span(pages, link))
		link = &at->next;
	atomic_store_explicit(link, index + 1, memory_order_release);
	if (atomic_load_explicit(&spans->sorted, memory_order_relaxed) == index &&
	    (index == 0 || spans->at[index - 1].end <= spans->at[index].start))
		atomic_store_explicit(&spans->sorted, index + 1, memory_order_release);
	atomic_store_explicit(&spans->count, index + 1, memory_order_release);
}

enum nb_err nb_pages_add(struct nb_pages *pages, const struct nb_page_span *span)
{
	struct nb_page_spans *spans = pages->spans;
	uint32_t index = atomic_load_explicit(&spans->count, memory_order_relaxed);
	struct nb_frames *frames;

	nb_assert(span->nid >= 0 && (uint32_t)span->nid < pages->limits.nodes);
	nb_assert((uint32_t)span->zone < NB_ZONES && span->start < span->end);
	for (uint32_t i = 0; i < index; i++)
		nb_assert(span->end <= spans->at[i].start || span->start >= spans->at[i].end);
	if (index == pages->limits.spans)
		return NB_ERR_FULL;
	frames = &spans->at[index];
	nb_frames_init(frames, span->start, span->end, span->storage, pages->limits.record_orders,
		       span->zeroed);
	frames->zone = (uint32_t)span->nid * NB_ZONES + (uint32_t)span->zone;
	publish(pages, &pages->zone[frames->zone], index);
	return NB_OK;
}

void nb_pages_give(const struct nb_pages *pages, nb_pfn start, nb_pfn end)
{
	while (start < end) {
		struct nb_frames *frames = find_span(pages, start);
		nb_pfn to;

		nb_assert(frames); /* else no span has it */
		to = nb_min(end, frames->end);

		struct nb_page_zone *zone = zone_of(pages, frames);

		atomic_fetch_add_explicit(&zone->managed_pages, to - start, memory_order_relaxed);
		atomic_fetch_add_explicit(&zone->free_pages, (int64_t)(to - start),
					  memory_order_relaxed);
		nb_frames_give(frames, start - frames->base, to - frames->base);
		start = to;
	}
}

void nb_pages_set_marks(const struct nb_pages *pages, int32_t nid, enum nb_zone_id zone,
			const struct nb_page_marks *marks)
{
	nb_assert(nid >= 0 && (uint32_t)nid < pages->limits.nodes && (uint32_t)zone < NB_ZONES);

	struct nb_page_zone *at = zone_at(pages, nid, (int32_t)zone);
	const uint64_t values[NB_MARK_NONE] = {
		[NB_MARK_LOW] = marks->low,
		[NB_MARK_MIN] = marks->min,
		[NB_MARK_HIGH] = marks->high,
	};

	for (uint32_t i = 0; i < NB_MARK_NONE; i++)
		atomic_store_explicit(&at->mark[i], values[i], memory_order_relaxed);
	for (uint32_t i = 0; i < NB_ZONES; i++)
		atomic_store_explicit(&at->reserve[i], marks->reserve[i], memory_order_relaxed);
}

void nb_pages_set_fallback(struct nb_pages *pages, const uint16_t *order,
			   const uint16_t *order_count, bool by_zone)
{
	pages->order = order;
	pages->order_count = order_count;
	pages->by_zone = by_zone;
}

/* Looking. */

static void add_zone(const struct nb_pages *pages, struct nb_page_zone *zone,
		     struct nb_page_stats *stats)
{
	int64_t free = atomic_load_explicit(&zone->free_pages, memory_order_relaxed);
	struct nb_frames *frames = next_span(pages, &zone->first);

	stats->managed_pages += atomic_load_explicit(&zone->managed_pages, memory_order_relaxed);
	stats->free_pages += free > 0 ? (uint64_t)free : 0;
	for (; frames; frames = next_span(pages, &frames->next))
		nb_frames_count(frames, stats->blocks);
}

void nb_pages_stats(const struct nb_pages *pages, int32_t nid, enum nb_zone_id zone,
		    struct nb_page_stats *stats)
{
	nb_assert(nid >= 0 && (uint32_t)nid < pages->limits.nodes && (uint32_t)zone <= NB_ZONES);
	*stats = (struct nb_page_stats){ 0 };
	for (int32_t i = 0; i < NB_ZONES; i++)
		if (zone == NB_ZONES || i == (int32_t)zone)
			add_zone(pages, zone_at(pages, nid, i), stats);
}

void nb_pages_cpu_stats(const struct nb_pages *pages, uint32_t cpu, struct nb_page_cpu_stats *stats)
{
	nb_assert(cpu < pages->limits.cpus);

	struct nb_page_cpu *at = &pages->cpu[cpu];

	*stats = (struct nb_page_cpu_stats){
		.hit_pages = atomic_load_explicit(&at->hit, memory_order_relaxed),
		.miss_pages = atomic_load_explicit(&at->miss, memory_order_relaxed),
		.returned = atomic_load_explicit(&at->returned, memory_order_relaxed),
		.failed = atomic_load_explicit(&at->failed, memory_order_relaxed),
	};
}

void nb_pages_check(const struct nb_pages *pages)
{
	for (size_t i = 0; i < (size_t)pages->limits.nodes * NB_ZONES; i++) {
		struct nb_page_zone *zone = &pages->zone[i];
		struct nb_frames *frames = next_span(pages, &zone->first);
		uint64_t free = 0;

		for (; frames; frames = next_span(pages, &frames->next))
			free += nb_frames_check(frames);
		nb_assert((int64_t)free == atomic_load(&zone->free_pages));
	}
}
