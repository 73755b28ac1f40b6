/* SPDX-License-Identifier: MIT */
/*
 * allocations: with memblock=debug a kernel tells of each change of memblock, and
 * names the function that asks for it:
 *
 *   memblock_alloc_try_nid: 4096 bytes align=0x40 nid=0 from=... caller+0x40/0x70
 *   memblock_reserve: [0x1000-0x1fff] memblock_alloc_range_nid+0xbd/0x180
 *   memblock_reserve: [0x5000-0x5fff] caller+0x40/0x70
 *
 * The first two are one: who asked is in the first. NODE_DATA has the second alone,
 * and so has what old kernels take in the way of bootmem, which is modelled up to the
 * per-CPU areas. 7.3 hides most names behind one; up to sparse memory all of these are
 * modelled. memblock's own arrays are doubled on behalf of the line before. With 32
 * bits nothing is modelled that comes after the nodes.
 */
#include "allocations.h"

#include "../../sources/text.h"

#include <numaboot/base.h>
#include <string.h>

/* Functions whose requests are modelled. */
static const char *const modelled[] = {
	"zone_wait_table_init.constprop.0",
	"register_nosave_region",
	"io_apic_init_mappings",
	"free_area_init",
	"firmware_map_add_early",
	"e820__reserve_resources",
	"alloc_offline_node_data",
	"acpi_parse_hpet",
	"acpi_initrd_override",
	"acpi_reserve_initial_tables",
	"acpi_table_upgrade",
	"alloc_low_pages",
	"e820__memblock_setup",
	"__alloc_bootmem_huge_page",
	"alloc_bootmem_huge_page",
	"efi_memattr_init",
	"efi_memblock_x86_reserve_range",
	"efi_reserve_boot_services",
	"init_mem_mapping",
	"memblock_double_array",
	"memblock_x86_fill",
	"numa_alloc_distance",
	"numa_emulation",
	"numa_init",
	"numa_memblks_init",
	"numa_reset_distance",
	"numa_set_distance",
	"paging_init",
	"reserve_crashkernel",
	"reserve_crashkernel_generic",
	"reserve_real_mode",
	"setup_arch",
	"setup_log_buf",
	"smp_scan_config",
	"sparse_early_usemaps_alloc_node",
	"sparse_index_alloc",
	"sparse_index_init",
	"sparse_init",
	"sparse_init_nid",
	"sparse_mem_maps_populate_node",
	"vmemmap_alloc_block_zero.constprop.0",
	"vmemmap_pgd_populate",
	"vmemmap_populate",
	"vmemmap_populate_hugepages",
	"vmemmap_pud_populate",
};

/* Functions of memblock that do what another asked them for. */
static const char *const inner[] = {
	"__alloc_memory_core_early", "memblock_alloc_base_nid",      "memblock_alloc_hugetlb",
	"memblock_alloc_range_nid",  "memblock_virt_alloc_internal",
};

static bool is_among(struct nb_text name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_is(name, names[i]))
			return true;
	return false;
}

/* The function that a line names at its end: "name+0x40/0x70". */
static struct nb_text function_of(struct nb_text line)
{
	size_t start = line.len, plus;

	while (start && line.at[start - 1] != ' ')
		start--;
	line = (struct nb_text){ line.at + start, line.len - start };
	plus = text_find(line, "+0x");
	return (struct nb_text){ line.at, plus < line.len ? plus : 0 };
}

/* Whether nothing is given back, which old kernels tell too: the end is below the
 * start. */
static bool is_empty(struct nb_text plain)
{
	struct nb_range range;
	size_t at = text_find(plain, "[");

	return at < plain.len && text_find(plain, "-0x") < plain.len &&
	       !text_mem_range(plain, "[", &range);
}

enum allocation allocation_of(struct allocations *state, struct nb_text plain)
{
	struct nb_text rest = plain, function = function_of(plain);
	/* What is predicted names none. */
	bool ours = !function.len || is_among(function, modelled, NB_COUNT(modelled));

	state->percpu |= text_skip(&rest, "setup_percpu: ");
	state->low_ram |= text_skip(&rest, "  low ram: 0 - ");
	if (!text_skip(&rest, "memblock_") && !text_skip(&rest, "__memblock_"))
		return ALLOCATION_NONE;
	if (text_find(plain, " bytes align=") < plain.len) {
		state->asked = true;
		state->sparse |= text_is(function, "sparse_init_nid");
		if (text_is(function, "__memblock_alloc_or_panic"))
			ours = !state->sparse;
		state->modelled = ours && !state->low_ram;
		return ALLOCATION_OTHERS;
	}
	if (is_empty(plain))
		return ALLOCATION_OTHERS;
	if (is_among(function, inner, NB_COUNT(inner)))
		ours = !state->asked || state->modelled;
	if (text_is(function, "__alloc_memory_core_early") && !state->asked)
		ours = !state->percpu && !state->low_ram;
	if (text_is(function, "memblock_double_array"))
		ours = state->last;
	else
		state->asked = false;
	state->last = ours;
	return ours ? ALLOCATION_OURS : ALLOCATION_OTHERS;
}

struct nb_text without_function(struct nb_text line)
{
	size_t end = text_find(line, "]");

	return (struct nb_text){ line.at, nb_min(end + 1, line.len) };
}
