/* SPDX-License-Identifier: MIT */
/* memblock_lines: the same line in the words of each kernel; and no other line. */
#include "check.h"

#include "../../hosts/sources/memblock_lines.h"

#include <stdlib.h>
#include <string.h>

void pool_exhausted(void)
{
	abort();
}

enum { NONE = NB_NO_NODE };

static const struct row {
	const char *claim, *text;
	struct memblock_line want;
	const char *caller;
} rows[] = {
	{ "3.14: a reservation",
	  "memblock_reserve: [0x0000000152f000-0x00000001535fff] flags 0x0 setup_arch+0x5ad/0xc2a",
	  { .kind = LINE_RESERVE, .range = { 0x152f000, 0x1536000 }, .nid = NONE },
	  "setup_arch" },
	{ "6.12: a reservation",
	  "memblock_reserve: [0x000000000f83f000-0x000000000f83ffff] pcpu_fc_alloc+0xfe/0x170",
	  { .kind = LINE_RESERVE, .range = { 0xf83f000, 0xf840000 }, .nid = NONE },
	  "pcpu_fc_alloc" },
	{ "7.3: a reservation has a node and flags",
	  "__memblock_reserve: [0x000000000f800000-0x000000000f9fffff] nid=2 flags=a0 f+0xe7/0x190",
	  { .kind = LINE_RESERVE,
	    .range = { 0xf800000, 0xfa00000 },
	    .has_mark = true,
	    .nid = 2,
	    .flags = 0xa0 },
	  "f" },
	{ "7.3: a reservation without a node",
	  "__memblock_reserve: [0x1000-0x1fff] nid=-1 flags=20 f+0xe7/0x190",
	  { .kind = LINE_RESERVE,
	    .range = { 0x1000, 0x2000 },
	    .has_mark = true,
	    .nid = NONE,
	    .flags = 0x20 },
	  "f" },
	{ "3.14: a request",
	  "memblock_virt_alloc_try_nid: 4194304 bytes align=0x0 nid=-1 from=0x0 max_addr=0x0 "
	  "sparse_init+0x1b/0x133",
	  { .kind = LINE_REQUEST,
	    .nid = NONE,
	    .request = { .size = 4194304, .align = 64, .nid = NONE, .gives_up_min = true } },
	  "sparse_init" },
	{ "4.9: a request that may fail",
	  "memblock_virt_alloc_try_nid_nopanic: 64 bytes align=0x40 nid=1 from=0x8000000 "
	  "max_addr=0x10000000 g+0x81/0x1df",
	  { .kind = LINE_REQUEST,
	    .nid = NONE,
	    .request = { .size = 64,
			 .align = 64,
			 .min = 0x8000000,
			 .max = 0x10000000,
			 .nid = 1,
			 .gives_up_min = true } },
	  "g" },
	{ "6.1: a request for one node alone",
	  "memblock_alloc_exact_nid_raw: 10485760 bytes align=0x200000 nid=1 "
	  "from=0x0000000001000000 max_addr=0x0000000000000000 sparse_init_nid+0x122/0x31a",
	  { .kind = LINE_REQUEST,
	    .nid = NONE,
	    .request = { .size = 10485760,
			 .align = 0x200000,
			 .min = 0x1000000,
			 .nid = 1,
			 .exact_nid = true,
			 .gives_up_min = true } },
	  "sparse_init_nid" },
	{ "6.1: a request for a physical range keeps its ends",
	  "memblock_phys_alloc_range: 24576 bytes align=0x1000 from=0x0000000000001000 "
	  "max_addr=0x0000000000100000 reserve_real_mode+0x62/0x85",
	  { .kind = LINE_REQUEST,
	    .nid = NONE,
	    .request = { .size = 24576,
			 .align = 0x1000,
			 .min = 0x1000,
			 .max = 0x100000,
			 .nid = NONE } },
	  "reserve_real_mode" },
	{ "7.3: an end of 1 is no end",
	  "memblock_alloc_try_nid_raw: 4096 bytes align=0x1000 nid=0 from=0x0000000001000000 "
	  "max_addr=0x0000000000000001 vmemmap_populate+0x11/0x50",
	  { .kind = LINE_REQUEST,
	    .nid = NONE,
	    .request = { .size = 4096,
			 .align = 4096,
			 .min = 0x1000000,
			 .nid = 0,
			 .gives_up_min = true } },
	  "vmemmap_populate" },
	{ "7.3: a huge page is aligned to its size",
	  "memblock_alloc_hugetlb: 1073741824 bytes, nid=1, exact_nid=1 h+0x11/0x50",
	  { .kind = LINE_REQUEST,
	    .nid = NONE,
	    .request = { .size = 1 << 30, .align = 1 << 30, .nid = 1, .exact_nid = true } },
	  "h" },
	{ "3.14: what is freed, with blanks before it",
	  "   memblock_free: [0x0000000f816000-0x0000000f8fffff] pcpu_embed_first_chunk+0x15e/0x284",
	  { .kind = LINE_FREE, .range = { 0xf816000, 0xf900000 }, .nid = NONE },
	  "pcpu_embed_first_chunk" },
	{ "nothing is freed",
	  "__memblock_free_early: [0x0000003fe00000-0x0000003fdfffff] s+0xfc/0x11e",
	  { .kind = LINE_FREE, .range = { 0x3fe00000, 0x3fe00000 }, .nid = NONE },
	  "s" },
	{ "6.1: what is freed",
	  "memblock_phys_free: [0x1000-0x1fff] s+0xfc/0x11e",
	  { .kind = LINE_FREE, .range = { 0x1000, 0x2000 }, .nid = NONE },
	  "s" },
	{ "4.9: what is freed late",
	  "__memblock_free_late: [0x1000-0x1fff] s+0xfc/0x11e",
	  { .kind = LINE_FREE_LATE, .range = { 0x1000, 0x2000 }, .nid = NONE },
	  "s" },
	{ "6.1: what is freed late",
	  "memblock_free_late: [0x1000-0x1fff] s+0xfc/0x11e",
	  { .kind = LINE_FREE_LATE, .range = { 0x1000, 0x2000 }, .nid = NONE },
	  "s" },
	{ "4.4: memory is added",
	  "memblock_add: [0x00000000001000-0x0000000009efff] flags 0x0 e820__setup+0x1/0x2",
	  { .kind = LINE_ADD, .range = { 0x1000, 0x9f000 }, .nid = NONE },
	  "e820__setup" },
	{ "memory is removed, up to the end",
	  "memblock_remove: [0x0000000040000000-0xffffffffffffffff] m+0x1/0x2",
	  { .kind = LINE_REMOVE, .range = { 0x40000000, UINT64_MAX }, .nid = NONE },
	  "m" },
	{ "an array is doubled",
	  "memblock: reserved is doubled to 512 at [0x000000007ff9c000-0x000000007ff9efff]",
	  { .kind = LINE_DOUBLED,
	    .of_reserved = true,
	    .size = 512,
	    .range = { 0x7ff9c000, 0x7ff9f000 },
	    .nid = NONE },
	  "" },
	{ "a dump begins", "MEMBLOCK configuration:", { .kind = LINE_DUMP, .nid = NONE }, "" },
	{ "a dump's sizes",
	  " memory size = 0x4ff7ec00 reserved size = 0x77c000",
	  { .kind = LINE_DUMP_SIZES, .size = 0x4ff7ec00, .other = 0x77c000, .nid = NONE },
	  "" },
	{ "a dump's count",
	  " reserved.cnt  = 0x3",
	  { .kind = LINE_DUMP_COUNT, .of_reserved = true, .size = 3, .nid = NONE },
	  "" },
	{ "a dump's region",
	  " memory[0x2]\t[0x0000002aa00000-0x000000553fffff], 0x2aa00000 bytes on node 1 flags: 0x1",
	  { .kind = LINE_DUMP_REGION, .range = { 0x2aa00000, 0x55400000 }, .nid = 1, .flags = 1 },
	  "" },
	{ "a dump's region without a node",
	  " reserved[0x0]\t[0x0000000009f000-0x000000000fffff], 0x61000 bytes flags: 0x0",
	  { .kind = LINE_DUMP_REGION,
	    .of_reserved = true,
	    .range = { 0x9f000, 0x100000 },
	    .nid = NONE },
	  "" },
	{ "a node's data",
	  "NODE_DATA(12) allocated [mem 0x0ffd5680-0x0fffffff]",
	  { .kind = LINE_NODE_DATA, .range = { 0xffd5680, 0x10000000 }, .nid = 12 },
	  "" },
	{ "3.14: a node's data",
	  "  NODE_DATA [mem 0x0ffd9000-0x0fffffff]",
	  { .kind = LINE_NODE_DATA, .range = { 0xffd9000, 0x10000000 }, .nid = NONE },
	  "" },
	{ "messages are lost",
	  "** 12 printk messages dropped **",
	  { .kind = LINE_LOST, .nid = NONE },
	  "" },

	/* Not whole. */
	{ "a range without its end",
	  "memblock_reserve: [0x0000000152f000-0x000000",
	  { .kind = LINE_DAMAGED, .nid = NONE },
	  NULL },
	{ "a range that ends before it starts",
	  "memblock_reserve: [0x0000000152f000-0x00000000000fff] f+0x1/0x2",
	  { .kind = LINE_DAMAGED, .nid = NONE },
	  NULL },
	{ "a request without its function",
	  "memblock_alloc_try_nid: 64 bytes align=0x40 nid=1 from=0x0 max_addr=0x0",
	  { .kind = LINE_DAMAGED, .nid = NONE },
	  NULL },
	{ "an alignment that is none",
	  "memblock_alloc_try_nid: 64 bytes align=0x30 nid=1 from=0x0 max_addr=0x0 f+0x1/0x2",
	  { .kind = LINE_DAMAGED, .nid = NONE },
	  NULL },
	{ "a region that is not as large as it says",
	  " reserved[0x0]\t[0x0000000009f000-0x000000000fffff], 0x62000 bytes flags: 0x0",
	  { .kind = LINE_DAMAGED, .nid = NONE },
	  NULL },
	{ "an array that is doubled to less than it was",
	  "memblock: reserved is doubled to 3 at [0x1000-0x1fff]",
	  { .kind = LINE_DAMAGED, .nid = NONE },
	  NULL },

	/* Of something else. */
	{ "the command line",
	  "Command line: memblock=debug",
	  { .kind = LINE_OTHER, .nid = NONE },
	  "" },
	{ "a warning", "memory offline: no", { .kind = LINE_OTHER, .nid = NONE }, "" },
	{ "another warning of memblock",
	  "memblock: bottom-up allocation failed, memory hotremove may be affected",
	  { .kind = LINE_OTHER, .nid = NONE },
	  "" },
	{ "where a node's data came to lie",
	  "NODE_DATA(1) on node 0",
	  { .kind = LINE_OTHER, .nid = 1 },
	  "" },
	{ "nothing", "", { .kind = LINE_OTHER, .nid = NONE }, "" },
};

