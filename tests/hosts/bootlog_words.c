/* SPDX-License-Identifier: MIT */
/* bootlog_words: what every release says, in the words of one. */
#include "check.h"

#include "../../hosts/sources/source.h"

#include <stdlib.h>

void pool_exhausted(void)
{
	abort();
}

static const struct row {
	const char *claim, *line, *plain;
} rows[] = {
	{ "a plain line stays", "Zone ranges:", "Zone ranges:" },
	{ "leading zeros go", "BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable",
	  "BIOS-e820: [mem 0x0-0x9fbff] usable" },
	{ "a lone zero stays", "  Node 1: 0x0", "  Node 1: 0x0" },
	{ "up to 3.4 an entry ends behind its last byte",
	  " BIOS-e820: 0000000000000000 - 000000000009f000 (usable)",
	  "BIOS-e820: [mem 0x0-0x9efff] usable" },
	{ "and a change of one",
	  "e820 update range: 0000000000000000 - 0000000000001000 (usable) ==> (reserved)",
	  "e820: update [mem 0x0-0xfff] usable ==> reserved" },
	{ "and a range of the SRAT", "SRAT: Node 1 PXM 2 100000-40000000",
	  "ACPI: SRAT: Node 1 PXM 2 [mem 0x100000-0x3fffffff]" },
	{ "up to 2.6 APIC IDs are decimal", "SRAT: PXM 0 -> APIC 18 -> Node 0",
	  "SRAT: PXM 0 -> APIC 0x12 -> Node 0" },
	{ "up to 3.4 zones are of page frames", "  DMA32    0x00001000 -> 0x00100000",
	  "  DMA32    [mem 0x1000000-0xffffffff]" },
	{ "and the ranges of nodes", "    0: 0x00000010 -> 0x0000009e",
	  "  node   0: [mem 0x10000-0x9dfff]" },
	{ "e820: stood before more lines", "e820: last_pfn = 0xbfe0 max_arch_pfn = 0x400000000",
	  "last_pfn = 0xbfe0 max_arch_pfn = 0x400000000" },
	{ "but where it still stands it stays", "e820: remove [mem 0x000a0000-0x000fffff] usable",
	  "e820: remove [mem 0xa0000-0xfffff] usable" },
	{ "all CPUs are told as those present and the others",
	  "smpboot: Allowing 6 CPUs, 2 hotplug CPUs",
	  "CPU topo: Allowing 4 present CPUs plus 2 hotplug CPUs" },
	{ "areas of CPUs had an address up to 4.20",
	  "PERCPU: Embedded 22 pages/cpu @ffff88003ec00000 s67176 r0 d22936 u1048576",
	  "percpu: Embedded 22 pages/cpu s67176 r0 d22936 u1048576" },
	{ "and one that was made up",
	  "percpu: Embedded 46 pages/cpu @(____ptrval____) s151552 r8192 d28672 u524288",
	  "percpu: Embedded 46 pages/cpu s151552 r8192 d28672 u524288" },
	{ "and so had single pages", "PERCPU: 22 4K pages/cpu @ffffc90000000000 s67176 r0 d22936",
	  "percpu: 22 4K pages/cpu s67176 r0 d22936" },
	{ "from 7.0 on RAM is called so",
	  "BIOS-e820: [mem 0x0000000000001000-0x000000000009ffff]  System RAM",
	  "BIOS-e820: [mem 0x1000-0x9ffff] usable" },
	{ "and what is reserved the device's",
	  "e820: update [mem 0x00000000-0x00000fff] System RAM ==> device reserved",
	  "e820: update [mem 0x0-0xfff] usable ==> reserved" },
	{ "a gap stays a gap", "BIOS-e820: [gap 0x00000000000a0000-0x00000000000effff]",
	  "BIOS-e820: [gap 0xa0000-0xeffff]" },
	{ "a zonelist's order is told where it can be another",
	  "Built 2 zonelists in Zone order, x", "Built 2 zonelists in Zone order, x" },
	{ "and not where it cannot", "Built 2 zonelists in Node order, x", "Built 2 zonelists, x" },
	{ "a number of too many digits is no address", "RAMDISK: 11112222333344445 - 2",
	  "RAMDISK: 11112222333344445 - 2" },
};

static void test_words(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct pool pool = { 0 };

		check(text_is(plain_words(text_of(row->line), &pool), row->plain), row->claim);
		pool_drop(&pool);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
