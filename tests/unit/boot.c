/* SPDX-License-Identifier: MIT */
/*
 * boot: how much memory a boot takes, whole boots of small machines, what an OS
 * looks up afterwards.
 */
#include "check.h"
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define M NB_MIB
#define G NB_GIB

static const struct machine two_nodes = {
	.map = { { 0, 0x9fc00, 1 }, { M, 3 * G - M, 1 }, { 3 * G, G, 2 }, { 4 * G, 2 * G, 1 } },
	.cmdline = "mminit_loglevel=4",
	.srat = { ENTRY_CPU(0, 0), ENTRY_CPU(1, 1), ENTRY_RAM(0, 0, 3 * G),
		  ENTRY_RAM(1, 4 * G, 6 * G) },
	.localities = 2,
	.slit = { 10, 20, 20, 10 },
	.cpus = 2,
	.facts = { .kernel = { 16 * M, 32 * M },
		   .kernel_end = 33 * M,
		   .boot_apic_is_bsp = true,
		   .bios_low_kib = 639 },
};

static void test_sizes(void **state)
{
	static const struct {
		const char *claim;
		struct nb_limits limits;
		bool fine;
	} rows[] = {
		{ "the least", { 1, 1, 1, 16 }, true },
		{ "the most", { NB_MAX_NODES, NB_MAX_CPUS, NB_MAX_APIC_IDS, 1 << 20 }, true },
		{ "no nodes", { 0, 1, 1, 16 }, false },
		{ "no CPUs", { 1, 0, 1, 16 }, false },
		{ "no APIC IDs", { 1, 1, 0, 16 }, false },
		{ "too few ranges", { 1, 1, 1, 15 }, false },
		{ "too many nodes", { NB_MAX_NODES + 1, 1, 1, 16 }, false },
		{ "too many CPUs", { 1, NB_MAX_CPUS + 1, 1, 16 }, false },
		{ "too many APIC IDs", { 1, 1, NB_MAX_APIC_IDS + 1, 16 }, false },
		{ "too many ranges", { 1, 1, 1, (1 << 20) + 1 }, false },
	};
	static _Alignas(16) uint8_t little[16];
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12], NULL };
	const struct nb_firmware fw = { 0 };
	struct nb_boot boot;

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		const struct nb_limits *limits = &rows[i].limits;

		check((nb_boot_size(limits) != 0) == rows[i].fine, rows[i].claim);
		check(nb_boot_init(&boot, little, sizeof(little), limits, &env, &fw) ==
			      (rows[i].fine ? NB_ERR_MEMORY : NB_ERR_LIMITS),
		      rows[i].claim);
	}
}

static void test_one_byte(void **state)
{
	const struct nb_limits limits = { 3, 65, 33, 17 }; /* nothing a round number */
	const struct nb_env env = { &nb_lines[NB_LINE_6_12], &nb_configs[NB_LINE_6_12], NULL };
	const struct nb_firmware fw = { 0 };
	size_t size = nb_boot_size(&limits);
	uint8_t *block = aligned_alloc(16, size);
	struct nb_boot boot;

	(void)state;
	check(nb_boot_init(&boot, block, size - 1, &limits, &env, &fw) == NB_ERR_MEMORY,
	      "a byte too few is too few");
	check(nb_boot_init(&boot, NULL, size, &limits, &env, &fw) == NB_ERR_MEMORY,
	      "no block is no block");
	memset(block, 0xee, size);
	check(nb_boot_init(&boot, block, size, &limits, &env, &fw) == NB_OK, "exactly is enough");
	for (size_t i = 0; i < size; i++)
		check(block[i] == 0, "all of it is cleared");
	check(boot.next == NB_PARAMS && boot.limits.cpus == 65, "the boot stands at its start");
	free(block);
}

static void test_twice(void **state)
{
	struct machine_boot first, again;

	(void)state;
	machine_begin(&first, &two_nodes, NB_LINE_6_12);
	machine_begin(&again, &two_nodes, NB_LINE_6_12);
	machine_run(&first);
	check(first.err == NB_OK && first.boot.next == NB_READY, "a machine boots");
	machine_run(&again);

	/* Over what the first run left in the block. */
	const struct nb_env env = { &again.rules, &again.config, &again.record->sink };

	record_start(again.record);
	check(nb_boot_init(&again.boot, again.block, nb_boot_size(&again.limits), &again.limits,
			   &env, &again.fw) == NB_OK,
	      "a block can be used once more");
	while (again.boot.next != NB_READY)
		check(nb_boot_step(&again.boot) == NB_OK, "a boot goes on step by step");
	check_told(again.record, first.record->at, first.record->count,
		   "the same machine tells the same story, at once or by steps");
	check(nb_boot(&again.boot) == NB_OK && again.record->count == first.record->count,
	      "what is ready stays ready");
	machine_end(&first);
	machine_end(&again);
}

