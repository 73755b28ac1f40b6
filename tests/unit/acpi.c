/* SPDX-License-Identifier: MIT */
/*
 * acpi: tables whose bytes are mangled in every way that a parser must survive.
 * Every table lies in a block of exactly its size, so that under ASan one byte
 * read too many ends the test.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include <numaboot/acpi.h>

enum { HEADER = 36, MOST = 256 };

/* A table of our own making: `len` bytes are stored, its header claims `claims`. */
struct made {
	struct nb_table table;
	uint8_t *block;
};

static void put(uint8_t *at, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* Copies `stored` bytes of a full image to a block of that size. */
static struct made make(const uint8_t *image, size_t stored, uint64_t claims)
{
	uint8_t header[HEADER] = { 'T', 'E', 'S', 'T' };
	struct made made = { .block = malloc(stored ? stored : 1) };

	assert_non_null(made.block);
	put(header + 4, claims, 4);
	memcpy(made.block, image, stored);
	memcpy(made.block, header, stored < HEADER ? stored : HEADER);
	made.table = (struct nb_table){ .signature = "TEST", .at = made.block, .len = stored };
	if (!stored)
		made.table.at = made.block + 1; /* no byte of it may be read */
	return made;
}

static void drop(struct made *made)
{
	free(made->block);
}

/* --- header, bytes, checksum -------------------------------------------- */

static void test_header_truncated(void **state)
{
	uint8_t image[HEADER] = { 0 };

	(void)state;
	for (size_t len = 0; len <= HEADER; len++) {
		struct nb_acpi_header header = { .revision = 0xa5 };
		struct nb_fault fault = { 0 };
		struct made made = make(image, len, HEADER);
		enum nb_err err = nb_acpi_header(&made.table, &header, &fault);

		if (len < HEADER) {
			check(err == NB_ERR_FIRMWARE && fault.kind == NB_FAULT_SHORT,
			      "a header that is cut is refused");
			check(fault.got == len && fault.want == HEADER,
			      "and the fault says by how much");
			check(header.revision == 0xa5, "with the output as it was");
		} else {
			check(!err && fault.kind == NB_FAULT_NONE, "a whole header is read");
		}
		drop(&made);
	}
}

static void test_header_fields(void **state)
{
	static const uint8_t image[HEADER] =
		"SRAT\x30\x01\x02\x03\x03?OEMID!TABLE-ID\x78\x56\x34\x12";
	struct nb_table table = { .at = image, .len = sizeof(image) };
	struct nb_acpi_header header;
	struct nb_fault fault;

	(void)state;
	check(!nb_acpi_header(&table, &header, &fault), "a header is read");
	check(!memcmp(header.signature, "SRAT", 4), "its signature");
	check(header.length == 0x03020130, "its length, though far fewer bytes are there");
	check(header.revision == 3, "its revision");
	check(!memcmp(header.oem_id, "OEMID!", 6), "its OEM id");
	check(!memcmp(header.oem_table_id, "TABLE-ID", 8), "its OEM table id");
	check(header.oem_revision == 0x12345678, "its OEM revision");
}

static void test_bytes(void **state)
{
	static const struct {
		const char *claim;
		size_t stored;
		uint64_t claims;
		size_t want;
	} rows[] = {
		{ "without a whole header, all that is there", 35, 10, 35 },
		{ "nothing is there", 0, 0, 0 },
		{ "a header that claims itself", 36, 36, 36 },
		{ "a header that claims nothing", 36, 0, 0 },
		{ "a header that claims less than a header", 60, 35, 35 },
		{ "fewer bytes claimed than stored", 60, 59, 59 },
		{ "as many", 60, 60, 60 },
		{ "more bytes claimed than stored", 60, 61, 60 },
		{ "the largest claim there is", 60, 0xffffffff, 60 },
	};
	uint8_t image[MOST] = { 0 };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		struct made made = make(image, rows[i].stored, rows[i].claims);
		struct nb_bytes bytes = nb_acpi_bytes(&made.table);

		check(bytes.len == rows[i].want, rows[i].claim);
		check(bytes.at == made.table.at && bytes.offset == 0, rows[i].claim);
		drop(&made);
	}
}

