/* SPDX-License-Identifier: MIT */
/*
 * rules: what differs between kernels. struct nb_rules is what the source of a
 * kernel line decides, struct nb_kernel_config what its build chose. Code asks
 * for a rule by name, never for a version.
 */
#ifndef NUMABOOT_RULES_H
#define NUMABOOT_RULES_H

#include <numaboot/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_rules {
	const char *line;    /* "6.12": how --line names it */
	const char *release; /* the release whose source was read */

	/* RAM without a node that is forgiven: more of it, and NUMA is rejected.
	 * 6.12 mm/memblock.c memblock_validate_numa_coverage(). Bytes. */
	nb_phys coverage_forgiven;

	/* The fewest raw entries that make a firmware map: with fewer it is
	 * rejected. 6.12 arch/x86/kernel/e820.c append_e820_table(). */
	uint32_t e820_least_entries;

	/* Whether ACPI data counts as the end of RAM. 6.12 arch/x86/kernel/e820.c
	 * e820__end_ram_pfn(). */
	bool e820_end_counts_acpi;

	/* Whether node blocks are clamped to the first byte of RAM, which moves the
	 * borders of emulated nodes. 6.12 mm/numa_memblks.c numa_cleanup_meminfo(). */
	bool blocks_start_at_ram;

	/* Whether a node without memory is left out of its own fallback order.
	 * 6.12 mm/page_alloc.c find_next_best_node(). */
	bool fallback_skips_empty_self;
};

/* Debian's 6.12.117. */
extern const struct nb_rules nb_rules_6_12;

struct nb_kernel_config {
	uint32_t max_nodes;       /* 1 << NODES_SHIFT */
	uint32_t max_cpus;        /* NR_CPUS */
	uint32_t e820_entries;    /* what the memory map table holds */
	uint32_t node_data_bytes; /* NODE_DATA: sizeof(pg_data_t), rounded to a cache line */
	nb_phys section_bytes;    /* of sparse memory */
	bool memory_hotplug;
	bool numa_emulation;
	bool zone_device;
	bool cxl_windows; /* windows of the CEDT become nodes */
};

/* Debian's amd64 build of 6.12. */
extern const struct nb_kernel_config nb_config_debian_6_12;

#ifdef __cplusplus
}
#endif
#endif
