/* SPDX-License-Identifier: MIT */
/*
 * wordings: what Linux prints for a kind of event: the words of 6.12.117 first, then
 * where a line's log has others, a row from one line to another. Each of those was
 * seen in a booted case unless docs/FIDELITY.md says that it was read in the source
 * only. The functions that print a line are named in the stage that emits the event.
 */
#include "render/catalog.h"

/* clang-format off */
const char *const nb_log_words[NB_EVENT_KINDS] = {
	/* params */
	[NB_EV_PARAM_MALFORMED] = "{flags?1:mem=nopentium ignored! (only supported on x86_32)\n}Malformed early option '{id:param}'\n",

	/* e820 */
	[NB_EV_MAP_FULL] = "too many entries; ignoring [mem {range}]\n",
	[NB_EV_MAP_BEGIN] = "{flags:heading} physical RAM map:\n",
	[NB_EV_MAP_ENTRY] = "{flags:view}: [mem {range:Q}] {id:type}\n",
	[NB_EV_MAP_GAP] = "{flags:view}: [gap {range:Q}]\n",
	[NB_EV_MAP_OUT_OF_ORDER] = "[Firmware Bug]: out of order E820 entry!\n",
	[NB_EV_MAP_UPDATE] = "e820: update [mem {range}] {id:type} ==> {got:type}\n",
	[NB_EV_MAP_REMOVE] = "e820: remove [mem {range}] {flags!1:{id:type}}\n",
	[NB_EV_KERNEL_NOT_RAM] = ".text .data .bss are not marked as E820_TYPE_RAM!\n",
	[NB_EV_LAST_PFN] = "last_pfn = {got:x} max_arch_pfn = {limit:x}\n",
	[NB_EV_MTRR_TRIMMED] = "WARNING: BIOS bug: CPU MTRRs don't cover all of memory, losing {got:M}MB of RAM.\nupdate e820 for mtrr\n",
	[NB_EV_HIGHMEM_REFUSED] = "{flags?1:highmem size ({got:M}MB) is bigger than pages available ({limit:M}MB)!\n}{flags?2:highmem size ({got:M}MB) results in <64MB lowmem, ignoring it!\n}{flags?4:only {limit:M}MB highmem pages available, ignoring highmem size of {got:M}MB!\n}",

	/* memblock */
	[NB_EV_RESERVED] = "{flags?1:memblock_reserve: [{range:Q}]\n}",
	[NB_EV_FREED] = "{flags?1:memblock_phys_free: [{range:Q}]\n}",
	[NB_EV_REGIONS_LOST] = "memblock: Failed to double {flags?1:reserved}{flags!1:memory} array from {got} to {limit} entries !\n",
	[NB_EV_MEMORY_ADDED] = "{flags?1:memblock_add: [{range:Q}]\n}",
	[NB_EV_NO_TRAMPOLINE] = "No sub-1M memory is available for the trampoline\n",

	/* mapping */
	[NB_EV_MAPPING_GB] = "Using GB pages for direct mapping\n",
	[NB_EV_SMP_DISABLED] = "smpboot: SMP disabled\n",
	[NB_EV_LOW_AND_HIGH] = "{flags?1:{limit:M}MB HIGHMEM available.\n}{got:M}MB LOWMEM available.\n  mapped low ram: 0 - {more0:X8}\n  low ram: 0 - {got:X8}\n",

	/* numa */
	[NB_EV_PXM_REFUSED] = "{flags!1:SRAT: Too many proximity domains {id:X}\n}{flags?1:ACPI: SRAT: Too many proximity domains.\n}",
	[NB_EV_SRAT_X2APIC_IGNORED] = "SRAT: PXM {got} -> X2APIC {id:x4} ignored\n",
	[NB_EV_SRAT_APIC_TOO_BIG] = "{flags!1:SRAT: PXM {got} -> APIC {id:x4} -> Node {nid} skipped apicid that is too big\n}",
	[NB_EV_SRAT_ZERO_LENGTH] = "[SRAT:{id:x2}] Invalid zero length\n",
	[NB_EV_SRAT_ENTRY_LENGTH] = "{id?1:ACPI: SRAT: Unexpected header length: {got}\n}",
	[NB_EV_SRAT_MEMORY] = "ACPI: SRAT: Node {nid} PXM {id} [mem {range}]{flags?2: hotplug}{flags?4: non-volatile}\n",
	[NB_EV_SRAT_MEMORY_CAPPED] = "[SRAT:0x01] ignored {more0} entries of {got} found\n",
	[NB_EV_SRAT_BLOCK_INVALID] = "Warning: invalid memblk node {nid} [mem {range}]\n",
	[NB_EV_SRAT_BLOCKS_FULL] = "{flags!4:too many memblk ranges\n}{flags?1:ACPI: SRAT: Failed to add memblk to node {nid} [mem {range}]\n}{flags?2:ACPI: ACPI NUMA: Failed to add memblk for CFMWS node {nid} [mem {more0:x}-{more1:x}]\n}",
	[NB_EV_SRAT_REJECTED] = "ACPI: SRAT: SRAT not used.\n",
	[NB_EV_SLIT_INVALID] = "ACPI: SLIT table looks invalid. Not used.\n",

	/* numa: repairs, in words of our own, since Linux makes none */
	[NB_EV_REPAIR_LENGTH] = "numaboot: SRAT: entry at {more0:x}: length {got} taken for {limit}\n",
	[NB_EV_REPAIR_ENTRY] = "numaboot: SRAT: entry at {more0:x}: left out, {why}\n",
	[NB_EV_REPAIR_END] = "numaboot: SRAT: ended at an entry without bytes\n",
	[NB_EV_REPAIR_SLIT] = "numaboot: SLIT: left out, {got} bytes of {limit}\n",
	[NB_EV_REPAIR_DISTANCE] = "numaboot: SLIT: distance {nid} to {other_nid}: {got} taken for {limit}\n",
	[NB_EV_REPAIR_OVERLAP] = "numaboot: SRAT: [mem {range}] taken from node {nid}, node {other_nid} has it\n",
	[NB_EV_REPAIR_UNCOVERED] = "numaboot: SRAT: [mem {range}] given to node {nid}, it had none\n",
	[NB_EV_DISTANCE_TABLE] = "NUMA: Initialized distance table, cnt={got}\n",
	[NB_EV_DISTANCE_NO_ROOM] = "Warning: can't allocate distance table!\n",
	[NB_EV_FAKE_NO_ROOM] = "NUMA: Warning: can't allocate copy of distance table, disabling emulation\n",
	[NB_EV_DISTANCE_BOUNDS] = "Warning: node ids are out of bound, from={nid} to={other_nid} distance={got:s}\n",
	[NB_EV_DISTANCE_INVALID] = "Warning: invalid distance parameter, from={nid} to={other_nid} distance={got:s}\n",
	[NB_EV_WINDOW_FULL] = "ACPI: ACPI NUMA: Too many proximity domains while processing CFMWS.\n",
	[NB_EV_DUMMY] = "{flags?1:NUMA turned off}{flags!1:No NUMA configuration found}\n",
	[NB_EV_DUMMY_NODE] = "Faking a node at [mem {range:Q}]\n",
	[NB_EV_NODES_OVERLAP] = "node {nid} [mem {range}] overlaps with node {other_nid} [mem {other}]\n",
	[NB_EV_NODE_OVERLAPS_ITSELF] = "Warning: node {nid} [mem {range}] overlaps with itself [mem {other}]\n",
	[NB_EV_BLOCKS_JOINED] = "NUMA: Node {nid} [mem {range}] + [mem {other}] -> [mem {more0:A}-{more1:L}]\n",
	[NB_EV_FAKE_TOO_MANY_NODES] = "numa=fake={got} too large, reducing to {limit}\n",
	[NB_EV_FAKE_TOO_SMALL] = "Not enough memory for each node.  NUMA emulation disabled.\n",
	[NB_EV_FAKE_SIZE_RAISED] = "Fake node size {got:M}MB too small, increasing to {limit:M}MB\n",
	[NB_EV_FAKE_NODE] = "Faking node {nid} at [mem {range:Q}] ({range:M}MB)\n",
	[NB_EV_FAKE_SHORT] = "numa_emulation: phys: {nid} only got {got} of {limit:s} nodes, failing\n",
	[NB_EV_FAKE_BLOCKS_FULL] = "NUMA: Too many emulated memblks, failing emulation\n",
	[NB_EV_FAKE_INVALID] = "NUMA: Warning: constructed meminfo invalid, disabling emulation\n",
	[NB_EV_UNCOVERED] = "NUMA: no nodes coverage for {got:M}MB of {more0:M}MB RAM\n",
	[NB_EV_NODE_DATA] = "NODE_DATA({nid}) allocated [mem {range}]\n",
	[NB_EV_NODE_DATA_ELSEWHERE] = "    NODE_DATA({nid}) on node {other_nid}\n",
	[NB_EV_NODE_DATA_FAILED] = "Cannot find {got} bytes in any node (initial node: {nid})\n",

	/* crash */
	[NB_EV_CRASH_MALFORMED] = "{id:crash}{flags?1:{got:char}}\n",
	[NB_EV_CRASH_RESERVED] = "{flags!1:crashkernel reserved: {got:Q} - {limit:Q} ({more0:M} MB)\n}{flags?1:crashkernel low memory reserved: {got:A} - {limit:A} ({more0:M} MB)\n}",
	[NB_EV_CRASH_FAILED] = "{flags?1:crashkernel reservation failed - memory is in use.\n}{flags?2:cannot allocate crashkernel low memory (size:{got:x}).\n}{flags!3:cannot allocate crashkernel (size:{got:x})\n}",

	/* zones */
	[NB_EV_NO_MIRROR] = "The system has no mirror memory, ignore kernelcore=mirror.\n",
	[NB_EV_MIRROR_KDUMP] = "The system is under kdump, ignore kernelcore=mirror.\n",
	[NB_EV_UNMIRRORED_LOW] = "This configuration results in unmirrored kernel memory.\n",
	[NB_EV_ZONES_BEGIN] = "Zone ranges:\n",
	[NB_EV_ZONE_LIMITS] = "  {id:zone8} [mem {range:Q}]\n",
	[NB_EV_ZONE_EMPTY] = "  {id:zone8} empty\n",
	[NB_EV_MOVABLE_BEGIN] = "Movable zone start for each node\n",
	[NB_EV_MOVABLE_START] = "  Node {nid}: {got:Q}\n",
	[NB_EV_RANGES_BEGIN] = "Early memory node ranges\n",
	[NB_EV_RANGE] = "  node {nid:w3}: [mem {range:Q}]\n",
	[NB_EV_NODE_SPAN] = "Initmem setup node {nid} [mem {range:Q}]\n",
	[NB_EV_NODE_MEMORYLESS] = "Initmem setup node {nid} as memoryless\n",
	[NB_EV_MEMMAP_INIT] = "mminit::memmap_init Initialising map node {nid} zone {more0} pfns {got} -> {limit}\n",
	[NB_EV_UNAVAILABLE] = "On node {nid}, zone {id:zone}: {got} pages in unavailable ranges\n",

	/* cpus */
	[NB_EV_CPU_LIMIT_EARLY] = "CPU topo: Limiting to {got} possible CPUs\n",
	[NB_EV_X2APIC_ENTRY_IGNORED] = "ACPI: x2apic entry ignored\n",
	[NB_EV_APIC_TOO_BIG] = "CPU topo: APIC ID {id:X} exceeds kernel limit of: {limit:X}\n",
	[NB_EV_BSP_NOT_MARKED] = "CPU topo: Enumerated BSP APIC {id:X} is not marked in APICBASE MSR\n",
	[NB_EV_BSP_ASSUME_KDUMP] = "CPU topo: Assuming crash kernel. Limiting to one CPU to prevent machine INIT\n",
	[NB_EV_BSP_NOT_FIRST] = "CPU topo: Boot CPU APIC ID not the first enumerated APIC ID: {id:X} != {got:X}\n",
	[NB_EV_BSP_DISABLED] = "CPU topo: Crash kernel detected. Disabling real BSP to prevent machine INIT\n",
	[NB_EV_BSP_ORDER_BUG] = "CPU topo: [Firmware Bug]: APIC enumeration order not specification compliant\n",
	[NB_EV_CPU_LIMIT_REACHED] = "CPU topo: CPU limit of {limit} reached. Ignoring further CPUs\n",
	[NB_EV_CPUS_EXCEED_LIMIT] = "CPU topo: {got} possible CPUs exceed the limit of {limit}\n",
	[NB_EV_CPUS_ALLOWED] = "CPU topo: Allowing {got} present CPUs plus {limit} hotplug CPUs\n",
	[NB_EV_CPUS_REJECTED] = "CPU topo: Rejected CPUs {got}\n",

	/* percpu */
	[NB_EV_CPU_IDS] = "setup_percpu: NR_CPUS:{more0} nr_cpumask_bits:{more1} nr_cpu_ids:{more2} nr_node_ids:{more3}\n",
	[NB_EV_PERCPU_TOO_FAR] = "percpu: max_distance={got:x} too large for vmalloc space {limit:x}\n",
	[NB_EV_PERCPU_FALLBACK] = "setup_percpu: {flags!1:auto}{flags?1:embed} allocator failed (-{got}), falling back to page size\n",
	[NB_EV_PERCPU_PAGE_FAILED] = "percpu: failed to allocate 4K page for cpu{id}\n",
	[NB_EV_PERCPU_EMBEDDED] = "percpu: Embedded {got} pages/cpu s{more0} r{more1} d{more2} u{more3}\n",
	[NB_EV_PERCPU_PAGED] = "percpu: {got} 4K pages/cpu s{more0} r{more1} d{more2}\n",
	[NB_EV_PERCPU_LAYOUT] = "pcpu-alloc: s{more0} r{more1} d{more2} u{more3} alloc={got}*{limit}\n",
	[NB_EV_PERCPU_ROW_BEGIN] = "pcpu-alloc: ",
	[NB_EV_PERCPU_ROW_GROUP] = "[{got:zeros}{id}] ",
	[NB_EV_PERCPU_ROW_UNIT] = "{flags!1:{got:zeros}{id}}{flags?1:{got:dashes}} ",
	[NB_EV_PERCPU_ROW_END] = "\n",

	/* huge_pages */
	[NB_EV_HUGE_PAGES_SHORT] = "HugeTLB: allocating {got} of page size 1.00 GiB failed{flags?1: node{nid}}.  Only allocated {limit} hugepages.\n",

	/* hashes */
	[NB_EV_HASH] = "{id:hash} hash table entries: {got} (order: {more0:s}, {limit} bytes, {flags?1:linear}{flags?2:vmalloc}{flags?4: hugepage})\n",

	/* bounce */
	[NB_EV_BOUNCE_AREAS] = "software IO TLB: area num {got}.\n",
	[NB_EV_BOUNCE_ROUNDED] = "software IO TLB: SWIOTLB bounce buffer size roundup to {got:M}MB\n",
	[NB_EV_BOUNCE_FEWER] = "software IO TLB: SWIOTLB bounce buffer size adjusted {got} -> {limit} slabs\n",

	/* zonelists */
	[NB_EV_FALLBACK_BEGIN] = "Fallback order for Node {nid}: ",
	[NB_EV_FALLBACK_NODE] = "{other_nid} ",
	[NB_EV_FALLBACK_END] = "\n",
	[NB_EV_ZONELIST_BEGIN] = "mminit::zonelist {flags?1:thisnode}{flags!1:general} {nid}:{id:zone} = ",
	[NB_EV_ZONELIST_ZONE] = "{nid}:{id:zone} ",
	[NB_EV_ZONELIST_END] = "\n",
	[NB_EV_ZONELISTS_BUILT] = "Built {got} zonelists, mobility grouping {flags?1:off}{flags!1:on}.  Total pages: {limit}\n",
	[NB_EV_POLICY_ZONE] = "Policy zone: {id:zone}\n",

	/* smp */
	[NB_EV_SMP_BEGIN] = "{flags?1:smpboot: x86: Booting SMP configuration:\n}{flags!1:smp: Bringing up secondary CPUs ...\n}",
	[NB_EV_SMP_NODE_BEGIN] = ".... node {more0:blanks}#{nid}, CPUs:  ",
	[NB_EV_SMP_PAD] = "{got:blanks}",
	[NB_EV_SMP_CPU] = "{got:blanks}#{id}",
	[NB_EV_SMP_NODE_END] = "\n",
	[NB_EV_SMP_DONE] = "smp: Brought up {more0} node{flags?1:s}, {more1} CPU{flags?2:s}\n",
};

