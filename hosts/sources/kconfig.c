/* SPDX-License-Identifier: MIT */
/*
 * kconfig: what a build of the kernel chose: read from its .config, set one by
 * one, shown. Sizes of the image and of structures stand in no .config: they
 * stay those of the line's usual build unless they are set.
 */
#include "kernel.h"

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

/* What a number may be: all others are impossible, or more than the library is for. */
struct bounds {
	uint64_t least, most;
	uint64_t unit; /* of which it is a multiple; POWER: it is a power of two */
};

enum { POWER = 0 };

/* Addresses that RAM may have, with 4 levels of tables. */
#define ADDRESSES ((uint64_t)1 << 46)

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
	FIELD(FORM_RANGE, 0, kernel, { NB_PAGE_SIZE, ADDRESSES, NB_PAGE_SIZE }),
	FIELD(FORM_BYTES, 0, kernel_end, { NB_PAGE_SIZE, ADDRESSES, NB_PAGE_SIZE }),
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

/* The table of the memory map has the boot protocol's 128 entries, and three for
 * each possible node; these, up to 4.9, only in kernels that know EFI: Linux 4.9
 * arch/x86/include/asm/e820.h E820_X_MAX. */
enum { PAGE_ENTRIES = 128, NODE_ENTRIES = 3 };

static void set_max_nodes(struct nb_kernel_config *config, uint64_t nodes)
{
	if (config->e820_entries > PAGE_ENTRIES)
		config->e820_entries = PAGE_ENTRIES + NODE_ENTRIES * (uint32_t)nodes;
	config->max_nodes = (uint32_t)nodes;
}

static void move_kernel(struct nb_kernel_config *config, nb_phys start)
{
	config->kernel_end = start + (config->kernel_end - config->kernel.start);
	config->kernel.end = start + nb_range_size(config->kernel);
	config->kernel.start = start;
}

/* Room for the per-CPU variables of modules: Linux 6.12 include/linux/percpu.h
 * PERCPU_MODULE_RESERVE. */
enum { MODULE_BYTES = 8 << 10 };

/* What options do in some lines alone. */
static const struct {
	bool entries_need_efi; /* a kernel without EFI has the boot protocol's entries alone */
	uint32_t profiled_module_bytes; /* room for modules where it notes who allocates */
} of_lines[NB_LINES] = {
	[NB_LINE_3_14] = { .entries_need_efi = true },
	[NB_LINE_4_4] = { .entries_need_efi = true },
	[NB_LINE_4_9] = { .entries_need_efi = true },
	[NB_LINE_6_12] = { .profiled_module_bytes = 64 << 10 },
};

static void set_modules(struct kernel *kernel, bool on)
{
	kernel->config.percpu_module_bytes = on ? MODULE_BYTES : 0;
}

static void set_profiling(struct kernel *kernel, bool on)
{
	uint32_t bytes = of_lines[kernel->line].profiled_module_bytes;

	if (on && bytes && kernel->config.percpu_module_bytes)
		kernel->config.percpu_module_bytes = bytes;
}

/* Options that are yes or no, and what they set. */
static const struct switch_row {
	const char *name;
	size_t offset; /* of a bool in struct nb_kernel_config */
	bool inverted;
} switches[] = {
	{ "NUMA", offsetof(struct nb_kernel_config, no_numa), true },
	{ "ACPI_NUMA", offsetof(struct nb_kernel_config, no_acpi_numa), true },
	{ "ZONE_DMA", offsetof(struct nb_kernel_config, no_zone_dma), true },
	{ "ZONE_DMA32", offsetof(struct nb_kernel_config, no_zone_dma32), true },
	{ "HIGHMEM", offsetof(struct nb_kernel_config, no_highmem), true },
	{ "RANDOM_KMALLOC_CACHES", offsetof(struct nb_kernel_config, percpu_wide), false },
	{ "MEMORY_HOTPLUG", offsetof(struct nb_kernel_config, memory_hotplug), false },
	{ "NUMA_EMU", offsetof(struct nb_kernel_config, numa_emulation), false },
	{ "ZONE_DEVICE", offsetof(struct nb_kernel_config, zone_device), false },
	{ "CPUMASK_OFFSTACK", offsetof(struct nb_kernel_config, cpumask_offstack), false },
	{ "X86_X2APIC", offsetof(struct nb_kernel_config, x2apic), false },
	{ "CXL_ACPI", offsetof(struct nb_kernel_config, cxl), false },
	{ "DEFERRED_STRUCT_PAGE_INIT", offsetof(struct nb_kernel_config, deferred_init), false },
	{ "TRANSPARENT_HUGEPAGE_NEVER", offsetof(struct nb_kernel_config, huge_pages), true },
	{ "TRANSPARENT_HUGEPAGE", offsetof(struct nb_kernel_config, huge_pages), false },
};

