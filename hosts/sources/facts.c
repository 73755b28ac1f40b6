/* SPDX-License-Identifier: MIT */
/*
 * facts: what decides something in a boot but stands in no table: the one list
 * of where each is read and what is taken where nothing is known, and each
 * one's value in words. docs/FIDELITY.md opens with this list.
 */
#include "source.h"

#include <numaboot/acpi.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
const struct fact_row fact_rows[FACTS] = {
	[FACT_BUILD] = { "build", "kernel's build",
		"proc/config, boot/config-*, --kconfig, --config", "log, `setup_percpu: NR_CPUS:`",
		"the one that was booted for the line's cases" },
	[FACT_MAP] = { "map", "memory map",
		"sys/kernel/boot_params/data (0x2d0, count at 0x1e8); else sys/firmware/memmap; log, `BIOS-e820:`; text; --e820", "",
		"nothing: a source without a map cannot be used" },
	[FACT_EXTENDED_MAP] = { "extended_map", "more map entries",
		"sys/kernel/boot_params/setup_data, nodes of type 1; log, `extended:`", "",
		"none" },
	[FACT_TABLES] = { "tables", "ACPI tables",
		"sys/firmware/acpi/tables: APIC SRAT SLIT HMAT CEDT FACP HPET; acpidump; tables as files; --tables; log, `SRAT:`", "",
		"none" },
	[FACT_SLIT] = { "slit", "distances between nodes",
		"sys/firmware/acpi/tables/SLIT; a log tells only that there is one, or that it was refused", "",
		"20 between any two nodes" },
	[FACT_CPU_NODES] = { "cpu_nodes", "nodes of the CPUs",
		"sys/firmware/acpi/tables/SRAT; log, `SRAT: PXM`: up to 6.8", "",
		"as many CPUs to each node, in their order" },
	[FACT_INITIATORS] = { "initiators", "nodes of generic initiators and CXL windows",
		"sys/firmware/acpi/tables: SRAT CEDT", "log, `Initmem setup node` without memory",
		"none" },
	[FACT_MADT] = { "madt", "order of the CPUs",
		"sys/firmware/acpi/tables/APIC; log, `ACPI: LAPIC`: up to 4.3", "",
		"that of the SRAT" },
	[FACT_TABLE_ADDRESSES] = { "table_addresses", "addresses of ACPI tables",
		"acpidump", "log, `ACPI: Reserving`",
		"not known: their memory is not reserved" },
	[FACT_CMDLINE] = { "cmdline", "command line",
		"proc/cmdline; log, `Command line:`; --cmdline, --append", "",
		"empty" },
	[FACT_KERNEL] = { "kernel", "kernel image",
		"", "proc/iomem, `Kernel code` to `Kernel bss`",
		"that of the build, not moved; where it lies fewer pages are handed over" },
	[FACT_INITRD] = { "initrd", "initrd",
		"sys/kernel/boot_params/data (0x218, 0x21c, 0xc0, 0xc4)", "log, `RAMDISK:`",
		"none" },
	[FACT_INITRD_TABLES] = { "initrd_tables", "ACPI tables of the initramfs",
		"", "log, `ACPI table found in initrd`",
		"none" },
	[FACT_SETUP_DATA] = { "setup_data", "boot loader's data",
		"sys/kernel/boot_params/data (0x250): the first node; log, `reserve setup_data:`", "",
		"none" },
	[FACT_EFI] = { "efi", "EFI",
		"sys/kernel/boot_params/data (0x1c0)", "log, `efi: EFI v`",
		"BIOS" },
	[FACT_EFI_MMIO] = { "efi_mmio", "EFI's MMIO ranges",
		"", "log, `efi: Remove mem`",
		"none of 256 KiB or more in the map" },
	[FACT_EFI_BOOT] = { "efi_boot", "EFI's boot services memory",
		"", "log, `efi: mem`, of efi=debug; of memblock=debug",
		"none; what there is comes back late: up to 50 MiB fewer are handed over at first, and marks follow" },
	[FACT_FOUND] = { "found", "tables that are kept where they lie",
		"", "log, of memblock=debug: the MP table's, EFI's memory map's",
		"not known" },
	[FACT_EFI_KEPT] = { "efi_kept", "memory that EFI's drivers keep",
		"", "log, `e820: update` once memblock has its memory",
		"none" },
	[FACT_MTRR] = { "mtrr", "RAM without write-back MTRRs",
		"", "log, the first `e820: update` after `last_pfn`",
		"none" },
	[FACT_BIOS_WORDS] = { "bios_words", "BIOS words at 0x413 and EBDA",
		"", "",
		"639 KiB of low memory, no EBDA" },
	[FACT_HYPERVISOR] = { "hypervisor", "hypervisor",
		"proc/cpuinfo, flag hypervisor; QEMU's TCG is none", "log, `Hypervisor detected:`",
		"none" },
	[FACT_VENDOR] = { "vendor", "processor vendor",
		"proc/cpuinfo, vendor_id", "",
		"not known" },
	[FACT_BOOT_APIC_ID] = { "boot_apic_id", "boot CPU's APIC ID",
		"proc/cpuinfo, initial apicid of the first processor", "log, `CPU topo: Boot CPU APIC ID`",
		"0" },
	[FACT_BOOT_APIC_BSP] = { "boot_apic_bsp", "boot CPU is the BSP",
		"", "",
		"yes, but for a crash kernel" },
	[FACT_X2APIC] = { "x2apic", "x2APIC mode at start",
		"proc/cpuinfo: apicid of 255 or above, or flag x2apic with such ids in the MADT",
		"log, `x2apic: enabled by BIOS`",
		"no" },
	[FACT_LOCAL_APIC] = { "no_local_apic", "no local APIC of the boot CPU",
		"", "log, `No local APIC present`",
		"no" },
	[FACT_GB_PAGES] = { "gb_pages", "1 GiB pages",
		"proc/cpuinfo, flag pdpe1gb", "log, `Using GB pages`",
		"yes" },
	[FACT_FIVE_LEVEL] = { "five_level", "5-level paging",
		"proc/cpuinfo, flag la57 or 57 bits virtual; off with no5lvl", "log, max_arch_pfn of `last_pfn`",
		"no" },
	[FACT_KDUMP] = { "kdump", "crash kernel",
		"command line, elfcorehdr=", "",
		"no" },
	[FACT_MP_TABLE] = { "mp_table", "MP table that lists the CPUs",
		"", "log, `found SMP MP-table`",
		"yes, but not under EFI" },
	[FACT_STARTED] = { "started", "CPUs that came up",
		"", "sys/devices/system/cpu/online",
		"all that are present" },
	[FACT_TOPOLOGY] = { "topology", "APIC ID bits below core and package",
		"proc/cpuinfo, siblings and cpu cores; where not all CPUs run, gaps between APIC IDs of the MADT", "log, `CPU topo: Max. threads per core`",
		"0: every CPU is a core and a package" },
	[FACT_PARALLEL] = { "parallel", "CPUs may be started in parallel",
		"", "log, `Parallel CPU startup disabled`",
		"yes" },
	[FACT_PERCPU] = { "percpu", "bytes of per-CPU variables",
		"--config", "log, `percpu: Embedded`",
		"as many as in the build" },
};
/* clang-format on */

