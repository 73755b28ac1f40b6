/* SPDX-License-Identifier: MIT */
/* kconfig: what of a .config decides something, and what may be set. */
#include "check.h"

#include "../../hosts/sources/kernel.h"
#include "../../hosts/sources/pool.h"
#include "../../hosts/sources/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pool_exhausted(void)
{
	abort();
}

/* Whole files, of 64 and of 32 bits; what is in neither is a fragment. */
#define WIDE "CONFIG_X86_64=y\n# CONFIG_X86_32 is not set\n"
#define NARROW "CONFIG_X86_32=y\n# CONFIG_X86_64 is not set\n"

/* What Debian's builds have in common. */
#define COMMON                                                                                     \
	"CONFIG_SMP=y\nCONFIG_NUMA=y\nCONFIG_NODES_SHIFT=10\nCONFIG_NR_CPUS=8192\n"                \
	"CONFIG_MEMORY_HOTPLUG=y\nCONFIG_NUMA_EMU=y\nCONFIG_ACPI_NUMA=y\nCONFIG_ZONE_DEVICE=y\n"   \
	"CONFIG_CPUMASK_OFFSTACK=y\nCONFIG_X86_X2APIC=y\nCONFIG_CXL_ACPI=m\nCONFIG_EFI=y\n"        \
	"CONFIG_MODULES=y\nCONFIG_ZONE_DMA=y\nCONFIG_ZONE_DMA32=y\n"                               \
	"CONFIG_DEFERRED_STRUCT_PAGE_INIT=y\nCONFIG_TRANSPARENT_HUGEPAGE=y\n"                      \
	"# CONFIG_TRANSPARENT_HUGEPAGE_NEVER is not set\n"

#define USUAL WIDE COMMON

/* The value of a row as it is shown. */
static const char *value_of(const struct kernel *kernel, const char *key)
{
	static char text[80];

	for (unsigned row = 0; row < config_row_count; row++)
		if (!strcmp(config_rows[row].key, key)) {
			config_value_text(&kernel->config, row, text, sizeof(text));
			return text;
		}
	return "";
}

static const struct read_row {
	const char *claim, *line, *file, *key, *value;
} reads[] = {
	{ "a shift is nodes", "6.12", USUAL "CONFIG_NODES_SHIFT=6\n", "max_nodes", "64" },
	{ "and entries of the map", "6.12", USUAL "CONFIG_NODES_SHIFT=6\n", "e820_entries", "320" },
	{ "without NUMA there is one node", "6.12", USUAL "# CONFIG_NUMA is not set\n", "max_nodes",
	  "1" },
	{ "and it is said", "6.12", USUAL "# CONFIG_NUMA is not set\n", "no_numa", "y" },
	{ "zones below 16 MiB and 4 GiB", "6.12", USUAL, "no_zone_dma", "n" },
	{ "may be left out", "6.12", WIDE "CONFIG_SMP=y\nCONFIG_NUMA=y\n", "no_zone_dma32", "y" },
	{ "32 bits never have the second", "6.1-i386", NARROW "CONFIG_SMP=y\n", "no_zone_dma32",
	  "n" },
	{ "32 bits without high memory", "6.1-i386", NARROW "CONFIG_SMP=y\n", "no_highmem", "y" },
	{ "and with it", "6.1-i386", NARROW "CONFIG_SMP=y\nCONFIG_HIGHMEM=y\n", "no_highmem", "n" },
	{ "of 64 bits nothing is high", "6.12", USUAL, "no_highmem", "n" },
	{ "CPUs", "6.12", USUAL "CONFIG_NR_CPUS=64\n", "max_cpus", "64" },
	{ "one CPU without SMP", "6.12", USUAL "# CONFIG_SMP is not set\n", "max_cpus", "1" },
	{ "what is not named is not built in", "6.12", WIDE "CONFIG_SMP=y\nCONFIG_NUMA=y\n",
	  "zone_device", "n" },
	{ "a module counts", "6.12", USUAL, "cxl", "y" },
	{ "addresses of 52 bits", "6.12", USUAL "# CONFIG_X86_5LEVEL is not set\n", "phys_bits",
	  "46" },
	{ "32 bits address 36 with PAE", "6.1-i386", NARROW COMMON "CONFIG_X86_PAE=y\n",
	  "phys_bits", "36" },
	{ "and 32 without", "6.1-i386", NARROW COMMON, "phys_bits", "32" },
	{ "what 64 bits do not ask for", "6.12", USUAL, "phys_bits", "52" },
	{ "memory that is flat has no sections", "6.1-i386", NARROW COMMON "CONFIG_FLATMEM=y\n",
	  "section_bytes", "0x1000" },
	{ "the log's buffer", "6.12", USUAL "CONFIG_LOG_BUF_SHIFT=18\n", "log_buf", "0x40000" },
	{ "another start moves the image", "3.14", USUAL "CONFIG_PHYSICAL_START=0x2000000\n",
	  "kernel", "0x2000000-0x2536000" },
	{ "and its end", "3.14", USUAL "CONFIG_PHYSICAL_START=0x2000000\n", "kernel_end",
	  "0x2555000" },
	{ "without EFI an old kernel has the boot protocol's entries", "4.9",
	  USUAL "# CONFIG_EFI is not set\n", "e820_entries", "128" },
	{ "a new one has more", "6.12", USUAL "# CONFIG_EFI is not set\n", "e820_entries", "3200" },
	{ "NUMA in a 32-bit build takes node data", "6.1-i386", NARROW COMMON, "node_data_bytes",
	  "0x2000" },
	{ "modules have per-CPU variables", "4.9", USUAL, "percpu_module_bytes", "0x2000" },
	{ "without them no room is kept for any", "6.12", USUAL "CONFIG_MODULES=n\n",
	  "percpu_module_bytes", "0x0" },
	{ "a kernel that notes who allocates keeps more", "6.12",
	  USUAL "CONFIG_MEM_ALLOC_PROFILING=y\n", "percpu_module_bytes", "0x10000" },
	{ "but not a newer one", "7.3", USUAL "CONFIG_MEM_ALLOC_PROFILING=y\n",
	  "percpu_module_bytes", "0x2000" },
	{ "a fragment sets what it names", "6.12", "CONFIG_NR_CPUS=7\n", "max_cpus", "7" },
	{ "and leaves what it does not", "6.12", "CONFIG_NR_CPUS=7\n", "numa_emulation", "y" },
	{ "or takes it away by name", "6.12", "# CONFIG_NUMA_EMU is not set\n", "numa_emulation",
	  "n" },
};

