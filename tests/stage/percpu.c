/* SPDX-License-Identifier: MIT */
/*
 * percpu: small sets of CPUs, the lines that the log has for their areas, and what
 * of memory is taken in the end. Then random machines, whose groups and units must
 * be those of the model, and of whose memory nothing but areas may be missing.
 */
#include "check.h"
#include "model/percpu_model.h"

#include <numaboot/events.h>
#include <numaboot/percpu.h>
#include <numaboot/render.h>
#include <numaboot/rules.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define M NB_MIB
#define G NB_GIB
#define T (1024 * G)

enum { NODES = 8, CPUS = 128, RANGES = 512, TEXT = 8192 };

/* A log, as it would be printed. */
struct page {
	struct nb_sink sink;
	struct nb_writer writer;
	enum nb_line wording;
	char text[TEXT];
	size_t len;
	enum nb_why why; /* of what the kernel died */
};

static struct {
	struct nb_percpu percpu;
	struct nb_memblock mb;
	struct nb_cpus cpus;
	struct nb_numa numa;
	struct nb_rules rules;
	struct nb_kernel_config config;
	struct nb_env env;
	struct page page;
	struct nb_percpu_group group[NODES];
	uint16_t group_of[NODES];
	uint32_t member[CPUS];
	nb_phys offset[CPUS];
	struct nb_cpu cpu[CPUS];
	struct nb_region memory[RANGES], reserved[RANGES];
} t;

static struct percpu_model model;

static void write(struct nb_writer *self, const char *text, size_t len)
{
	(void)self;
	check(t.page.len + len < TEXT, "the log has a reasonable length");
	memcpy(t.page.text + t.page.len, text, len);
	t.page.len += len;
	t.page.text[t.page.len] = '\0';
}

static void print(struct nb_sink *self, const struct nb_event *event)
{
	(void)self;
	if (event->kind == NB_EV_DIES)
		t.page.why = event->why;
	nb_render_log(event, t.page.wording, &t.page.writer);
}

/* A kernel of a line, and room that an earlier boot has used. */
static void clear(enum nb_line line)
{
	memset(&t, 0xee, sizeof(t));
	memset(&t.page, 0, sizeof(t.page));
	t.rules = nb_lines[line];
	t.config = nb_configs[line];
	t.page.sink.put = print;
	t.page.writer.write = write;
	t.page.wording = t.rules.wording;
	t.env = (struct nb_env){ &t.rules, &t.config, &t.page.sink };
	nb_memblock_init(&t.mb, t.memory, t.reserved, RANGES);
	t.cpus = (struct nb_cpus){ .cpu = t.cpu, .cap = CPUS };
	t.numa = (struct nb_numa){ .nodes = NODES };
	t.percpu.group = t.group;
	t.percpu.group_of = t.group_of;
	t.percpu.member = t.member;
	t.percpu.offset = t.offset;
	t.percpu.cap = CPUS;
	t.percpu.nodes = NODES;
}

static void add_cpu(int32_t nid)
{
	t.cpu[t.cpus.possible++] = (struct nb_cpu){ .nid = (int16_t)nid, .present = true };
	t.numa.nr_node_ids = (uint32_t)nb_max(t.numa.nr_node_ids, (uint32_t)nid + 1);
}

static void add_memory(nb_phys start, nb_phys end, int32_t nid)
{
	check(nb_memblock_add(&t.mb, start, end, nid, 0) == NB_OK, "memory fits");
}

static enum nb_err build(enum nb_percpu_alloc alloc, bool five_level)
{
	const struct nb_params params = { .percpu_alloc = alloc };
	const struct nb_boot_facts facts = { .five_level = five_level };

	return nb_percpu_build(&t.percpu, &t.mb, &t.cpus, &t.numa, &facts, &params, &t.env);
}

static void check_text(const char *want, const char *claim)
{
	if (strcmp(t.page.text, want) != 0)
		print_error("printed:\n%swanted:\n%s", t.page.text, want);
	check(!strcmp(t.page.text, want), claim);
}

