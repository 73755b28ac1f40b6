/* SPDX-License-Identifier: MIT */
/*
 * zonelists: small sets of nodes and the orders that they get; the zones of a
 * list; the sums. Then random distances, on which the orders must be those of the
 * greedy search.
 */
#include "check.h"
#include "events.h"
#include "model/greedy.h"

#include <numaboot/rules.h>
#include <numaboot/zonelists.h>

#include <stdio.h>
#include <string.h>

enum { NODES = GREEDY_NODES, FEW = 8 };

static struct {
	struct nb_numa numa;
	struct nb_zones zones;
	struct nb_node_zones node[NODES];
	struct nb_cpus cpus;
	struct nb_cpu boot_cpu;
	struct nb_params params;
	struct nb_rules rules;
	struct nb_kernel_config config;
	struct nb_env env;
	struct nb_zonelists lists;
	uint8_t distance[NODES * NODES];
	uint16_t order[NODES * NODES], order_count[NODES], scratch[5 * NODES + 2];
} t;

static void clear(uint32_t nodes)
{
	memset(&t, 0, sizeof(t));
	memset(t.order, 0xee, sizeof(t.order)); /* what an earlier boot may have left */
	memset(t.order_count, 0xee, sizeof(t.order_count));
	memset(t.scratch, 0xee, sizeof(t.scratch));
	t.rules = nb_lines[NB_LINE_6_12];
	t.env.rules = &t.rules;
	t.env.config = &t.config;
	t.cpus.cpu = &t.boot_cpu;
	t.numa.distance = t.distance;
	t.zones.node = t.node;
	t.zones.nodes = t.lists.nodes = nodes;
	t.lists.order = t.order;
	t.lists.order_count = t.order_count;
	t.lists.scratch = t.scratch;
}

/* A node that is possible; with pages in a zone it has memory. */
static void add_node(int32_t nid, enum nb_zone_id zone, uint64_t pages)
{
	nb_nodes_add(&t.numa.possible, nid);
	nb_nodes_add(&t.zones.built, nid);
	t.node[nid].zone[zone].present_pages += pages;
	t.node[nid].zone[zone].managed_pages += pages;
	t.zones.present_pages += pages;
	t.zones.managed_pages += pages;
	if (pages)
		nb_nodes_add(&t.zones.has_memory, nid);
}

static void build(struct nb_sink *sink, const char *claim)
{
	t.env.sink = sink;
	check(nb_zonelists_build(&t.lists, &t.numa, &t.zones, &t.cpus, &t.params, &t.env) == NB_OK,
	      claim);
}

#define NONE UINT8_MAX

