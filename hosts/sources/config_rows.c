/* SPDX-License-Identifier: MIT */
/*
 * config_rows: what a build of the kernel chooses, row by row: between which bounds,
 * in words, compared, set. Sizes of the image and of structures stand in no .config:
 * they stay those of the line's usual build unless they are set.
 */
#include "config_rows.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

enum config_form { FORM_NUMBER, FORM_BYTES, FORM_BOOL, FORM_RANGE };

/* clang-format off */
const struct config_row config_rows[] = {
	{ "max_nodes", "NODES_SHIFT NUMA", "nodes" },
	{ "max_cpus", "NR_CPUS SMP", "processors" },
	{ "e820_entries", "NODES_SHIFT EFI", "entries of the memory map" },
	{ "node_data_bytes", "", "size of a node's data" },
	{ "section_bytes", "FLATMEM", "a section of sparse memory" },
	{ "page_struct_bytes", "", "a page's descriptor" },
	{ "node_struct_bytes", "", "a node's data as it is, not in whole pages" },
	{ "section_struct_bytes", "", "a section's structure" },
	{ "section_usage_bytes", "", "what is noted of a section's use" },
	{ "resource_bytes", "", "the note of a range of addresses" },
	{ "firmware_entry_bytes", "", "an entry of the firmware's map that is kept" },
	{ "nosave_bytes", "", "a hole that hibernation keeps out of" },
	{ "brk_bytes", "", "what of the image's brk area is used" },
	{ "brk_tables", "", "pages of that for tables of the direct map" },
	{ "fixed_tables", "", "pages for tables of fixed addresses" },
	{ "direct_map", "", "where the direct map begins, with 4 levels" },
	{ "direct_map_5", "", "the same with 5 levels" },
	{ "log_buf", "LOG_BUF_SHIFT", "the log's own buffer" },
	{ "trampoline_bytes", "", "the code that starts processors" },
	{ "percpu_static_bytes", "", "the image's own per-CPU variables" },
	{ "percpu_module_bytes", "MODULES MEM_ALLOC_PROFILING", "room for those of modules" },
	{ "kernel", "PHYSICAL_START", "the image, up to what stays reserved" },
	{ "kernel_end", "PHYSICAL_START", "the end of the image with all of its brk" },
	{ "unpack_bytes", "", "what the image needs to unpack itself" },
	{ "phys_bits", "X86_5LEVEL X86_PAE", "bits of an address" },
	{ "low_and_vmalloc", "", "32 bits: low memory and vmalloc" },
	{ "no_numa", "NUMA", "NUMA is not built in" },
	{ "no_acpi_numa", "ACPI_NUMA", "ACPI's tables are not asked for nodes" },
	{ "no_zone_dma", "ZONE_DMA", "there is no zone below 16 MiB" },
	{ "no_zone_dma32", "ZONE_DMA32", "nor one below 4 GiB" },
	{ "no_highmem", "HIGHMEM", "32 bits: RAM above low memory is not used" },
	{ "percpu_wide", "RANDOM_KMALLOC_CACHES", "four times the room to give out in per-CPU areas" },
	{ "memory_hotplug", "MEMORY_HOTPLUG", "memory can be plugged" },
	{ "numa_emulation", "NUMA_EMU", "numa=fake= is known" },
	{ "zone_device", "ZONE_DEVICE", "there is a zone for devices" },
	{ "cpumask_offstack", "CPUMASK_OFFSTACK", "masks of CPUs are as long as need be" },
	{ "x2apic", "X86_X2APIC", "APICs in x2APIC mode are known" },
	{ "cxl", "CXL_ACPI", "the driver for CXL memory" },
	{ "deferred_init", "DEFERRED_STRUCT_PAGE_INIT", "most descriptors of pages are filled in late" },
	{ "huge_pages", "TRANSPARENT_HUGEPAGE TRANSPARENT_HUGEPAGE_NEVER", "transparent huge pages are on" },
	{ "init_bytes", "", "what of the image is given back in the end" },
	{ "tolerant", "", "faulty tables are mended, as no Linux does: --policy tolerant" },
};

