/* SPDX-License-Identifier: MIT */
/*
 * acpi_truncated: every table of five machines, cut at every length, is given to
 * every parser, its own or not. Each piece lies in a block of exactly its size,
 * so that under ASan one byte read too many ends the test; and what a piece
 * gives must be what the whole table gives, as far as the bytes go.
 *
 * The directory with the machines, as tools/oracle writes them, is the first
 * argument or NB_CASES.
 */
#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <numaboot/acpi.h>

static const char *const machines[] = {
	"generic_initiator-025", "hmat-024", "madt-797", "many_nodes-002", "slit_variants-123",
};

static const char *cases;

enum { MOST_ENTRIES = 4096, TABLE_MOST = 1 << 16 };

struct seen {
	uint32_t type, length, offset;
};

/* What the whole table gave for one form and first offset. */
struct walk {
	enum nb_entry_form form;
	uint32_t first;
	size_t count;
	struct seen at[MOST_ENTRIES];
};

static struct walk walks[] = {
	{ .form = NB_ENTRY_COMMON, .first = NB_SRAT_ENTRIES },
	{ .form = NB_ENTRY_COMMON, .first = NB_MADT_ENTRIES },
	{ .form = NB_ENTRY_HMAT, .first = NB_HMAT_ENTRIES },
	{ .form = NB_ENTRY_CEDT, .first = NB_CEDT_ENTRIES },
};

/* Every parser of an entry, also those of other tables. */
static void parse_entry(const struct nb_entry *entry)
{
	struct nb_srat_cpu cpu;
	struct nb_srat_memory memory;
	struct nb_srat_initiator initiator;
	struct nb_cedt_window window;
	struct nb_madt_cpu madt;
	struct nb_hmat_proximity proximity;
	struct nb_hmat_locality locality;
	struct nb_hmat_cache cache;
	struct nb_fault fault;
	bool is_cpu = entry->type == NB_MADT_LAPIC || entry->type == NB_MADT_SAPIC ||
		      entry->type == NB_MADT_X2APIC;

	nb_srat_lapic(entry, &cpu, &fault);
	check((fault.kind == NB_FAULT_NONE) == (entry->rest.len >= 16), "a LAPIC is 16 bytes");
	nb_srat_x2apic(entry, &cpu, &fault);
	check((fault.kind == NB_FAULT_NONE) == (entry->rest.len >= 24), "an x2APIC is 24 bytes");
	nb_srat_memory(entry, &memory, &fault);
	check((fault.kind == NB_FAULT_NONE) == (entry->rest.len >= 40), "memory is 40 bytes");
	nb_srat_initiator(entry, &initiator, &fault);
	check((fault.kind == NB_FAULT_NONE) == (entry->rest.len >= 32), "an initiator is 32 bytes");
	nb_cedt_window(entry, &window, &fault);
	check((fault.kind == NB_FAULT_NONE) == (entry->rest.len >= 24),
	      "24 bytes of a window are read");
	if (is_cpu && !nb_madt_cpu(entry, &madt, &fault))
		check(entry->bytes.len >= 8, "a processor that is given has its bytes");
	if (!nb_hmat_proximity(entry, &proximity, &fault))
		check(entry->bytes.len == 40, "so has a proximity domain");
	if (!nb_hmat_cache(entry, &cache, &fault))
		check(entry->bytes.len >= 32, "so has a cache");
	if (!nb_hmat_locality(entry, &locality, &fault))
		check(locality.values.len == 2 * (size_t)locality.initiators * locality.targets,
		      "so has a locality");
}

