/* SPDX-License-Identifier: MIT */
/*
 * rules: a witness for each: a small machine whose story changes when that rule
 * alone is given another value. A rule without one fails, and so does a witness
 * whose story stays the same.
 */
#include "check.h"
#include "machine.h"

#include <numaboot/rules.h>

#include <string.h>

#define M NB_MIB
#define G NB_GIB

#define RAM2G                                                                                      \
	{ 0, 0x9fc00, 1 },                                                                         \
	{                                                                                          \
		M, 2 * G - M, 1                                                                    \
	}
#define NODES2 ENTRY_CPU(0, 0), ENTRY_CPU(1, 1), ENTRY_RAM(0, 0, G), ENTRY_RAM(1, G, 2 * G)
/* Areas there end with what vmalloc can span beside those in RAM2G. */
#define FAR_AWAY (24 * 1024 * G + 2 * G - 96 * M)
#define KERNEL                                                                                     \
	{                                                                                          \
		.kernel = { 16 * M, 32 * M }, .kernel_end = 33 * M, .boot_apic_is_bsp = true       \
	}

#define KERNEL_AND(...)                                                                            \
	{                                                                                          \
		.kernel = { 16 * M, 32 * M }, .kernel_end = 33 * M, .boot_apic_is_bsp = true,      \
		__VA_ARGS__                                                                        \
	}

/* 125 holes of 1 MiB: with low memory, 127 pieces of RAM. */
#define HOLE(mib) ",1M$" #mib "M"
#define HOLES5(ten) HOLE(ten##1) HOLE(ten##3) HOLE(ten##5) HOLE(ten##7) HOLE(ten##9)
#define HOLES25(a, b, c, d, e) HOLES5(a) HOLES5(b) HOLES5(c) HOLES5(d) HOLES5(e)
#define MANY_HOLES                                                                                 \
	"memmap=4K$0" HOLES25(10, 11, 12, 13, 14) HOLES25(15, 16, 17, 18, 19)                      \
		HOLES25(20, 21, 22, 23, 24) HOLES25(25, 26, 27, 28, 29)                            \
			HOLES25(30, 31, 32, 33, 34)

/* The boot loader's data: a page each, with a page between two. */
static struct nb_range data[130];
/* So many that with kernel, low memory and initrd they are 126 reservations, one of
 * them a page below the initrd, where the distance table is put. */
static struct nb_range beside_distances[123];
/* So many that memblock's array of reservations is doubled twice. */
static struct nb_range beside_boot[300];
static const struct nb_range below_bios_area[] = { { 0x9e000, 0x9f000 } };
/* Below it free RAM ends on a border of 4 bytes only. */
static const struct nb_range odd_end[] = { { 2 * G - 0x2004, 2 * G - 0x2000 } };
static const struct nb_range below_16m[] = { { M, 16 * M } };
static const struct nb_range device[] = { { 3 * G, 3 * G + M } };

/* CPU 1 does not come up. */
static const uint32_t came_up[] = { 0, 2 };

static void fill_data(void)
{
	for (uint32_t i = 0; i < NB_COUNT(data); i++)
		data[i] = (struct nb_range){ G + i * 0x2000, G + i * 0x2000 + 0x1000 };
	for (uint32_t i = 0; i < NB_COUNT(beside_boot); i++)
		beside_boot[i] = (struct nb_range){ G + i * 0x2000, G + i * 0x2000 + 0x1000 };
	memcpy(beside_distances, data, sizeof(beside_distances));
	beside_distances[0] = (struct nb_range){ 2 * G - M - 0x3000, 2 * G - M - 0x1000 };
	beside_distances[1] = (struct nb_range){ 2 * G - 4 * M - 0x1000, 2 * G - 4 * M };
}

