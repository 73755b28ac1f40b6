/* SPDX-License-Identifier: MIT */
/*
 * tables: the form of every table: header, length, checksum, and a walk over the
 * entries of those that have some. What an entry says is for its table's file.
 *
 * An entry of a wrong length gets the right one if the walk goes on from there to
 * the table's end without a fault; else it is cut out.
 */
#include "lint.h"

#include <string.h>

enum { HEADER = 36, LENGTH_AT = 4, LENGTH_BYTES = 4, CHECKSUM_AT = 9 };

/* The length of an entry by its type. */
struct type_row {
	uint32_t type, length;
	bool at_least; /* more may follow, which the entry counts */
};

static const struct type_row srat_types[] = {
	{ 0, 16, false }, { 1, 40, false }, { 2, 24, false }, { 3, 18, false },
	{ 4, 12, false }, { 5, 32, false }, { 6, 32, false }, { 7, 20, false },
};

static const struct type_row madt_types[] = {
	{ 0, 8, false },   { 1, 12, false },  { 2, 10, false },  { 3, 8, false },
	{ 4, 6, false },   { 5, 12, false },  { 6, 16, false },  { 7, 17, true },
	{ 8, 16, false },  { 9, 16, false },  { 10, 12, false }, { 11, 76, true },
	{ 12, 24, false }, { 13, 24, false }, { 14, 16, true },  { 15, 16, true },
	{ 16, 16, false }, { 17, 15, true },  { 18, 23, true },  { 19, 21, true },
	{ 20, 13, true },  { 21, 19, true },  { 22, 17, true },  { 23, 15, true },
	{ 24, 20, true },  { 25, 16, true },  { 26, 36, true },  { 27, 36, true },
};

static const struct type_row hmat_types[] = { { 0, 40, false }, { 1, 32, true }, { 2, 32, true } };

static const struct type_row cedt_types[] = {
	{ 0, 32, false }, { 1, 36, true }, { 2, 8, true }, { 3, 16, true }, { 4, 16, true },
};

/* Tables that have entries. */
struct form_row {
	char signature[5];
	enum nb_entry_form form;
	uint32_t first;
	const struct type_row *types;
	uint32_t type_count;
	uint32_t oem_from;                /* types from here to 0xff are a vendor's own */
	uint32_t length_at, length_bytes; /* of an entry's length */
};

static const struct form_row forms[] = {
	{ "SRAT", NB_ENTRY_COMMON, NB_SRAT_ENTRIES, srat_types, NB_COUNT(srat_types), 256, 1, 1 },
	{ "APIC", NB_ENTRY_COMMON, NB_MADT_ENTRIES, madt_types, NB_COUNT(madt_types), 0x80, 1, 1 },
	{ "HMAT", NB_ENTRY_HMAT, NB_HMAT_ENTRIES, hmat_types, NB_COUNT(hmat_types), 65536, 4, 4 },
	{ "CEDT", NB_ENTRY_CEDT, NB_CEDT_ENTRIES, cedt_types, NB_COUNT(cedt_types), 256, 2, 2 },
};

static const struct form_row *form_of(const struct nb_table *table)
{
	for (size_t i = 0; i < NB_COUNT(forms); i++)
		if (!memcmp(table->signature, forms[i].signature, 4))
			return &forms[i];
	return NULL;
}

static const struct type_row *type_of(const struct form_row *form, uint32_t type)
{
	for (uint32_t i = 0; i < form->type_count; i++)
		if (form->types[i].type == type)
			return &form->types[i];
	return NULL;
}

/* The bytes that an entry of a known type should have, by what it counts. */
static uint64_t right_length(const struct nb_table *table, const struct form_row *form,
			     const struct type_row *type, uint32_t offset)
{
	uint64_t a, b;

	if (form->form == NB_ENTRY_HMAT && type->type == NB_HMAT_LOCALITY) {
		a = table_number(table, offset + 12, 4);
		b = table_number(table, offset + 16, 4);
		if (a > table->len || b > table->len)
			return UINT32_MAX; /* more than any has */
		return type->length + 4 * (a + b) + 2 * a * b;
	}
	if (form->form == NB_ENTRY_HMAT && type->type == NB_HMAT_CACHE)
		return type->length + 2 * table_number(table, offset + 30, 2);
	if (form->form == NB_ENTRY_CEDT && type->type == NB_CEDT_CFMWS) {
		a = window_ways(table_number(table, offset + 24, 1));
		return type->length + 4 * a; /* where they are reserved, as many as there are */
	}
	if (form->form == NB_ENTRY_CEDT && type->type == 2)
		return type->length + 8 * table_number(table, offset + 7, 1);
	return type->length;
}

/* Whether an entry's length is one that its type can have. */
static bool length_fits(const struct nb_table *table, const struct form_row *form,
			const struct type_row *type, const struct nb_entry *entry)
{
	uint64_t right = right_length(table, form, type, entry->bytes.offset);

	if (type->at_least && right == type->length)
		return entry->length >= right;
	return entry->length == right;
}

