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

/* What becomes of a claim to bytes where there is no RAM. */
enum nb_outside {
	NB_OUTSIDE_KEPT,    /* it stays, cut to the end of RAM */
	NB_OUTSIDE_DROPPED, /* it is forgotten */
	NB_OUTSIDE_ASIDE,   /* it is kept in the second list, for memory that is added later */
};

/* What becomes of a CXL window that no SRAT entry touches. */
enum nb_cxl {
	NB_CXL_UNREAD, /* the CEDT is not read */
	NB_CXL_BLOCK,  /* a node whose block is like one of the SRAT */
	NB_CXL_ASIDE,  /* a node whose block goes straight to the second list */
};

/* What numa=fake=NU does. */
enum nb_uniform {
	NB_UNIFORM_UNKNOWN, /* the U is not looked at */
	NB_UNIFORM_NUMBER,  /* too few are noticed by the next free number */
	NB_UNIFORM_COUNT,   /* too few are noticed by how many were made */
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

	/* Whether all x2APIC entries of the SRAT are read before its LAPIC entries,
	 * or both in the table's order. drivers/acpi/numa/srat.c acpi_numa_init(). */
	bool srat_x2apic_first;

	/* Whether generic initiators of the SRAT make nodes. drivers/acpi/numa/srat.c
	 * acpi_parse_gi_affinity(). */
	bool srat_initiators;

	/* Whether a memory entry of the SRAT must have its very length, or at least
	 * that. drivers/acpi/numa/srat.c acpi_parse_memory_affinity(). */
	bool srat_memory_exact;

	/* Whether memory entries beyond two for each possible node are not looked at.
	 * drivers/acpi/numa/srat.c acpi_numa_init(). */
	bool srat_memory_capped;

	/* Whether hot-pluggable memory entries are skipped by a kernel that cannot
	 * plug memory. drivers/acpi/numa/srat.c acpi_parse_memory_affinity(). */
	bool srat_skips_hotplug;

	/* enum nb_cxl. drivers/acpi/numa/srat.c acpi_parse_cfmws(). */
	uint32_t cxl_windows;

	/* enum nb_outside. mm/numa_memblks.c numa_cleanup_meminfo(). */
	uint32_t blocks_outside_ram;

	/* Whether node blocks are clamped to the first and last byte of RAM, which
	 * moves the borders of emulated nodes, or to 0 and the last page frame.
	 * mm/numa_memblks.c numa_cleanup_meminfo(). */
	bool blocks_clamped_to_ram;

	/* Whether it is RAM inside of the node blocks that is counted for coverage,
	 * with less than `coverage_forgiven` missing, or RAM without a node, with at
	 * most that. mm/memblock.c memblock_validate_numa_coverage(). */
	bool coverage_by_blocks;

	/* Whether a node exists by its blocks or by its ranges of memblock.
	 * arch/x86/mm/numa.c numa_register_nodes(). */
	bool nodes_by_blocks;

	/* A node that spans less stays offline. arch/x86/mm/numa.c
	 * numa_register_nodes(). Bytes. */
	nb_phys least_node;

	/* Whether no room for NODE_DATA is a panic, or leaves the node offline.
	 * mm/numa.c alloc_node_data(). */
	bool node_data_or_panic;

	/* Whether hot-plug flags of the kernel's nodes are cleared only after
	 * NODE_DATA was taken. mm/numa_memblks.c numa_register_meminfo(). */
	bool kernel_nodes_late;

	/* enum nb_uniform. mm/numa_emulation.c numa_emulation(). */
	uint32_t fake_uniform;

	/* Whether an emulated node's physical node is its own number, which leaves
	 * most without CPUs. mm/numa_emulation.c emu_setup_memblk(). */
	bool fake_is_its_own_physical;

	/* Whether emulated nodes replace the physical ones among those that are named,
	 * or join them. mm/numa_emulation.c numa_emulation(). */
	bool fake_replaces_parsed;

	/* Whether emulated nodes are tied to proximity domains; where that fails,
	 * they are dropped. drivers/acpi/numa/srat.c fix_pxm_node_maps(). */
	bool fake_tied_to_pxms;

	/* Whether zones are made only after the MADT was read, and the CPUs' nodes are
	 * known. mm/mm_init.c mm_core_init_early() of 7.3. */
	bool zones_after_cpus;

	/* Whether a node without memory is left out of its own fallback order.
	 * mm/page_alloc.c find_next_best_node(). */
	bool fallback_skips_empty_self;
};

extern const struct nb_rules nb_lines[NB_LINES];

/* A rule in words, for people. */
struct nb_rule_words {
	const char *says;   /* what it decides; null if nobody has said it yet */
	const char *values; /* names of its values from 0 up, "kept|dropped", or its unit */
};

/* A rule as a thing of its own, for those that list or swap rules. */
struct nb_rule {
	const char *name;
	size_t offset, size; /* of the field in struct nb_rules, in bytes: 1, 4 or 8 */
	const struct nb_rule_words *words;
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
	bool cpumask_offstack; /* masks of CPUs are as long as there are possible ones */
	bool cxl;              /* the driver for CXL memory of ACPI is built in, or a module */
};

/* The builds that were booted for the lines: Debian's, but for the oldest three. */
extern const struct nb_kernel_config nb_configs[NB_LINES];

#ifdef __cplusplus
}
#endif
#endif