static const struct witness {
	const char *rule;
	enum nb_line line; /* the line whose other rules hold */
	uint64_t value;    /* the rule's other value */
	/* Kinds of which one side tells where the stories part. */
	enum nb_event_kind there, other;
	uint32_t max_nodes, node_data; /* of the build; 0: as it is */
	nb_phys table_at;              /* of the MADT; 0: it is not known */
	bool no_hotplug;
	struct machine machine;
} witnesses[] = {
	{ "coverage_forgiven", NB_LINE_6_12, 0, NB_EV_NODE_SETUP, NB_EV_UNCOVERED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_RAM(0, 0, 2 * G - 0x10000) } } },
	{ "e820_least_entries", NB_LINE_6_12, 1, NB_EV_MAP_REJECTED, NB_EV_MAP_NOT_SANITIZED,
	  .machine = { .map = { { 0, 2 * G, 1 } }, .facts = KERNEL, .cpus = 1 } },
	{ "e820_end_counts_acpi", NB_LINE_6_12, false, NB_EV_LAST_PFN, NB_EV_LAST_PFN,
	  .machine = { .map = { RAM2G, { 2 * G, M, 3 } }, .facts = KERNEL, .cpus = 1 } },
	{ "e820_sorted_first", NB_LINE_6_12, true, NB_EV_MAP_BEGIN, NB_EV_MAP_REJECTED,
	  .machine = { .map = { { 0, G, 1 }, { G, G, 1 } }, .facts = KERNEL, .cpus = 1 } },
	{ "e820_ends_at_top", NB_LINE_6_12, false, NB_EV_MAP_NOT_SANITIZED, NB_EV_MAP_REJECTED,
	  .machine = { .map = { RAM2G, { UINT64_MAX - 0xfff, 0x1000, 2 } },
		       .facts = KERNEL,
		       .cpus = 1 } },
	{ "e820_pram", NB_LINE_6_12, false, NB_EV_MAP_ADDED, NB_EV_MAP_REMOVE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "memmap=1G!512M" } },
	{ "e820_soft_reserved", NB_LINE_6_12, false, NB_EV_MAP_ENTRY, NB_EV_MAP_ENTRY,
	  .machine = { .map = { RAM2G,
				{ 2 * G, M, NB_E820_SOFT_RESERVED },
				{ 2 * G + M, M, NB_E820_SOFT_RESERVED } },
		       .facts = KERNEL,
		       .cpus = 1 } },
	{ "e820_setup_data", NB_LINE_6_12, false, NB_EV_MAP_UPDATE, NB_EV_MAP_UPDATE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.setup_data = data, .setup_data_count = 1),
		       .cpus = 1 } },
	{ "e820_setup_data_twice", NB_LINE_6_12, true, NB_EV_MAP_BEGIN, NB_EV_MAP_UPDATE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.setup_data = data, .setup_data_count = 1),
		       .cpus = 1 } },
	{ "e820_setup_data_kept", NB_LINE_6_12, true, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.setup_data = data, .setup_data_count = 1),
		       .cpus = 1 } },
	{ "e820_shows_gaps", NB_LINE_6_12, true, NB_EV_MAP_ENTRY, NB_EV_MAP_GAP,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "memmap_types", NB_LINE_6_12, false, NB_EV_MAP_UPDATE, NB_EV_MAP_REMOVE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "memmap=1G%512M-1+2" } },
	{ "exactmap_tells_end", NB_LINE_6_12, true, NB_EV_MAP_CLEARED, NB_EV_LAST_PFN,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "memmap=exactmap memmap=512K@0 memmap=1G@1M" } },
	{ "efi_mmio_removed", NB_LINE_6_12, false, NB_EV_MAP_REMOVE, NB_EV_MAP_UPDATE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.efi_mmio = device, .efi_mmio_count = 1),
		       .cpus = 1 } },
	{ "kvm_tells_end", NB_LINE_6_12, false, NB_EV_LAST_PFN, NB_EV_MAP_UPDATE,
	  .machine = { .map = { RAM2G }, .facts = KERNEL_AND(.kvm = true), .cpus = 1 } },
	{ "initrd_tables_type", NB_LINE_6_12, NB_E820_ACPI, NB_EV_MAP_ENTRY, NB_EV_MAP_ENTRY,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.initrd_tables_bytes = 0x1000),
		       .cpus = 1 } },
	{ "low_reserved_early", NB_LINE_6_12, 0, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "low_reserved_whole", NB_LINE_6_12, false, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "low_reserved_for_crash", NB_LINE_5_10, false, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "crashkernel=64M" } },
	{ "low_memory_marked", NB_LINE_6_12, true, NB_EV_MEMORY_FILLED, NB_EV_REGIONS_DOUBLED,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1, .cmdline = MANY_HOLES } },
	{ "bios_area_late", NB_LINE_6_12, true, NB_EV_RESERVED, NB_EV_MAP_BEGIN,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "trampoline_or_panic", NB_LINE_6_12, true, NB_EV_NO_TRAMPOLINE, NB_EV_DIES,
	  .machine = { .map = { { M, G, 1 }, { 2 * G, G, 1 } }, .facts = KERNEL, .cpus = 1 } },
	{ "map_step_shift", NB_LINE_6_12, 5, NB_EV_MAPPING_RANGE, NB_EV_MAPPING_RANGE,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "map_step_by_last", NB_LINE_6_12, true, NB_EV_MAPPING_RANGE, NB_EV_MAPPING_RANGE,
	  .machine = { .map = { RAM2G, { 4 * G, 100 * M, 1 } }, .facts = KERNEL, .cpus = 1 } },
	{ "map_block_taken", NB_LINE_6_12, false, NB_EV_RESERVED, NB_EV_MAPPING_RANGE,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "apic_table", NB_LINE_6_12, NB_APIC_TABLE_EARLY, NB_EV_STAGE, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "tables_reserved", NB_LINE_6_12, false, NB_EV_RESERVED, NB_EV_STAGE, .table_at = 2 * G,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "upwards_above_kernel", NB_LINE_6_12, true, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1, .cmdline = "movable_node" } },
	{ "upwards_skips_hotplug", NB_LINE_6_12, false, NB_EV_DISTANCE_NO_ROOM, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "movable_node",
		       .srat = { ENTRY_HOT(0, 0, G), ENTRY_HOT(1, G, 2 * G) },
		       .localities = 2,
		       .slit = { 10, 20, 20, 10 } } },
	/* It dies before it shows the map. */
	{ "regions_full_panics", NB_LINE_6_12, false, NB_EV_DIES, NB_EV_MAP_BEGIN,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.setup_data = data, .setup_data_count = NB_COUNT(data)),
		       .cpus = 1 } },
	/* The table touches a reservation: where they stay apart the array is full sooner. */
	{ "unset_node_apart", NB_LINE_6_12, false, NB_EV_REGIONS_DOUBLED, NB_EV_REGIONS_DOUBLED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.setup_data = beside_distances,
					   .setup_data_count = NB_COUNT(beside_distances),
					   .initrd = { 2 * G - M, 2 * G }),
		       .cpus = 1,
		       .srat = { NODES2 },
		       .localities = 2,
		       .slit = { 10, 20, 20, 10 } } },
	{ "region_bytes", NB_LINE_6_12, 32, NB_EV_REGIONS_DOUBLED, NB_EV_REGIONS_DOUBLED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.efi_boot = beside_boot,
					   .efi_boot_count = NB_COUNT(beside_boot)),
		       .cpus = 1 } },
	{ "kernel_memory_marked", NB_LINE_6_12, true, NB_EV_MEMORY_FILLED, NB_EV_MEMORY_FILLED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.setup_data = below_bios_area, .setup_data_count = 1),
		       .cpus = 1 } },
	{ "srat_x2apic_first", NB_LINE_6_12, true, NB_EV_PXM_NUMBERED, NB_EV_PXM_NUMBERED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 2,
		       .srat = { ENTRY_CPU(5, 0), ENTRY_CPU2(6, 1), ENTRY_RAM(5, 0, 2 * G) } } },
	{ "srat_initiators", NB_LINE_6_12, false, NB_EV_PXM_NUMBERED, NB_EV_SRAT_UNKNOWN_ENTRY,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_GI(7), ENTRY_RAM(0, 0, 2 * G) } } },
	{ "srat_memory_exact", NB_LINE_6_12, true, NB_EV_SRAT_SKIPPED, NB_EV_SRAT_ENTRY_LENGTH,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { { ENTRY_RAW, NB_SRAT_MEMORY, 41, 0, 41 },
				 ENTRY_RAM(0, 0, 2 * G) } } },
	{ "srat_memory_capped", NB_LINE_6_12, true, NB_EV_SRAT_BLOCKS_FULL,
	  NB_EV_SRAT_MEMORY_CAPPED, .max_nodes = 1,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_RAM(0, 0, G), ENTRY_RAM(0, G, 2 * G - M),
				 ENTRY_RAM(0, 2 * G - M, 2 * G) } } },
	{ "srat_skips_hotplug", NB_LINE_6_12, true, NB_EV_PXM_NUMBERED, NB_EV_SRAT_SKIPPED,
	  .no_hotplug = true,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_RAM(0, 0, 2 * G), ENTRY_HOT(1, 4 * G, 5 * G) } } },
	{ "cxl_windows", NB_LINE_6_12, NB_CXL_UNREAD, NB_EV_PXM_NUMBERED, NB_EV_BLOCK_CLAMPED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_RAM(0, 0, 2 * G) },
		       .window = { { 4 * G, 5 * G } } } },
	{ "blocks_outside_ram", NB_LINE_6_12, NB_OUTSIDE_DROPPED, NB_EV_BLOCK_SET_ASIDE,
	  NB_EV_BLOCK_DROPPED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_RAM(1, 4 * G, 5 * G), ENTRY_RAM(0, 0, 2 * G) } } },
	{ "blocks_clamped_to_ram", NB_LINE_6_12, false, NB_EV_BLOCK_CLAMPED, NB_EV_NODE_SETUP,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_RAM(0, 0, 2 * G) } } },
	{ "coverage_by_blocks", NB_LINE_6_12, true, NB_EV_NODE_SETUP, NB_EV_UNCOVERED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_RAM(0, 0, 2 * G - M) } } },
	{ "nodes_by_blocks", NB_LINE_6_12, true, NB_EV_STAGE, NB_EV_NODE_SETUP,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_RAM(0, 0, 2 * G - 0x800),
				 ENTRY_RAM(1, 2 * G - 0x800, 2 * G) } } },
	{ "least_node", NB_LINE_6_12, 4 * M, NB_EV_NODE_SETUP, NB_EV_NODE_TOO_SMALL,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_RAM(0, 0, 2 * G - 2 * M),
				 ENTRY_RAM(1, 2 * G - 2 * M, 2 * G) } } },
	{ "small_node_is_deadly", NB_LINE_4_4, true, NB_EV_SMP_BEGIN, NB_EV_DIES,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_RAM(0, 0, 2 * G - 2 * M),
				 ENTRY_RAM(1, 2 * G - 2 * M, 2 * G) } } },
	{ "node_data_or_panic", NB_LINE_6_12, false, NB_EV_DIES, NB_EV_NODE_DATA_FAILED,
	  .node_data = 0x50000000,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1, .srat = { NODES2 } } },
	{ "kernel_nodes_late", NB_LINE_6_12, true, NB_EV_NODE_UNPLUGGABLE_CLEARED, NB_EV_NODE_SETUP,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "movable_node",
		       .srat = { ENTRY_HOT(0, 0, G), ENTRY_RAM(1, G, 2 * G) } } },
	{ "fake_uniform", NB_LINE_6_12, NB_UNIFORM_UNKNOWN, NB_EV_FAKE_SIZE_RAISED, NB_EV_FAKE_NODE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 2,
		       .cmdline = "numa=fake=2U",
		       .srat = { NODES2 } } },
	{ "fake_is_its_own_physical", NB_LINE_6_1, true, NB_EV_FALLBACK_NODE, NB_EV_FALLBACK_NODE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 2,
		       .cmdline = "numa=fake=4",
		       .srat = { NODES2 } } },
	{ "fake_replaces_parsed", NB_LINE_6_1, false, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 2,
		       .cmdline = "numa=fake=1",
		       .srat = { NODES2 } } },
	{ "fake_tied_to_pxms", NB_LINE_6_12, false, NB_EV_FAKE_DROPPED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "numa=off numa=fake=2" } },
	/* CPUs: flags 1 is one that is there. */
	{ "disableapic", NB_LINE_6_12, false, NB_EV_CPU_LIMIT_EARLY, NB_EV_CPU_REGISTERED,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 2, .cmdline = "disableapic" } },
	{ "madt_x2apic_first", NB_LINE_6_1, true, NB_EV_CPU_REGISTERED, NB_EV_CPU_REGISTERED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 2,
		       .madt = { { ENTRY_X2APIC, 0, 1, 2, 0 } } } },
	{ "madt_sapic_bytes", NB_LINE_6_12, 17, NB_EV_CPU_REGISTERED, NB_EV_TABLE_FAULT,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .madt = { { ENTRY_RAW, NB_MADT_SAPIC, 16, 0, 16 } } } },
	{ "madt_lapic_255", NB_LINE_6_12, true, NB_EV_MADT_ENTRY_SKIPPED, NB_EV_CPU_REGISTERED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .madt = { { ENTRY_LAPIC, 0, 1, 255, 0 } } } },
	{ "madt_x2apic_trusted", NB_LINE_6_1, true, NB_EV_MADT_ENTRY_SKIPPED, NB_EV_CPU_REGISTERED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .madt = { { ENTRY_X2APIC, 0, 1, 0xffffffff, 0 } } } },
	{ "madt_lapic_has_low", NB_LINE_6_12, false, NB_EV_MADT_ENTRY_SKIPPED, NB_EV_CPU_REGISTERED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .madt = { { ENTRY_X2APIC, 0, 1, 1, 0 } } } },
	{ "madt_disabled", NB_LINE_6_12, NB_DISABLED_COUNT, NB_EV_MADT_ENTRY_SKIPPED,
	  NB_EV_CPU_REGISTERED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .madt = { { ENTRY_LAPIC, 0, 0, 1, 0 } } } },
	{ "cpu_registry", NB_LINE_6_12, NB_REGISTRY_KEPT, NB_EV_MADT_ENTRY_SKIPPED,
	  NB_EV_CPU_REGISTERED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 2,
		       .madt = { { ENTRY_LAPIC, 0, 1, 1, 0 } } } },
	{ "cpu_leaves_offline", NB_LINE_6_12, true, NB_EV_NODE_ONLINE, NB_EV_CPU_NODE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 2,
		       .srat = { ENTRY_CPU(0, 0), ENTRY_CPU(1, 1), ENTRY_RAM(0, 0, 2 * G) } } },
	{ "cpumask_bits_are_ids", NB_LINE_6_1_I386, false, NB_EV_CPU_IDS, NB_EV_CPU_IDS,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "log_align", NB_LINE_6_12, 4096, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.setup_data = odd_end, .setup_data_count = 1),
		       .cpus = 1,
		       .cmdline = "log_buf_len=4M" } },
	{ "log_descriptor", NB_LINE_6_12, 0, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "log_buf_len=4M" } },
	{ "log_info", NB_LINE_6_12, 112, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "log_buf_len=4M" } },
	{ "crash_low_end", NB_LINE_6_12, 896 * M, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "crashkernel=64M" } },
	{ "crash_tries_high", NB_LINE_6_1, false, NB_EV_RESERVED, NB_EV_CRASH_FAILED,
	  .machine = { .map = { RAM2G, { 4 * G, 4 * G, 1 } },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "crashkernel=3G" } },
	{ "crash_low_least", NB_LINE_6_1, 0, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G, { 4 * G, 4 * G, 1 } },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "crashkernel=1G,high" } },
	{ "crash_needs_low", NB_LINE_6_1, false, NB_EV_RESERVED, NB_EV_CRASH_RESERVED,
	  .machine = { .map = { RAM2G, { 4 * G, 4 * G, 1 } },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "crashkernel=1G,high" } },
	{ "crash_strict", NB_LINE_6_12, false, NB_EV_CRASH_FAILED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "crashkernel=64M@257M" } },
	{ "crash_ram_rounded", NB_LINE_6_12, false, NB_EV_RESERVED, NB_EV_CRASH_MALFORMED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "crashkernel=2G-:64M" } },
	{ "crash_cma", NB_LINE_6_12, true, NB_EV_CRASH_MALFORMED, NB_EV_STAGE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "crashkernel=64M,cma" } },
	{ "sparse_after_zones", NB_LINE_6_12, true, NB_EV_RESERVED, NB_EV_ZONES_BEGIN,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "sparse_roots_taken", NB_LINE_6_12, false, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "sparse_keeps_notes", NB_LINE_6_12, true, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "sparse_usage_with_data", NB_LINE_6_12, false, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G, { 2 * G + 256 * M, 0x10000, 1 } },
		       .facts = KERNEL,
		       .cpus = 1 } },
	{ "sparse_memmap_whole", NB_LINE_6_12, false, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "zone_wait_bytes", NB_LINE_6_12, 98304, NB_EV_ZONE, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "nosave_by_ram", NB_LINE_6_12, false, NB_EV_STAGE, NB_EV_RESERVED,
	  .machine = { .map = { { 0, 0x9fc00, 1 },
				{ M, G - M + 0x800, 1 },
				{ G + 0x800, 0x400, 2 },
				{ G + 0xc00, G - 0xc00, 1 } },
		       .facts = KERNEL,
		       .cpus = 1 } },
	{ "sparse_memmap_on_node", NB_LINE_6_12, false, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G, { 2 * G, 0x180000, 1 }, { 2 * G + 128 * M, 0x180000, 1 } },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_RAM(0, 0, 2 * G), ENTRY_RAM(1, 2 * G, 3 * G) } } },
	{ "zones_after_cpus", NB_LINE_6_12, true, NB_EV_STAGE, NB_EV_STAGE,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "zones_end_with_ram", NB_LINE_6_12, false, NB_EV_ZONE_LIMITS, NB_EV_ZONE_LIMITS,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "movable_rounded_up", NB_LINE_6_12, false, NB_EV_MOVABLE_START, NB_EV_MOVABLE_START,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "movable_node",
		       .srat = { ENTRY_RAM(0, 0, G + 1), ENTRY_HOT(1, G + 1, 2 * G) } } },
	{ "mirror", NB_LINE_6_12, NB_MIRROR_ALWAYS, NB_EV_NO_MIRROR, NB_EV_UNMIRRORED_LOW,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "kernelcore=mirror" } },
	{ "mirror_overlaps", NB_LINE_6_1, false, NB_EV_ZONE, NB_EV_ZONE,
	  .machine = { .map = { RAM2G, { 5 * G, G, 1 } },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "kernelcore=mirror" } },
	{ "movable_percent", NB_LINE_6_12, false, NB_EV_MOVABLE_START, NB_EV_RANGES_BEGIN,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "kernelcore=50%" } },
	{ "movable_bounded", NB_LINE_4_4, false, NB_EV_RANGES_BEGIN, NB_EV_MOVABLE_START,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1, .cmdline = "kernelcore=4G" } },
	{ "movable_within_node", NB_LINE_6_12, false, NB_EV_RANGES_BEGIN, NB_EV_MOVABLE_START,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "kernelcore=2096400K" } },
	{ "memmap_counted", NB_LINE_6_12, true, NB_EV_ZONE, NB_EV_NODE_PAGES,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "batch_bytes_most", NB_LINE_6_1, 512 * NB_KIB, NB_EV_ZONE_PAGES, NB_EV_ZONE_PAGES,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "empty_nodes_built", NB_LINE_6_12, false, NB_EV_NODE_NO_DATA, NB_EV_UNAVAILABLE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 2,
		       .srat = { ENTRY_CPU(0, 0), ENTRY_CPU(1, 1), ENTRY_RAM(0, 0, 2 * G) } } },
	{ "memmap_by_region", NB_LINE_6_12, false, NB_EV_UNAVAILABLE, NB_EV_STAGE,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "percpu_dynamic", NB_LINE_6_12, 20 * NB_KIB, NB_EV_PERCPU_GROUP, NB_EV_PERCPU_GROUP,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "percpu_early", NB_LINE_6_12, 12 * NB_KIB, NB_EV_PERCPU_PAGED, NB_EV_PERCPU_PAGED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "percpu_alloc=page" } },
	{ "percpu_modules_apart", NB_LINE_6_12, false, NB_EV_PERCPU_EMBEDDED, NB_EV_PERCPU_EMBEDDED,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "percpu_atom", NB_LINE_6_12, 0x1000, NB_EV_PERCPU_GROUP, NB_EV_PERCPU_GROUP,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	/* Of two pieces 24 TiB apart, with two CPUs on the higher one, half of that counts. */
	{ "percpu_spread_late", NB_LINE_6_12, true, NB_EV_PERCPU_TOO_FAR, NB_EV_PERCPU_GROUP,
	  .machine = { .map = { RAM2G, { FAR_AWAY, 64 * M, 1 } },
		       .facts = KERNEL,
		       .cpus = 4,
		       .srat = { ENTRY_CPU(0, 0), ENTRY_CPU(0, 1), ENTRY_CPU(1, 2), ENTRY_CPU(1, 3),
				 ENTRY_RAM(0, 0, 2 * G),
				 ENTRY_RAM(1, FAR_AWAY, FAR_AWAY + 64 * M) } } },
	{ "huge_pages_by_node", NB_LINE_6_12, false, NB_EV_RESERVED, NB_EV_STAGE,
	  .machine = { .map = { RAM2G, { 4 * G, 4 * G, 1 } },
		       .facts = KERNEL_AND(.gb_pages = true),
		       .cpus = 1,
		       .srat = { ENTRY_CPU(0, 0), ENTRY_RAM(0, 0, 2 * G),
				 ENTRY_RAM(1, 4 * G, 8 * G) },
		       .cmdline = "hugepagesz=1G hugepages=0:1" } },
	{ "huge_pages_strict", NB_LINE_6_12, false, NB_EV_RESERVED, NB_EV_STAGE,
	  .machine = { .map = { RAM2G, { 4 * G, 4 * G, 1 } },
		       .facts = KERNEL_AND(.gb_pages = true),
		       .cpus = 1,
		       .srat = { ENTRY_CPU(0, 0), ENTRY_RAM(0, 0, 2 * G),
				 ENTRY_RAM(1, 4 * G, 8 * G) },
		       .cmdline = "default_hugepagesz=1G hugepages=1" } },
	{ "huge_pages_early", NB_LINE_6_12, true, NB_EV_UNAVAILABLE, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G, { 4 * G, 4 * G, 1 } },
		       .facts = KERNEL_AND(.gb_pages = true),
		       .cpus = 1,
		       .srat = { ENTRY_CPU(0, 0), ENTRY_RAM(0, 0, 2 * G),
				 ENTRY_RAM(1, 4 * G, 8 * G) },
		       .cmdline = "hugepagesz=1G hugepages=1" } },
	{ "huge_pages_marked", NB_LINE_6_12, false, NB_EV_REGIONS_DOUBLED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G, { 4 * G, 4 * G, 1 } },
		       .facts = KERNEL_AND(.gb_pages = true, .setup_data = data,
					   .setup_data_count = 110),
		       .cpus = 1,
		       .srat = { ENTRY_CPU(0, 0), ENTRY_RAM(0, 0, 2 * G),
				 ENTRY_RAM(1, 4 * G, 8 * G) },
		       .cmdline = "hugepagesz=1G hugepages=3" } },
	{ "zonelists_when", NB_LINE_6_12, NB_LISTS_EARLY, NB_EV_STAGE, NB_EV_STAGE,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "hash_one_node", NB_LINE_6_12, false, NB_EV_RESERVED, NB_EV_STAGE,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "hash_slower", NB_LINE_6_1, false, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G, { 4 * G, 126 * G, 1 } }, .facts = KERNEL, .cpus = 1 } },
	{ "hash_by_free", NB_LINE_6_12, false, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "crashkernel=1200M" } },
	{ "hash_of_pids", NB_LINE_4_9, false, NB_EV_RESERVED, NB_EV_STAGE,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "hash_large", NB_LINE_6_12, NB_HASH_LARGE_WHOLE, NB_EV_HASH, NB_EV_HASH,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1, .srat = { NODES2 } } },
	{ "bounce_by_possible", NB_LINE_6_12, false, NB_EV_BOUNCE_AREAS, NB_EV_STAGE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_CPU(0, 0), ENTRY_RAM(0, 0, 2 * G),
				 ENTRY_HOT(0, 4 * G, 8 * G) } } },
	{ "bounce_in_areas", NB_LINE_6_12, false, NB_EV_BOUNCE_AREAS, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G, { 4 * G, 4 * G, 1 } }, .facts = KERNEL, .cpus = 1 } },
	{ "bounce_slab_bytes", NB_LINE_6_12, 12, NB_EV_RESERVED, NB_EV_RESERVED,
	  .machine = { .map = { RAM2G, { 4 * G, 4 * G, 1 } }, .facts = KERNEL, .cpus = 1 } },
	{ "zonelist_order", NB_LINE_6_12, NB_ZONELIST_ASKED, NB_EV_ZONELISTS_BUILT,
	  NB_EV_ZONELISTS_BUILT,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "numa_zonelist_order=zone" } },
	{ "fallback_load_adds", NB_LINE_6_12, false, NB_EV_FALLBACK_NODE, NB_EV_FALLBACK_NODE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .srat = { ENTRY_RAM(0, 0, G / 2), ENTRY_RAM(1, G / 2, G),
				 ENTRY_RAM(2, G, G + G / 2), ENTRY_RAM(3, G + G / 2, 2 * G) },
		       .localities = 4,
		       .slit = { 10, 20, 30, 30, 20, 10, 30, 30, 20, 30, 10, 30, 40, 20, 20,
				 10 } } },
	{ "zonelists_by_managed", NB_LINE_6_1, true, NB_EV_POLICY_ZONE, NB_EV_POLICY_ZONE,
	  .machine = { .map = { RAM2G, { 4 * G, 0x1000, 1 } }, .facts = KERNEL, .cpus = 1 } },
	{ "fallback_skips_empty_self", NB_LINE_6_12, false, NB_EV_FALLBACK_NODE,
	  NB_EV_FALLBACK_NODE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 2,
		       .srat = { ENTRY_CPU(0, 0), ENTRY_CPU(1, 1), ENTRY_RAM(0, 0, 2 * G) } } },
	{ "smp_counts_tries", NB_LINE_6_12, false, NB_EV_SMP_NODE_END, NB_EV_SMP_CPU,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.started = came_up, .started_count = NB_COUNT(came_up)),
		       .cpus = 3,
		       .cmdline = "maxcpus=2" } },
	{ "smp_boot_cpu_listed", NB_LINE_6_1, false, NB_EV_DIES, NB_EV_NODE_HAS_CPU,
	  .machine = { .map = { RAM2G }, .facts = KERNEL_AND(.boot_apic_id = 5), .cpus = 2 } },
	{ "smp_possible_counted", NB_LINE_6_12, true, NB_EV_NODE_HAS_CPU, NB_EV_DIES,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 2,
		       .cmdline = "possible_cpus=0" } },
	{ "smp_nosmt", NB_LINE_6_12, false, NB_EV_SMP_DONE, NB_EV_SMP_DONE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.thread_shift = 1),
		       .cpus = 2,
		       .cmdline = "nosmt" } },
	{ "smp_has_cpu", NB_LINE_6_12, NB_HAS_CPU_NEVER, NB_EV_NODE_HAS_CPU, NB_EV_SMP_BEGIN,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "access_hmat", NB_LINE_6_12, false, NB_EV_ACCESS, NB_EV_HMAT_IGNORED,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 2,
		       .srat = { NODES2 },
		       .hmat = true } },
	{ "watermark_scale", NB_LINE_6_12, 0, NB_EV_WATERMARKS, NB_EV_WATERMARKS,
	  .machine = { .map = { RAM2G, { 4 * G, 62 * G, 1 } }, .facts = KERNEL, .cpus = 1 } },
	{ "min_free_kib_most", NB_LINE_6_12, 65536, NB_EV_MIN_FREE, NB_EV_MIN_FREE,
	  .machine = { .map = { RAM2G, { 4 * G, 400 * G, 1 } }, .facts = KERNEL, .cpus = 1 } },
	{ "initrd_back_first", NB_LINE_6_12, true, NB_EV_MIN_FREE, NB_EV_MIN_FREE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.initrd = { G, G + 256 * M }),
		       .cpus = 1 } },
	{ "huge_pages_first", NB_LINE_6_12, true, NB_EV_MIN_FREE, NB_EV_MIN_FREE,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "memory_told_late", NB_LINE_6_12, false, NB_EV_MEMORY_TOLD, NB_EV_MEMORY_TOLD,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "arrays_back_first", NB_LINE_6_12, true, NB_EV_MEMORY_TOLD, NB_EV_MEMORY_TOLD,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.efi_boot = beside_boot,
					   .efi_boot_count = NB_COUNT(beside_boot)),
		       .cpus = 1 } },
	{ "vmalloc_tables", NB_LINE_6_1, false, NB_EV_MEMORY_TOLD, NB_EV_MEMORY_TOLD,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "huge_pages_back", NB_LINE_6_12, NB_HUGE_BACK_LAST, NB_EV_MIN_FREE, NB_EV_MIN_FREE,
	  .machine = { .map = { RAM2G, { 4 * G, 4 * G, 1 } },
		       .facts = KERNEL_AND(.gb_pages = true),
		       .cpus = 1,
		       .cmdline = "hugepagesz=1G hugepages=2" } },
	{ "huge_pages_in_high", NB_LINE_6_12, true, NB_EV_MIN_FREE, NB_EV_MIN_FREE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL,
		       .cpus = 1,
		       .cmdline = "kernelcore=1600M" } },
	{ "movable_is_high", NB_LINE_6_12, false, NB_EV_WATERMARKS, NB_EV_WATERMARKS,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1, .cmdline = "kernelcore=1G" } },
	/* All of DMA is taken. */
	{ "reserve_without_pages", NB_LINE_6_12, true, NB_EV_CPU_LISTS, NB_EV_ZONE_RESERVE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.found = below_16m, .found_count = 1),
		       .cpus = 1 } },
	{ "reserve_follows", NB_LINE_6_12, true, NB_EV_ZONE_RESERVE, NB_EV_ZONE_RESERVE,
	  .machine = { .map = { RAM2G },
		       .facts = KERNEL_AND(.initrd = { G, G + 256 * M }),
		       .cpus = 1 } },
	{ "lists_by_marks", NB_LINE_6_1, false, NB_EV_CPU_LISTS, NB_EV_CPU_LISTS,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
	{ "lists_grow", NB_LINE_6_12, false, NB_EV_CPU_LISTS, NB_EV_CPU_LISTS,
	  .machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 } },
};

