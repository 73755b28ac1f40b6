/* SPDX-License-Identifier: MIT */
/*
 * pages: what is promised of page frames, claim by claim: zones, fallback, marks,
 * bulk, spans that come later, what is caught. One machine of two nodes:
 *
 *   node 0   DMA [0, 4096)   DMA32 [4096, 8192)
 *   node 1   Normal [16384, 24576), of which the test gives some
 */
#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <numaboot/pages.h>

enum { NODES = 2, CPUS = 2, SPANS = 4 };

static struct {
	struct nb_pages pages;
	void *block, *storage[SPANS];
} t;

static const uint16_t order[NODES * NODES] = { 0, 1, 1, 0 };
static const uint16_t order_count[NODES] = { 2, 2 };

static void *room(size_t size)
{
	void *at = aligned_alloc(128, (size + 127) & ~(size_t)127);

	assert_non_null(at);
	memset(at, 0xa5, size); /* what was there before does not matter */
	return at;
}

static enum nb_err add(uint32_t index, int32_t nid, enum nb_zone_id zone, nb_pfn start, nb_pfn end)
{
	struct nb_page_span span = { .nid = nid, .zone = zone, .start = start, .end = end };

	span.storage = t.storage[index] = room(nb_pages_span_size(&t.pages.limits, start, end));
	return nb_pages_add(&t.pages, &span);
}

static void start(bool record_orders)
{
	const struct nb_pages_limits limits = {
		.nodes = NODES, .cpus = CPUS, .spans = SPANS - 1, .record_orders = record_orders
	};
	size_t size = nb_pages_size(&limits);

	t.block = room(size);
	assert_int_equal(nb_pages_init(&t.pages, t.block, size - 1, &limits), NB_ERR_MEMORY);
	assert_int_equal(nb_pages_init(&t.pages, t.block, size, &limits), NB_OK);
	assert_int_equal(add(0, 0, NB_ZONE_DMA, 0, 4096), NB_OK);
	assert_int_equal(add(1, 0, NB_ZONE_DMA32, 4096, 8192), NB_OK);
	assert_int_equal(add(2, 1, NB_ZONE_NORMAL, 16384, 24576), NB_OK);
	nb_pages_set_fallback(&t.pages, order, order_count, false);
}

static void stop(void)
{
	for (uint32_t cpu = 0; cpu < CPUS; cpu++)
		nb_pages_drain(&t.pages, cpu);
	nb_pages_check(&t.pages);
	for (uint32_t i = 0; i < SPANS; i++) {
		free(t.storage[i]);
		t.storage[i] = NULL;
	}
	free(t.block);
}

static struct nb_page_request ask(int32_t nid, enum nb_zone_id highest, uint8_t of_order)
{
	return (struct nb_page_request){ .nid = nid,
					 .highest = (uint8_t)highest,
					 .order = of_order };
}

static nb_pfn take(int32_t nid, enum nb_zone_id highest, uint8_t of_order)
{
	return nb_pages_alloc(&t.pages, 0, ask(nid, highest, of_order));
}

static struct nb_page_stats stats_of(int32_t nid, enum nb_zone_id zone)
{
	struct nb_page_stats stats;

	nb_pages_stats(&t.pages, nid, zone, &stats);
	return stats;
}

static void test_limits(void **state)
{
	static const struct {
		const char *claim;
		struct nb_pages_limits limits;
	} rows[] = {
		{ "no node is no machine", { .nodes = 0, .cpus = 1, .spans = 1 } },
		{ "no CPU is no machine", { .nodes = 1, .cpus = 0, .spans = 1 } },
		{ "no span is no memory", { .nodes = 1, .cpus = 1, .spans = 0 } },
		{ "1025 nodes are too many", { .nodes = 1025, .cpus = 1, .spans = 1 } },
		{ "8193 CPUs are too many", { .nodes = 1, .cpus = 8193, .spans = 1 } },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		check(nb_pages_size(&rows[i].limits) == 0, rows[i].claim);
		check(nb_pages_init(&t.pages, NULL, 0, &rows[i].limits) == NB_ERR_LIMITS,
		      rows[i].claim);
	}
}

