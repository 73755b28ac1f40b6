/* SPDX-License-Identifier: MIT */
/* The stages memblock and early, with the direct map between them: small machines, what
 * is told of them and what is left. */
#include "boot/early.h"
#include "check.h"

#include <numaboot/e820.h>
#include <numaboot/events.h>
#include <numaboot/firmware.h>
#include <numaboot/mapping.h>
#include <numaboot/memblock.h>
#include <numaboot/params.h>
#include <numaboot/rules.h>

enum { ROOM = 640, EVENTS = 1024, PAGE = 4096 };

static struct {
	struct nb_memblock mb;
	struct nb_region memory[ROOM], reserved[ROOM];
	struct nb_mapping mapping;
	struct nb_region tables[NB_TABLE_LEVELS][ROOM];
	struct nb_e820_entry entries[ROOM];
	struct nb_e820 e820;
	struct nb_firmware fw;
	struct nb_params params;
	struct nb_kernel_config config;
	enum nb_line line;
	struct nb_event event[EVENTS];
	uint32_t events;
} t;

static void put(struct nb_sink *self, const struct nb_event *event)
{
	(void)self;
	check(t.events < EVENTS, "there is room for the events");
	t.event[t.events++] = *event;
}

static void ram(nb_phys start, nb_phys end, uint32_t type)
{
	t.e820.map.at[t.e820.map.count++] = (struct nb_e820_entry){ start, end - start, type };
	if (type == NB_E820_RAM)
		t.e820.max_pfn = nb_pfn_down(end);
}

/* A kernel of 16 MiB at 16 MiB, no RAM yet. */
static void bare_machine(void)
{
	t.fw = (struct nb_firmware){
		.facts.kernel = { 16 * NB_MIB, 32 * NB_MIB },
		.facts.kernel_end = 32 * NB_MIB,
		.facts.bios_low_kib = 639,
	};
	t.params = (struct nb_params){ .reserve_low = 0x10000 };
	t.config = (struct nb_kernel_config){
		.memory_hotplug = true,
		.trampoline_bytes = 7 * (nb_phys)PAGE,
		.brk_bytes = 16 * (nb_phys)PAGE,
		.brk_tables = 16,
	};
	t.line = NB_LINE_6_12;
	t.e820 = (struct nb_e820){ .map = { .at = t.entries, .cap = ROOM } };
}

/* The same with RAM below 639 KiB and from 1 to 64 MiB. */
static void machine(void)
{
	bare_machine();
	ram(PAGE, 639 * NB_KIB, NB_E820_RAM);
	ram(NB_MIB, 64 * NB_MIB, NB_E820_RAM);
}

static enum nb_err build(void)
{
	struct nb_sink sink = { .put = put };
	const struct nb_env env = { &nb_lines[t.line], &t.config, &sink };

	t.events = 0;
	nb_memblock_init(&t.mb, t.memory, t.reserved, ROOM);

	for (size_t i = 0; i < NB_TABLE_LEVELS; i++)
		t.mapping.tables[i] = (struct nb_regions){ .store = t.tables[i], .cap = ROOM };

	enum nb_err err = nb_memblock_begin(&t.mb, &t.fw, &t.params, &env);

	if (!err)
		err = nb_memblock_build(&t.mb, &t.e820, &t.fw, &t.params, &env);
	if (!err)
		err = nb_mapping_build(&t.mapping, &t.mb, &t.e820, &t.fw.facts, &t.params, &env);
	if (!err)
		err = nb_early_build(&t.e820, &t.mb, &t.fw, &t.params, &env);
	nb_regions_check(&t.mb.memory);
	nb_regions_check(&t.mb.reserved);
	return err;
}

/* The n-th event of a kind, or a null pointer. */
static const struct nb_event *event(enum nb_event_kind kind, uint32_t n)
{
	for (uint32_t i = 0; i < t.events; i++)
		if (t.event[i].kind == kind && n-- == 0)
			return &t.event[i];
	return NULL;
}

static uint32_t count(enum nb_event_kind kind)
{
	uint32_t events = 0;

	while (event(kind, events))
		events++;
	return events;
}

