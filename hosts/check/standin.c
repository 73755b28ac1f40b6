/* SPDX-License-Identifier: MIT */
/*
 * standin: what single tables lack, so that kernels can run on them: the machine that
 * they would be good on.
 *
 *	memory map	what the SRAT claims, once it is mended, is RAM; 4 GiB without one
 *	MADT		the processors that the SRAT names
 *	SRAT		a processor and 1 GiB for each domain of SLIT and HMAT
 *
 * Whether an entry that is mended had RAM behind it, no table says: `doubtful` takes it
 * that all had that the firmware wrote.
 */
#include "lint.h"

#include "../sources/maker.h"

#include <string.h>

enum {
	LAPIC = 8, /* lengths of entries */
	X2APIC = 16,
	X2APIC_AFFINITY = 24,
	MEMORY_AFFINITY = 40,
	XAPIC_NONE = 0xff,
	DOMAINS = 2,       /* of a machine of which nothing is known */
	DOMAINS_MOST = 64, /* that are made up */
};

#define ADDRESSES_END ((nb_phys)1 << 46)

/* The RAM of a map that is made. */
struct ram {
	struct nb_e820_entry *at;
	uint32_t count;
};

static void add_ram(struct ram *ram, nb_phys start, nb_phys end)
{
	start = nb_max(start, NB_MIB);
	end = nb_min(end, ADDRESSES_END);
	if (start < end)
		ram->at[ram->count++] = (struct nb_e820_entry){ start, end - start, NB_E820_RAM };
}

/* What an SRAT claims, as it is or with what is doubtful. */
static void add_claims(struct ram *ram, const struct nb_table *srat, bool doubtful)
{
	struct nb_entry_walk walk = lint_walk(srat);
	struct nb_srat_memory m;
	struct nb_entry entry;
	struct nb_fault fault;

	while (lint_next(&walk, srat, &entry)) {
		if (entry.type != NB_SRAT_MEMORY)
			continue;
		nb_srat_memory(&entry, &m, &fault);
		if (fault.kind != NB_FAULT_NONE || !(m.flags & NB_SRAT_ENABLED))
			continue;
		if (m.size <= UINT64_MAX - m.base && m.size &&
		    (doubtful || !(m.flags & NB_SRAT_HOTPLUG)))
			add_ram(ram, m.base, m.base + m.size);
		else if (doubtful)
			add_ram(ram, m.base, m.base + nb_min(NB_GIB, UINT64_MAX - m.base));
	}
}

static uint32_t entries_most(const struct nb_table *srat)
{
	return srat ? (uint32_t)(nb_acpi_bytes(srat).len / 2) : 0;
}

static void make_map(struct source *with, const struct source *mended, bool doubtful,
		     struct pool *pool)
{
	const struct nb_table *srat = nb_firmware_table(&with->fw, "SRAT");
	const struct nb_table *good = nb_firmware_table(&mended->fw, "SRAT");
	uint32_t most = entries_most(srat) + entries_most(good) + 4, low;
	struct ram ram = {
		.at = (struct nb_e820_entry *)pool_take(pool, most * sizeof(*ram.at)),
	};

	ram.at[ram.count++] = (struct nb_e820_entry){ 0, 0x9fc00, NB_E820_RAM };
	ram.at[ram.count++] = (struct nb_e820_entry){ 0x9fc00, 0x400, NB_E820_RESERVED };
	low = ram.count;
	if (good)
		add_claims(&ram, good, false);
	if (srat && doubtful)
		add_claims(&ram, srat, true);
	if (ram.count == low) {
		add_ram(&ram, NB_MIB, 3 * NB_GIB);
		add_ram(&ram, 4 * NB_GIB, 5 * NB_GIB);
	}
	with->fw.map = ram.at;
	with->fw.map_count = ram.count;
}

/* The processors of a MADT that the SRAT names. */
static void make_madt(struct source *with, const struct source *mended, struct pool *pool)
{
	const struct nb_table *srat = nb_firmware_table(&mended->fw, "SRAT");
	struct nb_entry_walk walk;
	struct nb_entry entry;
	struct nb_fault fault;
	struct maker maker;

	if (!srat || nb_firmware_table(&with->fw, "APIC"))
		return;
	walk = lint_walk(srat);
	maker = maker_begin(pool, "APIC", 5, 8 + (size_t)entries_most(srat) * X2APIC);
	maker_put(&maker, 0xfee00000, 4);
	maker_put(&maker, 1, 4);
	for (uint32_t uid = 0; lint_next(&walk, srat, &entry);) {
		bool wide = entry.type == NB_SRAT_X2APIC;
		struct nb_srat_cpu cpu = { .apic_id = NB_NO_APIC_ID };

		if (wide)
			nb_srat_x2apic(&entry, &cpu, &fault);
		else if (entry.type == NB_SRAT_LAPIC)
			nb_srat_lapic(&entry, &cpu, &fault);
		if (!(cpu.flags & NB_SRAT_ENABLED) ||
		    cpu.apic_id == (wide ? NB_NO_APIC_ID : XAPIC_NONE))
			continue;
		maker_put(&maker, wide ? NB_MADT_X2APIC : NB_MADT_LAPIC, 1);
		maker_put(&maker, wide ? X2APIC : LAPIC, 1);
		maker_put(&maker, wide ? 0 : uid, wide ? 2 : 1);
		maker_put(&maker, cpu.apic_id, wide ? 4 : 1);
		maker_put(&maker, NB_MADT_ENABLED, 4);
		if (wide)
			maker_put(&maker, uid, 4);
		uid++;
	}
	maker_finish(with, &maker, 0);
}

