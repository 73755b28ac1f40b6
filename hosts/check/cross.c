/* SPDX-License-Identifier: MIT */
/*
 * cross: what one table says against what another says: RAM that no domain has,
 * processors that the SRAT or the MADT alone knows.
 */
#include "lint.h"

#include <stdlib.h>
#include <string.h>

enum { LAPIC_FLAGS_AT = 4, X2APIC_FLAGS_AT = 12, MEMORY_BASE_AT = 8, MEMORY_SIZE_AT = 16 };

/* The memory of the SRAT in the order of its addresses. */
struct cover {
	const struct srat_memory_at **at;
	uint32_t count;
};

static int by_start(const void *a, const void *b)
{
	const struct srat_memory_at *x = *(const struct srat_memory_at *const *)a;
	const struct srat_memory_at *y = *(const struct srat_memory_at *const *)b;

	return x->range.start < y->range.start ? -1 : x->range.start > y->range.start;
}

static struct cover cover_of(struct lint *l)
{
	struct cover cover = {
		.at = (const struct srat_memory_at **)pool_take(
			&l->out->pool, (l->memory_count + 1) * sizeof(*cover.at)),
	};

	for (uint32_t i = 0; i < l->memory_count; i++)
		if (is_on(&l->memory[i]) &&
		    l->memory[i].size <= UINT64_MAX - l->memory[i].range.start)
			cover.at[cover.count++] = &l->memory[i];
	qsort(cover.at, cover.count, sizeof(*cover.at), by_start);
	return cover;
}

/* Lets memory reach over a hole: over one below it if `down`, else over one above it. */
static void reach_over(struct lint *l, const struct srat_memory_at *m, struct nb_range hole,
		       bool down)
{
	nb_phys start = down ? hole.start : m->range.start;
	nb_phys end = down ? m->range.end : hole.end;

	if (down)
		mend_set(l, l->srat, m->offset + MEMORY_BASE_AT, 8, start);
	mend_set(l, l->srat, m->offset + MEMORY_SIZE_AT, 8, end - start);
}

/* Memory that begins where a hole does, and whose size cannot be; null if there is none. */
static const struct srat_memory_at *without_size(const struct lint *l, struct nb_range hole)
{
	for (uint32_t i = 0; i < l->memory_count; i++) {
		const struct srat_memory_at *m = &l->memory[i];

		if ((m->flags & NB_SRAT_ENABLED) && m->range.start == hole.start &&
		    (!m->size || m->size > UINT64_MAX - m->range.start))
			return m;
	}
	return NULL;
}

/* Lets the memory that was to be there, or that ends where the hole begins, or begins where
 * it ends, or lies below it, or above it, reach over the hole. */
static void fill(struct lint *l, const struct cover *cover, struct nb_range hole)
{
	const struct srat_memory_at *below = without_size(l, hole), *above = NULL;

	if (below) {
		reach_over(l, below, hole, false);
		return;
	}
	for (uint32_t i = 0; i < cover->count; i++) {
		const struct srat_memory_at *m = cover->at[i];

		if (m->range.start == hole.end && (!below || below->range.end != hole.start)) {
			reach_over(l, m, hole, true);
			return;
		}
		/* what lies in other memory is a fault of its own, and may go for it */
		if (m->range.end <= hole.start && (!below || m->range.end > below->range.end))
			below = m;
		if (m->range.start >= hole.end && !above)
			above = m;
	}
	if (below || above)
		reach_over(l, below ? below : above, hole, !below);
}

/* Tells of a piece of RAM without a domain, in whole pages. */
static void tell_hole(struct lint *l, const struct cover *cover, uint32_t entry,
		      struct nb_range hole)
{
	hole.start = nb_align_up(hole.start, NB_PAGE_SIZE);
	hole.end = nb_align_down(hole.end, NB_PAGE_SIZE);
	if (hole.start >= hole.end)
		return;
	report(l, FINDING_RAM_WITHOUT_NODE, in_map(entry), "a domain for all RAM",
	       "RAM 0x%llx-0x%llx, %llu KiB, is in no enabled memory of the SRAT",
	       (unsigned long long)hole.start, (unsigned long long)hole.end - 1,
	       (unsigned long long)(nb_range_size(hole) >> 10));
	fill(l, cover, hole);
}