/* What the first event of this reason reserved; empty if there is none. */
static struct nb_range reserved_for(enum nb_reserved_for reason)
{
	for (uint32_t i = 0; i < t.events; i++)
		if (t.event[i].kind == NB_EV_RESERVED && t.event[i].id == reason)
			return t.event[i].range;
	return (struct nb_range){ 0 };
}

static bool is(struct nb_range range, nb_phys start, nb_phys end)
{
	return range.start == start && range.end == end;
}

static bool is_region(const struct nb_region *region, nb_phys start, nb_phys end)
{
	return region->start == start && region->end == end;
}

static void test_plain(void **state)
{
	static const struct {
		enum nb_reserved_for reason;
		struct nb_range range;
	} want[] = {
		{ NB_RESERVED_KERNEL, { 16 * NB_MIB, 32 * NB_MIB } },
		{ NB_RESERVED_LOW_MEMORY, { 0, 0x10000 } },
		{ NB_RESERVED_INITRD, { 40 * NB_MIB, 41 * NB_MIB } },
		{ NB_RESERVED_SETUP_DATA, { 0x91234, 0x91300 } },
		{ NB_RESERVED_BIOS_AREA, { 0x9f000, NB_MIB } },
		{ NB_RESERVED_BRK, { 32 * NB_MIB - 0x10000, 32 * NB_MIB } },
		{ NB_RESERVED_TRAMPOLINE, { 0x98000, 0x9f000 } },
		{ NB_RESERVED_LOW_MEMORY, { 0, NB_MIB } },
		{ NB_RESERVED_FIRST_BLOCK, { 62 * NB_MIB, 64 * NB_MIB } },
		{ NB_RESERVED_TABLE, { 64 * NB_MIB + 0x123, 64 * NB_MIB + 0x123 + 0x56 } },
	};
	static const uint8_t srat[] = { 'S', 'R', 'A', 'T', 0x56, 0, 0, 0 };
	const struct nb_range setup_data[] = { { 0x91234, 0x91300 } };
	const struct nb_table tables[] = {
		{ .address = 64 * NB_MIB + 0x123, .at = srat, .len = 8 }
	};
	const struct nb_event *filled;

	(void)state;
	machine();
	t.fw.facts.initrd = (struct nb_range){ 40 * NB_MIB, 41 * NB_MIB - 7 };
	t.fw.facts.setup_data = setup_data;
	t.fw.facts.setup_data_count = 1;
	t.fw.tables = tables;
	t.fw.table_count = 1;
	check(build() == NB_OK, "a plain machine is no trouble");
	for (uint32_t i = 0; i < NB_COUNT(want); i++) {
		const struct nb_event *ev = event(NB_EV_RESERVED, i);

		check(ev && ev->id == want[i].reason, "reservations are told in Linux's order");
		check(is(ev->range, want[i].range.start, want[i].range.end), "with their ranges");
	}
	check(count(NB_EV_RESERVED) == NB_COUNT(want), "and no others");

	filled = event(NB_EV_MEMORY_FILLED, 0);
	check(filled && filled->got == 639 * NB_KIB - PAGE + 63 * NB_MIB,
	      "memory's size has the bytes that trimming cut");
	check(filled->limit == 0x10000 + 0xcc + 0x61000 + 17 * NB_MIB, "what is reserved by then");
	check(filled->more[0] == 2 && filled->more[1] == 5, "and the regions of both");
	check(t.event[8].kind == NB_EV_MEMORY_FILLED, "it comes before the low MiB is taken");

	check(t.mb.memory.count == 2 && is_region(nb_region_at(&t.mb.memory, 0), PAGE, 0x9f000),
	      "whole pages of RAM");
	check(t.mb.reserved.count == 4 && is_region(nb_region_at(&t.mb.reserved, 0), 0, NB_MIB),
	      "all of the first MiB is reserved");
	check(nb_region_at(&t.mb.memory, 0)->nid == NB_NO_NODE, "memory has no node yet");
	check(t.mb.trampoline == 0x98000, "the trampoline has its seven pages");
	check(t.mb.limit == 64 * NB_MIB, "allocations stay in the direct map");
	check(!t.mb.bottom_up && !t.mb.skip_hotplug, "and come from the top");
}

