/* SPDX-License-Identifier: MIT */
/*
 * zones: small machines and what the stage makes of them; then random machines,
 * on which the stage and the model must tell the same story. Numbers in rows are
 * page frames.
 */
#include "check.h"
#include "events.h"
#include "model/zones_model.h"

#include <numaboot/rules.h>

#include <stdio.h>
#include <string.h>

enum { NODES = 256, REGIONS = 4096, SECTION = 0x8000, FOUR_GIB = 0x100000 };

/* One machine and what the stage needs beside it. */
static struct {
	struct nb_region region[REGIONS], taken[REGIONS];
	struct nb_memblock mb;
	struct nb_numa numa;
	struct nb_e820 e820;
	struct nb_params params;
	struct nb_boot_facts facts;
	struct nb_kernel_config config;
	struct nb_rules rules;
	struct nb_env env;
	struct nb_zones zones;
	struct nb_node_zones node[NODES];
	uint32_t by_node[REGIONS], node_first[NODES + 1], node_at[NODES];
	uint64_t pages_below[REGIONS + 1];
	nb_phys node_data[NODES];
} t;

static void clear(void)
{
	memset(&t, 0, sizeof(t));
	memset(t.node, 0xee, sizeof(t.node)); /* what an earlier boot may have left */
	memset(&t.zones, 0xee, sizeof(t.zones));
	t.mb.memory.store = t.region;
	t.mb.memory.cap = REGIONS;
	t.mb.reserved.store = t.taken;
	t.mb.reserved.cap = REGIONS;
	t.config = (struct nb_kernel_config){ .memory_hotplug = true,
					      .zone_device = true,
					      .max_nodes = 1024,
					      .page_struct_bytes = 64,
					      .section_bytes = SECTION * NB_PAGE_SIZE };
	t.rules = nb_lines[NB_LINE_6_12];
	t.env.rules = &t.rules;
	t.env.config = &t.config;
	t.zones.node = t.node;
	t.zones.nodes = NODES;
	t.zones.by_node = t.by_node;
	t.zones.node_first = t.node_first;
	t.zones.node_at = t.node_at;
	t.zones.pages_below = t.pages_below;
	t.numa.node_data = t.node_data;
	t.numa.nodes = NODES;
	for (uint32_t nid = 0; nid < NODES; nid++)
		t.node_data[nid] = NB_PAGE_SIZE; /* where it lies does not matter */
}

static void add_ram(nb_pfn start, nb_pfn end, int32_t nid, uint32_t flags)
{
	assert_true(t.mb.memory.count < REGIONS && start < end);
	t.mb.memory.front++;
	t.region[t.mb.memory.count++] =
		(struct nb_region){ start * NB_PAGE_SIZE, end * NB_PAGE_SIZE, nid, flags };
	nb_nodes_add(&t.numa.possible, nid);
	t.e820.max_pfn = end;
}

/* Pages that are taken before zones are made; not touching those taken before. */
static void take(nb_pfn start, nb_pfn end)
{
	assert_true(t.mb.reserved.count < REGIONS && start < end);
	t.mb.reserved.front++;
	t.taken[t.mb.reserved.count++] =
		(struct nb_region){ start * NB_PAGE_SIZE, end * NB_PAGE_SIZE, NB_NO_NODE, 0 };
}

/* Gives a rule another value than 6.12 has. */
static void swap_rule(const char *name, uint64_t value, const char *claim)
{
	uint32_t count = 0;
	const struct nb_rule *rules = nb_rules(&count);

	for (uint32_t i = 0; i < count; i++) {
		if (strcmp(rules[i].name, name))
			continue;
		check(nb_rule_value(&t.rules, &rules[i]) != value, claim);
		memcpy((uint8_t *)&t.rules + rules[i].offset, &value, rules[i].size);
		return;
	}
	check(false, "a row names a rule that there is");
}

static enum nb_err build(struct nb_sink *sink)
{
	t.env.sink = sink;
	enum nb_err err =
		nb_zones_build(&t.zones, &t.mb, &t.numa, &t.e820, &t.params, &t.facts, &t.env);

	return err ? err
		   : nb_zones_memmap(&t.zones, &t.mb, &t.numa, &t.e820, &t.params, &t.facts,
				     &t.env);
}

struct ram {
	nb_pfn start, end;
	int32_t nid;
	uint32_t flags;
};

struct row {
	const char *claim;
	struct ram ram[6];
	nb_pfn max_pfn; /* 0: the end of the last of them */
	struct nb_params params;
	bool dies, kdump, no_hotplug, no_device, no_dma, no_dma32;
	int32_t memoryless; /* one more possible node; 0: none */
	/* One rule that is not as in 6.12, without which the events are others. */
	const char *rule, *also; /* `also` differs with and without */
	uint64_t to, also_to;
	uint64_t sum;        /* of all pages that are present; 0: not asked */
	nb_phys cut;         /* bytes that the last region begins after its page */
	const char *cmdline; /* in place of params */
	struct nb_range taken[2];
	nb_pfn low_end;           /* of low memory, with 32 bits; 0: 64 bits */
	bool has_data;            /* all nodes are online */
	struct nb_event want[28]; /* ended by one of no kind */
};

/* Which kinds a table of rows is about. */
static const enum nb_event_kind
	limits[] = { NB_EV_ZONE_LIMITS, NB_EV_ZONE_EMPTY },
	movable[] = { NB_EV_NO_MIRROR, NB_EV_MIRROR_KDUMP, NB_EV_UNMIRRORED_LOW,
		      NB_EV_MOVABLE_START },
	nodes[] = { NB_EV_NODE_SPAN,   NB_EV_NODE_MEMORYLESS, NB_EV_NODE_PAGES,
		    NB_EV_ZONE_MEMMAP, NB_EV_ZONE_RESERVED,   NB_EV_ZONE_PAGES,
		    NB_EV_ZONE,        NB_EV_MEMMAP_INIT,     NB_EV_ZONE_MEMMAP_EXCEEDS },
	holes[] = { NB_EV_UNAVAILABLE, NB_EV_DIES };

static bool is_among(enum nb_event_kind kind, const enum nb_event_kind *kinds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (kinds[i] == kind)
			return true;
	return false;
}

/* The machine of a row. */
static void set_up(const struct row *row)
{
	clear();
	for (const struct ram *ram = row->ram; ram < row->ram + NB_COUNT(row->ram); ram++)
		if (ram->end)
			add_ram(ram->start, ram->end, ram->nid, ram->flags);
	for (size_t i = 0; i < NB_COUNT(row->taken); i++)
		if (row->taken[i].end)
			take(row->taken[i].start, row->taken[i].end);
	if (row->has_data)
		t.numa.online = t.numa.possible;
	if (row->low_end) {
		t.config.low_and_vmalloc = NB_GIB;
		t.config.section_bytes = NB_PAGE_SIZE;
		t.config.page_struct_bytes = 40;
		t.e820.max_low_pfn = row->low_end;
		t.mb.limit = nb_pfn_phys(row->low_end);
	}
	if (row->max_pfn)
		t.e820.max_pfn = row->max_pfn;
	if (row->memoryless)
		nb_nodes_add(&t.numa.possible, row->memoryless);
	t.params = row->params;
	t.facts.kdump = row->kdump;
	t.config.memory_hotplug = !row->no_hotplug;
	t.config.zone_device = !row->no_device;
	t.config.no_zone_dma = row->no_dma;
	t.config.no_zone_dma32 = row->no_dma32;
	t.region[t.mb.memory.count - 1].start += row->cut;
	if (row->also)
		swap_rule(row->also, row->also_to, row->claim);
}

/* The command line is read by the same rules. */
static enum nb_err build_row(const struct row *row, struct nb_sink *sink)
{
	t.env.sink = NULL;
	if (row->cmdline)
		check(nb_params_read(&t.params, row->cmdline, &t.env) == NB_OK, row->claim);
	return build(sink);
}

