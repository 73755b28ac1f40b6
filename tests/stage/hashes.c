/* SPDX-License-Identifier: MIT */
/* The stage hashes: how large tables are, and whether memblock gives them. */
#include "check.h"
#include "machine.h"
#include "page.h"

#include <string.h>

#define M NB_MIB
#define G NB_GIB

#define FACTS                                                                                      \
	{                                                                                          \
		.kernel = { 16 * M, 32 * M }, .kernel_end = 33 * M, .boot_apic_is_bsp = true       \
	}
#define ONE_NODE(words)                                                                            \
	{                                                                                          \
		.map = { { 0, 0x9fc00, 1 }, { M, 2 * G - M, 1 } }, .facts = FACTS, .cpus = 1,      \
		.cmdline = words                                                                   \
	}
#define TWO_NODES(words)                                                                           \
	{                                                                                          \
		.map = { { 0, 0x9fc00, 1 }, { M, 2 * G - M, 1 } }, .facts = FACTS, .cpus = 1,      \
		.srat = { ENTRY_CPU(0, 0), ENTRY_RAM(0, 0, G), ENTRY_RAM(1, G, 2 * G) },           \
		.cmdline = words                                                                   \
	}
/* With 128 GiB of RAM, of which a piece below 4 GiB is enough to boot. */
#define LARGE                                                                                      \
	{                                                                                          \
		.map = { { 0, 0x9fc00, 1 }, { M, 2 * G - M, 1 }, { 4 * G, 126 * G, 1 } },          \
		.facts = FACTS, .cpus = 1                                                          \
	}

static const struct row {
	const char *claim;
	enum nb_line line;
	struct machine machine;
	nb_phys taken; /* bytes of memblock */
	const char *want;
} rows[] = {
	{ "one node: two tables of memblock, two of the page allocator", NB_LINE_6_12, ONE_NODE(""),
	  3 * M,
	  "Dentry cache hash table entries: 262144 (order: 9, 2097152 bytes, linear)\n"
	  "Inode-cache hash table entries: 131072 (order: 8, 1048576 bytes, linear)\n"
	  "Mount-cache hash table entries: 4096 (order: 3, 32768 bytes, linear)\n"
	  "Mountpoint-cache hash table entries: 4096 (order: 3, 32768 bytes, linear)\n" },
	{ "two nodes: all later, page by page", NB_LINE_6_12, TWO_NODES(""), 0,
	  "Dentry cache hash table entries: 262144 (order: 9, 2097152 bytes, vmalloc)\n"
	  "Inode-cache hash table entries: 131072 (order: 8, 1048576 bytes, vmalloc)\n"
	  "Mount-cache hash table entries: 4096 (order: 3, 32768 bytes, vmalloc)\n"
	  "Mountpoint-cache hash table entries: 4096 (order: 3, 32768 bytes, vmalloc)\n" },
	{ "7.3 maps what has 2 MiB with such pages", NB_LINE_7_3, TWO_NODES(""), 0,
	  "Dentry cache hash table entries: 262144 (order: 9, 2097152 bytes, vmalloc hugepage)\n"
	  "Inode-cache hash table entries: 131072 (order: 8, 1048576 bytes, vmalloc)\n"
	  "Mount-cache hash table entries: 4096 (order: 3, 32768 bytes, vmalloc)\n"
	  "Mountpoint-cache hash table entries: 4096 (order: 3, 32768 bytes, vmalloc)\n" },
	{ "hashdist=0", NB_LINE_5_10, TWO_NODES("hashdist=0"), 3 * M,
	  "Dentry cache hash table entries: 262144 (order: 9, 2097152 bytes, linear)\n"
	  "Inode-cache hash table entries: 131072 (order: 8, 1048576 bytes, linear)\n"
	  "Mount-cache hash table entries: 4096 (order: 3, 32768 bytes, linear)\n"
	  "Mountpoint-cache hash table entries: 4096 (order: 3, 32768 bytes, linear)\n" },
	{ "hashdist=1, and sizes that are asked for", NB_LINE_5_10,
	  ONE_NODE("hashdist=1 dhash_entries=5000 ihash_entries=4096 mhash_entries=1024"), 0,
	  "Dentry cache hash table entries: 8192 (order: 4, 65536 bytes, vmalloc)\n"
	  "Inode-cache hash table entries: 4096 (order: 3, 32768 bytes, vmalloc)\n"
	  "Mount-cache hash table entries: 1024 (order: 1, 8192 bytes, vmalloc)\n"
	  "Mountpoint-cache hash table entries: 4096 (order: 3, 32768 bytes, vmalloc)\n" },
	{ "a table is at most a 16th of RAM", NB_LINE_6_1,
	  ONE_NODE("dhash_entries=100000000 ihash_entries=4096"), 64 * M + 32 * NB_KIB,
	  "Dentry cache hash table entries: 8388608 (order: 14, 67108864 bytes, linear)\n"
	  "Inode-cache hash table entries: 4096 (order: 3, 32768 bytes, linear)\n"
	  "Mount-cache hash table entries: 4096 (order: 3, 32768 bytes, linear)\n"
	  "Mountpoint-cache hash table entries: 4096 (order: 3, 32768 bytes, linear)\n" },
	{ "4.9 spreads them on one node, too, but for that of processes", NB_LINE_4_9, ONE_NODE(""),
	  32 * NB_KIB,
	  "PID hash table entries: 4096 (order: 3, 32768 bytes)\n"
	  "Dentry cache hash table entries: 262144 (order: 9, 2097152 bytes)\n"
	  "Inode-cache hash table entries: 131072 (order: 8, 1048576 bytes)\n"
	  "Mount-cache hash table entries: 4096 (order: 3, 32768 bytes)\n"
	  "Mountpoint-cache hash table entries: 4096 (order: 3, 32768 bytes)\n" },
	{ "with much RAM they grow slower", NB_LINE_6_1, LARGE, 96 * M,
	  "Dentry cache hash table entries: 8388608 (order: 14, 67108864 bytes, linear)\n"
	  "Inode-cache hash table entries: 4194304 (order: 13, 33554432 bytes, linear)\n"
	  "Mount-cache hash table entries: 131072 (order: 8, 1048576 bytes, linear)\n"
	  "Mountpoint-cache hash table entries: 131072 (order: 8, 1048576 bytes, linear)\n" },
};

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct page page = page_blank();
		struct machine_boot run;
		nb_phys taken = 0;

		machine_begin(&run, &row->machine, row->line);
		machine_run(&run);
		check(run.err == NB_OK, row->claim);
		for (size_t i = 0; i < run.record->count; i++) {
			const struct nb_event *event = &run.record->at[i];

			if (event->kind == NB_EV_HASH)
				nb_render_log(event, run.rules.wording, &page.writer);
			if (event->kind == NB_EV_RESERVED && event->id == NB_RESERVED_HASH)
				taken += nb_range_size(event->range);
		}
		if (strcmp(page.text, row->want))
			print_error("told:\n%swanted:\n%s", page.text, row->want);
		check(!strcmp(page.text, row->want) && taken == row->taken, row->claim);
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