static const struct nb_rule *find(const char *name)
{
	uint32_t count;
	const struct nb_rule *rules = nb_rules(&count);

	for (uint32_t i = 0; i < count; i++)
		if (!strcmp(rules[i].name, name))
			return &rules[i];
	return NULL;
}

static void swap(struct nb_rules *rules, const struct nb_rule *rule, uint64_t value)
{
	uint8_t *at = (uint8_t *)rules + rule->offset;

	check(nb_rule_value(rules, rule) != value, rule->name);
	for (size_t i = 0; i < rule->size; i++)
		at[i] = (uint8_t)(value >> (8 * i));
	check(nb_rule_value(rules, rule) == value, rule->name);
}

static void run(struct machine_boot *boot, const struct witness *witness, bool swapped)
{
	machine_begin(boot, &witness->machine, witness->line);
	if (witness->max_nodes)
		boot->config.max_nodes = witness->max_nodes;
	if (witness->node_data)
		boot->config.node_data_bytes = witness->node_data;
	if (witness->table_at)
		boot->tables[0].address = witness->table_at;
	if (witness->no_hotplug)
		boot->config.memory_hotplug = false;
	if (swapped)
		swap(&boot->rules, find(witness->rule), witness->value);
	machine_run(boot);
	check(!boot->err || boot->err == NB_ERR_DIES, witness->rule);
}

