/* SPDX-License-Identifier: MIT */
/*
 * events: one flat record for each decision of the boot. Logs, explanations
 * and JSON are renderers of these; no stage holds text.
 */
#ifndef NUMABOOT_EVENTS_H
#define NUMABOOT_EVENTS_H

#include <numaboot/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The stages, in the order in which 6.12 runs them; rules move NB_ZONES_STAGE behind
 * NB_CPUS and NB_RESOURCES, and NB_ZONELISTS. */
enum nb_stage {
	NB_PARAMS,
	NB_E820,
	NB_MEMBLOCK,
	NB_MAPPING,
	NB_EARLY,
	NB_NUMA,
	NB_CRASH,
	NB_ZONES_STAGE,
	NB_CPUS,
	NB_LATE_NODES,
	NB_RESOURCES,
	NB_PERCPU,
	NB_HUGE_PAGES,
	NB_HASHES_STAGE,
	NB_ZONELISTS,
	NB_BOUNCE,
	NB_MANAGED,
	NB_SMP,
	NB_WATERMARKS,
	NB_ACCESS,
	NB_READY,
};

/* The kinds; render/catalog.c has a row for each: its fields, its sentence. */
enum nb_event_kind {
	NB_EV_STAGE,
	NB_EV_DIES,
	NB_EV_CMDLINE_CUT,
	NB_EV_PARAM_MALFORMED,
	NB_EV_PARAM_UNMODELLED,

	/* e820 */
	NB_EV_MAP_REJECTED,
	NB_EV_MAP_NOT_SANITIZED,
	NB_EV_MAP_FULL,
	NB_EV_MAP_BEGIN,
	NB_EV_MAP_ENTRY,
	NB_EV_MAP_GAP,
	NB_EV_MAP_OUT_OF_ORDER,
	NB_EV_MAP_UPDATE,
	NB_EV_MAP_REMOVE,
	NB_EV_MAP_ADDED,
	NB_EV_MAP_CLEARED,
	NB_EV_KERNEL_NOT_RAM,
	NB_EV_LAST_PFN,
	NB_EV_MTRR_TRIMMED,
	NB_EV_HIGHMEM_REFUSED,
	NB_EV_LOW_RAM_END,

	/* memblock */
	NB_EV_REGIONS_DOUBLED,
	NB_EV_REGIONS_LOST,
	NB_EV_RESERVED,
	NB_EV_FREED,
	NB_EV_MEMORY_ADDED,
	NB_EV_MEMORY_FILLED,
	NB_EV_NO_TRAMPOLINE,

	/* mapping */
	NB_EV_MAPPING_GB,
	NB_EV_MAPPING_RANGE,
	NB_EV_MAPPING_PIECE,
	NB_EV_MAPPING_BRK,

	/* early */
	NB_EV_INITRD_MOVED,

	/* numa: tables */
	NB_EV_FLAT_MEMORY,
	NB_EV_LOW_AND_HIGH,
	NB_EV_NUMA_TRY,
	NB_EV_TABLE_FAULT,
	NB_EV_PXM_NUMBERED,
	NB_EV_PXM_REFUSED,
	NB_EV_SRAT_CPU,
	NB_EV_SRAT_X2APIC_IGNORED,
	NB_EV_SRAT_APIC_TOO_BIG,
	NB_EV_SRAT_INITIATOR,
	NB_EV_SRAT_STOPPED,
	NB_EV_SRAT_SKIPPED,
	NB_EV_SRAT_ZERO_LENGTH,
	NB_EV_SRAT_UNKNOWN_ENTRY,
	NB_EV_SRAT_ENTRY_LENGTH,
	NB_EV_SRAT_MEMORY,
	NB_EV_SRAT_MEMORY_CAPPED,
	NB_EV_SRAT_BLOCK_INVALID,
	NB_EV_SRAT_BLOCKS_FULL,
	NB_EV_SRAT_REJECTED,
	NB_EV_SRAT_NO_MEMORY,
	NB_EV_SLIT_INVALID,
	NB_EV_DISTANCE_TABLE,
	NB_EV_DISTANCE_NO_ROOM,
	NB_EV_DISTANCE_BOUNDS,
	NB_EV_DISTANCE_INVALID,
	NB_EV_WINDOW_FILLED,
	NB_EV_WINDOW_NODE,
	NB_EV_WINDOW_FULL,
	NB_EV_DUMMY,
	NB_EV_DUMMY_NODE,

