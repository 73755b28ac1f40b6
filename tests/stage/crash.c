/* SPDX-License-Identifier: MIT */
/* The stage crash: what crashkernel= asks for in each form, and what each line makes of it. */
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
#define LOW                                                                                        \
	{ 0, 0x9fc00, 1 },                                                                         \
	{                                                                                          \
		M, 2 * G - M, 1                                                                    \
	}
#define HIGH                                                                                       \
	{                                                                                          \
		4 * G, 4 * G, 1                                                                    \
	}

static const struct row {
	const char *claim;
	enum nb_line line;
	bool high; /* 4 GiB of RAM more, above the others */
	const char *cmdline, *want;
} rows[] = {
	{ "no word, no crash kernel", NB_LINE_6_12, true, "crashkernel crash_kernel=64M", "" },
	{ "it lies as high as it can below 4 GiB", NB_LINE_6_12, true, "crashkernel=256M",
	  "crashkernel reserved: 0x0000000070000000 - 0x0000000080000000 (256 MB)\n" },
	{ "6.1 says so in other words", NB_LINE_6_1, true, "crashkernel=256M",
	  "Reserving 256MB of memory at 1792MB for crashkernel (System RAM: 6143MB)\n" },
	{ "4.9 keeps below 896 MiB", NB_LINE_4_9, true, "crashkernel=256M",
	  "Reserving 256MB of memory at 640MB for crashkernel (System RAM: 6143MB)\n" },
	{ "4.9 does not look above", NB_LINE_4_9, true, "crashkernel=900M",
	  "crashkernel reservation failed - No suitable area found.\n" },
	{ "the last word counts, and blanks alone end words", NB_LINE_6_12, true,
	  "crashkernel=64M a=\"crashkernel=32M b\"",
	  "crashkernel reserved: 0x000000007e000000 - 0x0000000080000000 (32 MB)\n" },
	{ "a place that is named", NB_LINE_6_12, false, "crashkernel=64M@256M",
	  "crashkernel reserved: 0x0000000010000000 - 0x0000000014000000 (64 MB)\n" },
	{ "the place is the kernel's", NB_LINE_6_12, false, "crashkernel=64M@16M",
	  "crashkernel reservation failed - memory is in use.\n" },
	{ "6.12 wants a multiple of 16 MiB", NB_LINE_6_12, false, "crashkernel=64M@257M",
	  "crashkernel reservation failed - memory is in use.\n" },
	{ "6.1 is content with one of 1 MiB", NB_LINE_6_1, false, "crashkernel=64M@257M",
	  "Reserving 64MB of memory at 257MB for crashkernel (System RAM: 2047MB)\n" },
	{ "by how much RAM there is", NB_LINE_6_12, false,
	  "crashkernel=1G-2G:64M,2G-4G:128M,4G-:256M@768M",
	  "crashkernel reserved: 0x0000000030000000 - 0x0000000038000000 (128 MB)\n" },
	{ "5.10 does not round RAM up", NB_LINE_5_10, false,
	  "crashkernel=1G-2G:64M,2G-4G:128M,4G-:256M@768M",
	  "Reserving 64MB of memory at 768MB for crashkernel (System RAM: 2047MB)\n" },
	{ "so little RAM has no crash kernel", NB_LINE_6_12, false, "crashkernel=4G-:256M",
	  "crashkernel size resulted in zero bytes\n" },
	{ "high, with the usual part below", NB_LINE_6_12, true, "crashkernel=512M,high",
	  "crashkernel low memory reserved: 0x70000000 - 0x80000000 (256 MB)\n"
	  "crashkernel reserved: 0x00000001df000000 - 0x00000001ff000000 (512 MB)\n" },
	{ "high, with another part below", NB_LINE_6_1, true,
	  "crashkernel=512M,high crashkernel=64M,low",
	  "Reserving 64MB of low memory at 1984MB for crashkernel (low RAM limit: 4096MB)\n"
	  "Reserving 512MB of memory at 7664MB for crashkernel (System RAM: 6143MB)\n" },
	{ "high, with none below", NB_LINE_6_12, true, "crashkernel=512M,high crashkernel=0,low",
	  "crashkernel reserved: 0x00000001df000000 - 0x00000001ff000000 (512 MB)\n" },
	{ "3.14 has less below, and tells of it last", NB_LINE_3_14, true, "crashkernel=512M,high",
	  "Reserving 512MB of memory at 7664MB for crashkernel (System RAM: 6143MB)\n"
	  "Reserving 72MB of low memory at 1968MB for crashkernel (System low RAM: 2047MB)\n" },
	{ "bounce buffers make the part below larger", NB_LINE_6_12, true,
	  "crashkernel=512M,high swiotlb=262144",
	  "crashkernel low memory reserved: 0x5f000000 - 0x7f800000 (520 MB)\n"
	  "crashkernel reserved: 0x00000001df000000 - 0x00000001ff000000 (512 MB)\n" },
	{ "too large to lie low: 6.12 gives it the usual part below", NB_LINE_6_12, true,
	  "crashkernel=2G crashkernel=64M,low",
	  "crashkernel low memory reserved: 0x70000000 - 0x80000000 (256 MB)\n"
	  "crashkernel reserved: 0x000000017f000000 - 0x00000001ff000000 (2048 MB)\n" },
	{ "6.1 the one that is named", NB_LINE_6_1, true, "crashkernel=2G crashkernel=64M,low",
	  "Reserving 64MB of low memory at 1984MB for crashkernel (low RAM limit: 4096MB)\n"
	  "Reserving 2048MB of memory at 6128MB for crashkernel (System RAM: 6143MB)\n" },
	{ "no RAM is high: 6.12 looks below", NB_LINE_6_12, false, "crashkernel=512M,high",
	  "crashkernel reserved: 0x000000005f000000 - 0x000000007f000000 (512 MB)\n" },
	{ "no room for the part below: there is no crash kernel", NB_LINE_6_12, true,
	  "crashkernel=512M,high crashkernel=3G,low",
	  "cannot allocate crashkernel low memory (size:0xc0000000).\n" },
	{ "3.14 keeps it", NB_LINE_3_14, true, "crashkernel=512M,high crashkernel=3G,low",
	  "Reserving 512MB of memory at 7664MB for crashkernel (System RAM: 6143MB)\n"
	  "Cannot reserve 3072MB crashkernel low memory, please try smaller size.\n" },
	{ "no room at all", NB_LINE_6_12, true, "crashkernel=5G",
	  "cannot allocate crashkernel (size:0x140000000)\n" },
	{ "6.12 does not look for more than all RAM", NB_LINE_6_12, true, "crashkernel=7G", "" },
	{ "6.1 does", NB_LINE_6_1, true, "crashkernel=7G",
	  "crashkernel reservation failed - No suitable area found.\n" },
	{ "6.1 passes over a wrong plain word", NB_LINE_6_1, true,
	  "crashkernel=64Q crashkernel=512M,high",
	  "crashkernel: unrecognized char: Q\n"
	  "Reserving 256MB of low memory at 1792MB for crashkernel (low RAM limit: 4096MB)\n"
	  "Reserving 512MB of memory at 7664MB for crashkernel (System RAM: 6143MB)\n" },
	{ "6.12 does not", NB_LINE_6_12, true, "crashkernel=64Q crashkernel=512M,high",
	  "crashkernel: unrecognized char: Q\n" },
	{ "a wrong part below spoils all of it in 6.12", NB_LINE_6_12, true,
	  "crashkernel=512M,high crashkernel=64Q,low", "crashkernel: unrecognized char: Q\n" },
	{ "no size", NB_LINE_6_12, true, "crashkernel=auto",
	  "crashkernel: memory value expected\n" },
	{ "a range has a dash", NB_LINE_6_12, true, "crashkernel=1G:64M",
	  "crashkernel: '-' expected\n" },
	{ "and a colon", NB_LINE_6_12, true, "crashkernel=1G-2G,4G-:64M",
	  "crashkernel: ':' expected\n" },
	{ "it is not empty", NB_LINE_6_12, true, "crashkernel=2G-1G:64M",
	  "crashkernel: end <= start\n" },
	{ "its size is a number", NB_LINE_6_12, true, "crashkernel=1G-:x",
	  "crashkernel: Memory value expected\n" },
	{ "and less than all RAM", NB_LINE_6_12, true, "crashkernel=1G-:8G",
	  "crashkernel: invalid size\n" },
	{ "so is its place", NB_LINE_6_12, true, "crashkernel=1G-:64M@x",
	  "crahskernel: Memory value expected after '@'\n" },
	{ "7.3 has put that word right", NB_LINE_7_3, true, "crashkernel=1G-:64M@x",
	  "crashkernel: Memory value expected after '@'\n" },
};

