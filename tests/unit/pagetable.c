/* SPDX-License-Identifier: MIT */
/* pagetable: entries as a processor reads them, with four and with five levels. */
#include "check.h"

#include <numaboot/pagetable.h>

#include <string.h>

enum { TABLES = 16 };

/* Tables at 1 MiB, one after the other. */
static struct memory {
	struct nb_page_tables tables;
	uint64_t at[TABLES][512];
} memory;

static uint64_t *page(struct nb_page_tables *self, nb_phys at)
{
	nb_phys index = (at - NB_MIB) / NB_PAGE_SIZE;

	check(at >= NB_MIB && index < TABLES && at % NB_PAGE_SIZE == 0, "a table is asked for");
	return ((struct memory *)self)->at[index];
}

static nb_phys table(unsigned index)
{
	return NB_MIB + index * NB_PAGE_SIZE;
}

/* The root is table 0, and below it one of each level leads to an address. */
static struct nb_page_tables *begin(uint8_t levels, uint64_t address)
{
	memset(&memory, 0, sizeof(memory));
	memory.tables = (struct nb_page_tables){
		.page = page,
		.root = table(0),
		.levels = levels,
		.no_execute = true,
		.global = true,
	};
	for (unsigned level = levels - 1u; level >= 1; level--)
		nb_tables_link(&memory.tables, address, level, table(levels - level));
	return &memory.tables;
}

/* What a processor's manual says of the bits: 3A table 4-15 to 4-20. */
enum { TABLE_BITS = 0x63, PAGE_BITS = 0x163, LARGE_BITS = 0x1e3 };
#define NX ((uint64_t)1 << 63)

static void test_entries(void **state)
{
	const uint64_t address =
		0xffff888000000000 + 3 * NB_GIB + 5 * 2 * NB_MIB + 7 * NB_PAGE_SIZE;
	struct nb_page_tables *tables = begin(4, address);

	(void)state;
	nb_tables_fill(tables, address, 0x12345000, NB_PAGE_SIZE, NB_PAGE_4K);
	check(memory.at[0][273] == (table(1) | TABLE_BITS), "the root's entry");
	check(memory.at[1][3] == (table(2) | TABLE_BITS), "the one of 1 GiB");
	check(memory.at[2][5] == (table(3) | TABLE_BITS), "the one of 2 MiB");
	check(memory.at[3][7] == (0x12345000 | PAGE_BITS | NX), "the page");
	check(memory.at[3][6] == 0 && memory.at[3][8] == 0, "its neighbours are not there");

	tables->no_execute = tables->global = false;
	nb_tables_fill(tables, address, 0x12345000, NB_PAGE_SIZE, NB_PAGE_4K);
	check(memory.at[3][7] == (0x12345000 | 0x63), "without NX and global");

	tables = begin(4, address);
	nb_tables_fill(tables, address - 7 * NB_PAGE_SIZE, 0x40000000, 4 * NB_MIB, NB_PAGE_2M);
	check(memory.at[2][5] == (0x40000000 | LARGE_BITS | NX) &&
		      memory.at[2][6] == (0x40200000 | LARGE_BITS | NX) && !memory.at[2][7],
	      "two pages of 2 MiB");
}

static void test_walk(void **state)
{
	static const struct {
		const char *claim;
		uint8_t levels;
		uint64_t address;
		enum nb_page_size size;
	} rows[] = {
		{ "4 KiB, four levels", 4, 0xffff888000000000, NB_PAGE_4K },
		{ "2 MiB, four levels", 4, 0xffff888000000000 + 513 * NB_GIB, NB_PAGE_2M },
		{ "1 GiB, four levels", 4, 0xffff880000000000 + 7 * NB_GIB, NB_PAGE_1G },
		{ "4 KiB, five levels", 5, 0xff11000000000000, NB_PAGE_4K },
		{ "2 MiB, five levels", 5, 0xff11000000000000 + 9 * NB_GIB, NB_PAGE_2M },
		{ "1 GiB, five levels", 5, 0xff11000000000000 + 1025 * NB_GIB, NB_PAGE_1G },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		struct nb_page_tables *tables = begin(rows[i].levels, rows[i].address);
		uint64_t bytes = (uint64_t)1 << nb_entry_shift(rows[i].size);
		struct nb_translation found;

		check(!nb_tables_walk(tables, rows[i].address, &found), rows[i].claim);
		nb_tables_fill(tables, rows[i].address, 64 * NB_GIB, bytes, rows[i].size);
		check(nb_tables_walk(tables, rows[i].address + bytes - 1, &found), rows[i].claim);
		check(found.physical == 64 * NB_GIB + bytes - 1 && found.size == rows[i].size,
		      rows[i].claim);
		check(found.writable && !found.executable, rows[i].claim);
		check(!nb_tables_walk(tables, rows[i].address + bytes, &found), rows[i].claim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
