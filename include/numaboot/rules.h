/* SPDX-License-Identifier: MIT */
/*
 * rules: what differs between kernels. struct nb_rules is what the source of a
 * kernel line decides, struct nb_kernel_config what its build chose. Code asks
 * for a rule by name, never for a version.
 */
#ifndef NUMABOOT_RULES_H
#define NUMABOOT_RULES_H

#include <numaboot/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The modelled kernel lines, the oldest first. */
enum nb_line {
	NB_LINE_3_14,
	NB_LINE_4_4,
	NB_LINE_4_9,
	NB_LINE_5_10,
	NB_LINE_6_1,
	NB_LINE_6_12,
	NB_LINE_7_3,
	NB_LINE_6_1_I386,
	NB_LINES,
};

/* What becomes of a claim to bytes where there is no RAM. */
enum nb_outside {
	NB_OUTSIDE_KEPT,    /* it stays, cut to the end of RAM */
	NB_OUTSIDE_DROPPED, /* it is forgotten */
	NB_OUTSIDE_ASIDE,   /* it is kept in the second list, for memory that is added later */
};

/* What becomes of a CXL window that no SRAT entry touches. */
enum nb_cxl {
	NB_CXL_UNREAD, /* the CEDT is not read */
	NB_CXL_BLOCK,  /* a node whose block is like one of the SRAT */
	NB_CXL_ASIDE,  /* a node whose block goes straight to the second list */
};

/* When zonelists are made. */
enum nb_lists_when {
	NB_LISTS_EARLY, /* before the command line is read whole */
	NB_LISTS_LATE,  /* behind the hash tables */
	NB_LISTS_LAST,  /* behind bounce buffers, too */
};

/* When pages of 1 GiB, which memblock gave, count as pages of their zones again. */
enum nb_huge_back {
	NB_HUGE_BACK_FIRST, /* before watermarks are made */
	NB_HUGE_BACK_RAISE, /* between, and before huge pages ask for free memory at the end */
	NB_HUGE_BACK_LAST,
};

/* Whether pages of 2 MiB map a hash table that is spread over the nodes. */
enum nb_hash_large {
	NB_HASH_LARGE_NEVER,
	NB_HASH_LARGE_BY_NODE, /* if each node's share has one */
	NB_HASH_LARGE_WHOLE,   /* if the table has */
};

/* What numa=fake=NU does. */
enum nb_uniform {
	NB_UNIFORM_UNKNOWN, /* the U is not looked at */
	NB_UNIFORM_NUMBER,  /* too few are noticed by the next free number */
	NB_UNIFORM_COUNT,   /* too few are noticed by how many were made */
};

/* What kernelcore=mirror does. */
enum nb_mirror {
	NB_MIRROR_UNKNOWN, /* it is read as a number: 0 */
	NB_MIRROR_ALWAYS,  /* memory above 4 GiB that is not mirrored becomes Movable */
	NB_MIRROR_IF_ANY,  /* so it does if any is mirrored, but not for a crash kernel */
};

/* Which zones come first in a zonelist: a node's, or the highest of all nodes. */
enum nb_zonelist_rule {
	NB_ZONELIST_NODE,     /* a node's */
	NB_ZONELIST_ASKED,    /* a node's, unless numa_zonelist_order= says otherwise */
	NB_ZONELIST_COMPUTED, /* by how much low memory there is, unless that says otherwise */
};

/* Whether a place for the local APIC in the kernel's address space takes a page for a
 * table, and when. */
enum nb_apic_table {
	NB_APIC_TABLE_NONE,
	NB_APIC_TABLE_EARLY, /* before the nodes are known */
	NB_APIC_TABLE_LATE,  /* with the CPUs */
};

/* How CPUs are registered and get their numbers. */
enum nb_registry {
	NB_REGISTRY_LOWEST, /* each entry that is enabled takes the lowest free number */
	NB_REGISTRY_KEPT,   /* but one whose APIC ID has a number already keeps that */
	NB_REGISTRY_SET,    /* APIC IDs make a set: those not there yet are numbered last */
};

/* Which disabled entries of the MADT count as CPUs that may come later. */
enum nb_disabled {
	NB_DISABLED_COUNT,     /* all */
	NB_DISABLED_UNLESS_63, /* all; from ACPI 6.3 on those that say so */
	NB_DISABLED_IN_GUESTS, /* those of a guest; from ACPI 6.3 on those that say so */
};