/* Options that have a number, with the bounds that the kernel's Kconfig files have. */
enum number_option { NODES_SHIFT, NR_CPUS, LOG_BUF_SHIFT, PHYSICAL_START, NUMBER_OPTIONS };

static const struct {
	const char *name;
	struct bounds bounds;
} numbers[NUMBER_OPTIONS] = {
	[NODES_SHIFT] = { "NODES_SHIFT", { 1, 10, 1 } },
	[NR_CPUS] = { "NR_CPUS", { 1, 8192, 1 } },
	[LOG_BUF_SHIFT] = { "LOG_BUF_SHIFT", { 12, 25, 1 } },
	[PHYSICAL_START] = { "PHYSICAL_START", { 0x2000, ADDRESSES, 0x2000 } },
};

static bool fits(uint64_t number, const struct bounds *bounds)
{
	bool shaped = bounds->unit == POWER ? !(number & (number - 1)) : number % bounds->unit == 0;

	return number >= bounds->least && number <= bounds->most && shaped;
}

enum { EXPECTED_MOST = 96 };

/* "a multiple of 0x1000 from 0x1000 to 0xa0000". */
static void say_bounds(char text[EXPECTED_MOST], const struct bounds *bounds, bool hexadecimal)
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

static void set_option(struct kernel *kernel, enum number_option option, uint64_t number)
{
	struct nb_kernel_config *config = &kernel->config;

	switch (option) {
	case NODES_SHIFT:
		set_max_nodes(config, (uint64_t)1 << number);
		break;
	case NR_CPUS:
		config->max_cpus = (uint32_t)number;
		break;
	case LOG_BUF_SHIFT:
		config->log_buf = (nb_phys)1 << number;
		break;
	case PHYSICAL_START:
		move_kernel(config, number);
		break;
	case NUMBER_OPTIONS:
		break;
	}
}

/* Takes an option that is yes or no; false if it decides nothing here. */
static bool take_switch(struct kernel *kernel, struct nb_text name, bool on)
{
	enum { BITS = 46, WIDE_BITS = 52, PAE_BITS = 36, NO_PAE_BITS = 32 };
	struct nb_kernel_config *config = &kernel->config;
	bool known = true;

	for (size_t i = 0; i < NB_COUNT(switches); i++)
		if (text_is(name, switches[i].name))
			*((bool *)((uint8_t *)config + switches[i].offset)) = on !=
									      switches[i].inverted;
	if (text_is(name, "NUMA") && !on)
		set_max_nodes(config, 1);
	else if (text_is(name, "SMP") && !on)
		config->max_cpus = 1;
	else if (text_is(name, "X86_5LEVEL"))
		config->phys_bits = on ? WIDE_BITS : BITS;
	else if (text_is(name, "X86_PAE") && config->low_and_vmalloc)
		config->phys_bits = on ? PAE_BITS : NO_PAE_BITS;
	else if (text_is(name, "FLATMEM") && on)
		config->section_bytes = NB_PAGE_SIZE;
	else if (text_is(name, "EFI") && !on && of_lines[kernel->line].entries_need_efi)
		config->e820_entries = PAGE_ENTRIES;
	else if (text_is(name, "MODULES"))
		set_modules(kernel, on);
	else if (text_is(name, "MEM_ALLOC_PROFILING"))
		set_profiling(kernel, on);
	else
		known = text_is(name, "SMP") || text_is(name, "EFI") || text_is(name, "X86_PAE") ||
			text_is(name, "FLATMEM");
	for (size_t i = 0; i < NB_COUNT(switches); i++)
		known = known || text_is(name, switches[i].name);
	return known;
}

/* What became of an option of .config. */
enum taken {
	TAKEN_FINE,
	TAKEN_UNKNOWN, /* it decides nothing here */
	TAKEN_WRONG,   /* its value is impossible: what was expected is said */
};

