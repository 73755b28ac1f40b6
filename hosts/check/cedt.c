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
	TARGETS_AT = 36,
	BRIDGE = 0, /* the type of a host bridge's entry */
	BRIDGE_UID_AT = 4,
	BRIDGE_VERSION_AT = 8,
	BRIDGE_SIZE_AT = 24,
	BRIDGE_BYTES = 32,
	BRIDGE_SIZE_1_1 = 8 << 10,
	BRIDGE_SIZE = 64 << 10,
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

	if (!count_bridges(l, &uid)) /* there may be none yet */
		return;
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

/* A window that is cut to what decoders can be set to. */
static void lint_align(struct lint *l, const struct cedt_window_at *w)
{
	nb_phys start = nb_align_up(w->range.start, WINDOW_ALIGN);
	nb_phys end = nb_align_down(w->range.end, WINDOW_ALIGN);

	report(l, FINDING_CEDT_WINDOW_UNALIGNED, in_table(l, l->cedt, w->offset + BASE_AT),
	       "multiples of 256 MiB", "a window at 0x%llx, 0x%llx bytes long",
	       (unsigned long long)w->range.start, (unsigned long long)w->size);
	if (start < w->range.start || start >= end) {
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
		       "an end below 2^64", "a window at 0x%llx, 0x%llx bytes long",
		       (unsigned long long)w->range.start, (unsigned long long)w->size);
		cut_window(l, w);
		return;
	}
	if ((w->range.start | w->size) % WINDOW_ALIGN)
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
	lint_ram(l, w);
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