static void lint_ram(struct lint *l)
{
	struct cover cover = cover_of(l);

	if (!cover.count)
		return;
	for (uint32_t i = 0; i < l->fw->map_count + l->fw->extended_count; i++) {
		const struct nb_e820_entry *e = i < l->fw->map_count
							? &l->fw->map[i]
							: &l->fw->extended[i - l->fw->map_count];
		nb_phys at = e->start, end = e->start + nb_min(e->size, UINT64_MAX - e->start);

		if (e->type != NB_E820_RAM)
			continue;
		for (uint32_t m = 0; m < cover.count && at < end; m++) {
			struct nb_range range = cover.at[m]->range;

			if (range.end <= at)
				continue;
			if (range.start > at)
				tell_hole(l, &cover, i,
					  (struct nb_range){ at, nb_min(range.start, end) });
			at = range.end;
		}
		if (at < end)
			tell_hole(l, &cover, i, (struct nb_range){ at, end });
	}
}

/* The RAM of the map in a range. */
static uint64_t ram_in(const struct nb_firmware *fw, struct nb_range range)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < fw->map_count + fw->extended_count; i++) {
		const struct nb_e820_entry *e =
			i < fw->map_count ? &fw->map[i] : &fw->extended[i - fw->map_count];
		nb_phys end = e->start + nb_min(e->size, UINT64_MAX - e->start);

		if (e->type == NB_E820_RAM)
			sum += nb_range_size((struct nb_range){ nb_max(e->start, range.start),
								nb_min(end, range.end) });
	}
	return sum;
}

/* Memory that should be RAM: there from the start, and not kept over a restart. */
static bool should_be_ram(const struct srat_memory_at *m)
{
	return is_on(m) && !(m->flags & (NB_SRAT_HOTPLUG | NB_SRAT_NONVOLATILE)) &&
	       m->size <= UINT64_MAX - m->range.start;
}

/* What the SRAT calls memory of a domain, and what of it is RAM. */
static uint64_t sum_of(const struct lint *l, uint32_t pxm, uint64_t *ram)
{
	uint64_t sum = 0;

	*ram = 0;
	for (uint32_t i = 0; i < l->memory_count; i++)
		if (l->memory[i].pxm == pxm && should_be_ram(&l->memory[i])) {
			sum += l->memory[i].size;
			*ram += ram_in(l->fw, l->memory[i].range);
		}
	return sum;
}

/* The map as it would be if the memory of a domain, or of all, were RAM; what the map
 * calls something else stays that. */
static void put_ram(struct lint *l, bool all, uint32_t pxm)
{
	for (uint32_t i = 0; i < l->memory_count; i++)
		if ((all || l->memory[i].pxm == pxm) && should_be_ram(&l->memory[i]) &&
		    l->memory[i].range.start >= NB_MIB)
			mend_map(l, l->memory[i].range, NB_E820_RAM);
	mend_trial(l);
}