/* Which nodes count as having a CPU. */
enum nb_has_cpu {
	NB_HAS_CPU_NEVER, /* none: that is noted only of CPUs that are added later */
	NB_HAS_CPU_OWN,   /* the node of each CPU that runs */
	NB_HAS_CPU_BOOT,  /* likewise, and all emulated nodes that the boot CPU is on */
};

/*
 * Each field says what is decided, and cites the place where 6.12 decides it.
 * What each line does is in src/rules/linux.c, side by side, and is told in
 * docs/KERNEL-LINES.md.
 */
struct nb_rules {
	const char *line;     /* "6.12": how --line names it */
	const char *release;  /* the release whose source was read */
	enum nb_line wording; /* whose words the log is in */

	/* RAM without a node that is forgiven: more of it, and NUMA is rejected.
	 * mm/memblock.c memblock_validate_numa_coverage(). Bytes. */
	nb_phys coverage_forgiven;

	/* The fewest raw entries that make a firmware map: with fewer it is
	 * rejected. arch/x86/kernel/e820.c append_e820_table(). */
	uint32_t e820_least_entries;

	/* Whether ACPI data counts as the end of RAM. arch/x86/kernel/e820.c
	 * e820__end_ram_pfn(). */
	bool e820_end_counts_acpi;

	/* Whether the boot loader's map is sorted where it lies, which has room for 128
	 * entries, before it is counted and copied, or the copy is; a map that is made
	 * up is then not sorted. arch/x86/kernel/e820.c e820__memory_setup_default(). */
	bool e820_sorted_first;

	/* Whether an entry may end with the last byte of the address space.
	 * arch/x86/kernel/e820.c __append_e820_table(). */
	bool e820_ends_at_top;

	/* Whether persistent memory of memmap=N!S is a type of its own, ranges of which
	 * are never merged. arch/x86/kernel/e820.c parse_memmap_one(), e820_nomerge(). */
	bool e820_pram;

	/* Whether soft reserved memory is: never merged, and reserved in memblock.
	 * arch/x86/kernel/e820.c e820_nomerge(), e820__memblock_setup(). */
	bool e820_soft_reserved;

	/* Whether the boot loader's data gets a type of its own in the map, which is RAM
	 * for memblock. arch/x86/kernel/e820.c e820__reserve_setup_data(). */
	bool e820_setup_data;

	/* Whether that is done, and told, for the map that is kept for kexec too. Linux
	 * 6.1 arch/x86/kernel/e820.c e820__reserve_setup_data(). */
	bool e820_setup_data_twice;

	/* Whether the firmware's map is copied again once the boot loader's data is marked.
	 * Linux 4.9 arch/x86/kernel/setup.c e820_reserve_setup_data(). */
	bool e820_setup_data_kept;

	/* Whether holes between entries are shown. Linux 7.3 arch/x86/kernel/e820.c
	 * e820__print_table(). */
	bool e820_shows_gaps;

	/* Whether memmap=N%S-T+T turns types into others; the '%' is not looked at
	 * otherwise. arch/x86/kernel/e820.c parse_memmap_one(). */
	bool memmap_types;

	/* Whether the end of RAM is looked for before memmap=exactmap drops the map.
	 * Linux 4.9 arch/x86/kernel/e820.c parse_memmap_one(), for crash dumps. */
	bool exactmap_tells_end;

	/* Whether devices of EFI, 256 KiB and more, are taken out of the map.
	 * arch/x86/platform/efi/efi.c efi_remove_e820_mmio(). */
	bool efi_mmio_removed;

	/* Whether a guest of KVM looks for the end of low RAM once more.
	 * arch/x86/kernel/kvm.c kvm_init_platform(). */
	bool kvm_tells_end;

	/* What memory becomes that ACPI tables of the initramfs are put in: enum
	 * nb_e820_type. arch/x86/kernel/acpi/boot.c arch_reserve_mem_area(). */
	uint32_t initrd_tables_type;

	/* How much of low memory is reserved before the map is read.
	 * arch/x86/kernel/setup.c early_reserve_memory(). Bytes. */
	nb_phys low_reserved_early;

	/* Whether all of the first MiB is reserved once the trampoline has its place,
	 * or what reservelow= says. arch/x86/realmode/init.c reserve_real_mode(). */
	bool low_reserved_whole;

	/* Whether crashkernel= reserves all of the first MiB. Linux 5.10
	 * arch/x86/kernel/crash.c crash_reserve_low_1M(). */
	bool low_reserved_for_crash;