static void test_stages(void **state)
{
	static const struct {
		enum nb_line line;
		enum nb_stage order[NB_READY];
	} rows[] = {
		{ NB_LINE_6_1,
		  { NB_PARAMS,    NB_E820,    NB_MEMBLOCK,    NB_MAPPING,    NB_EARLY,
		    NB_NUMA,      NB_CRASH,   NB_ZONES_STAGE, NB_CPUS,       NB_LATE_NODES,
		    NB_RESOURCES, NB_PERCPU,  NB_ZONELISTS,   NB_HUGE_PAGES, NB_HASHES_STAGE,
		    NB_BOUNCE,    NB_MANAGED, NB_SMP,         NB_WATERMARKS, NB_ACCESS } },
		{ NB_LINE_6_12,
		  { NB_PARAMS,    NB_E820,    NB_MEMBLOCK,    NB_MAPPING,      NB_EARLY,
		    NB_NUMA,      NB_CRASH,   NB_ZONES_STAGE, NB_CPUS,         NB_LATE_NODES,
		    NB_RESOURCES, NB_PERCPU,  NB_HUGE_PAGES,  NB_HASHES_STAGE, NB_ZONELISTS,
		    NB_BOUNCE,    NB_MANAGED, NB_SMP,         NB_WATERMARKS,   NB_ACCESS } },
		{ NB_LINE_7_3,
		  { NB_PARAMS,     NB_E820,    NB_MEMBLOCK,   NB_MAPPING,      NB_EARLY,
		    NB_NUMA,       NB_CRASH,   NB_CPUS,       NB_RESOURCES,    NB_ZONES_STAGE,
		    NB_LATE_NODES, NB_PERCPU,  NB_HUGE_PAGES, NB_HASHES_STAGE, NB_BOUNCE,
		    NB_ZONELISTS,  NB_MANAGED, NB_SMP,        NB_WATERMARKS,   NB_ACCESS } },
	};
	static const enum nb_event_kind kinds[] = { NB_EV_STAGE };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		struct machine_boot run;

		machine_begin(&run, &two_nodes, rows[i].line);
		machine_run(&run);
		record_keep(run.record, kinds, 1);
		check(run.record->count == NB_READY, "each stage runs once");
		for (size_t k = 0; k < NB_READY; k++)
			check(run.record->at[k].id == rows[i].order[k], "in the line's order");
		machine_end(&run);
	}
}

/* A stage that fails leaves the results of those before it. */
static void test_death(void **state)
{
	struct machine dead = two_nodes;
	struct machine_boot run;

	(void)state;
	dead.srat[3] = (struct machine_entry)ENTRY_RAM(1, 4 * G, 6 * G - 0x10000);
	machine_begin(&run, &dead, NB_LINE_6_12);
	machine_run(&run);
	check(run.err == NB_ERR_DIES, "RAM without a node kills the kernel");
	check(run.boot.next == NB_ZONES_STAGE, "when it makes zones");
	check(run.record->at[run.record->count - 1].kind == NB_EV_DIES,
	      "which is the last thing told");
	check(nb_nodes_count(&run.boot.numa.online) == 2, "its nodes are known all the same");
	check(nb_boot(&run.boot) == NB_ERR_DIES, "it does not get over it");
	machine_end(&run);
}

/* A rejected SRAT leaves a generic initiator, and so a node that is online but not
 * possible: newer lines make no data for it, older ones no set of its CPUs. */