static const struct row {
	const char *claim;
	uint32_t nodes, in_table; /* in_table: nodes that the distance table has */
	bool empty[FEW], older_rule;
	/* One rule that is not as in 6.12, without which the lists are others. */
	const char *rule;
	uint64_t to;
	uint8_t distance[FEW][FEW];
	uint8_t want[FEW][FEW]; /* a row for each node, ended by NONE */
} rows[] = {
	{ .claim = "one node asks itself", .nodes = 1, .want = { { 0, NONE } } },
	{ .claim = "a node asks itself first",
	  .nodes = 2,
	  .want = { { 0, 1, NONE }, { 1, 0, NONE } } },
	{ .claim = "the nearer node comes first",
	  .nodes = 3,
	  .in_table = 3,
	  .distance = { { 10, 30, 20 }, { 30, 10, 20 }, { 20, 20, 10 } },
	  .want = { { 0, 2, 1, NONE }, { 1, 2, 0, NONE }, { 2, 0, 1, NONE } } },
	{ .claim = "of equally near nodes those above come first, then those below",
	  .nodes = 3,
	  .want = { { 0, 1, 2, NONE }, { 1, 2, 0, NONE }, { 2, 0, 1, NONE } } },
	{ .claim = "a node above that is one further off ties with one below, load decides",
	  .nodes = 3,
	  .in_table = 3,
	  .distance = { { 10, 30, 30 }, { 20, 10, 21 }, { 30, 30, 10 } },
	  .want = { { 0, 1, 2, NONE }, { 1, 0, 2, NONE }, { 2, 0, 1, NONE } } },
	{ .claim = "who began a distance yields to who has not",
	  .nodes = 4,
	  .want = { { 0, 1, 2, 3, NONE },
		    { 1, 2, 3, 0, NONE },
		    { 2, 3, 0, 1, NONE },
		    { 3, 0, 1, 2, NONE } } },
	{ .claim = "loads go on from list to list",
	  .nodes = 5,
	  .in_table = 5,
	  .distance = { { 10, 40, 20, 20, 20 },
			{ 40, 10, 20, 20, 20 },
			{ 40, 40, 10, 20, 20 },
			{ 40, 40, 20, 10, 20 },
			{ 40, 40, 20, 20, 10 } },
	  .want = { { 0, 2, 3, 4, 1, NONE },
		    { 1, 3, 4, 2, 0, NONE },
		    { 2, 4, 3, 0, 1, NONE },
		    { 3, 4, 2, 1, 0, NONE },
		    { 4, 2, 3, 0, 1, NONE } } },
	{ .claim = "a node as near as the asking one itself begins no new distance",
	  .nodes = 4,
	  .in_table = 4,
	  .distance = { { 10, 10, 20, 20 },
			{ 10, 10, 20, 20 },
			{ 20, 20, 10, 10 },
			{ 20, 20, 10, 10 } },
	  .want = { { 0, 1, 2, 3, NONE },
		    { 1, 0, 3, 2, NONE },
		    { 2, 3, 0, 1, NONE },
		    { 3, 2, 1, 0, NONE } } },
	{ .claim = "distances need not be the same both ways",
	  .nodes = 3,
	  .in_table = 3,
	  .distance = { { 10, 20, 30 }, { 40, 10, 20 }, { 20, 30, 10 } },
	  .want = { { 0, 1, 2, NONE }, { 1, 2, 0, NONE }, { 2, 0, 1, NONE } } },
	{ .claim = "nodes beyond the table are 20 away",
	  .nodes = 4,
	  .in_table = 2,
	  .distance = { { 10, 30 }, { 15, 10 } },
	  .want = { { 0, 2, 3, 1, NONE },
		    { 1, 0, 3, 2, NONE },
		    { 2, 3, 0, 1, NONE },
		    { 3, 0, 1, 2, NONE } } },
	{ .claim = "a node without memory is in no list, its own included",
	  .nodes = 3,
	  .empty = { false, true, false },
	  .want = { { 0, 2, NONE }, { 2, 0, NONE }, { 2, 0, NONE } } },
	{ .claim = "by the older rule it heads its own",
	  .nodes = 3,
	  .older_rule = true,
	  .empty = { false, true, false },
	  .want = { { 0, 2, NONE }, { 1, 2, 0, NONE }, { 2, 0, NONE } } },
	{ .claim = "load may be what is left of the list: who is nearer then has more",
	  .nodes = 4,
	  .in_table = 4,
	  .distance = { { 10, 20, 30, 30 },
			{ 20, 10, 30, 30 },
			{ 20, 30, 10, 30 },
			{ 40, 20, 20, 10 } },
	  .rule = "fallback_load_adds",
	  .want = { { 0, 1, 2, 3, NONE },
		    { 1, 0, 3, 2, NONE },
		    { 2, 0, 3, 1, NONE },
		    { 3, 2, 1, 0, NONE } } },
	{ .claim = "a node that is not online may have no list",
	  .nodes = 3,
	  .empty = { false, true, false },
	  .rule = "empty_nodes_built",
	  .want = { { 0, 2, NONE }, { NONE }, { 2, 0, NONE } } },
};

/* Gives a rule another value than 6.12 has. */
static void swap_rule(const char *name, uint64_t value, const char *claim)
{
	uint32_t count = 0;
	const struct nb_rule *all = nb_rules(&count);

	for (uint32_t i = 0; i < count; i++) {
		if (strcmp(all[i].name, name))
			continue;
		check(nb_rule_value(&t.rules, &all[i]) != value, claim);
		memcpy((uint8_t *)&t.rules + all[i].offset, &value, all[i].size);
		return;
	}
	check(false, "a row names a rule that there is");
}

