/* SPDX-License-Identifier: MIT */
/* The stage bounce: whether devices get buffers below 4 GiB, how many and where. */
#include "check.h"
#include "machine.h"

#define M NB_MIB
#define G NB_GIB

#define FACTS                                                                                      \
	{                                                                                          \
		.kernel = { 16 * M, 32 * M }, .kernel_end = 33 * M, .boot_apic_is_bsp = true       \
	}
#define LOW                                                                                        \
	{ 0, 0x9fc00, 1 },                                                                         \
	{                                                                                          \
		M, 2 * G - M, 1                                                                    \
	}
#define HIGH                                                                                       \
	{                                                                                          \
		4 * G, 2 * G, 1                                                                    \
	}

static const struct row {
	const char *claim;
	enum nb_line line;
	struct machine machine;
	struct nb_range want;    /* MiB */
	uint64_t areas, rounded; /* rounded, fewer: MiB, if they are told */
	uint64_t fewer;
} rows[] = {
	{ "no RAM is out of reach",
	  NB_LINE_6_12,
	  { .map = { LOW }, .facts = FACTS, .cpus = 1 },
	  { 0, 0 },
	  0,
	  0,
	  0 },
	{ "some is: 64 MiB as high as they can lie",
	  NB_LINE_6_12,
	  { .map = { LOW, HIGH }, .facts = FACTS, .cpus = 1 },
	  { 1984, 2048 },
	  1,
	  0,
	  0 },
	{ "4.9 knows no areas",
	  NB_LINE_4_9,
	  { .map = { LOW, HIGH }, .facts = FACTS, .cpus = 1 },
	  { 1984, 2048 },
	  0,
	  0,
	  0 },
	{ "a size that is asked for",
	  NB_LINE_6_1,
	  { .map = { LOW, HIGH }, .facts = FACTS, .cpus = 3, .cmdline = "swiotlb=65536" },
	  { 1920, 2048 },
	  4,
	  0,
	  0 },
	{ "a whole power of two, where there are areas",
	  NB_LINE_6_1,
	  { .map = { LOW, HIGH }, .facts = FACTS, .cpus = 1, .cmdline = "swiotlb=49152" },
	  { 1920, 2048 },
	  1,
	  128,
	  0 },
	{ "5.10 takes what is asked for",
	  NB_LINE_5_10,
	  { .map = { LOW, HIGH }, .facts = FACTS, .cpus = 1, .cmdline = "swiotlb=49152" },
	  { 1952, 2048 },
	  0,
	  0,
	  0 },
	{ "forced",
	  NB_LINE_6_12,
	  { .map = { LOW }, .facts = FACTS, .cpus = 1, .cmdline = "swiotlb=16384,force" },
	  { 1978, 2010 },
	  1,
	  0,
	  0 },
	{ "or by iommu=",
	  NB_LINE_6_12,
	  { .map = { LOW, HIGH }, .facts = FACTS, .cpus = 1, .cmdline = "iommu=off,soft" },
	  { 1984, 2048 },
	  1,
	  0,
	  0 },
	{ "not without IOMMU",
	  NB_LINE_6_12,
	  { .map = { LOW, HIGH }, .facts = FACTS, .cpus = 1, .cmdline = "iommu=pt,off" },
	  { 0, 0 },
	  0,
	  0,
	  0 },
	{ "nor where they are not wanted",
	  NB_LINE_6_12,
	  { .map = { LOW, HIGH }, .facts = FACTS, .cpus = 1, .cmdline = "swiotlb=noforce" },
	  { 0, 0 },
	  0,
	  0,
	  0 },
	{ "memory that may be added counts",
	  NB_LINE_6_12,
	  { .map = { LOW },
	    .facts = FACTS,
	    .cpus = 1,
	    .srat = { ENTRY_CPU(0, 0), ENTRY_RAM(0, 0, 2 * G), ENTRY_HOT(0, 4 * G, 8 * G) } },
	  { 1946, 2010 },
	  1,
	  0,
	  0 },
	{ "not in 4.4",
	  NB_LINE_4_4,
	  { .map = { LOW },
	    .facts = FACTS,
	    .cpus = 1,
	    .srat = { ENTRY_CPU(0, 0), ENTRY_RAM(0, 0, 2 * G), ENTRY_HOT(0, 4 * G, 8 * G) } },
	  { 0, 0 },
	  0,
	  0,
	  0 },
	{ "where there is no room there are fewer",
	  NB_LINE_6_12,
	  { .map = { LOW, HIGH }, .facts = FACTS, .cpus = 1, .cmdline = "swiotlb=1048576" },
	  { 1024, 2048 },
	  1,
	  0,
	  1024 },
	{ "however many are asked for",
	  NB_LINE_6_12,
	  { .map = { LOW, HIGH },
	    .facts = FACTS,
	    .cpus = 1,
	    .cmdline = "swiotlb=0x18000000000000" },
	  { 1024, 2048 },
	  1,
	  (uint64_t)1 << 43,
	  1024 },
	{ "none in 5.10",
	  NB_LINE_5_10,
	  { .map = { LOW, HIGH }, .facts = FACTS, .cpus = 1, .cmdline = "swiotlb=1048576" },
	  { 0, 0 },
	  0,
	  0,
	  0 },
};

static void check_row(const struct row *row, const struct machine_boot *run)
{
	const struct nb_range *buffers = &run->boot.bounce.buffers;
	uint64_t areas = 0, rounded = 0, fewer = 0;

	for (size_t i = 0; i < run->record->count; i++) {
		const struct nb_event *event = &run->record->at[i];

		areas += event->kind == NB_EV_BOUNCE_AREAS ? event->got : 0;
		rounded += event->kind == NB_EV_BOUNCE_ROUNDED ? event->got / M : 0;
		fewer += event->kind == NB_EV_BOUNCE_FEWER ? event->limit / 512 : 0;
	}
	if (buffers->start != row->want.start * M || buffers->end != row->want.end * M)
		record_print("got",
			     &(struct nb_event){ .kind = NB_EV_BOUNCE_TAKEN, .range = *buffers });
	check(buffers->start == row->want.start * M && buffers->end == row->want.end * M,
	      row->claim);
	check(areas == row->areas && rounded == row->rounded && fewer == row->fewer, row->claim);
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct machine_boot run;

		machine_begin(&run, &row->machine, row->line);
		machine_run(&run);
		check(run.err == NB_OK, row->claim);
		check_row(row, &run);
		machine_end(&run);
	}
}

/* High memory has no place in the kernel's address space. */
static void test_low_memory(void **state)
{
	const struct machine machine = {
		.map = { { 0, 0x9fc00, 1 }, { M, 3 * G - M, 1 }, HIGH },
		.facts = FACTS,
		.cpus = 1,
	};
	struct machine_boot run;

	(void)state;
	machine_begin(&run, &machine, NB_LINE_6_1_I386);
	machine_run(&run);
	check(run.err == NB_OK && run.boot.memblock.limit < G, "the boot has low memory");
	check(nb_range_size(run.boot.bounce.buffers) == 64 * M, "32 bits: as many as ever");
	check(run.boot.bounce.buffers.end <= run.boot.memblock.limit, "32 bits: in low memory");
	machine_end(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_low_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
