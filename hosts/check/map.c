/* SPDX-License-Identifier: MIT */
/*
 * map: the firmware's memory map as it was handed over: ACPI 6.5 15. The kernel
 * sorts it and settles overlaps itself; what is told here is what it has to
 * settle, and what is lost by it.
 */
#include "lint.h"

#include <stdlib.h>

enum { LOW_END = 1 << 20, OEM_TYPE = 12 };

/* An entry, those beyond the boot loader's page too, with its place. */
struct piece {
	struct nb_range range;
	uint32_t type, entry;
};

static const struct nb_e820_entry *entry_at(const struct nb_firmware *fw, uint32_t i)
{
	return i < fw->map_count ? &fw->map[i] : &fw->extended[i - fw->map_count];
}

static int by_start(const void *a, const void *b)
{
	const struct piece *x = (const struct piece *)a, *y = (const struct piece *)b;

	return x->range.start < y->range.start ? -1 : x->range.start > y->range.start;
}

static void take_out(struct lint *l, uint32_t entry)
{
	mend(l, (struct edit){ .kind = EDIT_TAKE_OUT, .table = entry });
}

/* What is wrong with an entry alone. */
static void lint_one(struct lint *l, uint32_t i, const struct nb_e820_entry *e)
{
	nb_phys end = e->start + e->size;
	bool ram = e->type == NB_E820_RAM;

	if (e->size == 0) {
		report(l, FINDING_MAP_EMPTY, in_map(i), "bytes", "0x%llx, type %u, of no size",
		       (unsigned long long)e->start, e->type);
		take_out(l, i);
	} else if (end < e->start && end != 0) {
		report(l, FINDING_MAP_WRAPS, in_map(i), "an end below 2^64",
		       "0x%llx and 0x%llx bytes from there, type %u", (unsigned long long)e->start,
		       (unsigned long long)e->size, e->type);
		take_out(l, i);
	} else if (ram && e->start >= LOW_END && ((e->start | end) & (NB_PAGE_SIZE - 1))) {
		report(l, FINDING_MAP_UNALIGNED, in_map(i), "RAM in whole pages of 4 KiB",
		       "RAM 0x%llx-0x%llx: the rests of pages are lost",
		       (unsigned long long)e->start, (unsigned long long)end - 1);
	}
	if (e->type == 0 || (e->type > NB_E820_PMEM && e->type < OEM_TYPE))
		report(l, FINDING_MAP_TYPE, in_map(i), "a type that the specification names",
		       "type %u", e->type);
}

/* What lies on each other, and says different things. */
static void lint_overlaps(struct lint *l, struct piece *pieces, uint32_t count)
{
	struct piece last = { .range = { 0, 0 } };

	qsort(pieces, count, sizeof(*pieces), by_start);
	for (uint32_t i = 0; i < count; i++) {
		const struct piece *p = &pieces[i];

		if (p->range.start < last.range.end &&
		    (p->type == NB_E820_RAM) != (last.type == NB_E820_RAM))
			report(l, FINDING_MAP_OVERLAP, in_map(p->entry), "one type for each byte",
			       "0x%llx-0x%llx of type %u lies on entry %u, 0x%llx-0x%llx of type %u",
			       (unsigned long long)p->range.start,
			       (unsigned long long)p->range.end - 1, p->type, last.entry,
			       (unsigned long long)last.range.start,
			       (unsigned long long)last.range.end - 1, last.type);
		if (p->range.end > last.range.end)
			last = *p;
	}
}

static bool has_low_ram(const struct nb_firmware *fw, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (entry_at(fw, i)->type == NB_E820_RAM && entry_at(fw, i)->start < LOW_END)
			return true;
	return false;
}

void lint_map(struct lint *l)
{
	const struct nb_firmware *fw = l->fw;
	uint32_t count = fw->map_count + fw->extended_count, kept = 0;
	struct piece *pieces =
		(struct piece *)pool_take(&l->out->pool, (count + 1) * sizeof(*pieces));

	if (!count)
		return;
	if (count < 2)
		report(l, FINDING_MAP_FEW, in_map(0), "two entries or more", "%u", count);
	for (uint32_t i = 0; i < count; i++) {
		const struct nb_e820_entry *e = entry_at(fw, i);
		nb_phys end = e->start + nb_min(e->size, UINT64_MAX - e->start);

		lint_one(l, i, e);
		if (e->size)
			pieces[kept++] = (struct piece){ { e->start, end }, e->type, i };
	}
	lint_overlaps(l, pieces, kept);
	if (!has_low_ram(fw, count))
		report(l, FINDING_MAP_NO_LOW_RAM, in_machine(), "RAM below 1 MiB",
		       "no RAM begins below 1 MiB");
}