/* Whether the events, those that were kept, are those wanted. */
static bool is_told(const struct kept_events *kept, const struct row *row, size_t wants)
{
	bool same = kept->count == wants;

	for (size_t i = 0; same && i < wants; i++)
		same = same_event(&kept->at[i], &row->want[i]);
	return same;
}

/* Runs a row; of what is told only these kinds are compared, all if there are none. */
static void check_row(const struct row *row, const enum nb_event_kind *kinds, size_t count)
{
	static enum nb_event_kind others[NB_EVENT_KINDS];
	static struct kept_events kept;
	size_t wants = 0;

	set_up(row);
	kept = (struct kept_events){ .sink = { keep_event }, .skipped = others };
	for (uint32_t kind = 0; count && kind < NB_EVENT_KINDS; kind++)
		if (!is_among((enum nb_event_kind)kind, kinds, count))
			others[kept.skips++] = (enum nb_event_kind)kind;
	while (wants < NB_COUNT(row->want) && row->want[wants].kind != NB_EV_STAGE)
		wants++;

	if (row->rule) {
		(void)build_row(row, &kept.sink);
		check(!is_told(&kept, row, wants) || t.zones.present_pages != row->sum, row->claim);
		set_up(row);
		kept.count = 0;
		swap_rule(row->rule, row->to, row->claim);
	}
	check(build_row(row, &kept.sink) == (row->dies ? NB_ERR_DIES : NB_OK), row->claim);
	check_events(&kept, row->want, wants, row->claim);
	if (row->sum)
		check(t.zones.present_pages == row->sum, row->claim);
}

#define LIMITS(zone, from, to)                                                                     \
	{                                                                                          \
		.kind = NB_EV_ZONE_LIMITS, .id = NB_ZONE_##zone, .range = {                        \
			(from)*NB_PAGE_SIZE,                                                       \
			(to)*NB_PAGE_SIZE                                                          \
		}                                                                                  \
	}
#define EMPTY(zone)                                                                                \
	{                                                                                          \
		.kind = NB_EV_ZONE_EMPTY, .id = NB_ZONE_##zone                                     \
	}
#define MOVABLE(node, from)                                                                        \
	{                                                                                          \
		.kind = NB_EV_MOVABLE_START, .nid = (node), .got = (from)*NB_PAGE_SIZE             \
	}
#define SPAN(node, from, to)                                                                       \
	{                                                                                          \
		.kind = NB_EV_NODE_SPAN, .nid = (node), .range = {                                 \
			(from)*NB_PAGE_SIZE,                                                       \
			(to)*NB_PAGE_SIZE                                                          \
		}                                                                                  \
	}
#define ZONE(node, zone, from, to, present)                                                        \
	{                                                                                          \
		.kind = NB_EV_ZONE, .nid = (node), .id = NB_ZONE_##zone, .got = (present),         \
		.limit = (to) - (from), .range = {                                                 \
			(from)*NB_PAGE_SIZE,                                                       \
			(to)*NB_PAGE_SIZE                                                          \
		}                                                                                  \
	}
#define TRACE_AS(node, zone, from, to, number)                                                     \
	{                                                                                          \
		.kind = NB_EV_MEMMAP_INIT, .nid = (node), .id = NB_ZONE_##zone, .got = (from),     \
		.limit = (to), .more = {                                                           \
			(number)                                                                   \
		}                                                                                  \
	}