static void range_value(struct nb_range range, char *text, size_t size)
{
	if (range.start >= range.end)
		snprintf(text, size, "none");
	else
		snprintf(text, size, "0x%llx-0x%llx", (unsigned long long)range.start,
			 (unsigned long long)range.end - 1);
}

static void ranges_value(const struct nb_range *ranges, uint32_t count, char *text, size_t size)
{
	range_value(count ? ranges[0] : (struct nb_range){ 0, 0 }, text, size);
	if (count > 1) {
		size_t len = strlen(text);

		snprintf(text + len, size - len, " and %u more", count - 1);
	}
}

static const char *vendor_value(enum nb_vendor vendor)
{
	switch (vendor) {
	case NB_VENDOR_INTEL:
		return "Intel";
	case NB_VENDOR_AMD:
		return "AMD";
	case NB_VENDOR_OTHER:
		return "another";
	case NB_VENDOR_UNKNOWN:
		break;
	}
	return "not known";
}

/* "APIC SRAT SLIT". */
static void tables_value(const struct nb_firmware *fw, char *text, size_t size)
{
	size_t len = 0;

	snprintf(text, size, "none");
	for (uint32_t i = 0; i < fw->table_count && len + 6 < size; i++) {
		if (len)
			text[len++] = ' ';
		memcpy(text + len, fw->tables[i].signature, 4);
		len += 4;
		text[len] = '\0';
	}
}

