/* SPDX-License-Identifier: MIT */
/*
 * check: a good machine with one thing wrong in it: what is found, whether the edit
 * mends it, and what an old and a new kernel make of it.
 *
 * The machine: 4 CPUs in 2 domains, 4 GiB below 3 GiB and from 4 GiB on, a window
 * for CXL memory at 64 GiB.
 */
#include "check.h"
#include "tables.h"

#include "../../hosts/check/findings.h"
#include "../../hosts/cli/run.h"

#include <stdlib.h>
#include <string.h>

void pool_exhausted(void)
{
	abort();
}

enum { SRAT, MADT, SLIT, HMAT, CEDT, FADT, TABLES };

/* Where entries begin, and what is where in them. */
enum {
	CPU0 = 48,
	CPU3 = 96,
	MEMORY0 = 112,
	MEMORY2 = 192,
	MEMORY3 = 232,
	PXM = 2,
	BASE = 8,
	SIZE = 16,
	MEMORY_FLAGS = 28,
	CPU_FLAGS = 4,
	LAPIC0 = 44,
	LAPIC3 = 68,
	LAPIC_ID = 3,
	VALUE = 44,
	TIE1 = 80,
	MATRIX = 120,
	UNIT = 24,
	LIST = 32,
	NUMBERS = 48,
	WINDOW = 36,
	WAYS = 24,
	TARGET = 36,
	BRIDGE = 76,
};

/* Bytes that are put into a table. */
struct put {
	int table;
	uint32_t offset, width;
	uint64_t value;
};

#define NO_CEDT .no = { [CEDT] = true }

