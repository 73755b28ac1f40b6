/* SPDX-License-Identifier: MIT */
/* bootlog_source: a log tells the inputs of the boot that left it. */
#include "check.h"

#include "../../hosts/sources/source.h"

#include <numaboot/acpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pool_exhausted(void)
{
	abort();
}

#define MAP "BIOS-e820: [mem 0x1000-0x9ffff] usable\nBIOS-e820: [mem 0x100000-0x3fffffff] usable\n"
#define TABLES "ACPI: RSDP 0xF59D0 000014 (v00 X)\nACPI: APIC 0x3FF00000 000090 (v01 X)\n"
#define SRAT TABLES "ACPI: SRAT 0x3FF10000 0000C0 (v01 X)\n"

/* A source that a log was read into. */
static struct source source;

static bool read_log(const char *text)
{
	struct complaint complaint = { .text = "" };
	struct boot_log log;

	pool_drop(&source.pool);
	source = (struct source){ .is_log = false };
	boot_log_read(&log, text_of(text), &source.pool);
	kernel_named(&source.kernel, "6.12");
	return log_source_read(&source, &log, &complaint);
}

static const struct map_row {
	const char *claim, *log;
	uint32_t count;
	struct nb_e820_entry first;
} maps[] = {
	{ "entries of today", MAP, 2, { 0x1000, 0x9f000, NB_E820_RAM } },
	{ "entries of 2.6",
	  " BIOS-e820: 0000000000001000 - 00000000000a0000 (ACPI NVS)\n",
	  1,
	  { 0x1000, 0x9f000, NB_E820_NVS } },
	{ "entries of 7.0, without gaps",
	  "BIOS-e820: [gap 0x0-0xfff]\nBIOS-e820: [mem 0x1000-0x9ffff]  device reserved\n",
	  1,
	  { 0x1000, 0x9f000, NB_E820_RESERVED } },
	{ "a type without a name",
	  "BIOS-e820: [mem 0x1000-0x9ffff] type 20\n",
	  1,
	  { 0x1000, 0x9f000, 20 } },
	{ "a type with one and a number",
	  "BIOS-e820: [mem 0x1000-0x9ffff] persistent (type 12)\n",
	  1,
	  { 0x1000, 0x9f000, NB_E820_PRAM } },
	{ "an entry that is cut off counts not",
	  MAP "BIOS-e820: [mem 0x4000",
	  2,
	  { 0x1000, 0x9f000, NB_E820_RAM } },
	{ "a user's map where there is no other",
	  "user: [mem 0x1000-0x9ffff] usable\n",
	  1,
	  { 0x1000, 0x9f000, NB_E820_RAM } },
};

static void test_maps(void **state)
{
	(void)state;
	for (const struct map_row *row = maps; row < maps + NB_COUNT(maps); row++) {
		check(read_log(row->log), row->claim);
		check(source.fw.map_count == row->count, row->claim);
		check(source.fw.map[0].start == row->first.start &&
			      source.fw.map[0].size == row->first.size &&
			      source.fw.map[0].type == row->first.type,
		      row->claim);
	}
	check(!read_log("Zone ranges:\n"), "without a map there is nothing to predict");
	check(!read_log("BIOS-e820: [mem 0x100000-0x3fffffff] usable\n"),
	      "nor with one whose beginning is lost");
	check(read_log("Linux version 6.12.1\nBIOS-e820: [mem 0x100000-0x3fffffff] usable\n"),
	      "which it is not if the log has its own");
	check(read_log("BIOS-88: [mem 0x0-0x9efff] usable\n"
		       "BIOS-88: [mem 0x100000-0x3fffffff] usable\n"),
	      "a map that was refused can be read");
	check(source.fw.map_count == 0 && source.fw.e88_kib == 0x3ff00000 / 1024,
	      "as the older report that was taken instead");
}