static void test_bios_area(void **state)
{
	static const struct {
		const char *claim;
		uint16_t low_kib;
		nb_phys ebda, start;
	} rows[] = {
		{ "the BIOS says where low memory ends", 512, 0, 0x80000 },
		{ "above 636 KiB it is not believed", 639, 0, 0x9f000 },
		{ "636 KiB is believed", 636, 0, 0x9f000 },
		{ "below 128 KiB it is not believed", 127, 0, 0x9f000 },
		{ "128 KiB is believed", 128, 0, 0x20000 },
		{ "a word that is not there is not believed", 0, 0, 0x9f000 },
		{ "the extended data area may begin lower", 639, 0x9d800, 0x9d800 },
		{ "or higher, which does not matter", 512, 0x9d800, 0x80000 },
		{ "an extended data area below 128 KiB is not believed", 639, 0x1fff0, 0x9f000 },
		{ "at 128 KiB it is", 639, 0x20000, 0x20000 },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		machine();
		t.fw.facts.bios_low_kib = rows[i].low_kib;
		t.fw.facts.ebda = rows[i].ebda;
		check(build() == NB_OK, rows[i].claim);
		check(is(reserved_for(NB_RESERVED_BIOS_AREA), rows[i].start, NB_MIB),
		      rows[i].claim);
	}
}

static void test_fill(void **state)
{
	(void)state;
	machine();
	ram(64 * NB_MIB, 65 * NB_MIB, NB_E820_RESERVED);
	ram(66 * NB_MIB, 67 * NB_MIB, NB_E820_ACPI);
	ram(68 * NB_MIB, 69 * NB_MIB, NB_E820_RESERVED_KERN);
	ram(70 * NB_MIB, 71 * NB_MIB, NB_E820_SOFT_RESERVED);
	ram(72 * NB_MIB + 1, 72 * NB_MIB + 2 * PAGE - 1, NB_E820_RAM);
	ram(UINT64_MAX - 2 * PAGE + 1, 5, NB_E820_RAM);
	check(build() == NB_OK, "the map is no trouble");
	check(t.mb.memory.count == 4 &&
		      is_region(nb_region_at(&t.mb.memory, 2), 68 * NB_MIB, 69 * NB_MIB),
	      "RAM and what the kernel reserved are memory, an entry of no whole page is not");
	check(is_region(nb_region_at(&t.mb.memory, 3), UINT64_MAX - 2 * PAGE + 1,
			UINT64_MAX - PAGE + 1),
	      "an entry that wraps ends at the last address");
	check(is(reserved_for(NB_RESERVED_SOFT), 70 * NB_MIB, 71 * NB_MIB),
	      "soft reserved is reserved");
	check(nb_regions_find(&t.mb.memory, 70 * NB_MIB) == NULL, "and no memory");
}

static void test_no_low_memory(void **state)
{
	(void)state;
	bare_machine();
	ram(NB_MIB, 64 * NB_MIB, NB_E820_RAM);
	check(build() == NB_OK, "a kernel without low memory goes on for now");
	check(count(NB_EV_NO_TRAMPOLINE) == 1 && t.mb.trampoline == 0, "but notes it");
	check(count(NB_EV_DIES) == 0, "and does not die here");

	bare_machine();
	ram(PAGE, 0x10000 + 6 * PAGE, NB_E820_RAM);
	ram(NB_MIB, 64 * NB_MIB, NB_E820_RAM);
	check(build() == NB_OK && t.mb.trampoline == 0, "six pages above 64 KiB are too few");

	bare_machine();
	ram(PAGE, 0x10000 + 7 * PAGE, NB_E820_RAM);
	ram(NB_MIB, 64 * NB_MIB, NB_E820_RAM);
	check(build() == NB_OK && t.mb.trampoline == 0x10000, "seven are enough");
}

