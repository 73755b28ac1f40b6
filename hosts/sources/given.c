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

/* How many bytes of tables the kernel took of the initramfs: each is told with its length,
 * "ACPI table found in initrd [kernel/firmware/acpi/0-srat.aml][0xc8]". */
static void give_initrd_tables(struct source *source, const struct boot_log *log)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < log->count; i++) {
		struct nb_text line = log->plain[i], tail;
		size_t at = text_find(line, "ACPI table found in initrd [");
		uint64_t bytes;

		if (at == line.len)
			continue;
		tail = text_from(line, at);
		tail = text_from(tail, text_find(tail, "][0x"));
		if (text_skip(&tail, "][") && tail.len &&
		    text_u64((struct nb_text){ tail.at, tail.len - 1 }, &bytes))
			sum += bytes;
	}
	if (!sum || sum > UINT32_MAX)
		return;
	source->fw.facts.initrd_tables_bytes = (uint32_t)sum;
	give(source, FACT_INITRD_TABLES, "log, ACPI table found in initrd");
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

/* What a function reserved, as memblock=debug has the kernel tell. */
static bool reserved_by(struct nb_text line, const char *function, struct nb_range *range)
{
	return text_skip(&line, "memblock_reserve: ") && text_find(line, function) < line.len &&
	       text_mem_range(line, "[", range);
}

/* All that one function reserved; returns how many ranges that are. */
static uint32_t all_reserved_by(const struct boot_log *log, const char *function,
				struct nb_range *ranges, uint32_t most)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < log->count && count < most; i++)
		count += reserved_by(log->plain[i], function, &ranges[count]);
	return count;
}

static void give_efi_boot(struct source *source, const struct boot_log *log)
{
	uint32_t count =
		all_reserved_by(log, " efi_reserve_boot_services+", source->efi_boot, SOURCE_EFI);
	const char *where = "log, memblock_reserve:";

	if (!count) {
		where = "log, efi: mem";
		for (uint32_t i = 0; i < log->count && count < SOURCE_EFI; i++)
			count += boot_services(log->plain[i], &source->efi_boot[count]);
	}
	source->fw.facts.efi_boot = source->efi_boot;
	source->fw.facts.efi_boot_count = count;
	if (count)
		give(source, FACT_EFI_BOOT, where);
}

/* What the kernel reserved since it found it there. */
static void give_found(struct source *source, const struct boot_log *log)
{
	static const char *const finders[] = {
		" smp_scan_config+",
		" efi_memblock_x86_reserve_range+",
		" efi_memattr_init+",
	};
	uint32_t count = 0;

	for (uint32_t i = 0; i < log->count; i++)
		for (size_t f = 0; f < NB_COUNT(finders) && count < SOURCE_RANGES; f++)
			count += reserved_by(log->plain[i], finders[f], &source->found[count]);
	source->fw.facts.found = source->found;
	source->fw.facts.found_count = count;
	if (count)
		give(source, FACT_FOUND, "log, memblock_reserve:");
}

/* "e820: update [mem ...] usable ==> reserved", of which the first MiB is the
 * boot's own. */
static bool made_reserved(struct nb_text line, struct nb_range *range)
{
	return text_skip(&line, "e820: update ") &&
	       text_find(line, "usable ==> reserved") < line.len &&
	       text_mem_range(line, "[mem ", range) && range->start >= NB_MIB;
}

/* Whether a line is of something that comes once memblock has its memory. */
static bool comes_later(struct nb_text line)
{
	static const char *const starts[] = { "esrt: ", "RAMDISK: ", "ACPI: ", "Using GB pages" };

	for (size_t i = 0; i < NB_COUNT(starts); i++) {
		struct nb_text rest = line;

		if (text_skip(&rest, starts[i]))
			return true;
	}
	return false;
}

/*
 * RAM that became reserved: first, right after the end of RAM was told, what no MTRR
 * covers, whether it was RAM or not; later what EFI's drivers keep, when memblock
 * has its memory already.
 */
