/* SPDX-License-Identifier: MIT */
/*
 * pages: page frames handed out by node and zone.
 *
 *   request -> zones of the fallback order -> spans of a zone -> frames.c
 *                 | mark and reserve            | partial words, loose words, blocks
 *   single frames: a CPU takes a word, or a block of words, and serves from it
 *   frees: a CPU looks at the frame at once, and passes 16 of them on together
 *
 * What a CPU holds (struct nb_page_cpu) is its own, so it is no atomic; all that is
 * shared is in frames.c, in the count of free pages of a zone, which is raised
 * before frames are given back and lowered after they are taken, so that it is
 * never below what can be taken, and in the list of spans, which only grows: a
 * span is complete before the count of spans, or the one before it, names it.
 *
 * A freed frame is not served again before its bit was turned: that is where a
 * frame that two CPUs free is seen. So frames wait in a CPU, but not to be reused,
 * only since the memory that 16 bits lie in is fetched at the same time that way.
 *
 * Linux 6.12 mm/page_alloc.c.
 */
#include <numaboot/pages.h>

#include "base/arena.h"
#include "base/memory.h"
#include "mem/frames.h"

enum {
	LINE = 128,   /* bytes that CPUs should not share, with the neighbour it fetches */
	PENDING = 16, /* frees that a CPU holds */
	SHARE = 64,   /* a CPU takes a block for itself if 1/SHARE of what is free */
	BLOCK_PAGES = NB_BLOCK_WORDS * NB_WORD_FRAMES,
	BLOCK_WORDS_ORDER = 3,
};

#define NO_KEY UINT64_MAX

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

/* Single frames of one word that a CPU has taken, and whole words that follow it. */
struct slot {
	uint64_t key;  /* the request that it serves; NO_KEY: none */
	uint64_t mask; /* frames that are left of the word */
	nb_pfn pfn;    /* of the word's first frame */
	struct nb_frames *frames;
	struct nb_page_zone *zone;
	uint32_t words; /* whole ones that are left behind it */
};