static const struct text_row {
	const char *claim, *log, *text;
} cmdlines[] = {
	{ "the boot loader's", MAP "Command line: a=1\n", "a=1" },
	{ "the kernel's, which has what is built in",
	  MAP "Command line: a=1\nKernel command line: b=2 a=1\n", "b=2 a=1" },
	{ "one that was too long for a line",
	  MAP "Kernel command line: a=1 \\\nKernel command line: b=2\n", "a=1 b=2" },
	{ "none", MAP, NULL },
};

static void test_cmdlines(void **state)
{
	(void)state;
	for (const struct text_row *row = cmdlines; row < cmdlines + NB_COUNT(cmdlines); row++) {
		check(read_log(row->log), row->claim);
		check(!source.fw.cmdline == !row->text, row->claim);
		if (row->text)
			check(!strcmp(source.fw.cmdline, row->text), row->claim);
	}
}

/* One entry in words: "cpu 0/1", "x2apic 300/0", "mem 1:0+40000000,3". */
static void tell_entry(const struct nb_entry *entry, char *text, size_t size)
{
	struct nb_srat_cpu cpu = { .apic_id = 0 };
	struct nb_srat_memory memory;
	struct nb_fault fault;
	size_t len = strlen(text);

	if (entry->type == NB_SRAT_MEMORY) {
		nb_srat_memory(entry, &memory, &fault);
		snprintf(text + len, size - len, "mem %u:%llx+%llx,%x ", memory.pxm,
			 (unsigned long long)memory.base, (unsigned long long)memory.size,
			 memory.flags);
		return;
	}
	if (entry->type == NB_SRAT_LAPIC)
		nb_srat_lapic(entry, &cpu, &fault);
	else
		nb_srat_x2apic(entry, &cpu, &fault);
	snprintf(text + len, size - len, "%s %u/%u ",
		 entry->type == NB_SRAT_LAPIC ? "cpu" : "x2apic", cpu.apic_id,
		 cpu.pxm_low | cpu.pxm_high);
}

static void tell_srat(char *text, size_t size)
{
	const struct nb_table *srat = nb_firmware_table(&source.fw, "SRAT");
	struct nb_entry_walk walk;
	struct nb_entry entry;

	text[0] = '\0';
	if (!srat)
		return;
	walk = nb_entries(srat, NB_ENTRY_COMMON, NB_SRAT_ENTRIES);
	while (nb_entry_next(&walk, &entry))
		tell_entry(&entry, text, size);
	check(walk.fault.kind == NB_FAULT_NONE && nb_acpi_checksum_ok(srat), "the table is whole");
}