static void give_updates(struct source *source, const struct boot_log *log)
{
	struct nb_boot_facts *facts = &source->fw.facts;
	uint32_t trimmed = 0, kept = 0;
	bool ended = false, after_end = false, in_run = false;

	for (uint32_t i = 0; i < log->count; i++) {
		struct nb_text line = log->plain[i];
		struct nb_range range;

		after_end = after_end || text_skip(&line, "last_pfn = ");
		if (!after_end || !made_reserved(line, &range)) {
			ended = ended || in_run || comes_later(line);
			in_run = false;
			continue;
		}
		in_run = true;
		if (!ended && trimmed < SOURCE_RANGES)
			source->mtrr_uncached[trimmed++] = range;
		else if (kept < SOURCE_RANGES)
			source->efi_kept[kept++] = range;
	}
	facts->mtrr_uncached = source->mtrr_uncached;
	facts->mtrr_uncached_count = trimmed;
	source->efi_kept_count = kept;
	if (trimmed)
		give(source, FACT_MTRR, "log, e820: update");
	if (kept)
		give(source, FACT_EFI_KEPT, "log, e820: update");
}

/* A number behind a mark, somewhere in a line. */
static bool number_after(struct nb_text line, const char *mark, uint64_t *number)
{
	return text_number_after(&line, mark, number);
}

/* The 32-bit kernel's share of low memory and vmalloc: "  low ram: 0 - 36ffe000", where
 * there is more RAM than fits and nobody asked for another share. */
static void give_low_memory(struct source *source, const struct boot_log *log)
{
	enum { VMALLOC = 128 << 20 };
	static const char start[] = "  low ram: 0 - ";
	struct nb_kernel_config *config = &source->kernel.config;
	struct nb_text line = boot_log_line(log, start);
	const char *cmdline = source->fw.cmdline ? source->fw.cmdline : "";
	char hex[20];
	uint64_t end;

	if (!config->low_and_vmalloc || !line.at || line.len - strlen(start) > 16 ||
	    boot_log_line(log, "0MB HIGHMEM available.").at || strstr(cmdline, "vmalloc=") ||
	    strstr(cmdline, "highmem="))
		return;
	line = text_from(line, strlen(start));
	snprintf(hex, sizeof(hex), "0x%.*s", (int)line.len, line.at);
	if (text_u64(text_of(hex), &end))
		config->low_and_vmalloc = end + VMALLOC;
}

/* How many bits an address has: more than the usual build knows, or on 32 bits less. */
static void give_phys_bits(struct source *source, const struct boot_log *log)
{
	enum { NARROW = 36 };
	struct nb_kernel_config *config = &source->kernel.config;
	uint64_t pages;
	uint32_t bits = NB_PAGE_SHIFT;

	if (!number_after(boot_log_line(log, "last_pfn = "), "max_arch_pfn = ", &pages))
		return;
	while (pages > 1) {
		pages >>= 1;
		bits++;
	}
	if (bits > config->phys_bits || config->phys_bits <= NARROW)
		config->phys_bits = bits;
}

/* The size of a page's descriptor: of the pages of the zone DMA it takes as many as
 * the log says. */
static void give_page_struct(struct source *source, const struct boot_log *log)
{
	enum { LEAST = 32, MOST = 128, STEP = 8 };
	struct nb_range zone;
	uint64_t pages;

	if (!text_mem_range(boot_log_line(log, "  DMA      "), "[mem ", &zone))
		return;
	for (uint32_t i = 0; i < log->count; i++) {
		struct nb_text line = log->plain[i];

		if (!number_after(line, "  DMA zone: ", &pages) ||
		    text_find(line, " pages used for memmap") == line.len)
			continue;
		for (uint32_t bytes = LEAST; bytes <= MOST; bytes += STEP)
			if (nb_pfn_up(nb_pfn_down(nb_range_size(zone)) * bytes) == pages)
				source->kernel.config.page_struct_bytes = bytes;
		return;
	}
}

