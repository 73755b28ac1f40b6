/* SPDX-License-Identifier: MIT */
/*
 * fields: bits that have to be 0, and numbers that have a largest value: a row each.
 * What a kernel reads has a check of its own; these are what other readers may trip
 * over, or what a later revision will give a meaning.
 *
 * ACPI 6.5 5.2.12, 5.2.16, 5.2.28; CXL 3.0 9.17.1.
 */
#include "lint.h"

#include <string.h>

/* A type of entry, or the table itself. */
enum { HEADER = -1 };

struct field_row {
	char table[5];
	int type;
	uint32_t offset, width;
	uint64_t zero; /* bits that have to be 0 */
	uint64_t most; /* the largest value of the others; 0: any */
	bool flags;    /* its other bits are flags */
};

static const struct field_row rows[] = {
	{ "APIC", HEADER, 40, 4, 0xfffffffe, 0, true },
	{ "APIC", 1, 3, 1, 0xff, 0, false },
	{ "APIC", 2, 2, 1, 0xff, 0, false },
	{ "APIC", 2, 8, 2, 0xfff0, 0, false },
	{ "APIC", 3, 2, 2, 0xfff0, 0, false },
	{ "APIC", 4, 3, 2, 0xfff0, 0, false },
	{ "APIC", 4, 5, 1, 0, 1, false },
	{ "APIC", 5, 2, 2, 0xffff, 0, false },
	{ "APIC", 9, 2, 2, 0xffff, 0, false },
	{ "APIC", 10, 2, 2, 0xfff0, 0, false },
	{ "APIC", 10, 8, 1, 0, 1, false },
	{ "APIC", 10, 9, 3, 0xffffff, 0, false },
	{ "SRAT", HEADER, 40, 8, UINT64_MAX, 0, false },
	{ "SRAT", 0, 4, 4, 0xfffffffe, 0, true },
	{ "SRAT", 1, 6, 2, 0xffff, 0, false },
	{ "SRAT", 1, 24, 4, 0xffffffff, 0, false },
	{ "SRAT", 1, 28, 4, 0xfffffff8, 0, true },
	{ "SRAT", 1, 32, 8, UINT64_MAX, 0, false },
	{ "SRAT", 2, 2, 2, 0xffff, 0, false },
	{ "SRAT", 2, 12, 4, 0xfffffffe, 0, true },
	{ "SRAT", 2, 20, 4, 0xffffffff, 0, false },
	{ "SRAT", 5, 2, 1, 0xff, 0, false },
	{ "SRAT", 5, 3, 1, 0, 1, false },
	{ "SRAT", 5, 24, 4, 0xfffffffc, 0, true },
	{ "SRAT", 5, 28, 4, 0xffffffff, 0, false },
	{ "SRAT", 6, 3, 1, 0, 1, false },
	{ "HMAT", HEADER, 36, 4, 0xffffffff, 0, false },
	{ "HMAT", 0, 2, 2, 0xffff, 0, false },
	{ "HMAT", 0, 8, 2, 0xfff8, 0, true },
	{ "HMAT", 0, 10, 2, 0xffff, 0, false },
	{ "HMAT", 1, 2, 2, 0xffff, 0, false },
	{ "HMAT", 1, 8, 1, 0xc0, 0, true },
	{ "HMAT", 1, 11, 1, 0xff, 0, false },
	{ "HMAT", 1, 20, 4, 0xffffffff, 0, false },
	{ "HMAT", 2, 2, 2, 0xffff, 0, false },
	{ "HMAT", 2, 12, 4, 0xffffffff, 0, false },
	{ "CEDT", 0, 1, 1, 0xff, 0, false },
	{ "CEDT", 0, 8, 4, 0, 1, false },
	{ "CEDT", 1, 1, 1, 0xff, 0, false },
	{ "CEDT", 1, 4, 4, 0xffffffff, 0, false },
	{ "CEDT", 1, 25, 1, 0, 1, false },
	{ "CEDT", 1, 26, 2, 0xffff, 0, false },
	{ "CEDT", 1, 28, 4, 0, 6, false },
	{ "CEDT", 2, 1, 1, 0xff, 0, false },
	{ "CEDT", 2, 4, 2, 0xffff, 0, false },
	{ "CEDT", 2, 6, 1, 0, 6, false },
	{ "CEDT", 3, 1, 1, 0xff, 0, false },
	{ "CEDT", 3, 8, 1, 0, 1, false },
	{ "CEDT", 1, 32, 2, 0xffc0, 0, true },
};

/* Holds the fields of one entry, or of a table's own part, against their rows. */
static void lint_fields(struct lint *l, uint32_t index, int type, struct nb_bytes bytes)
{
	const struct nb_table *table = &l->fw->tables[index];

	for (const struct field_row *row = rows; row < rows + NB_COUNT(rows); row++) {
		uint32_t offset = bytes.offset + row->offset;
		uint64_t value;

		if (row->type != type || memcmp(row->table, table->signature, 4) != 0 ||
		    row->offset + row->width > bytes.len)
			continue;
		value = table_number(table, offset, row->width);
		if (value & row->zero) {
			report(l, row->flags ? FINDING_FLAGS_RESERVED : FINDING_FIELD_RESERVED,
			       in_table(l, index, offset), "reserved bits that are 0",
			       "0x%llx in %u byte%s", (unsigned long long)value, row->width,
			       plural(row->width));
			mend_set(l, index, offset, row->width, value & ~row->zero);
		} else if (row->most && value > row->most) {
			report(l, FINDING_FIELD_RANGE, in_table(l, index, offset),
			       "a value that has a meaning", "%llu, the largest is %llu",
			       (unsigned long long)value, (unsigned long long)row->most);
			mend_set(l, index, offset, row->width, 0);
			mend_guess(l, "which of the values is meant, the table does not say");
		}
	}
}

static void lint_table(struct lint *l, uint32_t index)
{
	const struct nb_table *table;
	struct nb_entry_walk walk;
	struct nb_entry entry;

	if (index == NO_TABLE)
		return;
	table = &l->fw->tables[index];
	lint_fields(l, index, HEADER, nb_acpi_bytes(table));
	walk = lint_walk(table);
	while (lint_next(&walk, table, &entry))
		if (entry.type <= 0xff)
			lint_fields(l, index, (int)entry.type, entry.bytes);
}

void lint_reserved(struct lint *l)
{
	lint_table(l, l->srat);
	lint_table(l, l->madt);
	lint_table(l, l->hmat);
	lint_table(l, l->cedt);
}