/* The bounds of CPU numbers: without any CPU they are beyond all, and the end. */
static void test_bounds(void **state)
{
	(void)state;
	clear(NB_LINE_6_1);
	t.numa.nr_node_ids = 2;
	check(build(NB_PERCPU_AUTO, false) == NB_ERR_DIES, "without a CPU the kernel dies");
	check(t.page.why == NB_WHY_DIES_NO_CPU, "and says why");
	check_text(
		"setup_percpu: NR_CPUS:8192 nr_cpumask_bits:8193 nr_cpu_ids:8193 nr_node_ids:2\n",
		"no CPU is one beyond the last");
}

#define IDS(n, nodes)                                                                              \
	"setup_percpu: NR_CPUS:8192 nr_cpumask_bits:" #n " nr_cpu_ids:" #n " nr_node_ids:" #nodes  \
	"\n"
#define IDS_OLD(n, nodes)                                                                          \
	"setup_percpu: NR_CPUS:256 nr_cpumask_bits:256 nr_cpu_ids:" #n " nr_node_ids:" #nodes "\n"
#define EMBEDDED(unit)                                                                             \
	"percpu: Embedded 66 pages/cpu s233472 r8192 d28672 u" #unit "\n"                          \
	"pcpu-alloc: s233472 r8192 d28672 u" #unit " alloc=1*2097152\n"

/* Machines whose nodes have 64 MiB each, from 1 GiB on. The lines are those that
 * Linux printed for such CPUs, but for single pages, read in its source. */