/* Builds the lists of a row, with its rule or without. */
static void build_row(const struct row *row, bool swapped)
{
	clear(FEW);
	t.rules.fallback_skips_empty_self = !row->older_rule;
	if (swapped)
		swap_rule(row->rule, row->to, row->claim);
	t.numa.distance_count = row->in_table;
	for (uint32_t i = 0; i < row->in_table * row->in_table; i++)
		t.distance[i] = row->distance[i / row->in_table][i % row->in_table];
	for (uint32_t nid = 0; nid < row->nodes; nid++) {
		add_node((int32_t)nid, NB_ZONE_NORMAL, row->empty[nid] ? 0 : 1);
		if (!row->empty[nid])
			nb_nodes_add(&t.cpus.online, (int32_t)nid);
	}
	build(NULL, row->claim);
}

/* Whether a node's list is as wanted. */
static bool has_list(const struct row *row, uint32_t nid)
{
	uint32_t i = 0;

	for (; nid < row->nodes && row->want[nid][i] != NONE; i++)
		if (t.order[nid * FEW + i] != row->want[nid][i])
			return false;
	return t.order_count[nid] == i;
}

static bool has_lists(const struct row *row)
{
	for (uint32_t nid = 0; nid < FEW; nid++)
		if (!has_list(row, nid))
			return false;
	return true;
}

static void test_orders(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		if (row->rule) {
			build_row(row, false);
			check(!has_lists(row), row->claim);
		}
		build_row(row, row->rule != NULL);
		check(has_lists(row), row->claim);
	}
}

/* Three nodes: 0 with DMA, DMA32 and Movable, 1 with Normal, 2 with nothing. */
static void add_three(void)
{
	clear(FEW);
	add_node(0, NB_ZONE_DMA, 1000);
	add_node(0, NB_ZONE_DMA32, 2000);
	add_node(0, NB_ZONE_MOVABLE, 500);
	add_node(1, NB_ZONE_NORMAL, 4000);
	add_node(2, NB_ZONE_NORMAL, 0);
	nb_nodes_add(&t.cpus.online, 0);
	nb_nodes_add(&t.cpus.online, 1);
	nb_nodes_add(&t.cpus.online, 2);
}

static void test_walk(void **state)
{
	static const struct {
		const char *claim;
		int32_t nid;
		enum nb_zone_id highest;
		bool this_node;
		uint32_t wants;
		struct nb_zoneref want[5];
	} walks[] = {
		{ "a list has all zones of a node, the highest first, then the next node's",
		  0,
		  NB_ZONE_MOVABLE,
		  false,
		  4,
		  { { 0, NB_ZONE_MOVABLE },
		    { 0, NB_ZONE_DMA32 },
		    { 0, NB_ZONE_DMA },
		    { 1, NB_ZONE_NORMAL } } },
		{ "zones above the highest allowed are passed over",
		  1,
		  NB_ZONE_NORMAL,
		  false,
		  3,
		  { { 1, NB_ZONE_NORMAL }, { 0, NB_ZONE_DMA32 }, { 0, NB_ZONE_DMA } } },
		{ "so may a whole node be", 1, NB_ZONE_DMA, false, 1, { { 0, NB_ZONE_DMA } } },
		{ "the node's own zones only",
		  0,
		  NB_ZONE_NORMAL,
		  true,
		  2,
		  { { 0, NB_ZONE_DMA32 }, { 0, NB_ZONE_DMA } } },
		{ "a node without memory has the others' zones",
		  2,
		  NB_ZONE_NORMAL,
		  false,
		  3,
		  { { 0, NB_ZONE_DMA32 }, { 0, NB_ZONE_DMA }, { 1, NB_ZONE_NORMAL } } },
		{ "and none of its own", 2, NB_ZONE_MOVABLE, true, 0, { { 0, 0 } } },
		{ "what is no node has no list",
		  NB_NO_NODE,
		  NB_ZONE_MOVABLE,
		  true,
		  0,
		  { { 0, 0 } } },
		{ "nor has a number beyond all nodes",
		  FEW,
		  NB_ZONE_MOVABLE,
		  false,
		  0,
		  { { 0, 0 } } },
	};

	(void)state;
	add_three();
	build(NULL, "three nodes");
	for (size_t i = 0; i < NB_COUNT(walks); i++) {
		struct nb_zonelist_walk walk = nb_zonelist_start(
			&t.lists, &t.zones, walks[i].nid, walks[i].highest, walks[i].this_node);
		struct nb_zoneref ref;
		uint32_t count = 0;

		for (; nb_zonelist_next(&walk, &ref); count++)
			check(count < walks[i].wants && ref.nid == walks[i].want[count].nid &&
				      ref.zone == walks[i].want[count].zone,
			      walks[i].claim);
		check(count == walks[i].wants, walks[i].claim);
		check(!nb_zonelist_next(&walk, &ref), "a walk that ended stays so");
	}
}

