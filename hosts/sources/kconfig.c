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
};

/* Where the rows' values are. */
static const struct {
	enum config_form form;
	size_t offset, size;
} fields[] = {
#define FIELD(form, name) { form, offsetof(struct nb_kernel_config, name), sizeof(((struct nb_kernel_config *)0)->name) }
	FIELD(FORM_NUMBER, max_nodes),
	FIELD(FORM_NUMBER, max_cpus),
	FIELD(FORM_NUMBER, e820_entries),
	FIELD(FORM_BYTES, node_data_bytes),
	FIELD(FORM_BYTES, section_bytes),
	FIELD(FORM_NUMBER, page_struct_bytes),
	FIELD(FORM_BYTES, node_struct_bytes),
	FIELD(FORM_BYTES, section_struct_bytes),
	FIELD(FORM_BYTES, section_usage_bytes),
	FIELD(FORM_BYTES, resource_bytes),
	FIELD(FORM_BYTES, firmware_entry_bytes),
	FIELD(FORM_BYTES, nosave_bytes),
	FIELD(FORM_BYTES, brk_bytes),
	FIELD(FORM_NUMBER, brk_tables),
	FIELD(FORM_NUMBER, fixed_tables),
	FIELD(FORM_BYTES, direct_map),
	FIELD(FORM_BYTES, direct_map_5),
	FIELD(FORM_BYTES, log_buf),
	FIELD(FORM_BYTES, trampoline_bytes),
	FIELD(FORM_BYTES, percpu_static_bytes),
	FIELD(FORM_BYTES, percpu_module_bytes),
	FIELD(FORM_RANGE, kernel),
	FIELD(FORM_BYTES, kernel_end),
	FIELD(FORM_BYTES, unpack_bytes),
	FIELD(FORM_NUMBER, phys_bits),
	FIELD(FORM_BYTES, low_and_vmalloc),
	FIELD(FORM_BOOL, no_numa),
	FIELD(FORM_BOOL, no_acpi_numa),
	FIELD(FORM_BOOL, no_zone_dma),
	FIELD(FORM_BOOL, no_zone_dma32),
	FIELD(FORM_BOOL, no_highmem),
	FIELD(FORM_BOOL, percpu_wide),
	FIELD(FORM_BOOL, memory_hotplug),
	FIELD(FORM_BOOL, numa_emulation),
	FIELD(FORM_BOOL, zone_device),
	FIELD(FORM_BOOL, cpumask_offstack),
	FIELD(FORM_BOOL, x2apic),
	FIELD(FORM_BOOL, cxl),
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

/* Room for the per-CPU variables of modules, which 6.12 has more of where it notes
 * who allocates: Linux 6.12 include/linux/percpu.h PERCPU_MODULE_RESERVE. */
enum { MODULE_BYTES = 8 << 10, PROFILED_MODULE_BYTES = 64 << 10 };

static void set_modules(struct kernel *kernel, bool on)
{
	kernel->config.percpu_module_bytes = on ? MODULE_BYTES : 0;
}

static void set_profiling(struct kernel *kernel, bool on)
{
	if (on && kernel->line == NB_LINE_6_12 && kernel->config.percpu_module_bytes)
		kernel->config.percpu_module_bytes = PROFILED_MODULE_BYTES;
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
};

/* Takes an option that has a number; false if it decides nothing here. */
static bool take_number(struct kernel *kernel, struct nb_text name, uint64_t number)
{
	enum { NODES_SHIFT_MOST = 10, CPUS_MOST = 1 << 16, LOG_SHIFT_MOST = 30 };
	struct nb_kernel_config *config = &kernel->config;

	if (text_is(name, "NODES_SHIFT") && number <= NODES_SHIFT_MOST)
		set_max_nodes(config, (uint64_t)1 << number);
	else if (text_is(name, "NR_CPUS") && number && number <= CPUS_MOST)
		config->max_cpus = (uint32_t)number;
	else if (text_is(name, "LOG_BUF_SHIFT") && number <= LOG_SHIFT_MOST)
		config->log_buf = (nb_phys)1 << number;
	else if (text_is(name, "PHYSICAL_START") && number)
		move_kernel(config, number);
	else
		return false;
	return true;
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
	else if (text_is(name, "EFI") && !on && kernel->line <= NB_LINE_4_9)
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

/* Takes an option of .config; false if it decides nothing here or is no value. */
static bool take_option(struct kernel *kernel, struct nb_text name, struct nb_text value)
{
	bool on = text_is(value, "y") || text_is(value, "m");
	uint64_t number = 0;

	if (text_u64(value, &number))
		return take_number(kernel, name, number);
	return (on || text_is(value, "n")) && take_switch(kernel, name, on);
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

/* Some options stand in no file when what they need is not there: a .config without
 * them says no. */
static bool has_option(struct nb_text file, const char *option)
{
	struct nb_text line, name, value;

	while (text_line(&file, &line))
		if (config_line(line, &name, &value) && text_is(name, option))
			return true;
	return false;
}

bool kconfig_read(struct kernel *kernel, struct nb_text file)
{
	bool any = false;
	struct nb_text rest = file, line, name, value;

	while (text_line(&rest, &line)) {
		if (!config_line(line, &name, &value))
			continue;
		any = true;
		take_option(kernel, name, value);
	}
	if (!any)
		return false;
	for (size_t i = 0; i < NB_COUNT(switches); i++)
		if (!has_option(file, switches[i].name))
			take_switch(kernel, text_of(switches[i].name), false);
	if (!has_option(file, "SMP"))
		take_switch(kernel, text_of("SMP"), false);
	if (!has_option(file, "MODULES"))
		take_switch(kernel, text_of("MODULES"), false);
	if (!has_option(file, "X86_PAE"))
		take_switch(kernel, text_of("X86_PAE"), false);
	config_complete(&kernel->config);
	for (unsigned row = 0; row < config_row_count; row++)
		if (*config_rows[row].options)
			kernel->config_known |= (uint64_t)1 << row;
	return true;
}

/* "0x1000000-0x3c11000": the end is the first byte behind. */
static bool set_range(struct nb_kernel_config *config, struct nb_text value)
{
	size_t dash = text_find(value, "-");
	struct nb_range range;

	if (dash == value.len || !text_u64((struct nb_text){ value.at, dash }, &range.start) ||
	    !text_u64((struct nb_text){ value.at + dash + 1, value.len - dash - 1 }, &range.end) ||
	    range.start >= range.end)
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
		return set_range(config, value);
	if (fields[row].form == FORM_BOOL) {
		if (!text_is(value, "y") && !text_is(value, "n"))
			return false;
		set_number(config, row, text_is(value, "y"));
		return true;
	}
	if (!text_u64(value, &number) || (fields[row].size == 4 && number > UINT32_MAX) || !number)
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

static const char *example(enum config_form form)
{
	switch (form) {
	case FORM_BOOL:
		return "y";
	case FORM_RANGE:
		return "0x1000000-0x3c11000";
	case FORM_NUMBER:
	case FORM_BYTES:
		break;
	}
	return "1024";
}

bool kconfig_set(struct kernel *kernel, const char *assignment, struct complaint *complaint)
{
	const struct nb_kernel_config before = kernel->config;
	struct nb_text name = text_of(assignment), value;
	size_t equals = text_find(name, "=");
	unsigned row;

	if (equals == name.len) {
		complain(complaint, "--config '%s': expected KEY=VALUE", assignment);
		return false;
	}
	value = (struct nb_text){ name.at + equals + 1, name.len - equals - 1 };
	name.len = equals;
	text_skip(&name, "CONFIG_");
	row = row_of(name);
	if (row == config_row_count && !take_option(kernel, name, value)) {
		complain(complaint, "--config '%s': expected a key that `numaboot lines` has",
			 assignment);
		return false;
	}
	if (row < config_row_count && !set_row(&kernel->config, row, value)) {
		complain(complaint, "--config '%s': expected a value such as %s=%s", assignment,
			 config_rows[row].key, example(fields[row].form));
		return false;
	}
	config_complete(&kernel->config);
	for (unsigned other = 0; other < config_row_count; other++)
		if (other == row || !config_same(&before, &kernel->config, other))
			kernel->config_known |= (uint64_t)1 << other;
	return true;
}
