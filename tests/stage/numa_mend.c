/* SPDX-License-Identifier: MIT */
/*
 * The tolerant policy: tables with one fault each, because of which Linux has one node
 * for all or no distances, what is mended in them, and where memory is then.
 */
#include "check.h"
#include "machine.h"
#include "whole/machines.h"

#include <stdlib.h>
#include <string.h>

#define M NB_MIB
#define G NB_GIB
#define KERNEL                                                                                     \
	{                                                                                          \
		.kernel = { 16 * M, 32 * M }, .kernel_end = 33 * M, .boot_apic_is_bsp = true       \
	}
#define RAM                                                                                        \
	{ 0, 0xa0000, 1 }, { M, 3 * G - M, 1 },                                                    \
	{                                                                                          \
		4 * G, G, 1                                                                        \
	}
#define CPUS ENTRY_CPU(0, 0), ENTRY_CPU(1, 1)
#define NODE0 ENTRY_RAM(0, 0, 0xa0000), ENTRY_RAM(0, M, 2 * G)

/* Offsets into the SRAT, behind two processors: of entries of memory. */
enum { CPU_1 = 48 + 16, RAM_0 = 48 + 2 * 16, RAM_1 = RAM_0 + 40, RAM_2 = RAM_1 + 40 };
enum { RAM_3 = RAM_2 + 40, LENGTH = 1 };

#define LEFT_OUT(why_, type_, offset_)                                                             \
	{                                                                                          \
		.kind = NB_EV_REPAIR_ENTRY, .why = NB_WHY_##why_, .id = NB_SRAT_##type_, .more = { \
			offset_                                                                    \
		}                                                                                  \
	}
#define LONG(type_, got_, taken_, offset_)                                                         \
	{                                                                                          \
		.kind = NB_EV_REPAIR_LENGTH, .id = NB_SRAT_##type_, .got = got_, .limit = taken_,  \
		.more = {                                                                          \
			offset_                                                                    \
		}                                                                                  \
	}
#define GIVEN(nid_, start_, end_)                                                                  \
	{                                                                                          \
		.kind = NB_EV_REPAIR_UNCOVERED, .nid = nid_, .range = { start_, end_ }             \
	}
#define TAKEN(nid_, start_, end_, other_, a_, b_)                                                  \
	{                                                                                          \
		.kind = NB_EV_REPAIR_OVERLAP, .nid = nid_, .range = { start_, end_ },              \
		.other_nid = other_, .other = {                                                    \
			a_,                                                                        \
			b_                                                                         \
		}                                                                                  \
	}
#define DISTANCE(from_, to_, got_, taken_)                                                         \
	{                                                                                          \
		.kind = NB_EV_REPAIR_DISTANCE, .nid = from_, .other_nid = to_, .got = got_,        \
		.limit = taken_                                                                    \
	}

static const enum nb_event_kind repairs[] = {
	NB_EV_REPAIR_LENGTH,   NB_EV_REPAIR_ENTRY,   NB_EV_REPAIR_END,       NB_EV_REPAIR_SLIT,
	NB_EV_REPAIR_DISTANCE, NB_EV_REPAIR_OVERLAP, NB_EV_REPAIR_UNCOVERED,
};

