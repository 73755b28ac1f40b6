/* SPDX-License-Identifier: MIT */
/*
 * The stage mapping: how small machines are mapped, step by step; then the tables
 * themselves, written while the stage runs and walked as a processor does: all RAM is
 * where it should be, nothing else is, and no page was taken but for a table.
 */
#include "check.h"
#include "machine.h"

#include <numaboot/mapping.h>

#include <stdlib.h>
#include <string.h>

#define K NB_KIB
#define M NB_MIB
#define G NB_GIB

enum { MOST_TABLES = 4096, MOST_STEPS = 24 };

/* The machine's memory, as far as tables lie in it. */
static struct store {
	struct nb_page_tables tables;
	struct {
		nb_phys at;
		uint64_t *entries;
	} page[MOST_TABLES];
	uint32_t pages;
} store;

/* Where the root is does not matter: nothing else is below 4 KiB. */
enum { ROOT = 0 };

static uint64_t *page(struct nb_page_tables *self, nb_phys at)
{
	struct store *s = (struct store *)self;

	for (uint32_t i = 0; i < s->pages; i++)
		if (s->page[i].at == at)
			return s->page[i].entries;
	check(s->pages < MOST_TABLES, "there is room for the tables");
	s->page[s->pages].at = at;
	s->page[s->pages].entries = calloc(512, sizeof(uint64_t));
	check(s->page[s->pages].entries, "there is memory for a table");
	return s->page[s->pages++].entries;
}

static void store_begin(uint8_t levels)
{
	store = (struct store){
		.tables = { .page = page, .root = ROOT, .levels = levels, .no_execute = true },
	};
	page(&store.tables, ROOT);
}

static void store_end(void)
{
	for (uint32_t i = 0; i < store.pages; i++)
		free(store.page[i].entries);
}

#define KERNEL .kernel = { 16 * M, 32 * M }, .kernel_end = 33 * M, .boot_apic_is_bsp = true
#define LOW                                                                                        \
	{                                                                                          \
		0, 0x9fc00, 1                                                                      \
	}

