/* SPDX-License-Identifier: MIT */
/* machine: see machine.h. */
#include "machine.h"

#include <stdlib.h>
#include <string.h>

static void put_entry(struct table *srat, const struct machine_entry *entry)
{
	static const uint8_t nothing[256];
	const uint8_t head[2] = { (uint8_t)entry->pxm, (uint8_t)entry->flags };

	switch (entry->type) {
	case ENTRY_LAPIC:
		srat_lapic(srat, entry->pxm, (uint8_t)entry->at, entry->flags);
		break;
	case ENTRY_X2APIC:
		srat_x2apic(srat, entry->pxm, (uint32_t)entry->at, entry->flags);
		break;
	case ENTRY_MEMORY:
		srat_memory(srat, entry->pxm, entry->at, entry->size, entry->flags);
		break;
	case ENTRY_INITIATOR:
		srat_initiator(srat, NB_SRAT_INITIATOR, entry->pxm, 0, entry->flags);
		break;
	case ENTRY_RAW:
		table_raw(srat, head, sizeof(head));
		table_raw(srat, nothing, (uint32_t)entry->size - 2);
		break;
	case ENTRY_END:
		break;
	}
}

static struct table *new_table(void)
{
	struct table *table = calloc(1, sizeof(*table));

	check(table, "there is memory for a table");
	return table;
}

static void put_cpu(struct table *madt, const struct machine_entry *entry)
{
	switch (entry->type) {
	case ENTRY_LAPIC:
		madt_lapic(madt, 0, (uint8_t)entry->at, entry->flags);
		break;
	case ENTRY_X2APIC:
		madt_x2apic(madt, 0, (uint32_t)entry->at, entry->flags);
		break;
	default:
		put_entry(madt, entry);
		break;
	}
}

static void put_tables(struct machine_boot *run, const struct machine *machine)
{
	struct nb_table *at = run->tables;

	madt_begin(run->madt);
	for (uint32_t id = 0; id < machine->cpus; id++)
		madt_lapic(run->madt, (uint8_t)id, (uint8_t)id, NB_MADT_ENABLED);
	for (size_t i = 0; i < NB_COUNT(machine->madt); i++)
		if (machine->madt[i].type != ENTRY_END)
			put_cpu(run->madt, &machine->madt[i]);
	*at++ = table_give(run->madt);
	if (machine->srat[0].type != ENTRY_END) {
		srat_begin(run->srat, 3);
		for (const struct machine_entry *e = machine->srat; e->type != ENTRY_END; e++)
			put_entry(run->srat, e);
		*at++ = table_give(run->srat);
	}
	if (machine->localities) {
		slit_make(run->slit, machine->localities, machine->slit,
			  machine->localities * machine->localities);
		*at++ = table_give(run->slit);
	}
	if (machine->window[0].end) {
		cedt_begin(run->cedt);
		for (const struct nb_range *w = machine->window; w < machine->window + 2; w++)
			if (w->end)
				cedt_window(run->cedt, w->start, w->end - w->start);
		*at++ = table_give(run->cedt);
	}
	if (machine->hmat) {
		hmat_begin(run->hmat, 2);
		hmat_proximity(run->hmat, 1, 0, 0);
		*at++ = table_give(run->hmat);
	}
	run->fw.tables = run->tables;
	run->fw.table_count = (uint32_t)(at - run->tables);
}

void machine_begin(struct machine_boot *run, const struct machine *machine, enum nb_line line)
{
	*run = (struct machine_boot){ .rules = nb_lines[line], .config = nb_configs[line] };
	run->record = calloc(1, sizeof(*run->record));
	check(run->record, "there is memory for the events");
	run->madt = new_table();
	run->srat = new_table();
	run->slit = new_table();
	run->cedt = new_table();
	run->hmat = new_table();
	run->fw.map = machine->map;
	while (machine->map[run->fw.map_count].size)
		run->fw.map_count++;
	run->fw.cmdline = machine->cmdline;
	run->fw.facts = machine->facts;
	put_tables(run, machine);
}

void machine_run(struct machine_boot *run)
{
	const struct nb_env env = { &run->rules, &run->config, &run->record->sink };
	size_t size;

	run->limits = nb_limits_for(&run->fw, &run->config);
	size = nb_boot_size(&run->limits);
	check(size, "the limits of a small machine are valid");
	free(run->block);
	run->block = aligned_alloc(16, size);
	check(run->block, "there is memory for a boot");
	memset(run->block, 0xee, size);
	record_start(run->record);
	run->err = nb_boot_init(&run->boot, run->block, size, &run->limits, &env, &run->fw);
	run->boot.mapping.writer = run->writer;
	if (!run->err)
		run->err = nb_boot(&run->boot);
}

void machine_end(struct machine_boot *run)
{
	free(run->block);
	free(run->record);
	free(run->madt);
	free(run->srat);
	free(run->slit);
	free(run->cedt);
	free(run->hmat);
}