/* Where the rows' values are, and their bounds: of both ends of a range. */
static const struct {
	enum config_form form;
	unsigned bits; /* of the kernels that know it; 0: all do */
	size_t offset, size;
	struct bounds bounds;
	struct bounds narrow; /* of 32 bits, if those are others */
} fields[] = {
#define FIELD(form_, bits_, name, ...) { .form = form_, .bits = bits_, .offset = offsetof(struct nb_kernel_config, name), .size = sizeof(((struct nb_kernel_config *)0)->name), .bounds = __VA_ARGS__ }
	FIELD(FORM_NUMBER, 0, max_nodes, { 1, 1024, POWER }),
	FIELD(FORM_NUMBER, 0, max_cpus, { 1, 8192, 1 }),
	FIELD(FORM_NUMBER, 0, e820_entries, { 128, 128 + 3 * 1024, 1 }),
	FIELD(FORM_BYTES, 0, node_data_bytes, { 0, 16 * NB_MIB, 1 }),
	FIELD(FORM_BYTES, 0, section_bytes, { NB_PAGE_SIZE, NB_GIB, POWER }),
	FIELD(FORM_NUMBER, 0, page_struct_bytes, { 8, 256, 8 }),
	FIELD(FORM_BYTES, 0, node_struct_bytes, { 0, 16 * NB_MIB, 1 }),
	FIELD(FORM_BYTES, 64, section_struct_bytes, { 1, NB_PAGE_SIZE, 1 }),
	FIELD(FORM_BYTES, 64, section_usage_bytes, { 1, NB_MIB, 1 }),
	FIELD(FORM_BYTES, 0, resource_bytes, { 1, NB_PAGE_SIZE, 1 }),
	FIELD(FORM_BYTES, 0, firmware_entry_bytes, { 1, NB_PAGE_SIZE, 1 }),
	FIELD(FORM_BYTES, 0, nosave_bytes, { 0, NB_PAGE_SIZE, 1 }),
	FIELD(FORM_BYTES, 0, brk_bytes, { 0, 16 * NB_MIB, NB_PAGE_SIZE }),
	FIELD(FORM_NUMBER, 0, brk_tables, { 0, 256, 1 }),
	FIELD(FORM_NUMBER, 32, fixed_tables, { 0, 256, 1 }),
	FIELD(FORM_BYTES, 0, direct_map, { 0xffff800000000000, 0xffffc00000000000, 2 * NB_MIB }, .narrow = { NB_GIB, 3 * NB_GIB, 2 * NB_MIB }),
	FIELD(FORM_BYTES, 64, direct_map_5, { 0xff00000000000000, 0xffd0000000000000, 2 * NB_MIB }),
	FIELD(FORM_BYTES, 0, log_buf, { NB_PAGE_SIZE, 32 * NB_MIB, POWER }),
	FIELD(FORM_BYTES, 0, trampoline_bytes, { NB_PAGE_SIZE, 0xa0000, NB_PAGE_SIZE }),
	FIELD(FORM_BYTES, 0, percpu_static_bytes, { 1, 64 * NB_MIB, 1 }),
	FIELD(FORM_BYTES, 0, percpu_module_bytes, { 0, 64 * NB_MIB, 1 }),
	FIELD(FORM_RANGE, 0, kernel, { NB_PAGE_SIZE, CONFIG_ADDRESSES, NB_PAGE_SIZE }),
	FIELD(FORM_BYTES, 0, kernel_end, { NB_PAGE_SIZE, CONFIG_ADDRESSES, NB_PAGE_SIZE }),
	FIELD(FORM_BYTES, 0, unpack_bytes, { 0, 4 * NB_GIB, 1 }),
	FIELD(FORM_NUMBER, 0, phys_bits, { 46, 52, 1 }, .narrow = { 32, 36, 1 }),
	FIELD(FORM_BYTES, 32, low_and_vmalloc, { NB_PAGE_SIZE, 4 * NB_GIB - 1, NB_PAGE_SIZE }),
	FIELD(FORM_BOOL, 0, no_numa, { 0, 1, 1 }),
	FIELD(FORM_BOOL, 0, no_acpi_numa, { 0, 1, 1 }),
	FIELD(FORM_BOOL, 0, no_zone_dma, { 0, 1, 1 }),
	FIELD(FORM_BOOL, 64, no_zone_dma32, { 0, 1, 1 }),
	FIELD(FORM_BOOL, 32, no_highmem, { 0, 1, 1 }),
	FIELD(FORM_BOOL, 0, percpu_wide, { 0, 1, 1 }),
	FIELD(FORM_BOOL, 0, memory_hotplug, { 0, 1, 1 }),
	FIELD(FORM_BOOL, 0, numa_emulation, { 0, 1, 1 }),
	FIELD(FORM_BOOL, 0, zone_device, { 0, 1, 1 }),
	FIELD(FORM_BOOL, 0, cpumask_offstack, { 0, 1, 1 }),
	FIELD(FORM_BOOL, 0, x2apic, { 0, 1, 1 }),
	FIELD(FORM_BOOL, 0, cxl, { 0, 1, 1 }),
	FIELD(FORM_BOOL, 0, deferred_init, { 0, 1, 1 }),
	FIELD(FORM_BOOL, 0, huge_pages, { 0, 1, 1 }),
	FIELD(FORM_BYTES, 0, init_bytes, { 0, 64 * NB_MIB, 1 }),
	FIELD(FORM_BOOL, 0, tolerant, { 0, 1, 1 }),
#undef FIELD
};
/* clang-format on */

