/* SPDX-License-Identifier: MIT */
/* kconfig: what of a .config decides something, and what may be set. */
#include "check.h"

#include "../../hosts/sources/kernel.h"
#include "../../hosts/sources/pool.h"
#include "../../hosts/sources/text.h"

#include <stdlib.h>
#include <string.h>

void pool_exhausted(void)
{
	abort();
}

/* What Debian's builds have in common. */
#define USUAL                                                                                      \
	"CONFIG_SMP=y\nCONFIG_NUMA=y\nCONFIG_NODES_SHIFT=10\nCONFIG_NR_CPUS=8192\n"                \
	"CONFIG_MEMORY_HOTPLUG=y\nCONFIG_NUMA_EMU=y\nCONFIG_ACPI_NUMA=y\nCONFIG_ZONE_DEVICE=y\n"   \
	"CONFIG_CPUMASK_OFFSTACK=y\nCONFIG_X86_X2APIC=y\nCONFIG_CXL_ACPI=m\nCONFIG_EFI=y\n"        \
	"CONFIG_MODULES=y\nCONFIG_ZONE_DMA=y\nCONFIG_ZONE_DMA32=y\n"

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
	{ "may be left out", "6.12", "CONFIG_SMP=y\nCONFIG_NUMA=y\n", "no_zone_dma32", "y" },
	{ "32 bits never have the second", "6.1-i386", "CONFIG_SMP=y\n", "no_zone_dma32", "n" },
	{ "32 bits without high memory", "6.1-i386", "CONFIG_SMP=y\n", "no_highmem", "y" },
	{ "and with it", "6.1-i386", "CONFIG_SMP=y\nCONFIG_HIGHMEM=y\n", "no_highmem", "n" },
	{ "of 64 bits nothing is high", "6.12", USUAL, "no_highmem", "n" },
	{ "CPUs", "6.12", USUAL "CONFIG_NR_CPUS=64\n", "max_cpus", "64" },
	{ "one CPU without SMP", "6.12", USUAL "# CONFIG_SMP is not set\n", "max_cpus", "1" },
	{ "what is not named is not built in", "6.12", "CONFIG_SMP=y\nCONFIG_NUMA=y\n",
	  "zone_device", "n" },
	{ "a module counts", "6.12", USUAL, "cxl", "y" },
	{ "addresses of 52 bits", "6.12", USUAL "# CONFIG_X86_5LEVEL is not set\n", "phys_bits",
	  "46" },
	{ "32 bits address 36 with PAE", "6.1-i386", USUAL "CONFIG_X86_PAE=y\n", "phys_bits",
	  "36" },
	{ "and 32 without", "6.1-i386", USUAL, "phys_bits", "32" },
	{ "what 64 bits do not ask for", "6.12", USUAL, "phys_bits", "52" },
	{ "memory that is flat has no sections", "6.1-i386", USUAL "CONFIG_FLATMEM=y\n",
	  "section_bytes", "0x1000" },
	{ "the log's buffer", "6.12", USUAL "CONFIG_LOG_BUF_SHIFT=18\n", "log_buf", "0x40000" },
	{ "another start moves the image", "3.14", USUAL "CONFIG_PHYSICAL_START=0x2000000\n",
	  "kernel", "0x2000000-0x2536000" },
	{ "and its end", "3.14", USUAL "CONFIG_PHYSICAL_START=0x2000000\n", "kernel_end",
	  "0x2555000" },
	{ "without EFI an old kernel has the boot protocol's entries", "4.9",
	  USUAL "# CONFIG_EFI is not set\n", "e820_entries", "128" },
	{ "a new one has more", "6.12", USUAL "# CONFIG_EFI is not set\n", "e820_entries", "3200" },
	{ "NUMA in a 32-bit build takes node data", "6.1-i386", USUAL, "node_data_bytes",
	  "0x2000" },
	{ "modules have per-CPU variables", "4.9", USUAL, "percpu_module_bytes", "0x2000" },
	{ "without them no room is kept for any", "6.12", USUAL "CONFIG_MODULES=n\n",
	  "percpu_module_bytes", "0x0" },
	{ "a kernel that notes who allocates keeps more", "6.12",
	  USUAL "CONFIG_MEM_ALLOC_PROFILING=y\n", "percpu_module_bytes", "0x10000" },
	{ "but not a newer one", "7.3", USUAL "CONFIG_MEM_ALLOC_PROFILING=y\n",
	  "percpu_module_bytes", "0x2000" },
	{ "nonsense changes nothing", "6.12", USUAL "CONFIG_NODES_SHIFT=99\nCONFIG_NR_CPUS=0\n",
	  "max_nodes", "1024" },
};

static void test_reads(void **state)
{
	(void)state;
	for (const struct read_row *row = reads; row < reads + NB_COUNT(reads); row++) {
		struct kernel kernel;

		check(kernel_named(&kernel, row->line), row->claim);
		check(kconfig_read(&kernel, text_of(row->file)), row->claim);
		check(!strcmp(value_of(&kernel, row->key), row->value), row->claim);
	}
}

/* The usual build's own .config changes nothing. */
static void test_usual(void **state)
{
	struct kernel kernel;

	(void)state;
	check(kernel_named(&kernel, "6.12") && kconfig_read(&kernel, text_of(USUAL)), "6.12");
	for (unsigned row = 0; row < config_row_count; row++)
		check(config_same(&kernel.config, &nb_configs[NB_LINE_6_12], row),
		      config_rows[row].key);
	check(!kconfig_read(&kernel, text_of("some text\n")), "a text without options is none");
}

static const struct set_row {
	const char *claim, *assignment;
	bool fits;
	const char *key, *value;
} sets[] = {
	{ "a key", "max_cpus=4", true, "max_cpus", "4" },
	{ "an option of .config", "NR_CPUS=4", true, "max_cpus", "4" },
	{ "as it stands there", "CONFIG_NR_CPUS=4", true, "max_cpus", "4" },
	{ "hexadecimal", "trampoline_bytes=0x5000", true, "trampoline_bytes", "0x5000" },
	{ "yes or no", "numa_emulation=n", true, "numa_emulation", "n" },
	{ "a range", "kernel=0x2000000-0x3000000", true, "kernel", "0x2000000-0x3000000" },
	{ "no value", "max_cpus", false, NULL, NULL },
	{ "zero", "max_cpus=0", false, NULL, NULL },
	{ "more than its field holds", "max_cpus=4294967296", false, NULL, NULL },
	{ "a number for yes", "numa_emulation=1", false, NULL, NULL },
	{ "half a range", "kernel=0x2000000", false, NULL, NULL },
	{ "an empty range", "kernel=0x2000000-0x2000000", false, NULL, NULL },
	{ "another key", "colour=blue", false, NULL, NULL },
};

static void test_sets(void **state)
{
	(void)state;
	for (const struct set_row *row = sets; row < sets + NB_COUNT(sets); row++) {
		struct complaint complaint = { "" };
		struct kernel kernel;

		check(kernel_named(&kernel, "6.12"), row->claim);
		check(kconfig_set(&kernel, row->assignment, &complaint) == row->fits, row->claim);
		check((complaint.text[0] == '\0') == row->fits, row->claim);
		if (row->fits)
			check(!strcmp(value_of(&kernel, row->key), row->value), row->claim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_usual),
		cmocka_unit_test(test_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