static void test_movable_node(void **state)
{
	(void)state;
	machine();
	t.params.movable_node = true;
	check(build() == NB_OK, "movable_node is no trouble");
	check(t.mb.trampoline == 0x10000, "memory is taken from below");
	check(t.mb.bottom_up && t.mb.skip_hotplug, "until the SRAT has been read");
}

static void test_initrd(void **state)
{
	static const struct {
		const char *claim;
		struct nb_range initrd;
		nb_phys to; /* 0: it stays */
	} rows[] = {
		{ "an initrd in RAM stays", { 40 * NB_MIB, 41 * NB_MIB }, 0 },
		{ "no initrd needs no place", { 0, 0 }, 0 },
		{ "an initrd at address 0 is none", { 0, NB_MIB }, 0 },
		{ "an initrd that wraps is none", { NB_MIB, UINT64_MAX }, 0 },
		{ "one that only begins in RAM moves", { 63 * NB_MIB, 65 * NB_MIB }, 61 * NB_MIB },
		{ "one beyond RAM moves, to the top",
		  { 80 * NB_MIB, 81 * NB_MIB - 5 },
		  63 * NB_MIB },
		{ "the first MiB is mapped, RAM or not", { 0x9f000, 3 * NB_MIB }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		const struct nb_event *moved;
		struct nb_range initrd = rows[i].initrd;

		machine();
		t.fw.facts.initrd = initrd;
		check(build() == NB_OK, rows[i].claim);
		moved = event(NB_EV_INITRD_MOVED, 0);
		check((moved != NULL) == (rows[i].to != 0), rows[i].claim);
		if (!moved)
			continue;
		check(is(moved->range, initrd.start, initrd.end), rows[i].claim);
		check(is(moved->other, rows[i].to, rows[i].to + (initrd.end - initrd.start)),
		      rows[i].claim);
		check(nb_regions_find(&t.mb.reserved, rows[i].to) != NULL, rows[i].claim);
		check(nb_regions_find(&t.mb.reserved, initrd.end - 1) == NULL, rows[i].claim);
	}

	machine();
	t.fw.facts.initrd = (struct nb_range){ 80 * NB_MIB, 180 * NB_MIB };
	check(build() == NB_ERR_DIES, "where there is no room for it the kernel dies");
	check(event(NB_EV_DIES, 0)->why == NB_WHY_DIES_NO_INITRD_ROOM, "and says why");

	bare_machine();
	ram(NB_MIB, 40 * NB_MIB, NB_E820_RAM);
	ram(41 * NB_MIB, 64 * NB_MIB, NB_E820_RAM);
	t.fw.facts.initrd = (struct nb_range){ 39 * NB_MIB, 42 * NB_MIB };
	check(build() == NB_OK && count(NB_EV_INITRD_MOVED) == 1, "a hole inside it moves it too");

	machine();
	t.e820.max_pfn = nb_pfn_down(40 * NB_MIB);
	t.fw.facts.initrd = (struct nb_range){ 44 * NB_MIB, 45 * NB_MIB };
	check(build() == NB_OK && t.mb.limit == 40 * NB_MIB,
	      "nothing is mapped beyond the end of RAM");
	check(event(NB_EV_INITRD_MOVED, 0)->other.start == 39 * NB_MIB,
	      "where the initrd is moved to");
}

static void test_tables(void **state)
{
	static const uint8_t header[] = { 'F', 'A', 'C', 'P', 0, 1, 0, 0 };
	const struct nb_table tables[] = {
		{ .address = 0, .at = header, .len = 8 },
		{ .address = 70 * NB_MIB, .at = header, .len = 3 },
		{ .address = UINT64_MAX - 15, .at = header, .len = 8 },
		{ .address = 71 * NB_MIB, .at = header, .len = 8 },
	};

	(void)state;
	machine();
	t.fw.tables = tables;
	t.fw.table_count = NB_COUNT(tables);
	check(build() == NB_OK, "odd tables are no trouble");
	check(nb_regions_find(&t.mb.reserved, 70 * NB_MIB) == NULL,
	      "a table without a length is not reserved");
	check(is(reserved_for(NB_RESERVED_TABLE), UINT64_MAX - 15, UINT64_MAX),
	      "one that wraps ends at the last address");
	check(nb_regions_find(&t.mb.reserved, 71 * NB_MIB + 255) != NULL &&
		      nb_regions_find(&t.mb.reserved, 71 * NB_MIB + 256) == NULL,
	      "a table is reserved to the byte");
	t.params.acpi_off = true;
	check(build() == NB_OK && reserved_for(NB_RESERVED_TABLE).end == 0,
	      "with acpi=off no table is looked for");
}

static void test_full_early(void **state)
{
	struct nb_range setup_data[130];

	(void)state;
	machine();
	for (uint32_t i = 0; i < NB_COUNT(setup_data); i++)
		setup_data[i] = (struct nb_range){ (200 + 2 * i) * PAGE, (201 + 2 * i) * PAGE };
	t.fw.facts.setup_data = setup_data;
	t.fw.facts.setup_data_count = NB_COUNT(setup_data);
	check(build() == NB_ERR_DIES, "128 reservations before the map is read are too many");
	check(event(NB_EV_DIES, 0)->why == NB_WHY_DIES_REGIONS_FULL, "and that is why");
	check(event(NB_EV_DIES, 0)->id == NB_MEMBLOCK, "in this stage");

	t.line = NB_LINE_6_1;
	check(build() == NB_OK && count(NB_EV_DIES) == 0, "older lines lose what is too many");
	check(count(NB_EV_RESERVED) == 128 + 5, "in silence, until the array may grow");
}

static void test_many_entries(void **state)
{
	const struct nb_event *doubled;

	(void)state;
	bare_machine();
	ram(PAGE, 639 * NB_KIB, NB_E820_RAM);
	for (nb_phys i = 0; i < 200; i++)
		ram((64 + 2 * i) * NB_MIB, (65 + 2 * i) * NB_MIB, NB_E820_RAM);
	check(build() == NB_OK, "201 pieces of RAM are no trouble");
	doubled = event(NB_EV_REGIONS_DOUBLED, 0);
	check(doubled && doubled->got == 256 && doubled->flags == 0, "the memory array is doubled");
	check(is(doubled->range, 0x9d000, 0x9f000), "into the low memory that is free by then");
	check(t.mb.trampoline == 0x96000, "so the trampoline lies lower");
	check(t.mb.memory.count == 201 && count(NB_EV_REGIONS_LOST) == 0, "nothing is lost");

	bare_machine();
	for (nb_phys i = 0; i < 200; i++)
		ram((64 + 2 * i) * NB_MIB, (65 + 2 * i) * NB_MIB, NB_E820_RAM);
	check(build() == NB_OK, "without low memory there is no place for the array");
	check(t.mb.memory.count == 128, "the first 128 pieces are kept");
	check(count(NB_EV_REGIONS_LOST) == 72, "the others are lost");
	check(event(NB_EV_REGIONS_LOST, 0)->got == 128, "since the array has no more");
}

/* What each line reserves, in its order, of a machine with one table. */
static void test_lines(void **state)
{
#define KERNEL                                                                                     \
	{                                                                                          \
		NB_RESERVED_KERNEL,                                                                \
		{                                                                                  \
			16 * NB_MIB, 32 * NB_MIB                                                   \
		}                                                                                  \
	}
#define LOW(end_)                                                                                  \
	{                                                                                          \
		NB_RESERVED_LOW_MEMORY,                                                            \
		{                                                                                  \
			0, end_                                                                    \
		}                                                                                  \
	}
#define BIOS                                                                                       \
	{                                                                                          \
		NB_RESERVED_BIOS_AREA,                                                             \
		{                                                                                  \
			0x9f000, NB_MIB                                                            \
		}                                                                                  \
	}
#define TRAMPOLINE                                                                                 \
	{                                                                                          \
		NB_RESERVED_TRAMPOLINE,                                                            \
		{                                                                                  \
			0x98000, 0x9f000                                                           \
		}                                                                                  \
	}
#define TABLE                                                                                      \
	{                                                                                          \
		NB_RESERVED_TABLE,                                                                 \
		{                                                                                  \
			65 * NB_MIB, 65 * NB_MIB + 0x56                                            \
		}                                                                                  \
	}
#define BRK                                                                                        \
	{                                                                                          \
		NB_RESERVED_BRK,                                                                   \
		{                                                                                  \
			32 * NB_MIB - 0x10000, 32 * NB_MIB                                         \
		}                                                                                  \
	}
#define BLOCK                                                                                      \
	{                                                                                          \
		NB_RESERVED_FIRST_BLOCK,                                                           \
		{                                                                                  \
			62 * NB_MIB, 64 * NB_MIB                                                   \
		}                                                                                  \
	}
	static const struct {
		const char *claim;
		enum nb_line line;
		uint32_t early; /* so many before the map is read */
		struct {
			enum nb_reserved_for reason;
			struct nb_range range;
		} want[8];
	} rows[] = {
		{ "3.14 reserves no low memory early, and no table",
		  NB_LINE_3_14,
		  3,
		  { KERNEL, BIOS, BRK, TRAMPOLINE, LOW(0x10000) } },
		{ "4.4 reserves page 0 early",
		  NB_LINE_4_4,
		  4,
		  { KERNEL, LOW(0x1000), BIOS, BRK, TRAMPOLINE, LOW(0x10000) } },
		{ "4.9 reserves the BIOS area once the map was read",
		  NB_LINE_4_9,
		  3,
		  { KERNEL, LOW(0x1000), BRK, BIOS, TRAMPOLINE, LOW(0x10000) } },
		{ "5.10 reserves tables too",
		  NB_LINE_5_10,
		  3,
		  { KERNEL, LOW(0x1000), BRK, BIOS, TRAMPOLINE, LOW(0x10000), TABLE } },
		{ "6.1 reserves all of the first MiB, and a block for a moment",
		  NB_LINE_6_1,
		  4,
		  { KERNEL, LOW(0x10000), BIOS, BRK, TRAMPOLINE, LOW(NB_MIB), BLOCK, TABLE } },
		{ "7.3 does the same",
		  NB_LINE_7_3,
		  4,
		  { KERNEL, LOW(0x10000), BIOS, BRK, TRAMPOLINE, LOW(NB_MIB), BLOCK, TABLE } },
	};
	static const uint8_t srat[] = { 'S', 'R', 'A', 'T', 0x56, 0, 0, 0 };
	const struct nb_table tables[] = { { .address = 65 * NB_MIB, .at = srat, .len = 8 } };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		uint32_t wants = 0;

		machine();
		t.line = rows[i].line;
		t.fw.tables = tables;
		t.fw.table_count = 1;
		check(build() == NB_OK, rows[i].claim);
		for (; wants < NB_COUNT(rows[i].want) && rows[i].want[wants].range.end; wants++) {
			const struct nb_event *ev = event(NB_EV_RESERVED, wants);

			check(ev && ev->id == rows[i].want[wants].reason, rows[i].claim);
			check(is(ev->range, rows[i].want[wants].range.start,
				 rows[i].want[wants].range.end),
			      rows[i].claim);
		}
		check(count(NB_EV_RESERVED) == wants, rows[i].claim);
		check(event(NB_EV_RESERVED, rows[i].early - 1) < event(NB_EV_MEMORY_FILLED, 0) &&
			      event(NB_EV_RESERVED, rows[i].early) > event(NB_EV_MEMORY_FILLED, 0),
		      rows[i].claim);
	}
}