/* The zones of a list, one after the other. */
static void check_walk(int32_t nid, bool this_node, const struct nb_zoneref *want, uint32_t wants,
		       const char *claim)
{
	struct nb_zonelist_walk walk =
		nb_zonelist_start(&t.lists, &t.zones, nid, NB_ZONE_DEVICE, this_node);
	struct nb_zoneref ref;
	uint32_t count = 0;

	for (; nb_zonelist_next(&walk, &ref); count++)
		check(count < wants && ref.nid == want[count].nid && ref.zone == want[count].zone,
		      claim);
	check(count == wants, claim);
}

static void test_zone_order(void **state)
{
	static const struct nb_zoneref by_zone[] = { { 0, NB_ZONE_MOVABLE },
						     { 1, NB_ZONE_NORMAL },
						     { 0, NB_ZONE_DMA32 },
						     { 0, NB_ZONE_DMA } },
				       by_node[] = { { 0, NB_ZONE_MOVABLE },
						     { 0, NB_ZONE_DMA32 },
						     { 0, NB_ZONE_DMA },
						     { 1, NB_ZONE_NORMAL } },
				       managed[] = { { 0, NB_ZONE_MOVABLE },
						     { 0, NB_ZONE_DMA32 },
						     { 1, NB_ZONE_NORMAL } };
	static const struct {
		const char *cmdline;
		uint64_t rule;
		bool by_zone;
	} asks[] = {
		{ "numa_zonelist_order=zone", NB_ZONELIST_NODE, false },
		{ "numa_zonelist_order=zone", NB_ZONELIST_ASKED, true },
		{ "numa_zonelist_order=Z", NB_ZONELIST_COMPUTED, true },
		{ "numa_zonelist_order=node", NB_ZONELIST_ASKED, false },
		{ "numa_zonelist_order=zone numa_zonelist_order=Default", NB_ZONELIST_ASKED,
		  false },
		{ "numa_zonelist_order=zone numa_zonelist_order=x", NB_ZONELIST_ASKED, true },
		{ "", NB_ZONELIST_ASKED, false },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(asks); i++) {
		add_three();
		if (asks[i].rule)
			swap_rule("zonelist_order", asks[i].rule, asks[i].cmdline);
		t.env.sink = NULL;
		check(nb_params_read(&t.params, asks[i].cmdline, &t.env) == NB_OK, asks[i].cmdline);
		build(NULL, asks[i].cmdline);
		check(t.lists.by_zone == asks[i].by_zone, asks[i].cmdline);
		check_walk(0, false, asks[i].by_zone ? by_zone : by_node, 4, asks[i].cmdline);
		check_walk(0, true, by_node, 3, "a node's own zones are ordered alike");
	}

	add_three();
	t.node[0].zone[NB_ZONE_DMA].managed_pages = 0;
	build(NULL, "a zone that manages nothing");
	check_walk(0, false, by_node, 4, "a zone with present pages is listed");
	swap_rule("zonelists_by_managed", 1, "managed pages may count");
	build(NULL, "a zone that manages nothing");
	check_walk(0, false, managed, 3, "or one with managed pages");

	clear(FEW);
	add_node(0, NB_ZONE_DMA, 100);
	add_node(0, NB_ZONE_NORMAL, 1);
	t.node[0].zone[NB_ZONE_NORMAL].managed_pages = 0;
	build(NULL, "a high zone that manages nothing");
	check(t.lists.policy_zone == NB_ZONE_NORMAL, "policies govern a zone with present pages");
	swap_rule("zonelists_by_managed", 1, "managed pages may count");
	build(NULL, "a high zone that manages nothing");
	check(t.lists.policy_zone == NB_ZONE_DMA, "or one with managed pages");
}

