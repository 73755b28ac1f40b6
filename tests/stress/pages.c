/* SPDX-License-Identifier: MIT */
/*
 * pages: page frames under threads, each of them a CPU: random blocks are taken and
 * given back, by the one who took them or by another. A map says who owns each
 * frame, and a frame that is handed out must have had none. Meanwhile what was kept
 * at first is given, piece by piece, and a node's memory is added. At the end, when
 * all blocks are given back, every frame is free and blocks are whole.
 *
 *     stress-pages [OPERATIONS]
 *
 * OPERATIONS (2,000,000 by default) are of each run: 2 and 4 threads, with caches
 * and without, on much memory and on so little that requests fail.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <numaboot/pages.h>

enum {
	THREADS = 4,
	NODES = 2,
	LIVE = 4096,  /* blocks that a thread keeps at most */
	SHARED = 256, /* blocks on their way to another thread */
	LOWEST = 40,  /* frames that no span has */
	SPANS = 3,    /* of them the last is added while the threads run */
	KEPT = 1001,  /* frames of the first that are given so */
	PIECE = 7,    /* frames at a time */
	LOOKS = 200,  /* in each run */
};

struct run {
	const char *name;
	uint32_t threads;
	bool record_orders;
	nb_pfn frames; /* of each span */
	uint32_t top;  /* highest order + 1 */
};

static const struct run runs[] = {
	{ "2 threads", 2, false, 64 * 4096, NB_ORDERS },
	{ "4 threads", 4, false, 64 * 4096, NB_ORDERS },
	{ "2 threads, single frames, little memory", 2, false, 1100, 1 },
	{ "4 threads, little memory", 4, false, 4000, NB_ORDERS },
	{ "4 threads, little memory, orders recorded", 4, true, 4000, 8 },
};

static struct {
	const struct run *run;
	struct nb_pages pages;
	_Atomic uint32_t *owner; /* [SPANS * frames] thread + 1 */
	_Atomic uint64_t shared[SHARED];
	uint64_t operations; /* of each thread */
	_Atomic uint64_t served, failed;
	void *storage[SPANS];
	pthread_barrier_t barrier;
} t;

struct thread {
	uint32_t cpu;
	uint64_t random;
	uint64_t live[LIVE]; /* pfn << 4 | order */
	uint32_t live_count;
};

static _Noreturn void fail(const char *what, nb_pfn pfn)
{
	fprintf(stderr, "stress-pages: %s: frame %" PRIu64 ": %s\n", t.run->name, pfn, what);
	exit(EXIT_FAILURE);
}

void nb_assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "stress-pages: %s: %s:%d: assertion failed: %s\n", t.run->name, file, line,
		what);
	exit(EXIT_FAILURE);
}

static uint32_t pick(struct thread *me, uint32_t below)
{
	me->random ^= me->random << 13;
	me->random ^= me->random >> 7;
	me->random ^= me->random << 17;
	return (uint32_t)(me->random >> 33) % below;
}

static void own(struct thread *me, nb_pfn pfn, uint32_t order)
{
	for (nb_pfn at = pfn; at < pfn + (1u << order); at++)
		if (atomic_exchange_explicit(&t.owner[at - LOWEST], me->cpu + 1,
					     memory_order_relaxed) != 0)
			fail("has two owners", at);
}

/* The block goes back; no one has it between its owner's leaving and the call. */
static void give_back(struct thread *me, uint64_t block)
{
	nb_pfn pfn = block >> 4;
	uint32_t order = (uint32_t)(block & 15);

	for (nb_pfn at = pfn; at < pfn + (1u << order); at++)
		if (atomic_exchange_explicit(&t.owner[at - LOWEST], 0, memory_order_relaxed) == 0)
			fail("had no owner", at);
	nb_pages_free(&t.pages, me->cpu, pfn, order);
}

static void take(struct thread *me)
{
	uint32_t top = t.run->top;
	struct nb_page_request request = {
		.nid = (int32_t)pick(me, NODES),
		.order = (uint8_t)(pick(me, 4) ? 0 : pick(me, top)),
		.highest = pick(me, 8) ? NB_ZONE_MOVABLE : NB_ZONE_NORMAL,
		.this_node = pick(me, 4) == 0,
	};
	nb_pfn pfn = nb_pages_alloc(&t.pages, me->cpu, request);

	if (pfn == NB_NO_PFN) {
		atomic_fetch_add_explicit(&t.failed, 1, memory_order_relaxed);
		return;
	}
	atomic_fetch_add_explicit(&t.served, 1, memory_order_relaxed);
	own(me, pfn, request.order);
	me->live[me->live_count++] = pfn << 4 | request.order;
}

static void leave(struct thread *me)
{
	uint32_t at = pick(me, me->live_count);
	uint64_t block = me->live[at];

	me->live[at] = me->live[--me->live_count];
	if (pick(me, 4) == 0) /* a block for another thread, for one of another thread */
		block = atomic_exchange(&t.shared[pick(me, SHARED)], block);
	if (block)
		give_back(me, block);
}

static nb_pfn span_start(uint32_t index)
{
	return LOWEST + index * t.run->frames;
}

/* Node 0 has the zone Normal, node 1 Movable, in two spans. */
static void add_span(uint32_t index)
{
	struct nb_page_span span = { .nid = index > 0,
				     .zone = index ? NB_ZONE_MOVABLE : NB_ZONE_NORMAL,
				     .start = span_start(index),
				     .end = span_start(index + 1),
				     .storage = t.storage[index] };

	if (nb_pages_add(&t.pages, &span))
		exit(2);
}