#define OLD NB_LINE_3_14, NB_LINE_4_9    /* the lines before the e820 code was renamed */
#define TO_4_4 NB_LINE_3_14, NB_LINE_4_4
#define TO_5_10 NB_LINE_3_14, NB_LINE_5_10
#define TO_6_1 NB_LINE_3_14, NB_LINE_6_1
#define ONLY(line) NB_LINE_##line, NB_LINE_##line

const struct nb_wording nb_wordings[] = {
	/* e820 */
	{ NB_EV_MAP_BEGIN, OLD, "{flags!4:e820: }{flags?4:{flags!2:e820: }}{flags:heading} physical RAM map:\n" },
	{ NB_EV_MAP_ENTRY, ONLY(7_3), "{flags:view}: [mem {range:Q}]  {id:type}\n" },
	{ NB_EV_MAP_FULL, OLD, "e820: too many entries; ignoring [mem {range}]\n" },
	{ NB_EV_MAP_FULL, ONLY(7_3), "E820 table full; ignoring [mem {range}]\n" },
	{ NB_EV_MAP_REMOVE, ONLY(7_3), "e820: remove [mem {range}]{flags!1: {id:type}}\n" },
	{ NB_EV_KERNEL_NOT_RAM, OLD, ".text .data .bss are not marked as E820_RAM!\n" },
	{ NB_EV_LAST_PFN, OLD, "e820: last_pfn = {got:x} max_arch_pfn = {limit:x}\n" },

	/* memblock */
	{ NB_EV_RESERVED, OLD, "{flags?1:memblock_reserve: [{range:W}]\n}" },
	{ NB_EV_RESERVED, ONLY(7_3), "{flags?1:__memblock_reserve: [{range:Q}]\n}" },
	{ NB_EV_FREED, OLD, "{flags?1:{flags!2:   memblock_free}{flags?2:__memblock_free_early}: [{range:W}]\n}" },
	{ NB_EV_FREED, ONLY(5_10), "{flags?1:memblock_free: [{range:Q}]\n}" },
	{ NB_EV_MEMORY_ADDED, ONLY(3_14), NULL },
	{ NB_EV_MEMORY_ADDED, NB_LINE_4_4, NB_LINE_4_9, "{flags?1:memblock_add: [{range:W}]\n}" },
	{ NB_EV_NO_TRAMPOLINE, ONLY(7_3), "No memory below 0x0000000000100000 for the real-mode trampoline\n" },

	/* mapping */
	{ NB_EV_MAPPING_RANGE, ONLY(3_14), "init_memory_mapping: [mem {range}]\n" },
	{ NB_EV_MAPPING_PIECE, ONLY(3_14), " [mem {range}] page {id:page}\n" },
	{ NB_EV_MAPPING_BRK, OLD, "BRK [{got:A}, {limit:L}] PGTABLE\n" },

	/* numa */
	{ NB_EV_PXM_REFUSED, TO_4_4, "{flags!1:SRAT: Too many proximity domains {id:X}\n}{flags?1:SRAT: Too many proximity domains.\n}" },
	{ NB_EV_SRAT_CPU, TO_6_1, "{flags!1:SRAT: PXM {got} -> APIC {id:x2} -> Node {nid}\n}{flags?1:SRAT: PXM {got} -> APIC {id:x4} -> Node {nid}\n}" },
	{ NB_EV_SRAT_ZERO_LENGTH, TO_6_1, "ACPI: [SRAT:{id:x2}] Invalid zero length\n" },
	{ NB_EV_SRAT_ENTRY_LENGTH, TO_4_4, NULL },
	{ NB_EV_NODE_DATA_FAILED, OLD, "Cannot find {got} bytes in node {nid}\n" },
	{ NB_EV_SRAT_MEMORY, ONLY(3_14), "SRAT: Node {nid} PXM {id} [mem {range}]{flags?2: hotplug}\n" },
	{ NB_EV_SRAT_MEMORY, ONLY(4_4), "SRAT: Node {nid} PXM {id} [mem {range}]{flags?2: hotplug}{flags?4: non-volatile}\n" },
	{ NB_EV_SRAT_REJECTED, TO_4_4, "SRAT: SRAT not used.\n" },
	{ NB_EV_SRAT_BLOCK_INVALID, OLD, "NUMA: Warning: invalid memblk node {nid} [mem {range}]\n" },
	{ NB_EV_SRAT_BLOCK_INVALID, ONLY(7_3), "Warning: invalid memblk range for node {nid} [mem {range}]\n" },
	{ NB_EV_DISTANCE_TABLE, ONLY(7_3), NULL },
	{ NB_EV_DISTANCE_BOUNDS, OLD, "NUMA: Warning: node ids are out of bound, from={nid} to={other_nid} distance={got:s}\n" },
	{ NB_EV_DISTANCE_INVALID, OLD, "NUMA: Warning: invalid distance parameter, from={nid} to={other_nid} distance={got:s}\n" },
	{ NB_EV_NODES_OVERLAP, OLD, "NUMA: node {nid} [mem {range}] overlaps with node {other_nid} [mem {other}]\n" },
	{ NB_EV_NODE_OVERLAPS_ITSELF, OLD, "NUMA: Warning: node {nid} [mem {range}] overlaps with itself [mem {other}]\n" },
	{ NB_EV_UNCOVERED, TO_6_1, "NUMA: nodes only cover {more1:M}MB of your {more0:M}MB e820 RAM. Not used.\n" },
	{ NB_EV_NODE_SETUP, ONLY(3_14), "Initmem setup node {nid} [mem {range}]\n" },
	{ NB_EV_NODE_DATA, ONLY(3_14), "  NODE_DATA [mem {range}]\n" },

	/* crash */
	{ NB_EV_CRASH_RESERVED, OLD, "{flags!1:Reserving {more0:M}MB of memory at {got:M}MB for crashkernel (System RAM: {more1:M}MB)\n}{flags?1:Reserving {more0:M}MB of low memory at {got:M}MB for crashkernel (System low RAM: {more3:M}MB)\n}" },
	{ NB_EV_CRASH_RESERVED, NB_LINE_5_10, NB_LINE_6_1, "{flags!1:Reserving {more0:M}MB of memory at {got:M}MB for crashkernel (System RAM: {more1:M}MB)\n}{flags?1:Reserving {more0:M}MB of low memory at {got:M}MB for crashkernel (low RAM limit: {more2:M}MB)\n}" },
	{ NB_EV_CRASH_FAILED, ONLY(3_14), "{flags?1:crashkernel reservation failed - memory is in use.\n}{flags?2:{flags!4:Cannot reserve {got:M}MB crashkernel low memory, please try smaller size.\n}}{flags!3:crashkernel reservation failed - No suitable area found.\n}" },
	{ NB_EV_CRASH_FAILED, NB_LINE_4_4, NB_LINE_6_1, "{flags?1:crashkernel reservation failed - memory is in use.\n}{flags?2:Cannot reserve {got:M}MB crashkernel low memory, please try smaller size.\n}{flags!3:crashkernel reservation failed - No suitable area found.\n}" },

	/* zones */
	{ NB_EV_ZONE_LIMITS, ONLY(3_14), "  {id:zone8} [mem {range}]\n" },
	{ NB_EV_MOVABLE_START, ONLY(3_14), "  Node {nid}: {got:A}\n" },
	{ NB_EV_RANGE, ONLY(3_14), "  node {flags!1:{nid:w3}}{flags?1:{limit}}: [mem {range}]\n" },
	{ NB_EV_RANGE, NB_LINE_4_4, NB_LINE_6_1, "  node {flags!1:{nid:w3}}{flags?1:{limit}}: [mem {range:Q}]\n" },
	{ NB_EV_NODE_SPAN, ONLY(3_14), NULL },
	{ NB_EV_NODE_MEMORYLESS, ONLY(3_14), NULL },
	{ NB_EV_NODE_MEMORYLESS, NB_LINE_4_4, NB_LINE_5_10, "Initmem setup node {nid} [mem 0x0000000000000000-0x0000000000000000]\n" },
	{ NB_EV_NODE_NO_DATA, ONLY(6_1), "Initializing node {nid} as memoryless\n" },
	{ NB_EV_NODE_PAGES, TO_5_10, "On node {nid} totalpages: {got}\n" },
	{ NB_EV_ZONE_MEMMAP, TO_5_10, "  {id:zone} zone: {got} pages used for memmap\n" },
	{ NB_EV_ZONE_MEMMAP_EXCEEDS, TO_5_10, "  {id:zone} zone: {got} pages exceeds freesize {limit}\n" },
	{ NB_EV_ZONE_MEMMAP_EXCEEDS, ONLY(6_1), "  {id:zone} zone: {got} memmap pages exceeds freesize {limit}\n" },
	{ NB_EV_ZONE_RESERVED, TO_5_10, "  {id:zone} zone: {got} pages reserved\n" },
	{ NB_EV_ZONE_PAGES, TO_5_10, "  {id:zone} zone: {got} pages, LIFO batch:{limit}\n" },

	/* cpus */
	{ NB_EV_APIC_TOO_BIG, TO_6_1, "ACPI: skipped apicid that is too big\n" },
	{ NB_EV_CPU_IGNORED, TO_4_4, "ACPI: NR_CPUS/possible_cpus limit of {limit} {flags?1:almost reached. Keeping one slot for boot cpu.}{flags!1:reached.}  Processor {got}/{id:x} ignored.\n" },
	{ NB_EV_CPU_IGNORED, NB_LINE_4_9, NB_LINE_6_1, "APIC: NR_CPUS/possible_cpus limit of {limit} {flags?1:almost reached. Keeping one slot for boot cpu. }{flags!1:reached.} Processor {got}/{id:x} ignored.\n" },
	{ NB_EV_BOOT_CPU_UNLISTED, NB_LINE_4_9, NB_LINE_6_1, "smpboot: Boot CPU (id {id}) not listed by BIOS\n" },
	{ NB_EV_CPUS_EXCEED_LIMIT, TO_6_1, "smpboot: {got:s} Processors exceeds {flags!1:NR_CPUS}{flags?1:max_cpus} limit of {limit}\n" },
	{ NB_EV_LOGICAL_NODES, ONLY(7_3), "CPU topo: Max. logical nodes:    {got:w3}\n" },
	{ NB_EV_CPUS_ALLOWED, TO_6_1, "smpboot: Allowing {more0} CPUs, {limit} hotplug CPUs\n" },
	{ NB_EV_NODE_MEMORYLESS, NB_LINE_4_9, NB_LINE_5_10, "Initmem setup node {nid} [mem 0x0000000000000000-0x0000000000000000]\n" },

	/* percpu */
	{ NB_EV_PERCPU_TOO_FAR, TO_4_4, "PERCPU: max_distance={got:x} too large for vmalloc space {limit:x}\n" },
	{ NB_EV_PERCPU_PAGE_FAILED, TO_4_4, "PERCPU: failed to allocate 4K page for cpu{id}\n" },
	{ NB_EV_PERCPU_EMBEDDED, TO_4_4, "PERCPU: Embedded {got} pages/cpu @{limit:V} s{more0} r{more1} d{more2} u{more3}\n" },
	{ NB_EV_PERCPU_EMBEDDED, ONLY(4_9), "percpu: Embedded {got} pages/cpu @{limit:V} s{more0} r{more1} d{more2} u{more3}\n" },
	{ NB_EV_PERCPU_PAGED, TO_4_4, "PERCPU: {got} 4K pages/cpu @ffffc90000000000 s{more0} r{more1} d{more2}\n" },
	{ NB_EV_PERCPU_PAGED, ONLY(4_9), "percpu: {got} 4K pages/cpu @ffffc90000000000 s{more0} r{more1} d{more2}\n" },

	/* hashes */
	{ NB_EV_HASH, OLD, "{id:hash} hash table entries: {got} (order: {more0:s}, {limit} bytes)\n" },

	/* huge_pages */
	{ NB_EV_HUGE_PAGES_SHORT, OLD, NULL },

	/* zonelists */
	{ NB_EV_FALLBACK_BEGIN, TO_5_10, NULL },
	{ NB_EV_FALLBACK_NODE, TO_5_10, NULL },
	{ NB_EV_FALLBACK_END, TO_5_10, NULL },
	{ NB_EV_ZONELISTS_BUILT, OLD, "Built {got} zonelists in {flags?2:Zone}{flags!2:Node} order, mobility grouping {flags?1:off}{flags!1:on}.  Total pages: {limit}\n" },

	/* smp */
	{ NB_EV_SMP_BEGIN, OLD, "{flags?1:x86: Booting SMP configuration:\n}" },
	{ NB_EV_SMP_BEGIN, NB_LINE_5_10, NB_LINE_6_1, "{flags?1:x86: Booting SMP configuration:\n}{flags!1:smp: Bringing up secondary CPUs ...\n}" },
	{ NB_EV_SMP_DONE, OLD, "x86: Booted up {more0} node{flags?1:s}, {more1} CPUs\n" },
};
/* clang-format on */

const size_t nb_wording_count = NB_COUNT(nb_wordings);

/* Records have 992 or 1024 bytes. From 6.1 on a piece has room if it fits with the
 * mark of a continued line, two bytes, and the zero behind it.
 * kernel/printk/printk.c vprintk_store(), before 5.11 log_output(). */
const struct nb_log_limit nb_log_limits[NB_LINES] = {
	[NB_LINE_5_10] = { 992, false },    [NB_LINE_6_1] = { 989, true },
	[NB_LINE_6_1_I386] = { 989, true }, [NB_LINE_6_12] = { 1021, true },
	[NB_LINE_7_3] = { 1021, true },
};