/* What is computed where nothing is asked for: nodes of low and of Normal pages. */
static void test_computed_order(void **state)
{
	static const struct {
		const char *claim;
		uint64_t low[3], normal[3], movable;
		bool by_zone;
	} sizes[] = {
		{ "much Normal memory: zones come first", { 100 }, { 200 }, 0, true },
		{ "half of it low is not most", { 100 }, { 100 }, 0, true },
		{ "more is", { 101 }, { 100 }, 0, false },
		{ "a node without Normal memory wants its own", { 10, 10 }, { 100, 0 }, 0, false },
		{ "no low memory need be kept", { 0, 0 }, { 100, 100 }, 0, false },
		{ "a large node of little else does", { 71, 0 }, { 29, 90 }, 0, false },
		{ "70 percent are not little", { 70, 0 }, { 30, 90 }, 0, true },
		{ "a small node does not count", { 28, 0 }, { 1, 90 }, 0, true },
		{ "small is up to the share of one node more", { 39, 0 }, { 1, 80 }, 0, true },
		{ "above that it is large", { 45, 0 }, { 5, 70 }, 0, false },
		{ "Movable pages are of the rest", { 71, 0 }, { 29, 90 }, 10, true },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(sizes); i++) {
		clear(FEW);
		swap_rule("zonelist_order", NB_ZONELIST_COMPUTED, sizes[i].claim);
		for (int32_t nid = 0; nid < 3 && sizes[i].low[nid] + sizes[i].normal[nid]; nid++) {
			add_node(nid, NB_ZONE_DMA32, sizes[i].low[nid]);
			add_node(nid, NB_ZONE_NORMAL, sizes[i].normal[nid]);
			nb_nodes_add(&t.cpus.online, nid);
		}
		add_node(0, NB_ZONE_MOVABLE, sizes[i].movable);
		build(NULL, sizes[i].claim);
		check(t.lists.by_zone == sizes[i].by_zone, sizes[i].claim);
		t.params.zonelist_order = NB_ORDER_NODE;
		build(NULL, sizes[i].claim);
		check(!t.lists.by_zone, "what is asked for is not computed");
	}
}

static void test_sums(void **state)
{
	static const struct {
		const char *claim;
		enum nb_zone_id zone;
		uint64_t pages;
		bool grouping_off;
		enum nb_zone_id policy;
	} sums[] = {
		{ "less than a block of each mobility is not grouped", NB_ZONE_DMA, 2559, true,
		  NB_ZONE_DMA },
		{ "one of each is", NB_ZONE_DMA, 2560, false, NB_ZONE_DMA },
		{ "policies govern the highest zone", NB_ZONE_DMA32, 1 << 20, false,
		  NB_ZONE_DMA32 },
		{ "Normal is the highest", NB_ZONE_NORMAL, 1 << 20, false, NB_ZONE_NORMAL },
		{ "Movable does not count as one", NB_ZONE_MOVABLE, 1 << 20, false, NB_ZONE_DMA },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(sums); i++) {
		clear(FEW);
		add_node(0, NB_ZONE_DMA, 1);
		add_node(3, sums[i].zone, sums[i].pages - 1);
		build(NULL, sums[i].claim);
		check(t.lists.total_pages == sums[i].pages, sums[i].claim);
		check(t.lists.grouping_off == sums[i].grouping_off, sums[i].claim);
		check(t.lists.policy_zone == sums[i].policy, sums[i].claim);
	}

	clear(FEW);
	add_node(0, NB_ZONE_NORMAL, 4000);
	t.node[0].zone[NB_ZONE_NORMAL].managed_pages = t.zones.managed_pages = 3000;
	t.node[1].zone[NB_ZONE_DMA32].managed_pages = 500;
	build(NULL, "managed pages");
	check(t.lists.total_pages == 3000, "what is managed counts, on nodes that have memory");
	t.boot_cpu.nid = 1;
	build(NULL, "managed pages");
	check(t.lists.total_pages == 3500, "and on the boot CPU's node");
}

