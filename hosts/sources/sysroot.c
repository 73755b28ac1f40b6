/* SPDX-License-Identifier: MIT */
/*
 * sysroot: /proc and /sys of a machine, as files, to the input of its boot.
 *
 *	boot_params/data ---- map, initrd, EFI, first setup_data node
 *	   or firmware/memmap
 *	boot_params/setup_data - more map entries
 *	acpi/tables --------- APIC SRAT SLIT HMAT CEDT FACP HPET
 *	proc/cmdline, version, cpuinfo
 *
 * Only what the firmware and the boot loader handed over is looked at: never
 * sys/devices, proc/zoneinfo, proc/iomem or a log, which are results.
 */
#include "e820_text.h"
#include "tables.h"

#include <numaboot/acpi.h>
#include <numaboot/adapters.h>
#include <stdio.h>
#include <string.h>

/* The boot protocol's page, and what is behind it. Linux 6.12
 * arch/x86/include/uapi/asm/bootparam.h, setup_data.h. */
enum {
	PAGE_LENGTH = 4096,
	E820_ENTRY_LENGTH = 20,
	SETUP_DATA_HEADER = 16,
	SETUP_E820_EXT = 1,
};

/* No file that is read is larger: a SLIT of 1024 nodes has 1 MiB. */
enum { FILE_MOST = 32 << 20, TEXT_MOST = 64 << 10, CPUINFO_MOST = 4096 };

/* Entries of sys/firmware/memmap: more than any machine's map has. */
enum { MEMMAP_MOST = 8192, PATH_MOST = 128 };

