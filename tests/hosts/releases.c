/* SPDX-License-Identifier: MIT */
/* releases: what a release is known to have of its own, and what it is not. */
#include "check.h"

#include "../../hosts/cli/verbs/releases.h"
#include "../../hosts/sources/kernel.h"
#include "../../hosts/sources/pool.h"
#include "../../hosts/sources/text.h"

#include <stdlib.h>

void pool_exhausted(void)
{
	abort();
}

static const struct row {
	const char *claim, *release, *line;
	bool own;
} rows[] = {
	{ "2.6 takes 64 KiB out of the map", "2.6.32-431.el6.x86_64",
	  "e820: update [mem 0x0-0xffff] usable ==> reserved", true },
	{ "but no more", "2.6.32-431.el6.x86_64",
	  "e820: update [mem 0x0-0x1ffff] usable ==> reserved", false },
	{ "3.10 does not", "3.10.0-957.el7.x86_64",
	  "e820: update [mem 0x0-0xffff] usable ==> reserved", false },
	{ "2.6 tells of the direct map in its words", "2.6.32-431.el6.x86_64",
	  "init_memory_mapping: [mem 0x00000000-0x000fffff]", true },
	{ "3.9 in those of 3.14", "3.9.0", "init_memory_mapping: [mem 0x00000000-0x000fffff]",
	  false },
	{ "3.12 tells of CPUs in its words", "3.12.5", ".... node  #0, CPUs:      #1", true },
	{ "3.13 in those of 3.14", "3.13.0-39", ".... node  #0, CPUs:      #1", false },
	{ "2.6 gives high memory its descriptors", "2.6.35-6-generic",
	  "  HighMem zone: 1296 pages used for memmap", true },
	{ "but no other zone", "2.6.35-6-generic", "  Normal zone: 1296 pages used for memmap",
	  false },
	{ "Red Hat's 4.18 knows crashkernel=auto", "4.18.0-147.el8.x86_64",
	  "crashkernel: memory value expected", true },
	{ "5.10 does not", "5.10.0", "crashkernel: memory value expected", false },
	{ "6.9 refuses CPUs", "6.9.0-rc5", "CPU topo: Rejected CPUs 8", true },
	{ "6.16 does not", "6.16.0", "CPU topo: Rejected CPUs 8", false },
	{ "of a modelled line nothing is known but what is modelled", "6.1.0",
	  "Fallback order for Node 0: 0", false },
	{ "of no release nothing is known", "", "CPU topo: Rejected CPUs 8", false },
};

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++)
		check(release_has_own(text_of(row->release), text_of(row->line)) == row->own,
		      row->claim);
}

/* Each row names releases in their order, and lines. */
static void test_table(void **state)
{
	(void)state;
	for (unsigned i = 0; i < release_row_count; i++) {
		const struct release_row *row = &release_rows[i];
		struct release first, last;

		check(release_read(text_of(row->first), &first) &&
			      release_read(text_of(row->last), &last) && first.order <= last.order,
		      row->says);
		check(row->patterns[0] != NULL, row->says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