static void test_checksum(void **state)
{
	static const struct {
		const char *claim;
		size_t stored;
		uint64_t claims;
		int off; /* added to the right checksum of what is claimed and stored */
		bool want;
	} rows[] = {
		{ "the right checksum", 100, 100, 0, true },
		{ "one too many", 100, 100, 1, false },
		{ "one too few", 100, 100, -1, false },
		{ "bytes beyond the table's own length do not count", 100, 60, 0, true },
		{ "bytes that are claimed but not there do not count", 60, 100, 0, true },
		{ "nor do they mend it", 60, 100, 7, false },
		{ "a table of no bytes", 36, 0, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		uint8_t image[MOST];
		struct made made;
		struct nb_bytes bytes;
		uint8_t sum = 0;

		memset(image, 0x5a, sizeof(image));
		made = make(image, rows[i].stored, rows[i].claims);
		bytes = nb_acpi_bytes(&made.table);
		for (size_t k = 0; k < bytes.len; k++)
			sum = (uint8_t)(sum + bytes.at[k]);
		made.block[9] = (uint8_t)(made.block[9] - sum + rows[i].off);
		check(nb_acpi_checksum_ok(&made.table) == rows[i].want, rows[i].claim);
		drop(&made);
	}
}

static void test_firmware_table(void **state)
{
	static const struct nb_table tables[] = {
		{ .signature = "APIC", .address = 1 },
		{ .signature = "SRAT", .address = 2 },
		{ .signature = "SRAT", .address = 3 },
		{ .signature = "SRAU", .address = 4 },
	};
	static const struct {
		const char *claim;
		uint32_t count;
		char signature[5];
		nb_phys want; /* 0: none */
	} rows[] = {
		{ "no table at all", 0, "SRAT", 0 },
		{ "the first", 4, "APIC", 1 },
		{ "the first of two equals", 4, "SRAT", 2 },
		{ "the last", 4, "SRAU", 4 },
		{ "one that is not there", 4, "SLIT", 0 },
		{ "one beyond the count", 3, "SRAU", 0 },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		struct nb_firmware fw = { .tables = tables, .table_count = rows[i].count };
		const struct nb_table *table = nb_firmware_table(&fw, rows[i].signature);

		check((table ? table->address : 0) == rows[i].want, rows[i].claim);
	}
}

/* --- the walk ------------------------------------------------------------ */

/* What a walk has to give: type, claimed length and readable bytes of each entry. */
struct wanted {
	uint32_t type, length;
	size_t bytes;
};

struct walk_row {
	const char *claim;
	enum nb_entry_form form;
	size_t len; /* bytes behind the table's first part */
	uint8_t bytes[32];
	size_t wants;
	struct wanted want[8];
	enum nb_fault_kind fault;
};

static const struct walk_row walks[] = {
	/* clang-format off */
	{ "no byte, no entry", NB_ENTRY_COMMON, 0, { 0 }, 0, { { 0 } }, NB_FAULT_NONE },
	{ "half an entry's header is no entry", NB_ENTRY_COMMON, 1, { 1 }, 0, { { 0 } },
	  NB_FAULT_NONE },
	{ "an entry's header at the table's end is not looked at",
	  NB_ENTRY_COMMON, 2, { 1, 2 }, 0, { { 0 } }, NB_FAULT_NONE },
	{ "nor if it says zero", NB_ENTRY_COMMON, 2, { 1, 0 }, 0, { { 0 } }, NB_FAULT_NONE },
	{ "one byte behind it and it is", NB_ENTRY_COMMON, 3, { 7, 3 }, 1, { { 7, 3, 3 } },
	  NB_FAULT_NONE },
	{ "entries follow each other by length", NB_ENTRY_COMMON, 7, { 1, 3, 0, 2, 4 },
	  2, { { 1, 3, 3 }, { 2, 4, 4 } }, NB_FAULT_NONE },
	{ "a length one too large takes the table's end for its own", NB_ENTRY_COMMON, 4, { 1, 5 },
	  1, { { 1, 5, 4 } }, NB_FAULT_NONE },
	{ "a length one too small makes an entry of the last byte and what is behind",
	  NB_ENTRY_COMMON, 7, { 1, 3, 9, 9, 2, 4, 0 }, 2, { { 1, 3, 3 }, { 9, 2, 2 } },
	  NB_FAULT_NONE },
	{ "the largest length", NB_ENTRY_COMMON, 9, { 1, 255 }, 1, { { 1, 255, 9 } },
	  NB_FAULT_NONE },
	{ "a zero length is given, and ends the walk", NB_ENTRY_COMMON, 9, { 1, 0, 1, 3 },
	  1, { { 1, 0, 0 } }, NB_FAULT_ZERO_LENGTH },
	{ "a zero length behind an entry", NB_ENTRY_COMMON, 9, { 1, 3, 0, 5, 0, 1 },
	  2, { { 1, 3, 3 }, { 5, 0, 0 } }, NB_FAULT_ZERO_LENGTH },
	{ "a length of 1 goes on at its own length byte", NB_ENTRY_COMMON, 5, { 1, 1, 1, 4, 0 },
	  3, { { 1, 1, 1 }, { 1, 1, 1 }, { 1, 4, 3 } }, NB_FAULT_NONE },
	{ "HMAT: eight bytes are only a header", NB_ENTRY_HMAT, 8, { 1, 0, 0, 0, 8 },
	  0, { { 0 } }, NB_FAULT_NONE },
	{ "HMAT: nine are an entry", NB_ENTRY_HMAT, 9, { 2, 1, 0, 0, 9 },
	  1, { { 0x102, 9, 9 } }, NB_FAULT_NONE },
	{ "HMAT: a length near 2^32 does not wrap", NB_ENTRY_HMAT, 20,
	  { 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff }, 1, { { 1, 0xffffffff, 20 } }, NB_FAULT_NONE },
	{ "HMAT: a length that would come back to its own start does not wrap", NB_ENTRY_HMAT, 20,
	  { 1, 0, 0, 0, 0xd8, 0xff, 0xff, 0xff }, 1, { { 1, 0xffffffd8, 20 } }, NB_FAULT_NONE },
	{ "HMAT: a zero length", NB_ENTRY_HMAT, 20, { 1, 0, 9 },
	  1, { { 1, 0, 0 } }, NB_FAULT_ZERO_LENGTH },
	{ "CEDT: four bytes are only a header", NB_ENTRY_CEDT, 4, { 1, 0, 4, 0 },
	  0, { { 0 } }, NB_FAULT_NONE },
	{ "CEDT: a length of 16 bits, the second byte is nothing", NB_ENTRY_CEDT, 10,
	  { 1, 0xee, 5, 0, 0, 2, 0, 0, 1 }, 2, { { 1, 5, 5 }, { 2, 0x100, 5 } }, NB_FAULT_NONE },
	{ "CEDT: the largest length", NB_ENTRY_CEDT, 10, { 1, 0, 0xff, 0xff },
	  1, { { 1, 0xffff, 10 } }, NB_FAULT_NONE },
	{ "CEDT: a zero length", NB_ENTRY_CEDT, 10, { 1, 0xff, 0, 0, 1 },
	  1, { { 1, 0, 0 } }, NB_FAULT_ZERO_LENGTH },
	/* clang-format on */
};

static void check_walk(const struct walk_row *row, struct nb_entry_walk walk, uint32_t first)
{
	uint32_t end = first + (uint32_t)row->len;
	struct nb_entry entry;
	size_t given = 0;

	for (; nb_entry_next(&walk, &entry); given++) {
		check(given < row->wants, row->claim);
		check(entry.type == row->want[given].type, row->claim);
		check(entry.length == row->want[given].length, row->claim);
		check(entry.bytes.len == row->want[given].bytes, row->claim);
		check(entry.bytes.offset == entry.rest.offset, row->claim);
		check(entry.rest.offset + entry.rest.len == end, row->claim);
	}
	check(given == row->wants, row->claim);
	check(walk.fault.kind == row->fault, row->claim);
	check(!nb_entry_next(&walk, &entry), "a walk that has ended stays so");
}

static void test_walk(void **state)
{
	(void)state;
	for (size_t i = 0; i < NB_COUNT(walks); i++) {
		const struct walk_row *row = &walks[i];
		uint8_t image[MOST] = { 0 };
		const uint32_t first = 40;
		struct made made;

		memcpy(image + first, row->bytes, row->len);
		made = make(image, first + row->len, first + row->len);
		check_walk(row, nb_entries(&made.table, row->form, first), first);
		drop(&made);

		/* The same where the header claims more than there is, or less. */
		made = make(image, first + row->len, UINT32_MAX);
		check_walk(row, nb_entries(&made.table, row->form, first), first);
		drop(&made);
		made = make(image, first + row->len + 20, first + row->len);
		check_walk(row, nb_entries(&made.table, row->form, first), first);
		drop(&made);
	}
}

static void test_walk_outside(void **state)
{
	static const struct {
		const char *claim;
		size_t stored;
		uint32_t first;
	} rows[] = {
		{ "entries that begin where the table ends", 48, 48 },
		{ "entries that begin beyond it", 40, 48 },
		{ "entries of a table without a header", 20, 48 },
		{ "entries of no table", 0, 48 },
		{ "entries that begin at the largest offset", 60, UINT32_MAX },
	};
	uint8_t image[MOST] = { 0 };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		for (int form = NB_ENTRY_COMMON; form <= NB_ENTRY_CEDT; form++) {
			struct made made = make(image, rows[i].stored, UINT32_MAX);
			struct nb_entry_walk walk =
				nb_entries(&made.table, (enum nb_entry_form)form, rows[i].first);
			struct nb_entry entry;

			check(!nb_entry_next(&walk, &entry), rows[i].claim);
			check(walk.fault.kind == NB_FAULT_NONE, rows[i].claim);
			drop(&made);
		}
	}
}