static const struct text_row srats[] = {
	{ "CPUs in their order, then memory in its",
	  MAP SRAT "SRAT: PXM 1 -> APIC 0x02 -> Node 0\nSRAT: PXM 0 -> APIC 0x00 -> Node 1\n"
		   "ACPI: SRAT: Node 1 PXM 0 [mem 0x00000000-0x1fffffff]\n"
		   "ACPI: SRAT: Node 0 PXM 1 [mem 0x20000000-0x3fffffff] hotplug\n",
	  "cpu 2/1 cpu 0/0 mem 0:0+20000000,1 mem 1:20000000+20000000,3 " },
	{ "four digits are a wide entry's",
	  MAP SRAT "SRAT: PXM 0 -> APIC 0x0004 -> Node 0\n"
		   "ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x3fffffff] non-volatile\n",
	  "x2apic 4/0 mem 0:0+40000000,5 " },
	{ "a wide PXM",
	  MAP SRAT "SRAT: PXM 300 -> APIC 0x01 -> Node 0\n"
		   "ACPI: SRAT: Node 0 PXM 300 [mem 0x00000000-0x3fffffff]\n",
	  "cpu 1/300 mem 300:0+40000000,1 " },
	{ "an entry of no bytes",
	  MAP SRAT "SRAT: PXM 0 -> APIC 0x00 -> Node 0\n"
		   "ACPI: SRAT: Node 0 PXM 0 [mem 0x100000-0xfffff]\n",
	  "cpu 0/0 mem 0:100000+0,1 " },
	{ "where no CPU is printed, nodes are numbered as the log has them",
	  MAP SRAT "ACPI: SRAT: Node 1 PXM 0 [mem 0x00000000-0x1fffffff]\n"
		   "ACPI: SRAT: Node 0 PXM 1 [mem 0x20000000-0x3fffffff]\n"
		   "CPU topo: Allowing 4 present CPUs plus 0 hotplug CPUs\n",
	  "cpu 0/1 cpu 1/1 cpu 2/0 cpu 3/0 mem 0:0+20000000,1 mem 1:20000000+20000000,1 " },
	{ "a number that no line names is some PXM's, which keeps it without a CPU",
	  MAP SRAT "ACPI: SRAT: Node 1 PXM 0 [mem 0x00000000-0x3fffffff]\n"
		   "CPU topo: Allowing 2 present CPUs plus 0 hotplug CPUs\n",
	  "cpu 2/1 cpu 0/0 cpu 1/0 mem 0:0+40000000,1 " },
	{ "with fewer CPUs than nodes, a narrow id that nobody has keeps a node's number",
	  MAP SRAT "ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x1fffffff]\n"
		   "ACPI: SRAT: Node 1 PXM 1 [mem 0x20000000-0x3fffffff]\n"
		   "CPU topo: Allowing 1 present CPUs plus 0 hotplug CPUs\n",
	  "cpu 1/0 cpu 0/1 mem 0:0+20000000,1 mem 1:20000000+20000000,1 " },
	{ "where none is printed, a node that only the result shows has CPUs",
	  MAP SRAT "ACPI: SRAT: Node 1 PXM 1 [mem 0x00000000-0x3fffffff]\n"
		   "Initmem setup node 0 as memoryless\n"
		   "CPU topo: Allowing 2 present CPUs plus 0 hotplug CPUs\n",
	  "cpu 0/0 cpu 1/1 mem 1:0+40000000,1 " },
	{ "a CPU that was ignored has no entry of a CPU that was not",
	  MAP SRAT "ACPI: x2apic entry ignored\n"
		   "ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x3fffffff]\n"
		   "CPU topo: Allowing 1 present CPUs plus 0 hotplug CPUs\n",
	  "cpu 0/0 mem 0:0+40000000,1 " },
	{ "no lines, no table", MAP TABLES, "" },
};

static void test_srats(void **state)
{
	(void)state;
	for (const struct text_row *row = srats; row < srats + NB_COUNT(srats); row++) {
		char text[512];

		check(read_log(row->log), row->claim);
		tell_srat(text, sizeof(text));
		check(!strcmp(text, row->text), row->claim);
	}
}