struct nb_page_cpu {
	_Alignas(LINE) struct slot slot[NB_ZONES]; /* by the highest zone of the request */
	struct nb_frames *last;                    /* where the last free was found */
	uint32_t pending;
	uint64_t seen; /* the low bits of the pfns that are pending */
	struct nb_frames *pending_in[PENDING];
	nb_pfn pending_pfn[PENDING];
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

static void count_free(struct nb_page_zone *zone, int64_t pages)
{
	atomic_fetch_add_explicit(&zone->free_pages, pages, memory_order_relaxed);
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
	count_free(zone, -(int64_t)pages);
	count_own(zone->nid == nid ? &cpu->hit : &cpu->miss, pages);
}

/* A CPU's caches. */

static uint64_t key_of(struct nb_page_request request)
{
	uint64_t key;

	_Static_assert(sizeof(key) == sizeof(request), "a request is a key: it has no padding");
	memcpy(&key, &request, sizeof(key));
	return key;
}

static nb_pfn pop(struct slot *slot)
{
	nb_pfn pfn = slot->pfn + (uint32_t)__builtin_ctzll(slot->mask);

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

static void empty_slot(struct nb_page_cpu *cpu, struct slot *slot)
{
	uint64_t pages = nb_bits(slot->mask) + (uint64_t)slot->words * NB_WORD_FRAMES;
	uint64_t frame;

	slot->key = NO_KEY;
	if (pages == 0)
		return;
	frame = slot->pfn - slot->frames->base;
	count_free(slot->zone, (int64_t)pages);
	count_own(&cpu->returned, pages);
	if (slot->words)
		nb_frames_put_words(slot->frames, frame + NB_WORD_FRAMES, slot->words);
	if (slot->mask)
		nb_frames_put(slot->frames, frame, slot->mask);
	slot->words = 0;
	slot->mask = 0;
}

static void pass_on(const struct nb_pages *pages, struct nb_page_cpu *cpu)
{
	for (uint32_t i = 0, past; i < cpu->pending; i = past) {
		uint32_t zone = cpu->pending_in[i]->zone;

		for (past = i + 1; past < cpu->pending; past++)
			if (cpu->pending_in[past]->zone != zone)
				break;
		count_free(&pages->zone[zone], past - i);
		for (uint32_t at = i; at < past; at++) {
			struct nb_frames *frames = cpu->pending_in[at];
			uint64_t frame = cpu->pending_pfn[at] - frames->base;

			nb_frames_put(frames, frame, (uint64_t)1 << frame % NB_WORD_FRAMES);
		}
	}
	cpu->pending = 0;
	cpu->seen = 0;
}

static void drain(const struct nb_pages *pages, struct nb_page_cpu *cpu)
{
	pass_on(pages, cpu);
	for (uint32_t i = 0; i < NB_ZONES; i++)
		empty_slot(cpu, &cpu->slot[i]);
}

/* Taking. */

/* Pages that a request could leave above mark and reserve; negative: too few. */
static int64_t room_in(struct nb_page_zone *zone, struct nb_page_request request)
{
	int64_t free = atomic_load_explicit(&zone->free_pages, memory_order_relaxed);
	uint64_t kept = 0;

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
	for (uint32_t from = 0; from < NB_FROMS; from++) {
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

/* What one zone has for a request. */
static nb_pfn from_zone(const struct nb_pages *pages, struct nb_page_cpu *cpu,
			struct nb_page_zone *zone, struct nb_page_request request)
{
	struct slot *slot = &cpu->slot[request.highest];
	bool single = request.order == 0 && !pages->limits.record_orders;
	int64_t room;
	uint64_t pages_taken;
	nb_pfn pfn;

	if (single && slot->zone == zone && (slot->mask || slot->words)) {
		slot->key = key_of(request);
		if (!slot->mask)
			open_next(slot);
		return pop(slot);
	}
	room = room_in(zone, request);
	if (room < 0)
		return NB_NO_PFN;
	if (single && room >= NB_WORD_FRAMES) {
		empty_slot(cpu, slot);
		pages_taken = refill(pages, cpu, zone, slot, room);
		if (pages_taken == 0)
			return NB_NO_PFN;
		slot->key = key_of(request);
		count_taken(cpu, zone, request.nid, pages_taken);
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

	if (pages->order && !request.this_node) {
		row = pages->order + (size_t)request.nid * pages->limits.nodes;
		count = pages->order_count[request.nid];
	}
	while (node < count && zone >= 0) {
		struct nb_page_zone *at = zone_at(pages, row[node], zone);

		if (atomic_load_explicit(&at->first, memory_order_relaxed)) {
			nb_pfn pfn = from_zone(pages, cpu, at, request);

			if (pfn != NB_NO_PFN)
				return pfn;
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
	struct slot *slot = &cpu->slot[request.highest];
	nb_pfn pfn;

	nb_assert(request.nid >= 0 && (uint32_t)request.nid < pages->limits.nodes);
	nb_assert(request.order < NB_ORDERS && request.mark <= NB_MARK_NONE);
	if (slot->key == key_of(request) && slot->words) {
		open_next(slot);
		return pop(slot);
	}
	pfn = from_list(pages, cpu, request);
	if (pfn == NB_NO_PFN) {
		drain(pages, cpu);
		pfn = from_list(pages, cpu, request);
	}
	if (pfn == NB_NO_PFN)
		count_own(&cpu->failed, 1);
	return pfn;
}

static inline nb_pfn alloc(const struct nb_pages *pages, struct nb_page_cpu *cpu,
			   struct nb_page_request request)
{
	struct slot *slot = &cpu->slot[request.highest];

	if (slot->mask && slot->key == key_of(request))
		return pop(slot);
	return alloc_slow(pages, cpu, request);
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

static void free_block(const struct nb_pages *pages, nb_pfn pfn, uint32_t order)
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
	count_free(zone_of(pages, frames), (int64_t)size);
	nb_frames_put_block(frames, pfn, order);
}

static inline void free_one(const struct nb_pages *pages, struct nb_page_cpu *cpu, nb_pfn pfn)
{
	struct nb_frames *frames = cpu->last;
	uint64_t seen = (uint64_t)1 << pfn % 64;

	if (!frames || pfn < frames->start || pfn >= frames->end) {
		frames = cpu->last = find_span(pages, pfn);
		nb_assert(frames); /* else it is no page that was given out */
	}
	nb_assert(nb_frames_is_taken(frames, pfn - frames->base)); /* else freed twice */
	if (cpu->seen & seen)
		for (uint32_t i = 0; i < cpu->pending; i++)
			nb_assert(cpu->pending_pfn[i] != pfn); /* else freed twice */
	cpu->seen |= seen;
	cpu->pending_in[cpu->pending] = frames;
	cpu->pending_pfn[cpu->pending] = pfn;
	if (++cpu->pending == PENDING)
		pass_on(pages, cpu);
}

void nb_pages_free(const struct nb_pages *pages, uint32_t cpu, nb_pfn pfn, uint32_t order)
{
	nb_assert(cpu < pages->limits.cpus);
	if (order == 0 && !pages->limits.record_orders)
		free_one(pages, &pages->cpu[cpu], pfn);
	else
		free_block(pages, pfn, order);
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
	for (uint32_t cpu = 0; cpu < limits->cpus; cpu++)
		for (uint32_t i = 0; i < NB_ZONES; i++)
			pages->cpu[cpu].slot[i].key = NO_KEY;
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
		count_free(zone, (int64_t)(to - start));
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
	stats->free_pages += (uint64_t)free;
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