static void test_low_memory(void **state)
{
	static const struct {
		const char *claim;
		enum nb_line line;
		nb_phys reserve_low;
		bool crashkernel, low_ram;
		nb_phys end; /* of what is reserved last */
		enum nb_err err;
	} rows[] = {
		{ "reservelow= is rounded up to a page", NB_LINE_5_10, 0x10001, false, true,
		  0x11000, NB_OK },
		{ "a newer line does not know it", NB_LINE_6_1, 0x10001, false, true, NB_MIB,
		  NB_OK },
		{ "a crash kernel needs all of the first MiB", NB_LINE_5_10, 0x10000, true, true,
		  NB_MIB, NB_OK },
		{ "but not in 4.9", NB_LINE_4_9, 0x10000, true, true, 0x10000, NB_OK },
		{ "nor without a trampoline", NB_LINE_5_10, 0x10000, true, false, 0x10000, NB_OK },
		{ "without one 4.9 goes on", NB_LINE_4_9, 0x10000, false, false, 0x10000, NB_OK },
		{ "and 4.4 is dead", NB_LINE_4_4, 0x10000, false, false, 0, NB_ERR_DIES },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		struct nb_range low = { 0 };

		bare_machine();
		if (rows[i].low_ram)
			ram(PAGE, 639 * NB_KIB, NB_E820_RAM);
		ram(NB_MIB, 64 * NB_MIB, NB_E820_RAM);
		t.line = rows[i].line;
		t.params.reserve_low = rows[i].reserve_low;
		t.params.crashkernel = rows[i].crashkernel;
		check(build() == rows[i].err, rows[i].claim);
		check((count(NB_EV_DIES) == 1) == (rows[i].err != NB_OK), rows[i].claim);
		for (uint32_t k = 0; k < t.events; k++)
			if (t.event[k].kind == NB_EV_RESERVED &&
			    t.event[k].id == NB_RESERVED_LOW_MEMORY &&
			    t.event[k].range.end > PAGE && t.event[k].range.end > low.end)
				low = t.event[k].range;
		check(low.end == rows[i].end, rows[i].claim);
	}
}

