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
	{ "section_bytes", "", "a section of sparse memory" },
	{ "trampoline_bytes", "", "the code that starts processors" },
	{ "kernel", "PHYSICAL_START", "the image, up to what stays reserved" },
	{ "kernel_end", "PHYSICAL_START", "the end of the image with all of its brk" },
	{ "memory_hotplug", "MEMORY_HOTPLUG", "memory can be plugged" },
	{ "numa_emulation", "NUMA_EMU", "numa=fake= is known" },
	{ "zone_device", "ZONE_DEVICE", "there is a zone for devices" },
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
	FIELD(FORM_BYTES, trampoline_bytes),
	FIELD(FORM_RANGE, kernel),
	FIELD(FORM_BYTES, kernel_end),
	FIELD(FORM_BOOL, memory_hotplug),
	FIELD(FORM_BOOL, numa_emulation),
	FIELD(FORM_BOOL, zone_device),
	FIELD(FORM_BOOL, cxl),
#undef FIELD
};
/* clang-format on */

const unsigned config_row_count = NB_COUNT(config_rows);
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

/* Takes an option of .config; false if it decides nothing here or is no value. */
static bool take_option(struct kernel *kernel, struct nb_text name, struct nb_text value)
{
	enum { SHIFT_MOST = 10, CPUS_MOST = 1 << 16 };
	struct nb_kernel_config *config = &kernel->config;
	bool on = text_is(value, "y") || text_is(value, "m"), is_number;
	uint64_t number = 0;

	is_number = text_u64(value, &number);
	if (text_is(name, "NODES_SHIFT") && is_number && number <= SHIFT_MOST)
		set_max_nodes(config, (uint64_t)1 << number);
	else if (text_is(name, "NUMA") && !is_number && !on)
		set_max_nodes(config, 1);
	else if (text_is(name, "NR_CPUS") && is_number && number && number <= CPUS_MOST)
		config->max_cpus = (uint32_t)number;
	else if (text_is(name, "SMP") && !is_number && !on)
		config->max_cpus = 1;
	else if (text_is(name, "PHYSICAL_START") && is_number && number)
		move_kernel(config, number);
	else if (text_is(name, "EFI") && !is_number && !on && kernel->line <= NB_LINE_4_9)
		config->e820_entries = PAGE_ENTRIES;
	else if (text_is(name, "MEMORY_HOTPLUG") && !is_number)
		config->memory_hotplug = on;
	else if (text_is(name, "NUMA_EMU") && !is_number)
		config->numa_emulation = on;
	else if (text_is(name, "ZONE_DEVICE") && !is_number)
		config->zone_device = on;
	else if (text_is(name, "CXL_ACPI") && !is_number)
		config->cxl = on;
	else
		return false;
	return true;
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
	*value = comment ? text_of("n") :
			   text_trim((struct nb_text){ line.at + end + 1, line.len - end - 1 });
	return true;
}

/* Options that stand in no file when what they need is not there: a .config
 * without them says no. */
static const char *const absent_is_no[] = {
	"NUMA", "SMP", "MEMORY_HOTPLUG", "NUMA_EMU", "ZONE_DEVICE", "CXL_ACPI",
};

bool kconfig_read(struct kernel *kernel, struct nb_text file)
{
	bool there[NB_COUNT(absent_is_no)] = { false }, any = false;
	struct nb_text line, name, value;

	while (text_line(&file, &line)) {
		if (!config_line(line, &name, &value))
			continue;
		any = true;
		take_option(kernel, name, value);
		for (size_t i = 0; i < NB_COUNT(absent_is_no); i++)
			there[i] = there[i] || text_is(name, absent_is_no[i]);
	}
	for (size_t i = 0; any && i < NB_COUNT(absent_is_no); i++)
		if (!there[i])
			take_option(kernel, text_of(absent_is_no[i]), text_of("n"));
	return any;
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

bool kconfig_set(struct kernel *kernel, const char *assignment, struct complaint *complaint)
{
	struct nb_text name = text_of(assignment), value;
	size_t equals = text_find(name, "=");

	if (equals == name.len) {
		complain(complaint, "--config '%s': expected KEY=VALUE", assignment);
		return false;
	}
	value = (struct nb_text){ name.at + equals + 1, name.len - equals - 1 };
	name.len = equals;
	text_skip(&name, "CONFIG_");
	for (unsigned row = 0; row < config_row_count; row++)
		if (text_is(name, config_rows[row].key)) {
			if (set_row(&kernel->config, row, value))
				return true;
			complain(complaint, "--config '%s': expected a value such as %s=%s",
				 assignment, config_rows[row].key,
				 fields[row].form == FORM_BOOL  ? "y" :
				 fields[row].form == FORM_RANGE ? "0x1000000-0x3c11000" :
								  "1024");
			return false;
		}
	if (take_option(kernel, name, value))
		return true;
	complain(complaint, "--config '%s': expected a key of `numaboot lines --config`",
		 assignment);
	return false;
}