/* --- entries ------------------------------------------------------------- */

/*
 * What a parser says of an entry, a number for each field, so that one loop
 * serves all. A field that the parser left alone reads as bytes of 0xa5.
 */
struct parsed {
	uint64_t field[5];
	uint8_t handle[16];
};

#define UNTOUCHED 0xa5

static bool untouched(const struct parsed *parsed)
{
	for (size_t i = 0; i < NB_COUNT(parsed->field); i++) {
		uint64_t field = parsed->field[i], all = UINT64_MAX / 255 * UNTOUCHED;

		if (field && field != all && field != (uint32_t)all && field != (uint16_t)all)
			return false;
	}
	return true;
}

typedef enum nb_err parse_fn(const struct nb_entry *entry, struct parsed *out,
			     struct nb_fault *fault);

static enum nb_err srat_lapic(const struct nb_entry *entry, struct parsed *out,
			      struct nb_fault *fault)
{
	struct nb_srat_cpu cpu;

	nb_srat_lapic(entry, &cpu, fault);
	*out = (struct parsed){ { cpu.length, cpu.pxm_low, cpu.pxm_high, cpu.apic_id, cpu.flags },
				{ 0 } };
	return NB_OK;
}

static enum nb_err srat_x2apic(const struct nb_entry *entry, struct parsed *out,
			       struct nb_fault *fault)
{
	struct nb_srat_cpu cpu;

	nb_srat_x2apic(entry, &cpu, fault);
	*out = (struct parsed){ { cpu.length, cpu.pxm_low, cpu.pxm_high, cpu.apic_id, cpu.flags },
				{ 0 } };
	return NB_OK;
}

static enum nb_err srat_memory(const struct nb_entry *entry, struct parsed *out,
			       struct nb_fault *fault)
{
	struct nb_srat_memory mem;

