/* SPDX-License-Identifier: MIT */
/*
 * cedt: windows of addresses for CXL memory: CXL 3.0 9.17.1.3. RAM in a window is
 * memory behind a CXL host bridge, which has no processors in its domain: RAM of a
 * domain of processors there is not.
 */
#include "lint.h"

enum {
	WINDOW_ALIGN = 256 << 20,
	BASE_AT = 8,
	SIZE_AT = 16,
	WAYS_AT = 24,
	ARITHMETIC_AT = 25,
	GRANULARITY_AT = 28,
	TARGETS_AT = 36,
	BRIDGE = 0, /* the type of a host bridge's entry */
	BRIDGE_UID_AT = 4,
	BRIDGE_VERSION_AT = 8,
	BRIDGE_BASE_AT = 16,
	BRIDGE_SIZE_AT = 24,
	BRIDGE_BYTES = 32,
	BRIDGE_SIZE_1_1 = 8 << 10,
	BRIDGE_SIZE = 64 << 10,
	XOR_MAPS = 2, /* the type of their entry */
	XOR_GRANULARITY_AT = 6,
};

static void cut_window(struct lint *l, const struct cedt_window_at *w)
{
	uint64_t length = table_number(&l->fw->tables[l->cedt], w->offset + 2, 2);

	if (length)
		mend(l, (struct edit){ .kind = EDIT_CUT,
				       .table = l->cedt,
				       .offset = w->offset,
				       .width = (uint32_t)length });
}

/* Whether the SRAT has memory there; of a domain of processors, if asked for. */
static const struct srat_memory_at *memory_in(const struct lint *l, struct nb_range range,
					      bool of_cpus)
{
	for (uint32_t i = 0; i < l->memory_count; i++)
		if (is_on(&l->memory[i]) && nb_ranges_overlap(l->memory[i].range, range) &&
		    (!of_cpus || pxm_has_cpu(l, l->memory[i].pxm)))
			return &l->memory[i];
	return NULL;
}

/* The first RAM of the map that lies in both ranges. */
static bool ram_in(const struct nb_firmware *fw, struct nb_range a, struct nb_range b,
		   struct nb_range *ram)
{
	for (uint32_t i = 0; i < fw->map_count; i++) {
		const struct nb_e820_entry *e = &fw->map[i];

		if (e->type != NB_E820_RAM || e->size > UINT64_MAX - e->start)
			continue;
		ram->start = nb_max(e->start, nb_max(a.start, b.start));
		ram->end = nb_min(e->start + e->size, nb_min(a.end, b.end));
		if (ram->start < ram->end)
			return true;
	}
	return false;
}

static void lint_ram(struct lint *l, const struct cedt_window_at *w)
{
	const struct srat_memory_at *m = memory_in(l, w->range, true);
	struct nb_range ram;

	if (m && ram_in(l->fw, w->range, m->range, &ram)) {
		report(l, FINDING_CEDT_WINDOW_RAM, in_table(l, l->cedt, w->offset),
		       "a window beside the processors' own memory",
		       "window 0x%llx-0x%llx, and RAM 0x%llx-0x%llx of domain %u in it",
		       (unsigned long long)w->range.start, (unsigned long long)w->range.end - 1,
		       (unsigned long long)ram.start, (unsigned long long)ram.end - 1, m->pxm);
		cut_window(l, w);
	} else if (!memory_in(l, w->range, false)) {
		report(l, FINDING_CEDT_WINDOW_NODE, in_table(l, l->cedt, w->offset),
		       "nothing: it is legal", "window 0x%llx-0x%llx is in no memory of the SRAT",
		       (unsigned long long)w->range.start, (unsigned long long)w->range.end - 1);
	}
}

