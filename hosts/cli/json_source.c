/* SPDX-License-Identifier: MIT */
/*
 * json_source: the inputs that predict's JSON tells of: the map, the tables as bytes,
 * the command line, and those facts whose words say all. What came out of the boot is
 * not looked at.
 */
#include "json_source.h"

#include "../sources/tables.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char where[] = "predict's JSON";

static const char *string_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static json_t *load(struct nb_text text, struct complaint *complaint)
{
	json_error_t error;
	json_t *root = json_loadb(text.at, text.len, 0, &error);

	if (!root)
		complain(complaint, "no JSON: line %d: %s", error.line, error.text);
	else if (!strncmp(string_at(root, "schema"), "numaboot/", 9) &&
		 strncmp(string_at(root, "schema"), "numaboot/predict/", 17) != 0)
		complain(complaint, "what another verb printed as JSON, which does not hold the "
				    "machine's inputs: expected that verb's source, or what "
				    "predict --format json prints of it");
	else if (strcmp(string_at(root, "schema"), "numaboot/predict/1") != 0)
		complain(complaint, "JSON of something else: expected what predict --format json "
				    "prints");
	else
		return root;
	json_decref(root);
	return NULL;
}

bool json_source_line(struct nb_text text, char line[JSON_LINE_MOST])
{
	struct complaint unused;
	json_t *root = load(text, &unused);
	const json_t *kernel = json_object_get(root, "kernel");
	const char *asked = string_at(kernel, "asked_release");
	int len = snprintf(line, JSON_LINE_MOST, "%s", *asked ? asked : string_at(kernel, "line"));

	json_decref(root);
	return len > 0 && len < JSON_LINE_MOST;
}

static bool address_at(const json_t *object, const char *key, uint64_t *value)
{
	return text_u64(text_of(string_at(object, key)), value);
}