	/* numa: repairs of the tolerant policy */
	NB_EV_REPAIR_LENGTH,
	NB_EV_REPAIR_ENTRY,
	NB_EV_REPAIR_END,
	NB_EV_REPAIR_SLIT,
	NB_EV_REPAIR_DISTANCE,
	NB_EV_REPAIR_OVERLAP,
	NB_EV_REPAIR_UNCOVERED,

	/* numa: blocks and nodes */
	NB_EV_BLOCK_SET_ASIDE,
	NB_EV_BLOCK_DROPPED,
	NB_EV_BLOCK_CLAMPED,
	NB_EV_NODES_OVERLAP,
	NB_EV_NODE_OVERLAPS_ITSELF,
	NB_EV_BLOCKS_JOINED,
	NB_EV_FAKE_TOO_MANY_NODES,
	NB_EV_FAKE_TOO_SMALL,
	NB_EV_FAKE_SIZE_RAISED,
	NB_EV_FAKE_NODE,
	NB_EV_FAKE_SHORT,
	NB_EV_FAKE_BLOCKS_FULL,
	NB_EV_FAKE_INVALID,
	NB_EV_FAKE_NO_ROOM,
	NB_EV_FAKE_DROPPED,
	NB_EV_FAKE_DISTANCE_UNKNOWN,
	NB_EV_NODE_UNPLUGGABLE_CLEARED,
	NB_EV_UNCOVERED,
	NB_EV_NODE_SETUP,
	NB_EV_NODE_DATA,
	NB_EV_NODE_DATA_ELSEWHERE,
	NB_EV_NODE_DATA_FAILED,
	NB_EV_NODE_TOO_SMALL,

	/* crash */
	NB_EV_CRASH_MALFORMED,
	NB_EV_CRASH_RESERVED,
	NB_EV_CRASH_FAILED,

	/* zones */
	NB_EV_NO_MIRROR,
	NB_EV_MIRROR_KDUMP,
	NB_EV_UNMIRRORED_LOW,
	NB_EV_ZONES_BEGIN,
	NB_EV_ZONE_LIMITS,
	NB_EV_ZONE_EMPTY,
	NB_EV_MOVABLE_BEGIN,
	NB_EV_MOVABLE_START,
	NB_EV_RANGES_BEGIN,
	NB_EV_RANGE,
	NB_EV_NODE_SPAN,
	NB_EV_NODE_NO_DATA,
	NB_EV_NODE_MEMORYLESS,
	NB_EV_NODE_PAGES,
	NB_EV_ZONE_MEMMAP,
	NB_EV_ZONE_MEMMAP_EXCEEDS,
	NB_EV_ZONE_RESERVED,
	NB_EV_ZONE_PAGES,
	NB_EV_ZONE,
	NB_EV_MEMMAP_INIT,
	NB_EV_UNAVAILABLE,

	/* cpus */
	NB_EV_CPU_LIMIT_EARLY,
	NB_EV_X2APIC_ENTRY_IGNORED,
	NB_EV_MADT_ENTRY_SKIPPED,
	NB_EV_APIC_TOO_BIG,
	NB_EV_BSP_NOT_MARKED,
	NB_EV_BSP_ASSUME_KDUMP,
	NB_EV_BSP_NOT_FIRST,
	NB_EV_BSP_DISABLED,
	NB_EV_BSP_ORDER_BUG,
	NB_EV_CPU_LIMIT_REACHED,
	NB_EV_CPU_IGNORED,
	NB_EV_BOOT_CPU_UNLISTED,
	NB_EV_CPU_REGISTERED,
	NB_EV_CPUS_EXCEED_LIMIT,
	NB_EV_LOGICAL_NODES,
	NB_EV_CPUS_ALLOWED,
	NB_EV_CPUS_REJECTED,
	NB_EV_NODE_ONLINE,
	NB_EV_CPU_NODE,

	/* percpu */
	NB_EV_CPU_IDS,
	NB_EV_PERCPU_TOO_FAR,
	NB_EV_PERCPU_FALLBACK,
	NB_EV_PERCPU_PAGE_FAILED,
	NB_EV_PERCPU_GROUP,
	NB_EV_PERCPU_EMBEDDED,
	NB_EV_PERCPU_PAGED,
	NB_EV_PERCPU_LAYOUT,
	NB_EV_PERCPU_ROW_BEGIN,
	NB_EV_PERCPU_ROW_GROUP,
	NB_EV_PERCPU_ROW_UNIT,
	NB_EV_PERCPU_ROW_END,