	/* Whether memory below 1 MiB, marked for it, is all that may be given out until
	 * the trampoline has its place. Linux 7.3 arch/x86/kernel/e820.c
	 * e820__memblock_setup(). */
	bool low_memory_marked;

	/* Whether the BIOS area is reserved only after memblock knows the RAM.
	 * arch/x86/kernel/setup.c early_reserve_memory(). */
	bool bios_area_late;

	/* Whether no room for the trampoline is a panic at once, or when CPUs are to be
	 * started. arch/x86/realmode/init.c reserve_real_mode(). */
	bool trampoline_or_panic;

	/* How much longer a step of the direct map is than the one before, as a shift.
	 * arch/x86/mm/init.c get_new_step_size(). */
	uint32_t map_step_shift;

	/* Whether a step is lengthened if the last one mapped more than all before it, or
	 * once all of them mapped as much as one. arch/x86/mm/init.c
	 * memory_map_top_down(). */
	bool map_step_by_last;

	/* Whether the block that the direct map begins below is taken and given back, or
	 * only looked for; where there is none it is the top, or 2 MiB.
	 * arch/x86/mm/init.c memory_map_top_down(). */
	bool map_block_taken;

	/* enum nb_apic_table. Linux 4.9 arch/x86/mm/init_64.c spp_getpage(). */
	uint32_t apic_table;

	/* Whether ACPI tables are reserved in memblock. drivers/acpi/tables.c
	 * acpi_reserve_initial_tables(). */
	bool tables_reserved;

	/* Whether a search upwards begins above the kernel image, and gives way to one
	 * downwards where it finds nothing. mm/memblock.c memblock_find_in_range_node(). */
	bool upwards_above_kernel;

	/* Whether a search upwards passes over hot-pluggable memory too.
	 * mm/memblock.c should_skip_region(). */
	bool upwards_skips_hotplug;

	/* Whether a full array of memblock that may not grow yet is a panic, or loses the
	 * request. mm/memblock.c memblock_double_array(). */
	bool regions_full_panics;

	/* Whether a reservation that was never given a node stays apart from one whose
	 * node was reset. mm/memblock.c memblock_reserve(), mm/numa_memblks.c
	 * numa_memblks_init(). */
	bool unset_node_apart;

	/* What a region takes in memblock's own arrays, which decides how much memory a
	 * doubled one takes. mm/memblock.c memblock_double_array(). Bytes. */
	uint32_t region_bytes;

	/* Whether what the kernel takes for itself is marked, and keeps the node that it
	 * was asked for. Linux 7.3 mm/memblock.c __memblock_reserve(). */
	bool kernel_memory_marked;

	/* Whether all x2APIC entries of the SRAT are read before its LAPIC entries,
	 * or both in the table's order. drivers/acpi/numa/srat.c acpi_numa_init(). */
	bool srat_x2apic_first;

	/* Whether generic initiators of the SRAT make nodes. drivers/acpi/numa/srat.c
	 * acpi_parse_gi_affinity(). */
	bool srat_initiators;

	/* Whether a memory entry of the SRAT must have its very length, or at least
	 * that. drivers/acpi/numa/srat.c acpi_parse_memory_affinity(). */
	bool srat_memory_exact;

	/* Whether memory entries beyond two for each possible node are not looked at.
	 * drivers/acpi/numa/srat.c acpi_numa_init(). */
	bool srat_memory_capped;

	/* Whether hot-pluggable memory entries are skipped by a kernel that cannot
	 * plug memory. drivers/acpi/numa/srat.c acpi_parse_memory_affinity(). */
	bool srat_skips_hotplug;

	/* enum nb_cxl. drivers/acpi/numa/srat.c acpi_parse_cfmws(). */
	uint32_t cxl_windows;

	/* enum nb_outside. mm/numa_memblks.c numa_cleanup_meminfo(). */
	uint32_t blocks_outside_ram;

	/* Whether node blocks are clamped to the first and last byte of RAM, which
	 * moves the borders of emulated nodes, or to 0 and the last page frame.
	 * mm/numa_memblks.c numa_cleanup_meminfo(). */
	bool blocks_clamped_to_ram;

	/* Whether it is RAM inside of the node blocks that is counted for coverage,
	 * with less than `coverage_forgiven` missing, or RAM without a node, with at
	 * most that. mm/memblock.c memblock_validate_numa_coverage(). */
	bool coverage_by_blocks;