/* A place of a list; what begins a distance in it has one more load in the next. */
#define PLACE(node, distance, load_)                                                               \
	{                                                                                          \
		.kind = NB_EV_FALLBACK_NODE, .other_nid = (node), .got = (distance),               \
		.limit = (load_)                                                                   \
	}
#define FALLBACK(node, first, second)                                                              \
	{ .kind = NB_EV_FALLBACK_BEGIN, .nid = (node) }, first, second,                            \
	{                                                                                          \
		.kind = NB_EV_FALLBACK_END                                                         \
	}
#define ORDERS                                                                                     \
	FALLBACK(0, PLACE(0, 10, 0), PLACE(1, 20, 0)),                                             \
		FALLBACK(1, PLACE(1, 10, 1), PLACE(0, 20, 0)),                                     \
		FALLBACK(2, PLACE(0, 20, 1), PLACE(1, 20, 1))
#define LIST(node, zone, own)                                                                      \
	{                                                                                          \
		.kind = NB_EV_ZONELIST_BEGIN, .nid = (node), .id = NB_ZONE_##zone, .flags = (own)  \
	}
#define ENTRY(node, zone)                                                                          \
	{                                                                                          \
		.kind = NB_EV_ZONELIST_ZONE, .nid = (node), .id = NB_ZONE_##zone                   \
	}
#define LIST_END                                                                                   \
	{                                                                                          \
		.kind = NB_EV_ZONELIST_END                                                         \
	}
#define SUMS(lists)                                                                                \
	{ .kind = NB_EV_ZONELISTS_BUILT, .got = (lists), .limit = 7500 },                          \
	{                                                                                          \
		.kind = NB_EV_POLICY_ZONE, .id = NB_ZONE_NORMAL                                    \
	}

static const struct nb_event quiet[] = { ORDERS, SUMS(3) };
static const struct nb_event traced[] = {
	ORDERS,
	LIST(0, DMA, 0),
	ENTRY(0, DMA),
	LIST_END,
	LIST(0, DMA32, 0),
	ENTRY(0, DMA32),
	ENTRY(0, DMA),
	LIST_END,
	LIST(0, MOVABLE, 0),
	ENTRY(0, MOVABLE),
	ENTRY(0, DMA32),
	ENTRY(0, DMA),
	ENTRY(1, NORMAL),
	LIST_END,
	LIST(0, DMA, 1),
	ENTRY(0, DMA),
	LIST_END,
	LIST(0, DMA32, 1),
	ENTRY(0, DMA32),
	ENTRY(0, DMA),
	LIST_END,
	LIST(0, MOVABLE, 1),
	ENTRY(0, MOVABLE),
	ENTRY(0, DMA32),
	ENTRY(0, DMA),
	LIST_END,
	SUMS(2),
};

static const struct nb_event flat[] = {
	LIST(0, NORMAL, 0),
	ENTRY(0, NORMAL),
	LIST_END,
	{ .kind = NB_EV_ZONELISTS_BUILT, .got = 1, .limit = 5000 },
};

static void test_events(void **state)
{
	struct kept_events kept = { .sink = { keep_event } };

	(void)state;
	add_three();
	build(&kept.sink, "three nodes");
	check_events(&kept, quiet, NB_COUNT(quiet), "orders, then the sums");

	add_three();
	nb_nodes_remove(&t.cpus.online, 1);
	t.params.mminit_loglevel = 1;
	kept.count = 0;
	build(&kept.sink, "three nodes, traced");
	check_events(&kept, traced, NB_COUNT(traced),
		     "in between the lists of online nodes, from level 1 on");

	clear(FEW);
	add_node(0, NB_ZONE_NORMAL, 5000);
	nb_nodes_add(&t.cpus.online, 0);
	t.config.no_numa = true;
	t.params.mminit_loglevel = 1;
	kept.count = 0;
	build(&kept.sink, "no NUMA");
	check_events(&kept, flat, NB_COUNT(flat), "without NUMA there is one list and no policy");

	clear(FEW);
	add_node(0, NB_ZONE_NORMAL, 5000);
	nb_nodes_add(&t.cpus.online, 0);
	swap_rule("zonelist_order", NB_ZONELIST_ASKED, "the order can be chosen");
	t.params.zonelist_order = NB_ORDER_ZONE;
	kept.count = 0;
	build(&kept.sink, "zones first");
	check(kept.at[kept.count - 2].flags == 2, "it is told that zones come first");
}

