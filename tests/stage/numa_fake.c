/* SPDX-License-Identifier: MIT */
/*
 * numa=fake=: small machines, what becomes of their nodes. Then random blocks, which
 * the stage and the naive models must cut, join and split in the same way.
 */
#include "check.h"
#include "model/blocks_model.h"
#include "model/fake_model.h"
#include "numa_room.h"
#include "record.h"
#include "tables.h"

#include "boot/numa_build.h"

#include <numaboot/params.h>

#include <stdio.h>
#include <stdlib.h>

#define M NB_MIB
#define G NB_GIB

enum { NODES = 64 }; /* of the modelled kernel, if a row does not say otherwise */

#define TRY(source_)                                                                               \
	{                                                                                          \
		.kind = NB_EV_NUMA_TRY, .id = NB_NUMA_##source_                                    \
	}
#define PIECE(nid_, start_, end_, physical_)                                                       \
	{                                                                                          \
		.kind = NB_EV_FAKE_NODE, .nid = nid_, .range = { start_, end_ },                   \
		.other_nid = physical_                                                             \
	}
#define RAISED(got_, least_)                                                                       \
	{                                                                                          \
		.kind = NB_EV_FAKE_SIZE_RAISED, .got = got_, .limit = least_                       \
	}
#define SHORT(nid_, got_, asked_)                                                                  \
	{                                                                                          \
		.kind = NB_EV_FAKE_SHORT, .nid = nid_, .got = got_, .limit = asked_                \
	}
#define DROPPED(why_)                                                                              \
	{                                                                                          \
		.kind = NB_EV_FAKE_DROPPED, .why = NB_WHY_##why_                                   \
	}
#define UNKNOWN(from_, to_)                                                                        \
	{                                                                                          \
		.kind = NB_EV_FAKE_DISTANCE_UNKNOWN, .nid = from_, .other_nid = to_                \
	}
#define INVALID(from_, to_, got_)                                                                  \
	{                                                                                          \
		.kind = NB_EV_DISTANCE_INVALID, .nid = from_, .other_nid = to_, .got = got_        \
	}
#define TABLE_OF(count_)                                                                           \
	{                                                                                          \
		.kind = NB_EV_DISTANCE_TABLE, .got = count_                                        \
	}
#define DIES(why_)                                                                                 \
	{                                                                                          \
		.kind = NB_EV_DIES, .id = NB_NUMA, .why = NB_WHY_DIES_##why_                       \
	}

static const enum nb_event_kind kinds[] = {
	NB_EV_NUMA_TRY,
	NB_EV_SRAT_NO_MEMORY,
	NB_EV_FAKE_TOO_MANY_NODES,
	NB_EV_FAKE_TOO_SMALL,
	NB_EV_FAKE_SIZE_RAISED,
	NB_EV_FAKE_NODE,
	NB_EV_FAKE_SHORT,
	NB_EV_FAKE_BLOCKS_FULL,
	NB_EV_FAKE_INVALID,
	NB_EV_FAKE_NO_ROOM,
	NB_EV_FAKE_DROPPED,
	NB_EV_FAKE_DISTANCE_UNKNOWN,
	NB_EV_DISTANCE_TABLE,
	NB_EV_DISTANCE_NO_ROOM,
	NB_EV_DISTANCE_BOUNDS,
	NB_EV_DISTANCE_INVALID,
	NB_EV_BLOCKS_JOINED,
	NB_EV_UNCOVERED,
	NB_EV_DIES,
};

struct row {
	const char *claim, *cmdline;
	struct nb_range ram[3], taken;
	struct nb_range
		node[4];    /* the memory of domains 0, 1, ...; an APIC ID of that number in each */
	uint8_t slit[9];    /* for as many domains */
	bool memoryless;    /* one more domain has a CPU alone */
	uint32_t max_nodes; /* 0: NODES */
	enum nb_err err;
	uint64_t possible, online; /* as bits */
	struct nb_event want[24];
};

#define ONE .ram = { { 0, 2 * G } }, .node = { { 0, 2 * G } }
#define TWO .ram = { { 0, 2 * G } }, .node = { { 0, G }, { G, 2 * G } }
#define SLIT2 .slit = { 10, 21, 22, 10 }

