/* SPDX-License-Identifier: MIT */
/* purposes: see purposes.h. */
#include "purposes.h"

#include <numaboot/memblock.h>

const struct purpose_row purpose_rows[PURPOSES] = {
	[FOR_KERNEL] = { "kernel", "kernel image", "code, data and bss; brk",
			 "its init part is given back at the end of the boot" },
	[FOR_INITRD] = { "initrd", "initrd", "the initramfs, as the boot loader put it there",
			 "given back once it is unpacked; a smaller one" },
	[FOR_LOW_MEMORY] = { "low_memory", "first MiB",
			     "firmware is known to write there; CPUs start there", "" },
	[FOR_FIRMWARE] = { "firmware", "firmware's data in RAM",
			   "ACPI and MP tables, EFI's boot services, the boot loader's data",
			   "EFI's boot services are given back later in the boot" },
	[FOR_PAGE_TABLES] = { "page_tables", "page tables",
			      "of the direct map, of the CPUs' entry areas, of the APIC",
			      "larger pages: no debug_pagealloc, gbpages" },
	[FOR_PROBE] = { "probe", "probe", "where the direct map begins, for a moment only", "" },
	[FOR_LOG] = { "log", "log buffer", "log_buf_len= or the build's number of CPUs",
		      "a smaller log_buf_len=" },
	[FOR_NODE_DATA] = { "node_data", "data of nodes", "each node's, and their distances",
			    "fewer nodes: numa=off" },
	[FOR_MEMMAP] = { "memmap", "memmap", "a descriptor of 64 bytes for each page of 4 KiB",
			 "huge pages that give theirs back: hugetlb_free_vmemmap=on" },
	[FOR_PERCPU] = { "percpu", "per-CPU areas", "one for each possible CPU",
			 "fewer possible CPUs: possible_cpus=, nr_cpus=" },
	[FOR_HASHES] = { "hashes", "hash tables", "tables whose size follows that of RAM",
			 "dhash_entries=, ihash_entries=, hashdist=0" },
	[FOR_BOUNCE] = { "bounce", "bounce buffers", "for devices that cannot reach all of RAM",
			 "swiotlb=, or none where an IOMMU does it" },
	[FOR_HUGE_PAGES] = { "huge_pages", "huge pages", "pages of 1 GiB that hugepages= asks for",
			     "fewer hugepages=" },
	[FOR_CRASH] = { "crash", "crash kernel",
			"crashkernel=, for a kernel that takes over when this one dies",
			"a smaller crashkernel=" },
	[FOR_MEMBLOCK] = { "memblock", "memblock's own arrays", "they were full and were doubled",
			   "given back at the end of the boot" },
	[FOR_SOFT_RESERVED] = { "soft_reserved", "soft reserved", "the map keeps it for a driver",
				"efi=nosoftreserve" },
	[FOR_SMALL_THINGS] = { "small_things", "small things",
			       "lists of the memory map, names, masks, and the like", "" },
};

