/* SPDX-License-Identifier: MIT */
/*
 * Sparse and flat memory, of the zones stage: what small machines take for descriptors of pages,
 * in which order and where; and that all RAM gets some, whatever its shape.
 */
#include "check.h"
#include "machine.h"

#include <string.h>

#define M NB_MIB
#define G NB_GIB
#define SECTION (128 * M)

#define FACTS                                                                                      \
	{                                                                                          \
		.kernel = { 16 * M, 32 * M }, .kernel_end = 33 * M, .boot_apic_is_bsp = true       \
	}
#define LOW                                                                                        \
	{                                                                                          \
		0, 0x9fc00, 1                                                                      \
	}

enum { MOST = 12 };

static const struct row {
	const char *claim;
	enum nb_line line;
	struct machine machine;
	struct {
		enum nb_reserved_for reason;
		nb_phys size;
		int32_t nid; /* on which it has to lie */
		bool freed;
	} want[MOST];
} rows[] = {
	{ "6.12: pointers, a root; of each node's sections usage, memmap and its tables",
	  NB_LINE_6_12,
	  { .map = { LOW, { M, G - M, 1 } },
	    .facts = FACTS,
	    .cpus = 1,
	    .srat = { ENTRY_RAM(0, 0, G / 2), ENTRY_RAM(1, G / 2, G) } },
	  { { NB_RESERVED_SECTIONS, 32 * NB_KIB, 1, false },
	    { NB_RESERVED_SECTIONS, 4096, 0, false },
	    { NB_RESERVED_SECTIONS, 4 * 56, 0, false },
	    { NB_RESERVED_MEMMAP, 8 * M, 0, false },
	    { NB_RESERVED_MEMMAP_TABLE, 4096, 0, false },
	    { NB_RESERVED_MEMMAP_TABLE, 4096, 0, false },
	    { NB_RESERVED_SECTIONS, 4 * 56, 1, false },
	    { NB_RESERVED_MEMMAP, 8 * M, 1, false } } },
	{ "4.9: a root, and notes meanwhile; all usage first",
	  NB_LINE_4_9,
	  { .map = { LOW, { M, G - M, 1 } },
	    .facts = FACTS,
	    .cpus = 1,
	    .srat = { ENTRY_RAM(0, 0, G / 2), ENTRY_RAM(1, G / 2, G) } },
	  { { NB_RESERVED_SECTIONS, 4096, 0, false },
	    { NB_RESERVED_SECTIONS, 4 * M, 1, false },
	    { NB_RESERVED_SECTIONS, 4 * 32, 0, false },
	    { NB_RESERVED_SECTIONS, 4 * 32, 1, false },
	    { NB_RESERVED_SECTIONS, 4 * M, 1, false },
	    { NB_RESERVED_MEMMAP, 8 * M, 0, false },
	    { NB_RESERVED_MEMMAP_TABLE, 4096, 0, false },
	    { NB_RESERVED_MEMMAP_TABLE, 4096, 0, false },
	    { NB_RESERVED_MEMMAP, 8 * M, 1, false },
	    { NB_RESERVED_SECTIONS, 4 * M, 1, true },
	    { NB_RESERVED_SECTIONS, 4 * M, 1, true } } },
	{ "7.3: the memmap section by section",
	  NB_LINE_7_3,
	  { .map = { LOW, { M, 2 * SECTION - M, 1 } },
	    .facts = { .kernel = { 16 * M, 32 * M },
		       .kernel_end = 33 * M,
		       .boot_apic_is_bsp = true,
		       .five_level = true },
	    .cpus = 1 },
	  { { NB_RESERVED_SECTIONS, 2 * M, 0, false },
	    { NB_RESERVED_SECTIONS, 4096, 0, false },
	    { NB_RESERVED_SECTIONS, 2 * 88, 0, false },
	    { NB_RESERVED_MEMMAP_TABLE, 4096, 0, false },
	    { NB_RESERVED_MEMMAP_TABLE, 4096, 0, false },
	    { NB_RESERVED_MEMMAP_TABLE, 4096, 0, false },
	    { NB_RESERVED_MEMMAP, 2 * M, 0, false },
	    { NB_RESERVED_MEMMAP, 2 * M, 0, false } } },
	{ "a section of two nodes belongs to the first, a hole takes nothing",
	  NB_LINE_6_1,
	  { .map = { LOW, { M, 127 * M, 1 }, { 512 * M, 192 * M, 1 } },
	    .facts = FACTS,
	    .cpus = 1,
	    .srat = { ENTRY_RAM(0, 0, 544 * M), ENTRY_RAM(1, 544 * M, G) } },
	  { { NB_RESERVED_SECTIONS, 32 * NB_KIB, 1, false },
	    { NB_RESERVED_SECTIONS, 4096, 0, false },
	    { NB_RESERVED_SECTIONS, 2 * 56, 0, false },
	    { NB_RESERVED_MEMMAP, 4 * M, 0, false },
	    { NB_RESERVED_MEMMAP_TABLE, 4096, 0, false },
	    { NB_RESERVED_MEMMAP_TABLE, 4096, 0, false },
	    { NB_RESERVED_SECTIONS, 56, 1, false },
	    { NB_RESERVED_MEMMAP, 2 * M, 1, false } } },
	{ "flat: one memmap in blocks of 4 MiB, holes and all, up to what highmem= leaves; of each "
	  "zone 4 bits for 2 MiB",
	  NB_LINE_6_1_I386,
	  { .map = { LOW, { M, 200 * M, 1 }, { 600 * M, 1000 * M, 1 } },
	    .facts = FACTS,
	    .cpus = 1,
	    .cmdline = "highmem=128M" },
	  { { NB_RESERVED_MEMMAP, 252 * 1024 * 40, 0, false },
	    { NB_RESERVED_SECTIONS, 4, 0, false },
	    { NB_RESERVED_SECTIONS, 216, 0, false },
	    { NB_RESERVED_SECTIONS, 36, 0, false } } },
};

