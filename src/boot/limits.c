/* SPDX-License-Identifier: MIT */
/*
 * limits: how much a machine can need, by a look at its tables. Everything is
 * counted too high rather than too low: what is not enabled counts as well.
 */
#include <numaboot/acpi.h>
#include <numaboot/boot.h>

#include "base/bytes.h"

/* What was counted. */
struct tally {
	struct nb_nodes pxms;
	uint32_t windows, blocks, cpus;
	uint32_t last_apic_id;
};

enum { FAKE_LEAST_SHIFT = 25 }; /* no emulated node is smaller than 32 MiB */

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

static void see_srat(struct tally *t, const struct nb_table *srat)
{
	struct nb_entry_walk walk = nb_entries(srat, NB_ENTRY_COMMON, NB_SRAT_ENTRIES);
	struct nb_entry entry;

	while (nb_entry_next(&walk, &entry)) {
		struct nb_srat_cpu cpu = { 0 };
		struct nb_srat_memory memory;
		struct nb_srat_initiator initiator;
		struct nb_fault fault;

		switch (entry.type) {
		case NB_SRAT_LAPIC:
			nb_srat_lapic(&entry, &cpu, &fault);
			see_pxm(t, cpu.pxm_low);
			see_pxm(t, cpu.pxm_low | cpu.pxm_high);
			see_apic(t, cpu.apic_id);
			break;
		case NB_SRAT_X2APIC:
			nb_srat_x2apic(&entry, &cpu, &fault);
			see_pxm(t, cpu.pxm_low);
			see_apic(t, cpu.apic_id);
			break;
		case NB_SRAT_MEMORY:
			nb_srat_memory(&entry, &memory, &fault);
			see_pxm(t, memory.pxm);
			t->blocks++;
			break;
		case NB_SRAT_INITIATOR:
			nb_srat_initiator(&entry, &initiator, &fault);
			see_pxm(t, initiator.pxm);
			break;
		default:
			break;
		}
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

/* How many pieces numa=fake= can make. */
static uint32_t fake_nodes(const char *cmdline, const struct nb_firmware *fw, uint32_t nodes,
			   const struct nb_kernel_config *config)
{
	const struct nb_env silent = { .config = config };
	struct nb_params params;
	uint64_t pieces, ram = 0;

	if (nb_params_read(&params, cmdline, &silent) || !params.numa_fake.at)
		return 0;
	for (uint32_t i = 0; i < fw->map_count; i++)
		ram += fw->map[i].size >> FAKE_LEAST_SHIFT;
	pieces = nb_text_number(&params.numa_fake);
	if (nb_text_has(params.numa_fake, 'M') || nb_text_has(params.numa_fake, 'G'))
		pieces = ram + nodes;
	else if (nb_text_has(params.numa_fake, 'U'))
		pieces *= nodes;
	return (uint32_t)nb_min(pieces + 2 * nodes + 2, 2 * (uint64_t)config->max_nodes);
}

/* Words of the command line: each may add entries to the memory map. */
static uint32_t edits(const char *cmdline)
{
	uint32_t count = 0;

	for (const char *c = cmdline ? cmdline : ""; *c; c++)
		count += *c == '@' || *c == '#' || *c == '$' || *c == '!' || *c == '%';
	return count;
}

struct nb_limits nb_limits_for(const struct nb_firmware *fw, const struct nb_kernel_config *config)
{
	enum { SPARE_RANGES = 64, MOST_RANGES = 1 << 16 };
	const struct nb_table *srat = nb_firmware_table(fw, "SRAT");
	const struct nb_table *madt = nb_firmware_table(fw, "APIC");
	const struct nb_table *cedt = nb_firmware_table(fw, "CEDT");
	struct tally t = { .last_apic_id = 0 };
	uint64_t nodes, fake, entries;

	see_apic(&t, fw->facts.boot_apic_id);
	if (srat)
		see_srat(&t, srat);
	if (madt)
		see_madt(&t, madt);
	if (cedt)
		see_cedt(&t, cedt);

	nodes = nb_max(nb_nodes_count(&t.pxms), 1) + t.windows;
	fake = fake_nodes(fw->cmdline, fw, (uint32_t)nodes, config);
	entries = (uint64_t)fw->map_count + fw->extended_count + edits(fw->cmdline) +
		  2 * (uint64_t)fw->facts.setup_data_count;
	return (struct nb_limits){
		.nodes = (uint32_t)nb_clamp(nodes + fake, 1, config->max_nodes),
		.cpus = (uint32_t)nb_clamp((uint64_t)t.cpus + 1, 1, config->max_cpus),
		.apic_ids = t.last_apic_id + 1,
		.ranges = (uint32_t)nb_min(SPARE_RANGES + 2 * entries +
						   2 * ((uint64_t)t.blocks + t.windows + fake) +
						   fw->table_count + nodes + fake,
					   MOST_RANGES),
	};
}