/* clang-format off */
static const struct row {
	const char *claim, *want; /* ids, in their order */
	bool unmended;            /* the first of them */
	enum line_verdict old, new; /* of the first, on 3.14 and 6.12 */
	struct put put[4];
	uint8_t more[64]; /* bytes behind the table of the first put */
	uint8_t more_bytes;
	uint8_t less;     /* bytes of that table that go */
	bool keeps;       /* the edit takes nothing out of a table */
	bool twice;       /* the same again */
	bool keep_header; /* checksum and length stay as they were */
	bool no[TABLES];
	struct nb_e820_entry map; /* one more, or instead of the map */
	bool map_alone, no_map;
	const char *cmdline;
} rows[] = {
	{ "a good machine has a window that becomes a node", "cedt-window-node", .unmended = true },
	{ "no SRAT is nothing bad", "srat-absent", .unmended = true, .no = { [SRAT] = true, [HMAT] = true,
	  [SLIT] = true, [CEDT] = true } },

	{ "a checksum", "table-checksum cedt-window-node", .old = LINE_USED, .new = LINE_USED,
	  .put = { { SRAT, 9, 1, 0 } }, .keep_header = true },
	{ "a length that is the table's no more", "table-length cedt-window-node",
	  .old = LINE_USED, .new = LINE_USED, .put = { { MADT, 4, 4, 200 } },
	  .keep_header = true },
	{ "a length that cuts the last entry", "table-length table-checksum entry-truncated cedt-window-node ram-without-node", .old = LINE_BOUNDS, .new = LINE_BOUNDS,
	  .put = { { SRAT, 4, 4, 250 } }, .keep_header = true },
	{ "an entry without bytes hides the memory behind it",
	  "entry-zero-length cedt-window-node", .old = LINE_NUMA_OFF, .new = LINE_NUMA_OFF,
	  .put = { { SRAT, MEMORY0 + 1, 1, 0 } } },
	{ "in a MADT as well", "entry-zero-length cedt-window-node", .old = LINE_NUMA_OFF,
	  .new = LINE_NUMA_OFF, .put = { { MADT, LAPIC3 + 1, 1, 0 } } },
	{ "in a CEDT kernels that read it go on", "entry-zero-length cedt-window-node",
	  .old = LINE_IGNORED, .new = LINE_USED, .put = { { CEDT, WINDOW + 2, 2, 0 } } },
	{ "an entry that ends behind its table is read out of bounds",
	  "entry-truncated cedt-window-node", .old = LINE_BOUNDS, .new = LINE_BOUNDS,
	  .put = { { SRAT, 0, 0, 0 } }, .more = { 1, 40, 1 }, .more_bytes = 20 },
	{ "a window whose base and size are there is read in bounds",
	  "entry-truncated", .old = LINE_IGNORED, .new = LINE_DIFFERS, .put = { { CEDT, 0, 0, 0 } }, .less = 38 },
	{ "a byte behind the last entry", "entry-truncated cedt-window-node", .old = LINE_USED,
	  .new = LINE_USED, .put = { { SRAT, 0, 0, 0 } }, .more = { 0 }, .more_bytes = 1 },
	{ "a revision that never was", "table-revision cedt-window-node", .old = LINE_USED,
	  .new = LINE_USED, .put = { { SLIT, 8, 1, 0 } } },
	{ "a longer entry", "entry-length cedt-window-node", .old = LINE_NUMA_OFF,
	  .new = LINE_NUMA_OFF, .put = { { SRAT, CPU3 + 1, 1, 24 } } },
	{ "an entry that claims more than its table has, and others go on where it should end",
	  "entry-length cedt-window-node", .old = LINE_NUMA_OFF, .new = LINE_NUMA_OFF,
	  .put = { { SRAT, CPU0 + 1, 1, 255 } }, .keeps = true },
	{ "the last entry claims more than its table has, and is whole",
	  "entry-length cedt-window-node", .old = LINE_NUMA_OFF, .new = LINE_USED,
	  .put = { { SRAT, MEMORY3 + 1, 1, 255 } }, .keeps = true },
	{ "an entry of a MADT claims more than its table has",
	  "entry-length cedt-window-node", .old = LINE_DIFFERS, .new = LINE_DIFFERS,
	  .put = { { MADT, LAPIC0 + 1, 1, 255 } }, .keeps = true },
	{ "a matrix with another length", "entry-length cedt-window-node", .old = LINE_IGNORED,
	  .new = LINE_IGNORED, .put = { { HMAT, MATRIX + 4, 4, 40 } } },
	{ "a type that nobody has defined", "entry-unknown cedt-window-node",
	  .old = LINE_USED, .new = LINE_USED, .put = { { SRAT, 0, 0, 0 } },
	  .more = { 32, 8 }, .more_bytes = 8 },
	{ "of a MADT, too", "entry-unknown cedt-window-node", .old = LINE_USED, .new = LINE_USED,
	  .put = { { MADT, 0, 0, 0 } }, .more = { 64, 8 }, .more_bytes = 8 },
	{ "the reserved type of a MADT that firmware uses", "entry-reserved cedt-window-node", .old = LINE_USED,
	  .new = LINE_USED, .put = { { MADT, 0, 0, 0 } }, .more = { 127, 8 },
	  .more_bytes = 8 },

	{ "flags that nobody has defined", "flags-reserved cedt-window-node", .old = LINE_USED,
	  .new = LINE_USED, .put = { { SRAT, MEMORY0 + MEMORY_FLAGS, 4, 0x81 } } },
	{ "reserved bits", "field-reserved cedt-window-node", .old = LINE_USED, .new = LINE_USED,
	  .put = { { SRAT, MEMORY0 + 24, 4, 1 } } },
	{ "a number that is too large", "field-range cedt-window-node", .old = LINE_IGNORED, .new = LINE_USED,
	  .put = { { CEDT, WINDOW + 25, 1, 2 } } },

	{ "a map of one entry", "map-few", .old = LINE_DIFFERS, .new = LINE_DIFFERS, .map = { 0, 4 * NB_GIB, 1 },
	  .map_alone = true, .no = { true, true, true, true, true, true } },
	{ "a map whose entry wraps", "map-wraps cedt-window-node",
	  .old = LINE_DIFFERS, .new = LINE_DIFFERS,
	  .map = { 8 * NB_GIB, UINT64_MAX - 4095, 2 } },
	{ "an empty entry", "map-empty cedt-window-node", .old = LINE_USED, .new = LINE_USED,
	  .map = { NB_GIB, 0, 2 } },
	{ "RAM that is reserved, too", "map-overlap cedt-window-node", .unmended = true,
	  .map = { NB_GIB, NB_MIB, 2 } },
	{ "a type that nobody has defined", "map-type cedt-window-node", .unmended = true,
	  .map = { 8 * NB_GIB, NB_MIB, 9 } },
	{ "half a page of RAM", "map-unaligned cedt-window-node ram-without-node", .unmended = true,
	  .map = { 8 * NB_GIB, NB_MIB + 2048, 1 } },

	{ "the reserved field", "srat-reserved cedt-window-node", .old = LINE_USED,
	  .new = LINE_USED, .put = { { SRAT, 36, 4, 0 } } },
	{ "bits of a domain that revision 1 does not have", "srat-pxm-bits cedt-window-node",
	  .old = LINE_USED, .new = LINE_USED,
	  .put = { { SRAT, 8, 1, 1 }, { SRAT, MEMORY3 + PXM, 4, 0x101 } } },
	{ "a domain out of reach", "srat-pxm-range srat-memory-only slit-srat cedt-window-node",
	  .old = LINE_NUMA_OFF, .new = LINE_NUMA_OFF,
	  .put = { { SRAT, MEMORY3 + PXM, 4, 0xffffffff } } },
	{ "a processor's domain out of reach", "srat-pxm-range srat-cpu-only slit-srat cedt-window-node",
	  .old = LINE_NUMA_OFF, .new = LINE_NUMA_OFF, .put = { { SRAT, CPU3 + 9, 3, 0xffffff } } },
	{ "a domain that some builds do not map",
	  "srat-pxm-large srat-memory-only slit-srat cedt-window-node", .unmended = true,
	  .put = { { SRAT, MEMORY3 + PXM, 4, 300 } } },
	{ "memory that wraps", "srat-memory-wraps ram-without-node",
	  .old = LINE_NUMA_OFF, .new = LINE_NUMA_OFF,
	  .put = { { SRAT, MEMORY3 + SIZE, 8, UINT64_MAX } } },
	{ "memory that wraps, of which no map says whether it is RAM",
	  "srat-memory-wraps", .old = LINE_NOT_KNOWN, .new = LINE_NOT_KNOWN,
	  .put = { { SRAT, MEMORY3 + SIZE, 8, UINT64_MAX } }, .no_map = true },
	{ "an entry without bytes, where the map is known by those behind it",
	  "entry-zero-length cedt-window-node", .old = LINE_NUMA_OFF, .new = LINE_NUMA_OFF,
	  .put = { { SRAT, MEMORY0 + 1, 1, 0 } }, .no_map = true },
	{ "a processor that two domains have, without a MADT", "srat-apic-twice",
	  .old = LINE_DIFFERS, .new = LINE_DIFFERS,
	  .put = { { SRAT, CPU3 + 3, 1, 0 } }, .no_map = true, .no = { [MADT] = true, [SLIT] = true, [HMAT] = true, [CEDT] = true } },
	{ "a HMAT alone", "hmat-unit-zero", .old = LINE_IGNORED, .new = LINE_DIFFERS,
	  .put = { { HMAT, MATRIX + UNIT, 8, 0 } }, .no_map = true,
	  .no = { [SRAT] = true, [MADT] = true, [SLIT] = true, [CEDT] = true, [FADT] = true } },
	{ "memory of no size", "srat-memory-empty cedt-window-node ram-without-node",
	  .old = LINE_NUMA_OFF, .new = LINE_NUMA_OFF, .put = { { SRAT, MEMORY3 + SIZE, 8, 0 } },
	  .keeps = true },
	{ "memory of no size where no RAM is", "srat-memory-empty cedt-window-node",
	  .old = LINE_USED, .new = LINE_USED, .put = { { SRAT, 0, 0, 0 } },
	  .more = { 1, 40, 1, [13] = 2, [28] = 1 }, .more_bytes = 40 },
	{ "two domains on one memory", "srat-memory-overlap cedt-window-node",
	  .old = LINE_NUMA_OFF, .new = LINE_NUMA_OFF,
	  .put = { { SRAT, MEMORY2 + BASE, 8, NB_GIB },
		   { SRAT, MEMORY2 + SIZE, 8, 2 * NB_GIB } } },
	{ "one domain twice", "srat-memory-twice cedt-window-node", .old = LINE_USED,
	  .new = LINE_USED, .put = { { SRAT, MEMORY3 + BASE, 8, 2 * NB_GIB },
				     { SRAT, MEMORY3 + SIZE, 8, 3 * NB_GIB } } },
	{ "an inclusive end taken for a size",
	  "srat-memory-unaligned cedt-window-node", .old = LINE_DIFFERS,
	  .new = LINE_DIFFERS, .put = { { SRAT, MEMORY3 + SIZE, 8, NB_GIB - 1 } } },
	{ "a processor that is none", "srat-apic-none cedt-window-node apic-not-in-srat",
	  .old = LINE_USED, .new = LINE_USED, .put = { { SRAT, CPU3 + 3, 1, 0xff } } },
	{ "a processor in two domains", "srat-apic-twice cedt-window-node", .old = LINE_DIFFERS,
	  .new = LINE_DIFFERS, .put = { { SRAT, 0, 0, 0 } },
	  .more = { 0, 16, 0, 3, 1 }, .more_bytes = 16 },
	{ "a processor twice in one domain", "srat-cpu-twice cedt-window-node", .old = LINE_USED,
	  .new = LINE_USED, .put = { { SRAT, 0, 0, 0 } }, .more = { 0, 16, 1, 3, 1 },
	  .more_bytes = 16 },
	{ "processors without memory", "srat-cpu-only slit-srat cedt-window-node", .old = LINE_DIFFERS, .new = LINE_DIFFERS,
	  .put = { { SRAT, CPU3 + PXM, 1, 2 } } },
	{ "no memory", "srat-no-memory srat-cpu-only hmat-pxm-unknown cedt-window-node", .old = LINE_NUMA_OFF,
	  .new = LINE_NUMA_OFF,
	  .put = { { SRAT, MEMORY0 + MEMORY_FLAGS, 4, 0 }, { SRAT, 152 + MEMORY_FLAGS, 4, 0 },
		   { SRAT, MEMORY2 + MEMORY_FLAGS, 4, 0 }, { SRAT, MEMORY3 + MEMORY_FLAGS, 4, 0 } } },
	{ "no processors", "srat-no-cpu cedt-window-node", .old = LINE_DIFFERS, .new = LINE_DIFFERS,
	  .put = { { SRAT, CPU0 + CPU_FLAGS, 4, 0 }, { SRAT, 64 + CPU_FLAGS, 4, 0 },
		   { SRAT, 80 + CPU_FLAGS, 4, 0 }, { SRAT, CPU3 + CPU_FLAGS, 4, 0 } } },

	{ "no localities", "slit-empty cedt-window-node", .old = LINE_USED, .new = LINE_USED,
	  .put = { { SLIT, 36, 8, 0 } } },
	{ "too many localities", "slit-short cedt-window-node", .old = LINE_BOUNDS,
	  .new = LINE_BOUNDS, .put = { { SLIT, 36, 8, 7 } } },
	{ "bytes behind the matrix", "slit-long cedt-window-node", .old = LINE_USED,
	  .new = LINE_USED, .put = { { SLIT, 0, 0, 0 } }, .more_bytes = 20 },
	{ "a SLIT whose count is cut off is read beyond its end",
	  "table-short cedt-window-node", .old = LINE_BOUNDS, .new = LINE_BOUNDS,
	  .put = { { SLIT, 0, 0, 0 } }, .less = 7 },
	{ "a distance from itself", "slit-local cedt-window-node", .old = LINE_IGNORED,
	  .new = LINE_IGNORED, .put = { { SLIT, VALUE + 3, 1, 12 } } },
	{ "a distance that is too near", "slit-remote cedt-window-node", .old = LINE_IGNORED,
	  .new = LINE_IGNORED, .put = { { SLIT, VALUE + 1, 1, 10 } } },
	{ "another way back is no finding", "cedt-window-node", .unmended = true,
	  .put = { { SLIT, VALUE + 1, 1, 255 } } },

	{ "no enabled processor", "madt-no-cpu cedt-window-node", .old = LINE_DIFFERS,
	  .new = LINE_DIFFERS,
	  .put = { { MADT, LAPIC0 + 4, 4, 0 }, { MADT, 52 + 4, 4, 0 }, { MADT, 60 + 4, 4, 0 },
		   { MADT, LAPIC3 + 4, 4, 0 } } },
	{ "no processor at all is those of the SRAT", "madt-no-cpu cedt-window-node",
	  .old = LINE_DIFFERS, .new = LINE_DIFFERS, .put = { { MADT, 0, 0, 0 } }, .less = 32 },
	{ "or the one that boots", "madt-no-cpu srat-absent", .old = LINE_DIFFERS,
	  .new = LINE_USED, .put = { { MADT, 0, 0, 0 } }, .less = 32, .no_map = true,
	  .no = { [SRAT] = true, [SLIT] = true, [HMAT] = true, [CEDT] = true, [FADT] = true } },
	{ "a MADT without what is in front of its entries", "table-short cedt-window-node",
	  .old = LINE_USED, .new = LINE_USED, .put = { { MADT, 0, 0, 0 } }, .less = 40 },
	{ "an enabled processor that is none",
	  "madt-apic-none cedt-window-node apic-not-in-srat apic-not-in-madt",
	  .old = LINE_DIFFERS, .new = LINE_USED, .put = { { MADT, LAPIC3 + LAPIC_ID, 1, 0xff } } },
	{ "a processor twice is the one that is missing",
	  "madt-apic-twice cedt-window-node apic-not-in-madt", .old = LINE_DIFFERS,
	  .new = LINE_DIFFERS, .put = { { MADT, LAPIC3 + LAPIC_ID, 1, 2 } } },
	{ "a processor in both forms", "madt-both-forms cedt-window-node", .old = LINE_DIFFERS,
	  .new = LINE_USED, .put = { { MADT, 0, 0, 0 } },
	  .more = { 9, 16, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 3 }, .more_bytes = 16 },
	{ "one UID for two", "madt-uid-twice cedt-window-node", .old = LINE_USED, .new = LINE_USED,
	  .put = { { MADT, LAPIC3 + 2, 1, 2 } } },
	{ "reserved flags", "madt-flags cedt-window-node", .old = LINE_USED, .new = LINE_USED,
	  .put = { { MADT, LAPIC3 + 4, 4, 0x81 } } },
	{ "enabled and to be enabled", "madt-flags cedt-window-node", .old = LINE_USED,
	  .new = LINE_USED, .put = { { MADT, LAPIC3 + 4, 4, 3 } } },

	{ "an I/O APIC without an address", "madt-ioapic cedt-window-node", .unmended = true,
	  .put = { { MADT, 0, 0, 0 } }, .more = { 1, 12, 7 }, .more_bytes = 12 },
	{ "no address of the local APICs", "madt-address cedt-window-node", .unmended = true,
	  .put = { { MADT, 36, 4, 0 } } },
	{ "two of them", "madt-address cedt-window-node", .unmended = true,
	  .put = { { MADT, 0, 0, 0 } }, .more = { 5, 12, 0, 0, 0, 0, 0xe0, 0xfe },
	  .more_bytes = 12, .twice = true },
	{ "a flag that the FADT does not know", "madt-capable cedt-window-node", .unmended = true,
	  .put = { { MADT, 0, 0, 0 } }, .more = { 0, 8, 9, 9, 2 }, .more_bytes = 8 },

	{ "a revision that nobody has defined", "hmat-revision cedt-window-node",
	  .old = LINE_IGNORED, .new = LINE_IGNORED, .put = { { HMAT, 8, 1, 3 } } },
	{ "no unit", "hmat-unit-zero cedt-window-node", .old = LINE_IGNORED, .new = LINE_DIFFERS,
	  .put = { { HMAT, MATRIX + UNIT, 8, 0 } } },
	{ "a unit that is too large", "hmat-unit-overflow cedt-window-node", .old = LINE_IGNORED,
	  .new = LINE_DIFFERS, .put = { { HMAT, MATRIX + UNIT, 8, (uint64_t)1 << 32 } } },
	{ "a type of matrix", "hmat-type cedt-window-node", .old = LINE_IGNORED, .new = LINE_USED,
	  .put = { { HMAT, MATRIX + 9, 1, 9 } } },
	{ "a domain twice", "hmat-pxm-twice hmat-remote-faster hmat-slit cedt-window-node", .old = LINE_IGNORED,
	  .new = LINE_DIFFERS, .put = { { HMAT, MATRIX + LIST + 4, 4, 0 } } },
	{ "a cache of four levels", "field-range cedt-window-node", .old = LINE_IGNORED,
	  .new = LINE_USED, .put = { { HMAT, 0, 0, 0 } }, .more = { 2, [4] = 32, [24] = 4 },
	  .more_bytes = 32 },
	{ "a level of memory that is none, and what is wrong besides", "field-range hmat-remote-faster hmat-slit cedt-window-node",
	  .old = LINE_IGNORED, .new = LINE_DIFFERS,
	  .put = { { HMAT, MATRIX + 8, 1, 4 }, { HMAT, MATRIX + NUMBERS, 2, 300 } } },
	{ "the levels of caches are 1 to 3", "cedt-window-node", .unmended = true,
	  .put = { { HMAT, MATRIX + 8, 1, 3 } } },
	{ "and to 4 in revision 1", "cedt-window-node", .unmended = true,
	  .put = { { HMAT, MATRIX + 8, 1, 4 }, { HMAT, 8, 1, 1 } } },
	{ "a cache of a level above all", "field-range cedt-window-node", .old = LINE_IGNORED,
	  .new = LINE_USED, .put = { { HMAT, 0, 0, 0 } },
	  .more = { 2, [4] = 32, [18] = 1, [24] = 0x31 }, .more_bytes = 32 },
	{ "a cache of no bytes", "field-range cedt-window-node", .old = LINE_IGNORED,
	  .new = LINE_USED, .put = { { HMAT, 0, 0, 0 } }, .more = { 2, [4] = 32, [24] = 0x11 },
	  .more_bytes = 32 },
	{ "a cache of a domain that the SRAT does not have", "hmat-pxm-unknown cedt-window-node",
	  .old = LINE_IGNORED, .new = LINE_USED, .put = { { HMAT, 0, 0, 0 } },
	  .more = { 2, [4] = 32, [8] = 9, [18] = 1, [24] = 0x11 }, .more_bytes = 32 },
	{ "one thing said twice", "hmat-matrix-twice cedt-window-node", .old = LINE_IGNORED,
	  .new = LINE_USED, .put = { { HMAT, 0, 0, 0 } }, .more = { [4] = 40, [8] = 1 },
	  .more_bytes = 40 },
	{ "more initiators than there is room for", "entry-length cedt-window-node",
	  .old = LINE_IGNORED, .new = LINE_IGNORED, .put = { { HMAT, MATRIX + 12, 4, 0x40000000 } },
	  .keeps = true },
	{ "or no targets, where its length has room", "entry-length cedt-window-node",
	  .old = LINE_IGNORED, .new = LINE_DIFFERS, .put = { { HMAT, MATRIX + 16, 4, 0 } },
	  .keeps = true },
	{ "a domain that the SRAT does not have", "hmat-pxm-unknown cedt-window-node",
	  .old = LINE_IGNORED, .new = LINE_IGNORED, .put = { { HMAT, TIE1 + 16, 4, 5 } } },
	{ "what is remote is faster", "hmat-remote-faster hmat-slit cedt-window-node",
	  .old = LINE_IGNORED, .new = LINE_DIFFERS, .put = { { HMAT, MATRIX + NUMBERS, 2, 300 } } },

	{ "a window of no size", "cedt-window-empty", .old = LINE_IGNORED, .new = LINE_DIFFERS,
	  .put = { { CEDT, WINDOW + SIZE, 8, 0 } } },
	{ "a window that wraps", "cedt-window-wraps", .old = LINE_IGNORED, .new = LINE_DIFFERS,
	  .put = { { CEDT, WINDOW + SIZE, 8, UINT64_MAX } } },
	{ "a window that is not aligned", "cedt-window-unaligned cedt-window-node", .old = LINE_IGNORED, .new = LINE_USED,
	  .put = { { CEDT, WINDOW + BASE, 8, 64 * NB_GIB + NB_MIB } } },
	{ "a window of a bridge that is not there", "cedt-target cedt-window-node",
	  .old = LINE_IGNORED, .new = LINE_USED, .put = { { CEDT, WINDOW + TARGET, 4, 7 } } },
	{ "a window where there is no bridge at all", "cedt-target cedt-window-node",
	  .old = LINE_IGNORED, .new = LINE_DIFFERS, .put = { { CEDT, BRIDGE, 1, 4 } } },
	{ "ways that are reserved", "field-range cedt-window-node", .old = LINE_IGNORED,
	  .new = LINE_USED, .put = { { CEDT, WINDOW + WAYS, 1, 5 } } },
	{ "others of them", "field-range cedt-window-node", .old = LINE_IGNORED,
	  .new = LINE_USED, .put = { { CEDT, WINDOW + WAYS, 1, 11 } } },
	{ "a window of another size than its ways need", "cedt-window-unaligned cedt-window-node",
	  .old = LINE_IGNORED, .new = LINE_USED, .put = { { CEDT, 0, 0, 0 } },
	  .more = { 1, 0, 44, [12] = 0x14, [19] = 0x30, [24] = 1 }, .more_bytes = 44 },
	{ "XOR among two, and nothing says how", "cedt-xor cedt-window-node", .unmended = true,
	  .put = { { CEDT, 0, 0, 0 } }, .more = { 1, 0, 44, [12] = 0x14, [19] = 0x20, [24] = 1, [25] = 1 },
	  .more_bytes = 44 },
	{ "XOR among two", "cedt-window-node", .unmended = true, .put = { { CEDT, 0, 0, 0 } },
	  .more = { 1, 0, 44, [12] = 0x14, [19] = 0x20, [24] = 1, [25] = 1,
		    [44] = 2, [46] = 16, [51] = 1, [53] = 1 }, .more_bytes = 60 },
	{ "XOR of one bridge chooses nothing", "cedt-window-node", .unmended = true,
	  .put = { { CEDT, WINDOW + WAYS + 1, 1, 1 } } },
	{ "two bridges of one UID", "cedt-bridge-twice cedt-window-node", .old = LINE_IGNORED,
	  .new = LINE_USED, .put = { { CEDT, 0, 0, 0 } },
	  .more = { 0, 0, 32, 0, 0, 0, 0, 0, 1, [20] = 1, [26] = 1 }, .more_bytes = 32 },
	{ "a bridge whose registers are of CXL 1.1 and later", "cedt-bridge-size cedt-window-node",
	  .old = LINE_IGNORED, .new = LINE_USED, .put = { { CEDT, BRIDGE + 8, 4, 0 } } },
	{ "registers on those of another bridge", "cedt-bridge-registers cedt-window-node",
	  .unmended = true, .put = { { CEDT, 0, 0, 0 } },
	  .more = { 0, 0, 32, 0, 1, 0, 0, 0, 1, [19] = 0xd0, [26] = 1 }, .more_bytes = 32 },
	{ "registers on RAM", "cedt-bridge-registers cedt-window-node", .unmended = true,
	  .put = { { CEDT, BRIDGE + 16, 4, 0x40000000 } } },
	{ "a window on RAM", "cedt-window-ram", .old = LINE_IGNORED, .new = LINE_USED,
	  .put = { { CEDT, WINDOW + BASE, 8, 4 * NB_GIB } } },

	{ "a FADT without a DSDT", "cedt-window-node fadt-pointer", .unmended = true,
	  .put = { { FADT, 40, 4, 0 } } },
	{ "a FADT whose timer has 3 bytes", "cedt-window-node fadt-register", .unmended = true,
	  .put = { { FADT, 91, 1, 3 } } },
	{ "a FADT that is too short", "cedt-window-node fadt-length", .unmended = true,
	  .put = { { FADT, 8, 1, 6 } } },

	{ "RAM without a node", "ram-without-node", .old = LINE_NUMA_OFF, .new = LINE_NUMA_OFF,
	  .put = { { SRAT, MEMORY3 + MEMORY_FLAGS, 4, 0 } }, NO_CEDT },
	{ "RAM without a node below all memory", "ram-without-node", .old = LINE_DIFFERS,
	  .new = LINE_PANIC, .put = { { SRAT, MEMORY0 + MEMORY_FLAGS, 4, 0 } }, NO_CEDT },
	{ "a domain whose memory is not there", "slit-srat domain-without-ram",
	  .old = LINE_USED, .new = LINE_USED,
	  .put = { { SRAT, CPU3 + PXM, 1, 2 } }, .more = { 1, 40, 2, 0, 0, 0, 0, 0,
	  0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 1 },
	  .more_bytes = 40, NO_CEDT },
	{ "a processor without a node", "apic-not-in-srat", .old = LINE_DIFFERS,
	  .new = LINE_DIFFERS, .put = { { SRAT, 64 + CPU_FLAGS, 4, 0 } }, NO_CEDT },
	{ "a node for a processor that is not there", "apic-not-in-madt", .old = LINE_USED,
	  .new = LINE_USED, .put = { { SRAT, 0, 0, 0 } }, .more = { 0, 16, 1, 9, 1 },
	  .more_bytes = 16, NO_CEDT },

	{ "numa=off", "cmdline-numa-off", .old = LINE_NUMA_OFF, .new = LINE_NUMA_OFF,
	  .cmdline = "quiet numa=off", NO_CEDT },
	{ "numa= is read by its first letters", "cmdline-numa-off", .old = LINE_NUMA_OFF,
	  .new = LINE_NUMA_OFF, .cmdline = "numa=offf", NO_CEDT },
	{ "numa=noacpi", "cmdline-numa-noacpi", .old = LINE_NUMA_OFF, .new = LINE_NUMA_OFF,
	  .cmdline = "numa=noacpi", NO_CEDT },
	{ "acpi= is read whole", "cedt-window-node", .unmended = true, .cmdline = "acpi=offf" },
	{ "what is wrong in an SRAT that numa=off leaves unread",
	  "srat-reserved cmdline-numa-off", .old = LINE_IGNORED, .new = LINE_IGNORED,
	  .put = { { SRAT, 36, 4, 0 } }, .cmdline = "numa=off", NO_CEDT },
	{ "acpi=off", "cmdline-acpi-off", .old = LINE_NUMA_OFF, .new = LINE_NUMA_OFF,
	  .cmdline = "acpi=off", NO_CEDT },
	{ "mem=", "cmdline-memory-limit", .old = LINE_DIFFERS, .new = LINE_DIFFERS,
	  .cmdline = "mem=2G", NO_CEDT },
	{ "mem= above all RAM is nothing", "cedt-window-node", .unmended = true,
	  .cmdline = "mem=64G" },
	{ "what a shell leaves of memmap=64M$0x10000000", "cmdline-shell", .old = LINE_DIFFERS,
	  .new = LINE_DIFFERS, .cmdline = "memmap=64Mx10000000", NO_CEDT },
	{ "or without all of it", "cmdline-shell", .old = LINE_DIFFERS, .new = LINE_DIFFERS,
	  .cmdline = "memmap=64M", NO_CEDT },
	{ "memmap= as it should be", "cedt-window-node", .unmended = true,
	  .cmdline = "memmap=64M$0x10000000,1M@16M" },
	{ "what this kernel does not survive", "kernel other-kernel", .unmended = true,
	  .cmdline = "memmap=exactmap memmap=512K@1M", NO_CEDT },
	{ "a value that cannot be read", "cmdline-malformed", .old = LINE_USED,
	  .new = LINE_PANIC, .cmdline = "kernelcore", NO_CEDT },
};
/* clang-format on */

