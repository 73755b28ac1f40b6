/* SPDX-License-Identifier: MIT */
/*
 * linux: the kernel lines as data, side by side. docs/SOURCES.md names the
 * exact releases; include/numaboot/rules.h says what each field decides.
 */
#include <numaboot/rules.h>

const struct nb_rules nb_rules_6_12 = {
	.line = "6.12",
	.release = "6.12.117",
	.coverage_forgiven = NB_MIB,
	.e820_least_entries = 2,
	.e820_end_counts_acpi = true,
	.blocks_start_at_ram = true,
	.fallback_skips_empty_self = true,
};

const struct nb_kernel_config nb_config_debian_6_12 = {
	.max_nodes = 1024,
	.max_cpus = 8192,
	.e820_entries = 128 + 3 * 1024,
	.node_data_bytes = 0x2a980,
	.section_bytes = 128 * NB_MIB,
	.memory_hotplug = true,
	.numa_emulation = true,
	.zone_device = true,
	.cxl_windows = true,
};
