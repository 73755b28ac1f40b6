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
	LAPIC_PXM_AT = 2,
	LAPIC_HIGH_AT = 9,
	WIDE_PXM_AT = 4,
	LAPIC_FLAGS_AT = 4,
	X2APIC_FLAGS_AT = 12,
	INITIATOR_FLAGS_AT = 24,
	MEMORY_PXM_AT = 2,
	MEMORY_BASE_AT = 8,
	MEMORY_SIZE_AT = 16,
	MEMORY_FLAGS_AT = 28,
	XAPIC_NONE = 0xff,
	SAFE_PXMS = 256, /* every x86 kernel maps so many, whatever its build */
};

static void set_memory(struct lint *l, const struct srat_memory_at *m, struct nb_range range)
{
	if (range.start != m->range.start)
		mend_set(l, l->srat, m->offset + MEMORY_BASE_AT, 8, range.start);
	mend_set(l, l->srat, m->offset + MEMORY_SIZE_AT, 8, nb_range_size(range));
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void add_far(struct lint *l, uint32_t pxm)
{
	if (pxm >= NB_MAX_PXMS)
		l->far[l->far_count++] = pxm;
}

/* The domains that are too large for any kernel, each once. */
static void find_far(struct lint *l)
{
	uint32_t all = l->memory_count + l->cpu_count + l->initiator_count, kept = 0;

	l->far = (uint32_t *)pool_take(&l->out->pool, (all + 1) * sizeof(*l->far));
	for (uint32_t i = 0; i < l->memory_count; i++)
		add_far(l, l->memory[i].flags & NB_SRAT_ENABLED ? l->memory[i].pxm : 0);
	for (uint32_t i = 0; i < l->cpu_count; i++)
		add_far(l, l->cpu[i].enabled ? l->cpu[i].pxm : 0);
	for (uint32_t i = 0; i < l->initiator_count; i++)
		add_far(l, l->initiator[i].flags & NB_SRAT_ENABLED ? l->initiator[i].pxm : 0);
	qsort(l->far, l->far_count, sizeof(*l->far), by_number);
	for (uint32_t i = 0; i < l->far_count; i++)
		if (!kept || l->far[kept - 1] != l->far[i])
			l->far[kept++] = l->far[i];
	l->far_count = kept;
}

/* For as many of these as there are, others that nobody has, below what every kernel maps. */
static void find_near(struct lint *l)
{
	l->near = (uint32_t *)pool_take(&l->out->pool, SAFE_PXMS * sizeof(*l->near));
	for (uint32_t pxm = 0; pxm < SAFE_PXMS && l->near_count < l->far_count; pxm++)
		if (!pxm_is_known(l, pxm))
			l->near[l->near_count++] = pxm;
}

void mend_pxm(struct lint *l, uint32_t entry, uint32_t type, uint32_t pxm)
{
	if (type == NB_SRAT_LAPIC) {
		mend_set(l, l->srat, entry + LAPIC_PXM_AT, 1, pxm & 0xff);
		if (table_number(&l->fw->tables[l->srat], entry + LAPIC_HIGH_AT, 3) != pxm >> 8)
			mend_set(l, l->srat, entry + LAPIC_HIGH_AT, 3, pxm >> 8);
	} else {
		mend_set(l, l->srat, entry + (type == NB_SRAT_MEMORY ? MEMORY_PXM_AT : WIDE_PXM_AT),
			 4, pxm);
	}
}

/* Clears the enabled flag of an entry. */
static void disable(struct lint *l, uint32_t entry, uint32_t type)
{
	uint32_t at = entry + (type == NB_SRAT_MEMORY   ? MEMORY_FLAGS_AT
			       : type == NB_SRAT_LAPIC  ? LAPIC_FLAGS_AT
			       : type == NB_SRAT_X2APIC ? X2APIC_FLAGS_AT
							: INITIATOR_FLAGS_AT);

	mend_set(l, l->srat, at, 4,
		 table_number(&l->fw->tables[l->srat], at, 4) & ~(uint64_t)NB_SRAT_ENABLED);
}

/* A domain that is too large, of an entry. */
static void lint_pxm(struct lint *l, uint32_t pxm, uint32_t offset, uint32_t type)
{
	if (pxm >= NB_MAX_PXMS) {
		const uint32_t *far = (const uint32_t *)bsearch(&pxm, l->far, l->far_count,
								sizeof(pxm), by_number);

		report(l, FINDING_SRAT_PXM_RANGE, in_table(l, l->srat, offset),
		       "a domain below 1024", "domain 0x%x", pxm);
		if (far && far - l->far < l->near_count)
			mend_pxm(l, offset, type, l->near[far - l->far]);
		else
			disable(l, offset, type);
		mend_guess(l, l->near_count < l->far_count
				      ? "domains are free ones, and what finds none is disabled"
				      : "domains are free ones");
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

/* The RAM from where an entry of no size begins, as far as no other memory claims it;
 * empty if another one does. */
static struct nb_range ram_of_empty(const struct lint *l, const struct srat_memory_at *m)
{
	struct nb_range ram = { m->range.start,
				nb_align_down(end_of_ram(l->fw, m->range.start), NB_PAGE_SIZE) };

	for (uint32_t i = 0; i < l->memory_count; i++) {
		const struct srat_memory_at *other = &l->memory[i];

		if (is_on(other) && other->range.end > ram.start && other->range.start < ram.end)
			ram.end = nb_max(other->range.start, ram.start);
	}
	return ram;
}

static void lint_empty(struct lint *l, const struct srat_memory_at *m)
{
	struct nb_range ram = ram_of_empty(l, m);

	report(l, FINDING_SRAT_MEMORY_EMPTY, in_table(l, l->srat, m->offset),
	       "bytes, or a clear enabled flag",
	       "enabled memory of domain %u at 0x%llx, of no size", m->pxm,
	       (unsigned long long)m->range.start);
	if (ram.start < ram.end)
		set_memory(l, m, ram);
	else
		disable(l, m->offset, NB_SRAT_MEMORY);
}

static void lint_memory_pxm(struct lint *l, const struct srat_memory_at *m)
{
	const struct nb_table *table = &l->fw->tables[l->srat];
	uint64_t raw = table_number(table, m->offset + MEMORY_PXM_AT, 4);

	lint_pxm(l, m->pxm, m->offset, NB_SRAT_MEMORY);
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
		lint_empty(l, m);
	} else if (m->size > UINT64_MAX - m->range.start) {
		report(l, FINDING_SRAT_MEMORY_WRAPS, place, "an end below 2^64",
		       "memory of domain %u at 0x%llx, 0x%llx bytes long", m->pxm,
		       (unsigned long long)m->range.start, (unsigned long long)m->size);
		ram_end = end_of_ram(l->fw, m->range.start);
		if (ram_end)
			set_memory(l, m, (struct nb_range){ m->range.start, ram_end });
		else
			disable(l, m->offset, NB_SRAT_MEMORY);
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
		disable(l, second->offset, NB_SRAT_MEMORY);
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

static void disable_cpu(struct lint *l, const struct srat_cpu_at *cpu)
{
	disable(l, cpu->offset, cpu->x2apic ? NB_SRAT_X2APIC : NB_SRAT_LAPIC);
}

static void lint_cpu(struct lint *l, const struct srat_cpu_at *cpu)
{
	const struct nb_table *table = &l->fw->tables[l->srat];
	uint32_t high = cpu->offset + LAPIC_HIGH_AT;

	if (!cpu->enabled)
		return;
	lint_pxm(l, cpu->pxm, cpu->offset, cpu->x2apic ? NB_SRAT_X2APIC : NB_SRAT_LAPIC);
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

/* One domain has a processor twice; once in each form is how some firmware does it. */
static void lint_same(struct lint *l, const struct srat_cpu_at *first,
		      const struct srat_cpu_at *second)
{
	if (first->x2apic != second->x2apic)
		return;
	report(l, FINDING_SRAT_CPU_TWICE, in_table(l, l->srat, second->offset),
	       "each processor once", "APIC ID 0x%x again in domain %u, as at SRAT+0x%x",
	       second->apic_id, second->pxm, first->offset);
	disable_cpu(l, second);
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

		if (first->apic_id != second->apic_id)
			continue;
		if (first->pxm == second->pxm) {
			lint_same(l, first, second);
			continue;
		}
		report(l, FINDING_SRAT_APIC_TWICE, in_table(l, l->srat, second->offset),
		       "one domain for each processor",
		       "APIC ID 0x%x in domain %u, and in domain %u at SRAT+0x%x", second->apic_id,
		       second->pxm, first->pxm, first->offset);
		disable_cpu(l, second);
	}
}

/* What a device handle does not use: by ACPI's IDs 4 bytes, by PCI's 12. */
static void lint_handle(struct lint *l, const struct srat_initiator_at *at)
{
	enum { KIND_AT = 3, HANDLE_AT = 8, ACPI_BYTES = 12, PCI_BYTES = 4, HANDLE_BYTES = 16 };
	const struct nb_table *table = &l->fw->tables[l->srat];
	uint64_t kind = table_number(table, at->offset + KIND_AT, 1);
	uint32_t used = kind ? PCI_BYTES : ACPI_BYTES;

	for (uint32_t i = used; kind <= 1 && i < HANDLE_BYTES; i += 4) {
		uint32_t offset = at->offset + HANDLE_AT + i;

		if (!table_number(table, offset, 4))
			continue;
		report(l, FINDING_FIELD_RESERVED, in_table(l, l->srat, offset),
		       "reserved bytes that are 0", "0x%llx in a device handle",
		       (unsigned long long)table_number(table, offset, 4));
		mend_set(l, l->srat, offset, 4, 0);
	}
}

/* A disabled generic initiator ends Linux's walk: processors behind it are not read. */
static void lint_initiators(struct lint *l)
{
	uint32_t last_cpu = l->cpu_count ? l->cpu[l->cpu_count - 1].offset : 0;

	for (uint32_t i = 0; i < l->initiator_count; i++) {
		const struct srat_initiator_at *at = &l->initiator[i];

		if (at->flags & NB_SRAT_ENABLED)
			lint_handle(l, at);
		lint_pxm(l, at->flags & NB_SRAT_ENABLED ? at->pxm : 0, at->offset, at->type);
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

void lint_srat(struct lint *l)
{
	const struct nb_table *table = &l->fw->tables[l->srat];
	uint64_t reserved = table_number(table, RESERVED_AT, 4);

	if (table->len < NB_SRAT_ENTRIES)
		return;
	if (reserved != 1 && !source_guesses(l->source, FACT_CPU_NODES)) {
		report(l, FINDING_SRAT_RESERVED, in_table(l, l->srat, RESERVED_AT), "1", "%llu",
		       (unsigned long long)reserved);
		mend_set(l, l->srat, RESERVED_AT, 4, 1);
	}
	find_far(l);
	find_near(l);
	for (uint32_t i = 0; i < l->memory_count; i++)
		lint_memory(l, &l->memory[i]);
	for (uint32_t i = 0; i < l->cpu_count; i++)
		lint_cpu(l, &l->cpu[i]);
	lint_overlaps(l);
	lint_apic_ids(l);
	lint_initiators(l);
	lint_domains(l);
}