	/* Whether a node exists by its blocks or by its ranges of memblock.
	 * arch/x86/mm/numa.c numa_register_nodes(). */
	bool nodes_by_blocks;

	/* A node that spans less stays offline. arch/x86/mm/numa.c
	 * numa_register_nodes(). Bytes. */
	nb_phys least_node;

	/* Whether pages of a node that was too small end the boot: the slab allocator
	 * asks for its list of that node, which there is none of. Seen in 4.9 only:
	 * mm/slub.c deactivate_slab() below kernel/smpboot.c idle_threads_init(). */
	bool small_node_is_deadly;

	/* Whether no room for NODE_DATA is a panic, or leaves the node offline.
	 * mm/numa.c alloc_node_data(). */
	bool node_data_or_panic;

	/* Whether hot-plug flags of the kernel's nodes are cleared only after
	 * NODE_DATA was taken. mm/numa_memblks.c numa_register_meminfo(). */
	bool kernel_nodes_late;

	/* enum nb_uniform. mm/numa_emulation.c numa_emulation(). */
	uint32_t fake_uniform;

	/* Whether an emulated node's physical node is its own number, which leaves
	 * most without CPUs. mm/numa_emulation.c emu_setup_memblk(). */
	bool fake_is_its_own_physical;

	/* Whether emulated nodes replace the physical ones among those that are named,
	 * or join them. mm/numa_emulation.c numa_emulation(). */
	bool fake_replaces_parsed;

	/* Whether emulated nodes are tied to proximity domains; where that fails,
	 * they are dropped. drivers/acpi/numa/srat.c fix_pxm_node_maps(). */
	bool fake_tied_to_pxms;

	/* Whether disableapic is another word for nolapic. arch/x86/kernel/apic/apic.c
	 * setup_disableapic(). */
	bool disableapic;

	/* Whether all x2APIC entries of the MADT are read before its LAPIC entries, or
	 * both in the table's order. arch/x86/kernel/acpi/boot.c
	 * acpi_parse_madt_lapic_entries(). */
	bool madt_x2apic_first;

	/* The length of a SAPIC entry without its string: a shorter one ends the list.
	 * include/acpi/actbl2.h struct acpi_madt_local_sapic. Bytes. */
	uint32_t madt_sapic_bytes;

	/* Whether LAPIC ID 255, which addresses all CPUs, counts as a CPU's.
	 * arch/x86/kernel/acpi/boot.c acpi_parse_lapic(). */
	bool madt_lapic_255;

	/* Whether x2APIC entries are taken at their word: one of ID 0xffffffff counts,
	 * and so does a disabled one that the APIC driver cannot address.
	 * arch/x86/kernel/acpi/boot.c acpi_parse_x2apic(). */
	bool madt_x2apic_trusted;

	/* Whether x2APIC entries below 255 are ignored where LAPIC entries count.
	 * arch/x86/kernel/acpi/boot.c acpi_check_lapic(). */
	bool madt_lapic_has_low;

	/* enum nb_disabled. arch/x86/kernel/acpi/boot.c acpi_is_processor_usable(). */
	uint32_t madt_disabled;

	/* enum nb_registry. arch/x86/kernel/cpu/topology.c topology_register_apic(). */
	uint32_t cpu_registry;

	/* Whether a CPU whose node is offline goes to the nearest that is online, or
	 * brings its own online. arch/x86/mm/numa.c init_cpu_to_node(). */
	bool cpu_leaves_offline;

	/* Whether masks of CPUs have as many bits as there are numbers, whatever the
	 * build, or only where it keeps them off the stack; told by
	 * arch/x86/kernel/setup_percpu.c setup_per_cpu_areas(). */
	bool cpumask_bits_are_ids;

	/* The log buffer that log_buf_len= asks for: its alignment, and what is taken
	 * beside it for each 32 bytes of text, in two pieces; 0: not taken.
	 * kernel/printk/printk.c setup_log_buf(). Bytes. */
	uint32_t log_align, log_descriptor, log_info;

	/* Where memory for a crash kernel ends that is to be low. Linux 6.1
	 * arch/x86/kernel/setup.c reserve_crashkernel(). Bytes. */
	nb_phys crash_low_end;

	/* Whether it lies high if there is no room below. Linux 6.1
	 * arch/x86/kernel/setup.c reserve_crashkernel(). */
	bool crash_tries_high;