static const struct row rows[] = {
	{ .claim = "a count is dealt over the nodes in turn",
	  .cmdline = "numa=fake=4",
	  TWO,
	  .possible = 15,
	  .online = 15,
	  .want = { TRY(ACPI), PIECE(0, 0, 512 * M, 0), PIECE(1, G, G + 512 * M, 1),
		    PIECE(2, 512 * M, G, 0), PIECE(3, G + 512 * M, 2 * G, 1), TABLE_OF(4) } },
	{ .claim = "nodes are of whole grains, and the last one takes the rest",
	  .cmdline = "numa=fake=3",
	  ONE,
	  .possible = 7,
	  .online = 7,
	  .want = { TRY(ACPI), PIECE(0, 0, 672 * M, 0), PIECE(1, 672 * M, 1344 * M, 0),
		    PIECE(2, 1344 * M, 2 * G, 0), TABLE_OF(3) } },
	{ .claim = "grains that are left over go to the first nodes",
	  .cmdline = "numa=fake=5",
	  ONE,
	  .possible = 31,
	  .online = 31,
	  .want = { TRY(ACPI), PIECE(0, 0, 416 * M, 0), PIECE(1, 416 * M, 832 * M, 0),
		    PIECE(2, 832 * M, 1248 * M, 0), PIECE(3, 1248 * M, 1632 * M, 0),
		    PIECE(4, 1632 * M, 2 * G, 0), TABLE_OF(5) } },
	{ .claim = "holes do not count as memory",
	  .cmdline = "numa=fake=2",
	  .ram = { { 0, 512 * M }, { G, 2 * G + 512 * M } },
	  .node = { { 0, 2 * G + 512 * M } },
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI), PIECE(0, 0, G + 512 * M, 0),
		    PIECE(1, G + 512 * M, 2 * G + 512 * M, 0), TABLE_OF(2) } },
	{ .claim = "what would be left over below 4 GiB is taken along",
	  .cmdline = "numa=fake=4064M",
	  .ram = { { 0, 8 * G } },
	  .node = { { 0, 8 * G } },
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI), PIECE(0, 0, 4064 * M, 0), PIECE(1, 4064 * M, 8 * G, 0),
		    TABLE_OF(2) } },
	{ .claim = "less than a grain, that is",
	  .cmdline = "numa=fake=2G",
	  .ram = { { 0, 2 * G + 16 * M }, { 5 * G, 9 * G } },
	  .node = { { 0, 9 * G } },
	  .possible = 7,
	  .online = 7,
	  .want = { TRY(ACPI), PIECE(0, 0, 4 * G, 0), PIECE(1, 4 * G, 7 * G, 0),
		    PIECE(2, 7 * G, 9 * G, 0), TABLE_OF(3) } },
	{ .claim = "fewer nodes than there were leave a number to the domain that got none",
	  .cmdline = "numa=fake=1",
	  TWO,
	  SLIT2,
	  .possible = 3,
	  .online = 1,
	  .want = { TRY(ACPI),
		    TABLE_OF(2),
		    PIECE(0, 0, G, 0),
		    PIECE(0, G, 2 * G, 1),
		    { .kind = NB_EV_BLOCKS_JOINED,
		      .range = { 0, G },
		      .other = { G, 2 * G },
		      .more = { 0, 2 * G } },
		    TABLE_OF(2) } },
	{ .claim = "without a SLIT that is deadly",
	  .cmdline = "numa=fake=1",
	  TWO,
	  .err = NB_ERR_DIES,
	  .want = { TRY(ACPI),
		    PIECE(0, 0, G, 0),
		    PIECE(0, G, 2 * G, 1),
		    { .kind = NB_EV_BLOCKS_JOINED,
		      .range = { 0, G },
		      .other = { G, 2 * G },
		      .more = { 0, 2 * G } },
		    TABLE_OF(2),
		    DIES(FAKE_DISTANCE) } },
	{ .claim = "a count of nothing is nothing",
	  .cmdline = "numa=fake=0",
	  TWO,
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI) } },
	{ .claim = "so is a negative one",
	  .cmdline = "numa=fake=4294967295",
	  TWO,
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI) } },
	{ .claim = "and a word",
	  .cmdline = "numa=fake=on",
	  TWO,
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI) } },
	{ .claim = "too many are cut to the most that there can be",
	  .max_nodes = 2,
	  .cmdline = "numa=fake=3",
	  ONE,
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI),
		    { .kind = NB_EV_FAKE_TOO_MANY_NODES, .got = 3, .limit = 2 },
		    PIECE(0, 0, G, 0),
		    PIECE(1, G, 2 * G, 0),
		    TABLE_OF(2) } },
	{ .claim = "less than 32 MiB for each is too little",
	  .cmdline = "numa=fake=33",
	  .ram = { { 0, G } },
	  .node = { { 0, G } },
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(ACPI), { .kind = NB_EV_FAKE_TOO_SMALL, .got = 33 } } },

	{ .claim = "a size is what a node has at least, the last one more",
	  .cmdline = "numa=fake=800M",
	  ONE,
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI), PIECE(0, 0, 800 * M, 0), PIECE(1, 800 * M, 2 * G, 0),
		    TABLE_OF(2) } },
	{ .claim = "a size is cut to whole grains",
	  .cmdline = "numa=fake=1055M",
	  ONE,
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI), PIECE(0, 0, G, 0), PIECE(1, G, 2 * G, 0), TABLE_OF(2) } },
	{ .claim = "a size below a grain is raised, to more if there would be too many nodes",
	  .cmdline = "numa=fake=1M",
	  .max_nodes = 4,
	  ONE,
	  .possible = 15,
	  .online = 15,
	  .want = { TRY(ACPI), RAISED(M, 512 * M), PIECE(0, 0, 512 * M, 0), PIECE(1, 512 * M, G, 0),
		    PIECE(2, G, G + 512 * M, 0), PIECE(3, G + 512 * M, 2 * G, 0), TABLE_OF(4) } },
	{ .claim = "a size needs a capital letter, else it is a count",
	  .cmdline = "numa=fake=2g",
	  ONE,
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI), PIECE(0, 0, G, 0), PIECE(1, G, 2 * G, 0), TABLE_OF(2) } },
	{ .claim = "a letter anywhere makes it a size",
	  .cmdline = "numa=fake=0x40000000:M",
	  ONE,
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI), PIECE(0, 0, G, 0), PIECE(1, G, 2 * G, 0), TABLE_OF(2) } },
	{ .claim = "a size of nothing is nothing",
	  .cmdline = "numa=fake=G",
	  TWO,
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI) } },
	{ .claim = "a size beyond all memory takes each node whole",
	  .cmdline = "numa=fake=17592186044384M",
	  TWO,
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI), PIECE(0, 0, G, 0), PIECE(1, G, 2 * G, 1), TABLE_OF(2) } },

	{ .claim = "NU cuts each node by span",
	  .cmdline = "numa=fake=2U",
	  .ram = { { 0, 256 * M }, { G, 3 * G } },
	  .node = { { 0, 2 * G }, { 2 * G, 3 * G } },
	  .possible = 15,
	  .online = 15,
	  .want = { TRY(ACPI), PIECE(0, 0, G, 0), PIECE(1, G, 2 * G, 0),
		    PIECE(2, 2 * G, 2 * G + 512 * M, 1), PIECE(3, 2 * G + 512 * M, 3 * G, 1),
		    TABLE_OF(4) } },
	{ .claim = "sizes that are no whole grains are raised",
	  .cmdline = "numa=fake=3U",
	  ONE,
	  .possible = 7,
	  .online = 7,
	  .want = { TRY(ACPI), RAISED(2 * G / 4096 / 3 * 4096, 704 * M), PIECE(0, 0, 704 * M, 0),
		    PIECE(1, 704 * M, 1408 * M, 0), PIECE(2, 1408 * M, 2 * G, 0), TABLE_OF(3) } },
	{ .claim = "so that a node may give too few, which ends it",
	  .cmdline = "numa=fake=5U",
	  .ram = { { 0, 128 * M } },
	  .node = { { 0, 128 * M } },
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(ACPI), RAISED(128 * M / 4096 / 5 * 4096, 32 * M), PIECE(0, 0, 32 * M, 0),
		    PIECE(1, 32 * M, 64 * M, 0), PIECE(2, 64 * M, 96 * M, 0),
		    PIECE(3, 96 * M, 128 * M, 0), SHORT(0, 4, 5) } },
	{ .claim = "a node without memory gives none, which is no fault",
	  .cmdline = "numa=fake=1U",
	  .memoryless = true,
	  ONE,
	  SLIT2,
	  .possible = 3,
	  .online = 1,
	  .want = { TRY(ACPI), TABLE_OF(2), PIECE(0, 0, 2 * G, 1), RAISED(0, 32 * M),
		    TABLE_OF(2) } },
	{ .claim = "0U is nothing",
	  .cmdline = "numa=fake=0U",
	  TWO,
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI) } },
	{ .claim = "a negative one divides to nothing, and gives too few",
	  .cmdline = "numa=fake=4294967295U",
	  .ram = { { 0, 64 * M } },
	  .node = { { 0, 64 * M } },
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(ACPI), RAISED(0, 32 * M), PIECE(0, 0, 32 * M, 0),
		    PIECE(1, 32 * M, 64 * M, 0), SHORT(0, 2, 4294967295) } },
	{ .claim = "the most negative one too",
	  .cmdline = "numa=fake=0x80000000U",
	  .ram = { { 0, 32 * M } },
	  .node = { { 0, 32 * M } },
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(ACPI), RAISED(0, 32 * M), PIECE(0, 0, 32 * M, 0),
		    SHORT(0, 1, 0x80000000) } },
	{ .claim = "two blocks for each possible node are the most",
	  .cmdline = "numa=fake=3U",
	  .max_nodes = 1,
	  .ram = { { 0, 96 * M } },
	  .node = { { 0, 96 * M } },
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(ACPI),
		    PIECE(0, 0, 32 * M, 0),
		    PIECE(0, 32 * M, 64 * M, 0),
		    { .kind = NB_EV_FAKE_BLOCKS_FULL, .limit = 2 } } },

	{ .claim = "distances are those of the physical nodes",
	  .cmdline = "numa=fake=4",
	  TWO,
	  SLIT2,
	  .possible = 15,
	  .online = 15,
	  .want = { TRY(ACPI), TABLE_OF(2), PIECE(0, 0, 512 * M, 0), PIECE(1, G, G + 512 * M, 1),
		    PIECE(2, 512 * M, G, 0), PIECE(3, G + 512 * M, 2 * G, 1), TABLE_OF(4) } },
	{ .claim = "a wrong one of the list is told once, and refused",
	  .cmdline = "numa=fake=2:11,-5,256,12",
	  ONE,
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI), PIECE(0, 0, G, 0), PIECE(1, G, 2 * G, 0), TABLE_OF(2),
		    INVALID(0, 0, 11) } },
	{ .claim = "numa=off emulates in vain",
	  .cmdline = "numa=off numa=fake=2",
	  ONE,
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(DUMMY), PIECE(0, 0, G, 0), PIECE(1, G, 2 * G, 0), DROPPED(OFF) } },
	{ .claim = "numa=noacpi does not",
	  .cmdline = "numa=noacpi numa=fake=2",
	  ONE,
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI), TRY(DUMMY), PIECE(0, 0, G, 0), PIECE(1, G, 2 * G, 0),
		    TABLE_OF(2) } },
	{ .claim = "after a rejected attempt the list is read on, and a domain is tied once",
	  .cmdline = "numa=fake=2:10,3",
	  .ram = { { 0, 2 * G } },
	  .node = { { 0, G } },
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(ACPI),
		    PIECE(0, 0, G, 0),
		    TABLE_OF(1),
		    { .kind = NB_EV_UNCOVERED, .got = G, .limit = M, .more = { 2 * G } },
		    TRY(DUMMY),
		    PIECE(0, 0, 672 * M, 0),
		    PIECE(1, 672 * M, 1344 * M, 0),
		    PIECE(2, 1344 * M, 2 * G, 0),
		    DROPPED(PXM_MAP) } },
	{ .claim = "even what was no count at first may be one then",
	  .cmdline = "numa=fake=0:2",
	  .ram = { { 0, 2 * G } },
	  .node = { { 0, G } },
	  .possible = 3,
	  .online = 3,
	  .want = { TRY(ACPI),
		    { .kind = NB_EV_UNCOVERED, .got = G, .limit = M, .more = { 2 * G } },
		    TRY(DUMMY),
		    PIECE(0, 0, G, 0),
		    PIECE(1, G, 2 * G, 0),
		    TABLE_OF(2) } },
	{ .claim = "nodes without any RAM are split to nothing, which is deadly without a SLIT",
	  .cmdline = "numa=fake=2",
	  .ram = { { 0, 2 * G } },
	  .node = { { 2 * G, 3 * G } },
	  .err = NB_ERR_DIES,
	  .want = { TRY(ACPI), DIES(FAKE_DISTANCE) } },
	{ .claim = "with one there are no nodes left, and all is rejected",
	  .cmdline = "numa=fake=2",
	  .ram = { { 0, 2 * G } },
	  .node = { { 2 * G, 3 * G } },
	  .slit = { 10 },
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(ACPI),
		    TABLE_OF(1),
		    UNKNOWN(0, 0),
		    TABLE_OF(1),
		    INVALID(0, 0, 0),
		    { .kind = NB_EV_SRAT_NO_MEMORY, .why = NB_WHY_NOT_RAM },
		    TRY(DUMMY) } },
	{ .claim = "by span too",
	  .cmdline = "numa=fake=2U",
	  .ram = { { 0, 2 * G } },
	  .node = { { 2 * G, 3 * G } },
	  .err = NB_ERR_DIES,
	  .want = { TRY(ACPI), RAISED(0, 32 * M), DIES(FAKE_DISTANCE) } },
	{ .claim = "no room for a copy of the distances ends it",
	  .cmdline = "numa=fake=2",
	  .ram = { { 0, 2 * G } },
	  .taken = { 0, 2 * G - 0x1800 },
	  .node = { { 0, 2 * G } },
	  .slit = { 10 },
	  .possible = 1,
	  .online = 1,
	  .want = { TRY(ACPI),
		    TABLE_OF(1),
		    PIECE(0, 0, G, 0),
		    PIECE(1, G, 2 * G, 0),
		    { .kind = NB_EV_FAKE_NO_ROOM } } },
};