const unsigned config_row_count = NB_COUNT(config_rows);
_Static_assert(NB_COUNT(config_rows) <= 64, "each row has its bit");
_Static_assert(NB_COUNT(config_rows) == NB_COUNT(fields), "each row has its field");

static const uint8_t *at_row(const struct nb_kernel_config *config, unsigned row)
{
	return (const uint8_t *)config + fields[row].offset;
}

bool config_same(const struct nb_kernel_config *a, const struct nb_kernel_config *b, unsigned row)
{
	return !memcmp(at_row(a, row), at_row(b, row), fields[row].size);
}

void config_copy(struct nb_kernel_config *to, const struct nb_kernel_config *from, unsigned row)
{
	memcpy((uint8_t *)to + fields[row].offset, at_row(from, row), fields[row].size);
}

static void set_number(struct nb_kernel_config *config, unsigned row, uint64_t value)
{
	uint8_t *at = (uint8_t *)config + fields[row].offset;
	uint32_t narrow = (uint32_t)value;

	if (fields[row].form == FORM_BOOL)
		*at = value != 0;
	else if (fields[row].size == sizeof(narrow))
		memcpy(at, &narrow, sizeof(narrow));
	else
		memcpy(at, &value, sizeof(value));
}

static uint64_t number_of(const struct nb_kernel_config *config, unsigned row)
{
	const uint8_t *at = at_row(config, row);
	uint32_t narrow;
	uint64_t value;

	if (fields[row].form == FORM_BOOL)
		return *at;
	if (fields[row].size == sizeof(narrow)) {
		memcpy(&narrow, at, sizeof(narrow));
		return narrow;
	}
	memcpy(&value, at, sizeof(value));
	return value;
}

void config_value_text(const struct nb_kernel_config *config, unsigned row, char *text, size_t size)
{
	struct nb_range range;

	switch (fields[row].form) {
	case FORM_NUMBER:
		snprintf(text, size, "%llu", (unsigned long long)number_of(config, row));
		break;
	case FORM_BYTES:
		snprintf(text, size, "0x%llx", (unsigned long long)number_of(config, row));
		break;
	case FORM_BOOL:
		snprintf(text, size, "%s", number_of(config, row) ? "y" : "n");
		break;
	case FORM_RANGE:
		memcpy(&range, at_row(config, row), sizeof(range));
		snprintf(text, size, "0x%llx-0x%llx", (unsigned long long)range.start,
			 (unsigned long long)range.end);
		break;
	}
}

unsigned config_bits(const struct nb_kernel_config *config)
{
	return config->low_and_vmalloc ? 32 : 64;
}

bool bounds_hold(const struct bounds *bounds, uint64_t number)
{
	bool shaped = bounds->unit == POWER ? !(number & (number - 1)) : number % bounds->unit == 0;

	return number >= bounds->least && number <= bounds->most && shaped;
}