static const struct row {
	const char *claim;
	enum nb_line line;
	struct machine machine;
	uint32_t from_brk, from_memory;
	struct {
		nb_phys start, end;
		enum nb_page_size size; /* 0: a range; else a piece of the range before */
	} want[MOST_STEPS];
} rows[] = {
	{ "64 MiB: the first MiB, the top block, then the rest",
	  NB_LINE_6_12,
	  { .map = { LOW, { M, 63 * M, 1 } }, .facts = { KERNEL }, .cpus = 1 },
	  3,
	  0,
	  { { 0, M, 0 },
	    { 0, M, NB_PAGE_4K },
	    { 62 * M, 64 * M, 0 },
	    { 62 * M, 64 * M, NB_PAGE_2M },
	    { M, 62 * M, 0 },
	    { M, 2 * M, NB_PAGE_4K },
	    { 2 * M, 62 * M, NB_PAGE_2M } } },
	{ "a top that is not aligned comes last, with a table of its own",
	  NB_LINE_6_12,
	  { .map = { LOW, { M, 63 * M + 0x1000, 1 } }, .facts = { KERNEL }, .cpus = 1 },
	  4,
	  0,
	  { { 0, M, 0 },
	    { 0, M, NB_PAGE_4K },
	    { 62 * M, 64 * M, 0 },
	    { 62 * M, 64 * M, NB_PAGE_2M },
	    { M, 62 * M, 0 },
	    { M, 2 * M, NB_PAGE_4K },
	    { 2 * M, 62 * M, NB_PAGE_2M },
	    { 64 * M, 64 * M + 0x1000, 0 },
	    { 64 * M, 64 * M + 0x1000, NB_PAGE_4K } } },
	{ "with pages of 1 GiB, which hold a step that is less",
	  NB_LINE_6_12,
	  { .map = { LOW, { M, 3 * G - M, 1 } }, .facts = { KERNEL, .gb_pages = true }, .cpus = 1 },
	  3,
	  0,
	  { { 0, M, 0 },
	    { 0, M, NB_PAGE_4K },
	    { 3 * G - 2 * M, 3 * G, 0 },
	    { 3 * G - 2 * M, 3 * G, NB_PAGE_1G },
	    { 2 * G + 512 * M, 3 * G - 2 * M, 0 },
	    { 2 * G + 512 * M, 3 * G - 2 * M, NB_PAGE_1G },
	    { M, 2 * G + 512 * M, 0 },
	    { M, 2 * M, NB_PAGE_4K },
	    { 2 * M, G, NB_PAGE_2M },
	    { G, 2 * G + 512 * M, NB_PAGE_1G } } },
	{ "nogbpages",
	  NB_LINE_6_12,
	  { .map = { LOW, { M, 2 * G - M, 1 } },
	    .cmdline = "nogbpages",
	    .facts = { KERNEL, .gb_pages = true },
	    .cpus = 1 },
	  4,
	  0,
	  { { 0, M, 0 },
	    { 0, M, NB_PAGE_4K },
	    { 2 * G - 2 * M, 2 * G, 0 },
	    { 2 * G - 2 * M, 2 * G, NB_PAGE_2M },
	    { G + 512 * M, 2 * G - 2 * M, 0 },
	    { G + 512 * M, 2 * G - 2 * M, NB_PAGE_2M },
	    { M, G + 512 * M, 0 },
	    { M, 2 * M, NB_PAGE_4K },
	    { 2 * M, G + 512 * M, NB_PAGE_2M } } },
	{ "five levels have one table more, for the first MiB already",
	  NB_LINE_6_12,
	  { .map = { LOW, { M, 63 * M, 1 } }, .facts = { KERNEL, .five_level = true }, .cpus = 1 },
	  4,
	  0,
	  { { 0, M, 0 } } },
	{ "4.9 knows four levels only",
	  NB_LINE_4_9,
	  { .map = { LOW, { M, 63 * M, 1 } }, .facts = { KERNEL, .five_level = true }, .cpus = 1 },
	  3,
	  0,
	  { { 0, M, 0 } } },
	{ "tables of what holds the image's own pages come from memory",
	  NB_LINE_6_12,
	  { .map = { LOW, { M, 33 * M + 0x1000, 1 }, { 64 * M, 64 * M, 1 } },
	    .facts = { KERNEL },
	    .cpus = 1 },
	  3,
	  1,
	  { { 0, M, 0 } } },
	{ "where no block is free it begins at the top",
	  NB_LINE_6_12,
	  { .map = { LOW, { M, 30 * M, 1 } },
	    .facts = { .kernel = { 2 * M, 31 * M },
		       .kernel_end = 31 * M,
		       .boot_apic_is_bsp = true },
	    .cpus = 1 },
	  3,
	  1,
	  { { 0, M, 0 },
	    { 0, M, NB_PAGE_4K },
	    { 28 * M, 30 * M, 0 },
	    { 28 * M, 30 * M, NB_PAGE_2M },
	    { M, 28 * M, 0 },
	    { M, 2 * M, NB_PAGE_4K },
	    { 2 * M, 28 * M, NB_PAGE_2M },
	    { 30 * M, 31 * M, 0 },
	    { 30 * M, 31 * M, NB_PAGE_4K } } },
	{ "movable_node maps upwards from the kernel, then below it",
	  NB_LINE_6_12,
	  { .map = { LOW, { M, 63 * M, 1 } },
	    .cmdline = "movable_node",
	    .facts = { KERNEL },
	    .cpus = 1 },
	  3,
	  0,
	  { { 0, M, 0 },
	    { 0, M, NB_PAGE_4K },
	    { 33 * M, 34 * M, 0 },
	    { 33 * M, 34 * M, NB_PAGE_2M },
	    { 34 * M, 36 * M, 0 },
	    { 34 * M, 36 * M, NB_PAGE_2M },
	    { 36 * M, 64 * M, 0 },
	    { 36 * M, 64 * M, NB_PAGE_2M },
	    { M, 2 * M, 0 },
	    { M, 2 * M, NB_PAGE_4K },
	    { 2 * M, 4 * M, 0 },
	    { 2 * M, 4 * M, NB_PAGE_2M },
	    { 4 * M, 33 * M, 0 },
	    { 4 * M, 33 * M, NB_PAGE_2M } } },
};

/* The next event that maps something, from *at on; null at the end. */
static const struct nb_event *next_step(const struct record *record, size_t *at)
{
	for (; *at < record->count; (*at)++)
		if (record->at[*at].kind == NB_EV_MAPPING_RANGE ||
		    record->at[*at].kind == NB_EV_MAPPING_PIECE)
			return &record->at[(*at)++];
	return NULL;
}

static void check_steps(const struct row *row, const struct record *record)
{
	size_t at = 0;

	if (!row->want[1].end)
		return;
	for (uint32_t i = 0; i < MOST_STEPS && row->want[i].end; i++) {
		const struct nb_event *event = next_step(record, &at);

		check(event && event->range.start == row->want[i].start &&
			      event->range.end == row->want[i].end,
		      row->claim);
		check(event->id == row->want[i].size, row->claim);
	}
	check(!next_step(record, &at), row->claim);
}

