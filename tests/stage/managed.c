/* SPDX-License-Identifier: MIT */
/*
 * managed: small memories with holes and reservations, and what of them the page
 * allocator gets. Then random ones, page by page, against a list of frames.
 */
#include "check.h"
#include "events.h"

#include <numaboot/managed.h>
#include <numaboot/rules.h>

#include <stdlib.h>
#include <string.h>

#define M NB_MIB
#define PAGE(pfn) ((nb_phys)(pfn) << NB_PAGE_SHIFT)

enum { NODES = 4, REGIONS = 128, FRAMES = 1 << 15 };

static struct {
	struct nb_region memory[REGIONS], reserved[REGIONS];
	struct nb_memblock mb;
	struct nb_zones zones;
	struct nb_node_zones node[NODES];
	struct nb_managed managed;
	struct nb_managed_zone zone[NODES * NB_ZONES];
	nb_pfn first_deferred[NODES];
	struct nb_boot_facts facts;
	struct nb_rules rules;
	struct nb_kernel_config config;
	struct nb_env env;
	struct kept_events kept;
} t;

static void begin(void)
{
	memset(&t, 0, sizeof(t));
	nb_memblock_init(&t.mb, t.memory, t.reserved, REGIONS);
	t.rules = nb_lines[NB_LINE_6_12];
	t.config = nb_configs[NB_LINE_6_12];
	t.config.init_bytes = 0;
	t.env = (struct nb_env){ &t.rules, &t.config, NULL };
	t.zones = (struct nb_zones){ .node = t.node, .nodes = NODES };
	t.zones.limit[NB_ZONE_NORMAL].end = FRAMES;
	t.managed = (struct nb_managed){ .zone = t.zone,
					 .nodes = NODES,
					 .first_deferred = t.first_deferred };
	memset(t.zone, 0xee, sizeof(t.zone));
}

/* Memory of a node, in page frames. */
static void add(nb_pfn start, nb_pfn end, int32_t nid)
{
	check(nb_memblock_add(&t.mb, PAGE(start), PAGE(end), nid, 0) == NB_OK, "RAM is added");
}

static void reserve(nb_phys start, nb_phys end)
{
	check(nb_memblock_reserve(&t.mb, start, end) == NB_OK, "it is reserved");
}

/* A zone of a node, which ends there at the least. */
static void span(int32_t nid, enum nb_zone_id zone, nb_pfn start, nb_pfn end)
{
	struct nb_node_zones *node = &t.node[nid];

	node->zone[zone] =
		(struct nb_zone){ .start = start,
				  .spanned_pages = end - start,
				  .present_pages = nb_memblock_pages(&t.mb, start, end) };
	node->start = node->end ? nb_min(node->start, start) : start;
	node->end = nb_max(node->end, end);
}

static void build(const char *claim)
{
	check(nb_managed_build(&t.managed, &t.mb, &t.zones, &t.facts, &t.env) == NB_OK, claim);
}

static const struct nb_managed_zone *zone_of(int32_t nid, enum nb_zone_id zone)
{
	return nb_managed_zone(&t.managed, nid, zone);
}

static void check_blocks(int32_t nid, enum nb_zone_id zone, const uint32_t *want, const char *claim)
{
	check(!memcmp(zone_of(nid, zone)->blocks, want, NB_ORDERS * sizeof(*want)), claim);
}

static void test_blocks(void **state)
{
	static const struct {
		const char *claim;
		nb_pfn start, end;
		uint32_t blocks[NB_ORDERS];
	} rows[] = {
		{ "a page is a block", 5, 6, { 1 } },
		{ "two pages that are no pair are two", 5, 7, { 2 } },
		{ "a pair is one", 6, 8, { 0, 1 } },
		{ "a run is cut where it is not aligned", 3, 13, { 2, 0, 2 } },
		{ "4 MiB are the largest", 1024, 4096, { [10] = 3 } },
		{ "what is left at both ends", 1023, 2049, { 2, [10] = 1 } },
		{ "half a block is the next order", 512, 2048, { [9] = 1, [10] = 1 } },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		begin();
		add(rows[i].start, rows[i].end, 0);
		span(0, NB_ZONE_DMA, rows[i].start, rows[i].end);
		build(rows[i].claim);
		check(t.managed.pages == rows[i].end - rows[i].start, rows[i].claim);
		check_blocks(0, NB_ZONE_DMA, rows[i].blocks, rows[i].claim);
	}
}