static const struct row {
	const char *claim;
	enum nb_line line;
	const char *nodes; /* of each CPU, a digit each */
	enum nb_percpu_alloc alloc;
	const char *want;
} rows[] = {
	{ .claim = "a node's CPUs share one allocation",
	  .line = NB_LINE_6_12,
	  .nodes = "0011",
	  .want = IDS(4, 2) EMBEDDED(1048576) "pcpu-alloc: [0] 0 1 [1] 2 3 \n" },
	{ .claim = "a unit may stay unused",
	  .line = NB_LINE_6_12,
	  .nodes = "001",
	  .want = IDS(3, 2) EMBEDDED(1048576) "pcpu-alloc: [0] 0 1 [1] 2 - \n" },
	{ .claim = "too many unused ones make larger units",
	  .line = NB_LINE_6_12,
	  .nodes = "0120",
	  .want = IDS(4, 3) EMBEDDED(2097152) "pcpu-alloc: [0] 0 [0] 3 [1] 1 [2] 2 \n" },
	{ .claim = "groups are numbered by their lowest CPU, not by node",
	  .line = NB_LINE_6_12,
	  .nodes = "1001",
	  .want = IDS(4, 2) EMBEDDED(1048576) "pcpu-alloc: [0] 0 3 [1] 1 2 \n" },
	{ .claim = "a group may have several allocations",
	  .line = NB_LINE_6_12,
	  .nodes = "000000",
	  .want = IDS(6, 1) EMBEDDED(524288) "pcpu-alloc: [0] 0 1 2 3 [0] 4 5 - - \n" },
	{ .claim = "numbers of CPUs are as wide as the count of CPUs, rows have 60 columns",
	  .line = NB_LINE_6_12,
	  .nodes = "0000000011111111222222223333333344444444555555556666666677777777",
	  .want = IDS(64, 8) EMBEDDED(524288) "pcpu-alloc: [0] 00 01 02 03 [0] 04 05 06 07 \n"
					      "pcpu-alloc: [1] 08 09 10 11 [1] 12 13 14 15 \n"
					      "pcpu-alloc: [2] 16 17 18 19 [2] 20 21 22 23 \n"
					      "pcpu-alloc: [3] 24 25 26 27 [3] 28 29 30 31 \n"
					      "pcpu-alloc: [4] 32 33 34 35 [4] 36 37 38 39 \n"
					      "pcpu-alloc: [5] 40 41 42 43 [5] 44 45 46 47 \n"
					      "pcpu-alloc: [6] 48 49 50 51 [6] 52 53 54 55 \n"
					      "pcpu-alloc: [7] 56 57 58 59 [7] 60 61 62 63 \n" },
	{ .claim = "unused units are dashes as wide as numbers",
	  .line = NB_LINE_6_12,
	  .nodes = "00000000001",
	  .want = IDS(11, 2)
		  EMBEDDED(1048576) "pcpu-alloc: [0] 00 01 [0] 02 03 [0] 04 05 [0] 06 07 \n"
				    "pcpu-alloc: [0] 08 09 [1] 10 -- \n" },
	{ .claim = "3.14 has no modules, less room to give out, and an address",
	  .line = NB_LINE_3_14,
	  .nodes = "000111",
	  .want = IDS_OLD(
		  6, 2) "PERCPU: Embedded 22 pages/cpu @ffff880043e00000 s67176 r0 d22936 u524288\n"
			"pcpu-alloc: s67176 r0 d22936 u524288 alloc=1*2097152\n"
			"pcpu-alloc: [0] 0 1 2 - [1] 3 4 5 - \n" },
	{ .claim = "32 bits: one group, room for modules given out, no large pages",
	  .line = NB_LINE_6_1_I386,
	  .nodes = "0000",
	  .want = "setup_percpu: NR_CPUS:32 nr_cpumask_bits:4 nr_cpu_ids:4 nr_node_ids:1\n"
		  "percpu: Embedded 33 pages/cpu s104276 r0 d30892 u135168\n"
		  "pcpu-alloc: s104276 r0 d30892 u135168 alloc=33*4096\n"
		  "pcpu-alloc: [0] 0 [0] 1 [0] 2 [0] 3 \n" },
	{ .claim = "percpu_alloc=embed is what is done anyway",
	  .line = NB_LINE_6_12,
	  .nodes = "01",
	  .alloc = NB_PERCPU_EMBED,
	  .want = IDS(2, 2) EMBEDDED(2097152) "pcpu-alloc: [0] 0 [1] 1 \n" },
	{ .claim = "percpu_alloc=page: one group of single pages, with less room to give out",
	  .line = NB_LINE_6_12,
	  .nodes = "0101",
	  .alloc = NB_PERCPU_PAGE,
	  .want = IDS(4, 2) "percpu: 64 4K pages/cpu s233472 r8192 d20480\n"
			    "pcpu-alloc: s233472 r8192 d20480 u262144 alloc=64*4096\n"
			    "pcpu-alloc: [0] 0 [0] 1 [0] 2 [0] 3 \n" },
	{ .claim = "percpu_alloc=page of old: with an address of vmalloc",
	  .line = NB_LINE_4_4,
	  .nodes = "01",
	  .alloc = NB_PERCPU_PAGE,
	  .want = IDS_OLD(2, 2) "PERCPU: 22 4K pages/cpu @ffffc90000000000 s74792 r0 d15320\n"
				"pcpu-alloc: s74792 r0 d15320 u90112 alloc=22*4096\n"
				"pcpu-alloc: [0] 0 [0] 1 \n" },
};

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		clear(row->line);
		for (int32_t nid = 0; nid < NODES; nid++)
			add_memory(G + (nb_phys)nid * 64 * M, G + (nb_phys)(nid + 1) * 64 * M, nid);
		for (const char *nid = row->nodes; *nid; nid++)
			add_cpu(*nid - '0');
		check(build(row->alloc, false) == NB_OK, row->claim);
		check_text(row->want, row->claim);
		nb_regions_check(&t.mb.reserved);
	}
}

/* Where areas lie, and that what is no area is free again. */
static void test_places(void **state)
{
	const nb_phys area = 66 * NB_PAGE_SIZE;

	(void)state;
	clear(NB_LINE_6_12);
	add_memory(G, G + 64 * M, 0);
	add_memory(2 * G, 2 * G + 64 * M, 1);
	for (int cpu = 0; cpu < 3; cpu++)
		add_cpu(cpu == 1);
	check(build(NB_PERCPU_AUTO, false) == NB_OK, "the stage runs");
	check(t.percpu.base == G + 62 * M, "a piece is as high as its node allows");
	check(nb_percpu_area(&t.percpu, 0) == G + 62 * M, "the first CPU is first in it");
	check(nb_percpu_area(&t.percpu, 2) == G + 63 * M, "the next CPU of it has the next unit");
	/* The lists lay in the last two pages of memory while areas were taken. */
	check(nb_percpu_area(&t.percpu, 1) == 2 * G + 60 * M, "a list's pages are not in an area");
	check(t.offset[1] == G - 2 * M, "offsets are from the lowest area");
	check(t.mb.reserved.count == 3, "areas are all that is left of it");
	for (uint32_t cpu = 0; cpu < 3; cpu++) {
		const struct nb_region *region =
			nb_regions_find(&t.mb.reserved, nb_percpu_area(&t.percpu, cpu));

		check(region && region->end - region->start == area, "each area is reserved");
	}
}

