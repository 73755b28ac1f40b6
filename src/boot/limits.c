/* SPDX-License-Identifier: MIT */
/*
 * limits: how much a machine can need, by a look at its tables. Everything is
 * counted too high rather than too low: what is not enabled counts as well.
 */
#include <numaboot/acpi.h>
#include <numaboot/boot.h>

#include "base/bytes.h"
#include "boot/srat.h"

/* What was counted. */
struct tally {
	struct nb_nodes pxms;
	uint32_t windows, blocks, cpus;
	uint32_t last_apic_id;
};

static void see_pxm(struct tally *t, uint32_t pxm)
{
	if (pxm < NB_MAX_PXMS)
		nb_nodes_add(&t->pxms, (int32_t)pxm);
	nb_nodes_add(&t->pxms, (int32_t)(pxm & 0xff)); /* as revision 1 has it */
}

static void see_apic(struct tally *t, uint32_t apic_id)
{
	if (apic_id < NB_MAX_APIC_IDS && apic_id > t->last_apic_id)
		t->last_apic_id = apic_id;
}

static void see_entry(struct tally *t, const struct nb_entry *entry)
{
	struct nb_srat_cpu cpu = { 0 };
	struct nb_srat_memory memory;
	struct nb_srat_initiator initiator;
	struct nb_fault fault;

	switch (entry->type) {
	case NB_SRAT_LAPIC:
		nb_srat_lapic(entry, &cpu, &fault);
		see_pxm(t, cpu.pxm_low);
		see_pxm(t, cpu.pxm_low | cpu.pxm_high);
		see_apic(t, cpu.apic_id);
		break;
	case NB_SRAT_X2APIC:
		nb_srat_x2apic(entry, &cpu, &fault);
		see_pxm(t, cpu.pxm_low);
		see_apic(t, cpu.apic_id);
		break;
	case NB_SRAT_MEMORY:
		nb_srat_memory(entry, &memory, &fault);
		see_pxm(t, memory.pxm);
		t->blocks++;
		break;
	case NB_SRAT_INITIATOR:
		nb_srat_initiator(entry, &initiator, &fault);
		see_pxm(t, initiator.pxm);
		break;
	default:
		break;
	}
}

/* Lengths as the entries say, or as a tolerant kernel mends them. */
enum lengths { LENGTHS_SAID, LENGTHS_MENDED, LENGTHS_MENDED_EXACT };

static void see_srat(struct tally *t, const struct nb_table *srat, enum lengths lengths)
{
	struct nb_entry_walk walk = nb_entries(srat, NB_ENTRY_COMMON, NB_SRAT_ENTRIES);
	struct nb_entry entry;

	while (nb_entry_next(&walk, &entry)) {
		uint32_t length = nb_srat_length_wanted(&entry, lengths == LENGTHS_MENDED_EXACT);

		if (length && lengths != LENGTHS_SAID)
			nb_srat_set_length(&walk, &entry, length);
		see_entry(t, &entry);
	}
}

static void see_madt(struct tally *t, const struct nb_table *madt)
{
	struct nb_entry_walk walk = nb_entries(madt, NB_ENTRY_COMMON, NB_MADT_ENTRIES);
	struct nb_entry entry;

	while (nb_entry_next(&walk, &entry)) {
		struct nb_madt_cpu cpu;
		struct nb_fault fault;

		if (entry.type != NB_MADT_LAPIC && entry.type != NB_MADT_X2APIC &&
		    entry.type != NB_MADT_SAPIC)
			continue;
		if (nb_madt_cpu(&entry, &cpu, &fault))
			continue;
		t->cpus++;
		see_apic(t, cpu.apic_id);
	}
}

static void see_cedt(struct tally *t, const struct nb_table *cedt)
{
	struct nb_entry_walk walk = nb_entries(cedt, NB_ENTRY_CEDT, NB_CEDT_ENTRIES);
	struct nb_entry entry;

	while (nb_entry_next(&walk, &entry))
		t->windows += entry.type == NB_CEDT_CFMWS;
}

/* The largest number in a text: where Linux reads on in it after a rejected
 * attempt, any of them may be taken for a count. */
static uint64_t largest_number(struct nb_text text)
{
	uint64_t largest = 0;

	while (text.len) {
		size_t before = text.len;

		largest = nb_max(largest, nb_text_number(&text));
		if (text.len == before)
			text = (struct nb_text){ text.at + 1, text.len - 1 };
	}
	return largest;
}

/*
 * How many pieces numa=fake= can make. Where a count is asked for a piece has at
 * least half of its share of RAM, or it ends a block. Sizes, and counts for each
 * node, which go by span and not by RAM, may be as many as the kernel takes.
 */
