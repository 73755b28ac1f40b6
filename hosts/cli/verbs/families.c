/* SPDX-License-Identifier: MIT */
/*
 * families: the one list of the log lines that are modelled. verify compares
 * every line that fits here, in order and to the letter; docs/FIDELITY.md has
 * the same list, from `numaboot verify --list-facts`.
 */
#include "families.h"

#include "../../sources/text.h"

#include <numaboot/base.h>
#include <string.h>

/* clang-format off */
const struct family families[] = {
	{ "memory map", {
		"BIOS-provided physical RAM map:",
		"BIOS-e820: [mem *",
		"BIOS-e801: [mem *",
		"BIOS-88: [mem *",
		"BIOS-e820: [gap *",
		"BIOS-e801: [gap *",
		"BIOS-88: [gap *",
		"too many entries; ignoring [mem *",
		"[Firmware Bug]: out of order E820 entry!",
	} },
	{ "user-defined map", {
		"user-defined physical RAM map:",
		"user: [mem *",
		"user: [gap *",
		"Malformed early option 'mem'",
		"Malformed early option 'memmap'",
		"mem=nopentium ignored! *",
	} },
	{ "modified map", {
		"modified physical RAM map:",
		"modified: [mem *",
		"modified: [gap *",
		"WARNING: BIOS bug: CPU MTRRs don't cover all of memory, losing *",
		"update e820 for mtrr",
		".text .data .bss are not marked as *",
	} },
	{ "extended map", {
		"extended physical RAM map:",
		"extended: [mem *",
		"extended: [gap *",
		"reserve setup_data: [mem *",
		"reserve setup_data: [gap *",
	} },
	{ "map updates", {
		"<7>e820: update [mem *",
		"<7>e820: remove [mem *",
	} },
	{ "last_pfn", {
		"last_pfn = % max_arch_pfn = %",
	} },
	{ "low and high memory", {
		"#MB HIGHMEM available.",
		"#MB LOWMEM available.",
		"  mapped low ram: 0 - *",
		"  low ram: 0 - *",
		"highmem size (#MB) *",
		"only #MB highmem pages available, *",
	} },
	{ "memblock", {
		"memblock: Failed to double *",
	} },
	{ "trampoline", {
		"No sub-1M memory is available for the trampoline",
		"No memory below % for the real-mode trampoline",
	} },
	{ "direct map", {
		"Using GB pages for direct mapping",
		"init_memory_mapping: [mem *",
		"<7> [mem *] page *",
		"<7>BRK [*] PGTABLE",
	} },
	{ "early memory", {
		"memblock_add: [%-%]",
		"memblock_reserve: [%-%]",
		"memblock_phys_free: [%-%]",
	} },
	{ "SRAT", {
		"ACPI: SRAT: *",
		"SRAT: *",
		"[SRAT:%] *",
		"too many memblk ranges",
		"Warning: invalid memblk *",
		"ACPI: ACPI NUMA: Too many proximity domains *",
		"ACPI: ACPI NUMA: Failed to add memblk for CFMWS *",
	} },
	{ "SLIT", {
		"ACPI: SLIT table looks invalid. Not used.",
		"<7>NUMA: Initialized distance table, cnt=#",
		"Warning: node ids are out of bound, *",
		"Warning: invalid distance parameter, *",
		"Warning: can't allocate distance table!",
	} },
	{ "NUMA", {
		"NUMA turned off",
		"No NUMA configuration found",
		"Faking a node at [mem *",
		"NUMA: Node # [mem *",
		"NUMA: no nodes coverage for *",
		"NUMA: nodes only cover *",
		"node # [mem *] overlaps with node # [mem *",
		"Warning: node # [mem *] overlaps with itself [mem *",
		"Malformed early option 'numa'",
	} },
	{ "NODE_DATA", {
		"NODE_DATA(#) allocated [mem *]",
		"  NODE_DATA [mem *]",
		"    NODE_DATA(#) on node #",
		"Cannot find # bytes in *",
	} },
	{ "fake nodes", {
		"Faking node # at [mem *",
		"Fake node size *",
		"numa=fake=* too large, reducing to *",
		"Not enough memory for each node.  NUMA emulation disabled.",
		"numa_emulation: *",
		"NUMA: Too many emulated memblks, failing emulation",
		"NUMA: Warning: constructed meminfo invalid, disabling emulation",
		"NUMA: Warning: can't allocate *",
	} },
	{ "crash kernel", {
		"crashkernel reserved: *(# MB)",
		"crashkernel low memory reserved: *(# MB)",
		"Reserving #MB of memory at *MB for crashkernel *",
		"Reserving #MB of low memory at *MB for crashkernel *",
		"crashkernel reservation failed - *",
		"cannot allocate crashkernel *",
		"Cannot reserve #MB crashkernel low memory, *",
		"crashkernel: *",
		"crahskernel: *",
		"crashkernel size resulted in zero bytes",
	} },
	{ "zone ranges", {
		"Zone ranges:",
		"  DMA      [mem *",
		"  DMA      empty",
		"  DMA32    [mem *",
		"  DMA32    empty",
		"  Normal   [mem *",
		"  Normal   empty",
		"  HighMem  [mem *",
		"  HighMem  empty",
		"  Device   [mem *",
		"  Device   empty",
		"The system has no mirror memory, ignore kernelcore=mirror.",
		"The system is under kdump, ignore kernelcore=mirror.",
		"This configuration results in unmirrored kernel memory.",
		"Malformed early option 'kernelcore'",
		"Malformed early option 'movablecore'",
	} },
	{ "movable start", {
		"Movable zone start for each node",
		"  Node #: %",
	} },
	{ "early node ranges", {
		"Early memory node ranges",
		"  node *#: [mem *",
	} },
	{ "Initmem setup", {
		"Initmem setup node # [mem *",
		"Initmem setup node # as memoryless",
		"Initializing node # as memoryless",
	} },
	{ "memmap", {
		"<7>mminit::memmap_init *",
	} },
	{ "unavailable ranges", {
		"On node #, zone *: # pages in unavailable ranges",
	} },
	{ "node totals", {
		"<7>On node # totalpages: #",
		"<7>  * zone: # pages used for memmap",
		"  * zone: # pages exceeds freesize #",
		"  * zone: # memmap pages exceeds freesize #",
		"<7>  * zone: # pages reserved",
		"<7>  * zone: # pages, LIFO batch:#",
	} },
	{ "allowed CPUs", {
		"CPU topo: Allowing # present CPUs plus # hotplug CPUs",
		"CPU topo: Max. logical nodes:*#",
		"CPU topo: Rejected CPUs #",
		"CPU topo: Limiting to # possible CPUs",
		"CPU topo: CPU limit of # reached. Ignoring further CPUs",
		"CPU topo: # possible CPUs exceed the limit of #",
		"CPU topo: APIC ID * exceeds kernel limit of: *",
		"CPU topo: Boot CPU APIC ID not the first *",
		"CPU topo: Enumerated BSP APIC *",
		"CPU topo: Assuming crash kernel. *",
		"CPU topo: Crash kernel detected. *",
		"CPU topo: [Firmware Bug]: APIC enumeration order *",
		"ACPI: x2apic entry ignored",
		"smpboot: # Processors exceeds *",
		"smpboot: Boot CPU (id #) not listed by BIOS",
		"APIC: *limit of # *reached. *",
		"ACPI: *limit of # *reached. *",
		"ACPI: skipped apicid that is too big",
	} },
	{ "numbers of ids", {
		"setup_percpu: NR_CPUS:# nr_cpumask_bits:# nr_cpu_ids:# nr_node_ids:#",
	} },
	{ "per-CPU areas", {
		"percpu: Embedded # pages/cpu s# r# d# u#",
		"*: Embedded # pages/cpu @* s# r# d# u#",
		"percpu: # 4K pages/cpu s# r# d#",
		"*: # 4K pages/cpu @* s# r# d#",
		"percpu: max_distance=% too large for vmalloc space %",
		"percpu: failed to allocate 4K page for cpu#",
		"setup_percpu: * allocator failed (#), falling back to page size",
		"Malformed early option 'percpu_alloc'",
		"<7>pcpu-alloc: *",
	} },
	{ "huge pages", {
		"HugeTLB: allocating # of page size 1.00 GiB failed*",
	} },
	{ "hash tables", {
		"PID hash table entries: # (order: #, # bytes*",
		"Dentry cache hash table entries: # (order: #, # bytes*",
		"Inode-cache hash table entries: # (order: #, # bytes*",
		"Mount-cache hash table entries: # (order: #, # bytes*",
		"Mountpoint-cache hash table entries: # (order: #, # bytes*",
	} },
	{ "bounce buffers", {
		"software IO TLB: area num #.",
		"software IO TLB: SWIOTLB bounce buffer size roundup to #MB",
		"software IO TLB: SWIOTLB bounce buffer size adjusted # -> # slabs",
	} },
	{ "fallback order", {
		"Fallback order for Node #: *",
		"# # # # # # # # *",
	} },
	{ "zonelists", {
		"<7>mminit::zonelist *",
		"#:DMA *",
		"#:DMA32 *",
		"#:Normal *",
		"#:Movable *",
		"Built # zonelists, mobility grouping *",
		"Built # zonelists in Zone order, *",
	} },
	{ "policy zone", {
		"Policy zone: *",
	} },
	{ "CPU bring-up", {
		"smpboot: SMP disabled",
		"smp: Bringing up secondary CPUs ...",
		"smpboot: x86: Booting SMP configuration:",
		".... node *#, CPUs: *",
		"smp: Brought up # node*, # CPU*",
	} },
};
/* clang-format on */