static enum taken take_option(struct kernel *kernel, struct nb_text name, struct nb_text value,
			      char expected[EXPECTED_MOST])
{
	bool on = text_is(value, "y") || text_is(value, "m");
	struct kernel unused = *kernel;
	uint64_t number = 0;

	for (int i = 0; i < NUMBER_OPTIONS; i++) {
		if (!text_is(name, numbers[i].name))
			continue;
		if (!text_u64(value, &number) || !fits(number, &numbers[i].bounds)) {
			say_bounds(expected, &numbers[i].bounds, i == PHYSICAL_START);
			return TAKEN_WRONG;
		}
		set_option(kernel, (enum number_option)i, number);
		return TAKEN_FINE;
	}
	if (on || text_is(value, "n"))
		return take_switch(kernel, name, on) ? TAKEN_FINE : TAKEN_UNKNOWN;
	snprintf(expected, EXPECTED_MOST, "y, m or n");
	return take_switch(&unused, name, on) ? TAKEN_WRONG : TAKEN_UNKNOWN;
}

/* "CONFIG_X=value" or "# CONFIG_X is not set". */
static bool config_line(struct nb_text line, struct nb_text *name, struct nb_text *value)
{
	static const char unset[] = " is not set";
	bool comment = text_skip(&line, "# ");
	size_t end;

	if (!text_skip(&line, "CONFIG_"))
		return false;
	end = text_find(line, comment ? unset : "=");
	if (end == line.len)
		return false;
	*name = (struct nb_text){ line.at, end };
	*value = comment ? text_of("n")
			 : text_trim((struct nb_text){ line.at + end + 1, line.len - end - 1 });
	return true;
}

void config_complete(struct nb_kernel_config *config)
{
	enum { NODE_DATA_32 = 0x2000 }; /* as Linux 5.7 and 6.1 were seen to take it */

	if (!config->low_and_vmalloc) /* of 64 bits there is no such option */
		config->no_highmem = false;
	else
		config->no_zone_dma32 = false;
	if (!config->no_numa && !config->node_data_bytes)
		config->node_data_bytes = NODE_DATA_32;
}

/* The value of an option, the last one if it is there twice; a null text if the file
 * does not name it. */
static struct nb_text value_in(struct nb_text file, const char *option)
{
	struct nb_text line, name, value, found = { NULL, 0 };

	while (text_line(&file, &line))
		if (config_line(line, &name, &value) && text_is(name, option))
			found = value;
	return found;
}

/* Notes that the rows that an option decides are known. */
static void know_option(struct kernel *kernel, struct nb_text option)
{
	for (unsigned row = 0; row < config_row_count; row++) {
		struct nb_text options = text_of(config_rows[row].options), word;

		while (text_word(&options, &word))
			if (text_same(word, option))
				kernel->config_known |= (uint64_t)1 << row;
	}
}

/* Takes what stands in a file, line by line. False, with a complaint, if it is none
 * or has an impossible value. */
static bool take_lines(struct kernel *kernel, struct nb_text file, const char *where,
		       struct complaint *complaint)
{
	char expected[EXPECTED_MOST];
	struct nb_text line, name, value;
	unsigned number = 0;
	bool any = false;

	while (text_line(&file, &line)) {
		number++;
		if (!config_line(line, &name, &value))
			continue;
		any = true;
		know_option(kernel, name);
		if (take_option(kernel, name, value, expected) == TAKEN_WRONG) {
			complain(complaint, "%s:%u: CONFIG_%.*s=%.*s: expected %s", where, number,
				 (int)name.len, name.at, value.len < 80 ? (int)value.len : 80,
				 value.at, expected);
			return false;
		}
	}
	if (!any)
		complain(complaint, "%s: not a kernel's .config: expected CONFIG_ lines", where);
	return any;
}

/* Some options stand in no file when what they need is not there: a whole .config
 * without them says no. */
static void take_absent(struct kernel *kernel, struct nb_text file)
{
	static const char *const more[] = { "SMP", "MODULES", "X86_PAE" };

	for (size_t i = 0; i < NB_COUNT(switches); i++)
		if (!value_in(file, switches[i].name).at)
			take_switch(kernel, text_of(switches[i].name), false);
	for (size_t i = 0; i < NB_COUNT(more); i++)
		if (!value_in(file, more[i]).at)
			take_switch(kernel, text_of(more[i]), false);
	for (unsigned row = 0; row < config_row_count; row++)
		if (*config_rows[row].options)
			kernel->config_known |= (uint64_t)1 << row;
}

