/* SPDX-License-Identifier: MIT */
/*
 * pages: memory at work.
 *
 * A block that a CPU holds tells in its first words whose it is, and where the next
 * one is: the CPU has nothing but its blocks to remember them by. A second owner
 * would write its own words there; a block that got lost is missed in the sum.
 */
#include "pages.h"
#include "handover.h"
#include "smp.h"

enum { SINGLES = 256, WORDS = NB_PAGE_SIZE / sizeof(uint64_t) };

/* The head of a block that is held. */
struct held {
	uint64_t owner, order;
	nb_pfn self, next; /* NB_NO_PFN: the last */
};

/* What the CPUs share while they work. */
struct work {
	const struct nb_pages *pages;
	const struct nb_boot *boot;
	uint32_t cpus;
	uint32_t waiting; /* CPUs that got nothing any more */
	uint64_t taken, near, wrong;
};

static void add(uint64_t *sum, uint64_t more)
{
	__atomic_fetch_add(sum, more, __ATOMIC_SEQ_CST);
}

static void *at(nb_pfn pfn)
{
	return (void *)(uintptr_t)nb_pfn_phys(pfn);
}

/* The next piece that is in a zone and mapped; false if there is none. */
static bool next_piece(struct nb_piece_walk *walk, struct nb_piece *piece)
{
	while (nb_piece_next(walk, piece)) {
		piece->end = nb_min(piece->end, nb_pfn_down(memory_end()));
		if (piece->zone != NB_ZONES && piece->start < piece->end)
			return true;
	}
	return false;
}

static uint32_t count_pieces(const struct nb_boot *b)
{
	struct nb_piece_walk walk = { .mb = &b->memblock, .zones = &b->zones, .all = true };
	struct nb_piece piece;
	uint32_t count = 0;

	while (next_piece(&walk, &piece))
		count++;
	return count;
}

static enum nb_err take(struct nb_boot *b, size_t size, int32_t nid, void **memory)
{
	enum { ALIGN = 128 };
	const struct nb_request request = {
		.size = size, .align = ALIGN, .min = 16 * NB_MIB, .max = memory_end(), .nid = nid
	};
	nb_phys address;
	enum nb_err err = nb_memblock_alloc(&b->memblock, &request, &address);

	if (!err)
		*memory = (void *)(uintptr_t)address;
	return err;
}

static enum nb_err add_spans(struct nb_pages *pages, struct nb_boot *b)
{
	struct nb_piece_walk walk = { .mb = &b->memblock, .zones = &b->zones, .all = true };
	struct nb_piece piece;
	enum nb_err err = NB_OK;

	while (!err && next_piece(&walk, &piece)) {
		struct nb_page_span span = {
			.nid = piece.nid, .zone = piece.zone, .start = piece.start, .end = piece.end
		};

		err = take(b, nb_pages_span_size(&pages->limits, span.start, span.end), span.nid,
			   &span.storage);
		if (!err)
			err = nb_pages_add(pages, &span);
	}
	return err;
}

static void set_marks(const struct nb_pages *pages, const struct nb_watermarks *watermarks)
{
	for (uint32_t i = 0; i < pages->limits.nodes * NB_ZONES; i++)
		nb_pages_set_marks(pages, (int32_t)(i / NB_ZONES), (enum nb_zone_id)(i % NB_ZONES),
				   &watermarks->zone[i].marks);
}

enum nb_err pages_take_over(struct nb_pages *pages, struct nb_boot *b)
{
	const struct nb_pages_limits limits = { .nodes = b->zonelists.nodes,
						.cpus = b->cpus.possible,
						.spans = count_pieces(b) };
	struct nb_piece_walk walk = { .mb = &b->memblock, .zones = &b->zones };
	size_t size = nb_pages_size(&limits);
	struct nb_piece piece;
	void *block;
	enum nb_err err = take(b, size, b->cpus.cpu[0].nid, &block);

	if (!err)
		err = nb_pages_init(pages, block, size, &limits);
	if (!err)
		err = add_spans(pages, b);
	if (err)
		return err;
	nb_pages_set_fallback(pages, b->zonelists.order, b->zonelists.order_count,
			      b->zonelists.by_zone);
	set_marks(pages, &b->watermarks);
	while (next_piece(&walk, &piece))
		nb_pages_give(pages, piece.start, piece.end);
	return NB_OK;
}

/* Single frames, of the CPU's own node alone and above its low mark: each is filled
 * from end to end. */