_Static_assert(NB_COUNT(families) <= FAMILIES_MOST, "each family has its counts");

const unsigned family_count = NB_COUNT(families);

/* Where the text stands, and where it goes back to. */
struct match {
	const char *pattern, *text, *end;
	const char *star, *star_text; /* the last *, and the text behind it */
};

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Steps over the number that # or % stands for; false if there is none. */
static bool number(struct match *m, bool hexadecimal)
{
	const char *at = m->text, *first;

	if (hexadecimal) {
		if (m->end - at < 3 || at[0] != '0' || at[1] != 'x')
			return false;
		at += 2;
	} else if (at < m->end && *at == '-') {
		at++;
	}
	first = at;
	while (at < m->end && is_hex(*at) && (hexadecimal || *at <= '9'))
		at++;
	m->text = at;
	return at > first;
}

/* Takes one step along the pattern; false if the text does not fit here. */
static bool step(struct match *m)
{
	char c = *m->pattern++;

	switch (c) {
	case '*':
		m->star = m->pattern;
		m->star_text = m->text;
		return true;
	case '#':
		return number(m, false);
	case '%':
		return number(m, true);
	default:
		return m->text < m->end && *m->text++ == c;
	}
}

/* Gives the last * one character more; false if there is none left. */
static bool stretch(struct match *m)
{
	if (!m->star || m->star_text >= m->end)
		return false;
	m->text = ++m->star_text;
	m->pattern = m->star;
	return true;
}

