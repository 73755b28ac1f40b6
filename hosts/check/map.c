/* SPDX-License-Identifier: MIT */
/*
 * map: the firmware's memory map as it was handed over: ACPI 6.5 15. The kernel
 * sorts it and settles overlaps itself; what is told here is what it has to
 * settle, and what is lost by it.
 */
#include "lint.h"

#include <stdlib.h>

enum { LOW_END = 1 << 20, LOW_RAM_END = 0x9f000, OEM_TYPE = 12 };

#define LOCAL_APIC ((nb_phys)0xfee00000)

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

/* Leaves of RAM what lies on nothing else, as Linux does. */
static void cut_ram(struct lint *l, const struct piece *ram, struct nb_range other)
{
	if (l->last->trial) /* by the first pair */
		return;
	take_out(l, ram->entry);
	if (ram->range.start < other.start)
		mend_map(l, (struct nb_range){ ram->range.start, other.start }, NB_E820_RAM);
	if (other.end < ram->range.end)
		mend_map(l, (struct nb_range){ other.end, ram->range.end }, NB_E820_RAM);
	mend_trial(l);
}

/* What lies on each other, and says different things. */
static void lint_overlaps(struct lint *l, struct piece *pieces, uint32_t count)
{
	struct piece last = { .range = { 0, 0 } };

	qsort(pieces, count, sizeof(*pieces), by_start);
	for (uint32_t i = 0; i < count; i++) {
		const struct piece *p = &pieces[i];

		if (p->range.start < last.range.end &&
		    (p->type == NB_E820_RAM) != (last.type == NB_E820_RAM)) {
			report(l, FINDING_MAP_OVERLAP, in_map(p->entry), "one type for each byte",
			       "0x%llx-0x%llx of type %u lies on entry %u, 0x%llx-0x%llx of type %u",
			       (unsigned long long)p->range.start,
			       (unsigned long long)p->range.end - 1, p->type, last.entry,
			       (unsigned long long)last.range.start,
			       (unsigned long long)last.range.end - 1, last.type);
			if (p->type == NB_E820_RAM)
				cut_ram(l, p, last.range);
			else
				cut_ram(l, &last, p->range);
		}
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

/* A map of one entry, which takes any other one beside it. */
static void tell_few(struct lint *l, const struct nb_e820_entry *only)
{
	nb_phys at = LOCAL_APIC;

	report(l, FINDING_MAP_FEW, in_map(0), "two entries or more", "1");
	if (only->start <= at && at - only->start < only->size)
		at = only->start + nb_min(only->size, UINT64_MAX - NB_PAGE_SIZE - only->start);
	mend_map(l, (struct nb_range){ at, at + NB_PAGE_SIZE }, NB_E820_RESERVED);
	mend_guess(l, "what is reserved, only the firmware knows: any entry makes the map "
		      "believed");
}

static void tell_no_low_ram(struct lint *l)
{
	report(l, FINDING_MAP_NO_LOW_RAM, in_machine(), "RAM below 1 MiB",
	       "no RAM begins below 1 MiB");
	mend_map(l, (struct nb_range){ NB_PAGE_SIZE, LOW_RAM_END }, NB_E820_RAM);
	mend_guess(l, "the firmware keeps none of it for itself");
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
		tell_few(l, entry_at(fw, 0));
	for (uint32_t i = 0; i < count; i++) {
		const struct nb_e820_entry *e = entry_at(fw, i);
		nb_phys end = e->start + nb_min(e->size, UINT64_MAX - e->start);

		lint_one(l, i, e);
		if (e->size)
			pieces[kept++] = (struct piece){ { e->start, end }, e->type, i };
	}
	lint_overlaps(l, pieces, kept);
	if (!has_low_ram(fw, count))
		tell_no_low_ram(l);
}