/* Whether an address is mapped, and if so to where it should be. */
static bool is_mapped(const struct nb_mapping *map, nb_phys physical, enum nb_page_size *size)
{
	struct nb_translation found;

	if (!nb_tables_walk(&store.tables, map->base + physical, &found))
		return false;
	check(found.physical == physical && found.writable && !found.executable,
	      "what is mapped is at its place, and is data");
	*size = found.size;
	return true;
}

/* All RAM, and the first MiB; behind and before a piece of RAM nothing is. */
static void check_tables(const struct nb_boot *boot, const char *claim)
{
	const struct nb_regions *memory = &boot->memblock.memory;
	const struct nb_mapping *map = &boot->mapping;
	uint64_t bytes = 0, entered = 0;
	enum nb_page_size size;

	for (nb_phys at = 0; at < M; at += NB_PAGE_SIZE)
		check(is_mapped(map, at, &size) && size == NB_PAGE_4K, claim);
	for (uint32_t i = 0; i < memory->count; i++) {
		const struct nb_region *ram = nb_region_at(memory, i);

		if (ram->end <= M)
			continue;
		for (nb_phys at = ram->start; at < ram->end;
		     at += (nb_phys)1 << nb_entry_shift(size))
			check(is_mapped(map, at, &size), claim);
		check(is_mapped(map, ram->end - 1, &size), claim);
		check(nb_regions_find(memory, ram->end) || !is_mapped(map, ram->end, &size), claim);
		check(ram->start == M || nb_regions_find(memory, ram->start - 1) ||
			      !is_mapped(map, ram->start - 1, &size),
		      claim);
		bytes += ram->end - ram->start;
	}
	for (size = NB_PAGE_4K; size < NB_PAGE_SIZES; size++)
		entered += map->pages[size] << nb_entry_shift(size);
	check(entered >= bytes + M, claim);
	check(map->from_brk + map->from_memory == store.pages - 1, claim);
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		bool five = row->machine.facts.five_level && nb_configs[row->line].direct_map_5;
		struct machine_boot run;

		store_begin(five ? 5 : 4);
		machine_begin(&run, &row->machine, row->line);
		run.config.unpack_bytes = 0; /* these images are small */
		run.writer = &store.tables;
		machine_run(&run);
		check(run.err == NB_OK || run.err == NB_ERR_DIES, row->claim);
		check_steps(row, run.record);
		check(run.boot.mapping.from_brk == row->from_brk, row->claim);
		check(run.boot.mapping.from_memory == row->from_memory, row->claim);
		check_tables(&run.boot, row->claim);
		machine_end(&run);
		store_end();
	}
}

static uint32_t below(uint64_t *seed, uint32_t count)
{
	*seed = *seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(*seed >> 33) % count;
}

/* RAM in pieces that end anywhere, each line, with and without large pages. */
static void test_random(void **state)
{
	uint64_t seed = 20;

	(void)state;
	for (uint32_t turn = 0; turn < 400; turn++) {
		struct machine machine = { .map = { LOW, { M, 63 * M, 1 } },
					   .facts = { KERNEL },
					   .cpus = 1 };
		struct machine_boot run;
		nb_phys at = 64 * M;
		enum nb_line line = (enum nb_line)below(&seed, NB_LINE_6_1_I386);

		machine.facts.gb_pages = below(&seed, 2);
		machine.facts.five_level = below(&seed, 2);
		machine.cmdline = below(&seed, 4) ? "" : "movable_node";
		for (size_t i = 2; i < 5; i++) {
			nb_phys size = (nb_phys)(1 + below(&seed, 600)) << (12 + below(&seed, 14));

			at += (nb_phys)(1 + below(&seed, 500)) << (12 + below(&seed, 14));
			machine.map[i] = (struct nb_e820_entry){ at, size, NB_E820_RAM };
			at += size;
		}
		store_begin(machine.facts.five_level && nb_configs[line].direct_map_5 ? 5 : 4);
		machine_begin(&run, &machine, line);
		run.config.unpack_bytes = 0; /* this image is small */
		run.writer = &store.tables;
		machine_run(&run);
		check(run.err == NB_OK || run.err == NB_ERR_DIES, "it is mapped");
		check_tables(&run.boot, "all of its RAM, and nothing else");
		machine_end(&run);
		store_end();
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
