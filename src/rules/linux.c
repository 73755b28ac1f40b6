/* SPDX-License-Identifier: MIT */
/*
 * linux: the kernel lines as data, side by side: a row for each rule, a column
 * for each line. docs/SOURCES.md names the exact releases; what a rule decides,
 * and where that stands in the source, is said in include/numaboot/rules.h; what
 * each line does with it, in docs/KERNEL-LINES.md.
 */
#include <numaboot/firmware.h>
#include <numaboot/rules.h>

/* clang-format off */

/* Values of enums, short enough for a column. */
enum {
	NONE = NB_APIC_TABLE_NONE, EARLY = NB_APIC_TABLE_EARLY, LATE = NB_APIC_TABLE_LATE,
	UNREAD = NB_CXL_UNREAD, BLOCK = NB_CXL_BLOCK, CXL_ASIDE = NB_CXL_ASIDE,
	KEPT = NB_OUTSIDE_KEPT, DROPPED = NB_OUTSIDE_DROPPED, ASIDE = NB_OUTSIDE_ASIDE,
	ACPI = NB_E820_ACPI, NVS = NB_E820_NVS, PAGE = 0x1000, LOW_64K = 0x10000,
	LOWEST = NB_REGISTRY_LOWEST, NUM_KEPT = NB_REGISTRY_KEPT, SET = NB_REGISTRY_SET,
	ALL = NB_DISABLED_COUNT, TILL_63 = NB_DISABLED_UNLESS_63, GUESTS = NB_DISABLED_IN_GUESTS,
	NEVER = NB_HAS_CPU_NEVER, OWN = NB_HAS_CPU_OWN, BOOT = NB_HAS_CPU_BOOT,
	NO_MIRROR = NB_MIRROR_UNKNOWN, MIRROR = NB_MIRROR_ALWAYS, IF_ANY = NB_MIRROR_IF_ANY,
	BY_NODE = NB_ZONELIST_NODE, ASKED = NB_ZONELIST_ASKED, COMPUTED = NB_ZONELIST_COMPUTED,
	UNKNOWN = NB_UNIFORM_UNKNOWN, NUMBER = NB_UNIFORM_NUMBER, COUNT = NB_UNIFORM_COUNT,
};

#define LOW_512M (512 * NB_MIB)
#define LOW_896M (896 * NB_MIB)
#define LOW_4G (4 * NB_GIB)

