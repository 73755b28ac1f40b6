/* SPDX-License-Identifier: MIT */
/*
 * given: facts that no input of a boot holds and only the running kernel knew,
 * out of what it showed. They are taken where a fact is not known otherwise;
 * comparing a prediction with a record needs them, predicting must not.
 */
#include "source.h"

#include <stdio.h>
#include <string.h>

static void give(struct source *source, enum source_fact fact, const char *where)
{
	source->facts[fact] = (struct provenance){ ORIGIN_GIVEN, where };
}

static struct nb_text from(struct nb_text text, size_t skipped)
{
	return (struct nb_text){ text.at + skipped, text.len - skipped };
}

/*
 * The kernel's place. The resource list has it up to the end of bss; what of the
 * brk area stays reserved behind it is only known for the assumed build, so an
 * image of that length is taken for that build, moved.
 */
static void give_kernel(struct source *source, const struct recorded *recorded)
{
	enum { BRK_MOST = 1 << 20 };
	struct nb_boot_facts *facts = &source->fw.facts;
	nb_phys bytes = nb_range_size(recorded->kernel), assumed = nb_range_size(facts->kernel);
	nb_phys tail = facts->kernel_end - facts->kernel.end;

	if (!bytes)
		return;
	if (assumed >= bytes && assumed - bytes < BRK_MOST)
		bytes = assumed;
	else
		tail = 0;
	facts->kernel.start = recorded->kernel.start;
	facts->kernel.end = recorded->kernel.start + bytes;
	facts->kernel_end = facts->kernel.end + tail;
	give(source, FACT_KERNEL, "proc/iomem");
}

static void give_initrd(struct source *source, const struct boot_log *log)
{
	if (source->facts[FACT_INITRD].origin == ORIGIN_ASSUMED &&
	    text_mem_range(boot_log_line(log, "RAMDISK: "), "[mem ", &source->fw.facts.initrd))
		give(source, FACT_INITRD, "log, RAMDISK:");
}

/*
 * Where the kernel copied tables of the initramfs to: the ACPI range of their
 * bytes' sum in the map that it printed right after.
 */
static void give_initrd_tables(struct source *source, const struct boot_log *log)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < log->count; i++) {
		struct nb_text line = log->plain[i], tail;
		size_t at = text_find(line, "ACPI table found in initrd [");
		struct nb_range range;
		uint64_t bytes;

		if (at < line.len) {
			tail = from(line, at);
			tail = from(tail, text_find(tail, "][0x"));
			if (text_skip(&tail, "][") && tail.len &&
			    text_u64((struct nb_text){ tail.at, tail.len - 1 }, &bytes))
				sum += bytes;
		} else if (sum && text_skip(&line, "modified: ") &&
			   text_find(line, "] ACPI ") < line.len &&
			   text_mem_range(line, "[mem ", &range) && nb_range_size(range) == sum) {
			source->fw.facts.initrd_tables = range;
			give(source, FACT_INITRD_TABLES, "log, modified:");
			return;
		}
	}
}

static void give_efi(struct source *source, const struct boot_log *log)
{
	struct nb_boot_facts *facts = &source->fw.facts;
	uint32_t count = 0;

	if (source->facts[FACT_EFI].origin == ORIGIN_ASSUMED &&
	    boot_log_line(log, "efi: EFI v").at) {
		facts->efi = true;
		give(source, FACT_EFI, "log, efi: EFI v");
	}
	for (uint32_t i = 0; i < log->count && count < SOURCE_RANGES; i++) {
		struct nb_text line = log->plain[i];

		if (text_skip(&line, "efi: Remove mem") &&
		    text_mem_range(line, "MMIO range=[", &source->efi_mmio[count]))
			count++;
	}
	facts->efi_mmio = source->efi_mmio;
	facts->efi_mmio_count = count;
	if (count)
		give(source, FACT_EFI_MMIO, "log, efi: Remove mem");
}

/* A range that EFI's boot services use, as efi=debug has the kernel tell: with the
 * type in words or, in older kernels, as a number, and then half-open. */
static bool boot_services(struct nb_text line, struct nb_range *range)
{
	static const char *const marks[] = { "[Boot Code", "[Boot Data", " type=3,", " type=4," };
	bool is_theirs = false;

	if (!text_skip(&line, "efi: mem"))
		return false;
	for (size_t i = 0; i < NB_COUNT(marks); i++)
		is_theirs |= text_find(line, marks[i]) < line.len;
	if (!is_theirs || !text_mem_range(line, "range=[", range))
		return false;
	range->end = nb_align_down(range->end, NB_PAGE_SIZE);
	return range->start < range->end;
}

static void give_efi_boot(struct source *source, const struct boot_log *log)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < log->count && count < SOURCE_EFI; i++)
		count += boot_services(log->plain[i], &source->efi_boot[count]);
	source->fw.facts.efi_boot = source->efi_boot;
	source->fw.facts.efi_boot_count = count;
	if (count)
		give(source, FACT_EFI_BOOT, "log, efi: mem");
}

