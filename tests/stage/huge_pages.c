/* SPDX-License-Identifier: MIT */
/* The stage huge_pages: which pages of 1 GiB the words of a command line come to. */
#include "check.h"
#include "machine.h"

#define M NB_MIB
#define G NB_GIB

enum { MOST = 6 };

#define FACTS                                                                                      \
	{                                                                                          \
		.kernel = { 16 * M, 32 * M }, .kernel_end = 33 * M, .boot_apic_is_bsp = true,      \
		.gb_pages = true                                                                   \
	}
/* Nodes of 3 GiB; on each the topmost GiB holds what else is taken. */
#define MACHINE(words)                                                                             \
	{                                                                                          \
		.map = { { 0, 0x9fc00, 1 }, { M, 3 * G - M, 1 }, { 4 * G, 3 * G, 1 } },            \
		.facts = FACTS, .cpus = 1,                                                         \
		.srat = { ENTRY_CPU(0, 0), ENTRY_RAM(0, 0, 3 * G), ENTRY_RAM(1, 4 * G, 7 * G) },   \
		.cmdline = words                                                                   \
	}

static const struct row {
	const char *claim;
	enum nb_line line;
	struct machine machine;
	unsigned want[MOST];   /* where pages lie, in GiB */
	uint64_t asked, taken; /* what it was too short of; 0: nothing */
	int32_t nid;
} rows[] = {
	{ "none is asked for", NB_LINE_6_12, MACHINE("hugepages=4 hugepagesz=2M"), .want = { 0 } },
	{ "nodes in turn", NB_LINE_6_12, MACHINE("hugepagesz=1G hugepages=3"),
	  .want = { 1, 5, 4 } },
	{ "a full node lets others help", NB_LINE_6_12, MACHINE("hugepagesz=1G hugepages=4"),
	  .want = { 1, 5, 4 }, .asked = 4, .taken = 3 },
	{ "of a node", NB_LINE_6_12, MACHINE("hugepagesz=1G hugepages=1:2"), .want = { 5, 4 } },
	{ "of several, in the nodes' order", NB_LINE_6_12,
	  MACHINE("hugepagesz=1G hugepages=1:1,0:1"), .want = { 1, 5 } },
	{ "a full node lets others help there, too", NB_LINE_6_12,
	  MACHINE("hugepagesz=1G hugepages=0:2"), .want = { 1, 5 } },
	{ "but not in 7.3", NB_LINE_7_3, MACHINE("hugepagesz=1G hugepages=0:2"), .want = { 1 },
	  .asked = 2, .taken = 1 },
	{ "5.10 takes what stands before the colon for a number of pages", NB_LINE_5_10,
	  MACHINE("hugepagesz=1G hugepages=1:2"), .want = { 1 } },
	{ "a node that is not there spoils the list", NB_LINE_6_12,
	  MACHINE("hugepagesz=1G hugepages=0:1,2:1"), .want = { 0 } },
	{ "so does what is no list", NB_LINE_6_12, MACHINE("hugepagesz=1G hugepages=0:1,1"),
	  .want = { 0 } },
	{ "the size may come later", NB_LINE_6_12, MACHINE("hugepages=2 default_hugepagesz=1G"),
	  .want = { 1, 5 } },
	{ "or before", NB_LINE_6_12, MACHINE("default_hugepagesz=1G hugepages=1"), .want = { 1 } },
	{ "in 4.9 neither is known in time", NB_LINE_4_9,
	  MACHINE("hugepages=2 default_hugepagesz=1G hugepages=1"), .want = { 0 } },
	{ "a number of another size is not of this", NB_LINE_6_12,
	  MACHINE("hugepagesz=1G hugepagesz=2M hugepages=2"), .want = { 0 } },
	{ "each size has its number", NB_LINE_6_12,
	  MACHINE("hugepagesz=2M hugepages=64 hugepagesz=1G hugepages=1"), .want = { 1 } },
	{ "the first number of a size counts", NB_LINE_6_12,
	  MACHINE("hugepagesz=1G hugepages=1 hugepages=3"), .want = { 1 } },
	{ "a size that is named twice spoils the next number", NB_LINE_6_12,
	  MACHINE("hugepagesz=1G hugepagesz=1G hugepages=1"), .want = { 0 } },
	{ "not in 4.9", NB_LINE_4_9, MACHINE("hugepagesz=1G hugepagesz=1G hugepages=1"),
	  .want = { 1 } },
	{ "unless it is the default size", NB_LINE_6_12,
	  MACHINE("default_hugepagesz=1G hugepagesz=1G hugepages=1"), .want = { 1 } },
	{ "a size that is none spoils the next number, and only that", NB_LINE_6_12,
	  MACHINE("hugepagesz=1G hugepagesz=3M hugepages=1 hugepages=2"), .want = { 1, 5 } },
};

static void check_row(const struct row *row, const struct record *record)
{
	uint32_t at = 0;
	bool is_short = false;

	for (size_t i = 0; i < record->count; i++) {
		const struct nb_event *event = &record->at[i];

		if (event->kind == NB_EV_HUGE_PAGES_SHORT) {
			is_short = true;
			check(event->got == row->asked && event->limit == row->taken &&
				      event->nid == row->nid,
			      row->claim);
		}
		if (event->kind != NB_EV_RESERVED || event->id != NB_RESERVED_HUGE_PAGE)
			continue;
		check(at < MOST && event->range.start == row->want[at] * G &&
			      nb_range_size(event->range) == G,
		      row->claim);
		at++;
	}
	check(at == MOST || !row->want[at], row->claim);
	check(is_short == (row->asked != 0), row->claim);
}

/* Each page that is taken is of the zone that it begins in. */
static void check_counted(const struct row *row, const struct nb_boot *b)
{
	for (uint32_t i = 0; i < b->managed.nodes * NB_ZONES; i++) {
		uint64_t pages = 0;

		for (uint32_t at = 0; at < MOST && row->want[at]; at++)
			if (nb_node_of(b, row->want[at] * G) == (int32_t)(i / NB_ZONES) &&
			    nb_zone_of(b, row->want[at] * G) == (enum nb_zone_id)(i % NB_ZONES))
				pages += G / NB_PAGE_SIZE;
		check(b->managed.zone[i].huge_pages == pages, row->claim);
	}
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct machine_boot run;

		machine_begin(&run, &row->machine, row->line);
		machine_run(&run);
		check(run.err == NB_OK, row->claim);
		check_row(row, run.record);
		check_counted(row, &run.boot);
		machine_end(&run);
	}
}

/* A processor without such pages has none taken. */
static void test_no_pages(void **state)
{
	struct machine machine = MACHINE("hugepagesz=1G hugepages=3");
	const struct row none = { .claim = "the processor has no pages of 1 GiB" };
	struct machine_boot run;

	(void)state;
	machine.facts.gb_pages = false;
	machine_begin(&run, &machine, NB_LINE_6_12);
	machine_run(&run);
	check(run.err == NB_OK, none.claim);
	check_row(&none, run.record);
	machine_end(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
