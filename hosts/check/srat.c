/* SPDX-License-Identifier: MIT */
/*
 * srat: domains of memory and of processors: ACPI 6.5 5.2.16. Disabled entries are
 * room for what may come: nobody reads on in them, and neither does a check.
 */
#include "lint.h"

#include <stdlib.h>

enum {
	REVISION_AT = 8,
	RESERVED_AT = 36, /* must be 1 */
	LAPIC_HIGH_AT = 9,
	LAPIC_FLAGS_AT = 4,
	X2APIC_FLAGS_AT = 12,
	MEMORY_PXM_AT = 2,
	MEMORY_BASE_AT = 8,
	MEMORY_SIZE_AT = 16,
	MEMORY_FLAGS_AT = 28,
	XAPIC_NONE = 0xff,
	SAFE_PXMS = 256, /* every x86 kernel maps so many, whatever its build */
};

static void disable_memory(struct lint *l, const struct srat_memory_at *m)
{
	mend_set(l, l->srat, m->offset + MEMORY_FLAGS_AT, 4, m->flags & ~(uint32_t)NB_SRAT_ENABLED);
}

static void disable_cpu(struct lint *l, const struct srat_cpu_at *cpu)
{
	uint32_t at = cpu->offset + (cpu->x2apic ? X2APIC_FLAGS_AT : LAPIC_FLAGS_AT);
	uint64_t flags = table_number(&l->fw->tables[l->srat], at, 4);

	mend_set(l, l->srat, at, 4, flags & ~(uint64_t)NB_SRAT_ENABLED);
}

static void set_memory(struct lint *l, const struct srat_memory_at *m, struct nb_range range)
{
	if (range.start != m->range.start)
		mend_set(l, l->srat, m->offset + MEMORY_BASE_AT, 8, range.start);
	mend_set(l, l->srat, m->offset + MEMORY_SIZE_AT, 8, nb_range_size(range));
}

/* A domain that nobody has, below what every kernel maps; SAFE_PXMS if there is none. */
static uint32_t free_pxm(const struct lint *l)
{
	uint32_t pxm = 0;

	while (pxm < SAFE_PXMS && pxm_is_known(l, pxm))
		pxm++;
	return pxm;
}

/* Domains that are too large, from the entry's own bytes. */
static void lint_pxm(struct lint *l, uint32_t pxm, uint32_t offset, uint32_t pxm_at)
{
	if (pxm >= NB_MAX_PXMS) {
		uint32_t other = free_pxm(l);

		report(l, FINDING_SRAT_PXM_RANGE, in_table(l, l->srat, offset),
		       "a domain below 1024", "domain 0x%x", pxm);
		if (pxm_at && other < SAFE_PXMS)
			mend_set(l, l->srat, pxm_at, 4, other);
	} else if (pxm >= SAFE_PXMS) {
		report(l, FINDING_SRAT_PXM_LARGE, in_table(l, l->srat, offset),
		       "a domain below 256", "domain %u", pxm);
	}
}

/* Where the end of a wrapping range may have been meant: that of the RAM there. */
static nb_phys end_of_ram(const struct nb_firmware *fw, nb_phys start)
{
	for (uint32_t i = 0; i < fw->map_count; i++) {
		const struct nb_e820_entry *e = &fw->map[i];

		if (e->type == NB_E820_RAM && start >= e->start && start - e->start < e->size)
			return e->start + e->size;
	}
	return 0;
}

static void lint_memory_pxm(struct lint *l, const struct srat_memory_at *m)
{
	const struct nb_table *table = &l->fw->tables[l->srat];
	uint64_t raw = table_number(table, m->offset + MEMORY_PXM_AT, 4);

	lint_pxm(l, m->pxm, m->offset, m->offset + MEMORY_PXM_AT);
	if (raw == m->pxm)
		return;
	report(l, FINDING_SRAT_PXM_BITS, in_table(l, l->srat, m->offset + MEMORY_PXM_AT),
	       "zero behind the first byte of a domain",
	       "domain 0x%llx in a table of revision %u, which has 8 bits of it",
	       (unsigned long long)raw, table->at[REVISION_AT]);
	mend_set(l, l->srat, m->offset + MEMORY_PXM_AT, 4, m->pxm);
}

