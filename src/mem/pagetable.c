/* SPDX-License-Identifier: MIT */
/*
 * pagetable: x86-64 page tables, for a mapping that is planned already.
 *
 *   address   | level 5 | level 4 | level 3 | level 2 | level 1 | in the page |
 *             56        47        38        29        20        11            0
 *
 * Each level's nine bits are the index of an entry, which names the next table,
 * or at level 3 and 2 a page of 1 GiB or 2 MiB, if it is marked as large.
 *
 * Intel 64 Software Developer's Manual 3A 4.5; the flags that Linux sets:
 * 6.12 arch/x86/include/asm/pgtable_types.h PAGE_KERNEL, _KERNPG_TABLE.
 */
#include <numaboot/pagetable.h>

#define PRESENT ((uint64_t)1 << 0)
#define WRITABLE ((uint64_t)1 << 1)
#define ACCESSED ((uint64_t)1 << 5)
#define DIRTY ((uint64_t)1 << 6)
#define LARGE ((uint64_t)1 << 7)
#define GLOBAL ((uint64_t)1 << 8)
#define NO_EXECUTE ((uint64_t)1 << 63)
#define ADDRESS ((uint64_t)0x000ffffffffff000)

enum { ENTRIES = 512 };

static unsigned index_at(uint64_t address, unsigned level)
{
	return (unsigned)(address >> nb_entry_shift(level)) % ENTRIES;
}

/* The table of a level that holds an address; null if it is not there. */
static uint64_t *table_at(struct nb_page_tables *tables, uint64_t address, unsigned level)
{
	uint64_t *table = tables->page(tables, tables->root);

	nb_assert(level >= 1 && level <= tables->levels);
	for (unsigned above = tables->levels; above > level && table; above--) {
		uint64_t entry = table[index_at(address, above)];

		if (!(entry & PRESENT) || (above <= NB_PAGE_1G && (entry & LARGE)))
			return NULL;
		table = tables->page(tables, entry & ADDRESS);
	}
	return table;
}

void nb_tables_link(struct nb_page_tables *tables, uint64_t address, unsigned level, nb_phys table)
{
	uint64_t *above = table_at(tables, address, level + 1);

	nb_assert(above && (table & ~ADDRESS) == 0);
	above[index_at(address, level + 1)] = table | PRESENT | WRITABLE | ACCESSED | DIRTY;
}

void nb_tables_fill(struct nb_page_tables *tables, uint64_t address, nb_phys physical,
		    uint64_t bytes, enum nb_page_size size)
{
	const uint64_t step = (uint64_t)1 << nb_entry_shift(size);
	const uint64_t flags = PRESENT | WRITABLE | ACCESSED | DIRTY |
			       (size > NB_PAGE_4K ? LARGE : 0) | (tables->global ? GLOBAL : 0) |
			       (tables->no_execute ? NO_EXECUTE : 0);
	uint64_t *table = table_at(tables, address, size);

	nb_assert(table && (physical & (step - 1)) == 0 && bytes);
	nb_assert(index_at(address, size) + (bytes - 1) / step < ENTRIES);
	for (uint64_t at = 0; at < bytes; at += step)
		table[index_at(address + at, size)] = (physical + at) | flags;
}

bool nb_tables_walk(struct nb_page_tables *tables, uint64_t address, struct nb_translation *out)
{
	uint64_t *table = tables->page(tables, tables->root);
	bool writable = true, executable = true;

	for (unsigned level = tables->levels; level >= 1 && table; level--) {
		uint64_t entry = table[index_at(address, level)];
		uint64_t inside = ((uint64_t)1 << nb_entry_shift(level)) - 1;

		if (!(entry & PRESENT))
			return false;
		writable &= (entry & WRITABLE) != 0;
		executable &= (entry & NO_EXECUTE) == 0;
		if (level == NB_PAGE_4K || (level <= NB_PAGE_1G && (entry & LARGE))) {
			*out = (struct nb_translation){
				.physical = (entry & ADDRESS & ~inside) | (address & inside),
				.size = (enum nb_page_size)level,
				.writable = writable,
				.executable = executable,
			};
			return true;
		}
		table = tables->page(tables, entry & ADDRESS);
	}
	return false;
}