static void test_reads(void **state)
{
	(void)state;
	for (const struct read_row *row = reads; row < reads + NB_COUNT(reads); row++) {
		struct complaint complaint = { .text = "" };
		struct kernel kernel;

		check(kernel_named(&kernel, row->line), row->claim);
		check(kconfig_read(&kernel, text_of(row->file), "file", &complaint), row->claim);
		check(!strcmp(value_of(&kernel, row->key), row->value), row->claim);
	}
}

static const struct refused_row {
	const char *claim, *line, *file, *complaint;
} refused[] = {
	{ "a text without options is none", "6.12", "some text\n",
	  "file: not a kernel's .config: expected CONFIG_ lines" },
	{ "a number has bounds", "6.12", "# x\nCONFIG_SMP=y\nCONFIG_NODES_SHIFT=11\n",
	  "file:3: CONFIG_NODES_SHIFT=11: expected a number from 1 to 10" },
	{ "below, too", "6.12", "CONFIG_NR_CPUS=0\n",
	  "file:1: CONFIG_NR_CPUS=0: expected a number from 1 to 8192" },
	{ "and is one", "6.12", "CONFIG_LOG_BUF_SHIFT=y\n",
	  "file:1: CONFIG_LOG_BUF_SHIFT=y: expected a number from 12 to 25" },
	{ "an image begins somewhere", "6.12", "CONFIG_PHYSICAL_START=0x1001\n",
	  "file:1: CONFIG_PHYSICAL_START=0x1001: expected a multiple of 0x2000 from 0x2000 to "
	  "0x400000000000" },
	{ "a switch is on or off", "6.12", "CONFIG_NUMA=2\n",
	  "file:1: CONFIG_NUMA=2: expected y, m or n" },
	{ "32 bits are not 64", "6.12", NARROW,
	  "file: of 32 bits, but 6.12 is of 64: expected another --kconfig or --line" },
	{ "nor are 64 bits 32", "6.1-i386", USUAL,
	  "file: of 64 bits, but 6.1-i386 is of 32: expected another --kconfig or --line" },
};

static void test_refused(void **state)
{
	(void)state;
	for (const struct refused_row *row = refused; row < refused + NB_COUNT(refused); row++) {
		struct complaint complaint = { .text = "" };
		struct kernel kernel;

		check(kernel_named(&kernel, row->line), row->claim);
		check(!kconfig_read(&kernel, text_of(row->file), "file", &complaint), row->claim);
		check(!strcmp(complaint.text, row->complaint), row->claim);
	}
}

static const struct of_row {
	const char *claim, *kernel, *file, *told; /* null: nothing is */
} releases[] = {
	{ "a file of the line itself", "6.12", "6.12.3", NULL },
	{ "one of another line is told", "6.12", "6.1.192", "6.1.192" },
	{ "one of the release that was asked for", "5.15.20", "5.15.1-generic", NULL },
	{ "one of the line that it got", "5.15.20", "5.10.223", "5.10.223" },
};