static struct record record;
static struct table srat, slit, madt;

static enum nb_err build(const struct row *row)
{
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &room.config, &record.sink };
	struct nb_table tables[3];
	struct nb_firmware fw = { .tables = tables, .table_count = 2 };
	struct nb_e820 e820 = { 0 };
	struct nb_params params;
	uint32_t domains = 0;

	room_clear(row->max_nodes ? row->max_nodes : NODES);
	room.config.node_data_bytes = 0x400;
	for (const struct nb_range *ram = row->ram; ram < row->ram + 3 && ram->end; ram++)
		room_add_ram(ram->start, ram->end);
	if (row->taken.end)
		room_reserve(row->taken.start, row->taken.end);

	madt_begin(&madt);
	srat_begin(&srat, 3);
	if (row->memoryless)
		srat_lapic(&srat, 9, 9, NB_SRAT_ENABLED);
	for (; domains < 4 && row->node[domains].end; domains++) {
		const struct nb_range *node = &row->node[domains];

		srat_lapic(&srat, domains, (uint8_t)domains, NB_SRAT_ENABLED);
		srat_memory(&srat, domains, node->start, node->end - node->start, NB_SRAT_ENABLED);
	}
	tables[0] = table_give(&madt);
	tables[1] = table_give(&srat);
	if (row->slit[0]) {
		slit_make(&slit, row->memoryless ? 2 : domains, row->slit, 9);
		tables[fw.table_count++] = table_give(&slit);
	}
	e820.max_pfn = room_max_pfn();
	check(nb_params_read(&params, row->cmdline, &env) == NB_OK, row->claim);
	record_start(&record);
	return nb_numa_build(&room.numa, &room.mb, &e820, &fw, &params, &env);
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		size_t wants = 0;

		while (wants < NB_COUNT(row->want) && row->want[wants].kind)
			wants++;
		check(build(row) == row->err, row->claim);
		record_keep(&record, kinds, NB_COUNT(kinds));
		check_told(&record, row->want, wants, row->claim);
		if (row->err)
			continue;
		check(room.numa.possible.bits[0] == row->possible, row->claim);
		check(room.numa.online.bits[0] == row->online, row->claim);
	}
}

