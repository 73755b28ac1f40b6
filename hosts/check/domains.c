/* SPDX-License-Identifier: MIT */
/*
 * domains: what a proximity domain of the SRAT has, processors or memory: ACPI 6.5
 * 5.2.16. That it lacks one of them is legal; what is meant by it nobody can say.
 */
#include "lint.h"

enum { MEMORY_PXM_AT = 2, MEMORY_SIZE_AT = 16, MEMORY_FLAGS_AT = 28, MEMORY_BYTES = 40 };

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

/* The domain with memory of the processor with the next APIC ID, the lower one of two;
 * if there is none, that of any memory. False if there is no memory. */
static bool near_domain(const struct lint *l, uint32_t apic_id, uint32_t *pxm)
{
	const struct srat_cpu_at *best = NULL;

	for (uint32_t i = 0; i < l->cpu_count; i++) {
		const struct srat_cpu_at *cpu = &l->cpu[i];

		if (!cpu->enabled || !pxm_has_memory(l, cpu->pxm))
			continue;
		if (!best || (cpu->apic_id < apic_id && cpu->apic_id > best->apic_id) ||
		    (best->apic_id > apic_id && cpu->apic_id < best->apic_id))
			best = cpu;
	}
	for (uint32_t i = 0; i < l->memory_count; i++)
		if (is_on(&l->memory[i])) {
			*pxm = best ? best->pxm : l->memory[i].pxm;
			return true;
		}
	return false;
}

/* Gives the processors of a domain to one that has memory. */
static void move_cpus(struct lint *l, uint32_t pxm)
{
	uint32_t other;

	for (uint32_t i = 0; i < l->cpu_count; i++)
		if (l->cpu[i].enabled && l->cpu[i].pxm == pxm &&
		    near_domain(l, l->cpu[i].apic_id, &other))
			mend_pxm(l, l->cpu[i].offset,
				 l->cpu[i].x2apic ? NB_SRAT_X2APIC : NB_SRAT_LAPIC, other);
	mend_guess(l, "the processors are of the domain of the next lower APIC ID; if their memory "
		      "is there, it is to be described instead");
}

/* The end of RAM, as the map has it; without one, of what a machine may have. */
static nb_phys ram_end(const struct nb_firmware *fw)
{
	nb_phys end = 0;

	for (uint32_t i = 0; i < fw->map_count; i++)
		if (fw->map[i].type == NB_E820_RAM &&
		    fw->map[i].size <= UINT64_MAX - fw->map[i].start)
			end = nb_max(end, fw->map[i].start + fw->map[i].size);
	return end ? end : 5 * NB_GIB;
}

/* An entry of memory for all RAM. */
static void add_memory(struct lint *l)
{
	nb_phys size = nb_align_up(ram_end(l->fw), NB_PAGE_SIZE);
	uint8_t *bytes = (uint8_t *)pool_take(&l->out->pool, MEMORY_BYTES);
	uint32_t pxm = 0;

	for (uint32_t i = l->cpu_count; i-- > 0;)
		if (l->cpu[i].enabled)
			pxm = l->cpu[i].pxm;
	bytes[0] = NB_SRAT_MEMORY;
	bytes[1] = MEMORY_BYTES;
	for (unsigned i = 0; i < 4; i++)
		bytes[MEMORY_PXM_AT + i] = (uint8_t)(pxm >> (8 * i));
	for (unsigned i = 0; i < 8; i++)
		bytes[MEMORY_SIZE_AT + i] = (uint8_t)(size >> (8 * i));
	bytes[MEMORY_FLAGS_AT] = NB_SRAT_ENABLED;
	mend(l,
	     (struct edit){
		     .kind = EDIT_ADD, .table = l->srat, .width = MEMORY_BYTES, .bytes = bytes });
	mend_guess(l, "all RAM is of the domain of the first processor: which is of which, nothing "
		      "here says");
}

static void lint_no_memory(struct lint *l)
{
	bool any = false;

	report(l, FINDING_SRAT_NO_MEMORY, in_table(l, l->srat, NB_SRAT_ENTRIES),
	       "enabled entries of memory", "entries of memory: %u, none enabled", l->memory_count);
	for (uint32_t i = 0; i < l->memory_count; i++) {
		const struct srat_memory_at *m = &l->memory[i];

		if (!m->size || m->size > UINT64_MAX - m->range.start)
			continue;
		mend_set(l, l->srat, m->offset + MEMORY_FLAGS_AT, 4, m->flags | NB_SRAT_ENABLED);
		any = true;
	}
	if (any)
		mend_guess(l, "what the disabled entries say is true");
	else
		add_memory(l);
}

/* Domains that have processors and no memory, or the other way round. */
void lint_domains(struct lint *l)
{
	bool guessed = source_guesses(l->source, FACT_CPU_NODES);
	uint32_t domains = 0, cpus = 0, cpus_of;

	for (uint32_t i = 0; i < l->cpu_count; i++)
		cpus += l->cpu[i].enabled;
	for (uint32_t i = 0; !guessed && i < l->cpu_count; i++) {
		const struct srat_cpu_at *cpu = &l->cpu[i];

		if (!cpu->enabled || !first_cpu_of_pxm(l, i) || pxm_has_memory(l, cpu->pxm))
			continue;
		cpus_of = count_cpus(l, cpu->pxm);
		report(l, FINDING_SRAT_CPU_ONLY, in_table(l, l->srat, cpu->offset),
		       "memory in every domain of processors",
		       "domain %u has %u processor%s and no memory", cpu->pxm, cpus_of,
		       plural(cpus_of));
		move_cpus(l, cpu->pxm);
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
		lint_no_memory(l);
}