static void test_releases(void **state)
{
	(void)state;
	for (const struct of_row *row = releases; row < releases + NB_COUNT(releases); row++) {
		struct complaint complaint = { .text = "" };
		struct kernel kernel;
		char file[200];

		snprintf(file, sizeof(file), "# Linux/x86 %s Kernel Configuration\nCONFIG_SMP=y\n",
			 row->file);
		check(kernel_named(&kernel, row->kernel), row->claim);
		check(kconfig_read(&kernel, text_of(file), "file", &complaint), row->claim);
		check(row->told ? text_is(kernel.config_release, row->told)
				: !kernel.config_release.len,
		      row->claim);
	}
}

/* The usual build's own .config changes nothing. */
static void test_usual(void **state)
{
	struct complaint complaint = { .text = "" };
	struct kernel kernel;

	(void)state;
	check(kernel_named(&kernel, "6.12"), "6.12");
	check(kconfig_read(&kernel, text_of(USUAL), "file", &complaint), "6.12");
	for (unsigned row = 0; row < config_row_count; row++)
		check(config_same(&kernel.config, &nb_configs[NB_LINE_6_12], row),
		      config_rows[row].key);
}

static const struct set_row {
	const char *claim, *assignment;
	const char *expected; /* what the complaint ends with; null: it fits */
	const char *key, *value;
} sets[] = {
	{ "a key", "max_cpus=4", NULL, "max_cpus", "4" },
	{ "an option of .config", "NR_CPUS=4", NULL, "max_cpus", "4" },
	{ "as it stands there", "CONFIG_NR_CPUS=4", NULL, "max_cpus", "4" },
	{ "hexadecimal", "trampoline_bytes=0x5000", NULL, "trampoline_bytes", "0x5000" },
	{ "yes or no", "numa_emulation=n", NULL, "numa_emulation", "n" },
	{ "a range", "kernel=0x2000000-0x3000000", NULL, "kernel", "0x2000000-0x3000000" },
	{ "what 32 bits alone have, as it is", "low_and_vmalloc=0", NULL, "low_and_vmalloc",
	  "0x0" },
	{ "no value", "max_cpus", "KEY=VALUE", NULL, NULL },
	{ "zero", "max_cpus=0", "a number from 1 to 8192", NULL, NULL },
	{ "more than there can be", "max_cpus=8193", "a number from 1 to 8192", NULL, NULL },
	{ "more than its field holds", "max_cpus=4294967297", "a number from 1 to 8192", NULL,
	  NULL },
	{ "an option has bounds, too", "NODES_SHIFT=11", "a number from 1 to 10", NULL, NULL },
	{ "no power of two", "max_nodes=3", "a power of two from 1 to 1024", NULL, NULL },
	{ "half a page", "brk_bytes=0x800", "a multiple of 0x1000 from 0x0 to 0x1000000", NULL,
	  NULL },
	{ "a number for yes", "numa_emulation=1", "y or n", NULL, NULL },
	{ "half a range", "kernel=0x2000000",
	  "START-END, each a multiple of 0x1000 from 0x1000 to 0x400000000000", NULL, NULL },
	{ "an empty range", "kernel=0x2000000-0x2000000",
	  "START-END, each a multiple of 0x1000 from 0x1000 to 0x400000000000", NULL, NULL },
	{ "an image that ends before it does", "kernel_end=0x2000000",
	  "an image that ends with its brk, at most 1 GiB behind its start", NULL, NULL },
	{ "an image that is too large", "kernel=0x1000000-0x42000000",
	  "an image that ends with its brk, at most 1 GiB behind its start", NULL, NULL },
	{ "what 32 bits alone have", "no_highmem=y", "a kernel of 32 bits, as 6.12 is not", NULL,
	  NULL },
	{ "another key", "colour=blue", "a key that `numaboot lines` has", NULL, NULL },
};

static void test_sets(void **state)
{
	(void)state;
	for (const struct set_row *row = sets; row < sets + NB_COUNT(sets); row++) {
		struct complaint complaint = { .text = "" };
		char expected[200] = "";
		struct kernel kernel;

		if (row->expected)
			snprintf(expected, sizeof(expected), "--config '%s': expected %s",
				 row->assignment, row->expected);
		check(kernel_named(&kernel, "6.12"), row->claim);
		check(kconfig_set(&kernel, row->assignment, &complaint) == !row->expected,
		      row->claim);
		check(!strcmp(complaint.text, expected), row->claim);
		check(complaint.is_usage == !!row->expected, row->claim);
		if (!row->expected)
			check(!strcmp(value_of(&kernel, row->key), row->value), row->claim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),    cmocka_unit_test(test_refused),
		cmocka_unit_test(test_releases), cmocka_unit_test(test_usual),
		cmocka_unit_test(test_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