void bounds_say(const struct bounds *bounds, bool hexadecimal, char text[EXPECTED_MOST])
{
	unsigned long long unit = bounds->unit, least = bounds->least, most = bounds->most;
	char shape[40] = "a number";

	if (bounds->unit == POWER)
		snprintf(shape, sizeof(shape), "a power of two");
	else if (bounds->unit > 1)
		snprintf(shape, sizeof(shape), "a multiple of 0x%llx", unit);
	snprintf(text, EXPECTED_MOST,
		 hexadecimal ? "%s from 0x%llx to 0x%llx" : "%s from %llu to %llu", shape, least,
		 most);
}

unsigned config_row_of(struct nb_text key)
{
	unsigned row = 0;

	while (row < config_row_count && !text_is(key, config_rows[row].key))
		row++;
	return row;
}

static const struct bounds *bounds_of(const struct nb_kernel_config *config, unsigned row)
{
	bool narrow = config->low_and_vmalloc && fields[row].narrow.most;

	return narrow ? &fields[row].narrow : &fields[row].bounds;
}

/* "0x1000000-0x3c11000": the end is the first byte behind. */
static bool set_range(struct nb_kernel_config *config, struct nb_text value,
		      const struct bounds *bounds)
{
	size_t dash = text_find(value, "-");
	struct nb_range range;

	if (dash == value.len || !text_u64((struct nb_text){ value.at, dash }, &range.start) ||
	    !text_u64((struct nb_text){ value.at + dash + 1, value.len - dash - 1 }, &range.end) ||
	    range.start >= range.end || !bounds_hold(bounds, range.start) ||
	    !bounds_hold(bounds, range.end))
		return false;
	config->kernel = range;
	if (config->kernel_end < range.end)
		config->kernel_end = range.end;
	return true;
}

static bool set_row(struct nb_kernel_config *config, unsigned row, struct nb_text value)
{
	uint64_t number;

	if (fields[row].form == FORM_RANGE)
		return set_range(config, value, bounds_of(config, row));
	if (fields[row].form == FORM_BOOL) {
		if (!text_is(value, "y") && !text_is(value, "n"))
			return false;
		set_number(config, row, text_is(value, "y"));
		return true;
	}
	if (!text_u64(value, &number))
		return false;
	if (number != number_of(config, row) && !bounds_hold(bounds_of(config, row), number))
		return false;
	set_number(config, row, number);
	return true;
}

/* What a row's value may be, in words. */
static void say_row(const struct nb_kernel_config *config, unsigned row,
		    char expected[EXPECTED_MOST])
{
	const struct bounds *of = bounds_of(config, row);
	char bounds[EXPECTED_MOST];

	switch (fields[row].form) {
	case FORM_BOOL:
		snprintf(expected, EXPECTED_MOST, "y or n");
		break;
	case FORM_RANGE:
		bounds_say(of, true, bounds);
		snprintf(expected, EXPECTED_MOST, "START-END, each %.*s", EXPECTED_MOST - 20,
			 bounds);
		break;
	case FORM_NUMBER:
	case FORM_BYTES:
		bounds_say(of, fields[row].form == FORM_BYTES, expected);
		break;
	}
}

/* Whether the image ends with its brk, and has room in the addresses that a kernel has
 * for it: Linux 6.12 arch/x86/include/asm/page_64_types.h KERNEL_IMAGE_SIZE. */
static bool is_image(const struct nb_kernel_config *config)
{
	return config->kernel_end >= config->kernel.end &&
	       config->kernel_end - config->kernel.start <= NB_GIB;
}

bool config_row_set(struct kernel *kernel, unsigned row, struct nb_text value,
		    char expected[EXPECTED_MOST])
{
	const struct nb_kernel_config before = kernel->config;
	unsigned bits = fields[row].bits;

	say_row(&before, row, expected);
	if (!set_row(&kernel->config, row, value))
		return false;
	if (bits && bits != config_bits(&before) && !config_same(&before, &kernel->config, row)) {
		snprintf(expected, EXPECTED_MOST, "a kernel of %u bits, as %s is not", bits,
			 kernel->rules->line);
		return false;
	}
	if (!is_image(&kernel->config)) {
		snprintf(expected, EXPECTED_MOST,
			 "an image that ends with its brk, at most 1 GiB behind its start");
		return false;
	}
	return true;
}