/* What changes in the meantime: each thread gives the pieces that are its own. */
static void meantime(struct thread *me, uint64_t step)
{
	uint64_t every = t.operations / (KEPT / PIECE + 1), piece = step / every;
	nb_pfn start = span_start(1) - KEPT + piece * PIECE;

	if (step % every == 0 && piece < KEPT / PIECE && piece % t.run->threads == me->cpu)
		nb_pages_give(&t.pages, start, start + PIECE);
	if (step == t.operations / 4 && me->cpu == 1) {
		add_span(2);
		nb_pages_give(&t.pages, span_start(2), span_start(3));
	}
}

/* All threads stop: what is free must be found, and be what zones count. */
static void look(const struct thread *me)
{
	nb_pages_drain(&t.pages, me->cpu);
	pthread_barrier_wait(&t.barrier);
	if (me->cpu == 0)
		nb_pages_check(&t.pages);
	pthread_barrier_wait(&t.barrier);
}

static void *work(void *argument)
{
	struct thread *me = argument;

	pthread_barrier_wait(&t.barrier);
	for (uint64_t i = 0; i < t.operations; i++) {
		/* Fill, then empty, each thread at its own pace. */
		bool filling = i / (3000 + 500 * me->cpu) % 2 == 0;

		meantime(me, i);
		if (i % (t.operations / LOOKS) == 0)
			look(me);
		if (me->live_count == 0 ||
		    (me->live_count < LIVE && pick(me, 8) < (filling ? 5 : 3)))
			take(me);
		else
			leave(me);
		if (pick(me, 5000) == 0)
			nb_pages_drain(&t.pages, me->cpu);
	}
	while (me->live_count)
		leave(me);
	return NULL;
}

static void *room(size_t size)
{
	void *at = aligned_alloc(128, (size + 127) & ~(size_t)127);

	if (!at)
		exit(2);
	return at;
}

/* The blocks of a range, all of which is free: each as large as it can be. */
static void count_blocks(nb_pfn at, nb_pfn end, uint64_t blocks[NB_ORDERS])
{
	while (at < end) {
		uint32_t order = NB_ORDERS - 1;

		while (at % (1u << order) || end - at < 1u << order)
			order--;
		blocks[order]++;
		at += 1u << order;
	}
}

/* All that was handed out is back, and nothing is lost or in pieces. */
static void check_end(void)
{
	struct thread last = { .cpu = 0 };

	for (uint32_t i = 0; i < SHARED; i++)
		if (t.shared[i])
			give_back(&last, atomic_exchange(&t.shared[i], 0));
	for (uint32_t cpu = 0; cpu < t.run->threads; cpu++)
		nb_pages_drain(&t.pages, cpu);
	nb_pages_check(&t.pages);
	for (uint32_t nid = 0; nid < NODES; nid++) {
		uint64_t blocks[NB_ORDERS] = { 0 }, pages = 0;
		struct nb_page_stats stats;

		for (uint32_t span = nid; span < (nid ? SPANS : 1); span++) {
			count_blocks(span_start(span), span_start(span + 1), blocks);
			pages += t.run->frames;
		}
		nb_pages_stats(&t.pages, (int32_t)nid, NB_ZONES, &stats);
		if (stats.free_pages != pages || stats.managed_pages != pages)
			fail("pages are lost of the node", nid);
		for (uint32_t order = 0; order < NB_ORDERS; order++)
			if (stats.blocks[order] != blocks[order])
				fail("blocks are broken of the node", nid);
	}
}

static void run_threads(void)
{
	static struct thread threads[THREADS];
	pthread_t id[THREADS];

	pthread_barrier_init(&t.barrier, NULL, t.run->threads);
	for (uint32_t i = 0; i < t.run->threads; i++) {
		threads[i] = (struct thread){ .cpu = i, .random = 0x9e3779b97f4a7c15u * (i + 1) };
		if (pthread_create(&id[i], NULL, work, &threads[i]))
			exit(2);
	}
	for (uint32_t i = 0; i < t.run->threads; i++)
		pthread_join(id[i], NULL);
	pthread_barrier_destroy(&t.barrier);
}

static void stress(const struct run *run, uint64_t operations)
{
	static const uint16_t order[NODES * NODES] = { 0, 1, 1, 0 }, count[NODES] = { 2, 2 };
	const struct nb_pages_limits limits = { .nodes = NODES,
						.cpus = run->threads,
						.spans = SPANS,
						.record_orders = run->record_orders };
	size_t size = nb_pages_size(&limits);
	void *block = room(size);

	t.run = run;
	t.operations = operations / run->threads;
	t.served = t.failed = 0;
	t.owner = calloc(SPANS * run->frames, sizeof(*t.owner));
	if (!t.owner || nb_pages_init(&t.pages, block, size, &limits))
		exit(2);
	for (uint32_t i = 0; i < SPANS; i++)
		t.storage[i] = room(nb_pages_span_size(&limits, span_start(i), span_start(i + 1)));
	for (uint32_t i = 0; i < SPANS - 1; i++) {
		add_span(i);
		nb_pages_give(&t.pages, span_start(i), span_start(i + 1) - (i ? 0 : KEPT));
	}
	nb_pages_set_fallback(&t.pages, order, count, false);
	run_threads();
	check_end();
	printf("%-45s %12" PRIu64 " served %12" PRIu64 " failed\n", run->name, t.served, t.failed);
	for (uint32_t i = 0; i < SPANS; i++)
		free(t.storage[i]);
	free(t.owner);
	free(block);
}

int main(int argc, char **argv)
{
	uint64_t operations = argc > 1 ? strtoull(argv[1], NULL, 10) : 2000000;

	for (size_t i = 0; i < NB_COUNT(runs); i++)
		stress(&runs[i], operations);
	return EXIT_SUCCESS;
}