	/* The least that one which lies high has below 4 GiB, unless ",low" names it.
	 * arch/x86/include/asm/crash_reserve.h crash_low_size_default(). Bytes. */
	nb_phys crash_low_least;

	/* Whether one that lies high is given up if there is no room for its low part, or
	 * is told before that is looked for. Linux 4.9 arch/x86/kernel/setup.c
	 * reserve_crashkernel(). */
	bool crash_needs_low;

	/* Whether ",high" counts where there is no plain word, tries low memory too, and a
	 * wrong ",low" spoils it; places are multiples of 16 MiB, and more than all RAM is
	 * not even looked for. Before, a wrong plain word is passed over, one of 1 MiB is
	 * place enough, and ",low" speaks for what had to lie high as well.
	 * kernel/crash_reserve.c parse_crashkernel(), reserve_crashkernel_generic(). */
	bool crash_strict;

	/* Whether a list of ranges is held against RAM rounded up to 128 MiB.
	 * kernel/crash_reserve.c parse_crashkernel_mem(). */
	bool crash_ram_rounded;

	/* Whether ",cma" makes another word of it. Linux 7.3 kernel/crash_reserve.c
	 * get_last_crashkernel(). */
	bool crash_cma;

	/* Whether memory for descriptors of pages is taken once the zones are made, or
	 * before. Linux 7.3 mm/mm_init.c free_area_init(), arch/x86/mm/init_64.c
	 * paging_init(). */
	bool sparse_after_zones;

	/* Whether pointers to all section structures that there can be are taken too, or
	 * are in the image. mm/sparse.c memblocks_present(). */
	bool sparse_roots_taken;

	/* Whether notes of all sections are kept meanwhile, and the usage of all of them
	 * is taken before the first memmap. Linux 4.9 mm/sparse.c sparse_init(). */
	bool sparse_keeps_notes;

	/* Whether the usage of a node's sections is wanted in the section of its data, or
	 * anywhere on the node. mm/sparse.c sparse_early_usemaps_alloc_pgdat_section(). */
	bool sparse_usage_with_data;

	/* Whether the memmap of a run of sections is one piece, or is taken section by
	 * section from the start. mm/sparse.c sparse_buffer_init(). */
	bool sparse_memmap_whole;

	/* Whether that piece must be on the node, and is given up otherwise.
	 * mm/sparse.c sparse_buffer_init(). */
	bool sparse_memmap_on_node;

	/* What is taken for processes that wait for a page of a zone; 0: such tables are in
	 * the image. Linux 4.4 mm/page_alloc.c zone_wait_table_init(). Bytes. */
	uint32_t zone_wait_bytes;

	/* Whether hibernation keeps out of what lies between RAM, or of all entries of the
	 * map that are none. arch/x86/kernel/e820.c e820__register_nosave_regions(). */
	bool nosave_by_ram;

	/* Whether zones are made only after the MADT was read, and the CPUs' nodes are
	 * known. Linux 7.3 mm/mm_init.c mm_core_init_early(). */
	bool zones_after_cpus;

	/* Whether DMA and DMA32 end where RAM does, if that is lower.
	 * arch/x86/mm/init.c zone_sizes_init(). */
	bool zones_end_with_ram;

	/* Whether a border that movable_node finds inside of a page is rounded up.
	 * mm/mm_init.c find_zone_movable_pfns_for_nodes(). */
	bool movable_rounded_up;

	/* enum nb_mirror. mm/mm_init.c find_zone_movable_pfns_for_nodes(). */
	uint32_t mirror;

	/* Whether it lets Normal and Movable span the same pages. mm/mm_init.c
	 * adjust_zone_range_for_zone_movable(). */
	bool mirror_overlaps;

	/* Whether kernelcore= and movablecore= may be in percent; else the sign is not
	 * looked at. mm/mm_init.c cmdline_parse_core(). */
	bool movable_percent;

	/* Whether movablecore= is at most all memory, and a kernelcore= of all memory
	 * means no Movable zone. mm/mm_init.c find_zone_movable_pfns_for_nodes(). */
	bool movable_bounded;

	/* Whether a Movable zone that would begin behind its node's end is none.
	 * mm/mm_init.c find_zone_movable_pfns_for_nodes(). */
	bool movable_within_node;

	/* Whether descriptors of pages, and pages below 16 MiB that are taken already,
	 * do not count as managed from the start, so not in "Total pages". Linux 6.1
	 * mm/page_alloc.c free_area_init_core(). */
	bool memmap_counted;