#define TRACE(node, zone, from, to)                                                                \
	TRACE_AS(node, zone, from, to, NB_ZONE_##zone == NB_ZONE_MOVABLE ? 3 : NB_ZONE_##zone)
#define HOLE(node, zone, pages)                                                                    \
	{                                                                                          \
		.kind = NB_EV_UNAVAILABLE, .nid = (node), .id = NB_ZONE_##zone, .got = (pages)     \
	}
#define DIES(from, to) DIES_ON(NB_NO_NODE, from, to)
#define DIES_ON(node, from, to)                                                                    \
	{                                                                                          \
		.kind = NB_EV_DIES, .why = NB_WHY_DIES_RAM_WITHOUT_NODE, .id = NB_ZONES_STAGE,     \
		.nid = (node), .range = {                                                          \
			(from)*NB_PAGE_SIZE,                                                       \
			(to)*NB_PAGE_SIZE                                                          \
		}                                                                                  \
	}

static const struct row limit_rows[] = {
	{ .claim = "below 16 MiB there is DMA alone",
	  .ram = { { 1, 0x800, 0, 0 } },
	  .want = { LIMITS(DMA, 1, 0x800), EMPTY(DMA32), EMPTY(NORMAL), EMPTY(DEVICE) } },
	{ .claim = "DMA32 begins at 16 MiB",
	  .ram = { { 1, 0x9f, 0, 0 }, { 0x100, 0xbfe0, 0, 0 } },
	  .want = { LIMITS(DMA, 1, 0x1000), LIMITS(DMA32, 0x1000, 0xbfe0), EMPTY(NORMAL),
		    EMPTY(DEVICE) } },
	{ .claim = "Normal begins at 4 GiB, hole or not",
	  .ram = { { 1, 0xbfe00, 0, 0 }, { 0x120000, 0x140000, 0, 0 } },
	  .want = { LIMITS(DMA, 1, 0x1000), LIMITS(DMA32, 0x1000, FOUR_GIB),
		    LIMITS(NORMAL, FOUR_GIB, 0x140000), EMPTY(DEVICE) } },
	{ .claim = "RAM that ends at 4 GiB leaves Normal empty",
	  .ram = { { 1, FOUR_GIB, 0, 0 } },
	  .want = { LIMITS(DMA, 1, 0x1000), LIMITS(DMA32, 0x1000, FOUR_GIB), EMPTY(NORMAL),
		    EMPTY(DEVICE) } },
	{ .claim = "RAM that begins above 16 MiB leaves DMA empty",
	  .ram = { { 0x2000, 0x4000, 0, 0 } },
	  .want = { EMPTY(DMA), LIMITS(DMA32, 0x2000, 0x4000), EMPTY(NORMAL), EMPTY(DEVICE) } },
	{ .claim = "the end of the map counts, RAM may end before it",
	  .ram = { { 1, 0x4000, 0, 0 } },
	  .max_pfn = 0x4010,
	  .want = { LIMITS(DMA, 1, 0x1000), LIMITS(DMA32, 0x1000, 0x4010), EMPTY(NORMAL),
		    EMPTY(DEVICE) } },
	{ .claim = "without device memory built in there is no Device zone",
	  .ram = { { 1, 0x800, 0, 0 } },
	  .no_device = true,
	  .want = { LIMITS(DMA, 1, 0x800), EMPTY(DMA32), EMPTY(NORMAL) } },
	{ .claim = "without DMA built in the next zone begins with RAM",
	  .ram = { { 1, 0x2000, 0, 0 } },
	  .no_dma = true,
	  .want = { LIMITS(DMA32, 1, 0x2000), EMPTY(NORMAL), EMPTY(DEVICE) } },
	{ .claim = "without DMA32 Normal begins at 16 MiB",
	  .ram = { { 1, 0x2000, 0, 0 } },
	  .no_dma32 = true,
	  .want = { LIMITS(DMA, 1, 0x1000), LIMITS(NORMAL, 0x1000, 0x2000), EMPTY(DEVICE) } },
};

static const struct row node_rows[] = {
	{ .claim = "holes are spanned and not present",
	  .ram = { { 1, 0x9f, 0, 0 }, { 0x100, 0xbfe0, 0, 0 } },
	  .want = { SPAN(0, 1, 0xbfe0), ZONE(0, DMA, 1, 0x1000, 3998),
		    ZONE(0, DMA32, 0x1000, 0xbfe0, 0xafe0) } },
	{ .claim = "nodes may lie inside each other, and each counts its own",
	  .ram = { { 0x2000, 0x3000, 1, 0 }, { 0x3000, 0x4000, 0, 0 }, { 0x4000, 0x4800, 1, 0 } },
	  .want = { SPAN(0, 0x3000, 0x4000), ZONE(0, DMA32, 0x3000, 0x4000, 0x1000),
		    SPAN(1, 0x2000, 0x4800), ZONE(1, DMA32, 0x2000, 0x4800, 0x1800) } },
	{ .claim = "a node spans a zone in which it has nothing but a hole",
	  .ram = { { 0x800, 0x900, 0, 0 }, { 0x110000, 0x110100, 0, 0 } },
	  .want = { SPAN(0, 0x800, 0x110100), ZONE(0, DMA, 0x800, 0x1000, 0x100),
		    ZONE(0, DMA32, 0x1000, FOUR_GIB, 0),
		    ZONE(0, NORMAL, FOUR_GIB, 0x110100, 0x100) } },
	{ .claim = "a possible node may have no memory",
	  .ram = { { 1, 0x800, 0, 0 } },
	  .memoryless = 2,
	  .want = { SPAN(0, 1, 0x800),
		    ZONE(0, DMA, 1, 0x800, 0x7ff),
		    { .kind = NB_EV_NODE_MEMORYLESS, .nid = 2 } } },
	{ .claim = "Movable takes the end of the highest zone",
	  .ram = { { 1, 0x8000, 0, 0 } },
	  .params = { .kernelcore = { .pages = 0x4000 } },
	  .want = { SPAN(0, 1, 0x8000), ZONE(0, DMA, 1, 0x1000, 0xfff),
		    ZONE(0, DMA32, 0x1000, 0x4400, 0x3400),
		    ZONE(0, MOVABLE, 0x4400, 0x8000, 0x3c00) } },
	{ .claim = "RAM above the end that the map gives is in no zone",
	  .ram = { { 0x800, 0x2000, 0, 0 }, { 0x2000, 0x3000, 0, NB_REGION_HOTPLUG } },
	  .max_pfn = 0x2c00,
	  .params = { .movable_node = true },
	  .want = { SPAN(0, 0x800, 0x3000), ZONE(0, DMA, 0x800, 0x1000, 0x800),
		    ZONE(0, DMA32, 0x1000, 0x2000, 0x1000),
		    ZONE(0, MOVABLE, 0x2000, 0x2c00, 0xc00) } },
	{ .claim = "Movable may take whole zones",
	  .ram = { { 1, 0x2000, 0, 0 }, { 0x2000, 0x110000, 1, NB_REGION_HOTPLUG } },
	  .params = { .movable_node = true },
	  .want = { SPAN(0, 1, 0x2000), ZONE(0, DMA, 1, 0x1000, 0xfff),
		    ZONE(0, DMA32, 0x1000, 0x2000, 0x1000), SPAN(1, 0x2000, 0x110000),
		    ZONE(1, MOVABLE, 0x2000, 0x110000, 0x10e000) } },
	{ .claim = "a mirror leaves both kinds in one span, and each zone counts its kind",
	  .ram = { { 1, 0x1000, 0, NB_REGION_MIRROR },
		   { FOUR_GIB, 0x102000, 0, NB_REGION_MIRROR },
		   { 0x102000, 0x105000, 0, 0 },
		   { 0x105000, 0x106000, 0, NB_REGION_MIRROR } },
	  .params = { .kernelcore_mirror = true },
	  .want = { SPAN(0, 1, 0x106000), ZONE(0, DMA, 1, 0x1000, 0xfff),
		    ZONE(0, DMA32, 0x1000, FOUR_GIB, 0),
		    ZONE(0, NORMAL, FOUR_GIB, 0x106000, 0x3000),
		    ZONE(0, MOVABLE, 0x102000, 0x106000, 0x3000) } },
	{ .claim = "another node's mirrored pages are taken off too, below zero",
	  .ram = { { 1, 0x1000, 0, NB_REGION_MIRROR },
		   { FOUR_GIB, 0x101000, 1, 0 },
		   { 0x101000, 0x104000, 0, NB_REGION_MIRROR },
		   { 0x104000, 0x105000, 1, 0 } },
	  .params = { .kernelcore_mirror = true },
	  .want = { SPAN(0, 1, 0x104000), ZONE(0, DMA, 1, 0x1000, 0xfff),
		    ZONE(0, DMA32, 0x1000, FOUR_GIB, 0),
		    ZONE(0, NORMAL, FOUR_GIB, 0x104000, 0x3000), SPAN(1, FOUR_GIB, 0x105000),
		    ZONE(1, MOVABLE, FOUR_GIB, 0x105000, UINT64_MAX - 0xfff) } },
	{ .claim = "a trace is asked for from level 3 on",
	  .ram = { { 1, 0x1800, 0, 0 } },
	  .params = { .mminit_loglevel = 3 },
	  .want = { SPAN(0, 1, 0x1800), ZONE(0, DMA, 1, 0x1000, 0xfff), TRACE(0, DMA, 1, 0x1000),
		    ZONE(0, DMA32, 0x1000, 0x1800, 0x800), TRACE(0, DMA32, 0x1000, 0x1800) } },
	{ .claim = "level 2 traces nothing",
	  .ram = { { 1, 0x800, 0, 0 } },
	  .params = { .mminit_loglevel = 2 },
	  .want = { SPAN(0, 1, 0x800), ZONE(0, DMA, 1, 0x800, 0x7ff) } },
};

static const struct row movable_rows[] = {
	{ .claim = "kernelcore= is split evenly, each part rounded up to 4 MiB",
	  .ram = { { 0x1000, 0x9000, 0, 0 }, { 0x9000, 0x11000, 1, 0 } },
	  .params = { .kernelcore = { .pages = 0x2002 } },
	  .want = { MOVABLE(0, 0x2400), MOVABLE(1, 0xa400) } },
	{ .claim = "what a small node cannot give, the others give",
	  .ram = { { 0x1000, 0x1400, 0, 0 }, { 0x1400, 0x9400, 1, 0 }, { 0x9400, 0x11400, 2, 0 } },
	  .params = { .kernelcore = { .pages = 0x6400 } },
	  .want = { MOVABLE(1, 0x4400), MOVABLE(2, 0xc400) } },
	{ .claim = "what is still missing is spread again",
	  .ram = { { 0x1003, 0x2000, 0, 0 }, { 0x2000, 0x9000, 1, 0 }, { 0x9000, 0x10000, 2, 0 } },
	  .params = { .kernelcore = { .pages = 0x3000 } },
	  .want = { MOVABLE(1, 0x3400), MOVABLE(2, 0xa400) } },
	{ .claim = "but not if it is no more than a page for each node left",
	  .ram = { { 0x1002, 0x2000, 0, 0 }, { 0x2000, 0x9000, 1, 0 }, { 0x9000, 0x10000, 2, 0 } },
	  .params = { .kernelcore = { .pages = 0x3000 } },
	  .want = { MOVABLE(1, 0x3000), MOVABLE(2, 0xa000) } },
	{ .claim = "pages too low for Movable are the kernel's, beyond its share",
	  .ram = { { 0x1000, 0x9000, 0, 0 },
		   { FOUR_GIB, 0x108000, 0, 0 },
		   { 0x108000, 0x118000, 1, 0 } },
	  .params = { .kernelcore = { .pages = 0x4000 } },
	  .want = { MOVABLE(0, FOUR_GIB), MOVABLE(1, 0x108000) } },
	{ .claim = "a region across the lowest page for Movable is split there",
	  .ram = { { 0xff000, 0x108000, 0, 0 } },
	  .params = { .kernelcore = { .pages = 0x2000 } },
	  .want = { MOVABLE(0, 0x101000) } },
	{ .claim = "kernelcore=n% is of all pages",
	  .ram = { { 0x1000, 0x9000, 0, 0 } },
	  .params = { .kernelcore = { .percent = 50 } },
	  .want = { MOVABLE(0, 0x5000) } },
	{ .claim = "kernelcore=100% leaves nothing",
	  .ram = { { 0x1000, 0x9000, 0, 0 } },
	  .params = { .kernelcore = { .percent = 100 } } },
	{ .claim = "movablecore= is rounded up to 4 MiB",
	  .ram = { { 0x1000, 0x9000, 0, 0 } },
	  .params = { .movablecore = { .pages = 0x4001 } },
	  .want = { MOVABLE(0, 0x4c00) } },
	{ .claim = "movablecore= of all there is means none",
	  .ram = { { 0x1000, 0x9000, 0, 0 } },
	  .params = { .movablecore = { .pages = 0x8000 } } },
	{ .claim = "of kernelcore= and movablecore= the larger part for the kernel counts",
	  .ram = { { 0x1000, 0x9000, 0, 0 } },
	  .params = { .kernelcore = { .pages = 0x6000 }, .movablecore = { .pages = 0x4000 } },
	  .want = { MOVABLE(0, 0x7000) } },
	{ .claim = "a start that rounds up to the node's end is none",
	  .ram = { { 0x1000, 0x2400, 0, 0 } },
	  .params = { .kernelcore = { .pages = 0x1100 } } },
	{ .claim = "movable_node takes a node from its first pluggable page on",
	  .ram = { { 1, 0x2000, 0, 0 },
		   { 0x2000, 0x3000, 1, 0 },
		   { 0x3001, 0x5000, 1, NB_REGION_HOTPLUG },
		   { 0x5000, 0x6000, 1, 0 } },
	  .params = { .movable_node = true, .kernelcore = { .pages = 0x1000 } },
	  .want = { MOVABLE(1, 0x3400) } },
	{ .claim = "movable_node needs memory hotplug built in",
	  .ram = { { 1, 0x2000, 0, 0 }, { 0x2000, 0x3000, 1, NB_REGION_HOTPLUG } },
	  .no_hotplug = true,
	  .params = { .movable_node = true } },
	{ .claim = "kernelcore=mirror takes what is not mirrored above 4 GiB",
	  .ram = { { 1, 0x2000, 0, NB_REGION_MIRROR },
		   { FOUR_GIB, 0x101000, 0, 0 },
		   { 0x101000, 0x102000, 1, NB_REGION_MIRROR },
		   { 0x102000, 0x103000, 1, 0 } },
	  .params = { .kernelcore_mirror = true, .movablecore = { .pages = 0x400 } },
	  .want = { MOVABLE(0, FOUR_GIB), MOVABLE(1, 0x102000) } },
	{ .claim = "unmirrored memory below 4 GiB stays with the kernel, with a word of it",
	  .ram = { { 1, 0x1000, 0, NB_REGION_MIRROR }, { 0x1000, 0x8000, 0, 0 } },
	  .params = { .kernelcore_mirror = true },
	  .want = { { .kind = NB_EV_UNMIRRORED_LOW } } },
	{ .claim = "a region that begins below 4 GiB is low in whole",
	  .ram = { { 1, 0x1000, 0, NB_REGION_MIRROR }, { 0xf0000, 0x110000, 0, 0 } },
	  .params = { .kernelcore_mirror = true },
	  .want = { { .kind = NB_EV_UNMIRRORED_LOW } } },
	{ .claim = "kernelcore=mirror without a mirror is ignored",
	  .ram = { { 1, 0x2000, 0, 0 }, { FOUR_GIB, 0x101000, 0, 0 } },
	  .params = { .kernelcore_mirror = true },
	  .want = { { .kind = NB_EV_NO_MIRROR } } },
	{ .claim = "a crash kernel ignores the mirror",
	  .ram = { { 1, 0x2000, 0, NB_REGION_MIRROR }, { FOUR_GIB, 0x101000, 0, 0 } },
	  .params = { .kernelcore_mirror = true },
	  .kdump = true,
	  .want = { { .kind = NB_EV_MIRROR_KDUMP } } },
};

static const struct row hole_rows[] = {
	{ .claim = "pages before RAM and around it have descriptors, to the end of the section",
	  .ram = { { 1, 0x9f, 0, 0 }, { 0x100, 0xbfe0, 0, 0 } },
	  .want = { HOLE(0, DMA, 1), HOLE(0, DMA, 97), HOLE(0, DMA32, 0x4020) } },
	{ .claim = "sections without RAM have none",
	  .ram = { { 0x1000, 0x2000, 0, 0 }, { 0x3fff0, 0x40000, 0, 0 } },
	  .want = { HOLE(0, DMA32, 0x1000), HOLE(0, DMA32, 0x6000 + 0x7ff0) } },
	{ .claim = "a hole of whole sections leaves no line",
	  .ram = { { 0x8000, 0x10000, 0, 0 }, { 0x18000, 0x20000, 1, 0 } } },
	{ .claim = "a hole belongs to the node above it",
	  .ram = { { 0x8000, 0x9000, 0, 0 }, { 0xa000, 0x10000, 1, 0 } },
	  .want = { HOLE(1, DMA32, 0x1000) } },
	{ .claim = "the end of the last section belongs to the last region's node, highest zone",
	  .ram = { { 0x8000, 0x20000, 1, NB_REGION_HOTPLUG }, { 0x20000, 0x24000, 0, 0 } },
	  .params = { .movable_node = true },
	  .want = { HOLE(0, DMA32, 0x4000) } },
	{ .claim = "a region across two zones has no hole between them",
	  .ram = { { 0x800, 0x8000, 0, 0 } },
	  .want = { HOLE(0, DMA, 0x800) } },
	{ .claim = "a node's highest zone may lie below the last region",
	  .ram = { { 0x8000, 0x10000, 0, NB_REGION_HOTPLUG },
		   { 0x10000, 0x18000, 1, 0 },
		   { 0x18000, 0x19000, 0, 0 } },
	  .params = { .movable_node = true },
	  .want = { HOLE(0, MOVABLE, 0x7000) } },
	{ .claim = "RAM without a node is the end, after the holes before it",
	  .ram = { { 1, 0x9f, 0, 0 }, { 0x100, 0x8000, 0, 0 }, { 0x8080, 0x8100, NB_NO_NODE, 0 } },
	  .dies = true,
	  .want = { HOLE(0, DMA, 1), HOLE(0, DMA, 97), DIES(0x8080, 0x8100) } },
};

static const struct row order_rows[] = {
	{ .claim = "lines stand in Linux's order",
	  .ram = { { 1, 0x4000, 0, 0 },
		   { 0x4000, 0x7000, 1, NB_REGION_HOTPLUG },
		   { 0x7000, 0x8000, NB_NO_NODE, 0 } },
	  .params = { .movable_node = true, .mminit_loglevel = 4 },
	  .memoryless = 3,
	  .dies = true,
	  .want = { { .kind = NB_EV_ZONES_BEGIN },
		    LIMITS(DMA, 1, 0x1000),
		    LIMITS(DMA32, 0x1000, 0x8000),
		    EMPTY(NORMAL),
		    EMPTY(DEVICE),
		    { .kind = NB_EV_MOVABLE_BEGIN },
		    MOVABLE(1, 0x4000),
		    { .kind = NB_EV_RANGES_BEGIN },
		    { .kind = NB_EV_RANGE, .nid = 0, .range = { 0x1000, 0x4000000 } },
		    { .kind = NB_EV_RANGE, .nid = 1, .range = { 0x4000000, 0x7000000 } },
		    { .kind = NB_EV_RANGE,
		      .nid = NB_NO_NODE,
		      .flags = 1,
		      .limit = 1024,
		      .range = { 0x7000000, 0x8000000 } },
		    SPAN(0, 1, 0x4000),
		    ZONE(0, DMA, 1, 0x1000, 0xfff),
		    TRACE(0, DMA, 1, 0x1000),
		    ZONE(0, DMA32, 0x1000, 0x4000, 0x3000),
		    TRACE(0, DMA32, 0x1000, 0x4000),
		    SPAN(1, 0x4000, 0x7000),
		    ZONE(1, MOVABLE, 0x4000, 0x7000, 0x3000),
		    TRACE(1, MOVABLE, 0x4000, 0x7000),
		    { .kind = NB_EV_NODE_MEMORYLESS, .nid = 3 },
		    HOLE(0, DMA, 1),
		    DIES(0x7000, 0x8000) } },
};

/* Other lines: each row names the rule that differs from 6.12's. */
#define PAGES(node, count)                                                                         \
	{                                                                                          \
		.kind = NB_EV_NODE_PAGES, .nid = (node), .got = (count)                            \
	}
#define MEMMAP(node, zone, count)                                                                  \
	{                                                                                          \
		.kind = NB_EV_ZONE_MEMMAP, .nid = (node), .id = NB_ZONE_##zone, .got = (count)     \
	}
#define EXCEEDS(node, zone, count, present)                                                        \
	{                                                                                          \
		.kind = NB_EV_ZONE_MEMMAP_EXCEEDS, .nid = (node), .id = NB_ZONE_##zone,            \
		.got = (count), .limit = (present)                                                 \
	}
#define RESERVED(node, count)                                                                      \
	{                                                                                          \
		.kind = NB_EV_ZONE_RESERVED, .nid = (node), .id = NB_ZONE_DMA, .got = (count)      \
	}
#define MANAGED(node, zone, present, managed, batch)                                               \
	{                                                                                          \
		.kind = NB_EV_ZONE_PAGES, .nid = (node), .id = NB_ZONE_##zone, .got = (present),   \
		.limit = (batch), .more = {                                                        \
			(managed)                                                                  \
		}                                                                                  \
	}
#define MEMORYLESS(node)                                                                           \
	{                                                                                          \
		.kind = NB_EV_NODE_MEMORYLESS, .nid = (node)                                       \
	}

static const struct row limit_rule_rows[] = {
	{ .claim = "DMA32 may reach to 4 GiB wherever RAM ends",
	  .ram = { { 1, 0x4000, 0, 0 } },
	  .rule = "zones_end_with_ram",
	  .want = { LIMITS(DMA, 1, 0x1000), LIMITS(DMA32, 0x1000, FOUR_GIB), EMPTY(NORMAL),
		    EMPTY(DEVICE) } },
	{ .claim = "then DMA reaches to 16 MiB too",
	  .ram = { { 1, 0x800, 0, 0 } },
	  .rule = "zones_end_with_ram",
	  .want = { LIMITS(DMA, 1, 0x1000), LIMITS(DMA32, 0x1000, FOUR_GIB), EMPTY(NORMAL),
		    EMPTY(DEVICE) } },
	{ .claim = "with 32 bits Normal ends with low memory, and HighMem has the rest",
	  .ram = { { 1, 0x9f, 0, 0 }, { 0x100, 0x3ffe0, 0, 0 } },
	  .low_end = 0x36ffe,
	  .no_device = true,
	  .want = { LIMITS(DMA, 1, 0x1000), LIMITS(NORMAL, 0x1000, 0x36ffe),
		    LIMITS(HIGHMEM, 0x36ffe, 0x3ffe0) } },
	{ .claim = "HighMem is empty where all memory is low",
	  .ram = { { 1, 0x20000, 0, 0 } },
	  .low_end = 0x20000,
	  .no_device = true,
	  .want = { LIMITS(DMA, 1, 0x1000), LIMITS(NORMAL, 0x1000, 0x20000), EMPTY(HIGHMEM) } },
};

static const struct row movable_rule_rows[] = {
	{ .claim = "a border inside of a page may be rounded down",
	  .ram = { { 1, 0x2000, 0, 0 }, { 0x2000, 0x6000, 1, NB_REGION_HOTPLUG } },
	  .cut = 1,
	  .params = { .movable_node = true },
	  .rule = "movable_rounded_up",
	  .want = { MOVABLE(1, 0x2000) } },
	{ .claim = "a mirror may be minded where there is none",
	  .ram = { { 1, 0x2000, 0, 0 }, { FOUR_GIB, 0x101000, 0, 0 } },
	  .cmdline = "kernelcore=mirror",
	  .rule = "mirror",
	  .to = NB_MIRROR_ALWAYS,
	  .want = { { .kind = NB_EV_UNMIRRORED_LOW }, MOVABLE(0, FOUR_GIB) } },
	{ .claim = "and in a crash kernel",
	  .ram = { { 1, 0x2000, 0, NB_REGION_MIRROR }, { FOUR_GIB, 0x101000, 0, 0 } },
	  .cmdline = "kernelcore=mirror",
	  .kdump = true,
	  .rule = "mirror",
	  .to = NB_MIRROR_ALWAYS,
	  .want = { MOVABLE(0, FOUR_GIB) } },
	{ .claim = "a kernel that knows no mirror reads a number",
	  .ram = { { 1, 0x2000, 0, NB_REGION_MIRROR }, { FOUR_GIB, 0x101000, 0, 0 } },
	  .cmdline = "kernelcore=mirror",
	  .rule = "mirror",
	  .to = NB_MIRROR_UNKNOWN },
	{ .claim = "a kernel that knows no percents reads bytes",
	  .ram = { { 0x1000, 0x9000, 0, 0 } },
	  .cmdline = "kernelcore=50%",
	  .rule = "movable_percent" },
	{ .claim = "and so for movablecore=",
	  .ram = { { 0x1000, 0x9000, 0, 0 } },
	  .cmdline = "movablecore=50%",
	  .rule = "movable_percent" },
	{ .claim = "a kernelcore= of all memory may leave an empty zone",
	  .ram = { { 0x1000, 0x8c00, 0, 0 }, { 0x8c00, 0x9001, 0, 0 } },
	  .params = { .kernelcore = { .pages = 0x8001 } },
	  .rule = "movable_bounded",
	  .to = 0,
	  .also = "movable_within_node",
	  .want = { MOVABLE(0, 0x9400) } },
	{ .claim = "a movablecore= beyond all memory may wrap, and leave all to the kernel",
	  .ram = { { 0x1000, 0x9000, 0, 0 }, { 0x9000, 0xa000, 1, 0 } },
	  .params = { .movablecore = { .pages = 0x9400 } },
	  .rule = "movable_bounded",
	  .also = "movable_within_node",
	  .want = { MOVABLE(0, 0x9000), MOVABLE(1, 0xa000) } },
	{ .claim = "a start that rounds up beyond the node's end may be told",
	  .ram = { { 0x1000, 0x23f0, 0, 0 } },
	  .params = { .kernelcore = { .pages = 0x1100 } },
	  .rule = "movable_within_node",
	  .want = { MOVABLE(0, 0x2400) } },
};

static const struct row node_rule_rows[] = {
	{ .claim = "pages between a node's end and a Movable zone behind it are present",
	  .ram = { { 0x1000, 0x23f0, 0, 0 } },
	  .params = { .kernelcore = { .pages = 0x1100 } },
	  .rule = "movable_within_node",
	  .sum = 0x1400,
	  .want = { SPAN(0, 0x1000, 0x23f0), ZONE(0, DMA32, 0x1000, 0x23f0, 0x13f0) } },
	{ .claim = "a mirror may leave each page to one zone",
	  .ram = { { 1, 0x1000, 0, NB_REGION_MIRROR },
		   { FOUR_GIB, 0x102000, 0, NB_REGION_MIRROR },
		   { 0x102000, 0x105000, 0, 0 },
		   { 0x105000, 0x106000, 0, NB_REGION_MIRROR } },
	  .params = { .kernelcore_mirror = true },
	  .rule = "mirror_overlaps",
	  .want = { SPAN(0, 1, 0x106000), ZONE(0, DMA, 1, 0x1000, 0xfff),
		    ZONE(0, DMA32, 0x1000, FOUR_GIB, 0),
		    ZONE(0, NORMAL, FOUR_GIB, 0x102000, 0x2000),
		    ZONE(0, MOVABLE, 0x102000, 0x106000, 0x4000) } },
	{ .claim = "only nodes that have data may get zones",
	  .ram = { { 1, 0x800, 0, 0 } },
	  .memoryless = 2,
	  .has_data = true,
	  .rule = "empty_nodes_built",
	  .want = { SPAN(0, 1, 0x800), ZONE(0, DMA, 1, 0x800, 0x7ff) } },
	{ .claim = "not even one with memory otherwise",
	  .ram = { { 1, 0x800, 0, 0 } },
	  .rule = "empty_nodes_built",
	  .also = "memmap_by_region" },
	{ .claim = "descriptors, and pages that are taken below 16 MiB, may not be managed",
	  .ram = { { 1, 0x9f, 0, 0 }, { 0x100, 0xbfe0, 0, 0 } },
	  .taken = { { 0, 0x10 }, { 0x99, 0x100 } },
	  .rule = "memmap_counted",
	  .to = 1,
	  .want = { SPAN(0, 1, 0xbfe0), PAGES(0, 49022), MEMMAP(0, DMA, 64), RESERVED(0, 21),
		    MANAGED(0, DMA, 3998, 3913, 0), ZONE(0, DMA, 1, 0x1000, 3998),
		    MEMMAP(0, DMA32, 704), MANAGED(0, DMA32, 45024, 44320, 7),
		    ZONE(0, DMA32, 0x1000, 0xbfe0, 45024) } },
	{ .claim = "where a zone has few holes, their descriptors count too",
	  .ram = { { 0x1000, 0x2000, 0, 0 }, { 0x210f, 0x2200, 0, 0 } },
	  .rule = "memmap_counted",
	  .to = 1,
	  .want = { SPAN(0, 0x1000, 0x2200), PAGES(0, 0x10f1), MEMMAP(0, DMA32, 0x48),
		    MANAGED(0, DMA32, 0x10f1, 0x10f1 - 0x48, 0),
		    ZONE(0, DMA32, 0x1000, 0x2200, 0x10f1) } },
	{ .claim = "with one page more in holes, no hole's does",
	  .ram = { { 0x1000, 0x2000, 0, 0 }, { 0x2110, 0x2200, 0, 0 } },
	  .rule = "memmap_counted",
	  .to = 1,
	  .want = { SPAN(0, 0x1000, 0x2200), PAGES(0, 0x10f0), MEMMAP(0, DMA32, 0x44),
		    MANAGED(0, DMA32, 0x10f0, 0x10f0 - 0x44, 0),
		    ZONE(0, DMA32, 0x1000, 0x2200, 0x10f0) } },
	{ .claim = "a zone that is all taken keeps what it has",
	  .ram = { { 1, 0x11, 0, 0 } },
	  .taken = { { 0, 0x10 } },
	  .rule = "memmap_counted",
	  .to = 1,
	  .want = { SPAN(0, 1, 0x11), PAGES(0, 16), MEMMAP(0, DMA, 1), MANAGED(0, DMA, 16, 15, 0),
		    ZONE(0, DMA, 1, 0x11, 16) } },
	{ .claim = "a list of pages may take 1 MiB at once",
	  .ram = { { 0x1000, 0x51000, 0, 0 } },
	  .rule = "memmap_counted",
	  .to = 1,
	  .want = { SPAN(0, 0x1000, 0x51000), PAGES(0, 0x50000), MEMMAP(0, DMA32, 0x1400),
		    MANAGED(0, DMA32, 0x50000, 0x4ec00, 63),
		    ZONE(0, DMA32, 0x1000, 0x51000, 0x50000) } },
	{ .claim = "or half of that",
	  .ram = { { 0x1000, 0x51000, 0, 0 } },
	  .rule = "batch_bytes_most",
	  .to = 512 * NB_KIB,
	  .also = "memmap_counted",
	  .also_to = 1,
	  .want = { SPAN(0, 0x1000, 0x51000), PAGES(0, 0x50000), MEMMAP(0, DMA32, 0x1400),
		    MANAGED(0, DMA32, 0x50000, 0x4ec00, 31),
		    ZONE(0, DMA32, 0x1000, 0x51000, 0x50000) } },
	{ .claim = "descriptors of more pages than a zone has are not taken off",
	  .ram = { { 1, 0x21, 0, 0 }, { 0x2000, 0x4000, 0, 0 } },
	  .low_end = 0x4000,
	  .no_device = true,
	  .rule = "memmap_counted",
	  .to = 1,
	  .want = { SPAN(0, 1, 0x4000), PAGES(0, 0x2020), EXCEEDS(0, DMA, 40, 32), RESERVED(0, 0),
		    MANAGED(0, DMA, 32, 32, 0), ZONE(0, DMA, 1, 0x1000, 32),
		    MEMMAP(0, NORMAL, 0x3000 * 40 / 4096),
		    MANAGED(0, NORMAL, 0x2000, 0x2000 - 0x3000 * 40 / 4096, 0),
		    ZONE(0, NORMAL, 0x1000, 0x4000, 0x2000) } },
	{ .claim =
		  "HighMem's descriptors, and those of a Movable zone cut out of it, lie elsewhere",
	  .ram = { { 1, 0x40000, 0, 0 } },
	  .low_end = 0x30000,
	  .no_device = true,
	  .params = { .kernelcore = { .pages = 0x38000 }, .mminit_loglevel = 3 },
	  .taken = { { 0x100, 0x200 } },
	  .rule = "memmap_counted",
	  .to = 1,
	  .want = { SPAN(0, 1, 0x40000), PAGES(0, 0x3ffff), MEMMAP(0, DMA, 40), RESERVED(0, 0),
		    MANAGED(0, DMA, 0xfff, 0xfff - 40, 0), ZONE(0, DMA, 1, 0x1000, 0xfff),
		    TRACE_AS(0, DMA, 1, 0x1000, 0), MEMMAP(0, NORMAL, 0x2f000 * 40 / 4096),
		    MANAGED(0, NORMAL, 0x2f000, 0x2f000 - 0x2f000 * 40 / 4096, 63),
		    ZONE(0, NORMAL, 0x1000, 0x30000, 0x2f000),
		    TRACE_AS(0, NORMAL, 0x1000, 0x30000, 1), MANAGED(0, HIGHMEM, 0x8400, 0x8400, 7),
		    ZONE(0, HIGHMEM, 0x30000, 0x38400, 0x8400),
		    TRACE_AS(0, HIGHMEM, 0x30000, 0x38400, 2),
		    MANAGED(0, MOVABLE, 0x7c00, 0x7c00, 7),
		    ZONE(0, MOVABLE, 0x38400, 0x40000, 0x7c00),
		    TRACE_AS(0, MOVABLE, 0x38400, 0x40000, 3) } },
};

static const struct row hole_rule_rows[] = {
	{ .claim = "RAM without a node may be left alone, and holes",
	  .ram = { { 1, 0x9f, 0, 0 }, { 0x100, 0x8000, 0, 0 }, { 0x8080, 0x8100, NB_NO_NODE, 0 } },
	  .rule = "memmap_by_region" },
	{ .claim = "RAM of a node that has no data is the end too",
	  .ram = { { 0x8000, 0x10000, 0, 0 } },
	  .rule = "empty_nodes_built",
	  .dies = true,
	  .want = { DIES_ON(0, 0x8000, 0x10000) } },
	{ .claim = "where memory is flat every page below its end has a descriptor, to the block's",
	  .ram = { { 1, 0x9f, 0, 0 }, { 0x100, 0x3000, 0, 0 }, { 0x4000, 0x8000, 0, 0 } },
	  .low_end = 0x3000,
	  .max_pfn = 0x30f0,
	  .want = { HOLE(0, DMA, 1), HOLE(0, DMA, 97), HOLE(0, NORMAL, 0x200) } },
	{ .claim = "and none above",
	  .ram = { { 0x1000, 0x3001, 0, 0 } },
	  .low_end = 0x3001,
	  .want = { HOLE(0, NORMAL, 0x1000) } },
};

#define CHECK_ROWS(rows, kinds)                                                                    \
	for (size_t i = 0; i < NB_COUNT(rows); i++)                                                \
	check_row(&(rows)[i], (kinds), NB_COUNT(kinds))

static void test_limits(void **state)
{
	(void)state;
	CHECK_ROWS(limit_rows, limits);
	CHECK_ROWS(limit_rule_rows, limits);
}

static void test_nodes(void **state)
{
	(void)state;
	CHECK_ROWS(node_rows, nodes);
	CHECK_ROWS(node_rule_rows, nodes);
}

static void test_movable(void **state)
{
	(void)state;
	CHECK_ROWS(movable_rows, movable);
	CHECK_ROWS(movable_rule_rows, movable);
}

static void test_holes(void **state)
{
	(void)state;
	CHECK_ROWS(hole_rows, holes);
	CHECK_ROWS(hole_rule_rows, holes);
}

static void test_order(void **state)
{
	(void)state;
	check_row(&order_rows[0], NULL, 0);
}

static void test_sums(void **state)
{
	(void)state;
	clear();
	add_ram(1, 0x2000, 0, 0);
	add_ram(0x2000, 0x4000, 2, NB_REGION_HOTPLUG);
	nb_nodes_add(&t.numa.possible, 1);
	t.params.movable_node = true;
	check(build(NULL) == NB_OK, "a silent boot succeeds");
	check(t.zones.present_pages == 0x3fff, "pages are added up over nodes");
	check(nb_nodes_count(&t.zones.has_memory) == 2 && nb_nodes_has(&t.zones.has_memory, 0) &&
		      nb_nodes_has(&t.zones.has_memory, 2),
	      "a node with any zone has memory");
	check(nb_nodes_count(&t.zones.has_normal_memory) == 1 &&
		      nb_nodes_has(&t.zones.has_normal_memory, 0),
	      "a node with nothing but Movable has no normal memory");
	check(t.zones.movable_from == NB_ZONE_DMA32, "Movable is cut out of the highest zone");
	check(t.zones.managed_pages == 0x3fff, "all that is present counts as managed");
	check(t.node[1].end == 0 && t.node[1].zone[NB_ZONE_DMA].start == 0,
	      "a node without memory spans nothing");

	clear();
	add_ram(0x30000, 0x40000, 0, 0);
	t.config.low_and_vmalloc = NB_GIB;
	t.e820.max_low_pfn = 0x30000;
	check(build(NULL) == NB_OK, "a boot with 32 bits succeeds");
	check(nb_nodes_has(&t.zones.has_memory, 0) && !nb_nodes_has(&t.zones.has_normal_memory, 0),
	      "HighMem is memory, but no normal memory");
}

static void test_zone_of(void **state)
{
	static const struct {
		const char *claim;
		uint32_t region;
		nb_pfn pfn;
		enum nb_zone_id want;
	} rows[] = {
		{ "the first page is in DMA", 0, 1, NB_ZONE_DMA },
		{ "the last page below 16 MiB is in DMA", 0, 0xfff, NB_ZONE_DMA },
		{ "the next is in DMA32", 0, 0x1000, NB_ZONE_DMA32 },
		{ "mirrored memory stays in Normal, above Movable's start too", 3, 0x102800,
		  NB_ZONE_NORMAL },
		{ "other memory there is in Movable", 2, 0x101000, NB_ZONE_MOVABLE },
		{ "RAM without a node has no zone", 4, 0x104000, NB_ZONES },
		{ "so has a page beyond the node", 3, 0x103000, NB_ZONES },
	};

	(void)state;
	clear();
	add_ram(1, 0x8000, 0, NB_REGION_MIRROR);
	add_ram(FOUR_GIB, 0x101000, 0, NB_REGION_MIRROR);
	add_ram(0x101000, 0x102000, 0, 0);
	add_ram(0x102000, 0x103000, 0, NB_REGION_MIRROR);
	add_ram(0x104000, 0x104001, NB_NO_NODE, 0);
	t.params.kernelcore_mirror = true;
	check(build(NULL) == NB_ERR_DIES, "the zones of a boot that dies are there");
	for (size_t i = 0; i < NB_COUNT(rows); i++)
		check(nb_zones_of(&t.zones, &t.region[rows[i].region], rows[i].pfn) == rows[i].want,
		      rows[i].claim);
}

static void test_names(void **state)
{
	static const char *const names[NB_ZONES] = { "DMA",     "DMA32",   "Normal",
						     "HighMem", "Movable", "Device" };

	(void)state;
	for (uint32_t zone = 0; zone < NB_ZONES; zone++)
		check(!strcmp(nb_zone_name((enum nb_zone_id)zone), names[zone]),
		      "a zone has Linux's name");
	check(nb_zone_name(NB_ZONES)[0] == 0, "what is no zone has none");
}

/* Random machines. */

static struct {
	uint64_t random;
	char claim[160];
	struct nb_zones model;
	struct nb_node_zones model_node[NODES];
	struct nb_event want[ZONES_MODEL_EVENTS], got[ZONES_MODEL_EVENTS];
	uint32_t wants, gots;
	unsigned died, movable, mirrored, wrapped, counted, behind;
} r;

static uint32_t pick(uint32_t below)
{
	r.random ^= r.random << 13;
	r.random ^= r.random >> 7;
	r.random ^= r.random << 17;
	return (uint32_t)(r.random >> 33) % below;
}

static bool one_in(uint32_t n)
{
	return pick(n) == 0;
}

static void keep(struct nb_sink *sink, const struct nb_event *event)
{
	(void)sink;
	if (r.gots < ZONES_MODEL_EVENTS)
		r.got[r.gots] = *event;
	r.gots++;
}

/* RAM between two addresses: pieces of random length, node and flags, some holes. */
static void fill(nb_pfn from, nb_pfn to, uint32_t node_count, uint32_t longest)
{
	bool orphans = one_in(8), mirrors = one_in(2), pluggable = one_in(2);
	uint32_t stay = 1 + pick(4); /* how often the next piece is on the same node */
	int32_t nid = (int32_t)pick(node_count);

	for (nb_pfn pfn = from; pfn < to;) {
		nb_pfn past = nb_min(to, pfn + 1 + pick(one_in(3) ? 16 : longest));
		uint32_t flags = (mirrors && one_in(2) ? (uint32_t)NB_REGION_MIRROR : 0) |
				 (pluggable && one_in(4) ? (uint32_t)NB_REGION_HOTPLUG : 0);

		if (one_in(stay))
			nid = (int32_t)pick(node_count);
		if (one_in(4))
			pfn = past;
		else if (t.mb.memory.count < REGIONS)
			add_ram(pfn, past, orphans && one_in(40) ? NB_NO_NODE : nid, flags);
		pfn = past;
	}
}

static void pick_ram(uint32_t node_count)
{
	uint32_t longest = 1U << (4 + pick(14));

	if (node_count <= 8 && !one_in(4)) {
		fill(1 + pick(300), 300 + pick(0x20000), node_count, longest);
		if (node_count <= 3 && one_in(2))
			fill(FOUR_GIB - pick(0x4000), FOUR_GIB + 1 + pick(0xf000), node_count,
			     longest);
	} else if (one_in(3)) {
		fill(FOUR_GIB - 0x800, FOUR_GIB + 0x1000 + pick(node_count > 8 ? 0x2000 : 0xe000),
		     node_count, longest / 8 + 1);
	} else {
		fill(1, 0x1000 + pick(node_count > 8 ? 0x2000 : 0x10000), node_count,
		     longest / 8 + 1);
	}
	if (!t.mb.memory.count)
		add_ram(1, 2, 0, 0);
}

static struct nb_core pick_core(void)
{
	uint64_t total = nb_regions_size(&t.mb.memory) / NB_PAGE_SIZE;

	switch (pick(4)) {
	case 0:
		return (struct nb_core){ .percent = 1 + pick(110) };
	case 1:
		return (struct nb_core){ .pages = pick((uint32_t)total + 2) };
	case 2:
		return (struct nb_core){ .pages = pick(300) };
	default:
		return (struct nb_core){ 0 };
	}
}

/* Half of the machines run 6.12, the others any line, or all lines mixed. */
static void pick_rules(void)
{
	uint32_t count = 0;
	const struct nb_rule *rules = nb_rules(&count);

	if (one_in(2))
		return;
	t.rules = nb_lines[pick(NB_LINES)];
	for (uint32_t i = 0; one_in(2) && i < count; i++) {
		uint64_t value = nb_rule_value(&nb_lines[pick(NB_LINES)], &rules[i]);

		memcpy((uint8_t *)&t.rules + rules[i].offset, &value, rules[i].size);
	}
}

static void pick_taken(void)
{
	for (nb_pfn pfn = pick(64); pfn < 0x1800 && one_in(3) == 0;) {
		nb_pfn past = pfn + 1 + pick(one_in(2) ? 4 : 0x400);

		take(pfn, past);
		pfn = past + 1 + pick(0x100);
	}
}

static void pick_machine(void)
{
	static const uint32_t node_counts[] = { 1, 2, 2, 3, 4, 8, 8, 64, 256 };
	uint32_t node_count = node_counts[pick(NB_COUNT(node_counts))];

	clear();
	pick_rules();
	pick_ram(node_count);
	pick_taken();
	t.e820.max_pfn += one_in(3) ? pick(100) : 0;
	for (uint32_t i = pick(3); i > 0; i--)
		nb_nodes_add(&t.numa.possible, (int32_t)pick(node_count));
	for (uint32_t nid = 0; nid < node_count; nid++)
		if (nb_nodes_has(&t.numa.possible, (int32_t)nid) && !one_in(20))
			nb_nodes_add(&t.numa.online, (int32_t)nid);
	t.params.kernelcore = pick_core();
	t.params.movablecore = pick_core();
	t.params.kernelcore_mirror = one_in(3);
	t.params.movable_node = one_in(4);
	t.params.mminit_loglevel = (int32_t)pick(5);
	t.facts.kdump = one_in(5);
	t.config.memory_hotplug = !one_in(8);
	t.config.zone_device = !one_in(4);
	t.config.section_bytes = one_in(4) ? NB_MIB << pick(8) : t.config.section_bytes;
}

static void check_nodes(void)
{
	for (uint32_t nid = 0; nid < NODES; nid++) {
		const struct nb_node_zones *got = &t.node[nid], *want = &r.model_node[nid];

		check(got->start == want->start && got->end == want->end, r.claim);
		check(got->movable_start == want->movable_start, r.claim);
		for (uint32_t id = 0; id < NB_ZONES; id++) {
			check(got->zone[id].start == want->zone[id].start, r.claim);
			check(got->zone[id].spanned_pages == want->zone[id].spanned_pages, r.claim);
			check(got->zone[id].present_pages == want->zone[id].present_pages, r.claim);
			check(got->zone[id].managed_pages == want->zone[id].managed_pages, r.claim);
			r.wrapped += got->zone[id].present_pages > ZONES_MODEL_PAGES;
			r.behind += got->zone[id].present_pages > 0 && !got->zone[id].spanned_pages;
		}
	}
}

static void check_lookups(void)
{
	for (uint32_t i = 0; i < 50; i++) {
		const struct nb_region *region = &t.region[pick(t.mb.memory.count)];
		nb_pfn first = region->start / NB_PAGE_SIZE;
		nb_pfn pfn = first + pick((uint32_t)(region->end / NB_PAGE_SIZE - first));

		if (region->nid >= 0)
			check(nb_zones_of(&t.zones, region, pfn) ==
				      zones_model_zone_of(&r.model, pfn),
			      r.claim);
	}
}

static void check_machine(void)
{
	const struct zones_model_input input = {
		.regions = t.region,
		.region_count = t.mb.memory.count,
		.max_pfn = t.e820.max_pfn,
		.taken = t.taken,
		.taken_count = t.mb.reserved.count,
		.possible = t.numa.possible,
		.online = t.numa.online,
		.params = t.params,
		.rules = &t.rules,
		.kdump = t.facts.kdump,
		.memory_hotplug = t.config.memory_hotplug,
		.zone_device = t.config.zone_device,
		.max_nodes = t.config.max_nodes,
		.page_struct_bytes = t.config.page_struct_bytes,
		.section_pages = t.config.section_bytes / NB_PAGE_SIZE,
	};
	struct nb_sink sink = { keep };
	bool survives;

	r.gots = 0;
	r.model = (struct nb_zones){ .node = r.model_node, .nodes = NODES };
	survives = zones_model(&input, &r.model, r.want, &r.wants);
	check(build(&sink) == (survives ? NB_OK : NB_ERR_DIES), r.claim);
	for (uint32_t i = 0; i < r.gots && i < r.wants; i++)
		check(same_event(&r.got[i], &r.want[i]), r.claim);
	check(r.gots == r.wants, r.claim);
	check_nodes();
	check_lookups();
	check(t.zones.present_pages == r.model.present_pages, r.claim);
	check(t.zones.managed_pages == r.model.managed_pages, r.claim);
	check(!memcmp(&t.zones.built, &r.model.built, sizeof(struct nb_nodes)), r.claim);
	check(!memcmp(&t.zones.has_memory, &r.model.has_memory, sizeof(struct nb_nodes)), r.claim);
	check(!memcmp(&t.zones.has_normal_memory, &r.model.has_normal_memory,
		      sizeof(struct nb_nodes)),
	      r.claim);
	r.died += !survives;
	r.counted += t.zones.managed_pages < t.zones.present_pages;
	for (uint32_t i = 0; i < r.gots; i++)
		r.movable += r.got[i].kind == NB_EV_MOVABLE_START;
	r.mirrored += t.params.kernelcore_mirror && survives;
}

static void test_random(void **state)
{
	enum { MACHINES = 300 };

	(void)state;
	for (uint32_t seed = 1; seed <= MACHINES; seed++) {
		r.random = seed * UINT64_C(0x9e3779b97f4a7c15);
		snprintf(r.claim, sizeof(r.claim), "machine %u is as the model has it", seed);
		pick_machine();
		check_machine();
	}
	check(r.died > MACHINES / 50 && r.died < MACHINES / 2, "some machines die");
	check(r.movable > MACHINES && r.mirrored > MACHINES / 8, "Movable zones are tried");
	check(r.wrapped > 0, "counts that wrap are tried");
	check(r.counted > MACHINES / 8, "descriptors that count are tried");
	check(r.behind > 0, "Movable zones behind their nodes are tried");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),  cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_movable), cmocka_unit_test(test_holes),
		cmocka_unit_test(test_order),   cmocka_unit_test(test_sums),
		cmocka_unit_test(test_zone_of), cmocka_unit_test(test_names),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