/* What an emulation leaves of APIC IDs, domains, distances and blocks. */
static void test_results(void **state)
{
	static const struct row row = { .cmdline = "numa=fake=4", TWO, SLIT2 };
	static const struct row fewer = { .cmdline = "numa=fake=1", TWO, SLIT2 };
	static const struct row given = { .cmdline = "numa=fake=2:10,33,44,10", ONE };
	static const struct row uniform = { .cmdline = "numa=fake=2U:10,33,44,10", ONE };
	const struct nb_numa *numa = &room.numa;

	(void)state;
	check(build(&row) == NB_OK && numa->emulated, "two nodes become four");
	check(numa->apic_node[0] == 0 && numa->apic_node[1] == 1,
	      "a CPU is on the lowest of its node's");
	check(numa->emulated_phys[2] == 0 && numa->emulated_phys[3] == 1,
	      "nodes know where they are");
	check(numa->pxm_node[0] == 0 && numa->pxm_node[1] == 1, "a domain is its lowest node");
	check(numa->node_pxm[2] == 0 && numa->node_pxm[3] == 1, "each node has its domain");
	check(numa->block_count == 4 && numa->blocks[1].nid == 1 &&
		      numa->blocks[1].range.start == G,
	      "blocks are those of the emulated nodes");
	check(nb_numa_distance(numa, 0, 2) == 10 && nb_numa_distance(numa, 2, 3) == 21 &&
		      nb_numa_distance(numa, 3, 2) == 22,
	      "two nodes of one are as near as it is to itself");

	check(build(&fewer) == NB_OK, "two nodes become one");
	check(numa->pxm_node[0] == 0 && numa->pxm_node[1] == 1 && numa->node_pxm[1] == 1,
	      "the domain that got none has a node all the same");
	check(numa->apic_node[1] == 0, "its CPU is on node 0");
	check(nb_numa_distance(numa, 0, 1) == 21 && nb_numa_distance(numa, 1, 0) == 22 &&
		      nb_numa_distance(numa, 1, 1) == 10,
	      "and it has the distances of its number");

	check(build(&given) == NB_OK, "distances are given");
	check(nb_numa_distance(numa, 0, 1) == 33 && nb_numa_distance(numa, 1, 0) == 44,
	      "they are taken while a comma follows");
	check(build(&uniform) == NB_OK, "distances are given behind a U");
	check(nb_numa_distance(numa, 0, 1) == 10, "there they are not read");
}

