/* SPDX-License-Identifier: MIT */
/*
 * lint: reads the tables once, calls the checks, and keeps what they report.
 */
#include "lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static uint32_t find(const struct nb_firmware *fw, const char *signature)
{
	const struct nb_table *table = nb_firmware_table(fw, signature);

	return table && table->at ? (uint32_t)(table - fw->tables) : NO_TABLE;
}

/* Arrays are as long as there are entries of the type. */
static void *take(struct lint *l, uint32_t count, size_t size)
{
	return pool_take(&l->out->pool, (count + 1) * size);
}

static uint32_t count_entries(const struct lint *l, uint32_t table)
{
	struct nb_entry_walk walk = lint_walk(&l->fw->tables[table]);
	struct nb_entry entry;
	uint32_t count = 0;

	while (lint_next(&walk, &l->fw->tables[table], &entry))
		count++;
	return count;
}

static void read_srat_cpu(struct lint *l, const struct nb_entry *entry)
{
	bool x2apic = entry->type == NB_SRAT_X2APIC;
	uint8_t revision = l->fw->tables[l->srat].at[8];
	struct nb_srat_cpu cpu;
	struct nb_fault fault;

	if (x2apic)
		nb_srat_x2apic(entry, &cpu, &fault);
	else
		nb_srat_lapic(entry, &cpu, &fault);
	if (fault.kind != NB_FAULT_NONE)
		return;
	l->cpu[l->cpu_count++] = (struct srat_cpu_at){
		.offset = entry->bytes.offset,
		.apic_id = cpu.apic_id,
		.pxm = cpu.pxm_low | (revision >= 2 ? cpu.pxm_high : 0),
		.x2apic = x2apic,
		.enabled = cpu.flags & NB_SRAT_ENABLED,
	};
}

static void read_srat_memory(struct lint *l, const struct nb_entry *entry)
{
	uint8_t revision = l->fw->tables[l->srat].at[8];
	struct nb_srat_memory memory;
	struct nb_fault fault;

	nb_srat_memory(entry, &memory, &fault);
	if (fault.kind != NB_FAULT_NONE)
		return;
	l->memory[l->memory_count++] = (struct srat_memory_at){
		.offset = entry->bytes.offset,
		.pxm = revision >= 2 ? memory.pxm : memory.pxm & 0xff,
		.flags = memory.flags,
		.range = { memory.base,
			   memory.base + nb_min(memory.size, UINT64_MAX - memory.base) },
		.size = memory.size,
	};
}

static void read_srat_initiator(struct lint *l, const struct nb_entry *entry)
{
	struct nb_srat_initiator initiator;
	struct nb_fault fault;

	nb_srat_initiator(entry, &initiator, &fault);
	if (fault.kind == NB_FAULT_NONE)
		l->initiator[l->initiator_count++] =
			(struct srat_initiator_at){ entry->bytes.offset, initiator.pxm,
						    initiator.flags, entry->type };
}

static void read_srat(struct lint *l)
{
	uint32_t count = count_entries(l, l->srat);
	struct nb_entry_walk walk = lint_walk(&l->fw->tables[l->srat]);
	struct nb_entry entry;

	l->cpu = (struct srat_cpu_at *)take(l, count, sizeof(*l->cpu));
	l->memory = (struct srat_memory_at *)take(l, count, sizeof(*l->memory));
	l->initiator = (struct srat_initiator_at *)take(l, count, sizeof(*l->initiator));
	while (lint_next(&walk, &l->fw->tables[l->srat], &entry)) {
		if (entry.type == NB_SRAT_LAPIC || entry.type == NB_SRAT_X2APIC)
			read_srat_cpu(l, &entry);
		else if (entry.type == NB_SRAT_MEMORY)
			read_srat_memory(l, &entry);
		else if (entry.type == NB_SRAT_INITIATOR || entry.type == NB_SRAT_PORT)
			read_srat_initiator(l, &entry);
	}
}