static void test_nothing_given(void **state)
{
	(void)state;
	start(false);
	for (uint8_t of_order = 0; of_order < NB_ORDERS; of_order++)
		check(take(0, NB_ZONE_NORMAL, of_order) == NB_NO_PFN, "a span begins empty");
	stop();
}

/* What the free ranges of a zone are as blocks: the greatest that are aligned. */
static void test_blocks(void **state)
{
	static const struct {
		const char *claim;
		nb_pfn start, end;
		uint64_t blocks[NB_ORDERS];
	} rows[] = {
		{ "one frame", 16385, 16386, { 1 } },
		{ "a pair that is not aligned", 16385, 16387, { 2 } },
		{ "a word", 16384, 16448, { [6] = 1 } },
		{ "from 1 to a block", 16385, 16896, { 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
		{ "two words that are no pair", 16448, 16576, { [6] = 2 } },
		{ "4 MiB that begin at 2 MiB", 16896, 17920, { [9] = 2 } },
		{ "all of it", 16384, 24576, { [10] = 8 } },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		struct nb_page_stats stats;

		start(false);
		nb_pages_give(&t.pages, rows[i].start, rows[i].end);
		stats = stats_of(1, NB_ZONE_NORMAL);
		check(memcmp(stats.blocks, rows[i].blocks, sizeof(stats.blocks)) == 0,
		      rows[i].claim);
		check(stats.managed_pages == rows[i].end - rows[i].start, rows[i].claim);
		check(stats.free_pages == stats.managed_pages, rows[i].claim);
		stop();
	}
}

static void test_zones(void **state)
{
	nb_pfn pfn;

	(void)state;
	start(false);
	nb_pages_give(&t.pages, 64, 128);
	nb_pages_give(&t.pages, 4096, 4608);
	nb_pages_give(&t.pages, 16384, 16448);
	pfn = take(0, NB_ZONE_NORMAL, 3);
	check(pfn >= 4096 && pfn < 4608, "the node's highest zone is asked first");
	pfn = take(0, NB_ZONE_DMA, 0);
	check(pfn >= 64 && pfn < 128, "no zone above the highest is asked");
	check(take(0, NB_ZONE_DMA, 6) == NB_NO_PFN, "a block that is broken is no block");
	check(take(0, NB_ZONE_NORMAL, 9) == NB_NO_PFN, "nor is one of another zone");
	pfn = take(1, NB_ZONE_NORMAL, 6);
	check(pfn == 16384, "a node is asked before its neighbour");
	pfn = take(1, NB_ZONE_NORMAL, 6);
	check(pfn >= 4096 && pfn < 4608, "the neighbour's highest zone is next");
	check(nb_pages_alloc(&t.pages, 0,
			     (struct nb_page_request){ .nid = 1,
						       .highest = NB_ZONE_NORMAL,
						       .this_node = true }) == NB_NO_PFN,
	      "a strict request has no fallback");
	stop();
}

static void test_by_zone(void **state)
{
	(void)state;
	start(false);
	nb_pages_set_fallback(&t.pages, order, order_count, true);
	nb_pages_give(&t.pages, 0, 4096);
	nb_pages_give(&t.pages, 16384, 16448);
	check(take(0, NB_ZONE_NORMAL, 6) == 16384, "another node's higher zone comes first");
	check(take(0, NB_ZONE_NORMAL, 6) < 4096, "the own lower zone comes last");
	nb_pages_set_fallback(&t.pages, NULL, NULL, false);
	check(take(1, NB_ZONE_NORMAL, 6) == NB_NO_PFN, "without an order there is no fallback");
	stop();
}

static void test_marks(void **state)
{
	const struct nb_page_marks marks = {
		.min = 100, .low = 200, .high = 300, .reserve[NB_ZONE_NORMAL] = 1000
	};
	static const struct {
		const char *claim;
		enum nb_page_mark mark;
		enum nb_zone_id highest;
		uint64_t left;
	} rows[] = {
		{ "low is the usual mark", NB_MARK_LOW, NB_ZONE_DMA32, 200 },
		{ "min is below it", NB_MARK_MIN, NB_ZONE_DMA32, 100 },
		{ "high is above it", NB_MARK_HIGH, NB_ZONE_DMA32, 300 },
		{ "a reserve is kept from higher requests", NB_MARK_LOW, NB_ZONE_NORMAL, 1200 },
		{ "nothing is kept from those without a mark", NB_MARK_NONE, NB_ZONE_NORMAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		struct nb_page_request request = ask(0, rows[i].highest, 0);
		uint64_t got = 0;

		request.mark = (uint8_t)rows[i].mark;
		start(false);
		nb_pages_give(&t.pages, 4096, 8192);
		nb_pages_set_marks(&t.pages, 0, NB_ZONE_DMA32, &marks);
		while (nb_pages_alloc(&t.pages, 0, request) != NB_NO_PFN)
			got++;
		check(got == 4096 - rows[i].left, rows[i].claim);
		check(stats_of(0, NB_ZONE_DMA32).free_pages == rows[i].left, rows[i].claim);
		stop();
	}
}

static void test_bulk(void **state)
{
	static nb_pfn pfns[4096];
	size_t got;

	(void)state;
	start(false);
	nb_pages_give(&t.pages, 16384, 17384);
	got = nb_pages_alloc_bulk(&t.pages, 0, ask(1, NB_ZONE_NORMAL, 0), pfns, NB_COUNT(pfns));
	check(got == 1000, "bulk gives what there is");
	check(stats_of(1, NB_ZONES).free_pages == 0, "and all of it is taken");
	nb_pages_free_bulk(&t.pages, 1, pfns, got);
	nb_pages_drain(&t.pages, 1);
	check(stats_of(1, NB_ZONES).free_pages == 1000, "another CPU may give it back");
	check(stats_of(1, NB_ZONE_NORMAL).blocks[8] == 1, "frames become blocks again");
	stop();
}

/* Blocks stay whole while a broken one has what is asked for. */
static void test_whole(void **state)
{
	nb_pfn pfns[32];

	(void)state;
	start(true);
	nb_pages_give(&t.pages, 16384, 20480);
	for (uint32_t i = 0; i < NB_COUNT(pfns); i++)
		pfns[i] = take(1, NB_ZONE_NORMAL, i % 8 ? (uint8_t)(i % 4) : 6);
	check(stats_of(1, NB_ZONE_NORMAL).blocks[10] == 3, "small blocks share one of 4 MiB");
	check(take(1, NB_ZONE_NORMAL, 9) == 16896, "and its other half is the first of 2 MiB");
	for (uint32_t i = 0; i < NB_COUNT(pfns); i++)
		nb_pages_free(&t.pages, 0, pfns[i], i % 8 ? i % 4 : 6);
	nb_pages_free(&t.pages, 0, 16896, 9);
	check(stats_of(1, NB_ZONE_NORMAL).blocks[10] == 4, "all is whole again");
	stop();
}

static void test_later(void **state)
{
	struct nb_page_stats stats;

	(void)state;
	start(false);
	nb_pages_give(&t.pages, 16384, 16484);
	nb_pages_give(&t.pages, 16500, 17000);
	check(take(1, NB_ZONE_NORMAL, 8) != NB_NO_PFN, "there is a block of order 8");
	nb_pages_give(&t.pages, 16484, 16500);
	stats = stats_of(1, NB_ZONE_NORMAL);
	check(stats.managed_pages == 616 && stats.free_pages == 616 - 256,
	      "what was kept joins what is free around it");
	stop();
}

static void test_hot_add(void **state)
{
	const struct nb_page_span fifth = { .nid = 0, .zone = NB_ZONE_DMA, .start = 1, .end = 2 };
	nb_pfn low, high;

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		const struct nb_pages_limits limits = { .nodes = 1, .cpus = 1, .spans = 2 };
		size_t size = nb_pages_size(&limits);

		t.block = room(size);
		assert_int_equal(nb_pages_init(&t.pages, t.block, size, &limits), NB_OK);
		assert_int_equal(add(0, 0, NB_ZONE_NORMAL, 8000, 9000), NB_OK);
		nb_pages_give(&t.pages, 8001, 8002);
		assert_int_equal(add(1, 0, NB_ZONE_NORMAL, i ? 7000 : 9000, i ? 8000 : 9900),
				 NB_OK);
		nb_pages_give(&t.pages, i ? 7999 : 9000, i ? 8001 : 9001);
		check(nb_pages_add(&t.pages, &fifth) == NB_ERR_FULL, "there are as many as said");
		low = nb_pages_alloc(&t.pages, 0, ask(0, NB_ZONE_NORMAL, 0));
		high = nb_pages_alloc(&t.pages, 0, ask(0, NB_ZONE_NORMAL, 0));
		check(low != high, "both spans give their frames");
		nb_pages_free(&t.pages, 0, low, 0);
		nb_pages_free(&t.pages, 0, high, 0);
		nb_pages_drain(&t.pages, 0);
		check(stats_of(0, NB_ZONE_NORMAL).free_pages == 2 + i, "and take them back");
		nb_pages_check(&t.pages);
		free(t.storage[0]);
		free(t.storage[1]);
		free(t.block);
		t.storage[0] = t.storage[1] = NULL;
	}
}

static void test_cpu_stats(void **state)
{
	struct nb_page_cpu_stats stats;

	(void)state;
	start(false);
	nb_pages_give(&t.pages, 4096, 4352);
	take(0, NB_ZONE_NORMAL, 4);
	take(1, NB_ZONE_NORMAL, 5);
	take(1, NB_ZONE_NORMAL, 10);
	take(0, NB_ZONE_NORMAL, 0);
	nb_pages_drain(&t.pages, 0);
	nb_pages_cpu_stats(&t.pages, 0, &stats);
	check(stats.hit_pages - stats.returned == 16 + 1, "hits are of the node asked for");
	check(stats.miss_pages == 32, "misses are of another");
	check(stats.failed == 1, "failures are counted");
	stop();
}

/* What has to be caught. Each is given a frame of order 0 and a block of order 3
 * and one of order 9, all of them taken. */
static nb_pfn one, eight, large;

static void free_twice(void)
{
	nb_pages_free(&t.pages, 0, one, 0);
	nb_pages_free(&t.pages, 0, one, 0);
}

static void free_twice_on_two(void)
{
	nb_pages_free(&t.pages, 0, one, 0);
	nb_pages_free(&t.pages, 1, one, 0);
	nb_pages_drain(&t.pages, 0);
	nb_pages_drain(&t.pages, 1);
}

/* The other CPU has passed it on when the first would serve it again. */
static void serve_what_another_freed(void)
{
	nb_pages_free(&t.pages, 0, one, 0);
	nb_pages_free(&t.pages, 1, one, 0);
	nb_pages_drain(&t.pages, 1);
	for (uint32_t i = 0; i < 64; i++) /* what is left of its word comes first */
		nb_pages_alloc(&t.pages, 0, ask(1, NB_ZONE_NORMAL, 0));
}

static void free_block_twice(void)
{
	nb_pages_free(&t.pages, 0, eight, 3);
	nb_pages_free(&t.pages, 0, eight, 3);
}

static void free_large_twice(void)
{
	nb_pages_free(&t.pages, 0, large, 9);
	nb_pages_free(&t.pages, 0, large, 9);
}

static void free_in_no_span(void)
{
	nb_pages_free(&t.pages, 0, 8192, 0);
}

static void free_above_all(void)
{
	nb_pages_free(&t.pages, 0, NB_NO_PFN, 0);
}

static void free_across_the_end(void)
{
	nb_pages_free(&t.pages, 0, 8128, 7);
}

static void free_unaligned(void)
{
	nb_pages_free(&t.pages, 0, eight + 1, 3);
}

static void free_of_order_11(void)
{
	nb_pages_free(&t.pages, 0, 16384, 11);
}

static void free_part_of_large(void)
{
	nb_pages_free(&t.pages, 0, large, 0);
	nb_pages_drain(&t.pages, 0);
}

static void free_small_as_large(void)
{
	nb_pages_free(&t.pages, 0, eight & ~(nb_pfn)511, 9);
}

static void free_half(void)
{
	nb_pages_free(&t.pages, 0, eight, 2);
}

static void give_twice(void)
{
	nb_pages_give(&t.pages, 20480, 20490);
	nb_pages_give(&t.pages, 20489, 20491);
}

static void give_word_over_part(void)
{
	nb_pages_give(&t.pages, 20480, 20490);
	nb_pages_give(&t.pages, 20480, 20544);
}

static void give_chunk_over_part(void)
{
	nb_pages_give(&t.pages, 20480, 20490);
	nb_pages_give(&t.pages, 20480, 24576);
}

static void give_chunk_over_word(void)
{
	nb_pages_give(&t.pages, 20480, 20544);
	nb_pages_give(&t.pages, 20480, 24576);
}

static void add_overlapping(void)
{
	const struct nb_page_span span = { .zone = NB_ZONE_DMA, .start = 8191, .end = 8200 };

	(void)(nb_pages_add(&t.pages, &span) == NB_OK);
}

static void ask_no_node(void)
{
	take(NODES, NB_ZONE_NORMAL, 0);
}

/* Whether a function ends in a failed assertion, in a process of its own. */
static bool is_caught(void (*wrong)(void))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		signal(SIGABRT, SIG_DFL); /* not the test runner's */
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		wrong();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void test_caught(void **state)
{
	static const struct {
		const char *claim;
		void (*wrong)(void);
		bool recorded_only;
	} rows[] = {
		{ "a frame that is freed twice", free_twice, false },
		{ "on two CPUs", free_twice_on_two, false },
		{ "and served again", serve_what_another_freed, false },
		{ "a block that is freed twice", free_block_twice, false },
		{ "a large one", free_large_twice, false },
		{ "a frame of no span", free_in_no_span, false },
		{ "no frame at all", free_above_all, false },
		{ "a block that leaves the span", free_across_the_end, false },
		{ "a block that is not aligned", free_unaligned, false },
		{ "an order above 10", free_of_order_11, false },
		{ "a frame of a large block", free_part_of_large, false },
		{ "a block of small ones", free_small_as_large, false },
		{ "half a block", free_half, true },
		{ "a range that is given twice", give_twice, false },
		{ "a word of which a part was given", give_word_over_part, false },
		{ "a chunk of which a part was given", give_chunk_over_part, false },
		{ "a chunk of which a word was given", give_chunk_over_word, false },
		{ "a span that overlaps", add_overlapping, false },
		{ "a node that is none", ask_no_node, false },
	};

	(void)state;
	for (uint32_t record_orders = 0; record_orders < 2; record_orders++) {
		start(record_orders);
		nb_pages_give(&t.pages, 16384, 18432);
		one = take(1, NB_ZONE_NORMAL, 0);
		eight = take(1, NB_ZONE_NORMAL, 3);
		large = take(1, NB_ZONE_NORMAL, 9);
		for (size_t i = 0; i < NB_COUNT(rows); i++)
			check(is_caught(rows[i].wrong) || (rows[i].recorded_only && !record_orders),
			      rows[i].claim);
		stop();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),    cmocka_unit_test(test_nothing_given),
		cmocka_unit_test(test_blocks),    cmocka_unit_test(test_zones),
		cmocka_unit_test(test_by_zone),   cmocka_unit_test(test_marks),
		cmocka_unit_test(test_bulk),      cmocka_unit_test(test_whole),
		cmocka_unit_test(test_later),     cmocka_unit_test(test_hot_add),
		cmocka_unit_test(test_cpu_stats), cmocka_unit_test(test_caught),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