/* What of the build the log shows: how many CPUs it knows, whether there is NUMA
 * in it and a zone for devices, how long a page's
 * descriptor is. */
static void give_build(struct source *source, const struct boot_log *log)
{
	struct nb_kernel_config *config = &source->kernel.config, before = *config;
	struct nb_text line = boot_log_line(log, "setup_percpu: NR_CPUS:");
	bool zones = boot_log_line(log, "Zone ranges:").at != NULL;
	uint64_t cpus, bits, ids;

	if (number_after(line, "NR_CPUS:", &cpus) && cpus && cpus <= UINT32_MAX) {
		config->max_cpus = (uint32_t)cpus;
		if (number_after(line, "nr_cpumask_bits:", &bits) &&
		    number_after(line, "nr_cpu_ids:", &ids) && ids != cpus)
			config->cpumask_offstack = bits != cpus;
	}
	if (zones)
		config->zone_device = boot_log_line(log, "  Device  ").at != NULL;
	if (zones && config->low_and_vmalloc)
		config->no_highmem = !boot_log_line(log, "  HighMem  ").at;
	if (zones && boot_log_line(log, "Built ").at)
		config->no_numa = !boot_log_line(log, "Policy zone: ").at;
	give_page_struct(source, log);
	give_low_memory(source, log);
	give_phys_bits(source, log);
	config_complete(config);
	for (unsigned row = 0; row < config_row_count; row++)
		if (source->kernel.config_known >> row & 1)
			config_copy(config, &before, row);
	if (source->facts[FACT_BUILD].origin == ORIGIN_ASSUMED &&
	    memcmp(&before, config, sizeof(before)) != 0)
		give(source, FACT_BUILD, "log, setup_percpu: and others");
}

/* How much room there is to give out: whether a build has four times as much, and on 32 bits if
 * that for modules is part of it. */
static void give_percpu_room(struct source *source, uint64_t bytes)
{
	struct nb_kernel_config *config = &source->kernel.config;
	const struct nb_rules *rules = source->kernel.rules;

	if (bytes >= 4 * rules->percpu_dynamic)
		config->percpu_wide = true;
	if (!rules->percpu_modules_apart &&
	    bytes < rules->percpu_dynamic + config->percpu_module_bytes)
		config->percpu_module_bytes = 0;
}

/* The size of per-CPU variables stands in no .config: a log tells it, and on 64 bits
 * the room for those of modules, unless they were set. */
static void give_percpu(struct source *source, const struct boot_log *log)
{
	struct nb_kernel_config *config = &source->kernel.config, before = *config;
	const struct nb_kernel_config *usual = &nb_configs[source->kernel.line];
	struct nb_text line = boot_log_line(log, "percpu: Embedded ");
	uint64_t bytes;

	if (config->percpu_static_bytes == usual->percpu_static_bytes &&
	    number_after(line, " s", &bytes) && bytes <= UINT32_MAX)
		config->percpu_static_bytes = (uint32_t)bytes;
	if (config->percpu_module_bytes == usual->percpu_module_bytes &&
	    source->kernel.rules->percpu_modules_apart && number_after(line, " r", &bytes) &&
	    bytes <= UINT32_MAX)
		config->percpu_module_bytes = (uint32_t)bytes;
	if (number_after(line, " d", &bytes))
		give_percpu_room(source, bytes);
	if (memcmp(&before, config, sizeof(before)) != 0)
		give(source, FACT_PERCPU, "log, percpu: Embedded");
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
	line = text_from(line, at + strlen("ID: "));
	if (!text_word(&line, &id) || id.len > 8)
		return;
	snprintf(hex, sizeof(hex), "0x%.*s", (int)id.len, id.at);
	if (!text_u64(text_of(hex), &number))
		return;
	source->fw.facts.boot_apic_id = (uint32_t)number;
	give(source, FACT_BOOT_APIC_ID, "log, Boot CPU APIC ID");
}