static uint64_t fake_pieces(const struct nb_firmware *fw, uint64_t blocks,
			    const struct nb_kernel_config *config)
{
	/* Of the line only numa=fake= is asked, which all read alike. */
	const struct nb_env silent = { .rules = &nb_lines[NB_LINE_6_12], .config = config };
	uint64_t most = 2 * (uint64_t)config->max_nodes;
	struct nb_params params;

	if (nb_params_read(&params, fw->cmdline, &silent) || !params.numa_fake.at)
		return 0;
	if (nb_text_has(params.numa_fake, 'M') || nb_text_has(params.numa_fake, 'G') ||
	    nb_text_has(params.numa_fake, 'U'))
		return most;
	return nb_min(2 * nb_min(largest_number(params.numa_fake), most) + blocks, most);
}

/* CPU numbers: one for each entry of the MADT and the boot CPU's, or as many as
 * possible_cpus= has it: some lines obey it upwards too. */
static uint64_t cpu_numbers(const struct nb_firmware *fw, uint32_t entries,
			    const struct nb_kernel_config *config)
{
	/* What has to do with CPUs all lines read alike. */
	const struct nb_env silent = { .rules = &nb_lines[NB_LINE_6_12], .config = config };
	struct nb_params params;

	if (nb_params_read(&params, fw->cmdline, &silent) || params.possible_cpus == UINT32_MAX)
		return (uint64_t)entries + 1;
	return nb_max((uint64_t)entries + 1, params.possible_cpus);
}

/*
 * Entries that the memory map may have at one time. Each edit adds one or, of each
 * layer of entries that lie over each other, cuts two: the sorted map is one
 * layer, and what an edit adds is another. Sorting cuts at borders only.
 */
static uint64_t map_entries(const struct nb_firmware *fw, const struct nb_kernel_config *config)
{
	const struct nb_boot_facts *facts = &fw->facts;
	uint64_t entries = (uint64_t)fw->map_count + fw->extended_count + 2;
	uint64_t later = (uint64_t)facts->setup_data_count + facts->mtrr_uncached_count +
			 facts->efi_mmio_count + 4; /* kernel, page 0, BIOS, tables */
	uint64_t edits = 0;

	for (const char *c = fw->cmdline ? fw->cmdline : ""; *c; c++)
		edits += *c == '@' || *c == '#' || *c == '$' || *c == '!' || *c == '%';
	return nb_min(2 * entries + edits + 2 * (edits + facts->setup_data_count) * (edits + 1) +
			      2 * later,
		      config->e820_entries);
}

struct nb_limits nb_limits_for(const struct nb_firmware *fw, const struct nb_kernel_config *config)
{
	enum { SPARE_RANGES = 64, MOST_RANGES = 1 << 20 };
	const struct nb_table *srat = nb_firmware_table(fw, "SRAT");
	const struct nb_table *madt = nb_firmware_table(fw, "APIC");
	const struct nb_table *cedt = nb_firmware_table(fw, "CEDT");
	struct tally t = { .last_apic_id = 0 };
	uint64_t nodes, blocks, fake, map, ranges;

	see_apic(&t, fw->facts.boot_apic_id);
	if (srat)
		see_srat(&t, srat, LENGTHS_SAID);
	if (srat && config->tolerant) { /* exact or not is a rule, which is not known here */
		see_srat(&t, srat, LENGTHS_MENDED);
		see_srat(&t, srat, LENGTHS_MENDED_EXACT);
	}
	if (madt)
		see_madt(&t, madt);
	if (cedt)
		see_cedt(&t, cedt);

	nodes = nb_max(nb_nodes_count(&t.pxms), 1) + t.windows;
	blocks = (uint64_t)t.blocks + t.windows + 1;
	fake = fake_pieces(fw, blocks, config);
	map = map_entries(fw, config);
	/* Memory is cut where the map and blocks are. Reserved is what was found, and what
	 * is taken: tables of the direct map, at most one at the end of each piece of RAM;
	 * for each run of sections its data, usage, memmap and tables; notes of the map,
	 * once as it is and once as the firmware gave it. */
	ranges = SPARE_RANGES + 4 * map + 6 * (blocks + fake) + fw->table_count +
		 fw->facts.setup_data_count + fw->facts.efi_boot_count + fw->facts.found_count +
		 2 * nodes + fake;
	return (struct nb_limits){
		.nodes = (uint32_t)nb_clamp(nodes + fake, 1,
					    nb_min(config->max_nodes, NB_MAX_NODES)),
		.cpus = (uint32_t)nb_clamp(cpu_numbers(fw, t.cpus, config), 1,
					   nb_min(config->max_cpus, NB_MAX_CPUS)),
		.apic_ids = t.last_apic_id + 1,
		.ranges = (uint32_t)nb_min(ranges, MOST_RANGES),
	};
}