static uint32_t tables_placed(const struct nb_firmware *fw)
{
	uint32_t placed = 0;

	for (uint32_t i = 0; i < fw->table_count; i++)
		placed += fw->tables[i].address != 0;
	return placed;
}

/* The facts that are yes or no. */
static bool fact_is_on(const struct nb_boot_facts *facts, enum source_fact fact)
{
	switch (fact) {
	case FACT_EFI:
		return facts->efi;
	case FACT_HYPERVISOR:
		return facts->hypervisor;
	case FACT_BOOT_APIC_BSP:
		return facts->boot_apic_is_bsp;
	case FACT_X2APIC:
		return facts->x2apic;
	case FACT_LOCAL_APIC:
		return facts->no_local_apic;
	case FACT_GB_PAGES:
		return facts->gb_pages;
	case FACT_FIVE_LEVEL:
		return facts->five_level;
	case FACT_KDUMP:
		return facts->kdump;
	case FACT_MP_TABLE:
		return facts->mp_table;
	case FACT_PARALLEL:
		return facts->parallel_bringup;
	default:
		return false;
	}
}

/* The facts that are ranges; false for another. */
static bool place_value(const struct nb_boot_facts *facts, enum source_fact fact, char *text,
			size_t size)
{
	switch (fact) {
	case FACT_KERNEL:
		range_value((struct nb_range){ facts->kernel.start, facts->kernel_end }, text,
			    size);
		return true;
	case FACT_INITRD:
		range_value(facts->initrd, text, size);
		return true;
	case FACT_INITRD_TABLES:
		if (facts->initrd_tables_bytes)
			snprintf(text, size, "%u bytes", facts->initrd_tables_bytes);
		else
			snprintf(text, size, "none");
		return true;
	case FACT_SETUP_DATA:
		ranges_value(facts->setup_data, facts->setup_data_count, text, size);
		return true;
	case FACT_EFI_MMIO:
		ranges_value(facts->efi_mmio, facts->efi_mmio_count, text, size);
		return true;
	case FACT_EFI_BOOT:
		ranges_value(facts->efi_boot, facts->efi_boot_count, text, size);
		return true;
	case FACT_FOUND:
		ranges_value(facts->found, facts->found_count, text, size);
		return true;
	case FACT_MTRR:
		ranges_value(facts->mtrr_uncached, facts->mtrr_uncached_count, text, size);
		return true;
	default:
		return false;
	}
}

bool source_guesses(const struct source *source, enum source_fact fact)
{
	return source->is_log && source->facts[fact].origin == ORIGIN_ASSUMED;
}

bool source_has_map(const struct source *source)
{
	return source->facts[FACT_MAP].origin != ORIGIN_ASSUMED;
}

void source_assume(struct source *source)
{
	const struct kernel *kernel = &source->kernel;

	source->fw.facts = nb_boot_facts_assumed(&kernel->config);
	if (kernel->config_from)
		source->facts[FACT_BUILD] =
			(struct provenance){ ORIGIN_OPTION, kernel->config_from };
}

