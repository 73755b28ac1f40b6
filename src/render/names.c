/* SPDX-License-Identifier: MIT */
/* names: zones, stages and types of memory in words. */
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
		[NB_PARAMS] = "params",         [NB_E820] = "e820",
		[NB_MEMBLOCK] = "memblock",     [NB_MAPPING] = "mapping",
		[NB_EARLY] = "early",           [NB_NUMA] = "numa",
		[NB_ZONES_STAGE] = "zones",     [NB_CPUS] = "cpus",
		[NB_LATE_NODES] = "late_nodes", [NB_CRASH] = "crash",
		[NB_RESOURCES] = "resources",   [NB_SMP] = "smp",
		[NB_ACCESS] = "access",         [NB_PERCPU] = "percpu",
		[NB_READY] = "ready",           [NB_ZONELISTS] = "zonelists",
		[NB_MANAGED] = "managed",       [NB_WATERMARKS] = "watermarks",
	};

	return (unsigned)stage < NB_COUNT(names) ? names[stage] : "?";
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