/* Where a node has no room, or only low memory is left. */
static void test_elsewhere(void **state)
{
	(void)state;
	clear(NB_LINE_6_12);
	add_memory(M, 32 * M, 0);
	add_memory(G, G + M, 1);
	add_cpu(1);
	add_cpu(0);
	check(build(NB_PERCPU_AUTO, false) == NB_OK, "a node without room is no end");
	check(nb_percpu_area(&t.percpu, 0) == 30 * M, "its areas lie on another one");
	check(nb_percpu_area(&t.percpu, 1) == 28 * M, "beside those of that");

	clear(NB_LINE_6_12);
	add_memory(M, 16 * M, 0);
	add_memory(G, G + 32 * M, 1);
	add_cpu(0);
	check(build(NB_PERCPU_AUTO, false) == NB_OK, "a node below 16 MiB is no end");
	check(nb_percpu_area(&t.percpu, 0) == G + 28 * M,
	      "memory above is wanted more than its own");

	clear(NB_LINE_6_12);
	add_memory(M, 16 * M, 0);
	add_cpu(0);
	check(build(NB_PERCPU_AUTO, false) == NB_OK, "nothing above 16 MiB is no end");
	check(nb_percpu_area(&t.percpu, 0) == 12 * M, "areas then lie below");
}

/* No 2 MiB are left in one piece, or not even pages. */
static void test_no_room(void **state)
{
	static const char *const names[] = { "auto", "embed" };
	char want[1024];

	(void)state;
	for (int i = 0; i < 2; i++) {
		clear(NB_LINE_6_12);
		add_memory(G + NB_PAGE_SIZE, G + 2 * M, 0);
		add_cpu(0);
		check(build((enum nb_percpu_alloc)i, false) == NB_OK, "pages do instead");
		snprintf(
			want, sizeof(want),
			IDS(1,
			    1) "setup_percpu: %s allocator failed (-12), falling back to page size\n"
			       "percpu: 64 4K pages/cpu s233472 r8192 d20480\n"
			       "pcpu-alloc: s233472 r8192 d20480 u262144 alloc=64*4096\n"
			       "pcpu-alloc: [0] 0 \n",
			names[i]);
		check_text(want, "and it is told who failed");
		check(t.percpu.paged && !nb_percpu_area(&t.percpu, 0), "a page lies anywhere");
		check(nb_regions_size(&t.mb.reserved) == 256 * NB_KIB,
		      "no more than that is taken");
	}
	clear(NB_LINE_6_12);
	add_memory(G, G + 2 * M, 0);
	add_memory(G + 2 * M + NB_PAGE_SIZE, G + 4 * M, 1);
	add_cpu(0);
	add_cpu(1);
	check(build(NB_PERCPU_AUTO, false) == NB_OK && t.percpu.paged, "one of two is not enough");
	check(nb_regions_size(&t.mb.reserved) == 512 * NB_KIB, "what was taken for it goes back");

	clear(NB_LINE_6_12);
	add_memory(G, G + 256 * NB_KIB, 0);
	add_cpu(0);
	check(build(NB_PERCPU_AUTO, false) == NB_ERR_DIES, "too few pages are the end");
	check(t.page.why == NB_WHY_DIES_PERCPU, "and it is told why");
	check(strstr(t.page.text, "percpu: failed to allocate 4K page for cpu0\n"), "and where");
}

