/* SPDX-License-Identifier: MIT */
/*
 * linux: the kernel lines as data, side by side: a row for each rule, a column
 * for each line. docs/SOURCES.md names the exact releases; what a rule decides,
 * and where that stands in the source, is said in include/numaboot/rules.h.
 */
#include <numaboot/rules.h>

/* clang-format off */

/* A row: the field, then its value in each line. */
#define RULES(RULE) \
	/*   field                       3.14    4.4     4.9     5.10    6.1     6.12    7.3     6.1-i386 */ \
	RULE(coverage_forgiven,          NB_MIB, NB_MIB, NB_MIB, NB_MIB, NB_MIB, NB_MIB, NB_MIB, NB_MIB) \
	RULE(e820_least_entries,         2,      2,      2,      2,      2,      2,      1,      2) \
	RULE(e820_end_counts_acpi,       false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(blocks_start_at_ram,        false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(fallback_skips_empty_self,  false,  false,  false,  false,  false,  true,   true,   false)

#define IN_3_14(field, a, b, c, d, e, f, g, h) .field = a,
#define IN_4_4(field, a, b, c, d, e, f, g, h) .field = b,
#define IN_4_9(field, a, b, c, d, e, f, g, h) .field = c,
#define IN_5_10(field, a, b, c, d, e, f, g, h) .field = d,
#define IN_6_1(field, a, b, c, d, e, f, g, h) .field = e,
#define IN_6_12(field, a, b, c, d, e, f, g, h) .field = f,
#define IN_7_3(field, a, b, c, d, e, f, g, h) .field = g,
#define IN_6_1_I386(field, a, b, c, d, e, f, g, h) .field = h,

const struct nb_rules nb_lines[NB_LINES] = {
	[NB_LINE_3_14]     = { .line = "3.14", .release = "3.14.40", .wording = NB_LINE_3_14, RULES(IN_3_14) },
	[NB_LINE_4_4]      = { .line = "4.4", .release = "4.4.155", .wording = NB_LINE_4_4, RULES(IN_4_4) },
	[NB_LINE_4_9]      = { .line = "4.9", .release = "4.9.154", .wording = NB_LINE_4_9, RULES(IN_4_9) },
	[NB_LINE_5_10]     = { .line = "5.10", .release = "5.10.223", .wording = NB_LINE_5_10, RULES(IN_5_10) },
	[NB_LINE_6_1]      = { .line = "6.1", .release = "6.1.192", .wording = NB_LINE_6_1, RULES(IN_6_1) },
	[NB_LINE_6_12]     = { .line = "6.12", .release = "6.12.117", .wording = NB_LINE_6_12, RULES(IN_6_12) },
	[NB_LINE_7_3]      = { .line = "7.3", .release = "7.3.4", .wording = NB_LINE_7_3, RULES(IN_7_3) },
	[NB_LINE_6_1_I386] = { .line = "6.1-i386", .release = "6.1.192", .wording = NB_LINE_6_1, RULES(IN_6_1_I386) },
};

#define RULE_ITSELF(field, ...) \
	{ #field, offsetof(struct nb_rules, field), sizeof(((struct nb_rules *)0)->field) },

static const struct nb_rule rules[] = { RULES(RULE_ITSELF) };

/* What builds have in common: a section of 128 MiB, hotplug, emulation. */
#define COMMON_X86_64 \
	.max_nodes = 1024, .e820_entries = 128 + 3 * 1024, .section_bytes = 128 * NB_MIB, \
	.memory_hotplug = true, .numa_emulation = true

/* The old lines were built from source for the booted cases: 256 CPUs, no modules. */
const struct nb_kernel_config nb_configs[NB_LINES] = {
	[NB_LINE_3_14] = {
		.name = "3.14.40 amd64", COMMON_X86_64, .max_cpus = 256,
		.node_data_bytes = 0x27000, .trampoline_bytes = 0x6000,
		.kernel = { 0x1000000, 0x1536000 }, .kernel_end = 0x1555000,
	},
	[NB_LINE_4_4] = {
		.name = "4.4.155 amd64", COMMON_X86_64, .max_cpus = 256,
		.node_data_bytes = 0x22000, .trampoline_bytes = 0x6000,
		.kernel = { 0x1000000, 0x1530000 }, .kernel_end = 0x154f000,
	},
	[NB_LINE_4_9] = {
		.name = "4.9.154 amd64", COMMON_X86_64, .max_cpus = 256,
		.node_data_bytes = 0x22000, .trampoline_bytes = 0x6000,
		.kernel = { 0x1000000, 0x1865000 }, .kernel_end = 0x1884000,
	},
	[NB_LINE_5_10] = {
		.name = "Debian 5.10.223 amd64", COMMON_X86_64, .max_cpus = 8192, .zone_device = true,
		.node_data_bytes = 0x2a000, .trampoline_bytes = 0x6000,
		.kernel = { 0x1000000, 0x400d000 }, .kernel_end = 0x4030000,
	},
	[NB_LINE_6_1] = {
		.name = "Debian 6.1.192 amd64", COMMON_X86_64, .max_cpus = 8192, .zone_device = true,
		.cxl_windows = true,
		.node_data_bytes = 0x2b000, .trampoline_bytes = 0x7000,
		.kernel = { 0x1000000, 0x4411000 }, .kernel_end = 0x4430000,
	},
	[NB_LINE_6_12] = {
		.name = "Debian 6.12.117 amd64", COMMON_X86_64, .max_cpus = 8192, .zone_device = true,
		.cxl_windows = true,
		.node_data_bytes = 0x2a980, .trampoline_bytes = 0x7000,
		.kernel = { 0x1000000, 0x3c11000 }, .kernel_end = 0x3c30000,
	},
	[NB_LINE_7_3] = {
		.name = "Debian 7.3.4 amd64", COMMON_X86_64, .max_cpus = 8192, .zone_device = true,
		.cxl_windows = true,
		.node_data_bytes = 0x2b0c0, .trampoline_bytes = 0x7000,
		.kernel = { 0x1000000, 0x4411000 }, .kernel_end = 0x4430000,
	},
	[NB_LINE_6_1_I386] = {
		.name = "Debian 6.1.192 686-pae", .max_nodes = 1, .max_cpus = 32, .e820_entries = 128 + 3,
		.section_bytes = 64 * NB_MIB, .memory_hotplug = false,
		.trampoline_bytes = 0x4000,
		.kernel = { 0x1000000, 0x1f24000 }, .kernel_end = 0x1f30000,
	},
};

/* clang-format on */

const struct nb_rule *nb_rules(uint32_t *count)
{
	*count = NB_COUNT(rules);
	return rules;
}

uint64_t nb_rule_value(const struct nb_rules *set, const struct nb_rule *rule)
{
	const uint8_t *at = (const uint8_t *)set + rule->offset;
	uint64_t value = 0;

	nb_assert(rule->size <= sizeof(value));
	for (size_t i = 0; i < rule->size; i++) /* the modelled machines are little-endian */
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}