static bool read_map(struct source *source, const json_t *root, struct complaint *complaint)
{
	const json_t *map = json_object_get(json_object_get(root, "e820"), "firmware_map");
	size_t count = json_array_size(map);
	struct nb_e820_entry *entries =
		(struct nb_e820_entry *)pool_take(&source->pool, (count + 1) * sizeof(*entries));

	for (size_t i = 0; i < count; i++) {
		const json_t *entry = json_array_get(map, i);
		json_int_t type = json_integer_value(json_object_get(entry, "type"));
		uint64_t end;

		if (!address_at(entry, "start", &entries[i].start) ||
		    !address_at(entry, "end", &end) || end < entries[i].start || type < 0 ||
		    type > UINT32_MAX) {
			complain(complaint, "e820.firmware_map[%zu]: expected start, end and type",
				 i);
			return false;
		}
		entries[i].size = end - entries[i].start;
		entries[i].type = (uint32_t)type;
	}
	if (!count)
		return true; /* it died before it had one */
	source->fw.map = entries;
	source->fw.map_count = (uint32_t)count;
	source->facts[FACT_MAP] = (struct provenance){ ORIGIN_READ, where };
	return true;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* "53524154..." */
static bool read_bytes(const char *hex, struct pool *pool, struct nb_text *bytes)
{
	size_t len = strlen(hex);
	char *at = (char *)pool_take(pool, len / 2 + 1);

	for (size_t i = 0; i + 1 < len; i += 2) {
		int high = hex_digit(hex[i]), low = hex_digit(hex[i + 1]);

		if (high < 0 || low < 0)
			return false;
		at[i / 2] = (char)(high << 4 | low);
	}
	*bytes = (struct nb_text){ at, len / 2 };
	return len % 2 == 0 && len >= 8;
}

static bool read_tables(struct source *source, const json_t *root, struct complaint *complaint)
{
	const json_t *tables = json_object_get(root, "tables");

	for (size_t i = 0; i < json_array_size(tables); i++) {
		const json_t *table = json_array_get(tables, i);
		const char *name = string_at(table, "signature");
		struct nb_text bytes;
		uint64_t address;

		if (strlen(name) != 4 ||
		    !read_bytes(string_at(table, "bytes"), &source->pool, &bytes)) {
			complain(complaint, "tables[%zu]: expected signature and bytes", i);
			return false;
		}
		if (!address_at(table, "address", &address))
			address = 0;
		tables_add(source, name, bytes, address, where);
	}
	if (tables)
		tables_are_whole(source, where);
	return true;
}

static bool read_range(const char *text, struct nb_range *range)
{
	struct nb_text both = text_of(text);
	size_t dash = text_find(both, "-");
	uint64_t last;

	if (dash == both.len || !text_u64((struct nb_text){ both.at, dash }, &range->start) ||
	    !text_u64((struct nb_text){ both.at + dash + 1, both.len - dash - 1 }, &last) ||
	    last < range->start || last == UINT64_MAX)
		return false;
	range->end = last + 1;
	return true;
}

/* The facts that are yes or no. */
static bool read_yes(struct nb_boot_facts *facts, enum source_fact fact, const char *value)
{
	const struct {
		enum source_fact fact;
		bool *is;
	} rows[] = {
		{ FACT_EFI, &facts->efi },
		{ FACT_HYPERVISOR, &facts->hypervisor },
		{ FACT_BOOT_APIC_BSP, &facts->boot_apic_is_bsp },
		{ FACT_X2APIC, &facts->x2apic },
		{ FACT_LOCAL_APIC, &facts->no_local_apic },
		{ FACT_GB_PAGES, &facts->gb_pages },
		{ FACT_FIVE_LEVEL, &facts->five_level },
		{ FACT_KDUMP, &facts->kdump },
		{ FACT_MP_TABLE, &facts->mp_table },
		{ FACT_PARALLEL, &facts->parallel_bringup },
	};

	for (size_t i = 0; i < NB_COUNT(rows); i++)
		if (rows[i].fact == fact) {
			*rows[i].is = !strcmp(value, "yes");
			return !strcmp(value, "yes") || !strcmp(value, "no");
		}
	return false;
}

static bool read_fact(struct source *source, enum source_fact fact, const char *value)
{
	struct nb_boot_facts *facts = &source->fw.facts;
	struct nb_range range;
	unsigned a, b;

	switch (fact) {
	case FACT_VENDOR:
		facts->vendor = !strcmp(value, "Intel") ? NB_VENDOR_INTEL
				: !strcmp(value, "AMD") ? NB_VENDOR_AMD
							: NB_VENDOR_OTHER;
		return true;
	case FACT_BOOT_APIC_ID:
		return sscanf(value, "%u", &facts->boot_apic_id) == 1;
	case FACT_TOPOLOGY:
		if (sscanf(value, "%u and %u", &a, &b) != 2 || a > 31 || b > 31)
			return false;
		facts->thread_shift = (uint8_t)a;
		facts->package_shift = (uint8_t)b;
		return true;
	case FACT_INITRD:
		facts->initrd = (struct nb_range){ 0, 0 };
		return !strcmp(value, "none") || read_range(value, &facts->initrd);
	case FACT_SETUP_DATA: /* of several only the first is told */
		if (!read_range(value, &source->setup_data[0]))
			return !strcmp(value, "none");
		facts->setup_data = source->setup_data;
		facts->setup_data_count = 1;
		return true;
	case FACT_KERNEL:
		if (!read_range(value, &range) ||
		    nb_range_size(range) != facts->kernel_end - facts->kernel.start)
			return false; /* of another build: where its parts end is not told */
		facts->kernel.end += range.start - facts->kernel.start;
		facts->kernel.start = range.start;
		facts->kernel_end = range.end;
		return true;
	default:
		return read_yes(facts, fact, value);
	}
}

static void read_facts(struct source *source, const json_t *root)
{
	const json_t *facts = json_object_get(root, "facts");

	for (size_t i = 0; i < json_array_size(facts); i++) {
		const json_t *row = json_array_get(facts, i);

		if (!strcmp(string_at(row, "origin"), "assumed"))
			continue;
		for (int fact = 0; fact < FACTS; fact++)
			if (!strcmp(fact_rows[fact].key, string_at(row, "key")) &&
			    read_fact(source, (enum source_fact)fact, string_at(row, "value")))
				source->facts[fact] = (struct provenance){ ORIGIN_READ, where };
	}
}

bool json_source_read(struct source *source, struct nb_text text, struct complaint *complaint)
{
	json_t *root = load(text, complaint);
	const char *cmdline = string_at(root, "cmdline");
	char *copy;
	bool read;

	source_assume(source);
	if (!root)
		return false;
	read = read_map(source, root, complaint) && read_tables(source, root, complaint);
	read_facts(source, root);
	copy = (char *)pool_take(&source->pool, strlen(cmdline) + 1);
	memcpy(copy, cmdline, strlen(cmdline));
	source->fw.cmdline = copy;
	source->facts[FACT_CMDLINE] = (struct provenance){ ORIGIN_READ, where };
	json_decref(root);
	return read;
}
