/* SPDX-License-Identifier: MIT */
/*
 * bootlog_source: a boot log to the input of the boot that left it: the map, the
 * command line, the tables as far as it tells of them, the boot loader's data.
 * What a log cannot hold stays assumed. Its results are not looked at: zones,
 * nodes and CPUs that came out are for verify alone.
 */
#include "bootlog_tables.h"
#include "e820_text.h"

#include <string.h>

/* "[mem 0x100000-0x3fffffff] usable". */
static bool entry_of(struct nb_text line, struct nb_e820_entry *entry)
{
	struct nb_range range;
	size_t end = text_find(line, "] ");

	if (end == line.len || !text_mem_range(line, "[mem ", &range) ||
	    !e820_type_of(text_trim(text_from(line, end + 2)), &entry->type))
		return false;
	entry->start = range.start;
	entry->size = range.end - range.start;
	return true;
}

/* The entries of one view of the map, "BIOS-e820: ...". */
static uint32_t entries_of(const struct boot_log *log, const char *view, struct pool *pool,
			   struct nb_e820_entry **entries)
{
	uint32_t count = 0, most = 0;

	for (uint32_t i = 0; i < log->count; i++)
		most += nb_text_starts(log->plain[i], view);
	*entries = (struct nb_e820_entry *)pool_take(pool, ((size_t)most + 1) * sizeof(**entries));
	for (uint32_t i = 0; i < log->count; i++) {
		struct nb_text line = log->plain[i];

		if (text_skip(&line, view))
			count += entry_of(line, &(*entries)[count]);
	}
	return count;
}

/* The size of what a map that the kernel made up for a refused one has above
 * 1 MiB, in KiB. */
static uint64_t high_kib(const struct nb_e820_entry *entries, uint32_t count)
{
	uint64_t kib = 0;

	for (uint32_t i = 0; i < count; i++)
		if (entries[i].start == NB_MIB)
			kib = entries[i].size / 1024;
	return kib;
}

/* A map that was refused is not in the log, only what the kernel took instead. */
static bool read_refused_map(struct source *source, const struct boot_log *log)
{
	struct nb_firmware *fw = &source->fw;
	struct nb_e820_entry *entries;
	uint32_t count = entries_of(log, "BIOS-e801: ", &source->pool, &entries);

	fw->e801_kib = high_kib(entries, count);
	if (!count) {
		count = entries_of(log, "BIOS-88: ", &source->pool, &entries);
		fw->e88_kib = high_kib(entries, count);
	}
	fw->map = entries;
	fw->map_count = 0;
	return count > 0;
}

/* Whether a map is whole: one of a log that has lost its beginning may have lost
 * its own, and then it begins above low memory. */
static bool has_beginning(const struct boot_log *log, const struct nb_e820_entry *entries)
{
	return log->from_start || entries[0].start < NB_MIB;
}

/* The firmware's map; where that is not there, the first that is of what became
 * of it. False if none is there, or none as a whole. */
static bool read_map(struct source *source, const struct boot_log *log, struct complaint *complaint)
{
	const char *missing = "no memory map in the log: expected BIOS-e820: lines";
	static const struct {
		const char *view, *where;
	} views[] = {
		{ "BIOS-e820: ", "log, BIOS-e820:" },
		{ "user: ", "log, user:" },
		{ "extended: ", "log, extended:" },
		{ "reserve setup_data: ", "log, reserve setup_data:" },
		{ "modified: ", "log, modified:" },
		{ "Xen: ", "log, Xen:" },
	};
	struct nb_firmware *fw = &source->fw;
	struct nb_e820_entry *entries;

	for (size_t i = 0; i < NB_COUNT(views); i++) {
		fw->map_count = entries_of(log, views[i].view, &source->pool, &entries);
		fw->map = entries;
		if (fw->map_count && has_beginning(log, entries)) {
			source_learn(source, FACT_MAP, views[i].where);
			if (i > 0) /* what Linux made of the firmware's */
				source->facts[FACT_MAP].origin = ORIGIN_DERIVED;
			return true;
		}
		if (fw->map_count)
			missing = "the log has lost the beginning of the memory map: expected all "
				  "BIOS-e820: lines";
		if (i == 0 && read_refused_map(source, log)) {
			source_learn(source, FACT_MAP, "log, BIOS-e801: or BIOS-88:");
			return true;
		}
	}
	complain(complaint, "%s", missing);
	return false;
}