/* Whether the entries from an offset on are known and end where the table does. */
static bool goes_on(const struct nb_table *table, const struct form_row *form, uint64_t from)
{
	struct nb_entry_walk walk;
	struct nb_entry entry;
	uint64_t end = from;

	if (from > nb_acpi_bytes(table).len)
		return false;
	walk = nb_entries(table, form->form, (uint32_t)from);
	while (nb_entry_next(&walk, &entry)) {
		if (!entry.length || entry.length > entry.bytes.len ||
		    (!type_of(form, entry.type) && entry.type < form->oem_from))
			return false;
		end = (uint64_t)entry.bytes.offset + entry.length;
	}
	return end == nb_acpi_bytes(table).len;
}

/* Where the walk goes on behind an entry of a wrong length: 0 if nobody knows. */
static uint32_t right_next(const struct nb_table *table, const struct form_row *form,
			   const struct nb_entry *entry)
{
	const struct type_row *type = type_of(form, entry->type);
	uint64_t next;

	if (!type || (entry->length && length_fits(table, form, type, entry)))
		return 0;
	next = entry->rest.offset + right_length(table, form, type, entry->rest.offset);
	return goes_on(table, form, next) ? (uint32_t)next : 0;
}

bool lint_next(struct nb_entry_walk *walk, const struct nb_table *table, struct nb_entry *entry)
{
	uint32_t next;

	if (!nb_entry_next(walk, entry))
		return false;
	next = right_next(table, form_of(table), entry);
	if (next) {
		entry->length = next - entry->rest.offset;
		entry->bytes = entry->rest;
		entry->bytes.len = entry->length;
		walk->next = next;
		walk->fault = (struct nb_fault){ .kind = NB_FAULT_NONE };
	}
	return true;
}

struct nb_entry_walk lint_walk(const struct nb_table *table)
{
	const struct form_row *form = form_of(table);

	nb_assert(form);
	return nb_entries(table, form->form, form->first);
}

static void cut(struct lint *l, uint32_t table, uint32_t offset, size_t bytes)
{
	mend(l, (struct edit){ .kind = EDIT_CUT,
			       .table = table,
			       .offset = offset,
			       .width = (uint32_t)bytes });
}

/* Gives an entry its right length, or takes it out. */
static void mend_length(struct lint *l, uint32_t index, const struct form_row *form,
			const struct nb_entry *entry)
{
	const struct nb_table *table = &l->fw->tables[index];
	uint32_t offset = entry->rest.offset, next = right_next(table, form, entry);

	if (next)
		mend_set(l, index, offset + form->length_at, form->length_bytes, next - offset);
	else
		cut(l, index, offset,
		    entry->length ? nb_min(entry->length, entry->rest.len) : entry->rest.len);
}

static void lint_entry(struct lint *l, uint32_t index, const struct form_row *form,
		       const struct nb_entry *entry)
{
	const struct nb_table *table = &l->fw->tables[index];
	const struct type_row *type = type_of(form, entry->type);
	struct place_of_finding place = in_table(l, index, entry->rest.offset);

	if (entry->length == 0) {
		report(l, FINDING_ENTRY_ZERO_LENGTH, place, "the length of its type",
		       "an entry of type %u with length 0, %zu byte%s before the table's end",
		       entry->type, entry->rest.len, plural(entry->rest.len));
		mend_length(l, index, form, entry);
	} else if (entry->length > entry->rest.len) {
		report(l, FINDING_ENTRY_TRUNCATED, place, "an entry that ends inside its table",
		       "an entry of type %u with length %u, %zu byte%s before the table's end",
		       entry->type, entry->length, entry->rest.len, plural(entry->rest.len));
		cut(l, index, entry->rest.offset, entry->rest.len);
	} else if (!type && entry->type < form->oem_from) {
		report(l,
		       form->oem_from == 0x80 && entry->type == 0x7f /* as firmware marks them */
			       ? FINDING_ENTRY_RESERVED
			       : FINDING_ENTRY_UNKNOWN,
		       place, "a type that the specification names",
		       "an entry of type %u, %u bytes long", entry->type, entry->length);
		cut(l, index, entry->rest.offset, entry->length);
	} else if (type && !length_fits(table, form, type, entry)) {
		report(l, FINDING_ENTRY_LENGTH, place, "the length of its type",
		       "an entry of type %u with length %u, its type and counts make %llu",
		       entry->type, entry->length,
		       (unsigned long long)right_length(table, form, type, entry->rest.offset));
		mend_length(l, index, form, entry);
	}
}

/* The bytes of an entry up to its length. */
static uint32_t entry_header(const struct form_row *form)
{
	return form->length_at + form->length_bytes;
}