	/* huge_pages */
	NB_EV_HUGE_PAGES_SHORT,

	/* hashes */
	NB_EV_HASH,

	/* zonelists */
	NB_EV_FALLBACK_BEGIN,
	NB_EV_FALLBACK_NODE,
	NB_EV_FALLBACK_END,
	NB_EV_ZONELIST_BEGIN,
	NB_EV_ZONELIST_ZONE,
	NB_EV_ZONELIST_END,
	NB_EV_ZONELISTS_BUILT,
	NB_EV_POLICY_ZONE,

	/* bounce */
	NB_EV_BOUNCE_AREAS,
	NB_EV_BOUNCE_ROUNDED,
	NB_EV_BOUNCE_FEWER,
	NB_EV_BOUNCE_TAKEN,
	NB_EV_BOUNCE_FAILED,

	/* managed */
	NB_EV_MANAGED,
	NB_EV_MEMORY_TOLD,

	/* smp */
	NB_EV_SMP_DISABLED,
	NB_EV_NODE_HAS_CPU,
	NB_EV_SMP_BEGIN,
	NB_EV_SMP_NODE_BEGIN,
	NB_EV_SMP_PAD,
	NB_EV_SMP_CPU,
	NB_EV_SMP_NODE_END,
	NB_EV_SMP_DONE,

	/* watermarks */
	NB_EV_MIN_FREE,
	NB_EV_WATERMARKS,
	NB_EV_ZONE_RESERVE,
	NB_EV_CPU_LISTS,

	/* access */
	NB_EV_HMAT_IGNORED,
	NB_EV_ACCESS,

	NB_EVENT_KINDS,
};

/* The reason of a decision, when its kind has more than one. */
enum nb_why {
	NB_WHY_NONE,
	NB_WHY_TOO_FEW,         /* fewer entries than the kernel takes for a map */
	NB_WHY_TOO_MANY,        /* more ranges than the kernel has room for */
	NB_WHY_WRAPS,           /* an end beyond 2^64 */
	NB_WHY_ABSENT,          /* the table is not there */
	NB_WHY_OFF,             /* the command line turned it off */
	NB_WHY_DISABLED,        /* the entry's enabled flag is clear */
	NB_WHY_NO_HOTPLUG,      /* the kernel cannot plug memory in, and the entry may be */
	NB_WHY_SHORT,           /* fewer bytes than the entry needs */
	NB_WHY_TRUNCATED,       /* the table ends before its length says */
	NB_WHY_ENTRY_LENGTH,    /* an entry's length is not its type's */
	NB_WHY_PXM_RANGE,       /* a proximity domain outside of what the kernel can map */
	NB_WHY_OVERLAP,         /* two nodes claim the same bytes */
	NB_WHY_UNCOVERED,       /* too much RAM has no node */
	NB_WHY_NO_MEMORY_ENTRY, /* no memory entry was accepted */
	NB_WHY_NOT_RAM,         /* claimed, but the map has no RAM there */
	NB_WHY_ABOVE_RAM,       /* claimed above the end of RAM */
	NB_WHY_WINDOW,          /* it is a window for CXL memory */
	NB_WHY_HAS_MEMORY,
	NB_WHY_HAS_CPU,
	NB_WHY_HAS_INITIATOR,
	NB_WHY_BOOT_SIBLING,  /* it is emulated on the boot CPU's physical node */
	NB_WHY_SPILLED,       /* memory without a node was noted beyond the end of a set */
	NB_WHY_SRAT,          /* as the SRAT says */
	NB_WHY_ROUND_ROBIN,   /* nodes are dealt to CPUs in turn */
	NB_WHY_PXM_MAP,       /* the emulated nodes cannot be tied to proximity domains */
	NB_WHY_NOT_USABLE,    /* the CPU can never be brought online */
	NB_WHY_INVALID_ID,    /* an APIC ID that stands for none */
	NB_WHY_LAPIC_HAS_IT,  /* an x2APIC entry for an id that belongs in a local APIC entry */
	NB_WHY_REPEATED,      /* the same CPU was listed before */
	NB_WHY_NOT_FIRST,     /* not the first CPU of its package, which alone is listed */
	NB_WHY_CACHE_ID,      /* AMD: the number of the last-level cache is taken for a node */
	NB_WHY_NEAREST_NODE,  /* the nearest node that is online, since its own is not */
	NB_WHY_NEAREST_APIC,  /* AMD: as the nearest APIC ID that has a node */
	NB_WHY_REVISION,      /* a revision of the table that the kernel does not know */
	NB_WHY_MALFORMED,     /* something in the table has a wrong form */
	NB_WHY_KERNEL_MEMORY, /* the kernel's own memory lies on it */
	NB_WHY_CRASH_IN_USE,  /* the place that crashkernel= names is taken, or no RAM */
	NB_WHY_CRASH_NO_ROOM, /* nowhere is so much free */
	NB_WHY_CRASH_NO_LOW,  /* not so much is free below 4 GiB */
	NB_WHY_ASKED,         /* the command line asks for it */
	NB_WHY_SETUP_DATA,    /* the boot loader's data lie there */
	NB_WHY_EFI_DEVICE,    /* EFI says that it is a device */
	NB_WHY_KERNEL_THERE,  /* the kernel runs there */
	NB_WHY_BIOS_AREA,     /* the first page, or 640 KiB to 1 MiB */
	NB_WHY_UNCACHED,      /* no MTRR makes it cacheable */
	NB_WHY_NOT_KNOWN,     /* this kernel does not know such a table */
	NB_WHY_ROOT_OF_FREE,  /* it grows as the root of the free memory */
	NB_WHY_HUGE_PAGES,    /* huge pages need room */