static uint32_t le32(const char *at)
{
	const uint8_t *bytes = (const uint8_t *)at;

	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static uint64_t le64(const char *at)
{
	return le32(at) | (uint64_t)le32(at + 4) << 32;
}

/* A sum that stops at the end of the address space. */
static struct nb_range range_of(nb_phys start, uint64_t size)
{
	return (struct nb_range){ start, size > UINT64_MAX - start ? UINT64_MAX : start + size };
}

/* Copies entries of 20 bytes each: address, size, type. */
static struct nb_e820_entry *copy_entries(struct pool *pool, const char *at, uint32_t count)
{
	struct nb_e820_entry *entries =
		(struct nb_e820_entry *)pool_take(pool, (count + 1) * sizeof(*entries));

	for (uint32_t i = 0; i < count; i++, at += E820_ENTRY_LENGTH)
		entries[i] = (struct nb_e820_entry){ le64(at), le64(at + 8), le32(at + 16) };
	return entries;
}

/* Adds a node's entries to those beyond the boot protocol's page. */
static void extend_map(struct source *source, struct nb_text data)
{
	struct nb_firmware *fw = &source->fw;
	uint32_t more = (uint32_t)(data.len / E820_ENTRY_LENGTH);
	struct nb_e820_entry *all = (struct nb_e820_entry *)pool_take(
		&source->pool, (fw->extended_count + more + 1) * sizeof(*all));
	struct nb_e820_entry *added = copy_entries(&source->pool, data.at, more);

	if (fw->extended_count)
		memcpy(all, fw->extended, fw->extended_count * sizeof(*all));
	memcpy(all + fw->extended_count, added, more * sizeof(*all));
	fw->extended = all;
	fw->extended_count += more;
	source_learn(source, FACT_EXTENDED_MAP, "sys/kernel/boot_params/setup_data");
}

/* The boot loader's nodes, in the order of their list. The page has the address
 * of the first; those of the others stand in memory that nobody can read. */
static bool read_setup_data(struct source *source, struct tree *tree, nb_phys first)
{
	struct nb_firmware *fw = &source->fw;

	for (uint32_t n = 0; n < SOURCE_NODES_DATA; n++) {
		char path[PATH_MOST];
		struct nb_text type, data;
		uint64_t number;
		enum tree_result result;

		snprintf(path, sizeof(path), "sys/kernel/boot_params/setup_data/%u/type", n);
		result = tree->read(tree, path, TEXT_MOST, &type);
		if (result != TREE_OK)
			return result == TREE_ABSENT;
		snprintf(path, sizeof(path), "sys/kernel/boot_params/setup_data/%u/data", n);
		result = tree->read(tree, path, FILE_MOST, &data);
		if (result != TREE_OK)
			return result == TREE_ABSENT;
		if (n == 0) {
			source->setup_data[0] = range_of(first, SETUP_DATA_HEADER + data.len);
			fw->facts.setup_data = source->setup_data;
			fw->facts.setup_data_count = 1;
		}
		if (text_u64(text_trim(type), &number) && number == SETUP_E820_EXT)
			extend_map(source, data);
	}
	return true;
}

/* The page as memory: it is all that can be had of the machine's. */
struct page {
	struct nb_map map; /* first: the adapter gives it back */
	const void *at;
};

static const void *map_page(struct nb_map *self, nb_phys address, size_t len)
{
	return address == PAGE_LENGTH && len == PAGE_LENGTH ? ((struct page *)self)->at : NULL;
}

/* The page as the boot loader filled it: the map is as raw as the firmware gave
 * it. A kernel under Xen may have been started without one. */
static bool read_boot_page(struct source *source, struct tree *tree)
{
	static const char where[] = "sys/kernel/boot_params/data";
	struct nb_firmware *fw = &source->fw;
	struct nb_text page;
	enum tree_result result = tree->read(tree, where, PAGE_LENGTH + 1, &page);

	if (result != TREE_OK)
		return result == TREE_ABSENT;
	if (page.len != PAGE_LENGTH) {
		complain(tree->complaint, "%s: %s%zu bytes, expected the boot page's %u", where,
			 page.len > PAGE_LENGTH ? "more than " : "",
			 page.len > PAGE_LENGTH ? page.len - 1 : page.len, PAGE_LENGTH);
		return false;
	}

	struct page memory = { .map.map = map_page, .at = page.at };
	struct nb_loader loader = { .map_cap = SOURCE_MAP };
	struct nb_fault fault;

	loader.map =
		(struct nb_e820_entry *)pool_take(&source->pool, SOURCE_MAP * sizeof(*loader.map));
	nb_assert(nb_boot_params_read(&loader, &memory.map, PAGE_LENGTH, &fault) == NB_OK);
	fw->map = loader.map;
	fw->map_count = loader.map_count;
	fw->e801_kib = loader.e801_kib;
	fw->e88_kib = loader.e88_kib;
	source_learn(source, FACT_MAP, where);
	fw->facts.efi = loader.efi;
	source_learn(source, FACT_EFI, where);
	if (nb_range_size(loader.initrd))
		fw->facts.initrd = loader.initrd;
	source_learn(source, FACT_INITRD, where);
	source_learn(source, FACT_SETUP_DATA, where);
	return !loader.setup_data || read_setup_data(source, tree, loader.setup_data);
}

/* Reads one file of an entry. Once `start` is there the others have to be. */
static enum tree_result read_memmap_file(struct tree *tree, uint32_t n, const char *name,
					 struct nb_text *text)
{
	char path[PATH_MOST];
	enum tree_result result;

	snprintf(path, sizeof(path), "sys/firmware/memmap/%u/%s", n, name);
	result = tree->read(tree, path, TEXT_MOST, text);
	if (result == TREE_OK)
		*text = text_trim(*text);
	return result;
}

/* Reads one entry; a type without a name counts as reserved, since its number
 * is lost. */
static enum tree_result read_memmap_entry(struct tree *tree, uint32_t n,
					  struct nb_e820_entry *entry)
{
	struct nb_text start, end, type;
	uint64_t last;
	enum tree_result result = read_memmap_file(tree, n, "start", &start);

	if (result != TREE_OK)
		return result;
	if (read_memmap_file(tree, n, "end", &end) != TREE_OK ||
	    read_memmap_file(tree, n, "type", &type) != TREE_OK ||
	    !text_u64(start, &entry->start) || !text_u64(end, &last) || last < entry->start) {
		if (!tree->complaint->text[0])
			complain(tree->complaint,
				 "sys/firmware/memmap/%u: expected start, end and type, the first "
				 "two as 0x numbers in order",
				 n);
		return TREE_FAILED;
	}
	entry->size = last - entry->start + 1;
	entry->type = NB_E820_RESERVED;
	e820_type_of(type, &entry->type);
	return TREE_OK;
}

/* The firmware's map as the kernel sorted it: for machines whose boot page
 * cannot be had. */
static bool read_memmap(struct source *source, struct tree *tree)
{
	struct nb_firmware *fw = &source->fw;
	struct nb_e820_entry *entries = NULL;
	enum tree_result result = TREE_OK;
	uint32_t count = 0, cap = 0;

	while (count < MEMMAP_MOST) {
		if (count == cap) {
			struct nb_e820_entry *more;

			cap = cap ? 4 * cap : 64;
			more = (struct nb_e820_entry *)pool_take(&source->pool,
								 cap * sizeof(*more));
			if (count)
				memcpy(more, entries, count * sizeof(*more));
			entries = more;
		}
		result = read_memmap_entry(tree, count, &entries[count]);
		if (result != TREE_OK)
			break;
		count++;
	}
	if (tree_failed(result))
		return false;
	if (count) {
		fw->map = entries;
		fw->map_count = count;
		source_learn(source, FACT_MAP, "sys/firmware/memmap");
	}
	return true;
}

/* The tables that the boot looks into. The kernel names the file of the first of
 * several with one signature with a 1. */
static bool read_tables(struct source *source, struct tree *tree)
{
	static const char where[] = "sys/firmware/acpi/tables";
	bool any = false;

	for (size_t i = 0; i < TABLE_NAMES; i++) {
		char path[PATH_MOST];
		struct nb_text bytes;
		enum tree_result result;

		snprintf(path, sizeof(path), "%s/%s", where, table_names[i]);
		result = tree->read(tree, path, FILE_MOST, &bytes);
		if (result == TREE_ABSENT) {
			snprintf(path, sizeof(path), "%s/%s1", where, table_names[i]);
			result = tree->read(tree, path, FILE_MOST, &bytes);
		}
		if (tree_failed(result))
			return false;
		if (result == TREE_ABSENT)
			continue;
		tables_add(source, table_names[i], bytes, 0, where);
		any = true;
	}
	if (any)
		tables_are_whole(source, where);
	return true;
}

static bool read_words(struct source *source, struct tree *tree)
{
	struct nb_text line;
	enum tree_result result = tree->read(tree, "proc/cmdline", TEXT_MOST, &line);

	if (tree_failed(result))
		return false;
	if (result == TREE_OK) {
		size_t len = text_trim(line).len;
		char *copy = (char *)pool_take(&source->pool, len + 1);

		memcpy(copy, text_trim(line).at, len);
		source->fw.cmdline = copy;
		source_learn(source, FACT_CMDLINE, "proc/cmdline");
	}

	return true;
}

bool sysroot_release(struct tree *tree, struct release *release)
{
	struct nb_text line;
	bool read = tree->read(tree, "proc/version", TEXT_MOST, &line) == TREE_OK &&
		    text_skip(&line, "Linux version ") && release_read(line, release);

	tree->complaint->text[0] = '\0';
	return read;
}

bool sysroot_kconfig(struct source *source, struct tree *tree)
{
	struct kernel *kernel = &source->kernel;
	char path[PATH_MOST];
	struct nb_text file;
	enum tree_result result = tree->read(tree, "proc/config", FILE_MOST, &file);
	const char *where = "proc/config";

	if (result == TREE_ABSENT && kernel->release.len < PATH_MOST / 2) {
		snprintf(path, sizeof(path), "boot/config-%.*s", (int)kernel->release.len,
			 kernel->release.at);
		result = tree->read(tree, path, FILE_MOST, &file);
		where = "boot/config-*";
	}
	if (result != TREE_OK)
		return !tree_failed(result);
	kernel->config_from = where;
	return kconfig_read(kernel, file, where, tree->complaint);
}

/* What the first processor's record in proc/cpuinfo says. */
struct cpuinfo {
	struct nb_text vendor, apic_id, initial_apic_id, flags, sizes, siblings, cores, model;
};

static struct cpuinfo parse_cpuinfo(struct nb_text text)
{
	struct cpuinfo info = { .vendor = { 0 } };
	const struct {
		const char *key;
		struct nb_text *value;
	} fields[] = {
		{ "vendor_id", &info.vendor },
		{ "apicid", &info.apic_id },
		{ "initial apicid", &info.initial_apic_id },
		{ "flags", &info.flags },
		{ "address sizes", &info.sizes },
		{ "siblings", &info.siblings },
		{ "cpu cores", &info.cores },
		{ "model name", &info.model },
	};
	struct nb_text line;

	while (text_line(&text, &line) && text_trim(line).len) {
		size_t colon = text_find(line, ":");
		struct nb_text key = text_trim((struct nb_text){ line.at, colon });

		if (colon == line.len)
			continue;
		for (size_t i = 0; i < NB_COUNT(fields); i++)
			if (text_is(key, fields[i].key))
				*fields[i].value = text_trim((struct nb_text){
					line.at + colon + 1, line.len - colon - 1 });
	}
	return info;
}

/* How many processors have a record. */
static uint32_t count_processors(struct nb_text text)
{
	struct nb_text line;
	uint32_t count = 0;

	while (text_line(&text, &line))
		count += line.len > 0 && !text_find(line, "processor");
	return count;
}

static const char cpuinfo_file[] = "proc/cpuinfo";

static void take_vendor(struct source *source, const struct cpuinfo *info)
{
	struct nb_boot_facts *facts = &source->fw.facts;

	if (!info->vendor.at)
		return;
	if (text_is(info->vendor, "GenuineIntel"))
		facts->vendor = NB_VENDOR_INTEL;
	else if (text_is(info->vendor, "AuthenticAMD") || text_is(info->vendor, "HygonGenuine"))
		facts->vendor = NB_VENDOR_AMD;
	else
		facts->vendor = NB_VENDOR_OTHER;
	source_learn(source, FACT_VENDOR, cpuinfo_file);
}

/* The enabled CPUs of the MADT, each the bit of its APIC ID. */
struct apic_ids {
	uint8_t bits[NB_MAX_APIC_IDS / 8];
	uint32_t count, end; /* end: the highest + 1 */
};

static bool has_apic_id(const struct apic_ids *ids, uint32_t id)
{
	return id < ids->end && (ids->bits[id / 8] >> id % 8 & 1);
}

static void collect_apic_ids(struct apic_ids *ids, const struct nb_firmware *fw)
{
	const struct nb_table *madt = nb_firmware_table(fw, "APIC");
	struct nb_entry_walk walk;
	struct nb_entry entry;
	struct nb_madt_cpu cpu;
	struct nb_fault fault;

	if (!madt)
		return;
	walk = nb_entries(madt, NB_ENTRY_COMMON, NB_MADT_ENTRIES);
	while (nb_entry_next(&walk, &entry)) {
		if ((entry.type != NB_MADT_LAPIC && entry.type != NB_MADT_X2APIC) ||
		    nb_madt_cpu(&entry, &cpu, &fault) || !(cpu.flags & NB_MADT_ENABLED) ||
		    cpu.apic_id >= NB_MAX_APIC_IDS || has_apic_id(ids, cpu.apic_id))
			continue;
		ids->bits[cpu.apic_id / 8] |= (uint8_t)(1 << cpu.apic_id % 8);
		ids->count++;
		if (cpu.apic_id >= ids->end)
			ids->end = cpu.apic_id + 1;
	}
}

/* Whether IDs come in groups of that many bits, each with equally many from its first. */
static bool in_equal_groups(const struct apic_ids *ids, unsigned bits)
{
	uint32_t size = (uint32_t)1 << bits, each = 0;

	while (each < size && has_apic_id(ids, each))
		each++;
	for (uint32_t id = 0; id < ids->end; id++)
		if (has_apic_id(ids, id) != (id % size < each))
			return false;
	return each > 0;
}

/*
 * How many bits of an APIC ID number what is in a package, to judge by the IDs
 * alone: a package's begin at a power of two, so gaps between equal groups tell
 * where packages are. Without a gap it is taken for one package.
 */
static uint8_t bits_in_package(const struct apic_ids *ids)
{
	uint8_t bits = 0;

	if (ids->count == ids->end)
		return bits_for(ids->end);
	while (bits < bits_for(ids->end) && !in_equal_groups(ids, bits))
		bits++;
	return bits;
}

/* The numbers are of CPUs that run, so they are a guess of what CPUID says; if not
 * all of them run, even of a package's CPUs. */
static void take_topology(struct source *source, const struct cpuinfo *info, uint32_t running)
{
	struct apic_ids ids = { .count = 0 };
	uint64_t siblings, cores;

	if (!text_u64(info->siblings, &siblings) || !text_u64(info->cores, &cores) || !cores ||
	    siblings < cores)
		return;
	source->fw.facts.thread_shift = bits_for(siblings / cores);
	collect_apic_ids(&ids, &source->fw);
	source->fw.facts.package_shift = running < ids.count ? bits_in_package(&ids)
							     : bits_for(siblings);
	source_learn(source, FACT_TOPOLOGY, cpuinfo_file);
}

static bool is_wide_and_enabled(const struct nb_entry *entry)
{
	struct nb_madt_cpu cpu;
	struct nb_fault fault;

	return entry->type == NB_MADT_X2APIC && !nb_madt_cpu(entry, &cpu, &fault) &&
	       cpu.apic_id >= 255 && (cpu.flags & NB_MADT_ENABLED);
}

/* Firmware that starts CPUs with ids of 255 and above hands over in x2APIC mode:
 * no other mode can address them. */
static void take_x2apic(struct source *source, const struct cpuinfo *info, uint64_t apic_id)
{
	const struct nb_table *madt = nb_firmware_table(&source->fw, "APIC");
	bool wide = apic_id >= 255;

	if (madt && text_has_word(info->flags, "x2apic")) {
		struct nb_entry_walk walk = nb_entries(madt, NB_ENTRY_COMMON, NB_MADT_ENTRIES);
		struct nb_entry entry;

		while (!wide && nb_entry_next(&walk, &entry))
			wide = is_wide_and_enabled(&entry);
	}
	if (!wide)
		return;
	source->fw.facts.x2apic = true;
	source->facts[FACT_X2APIC] = (struct provenance){ ORIGIN_DERIVED, "APIC IDs above 254" };
}

static void take_flags(struct source *source, const struct cpuinfo *info)
{
	struct nb_boot_facts *facts = &source->fw.facts;
	bool la57 = text_has_word(info->flags, "la57");

	if (info->flags.at) {
		/* TCG says that it is a hypervisor, but Linux knows no such one. */
		facts->hypervisor = text_has_word(info->flags, "hypervisor") &&
				    text_find(info->model, "QEMU TCG") == info->model.len;
		source_learn(source, FACT_HYPERVISOR, cpuinfo_file);
		facts->gb_pages = text_has_word(info->flags, "pdpe1gb");
		source_learn(source, FACT_GB_PAGES, cpuinfo_file);
	}
	if (info->flags.at || info->sizes.at) {
		facts->five_level = la57 ||
				    (!info->flags.at &&
				     text_find(info->sizes, "57 bits virtual") != info->sizes.len);
		source_learn(source, FACT_FIVE_LEVEL, cpuinfo_file);
	}
}

static bool read_cpuinfo(struct source *source, struct tree *tree)
{
	struct nb_text text;
	enum tree_result result = tree->read(tree, cpuinfo_file, CPUINFO_MOST, &text);
	uint64_t apic_id = 0;

	if (result != TREE_OK)
		return result == TREE_ABSENT;

	struct cpuinfo info = parse_cpuinfo(text);

	if (text_u64(info.initial_apic_id.at ? info.initial_apic_id : info.apic_id, &apic_id) &&
	    apic_id < NB_NO_APIC_ID) {
		source->fw.facts.boot_apic_id = (uint32_t)apic_id;
		source_learn(source, FACT_BOOT_APIC_ID, cpuinfo_file);
	}
	take_vendor(source, &info);
	take_topology(source, &info, count_processors(text));
	take_flags(source, &info);
	take_x2apic(source, &info, apic_id);
	return true;
}

/* Whether the command line has a word, up to a '=' if the word ends with one. */
static bool cmdline_word(const char *cmdline, const char *name)
{
	struct nb_cmdline line = { .rest = cmdline ? cmdline : "" };
	struct nb_param param;

	while (nb_cmdline_next(&line, &param))
		if (nb_param_is(&param, name))
			return true;
	return false;
}

/* Facts that follow from the command line. */
static void follow_command_line(struct source *source)
{
	struct nb_boot_facts *facts = &source->fw.facts;

	if (cmdline_word(source->fw.cmdline, "elfcorehdr")) {
		facts->kdump = true;
		facts->boot_apic_is_bsp = false;
		source->facts[FACT_KDUMP] = source->facts[FACT_BOOT_APIC_BSP] =
			(struct provenance){ ORIGIN_DERIVED, "elfcorehdr=" };
	}
	if (cmdline_word(source->fw.cmdline, "no5lvl")) {
		facts->five_level = false;
		source->facts[FACT_FIVE_LEVEL] = (struct provenance){ ORIGIN_DERIVED, "no5lvl" };
	}
}

void source_command_line(struct source *source, const char *instead, const char *append)
{
	const char *old = instead ? instead : source->fw.cmdline ? source->fw.cmdline : "";
	size_t len = strlen(old), more = append ? strlen(append) : 0;
	char *line = (char *)pool_take(&source->pool, len + more + 2);

	memcpy(line, old, len);
	if (append) {
		line[len] = ' ';
		memcpy(line + len + (len > 0), append, more);
	}
	source->fw.cmdline = line;
	source->cmdline_cut = source->cmdline_cut && !instead;
	if (instead || append)
		source->facts[FACT_CMDLINE] =
			(struct provenance){ ORIGIN_OPTION,
					     instead ? "--cmdline" : "proc/cmdline and --append" };
	follow_command_line(source);
}

bool sysroot_is_hidden(const struct source *source, struct tree *tree)
{
	struct nb_text unused;

	return !source->fw.table_count &&
	       tree->read(tree, "sys/firmware/memmap/0/start", TEXT_MOST, &unused) == TREE_ABSENT;
}

bool sysroot_read(struct source *source, struct tree *tree)
{
	struct nb_firmware *fw = &source->fw;

	source_assume(source);
	if (!read_boot_page(source, tree))
		return false;
	if (!fw->map_count && !read_memmap(source, tree))
		return false;
	if (!read_tables(source, tree) || !read_words(source, tree) || !read_cpuinfo(source, tree))
		return false;
	if (fw->facts.efi) {
		fw->facts.mp_table = false;
		source->facts[FACT_MP_TABLE] = (struct provenance){ ORIGIN_DERIVED, "EFI" };
	}
	return true;
}