static void test_borders(void **state)
{
	static const uint32_t whole[NB_ORDERS] = { [3] = 1 }, halves[NB_ORDERS] = { [2] = 1 },
			      less[NB_ORDERS] = { 1, 1 };

	(void)state;
	begin();
	check(nb_memblock_add(&t.mb, PAGE(8), PAGE(12), 0, 0) == NB_OK &&
		      nb_memblock_add(&t.mb, PAGE(12), PAGE(16), 0, NB_REGION_HOTPLUG) == NB_OK,
	      "two regions touch");
	t.mb.skip_hotplug = true;
	span(0, NB_ZONE_DMA, 8, 16);
	build("regions");
	check_blocks(0, NB_ZONE_DMA, whole, "a block may lie in two, and what can be unplugged");

	begin();
	add(8, 16, 0);
	span(0, NB_ZONE_DMA, 8, 12);
	span(0, NB_ZONE_NORMAL, 12, 16);
	build("zones");
	check_blocks(0, NB_ZONE_DMA, halves, "none lies in two zones");
	check_blocks(0, NB_ZONE_NORMAL, halves, "none of either");

	begin();
	add(8, 12, 0);
	add(12, 16, 1);
	span(0, NB_ZONE_DMA, 8, 12);
	span(1, NB_ZONE_DMA, 12, 16);
	build("nodes");
	check_blocks(0, NB_ZONE_DMA, halves, "nor on two nodes");

	begin();
	add(8, 16, 0);
	span(0, NB_ZONE_DMA, 8, 12);
	t.zones.limit[NB_ZONE_NORMAL].end = 12;
	build("beyond");
	check(t.managed.pages == 4, "what the kernel cannot address is not handed over");

	begin();
	add(8, 12, 0);
	reserve(PAGE(8), PAGE(8) + 1);
	span(0, NB_ZONE_DMA, 8, 12);
	build("a byte");
	check_blocks(0, NB_ZONE_DMA, less, "a byte takes its page");
}

static void test_no_node(void **state)
{
	(void)state;
	begin();
	add(8, 12, 0);
	add(12, 16, NB_NO_NODE);
	span(0, NB_ZONE_DMA, 8, 12);
	build("RAM without a node");
	check(zone_of(0, NB_ZONE_DMA)->pages == 8, "counts for node 0");
	check(zone_of(0, NB_ZONE_DMA)->blocks[2] == 1 && zone_of(0, NB_ZONE_DMA)->blocks[3] == 0,
	      "but is in no block");
}

static void test_later(void **state)
{
	static const struct nb_event want[] = {
		{ .kind = NB_EV_MANAGED,
		  .id = NB_ZONE_DMA,
		  .got = 6,
		  .limit = 8,
		  .more = { 0, 2, 0 } },
		{ .kind = NB_EV_MANAGED,
		  .id = NB_ZONE_NORMAL,
		  .got = 9,
		  .limit = 16,
		  .flags = 1, /* has huge pages */
		  .more = { 0, 3, 2, 262144 } },
		{ .kind = NB_EV_MEMORY_TOLD, .limit = 262168, .more = { 9 } },
	};

	(void)state;
	begin();
	add(8, 32, 0);
	span(0, NB_ZONE_DMA, 8, 16);
	span(0, NB_ZONE_NORMAL, 16, 32);
	t.mb.initrd = (struct nb_range){ PAGE(14), PAGE(19) };
	reserve(PAGE(14), PAGE(19));
	t.facts.kernel = (struct nb_range){ PAGE(20), PAGE(24) };
	t.config.init_bytes = PAGE(2);
	reserve(PAGE(20), PAGE(24));
	t.node[0].zone[NB_ZONE_NORMAL].huge_pages = 262144;
	t.zones.present_pages = 24 + 262144;
	t.kept = (struct kept_events){ .sink = { keep_event } };
	t.env.sink = &t.kept.sink;
	build("what comes later");
	check_events(&t.kept, want, NB_COUNT(want), "is told of each zone");
}