	nb_srat_memory(entry, &mem, fault);
	*out = (struct parsed){ { mem.length, mem.pxm, mem.base, mem.size, mem.flags }, { 0 } };
	return NB_OK;
}

static enum nb_err srat_initiator(const struct nb_entry *entry, struct parsed *out,
				  struct nb_fault *fault)
{
	struct nb_srat_initiator gi;

	nb_srat_initiator(entry, &gi, fault);
	*out = (struct parsed){ { gi.length, gi.pxm, gi.handle_type, gi.flags }, { 0 } };
	memcpy(out->handle, gi.handle, sizeof(out->handle));
	return NB_OK;
}

static enum nb_err cedt_window(const struct nb_entry *entry, struct parsed *out,
			       struct nb_fault *fault)
{
	struct nb_cedt_window window;

	nb_cedt_window(entry, &window, fault);
	*out = (struct parsed){ { window.length, window.base, window.size }, { 0 } };
	return NB_OK;
}

static enum nb_err madt_cpu(const struct nb_entry *entry, struct parsed *out,
			    struct nb_fault *fault)
{
	struct nb_madt_cpu cpu;
	enum nb_err err;

	memset(&cpu, UNTOUCHED, sizeof(cpu));
	err = nb_madt_cpu(entry, &cpu, fault);
	*out = (struct parsed){ { cpu.apic_id, cpu.uid, cpu.flags }, { 0 } };
	return err;
}

static enum nb_err hmat_proximity(const struct nb_entry *entry, struct parsed *out,
				  struct nb_fault *fault)
{
	struct nb_hmat_proximity pd;
	enum nb_err err;

	memset(&pd, UNTOUCHED, sizeof(pd));
	err = nb_hmat_proximity(entry, &pd, fault);
	*out = (struct parsed){ { pd.flags, pd.initiator_pxm, pd.memory_pxm }, { 0 } };
	return err;
}

static enum nb_err hmat_cache(const struct nb_entry *entry, struct parsed *out,
			      struct nb_fault *fault)
{
	struct nb_hmat_cache cache;
	enum nb_err err;

	memset(&cache, UNTOUCHED, sizeof(cache));
	err = nb_hmat_cache(entry, &cache, fault);
	*out = (struct parsed){
		{ cache.memory_pxm, cache.size, cache.attributes, cache.smbios_handles }, { 0 }
	};
	return err;
}

static const struct form {
	const char *claim;
	enum nb_entry_form form;
	uint32_t first, bytes; /* where entries begin, how many bytes this type has */
	uint8_t type;
	bool strict; /* refused when short; the others are read as far as they go */
	bool exact;  /* refused when long, too */
	parse_fn *parse;
} forms[] = {
	/* clang-format off */
	{ "SRAT local APIC", NB_ENTRY_COMMON, NB_SRAT_ENTRIES, 16, NB_SRAT_LAPIC, false, false,
	  srat_lapic },
	{ "SRAT memory", NB_ENTRY_COMMON, NB_SRAT_ENTRIES, 40, NB_SRAT_MEMORY, false, false,
	  srat_memory },
	{ "SRAT x2APIC", NB_ENTRY_COMMON, NB_SRAT_ENTRIES, 24, NB_SRAT_X2APIC, false, false,
	  srat_x2apic },
	{ "SRAT initiator", NB_ENTRY_COMMON, NB_SRAT_ENTRIES, 32, NB_SRAT_INITIATOR, false, false,
	  srat_initiator },
	{ "SRAT port", NB_ENTRY_COMMON, NB_SRAT_ENTRIES, 32, NB_SRAT_PORT, false, false,
	  srat_initiator },
	{ "MADT local APIC", NB_ENTRY_COMMON, NB_MADT_ENTRIES, 8, NB_MADT_LAPIC, true, false,
	  madt_cpu },
	{ "MADT SAPIC", NB_ENTRY_COMMON, NB_MADT_ENTRIES, 16, NB_MADT_SAPIC, true, false,
	  madt_cpu },
	{ "MADT x2APIC", NB_ENTRY_COMMON, NB_MADT_ENTRIES, 16, NB_MADT_X2APIC, true, false,
	  madt_cpu },
	{ "CEDT window", NB_ENTRY_CEDT, NB_CEDT_ENTRIES, 24, NB_CEDT_CFMWS, false, false,
	  cedt_window },
	{ "HMAT proximity", NB_ENTRY_HMAT, NB_HMAT_ENTRIES, 40, NB_HMAT_PROXIMITY, true, true,
	  hmat_proximity },
	{ "HMAT cache", NB_ENTRY_HMAT, NB_HMAT_ENTRIES, 32, NB_HMAT_CACHE, true, false,
	  hmat_cache },
	/* clang-format on */
};

static uint32_t entry_header(enum nb_entry_form form)
{
	return form == NB_ENTRY_COMMON ? 2 : form == NB_ENTRY_CEDT ? 4 : 8;
}