static const struct row {
	const char *claim;
	struct machine machine;
	struct {
		uint32_t at; /* in the SRAT; 0: nothing */
		uint8_t value;
	} spoil;
	uint32_t slit_short; /* bytes that the SLIT lacks */
	uint32_t srat_short;
	bool linux_has_nodes;
	struct nb_event want[6]; /* ends with NB_EV_STAGE */
	struct {
		nb_phys at; /* 0: no more */
		int32_t nid;
	} memory[6];
	uint8_t distance; /* from 0 to 1; 0: not asked */
} rows[] = {
	{ .claim = "good tables are not mended",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, NODE0, ENTRY_RAM(1, 2 * G, 3 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) },
		       .localities = 2,
		       .slit = { 10, 30, 30, 10 } },
	  .linux_has_nodes = true,
	  .memory = { { G, 0 }, { 2 * G, 1 }, { 4 * G, 1 } },
	  .distance = 30 },
	{ .claim = "memory without length has that of its type",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, NODE0, ENTRY_RAM(1, 2 * G, 3 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .spoil = { RAM_0 + LENGTH, 0 },
	  .want = { LONG(MEMORY, 0, 40, RAM_0) },
	  .memory = { { 0x2000, 0 }, { G, 0 }, { 2 * G, 1 }, { 4 * G, 1 } } },
	{ .claim = "so has a processor",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, NODE0, ENTRY_RAM(1, 2 * G, 3 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .spoil = { CPU_1 + LENGTH, 0 },
	  .want = { LONG(LAPIC, 0, 16, CPU_1) },
	  .memory = { { G, 0 }, { 2 * G, 1 }, { 4 * G, 1 } } },
	{ .claim = "an entry of no known type and no length ends the table",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS,
				 NODE0,
				 ENTRY_RAM(1, 2 * G, 3 * G),
				 { ENTRY_RAW, 0x20, 0, 0, 8 },
				 ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .want = { { .kind = NB_EV_REPAIR_END }, GIVEN(1, 4 * G, 5 * G) },
	  .memory = { { G, 0 }, { 2 * G, 1 }, { 4 * G, 1 } } },
	{ .claim = "a processor that says too much does not hide the entries behind it",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, NODE0, ENTRY_RAM(1, 2 * G, 3 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .spoil = { CPU_1 + LENGTH, 16 + 40 },
	  .want = { LONG(LAPIC, 16 + 40, 16, CPU_1) },
	  .memory = { { 0x2000, 0 }, { G, 0 }, { 2 * G, 1 }, { 4 * G, 1 } } },
	{ .claim = "memory that says too little has that of its type",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, NODE0, ENTRY_RAM(1, 2 * G, 3 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .spoil = { RAM_2 + LENGTH, 39 },
	  .want = { LONG(MEMORY, 39, 40, RAM_2) },
	  .memory = { { G, 0 }, { 2 * G, 1 }, { 4 * G, 1 } } },
	{ .claim = "memory of a domain that cannot be is left out, and goes to the nearest node",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, NODE0, ENTRY_RAM(1, 2 * G, 3 * G),
				 ENTRY_RAM(0xffffffff, 4 * G, 5 * G) } },
	  .want = { LEFT_OUT(PXM_RANGE, MEMORY, RAM_3), GIVEN(1, 4 * G, 5 * G) },
	  .memory = { { G, 0 }, { 2 * G, 1 }, { 4 * G, 1 } } },
	{ .claim = "the last entry is left out where the table is cut off",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, NODE0, ENTRY_RAM(1, 2 * G, 3 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .srat_short = 20,
	  .want = { LEFT_OUT(SHORT, MEMORY, RAM_3), GIVEN(1, 4 * G, 5 * G) },
	  .memory = { { G, 0 }, { 2 * G, 1 }, { 4 * G, 1 } } },
	{ .claim = "so is a processor of one",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { ENTRY_CPU(0, 0), ENTRY_CPU(70000, 1), NODE0,
				 ENTRY_RAM(1, 2 * G, 3 * G), ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .want = { LEFT_OUT(PXM_RANGE, LAPIC, CPU_1) },
	  .memory = { { G, 0 }, { 2 * G, 1 }, { 4 * G, 1 } } },
	{ .claim = "an initiator that is disabled does not hide the processors behind it",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { ENTRY_CPU(0, 0),
				 { ENTRY_INITIATOR, 1, 0, 0, 0 },
				 ENTRY_CPU(1, 1),
				 NODE0,
				 ENTRY_RAM(1, 2 * G, 3 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .linux_has_nodes = true,
	  .want = { LEFT_OUT(DISABLED, INITIATOR, CPU_1) },
	  .memory = { { G, 0 }, { 2 * G, 1 }, { 4 * G, 1 } } },
	{ .claim = "of two nodes the one that comes first has what both claim",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, NODE0, ENTRY_RAM(1, G, 3 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .want = { TAKEN(1, G, 2 * G, 0, M, 2 * G) },
	  .memory = { { G, 0 }, { 2 * G - 1, 0 }, { 2 * G, 1 }, { 4 * G, 1 } } },
	{ .claim = "a node in the middle of which another one is keeps both sides",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, ENTRY_RAM(0, G, 2 * G), ENTRY_RAM(1, 0, 5 * G) } },
	  .want = { TAKEN(1, G, 2 * G, 0, G, 2 * G) },
	  .memory = { { M, 1 }, { G, 0 }, { 2 * G - 1, 0 }, { 2 * G, 1 }, { 4 * G, 1 } } },
	{ .claim = "a page that both claim parts of is whole, where the first one ends",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, ENTRY_RAM(0, 0, 2 * G + 0x123), ENTRY_RAM(1, 2 * G, 3 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .want = { TAKEN(1, 2 * G, 2 * G + 0x1000, 0, 0, 2 * G + 0x1000) },
	  .memory = { { 2 * G + 0xfff, 0 }, { 2 * G + 0x1000, 1 }, { 4 * G, 1 } } },
	{ .claim = "and where it begins",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, ENTRY_RAM(0, G + 0x800, 3 * G), ENTRY_RAM(1, 0, G + 0x900),
				 ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .want = { TAKEN(1, G, G + 0x900, 0, G, 3 * G) },
	  .memory = { { G - 1, 1 }, { G, 0 }, { 2 * G, 0 }, { 4 * G, 1 } } },
	{ .claim = "but not of a third one's bytes",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, ENTRY_RAM(0, 0, 2 * G + 0x100),
				 ENTRY_RAM(2, 2 * G + 0x800, 3 * G), ENTRY_RAM(1, G, 3 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .want = { TAKEN(1, G, 2 * G + 0x100, 0, 0, 2 * G + 0x100),
		    TAKEN(1, 2 * G + 0x100, 3 * G, 2, 2 * G + 0x100, 3 * G) },
	  .memory = { { 2 * G, 0 }, { 2 * G + 0x1000, 2 }, { 4 * G, 1 } } },
	{ .claim = "a claim that is all of another node's is none",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, ENTRY_RAM(0, 0, 3 * G), ENTRY_RAM(1, G, 2 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .want = { TAKEN(1, G, 2 * G, 0, 0, 3 * G) },
	  .memory = { { G, 0 }, { 2 * G, 0 }, { 4 * G, 1 } } },
	{ .claim = "RAM between two nodes goes to the nearer one",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, ENTRY_RAM(0, 64 * M, G), ENTRY_RAM(1, 4 * G, 5 * G) } },
	  .want = { GIVEN(0, 0x1000, 64 * M), GIVEN(0, G, 3 * G) },
	  .memory = { { 0x2000, 0 }, { M, 0 }, { 3 * G - 1, 0 }, { 4 * G, 1 } } },
	{ .claim = "memory that ends before it begins is left out",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS,
				 NODE0,
				 ENTRY_RAM(1, 2 * G, 3 * G),
				 { ENTRY_MEMORY, 1, NB_SRAT_ENABLED, 4 * G,
				   UINT64_MAX - 3 * G } } },
	  .want = { LEFT_OUT(WRAPS, MEMORY, RAM_3), GIVEN(1, 4 * G, 5 * G) },
	  .memory = { { G, 0 }, { 2 * G, 1 }, { 4 * G, 1 } } },
	{ .claim = "distances that cannot be are those of the way back, or 10 and 20",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, NODE0, ENTRY_RAM(1, 2 * G, 3 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) },
		       .localities = 2,
		       .slit = { 10, 0, 30, 255 } },
	  .linux_has_nodes = true,
	  .want = { DISTANCE(0, 1, 0, 30), DISTANCE(1, 1, 255, 10) },
	  .memory = { { G, 0 }, { 2 * G, 1 } },
	  .distance = 30 },
	{ .claim = "and 20 where both ways cannot be",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, NODE0, ENTRY_RAM(1, 2 * G, 3 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) },
		       .localities = 2,
		       .slit = { 10, 10, 10, 10 } },
	  .linux_has_nodes = true,
	  .want = { DISTANCE(0, 1, 10, 20), DISTANCE(1, 0, 10, 20) },
	  .memory = { { G, 0 }, { 2 * G, 1 } },
	  .distance = 20 },
	{ .claim = "a SLIT that is cut off is left out",
	  .machine = { { RAM },
		       .cpus = 2,
		       .facts = KERNEL,
		       .srat = { CPUS, NODE0, ENTRY_RAM(1, 2 * G, 3 * G),
				 ENTRY_RAM(1, 4 * G, 5 * G) },
		       .localities = 2,
		       .slit = { 10, 30, 30, 10 } },
	  .slit_short = 1,
	  .linux_has_nodes = true,
	  .want = { { .kind = NB_EV_REPAIR_SLIT, .got = 3, .limit = 4 } },
	  .memory = { { G, 0 }, { 2 * G, 1 } },
	  .distance = 20 },
};