static const struct nb_e820_entry good_map[] = {
	{ 0, 0x9fc00, NB_E820_RAM },
	{ 0x9fc00, 0x400, NB_E820_RESERVED },
	{ NB_MIB, 3 * NB_GIB - NB_MIB, NB_E820_RAM },
	{ 4 * NB_GIB, NB_GIB, NB_E820_RAM },
};

/* A machine, and where its tables' bytes are. */
struct fixture {
	struct source source;
	struct table table[TABLES];
	struct nb_table given[TABLES];
	struct nb_e820_entry map[NB_COUNT(good_map) + 1];
};

static void make_tables(struct table *t)
{
	static const uint8_t distances[] = { 10, 21, 21, 10 };
	static const uint32_t domains[] = { 0, 1 };
	static const uint16_t latencies[] = { 100, 200, 200, 100 };
	static const uint8_t bridge[32] = { 0, 0, 32, [8] = 1, [19] = 0xd0, [26] = 1 };
	static const uint8_t fadt[116] = { 'F', 'A', 'C', 'P',         116,         0,
					   0,   0,   1,   [38] = 0x10, [42] = 0x20, [91] = 4 };

	srat_begin(&t[SRAT], 3);
	madt_begin(&t[MADT]);
	for (uint8_t cpu = 0; cpu < 4; cpu++) {
		srat_lapic(&t[SRAT], cpu / 2, cpu, NB_SRAT_ENABLED);
		madt_lapic(&t[MADT], cpu, cpu, NB_MADT_ENABLED);
	}
	srat_memory(&t[SRAT], 0, 0, 0xa0000, NB_SRAT_ENABLED);
	srat_memory(&t[SRAT], 0, NB_MIB, 2 * NB_GIB - NB_MIB, NB_SRAT_ENABLED);
	srat_memory(&t[SRAT], 1, 2 * NB_GIB, NB_GIB, NB_SRAT_ENABLED);
	srat_memory(&t[SRAT], 1, 4 * NB_GIB, NB_GIB, NB_SRAT_ENABLED);
	slit_make(&t[SLIT], 2, distances, sizeof(distances));
	hmat_begin(&t[HMAT], 2);
	hmat_proximity(&t[HMAT], 1, 0, 0);
	hmat_proximity(&t[HMAT], 1, 1, 1);
	hmat_locality(&t[HMAT], &(struct table_locality){ .unit = 1000,
							  .initiators = 2,
							  .targets = 2,
							  .initiator = domains,
							  .target = domains,
							  .value = latencies });
	cedt_begin(&t[CEDT]);
	cedt_window(&t[CEDT], 64 * NB_GIB, 4 * NB_GIB);
	table_raw(&t[CEDT], bridge, sizeof(bridge));
	table_raw(&t[FADT], fadt, sizeof(fadt));
	t[SRAT].at[36] = 1;
	t[MADT].at[38] = 0xe0; /* of the local APICs */
	t[MADT].at[39] = 0xfe;
}