/* The first event of which the two stories differ, at the same place in both. */
struct parting {
	bool parts;
	struct nb_event as_it_is, swapped;
};

static struct parting parting_of(const struct witness *witness)
{
	struct machine_boot as_it_is, swapped;
	struct parting parting = { false };
	size_t at = 0, both;

	run(&as_it_is, witness, false);
	run(&swapped, witness, true);
	both = as_it_is.record->count < swapped.record->count ? as_it_is.record->count
							      : swapped.record->count;
	while (at < both && same_event(&as_it_is.record->at[at], &swapped.record->at[at]))
		at++;
	if (at < both)
		parting = (struct parting){ true, as_it_is.record->at[at], swapped.record->at[at] };
	machine_end(&as_it_is);
	machine_end(&swapped);
	return parting;
}

static void test_witnesses(void **state)
{
	(void)state;
	fill_data();
	for (const struct witness *w = witnesses; w < witnesses + NB_COUNT(witnesses); w++) {
		struct parting parting;

		check(find(w->rule), w->rule);
		parting = parting_of(w);
		check(parting.parts, w->rule);
		if (parting.as_it_is.kind != w->there || parting.swapped.kind != w->other) {
			record_print("told", &parting.as_it_is);
			record_print("with the rule swapped", &parting.swapped);
		}
		check(parting.as_it_is.kind == w->there && parting.swapped.kind == w->other,
		      w->rule);
	}
}