	/* why a kernel dies */
	NB_WHY_DIES_NO_IMAGE_ROOM,    /* RAM ends where the image would unpack itself */
	NB_WHY_DIES_MAP_INVALID,      /* the user-defined map is refused */
	NB_WHY_DIES_SAME_TYPE,        /* memmap=N%S-T+T: a type is to become itself */
	NB_WHY_DIES_NO_VALUE,         /* kernelcore without a value */
	NB_WHY_DIES_NO_LOW_RAM,       /* no room for the trampoline below 1 MiB */
	NB_WHY_DIES_REGIONS_FULL,     /* memblock's array is full before it may grow */
	NB_WHY_DIES_NO_TABLES,        /* no page is left for the tables of the direct map */
	NB_WHY_DIES_NO_INITRD_ROOM,   /* the initrd lies outside of RAM and fits nowhere inside */
	NB_WHY_DIES_RAM_WITHOUT_NODE, /* the memmap of RAM that has no node is made */
	NB_WHY_DIES_FAKE_DISTANCE,    /* emulation reads a distance table that is not there */
	NB_WHY_DIES_SMALL_NODE,       /* pages of a node that has no data are used */
	NB_WHY_DIES_NO_CPU,           /* per-CPU areas are made, but no CPU is possible */
	NB_WHY_DIES_PERCPU,           /* no memory for per-CPU areas */
	NB_WHY_DIES_BOOT_CPU,         /* other CPUs are listed, but not the one that runs */
	NB_WHY_DIES_NODE_DATA,        /* no memory for NODE_DATA */
	NB_WHY_DIES_NO_MEMMAP,        /* no memory for descriptors of pages, or what they need */
	NB_WHY_DIES_NO_RESOURCES,     /* no memory for notes of what lies where */
	NB_WHY_DIES_SLIT_SIZE,        /* the SLIT's count reaches beyond what is mapped */
	NB_WHY_DIES_NODE_NOT_MADE,    /* a node is online that has no data */
	NB_WHY_DIES_NO_HASH,          /* no memory for a hash table */
	NB_WHY_DIES_NO_NODE_MASK,     /* a node is online that has no set of CPUs */
	NB_WHYS,
};

/* What a range is reserved for, or was: the id of NB_EV_RESERVED and NB_EV_FREED. In the
 * order of the stages that do. */
