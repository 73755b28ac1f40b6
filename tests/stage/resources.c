/* SPDX-License-Identifier: MIT */
/* The stage resources: how many notes small machines need, and of which size. */
#include "check.h"
#include "machine.h"

#define M NB_MIB
#define G NB_GIB

enum { MOST = 16, IOAPIC = 1 };

#define FACTS                                                                                      \
	{                                                                                          \
		.kernel = { 16 * M, 32 * M }, .kernel_end = 33 * M, .boot_apic_is_bsp = true       \
	}

/* Page 0 becomes the firmware's, so that each map has an entry more. */
static const struct row {
	const char *claim;
	enum nb_line line;
	struct machine machine;
	nb_phys want[MOST];
} rows[] = {
	{ "two pieces of RAM: an array of three, two of the firmware's, page 0, low memory's end",
	  NB_LINE_6_12,
	  { .map = { { 0, 0x9fc00, 1 }, { M, G - M, 1 } }, .facts = FACTS, .cpus = 1 },
	  { 3 * 64, 104, 104, 32, 32 } },
	{ "two I/O APICs have one array",
	  NB_LINE_6_12,
	  { .map = { { 0, 0x9fc00, 1 }, { M, G - M, 1 } },
	    .facts = FACTS,
	    .cpus = 1,
	    .madt = { { ENTRY_RAW, IOAPIC, 12, 0, 12 }, { ENTRY_RAW, IOAPIC, 12, 0, 12 } } },
	  { 2 * 75, 3 * 64, 104, 104, 32, 32 } },
	{ "4.4 has shorter notes, and was built without hibernation",
	  NB_LINE_4_4,
	  { .map = { { 0, 0x9fc00, 1 }, { M, G - M, 1 } }, .facts = FACTS, .cpus = 1 },
	  { 3 * 56, 104, 104 } },
	{ "holes that touch are one",
	  NB_LINE_5_10,
	  { .map = { { 0, 0x9fc00, 1 },
		     { M, G - M, 1 },
		     { G, M, 2 },
		     { G + M, M, 3 },
		     { G + 2 * M, M, 1 } },
	    .facts = FACTS,
	    .cpus = 1 },
	  { 6 * 64, 104, 104, 104, 104, 104, 32, 32, 32 } },
};

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct machine_boot run;
		uint32_t at = 0;

		machine_begin(&run, &row->machine, row->line);
		machine_run(&run);
		check(run.err == NB_OK, row->claim);
		for (size_t i = 0; i < run.record->count; i++) {
			const struct nb_event *event = &run.record->at[i];

			if (event->kind != NB_EV_RESERVED || event->id != NB_RESERVED_RESOURCES)
				continue;
			check(at < MOST && nb_range_size(event->range) == row->want[at],
			      row->claim);
			at++;
		}
		check(at == MOST || !row->want[at], row->claim);
		machine_end(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