/* 1024 pages, of which 200 are taken and 511 wait; one is in no zone. */
static void test_told(void **state)
{
	static const struct {
		const char *claim;
		enum nb_line line;
		bool five_level;
		uint64_t reserved, free;
	} rows[] = {
		{ "what is handed over at once is free", NB_LINE_4_9, false, 200, 823 - 511 },
		{ "the arrays of memblock are, too", NB_LINE_4_4, false, 197, 826 - 511 },
		{ "tables of vmalloc are taken", NB_LINE_5_10, false, 200, 823 - 511 - 64 },
		{ "of 5 levels fewer", NB_LINE_6_1, true, 200, 823 - 511 - 50 },
		{ "not with 32 bits", NB_LINE_6_1_I386, false, 200, 823 - 511 },
		{ "told late it is not known", NB_LINE_6_12, true, 200, 0 },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		begin();
		t.rules = nb_lines[rows[i].line];
		t.config.section_bytes = PAGE(512);
		t.facts.five_level = rows[i].five_level;
		add(0, 1023, 0);
		add(1023, 1024, NB_NO_NODE);
		reserve(PAGE(100), PAGE(300));
		span(0, NB_ZONE_DMA, 0, 1023);
		t.zones.present_pages = 1024;
		t.mb.doubled[0] = (struct nb_doubling){ true, 256, { PAGE(100), PAGE(102) } };
		t.mb.doubled[1] = (struct nb_doubling){ true, 512, { PAGE(102), PAGE(105) } };
		t.mb.doubled_count = 2;
		build(rows[i].claim);
		check(t.managed.deferred_pages == 511, rows[i].claim);
		check(t.managed.reserved_pages == rows[i].reserved, rows[i].claim);
		check(t.managed.free_pages == rows[i].free, rows[i].claim);
	}
}

/* Sections of 16 pages. */
static void test_deferred(void **state)
{
	static const struct {
		const char *claim;
		struct nb_range ram[2];
		nb_pfn first;
		uint64_t deferred;
	} rows[] = {
		{ "a section is made at once, the rest is not", { { 16, 64 } }, 32, 32 },
		{ "up to the border of a section", { { 20, 64 } }, 48, 16 },
		{ "a node of one section waits for nothing", { { 16, 32 } }, 0, 0 },
		{ "holes are not made", { { 16, 24 }, { 80, 128 } }, 96, 32 },
		{ "a region may begin where it is enough", { { 16, 32 }, { 64, 96 } }, 64, 32 },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		const struct nb_range *ram = rows[i].ram;
		nb_pfn end = nb_max(ram[0].end, ram[1].end);

		begin();
		t.config.section_bytes = PAGE(16);
		for (int k = 0; k < 2 && ram[k].end; k++)
			add(ram[k].start, ram[k].end, 1);
		span(1, NB_ZONE_NORMAL, ram[0].start, end);
		build(rows[i].claim);
		check(t.first_deferred[1] == rows[i].first, rows[i].claim);
		check(t.managed.deferred_pages == rows[i].deferred, rows[i].claim);
		check(zone_of(1, NB_ZONE_NORMAL)->deferred_pages == rows[i].deferred,
		      rows[i].claim);
		t.config.deferred_init = false;
		build(rows[i].claim);
		check(t.managed.deferred_pages == 0, "a build may make them all at once");
	}

	begin();
	t.config.section_bytes = PAGE(16);
	for (nb_pfn at = 16; at < 128; at += 32) {
		add(at, at + 16, 0);
		add(at + 16, at + 32, 1);
	}
	span(0, NB_ZONE_NORMAL, 16, 128);
	span(1, NB_ZONE_NORMAL, 32, 144);
	build("interleaved nodes");
	check(t.managed.deferred_pages == 0, "pages are counted anew after another node's");

	begin();
	t.config.section_bytes = PAGE(16);
	add(16, 128, 0);
	span(0, NB_ZONE_DMA32, 16, 96);
	span(0, NB_ZONE_NORMAL, 96, 128);
	build("two zones");
	check(t.first_deferred[0] == 112 && zone_of(0, NB_ZONE_DMA32)->deferred_pages == 0,
	      "the lower zone waits for nothing");
}

/* --- random memories ----------------------------------------------------- */

static uint8_t owner[FRAMES]; /* 1 + the zone's place, of frames that are free */

static uint32_t random_below(uint32_t end)
{
	return (uint32_t)rand() % end;
}

/* Four nodes of 32 MiB, each cut into two zones; reservations to the byte. */
static void make_random(void)
{
	enum { PART = FRAMES / NODES };

	begin();
	memset(owner, 0, sizeof(owner));
	for (int32_t nid = 0; nid < NODES; nid++) {
		nb_pfn start = (nb_pfn)nid * PART + 1, end = (nb_pfn)(nid + 1) * PART;
		nb_pfn border = start + random_below(PART - 1);

		add(start, end, nid);
		span(nid, NB_ZONE_DMA32, start, border);
		span(nid, NB_ZONE_MOVABLE, border, end);
		for (nb_pfn pfn = start; pfn < end; pfn++)
			owner[pfn] = (uint8_t)(1 + nid * NB_ZONES +
					       (pfn < border ? NB_ZONE_DMA32 : NB_ZONE_MOVABLE));
	}
	for (uint32_t i = random_below(40); i > 0; i--) {
		nb_phys start = PAGE(1) + random_below((FRAMES - 2) * NB_PAGE_SIZE / 64) * 64u;
		nb_phys end =
			nb_min(start + 1 + random_below(1u << random_below(24)), PAGE(FRAMES));

		reserve(start, end);
		for (nb_pfn pfn = nb_pfn_down(start); pfn < nb_pfn_up(end); pfn++)
			owner[pfn] = 0;
	}
}