	/* The most that a CPU's list of pages takes at once. mm/page_alloc.c
	 * zone_batchsize(). Bytes. */
	nb_phys batch_bytes_most;

	/* Whether all possible nodes get data, zones and a zonelist, or those that are
	 * online. mm/mm_init.c free_area_init(), mm/page_alloc.c __build_all_zonelists(). */
	bool empty_nodes_built;

	/* Whether descriptors are filled in region by region, which the kernel does not
	 * survive if one has no node. mm/mm_init.c memmap_init(). */
	bool memmap_by_region;

	/* How much room to give out a CPU's area has at least, and how much if it is made
	 * of single pages. include/linux/percpu.h PERCPU_DYNAMIC_RESERVE,
	 * PERCPU_DYNAMIC_EARLY_SIZE; mm/percpu.c pcpu_build_alloc_info(). Bytes. */
	nb_phys percpu_dynamic, percpu_early;

	/* Whether room for variables of modules is kept apart in it, or is more room to
	 * give out. arch/x86/kernel/setup_percpu.c setup_per_cpu_areas(),
	 * PERCPU_FIRST_CHUNK_RESERVE. */
	bool percpu_modules_apart;

	/* What memory for the areas of a node's CPUs is aligned to, and a multiple of.
	 * arch/x86/kernel/setup_percpu.c setup_per_cpu_areas(). Bytes. */
	nb_phys percpu_atom;

	/* Whether it is asked only at the end if the areas lie too far apart, which
	 * then stay taken, and of the highest group the first area alone counts.
	 * mm/percpu.c pcpu_embed_first_chunk(). */
	bool percpu_spread_late;

	/* Whether hugepages= may name nodes. mm/hugetlb.c hugepages_setup(). */
	bool huge_pages_by_node;

	/* Whether default_hugepagesz= makes its size known at once, and a size that is named
	 * again spoils the number behind it. mm/hugetlb.c default_hugepagesz_setup(),
	 * hugepagesz_setup(). */
	bool huge_pages_strict;

	/* Whether pages of 1 GiB are taken before descriptors of pages are made, and of a
	 * node that was named or not at all. Linux 7.3 mm/mm_init.c
	 * mm_core_init_early(), mm/memblock.c memblock_alloc_hugetlb(). */
	bool huge_pages_early;

	/* Whether the descriptors of such a page are marked as not set up, which cuts what
	 * is reserved. mm/hugetlb.c __alloc_bootmem_huge_page(). */
	bool huge_pages_marked;

	/* enum nb_lists_when. init/main.c start_kernel(), mm/mm_init.c mm_core_init(). */
	uint32_t zonelists_when;

	/* Whether hash tables stay in one piece where one node has all memory. mm/mm_init.c
	 * fixup_hashdist(). */
	bool hash_one_node;

	/* Whether they grow slower from 64 GiB of RAM on. mm/mm_init.c
	 * alloc_large_system_hash(). */
	bool hash_slower;

	/* Whether they are reckoned by what is free once the zones are made, or by what
	 * these manage from the start. mm/mm_init.c calc_nr_kernel_pages(). */
	bool hash_by_free;

	/* Whether process numbers have one. Linux 4.9 kernel/pid.c pidhash_init(). */
	bool hash_of_pids;

	/* enum nb_hash_large. mm/vmalloc.c __vmalloc_node_range_noprof(). */
	uint32_t hash_large;

	/* Whether memory that may be added above 4 GiB asks for bounce buffers, too.
	 * arch/x86/kernel/pci-dma.c pci_swiotlb_detect(). */
	bool bounce_by_possible;

	/* Whether these come in an area for each processor, and as many as there is room
	 * for. kernel/dma/swiotlb.c swiotlb_init_remap(). */
	bool bounce_in_areas;

	/* What is noted of each of them. kernel/dma/swiotlb.c struct io_tlb_slot. Bytes. */
	uint32_t bounce_slab_bytes;

	/* enum nb_zonelist_rule. Linux 4.9 mm/page_alloc.c set_zonelist_order(). */
	uint32_t zonelist_order;

	/* Whether the first node of a distance gets one more load, or as much as there
	 * are nodes left. mm/page_alloc.c build_zonelists(). */
	bool fallback_load_adds;

	/* Whether a zonelist has the zones that manage pages from the start, or those
	 * with present ones. mm/page_alloc.c build_zonerefs_node(). */
	bool zonelists_by_managed;