static void give_topology(struct source *source, const struct boot_log *log)
{
	struct nb_boot_facts *facts = &source->fw.facts;
	struct nb_text threads = boot_log_line(log, "CPU topo: Max. threads per core:");
	struct nb_text package = boot_log_line(log, "CPU topo: Num. threads per package:");
	uint64_t per_core, per_package;

	if (source->facts[FACT_TOPOLOGY].origin != ORIGIN_ASSUMED ||
	    !number_after(threads, "core:", &per_core) ||
	    !number_after(package, "package:", &per_package))
		return;
	facts->thread_shift = bits_for(per_core);
	facts->package_shift = bits_for(per_package);
	give(source, FACT_TOPOLOGY, "log, CPU topo:");
}

static void give_processor(struct source *source, const struct boot_log *log)
{
	struct nb_boot_facts *facts = &source->fw.facts;
	struct nb_text line = boot_log_line(log, "last_pfn = ");
	bool serial = !facts->parallel_bringup;

	give_by_line(source, FACT_X2APIC, log, "x2apic: enabled by BIOS", &facts->x2apic);
	facts->no_local_apic = boot_log_line(log, "No local APIC present").at != NULL;
	if (facts->no_local_apic)
		give(source, FACT_LOCAL_APIC, "log");
	give_by_line(source, FACT_GB_PAGES, log, "Using GB pages", &facts->gb_pages);
	give_by_line(source, FACT_MP_TABLE, log, "found SMP MP-table", &facts->mp_table);
	give_by_line(source, FACT_PARALLEL, log, "Parallel CPU startup disabled", &serial);
	facts->parallel_bringup = !serial;
	if (source->facts[FACT_FIVE_LEVEL].origin == ORIGIN_ASSUMED && line.at) {
		facts->five_level = text_find(line, "max_arch_pfn = 0x10000000000") < line.len;
		give(source, FACT_FIVE_LEVEL, "log, max_arch_pfn");
	}
	give_topology(source, log);
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

/*
 * Where the tables lie: "ACPI: Reserving SRAT table memory at [mem ...]", in the order
 * in which their memory is taken. A table that no prediction reads takes some too.
 */
static void give_tables(struct source *source, const struct boot_log *log)
{
	struct nb_firmware *fw = &source->fw;
	struct nb_table ordered[SOURCE_TABLES];
	bool placed[SOURCE_TABLES] = { false };
	uint32_t count = 0;

	for (uint32_t i = 0; i < log->count && count + fw->table_count < SOURCE_TABLES; i++) {
		struct nb_text name = log->plain[i];
		struct nb_range range;
		uint32_t t = 0;

		if (!text_skip(&name, "ACPI: Reserving ") || name.len < 4 ||
		    !text_mem_range(name, "[mem ", &range))
			continue;
		while (t < fw->table_count &&
		       (placed[t] || memcmp(source->tables[t].signature, name.at, 4) != 0))
			t++;
		ordered[count] = (struct nb_table){ .at = NULL };
		memcpy(ordered[count].signature, name.at, 4);
		if (t < fw->table_count) {
			ordered[count] = source->tables[t];
			placed[t] = true;
		}
		ordered[count].taken = (uint32_t)nb_range_size(range);
		ordered[count++].address = range.start;
	}
	if (!count)
		return;
	for (uint32_t t = 0; t < fw->table_count; t++)
		if (!placed[t])
			ordered[count++] = source->tables[t];
	memcpy(source->tables, ordered, count * sizeof(*ordered));
	fw->tables = source->tables;
	fw->table_count = count;
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
	give_found(source, log);
	give_updates(source, log);
	give_build(source, log);
	give_percpu(source, log);
	give_hypervisor(source, log);
	give_processor(source, log);
	give_boot_apic_id(source, log);
	give_tables(source, log);
}