/* Random distances. */

static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 33) % below;
}

/* Distances of one kind: any, few different ones, or by sockets and boards. */
static uint8_t pick_distance(uint32_t kind, uint32_t from, uint32_t to)
{
	switch (kind) {
	case 0:
		return (uint8_t)(11 + pick(245));
	case 1:
		return (uint8_t)(20 + pick(3));
	case 2:
		return from / 4 == to / 4 ? 10 : from / 16 == to / 16 ? 21 : 32;
	default:
		return (uint8_t)(254 + pick(2));
	}
}

static void pick_nodes(struct greedy_input *input)
{
	static const uint32_t sizes[] = { 2, 3, 5, 8, 16, 31, 32, 33, 34, 40, 64, 64, 100 };
	uint32_t nodes = pick(40) ? sizes[pick(NB_COUNT(sizes))] : 256;
	uint32_t empty = pick(3) ? 1 + pick(10) : UINT32_MAX, absent = pick(3) ? UINT32_MAX : 5;
	uint32_t kind = pick(4), in_table = pick(4) ? nodes : pick(nodes + 1);

	clear(nodes);
	t.rules.fallback_skips_empty_self = pick(2);
	t.rules.fallback_load_adds = pick(3);
	t.rules.empty_nodes_built = pick(3);
	t.numa.distance_count = in_table;
	for (uint32_t i = 0; i < in_table * in_table; i++)
		t.distance[i] = i / in_table == i % in_table
					? 10
					: pick_distance(kind, i / in_table, i % in_table);
	for (uint32_t nid = 0; nid < nodes; nid++)
		if (pick(absent))
			add_node((int32_t)nid, NB_ZONE_NORMAL, pick(empty) ? 1 + pick(1000) : 0);
	t.cpus.online = t.zones.has_memory;
	for (uint32_t nid = 0; nid < nodes; nid++)
		if (nb_nodes_has(&t.numa.possible, (int32_t)nid) && pick(2))
			nb_nodes_add(&t.cpus.online, (int32_t)nid);
	*input = (struct greedy_input){ .possible = t.numa.possible,
					.has_memory = t.zones.has_memory,
					.nodes = nodes,
					.numa = &t.numa,
					.skips_empty_self = t.rules.fallback_skips_empty_self,
					.load_adds = t.rules.fallback_load_adds,
					.all_possible = t.rules.empty_nodes_built,
					.online = t.cpus.online };
}

static void test_random(void **state)
{
	enum { RUNS = 600 };
	static struct greedy_orders want;
	static char claim[80];
	unsigned many = 0, without = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= RUNS; seed++) {
		struct greedy_input input;

		random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
		snprintf(claim, sizeof(claim), "set %u is ordered as by the greedy search", seed);
		pick_nodes(&input);
		greedy(&input, &want);
		build(NULL, claim);
		for (uint32_t nid = 0; nid < input.nodes; nid++) {
			check(t.order_count[nid] == want.count[nid], claim);
			for (uint32_t i = 0; i < want.count[nid]; i++)
				check(t.order[nid * input.nodes + i] == want.order[nid][i], claim);
		}
		many += nb_nodes_count(&input.has_memory) > 32;
		without += nb_nodes_count(&input.has_memory) < nb_nodes_count(&input.possible);
	}
	check(many > RUNS / 5 && many < RUNS * 4 / 5, "both ways to sort are tried");
	check(without > RUNS / 5, "nodes without memory are tried");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),     cmocka_unit_test(test_walk),
		cmocka_unit_test(test_sums),       cmocka_unit_test(test_events),
		cmocka_unit_test(test_zone_order), cmocka_unit_test(test_computed_order),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