static void test_not_made(void **state)
{
	static const struct {
		const char *claim, *cmdline;
		enum nb_line line;
		enum nb_stage stage;
		enum nb_event_kind before; /* the last but one that is told */
		enum nb_why why;
	} rows[] = {
		{ "6.12 dies when its lists are built", "", NB_LINE_6_12, NB_ZONELISTS,
		  NB_EV_POLICY_ZONE, NB_WHY_DIES_NODE_NOT_MADE },
		{ "or while it shows them", "mminit_loglevel=4", NB_LINE_6_12, NB_ZONELISTS,
		  NB_EV_ZONELIST_END, NB_WHY_DIES_NODE_NOT_MADE },
		{ "6.1 does the same", "mminit_loglevel=1", NB_LINE_6_1, NB_ZONELISTS,
		  NB_EV_ZONELIST_END, NB_WHY_DIES_NODE_NOT_MADE },
		{ "5.10 makes it, and dies before it starts a CPU", "mminit_loglevel=4",
		  NB_LINE_5_10, NB_SMP, NB_EV_HASH, NB_WHY_DIES_NO_NODE_MASK },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		struct machine machine = two_nodes;
		struct machine_boot run;

		machine.srat[2] = (struct machine_entry)ENTRY_GI(5);
		machine.srat[3] = (struct machine_entry)ENTRY_RAM(1, 4 * G, 5 * G);
		machine.cmdline = rows[i].cmdline;
		machine_begin(&run, &machine, rows[i].line);
		machine_run(&run);
		check(run.boot.numa.source == NB_NUMA_DUMMY &&
			      !nb_nodes_has(&run.boot.numa.possible, 2),
		      "the table is rejected");
		check(nb_nodes_has(&run.boot.cpus.online, 2), "its initiator's node is online");
		check(run.err == NB_ERR_DIES && run.boot.next == rows[i].stage, rows[i].claim);
		check(run.record->at[run.record->count - 1].why == rows[i].why &&
			      run.record->at[run.record->count - 2].kind == rows[i].before,
		      "and says why");
		check(nb_nodes_has(&run.boot.zones.built, 2) == (rows[i].line == NB_LINE_5_10),
		      "it has zones where it is made");
		machine_end(&run);
	}
}

static void test_looks(void **state)
{
	static const struct {
		const char *claim;
		nb_phys address;
		bool ram;
		int32_t nid;
		enum nb_zone_id zone;
	} looks[] = {
		{ "page 0 is no RAM", 0, false, NB_NO_NODE, NB_ZONES },
		{ "the first page of RAM", 0x1000, true, 0, NB_ZONE_DMA },
		{ "the last whole page of low RAM", 0x9efff, true, 0, NB_ZONE_DMA },
		{ "a part of a page is none", 0x9f800, false, NB_NO_NODE, NB_ZONES },
		{ "the BIOS area is none", 0xa0000, false, NB_NO_NODE, NB_ZONES },
		{ "the last byte of DMA", 16 * M - 1, true, 0, NB_ZONE_DMA },
		{ "the first of DMA32", 16 * M, true, 0, NB_ZONE_DMA32 },
		{ "the last byte of node 0", 3 * G - 1, true, 0, NB_ZONE_DMA32 },
		{ "the hole", 3 * G, false, NB_NO_NODE, NB_ZONES },
		{ "the first byte of node 1", 4 * G, true, 1, NB_ZONE_NORMAL },
		{ "its last", 6 * G - 1, true, 1, NB_ZONE_NORMAL },
		{ "the end", 6 * G, false, NB_NO_NODE, NB_ZONES },
		{ "the end of all addresses", UINT64_MAX, false, NB_NO_NODE, NB_ZONES },
	};
	struct machine_boot run;

	(void)state;
	machine_begin(&run, &two_nodes, NB_LINE_6_12);
	machine_run(&run);
	for (size_t i = 0; i < NB_COUNT(looks); i++) {
		check(nb_is_ram(&run.boot, looks[i].address) == looks[i].ram, looks[i].claim);
		check(nb_node_of(&run.boot, looks[i].address) == looks[i].nid, looks[i].claim);
		check(nb_node_of_pfn(&run.boot, looks[i].address >> 12) == looks[i].nid,
		      looks[i].claim);
		check(nb_zone_of(&run.boot, looks[i].address) == looks[i].zone, looks[i].claim);
	}
	check(nb_node_of_pfn(&run.boot, (nb_pfn)1 << 52) == NB_NO_NODE,
	      "a page beyond all is none");
	machine_end(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),    cmocka_unit_test(test_one_byte),
		cmocka_unit_test(test_twice),    cmocka_unit_test(test_stages),
		cmocka_unit_test(test_death),    cmocka_unit_test(test_looks),
		cmocka_unit_test(test_not_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