void fact_value(const struct source *source, enum source_fact fact, char *text, size_t size)
{
	const struct nb_firmware *fw = &source->fw;
	const struct nb_boot_facts *facts = &fw->facts;

	if (place_value(facts, fact, text, size))
		return;
	if (fact == FACT_EFI_KEPT) {
		ranges_value(source->efi_kept, source->efi_kept_count, text, size);
		return;
	}
	switch (fact) {
	case FACT_BUILD:
		snprintf(text, size, "%s%s", source->kernel.config.name,
			 source->facts[fact].origin == ORIGIN_ASSUMED ? "" : ", changed");
		break;
	case FACT_MAP:
		snprintf(text, size, "%u entries", fw->map_count);
		break;
	case FACT_EXTENDED_MAP:
		snprintf(text, size, "%u entries", fw->extended_count);
		break;
	case FACT_TABLES:
		tables_value(fw, text, size);
		break;
	case FACT_TABLE_ADDRESSES:
		snprintf(text, size, "%u known", tables_placed(fw));
		break;
	case FACT_CMDLINE:
		snprintf(text, size, "%s", fw->cmdline ? fw->cmdline : "");
		break;
	case FACT_BIOS_WORDS:
		snprintf(text, size, "%u KiB, EBDA 0x%llx", facts->bios_low_kib,
			 (unsigned long long)facts->ebda);
		break;
	case FACT_VENDOR:
		snprintf(text, size, "%s", vendor_value(facts->vendor));
		break;
	case FACT_BOOT_APIC_ID:
		snprintf(text, size, "%u", facts->boot_apic_id);
		break;
	case FACT_STARTED:
		if (facts->started)
			snprintf(text, size, "%u", facts->started_count);
		else
			snprintf(text, size, "all that are present");
		break;
	case FACT_TOPOLOGY:
		snprintf(text, size, "%u and %u", facts->thread_shift, facts->package_shift);
		break;
	case FACT_PERCPU:
		snprintf(text, size, "%u, modules %u", source->kernel.config.percpu_static_bytes,
			 source->kernel.config.percpu_module_bytes);
		break;
	default:
		snprintf(text, size, "%s", fact_is_on(facts, fact) ? "yes" : "no");
	}
}

/* Whether the MADT has a processor entry that a test is true of. */
static bool madt_has(const struct nb_firmware *fw, bool (*test)(const struct nb_madt_cpu *cpu))
{
	const struct nb_table *madt = nb_firmware_table(fw, "APIC");

	if (!madt)
		return false;

	struct nb_entry_walk walk = nb_entries(madt, NB_ENTRY_COMMON, NB_MADT_ENTRIES);
	struct nb_entry entry;

	while (nb_entry_next(&walk, &entry)) {
		struct nb_madt_cpu cpu;
		struct nb_fault fault;

		if (entry.type != NB_MADT_LAPIC && entry.type != NB_MADT_X2APIC)
			continue;
		if (!nb_madt_cpu(&entry, &cpu, &fault) && test(&cpu))
			return true;
	}
	return false;
}

static bool is_disabled(const struct nb_madt_cpu *cpu)
{
	return !(cpu->flags & NB_MADT_ENABLED);
}

static bool is_above_xapic(const struct nb_madt_cpu *cpu)
{
	return cpu->apic_id >= 255 && cpu->apic_id != NB_NO_APIC_ID;
}

static bool cmdline_has(const struct nb_firmware *fw, const char *word)
{
	return fw->cmdline && strstr(fw->cmdline, word);
}

bool fact_matters(const struct source *source, enum source_fact fact, bool pages)
{
	const struct nb_firmware *fw = &source->fw;

	if (source->facts[fact].origin != ORIGIN_ASSUMED)
		return false;
	switch (fact) {
	case FACT_SLIT:
	case FACT_CPU_NODES:
	case FACT_MADT:
		return source->is_log;
	case FACT_TABLES:
	case FACT_CMDLINE:
	case FACT_FIVE_LEVEL:
	case FACT_BOOT_APIC_ID:
		return true;
	case FACT_KERNEL:
	case FACT_INITRD:
		if (cmdline_has(fw, "movable_node"))
			return true;
		return pages && (fact == FACT_INITRD || !cmdline_has(fw, "nokaslr"));
	case FACT_EFI_MMIO:
	case FACT_EFI_BOOT:
		return fw->facts.efi;
	case FACT_HYPERVISOR:
		return madt_has(fw, is_disabled);
	case FACT_X2APIC:
		return madt_has(fw, is_above_xapic);
	case FACT_MP_TABLE:
		return !fw->table_count || cmdline_has(fw, "acpi=off");
	default:
		return false;
	}
}

bool source_lacks(const struct source *source, char *text, size_t size)
{
	static const enum source_fact told[] = { FACT_MAP,       FACT_TABLES, FACT_SLIT,
						 FACT_CPU_NODES, FACT_MADT,   FACT_CMDLINE };
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < NB_COUNT(told); i++)
		if (told[i] == FACT_MAP ? !source_has_map(source)
					: fact_matters(source, told[i], false))
			len += (size_t)snprintf(text + len, len < size ? size - len : 0, "%s%s",
						len ? ", " : "", fact_rows[told[i]].name);
	nb_assert(len < size);
	return len > 0;
}