static void lint_memory(struct lint *l, const struct srat_memory_at *m)
{
	struct place_of_finding place = in_table(l, l->srat, m->offset);
	nb_phys ram_end;

	if (!(m->flags & NB_SRAT_ENABLED))
		return;
	lint_memory_pxm(l, m);
	if (!m->size) {
		report(l, FINDING_SRAT_MEMORY_EMPTY, place, "bytes, or a clear enabled flag",
		       "enabled memory of domain %u at 0x%llx, of no size", m->pxm,
		       (unsigned long long)m->range.start);
		disable_memory(l, m);
	} else if (m->size > UINT64_MAX - m->range.start) {
		report(l, FINDING_SRAT_MEMORY_WRAPS, place, "an end below 2^64",
		       "memory of domain %u at 0x%llx, 0x%llx bytes long", m->pxm,
		       (unsigned long long)m->range.start, (unsigned long long)m->size);
		ram_end = end_of_ram(l->fw, m->range.start);
		if (ram_end)
			set_memory(l, m, (struct nb_range){ m->range.start, ram_end });
		else
			disable_memory(l, m);
	} else if ((m->range.start | m->range.end) & (NB_PAGE_SIZE - 1)) {
		struct nb_range whole = {
			nb_align_down(m->range.start + NB_PAGE_SIZE / 2, NB_PAGE_SIZE),
			nb_align_down(m->range.end + NB_PAGE_SIZE / 2, NB_PAGE_SIZE),
		}; /* to the nearest pages */

		report(l, FINDING_SRAT_MEMORY_UNALIGNED, place, "memory in whole pages of 4 KiB",
		       "memory of domain %u, 0x%llx-0x%llx", m->pxm,
		       (unsigned long long)m->range.start, (unsigned long long)m->range.end - 1);
		set_memory(l, m, whole);
	}
}

static int by_memory_start(const void *a, const void *b)
{
	const struct srat_memory_at *x = *(const struct srat_memory_at *const *)a;
	const struct srat_memory_at *y = *(const struct srat_memory_at *const *)b;

	if (x->range.start != y->range.start)
		return x->range.start < y->range.start ? -1 : 1;
	return x->offset < y->offset ? -1 : 1;
}

/* Whether there is RAM in what two entries claim; without a map, whether it may be. */
static bool ram_in_both(const struct lint *l, const struct srat_memory_at *first,
			const struct srat_memory_at *second)
{
	const struct nb_firmware *fw = l->fw;
	struct nb_range both = { second->range.start, nb_min(first->range.end, second->range.end) };

	for (uint32_t i = 0; i < fw->map_count; i++) {
		const struct nb_e820_entry *e = &fw->map[i];

		if (e->type == NB_E820_RAM && e->start < both.end &&
		    both.start - nb_min(both.start, e->start) < e->size)
			return true;
	}
	return !fw->map_count && !((first->flags | second->flags) & NB_SRAT_HOTPLUG);
}

/* Memory that is claimed twice: `second` begins inside of `first`. */
static void lint_pair(struct lint *l, const struct srat_memory_at *first,
		      const struct srat_memory_at *second)
{
	bool same = first->pxm == second->pxm;
	const struct srat_memory_at *later = second->offset > first->offset ? second : first;

	report(l,
	       same                            ? FINDING_SRAT_MEMORY_TWICE
	       : ram_in_both(l, first, second) ? FINDING_SRAT_MEMORY_OVERLAP
					       : FINDING_SRAT_ROOM_OVERLAP,
	       in_table(l, l->srat, later->offset),
	       same ? "each byte claimed once" : "one domain for each byte",
	       "0x%llx-0x%llx of domain %u, and 0x%llx-0x%llx of domain %u at SRAT+0x%x",
	       (unsigned long long)second->range.start, (unsigned long long)second->range.end - 1,
	       second->pxm, (unsigned long long)first->range.start,
	       (unsigned long long)first->range.end - 1, first->pxm,
	       later == second ? first->offset : second->offset);
	if (second->range.end <= first->range.end)
		disable_memory(l, second);
	else
		set_memory(l, second, (struct nb_range){ first->range.end, second->range.end });
}

