/* SPDX-License-Identifier: MIT */
/*
 * late_nodes: small machines in which nodes come online with a CPU or an initiator
 * after zones were made, and what they get then. Numbers are page frames.
 */
#include "check.h"
#include "events.h"

#include "boot/late_nodes.h"

#include <numaboot/boot.h>
#include <numaboot/rules.h>

#include <string.h>

enum { NODES = 8, CPUS = 4, REGIONS = 64 };

static struct {
	struct nb_region memory[REGIONS], reserved[REGIONS];
	struct nb_memblock mb;
	struct nb_numa numa;
	nb_phys node_data[NODES];
	struct nb_cpus cpus;
	struct nb_cpu cpu[CPUS];
	struct nb_e820 e820;
	struct nb_params params;
	struct nb_boot_facts facts;
	struct nb_rules rules;
	struct nb_kernel_config config;
	struct nb_env env;
	struct nb_zones zones;
	struct nb_node_zones node[NODES];
	uint32_t by_node[REGIONS], node_first[NODES + 1], node_at[NODES];
	uint64_t pages_below[REGIONS + 1];
	struct kept_events kept;
} t;

/* A machine of a line that makes zones of online nodes only: node 0 has memory up
 * to page 0x4000, its data is there. */
static void clear(enum nb_line line)
{
	memset(&t, 0, sizeof(t));
	nb_memblock_init(&t.mb, t.memory, t.reserved, REGIONS);
	check(nb_memblock_add(&t.mb, 0x1000, 0x4000 * NB_PAGE_SIZE, 0, 0) == NB_OK, "RAM is added");
	t.rules = nb_lines[line];
	t.config = nb_configs[line];
	t.config.section_struct_bytes = 0; /* descriptors of pages take nothing here */
	t.env = (struct nb_env){ &t.rules, &t.config, NULL };
	t.mb.limit = 0x4000 * NB_PAGE_SIZE;
	t.e820.max_pfn = 0x4000;
	t.numa.nodes = t.zones.nodes = NODES;
	t.numa.node_data = t.node_data;
	t.node_data[0] = 0x1000;
	nb_nodes_add(&t.numa.online, 0);
	nb_nodes_add(&t.numa.possible, 0);
	t.cpus.cpu = t.cpu;
	t.cpus.cap = t.cpus.possible = CPUS;
	t.zones.node = t.node;
	t.zones.by_node = t.by_node;
	t.zones.node_first = t.node_first;
	t.zones.node_at = t.node_at;
	t.zones.pages_below = t.pages_below;
}

/* A node that came online with a CPU, or with none. */
static void bring_online(int32_t nid, uint32_t cpu)
{
	nb_nodes_add(&t.numa.possible, nid);
	nb_nodes_add(&t.cpus.online, nid);
	if (cpu < CPUS)
		t.cpu[cpu].nid = (int16_t)nid;
}

static enum nb_err run(const char *claim)
{
	static const enum nb_event_kind skipped[] = { NB_EV_NODE_SETUP, NB_EV_NODE_DATA,
						      NB_EV_RESERVED };

	t.env.sink = NULL;
	nb_nodes_add(&t.cpus.online, 0);
	check(nb_zones_build(&t.zones, &t.mb, &t.numa, &t.e820, &t.params, &t.facts, &t.env) ==
		      NB_OK,
	      claim);
	t.kept = (struct kept_events){ .sink = { keep_event },
				       .skipped = skipped,
				       .skips = NB_COUNT(skipped) };
	t.env.sink = &t.kept.sink;
	return nb_late_nodes_build(&t.zones, &t.mb, &t.numa, &t.cpus, &t.params, &t.env);
}

#define ELSEWHERE(node)                                                                            \
	{                                                                                          \
		.kind = NB_EV_NODE_DATA_ELSEWHERE, .nid = (node), .other_nid = 0                   \
	}
#define EMPTY(node)                                                                                \
	ELSEWHERE(node), { .kind = NB_EV_NODE_MEMORYLESS, .nid = (node) },                         \
	{                                                                                          \
		.kind = NB_EV_NODE_PAGES, .nid = (node)                                            \
	}

static const struct nb_event two_empty[] = { EMPTY(2), EMPTY(1) };
static const struct nb_event cpus_first[] = { EMPTY(5), EMPTY(1), EMPTY(3) };