static void spoil(struct fixture *f, const struct row *row)
{
	if (row->more_bytes)
		table_raw(&f->table[row->put[0].table], row->more, row->more_bytes);
	if (row->twice)
		table_raw(&f->table[row->put[0].table], row->more, row->more_bytes);
	f->table[row->put[0].table].len -= row->less;
	for (int i = 0; i < TABLES; i++)
		f->given[i] = table_give(&f->table[i]);
	for (size_t p = 0; p < NB_COUNT(row->put); p++) {
		const struct put *put = &row->put[p];

		for (uint32_t i = 0; i < put->width; i++)
			f->table[put->table].at[put->offset + i] = (uint8_t)(put->value >> (8 * i));
		if (put->width && !row->keep_header)
			f->given[put->table] = table_give(&f->table[put->table]);
	}
}

static struct fixture *make(const struct row *row)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct nb_firmware *fw;

	check(f, "there is memory for a machine");
	fw = &f->source.fw;
	kernel_of_release(&f->source.kernel, NULL);
	source_assume(&f->source);
	make_tables(f->table);
	spoil(f, row);
	for (int i = 0; i < TABLES; i++)
		if (!row->no[i])
			f->given[fw->table_count++] = f->given[i];
	fw->tables = f->given;
	memcpy(f->map, good_map, sizeof(good_map));
	f->map[NB_COUNT(good_map)] = row->map;
	fw->map = row->map_alone ? &row->map : f->map;
	fw->map_count = row->map_alone ? 1 : NB_COUNT(good_map) + (row->map.type != 0);
	if (row->no_map)
		fw->map_count = 0;
	fw->e801_kib = 3071 * 1024; /* what is made up where the map is refused */
	fw->cmdline = row->cmdline;
	return f;
}