/* Memory of the SRAT that the map does not have. */
static void lint_missing(struct lint *l)
{
	uint64_t claimed = 0, there = 0;

	for (uint32_t i = 0; i < l->memory_count; i++) {
		const struct srat_memory_at *m = &l->memory[i];
		uint64_t ram, sum;
		uint32_t first = 0;

		if (!should_be_ram(m))
			continue;
		while (l->memory[first].pxm != m->pxm || !should_be_ram(&l->memory[first]))
			first++;
		if (first < i)
			continue;
		sum = sum_of(l, m->pxm, &ram);
		claimed += nb_min(sum, UINT64_MAX - claimed);
		there += ram;
		if (!ram && pxm_has_cpu(l, m->pxm)) {
			report(l, FINDING_DOMAIN_WITHOUT_RAM, in_table(l, l->srat, m->offset),
			       "RAM of the map in the memory of the domain",
			       "domain %u has %llu MiB, and the map has no RAM there", m->pxm,
			       (unsigned long long)(sum >> 20));
			put_ram(l, false, m->pxm);
		}
	}
	if (there < claimed / 2 && claimed - there > NB_GIB) {
		report(l, FINDING_RAM_MISSING, in_machine(), "as much RAM as the SRAT has memory",
		       "%llu MiB of RAM in the map, %llu MiB of memory in the SRAT",
		       (unsigned long long)(there >> 20), (unsigned long long)(claimed >> 20));
		put_ram(l, true, 0);
	}
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool has(const uint32_t *ids, uint32_t count, uint32_t id)
{
	return bsearch(&id, ids, count, sizeof(id), by_number);
}

static const char guess_nearest[] =
	"the domain is that of the processor with the next lower APIC ID";

/* The domain of the processor whose APIC ID is nearest, the lower one of two. */
static uint32_t nearest_pxm(const struct lint *l, uint32_t apic_id)
{
	const struct srat_cpu_at *best = NULL;

	for (uint32_t i = 0; i < l->cpu_count; i++) {
		const struct srat_cpu_at *cpu = &l->cpu[i];

		if (!cpu->enabled)
			continue;
		if (!best || (cpu->apic_id < apic_id && cpu->apic_id > best->apic_id) ||
		    (best->apic_id > apic_id && cpu->apic_id < best->apic_id))
			best = cpu;
	}
	return best ? best->pxm : 0;
}

/* Adds an entry to the SRAT for a processor: of the narrow form if that has room. */
static void place_cpu(struct lint *l, uint32_t apic_id, uint32_t pxm)
{
	bool wide = apic_id >= 0xff;
	uint32_t length = wide ? 24 : 16;
	uint8_t *bytes = (uint8_t *)pool_take(&l->out->pool, length);

	bytes[0] = wide ? NB_SRAT_X2APIC : NB_SRAT_LAPIC;
	bytes[1] = (uint8_t)length;
	for (unsigned i = 0; i < 4 && wide; i++) {
		bytes[4 + i] = (uint8_t)(pxm >> (8 * i));
		bytes[8 + i] = (uint8_t)(apic_id >> (8 * i));
	}
	if (!wide) {
		bytes[2] = (uint8_t)pxm;
		bytes[3] = (uint8_t)apic_id;
		bytes[9] = (uint8_t)(pxm >> 8);
		bytes[10] = (uint8_t)(pxm >> 16);
		bytes[11] = (uint8_t)(pxm >> 24);
	}
	bytes[wide ? X2APIC_FLAGS_AT : LAPIC_FLAGS_AT] = NB_SRAT_ENABLED;
	mend(l,
	     (struct edit){ .kind = EDIT_ADD, .table = l->srat, .width = length, .bytes = bytes });
}

/* The APIC IDs that the SRAT puts somewhere, in their order, each once. */
static uint32_t *placed_ids(struct lint *l, uint32_t *count)
{
	uint32_t *ids = (uint32_t *)pool_take(&l->out->pool, (l->cpu_count + 1) * sizeof(*ids));
	uint32_t all = 0;

	for (uint32_t i = 0; i < l->cpu_count; i++)
		if (l->cpu[i].enabled)
			ids[all++] = l->cpu[i].apic_id;
	qsort(ids, all, sizeof(*ids), by_number);
	*count = 0;
	for (uint32_t i = 0; i < all; i++)
		if (!*count || ids[*count - 1] != ids[i])
			ids[(*count)++] = ids[i];
	return ids;
}

/* Processors of the MADT that the SRAT puts nowhere, though it puts others. */
static void lint_unplaced(struct lint *l)
{
	uint32_t count;
	const uint32_t *ids = placed_ids(l, &count);

	for (uint32_t i = 0; count && i < l->madt_cpu_count; i++) {
		const struct madt_cpu_at *at = &l->madt_cpu[i];

		if (!(at->cpu.flags & NB_MADT_ENABLED) || has(ids, count, at->cpu.apic_id))
			continue;
		report(l, FINDING_APIC_NOT_IN_SRAT, in_table(l, l->madt, at->offset),
		       "an enabled entry in the SRAT, as others have",
		       "APIC ID 0x%x is enabled, and the SRAT has no domain for it",
		       at->cpu.apic_id);
		place_cpu(l, at->cpu.apic_id, nearest_pxm(l, at->cpu.apic_id));
		mend_guess(l, guess_nearest);
	}
}

/* Whether the command line keeps a kernel from counting all that there are. */
static bool cpus_are_limited(const struct nb_firmware *fw)
{
	static const char *const words[] = { "nr_cpus=", "maxcpus=", "possible_cpus=", "nosmp" };

	for (size_t i = 0; fw->cmdline && i < NB_COUNT(words); i++)
		if (strstr(fw->cmdline, words[i]))
			return true;
	return false;
}

static void disable_cpu(struct lint *l, const struct srat_cpu_at *cpu)
{
	uint32_t flags_at = cpu->offset + (cpu->x2apic ? X2APIC_FLAGS_AT : LAPIC_FLAGS_AT);

	mend_set(l, l->srat, flags_at, 4,
		 table_number(&l->fw->tables[l->srat], flags_at, 4) & ~(uint64_t)NB_SRAT_ENABLED);
}

static bool in_madt(const struct lint *l, uint32_t apic_id)
{
	for (uint32_t i = 0; i < l->madt_cpu_count; i++)
		if (l->madt_cpu[i].cpu.apic_id == apic_id)
			return true;
	return false;
}

/* More processors in the SRAT than the log counts, those that may come among them. Which
 * of them there are not is guessed if all that are made up are in the SRAT. */
static void lint_too_many(struct lint *l, uint32_t placed, uint32_t known)
{
	if (placed <= l->madt_cpu_count || cpus_are_limited(l->fw))
		return;
	report(l, FINDING_APIC_NOT_IN_MADT, in_table(l, l->srat, NB_SRAT_ENTRIES),
	       "as many processors as there are, or clear enabled flags",
	       "the log counts %u, the SRAT has %u", l->madt_cpu_count, placed);
	for (uint32_t i = 0; known == l->madt_cpu_count && i < l->cpu_count; i++)
		if (l->cpu[i].enabled && !in_madt(l, l->cpu[i].apic_id))
			disable_cpu(l, &l->cpu[i]);
	mend_guess(l,
		   "the log does not tell APIC IDs: those from 0 on are taken for what is there");
}

/* Without a MADT, a log's count of processors against the SRAT's. Which of them are
 * in no domain is not told; their numbers are guessed if those of the others are so. */
static void lint_counted(struct lint *l)
{
	uint32_t count, enabled = 0, known = 0;
	const uint32_t *ids = placed_ids(l, &count);

	for (uint32_t i = 0; i < l->madt_cpu_count; i++) {
		const struct nb_madt_cpu *cpu = &l->madt_cpu[i].cpu;

		enabled += cpu->flags & NB_MADT_ENABLED;
		known += has(ids, count, cpu->apic_id);
	}
	if (count > enabled)
		lint_too_many(l, count, known);
	if (!count || enabled <= count)
		return;
	report(l, FINDING_APIC_NOT_IN_SRAT, in_table(l, l->srat, NB_SRAT_ENTRIES),
	       "an enabled entry in the SRAT for each processor",
	       "the log counts %u processor%s, the SRAT has domains for %u", enabled,
	       plural(enabled), count);
	for (uint32_t i = 0; known == count && i < l->madt_cpu_count; i++)
		if (!has(ids, count, l->madt_cpu[i].cpu.apic_id))
			place_cpu(l, l->madt_cpu[i].cpu.apic_id,
				  nearest_pxm(l, l->madt_cpu[i].cpu.apic_id));
	mend_guess(l, "the log does not tell APIC IDs, and domains are those of the processors "
		      "with the next lower one");
}

/* Processors that the SRAT places and the MADT does not know. */
static void lint_unknown(struct lint *l)
{
	uint32_t *ids =
		(uint32_t *)pool_take(&l->out->pool, (l->madt_cpu_count + 1) * sizeof(*ids));
	uint32_t none;

	for (uint32_t i = 0; i < l->madt_cpu_count; i++)
		ids[i] = l->madt_cpu[i].cpu.apic_id;
	qsort(ids, l->madt_cpu_count, sizeof(*ids), by_number);
	for (uint32_t i = 0; l->madt_cpu_count && i < l->cpu_count; i++) {
		const struct srat_cpu_at *cpu = &l->cpu[i];

		none = cpu->x2apic ? NB_NO_APIC_ID : 0xff;
		if (!cpu->enabled || cpu->apic_id == none ||
		    has(ids, l->madt_cpu_count, cpu->apic_id))
			continue;
		report(l, FINDING_APIC_NOT_IN_MADT, in_table(l, l->srat, cpu->offset),
		       "an entry in the MADT, or a clear enabled flag",
		       "APIC ID 0x%x is put into domain %u, and the MADT does not have it",
		       cpu->apic_id, cpu->pxm);
		disable_cpu(l, cpu);
	}
}

/* The domains of memory in the order of their entries, each once. */
static uint32_t memory_domains(struct lint *l, uint32_t **pxms)
{
	uint32_t count = 0;

	*pxms = (uint32_t *)pool_take(&l->out->pool, (l->memory_count + 1) * sizeof(**pxms));
	for (uint32_t i = 0; i < l->memory_count; i++) {
		uint32_t j = 0;

		while (j < count && (*pxms)[j] != l->memory[i].pxm)
			j++;
		if (j == count && is_on(&l->memory[i]))
			(*pxms)[count++] = l->memory[i].pxm;
	}
	return count;
}

/* An SRAT without processors: those of the MADT in equal blocks, as most machines have
 * them. */
static void lint_no_cpu(struct lint *l)
{
	uint32_t *pxms, domains, enabled = 0, at = 0;

	for (uint32_t i = 0; i < l->cpu_count; i++)
		if (l->cpu[i].enabled)
			return;
	report(l, FINDING_SRAT_NO_CPU, in_table(l, l->srat, NB_SRAT_ENTRIES),
	       "enabled entries of processors", "processors: %u, none enabled", l->cpu_count);
	domains = memory_domains(l, &pxms);
	for (uint32_t i = 0; i < l->madt_cpu_count; i++)
		enabled += l->madt_cpu[i].cpu.flags & NB_MADT_ENABLED;
	for (uint32_t i = 0; domains && i < l->madt_cpu_count; i++)
		if (l->madt_cpu[i].cpu.flags & NB_MADT_ENABLED)
			place_cpu(l, l->madt_cpu[i].cpu.apic_id,
				  pxms[(uint64_t)at++ * domains / enabled]);
	mend_guess(l, "processors are dealt to the domains of memory in blocks of equal size, in "
		      "the order of the MADT");
}

void lint_cross(struct lint *l)
{
	if (l->srat == NO_TABLE) {
		if (l->madt != NO_TABLE && !source_guesses(l->source, FACT_TABLES))
			report(l, FINDING_SRAT_ABSENT, in_machine(),
			       "nothing, on a machine of one node", "there is no SRAT");
		return;
	}
	if (nb_acpi_bytes(&l->fw->tables[l->srat]).len < NB_SRAT_ENTRIES)
		return;
	lint_ram(l);
	if (l->fw->map_count && !l->fw->facts.kdump) /* whose map is a part */
		lint_missing(l);
	if (source_guesses(l->source, FACT_CPU_NODES))
		return;
	lint_no_cpu(l);
	if (source_guesses(l->source, FACT_MADT)) {
		if (l->source->table_from[l->srat]) /* made of a log, it has what that tells */
			lint_counted(l);
		return;
	}
	lint_unplaced(l);
	lint_unknown(l);
}