static void test_types(void **state)
{
	(void)state;
	machine();
	ram(68 * NB_MIB, 69 * NB_MIB, NB_E820_RESERVED_KERN);
	ram(70 * NB_MIB, 71 * NB_MIB, NB_E820_SOFT_RESERVED);
	t.line = NB_LINE_7_3;
	check(build() == NB_OK && t.mb.memory.count == 2, "in 7.3 type 128 is no memory");
	t.line = NB_LINE_4_9;
	check(build() == NB_OK && t.mb.memory.count == 3, "in 4.9 it is");
	check(reserved_for(NB_RESERVED_SOFT).end == 0, "and soft reserved is not reserved");
}

static void test_upwards(void **state)
{
	(void)state;
	machine();
	t.params.movable_node = true;
	t.line = NB_LINE_4_9;
	t.fw.facts.initrd = (struct nb_range){ 80 * NB_MIB, 81 * NB_MIB };
	check(build() == NB_OK, "movable_node is no trouble to an old line");
	check(t.mb.trampoline == 0x98000, "below the kernel nothing is searched upwards");
	check(event(NB_EV_INITRD_MOVED, 0)->other.start == 32 * NB_MIB, "above it, it is");

	t.fw.facts.kernel = (struct nb_range){ 40 * NB_MIB, 56 * NB_MIB };
	t.fw.facts.kernel_end = 56 * NB_MIB;
	t.fw.facts.initrd = (struct nb_range){ 80 * NB_MIB, 90 * NB_MIB };
	check(build() == NB_OK && event(NB_EV_INITRD_MOVED, 0)->other.start == 30 * NB_MIB,
	      "where there is no room above, the highest below is taken");
	t.line = NB_LINE_6_12;
	check(build() == NB_OK && event(NB_EV_INITRD_MOVED, 0)->other.start == NB_MIB,
	      "a newer line takes the lowest");
}