/* Whether the CEDT has a host bridge. */
static bool has_bridge(const struct lint *l, uint64_t uid)
{
	const struct nb_table *table = &l->fw->tables[l->cedt];
	struct nb_entry_walk walk = lint_walk(table);
	struct nb_entry entry;

	while (lint_next(&walk, table, &entry))
		if (entry.type == BRIDGE &&
		    table_number(table, entry.bytes.offset + BRIDGE_UID_AT, 4) == uid)
			return true;
	return false;
}

/* How many there are, and the UID of the last. */
static uint32_t count_bridges(const struct lint *l, uint64_t *uid)
{
	const struct nb_table *table = &l->fw->tables[l->cedt];
	struct nb_entry_walk walk = lint_walk(table);
	struct nb_entry entry;
	uint32_t count = 0;

	while (lint_next(&walk, table, &entry)) {
		if (entry.type != BRIDGE)
			continue;
		*uid = table_number(table, entry.bytes.offset + BRIDGE_UID_AT, 4);
		count++;
	}
	return count;
}

/* The host bridges that a window is shared by. */
static void lint_targets(struct lint *l, const struct cedt_window_at *w)
{
	const struct nb_table *table = &l->fw->tables[l->cedt];
	uint32_t end = w->offset + (uint32_t)table_number(table, w->offset + 2, 2);
	uint64_t uid;

	for (uint32_t at = w->offset + TARGETS_AT; at + 4 <= end; at += 4) {
		if (has_bridge(l, table_number(table, at, 4)))
			continue;
		report(l, FINDING_CEDT_TARGET, in_table(l, l->cedt, at),
		       "the UID of a host bridge of the CEDT", "UID %llu",
		       (unsigned long long)table_number(table, at, 4));
		if (count_bridges(l, &uid) == 1)
			mend_set(l, l->cedt, at, 4, uid);
		else
			cut_window(l, w);
	}
}

/* How many host bridges a window is shared by; 0 if what it says is reserved. */
static uint32_t ways_of(const struct lint *l, const struct cedt_window_at *w)
{
	return window_ways(table_number(&l->fw->tables[l->cedt], w->offset + WAYS_AT, 1));
}

/* Reserved ways become what there are targets for. */
static void lint_ways(struct lint *l, const struct cedt_window_at *w)
{
	enum { WAYS_MOST = 10 };
	const struct nb_table *table = &l->fw->tables[l->cedt];
	uint32_t length = (uint32_t)table_number(table, w->offset + 2, 2);
	uint32_t targets, encoded = 0;

	if (ways_of(l, w) || length < TARGETS_AT)
		return;
	targets = (length - TARGETS_AT) / 4;
	report(l, FINDING_FIELD_RANGE, in_table(l, l->cedt, w->offset + WAYS_AT),
	       "encoded ways of 0 to 4 or 8 to 10", "encoded ways %llu, and %u target%s",
	       (unsigned long long)table_number(table, w->offset + WAYS_AT, 1), targets,
	       plural(targets));
	while (encoded <= WAYS_MOST && window_ways(encoded) != targets)
		encoded++;
	if (encoded <= WAYS_MOST)
		mend_set(l, l->cedt, w->offset + WAYS_AT, 1, encoded);
	else
		cut_window(l, w);
}

/* Whether the CEDT has XOR maps for a granularity. */
static bool has_xor_maps(const struct lint *l, uint64_t granularity)
{
	const struct nb_table *table = &l->fw->tables[l->cedt];
	struct nb_entry_walk walk = lint_walk(table);
	struct nb_entry entry;

	while (lint_next(&walk, table, &entry))
		if (entry.type == XOR_MAPS &&
		    table_number(table, entry.bytes.offset + XOR_GRANULARITY_AT, 1) == granularity)
			return true;
	return false;
}