static bool ids_are(const struct findings *findings, const struct row *row)
{
	char ids[512] = "";

	for (int id = 0; id < FINDING_IDS; id++) {
		if (!findings->of[id].count)
			continue;
		if (ids[0])
			strcat(ids, " ");
		strcat(ids, finding_rows[id].id);
	}
	if (!strcmp(ids, row->want))
		return true;
	print_error("not so: %s\nfound: %s\nwanted: %s\n", row->claim, ids, row->want);
	return false;
}

static const struct finding *first(const struct findings *findings)
{
	for (int id = 0; id < FINDING_IDS; id++)
		if (findings->of[id].count)
			return &findings->of[id];
	return NULL;
}

/* Whether the edit mends it, and kernels make of it what they should. */
static bool verdict_is(const struct finding *finding, const struct row *row)
{
	if (!finding)
		return false;
	if (row->unmended)
		return !finding->mended || finding->trial;
	for (const struct edit *e = finding->edits; e && row->keeps; e = e->next)
		if (e->kind != EDIT_SET && e->kind != EDIT_SUM) {
			print_error("more than a number goes: %s\n", row->claim);
			return false;
		}
	if (finding->edits && finding->mended && finding->line[NB_LINE_3_14] == row->old &&
	    finding->line[NB_LINE_6_12] == row->new)
		return true;
	print_error("not so: %s\n%s; 3.14: %s, 6.12: %s\n", row->claim,
		    finding->mended ? "mended" : "not mended",
		    line_verdict_names[finding->line[NB_LINE_3_14]],
		    line_verdict_names[finding->line[NB_LINE_6_12]]);
	return false;
}