	/* Whether a node without memory is left out of its own fallback order.
	 * mm/page_alloc.c find_next_best_node(). */
	bool fallback_skips_empty_self;

	/* Whether maxcpus= counts the CPUs that are tried, first threads first where
	 * they can start in parallel, or those that run. kernel/cpu.c
	 * bringup_nonboot_cpus(). */
	bool smp_counts_tries;

	/* Whether the kernel dies if others are listed but the boot CPU is not. Linux 6.1
	 * arch/x86/kernel/apic/apic.c setup_local_APIC(). */
	bool smp_boot_cpu_listed;

	/* Whether possible CPUs are counted apart from their set: the count stays at none
	 * after possible_cpus=0, which the kernel does not survive. Linux 7.3
	 * kernel/rcu/tasks.h cblist_init_generic(). */
	bool smp_possible_counted;

	/* Whether nosmt is known. kernel/cpu.c cpu_smt_disable(). */
	bool smp_nosmt;

	/* enum nb_has_cpu. mm/vmstat.c init_cpu_node_state(). */
	uint32_t smp_has_cpu;

	/* Whether the HMAT is read. Linux 5.10 drivers/acpi/numa/hmat.c hmat_init(). */
	bool access_hmat;
	/* How far a zone's low and high marks are above the one below: 10000ths of its
	 * pages, at the least; 0: a half and a quarter of its min mark tell, whatever its
	 * size. mm/page_alloc.c __setup_per_zone_wmarks(), watermark_scale_factor. */
	uint32_t watermark_scale;

	/* The most that min_free_kbytes grows to with the memory. KiB.
	 * mm/page_alloc.c calculate_min_free_kbytes(). */
	uint32_t min_free_kib_most;

	/* Whether the initrd's pages are back when that is computed. Linux 4.4
	 * mm/page_alloc.c init_per_zone_wmark_min(), an initcall of another level. */
	bool initrd_back_first;

	/* Whether huge pages raise it once before it is computed, too. Linux 4.4
	 * mm/huge_memory.c hugepage_init(), by the order of initcalls. */
	bool huge_pages_first;

	/* Whether the line "Memory:" comes once all CPUs run, with what came back by then.
	 * Linux 6.12 mm/mm_init.c page_alloc_init_late(). */
	bool memory_told_late;

	/* Whether memblock hands over its own arrays, where they were doubled, with all
	 * else, or once the kernel does without memblock. Linux 4.4 mm/nobootmem.c
	 * free_low_memory_core_early(). */
	bool arrays_back_first;

	/* Whether tables for all of vmalloc are taken before that line. Linux 6.1
	 * arch/x86/mm/init_64.c preallocate_vmalloc_pages(). */
	bool vmalloc_tables;

	/* enum nb_huge_back. Linux 6.12 mm/mm_init.c page_alloc_init_late(), 6.1
	 * mm/hugetlb.c hugetlb_init(), by the order of initcalls. */
	uint32_t huge_pages_back;

	/* Whether zones above Normal count where huge pages need room.
	 * mm/khugepaged.c set_recommended_min_free_kbytes(). */
	bool huge_pages_in_high;

	/* Whether Movable has a small mark of its own, or its share of what all keep.
	 * mm/page_alloc.c __setup_per_zone_wmarks(). */
	bool movable_is_high;

	/* Whether a zone that manages nothing has a reserve, too. mm/page_alloc.c
	 * setup_per_zone_lowmem_reserve(). */
	bool reserve_without_pages;

	/* Whether reserves are made again whenever pages come back. Linux 7.3
	 * mm/page_alloc.c adjust_managed_page_count(). */
	bool reserve_follows;

	/* Whether lists of CPUs are set with the watermarks, and their length follows the
	 * low mark, or once before, at six batches. mm/page_alloc.c zone_highsize(). */
	bool lists_by_marks;

	/* Whether such a list grows with use. mm/page_alloc.c
	 * zone_set_pageset_high_and_batch(). */
	bool lists_grow;
};

extern const struct nb_rules nb_lines[NB_LINES];

/* A rule in words, for people. */
struct nb_rule_words {
	const char *says;   /* what it decides; null if nobody has said it yet */
	const char *values; /* names of its values from 0 up, "kept|dropped", or its unit */
};

/* A rule as a thing of its own, for those that list or swap rules. */
struct nb_rule {
	const char *name;
	size_t offset, size; /* of the field in struct nb_rules, in bytes: 1, 4 or 8 */
	const struct nb_rule_words *words;
};