static bool is_whole(nb_pfn start, uint32_t order)
{
	for (nb_pfn pfn = start; pfn < start + ((nb_pfn)1 << order); pfn++)
		if (!owner[start] || owner[pfn] != owner[start])
			return false;
	return true;
}

/* The order of the largest free block that a frame begins, or NB_ORDERS. */
static uint32_t block_at(nb_pfn pfn)
{
	uint32_t best = NB_ORDERS;

	for (uint32_t order = 0; order < NB_ORDERS && !(pfn & (((nb_pfn)1 << order) - 1)); order++)
		if (is_whole(pfn, order))
			best = order;
	return best;
}

static void test_random(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < 200; round++) {
		static struct nb_managed_zone want[NODES * NB_ZONES];

		make_random();
		memset(want, 0, sizeof(want));
		for (nb_pfn pfn = 0; pfn < FRAMES;) {
			uint32_t order = block_at(pfn);

			if (order == NB_ORDERS) {
				pfn++;
				continue;
			}
			want[owner[pfn] - 1].blocks[order]++;
			want[owner[pfn] - 1].pages += (uint64_t)1 << order;
			pfn += (nb_pfn)1 << order;
		}
		build("a random memory");
		for (uint32_t i = 0; i < NODES * NB_ZONES; i++) {
			check(t.zone[i].pages == want[i].pages, "its pages are those of the list");
			check(!memcmp(t.zone[i].blocks, want[i].blocks, sizeof(want[i].blocks)),
			      "and so are its blocks");
		}
	}
}

/* --- handing over -------------------------------------------------------- */

static void *storage_of(size_t size, size_t align)
{
	void *storage = aligned_alloc(align, nb_align_up(size, align));

	check(storage, "there is memory");
	return storage;
}

/* Gives the page allocator the pieces of memory as spans, then those that are free. */
static void hand_over(struct nb_pages *pages, void **storage, uint32_t spans)
{
	struct nb_piece_walk all = { .mb = &t.mb, .zones = &t.zones, .all = true };
	struct nb_piece_walk free = { .mb = &t.mb, .zones = &t.zones };
	struct nb_piece piece;

	for (uint32_t i = 0; nb_piece_next(&all, &piece); i++) {
		struct nb_page_span span = {
			.nid = piece.nid, .zone = piece.zone, .start = piece.start, .end = piece.end
		};

		check(i < spans, "as many as there are zones");
		storage[i] =
			storage_of(nb_pages_span_size(&pages->limits, span.start, span.end), 64);
		span.storage = storage[i];
		check(nb_pages_add(pages, &span) == NB_OK, "a span is added");
	}
	while (nb_piece_next(&free, &piece))
		nb_pages_give(pages, piece.start, piece.end);
}

static void test_handed_over(void **state)
{
	enum { SPANS = 2 * NODES };
	const struct nb_pages_limits limits = { .nodes = NODES, .cpus = 1, .spans = SPANS };

	(void)state;
	srand(2);
	for (int round = 0; round < 20; round++) {
		void *block = storage_of(nb_pages_size(&limits), 128), *storage[SPANS] = { NULL };
		struct nb_pages pages;

		make_random();
		build("a random memory");
		check(nb_pages_init(&pages, block, nb_pages_size(&limits), &limits) == NB_OK,
		      "an allocator");
		hand_over(&pages, storage, SPANS);
		for (uint32_t i = 0; i < NODES * NB_ZONES; i++) {
			struct nb_page_stats stats;

			nb_pages_stats(&pages, (int32_t)(i / NB_ZONES),
				       (enum nb_zone_id)(i % NB_ZONES), &stats);
			check(stats.managed_pages == t.zone[i].pages &&
				      stats.free_pages == t.zone[i].pages,
			      "the allocator manages the pages that were counted");
			for (uint32_t order = 0; order < NB_ORDERS; order++)
				check(stats.blocks[order] == t.zone[i].blocks[order],
				      "in the blocks that were counted");
		}
		for (uint32_t i = 0; i < SPANS; i++)
			free(storage[i]);
		free(block);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),   cmocka_unit_test(test_borders),
		cmocka_unit_test(test_no_node),  cmocka_unit_test(test_later),
		cmocka_unit_test(test_deferred), cmocka_unit_test(test_random),
		cmocka_unit_test(test_told),     cmocka_unit_test(test_handed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
