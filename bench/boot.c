/* SPDX-License-Identifier: MIT */
/*
 * boot: time and bytes of a whole silent boot in one process, from 2 nodes to
 * the most that the library supports. A row is the median of some runs after
 * one that is not counted; a goal that is missed fails the benchmark.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <numaboot/numaboot.h>

#include "measure.h"

/* A described machine. Goals of 0 are none. */
struct row {
	uint32_t nodes, cpus, ranges; /* ranges: of RAM in the memory map */
	uint32_t blocks;              /* memory entries of the SRAT */
	int runs;
	double goal_us;
	double goal_mib;
};

static const struct row rows[] = {
	{ .nodes = 1, .cpus = 4, .ranges = 2, .blocks = 1, .runs = 1001 },
	{ .nodes = 2, .cpus = 64, .ranges = 4, .blocks = 3, .runs = 1001, .goal_us = 100 },
	{ .nodes = 8, .cpus = 256, .ranges = 16, .blocks = 16, .runs = 301 },
	{ .nodes = 64, .cpus = 2048, .ranges = 128, .blocks = 128, .runs = 101 },
	{ .nodes = 256, .cpus = 4096, .ranges = 512, .blocks = 512, .runs = 31 },
	/* What Linux itself takes at most: 3200 map entries, 2048 blocks. */
	{ .nodes = 1024,
	  .cpus = 8192,
	  .ranges = 3200,
	  .blocks = 2048,
	  .runs = 11,
	  .goal_us = 60000,
	  .goal_mib = 8 },
};

/* The capacity that the last row's bytes are counted for. */
static const struct nb_limits largest = {
	.nodes = NB_MAX_NODES,
	.cpus = NB_MAX_CPUS,
	.apic_ids = NB_MAX_APIC_IDS,
	.ranges = 20480,
};

struct machine {
	struct nb_e820_entry *map;
	struct nb_table tables[3];
	struct nb_firmware fw;
};

void nb_assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
	abort();
}

static void *need(size_t count, size_t size)
{
	void *at = calloc(count, size);

	if (!at) {
		fprintf(stderr, "out of memory\n");
		exit(2);
	}
	return at;
}

static uint8_t *put(uint8_t *at, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		at[i] = (uint8_t)(value >> (8 * i));
	return at + width;
}

static struct nb_table new_table(const char *signature, uint8_t revision, size_t len)
{
	struct nb_table table = { .len = len };
	uint8_t *at = need(1, len);

	memcpy(table.signature, signature, 4);
	memcpy(at, signature, 4);
	put(at + 4, len, 4);
	at[8] = revision;
	table.at = at;
	return table;
}

/* The table's bytes while it is being made. */
static uint8_t *bytes_of(struct nb_table *table)
{
	return (uint8_t *)(uintptr_t)table->at;
}

static void seal(struct nb_table *table)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < table->len; i++)
		sum = (uint8_t)(sum + table->at[i]);
	bytes_of(table)[9] = (uint8_t)-sum;
}

/* RAM from 4 GiB up; every range is followed by a hole of 1 MiB. */
enum { HOLE = 1 << 20 };

static const nb_phys first_byte = 4 * NB_GIB;

static nb_phys range_bytes(const struct row *row)
{
	return nb_align_up(nb_max(64 * NB_MIB, 64 * NB_GIB * row->nodes / row->ranges), 2 * NB_MIB);
}

static void make_map(struct machine *m, const struct row *row)
{
	nb_phys size = range_bytes(row), at = first_byte;

	m->map = need(row->ranges, sizeof(*m->map));
	m->map[0] = (struct nb_e820_entry){ 0, 0xa0000, NB_E820_RAM };
	m->map[1] = (struct nb_e820_entry){ NB_MIB, 2 * NB_GIB, NB_E820_RAM };
	for (uint32_t i = 2; i < row->ranges; i++, at += size)
		m->map[i] = (struct nb_e820_entry){ at, size - HOLE, NB_E820_RAM };
	m->fw.map = m->map;
	m->fw.map_count = row->ranges;
}

static uint8_t *put_memory(uint8_t *at, uint32_t pxm, nb_phys start, nb_phys end)
{
	uint8_t *entry = at;

	entry[0] = NB_SRAT_MEMORY;
	entry[1] = 40;
	put(entry + 2, pxm, 4);
	put(entry + 8, start, 8);
	put(entry + 16, end - start, 8);
	put(entry + 28, NB_SRAT_ENABLED, 4);
	return entry + 40;
}

/* The blocks cut all memory into equal pieces, dealt to the nodes in turn. */
static void make_srat(struct machine *m, const struct row *row)
{
	struct nb_table *srat = &m->tables[0];
	nb_phys end = first_byte + row->ranges * range_bytes(row);
	nb_phys piece = nb_align_up((end - first_byte) / row->blocks, 2 * NB_MIB);

	*srat = new_table("SRAT", 3, 48 + 24 * (size_t)row->cpus + 40 * (size_t)row->blocks);
	uint8_t *at = bytes_of(srat) + 48;

	for (uint32_t cpu = 0; cpu < row->cpus; cpu++, at += 24) {
		at[0] = NB_SRAT_X2APIC;
		at[1] = 24;
		put(at + 4, cpu % row->nodes, 4);
		put(at + 8, cpu, 4);
		put(at + 12, NB_SRAT_ENABLED, 4);
	}
	for (uint32_t i = 0; i < row->blocks; i++)
		at = put_memory(at, i % row->nodes, i ? first_byte + i * piece : 0,
				first_byte + (i + 1) * piece);
	seal(srat);
}