/* A table with one entry of a type, no two bytes of it alike, that claims `length`. */
static void draw(uint8_t *image, const struct form *form, uint32_t length)
{
	uint8_t *entry = image + form->first;

	for (uint32_t i = 0; i < MOST - form->first; i++)
		entry[i] = (uint8_t)(0x41 + i);
	if (form->form == NB_ENTRY_HMAT) {
		put(entry, form->type, 2);
		put(entry + 4, length, 4);
	} else if (form->form == NB_ENTRY_CEDT) {
		entry[0] = form->type;
		put(entry + 2, length, 2);
	} else {
		entry[0] = form->type;
		entry[1] = (uint8_t)length;
	}
}

/* Parses the first entry of a table of which `there` bytes of the entry are stored. */
static enum nb_err parse_first(const struct form *form, const uint8_t *image, uint32_t there,
			       struct parsed *out, struct nb_fault *fault)
{
	struct made made = make(image, form->first + there, form->first + there);
	struct nb_entry_walk walk = nb_entries(&made.table, form->form, form->first);
	struct nb_entry entry;
	enum nb_err err;

	check(nb_entry_next(&walk, &entry), form->claim);
	err = form->parse(&entry, out, fault);
	drop(&made);
	return err;
}

/* A truncation of a type: a strict one is refused, the others read as if zeros followed. */
static void check_truncated(const struct form *form, uint32_t there)
{
	uint8_t image[MOST], padded[MOST] = { 0 };
	bool whole = there == form->bytes;
	struct parsed got, want;
	struct nb_fault fault, none;
	enum nb_err err;

	draw(image, form, form->bytes);
	memcpy(padded, image, form->first + there);
	err = parse_first(form, image, there, &got, &fault);
	check((err != NB_OK) == (form->strict && !whole), form->claim);
	check((fault.kind == NB_FAULT_NONE) == whole, form->claim);
	if (!whole) {
		check(fault.kind == NB_FAULT_TRUNCATED, form->claim);
		check(fault.got == there && fault.want == form->bytes, form->claim);
		check(fault.offset == form->first, form->claim);
	}
	if (err) {
		check(untouched(&got), "a refused entry gives nothing");
		return;
	}
	check(!parse_first(form, padded, form->bytes, &want, &none), form->claim);
	check(!memcmp(&got, &want, sizeof(got)), form->claim);
}

static void test_entries_truncated(void **state)
{
	(void)state;
	for (const struct form *form = forms; form < forms + NB_COUNT(forms); form++)
		for (uint32_t there = entry_header(form->form) + 1; there <= form->bytes; there++)
			check_truncated(form, there);
}

/* An entry that claims `length`, in a table that has bytes enough for any. */
static void check_length(const struct form *form, uint32_t length)
{
	bool is_short = length<form->bytes, is_long = length> form->bytes;
	bool refused = form->strict && (is_short || (form->exact && is_long));
	uint8_t image[MOST];
	struct parsed got, right;
	struct nb_fault fault;
	enum nb_err err;

	draw(image, form, length);
	err = parse_first(form, image, form->bytes + 20, &got, &fault);
	check((err != NB_OK) == refused, form->claim);
	check((fault.kind != NB_FAULT_NONE) == refused, form->claim);
	if (refused) {
		check(untouched(&got), "a refused entry gives nothing");
		check(fault.kind == (is_short ? NB_FAULT_SHORT : NB_FAULT_LENGTH), form->claim);
		check(fault.got == length && fault.want == form->bytes, form->claim);
		return;
	}
	draw(image, form, form->bytes);
	check(!parse_first(form, image, form->bytes, &right, &fault), form->claim);
	if (!form->strict) {
		check(got.field[0] == length, "the length is passed on");
		got.field[0] = right.field[0];
	}
	check(!memcmp(&got, &right, sizeof(got)), "the fields are read all the same");
}

static void test_entries_length(void **state)
{
	(void)state;
	for (const struct form *form = forms; form < forms + NB_COUNT(forms); form++) {
		const uint32_t lengths[] = {
			0, 1, 2, form->bytes - 1, form->bytes, form->bytes + 1, 255
		};

		for (size_t i = 0; i < NB_COUNT(lengths); i++)
			check_length(form, lengths[i]);
	}
}

/* Every type that is not of this architecture, and every unknown one, is stepped over. */
static void test_srat_walked_over(void **state)
{
	static const struct {
		uint8_t type, length;
	} entries[] = { { 3, 18 }, { 4, 12 }, { 7, 20 }, { 8, 3 }, { 200, 77 }, { 1, 40 } };
	uint8_t image[MOST] = { 0 };
	struct nb_entry entry = { 0 };
	struct nb_entry_walk walk;
	struct made made;
	size_t at = NB_SRAT_ENTRIES;

	(void)state;
	for (size_t i = 0; i < NB_COUNT(entries); i++) {
		image[at] = entries[i].type;
		image[at + 1] = entries[i].length;
		at += entries[i].length;
	}
	made = make(image, at, at);
	walk = nb_entries(&made.table, NB_ENTRY_COMMON, NB_SRAT_ENTRIES);
	for (size_t i = 0; i < NB_COUNT(entries); i++) {
		check(nb_entry_next(&walk, &entry), "each entry is given");
		check(entry.type == entries[i].type && entry.bytes.len == entries[i].length,
		      "with its type and all its bytes");
	}
	check(!nb_entry_next(&walk, &entry) && walk.fault.kind == NB_FAULT_NONE, "and no more");
	drop(&made);
}

/* --- fields -------------------------------------------------------------- */

