/* SPDX-License-Identifier: MIT */
/* A kernel without NUMA: what it makes of a machine that has nodes. */
#include "check.h"
#include "machine.h"

#include <numaboot/rules.h>

#define M NB_MIB
#define G NB_GIB

/* Two nodes by its tables, with more RAM than 32 bits have low memory for. */
static const struct machine two_nodes = {
	.map = { { 0, 0x9fc00, 1 }, { M, 2 * G - M, 1 } },
	.cmdline = "numa=fake=4",
	.facts = { .kernel = { 16 * M, 32 * M }, .kernel_end = 33 * M, .boot_apic_is_bsp = true },
	.cpus = 2,
	.srat = { ENTRY_CPU(0, 0), ENTRY_CPU(1, 1), ENTRY_RAM(0, 0, G), ENTRY_RAM(1, G, 2 * G) },
	.localities = 2,
	.slit = { 10, 30, 30, 10 },
};

static const struct nb_event *find(const struct machine_boot *run, enum nb_event_kind kind)
{
	for (size_t i = 0; i < run->record->count; i++)
		if (run->record->at[i].kind == kind)
			return &run->record->at[i];
	return NULL;
}

static void check_one_node(const struct machine_boot *run, const char *claim)
{
	const struct nb_numa *numa = &run->boot.numa;

	check(run->err == NB_OK, claim);
	check(numa->source == NB_NUMA_NONE && numa->nr_node_ids == 1, claim);
	check(nb_nodes_count(&numa->possible) == 1 && nb_nodes_has(&numa->online, 0), claim);
	check(numa->distance_count == 0 && nb_numa_distance(numa, 0, 0) == 10, claim);
	check(!find(run, NB_EV_PXM_NUMBERED) && !find(run, NB_EV_NODE_DATA) &&
		      !find(run, NB_EV_FAKE_NODE),
	      claim);
	check(nb_node_of(&run->boot, G + M) == 0, claim);
}

static void test_32_bits(void **state)
{
	const nb_phys low = 0x3effe000 - 128 * M;
	struct machine_boot run;
	const struct nb_event *flat;

	(void)state;
	machine_begin(&run, &two_nodes, NB_LINE_6_1_I386);
	machine_run(&run);
	check_one_node(&run, "all memory of 32 bits is node 0");
	flat = find(&run, NB_EV_LOW_AND_HIGH);
	check(flat && flat->flags && flat->got == low && flat->limit == 2 * G - low,
	      "it tells how much of it is low");
	check(flat->more[0] == low, "and that the direct map holds no more");
	machine_end(&run);
}

/* The other builds of 32 bits: with NUMA, and without high memory. */
static void test_builds(void **state)
{
	const nb_phys low = 0x3effe000 - 128 * M;
	struct machine_boot run;
	const struct nb_event *told;

	(void)state;
	machine_begin(&run, &two_nodes, NB_LINE_6_1_I386);
	run.config.no_numa = false;
	run.config.node_data_bytes = 0x2000;
	machine_run(&run);
	told = find(&run, NB_EV_LOW_AND_HIGH);
	check(!find(&run, NB_EV_FLAT_MEMORY) && told && told->got == low,
	      "with NUMA it is told too how much of memory is low");
	machine_end(&run);

	machine_begin(&run, &two_nodes, NB_LINE_6_1_I386);
	run.config.no_highmem = true;
	machine_run(&run);
	told = find(&run, NB_EV_LOW_AND_HIGH);
	check(told && !told->flags && told->got == low && told->limit == 0,
	      "without high memory what lies above low memory is not used");
	check(nb_pfn_phys(run.boot.e820.max_pfn) == low, "and RAM ends there");
	machine_end(&run);
}

static void test_64_bits(void **state)
{
	struct machine_boot run;

	(void)state;
	machine_begin(&run, &two_nodes, NB_LINE_6_12);
	run.config.no_numa = true;
	machine_run(&run);
	check_one_node(&run, "without NUMA 64 bits have one node too");
	check(find(&run, NB_EV_FLAT_MEMORY), "and it is told");
	check(!find(&run, NB_EV_LOW_AND_HIGH), "all of it is low memory, which is not told");
	machine_end(&run);
}

/* NUMA without what reads ACPI's tables: as a machine that has no SRAT. */
static void test_without_acpi(void **state)
{
	struct machine machine = two_nodes;

	(void)state;
	machine.cmdline = "";
	for (int without = 0; without < 2; without++) {
		struct machine_boot run;
		const struct nb_numa *numa = &run.boot.numa;

		machine_begin(&run, &machine, NB_LINE_6_12);
		run.config.no_acpi_numa = without;
		machine_run(&run);
		check(run.err == NB_OK && nb_nodes_count(&numa->online) == (without ? 1 : 2),
		      "a build that does not ask ACPI has one node");
		check(numa->source == (without ? NB_NUMA_DUMMY : NB_NUMA_ACPI), "it is made up");
		check(without == (find(&run, NB_EV_DUMMY) != NULL), "and told");
		check(without == (find(&run, NB_EV_SRAT_CPU) == NULL),
		      "of the SRAT nothing is told");
		machine_end(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_32_bits),
		cmocka_unit_test(test_builds),
		cmocka_unit_test(test_64_bits),
		cmocka_unit_test(test_without_acpi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
