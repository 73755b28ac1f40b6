/* SPDX-License-Identifier: MIT */
/*
 * acpi_root: the walk from the RSDP over a memory of our own. Each row spoils
 * one thing of a good machine:
 *
 *   RSDP 0xf0000 --> RSDT 0x1000: APIC 0x3000, FACP 0x2000
 *                --> XSDT 0x1800: FACP 0x2000, APIC 0x3000, SRAT 0x4000
 *                    FACP: DSDT 0x5000, FACS 0x6000
 *
 * What map() gives is a copy of exactly the bytes that were asked for, so that
 * under ASan one byte read too many ends the test.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include <numaboot/acpi.h>

enum { RSDP, RSDT, XSDT, FACP, APIC, SRAT, DSDT, FACS, PIECES };
enum { HEADER = 36, CAP = 8 };
#define TOP ((nb_phys)0 - 0x100) /* a page that ends where addresses do */

struct piece {
	nb_phys at;
	size_t len;
	uint8_t bytes[256];
};

struct memory {
	struct nb_map map; /* first: the walk gives it back */
	struct piece piece[PIECES];
	void *copy[64];
	uint32_t copies;
};

static void put(uint8_t *at, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static const void *map(struct nb_map *self, nb_phys address, size_t len)
{
	struct memory *memory = (struct memory *)self;

	for (struct piece *piece = memory->piece; piece < memory->piece + PIECES; piece++) {
		nb_phys from = address - piece->at;
		void *copy;

		if (address < piece->at || len > piece->len || from > piece->len - len)
			continue;
		assert_true(memory->copies < NB_COUNT(memory->copy));
		copy = malloc(len);
		assert_non_null(copy);
		memory->copy[memory->copies++] = copy;
		return memcpy(copy, piece->bytes + from, len);
	}
	return NULL;
}

/* Makes the bytes [0, len) sum to zero by the one at `at`. */
static void mend(struct piece *piece, size_t len, size_t at)
{
	piece->bytes[at] = 0;
	for (size_t i = 0; i < len; i++)
		if (i != at)
			piece->bytes[at] = (uint8_t)(piece->bytes[at] - piece->bytes[i]);
}

static void mend_rsdp(struct memory *m)
{
	mend(&m->piece[RSDP], 20, 8);
	mend(&m->piece[RSDP], 36, 32);
}

static void table(struct piece *piece, const char *signature, nb_phys at, size_t len)
{
	piece->at = at;
	piece->len = len;
	memcpy(piece->bytes, signature, 4);
	put(piece->bytes + 4, len, 4);
}

static void good_machine(struct memory *m)
{
	struct piece *rsdp = &m->piece[RSDP];

	memset(m, 0, sizeof(*m));
	m->map.map = map;
	table(&m->piece[RSDT], "RSDT", 0x1000, HEADER + 2 * 4);
	put(m->piece[RSDT].bytes + HEADER, 0x3000, 4);
	put(m->piece[RSDT].bytes + HEADER + 4, 0x2000, 4);
	mend(&m->piece[RSDT], HEADER + 2 * 4, 9);
	table(&m->piece[XSDT], "XSDT", 0x1800, HEADER + 3 * 8);
	put(m->piece[XSDT].bytes + HEADER, 0x2000, 8);
	put(m->piece[XSDT].bytes + HEADER + 8, 0x3000, 8);
	put(m->piece[XSDT].bytes + HEADER + 16, 0x4000, 8);
	mend(&m->piece[XSDT], HEADER + 3 * 8, 9);
	table(&m->piece[FACP], "FACP", 0x2000, 244);
	put(m->piece[FACP].bytes + 36, 0x6000, 4);
	put(m->piece[FACP].bytes + 40, 0x5000, 4);
	table(&m->piece[APIC], "APIC", 0x3000, 60);
	table(&m->piece[SRAT], "SRAT", 0x4000, 100);
	table(&m->piece[DSDT], "DSDT", 0x5000, 70);
	table(&m->piece[FACS], "FACS", 0x6000, 64);
	rsdp->at = 0xf0000;
	rsdp->len = 36;
	memcpy(rsdp->bytes, "RSD PTR ", 8);
	rsdp->bytes[15] = 2;
	put(rsdp->bytes + 16, 0x1000, 4);
	put(rsdp->bytes + 24, 0x1800, 8);
	mend_rsdp(m);
}

/* --- one thing wrong ----------------------------------------------------- */

static void nothing(struct memory *m)
{
	(void)m;
}

static void rsdp_unmapped(struct memory *m)
{
	m->piece[RSDP].at = 0xe0000;
}

static void rsdp_short(struct memory *m)
{
	m->piece[RSDP].len = 19;
}

static void rsdp_half(struct memory *m)
{
	m->piece[RSDP].len = 35;
}

static void rsdp_signature(struct memory *m)
{
	m->piece[RSDP].bytes[7] = '_';
	mend_rsdp(m);
}

static void rsdp_checksum(struct memory *m)
{
	m->piece[RSDP].bytes[8]++;
}

static void rsdp_second_checksum(struct memory *m)
{
	m->piece[RSDP].bytes[32]++;
}

/* Only 20 bytes, and what lies behind them is not the RSDP's. */
static void rsdp_old(struct memory *m)
{
	m->piece[RSDP].bytes[15] = 0;
	m->piece[RSDP].len = 20;
	mend_rsdp(m);
}

static void rsdp_revision_1(struct memory *m)
{
	m->piece[RSDP].bytes[15] = 1;
	mend_rsdp(m);
}

static void no_xsdt(struct memory *m)
{
	put(m->piece[RSDP].bytes + 24, 0, 8);
	mend_rsdp(m);
}

static void no_root(struct memory *m)
{
	no_xsdt(m);
	put(m->piece[RSDP].bytes + 16, 0, 4);
	mend_rsdp(m);
}

static void root_unmapped(struct memory *m)
{
	m->piece[XSDT].at = 0x9000;
}

static void root_at_the_top(struct memory *m)
{
	put(m->piece[RSDP].bytes + 24, UINT64_MAX - 10, 8);
	mend_rsdp(m);
}

static void root_is_rsdp(struct memory *m)
{
	put(m->piece[RSDP].bytes + 24, 0xf0000, 8);
	mend_rsdp(m);
}

static void root_header_only(struct memory *m)
{
	put(m->piece[XSDT].bytes + 4, HEADER, 4);
}

static void root_almost_an_entry(struct memory *m)
{
	put(m->piece[XSDT].bytes + 4, HEADER + 7, 4);
}

static void root_zero_length(struct memory *m)
{
	put(m->piece[XSDT].bytes + 4, 0, 4);
}

static void root_too_long(struct memory *m)
{
	put(m->piece[XSDT].bytes + 4, HEADER + 3 * 8 + 1, 4);
}

static void root_huge(struct memory *m)
{
	put(m->piece[XSDT].bytes + 4, UINT32_MAX, 4);
}

static void root_odd_length(struct memory *m)
{
	put(m->piece[XSDT].bytes + 4, HEADER + 2 * 8 + 7, 4);
	mend(&m->piece[XSDT], HEADER + 2 * 8 + 7, 9);
}

static void root_checksum(struct memory *m)
{
	m->piece[XSDT].bytes[9]++;
}

static void root_signature(struct memory *m)
{
	memcpy(m->piece[XSDT].bytes, "NONE", 4);
	mend(&m->piece[XSDT], HEADER + 3 * 8, 9);
}

static void entry(struct memory *m, unsigned index, nb_phys address)
{
	put(m->piece[XSDT].bytes + HEADER + 8 * index, address, 8);
	mend(&m->piece[XSDT], HEADER + 3 * 8, 9);
}

static void entry_null(struct memory *m)
{
	entry(m, 1, 0);
}

static void entry_unmapped(struct memory *m)
{
	entry(m, 1, 0x8000);
}

static void entry_at_the_top(struct memory *m)
{
	entry(m, 1, UINT64_MAX);
}

static void entry_is_root(struct memory *m)
{
	entry(m, 1, 0x1800);
}

static void entries_equal(struct memory *m)
{
	entry(m, 0, 0x4000);
	entry(m, 1, 0x4000);
}

static void entries_are_root(struct memory *m)
{
	for (unsigned i = 0; i < 3; i++)
		entry(m, i, 0x1800);
}

static void table_too_long(struct memory *m)
{
	put(m->piece[APIC].bytes + 4, 61, 4);
}

static void table_huge(struct memory *m)
{
	put(m->piece[APIC].bytes + 4, UINT32_MAX, 4);
}

static void table_zero_length(struct memory *m)
{
	put(m->piece[APIC].bytes + 4, 0, 4);
}

static void table_less_than_header(struct memory *m)
{
	m->piece[APIC].len = 35;
}

static void fadt_short(struct memory *m)
{
	put(m->piece[FACP].bytes + 4, 40, 4);
}

static void fadt_long(struct memory *m)
{
	put(m->piece[FACP].bytes + 132, 0x4000, 8);
	put(m->piece[FACP].bytes + 140, 0x3000, 8);
}

/* Addresses of 64 bits are there, but the length leaves them out. */
static void fadt_long_cut(struct memory *m)
{
	fadt_long(m);
	put(m->piece[FACP].bytes + 4, 132, 4);
}

static void fadt_names_itself(struct memory *m)
{
	put(m->piece[FACP].bytes + 36, 0x2000, 4);
	put(m->piece[FACP].bytes + 40, 0x2000, 4);
}

static void fadt_names_root(struct memory *m)
{
	put(m->piece[FACP].bytes + 40, 0x1800, 4);
}

static void fadt_names_nothing(struct memory *m)
{
	put(m->piece[FACP].bytes + 36, 0, 8);
}

static void fadt_dangles(struct memory *m)
{
	put(m->piece[FACP].bytes + 40, 0x7777, 4);
}

static void fadt_header_only(struct memory *m)
{
	m->piece[FACP].len = HEADER;
}

/* The last table ends at 2^64: its end is no address any more. */
static void table_ends_at_the_top(struct memory *m)
{
	m->piece[SRAT].at = TOP;
	m->piece[SRAT].len = 0x100;
	put(m->piece[SRAT].bytes + 4, 0x100, 4);
	entry(m, 2, TOP);
}

static void table_wraps(struct memory *m)
{
	table_ends_at_the_top(m);
	put(m->piece[SRAT].bytes + 4, 0x101, 4);
}

static const struct row {
	const char *claim;
	void (*spoil)(struct memory *memory);
	enum nb_err err;
	enum nb_fault_kind fault;
	uint32_t offset; /* of the fault */
	uint32_t count;  /* tables, and where they lie: */
	nb_phys at[CAP];
	size_t odd; /* not 0: one table has this many bytes, no more */
} rows[] = {
	/* clang-format off */
	{ "a good machine: the XSDT, in its order, DSDT and FACS behind the FADT", nothing,
	  NB_OK, NB_FAULT_NONE, 0, 5, { 0x2000, 0x5000, 0x6000, 0x3000, 0x4000 }, 0 },

	{ "no RSDP in memory", rsdp_unmapped, NB_ERR_FIRMWARE, NB_FAULT_ADDRESS, 0, 0, { 0 }, 0 },
	{ "not all of an RSDP in memory", rsdp_short, NB_ERR_FIRMWARE, NB_FAULT_ADDRESS, 0, 0,
	  { 0 }, 0 },
	{ "only the first half of one of revision 2", rsdp_half,
	  NB_ERR_FIRMWARE, NB_FAULT_ADDRESS, 0, 0, { 0 }, 0 },
	{ "no RSDP by its signature", rsdp_signature, NB_ERR_FIRMWARE, NB_FAULT_SIGNATURE, 0, 0,
	  { 0 }, 0 },
	{ "a wrong checksum", rsdp_checksum, NB_ERR_FIRMWARE, NB_FAULT_CHECKSUM, 0, 0, { 0 }, 0 },
	{ "a wrong second checksum", rsdp_second_checksum,
	  NB_ERR_FIRMWARE, NB_FAULT_CHECKSUM, 0, 0, { 0 }, 0 },
	{ "revision 0 has 20 bytes and an RSDT", rsdp_old,
	  NB_OK, NB_FAULT_NONE, 0, 4, { 0x3000, 0x2000, 0x5000, 0x6000 }, 0 },
	{ "revision 1 has no XSDT, whatever the bytes say", rsdp_revision_1,
	  NB_OK, NB_FAULT_NONE, 0, 4, { 0x3000, 0x2000, 0x5000, 0x6000 }, 0 },
	{ "without an XSDT the RSDT counts", no_xsdt,
	  NB_OK, NB_FAULT_NONE, 0, 4, { 0x3000, 0x2000, 0x5000, 0x6000 }, 0 },

	{ "no root table at all", no_root, NB_ERR_FIRMWARE, NB_FAULT_ADDRESS, 0, 0, { 0 }, 0 },
	{ "a root table that is not in memory", root_unmapped,
	  NB_ERR_FIRMWARE, NB_FAULT_ADDRESS, 0, 0, { 0 }, 0 },
	{ "a root table at the last address", root_at_the_top,
	  NB_ERR_FIRMWARE, NB_FAULT_ADDRESS, 0, 0, { 0 }, 0 },
	{ "the RSDP as its own root table: its \"length\" is not in memory", root_is_rsdp,
	  NB_ERR_FIRMWARE, NB_FAULT_ADDRESS, 0, 0, { 0 }, 0 },
	{ "a root table without an entry", root_header_only,
	  NB_ERR_FIRMWARE, NB_FAULT_SHORT, 4, 0, { 0 }, 0 },
	{ "a root table one byte short of an entry", root_almost_an_entry,
	  NB_ERR_FIRMWARE, NB_FAULT_SHORT, 4, 0, { 0 }, 0 },
	{ "a root table of length zero", root_zero_length,
	  NB_ERR_FIRMWARE, NB_FAULT_SHORT, 4, 0, { 0 }, 0 },
	{ "a root table one byte longer than memory", root_too_long,
	  NB_ERR_FIRMWARE, NB_FAULT_ADDRESS, 0, 0, { 0 }, 0 },
	{ "a root table of the largest length", root_huge,
	  NB_ERR_FIRMWARE, NB_FAULT_ADDRESS, 0, 0, { 0 }, 0 },
	{ "part of an entry is none", root_odd_length,
	  NB_OK, NB_FAULT_NONE, 0, 4, { 0x2000, 0x5000, 0x6000, 0x3000 }, 0 },
	{ "the root table's checksum is only noted", root_checksum,
	  NB_OK, NB_FAULT_CHECKSUM, 0, 5, { 0x2000, 0x5000, 0x6000, 0x3000, 0x4000 }, 0 },
	{ "the root table's signature is not looked at", root_signature,
	  NB_OK, NB_FAULT_NONE, 0, 5, { 0x2000, 0x5000, 0x6000, 0x3000, 0x4000 }, 0 },

	{ "an entry of zero is stepped over", entry_null,
	  NB_OK, NB_FAULT_NONE, 0, 4, { 0x2000, 0x5000, 0x6000, 0x4000 }, 0 },
	{ "an entry that points nowhere is left out", entry_unmapped,
	  NB_OK, NB_FAULT_ADDRESS, 44, 4, { 0x2000, 0x5000, 0x6000, 0x4000 }, 0 },
	{ "an entry of the last address", entry_at_the_top,
	  NB_OK, NB_FAULT_ADDRESS, 44, 4, { 0x2000, 0x5000, 0x6000, 0x4000 }, 0 },
	{ "a root table that lists itself is one more table", entry_is_root,
	  NB_OK, NB_FAULT_NONE, 0, 5, { 0x2000, 0x5000, 0x6000, 0x1800, 0x4000 }, 0 },
	{ "a root table of nothing but itself", entries_are_root,
	  NB_OK, NB_FAULT_NONE, 0, 3, { 0x1800, 0x1800, 0x1800 }, 0 },
	{ "a table that is listed twice is there twice", entries_equal,
	  NB_OK, NB_FAULT_NONE, 0, 3, { 0x4000, 0x4000, 0x4000 }, 0 },

	{ "a table one byte longer than memory: its header", table_too_long,
	  NB_OK, NB_FAULT_ADDRESS, 44, 5, { 0x2000, 0x5000, 0x6000, 0x3000, 0x4000 }, HEADER },
	{ "a table of the largest length: its header", table_huge,
	  NB_OK, NB_FAULT_ADDRESS, 44, 5, { 0x2000, 0x5000, 0x6000, 0x3000, 0x4000 }, HEADER },
	{ "a table of length zero: its header", table_zero_length,
	  NB_OK, NB_FAULT_NONE, 0, 5, { 0x2000, 0x5000, 0x6000, 0x3000, 0x4000 }, HEADER },
	{ "less than a header in memory: left out", table_less_than_header,
	  NB_OK, NB_FAULT_ADDRESS, 44, 4, { 0x2000, 0x5000, 0x6000, 0x4000 }, 0 },
	{ "a table that ends where addresses do", table_ends_at_the_top,
	  NB_OK, NB_FAULT_NONE, 0, 5, { 0x2000, 0x5000, 0x6000, 0x3000, TOP }, 0 },
	{ "a table that wraps: its header", table_wraps,
	  NB_OK, NB_FAULT_ADDRESS, 52, 5, { 0x2000, 0x5000, 0x6000, 0x3000, TOP }, HEADER },

	{ "a FADT that ends behind the FACS names no DSDT", fadt_short,
	  NB_OK, NB_FAULT_NONE, 0, 4, { 0x2000, 0x6000, 0x3000, 0x4000 }, 0 },
	{ "a DSDT of 64 bits wins, a FACS is taken from both", fadt_long,
	  NB_OK, NB_FAULT_NONE, 0, 6, { 0x2000, 0x3000, 0x6000, 0x4000, 0x3000, 0x4000 }, 0 },
	{ "not if the FADT's length leaves them out", fadt_long_cut,
	  NB_OK, NB_FAULT_NONE, 0, 5, { 0x2000, 0x5000, 0x6000, 0x3000, 0x4000 }, 0 },
	{ "a FADT that names itself is not followed again", fadt_names_itself,
	  NB_OK, NB_FAULT_NONE, 0, 5, { 0x2000, 0x2000, 0x2000, 0x3000, 0x4000 }, 0 },
	{ "a FADT that names the root table", fadt_names_root,
	  NB_OK, NB_FAULT_NONE, 0, 5, { 0x2000, 0x1800, 0x6000, 0x3000, 0x4000 }, 0 },
	{ "a FADT that names neither", fadt_names_nothing,
	  NB_OK, NB_FAULT_NONE, 0, 3, { 0x2000, 0x3000, 0x4000 }, 0 },
	{ "a FADT whose DSDT is not in memory", fadt_dangles,
	  NB_OK, NB_FAULT_ADDRESS, 36, 4, { 0x2000, 0x6000, 0x3000, 0x4000 }, 0 },
	{ "a FADT of which only the header is in memory", fadt_header_only,
	  NB_OK, NB_FAULT_ADDRESS, 36, 3, { 0x2000, 0x3000, 0x4000 }, HEADER },
	/* clang-format on */
};

static void forget(struct memory *m)
{
	for (uint32_t i = 0; i < m->copies; i++)
		free(m->copy[i]);
}

static void check_tables(const struct row *row, const struct nb_table *tables, uint32_t cap)
{
	bool odd = row->odd == 0;

	for (uint32_t i = 0; i < row->count && i < cap; i++) {
		check(tables[i].address == row->at[i], row->claim);
		check(tables[i].len >= HEADER, row->claim);
		check(!memcmp(tables[i].signature, tables[i].at, 4), row->claim);
		odd |= tables[i].len == row->odd;
	}
	check(odd || cap < row->count, row->claim);
}

static void test_root(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct nb_table tables[CAP];
		struct nb_fault fault;
		struct memory memory;
		uint32_t count = 0;
		enum nb_err err;

		good_machine(&memory);
		row->spoil(&memory);
		err = nb_acpi_root(&memory.map, 0xf0000, tables, CAP, &count, &fault);
		check(err == row->err, row->claim);
		check(fault.kind == row->fault && fault.offset == row->offset, row->claim);
		check(count == row->count, row->claim);
		check_tables(row, tables, CAP);
		forget(&memory);
	}
}