/* XOR chooses among powers of two, alone or times three: of 1 or 3 ways it chooses nothing. */
static void lint_xor(struct lint *l, const struct cedt_window_at *w)
{
	const struct nb_table *table = &l->fw->tables[l->cedt];
	uint64_t granularity = table_number(table, w->offset + GRANULARITY_AT, 4);
	uint32_t ways = ways_of(l, w);

	if (table_number(table, w->offset + ARITHMETIC_AT, 1) != 1 || !ways || ways == 1 ||
	    ways == 3 || has_xor_maps(l, granularity))
		return;
	report(l, FINDING_CEDT_XOR, in_table(l, l->cedt, w->offset + ARITHMETIC_AT),
	       "an entry of XOR maps", "%u ways, and no XOR maps of encoded granularity %llu", ways,
	       (unsigned long long)granularity);
}

/* The bytes that a window's size is a multiple of. */
static uint64_t window_unit(const struct lint *l, const struct cedt_window_at *w)
{
	return (uint64_t)WINDOW_ALIGN * nb_max(ways_of(l, w), 1u);
}

/* A window that is cut to what decoders can be set to. */
static void lint_align(struct lint *l, const struct cedt_window_at *w)
{
	uint64_t unit = window_unit(l, w);
	nb_phys start = nb_align_up(w->range.start, WINDOW_ALIGN), end = start;

	if (start >= w->range.start && start < w->range.end)
		end += (w->range.end - start) / unit * unit;
	report(l, FINDING_CEDT_WINDOW_UNALIGNED, in_table(l, l->cedt, w->offset + BASE_AT),
	       "a base of 256 MiB times a number, and so a size for each of its ways",
	       "a window at 0x%llx, 0x%llx bytes long, ways: %u",
	       (unsigned long long)w->range.start, (unsigned long long)w->size, ways_of(l, w));
	if (start >= end) {
		cut_window(l, w);
		return;
	}
	if (start != w->range.start)
		mend_set(l, l->cedt, w->offset + BASE_AT, 8, start);
	if (end - start != w->size)
		mend_set(l, l->cedt, w->offset + SIZE_AT, 8, end - start);
}

static void lint_window(struct lint *l, uint32_t i)
{
	const struct cedt_window_at *w = &l->window[i];

	if (!w->size) {
		report(l, FINDING_CEDT_WINDOW_EMPTY, in_table(l, l->cedt, w->offset + SIZE_AT),
		       "bytes", "a window at 0x%llx of no size",
		       (unsigned long long)w->range.start);
		cut_window(l, w);
		return;
	}
	if (w->size > UINT64_MAX - w->range.start) {
		report(l, FINDING_CEDT_WINDOW_WRAPS, in_table(l, l->cedt, w->offset + BASE_AT),
		       "an end below 2^64", "a window at 0x%llx, 0x%llx bytes long: to 2^64%s",
		       (unsigned long long)w->range.start, (unsigned long long)w->size,
		       w->range.start + w->size ? " and beyond" : "");
		cut_window(l, w);
		return;
	}
	lint_ways(l, w);
	if (w->range.start % WINDOW_ALIGN || w->size % window_unit(l, w))
		lint_align(l, w);
	for (uint32_t j = 0; j < i; j++)
		if (nb_ranges_overlap(l->window[j].range, w->range)) {
			report(l, FINDING_CEDT_WINDOWS_OVERLAP, in_table(l, l->cedt, w->offset),
			       "windows beside each other",
			       "window 0x%llx-0x%llx, and that at CEDT+0x%x",
			       (unsigned long long)w->range.start,
			       (unsigned long long)w->range.end - 1, l->window[j].offset);
			cut_window(l, w);
		}
	lint_targets(l, w);
	lint_xor(l, w);
	lint_ram(l, w);
}

/* Where a host bridge's registers are; false if they have no bytes or wrap. */
static bool registers_of(const struct nb_table *table, uint32_t offset, struct nb_range *range)
{
	uint64_t size = table_number(table, offset + BRIDGE_SIZE_AT, 8);

	range->start = table_number(table, offset + BRIDGE_BASE_AT, 8);
	if (!size || size > UINT64_MAX - range->start)
		return false;
	range->end = range->start + size;
	return true;
}