/* Whether each finding has what a person needs to act on it: the edit or why there is
 * none, and of an error what kernels make of it. */
static bool all_told(const struct findings *findings, const struct row *row)
{
	bool all = true;

	for (int id = 0; id < FINDING_IDS; id++) {
		const struct finding *finding = &findings->of[id];
		const struct finding_row *kind = &finding_rows[id];

		if (!finding->count || kind->severity == SEVERITY_NOTE)
			continue;
		if ((finding->edits || kind->no_edit) &&
		    (kind->severity != SEVERITY_ERROR || finding_is_judged(finding)))
			continue;
		print_error("not told: %s in %s\n", kind->id, row->claim);
		all = false;
	}
	return all;
}

static void test_findings(void **state)
{
	bool all = true;

	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct fixture *f = make(row);
		struct findings *findings = calloc(1, sizeof(*findings));

		check(findings, "there is memory for findings");
		lint_source(findings, &f->source);
		repair_prove(findings, &f->source);
		lines_judge(findings, &f->source);
		all = ids_are(findings, row) && all;
		all = verdict_is(first(findings), row) && all;
		all = all_told(findings, row) && all;
		pool_drop(&findings->pool);
		free(findings);
		free(f);
	}
	check(all, "every row holds");
}

/* A line that is built without NUMA does not read what names domains. */
static void test_without_numa(void **state)
{
	static const struct row row = { .put = { { SRAT, MEMORY2 + BASE, 8, NB_GIB },
						 { SRAT, MEMORY2 + SIZE, 8, 2 * NB_GIB } },
					NO_CEDT };
	struct fixture *f = make(&row);
	struct findings *findings = calloc(1, sizeof(*findings));
	const struct finding *overlap;

	(void)state;
	check(findings, "there is memory for findings");
	lint_source(findings, &f->source);
	lines_judge(findings, &f->source);
	overlap = &findings->of[FINDING_SRAT_MEMORY_OVERLAP];
	check(overlap->line[NB_LINE_6_1] == LINE_NUMA_OFF, "6.1 gives up its nodes");
	check(overlap->line[NB_LINE_6_1_I386] == LINE_IGNORED, "6.1-i386 does not read the SRAT");
	pool_drop(&findings->pool);
	free(findings);
	free(f);
}