/* Too few places: as many tables as fit, all of them counted, nothing behind. */
static void test_cap(void **state)
{
	const struct row *row = &rows[0];

	(void)state;
	for (uint32_t cap = 0; cap <= row->count; cap++) {
		struct nb_table *tables = malloc((cap + !cap) * sizeof(*tables));
		struct nb_fault fault;
		struct memory memory;
		uint32_t count = 0;
		enum nb_err err;

		assert_non_null(tables);
		good_machine(&memory);
		err = nb_acpi_root(&memory.map, 0xf0000, tables, cap, &count, &fault);
		check(err == (cap < row->count ? NB_ERR_FULL : NB_OK),
		      "full if there is no place for all");
		check(count == row->count, "all are counted");
		check_tables(row, tables, cap);
		forget(&memory);
		free(tables);
	}
}

/* The RSDP is the only thing in memory, cut at each length. */
static void test_rsdp_truncated(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 36; len++) {
		struct nb_table tables[CAP];
		struct nb_fault fault;
		struct memory memory;
		uint32_t count = 0;

		good_machine(&memory);
		memory.piece[RSDP].len = len;
		check((nb_acpi_root(&memory.map, 0xf0000, tables, CAP, &count, &fault) == NB_OK) ==
			      (len == 36),
		      "an RSDP that is cut is refused");
		forget(&memory);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_cap),
		cmocka_unit_test(test_rsdp_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
