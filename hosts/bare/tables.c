/* SPDX-License-Identifier: MIT */
/*
 * tables: one root, in the image itself.
 *
 *	entry 0      the early tables: addresses as they are, where this image runs
 *	high half    the direct map, written by the library into pages of memblock
 *
 * With 5 levels the early tables, of 4, hang below the new root as they are.
 */
#include "tables.h"
#include "handover.h"
#include "layout.h"
#include "serial.h"

/* More tables than 64 GiB need, in pages of 2 MiB with some of 4 KiB at the borders. */
enum { ENTRIES = 512, TABLES_MOST = 512 };

/* Bits of CR4 and EFER. Intel SDM 3A 2.5, 2.2.1. */
enum { CR4_GLOBAL = 1 << 7, CR4_FIVE_LEVELS = 1 << 12, EFER_NO_EXECUTE = 1 << 11 };

extern uint64_t early_tables[];
extern uint32_t paging_root, paging_cr4, paging_efer;
void enter_tables(void);
void *memset(void *at, int value, size_t len);

static _Alignas(NB_PAGE_SIZE) uint64_t root[ENTRIES];

/* A table; one that is new has whatever was in that page of RAM. */
static uint64_t *page(struct nb_page_tables *self, nb_phys at)
{
	static nb_phys seen[TABLES_MOST];
	static uint32_t count;
	uint64_t *table = (uint64_t *)(uintptr_t)at;

	(void)self;
	if (table == root)
		return table;
	for (uint32_t i = count; i--;) /* the newest are asked for most */
		if (seen[i] == at)
			return table;
	if (count == TABLES_MOST || !memory_at(at, NB_PAGE_SIZE))
		return NULL; /* which the library takes for a bug */
	seen[count++] = at;
	memset(table, 0, NB_PAGE_SIZE);
	return table;
}

static struct nb_page_tables tables = { .page = page };

void tables_prepare(struct nb_boot *boot, const struct identity *id)
{
	const struct nb_kernel_config *config = boot->env.config;
	bool five = boot->firmware->facts.five_level && config->direct_map_5;

	if (config->low_and_vmalloc ||
	    !memory_at(nb_pfn_phys(boot->e820.max_pfn - 1), NB_PAGE_SIZE))
		return;
	tables.root = (uintptr_t)root;
	tables.levels = five ? 5 : 4;
	tables.no_execute = id->no_execute;
	tables.global = true;
	boot->mapping.writer = &tables;
}

/* Whether an address of the direct map leads to its physical address: by the tables
 * as the library walks them, and by the processor. */
static bool leads_there(const struct nb_boot *b, nb_phys at)
{
	struct nb_translation found;
	const volatile uint8_t *direct = (const uint8_t *)(uintptr_t)(b->mapping.base + at);
	const volatile uint8_t *same = (const uint8_t *)(uintptr_t)at;

	return nb_tables_walk(&tables, b->mapping.base + at, &found) && found.physical == at &&
	       found.writable && found.executable == !tables.no_execute && *direct == *same;
}

uint64_t tables_load(const struct nb_boot *b, const struct identity *id)
{
	const struct nb_regions *memory = &b->memblock.memory;
	struct nb_writer *log = serial_log();
	uint64_t wrong = 0;

	if (!b->mapping.writer)
		return 0;
	root[0] = tables.levels == 5 ? (uintptr_t)early_tables | PAGE_TABLE : early_tables[0];
	paging_root = (uint32_t)(uintptr_t)root;
	paging_cr4 |= CR4_GLOBAL | (tables.levels == 5 ? (uint32_t)CR4_FIVE_LEVELS : 0);
	paging_efer |= id->no_execute ? (uint32_t)EFER_NO_EXECUTE : 0;
	enter_tables();

	for (uint32_t i = 0; i < memory->count; i++)
		wrong += (uint64_t)!leads_there(b, nb_region_at(memory, i)->start) +
			 !leads_there(b, nb_region_at(memory, i)->end - 1);
	say(log, "numaboot: page tables: ");
	say_number(log, tables.levels);
	say(log, " levels, direct map at ");
	say_hex(log, b->mapping.base);
	say(log, ", ");
	say_number(log, b->mapping.from_brk + b->mapping.from_memory);
	say(log, " tables, ");
	say_number(log, wrong);
	say(log, " wrong\n");
	return wrong;
}