static void begin(struct machine_boot *run, const struct row *row, bool tolerant)
{
	machine_begin(run, &row->machine, NB_LINE_6_12);
	run->config.tolerant = tolerant;
	if (row->spoil.at)
		run->srat->at[row->spoil.at] = row->spoil.value;
	for (uint32_t i = 0; i < run->fw.table_count; i++) {
		if (!memcmp(run->tables[i].signature, "SLIT", 4))
			run->tables[i].len -= row->slit_short;
		if (!memcmp(run->tables[i].signature, "SRAT", 4))
			run->tables[i].len -= row->srat_short;
	}
	machine_run(run);
}

static void test_mended(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct machine_boot run;
		size_t wants = 0;

		begin(&run, row, true);
		while (wants < NB_COUNT(row->want) && row->want[wants].kind != NB_EV_STAGE)
			wants++;
		record_keep(run.record, repairs, NB_COUNT(repairs));
		check_told(run.record, row->want, wants, row->claim);
		check(run.err == NB_OK && run.boot.numa.source == NB_NUMA_ACPI, row->claim);
		for (size_t i = 0; i < NB_COUNT(row->memory) && row->memory[i].at; i++)
			check(nb_node_of(&run.boot, row->memory[i].at) == row->memory[i].nid,
			      row->claim);
		if (row->distance)
			check(nb_numa_distance(&run.boot.numa, 0, 1) == row->distance, row->claim);
		machine_end(&run);
	}
}