static bool is_of_sparse(const struct nb_event *event)
{
	return (event->kind == NB_EV_RESERVED || event->kind == NB_EV_FREED) &&
	       (event->id == NB_RESERVED_SECTIONS || event->id == NB_RESERVED_MEMMAP ||
		event->id == NB_RESERVED_MEMMAP_TABLE);
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct machine_boot run;
		uint32_t at = 0;

		machine_begin(&run, &row->machine, row->line);
		machine_run(&run);
		check(run.err == NB_OK, row->claim);
		for (size_t i = 0; i < run.record->count; i++) {
			const struct nb_event *event = &run.record->at[i];

			if (!is_of_sparse(event))
				continue;
			check(at < MOST && row->want[at].size, row->claim);
			check(event->id == row->want[at].reason &&
				      (event->kind == NB_EV_FREED) == row->want[at].freed,
			      row->claim);
			check(nb_range_size(event->range) == row->want[at].size, row->claim);
			check(nb_node_of(&run.boot, event->range.start) == row->want[at].nid,
			      row->claim);
			at++;
		}
		check(at == MOST || !row->want[at].size, row->claim);
		check(at > 0, row->claim);
		machine_end(&run);
	}
}

/* Sections that RAM touches. */
static uint64_t sections_of(const struct nb_regions *memory)
{
	uint64_t count = 0, next = 0;

	for (uint32_t i = 0; i < memory->count; i++)
		for (uint64_t s = nb_region_at(memory, i)->start / SECTION;
		     s <= (nb_region_at(memory, i)->end - 1) / SECTION; s++)
			if (s >= next) {
				next = s + 1;
				count++;
			}
	return count;
}

static uint32_t below(uint64_t *seed, uint32_t count)
{
	*seed = *seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(*seed >> 33) % count;
}

/* RAM of any shape: 64 bytes are taken for each page of a section, no more, and in old
 * lines nothing is left of the notes. */
static void test_random(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (uint32_t turn = 0; turn < 300; turn++) {
		struct machine machine = { .map = { LOW, { M, 255 * M, 1 } },
					   .facts = FACTS,
					   .cpus = 1 };
		enum nb_line line = (enum nb_line)below(&seed, NB_LINE_6_1_I386);
		struct machine_boot run;
		nb_phys at = 256 * M, memmap = 0, notes = 0;

		for (size_t i = 2; i < 5; i++) {
			nb_phys size = (nb_phys)(1 + below(&seed, 900)) * NB_PAGE_SIZE * 64;

			at += (nb_phys)below(&seed, 300) * M;
			machine.map[i] = (struct nb_e820_entry){ at, size, NB_E820_RAM };
			at += size;
		}
		machine_begin(&run, &machine, line);
		machine_run(&run);
		check(run.err == NB_OK, "it boots");
		for (size_t i = 0; i < run.record->count; i++) {
			const struct nb_event *event = &run.record->at[i];
			nb_phys size = nb_range_size(event->range);

			if (event->kind == NB_EV_RESERVED && event->id == NB_RESERVED_MEMMAP)
				memmap += size;
			if (event->kind == NB_EV_RESERVED && event->id == NB_RESERVED_SECTIONS)
				notes += size == 4 * M;
			if (event->kind == NB_EV_FREED && event->id == NB_RESERVED_SECTIONS)
				notes -= size == 4 * M;
		}
		check(memmap == sections_of(&run.boot.memblock.memory) * 2 * M,
		      "each section has its descriptors");
		check(notes == 0, "notes of sections are given back");
		machine_end(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