/* The first rule that none of these witnesses is for; null: each has one. */
static const char *unwitnessed(const struct witness *at, size_t count)
{
	uint32_t rule_count;
	const struct nb_rule *rules = nb_rules(&rule_count);

	for (uint32_t i = 0; i < rule_count; i++) {
		size_t k = 0;

		while (k < count && strcmp(at[k].rule, rules[i].name) != 0)
			k++;
		if (k == count)
			return rules[i].name;
	}
	return NULL;
}

static void test_every_rule(void **state)
{
	const char *rule = unwitnessed(witnesses, NB_COUNT(witnesses));

	(void)state;
	check(!rule, rule ? rule : "every rule has a witness");
}

/* The checks above are seen to fail: for each rule when its witnesses are taken away,
 * and for a machine that does not come to the decision. */
static void test_failures(void **state)
{
	static const struct witness silent = {
		"fake_uniform", NB_LINE_6_12, NB_UNIFORM_UNKNOWN,
		.machine = { .map = { RAM2G }, .facts = KERNEL, .cpus = 1 }
	};
	static struct witness left[NB_COUNT(witnesses)];
	uint32_t rule_count;
	const struct nb_rule *rules = nb_rules(&rule_count);

	(void)state;
	for (uint32_t i = 0; i < rule_count; i++) {
		const char *found;
		size_t count = 0;

		for (size_t k = 0; k < NB_COUNT(witnesses); k++)
			if (strcmp(witnesses[k].rule, rules[i].name) != 0)
				left[count++] = witnesses[k];
		found = unwitnessed(left, count);
		check(found && !strcmp(found, rules[i].name), rules[i].name);
	}
	check(!parting_of(&silent).parts, "a witness whose story stays the same is seen");
}

/* Two lines differ by rules and build alone: the fields of one line, put into
 * another one by one, make it that line. */
static void test_listed(void **state)
{
	uint32_t count;
	const struct nb_rule *rules = nb_rules(&count);
	struct nb_rules built = nb_lines[NB_LINE_3_14];

	(void)state;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t value = nb_rule_value(&nb_lines[NB_LINE_6_12], &rules[i]);

		if (nb_rule_value(&built, &rules[i]) != value)
			swap(&built, &rules[i], value);
		if (i)
			check(rules[i].offset ==
				      nb_align_up(rules[i - 1].offset + rules[i - 1].size,
						  rules[i].size),
			      "rules are listed in the order of their fields, with none left out");
	}
	built.line = nb_lines[NB_LINE_6_12].line;
	built.release = nb_lines[NB_LINE_6_12].release;
	built.wording = nb_lines[NB_LINE_6_12].wording;
	check(!memcmp(&built, &nb_lines[NB_LINE_6_12], sizeof(built)), "every field is listed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_witnesses),
		cmocka_unit_test(test_every_rule),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