/* The only entry of a static table. */
static struct nb_entry only(const uint8_t *bytes, size_t len, uint32_t type)
{
	struct nb_bytes all = { .at = bytes, .len = len };

	return (struct nb_entry){
		.type = type, .length = (uint32_t)len, .bytes = all, .rest = all
	};
}

static void test_srat_fields(void **state)
{
	static const uint8_t lapic[16] = { 0,    16,   0x11, 0x22, 1, 0, 0, 0x80,
					   0x99, 0x33, 0x44, 0x55, 7, 7, 7, 7 };
	static const uint8_t x2apic[24] = { 2, 24, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 0x40, 9 };
	static const uint8_t memory[40] = { 1,    40,   1,    2,    3,    4,    9, 9,    0, 0xf0,
					    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0x20, 0, 0,
					    0,    0,    0,    0,    9,    9,    9, 9,    7, 0,
					    0,    0x10, 9,    9,    9,    9,    9, 9,    9, 9 };
	static const uint8_t initiator[32] = { 5,  32, 9,  1,  1,  2,  3,  4,   10, 11,
					       12, 13, 14, 15, 16, 17, 18, 19,  20, 21,
					       22, 23, 24, 25, 1,  0,  0,  0x20 };
	struct nb_entry entry = only(lapic, sizeof(lapic), NB_SRAT_LAPIC);
	struct nb_srat_cpu cpu;
	struct nb_srat_memory mem;
	struct nb_srat_initiator gi;
	struct nb_fault fault;

	(void)state;
	nb_srat_lapic(&entry, &cpu, &fault);
	check(cpu.length == 16 && cpu.apic_id == 0x22 && cpu.flags == 0x80000001, "a local APIC");
	check(cpu.pxm_low == 0x11 && cpu.pxm_high == 0x55443300, "its domain in two parts");

	entry = only(x2apic, sizeof(x2apic), NB_SRAT_X2APIC);
	nb_srat_x2apic(&entry, &cpu, &fault);
	check(cpu.length == 24 && cpu.apic_id == 0x08070605 && cpu.flags == 0x40000001,
	      "an x2APIC");
	check(cpu.pxm_low == 0x04030201 && cpu.pxm_high == 0, "its domain in one part");

	entry = only(memory, sizeof(memory), NB_SRAT_MEMORY);
	nb_srat_memory(&entry, &mem, &fault);
	check(mem.length == 40 && mem.pxm == 0x04030201 && mem.flags == 0x10000007, "memory");
	check(mem.base == 0xfffffffffffff000 && mem.size == 0x2000,
	      "a range that wraps is passed on");

	entry = only(initiator, sizeof(initiator), NB_SRAT_INITIATOR);
	nb_srat_initiator(&entry, &gi, &fault);
	check(gi.length == 32 && gi.pxm == 0x04030201 && gi.flags == 0x20000001, "an initiator");
	check(gi.handle_type == 1 && !memcmp(gi.handle, initiator + 8, 16), "and its handle");
}

static void test_madt_fields(void **state)
{
	static const struct {
		const char *claim;
		uint8_t bytes[16];
		struct nb_madt_cpu want;
	} rows[] = {
		{ "a local APIC", { 0, 8, 3, 0xff, 2, 0, 0, 0x80 }, { 0xff, 3, 0x80000002 } },
		{ "a SAPIC: id above eid, and the processor's number",
		  { 7, 16, 3, 0x12, 0x34, 9, 9, 9, 1, 0, 0, 0x80, 5, 6, 7, 8 },
		  { 0x1234, 3, 0x80000001 } },
		{ "an x2APIC",
		  { 9, 16, 9, 9, 1, 2, 3, 4, 1, 0, 0, 0x80, 5, 6, 7, 8 },
		  { 0x04030201, 0x08070605, 0x80000001 } },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		struct nb_entry entry = only(rows[i].bytes, rows[i].bytes[1], rows[i].bytes[0]);
		struct nb_madt_cpu cpu;
		struct nb_fault fault;

		check(!nb_madt_cpu(&entry, &cpu, &fault), rows[i].claim);
		check(!memcmp(&cpu, &rows[i].want, sizeof(cpu)), rows[i].claim);
	}
}

static void test_other_fields(void **state)
{
	static const uint8_t window[36] = { 1, 9, 36, 0,    9, 9, 9, 9, 0, 0, 0, 0x10,
					    0, 0, 0,  0xf0, 0, 0, 0, 0, 2, 0, 0, 0 };
	static const uint8_t proximity[40] = { 0, 0, 9, 9, 40, 0, 0, 0, 1, 0x80,
					       9, 9, 1, 2, 3,  4, 5, 6, 7, 8 };
	static const uint8_t cache[32] = {
		2, 0, 9, 9, 32, 0, 0, 0,    1, 2, 3,    4,    9, 9, 9, 9,
		1, 0, 0, 0, 0,  0, 0, 0x80, 1, 2, 0xf3, 0x84, 9, 9, 3, 1
	};
	struct nb_entry entry = only(window, sizeof(window), NB_CEDT_CFMWS);
	struct nb_cedt_window cfmws;
	struct nb_hmat_proximity pd;
	struct nb_hmat_cache side;
	struct nb_fault fault;

	(void)state;
	nb_cedt_window(&entry, &cfmws, &fault);
	check(cfmws.length == 36 && cfmws.base == 0xf000000010000000 && cfmws.size == 0x200000000,
	      "a window");
	entry = only(proximity, sizeof(proximity), NB_HMAT_PROXIMITY);
	check(!nb_hmat_proximity(&entry, &pd, &fault), "a proximity domain is read");
	check(pd.flags == 0x8001 && pd.initiator_pxm == 0x04030201 && pd.memory_pxm == 0x08070605,
	      "its flags and its two domains");
	entry = only(cache, sizeof(cache), NB_HMAT_CACHE);
	check(!nb_hmat_cache(&entry, &side, &fault), "a cache is read");
	check(side.memory_pxm == 0x04030201 && side.size == 0x8000000000000001 &&
		      side.attributes == 0x84f30201 && side.smbios_handles == 0x103,
	      "its domain, size, attributes and handles");
}