/* Pages are taken one by one: a lone one near the top is among them. */
static void test_pages_apart(void **state)
{
	const nb_phys top = G + 2 * M;
	const struct nb_region *region;

	(void)state;
	clear(NB_LINE_6_12);
	add_memory(G, top, 0);
	add_cpu(0);
	/* Two pages for lists, one that is free, one that is not. */
	check(nb_memblock_reserve(&t.mb, top - 4 * NB_PAGE_SIZE, top - 3 * NB_PAGE_SIZE) == NB_OK,
	      "a page is taken");
	check(build(NB_PERCPU_PAGE, false) == NB_OK, "the stage runs");
	region = nb_region_at(&t.mb.reserved, 0);
	check(t.mb.reserved.count == 1 && region->start == top - 67 * NB_PAGE_SIZE &&
		      region->end == top - 2 * NB_PAGE_SIZE,
	      "the page between is one of 64");
}

/* Pages are of each CPU's node. */
static void test_pages_of_nodes(void **state)
{
	(void)state;
	clear(NB_LINE_6_12);
	add_memory(G, G + M, 0);
	add_memory(2 * G, 2 * G + M, 1);
	add_cpu(0);
	check(build(NB_PERCPU_PAGE, false) == NB_OK, "the stage runs");
	check(t.mb.reserved.count == 1 &&
		      nb_region_at(&t.mb.reserved, 0)->start == G + M - 256 * NB_KIB,
	      "a node's pages are taken, though there are some above");
}

/* A search upwards finds pages side by side too. */
static void test_pages_upwards(void **state)
{
	(void)state;
	clear(NB_LINE_6_12);
	add_memory(G, G + 2 * M, 0);
	add_cpu(0);
	t.mb.bottom_up = true;
	check(build(NB_PERCPU_PAGE, false) == NB_OK, "the stage runs");
	check(t.mb.reserved.count == 1 &&
		      nb_region_at(&t.mb.reserved, 0)->start == G + 2 * NB_PAGE_SIZE &&
		      nb_region_at(&t.mb.reserved, 0)->end == G + 66 * NB_PAGE_SIZE,
	      "the lowest pages above the lists are taken");
}

/* Areas farther apart than three quarters of vmalloc. */
static void test_too_far(void **state)
{
	static const struct far {
		const char *claim, *want;
		enum nb_line line;
		bool five_level;
		nb_phys top;   /* where the second node begins */
		nb_phys taken; /* in the end */
		bool paged;
	} fars[] = {
		{ "24 TiB are too far",
		  "percpu: max_distance=0x180000000000 too large for vmalloc space 0x1fffffffffff\n"
		  "setup_percpu: auto allocator failed (-22), falling back to page size\n",
		  NB_LINE_6_12, false, 24 * T - 2 * M, 2 * 256 * NB_KIB, true },
		{ "2 MiB less are not", NULL, NB_LINE_6_12, false, 24 * T - 4 * M,
		  2 * 66 * NB_PAGE_SIZE, false },
		{ "nor are 24 TiB with 5-level paging", NULL, NB_LINE_6_12, true, 24 * T - 2 * M,
		  2 * 66 * NB_PAGE_SIZE, false },
		{ "4.4 keeps what it took",
		  "PERCPU: max_distance=0x180000000000 too large for vmalloc space 0x1fffffffffff\n"
		  "setup_percpu: auto allocator failed (-22), falling back to page size\n",
		  NB_LINE_4_4, false, 24 * T - 2 * M, 2 * 26 * NB_PAGE_SIZE + 2 * 22 * NB_PAGE_SIZE,
		  true },
	};

	(void)state;
	for (const struct far *far = fars; far < fars + NB_COUNT(fars); far++) {
		clear(far->line);
		/* Pages besides, so that no area has to give way to a list. */
		add_memory(64 * M, 66 * M, 0);
		add_memory(64 * M + far->top, 66 * M + far->top, 1);
		add_memory(64 * M + far->top + 4 * M, 64 * M + far->top + 5 * M, 2);
		add_memory(63 * M, 64 * M, 3);
		add_cpu(0);
		add_cpu(1);
		check(build(NB_PERCPU_AUTO, far->five_level) == NB_OK, far->claim);
		if (far->want && !strstr(t.page.text, far->want))
			print_error("printed:\n%s", t.page.text);
		check(!far->want || strstr(t.page.text, far->want), far->claim);
		check(t.percpu.paged == far->paged, far->claim);
		check(nb_regions_size(&t.mb.reserved) == far->taken, far->claim);
	}
}