/* By Linux's own policy none of it happens. */
static void test_linux(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct machine_boot run;
		bool has_nodes;

		begin(&run, row, false);
		has_nodes = run.boot.numa.source == NB_NUMA_ACPI;
		check(has_nodes == row->linux_has_nodes, row->claim);
		record_keep(run.record, repairs, NB_COUNT(repairs));
		check(!run.record->count, row->claim);
		machine_end(&run);
	}
}

/* --- machines of which nothing is sure ------------------------------------------------ */

/* What is told, in short: how often each kind, and all of it as one number. */
struct told {
	struct nb_sink sink; /* first: the library's way back here */
	uint32_t count[NB_EVENT_KINDS];
	uint64_t hash;
};

static void put(struct nb_sink *self, const struct nb_event *event)
{
	struct told *told = (struct told *)self;
	const uint8_t *at = (const uint8_t *)event;

	told->count[event->kind]++;
	for (size_t i = 0; i < sizeof(*event); i++)
		told->hash = (told->hash ^ at[i]) * 0x100000001b3;
}

static uint32_t repairs_of(const struct told *told)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < NB_COUNT(repairs); i++)
		sum += told->count[repairs[i]];
	return sum;
}

static void *boot_any(struct nb_boot *boot, const struct any_machine *machine, bool tolerant,
		      struct told *told, enum nb_err *err)
{
	static struct nb_kernel_config config;
	const struct nb_env env = { .rules = &nb_lines[NB_LINE_6_12],
				    .config = &config,
				    .sink = &told->sink };
	struct nb_limits limits;
	void *block;

	config = nb_configs[NB_LINE_6_12];
	config.tolerant = tolerant;
	*told = (struct told){ .sink.put = put };
	limits = nb_limits_for(&machine->fw, &config);
	block = aligned_alloc(16, nb_align_up(nb_boot_size(&limits), 16));
	check(block, "there is memory for a boot");
	*err = nb_boot_init(boot, block, nb_boot_size(&limits), &limits, &env, &machine->fw);
	if (!*err)
		*err = nb_boot(boot);
	return block;
}

/* What has to hold of a machine whose tables were mended. */
static void check_mended(const struct nb_boot *boot, const struct told *told)
{
	const struct nb_regions *memory = &boot->memblock.memory;

	check(!told->count[NB_EV_SRAT_REJECTED] && !told->count[NB_EV_UNCOVERED] &&
		      !told->count[NB_EV_NODES_OVERLAP] && !told->count[NB_EV_SLIT_INVALID],
	      "nothing is rejected");
	for (uint32_t i = 0; boot->numa.source == NB_NUMA_ACPI && i < memory->count; i++)
		check(nb_region_at(memory, i)->nid != NB_NO_NODE, "all RAM has a node");
}

static void test_any(void **state)
{
	enum { MACHINES = 600 };
	static struct any_machine machine;
	uint32_t mended = 0, won = 0;

	(void)state;
	for (uint64_t number = 1; number <= MACHINES; number++) {
		static struct nb_boot as_linux, tolerant;
		struct told told_linux, told;
		enum nb_err err_linux, err;
		void *blocks[2];

		any_machine(&machine, number);
		blocks[0] = boot_any(&as_linux, &machine, false, &told_linux, &err_linux);
		blocks[1] = boot_any(&tolerant, &machine, true, &told, &err);
		check(err == NB_OK || err == NB_ERR_DIES, "a limit is never too small");
		check(!repairs_of(&told_linux), "Linux mends nothing");
		if (!repairs_of(&told))
			check(err == err_linux && told.hash == told_linux.hash,
			      "where nothing is mended all is as in Linux");
		else if (!tolerant.numa.emulated && !tolerant.params.numa_noacpi && !err)
			check_mended(&tolerant, &told);
		mended += repairs_of(&told) != 0;
		won += !err && tolerant.numa.source == NB_NUMA_ACPI &&
		       (err_linux || as_linux.numa.source != NB_NUMA_ACPI);
		free(blocks[0]);
		free(blocks[1]);
	}
	check(mended > MACHINES / 10 && mended < MACHINES && won > MACHINES / 50,
	      "some are mended, some are not, and it is worth it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mended),
		cmocka_unit_test(test_linux),
		cmocka_unit_test(test_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
