/* SPDX-License-Identifier: MIT */
/*
 * mapping: the direct map: which pages of which size hold physical memory at one
 * fixed distance in the kernel's address space, and which pages the tables for
 * that take. They are written if the caller has a place for them.
 */
#ifndef NUMABOOT_MAPPING_H
#define NUMABOOT_MAPPING_H

#include <numaboot/base.h>
#include <numaboot/memblock.h>
#include <numaboot/pagetable.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Below the root: with 5 levels there are four kinds of tables to take. */
enum { NB_TABLE_LEVELS = 4 };

struct nb_mapping {
	struct nb_page_tables *writer;  /* the caller's; null: tables are planned only */
	uint8_t levels;                 /* 4 or 5; with 32 bits 2: those above are there before */
	uint64_t base;                  /* the address of physical 0 */
	nb_phys end;                    /* the highest end of anything that is mapped */
	uint64_t pages[NB_PAGE_SIZES];  /* how often a page of each size was entered */
	uint32_t from_brk, from_memory; /* pages that tables took of each */
	struct nb_regions tables[NB_TABLE_LEVELS]; /* addresses that tables of a level hold */
};

struct nb_e820;
struct nb_boot_facts;
struct nb_params;
struct nb_env;

/*
 * The stage: maps the first MiB, then RAM, the highest first; takes the tables'
 * pages from mb, whose limit becomes the end of what is mapped.
 *
 * Errors: NB_ERR_FULL; NB_ERR_DIES after an event.
 * Source: Linux 6.12 arch/x86/mm/init.c init_mem_mapping().
 */
NB_MUST_CHECK enum nb_err nb_mapping_build(struct nb_mapping *mapping, struct nb_memblock *mb,
					   const struct nb_e820 *e820,
					   const struct nb_boot_facts *facts,
					   const struct nb_params *params,
					   const struct nb_env *env);

#ifdef __cplusplus
}
#endif
#endif