static bool is_crash(enum nb_event_kind kind)
{
	return kind == NB_EV_CRASH_MALFORMED || kind == NB_EV_CRASH_RESERVED ||
	       kind == NB_EV_CRASH_FAILED;
}

static void run_row(const struct row *row, struct page *page)
{
	struct machine low = { .map = { LOW }, .facts = FACTS, .cpus = 1 };
	struct machine high = { .map = { LOW, HIGH }, .facts = FACTS, .cpus = 1 };
	struct machine *machine = row->high ? &high : &low;
	struct machine_boot run;

	*page = page_blank();
	machine->cmdline = row->cmdline;
	machine_begin(&run, machine, row->line);
	machine_run(&run);
	check(run.err == NB_OK, row->claim);
	for (size_t i = 0; i < run.record->count; i++)
		if (is_crash(run.record->at[i].kind))
			nb_render_log(&run.record->at[i], run.rules.wording, &page->writer);
	check((strstr(page->text, "eserv") && !strstr(page->text, "failed")) ==
			      (run.boot.crash.kernel.end != 0) ||
		      strstr(page->text, "Cannot"),
	      row->claim);
	if (run.boot.crash.kernel.end)
		check(nb_regions_overlap(&run.boot.memblock.reserved, run.boot.crash.kernel.start,
					 run.boot.crash.kernel.end),
		      "what is kept is reserved");
	machine_end(&run);
}

static void test_rows(void **state)
{
	struct page page;

	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		run_row(row, &page);
		if (strcmp(page.text, row->want))
			print_error("told:\n%swanted:\n%s", page.text, row->want);
		check(!strcmp(page.text, row->want), row->claim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