static void lint_overlaps(struct lint *l)
{
	const struct srat_memory_at **sorted = (const struct srat_memory_at **)pool_take(
		&l->out->pool, (l->memory_count + 1) * sizeof(*sorted));
	const struct srat_memory_at *last = NULL;
	uint32_t count = 0;

	for (uint32_t i = 0; i < l->memory_count; i++)
		if (is_on(&l->memory[i]) &&
		    l->memory[i].size <= UINT64_MAX - l->memory[i].range.start)
			sorted[count++] = &l->memory[i];
	qsort(sorted, count, sizeof(*sorted), by_memory_start);
	for (uint32_t i = 0; i < count; i++) {
		if (last && sorted[i]->range.start < last->range.end)
			lint_pair(l, last, sorted[i]);
		if (!last || sorted[i]->range.end > last->range.end)
			last = sorted[i];
	}
}

static void lint_cpu(struct lint *l, const struct srat_cpu_at *cpu)
{
	const struct nb_table *table = &l->fw->tables[l->srat];
	uint32_t high = cpu->offset + LAPIC_HIGH_AT;

	if (!cpu->enabled)
		return;
	lint_pxm(l, cpu->pxm, cpu->offset, cpu->x2apic ? cpu->offset + 4 : 0);
	if (cpu->apic_id == (cpu->x2apic ? NB_NO_APIC_ID : XAPIC_NONE)) {
		report(l, FINDING_SRAT_APIC_NONE, in_table(l, l->srat, cpu->offset),
		       "the APIC ID of a processor", "an enabled entry for APIC ID 0x%x",
		       cpu->apic_id);
		disable_cpu(l, cpu);
	}
	if (!cpu->x2apic && table->at[REVISION_AT] < 2 && table_number(table, high, 3)) {
		report(l, FINDING_SRAT_PXM_BITS, in_table(l, l->srat, high), "zero",
		       "0x%llx where revision %u has no part of a domain",
		       (unsigned long long)table_number(table, high, 3), table->at[REVISION_AT]);
		mend_set(l, l->srat, high, 3, 0);
	}
}

static int by_apic_id(const void *a, const void *b)
{
	const struct srat_cpu_at *x = *(const struct srat_cpu_at *const *)a;
	const struct srat_cpu_at *y = *(const struct srat_cpu_at *const *)b;

	if (x->apic_id != y->apic_id)
		return x->apic_id < y->apic_id ? -1 : 1;
	return x->offset < y->offset ? -1 : 1;
}

static void lint_apic_ids(struct lint *l)
{
	const struct srat_cpu_at **sorted = (const struct srat_cpu_at **)pool_take(
		&l->out->pool, (l->cpu_count + 1) * sizeof(*sorted));
	uint32_t count = 0;

	for (uint32_t i = 0; i < l->cpu_count; i++)
		if (l->cpu[i].enabled)
			sorted[count++] = &l->cpu[i];
	qsort(sorted, count, sizeof(*sorted), by_apic_id);
	for (uint32_t i = 1; i < count; i++) {
		const struct srat_cpu_at *first = sorted[i - 1], *second = sorted[i];

		if (first->apic_id != second->apic_id || first->pxm == second->pxm)
			continue;
		report(l, FINDING_SRAT_APIC_TWICE, in_table(l, l->srat, second->offset),
		       "one domain for each processor",
		       "APIC ID 0x%x in domain %u, and in domain %u at SRAT+0x%x", second->apic_id,
		       second->pxm, first->pxm, first->offset);
		disable_cpu(l, second);
	}
}

/* A disabled generic initiator ends Linux's walk: processors behind it are not read. */
static void lint_initiators(struct lint *l)
{
	uint32_t last_cpu = l->cpu_count ? l->cpu[l->cpu_count - 1].offset : 0;

	for (uint32_t i = 0; i < l->initiator_count; i++) {
		const struct srat_initiator_at *at = &l->initiator[i];

		lint_pxm(l, at->flags & NB_SRAT_ENABLED ? at->pxm : 0, at->offset, at->offset + 4);
		if (at->type != NB_SRAT_INITIATOR || at->flags & NB_SRAT_ENABLED ||
		    at->offset > last_cpu)
			continue;
		report(l, FINDING_SRAT_INITIATOR_OFF, in_table(l, l->srat, at->offset),
		       "processors before disabled generic initiators",
		       "a disabled generic initiator of domain %u, and processors behind it",
		       at->pxm);
		mend(l, (struct edit){ .kind = EDIT_CUT,
				       .table = l->srat,
				       .offset = at->offset,
				       .width = 32 });
	}
}