static void lint_entries(struct lint *l, uint32_t index)
{
	const struct nb_table *table = &l->fw->tables[index];
	const struct form_row *form = form_of(table);
	uint64_t bytes = nb_acpi_bytes(table).len, end = form ? form->first : bytes;
	struct nb_entry_walk walk;
	struct nb_entry entry;

	if (!form)
		return;
	walk = nb_entries(table, form->form, form->first);
	while (nb_entry_next(&walk, &entry)) {
		uint32_t next = right_next(table, form, &entry);

		end = next ? next : (uint64_t)entry.rest.offset + entry.length;
		lint_entry(l, index, form, &entry);
		if (next) {
			walk.next = next;
			walk.fault = (struct nb_fault){ .kind = NB_FAULT_NONE };
		}
	}
	if (end < bytes && bytes - end < entry_header(form)) {
		report(l, FINDING_ENTRY_TRUNCATED, in_table(l, index, (uint32_t)end),
		       "an entry that ends inside its table",
		       "%llu byte%s behind the last entry, less than any has",
		       (unsigned long long)(bytes - end), plural(bytes - end));
		cut(l, index, (uint32_t)end, (size_t)(bytes - end));
	}
}

/* Whether a table ends where its header says: its bytes add up to 0, and no entry
 * reaches beyond. */
static bool ends_there(const struct nb_table *table)
{
	const struct form_row *form = form_of(table);

	return nb_acpi_bytes(table).len >= HEADER && nb_acpi_checksum_ok(table) &&
	       (!form || goes_on(table, form, form->first));
}

static void lint_header(struct lint *l, uint32_t index)
{
	const struct nb_table *table = &l->fw->tables[index];
	uint64_t says = table_number(table, LENGTH_AT, LENGTH_BYTES);

	if (says != table->len) {
		report(l, FINDING_TABLE_LENGTH, in_table(l, index, LENGTH_AT),
		       "a length that is the table's", "the header says %llu bytes, there are %zu",
		       (unsigned long long)says, table->len);
		if (says < table->len && ends_there(table))
			mend_cut(l, index, (uint32_t)says, (uint32_t)(table->len - says));
		else
			mend_set(l, index, LENGTH_AT, LENGTH_BYTES, table->len);
	}
	if (says <= table->len && !nb_acpi_checksum_ok(table)) {
		report(l, FINDING_TABLE_CHECKSUM, in_table(l, index, CHECKSUM_AT),
		       "bytes that add up to 0",
		       "checksum 0x%02x does not make the bytes add up to 0",
		       table->at[CHECKSUM_AT]);
		mend(l, (struct edit){ .kind = EDIT_SUM,
				       .table = index,
				       .offset = CHECKSUM_AT,
				       .width = 1,
				       .old = table->at[CHECKSUM_AT] });
	}
}

/* Revision 0 there never was. What later ones add, readers of earlier ones pass over. */
static void lint_revision(struct lint *l, uint32_t index)
{
	enum { REVISION_AT = 8 };
	const struct nb_table *table = &l->fw->tables[index];

	bool judged = !memcmp(table->signature, "SLIT", 4) ||
		      (form_of(table) && memcmp(table->signature, "HMAT", 4) != 0);

	if (!judged || table->at[REVISION_AT])
		return;
	report(l, FINDING_TABLE_REVISION, in_table(l, index, REVISION_AT), "1 or more",
	       "revision 0");
	mend_set(l, index, REVISION_AT, 1, 1);
	mend_guess(l, "it is as revision 1 has it");
}

/* What a table that has entries has in front of them. */
static uint32_t fixed_part(const struct nb_table *table)
{
	const struct form_row *form = form_of(table);

	return form ? form->first : HEADER;
}

void lint_tables(struct lint *l)
{
	for (uint32_t i = 0; i < l->fw->table_count; i++) {
		const struct nb_table *table = &l->fw->tables[i];

		if (!table->at)
			continue;
		if (nb_firmware_table(l->fw, table->signature) != table &&
		    memcmp(table->signature, "SSDT", 4) != 0)
			report(l, FINDING_TABLE_TWICE, in_table(l, i, 0), "one table of a kind",
			       "a table of %zu bytes with a signature that was there before",
			       table->len);
		if (table->len < HEADER) {
			report(l, FINDING_TABLE_SHORT, in_table(l, i, 0), "a header of 36 bytes",
			       "%zu byte%s", table->len, plural(table->len));
			mend(l, (struct edit){ .kind = EDIT_DROP, .table = i });
			continue;
		}
		lint_header(l, i);
		lint_revision(l, i);
		if (nb_acpi_bytes(table).len < fixed_part(table)) {
			report(l, FINDING_TABLE_SHORT, in_table(l, i, 0),
			       "the fixed part of the table", "%zu bytes of %u",
			       nb_acpi_bytes(table).len, fixed_part(table));
			mend(l, (struct edit){ .kind = EDIT_DROP, .table = i });
		}
		if (nb_firmware_table(l->fw, table->signature) == table)
			lint_entries(l, i);
	}
}