/* How many CPUs of the MADT run at once, and how many may come later. */
static const struct madt_row {
	const char *claim, *log;
	uint32_t present, later;
	bool is_guess;
} madts[] = {
	{ "as the log counts them",
	  MAP TABLES "CPU topo: Allowing 3 present CPUs plus 2 hotplug CPUs\n", 3, 2, true },
	{ "as an older log counts them", MAP TABLES "smpboot: Allowing 5 CPUs, 2 hotplug CPUs\n", 3,
	  2, true },
	{ "those that were refused come later",
	  MAP TABLES "CPU topo: Allowing 3 present CPUs plus 0 hotplug CPUs\n"
		     "CPU topo: Rejected CPUs 4\n",
	  3, 4, true },
	{ "as it lists them",
	  MAP TABLES "ACPI: LAPIC (acpi_id[0x00] lapic_id[0x00] enabled)\n"
		     "ACPI: LAPIC (acpi_id[0x01] lapic_id[0x02] disabled)\n",
	  1, 1, false },
	{ "those beyond the limit run too",
	  MAP TABLES "APIC: NR_CPUS/possible_cpus limit of 1 reached. Processor 1/0x1 ignored.\n"
		     "CPU topo: Allowing 1 present CPUs plus 0 hotplug CPUs\n",
	  2, 0, true },
	{ "and those that need the x2APIC mode",
	  MAP TABLES "ACPI: x2apic entry ignored\nACPI: x2apic entry ignored\n"
		     "CPU topo: Allowing 1 present CPUs plus 0 hotplug CPUs\n",
	  3, 0, true },
	{ "none that comes after the others are up",
	  MAP TABLES "CPU topo: Allowing 1 present CPUs plus 0 hotplug CPUs\n"
		     "smp: Brought up 1 node, 1 CPU\n"
		     "APIC: NR_CPUS/possible_cpus limit of 1 reached. Processor 1/0x1 ignored.\n",
	  1, 0, true },
	{ "of a machine without ACPI, as its MP table has them",
	  MAP "found SMP MP-table at [mem 0xf5db0-0xf5dbf]\n"
	      "CPU topo: Allowing 2 present CPUs plus 0 hotplug CPUs\n",
	  2, 0, true },
	{ "one, where nothing is said", MAP TABLES, 1, 0, true },
};

static void test_madts(void **state)
{
	(void)state;
	for (const struct madt_row *row = madts; row < madts + NB_COUNT(madts); row++) {
		const struct nb_table *madt;
		struct nb_entry_walk walk;
		struct nb_entry entry;
		uint32_t present = 0, later = 0;

		check(read_log(row->log), row->claim);
		madt = nb_firmware_table(&source.fw, "APIC");
		check(madt != NULL, row->claim);
		walk = nb_entries(madt, NB_ENTRY_COMMON, NB_MADT_ENTRIES);
		while (nb_entry_next(&walk, &entry)) {
			struct nb_madt_cpu cpu;
			struct nb_fault fault;

			check(!nb_madt_cpu(&entry, &cpu, &fault), row->claim);
			present += (cpu.flags & NB_MADT_ENABLED) != 0;
			later += (cpu.flags & NB_MADT_ONLINE_CAPABLE) != 0;
		}
		check(present == row->present && later == row->later, row->claim);
		check((source.facts[FACT_MADT].origin == ORIGIN_ASSUMED) == row->is_guess,
		      row->claim);
	}
}

