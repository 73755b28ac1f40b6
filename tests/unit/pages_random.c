/* SPDX-License-Identifier: MIT */
/*
 * pages_random: long random runs of every call, on page frames and on the model,
 * which must agree: in the zone that serves a request, in what is free, in the
 * blocks that it is. The seeds are fixed.
 *
 * Without caches (orders are recorded) each step must agree. With them, what CPUs
 * hold is in neither account; the accounts must agree when it was given back,
 * and a request may only fail if then none of its zones could serve it.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/pages_model.h"

enum { STEPS = 30000, NODES = 2, CPUS = 3, LIVE = 3000, ZONES = PAGES_MODEL_ZONES };

/* Zone 0 has two spans with a hole, and one that is not aligned at all. */
static const struct {
	int32_t nid;
	enum nb_zone_id zone;
	nb_pfn start, end;
	uint32_t number; /* of the zone, in the model */
} spans[] = { { 0, NB_ZONE_DMA, 0, 1000, 1 },
	      { 0, NB_ZONE_NORMAL, 1000, 5000, 2 },
	      { 1, NB_ZONE_NORMAL, 5000, 9001, 3 },
	      { 1, NB_ZONE_MOVABLE, 9001, 12288, 4 },
	      { 0, NB_ZONE_NORMAL, 16300, 5 * 4096, 2 } };

static const struct {
	int32_t nid;
	enum nb_zone_id zone;
} zones[ZONES + 1] = {
	[1] = { 0, NB_ZONE_DMA },
	[2] = { 0, NB_ZONE_NORMAL },
	[3] = { 1, NB_ZONE_NORMAL },
	[4] = { 1, NB_ZONE_MOVABLE },
};

static const uint16_t order[NODES * NODES] = { 0, 1, 1, 0 };
static const uint16_t order_count[NODES] = { 2, 2 };

static struct {
	struct nb_pages pages;
	struct pages_model model;
	struct nb_page_marks marks[ZONES + 1];
	struct {
		nb_pfn pfn;
		uint32_t order;
	} live[LIVE];
	uint32_t live_count;
	bool caches;
	uint64_t random;
	unsigned served, failed;
	char claim[120];
} t;

static uint32_t pick(uint32_t below)
{
	t.random ^= t.random << 13;
	t.random ^= t.random >> 7;
	t.random ^= t.random << 17;
	return (uint32_t)(t.random >> 33) % below;
}

static void drain(void)
{
	for (uint32_t cpu = 0; cpu < CPUS; cpu++)
		nb_pages_drain(&t.pages, cpu);
}

static void compare(void)
{
	drain();
	nb_pages_check(&t.pages);
	for (uint32_t zone = 1; zone <= ZONES; zone++) {
		struct nb_page_stats stats;
		uint64_t blocks[NB_ORDERS];

		nb_pages_stats(&t.pages, zones[zone].nid, zones[zone].zone, &stats);
		pages_model_blocks(&t.model, zone, blocks);
		check(stats.free_pages == pages_model_free(&t.model, zone), t.claim);
		check(memcmp(stats.blocks, blocks, sizeof(blocks)) == 0, t.claim);
	}
}

/* Whether a zone of the model has room and a block for a request. */
static bool can_serve(uint32_t zone, struct nb_page_request request)
{
	const struct nb_page_marks *marks = &t.marks[zone];
	const uint64_t kept[] = { marks->low, marks->min, marks->high };
	uint64_t size = (uint64_t)1 << request.order, need = size;

	if (request.mark != NB_MARK_NONE)
		need += kept[request.mark] + marks->reserve[request.highest];
	return pages_model_free(&t.model, zone) >= need &&
	       pages_model_has(&t.model, zone, request.order);
}

/* The zone that must serve a request, 0 if none can. */
static uint32_t served_by(struct nb_page_request request)
{
	for (uint32_t i = 0; i < (request.this_node ? 1 : NODES); i++)
		for (int32_t of = request.highest; of >= 0; of--)
			for (uint32_t zone = 1; zone <= ZONES; zone++)
				if (zones[zone].nid == (request.nid ^ (int32_t)i) &&
				    (int32_t)zones[zone].zone == of && can_serve(zone, request))
					return zone;
	return 0;
}

static bool in_list(uint32_t zone, struct nb_page_request request)
{
	return (int32_t)zones[zone].zone <= request.highest &&
	       (!request.this_node || zones[zone].nid == request.nid);
}