/* A row: the field, then its value in each line. */
#define RULES(RULE) \
	/*   field                       3.14    4.4     4.9     5.10    6.1     6.12    7.3     6.1-i386 */ \
	RULE(coverage_forgiven,          NB_MIB, NB_MIB, NB_MIB, NB_MIB, NB_MIB, NB_MIB, NB_MIB, NB_MIB) \
	RULE(e820_least_entries,         2,      2,      2,      2,      2,      2,      1,      2) \
	RULE(e820_end_counts_acpi,       false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(e820_sorted_first,         true,   true,   true,   false,  false,  false,  false,  false) \
	RULE(e820_ends_at_top,          false,  false,  true,   true,   true,   true,   true,   true) \
	RULE(e820_pram,                 false,  true,   true,   true,   true,   true,   true,   true) \
	RULE(e820_soft_reserved,        false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(e820_setup_data,           true,   true,   true,   true,   true,   true,   false,  true) \
	RULE(e820_setup_data_twice,     false,  false,  false,  true,   true,   false,  false,  true) \
	RULE(e820_setup_data_kept,      true,   true,   true,   false,  false,  false,  false,  false) \
	RULE(e820_shows_gaps,           false,  false,  false,  false,  false,  false,  true,   false) \
	RULE(memmap_types,              false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(exactmap_tells_end,        true,   true,   true,   false,  false,  false,  false,  false) \
	RULE(efi_mmio_removed,          false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(kvm_tells_end,             false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(initrd_tables_type,        ACPI,   ACPI,   ACPI,   ACPI,   NVS,    NVS,    NVS,    NVS) \
	RULE(low_reserved_early,        0,      PAGE,   PAGE,   PAGE,   LOW_64K,LOW_64K,LOW_64K,LOW_64K) \
	RULE(low_reserved_whole,        false,  false,  false,  false,  true,   true,   true,   true) \
	RULE(low_reserved_for_crash,    false,  false,  false,  true,   false,  false,  false,  false) \
	RULE(low_memory_marked,         false,  false,  false,  false,  false,  false,  true,   false) \
	RULE(bios_area_late,            false,  false,  true,   true,   false,  false,  false,  false) \
	RULE(trampoline_or_panic,       true,   true,   false,  false,  false,  false,  false,  false) \
	RULE(map_step_shift,             5,      8,      8,      8,      8,      8,      8,      8) \
	RULE(map_step_by_last,           true,   false,  false,  false,  false,  false,  false,  false) \
	RULE(map_block_taken,            false,  false,  false,  false,  true,   true,   true,   true) \
	RULE(apic_table,                 LATE,   EARLY,  EARLY,  NONE,   NONE,   NONE,   NONE,   NONE) \
	RULE(tables_reserved,           false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(upwards_above_kernel,      true,   true,   true,   false,  false,  false,  false,  false) \
	RULE(upwards_skips_hotplug,     false,  true,   true,   true,   true,   true,   true,   true) \
	RULE(regions_full_panics,       false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(unset_node_apart,          false,  false,  false,  false,  false,  true,   false,  false) \
	RULE(region_bytes,              32,     32,     32,     24,     24,     24,     24,     20) \
	RULE(kernel_memory_marked,      false,  false,  false,  false,  false,  false,  true,   false) \
	RULE(srat_x2apic_first,          true,   false,  false,  false,  false,  false,  false,  false) \
	RULE(srat_initiators,            false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(srat_memory_exact,          true,   true,   false,  false,  false,  false,  false,  false) \
	RULE(srat_memory_capped,         true,   true,   true,   false,  false,  false,  false,  false) \
	RULE(srat_skips_hotplug,         true,   true,   true,   true,   false,  false,  false,  false) \
	RULE(cxl_windows,                UNREAD, UNREAD, UNREAD, UNREAD, BLOCK,  BLOCK,  CXL_ASIDE, BLOCK) \
	RULE(blocks_outside_ram,         KEPT,   DROPPED, DROPPED, ASIDE, ASIDE, ASIDE,  ASIDE,  ASIDE) \
	RULE(blocks_clamped_to_ram,      false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(coverage_by_blocks,         true,   true,   true,   true,   true,   false,  false,  true) \
	RULE(nodes_by_blocks,            true,   true,   true,   true,   true,   false,  false,  true) \
	RULE(least_node,                 4 * NB_MIB, 4 * NB_MIB, 4 * NB_MIB, 0, 0, 0,    0,      0) \
	RULE(small_node_is_deadly,       false,  false,  true,   false,  false,  false,  false,  false) \
	RULE(node_data_or_panic,         false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(kernel_nodes_late,          true,   false,  false,  false,  false,  false,  false,  false) \
	RULE(fake_uniform,               UNKNOWN, UNKNOWN, UNKNOWN, NUMBER, COUNT, COUNT, COUNT, COUNT) \
	RULE(fake_is_its_own_physical,   true,   true,   false,  false,  false,  false,  false,  false) \
	RULE(fake_replaces_parsed,       false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(fake_tied_to_pxms,          false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(disableapic,                true,   true,   true,   true,   true,   true,   false,  true) \
	RULE(madt_x2apic_first,          true,   false,  false,  false,  false,  false,  false,  false) \
	RULE(madt_sapic_bytes,           17,     17,     17,     17,     17,     16,     16,     17) \
	RULE(madt_lapic_255,             true,   false,  false,  false,  false,  false,  false,  false) \
	RULE(madt_x2apic_trusted,        true,   true,   true,   false,  false,  false,  false,  false) \
	RULE(madt_lapic_has_low,         false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(madt_disabled,              ALL,    ALL,    ALL,    ALL,    TILL_63, GUESTS, GUESTS, TILL_63) \
	RULE(cpu_registry,               LOWEST, LOWEST, NUM_KEPT, NUM_KEPT, NUM_KEPT, SET,    SET,    NUM_KEPT) \
	RULE(cpu_leaves_offline,         true,   true,   false,  false,  false,  false,  false,  false) \
	RULE(cpumask_bits_are_ids,       false,  false,  false,  false,  true,   true,   true,   true) \
	RULE(log_align,                  4096,   4,      4,      8,      8,      8,      8,      4) \
	RULE(log_descriptor,             0,      0,      0,      24,     24,     24,     24,     12) \
	RULE(log_info,                   0,      0,      0,      88,     88,     88,     112,    88) \
	RULE(crash_low_end,             LOW_896M, LOW_896M, LOW_896M, LOW_4G, LOW_4G, LOW_4G, LOW_4G, LOW_512M) \
	RULE(crash_tries_high,          false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(crash_low_least,           0, 256 * NB_MIB, 256 * NB_MIB, 256 * NB_MIB, 256 * NB_MIB, 256 * NB_MIB, 256 * NB_MIB, 256 * NB_MIB) \
	RULE(crash_needs_low,           false,  true,   true,   true,   true,   true,   true,   true) \
	RULE(crash_strict,              false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(crash_ram_rounded,         false,  false,  false,  false,  true,   true,   true,   true) \
	RULE(crash_cma,                 false,  false,  false,  false,  false,  false,  true,   false) \
	RULE(sparse_after_zones,         false,  false,  false,  false,  false,  false,  true,   false) \
	RULE(sparse_roots_taken,         false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(sparse_keeps_notes,         true,   true,   true,   false,  false,  false,  false,  false) \
	RULE(sparse_usage_with_data,     true,   true,   true,   true,   true,   true,   false,  true) \
	RULE(sparse_memmap_whole,        true,   true,   true,   true,   true,   true,   false,  true) \
	RULE(sparse_memmap_on_node,      false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(zone_wait_bytes,            0x18000, 0x18000, 0,    0,      0,      0,      0,      0) \
	RULE(nosave_by_ram,              false,  false,  false,  false,  true,   true,   true,   true) \
	RULE(zones_after_cpus,           false,  false,  false,  false,  false,  false,  true,   false) \
	RULE(zones_end_with_ram,         false,  true,   true,   true,   true,   true,   true,   true) \
	RULE(movable_rounded_up,         false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(mirror,                     NO_MIRROR, NO_MIRROR, MIRROR, MIRROR, MIRROR, IF_ANY, IF_ANY, MIRROR) \
	RULE(mirror_overlaps,            false,  false,  true,   true,   true,   true,   false,  true) \
	RULE(movable_percent,            false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(movable_bounded,            false,  true,   true,   true,   true,   true,   true,   true) \
	RULE(movable_within_node,        false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(memmap_counted,             true,   true,   true,   true,   true,   false,  false,  true) \
	RULE(batch_bytes_most,           512 * NB_KIB, 512 * NB_KIB, 512 * NB_KIB, NB_MIB, NB_MIB, NB_MIB, NB_MIB, NB_MIB) \
	RULE(empty_nodes_built,          false,  false,  false,  false,  true,   true,   true,   true) \
	RULE(memmap_by_region,           false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(percpu_dynamic,             20 * NB_KIB, 28 * NB_KIB, 28 * NB_KIB, 28 * NB_KIB, 28 * NB_KIB, 28 * NB_KIB, 28 * NB_KIB, 20 * NB_KIB) \
	RULE(percpu_early,               12 * NB_KIB, 12 * NB_KIB, 12 * NB_KIB, 12 * NB_KIB, 12 * NB_KIB, 20 * NB_KIB, 20 * NB_KIB, 12 * NB_KIB) \
	RULE(percpu_modules_apart,       true,   true,   true,   true,   true,   true,   true,   false) \
	RULE(percpu_atom,                2 * NB_MIB, 2 * NB_MIB, 2 * NB_MIB, 2 * NB_MIB, 2 * NB_MIB, 2 * NB_MIB, 2 * NB_MIB, PAGE) \
	RULE(percpu_spread_late,         true,   true,   true,   false,  false,  false,  false,  false) \
	RULE(huge_pages_by_node,        false,  false,  false,  false,  true,   true,   true,   true) \
	RULE(huge_pages_strict,         false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(huge_pages_early,          false,  false,  false,  false,  false,  false,  true,   false) \
	RULE(huge_pages_marked,         false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(zonelists_when,            NB_LISTS_EARLY, NB_LISTS_EARLY, NB_LISTS_EARLY, NB_LISTS_EARLY, NB_LISTS_EARLY, NB_LISTS_LATE, NB_LISTS_LAST, NB_LISTS_EARLY) \
	RULE(hash_one_node,             false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(hash_slower,               false,  false,  false,  true,   true,   true,   true,   false) \
	RULE(hash_by_free,              false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(hash_of_pids,              true,   true,   true,   false,  false,  false,  false,  false) \
	RULE(hash_large,                0,      0,      0,      0,      NB_HASH_LARGE_BY_NODE, NB_HASH_LARGE_BY_NODE, NB_HASH_LARGE_WHOLE, 0) \
	RULE(bounce_by_possible,        false,  false,  true,   true,   true,   true,   true,   true) \
	RULE(bounce_in_areas,           false,  false,  false,  false,  true,   true,   true,   true) \
	RULE(bounce_slab_bytes,         12,     12,     12,     12,     24,     24,     24,     16) \
	RULE(zonelist_order,             COMPUTED, ASKED, ASKED, BY_NODE, BY_NODE, BY_NODE, BY_NODE, BY_NODE) \
	RULE(fallback_load_adds,         false,  false,  false,  false,  true,   true,   true,   true) \
	RULE(zonelists_by_managed,       false,  false,  true,   false,  false,  false,  false,  false) \
	RULE(fallback_skips_empty_self,  false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(smp_counts_tries,           false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(smp_boot_cpu_listed,        false,  false,  false,  true,   true,   false,  false,  true) \
	RULE(smp_possible_counted,       false,  false,  false,  false,  false,  false,  true,   false) \
	RULE(smp_nosmt,                  false,  true,   true,   true,   true,   true,   true,   true) \
	RULE(smp_has_cpu,                OWN,    NEVER,  OWN,    BOOT,   BOOT,   BOOT,   BOOT,   BOOT) \
	RULE(access_hmat,                false,  false,  false,  true,   true,   true,   true,   true) \
	RULE(watermark_scale,            0,      0,      10,     10,     10,     10,     10,     10) \
	RULE(min_free_kib_most,          65536,  65536,  65536,  262144, 262144, 262144, 262144, 262144) \
	RULE(initrd_back_first,          true,   false,  false,  false,  false,  false,  false,  false) \
	RULE(huge_pages_first,           true,   false,  false,  false,  false,  false,  false,  false) \
	RULE(memory_told_late,           false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(arrays_back_first,          true,   true,   false,  false,  false,  false,  false,  false) \
	RULE(vmalloc_tables,             false,  false,  false,  true,   true,   true,   true,   false) \
	RULE(huge_pages_back,            NB_HUGE_BACK_RAISE, NB_HUGE_BACK_LAST, NB_HUGE_BACK_RAISE, NB_HUGE_BACK_RAISE, NB_HUGE_BACK_RAISE, NB_HUGE_BACK_FIRST, NB_HUGE_BACK_FIRST, NB_HUGE_BACK_RAISE) \
	RULE(huge_pages_in_high,         true,   true,   true,   false,  false,  false,  false,  false) \
	RULE(movable_is_high,            false,  false,  false,  false,  false,  true,   true,   false) \
	RULE(reserve_without_pages,      true,   true,   true,   false,  false,  false,  false,  false) \
	RULE(reserve_follows,            false,  false,  false,  false,  false,  false,  true,   false) \
	RULE(lists_by_marks,             false,  false,  false,  false,  true,   true,   true,   true) \
	RULE(lists_grow,                 false,  false,  false,  false,  false,  true,   true,   false)

#define IN_3_14(field, a, b, c, d, e, f, g, h) .field = a,
#define IN_4_4(field, a, b, c, d, e, f, g, h) .field = b,
#define IN_4_9(field, a, b, c, d, e, f, g, h) .field = c,
#define IN_5_10(field, a, b, c, d, e, f, g, h) .field = d,
#define IN_6_1(field, a, b, c, d, e, f, g, h) .field = e,
#define IN_6_12(field, a, b, c, d, e, f, g, h) .field = f,
#define IN_7_3(field, a, b, c, d, e, f, g, h) .field = g,
#define IN_6_1_I386(field, a, b, c, d, e, f, g, h) .field = h,

const struct nb_rules nb_lines[NB_LINES] = {
	[NB_LINE_3_14]     = { .line = "3.14", .release = "3.14.40", .wording = NB_LINE_3_14, RULES(IN_3_14) },
	[NB_LINE_4_4]      = { .line = "4.4", .release = "4.4.155", .wording = NB_LINE_4_4, RULES(IN_4_4) },
	[NB_LINE_4_9]      = { .line = "4.9", .release = "4.9.154", .wording = NB_LINE_4_9, RULES(IN_4_9) },
	[NB_LINE_5_10]     = { .line = "5.10", .release = "5.10.223", .wording = NB_LINE_5_10, RULES(IN_5_10) },
	[NB_LINE_6_1]      = { .line = "6.1", .release = "6.1.192", .wording = NB_LINE_6_1, RULES(IN_6_1) },
	[NB_LINE_6_12]     = { .line = "6.12", .release = "6.12.117", .wording = NB_LINE_6_12, RULES(IN_6_12) },
	[NB_LINE_7_3]      = { .line = "7.3", .release = "7.3.4", .wording = NB_LINE_7_3, RULES(IN_7_3) },
	[NB_LINE_6_1_I386] = { .line = "6.1-i386", .release = "6.1.192", .wording = NB_LINE_6_1, RULES(IN_6_1_I386) },
};

/* Each rule in words: what it decides, and the names of its values from 0 up, or
 * its unit. docs/FIDELITY.md and `numaboot lines` show them. */
#define WORDS(SAY) \
	SAY(coverage_forgiven,         "RAM without a node that is forgiven before NUMA is rejected", "bytes") \
	SAY(e820_least_entries,        "the fewest entries that make a firmware map", "entries") \
	SAY(e820_end_counts_acpi,      "memory of ACPI tables counts for the end of RAM", "no|yes") \
	SAY(e820_sorted_first,         "the boot loader's map is sorted", "after it was counted and copied|before it is counted") \
	SAY(e820_ends_at_top,          "an entry that ends with the address space", "spoils the map|is fine") \
	SAY(e820_pram,                 "memmap=N!S makes persistent memory", "no|yes") \
	SAY(e820_soft_reserved,        "soft reserved memory is kept apart and reserved", "no|yes") \
	SAY(e820_setup_data,           "the boot loader's data is marked in the memory map", "no|yes") \
	SAY(e820_setup_data_twice,     "the boot loader's data is marked in the map for kexec", "no|yes") \
	SAY(e820_setup_data_kept,      "the boot loader's data is marked in the firmware's map that is kept", "no|yes") \
	SAY(e820_shows_gaps,           "holes of the memory map are shown", "no|yes") \
	SAY(memmap_types,              "memmap=N%S turns types of memory into others", "no|yes") \
	SAY(exactmap_tells_end,        "memmap=exactmap looks for the end of RAM first", "no|yes") \
	SAY(efi_mmio_removed,          "large devices of EFI are taken out of the memory map", "no|yes") \
	SAY(kvm_tells_end,             "a guest of KVM looks for the end of low RAM", "no|yes") \
	SAY(initrd_tables_type,        "memory of ACPI tables from the initramfs becomes", "|RAM|reserved|ACPI data|ACPI NVS") \
	SAY(low_reserved_early,        "low memory that is reserved before the map is read", "bytes") \
	SAY(low_reserved_whole,        "low memory that is reserved in the end", "as reservelow= says|all of the first MiB") \
	SAY(low_reserved_for_crash,    "crashkernel= reserves all of the first MiB", "no|yes") \
	SAY(low_memory_marked,         "memory below 1 MiB is marked for early allocations", "no|yes") \
	SAY(bios_area_late,            "the BIOS area is reserved", "before the map is read|after it was read") \
	SAY(trampoline_or_panic,       "no room for the code that starts processors", "is a panic later|is a panic at once") \
	SAY(map_step_shift,            "a step of the direct map is longer than the one before, as a shift", "bits") \
	SAY(map_step_by_last,          "a step of the direct map is lengthened", "once as much as one is mapped|if the last mapped more than all before") \
	SAY(map_block_taken,           "the block that the direct map begins below", "is looked for|is taken and given back") \
	SAY(apic_table,                "to map the local APIC takes a page for a table", "no|before the nodes are known|with the processors") \
	SAY(tables_reserved,           "ACPI tables are reserved", "no|yes") \
	SAY(upwards_above_kernel,      "a search for memory from below begins", "at the bottom|above the kernel") \
	SAY(upwards_skips_hotplug,     "a search for memory from below passes over hot-pluggable memory", "no|yes") \
	SAY(regions_full_panics,       "a full array of ranges that may not grow yet", "loses the request|is a panic") \
	SAY(unset_node_apart,          "reservations without a node merge with those whose node was reset", "yes|no") \
	SAY(region_bytes,              "a range in memblock's own arrays", "bytes") \
	SAY(kernel_memory_marked,      "memory that the kernel takes is marked as its own", "no|yes") \
	SAY(srat_x2apic_first,         "order in which the SRAT's processors get nodes", "that of the table|x2APIC entries first") \
	SAY(srat_initiators,           "generic initiators of the SRAT make nodes", "no|yes") \
	SAY(srat_memory_exact,         "length of a memory entry of the SRAT", "at least its own|exactly its own") \
	SAY(srat_memory_capped,        "memory entries of the SRAT beyond two for each node", "reject it|are not looked at") \
	SAY(srat_skips_hotplug,        "hot-pluggable entries where memory cannot be plugged", "are memory|are skipped") \
	SAY(cxl_windows,               "a CXL window that no SRAT entry touches", "is not read|is a node's memory|is a node, but its RAM has none") \
	SAY(blocks_outside_ram,        "node blocks where there is no RAM", "are kept|are dropped|are set aside") \
	SAY(blocks_clamped_to_ram,     "node blocks begin at", "0|the first byte of RAM") \
	SAY(coverage_by_blocks,        "what is counted before NUMA is rejected", "RAM without a node|RAM that blocks cover") \
	SAY(nodes_by_blocks,           "a node exists by its", "RAM|blocks") \
	SAY(least_node,                "a node that spans less stays offline", "bytes") \
	SAY(cpumask_bits_are_ids,      "masks of CPUs have as many bits as there are numbers", "if the build keeps them off the stack|yes") \
	SAY(log_align,                 "alignment of the buffer that log_buf_len= asks for", "bytes") \
	SAY(log_descriptor,            "descriptor of a record in that buffer", "bytes") \
	SAY(log_info,                  "further facts of a record in that buffer", "bytes") \
	SAY(crash_low_end,             "memory for a crash kernel that is to be low ends at", "bytes") \
	SAY(crash_tries_high,          "a crash kernel that finds no room there lies high", "no|yes") \
	SAY(crash_low_least,           "one that lies high has below 4 GiB at least", "bytes") \
	SAY(crash_needs_low,           "without room for that it is", "kept, and was told before|given up") \
	SAY(crash_strict,              "crashkernel=N,high counts", "where the plain word asks for nothing|where there is no plain word, and may lie low") \
	SAY(crash_ram_rounded,         "crashkernel= with ranges looks at RAM", "as it is|rounded up to 128 MiB") \
	SAY(crash_cma,                 "crashkernel=N,cma is another word", "no|yes") \
	SAY(sparse_after_zones,        "memory for descriptors of pages is taken", "before the zones are made|once they are made") \
	SAY(sparse_roots_taken,        "pointers to all sections of memory", "are in the image|are taken") \
	SAY(sparse_keeps_notes,        "notes of all sections are kept while their memory is taken", "no|yes") \
	SAY(sparse_usage_with_data,    "notes of the use of a node's sections", "are on the node|are beside the node's data") \
	SAY(sparse_memmap_whole,       "descriptors of a node's pages", "come section by section|come in one piece") \
	SAY(sparse_memmap_on_node,     "a piece for them that is not on the node", "will do|will not do") \
	SAY(zone_wait_bytes,           "memory for processes that wait for a page of a zone", "bytes") \
	SAY(nosave_by_ram,             "hibernation keeps out of", "entries of the map that are no RAM|what lies between RAM") \
	SAY(zones_after_cpus,          "zones are made", "before the processors are known|once the processors are known") \
	SAY(small_node_is_deadly,      "pages of a node that was too small", "are lost|end the boot") \
	SAY(node_data_or_panic,        "no room for a node's data", "leaves the node offline|is a panic") \
	SAY(kernel_nodes_late,         "nodes of the kernel's memory lose hot-plug marks", "before node data is taken|after it") \
	SAY(fake_uniform,              "numa=fake=NU", "reads as N|cuts each node in N, shortage seen by number|cuts each node in N, shortage seen by count") \
	SAY(fake_is_its_own_physical,  "an emulated node's physical node", "is that of its memory|has its own number") \
	SAY(fake_replaces_parsed,      "nodes of emulation replace those that the SRAT named", "no|yes") \
	SAY(fake_tied_to_pxms,         "emulated nodes are tied to proximity domains", "no|yes") \
	SAY(disableapic,               "disableapic is another word for nolapic", "no|yes") \
	SAY(madt_x2apic_first,         "order in which the MADT's processors are read", "that of the table|x2APIC entries first") \
	SAY(madt_sapic_bytes,          "the shortest SAPIC entry of the MADT that is one", "bytes") \
	SAY(madt_lapic_255,            "local APIC ID 255 is a processor's", "no|yes") \
	SAY(madt_x2apic_trusted,       "x2APIC entries with an ID that cannot be", "are ignored|count") \
	SAY(madt_lapic_has_low,        "x2APIC entries below 255 beside local APIC entries", "count|are ignored") \
	SAY(madt_disabled,             "disabled processors that may come later", "all|from ACPI 6.3 on those that say so, before it all|from ACPI 6.3 on those that say so, before it those of a guest") \
	SAY(cpu_registry,              "a processor's number", "the lowest that is free, for each entry|in the table's order, one for each APIC ID|in the table's order, disabled ones last") \
	SAY(cpu_leaves_offline,        "a node without memory that has a processor", "comes online|stays offline: the processor goes to the nearest") \
	SAY(zones_end_with_ram,        "DMA and DMA32 end", "at 16 MiB and 4 GiB|there, or with RAM") \
	SAY(movable_rounded_up,        "a border of movable_node inside of a page is rounded", "down|up") \
	SAY(mirror,                    "kernelcore=mirror", "reads as 0|makes memory Movable that is not mirrored|does so if any is mirrored") \
	SAY(mirror_overlaps,           "kernelcore=mirror lets Normal and Movable overlap", "no|yes") \
	SAY(movable_percent,           "kernelcore= and movablecore= in percent", "are numbers|are known") \
	SAY(movable_bounded,           "movablecore= beyond all memory, kernelcore= of all", "wraps and is spread|leave no Movable zone") \
	SAY(movable_within_node,       "a Movable zone that would begin behind its node", "is shown|is none") \
	SAY(memmap_counted,            "what the kernel takes of a zone at first counts as managed", "yes|no") \
	SAY(batch_bytes_most,          "the most that a CPU's list of pages takes at once", "bytes") \
	SAY(empty_nodes_built,         "nodes that have data, zones and a zonelist", "those that are online|all that are possible") \
	SAY(memmap_by_region,          "RAM without a node", "is left alone|is a panic") \
	SAY(percpu_dynamic,            "the least room to give out in a processor's area", "bytes") \
	SAY(percpu_early,              "the same in an area of single pages", "bytes") \
	SAY(percpu_modules_apart,      "room for variables of modules in it is", "room to give out|kept apart") \
	SAY(percpu_atom,               "memory for areas comes in multiples of", "bytes") \
	SAY(percpu_spread_late,        "areas of processors that lie too far apart", "go back|stay taken") \
	SAY(huge_pages_by_node,        "hugepages=NODE:N is known", "no|yes") \
	SAY(huge_pages_strict,         "default_hugepagesz= makes its size known at once, a size named twice spoils its number", "no|yes") \
	SAY(huge_pages_early,          "pages of 1 GiB are taken", "once CPUs have their areas|before descriptors of pages are made") \
	SAY(huge_pages_marked,         "descriptors of such a page are marked as not set up", "no|yes") \
	SAY(zonelists_when,            "zonelists are made", "before the command line is read whole|behind the hash tables|behind bounce buffers") \
	SAY(hash_one_node,             "hash tables are in one piece where one node has all memory", "no|yes") \
	SAY(hash_slower,               "hash tables grow slower from 64 GiB of RAM on", "no|yes") \
	SAY(hash_by_free,              "hash tables are reckoned by", "pages that zones manage|pages that are free") \
	SAY(hash_of_pids,              "process numbers have a hash table", "no|yes") \
	SAY(hash_large,                "pages of 2 MiB map a hash table", "never|if each node's share has one|if it is as large") \
	SAY(bounce_by_possible,        "memory that may be added asks for bounce buffers, too", "no|yes") \
	SAY(bounce_in_areas,           "bounce buffers come in an area for each processor", "no|yes") \
	SAY(bounce_slab_bytes,         "what is noted of each bounce buffer takes", "bytes") \
	SAY(zonelist_order,            "a zonelist begins with", "all zones of a node|these, or the highest zones, as numa_zonelist_order= says|either, by how much low memory there is") \
	SAY(fallback_load_adds,        "the load of the first node of a distance", "becomes the number of nodes left|grows by one") \
	SAY(zonelists_by_managed,      "a zonelist has the zones with", "present pages|managed pages") \
	SAY(fallback_skips_empty_self, "a node without memory heads its own fallback order", "yes|no") \
	SAY(smp_counts_tries,          "maxcpus= counts processors", "that run|that are tried, first threads first") \
	SAY(smp_boot_cpu_listed,       "a boot CPU that is not listed, though others are", "runs|ends the boot") \
	SAY(smp_possible_counted,      "possible_cpus=0, where it leaves the first processor", "boots|ends the boot") \
	SAY(smp_nosmt,                 "nosmt is known", "no|yes") \
	SAY(smp_has_cpu,               "nodes that count as having a processor", "none|those of running ones|those of running ones, and all emulated ones that the boot CPU is on") \
	SAY(access_hmat,               "the HMAT is read", "no|yes") \
	SAY(watermark_scale,           "a zone's marks are apart by at least, of its pages (0: by parts of the lowest)", "10000ths") \
	SAY(min_free_kib_most,         "the most that is kept free because there is much memory", "KiB") \
	SAY(initrd_back_first,         "when watermarks are made, the initrd's pages", "are still taken|are back") \
	SAY(huge_pages_first,          "huge pages ask for free memory", "after others did|before and after others did") \
	SAY(memory_told_late,          "the line that tells how much memory there is comes", "when it is handed over|once all processors run") \
	SAY(arrays_back_first,         "memblock's own arrays are handed over", "when nobody needs them|with all other memory") \
	SAY(vmalloc_tables,            "page tables for all of vmalloc are taken as memory is handed over", "no|yes") \
	SAY(huge_pages_back,           "pages of 1 GiB that were taken early count again", "before watermarks are made|before huge pages ask for free memory|after all that") \
	SAY(huge_pages_in_high,        "huge pages want free memory", "up to Normal|in all zones") \
	SAY(movable_is_high,           "Movable keeps free", "its share|little") \
	SAY(reserve_without_pages,     "a zone without pages keeps some for others", "no|yes") \
	SAY(reserve_follows,           "what zones keep for others is computed", "once|whenever pages come back") \
	SAY(lists_by_marks,            "a CPU's list of pages is as long as", "six batches|the low watermark allows") \
	SAY(lists_grow,                "a CPU's list of pages grows with use", "no|yes")

#define WORDS_OF(field, ...) struct nb_rule_words field;
#define RULE_SAYS(field, says, values) .field = { says, values },

static const struct {
	RULES(WORDS_OF)
} words = { WORDS(RULE_SAYS) };

#define RULE_ITSELF(field, ...) \
	{ #field, offsetof(struct nb_rules, field), sizeof(((struct nb_rules *)0)->field), \
	  &words.field },

static const struct nb_rule rules[] = { RULES(RULE_ITSELF) };

/* What builds have in common: a section of 128 MiB, hotplug, emulation. */
#define COMMON_X86_64 \
	.max_nodes = 1024, .x2apic = true, .e820_entries = 128 + 3 * 1024, .section_bytes = 128 * NB_MIB, .log_buf = 128 * NB_KIB, \
	.page_struct_bytes = 64, \
	.memory_hotplug = true, .numa_emulation = true, .huge_pages = true

/* Where the direct map begins, with 4 and 5 levels, or where 5 are not built in. */
#define DIRECT_MAP .direct_map = 0xffff888000000000, .direct_map_5 = 0xff11000000000000
#define OLD_DIRECT_MAP .direct_map = 0xffff880000000000

/* The old lines were built from source for the booted cases: 256 CPUs, no modules. */
const struct nb_kernel_config nb_configs[NB_LINES] = {
	[NB_LINE_3_14] = {
		.name = "3.14.40 amd64", COMMON_X86_64, .max_cpus = 256,
		OLD_DIRECT_MAP, .section_struct_bytes = 16, .section_usage_bytes = 32, .resource_bytes = 56, .firmware_entry_bytes = 104,
		.brk_bytes = 0x7000, .brk_tables = 6, .phys_bits = 46, .node_data_bytes = 0x27000, .trampoline_bytes = 0x6000,
		.percpu_static_bytes = 67176,
		.kernel = { 0x1000000, 0x1536000 }, .kernel_end = 0x1555000, .init_bytes = 1004 << 10,
	},
	[NB_LINE_4_4] = {
		.name = "4.4.155 amd64", COMMON_X86_64, .max_cpus = 256,
		OLD_DIRECT_MAP, .section_struct_bytes = 16, .section_usage_bytes = 32, .resource_bytes = 56, .firmware_entry_bytes = 104,
		.brk_bytes = 0x7000, .brk_tables = 6, .phys_bits = 46, .node_data_bytes = 0x22000, .trampoline_bytes = 0x6000,
		.percpu_static_bytes = 74792,
		.kernel = { 0x1000000, 0x1530000 }, .kernel_end = 0x154f000, .init_bytes = 1012 << 10,
	},
	[NB_LINE_4_9] = {
		.name = "4.9.154 amd64", COMMON_X86_64, .max_cpus = 256,
		OLD_DIRECT_MAP, .section_struct_bytes = 16, .section_usage_bytes = 32, .resource_bytes = 64, .firmware_entry_bytes = 104,
		.brk_bytes = 0x7000, .brk_tables = 6, .phys_bits = 46, .node_data_bytes = 0x22000, .trampoline_bytes = 0x6000,
		.percpu_static_bytes = 87336,
		.kernel = { 0x1000000, 0x1865000 }, .kernel_end = 0x1884000, .init_bytes = 4472 << 10,
	},
	[NB_LINE_5_10] = {
		.name = "Debian 5.10.223 amd64", COMMON_X86_64, .max_cpus = 8192, .cpumask_offstack = true, .zone_device = true, .deferred_init = true,
		.direct_map = 0xffff888000000000, .section_struct_bytes = 32, .section_usage_bytes = 56, .resource_bytes = 64, .firmware_entry_bytes = 104, .nosave_bytes = 32,
		.brk_bytes = 0xd000, .brk_tables = 12, .phys_bits = 46, .node_data_bytes = 0x2a000, .trampoline_bytes = 0x6000,
		.percpu_static_bytes = 221184, .percpu_module_bytes = 8 << 10,
		.kernel = { 0x1000000, 0x400d000 }, .kernel_end = 0x402c000, .unpack_bytes = 0x3b7a000, .init_bytes = 7312 << 10,
	},
	[NB_LINE_6_1] = {
		.name = "Debian 6.1.192 amd64", COMMON_X86_64, .max_cpus = 8192, .cpumask_offstack = true, .zone_device = true, .deferred_init = true,
		.cxl = true,
		DIRECT_MAP, .section_struct_bytes = 32, .section_usage_bytes = 56, .node_struct_bytes = 0x2a880, .resource_bytes = 64, .firmware_entry_bytes = 104, .nosave_bytes = 32,
		.brk_bytes = 0x11000, .brk_tables = 16, .phys_bits = 52, .node_data_bytes = 0x2b000, .trampoline_bytes = 0x7000,
		.percpu_static_bytes = 217088, .percpu_module_bytes = 8 << 10,
		.kernel = { 0x1000000, 0x4411000 }, .kernel_end = 0x4430000, .unpack_bytes = 0x3f98000, .init_bytes = 8008 << 10,
	},
	[NB_LINE_6_12] = {
		.name = "Debian 6.12.117 amd64", COMMON_X86_64, .max_cpus = 8192, .cpumask_offstack = true, .zone_device = true, .deferred_init = true,
		.cxl = true,
		DIRECT_MAP, .section_struct_bytes = 32, .section_usage_bytes = 56, .node_struct_bytes = 0x2a980, .resource_bytes = 64, .firmware_entry_bytes = 104, .nosave_bytes = 32,
		.brk_bytes = 0x11000, .brk_tables = 16, .phys_bits = 52, .node_data_bytes = 0x2a980, .trampoline_bytes = 0x7000,
		.percpu_static_bytes = 233472, .percpu_module_bytes = 8 << 10,
		.kernel = { 0x1000000, 0x3c11000 }, .kernel_end = 0x3c30000, .unpack_bytes = 0x37ee000, .init_bytes = 6864 << 10,
	},
	[NB_LINE_7_3] = {
		.name = "Debian 7.3.4 amd64", COMMON_X86_64, .max_cpus = 8192, .cpumask_offstack = true, .zone_device = true, .deferred_init = true,
		.cxl = true,
		DIRECT_MAP, .section_struct_bytes = 32, .section_usage_bytes = 88, .node_struct_bytes = 0x2b0c0, .resource_bytes = 64, .firmware_entry_bytes = 104, .nosave_bytes = 32,
		.brk_bytes = 0x11000, .brk_tables = 16, .phys_bits = 52, .node_data_bytes = 0x2b0c0, .trampoline_bytes = 0x7000,
		.percpu_static_bytes = 221184, .percpu_module_bytes = 8 << 10,
		.kernel = { 0x1000000, 0x4411000 }, .kernel_end = 0x4430000, .unpack_bytes = 0x3e4e000, .init_bytes = 8544 << 10,
	},
	[NB_LINE_6_1_I386] = {
		.name = "Debian 6.1.176 686-pae", .max_nodes = 1, .max_cpus = 32, .e820_entries = 128 + 3, .log_buf = 128 * NB_KIB,
		.section_bytes = NB_PAGE_SIZE, .page_struct_bytes = 40, .no_numa = true,
		.resource_bytes = 40, .firmware_entry_bytes = 64, .nosave_bytes = 16,
		.brk_bytes = 0x19000, .brk_tables = 6, .fixed_tables = 4, .direct_map = 0xc0000000,
		.phys_bits = 36, .low_and_vmalloc = 0x3effe000, .trampoline_bytes = 0x4000,
		.huge_pages = true, .percpu_static_bytes = 104276, .percpu_module_bytes = 8 << 10,
		.kernel = { 0x1000000, 0x1f24000 }, .kernel_end = 0x2135000, .init_bytes = 928 << 10,
	},
};

/* clang-format on */

const struct nb_rule *nb_rules(uint32_t *count)
{
	*count = NB_COUNT(rules);
	return rules;
}

uint64_t nb_rule_value(const struct nb_rules *set, const struct nb_rule *rule)
{
	const uint8_t *at = (const uint8_t *)set + rule->offset;
	uint64_t value = 0;

	nb_assert(rule->size <= sizeof(value));
	for (size_t i = 0; i < rule->size; i++) /* the modelled machines are little-endian */
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}