enum nb_reserved_for {
	NB_RESERVED_KERNEL,
	NB_RESERVED_LOW_MEMORY,
	NB_RESERVED_INITRD,
	NB_RESERVED_SETUP_DATA,
	NB_RESERVED_BIOS_AREA,
	NB_RESERVED_SOFT,  /* soft reserved in the memory map */
	NB_RESERVED_FOUND, /* the MP table, EFI's memory map: struct nb_boot_facts */
	NB_RESERVED_BRK,   /* what the kernel took of the end of its image */
	NB_RESERVED_EFI_BOOT,
	NB_RESERVED_TRAMPOLINE,
	NB_RESERVED_FIRST_BLOCK, /* where the direct map begins; for a moment only */
	NB_RESERVED_PAGE_TABLE,  /* of the direct map */
	NB_RESERVED_LOG,
	NB_RESERVED_INITRD_MOVED,
	NB_RESERVED_INITRD_TABLES,
	NB_RESERVED_TABLE,
	NB_RESERVED_APIC_TABLE, /* of the page tables, for the local APIC */
	NB_RESERVED_DISTANCES,
	NB_RESERVED_NODE_DATA,
	NB_RESERVED_CRASH,        /* the kernel that takes over from one that died */
	NB_RESERVED_SECTIONS,     /* of sparse memory: what is noted of them */
	NB_RESERVED_MEMMAP,       /* descriptors of pages */
	NB_RESERVED_MEMMAP_TABLE, /* of the page tables that map these */
	NB_RESERVED_WAIT_TABLE,   /* of a zone, for processes that wait for a page */
	NB_RESERVED_EMPTY_NODE,   /* data of a node without memory */
	NB_RESERVED_RESOURCES,    /* notes of what lies where in the address space */
	NB_RESERVED_HUGE_PAGE,    /* of 1 GiB */
	NB_RESERVED_HASH,         /* a large hash table */
	NB_RESERVED_BOUNCE,       /* buffers for devices that reach no further than 4 GiB */
	NB_RESERVED_REGIONS,      /* memblock's own arrays, whenever they are doubled */
	NB_RESERVED_FORS,
};

/* Where a hash table lies: the flags of NB_EV_HASH, whose id is an enum nb_hash. */
enum nb_hash_place {
	NB_HASH_LINEAR = 1,       /* in one piece */
	NB_HASH_MAPPED = 2,       /* of single pages */
	NB_HASH_MAPPED_LARGE = 6, /* of pages of 2 MiB */
};

/* What is wrong with a value of crashkernel=: the id of NB_EV_CRASH_MALFORMED. */
enum nb_crash_fault {
	NB_CRASH_NO_NUMBER,   /* in a list of ranges */
	NB_CRASH_NO_DASH,     /* a number, but no range of RAM */
	NB_CRASH_EMPTY_RANGE, /* of RAM */
	NB_CRASH_NO_COLON,
	NB_CRASH_TOO_LARGE,
	NB_CRASH_NO_OFFSET,
	NB_CRASH_NO_VALUE, /* not even a size */
	NB_CRASH_STRAY_CHAR,
	NB_CRASH_NOTHING, /* no range of RAM fits, or the size is 0: this is no fault */
	NB_CRASH_FAULTS,
};

/* Views of the memory map that the log shows: the prefix of the lines. */
enum nb_map_view {
	NB_VIEW_BIOS,
	NB_VIEW_E801,
	NB_VIEW_E88,
	NB_VIEW_USER,
	NB_VIEW_MODIFIED,
	NB_VIEW_EXTENDED,
	NB_VIEW_SETUP_DATA,
	NB_VIEWS,
};

/* One decision. The kind's row in render/catalog.c says which fields it carries;
 * the others are zero, so a zero nid is never misread as node 0. */
struct nb_event {
	enum nb_event_kind kind;
	enum nb_why why; /* the reason, when the kind has more than one */
	int32_t nid, other_nid;
	uint32_t id;                  /* PXM, APIC ID, cpu, zone or stage: the kind says which */
	uint32_t flags;               /* hotplug, non-volatile, ... */
	struct nb_range range, other; /* bytes, half-open */
	uint64_t got, limit;          /* the value found, and what it was held against */
	uint64_t more[4];             /* further numbers of the line, named by the kind's row */
};

struct nb_sink {
	void (*put)(struct nb_sink *self, const struct nb_event *event);
};

struct nb_rules;
struct nb_kernel_config;

/* What every stage needs and no stage owns. Never a way to pass results. */
struct nb_env {
	const struct nb_rules *rules;
	const struct nb_kernel_config *config;
	struct nb_sink *sink; /* null: silent */
};

/* Emits one event; a silent boot pays one branch. Use: nb_emit(env, .kind = ..., .nid = ...). */
#define nb_emit(env, ...)                                                                          \
	do {                                                                                       \
		if ((env)->sink)                                                                   \
			(env)->sink->put((env)->sink, &(const struct nb_event){ __VA_ARGS__ });    \
	} while (0)

#ifdef __cplusplus
}
#endif
#endif
