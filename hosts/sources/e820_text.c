/* SPDX-License-Identifier: MIT */
/*
 * e820_text: a memory map as people write it down.
 *
 *	0x0000000000000000-0x000000000009fbff usable	as in a log, without its words
 *	[mem 0x100000-0x7ffdefff] type 20
 *	00100000-7ffdefff : System RAM			/proc/iomem, as root
 *	0x100000 0x7fee0000 1				start, size, type: as the BIOS has it
 *
 * Ends of ranges are inclusive. A boot log's own lines are for bootlog_source.c.
 */
#include "e820_text.h"

#include <string.h>

enum { ENTRIES_MOST = 8192 };

/* Linux 6.12 arch/x86/kernel/e820.c e820_print_type(), e820_type_to_string(). A type
 * without words is "type 20"; one with both, "persistent (type 12)". */
bool e820_type_of(struct nb_text words, uint32_t *type)
{
	static const struct {
		const char *words;
		uint32_t type;
	} names[] = {
		{ "usable", NB_E820_RAM },
		{ "System RAM", NB_E820_RAM },
		{ "RAM", NB_E820_RAM },
		{ "reserved", NB_E820_RESERVED },
		{ "Reserved", NB_E820_RESERVED },
		{ "soft reserved", NB_E820_SOFT_RESERVED },
		{ "Soft Reserved", NB_E820_SOFT_RESERVED },
		{ "ACPI data", NB_E820_ACPI },
		{ "ACPI Tables", NB_E820_ACPI },
		{ "ACPI NVS", NB_E820_NVS },
		{ "ACPI Non-volatile Storage", NB_E820_NVS },
		{ "unusable", NB_E820_UNUSABLE },
		{ "Unusable memory", NB_E820_UNUSABLE },
		{ "Persistent Memory", NB_E820_PMEM },
		{ "Persistent Memory (legacy)", NB_E820_PRAM },
	};
	size_t at = text_find(words, "type ");
	uint64_t number;

	for (size_t i = 0; i < NB_COUNT(names); i++)
		if (text_is(words, names[i].words)) {
			*type = names[i].type;
			return true;
		}
	if (at == words.len)
		return false;
	words = text_from(words, at + strlen("type "));
	words.len = text_find(words, ")");
	if (!text_u64(words, &number) || number > UINT32_MAX)
		return false;
	*type = (uint32_t)number;
	return true;
}

static bool hex_u64(struct nb_text text, uint64_t *value)
{
	char digits[19] = "0x";

	if (!text.len || text.len > 16)
		return false;
	memcpy(digits + 2, text.at, text.len);
	return text_u64((struct nb_text){ digits, text.len + 2 }, value);
}

/* A range in words, "[mem 0x0-0x9fbff]" or "0x0-0x9fbff", up to its end. */
static bool read_range(struct nb_text *line, struct nb_range *range)
{
	struct nb_text rest = *line, first, last;
	bool framed = text_skip(&rest, "[mem ");
	size_t dash = text_find(rest, "-"), end;
	uint64_t inclusive;

	first = (struct nb_text){ rest.at, dash };
	if (dash == rest.len || !text_skip(&first, "0x") || !hex_u64(first, &range->start))
		return false;
	last = text_from(rest, dash + 1);
	end = text_find(last, framed ? "]" : " ");
	if (end == last.len || !last.len)
		return false;
	rest = text_from(last, end + 1);
	last.len = end;
	if (!text_skip(&last, "0x") || !hex_u64(last, &inclusive) || inclusive < range->start ||
	    inclusive == UINT64_MAX)
		return false;
	range->end = inclusive + 1;
	*line = rest;
	return true;
}

/* "00100000-7ffdefff : System RAM"; what is indented lies in the line before. */
static bool read_resource(struct nb_text line, struct nb_e820_entry *entry, bool *counts)
{
	size_t dash = text_find(line, "-"), colon = text_find(line, " : ");
	struct nb_text words;
	uint64_t last;

	while (line.len && line.at[0] == ' ') {
		line = text_from(line, 1);
		dash = text_find(line, "-");
		colon = text_find(line, " : ");
		*counts = false;
	}
	if (colon == line.len || dash < 4 || dash >= colon ||
	    !hex_u64((struct nb_text){ line.at, dash }, &entry->start) ||
	    !hex_u64((struct nb_text){ line.at + dash + 1, colon - dash - 1 }, &last) ||
	    last < entry->start)
		return false;
	words = text_trim(text_from(line, colon + 3));
	entry->size = last - entry->start + 1;
	*counts = *counts && e820_type_of(words, &entry->type);
	return words.len > 0;
}

/* "0x100000 0x7fee0000 1": start, size, type. */
static bool read_numbers(struct nb_text line, struct nb_e820_entry *entry)
{
	struct nb_text start, size, type, more;
	uint64_t number;

	if (!text_word(&line, &start) || !text_word(&line, &size) || !text_word(&line, &type) ||
	    text_word(&line, &more) || !nb_text_starts(start, "0x") ||
	    !nb_text_starts(size, "0x") || !text_u64(start, &entry->start) ||
	    !text_u64(size, &entry->size) || !text_u64(type, &number) || number > UINT32_MAX)
		return false;
	entry->type = (uint32_t)number;
	return true;
}

bool e820_text_entry(struct nb_text line, struct nb_e820_entry *entry, bool *counts)
{
	struct nb_text rest = text_trim(line);
	struct nb_range range;

	*counts = true;
	*entry = (struct nb_e820_entry){ .type = NB_E820_RESERVED };
	if (read_range(&rest, &range)) {
		rest = text_trim(rest);
		if (text_skip(&rest, ":"))
			rest = text_trim(rest);
		entry->start = range.start;
		entry->size = range.end - range.start;
		return e820_type_of(rest, &entry->type);
	}
	return read_numbers(rest, entry) || read_resource(line, entry, counts);
}

bool e820_text_read(struct source *source, struct nb_text text, struct complaint *complaint)
{
	struct nb_e820_entry *entries =
		(struct nb_e820_entry *)pool_take(&source->pool, ENTRIES_MOST * sizeof(*entries));
	struct nb_text line;
	uint32_t count = 0;
	bool resources = false, placed = false;

	for (uint32_t number = 1; text_line(&text, &line); number++) {
		bool counts;

		if (!text_trim(line).len || line.at[0] == '#')
			continue;
		if (count == ENTRIES_MOST || !e820_text_entry(line, &entries[count], &counts)) {
			complain(complaint, "line %u of the memory map: expected %s", number,
				 count == ENTRIES_MOST ? "no more of them"
						       : "0xSTART-0xEND and a type");
			return false;
		}
		resources |= text_find(line, " : ") < line.len;
		placed |= counts && entries[count].start;
		count += counts;
	}
	if (!count || !placed) {
		complain(complaint, resources ? "a memory map without addresses: expected "
						"/proc/iomem as root reads it"
					      : "a memory map without an entry above 0");
		return false;
	}
	source->fw.map = entries;
	source->fw.map_count = count;
	source->fw.extended_count = 0;
	source->facts[FACT_MAP] = (struct provenance){ resources ? ORIGIN_DERIVED : ORIGIN_READ,
						       resources ? "proc/iomem" : "e820 text" };
	return true;
}