/* --- HMAT localities ----------------------------------------------------- */

static const struct locality_row {
	const char *claim;
	uint64_t initiators, targets;
	uint32_t there, length;
	enum nb_fault_kind want;
	uint64_t needs;
} localities[] = {
	{ "two initiators, three targets", 2, 3, 64, 64, NB_FAULT_NONE, 0 },
	{ "none at all", 0, 0, 32, 32, NB_FAULT_NONE, 0 },
	{ "initiators without targets", 2, 0, 40, 40, NB_FAULT_NONE, 0 },
	{ "targets without initiators", 0, 2, 40, 40, NB_FAULT_NONE, 0 },
	{ "one byte too few claimed", 2, 3, 64, 63, NB_FAULT_COUNT, 64 },
	{ "one byte too few there", 2, 3, 63, 64, NB_FAULT_COUNT, 64 },
	{ "more claimed than there is", 2, 3, 64, 0xffffffff, NB_FAULT_NONE, 0 },
	{ "more bytes than needed", 2, 3, 90, 90, NB_FAULT_NONE, 0 },
	{ "no room for the counts", 2, 3, 64, 31, NB_FAULT_SHORT, 32 },
	{ "counts cut off", 2, 3, 31, 64, NB_FAULT_TRUNCATED, 32 },
	{ "one initiator too many", 3, 3, 64, 64, NB_FAULT_COUNT, 74 },
	{ "a product that is zero in 32 bits", 0x10000, 0x8000, 64, 64, NB_FAULT_COUNT,
	  32 + 4 * 0x18000 + 0x100000000 },
	{ "the largest counts", 0xffffffff, 0xffffffff, 64, 64, NB_FAULT_COUNT, UINT64_MAX },
	{ "one list of the largest size", 0xffffffff, 0, 64, 64, NB_FAULT_COUNT, 32 + 0x3fffffffc },
	{ "the other", 0, 0xffffffff, 64, 64, NB_FAULT_COUNT, 32 + 0x3fffffffc },
};

/* The pieces of a good entry lie behind each other, and the fields are the drawn bytes. */
static void check_locality(const struct nb_hmat_locality *out, uint32_t first, const char *claim)
{
	check(out->initiator_pxms.len == 4 * (size_t)out->initiators, claim);
	check(out->target_pxms.len == 4 * (size_t)out->targets, claim);
	check(out->values.len == 2 * (size_t)out->initiators * out->targets, claim);
	check(out->initiator_pxms.offset == first + 32, claim);
	check(out->target_pxms.offset == first + 32 + 4 * out->initiators, claim);
	check(out->values.offset == first + 32 + 4 * (out->initiators + out->targets), claim);
	check(out->flags == 0x49 && out->data_type == 0x4a && out->min_transfer == 0x4b, claim);
	check(out->base_unit == 0x605f5e5d5c5b5a59, claim);
}

static void test_hmat_locality(void **state)
{
	(void)state;
	for (const struct locality_row *row = localities; row < localities + NB_COUNT(localities);
	     row++) {
		struct form form = { .form = NB_ENTRY_HMAT,
				     .first = NB_HMAT_ENTRIES,
				     .bytes = row->there,
				     .type = NB_HMAT_LOCALITY };
		struct nb_hmat_locality out = { .flags = UNTOUCHED };
		struct nb_entry_walk walk;
		struct nb_entry entry;
		struct nb_fault fault;
		uint8_t image[MOST];
		struct made made;
		enum nb_err err;

		draw(image, &form, row->length);
		put(image + form.first + 12, row->initiators, 4);
		put(image + form.first + 16, row->targets, 4);
		made = make(image, form.first + form.bytes, form.first + form.bytes);
		walk = nb_entries(&made.table, NB_ENTRY_HMAT, form.first);
		check(nb_entry_next(&walk, &entry), row->claim);
		err = nb_hmat_locality(&entry, &out, &fault);
		check((err != NB_OK) == (row->want != NB_FAULT_NONE), row->claim);
		check(fault.kind == row->want && fault.want == row->needs, row->claim);
		if (err)
			check(out.flags == UNTOUCHED, "a refused entry gives nothing");
		else
			check_locality(&out, form.first, row->claim);
		drop(&made);
	}
}

/* --- SLIT and FADT ------------------------------------------------------- */