static void test_marks(void **state)
{
	(void)state;
	machine();
	t.line = NB_LINE_7_3;
	t.fw.facts.initrd = (struct nb_range){ 40 * NB_MIB, 41 * NB_MIB };
	check(build() == NB_OK && t.mb.reserved.count == 5, "what 7.3 takes stays apart");
	check(is_region(nb_region_at(&t.mb.reserved, 1), 0x98000, 0x9f000) &&
		      nb_region_at(&t.mb.reserved, 1)->flags == NB_REGION_KERNEL,
	      "the trampoline is the kernel's inside the first MiB");
	check(nb_region_at(&t.mb.reserved, 0)->flags == 0 &&
		      nb_region_at(&t.mb.reserved, 2)->flags == 0,
	      "which is not");
	check(nb_region_at(&t.mb.reserved, 3)->flags == NB_REGION_KERNEL &&
		      nb_region_at(&t.mb.reserved, 4)->flags == NB_REGION_KERNEL,
	      "its image and the initrd are");
	check(nb_region_at(&t.mb.memory, 0)->flags == 0, "low memory is not marked in the end");
	check(nb_region_at(&t.mb.reserved, 0)->nid == NB_NO_NODE, "no node is no node");
	t.line = NB_LINE_6_12;
	check(build() == NB_OK && nb_region_at(&t.mb.reserved, 0)->nid == NB_UNSET_NODE,
	      "but in 6.12");
	t.line = NB_LINE_6_1;
	check(build() == NB_OK && nb_region_at(&t.mb.reserved, 0)->nid == NB_NO_NODE,
	      "6.1 has one kind");

	bare_machine();
	ram(PAGE, 639 * NB_KIB, NB_E820_RAM);
	for (nb_phys i = 0; i < 126; i++)
		ram((64 + 2 * i) * NB_MIB, (65 + 2 * i) * NB_MIB, NB_E820_RAM);
	check(build() == NB_OK && count(NB_EV_REGIONS_DOUBLED) == 0, "127 pieces of RAM fit");
	t.line = NB_LINE_7_3;
	check(build() == NB_OK && count(NB_EV_REGIONS_DOUBLED) == 1,
	      "but leave no room to mark low memory");
}