static bool has_entry(const struct nb_firmware *fw, const struct nb_e820_entry *entry)
{
	for (uint32_t i = 0; i < fw->map_count; i++)
		if (fw->map[i].start == entry->start && fw->map[i].size == entry->size &&
		    fw->map[i].type == entry->type)
			return true;
	return false;
}

/* What the boot loader added to the map: in the extended one and not before. */
static void read_extended(struct source *source, const struct boot_log *log)
{
	struct nb_firmware *fw = &source->fw;
	struct nb_e820_entry *entries;
	uint32_t count = entries_of(log, "extended: ", &source->pool, &entries), kept = 0;

	for (uint32_t i = 0; i < count; i++)
		if (!has_entry(fw, &entries[i]))
			entries[kept++] = entries[i];
	if (!kept || text_is(text_of(source->facts[FACT_MAP].where), "log, extended:"))
		return;
	fw->extended = entries;
	fw->extended_count = kept;
	source_learn(source, FACT_EXTENDED_MAP, "log, extended:");
}

static void add_setup_data(struct source *source, struct nb_range range)
{
	struct nb_boot_facts *facts = &source->fw.facts;

	for (uint32_t i = 0; i < facts->setup_data_count; i++)
		if (source->setup_data[i].start == range.start)
			return;
	if (facts->setup_data_count < SOURCE_NODES_DATA)
		source->setup_data[facts->setup_data_count++] = range;
	facts->setup_data = source->setup_data;
}

/*
 * RAM that the map with the loader's data has cut: pieces that touch are by turns
 * RAM and data, since like ones would have been merged. Which begins is told by
 * size: data is less than what is left of RAM.
 */
static void split_setup_data(struct source *source, const struct nb_e820_entry *pieces,
			     uint32_t count)
{
	uint64_t sum[2] = { 0, 0 };
	uint32_t data;

	for (uint32_t i = 0; i < count; i++)
		sum[i % 2] += pieces[i].size;
	data = sum[0] < sum[1] ? 0 : 1;
	for (uint32_t i = data; i < count; i += 2)
		add_setup_data(source, (struct nb_range){ pieces[i].start,
							  pieces[i].start + pieces[i].size });
}

/* From the map that was printed with the loader's data in it. */
static void read_setup_map(struct source *source, const struct boot_log *log)
{
	struct nb_e820_entry *entries;
	uint32_t count = entries_of(log, "reserve setup_data: ", &source->pool, &entries);

	for (uint32_t i = 0, end; i < count; i = end) {
		for (end = i + 1;
		     end < count && entries[end].type == NB_E820_RAM &&
		     entries[i].type == NB_E820_RAM &&
		     entries[end - 1].start + entries[end - 1].size == entries[end].start;)
			end++;
		if (end > i + 1)
			split_setup_data(source, entries + i, end - i);
	}
}

/* "e820: update [mem ...] usable ==> usable" makes RAM of the boot loader's data
 * the kernel's own RAM. These lines are for debugging, so not in every log. */
static void read_setup_data(struct source *source, const struct boot_log *log)
{
	for (uint32_t i = 0; i < log->count; i++) {
		struct nb_text line = log->plain[i];
		struct nb_range range;

		if (text_skip(&line, "e820: update ") &&
		    text_find(line, "usable ==> usable") < line.len &&
		    text_mem_range(line, "[mem ", &range))
			add_setup_data(source, range);
	}
	if (!source->fw.facts.setup_data_count)
		read_setup_map(source, log);
	if (source->fw.facts.setup_data_count)
		source_learn(source, FACT_SETUP_DATA, "log, reserve setup_data:");
}

/* Whether a line is as long as one can be, so that it was cut: Linux 6.12
 * kernel/printk/printk.c vprintk_store(), 6.1 less room for what dmesg adds. */
static bool is_full(struct nb_text line)
{
	enum { RECORD = 1023, STAMP = 32, STAMP_AND_CALLER = 48 };

	return line.len == RECORD || line.len == RECORD - STAMP ||
	       line.len == RECORD - STAMP_AND_CALLER;
}