static void step_alloc(void)
{
	static const uint8_t highest[] = { NB_ZONE_DMA, NB_ZONE_NORMAL, NB_ZONE_MOVABLE };
	struct nb_page_request request = {
		.nid = (int32_t)pick(NODES),
		.order = (uint8_t)(pick(3) ? pick(3) : pick(NB_ORDERS)),
		.highest = highest[pick(NB_COUNT(highest))],
		.mark = (uint8_t)pick(NB_MARK_NONE + 1),
		.this_node = pick(4) == 0,
	};
	nb_pfn pfn = nb_pages_alloc(&t.pages, pick(CPUS), request);
	uint32_t zone;

	if (pfn == NB_NO_PFN) {
		drain();
		pfn = nb_pages_alloc(&t.pages, pick(CPUS), request);
		check((pfn == NB_NO_PFN) == (served_by(request) == 0), t.claim);
	}
	if (pfn == NB_NO_PFN) {
		t.failed++;
		return;
	}
	t.served++;
	check(pfn < PAGES_MODEL_FRAMES && pfn % (1u << request.order) == 0, t.claim);
	zone = t.model.zone[pfn];
	check(t.caches ? in_list(zone, request) : zone == served_by(request), t.claim);
	pages_model_set(&t.model, pfn, pfn + (1u << request.order), PAGES_FREE, PAGES_TAKEN);
	t.live[t.live_count].pfn = pfn;
	t.live[t.live_count++].order = request.order;
}

static void step_free(void)
{
	uint32_t at = pick(t.live_count), of_order = t.live[at].order;
	nb_pfn pfn = t.live[at].pfn;

	t.live[at] = t.live[--t.live_count];
	nb_pages_free(&t.pages, pick(CPUS), pfn, of_order);
	pages_model_set(&t.model, pfn, pfn + (1u << of_order), PAGES_TAKEN, PAGES_FREE);
}

/* Gives a few of the frames that were kept, if the ones picked are. */
static void step_give(void)
{
	nb_pfn first = pick(PAGES_MODEL_FRAMES), past = first;
	uint32_t count = 1 + pick(200);

	while (past < PAGES_MODEL_FRAMES && past - first < count && t.model.zone[past] &&
	       t.model.state[past] == PAGES_ABSENT)
		past++;
	nb_pages_give(&t.pages, first, past);
	pages_model_set(&t.model, first, past, PAGES_ABSENT, PAGES_FREE);
}

static void set_marks(void)
{
	for (uint32_t zone = 1; zone <= ZONES; zone++) {
		struct nb_page_marks *marks = &t.marks[zone];

		*marks = (struct nb_page_marks){ .min = pick(50) };
		marks->low = marks->min + pick(50);
		marks->high = marks->low + pick(50);
		marks->reserve[NB_ZONE_MOVABLE] = pick(100);
		nb_pages_set_marks(&t.pages, zones[zone].nid, zones[zone].zone, marks);
	}
}

static void *room(size_t size)
{
	void *at = aligned_alloc(128, (size + 127) & ~(size_t)127);

	assert_non_null(at);
	return at;
}

static void run(const char *name, uint64_t seed, bool caches)
{
	const struct nb_pages_limits limits = {
		.nodes = NODES, .cpus = CPUS, .spans = NB_COUNT(spans), .record_orders = !caches
	};
	size_t size = nb_pages_size(&limits);
	void *block = room(size), *storage[NB_COUNT(spans)];

	t.random = seed * 0x9e3779b97f4a7c15u + 1;
	t.caches = caches;
	t.live_count = t.served = t.failed = 0;
	t.model = (struct pages_model){ 0 };
	assert_int_equal(nb_pages_init(&t.pages, block, size, &limits), NB_OK);
	for (size_t i = 0; i < NB_COUNT(spans); i++) {
		struct nb_page_span span = { .nid = spans[i].nid,
					     .zone = spans[i].zone,
					     .start = spans[i].start,
					     .end = spans[i].end };

		storage[i] = room(nb_pages_span_size(&limits, span.start, span.end));
		span.storage = storage[i];
		assert_int_equal(nb_pages_add(&t.pages, &span), NB_OK);
		memset(t.model.zone + span.start, (int)spans[i].number, span.end - span.start);
		nb_pages_give(&t.pages, span.start + 100, span.end - 300);
		pages_model_set(&t.model, span.start + 100, span.end - 300, PAGES_ABSENT,
				PAGES_FREE);
	}
	nb_pages_set_fallback(&t.pages, order, order_count, false);
	set_marks();
	for (unsigned i = 0; i < STEPS; i++) {
		/* Each few thousand steps fill, then empty. */
		bool filling = i / 4096 % 2 == 0;

		snprintf(t.claim, sizeof(t.claim), "%s: both agree at step %u", name, i);
		if (pick(200) == 0)
			step_give();
		else if (t.live_count < LIVE && (t.live_count == 0 || pick(8) < (filling ? 5 : 3)))
			step_alloc();
		else
			step_free();
		if (i % 256 == 0) {
			compare();
			set_marks();
		}
	}
	check(t.served > 5000 && t.failed > 500, "requests are served and refused");
	while (t.live_count)
		step_free();
	compare();
	for (size_t i = 0; i < NB_COUNT(spans); i++)
		free(storage[i]);
	free(block);
}

static void test_steps(void **state)
{
	(void)state;
	run("no caches, seed 1", 1, false);
	run("no caches, seed 2", 2, false);
}

static void test_caches(void **state)
{
	(void)state;
	run("caches, seed 3", 3, true);
	run("caches, seed 4", 4, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_caches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