static uint32_t below(uint32_t n)
{
	return (uint32_t)rand() % n;
}

static void random_machine(void)
{
	uint32_t nodes = 1 + below(NODES), cpus = 1 + below(below(4) ? 20 : CPUS);

	clear(below(5) ? (enum nb_line)below(NB_LINE_6_1_I386) : NB_LINE_6_1_I386);
	t.config.percpu_static_bytes = 1 + below(below(5) ? 300000 : 3000000);
	for (uint32_t nid = 0; nid < nodes; nid++) {
		nb_phys size = below(6) ? 512 * M : below(8) * M;

		if (size)
			add_memory(G + nid * G, G + nid * G + size, (int32_t)nid);
	}
	for (uint32_t cpu = 0; cpu < cpus; cpu++)
		add_cpu((int32_t)below(nodes));
	if (!t.mb.memory.count)
		add_memory(G, 2 * G, 0);
}

/* An area is reserved to its last byte, and no other CPU's. */
static void check_area(uint32_t cpu)
{
	nb_phys at = nb_percpu_area(&t.percpu, cpu), end = at + nb_percpu_area_bytes(&t.percpu);
	const struct nb_region *region = nb_regions_find(&t.mb.reserved, at);

	check(region && region->end >= end, "an area is reserved");
	for (uint32_t other = 0; other < cpu; other++) {
		nb_phys there = nb_percpu_area(&t.percpu, other);

		check(there >= end || at >= there + (end - at), "areas do not overlap");
	}
	check(at % NB_PAGE_SIZE == 0, "areas are whole pages");
}

static void compare_with_model(void)
{
	const struct nb_percpu *p = &t.percpu;

	if (p->paged || t.config.no_numa)
		for (uint32_t cpu = 0; cpu < t.cpus.possible; cpu++)
			t.cpu[cpu].nid = 0;
	percpu_model_groups(&model, &t.cpus, percpu_model_by_node);
	percpu_model_units(&model, nb_percpu_area_bytes(p), p->atom_bytes, t.cpus.possible);
	check(p->groups == model.groups, "as many groups as by comparing each CPU with each");
	check(p->units_per_alloc == model.units_per_alloc && p->unit_bytes == model.unit &&
		      p->alloc_bytes == model.alloc,
	      "units are as large");
	for (uint32_t cpu = 0; cpu < t.cpus.possible; cpu++) {
		const struct nb_percpu_group *group = &p->group[model.group_of[cpu]];

		check(p->member[group->first + model.rank[cpu]] == cpu, "each CPU is in its group");
		check(p->offset[cpu] ==
			      (p->paged ? 0 : group->area - p->base) + model.rank[cpu] * model.unit,
		      "and has its unit");
		if (!p->paged)
			check_area(cpu);
	}
}

static void test_random(void **state)
{
	uint32_t paged = 0, embedded = 0;

	(void)state;
	srand(14);
	for (int i = 0; i < 3000; i++) {
		enum nb_err err;

		random_machine();
		err = build((enum nb_percpu_alloc)below(3), false);
		nb_regions_check(&t.mb.reserved);
		if (err) {
			check(err == NB_ERR_DIES && t.page.why == NB_WHY_DIES_PERCPU,
			      "a kernel dies only for want of memory");
			continue;
		}
		compare_with_model();
		check(nb_regions_size(&t.mb.reserved) ==
			      t.cpus.possible * (t.percpu.paged ? t.percpu.unit_bytes
								: nb_percpu_area_bytes(&t.percpu)),
		      "nothing but areas is taken");
		paged += t.percpu.paged;
		embedded += !t.percpu.paged;
	}
	check(paged > 300 && embedded > 300, "both ways were taken");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),         cmocka_unit_test(test_rows),
		cmocka_unit_test(test_places),         cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_pages_apart),    cmocka_unit_test(test_pages_upwards),
		cmocka_unit_test(test_pages_of_nodes), cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_too_far),        cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