enum purpose purpose_of_event(enum nb_event_kind kind, uint32_t id)
{
	static const enum purpose reasons[NB_RESERVED_FORS] = {
		[NB_RESERVED_KERNEL] = FOR_KERNEL,
		[NB_RESERVED_LOW_MEMORY] = FOR_LOW_MEMORY,
		[NB_RESERVED_INITRD] = FOR_INITRD,
		[NB_RESERVED_SETUP_DATA] = FOR_FIRMWARE,
		[NB_RESERVED_BIOS_AREA] = FOR_LOW_MEMORY,
		[NB_RESERVED_SOFT] = FOR_SOFT_RESERVED,
		[NB_RESERVED_EFI_BOOT] = FOR_FIRMWARE,
		[NB_RESERVED_TRAMPOLINE] = FOR_LOW_MEMORY,
		[NB_RESERVED_LOG] = FOR_LOG,
		[NB_RESERVED_INITRD_MOVED] = FOR_INITRD,
		[NB_RESERVED_INITRD_TABLES] = FOR_FIRMWARE,
		[NB_RESERVED_TABLE] = FOR_FIRMWARE,
		[NB_RESERVED_FOUND] = FOR_FIRMWARE,
		[NB_RESERVED_BRK] = FOR_KERNEL,
		[NB_RESERVED_FIRST_BLOCK] = FOR_PROBE,
		[NB_RESERVED_PAGE_TABLE] = FOR_PAGE_TABLES,
		[NB_RESERVED_APIC_TABLE] = FOR_PAGE_TABLES,
		[NB_RESERVED_DISTANCES] = FOR_NODE_DATA,
		[NB_RESERVED_NODE_DATA] = FOR_NODE_DATA,
		[NB_RESERVED_EMPTY_NODE] = FOR_NODE_DATA,
		[NB_RESERVED_CRASH] = FOR_CRASH,
		[NB_RESERVED_SECTIONS] = FOR_MEMMAP,
		[NB_RESERVED_MEMMAP] = FOR_MEMMAP,
		[NB_RESERVED_MEMMAP_TABLE] = FOR_MEMMAP,
		[NB_RESERVED_WAIT_TABLE] = FOR_HASHES,
		[NB_RESERVED_RESOURCES] = FOR_SMALL_THINGS,
		[NB_RESERVED_HUGE_PAGE] = FOR_HUGE_PAGES,
		[NB_RESERVED_HASH] = FOR_HASHES,
		[NB_RESERVED_BOUNCE] = FOR_BOUNCE,
		[NB_RESERVED_REGIONS] = FOR_MEMBLOCK,
	};

	if (kind == NB_EV_NODE_DATA)
		return FOR_NODE_DATA;
	if (kind == NB_EV_INITRD_MOVED)
		return FOR_INITRD;
	return kind == NB_EV_RESERVED && id < NB_RESERVED_FORS ? reasons[id] : PURPOSES;
}

/* The first name that a caller's begins with says what it is. In 7.3 most go
 * through one function, whose name says nothing. */
static const struct {
	const char *start;
	enum purpose purpose;
} callers[] = {
	{ "setup_log_buf", FOR_LOG },
	{ "alloc_node_data", FOR_NODE_DATA },
	{ "alloc_offline_node_data", FOR_NODE_DATA },
	{ "free_area_init", FOR_NODE_DATA },
	{ "numa_", FOR_NODE_DATA },
	{ "sparse_", FOR_MEMMAP },
	{ "vmemmap_", FOR_MEMMAP },
	{ "memmap_alloc", FOR_MEMMAP },
	{ "setup_usemap", FOR_MEMMAP },
	{ "zone_wait_table_init", FOR_HASHES },
	{ "alloc_low_pages", FOR_PAGE_TABLES },
	{ "init_mem_mapping", FOR_PROBE },
	{ "spp_getpage", FOR_PAGE_TABLES },
	{ "pcpu_", FOR_PERCPU },
	{ "alloc_large_system_hash", FOR_HASHES },
	{ "swiotlb_", FOR_BOUNCE },
	{ "alloc_bootmem_huge_page", FOR_HUGE_PAGES },
	{ "__alloc_bootmem_huge_page", FOR_HUGE_PAGES },
	{ "reserve_crashkernel", FOR_CRASH },
	{ "memblock_double_array", FOR_MEMBLOCK },
	{ "reserve_real_mode", FOR_LOW_MEMORY },
	{ "smp_scan_config", FOR_FIRMWARE },
	{ "acpi_reserve_initial_tables", FOR_FIRMWARE },
	{ "acpi_table_upgrade", FOR_FIRMWARE },
	{ "acpi_initrd_override", FOR_FIRMWARE },
	{ "efi_", FOR_FIRMWARE },
	{ "reserve_ibft_region", FOR_FIRMWARE },
	{ "setup_arch", FOR_KERNEL },
};

enum purpose purpose_of_caller(struct nb_text caller)
{
	for (size_t i = 0; i < NB_COUNT(callers); i++)
		if (text_skip(&(struct nb_text){ caller.at, caller.len }, callers[i].start))
			return callers[i].purpose;
	return FOR_SMALL_THINGS;
}
