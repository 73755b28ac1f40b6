/* SPDX-License-Identifier: MIT */
/* names: zones, stages, types of memory and what it is reserved for, in words. */
#include <numaboot/firmware.h>
#include <numaboot/render.h>

const char *nb_zone_name(enum nb_zone_id zone)
{
	static const char *const names[NB_ZONES] = {
		[NB_ZONE_DMA] = "DMA",         [NB_ZONE_DMA32] = "DMA32",
		[NB_ZONE_NORMAL] = "Normal",   [NB_ZONE_HIGHMEM] = "HighMem",
		[NB_ZONE_MOVABLE] = "Movable", [NB_ZONE_DEVICE] = "Device",
	};

	return (uint32_t)zone < NB_ZONES ? names[zone] : "";
}

const char *nb_stage_name(enum nb_stage stage)
{
	static const char *const names[] = {
		[NB_PARAMS] = "params",
		[NB_E820] = "e820",
		[NB_MEMBLOCK] = "memblock",
		[NB_MAPPING] = "mapping",
		[NB_EARLY] = "early",
		[NB_NUMA] = "numa",
		[NB_ZONES_STAGE] = "zones",
		[NB_CPUS] = "cpus",
		[NB_LATE_NODES] = "late_nodes",
		[NB_CRASH] = "crash",
		[NB_HUGE_PAGES] = "huge_pages",
		[NB_HASHES_STAGE] = "hashes",
		[NB_BOUNCE] = "bounce",
		[NB_RESOURCES] = "resources",
		[NB_SMP] = "smp",
		[NB_ACCESS] = "access",
		[NB_PERCPU] = "percpu",
		[NB_READY] = "ready",
		[NB_ZONELISTS] = "zonelists",
		[NB_MANAGED] = "managed",
		[NB_WATERMARKS] = "watermarks",
	};

	return (unsigned)stage < NB_COUNT(names) ? names[stage] : "?";
}

const char *nb_reserved_text(enum nb_reserved_for reason)
{
	static const char *const reasons[NB_RESERVED_FORS] = {
		[NB_RESERVED_KERNEL] = "the kernel's image",
		[NB_RESERVED_LOW_MEMORY] = "low memory that the BIOS may write to",
		[NB_RESERVED_INITRD] = "the initramfs",
		[NB_RESERVED_SETUP_DATA] = "the boot loader's data",
		[NB_RESERVED_BIOS_AREA] = "the BIOS area",
		[NB_RESERVED_SOFT] = "a device driver, as the memory map says",
		[NB_RESERVED_FOUND] = "a table that the firmware left there",
		[NB_RESERVED_BRK] = "what the kernel took behind its image",
		[NB_RESERVED_EFI_BOOT] = "EFI's boot services",
		[NB_RESERVED_TRAMPOLINE] = "the code that starts processors",
		[NB_RESERVED_FIRST_BLOCK] = "the search for the direct map's beginning",
		[NB_RESERVED_PAGE_TABLE] = "a table of the direct map",
		[NB_RESERVED_LOG] = "the log buffer",
		[NB_RESERVED_INITRD_MOVED] = "the initramfs in its new place",
		[NB_RESERVED_INITRD_TABLES] = "ACPI tables of the initramfs",
		[NB_RESERVED_TABLE] = "an ACPI table",
		[NB_RESERVED_APIC_TABLE] = "a page table for the local APIC",
		[NB_RESERVED_DISTANCES] = "distances between nodes",
		[NB_RESERVED_NODE_DATA] = "the data of a node",
		[NB_RESERVED_CRASH] = "the kernel that takes over when this one dies",
		[NB_RESERVED_SECTIONS] = "notes of sections of memory, or of groups of pages",
		[NB_RESERVED_MEMMAP] = "descriptors of pages",
		[NB_RESERVED_MEMMAP_TABLE] = "a page table for descriptors of pages",
		[NB_RESERVED_WAIT_TABLE] = "processes that wait for a page of a zone",
		[NB_RESERVED_EMPTY_NODE] = "the data of a node without memory",
		[NB_RESERVED_RESOURCES] = "a note of what lies where in the address space",
		[NB_RESERVED_HUGE_PAGE] = "a page of 1 GiB",
		[NB_RESERVED_HASH] = "a large hash table",
		[NB_RESERVED_BOUNCE] = "bounce buffers of devices",
		[NB_RESERVED_REGIONS] = "an array of memblock itself",
	};

	return (unsigned)reason < NB_RESERVED_FORS ? reasons[reason] : "?";
}

/* In 7.3 RAM is System RAM, and the log has a word more for what is none. */
static const char *type_text_7_3(uint32_t type)
{
	switch (type) {
	case NB_E820_RAM:
		return "System RAM";
	case NB_E820_RESERVED:
		return "device reserved";
	case NB_E820_PMEM:
		return "persistent RAM (type 7)";
	case NB_E820_PRAM:
		return "persistent RAM (type 12)";
	default:
		return NULL;
	}
}

const char *nb_e820_type_text(uint32_t type, enum nb_line wording)
{
	bool is_7_3 = wording == NB_LINE_7_3;

	if (is_7_3 && type_text_7_3(type))
		return type_text_7_3(type);
	switch (type) {
	case NB_E820_RAM:
		return "usable";
	case NB_E820_RESERVED_KERN:
		return is_7_3 ? NULL : "usable";
	case NB_E820_RESERVED:
		return "reserved";
	case NB_E820_ACPI:
		return "ACPI data";
	case NB_E820_NVS:
		return "ACPI NVS";
	case NB_E820_UNUSABLE:
		return "unusable";
	case NB_E820_PMEM:
		return wording == NB_LINE_3_14 ? NULL : "persistent (type 7)";
	case NB_E820_PRAM:
		return wording == NB_LINE_3_14 ? NULL : "persistent (type 12)";
	case NB_E820_SOFT_RESERVED:
		return wording < NB_LINE_5_10 ? NULL : "soft reserved";
	default:
		return NULL;
	}
}