static void test_slit(void **state)
{
	static const struct {
		const char *claim;
		size_t there; /* bytes of the matrix */
		uint64_t count;
		enum nb_fault_kind want;
		size_t matrix;
		uint64_t needs;
	} rows[] = {
		{ "two localities", 4, 2, NB_FAULT_NONE, 4, 0 },
		{ "one", 1, 1, NB_FAULT_NONE, 1, 0 },
		{ "none", 0, 0, NB_FAULT_NONE, 0, 0 },
		{ "none, with bytes behind", 4, 0, NB_FAULT_NONE, 0, 0 },
		{ "more bytes than localities", 9, 2, NB_FAULT_NONE, 4, 0 },
		{ "one byte too few", 3, 2, NB_FAULT_COUNT, 3, 4 },
		{ "a count and nothing else", 0, 2, NB_FAULT_COUNT, 0, 4 },
		{ "a count one too large", 4, 3, NB_FAULT_COUNT, 4, 9 },
		{ "2^16 squared is zero in 32 bits", 4, 1 << 16, NB_FAULT_COUNT, 4,
		  (uint64_t)1 << 32 },
		{ "2^32 - 1 is the largest that can be squared", 4, 0xffffffff, NB_FAULT_COUNT, 4,
		  0xfffffffe00000001 },
		{ "2^32 squared is zero in 64 bits", 4, (uint64_t)1 << 32, NB_FAULT_COUNT, 4,
		  UINT64_MAX },
		{ "2^32 + 1 squared is small in 64 bits", 4, ((uint64_t)1 << 32) + 1,
		  NB_FAULT_COUNT, 4, UINT64_MAX },
		{ "the low half alone would fit", 4, ((uint64_t)7 << 32) + 2, NB_FAULT_COUNT, 4,
		  UINT64_MAX },
		{ "the largest count", 4, UINT64_MAX, NB_FAULT_COUNT, 4, UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		uint8_t image[MOST] = { 0 };
		struct nb_fault fault;
		struct nb_slit slit;
		struct made made;
		enum nb_err err;

		put(image + 36, rows[i].count, 8);
		made = make(image, 44 + rows[i].there, 44 + rows[i].there);
		err = nb_slit(&made.table, &slit, &fault);
		check((err != NB_OK) == (rows[i].want != NB_FAULT_NONE), rows[i].claim);
		check(slit.count == rows[i].count, rows[i].claim);
		check(slit.matrix.len == rows[i].matrix && slit.matrix.offset == 44, rows[i].claim);
		check(fault.kind == rows[i].want && fault.want == rows[i].needs, rows[i].claim);
		check(err == NB_OK || (fault.got == rows[i].there && fault.offset == 36),
		      rows[i].claim);
		drop(&made);
	}
}

static void test_slit_truncated(void **state)
{
	uint8_t image[MOST] = { 0 };

	(void)state;
	put(image + 36, 3, 8);
	for (size_t len = 0; len <= 44 + 9; len++) {
		struct nb_slit slit = { .count = 77 };
		struct nb_fault fault;
		struct made made = make(image, len, 44 + 9);
		enum nb_err err = nb_slit(&made.table, &slit, &fault);

		check((err != NB_OK) == (len < 44 + 9), "a SLIT that is cut is refused");
		if (len < 44)
			check(slit.count == 77 && fault.kind == NB_FAULT_SHORT,
			      "before its matrix: untouched");
		else
			check(slit.count == 3 && slit.matrix.len == len - 44,
			      "in it: as far as it goes");
		drop(&made);
	}
}

static void test_fadt(void **state)
{
	static const struct {
		const char *claim;
		size_t stored;
		uint64_t claims;
		bool fails;
		uint8_t minor;
	} rows[] = {
		{ "no whole header", 35, 35, true, 0 },
		{ "a header only", 36, 36, false, 0 },
		{ "one byte short of the minor version", 131, 131, false, 0 },
		{ "its last byte is the minor version, errata and all", 132, 132, false, 0x15 },
		{ "longer", 200, 200, false, 0x15 },
		{ "the byte is stored but not claimed", 200, 131, false, 0 },
		{ "the byte is claimed but not stored", 131, 200, false, 0 },
	};
	uint8_t image[MOST] = { 0 };

	(void)state;
	image[131] = 0x15;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		struct made made = make(image, rows[i].stored, rows[i].claims);
		struct nb_fadt fadt = { .minor = 0xa5 };
		struct nb_fault fault;

		if (rows[i].stored > 8)
			made.block[8] = 6;
		check((nb_fadt(&made.table, &fadt, &fault) != NB_OK) == rows[i].fails,
		      rows[i].claim);
		if (rows[i].fails)
			check(fadt.minor == 0xa5 && fault.kind == NB_FAULT_SHORT, rows[i].claim);
		else
			check(fadt.major == 6 && fadt.minor == rows[i].minor, rows[i].claim);
		drop(&made);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_truncated),
		cmocka_unit_test(test_header_fields),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_firmware_table),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_walk_outside),
		cmocka_unit_test(test_entries_truncated),
		cmocka_unit_test(test_entries_length),
		cmocka_unit_test(test_srat_walked_over),
		cmocka_unit_test(test_srat_fields),
		cmocka_unit_test(test_madt_fields),
		cmocka_unit_test(test_other_fields),
		cmocka_unit_test(test_hmat_locality),
		cmocka_unit_test(test_slit),
		cmocka_unit_test(test_slit_truncated),
		cmocka_unit_test(test_fadt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