static void read_madt(struct lint *l)
{
	struct nb_entry_walk walk = lint_walk(&l->fw->tables[l->madt]);
	struct nb_entry entry;
	struct nb_fault fault;

	l->madt_cpu =
		(struct madt_cpu_at *)take(l, count_entries(l, l->madt), sizeof(*l->madt_cpu));
	while (lint_next(&walk, &l->fw->tables[l->madt], &entry)) {
		struct madt_cpu_at *at = &l->madt_cpu[l->madt_cpu_count];

		if (entry.type != NB_MADT_LAPIC && entry.type != NB_MADT_X2APIC)
			continue;
		if (nb_madt_cpu(&entry, &at->cpu, &fault))
			continue;
		at->offset = entry.bytes.offset;
		at->type = entry.type;
		l->madt_cpu_count++;
	}
}

static void read_cedt(struct lint *l)
{
	struct nb_entry_walk walk = lint_walk(&l->fw->tables[l->cedt]);
	struct nb_cedt_window window;
	struct nb_entry entry;
	struct nb_fault fault;

	l->window = (struct cedt_window_at *)take(l, count_entries(l, l->cedt), sizeof(*l->window));
	while (lint_next(&walk, &l->fw->tables[l->cedt], &entry)) {
		if (entry.type != NB_CEDT_CFMWS)
			continue;
		nb_cedt_window(&entry, &window, &fault);
		if (fault.kind != NB_FAULT_NONE || entry.length > entry.bytes.len) /* is cut off */
			continue;
		l->window[l->window_count++] = (struct cedt_window_at){
			.offset = entry.bytes.offset,
			.range = { window.base,
				   window.base + nb_min(window.size, UINT64_MAX - window.base) },
			.size = window.size,
		};
	}
}

void lint_read(struct lint *l)
{
	struct nb_fault fault;

	l->srat = find(l->fw, "SRAT");
	l->slit = find(l->fw, "SLIT");
	l->madt = find(l->fw, "APIC");
	l->hmat = find(l->fw, "HMAT");
	l->cedt = find(l->fw, "CEDT");
	l->fadt = find(l->fw, "FACP");
	if (l->srat != NO_TABLE && l->fw->tables[l->srat].len >= NB_SRAT_ENTRIES)
		read_srat(l);
	if (l->madt != NO_TABLE)
		read_madt(l);
	if (l->cedt != NO_TABLE)
		read_cedt(l);
	if (l->slit != NO_TABLE && nb_slit(&l->fw->tables[l->slit], &l->matrix, &fault))
		l->matrix = (struct nb_slit){ 0 };
}

struct place_of_finding in_table(const struct lint *l, uint32_t table, uint32_t offset)
{
	struct place_of_finding place = { .kind = PLACE_TABLE, .at = offset };

	memcpy(place.table, l->fw->tables[table].signature, 4);
	return place;
}

struct place_of_finding in_map(uint32_t entry)
{
	return (struct place_of_finding){ .kind = PLACE_MAP, .at = entry };
}

struct place_of_finding in_words(size_t character)
{
	return (struct place_of_finding){ .kind = PLACE_WORD, .at = (uint32_t)character };
}

struct place_of_finding in_machine(void)
{
	return (struct place_of_finding){ .kind = PLACE_MACHINE };
}

void report(struct lint *l, enum finding_id id, struct place_of_finding place, const char *wanted,
	    const char *found, ...)
{
	struct finding *finding = &l->out->of[id];
	char text[256];
	va_list args;
	int len;

	l->last = finding;
	l->edited = false;
	if (finding->count++ >= PLACES_KEPT)
		return;
	va_start(args, found);
	len = vsnprintf(text, sizeof(text), found, args);
	va_end(args);
	if (len >= (int)sizeof(text))
		len = sizeof(text) - 1;

	char *kept = (char *)pool_take(&l->out->pool, (size_t)len + 1);

	memcpy(kept, text, (size_t)len);
	finding->at[finding->count - 1] = (struct finding_place){ place, kept, wanted };
}

