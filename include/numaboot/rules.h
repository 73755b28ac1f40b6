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

/* The modelled kernel lines, the oldest first. */
enum nb_line {
	NB_LINE_3_14,
	NB_LINE_4_4,
	NB_LINE_4_9,
	NB_LINE_5_10,
	NB_LINE_6_1,
	NB_LINE_6_12,
	NB_LINE_7_3,
	NB_LINE_6_1_I386,
	NB_LINES,
};

/*
 * Each field says what is decided, and cites the place where 6.12 decides it.
 * What each line does is in src/rules/linux.c, side by side.
 */
struct nb_rules {
	const char *line;     /* "6.12": how --line names it */
	const char *release;  /* the release whose source was read */
	enum nb_line wording; /* whose words the log is in */

	/* RAM without a node that is forgiven: more of it, and NUMA is rejected.
	 * mm/memblock.c memblock_validate_numa_coverage(). Bytes. */
	nb_phys coverage_forgiven;

	/* The fewest raw entries that make a firmware map: with fewer it is
	 * rejected. arch/x86/kernel/e820.c append_e820_table(). */
	uint32_t e820_least_entries;

	/* Whether ACPI data counts as the end of RAM. arch/x86/kernel/e820.c
	 * e820__end_ram_pfn(). */
	bool e820_end_counts_acpi;

	/* Whether node blocks are clamped to the first byte of RAM, which moves the
	 * borders of emulated nodes. mm/numa_memblks.c numa_cleanup_meminfo(). */
	bool blocks_start_at_ram;

	/* Whether a node without memory is left out of its own fallback order.
	 * mm/page_alloc.c find_next_best_node(). */
	bool fallback_skips_empty_self;
};

extern const struct nb_rules nb_lines[NB_LINES];

/* A rule as a thing of its own, for those that list or swap rules. */
struct nb_rule {
	const char *name;
	size_t offset, size; /* of the field in struct nb_rules, in bytes: 1, 4 or 8 */
};

/* All rules, in the order of their fields; *count is set. */
const struct nb_rule *nb_rules(uint32_t *count);

/* The value of one rule in a set of rules. */
uint64_t nb_rule_value(const struct nb_rules *rules, const struct nb_rule *rule);

struct nb_kernel_config {
	const char *name;         /* "Debian 6.12.117 amd64" */
	uint32_t max_nodes;       /* 1 << NODES_SHIFT */
	uint32_t max_cpus;        /* NR_CPUS */
	uint32_t e820_entries;    /* what the memory map table holds */
	uint32_t node_data_bytes; /* what is taken for NODE_DATA */
	nb_phys section_bytes;    /* of sparse memory */
	nb_phys trampoline_bytes; /* the code that starts processors */
	struct nb_range kernel;   /* the image where it is not moved, up to what stays reserved */
	nb_phys kernel_end;       /* the end of the image with all of its brk */
	bool memory_hotplug;
	bool numa_emulation;
	bool zone_device;
	bool cxl_windows; /* windows of the CEDT become nodes */
};

/* The builds that were booted for the lines: Debian's, but for the oldest three. */
extern const struct nb_kernel_config nb_configs[NB_LINES];

#ifdef __cplusplus
}
#endif
#endif