static uint64_t use_singles(const struct work *w, uint32_t cpu)
{
	const struct nb_page_request request = { .nid = w->boot->cpus.cpu[cpu].nid,
						 .highest = NB_ZONE_MOVABLE,
						 .mark = NB_MARK_LOW,
						 .this_node = true };
	nb_pfn pfns[SINGLES];
	size_t count = nb_pages_alloc_bulk(w->pages, cpu, request, pfns, SINGLES);
	uint64_t wrong = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t word = 0; word < WORDS; word++)
			((volatile uint64_t *)at(pfns[i]))[word] = pfns[i] ^ cpu ^ word;
	for (size_t i = 0; i < count; i++) {
		wrong += nb_node_of_pfn(w->boot, pfns[i]) != request.nid;
		for (size_t word = 0; word < WORDS; word++)
			wrong += ((volatile uint64_t *)at(pfns[i]))[word] != (pfns[i] ^ cpu ^ word);
	}
	nb_pages_free_bulk(w->pages, cpu, pfns, count);
	return wrong;
}

/* Takes all blocks of an order, in front of a chain; returns its first. */
static nb_pfn take_blocks(struct work *w, uint32_t cpu, uint32_t order, nb_pfn first)
{
	int32_t nid = w->boot->cpus.cpu[cpu].nid;
	const struct nb_page_request request = { .nid = nid,
						 .order = (uint8_t)order,
						 .highest = NB_ZONE_MOVABLE,
						 .mark = NB_MARK_NONE };
	nb_pfn pfn;

	while ((pfn = nb_pages_alloc(w->pages, cpu, request)) != NB_NO_PFN) {
		*(volatile struct held *)at(pfn) = (struct held){ cpu, order, pfn, first };
		first = pfn;
		add(&w->taken, (uint64_t)1 << order);
		if (nb_node_of_pfn(w->boot, pfn) == nid)
			add(&w->near, (uint64_t)1 << order);
	}
	return first;
}

/* Gives the chain back. A block that is not the CPU's any more ends it. */
static uint64_t give_all(const struct work *w, uint32_t cpu, nb_pfn pfn)
{
	while (pfn != NB_NO_PFN) {
		struct held held = *(volatile struct held *)at(pfn);

		if (held.owner != cpu || held.self != pfn || held.order >= NB_ORDERS)
			return 1;
		nb_pages_free(w->pages, cpu, pfn, (uint32_t)held.order);
		pfn = held.next;
	}
	return 0;
}

/* Where a node stands in the fallback order of another. */
static uint32_t position(const struct nb_zonelists *z, int32_t nid, int32_t node)
{
	const uint16_t *row = z->order + (size_t)(uint32_t)nid * z->nodes;
	uint32_t at = 0;

	while (at < z->order_count[nid] && row[at] != node)
		at++;
	return at;
}

/* One CPU alone is given large blocks node by node, in its fallback order: no block
 * of the chain, the last one first, stands behind the one before. */
static uint64_t follow_order(struct work *w, uint32_t cpu)
{
	const struct nb_zonelists *z = &w->boot->zonelists;
	int32_t nid = w->boot->cpus.cpu[cpu].nid;
	nb_pfn first = take_blocks(w, cpu, NB_ORDERS - 1, NB_NO_PFN);
	uint32_t last = z->order_count[nid] - 1u;
	uint64_t wrong = 0;

	if (z->by_zone) /* then nodes come again and again */
		last = UINT32_MAX;
	for (nb_pfn pfn = first; pfn != NB_NO_PFN; pfn = ((volatile struct held *)at(pfn))->next) {
		uint32_t here = position(z, nid, nb_node_of_pfn(w->boot, pfn));

		wrong += here > last;
		last = z->by_zone ? last : here;
	}
	return wrong + give_all(w, cpu, first);
}

static void use(uint32_t cpu, void *shared)
{
	struct work *w = (struct work *)shared;
	nb_pfn first = NB_NO_PFN;

	add(&w->wrong, use_singles(w, cpu));
	nb_pages_drain(w->pages, cpu);
	__atomic_fetch_add(&w->waiting, 1, __ATOMIC_SEQ_CST);
	smp_wait_for(&w->waiting, w->cpus);
	for (uint32_t order = NB_ORDERS; order--;)
		first = take_blocks(w, cpu, order, first);
	__atomic_fetch_add(&w->waiting, 1, __ATOMIC_SEQ_CST);
	smp_wait_for(&w->waiting, 2 * w->cpus);
	add(&w->wrong, give_all(w, cpu, first));
	nb_pages_drain(w->pages, cpu);
}

static uint64_t free_pages(const struct nb_pages *pages)
{
	uint64_t sum = 0;

	for (uint32_t nid = 0; nid < pages->limits.nodes; nid++) {
		struct nb_page_stats stats;

		nb_pages_stats(pages, (int32_t)nid, NB_ZONES, &stats);
		sum += stats.free_pages;
	}
	return sum;
}

struct used pages_use(const struct nb_pages *pages, const struct nb_boot *boot)
{
	struct work alone = { .pages = pages, .boot = boot };
	struct work w = { .pages = pages, .boot = boot, .cpus = smp_running() };
	uint64_t before = free_pages(pages);

	w.wrong = follow_order(&alone, 0);
	smp_run(boot, use, &w);
	nb_pages_check(pages);
	w.wrong += w.taken != before || free_pages(pages) != before;
	return (struct used){ before, w.taken, w.near, w.wrong };
}