void mend(struct lint *l, struct edit edit)
{
	struct edit *kept = (struct edit *)pool_take(&l->out->pool, sizeof(*kept));

	*kept = edit;
	if (edit.kind == EDIT_CUT) /* an entry may claim more than its table has */
		kept->width =
			(uint32_t)nb_min(edit.width, l->fw->tables[edit.table].len - edit.offset);
	kept->next = l->last->edits;
	l->last->edits = kept;
	l->last->edited += !l->edited;
	l->edited = true;
}

void mend_cut(struct lint *l, uint32_t table, uint32_t offset, uint32_t width)
{
	mend(l,
	     (struct edit){ .kind = EDIT_CUT, .table = table, .offset = offset, .width = width });
}

void mend_map(struct lint *l, struct nb_range range, uint32_t type)
{
	mend(l, (struct edit){ .kind = EDIT_PUT_IN,
			       .width = type,
			       .old = range.start,
			       .new = nb_range_size(range) });
}

void mend_guess(struct lint *l, const char *guess)
{
	l->last->guess = guess;
}

void mend_trial(struct lint *l)
{
	l->last->trial = true;
}

void mend_set(struct lint *l, uint32_t table, uint32_t offset, uint32_t width, uint64_t value)
{
	mend(l, (struct edit){
			.kind = EDIT_SET,
			.table = table,
			.offset = offset,
			.width = width,
			.old = table_number(&l->fw->tables[table], offset, width),
			.new = value,
		});
}

uint64_t table_number(const struct nb_table *table, uint32_t offset, uint32_t width)
{
	struct nb_bytes bytes = nb_acpi_bytes(table);
	uint64_t value = 0;

	for (uint32_t i = 0; i < width && offset + i < bytes.len; i++)
		value |= (uint64_t)bytes.at[offset + i] << (8 * i);
	return value;
}

bool pxm_has_memory(const struct lint *l, uint32_t pxm)
{
	for (uint32_t i = 0; i < l->memory_count; i++)
		if (l->memory[i].pxm == pxm && is_on(&l->memory[i]))
			return true;
	return false;
}

bool pxm_has_cpu(const struct lint *l, uint32_t pxm)
{
	for (uint32_t i = 0; i < l->cpu_count; i++)
		if (l->cpu[i].pxm == pxm && l->cpu[i].enabled)
			return true;
	return false;
}

bool pxm_is_known(const struct lint *l, uint32_t pxm)
{
	for (uint32_t i = 0; i < l->initiator_count; i++)
		if (l->initiator[i].pxm == pxm && (l->initiator[i].flags & NB_SRAT_ENABLED))
			return true;
	return pxm_has_memory(l, pxm) || pxm_has_cpu(l, pxm);
}

void lint_source(struct findings *findings, const struct source *source)
{
	struct lint l = { .source = source, .fw = &source->fw, .out = findings };

	lint_read(&l);
	lint_tables(&l);
	lint_reserved(&l);
	lint_map(&l);
	if (l.srat != NO_TABLE)
		lint_srat(&l);
	if (l.slit != NO_TABLE)
		lint_slit(&l);
	if (l.madt != NO_TABLE)
		lint_madt(&l);
	if (l.hmat != NO_TABLE)
		lint_hmat(&l);
	if (l.cedt != NO_TABLE)
		lint_cedt(&l);
	if (l.fadt != NO_TABLE)
		lint_fadt(&l);
	lint_cross(&l);
	lint_cmdline(&l);
}

bool finding_is_judged(const struct finding *finding)
{
	for (int line = 0; line < NB_LINES; line++)
		if (finding->line[line] != LINE_NOT_RUN)
			return true;
	return finding->edits != NULL;
}

bool findings_reach(const struct findings *findings, enum severity severity)
{
	for (int id = 0; id < FINDING_IDS; id++)
		if (findings->of[id].count && finding_rows[id].severity >= severity)
			return true;
	return false;
}