/* Random machines. */

static uint64_t below(uint64_t limit)
{
	return (((uint64_t)rand() << 31) ^ (uint64_t)rand()) % limit;
}

/* RAM of a few pieces with holes, some of it odd. */
static void make_ram(uint64_t unit)
{
	nb_phys at = below(3) * 0x1000;
	uint64_t pieces = 1 + below(5);

	room_clear(NODES);
	for (uint64_t i = 0; i < pieces; i++) {
		nb_phys start = at + below(3) * below(8) * unit;

		at = start + 0x1000 + below(20) * unit + below(4) * 0x3000;
		room_add_ram(start, at);
	}
}

static void start_build(struct nb_numa_build *b, const struct nb_env *env,
			const struct nb_params *params)
{
	*b = (struct nb_numa_build){ .numa = &room.numa,
				     .mb = &room.mb,
				     .env = env,
				     .params = params,
				     .max_pfn = room_max_pfn() };
	for (uint32_t id = 0; id < ROOM_APICS; id++)
		room.apic_node[id] = NB_NO_NODE;
	for (uint32_t pxm = 0; pxm < NB_MAX_PXMS; pxm++)
		room.pxm_node[0][pxm] = room.pxm_node[1][pxm] = NB_NO_NODE;
	for (uint32_t nid = 0; nid < ROOM_NODES; nid++)
		room.node_pxm[0][nid] = room.node_pxm[1][nid] = -1;
	record_start(&record);
}