/* Whether a text fits a pattern as a whole. */
static bool fits(struct match *m)
{
	for (;;) {
		bool fit;

		if (!*m->pattern) {
			if (m->text == m->end)
				return true;
			fit = false;
		} else {
			fit = step(m);
		}
		if (!fit && !stretch(m))
			return false;
	}
}

static bool fits_whole(const char *pattern, struct nb_text text)
{
	struct match m = { .pattern = pattern, .text = text.at, .end = text.at + text.len };

	return text.len && (*pattern == *text.at || strchr("*#%", *pattern)) && fits(&m);
}

bool pattern_fits(const char *pattern, struct nb_text plain)
{
	return fits_whole(pattern, plain);
}

bool family_of(struct nb_text text, struct nb_text plain, struct log_line *line)
{
	for (unsigned family = 0; family < family_count; family++)
		for (const char *const *p = families[family].patterns; *p; p++) {
			bool debug = !strncmp(*p, "<7>", 3);

			if (!fits_whole(debug ? *p + 3 : *p, plain))
				continue;
			*line = (struct log_line){
				.own = text, .plain = plain, .family = family, .debug = debug
			};
			return true;
		}
	return false;
}

bool log_lines_same(const struct log_line *a, const struct log_line *b)
{
	return a->family == b->family && text_same(a->own, b->own);
}

bool log_lines_agree(const struct log_line *a, const struct log_line *b)
{
	return a->family == b->family && text_same(a->plain, b->plain);
}