/* The updates that come between the end of RAM and the complaint about MTRRs. */
static void give_mtrr(struct source *source, const struct boot_log *log)
{
	struct nb_boot_facts *facts = &source->fw.facts;
	uint32_t count = 0;
	bool complained = false;

	for (uint32_t i = 0; i < log->count && !complained; i++) {
		struct nb_text line = log->plain[i], rest = line;

		if (text_skip(&rest, "last_pfn = "))
			count = 0;
		else if (text_skip(&rest, "e820: update ") && count < SOURCE_RANGES)
			count += text_mem_range(line, "[mem ", &source->mtrr_uncached[count]);
		else
			complained = text_skip(
				&rest, "WARNING: BIOS bug: CPU MTRRs don't cover all of memory");
	}
	if (!complained)
		return;
	facts->mtrr_uncached = source->mtrr_uncached;
	facts->mtrr_uncached_count = count;
	give(source, FACT_MTRR, "log, e820: update");
}

/* Sets a fact by whether a line is there. That it is not means something only
 * in a log that is whole. */
static void give_by_line(struct source *source, enum source_fact fact, const struct boot_log *log,
			 const char *start, bool *value)
{
	bool there = boot_log_line(log, start).at != NULL;

	if (source->facts[fact].origin != ORIGIN_ASSUMED || (!there && !log->from_start))
		return;
	*value = there;
	give(source, fact, "log");
}

/* "... APIC ID not the first enumerated APIC ID: 2 != 0": hexadecimal. Without
 * that line the boot CPU is the first one of the MADT, or nobody can know. */
static void give_boot_apic_id(struct source *source, const struct boot_log *log)
{
	struct nb_text line = boot_log_line(log, "CPU topo: Boot CPU APIC ID not the first"), id;
	size_t at = text_find(line, "ID: ");
	char hex[16];
	uint64_t number;

	if (source->facts[FACT_BOOT_APIC_ID].origin != ORIGIN_ASSUMED || at == line.len)
		return;
	line = from(line, at + strlen("ID: "));
	if (!text_word(&line, &id) || id.len > 8)
		return;
	snprintf(hex, sizeof(hex), "0x%.*s", (int)id.len, id.at);
	if (!text_u64(text_of(hex), &number))
		return;
	source->fw.facts.boot_apic_id = (uint32_t)number;
	give(source, FACT_BOOT_APIC_ID, "log, Boot CPU APIC ID");
}

static void give_processor(struct source *source, const struct boot_log *log)
{
	struct nb_boot_facts *facts = &source->fw.facts;
	struct nb_text line = boot_log_line(log, "last_pfn = ");
	bool serial = !facts->parallel_bringup;

	give_by_line(source, FACT_X2APIC, log, "x2apic: enabled by BIOS", &facts->x2apic);
	give_by_line(source, FACT_GB_PAGES, log, "Using GB pages", &facts->gb_pages);
	give_by_line(source, FACT_MP_TABLE, log, "found SMP MP-table", &facts->mp_table);
	give_by_line(source, FACT_PARALLEL, log, "Parallel CPU startup disabled", &serial);
	facts->parallel_bringup = !serial;
	if (source->facts[FACT_FIVE_LEVEL].origin == ORIGIN_ASSUMED && line.at) {
		facts->five_level = text_find(line, "max_arch_pfn = 0x10000000000") < line.len;
		give(source, FACT_FIVE_LEVEL, "log, max_arch_pfn");
	}
}

/* Under a hypervisor that Linux has a name for it says so. */
static void give_hypervisor(struct source *source, const struct boot_log *log)
{
	bool there = boot_log_line(log, "Hypervisor detected: ").at != NULL;

	if (!there && !log->from_start)
		return;
	source->fw.facts.hypervisor = there;
	source->fw.facts.kvm = boot_log_line(log, "Hypervisor detected: KVM").at != NULL;
	give(source, FACT_HYPERVISOR, "log, Hypervisor detected:");
}

/* Where a table lies: "ACPI: Reserving SRAT table memory at [mem ...]". A table
 * that no prediction reads still takes its memory. */
static void give_table(struct source *source, struct nb_text line)
{
	struct nb_firmware *fw = &source->fw;
	struct nb_text name = line;
	struct nb_range range;
	struct nb_table *table = NULL;

	if (!text_skip(&name, "ACPI: Reserving ") || name.len < 4 ||
	    !text_mem_range(line, "[mem ", &range))
		return;
	for (uint32_t i = 0; i < fw->table_count && !table; i++)
		if (!source->tables[i].address && !memcmp(source->tables[i].signature, name.at, 4))
			table = &source->tables[i];
	if (!table)
		return;
	table->address = range.start;
	give(source, FACT_TABLE_ADDRESSES, "log, ACPI: Reserving");
}

void given_facts(struct source *source, const struct recorded *recorded)
{
	const struct boot_log *log = &recorded->log;

	give_kernel(source, recorded);
	if (!log->count)
		return;
	give_initrd(source, log);
	give_initrd_tables(source, log);
	give_efi(source, log);
	give_efi_boot(source, log);
	give_mtrr(source, log);
	give_hypervisor(source, log);
	give_processor(source, log);
	give_boot_apic_id(source, log);
	for (uint32_t i = 0; i < log->count; i++)
		give_table(source, log->plain[i]);
}