static void test_blocks_random(void **state)
{
	const char *claim = "random blocks are cut and joined as the model does it";
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &room.config, &record.sink };
	const struct nb_params params = { 0 };
	static struct blocks_model model;
	static struct nb_block copy[ROOM_BLOCKS];
	unsigned clean = 0;

	(void)state;
	srand(4);
	for (int run = 0; run < 30000; run++) {
		struct nb_block_list list;
		struct nb_numa_build b;
		uint32_t count = (uint32_t)below(12), nodes = 1 + (uint32_t)below(4);
		uint64_t grid = 1 + below(40);
		bool fine;

		make_ram(M);
		start_build(&b, &env, &params);
		list = (struct nb_block_list){ room.numa.blocks, 0 };
		for (uint32_t i = 0; i < count; i++) {
			nb_phys start = below(grid) * 4 * M, size = (1 + below(3)) * 4 * M;

			if (run % 7 == 0)
				size -= below(2);
			list.at[list.count++] =
				(struct nb_block){ { start, start + size }, (int32_t)below(nodes) };
		}
		/* Half of the lists have no overlap of nodes: each place has one owner. */
		for (uint32_t i = 0; run % 2 && i < list.count; i++)
			list.at[i].nid = (int32_t)(list.at[i].range.start / (12 * M) % nodes);
		model = (struct blocks_model){ .memory = &room.mb.memory,
					       .at = copy,
					       .count = list.count };
		memcpy(copy, list.at, list.count * sizeof(*copy));

		fine = nb_blocks_clean(&b, &list) == NB_ACCEPTED;
		check(fine == blocks_model_clean(&model), claim);
		check_told(&record, model.told, model.tells, claim);
		if (!fine)
			continue;
		clean++;
		check(list.count == model.count, claim);
		for (uint32_t i = 0; i < list.count; i++)
			check(list.at[i].nid == copy[i].nid &&
				      list.at[i].range.start == copy[i].range.start &&
				      list.at[i].range.end == copy[i].range.end,
			      claim);
	}
	check(clean > 10000 && clean < 29000, "lists of both kinds were tried");
}