/* All rules, in the order of their fields; *count is set. */
const struct nb_rule *nb_rules(uint32_t *count);

/* The value of one rule in a set of rules. */
uint64_t nb_rule_value(const struct nb_rules *rules, const struct nb_rule *rule);

struct nb_kernel_config {
	const char *name;              /* "Debian 6.12.117 amd64" */
	uint32_t max_nodes;            /* 1 << NODES_SHIFT */
	uint32_t max_cpus;             /* NR_CPUS */
	uint32_t e820_entries;         /* what the memory map table holds */
	uint32_t node_data_bytes;      /* what is taken for NODE_DATA */
	nb_phys section_bytes;         /* of sparse memory; a page where memory is flat */
	uint32_t page_struct_bytes;    /* of a page's descriptor */
	uint32_t node_struct_bytes;    /* of NODE_DATA, as it is */
	uint32_t resource_bytes;       /* of a range of the address space that is noted */
	uint32_t firmware_entry_bytes; /* of an entry of the firmware's map that is kept */
	uint32_t nosave_bytes; /* of a hole that hibernation keeps out of; 0: there is none */
	uint32_t section_struct_bytes; /* of a section's structure; 0: memory is flat */
	uint32_t section_usage_bytes;  /* of what is noted of its use */
	nb_phys log_buf;               /* the log's own buffer: 1 << LOG_BUF_SHIFT, bytes */
	nb_phys trampoline_bytes;      /* the code that starts processors */
	struct nb_range kernel; /* the image where it is not moved, up to what stays reserved */
	nb_phys kernel_end;     /* the end of the image with all of its brk */
	nb_phys unpack_bytes;   /* what the image needs to unpack itself, from its start; 0: not
				 * known. The boot protocol's init_size */
	uint32_t phys_bits;     /* of addresses; 52 are 46 unless 5-level paging is active */
	/* 32 bits: what low memory and vmalloc share of the address space; 0: all RAM
	 * is low memory. Linux 6.1 pgtable_32_areas.h VMALLOC_END - PAGE_OFFSET. */
	nb_phys low_and_vmalloc;
	nb_phys brk_bytes;     /* of the image's end: what of its brk area is used */
	uint32_t brk_tables;   /* of these, pages for tables of the direct map: the last ones */
	uint32_t fixed_tables; /* taken with it: of addresses that are fixed by the build */
	/* Where the direct map begins if it is not moved, with 4 levels and with 5, which 0
	 * is not built in. */
	uint64_t direct_map, direct_map_5;
	/* Per-CPU variables: the image's own, and room for those of modules (0: there are
	 * none). Bytes. */
	uint32_t percpu_static_bytes, percpu_module_bytes;
	bool percpu_wide; /* room to give out is four times the rule's */
	bool no_numa;     /* NUMA is not built in */
	bool no_acpi_numa; /* nor is what reads the nodes from ACPI's tables: SRAT, SLIT, HMAT, CEDT */
	bool no_zone_dma, no_zone_dma32;
	bool no_highmem; /* 32 bits: RAM above low memory is not used */
	bool memory_hotplug;
	bool numa_emulation;
	bool zone_device;
	bool cpumask_offstack; /* masks of CPUs are as long as there are numbers */
	bool x2apic;           /* APICs in x2APIC mode are known */
	bool cxl;              /* the driver for CXL memory of ACPI is built in, or a module */
	bool deferred_init;    /* most descriptors of pages are filled in once all CPUs run */
	bool huge_pages;       /* transparent huge pages are on unless the command line says no */
	nb_phys init_bytes;    /* of the image: what is given back in the end */
	bool tolerant; /* what is plainly wrong in tables is mended, as no Linux does, and told */
};

/* Whether a kernel has a zone at all. */
static inline bool nb_zone_is_built_in(const struct nb_kernel_config *config, uint32_t zone)
{
	switch (zone) {
	case NB_ZONE_DMA:
		return !config->no_zone_dma;
	case NB_ZONE_DMA32:
		return !config->low_and_vmalloc && !config->no_zone_dma32;
	case NB_ZONE_HIGHMEM:
		return config->low_and_vmalloc && !config->no_highmem;
	case NB_ZONE_DEVICE:
		return config->zone_device;
	default:
		return true;
	}
}

/* The builds that were booted for the lines: Debian's, but for the oldest three. */
extern const struct nb_kernel_config nb_configs[NB_LINES];

#ifdef __cplusplus
}
#endif
#endif