/* Registers on RAM, or on those of a host bridge before. */
static void lint_registers(struct lint *l, uint32_t offset)
{
	const struct nb_table *table = &l->fw->tables[l->cedt];
	struct place_of_finding place = in_table(l, l->cedt, offset + BRIDGE_BASE_AT);
	struct nb_range own, theirs, ram;
	struct nb_entry_walk walk = lint_walk(table);
	struct nb_entry other;

	if (!registers_of(table, offset, &own))
		return;
	if (ram_in(l->fw, own, own, &ram))
		report(l, FINDING_CEDT_BRIDGE_REGISTERS, place, "addresses of their own",
		       "registers 0x%llx-0x%llx, and RAM 0x%llx-0x%llx",
		       (unsigned long long)own.start, (unsigned long long)own.end - 1,
		       (unsigned long long)ram.start, (unsigned long long)ram.end - 1);
	while (lint_next(&walk, table, &other) && other.bytes.offset < offset)
		if (other.type == BRIDGE && other.bytes.len >= BRIDGE_BYTES &&
		    registers_of(table, other.bytes.offset, &theirs) &&
		    nb_ranges_overlap(own, theirs))
			report(l, FINDING_CEDT_BRIDGE_REGISTERS, place, "addresses of their own",
			       "registers 0x%llx-0x%llx, and those at CEDT+0x%x",
			       (unsigned long long)own.start, (unsigned long long)own.end - 1,
			       other.bytes.offset);
}

/* A host bridge, held against those before it and its version. */
static void lint_bridge(struct lint *l, const struct nb_entry *bridge)
{
	const struct nb_table *table = &l->fw->tables[l->cedt];
	uint32_t offset = bridge->bytes.offset;
	uint64_t uid = table_number(table, offset + BRIDGE_UID_AT, 4);
	uint64_t version = table_number(table, offset + BRIDGE_VERSION_AT, 4);
	uint64_t size = table_number(table, offset + BRIDGE_SIZE_AT, 8);
	uint64_t right = version ? BRIDGE_SIZE : BRIDGE_SIZE_1_1;
	struct nb_entry_walk walk = lint_walk(table);
	struct nb_entry other;

	while (lint_next(&walk, table, &other) && other.bytes.offset < offset) {
		if (other.type != BRIDGE ||
		    table_number(table, other.bytes.offset + BRIDGE_UID_AT, 4) != uid)
			continue;
		report(l, FINDING_CEDT_BRIDGE_TWICE, in_table(l, l->cedt, offset),
		       "a UID of its own", "UID %llu again, as at CEDT+0x%x",
		       (unsigned long long)uid, other.bytes.offset);
		mend_cut(l, l->cedt, offset, bridge->length);
		return;
	}
	lint_registers(l, offset);
	if (version <= 1 && size != right) {
		report(l, FINDING_CEDT_BRIDGE_SIZE, in_table(l, l->cedt, offset + BRIDGE_SIZE_AT),
		       "the size of its version",
		       "0x%llx bytes of registers, version %llu has 0x%llx",
		       (unsigned long long)size, (unsigned long long)version,
		       (unsigned long long)right);
		mend_set(l, l->cedt, offset + BRIDGE_SIZE_AT, 8, right);
	}
}

static void lint_bridges(struct lint *l)
{
	const struct nb_table *table = &l->fw->tables[l->cedt];
	struct nb_entry_walk walk = lint_walk(table);
	struct nb_entry entry;

	while (lint_next(&walk, table, &entry))
		if (entry.type == BRIDGE && entry.bytes.len >= BRIDGE_BYTES)
			lint_bridge(l, &entry);
}

void lint_cedt(struct lint *l)
{
	lint_bridges(l);
	for (uint32_t i = 0; i < l->window_count; i++)
		lint_window(l, i);
}