/* Walks a piece; a walk over the whole records, any other compares. */
static void walk_piece(const struct nb_table *table, struct walk *walk, bool whole)
{
	struct nb_entry_walk at = nb_entries(table, walk->form, walk->first);
	struct nb_bytes bytes = nb_acpi_bytes(table);
	struct nb_entry entry;
	size_t given = 0;

	for (; nb_entry_next(&at, &entry); given++) {
		struct seen seen = { entry.type, entry.length, entry.rest.offset };

		assert_true(given < MOST_ENTRIES);
		if (whole)
			walk->at[given] = seen;
		check(whole || given < walk->count, "a piece has no more entries than the whole");
		check(!memcmp(&walk->at[given], &seen, sizeof(seen)), "and the same ones");
		check(entry.bytes.len == nb_min(entry.length, bytes.len - seen.offset),
		      "each as far as it says, or as the piece goes");
		parse_entry(&entry);
	}
	if (whole)
		walk->count = given;
}

/* The parsers of whole tables. `matrix` is how many bytes of distances it has, or 0. */
static void parse_table(const struct nb_table *table, size_t matrix)
{
	struct nb_acpi_header header;
	struct nb_fault fault;
	struct nb_fadt fadt;
	struct nb_slit slit;
	bool has_slit = nb_slit(table, &slit, &fault) == NB_OK;

	check((nb_acpi_header(table, &header, &fault) == NB_OK) == (table->len >= 36),
	      "a header needs 36 bytes");
	check((nb_fadt(table, &fadt, &fault) == NB_OK) == (table->len >= 36), "a FADT no more");
	check(!matrix || has_slit == (table->len >= 44 + matrix), "a SLIT that is cut is refused");
	check(!has_slit || slit.matrix.len == slit.count * slit.count, "a SLIT has its matrix");
	(void)nb_acpi_checksum_ok(table);
}

/* One length of one table: the bytes end there; then the header says so, too. */
static void parse_piece(const uint8_t *bytes, size_t len, size_t full, size_t matrix)
{
	uint8_t *block = malloc(len ? len : 1);
	struct nb_table table = { .signature = "TEST", .at = len ? block : block + 1, .len = len };

	assert_non_null(block);
	memcpy(block, bytes, len);
	for (size_t i = 0; i < NB_COUNT(walks); i++)
		walk_piece(&table, &walks[i], len == full);
	parse_table(&table, matrix);
	if (len >= 8) {
		for (unsigned i = 0; i < 4; i++)
			block[4 + i] = (uint8_t)(len >> (8 * i));
		for (size_t i = 0; i < NB_COUNT(walks); i++)
			walk_piece(&table, &walks[i], false);
		parse_table(&table, matrix);
	}
	free(block);
}

static void parse_file(const char *path)
{
	static uint8_t bytes[TABLE_MOST];
	FILE *file = fopen(path, "rb");
	struct nb_table table = { .signature = "TEST", .at = bytes };
	struct nb_fault fault;
	struct nb_slit slit;
	size_t matrix = 0, len;

	assert_non_null(file);
	table.len = len = fread(bytes, 1, sizeof(bytes), file);
	check(fclose(file) == 0 && len > 36 && len < sizeof(bytes), path);
	if (!memcmp(bytes, "SLIT", 4) && !nb_slit(&table, &slit, &fault))
		matrix = slit.matrix.len;

	/* The whole first: all others are held against it. */
	for (size_t cut = len + 1; cut-- > 0;)
		parse_piece(bytes, cut, len, matrix);
}

static void test_truncated(void **state)
{
	(void)state;
	check(cases != NULL, "the directory with the machines is given");
	for (size_t i = 0; i < NB_COUNT(machines); i++) {
		char path[4096], file[4400];
		struct dirent *entry;
		unsigned tables = 0;
		DIR *dir;

		snprintf(path, sizeof(path), "%s/%s/sysroot/sys/firmware/acpi/tables", cases,
			 machines[i]);
		dir = opendir(path);
		check(dir != NULL, path);
		while ((entry = readdir(dir))) {
			if (entry->d_name[0] == '.')
				continue;
			snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
			parse_file(file);
			tables++;
		}
		closedir(dir);
		check(tables >= 5, "a machine has tables");
	}
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_truncated) };

	cases = argc > 1 ? argv[1] : getenv("NB_CASES");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