/* Domains that tables name. */
struct domains {
	uint32_t pxm[DOMAINS_MOST], count;
};

static void add_domain(struct domains *domains, uint32_t pxm)
{
	for (uint32_t i = 0; i < domains->count; i++)
		if (domains->pxm[i] == pxm)
			return;
	if (domains->count < DOMAINS_MOST && pxm < NB_MAX_PXMS)
		domains->pxm[domains->count++] = pxm;
}

static void add_list(struct domains *domains, struct nb_bytes list)
{
	for (size_t at = 0; at + 4 <= list.len; at += 4)
		add_domain(domains, list.at[at] | (uint32_t)list.at[at + 1] << 8 |
					    (uint32_t)list.at[at + 2] << 16 |
					    (uint32_t)list.at[at + 3] << 24);
}

static void add_hmat(struct domains *domains, const struct nb_table *hmat)
{
	struct nb_entry_walk walk = lint_walk(hmat);
	struct nb_hmat_locality m;
	struct nb_entry entry;
	struct nb_fault fault;

	while (lint_next(&walk, hmat, &entry)) {
		if (entry.type != NB_HMAT_LOCALITY || nb_hmat_locality(&entry, &m, &fault))
			continue;
		add_list(domains, m.initiator_pxms);
		add_list(domains, m.target_pxms);
	}
}

static struct domains domains_of(const struct nb_firmware *fw)
{
	const struct nb_table *hmat = nb_firmware_table(fw, "HMAT");
	const struct nb_table *slit = nb_firmware_table(fw, "SLIT");
	struct domains domains = { .count = 0 };
	struct nb_slit matrix = { .count = 0 };
	struct nb_fault fault;

	if (hmat)
		add_hmat(&domains, hmat);
	if (slit && nb_slit(slit, &matrix, &fault))
		matrix.count = 0;
	for (uint32_t pxm = 0; pxm < DOMAINS || pxm < nb_min(matrix.count, DOMAINS_MOST); pxm++)
		add_domain(&domains, pxm);
	return domains;
}

/* An SRAT for tables that hang on one. */
static void make_srat(struct source *with, struct pool *pool)
{
	const struct nb_firmware *fw = &with->fw;
	struct domains domains;
	struct maker maker;

	if (nb_firmware_table(fw, "SRAT") ||
	    (!nb_firmware_table(fw, "SLIT") && !nb_firmware_table(fw, "HMAT") &&
	     !nb_firmware_table(fw, "CEDT")))
		return;
	domains = domains_of(fw);
	maker = maker_begin(pool, "SRAT", 3,
			    12 + (size_t)domains.count * (X2APIC_AFFINITY + MEMORY_AFFINITY));
	maker_put(&maker, 1, 4);
	maker_put(&maker, 0, 8);
	for (uint32_t i = 0; i < domains.count; i++) {
		maker_put(&maker, NB_SRAT_X2APIC, 1);
		maker_put(&maker, X2APIC_AFFINITY, 1);
		maker_put(&maker, 0, 2);
		maker_put(&maker, domains.pxm[i], 4);
		maker_put(&maker, i, 4);
		maker_put(&maker, NB_SRAT_ENABLED, 4);
		maker_put(&maker, 0, 8);
		maker_put(&maker, NB_SRAT_MEMORY, 1);
		maker_put(&maker, MEMORY_AFFINITY, 1);
		maker_put(&maker, domains.pxm[i], 4);
		maker_put(&maker, 0, 2);
		maker_put(&maker, i * NB_GIB, 8);
		maker_put(&maker, NB_GIB, 8);
		maker_put(&maker, 0, 4);
		maker_put(&maker, NB_SRAT_ENABLED, 4);
		maker_put(&maker, 0, 8);
	}
	maker_finish(with, &maker, 0);
}

void stand_in(struct source *with, const struct source *source, const struct findings *findings,
	      bool doubtful, struct pool *pool)
{
	static struct source mended;
	bool all[FINDING_IDS];

	*with = *source;
	memcpy(with->tables, source->fw.tables, source->fw.table_count * sizeof(*with->tables));
	with->fw.tables = with->tables;
	make_srat(with, pool);
	memset(all, true, sizeof(all));
	repair_source(&mended, with, findings, all, pool);
	make_map(with, &mended, doubtful, pool);
	make_madt(with, &mended, pool);
}
