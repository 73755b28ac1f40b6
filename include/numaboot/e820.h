/* SPDX-License-Identifier: MIT */
/*
 * e820: the memory map as the kernel uses it: the firmware's entries, sorted
 * and freed of overlaps, then edited by the command line and a few fixed rules.
 */
#ifndef NUMABOOT_E820_H
#define NUMABOOT_E820_H

#include <numaboot/firmware.h>
#include <numaboot/params.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_env;

/* A table of entries; the caller gives the array and how many it holds. */
struct nb_e820_map {
	struct nb_e820_entry *at;
	uint32_t count, cap;
	/* Types that keep the borders between their ranges, unless: */
	bool merges_pram, merges_soft_reserved;
};

/* All of the cap of the map. */
struct nb_e820_scratch {
	struct nb_e820_entry *entries;
	uint32_t *starts, *ends; /* entries in the order in which they begin, and end */
	uint32_t *live; /* a heap of the entries that cover the point, largest type first */
};

struct nb_e820 {
	struct nb_e820_map map;      /* as the kernel uses it */
	struct nb_e820_map firmware; /* as the firmware gave it, sanitized; not edited */
	struct nb_e820_scratch scratch;
	nb_pfn end_pfn;      /* end of RAM, in page frames */
	nb_pfn max_pfn;      /* the same, but what 32 bits make no use of */
	nb_pfn max_low_pfn;  /* end of RAM below 4 GiB; with 32 bits of low memory, for good */
	nb_pfn max_arch_pfn; /* what the architecture can address */
	bool user_defined;   /* mem= or memmap= changed the map */
};

/*
 * Builds the map from the firmware's entries and the command line.
 *
 * Errors: NB_ERR_FULL if the caller's limits are below the entries that the
 * modelled kernel would keep; NB_ERR_DIES if a user-defined map is refused or a
 * parameter is fatal, after an event.
 * Source: Linux 6.12 arch/x86/kernel/e820.c, arch/x86/kernel/setup.c setup_arch().
 */
NB_MUST_CHECK enum nb_err nb_e820_build(struct nb_e820 *e820, const struct nb_firmware *fw,
					const struct nb_env *env);

/*
 * Sorts the entries and removes overlaps: the numerically largest type wins.
 * Returns false, and changes nothing, with fewer than 2 entries or if one wraps.
 * Source: Linux 6.12 arch/x86/kernel/e820.c e820__update_table().
 */
bool nb_e820_sanitize(struct nb_e820_map *map, struct nb_e820_scratch *scratch);

/*
 * Notes tables that the kernel took from the initramfs: their place becomes a
 * range of its own, which shows in the map from then on.
 * Errors: NB_ERR_FULL, as nb_e820_build().
 * Source: Linux 6.12 drivers/acpi/tables.c acpi_table_upgrade(),
 * arch/x86/kernel/acpi/boot.c arch_reserve_mem_area().
 */
NB_MUST_CHECK enum nb_err nb_e820_add_tables(struct nb_e820 *e820, struct nb_range tables,
					     const struct nb_env *env);

#ifdef __cplusplus
}
#endif
#endif