/* Blocks for up to four nodes over RAM and its holes, none of which overlap. */
static void make_blocks(void)
{
	nb_phys at = nb_region_at(&room.mb.memory, 0)->start, end = nb_pfn_phys(room_max_pfn());
	uint64_t nodes = 1 + below(4);
	struct nb_block_list list = { room.numa.blocks, 0 };
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &room.config, &record.sink };
	const struct nb_params params = { 0 };
	struct nb_numa_build b;

	start_build(&b, &env, &params);
	while (at < end && list.count < 8) {
		nb_phys next = at + 0x1000 + below(40) * 32 * M + below(3) * below(5) * M;

		if (list.count == 7 || next > end)
			next = end;
		list.at[list.count++] = (struct nb_block){ { at, next }, (int32_t)below(nodes) };
		at = next + below(3) / 2 * below(64) * M;
	}
	check(nb_blocks_clean(&b, &list) == NB_ACCEPTED, "blocks beside each other are accepted");
	room.numa.block_count = list.count;
	room.numa.parsed = (struct nb_nodes){ 0 };
	for (uint64_t nid = 0; nid < nodes; nid++)
		nb_nodes_add(&room.numa.parsed, (int32_t)nid);
}

static void test_fake_random(void **state)
{
	const char *claim = "random nodes are split as the model does it";
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &room.config, &record.sink };
	const struct nb_params params = { 0 };
	static struct fake_model model;
	unsigned split = 0, given_up = 0;

	(void)state;
	srand(5);
	for (int run = 0; run < 6000; run++) {
		static const enum nb_event_kind pieces[] = { NB_EV_FAKE_NODE };
		static const char *const forms[] = { "%u", "%uM", "%uU" };
		enum fake_form form = (enum fake_form)(run % 3);
		uint32_t number =
			(uint32_t)(form == FAKE_SIZE ? below(3) * 32 + below(700) : below(9));
		struct nb_numa_build b;
		char text[16];
		bool fine;

		make_ram(run % 4 ? 32 * M : 24 * M);
		make_blocks();
		model = (struct fake_model){ .memory = &room.mb.memory,
					     .parsed = room.numa.parsed,
					     .max_pfn = room_max_pfn(),
					     .max_nodes = NODES,
					     .max_pieces = 2 * NODES,
					     .left_count = room.numa.block_count };
		memcpy(model.left, room.numa.blocks, room.numa.block_count * sizeof(*model.left));
		snprintf(text, sizeof(text), forms[form], number);

		start_build(&b, &env, &params);
		b.fake = (struct nb_text){ text, strlen(text) };
		nb_numa_fake(&b);
		fine = fake_model_split(&model, form,
					form == FAKE_SIZE ? (uint64_t)number * M : number);
		if (fine)
			split++;
		else
			given_up++;
		check(room.numa.emulated == fine || b.err == NB_ERR_DIES, claim);

		record_keep(&record, pieces, 1);
		check(record.count == model.pieces, claim);
		for (uint32_t i = 0; i < model.pieces; i++)
			check(record.at[i].nid == model.piece[i].nid &&
				      record.at[i].range.start == model.piece[i].range.start &&
				      record.at[i].range.end == model.piece[i].range.end &&
				      record.at[i].other_nid == model.physical[i],
			      claim);
	}
	check(split > 2000 && given_up > 200, "both ends were met");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_blocks_random),
		cmocka_unit_test(test_fake_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