static void make_slit(struct machine *m, const struct row *row)
{
	struct nb_table *slit = &m->tables[1];

	*slit = new_table("SLIT", 1, 44 + (size_t)row->nodes * row->nodes);
	put(bytes_of(slit) + 36, row->nodes, 8);
	uint8_t *at = bytes_of(slit) + 44;

	for (uint32_t from = 0; from < row->nodes; from++)
		for (uint32_t to = 0; to < row->nodes; to++)
			*at++ = (uint8_t)(from == to                  ? 10
					  : from / 4 == to / 4        ? 12
					  : (from ^ to) % 64 / 16 % 2 ? 32
								      : 21);
	seal(slit);
}

static void make_madt(struct machine *m, const struct row *row)
{
	struct nb_table *madt = &m->tables[2];

	*madt = new_table("APIC", 5, 44 + 16 * (size_t)row->cpus);
	uint8_t *at = bytes_of(madt) + 44;

	for (uint32_t cpu = 0; cpu < row->cpus; cpu++, at += 16) {
		at[0] = NB_MADT_X2APIC;
		at[1] = 16;
		put(at + 4, cpu, 4);
		put(at + 8, NB_MADT_ENABLED, 4);
		put(at + 12, cpu, 4);
	}
	seal(madt);
}

static void make(struct machine *m, const struct row *row)
{
	*m = (struct machine){ .fw.facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_12]) };
	m->fw.facts.x2apic = true;
	m->fw.facts.five_level = true; /* the largest has RAM above 64 TiB */
	make_map(m, row);
	make_srat(m, row);
	make_slit(m, row);
	make_madt(m, row);
	m->fw.tables = m->tables;
	m->fw.table_count = NB_COUNT(m->tables);
}

static void unmake(struct machine *m)
{
	for (size_t i = 0; i < NB_COUNT(m->tables); i++)
		free(bytes_of(&m->tables[i]));
	free(m->map);
}

/* One boot, the carving of its block included: what an embedder waits for. */
static double boot_once(struct nb_boot *boot, const struct machine *m,
			const struct nb_limits *limits, void *block, size_t size)
{
	const struct nb_env env = { .rules = &nb_lines[NB_LINE_6_12],
				    .config = &nb_configs[NB_LINE_6_12] };
	double start = now_us(CLOCK_MONOTONIC);
	enum nb_err err = nb_boot_init(boot, block, size, limits, &env, &m->fw);

	if (!err)
		err = nb_boot(boot);
	if (err) {
		fprintf(stderr, "boot: %s\n", nb_err_text(err));
		exit(2);
	}
	return now_us(CLOCK_MONOTONIC) - start;
}

static bool measure(const struct row *row)
{
	struct machine m;

	make(&m, row);

	struct nb_limits limits =
		row->goal_mib > 0 ? largest : nb_limits_for(&m.fw, &nb_configs[NB_LINE_6_12]);
	size_t size = nb_boot_size(&limits);
	void *block = aligned_alloc(64, (size + 63) & ~(size_t)63);
	double *times = need((size_t)row->runs, sizeof(*times));
	struct nb_boot *boot = need(1, sizeof(*boot));

	if (!block)
		exit(2);
	boot_once(boot, &m, &limits, block, size);
	for (int i = 0; i < row->runs; i++)
		times[i] = boot_once(boot, &m, &limits, block, size);

	double us = median(times, (size_t)row->runs), mib = (double)size / (double)NB_MIB;
	bool met = (row->goal_us <= 0 || us <= row->goal_us) &&
		   (row->goal_mib <= 0 || mib <= row->goal_mib);

	printf("%6" PRIu32 " %6" PRIu32 " %7" PRIu32 " %12.1f %10.2f", row->nodes, row->cpus,
	       row->ranges, us, mib);
	if (row->goal_us > 0)
		printf("   goal %.0f us", row->goal_us);
	if (row->goal_mib > 0)
		printf(", %.0f MiB", row->goal_mib);
	if (row->goal_us > 0)
		printf(": %s", met ? "met" : "MISSED");
	if (boot->numa.source != NB_NUMA_ACPI || nb_nodes_count(&boot->numa.online) != row->nodes) {
		printf(" (not the machine that was meant: %" PRIu32 " nodes)",
		       nb_nodes_count(&boot->numa.online));
		met = false;
	}
	printf("\n");
	free(boot);
	free(times);
	free(block);
	unmake(&m);
	return met;
}

int main(void)
{
	bool met = true;

	printf(" nodes   cpus  ranges   median us        MiB\n");
	for (size_t i = 0; i < NB_COUNT(rows); i++)
		met &= measure(&rows[i]);
	return met ? EXIT_SUCCESS : EXIT_FAILURE;
}