static void test_32_bits(void **state)
{
	(void)state;
	machine();
	t.line = NB_LINE_6_1_I386;
	t.config.low_and_vmalloc = 0x3effe000;
	t.e820.max_low_pfn = nb_pfn_down(48 * NB_MIB);
	t.fw.facts.initrd = (struct nb_range){ 47 * NB_MIB, 49 * NB_MIB };
	check(build() == NB_OK && t.mb.limit == 48 * NB_MIB, "only low memory is given out");
	check(event(NB_EV_INITRD_MOVED, 0)->other.start == 45 * NB_MIB,
	      "so the initrd has to be in it");
	check(nb_region_at(&t.mb.memory, 1)->end == 64 * NB_MIB,
	      "what is above is memory all the same");
}

static void test_again(void **state)
{
	const struct nb_env silent = { .rules = &nb_lines[NB_LINE_6_12], .config = &t.config };

	(void)state;
	machine();
	check(build() == NB_OK, "a first run");
	check(nb_memblock_begin(&t.mb, &t.fw, &t.params, &silent) == NB_OK &&
		      nb_memblock_build(&t.mb, &t.e820, &t.fw, &t.params, &silent) == NB_OK,
	      "a second, silent run");
	check(t.mb.memory.count == 2 && t.mb.reserved.count == 2, "begins from nothing");

	bare_machine();
	check(build() == NB_OK && t.mb.limit == NB_MIB, "even no RAM at all is survived here");
	nb_memblock_init(&t.mb, t.memory, t.reserved, 1);
	check(nb_memblock_begin(&t.mb, &t.fw, &t.params, &silent) == NB_ERR_FULL,
	      "too small an array is the caller's error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),        cmocka_unit_test(test_bios_area),
		cmocka_unit_test(test_fill),         cmocka_unit_test(test_no_low_memory),
		cmocka_unit_test(test_movable_node), cmocka_unit_test(test_initrd),
		cmocka_unit_test(test_tables),       cmocka_unit_test(test_full_early),
		cmocka_unit_test(test_many_entries), cmocka_unit_test(test_lines),
		cmocka_unit_test(test_low_memory),   cmocka_unit_test(test_types),
		cmocka_unit_test(test_upwards),      cmocka_unit_test(test_marks),
		cmocka_unit_test(test_32_bits),      cmocka_unit_test(test_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
