/* SPDX-License-Identifier: MIT */
/*
 * resources: what lies where in the address space is noted, each time in memory of its
 * own, before there is an allocator for small things:
 *
 *   I/O APICs   one array, with their names
 *   map         one array for the entries of the memory map
 *   firmware    one piece for each entry of the map as the firmware gave it
 *   no RAM      one piece for each hole that hibernation must not touch
 *
 * Source: Linux 6.12 arch/x86/kernel/apic/io_apic.c io_apic_init_mappings(),
 * arch/x86/kernel/e820.c e820__reserve_resources(), e820__register_nosave_regions(),
 * drivers/firmware/memmap.c firmware_map_add_early().
 */
#include "boot/resources.h"

#include "acpi/entry.h"
#include "boot/memblock.h"

#include <numaboot/acpi.h>
#include <numaboot/rules.h>

enum {
	LINE = 64,
	APIC_NAME_BYTES = 11, /* "IOAPIC" and a number */
};

struct notes {
	struct nb_memblock *mb;
	const struct nb_env *env;
	/* The last one: above it there is no room for another of its size, unless memblock
	 * gave back an array of its own since. */
	nb_phys size, at;
	uint32_t doubled;
};

static enum nb_err take(struct notes *n, nb_phys size)
{
	bool is_next = size == n->size && n->doubled == n->mb->doubled_count && !n->mb->bottom_up &&
		       !n->mb->prefer_mirror;
	const struct nb_request request = {
		.size = size,
		.align = LINE,
		.nid = NB_NO_NODE,
		.max = is_next ? n->at : 0,
	};
	enum nb_err err;

	if (!size)
		return NB_OK;
	n->size = size;
	n->doubled = n->mb->doubled_count;
	err = nb_memblock_get(n->mb, &request, NB_RESERVED_RESOURCES, &n->at, n->env);
	if (err != NB_ERR_MEMORY)
		return err;
	nb_emit(n->env, .kind = NB_EV_DIES, .id = NB_RESOURCES, .why = NB_WHY_DIES_NO_RESOURCES);
	return NB_ERR_DIES;
}

/* I/O APICs of the MADT; a MultiProcessor table is taken to list the same, or one. */
static uint32_t count_io_apics(const struct nb_firmware *fw)
{
	const struct nb_table *madt = nb_firmware_table(fw, "APIC");
	struct nb_entry_walk walk;
	struct nb_entry entry;
	uint32_t count = 0;

	if (!madt)
		return fw->facts.mp_table;
	walk = nb_entries(madt, NB_ENTRY_COMMON, NB_MADT_ENTRIES);
	while (nb_entry_next(&walk, &entry))
		count += entry.type == NB_MADT_IOAPIC;
	return count;
}

static bool is_ram(const struct nb_e820_entry *entry)
{
	return entry->type == NB_E820_RAM || entry->type == NB_E820_RESERVED_KERN;
}

/* Where hibernation must not look; a hole that goes on where the last one ended is one
 * with it. */
struct holes {
	struct notes *notes;
	nb_pfn last_end;
	bool any;
};

static enum nb_err add_hole(struct holes *holes, nb_pfn start, nb_pfn end)
{
	bool joins = holes->any && holes->last_end == start;

	if (start >= end)
		return NB_OK;
	holes->any = true;
	holes->last_end = end;
	return joins ? NB_OK : take(holes->notes, holes->notes->env->config->nosave_bytes);
}

/* Between pieces of RAM, and behind the last. */
static enum nb_err note_holes_of_ram(struct notes *n, const struct nb_e820 *e820)
{
	struct holes holes = { .notes = n };
	enum nb_err err = NB_OK;
	nb_phys end = 0;

	for (uint32_t i = 0; !err && i < e820->map.count; i++) {
		const struct nb_e820_entry *entry = &e820->map.at[i];

		if (!is_ram(entry))
			continue;
		if (end < entry->start)
			err = add_hole(&holes, nb_pfn_down(end), nb_pfn_up(entry->start));
		end = entry->start + entry->size;
	}
	return err ? err : add_hole(&holes, nb_pfn_down(end), e820->max_pfn);
}

/* Entry by entry, up to the end of RAM. Linux 5.10. */
static enum nb_err note_holes(struct notes *n, const struct nb_e820 *e820)
{
	struct holes holes = { .notes = n };
	enum nb_err err = NB_OK;
	nb_pfn pfn = 0;

	for (uint32_t i = 0; !err && i < e820->map.count; i++) {
		const struct nb_e820_entry *entry = &e820->map.at[i];

		if (pfn < nb_pfn_up(entry->start))
			err = add_hole(&holes, pfn, nb_pfn_up(entry->start));
		pfn = nb_pfn_down(entry->start + entry->size);
		if (!err && !is_ram(entry))
			err = add_hole(&holes, nb_pfn_up(entry->start), pfn);
		if (pfn >= e820->max_pfn)
			break;
	}
	return err;
}

enum nb_err nb_resources_build(struct nb_memblock *mb, const struct nb_e820 *e820,
			       const struct nb_firmware *fw, const struct nb_env *env)
{
	struct notes n = { .mb = mb, .env = env };
	const struct nb_kernel_config *config = env->config;
	enum nb_err err = take(&n, count_io_apics(fw) * (config->resource_bytes + APIC_NAME_BYTES));
	if (!err)
		err = take(&n, e820->map.count * config->resource_bytes);
	for (uint32_t i = 0; !err && i < e820->firmware.count; i++)
		err = take(&n, config->firmware_entry_bytes);
	if (err)
		return err;
	return env->rules->nosave_by_ram ? note_holes_of_ram(&n, e820) : note_holes(&n, e820);
}