/* "# Linux/x86 6.12.117 Kernel Configuration": false if the file does not say. */
static bool release_in(struct nb_text file, struct release *release)
{
	struct nb_text line, word;

	while (text_line(&file, &line))
		if (text_skip(&line, "# Linux/") && text_word(&line, &word))
			return release_read(text_trim(line), release);
	return false;
}

static unsigned bits_of(const struct nb_kernel_config *config)
{
	return config->low_and_vmalloc ? 32 : 64;
}

bool kconfig_read(struct kernel *kernel, struct nb_text file, const char *where,
		  struct complaint *complaint)
{
	bool narrow = text_is(value_in(file, "X86_32"), "y");
	bool wide = text_is(value_in(file, "X86_64"), "y");
	struct release release;

	if (narrow != wide && bits_of(&kernel->config) != (wide ? 64 : 32)) {
		complain(complaint,
			 "%s: of %d bits, but %s is of %u: expected another --kconfig or --line",
			 where, wide ? 64 : 32, kernel->rules->line, bits_of(&kernel->config));
		return false;
	}
	if (!take_lines(kernel, file, where, complaint))
		return false;
	if (narrow || wide) /* else a fragment, which changes what it names */
		take_absent(kernel, file);
	config_complete(&kernel->config);
	kernel->config_release = (struct nb_text){ NULL, 0 };
	if (release_in(file, &release) && release.order != kernel_order(kernel))
		kernel->config_release = release.text;
	return true;
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
	    range.start >= range.end || !fits(range.start, bounds) || !fits(range.end, bounds))
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
	if (number != number_of(config, row) && !fits(number, bounds_of(config, row)))
		return false;
	set_number(config, row, number);
	return true;
}

/* The row with a key, or their count. */
static unsigned row_of(struct nb_text key)
{
	unsigned row = 0;

	while (row < config_row_count && !text_is(key, config_rows[row].key))
		row++;
	return row;
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
		say_bounds(bounds, of, true);
		snprintf(expected, EXPECTED_MOST, "START-END, each %.*s", EXPECTED_MOST - 20,
			 bounds);
		break;
	case FORM_NUMBER:
	case FORM_BYTES:
		say_bounds(expected, of, fields[row].form == FORM_BYTES);
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

/* Sets a row, or an option; false if that is impossible: what was expected is said. */
static bool assign(struct kernel *kernel, struct nb_text name, struct nb_text value,
		   char expected[EXPECTED_MOST])
{
	const struct nb_kernel_config before = kernel->config;
	unsigned row = row_of(name), bits = bits_of(&before);

	if (row == config_row_count) {
		enum taken taken = take_option(kernel, name, value, expected);

		if (taken == TAKEN_UNKNOWN)
			snprintf(expected, EXPECTED_MOST, "a key that `numaboot lines` has");
		return taken == TAKEN_FINE;
	}
	say_row(&before, row, expected);
	if (!set_row(&kernel->config, row, value))
		return false;
	if (fields[row].bits && fields[row].bits != bits &&
	    !config_same(&before, &kernel->config, row)) {
		snprintf(expected, EXPECTED_MOST, "a kernel of %u bits, as %s is not",
			 fields[row].bits, kernel->rules->line);
		return false;
	}
	if (!is_image(&kernel->config)) {
		snprintf(expected, EXPECTED_MOST,
			 "an image that ends with its brk, at most 1 GiB behind its start");
		return false;
	}
	return true;
}

bool kconfig_set(struct kernel *kernel, const char *assignment, struct complaint *complaint)
{
	const struct nb_kernel_config before = kernel->config;
	struct nb_text name = text_of(assignment), value;
	char expected[EXPECTED_MOST] = "KEY=VALUE";
	size_t equals = text_find(name, "=");
	bool done = equals < name.len;

	if (done) {
		value = (struct nb_text){ name.at + equals + 1, name.len - equals - 1 };
		name.len = equals;
		text_skip(&name, "CONFIG_");
		done = assign(kernel, name, value, expected);
	}
	if (!done) {
		complain(complaint, "--config '%s': expected %s", assignment, expected);
		complaint->is_usage = true;
		kernel->config = before;
		return false;
	}
	config_complete(&kernel->config);
	know_option(kernel, name);
	for (unsigned row = 0; row < config_row_count; row++)
		if (row == row_of(name) || !config_same(&before, &kernel->config, row))
			kernel->config_known |= (uint64_t)1 << row;
	return true;
}
