/* SPDX-License-Identifier: MIT */
/* allocations: which lines of memblock=debug are of what is modelled. */
#include "check.h"

#include "../../hosts/cli/verbs/allocations.h"
#include "../../hosts/sources/text.h"

#include <numaboot/base.h>

#define ASK(function) "memblock_alloc_try_nid: 64 bytes align=0x40 nid=-1 from=0x0 " function
#define TAKE(function) "memblock_reserve: [0x1000-0x1fff] " function

/* Lines of one log, one after the other. */
static const struct row {
	const char *claim, *line;
	enum allocation want;
} rows[] = {
	{ "a line of something else", "Zone range", ALLOCATION_NONE },
	{ "memory of the map", "memblock_add: [0x0-0xfff] e820__memblock_setup+0x73/0xb0",
	  ALLOCATION_OURS },
	{ "a request changes nothing yet", ASK("setup_log_buf+0xd4/0x3a0"), ALLOCATION_OTHERS },
	{ "what was asked for", TAKE("memblock_alloc_range_nid+0xbd/0x180"), ALLOCATION_OURS },
	{ "what nobody asked for is NODE_DATA", TAKE("memblock_alloc_range_nid+0xbd/0x180"),
	  ALLOCATION_OURS },
	{ "its own name", TAKE("acpi_reserve_initial_tables+0x4a/0x70"), ALLOCATION_OURS },
	{ "a prediction names none", "memblock_reserve: [0x1000-0x1fff]", ALLOCATION_OURS },
	{ "a request that is not modelled", ASK("pcpu_fc_alloc+0x2f/0x60"), ALLOCATION_OTHERS },
	{ "and what it gets", TAKE("memblock_alloc_range_nid+0xbd/0x180"), ALLOCATION_OTHERS },
	{ "an array that is doubled for it", TAKE("memblock_double_array+0x2af/0x340"),
	  ALLOCATION_OTHERS },
	{ "a name that is not known", TAKE("someone_else+0x1/0x2"), ALLOCATION_OTHERS },
	{ "bootmem, in old kernels", TAKE("__alloc_memory_core_early+0x7e/0xa9"), ALLOCATION_OURS },
	{ "nothing is given back", "memblock_phys_free: [0x2000-0x1fff] sparse_init+0x1/0x2",
	  ALLOCATION_OTHERS },
	{ "a request of whom 7.3 does not say", ASK("__memblock_alloc_or_panic+0x24/0x50"),
	  ALLOCATION_OTHERS },
	{ "before sparse memory", TAKE("memblock_alloc_range_nid+0xe7/0x190"), ALLOCATION_OURS },
	{ "sparse memory", ASK("sparse_init_nid+0x2b/0x100"), ALLOCATION_OTHERS },
	{ "is modelled", TAKE("memblock_alloc_range_nid+0xe7/0x190"), ALLOCATION_OURS },
	{ "another such request", ASK("__memblock_alloc_or_panic+0x24/0x50"), ALLOCATION_OTHERS },
	{ "behind it", TAKE("memblock_alloc_range_nid+0xe7/0x190"), ALLOCATION_OTHERS },
	{ "the areas begin", "setup_percpu: NR_CPUS:256", ALLOCATION_NONE },
	{ "bootmem for them", TAKE("__alloc_memory_core_early+0x7e/0xa9"), ALLOCATION_OTHERS },
	{ "a request of the direct map", ASK("alloc_low_pages+0x96/0x150"), ALLOCATION_OTHERS },
	{ "and its page", TAKE("memblock_alloc_range_nid+0xbd/0x180"), ALLOCATION_OURS },
	{ "the end of low memory, 32 bits", "  low ram: 0 - 36ffe000", ALLOCATION_NONE },
	{ "a later use of the same function", ASK("alloc_low_pages+0x13f/0x150"),
	  ALLOCATION_OTHERS },
	{ "is not the direct map's", TAKE("memblock_alloc_range_nid+0xde/0x17b"),
	  ALLOCATION_OTHERS },
};

static void test_lines(void **state)
{
	struct allocations seen = { 0 };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++)
		check(allocation_of(&seen, text_of(rows[i].line)) == rows[i].want, rows[i].claim);
}

static void test_function(void **state)
{
	(void)state;
	check(text_is(without_function(text_of("memblock_add: [0x0-0x1] x+0x1/0x2")),
		      "memblock_add: [0x0-0x1]"),
	      "the function is left out");
	check(text_is(without_function(text_of("memblock_add: 1")), "memblock_add: 1"),
	      "a line without a range is left alone");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