static void test_empty(void **state)
{
	(void)state;
	clear(NB_LINE_4_9);
	bring_online(2, 1);
	bring_online(1, 2);
	check(run("a 4.9 machine") == NB_OK, "nodes without memory are made");
	check_events(&t.kept, two_empty, NB_COUNT(two_empty), "they are, in the CPUs' order");
	check(t.node_data[1] && t.node_data[2] && t.node_data[1] < t.node_data[2],
	      "they have data");
	check(nb_nodes_count(&t.zones.built) == 3 && nb_nodes_count(&t.zones.has_memory) == 1,
	      "they have zones, but no memory");

	clear(NB_LINE_4_9);
	bring_online(1, CPUS);
	bring_online(3, CPUS);
	bring_online(5, 3);
	check(run("a 4.9 machine with initiators") == NB_OK, "nodes of initiators are made");
	check_events(&t.kept, cpus_first, NB_COUNT(cpus_first), "after those of CPUs");
}

/* A node that was too small to come online with its memory. */
static void test_small(void **state)
{
	static const struct nb_event want[] = {
		{ .kind = NB_EV_NODE_SPAN,
		  .nid = 1,
		  .range = { 0x4000 * NB_PAGE_SIZE, 0x4300 * NB_PAGE_SIZE } },
		{ .kind = NB_EV_NODE_PAGES, .nid = 1, .got = 768 },
		{ .kind = NB_EV_ZONE_MEMMAP, .nid = 1, .id = NB_ZONE_DMA32, .got = 12 },
		{ .kind = NB_EV_ZONE_PAGES,
		  .nid = 1,
		  .id = NB_ZONE_DMA32,
		  .got = 768,
		  .more = { 756 } },
		{ .kind = NB_EV_ZONE,
		  .nid = 1,
		  .id = NB_ZONE_DMA32,
		  .got = 768,
		  .limit = 768,
		  .range = { 0x4000 * NB_PAGE_SIZE, 0x4300 * NB_PAGE_SIZE } },
	};
	struct nb_region region = { 0x4000 * NB_PAGE_SIZE, 0x4300 * NB_PAGE_SIZE, 1, 0 };

	(void)state;
	clear(NB_LINE_4_9);
	check(nb_memblock_add(&t.mb, region.start, region.end, 1, 0) == NB_OK, "RAM is added");
	t.e820.max_pfn = 0x4300;
	t.mb.limit = region.end;
	check(run("a small node without a CPU") == NB_OK && !t.kept.count, "it stays offline");
	check(nb_zones_of(&t.zones, &region, 0x4000) == NB_ZONES, "its pages are in no zone");

	bring_online(1, 1);
	check(run("a small node") == NB_OK, "a node with memory is made");
	check_events(&t.kept, want, NB_COUNT(want), "it gets its zones");
	check(nb_zones_of(&t.zones, &region, 0x4000) == NB_ZONE_DMA32, "its pages are in them");
	check(!nb_nodes_has(&t.zones.has_memory, 1), "it does not count as one with memory");
	check(t.zones.present_pages == 0x3fff + 768, "its pages are present");
	check(t.zones.managed_pages == 0x3fff - 0x4000 / 64, "but not among those that count");
}

static void test_none(void **state)
{
	(void)state;
	clear(NB_LINE_6_12);
	bring_online(2, 1);
	check(run("a 6.12 machine") == NB_OK && !t.kept.count, "all nodes are made by then");
	check(nb_nodes_has(&t.zones.built, 2), "the node has zones");

	clear(NB_LINE_6_12);
	nb_nodes_add(&t.cpus.online, 3);
	check(run("a 6.12 machine with a node that is not possible") == NB_OK && !t.kept.count,
	      "an initiator of a rejected table brings a node online and no more");
	check(!nb_nodes_has(&t.zones.built, 3) && !t.node_data[3], "it has no zones and no data");

	clear(NB_LINE_4_4);
	nb_nodes_add(&t.numa.possible, 2);
	check(run("a 4.4 machine") == NB_OK && !t.kept.count, "what stays offline gets nothing");

	clear(NB_LINE_5_10);
	bring_online(2, 1);
	t.node_data[2] = 0x2000;
	check(run("a 5.10 machine") == NB_OK, "a node that has data is made");
	check(t.node_data[2] == 0x2000 && t.kept.count == 2, "but for its data");
}

static void test_no_room(void **state)
{
	static const struct nb_event want[] = {
		{ .kind = NB_EV_DIES, .why = NB_WHY_DIES_NODE_DATA, .id = NB_LATE_NODES, .nid = 1 },
	};

	(void)state;
	clear(NB_LINE_5_10);
	bring_online(1, 1);
	check(nb_memblock_reserve(&t.mb, 0, 0x4000 * NB_PAGE_SIZE) == NB_OK, "all is taken");
	check(run("a full machine") == NB_ERR_DIES, "a node without data is the end");
	check_events(&t.kept, want, NB_COUNT(want), "which is told");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