/* A line that is too long comes in several pieces, each but the last ended by a
 * backslash, or is cut. */
static struct nb_text whole_line(const struct boot_log *log, const char *start, bool *cut,
				 struct pool *pool)
{
	enum { ROOM = 64 << 10 }; /* many times what a kernel takes */
	char *whole = NULL;
	size_t len = 0;

	for (uint32_t i = 0; i < log->count; i++) {
		struct nb_text line = log->plain[i];
		bool goes_on;

		if (!text_skip(&line, start))
			continue;
		line = text_trim(line);
		goes_on = line.len && line.at[line.len - 1] == '\\';
		*cut = !goes_on && is_full(log->plain[i]);
		line.len = nb_min(line.len - goes_on, ROOM - len - 1);
		if (!whole)
			whole = (char *)pool_take(pool, ROOM);
		memcpy(whole + len, line.at, line.len);
		len += line.len;
		if (!goes_on)
			break;
	}
	return (struct nb_text){ whole, len };
}

/* The command line as the boot loader gave it, or as the kernel completed it with
 * what is built in: the longer one. */
static void read_cmdline(struct source *source, const struct boot_log *log)
{
	bool cut[2] = { false, false };
	struct nb_text first = whole_line(log, "Command line: ", &cut[0], &source->pool);
	struct nb_text second = whole_line(log, "Kernel command line: ", &cut[1], &source->pool);

	if (!first.at && !second.at)
		return;
	source->fw.cmdline = second.len > first.len ? second.at : first.at;
	source->cmdline_cut = cut[second.len > first.len];
	source_learn(source, FACT_CMDLINE,
		     second.len > first.len ? "log, Kernel command line:" : "log, Command line:");
}

/* Whether the log's last map has a range as RAM. */
static bool is_ram(const struct nb_e820_entry *entries, uint32_t count, struct nb_range range)
{
	for (uint32_t i = 0; i < count; i++)
		if (entries[i].type == NB_E820_RAM && entries[i].start <= range.start &&
		    range.end <= entries[i].start + entries[i].size)
			return true;
	return false;
}

/*
 * A crash kernel runs in the little RAM that it was given: where the usual place of
 * the image is none of that, it is assumed to lie at the start of the largest piece.
 */
static void place_kernel(struct source *source, const struct boot_log *log)
{
	enum { ALIGN = 2 << 20 };
	struct nb_boot_facts *facts = &source->fw.facts;
	struct nb_e820_entry *user;
	uint32_t count = entries_of(log, "user: ", &source->pool, &user);
	const struct nb_e820_entry *map = count ? user : source->fw.map, *largest = NULL;
	nb_phys start, tail = facts->kernel_end - facts->kernel.end;
	uint64_t size = nb_range_size(facts->kernel);

	if (!count)
		count = source->fw.map_count;
	if (is_ram(map, count, facts->kernel))
		return;
	for (uint32_t i = 0; i < count; i++)
		if (map[i].type == NB_E820_RAM && (!largest || map[i].size > largest->size))
			largest = &map[i];
	if (!largest || largest->size < size + 2 * ALIGN)
		return;
	start = (largest->start / ALIGN + 1) * ALIGN; /* behind what a loader may have put there */
	facts->kernel = (struct nb_range){ start, start + size };
	facts->kernel_end = facts->kernel.end + tail;
	source->facts[FACT_KERNEL] = (struct provenance){ ORIGIN_DERIVED, "RAM that there is" };
}

bool log_map_read(struct source *source, const struct boot_log *log, struct complaint *complaint)
{
	source->fw.extended_count = 0;
	if (!read_map(source, log, complaint))
		return false;
	read_extended(source, log);
	return true;
}

bool log_source_read(struct source *source, const struct boot_log *log, struct complaint *complaint)
{
	const struct recorded recorded = { .log = *log };
	bool has_map;

	source->is_log = true;
	source->boots = log->boots;
	source_assume(source);
	has_map = log_map_read(source, log, complaint);
	read_cmdline(source, log);
	read_setup_data(source, log);
	log_tables_read(source, log);
	given_facts(source, &recorded);
	if (has_map)
		place_kernel(source, log);
	return has_map;
}