static const struct guess_row {
	const char *claim, *log;
	enum source_fact fact;
	bool is_guess;
} guesses[] = {
	{ "a SLIT's distances are not in a log",
	  MAP SRAT "ACPI: SLIT 0x3FF20000 000030 (v01 X)\n"
		   "ACPI: SRAT: Node 0 PXM 0 [mem 0x0-0x3fffffff]\n",
	  FACT_SLIT, true },
	{ "unless it was refused",
	  MAP SRAT "ACPI: SLIT 0x3FF20000 000030 (v01 X)\n"
		   "ACPI: SRAT: Node 0 PXM 0 [mem 0x0-0x3fffffff]\n"
		   "ACPI: SLIT table looks invalid. Not used.\n",
	  FACT_SLIT, false },
	{ "without a SLIT there is nothing to know", MAP SRAT, FACT_SLIT, false },
	{ "new kernels do not print the nodes of CPUs",
	  MAP SRAT "ACPI: SRAT: Node 0 PXM 0 [mem 0x0-0x1fffffff]\n"
		   "ACPI: SRAT: Node 1 PXM 1 [mem 0x20000000-0x3fffffff]\n",
	  FACT_CPU_NODES, true },
	{ "of one node they are known", MAP SRAT "ACPI: SRAT: Node 0 PXM 0 [mem 0x0-0x3fffffff]\n",
	  FACT_CPU_NODES, false },
	{ "EFI tells so", MAP "efi: EFI v2.70 by X\n", FACT_EFI, false },
	{ "an image in RAM stays there", MAP, FACT_KERNEL, true },
	{ "one that would not lie in RAM lies in some",
	  "BIOS-e820: [mem 0x0-0x9ffff] reserved\nBIOS-e820: [mem 0x27000000-0x36f6dfff] usable\n",
	  FACT_KERNEL, false },
	{ "the number of CPUs that the build knows",
	  MAP "setup_percpu: NR_CPUS:64 nr_cpumask_bits:64 nr_cpu_ids:2 nr_node_ids:1\n",
	  FACT_BUILD, false },
	{ "how large per-CPU variables are",
	  MAP "PERCPU: Embedded 27 pages/cpu @ffff88003ec00000 s81048 r8192 d21352 u1048576\n",
	  FACT_PERCPU, false },
	{ "as large as assumed is nothing new",
	  MAP "percpu: Embedded 66 pages/cpu s233472 r8192 d28672 u1048576\n", FACT_PERCPU, true },
	{ "RAM that no MTRR covers",
	  MAP "last_pfn = 0x40000 max_arch_pfn = 0x400000000\n"
	      "e820: update [mem 0x30000000-0xffffffff] usable ==> reserved\n",
	  FACT_MTRR, false },
	{ "what EFI's drivers keep is no MTRR's",
	  MAP "last_pfn = 0x40000 max_arch_pfn = 0x400000000\nesrt: Reserving ESRT space\n"
	      "e820: update [mem 0x30000000-0x30000fff] usable ==> reserved\n",
	  FACT_MTRR, true },
	{ "but is known too",
	  MAP "last_pfn = 0x40000 max_arch_pfn = 0x400000000\nesrt: Reserving ESRT space\n"
	      "e820: update [mem 0x30000000-0x30000fff] usable ==> reserved\n",
	  FACT_EFI_KEPT, false },
};

static void test_guesses(void **state)
{
	(void)state;
	for (const struct guess_row *row = guesses; row < guesses + NB_COUNT(guesses); row++) {
		check(read_log(row->log), row->claim);
		check((source.facts[row->fact].origin == ORIGIN_ASSUMED) == row->is_guess,
		      row->claim);
	}
}

/* The boot loader's data cuts RAM; its pieces are told apart by their turn. */
static const struct data_row {
	const char *claim, *log;
	struct nb_range data;
} data_rows[] = {
	{ "a line for debugging names the range",
	  MAP "e820: update [mem 0x200000-0x2000ff] usable ==> usable\n",
	  { 0x200000, 0x200100 } },
	{ "else the smaller pieces are data",
	  MAP "reserve setup_data: [mem 0x100000-0x1fffff] usable\n"
	      "reserve setup_data: [mem 0x200000-0x2000ff] usable\n"
	      "reserve setup_data: [mem 0x200100-0x3fffffff] usable\n",
	  { 0x200000, 0x200100 } },
	{ "also at the start",
	  MAP "reserve setup_data: [mem 0x100000-0x1000ff] usable\n"
	      "reserve setup_data: [mem 0x100100-0x3fffffff] usable\n",
	  { 0x100000, 0x100100 } },
};

static void test_setup_data(void **state)
{
	(void)state;
	for (const struct data_row *row = data_rows; row < data_rows + NB_COUNT(data_rows); row++) {
		const struct nb_boot_facts *facts = &source.fw.facts;

		check(read_log(row->log), row->claim);
		check(facts->setup_data_count == 1 &&
			      facts->setup_data[0].start == row->data.start &&
			      facts->setup_data[0].end == row->data.end,
		      row->claim);
	}
}

static int drop(void **state)
{
	(void)state;
	pool_drop(&source.pool);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maps),    cmocka_unit_test(test_cmdlines),
		cmocka_unit_test(test_srats),   cmocka_unit_test(test_madts),
		cmocka_unit_test(test_guesses), cmocka_unit_test(test_setup_data),
	};

	return cmocka_run_group_tests(tests, NULL, drop);
}