/* Of two faults each of which is enough, each is told to be: what is given up for a
 * reason that was found is no kernel's own. */
static void test_two_faults(void **state)
{
	static const struct row row = {
		.claim = "a domain that claims another one's memory, not its own",
		.want = "srat-memory-overlap ram-without-node",
		.put = { { SRAT, MEMORY2 + BASE, 8, NB_GIB } },
		NO_CEDT,
	};
	static const enum finding_id both[] = { FINDING_SRAT_MEMORY_OVERLAP,
						FINDING_RAM_WITHOUT_NODE };
	struct fixture *f = make(&row);
	struct findings *findings = calloc(1, sizeof(*findings));

	(void)state;
	check(findings, "there is memory for findings");
	lint_source(findings, &f->source);
	repair_prove(findings, &f->source);
	lines_judge(findings, &f->source);
	check(ids_are(findings, &row), "both are found, and nothing else");
	for (size_t i = 0; i < NB_COUNT(both); i++) {
		check(findings->of[both[i]].line[NB_LINE_3_14] == LINE_NUMA_OFF,
		      "3.14 gives up its nodes");
		check(findings->of[both[i]].line[NB_LINE_6_12] == LINE_NUMA_OFF,
		      "6.12 gives up its nodes");
	}
	pool_drop(&findings->pool);
	free(findings);
	free(f);
}