/* Whether an entry is the first enabled one of its domain. */
static bool first_cpu_of_pxm(const struct lint *l, uint32_t i)
{
	for (uint32_t j = 0; j < i; j++)
		if (l->cpu[j].enabled && l->cpu[j].pxm == l->cpu[i].pxm)
			return false;
	return true;
}

static bool first_memory_of_pxm(const struct lint *l, uint32_t i)
{
	for (uint32_t j = 0; j < i; j++)
		if (is_on(&l->memory[j]) && l->memory[j].pxm == l->memory[i].pxm)
			return false;
	return true;
}

static uint32_t count_cpus(const struct lint *l, uint32_t pxm)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < l->cpu_count; i++)
		count += l->cpu[i].enabled && l->cpu[i].pxm == pxm;
	return count;
}

/* Domains that have processors and no memory, or the other way round. */
static void lint_domains(struct lint *l, uint32_t cpus)
{
	bool guessed = source_guesses(l->source, FACT_CPU_NODES);
	uint32_t domains = 0;

	for (uint32_t i = 0; !guessed && i < l->cpu_count; i++) {
		const struct srat_cpu_at *cpu = &l->cpu[i];

		if (!cpu->enabled || !first_cpu_of_pxm(l, i) || pxm_has_memory(l, cpu->pxm))
			continue;
		report(l, FINDING_SRAT_CPU_ONLY, in_table(l, l->srat, cpu->offset),
		       "memory in every domain of processors",
		       "domain %u has %u processors and no memory", cpu->pxm,
		       count_cpus(l, cpu->pxm));
	}
	for (uint32_t i = 0; i < l->memory_count; i++) {
		const struct srat_memory_at *m = &l->memory[i];

		if (!is_on(m) || !first_memory_of_pxm(l, i))
			continue;
		domains++;
		if (cpus && !pxm_has_cpu(l, m->pxm))
			report(l, FINDING_SRAT_MEMORY_ONLY, in_table(l, l->srat, m->offset),
			       "nothing: it is legal", "domain %u has memory and no processor",
			       m->pxm);
	}
	if (domains == 1)
		report(l, FINDING_SRAT_ONE_DOMAIN, in_table(l, l->srat, NB_SRAT_ENTRIES),
		       "nothing: it is legal", "all memory is of one domain");
	if (!domains)
		report(l, FINDING_SRAT_NO_MEMORY, in_table(l, l->srat, NB_SRAT_ENTRIES),
		       "enabled entries of memory", "%u entries of memory, none enabled",
		       l->memory_count);
}

void lint_srat(struct lint *l)
{
	const struct nb_table *table = &l->fw->tables[l->srat];
	uint64_t reserved = table_number(table, RESERVED_AT, 4);
	uint32_t cpus = 0;

	if (table->len < NB_SRAT_ENTRIES)
		return;
	if (reserved != 1 && !source_guesses(l->source, FACT_CPU_NODES)) {
		report(l, FINDING_SRAT_RESERVED, in_table(l, l->srat, RESERVED_AT), "1", "%llu",
		       (unsigned long long)reserved);
		mend_set(l, l->srat, RESERVED_AT, 4, 1);
	}
	for (uint32_t i = 0; i < l->memory_count; i++)
		lint_memory(l, &l->memory[i]);
	for (uint32_t i = 0; i < l->cpu_count; i++) {
		lint_cpu(l, &l->cpu[i]);
		cpus += l->cpu[i].enabled;
	}
	lint_overlaps(l);
	lint_apic_ids(l);
	lint_initiators(l);
	lint_domains(l, cpus);
	if (!cpus && !source_guesses(l->source, FACT_CPU_NODES))
		report(l, FINDING_SRAT_NO_CPU, in_table(l, l->srat, NB_SRAT_ENTRIES),
		       "enabled entries of processors", "%u entries of processors, none enabled",
		       l->cpu_count);
}
