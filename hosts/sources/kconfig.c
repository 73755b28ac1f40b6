/* SPDX-License-Identifier: MIT */
/*
 * kconfig: what a build of the kernel chose, by the options of its .config: a whole
 * file, a fragment, or one of them.
 */
#include "config_rows.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

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
	[PHYSICAL_START] = { "PHYSICAL_START", { 0x2000, CONFIG_ADDRESSES, 0x2000 } },
};

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
		if (!text_u64(value, &number) || !bounds_hold(&numbers[i].bounds, number)) {
			bounds_say(&numbers[i].bounds, i == PHYSICAL_START, expected);
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

bool kconfig_read(struct kernel *kernel, struct nb_text file, const char *where,
		  struct complaint *complaint)
{
	bool narrow = text_is(value_in(file, "X86_32"), "y");
	bool wide = text_is(value_in(file, "X86_64"), "y");
	struct release release;

	if (narrow != wide && config_bits(&kernel->config) != (wide ? 64 : 32)) {
		complain(complaint,
			 "%s: of %d bits, but %s is of %u: expected another --kconfig or --line",
			 where, wide ? 64 : 32, kernel->rules->line, config_bits(&kernel->config));
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

/* Sets a row, or an option; false if that is impossible: what was expected is said. */
static bool assign(struct kernel *kernel, struct nb_text name, struct nb_text value,
		   char expected[EXPECTED_MOST])
{
	unsigned row = config_row_of(name);
	enum taken taken;

	if (row < config_row_count)
		return config_row_set(kernel, row, value, expected);
	taken = take_option(kernel, name, value, expected);
	if (taken == TAKEN_UNKNOWN)
		snprintf(expected, EXPECTED_MOST, "a key that `numaboot lines` has");
	return taken == TAKEN_FINE;
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
		if (row == config_row_of(name) || !config_same(&before, &kernel->config, row))
			kernel->config_known |= (uint64_t)1 << row;
	return true;
}