/* Every prefix of every table is checked, and nothing outside of it is read. */
static void test_truncated(void **state)
{
	static const struct row good = { .want = "" };

	(void)state;
	for (int table = 0; table < TABLES; table++)
		for (size_t len = 0; len < 300; len++) {
			struct fixture *f = make(&good);
			struct findings *findings = calloc(1, sizeof(*findings));
			size_t all = f->given[table].len;
			uint8_t *part = malloc(len + 1);

			check(findings && part, "there is memory for findings");
			if (len < all) {
				memcpy(part, f->given[table].at, len);
				part = realloc(part, len ? len : 1);
				f->given[table].at = part;
				f->given[table].len = len;
				lint_source(findings, &f->source);
				check(findings_reach(findings, SEVERITY_ERROR),
				      "a table that is cut short is no good one");
				repair_prove(findings, &f->source);
			}
			free(part);
			pool_drop(&findings->pool);
			free(findings);
			free(f);
		}
}

static void test_expect(void **state)
{
	static const struct {
		const char *wants;
		bool reads, holds;
	} wants[] = {
		{ "nodes=2 cpus=4", true, true },
		{ "nodes=3", true, false },
		{ "cpus-per-node=2", true, true },
		{ "memory-per-node=2G+-1%", true, true },
		{ "memory-per-node=2G\xc2\xb1"
		  "1%",
		  true, true },
		{ "memory=4G+-2M", true, true },
		{ "memory=4G", true, false },
		{ "memory-per-node=3G+-10%", true, false },
		{ "", false, false },
		{ "nodes", false, false },
		{ "nodes=", false, false },
		{ "nodes=4x", false, false },
		{ "nodes=4+-", false, false },
		{ "nodes=4+-200%", false, false },
		{ "sockets=2", false, false },
	};
	static const struct row good = { .want = "" };
	static struct run run;
	struct complaint complaint;
	struct fixture *f = make(&good);

	(void)state;
	check(run_source(&run, &f->source, NULL, &complaint), "the good machine boots");
	for (size_t i = 0; i < NB_COUNT(wants); i++) {
		struct findings *findings = calloc(1, sizeof(*findings));

		check(findings, "there is memory for findings");
		check(expect_reads(wants[i].wants) == wants[i].reads, wants[i].wants);
		if (wants[i].reads) {
			expect_hold(findings, wants[i].wants, &run);
			check(!findings->of[FINDING_EXPECT].count == wants[i].holds,
			      wants[i].wants);
		}
		pool_drop(&findings->pool);
		free(findings);
	}
	run_drop(&run);
	free(f);
}

static void test_catalog(void **state)
{
	(void)state;
	for (int id = 0; id < FINDING_IDS; id++) {
		const struct finding_row *row = &finding_rows[id];

		check(row->id && row->title && row->means && row->mend && row->section,
		      "every finding has its words");
		check(finding_row_by_id(row->id) == row, row->id);
	}
	check(!finding_row_by_id("frob"), "no such finding");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings),   cmocka_unit_test(test_without_numa),
		cmocka_unit_test(test_two_faults), cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_expect),     cmocka_unit_test(test_catalog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