static bool same_request(const struct nb_request *a, const struct nb_request *b)
{
	return a->size == b->size && a->align == b->align && a->min == b->min && a->max == b->max &&
	       a->nid == b->nid && a->exact_nid == b->exact_nid && a->flags == b->flags &&
	       a->gives_up_min == b->gives_up_min;
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		const struct memblock_line *want = &row->want;
		struct memblock_line got;

		memblock_line_read(&got, text_of(row->text));
		check(got.kind == want->kind, row->claim);
		if (got.kind == LINE_DAMAGED || got.kind == LINE_OTHER)
			continue;
		check(got.range.start == want->range.start && got.range.end == want->range.end,
		      row->claim);
		check(got.size == want->size && got.other == want->other, row->claim);
		check(got.of_reserved == want->of_reserved && got.has_mark == want->has_mark,
		      row->claim);
		check(got.nid == want->nid && got.flags == want->flags, row->claim);
		check(text_is(got.caller, row->caller), row->claim);
		if (got.kind == LINE_REQUEST)
			check(same_request(&got.request, &want->request), row->claim);
	}
}

/* A line that was cut off says less, or is not whole, or is of something else: it
 * never names another range than the whole one. */
static void test_truncated(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct memblock_line whole, cut;

		memblock_line_read(&whole, text_of(row->text));
		for (size_t len = 0; len < strlen(row->text); len++) {
			char *copy = (char *)malloc(len + 1); /* so that reading on is seen */

			memcpy(copy, row->text, len);
			memblock_line_read(&cut, (struct nb_text){ copy, len });
			if (cut.kind != LINE_OTHER && cut.kind != LINE_DAMAGED)
				check(cut.kind == whole.kind &&
					      cut.range.start == whole.range.start &&
					      cut.range.end == whole.range.end,
				      row->claim);
			free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
