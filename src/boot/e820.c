/* SPDX-License-Identifier: MIT */
/*
 * e820: the firmware's memory map becomes the kernel's.
 *
 *   firmware's entries -> sorted, no overlaps -> command line -> loader's data
 *        -> device memory of EFI, kernel image, BIOS area -> end of RAM
 *
 * Source: Linux 6.12 arch/x86/kernel/e820.c and setup.c setup_arch().
 */
#include "base/memory.h"
#include "base/sort.h"

#include <numaboot/e820.h>
#include <numaboot/events.h>
#include <numaboot/rules.h>

enum {
	BIOS_START = 0xa0000,
	BIOS_END = 0x100000,
	LOW_RAM_END = 0x9f000, /* what a made-up map has below 1 MiB */
};

/* Bits of a physical address with 4-level paging where 5 levels are built in. */
enum { FOUR_LEVEL_BITS = 46, FIVE_LEVEL_BITS = 52 };

/* What the boot loader's page holds: E820_MAX_ENTRIES_ZEROPAGE. */
enum { PAGE_ENTRIES = 128 };

/* What one build works on: the table that is edited, and who is told. */
struct edit {
	struct nb_e820_map *map;
	struct nb_e820_scratch *scratch;
	const struct nb_env *env;
	nb_pfn max_arch_pfn;
	enum nb_why why; /* of what is edited now */
	uint32_t word;   /* of the command line, from 1, that asks for it; 0: none does */
	bool overrun;    /* the caller's array ended before the kernel's would have */
};

/* Adds an entry behind the others, unless the kernel's table is full.
 * Linux 6.12 e820.c __e820__range_add(). */
static void add(struct edit *ed, nb_phys start, uint64_t size, uint32_t type)
{
	struct nb_e820_map *map = ed->map;

	if (map->count >= ed->env->config->e820_entries) {
		nb_emit(ed->env, .kind = NB_EV_MAP_FULL, .range = { start, start + size },
			.limit = ed->env->config->e820_entries);
		return;
	}
	if (map->count >= map->cap) {
		ed->overrun = true;
		return;
	}
	map->at[map->count++] = (struct nb_e820_entry){ start, size, type };
}

static nb_phys entry_end(const struct nb_e820_entry *entry)
{
	return entry->start + entry->size;
}

/* The part of an entry inside a range; empty if it ends before it begins. */
static struct nb_range inside(const struct nb_e820_entry *entry, struct nb_range range)
{
	return (struct nb_range){ nb_max(range.start, entry->start),
				  nb_min(range.end, entry_end(entry)) };
}

/* Takes the part away that lies inside, at one end of the entry. */
static void shorten(struct nb_e820_entry *entry, struct nb_range part)
{
	entry->size -= nb_range_size(part);
	if (entry->start >= part.start)
		entry->start = part.end;
}

static struct nb_range bounded(nb_phys start, uint64_t size)
{
	return (struct nb_range){ start, start + nb_min(size, UINT64_MAX - start) };
}

/*
 * Turns one type into another inside a range. New pieces go behind all others
 * and are met by the same walk.
 * Linux 6.12 e820.c __e820__range_update().
 */
static void retype(struct edit *ed, struct nb_range range, uint32_t from, uint32_t to)
{
	nb_emit(ed->env, .kind = NB_EV_MAP_UPDATE, .range = range, .id = from, .got = to,
		.why = ed->why, .more = { ed->word });
	for (uint32_t i = 0; i < ed->map->count; i++) {
		struct nb_e820_entry *entry = &ed->map->at[i];
		struct nb_range part = inside(entry, range);
		nb_phys end = entry_end(entry);

		if (entry->type != from)
			continue;
		if (entry->start >= range.start && end <= range.end) {
			entry->type = to;
		} else if (entry->start < range.start && end > range.end) {
			add(ed, range.start, nb_range_size(range), to);
			add(ed, range.end, end - range.end, from);
			entry->size = range.start - entry->start;
		} else if (part.start < part.end) {
			add(ed, part.start, nb_range_size(part), to);
			shorten(entry, part);
		}
	}
}

/* Takes a type, or with 0 any, out of a range. Linux 6.12 e820.c e820__range_remove(). */
static void take_out(struct edit *ed, struct nb_range range, uint32_t type)
{
	nb_emit(ed->env, .kind = NB_EV_MAP_REMOVE, .range = range, .id = type, .flags = !type,
		.why = ed->why, .more = { ed->word });
	for (uint32_t i = 0; i < ed->map->count; i++) {
		struct nb_e820_entry *entry = &ed->map->at[i];
		struct nb_range part = inside(entry, range);
		nb_phys end = entry_end(entry);

		if (type && entry->type != type)
			continue;
		if (entry->start >= range.start && end <= range.end) {
			*entry = (struct nb_e820_entry){ 0 };
		} else if (entry->start < range.start && end > range.end) {
			add(ed, range.end, end - range.end, entry->type);
			entry->size = range.start - entry->start;
		} else if (part.start < part.end) {
			shorten(entry, part);
		}
	}
}

static uint64_t start_of(const void *of, uint32_t index)
{
	return ((const struct nb_e820_entry *)of)[index].start;
}

static uint64_t end_of(const void *of, uint32_t index)
{
	return entry_end((const struct nb_e820_entry *)of + index);
}

/* Whether a type keeps each border that lies inside it.
 * Linux 6.12 e820.c e820_nomerge(). */
static bool keeps_borders(const struct nb_e820_map *map, uint32_t type)
{
	return (type == NB_E820_PRAM && !map->merges_pram) ||
	       (type == NB_E820_SOFT_RESERVED && !map->merges_soft_reserved);
}

/* The state of one sweep over the borders of all entries. */
struct sweep {
	const struct nb_e820_entry *in;
	struct nb_e820_map *out; /* scratch, of the table's size */
	uint32_t *live, live_count;
	uint32_t type; /* of the piece that is open; 0: none is */
	nb_phys from;  /* where it began */
};

static void heap_push(struct sweep *s, uint32_t entry)
{
	uint32_t at = s->live_count++;

	while (at && s->in[s->live[(at - 1) / 2]].type < s->in[entry].type) {
		s->live[at] = s->live[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	s->live[at] = entry;
}

static void heap_pop(struct sweep *s)
{
	uint32_t value = s->live[--s->live_count];
	uint32_t at = 0;

	for (uint32_t child = 1; child < s->live_count; child = 2 * at + 1) {
		if (child + 1 < s->live_count &&
		    s->in[s->live[child]].type < s->in[s->live[child + 1]].type)
			child++;
		if (s->in[value].type >= s->in[s->live[child]].type)
			break;
		s->live[at] = s->live[child];
		at = child;
	}
	s->live[at] = value;
}

/* The largest type that covers what follows an address; 0: none. Entries that
 * have ended leave the heap only once they are on top. */
static uint32_t largest_type(struct sweep *s, nb_phys address)
{
	while (s->live_count && entry_end(&s->in[s->live[0]]) <= address)
		heap_pop(s);
	return s->live_count ? s->in[s->live[0]].type : 0;
}

/* A border at an address, beyond which `type` holds. False: the table is full. */
static bool cross(struct sweep *s, nb_phys address, uint32_t type)
{
	if (type == s->type && !keeps_borders(s->out, type))
		return true;
	if (s->type && address != s->from) {
		s->out->at[s->out->count++] =
			(struct nb_e820_entry){ s->from, address - s->from, s->type };
		if (s->out->count >= s->out->cap)
			return false;
	}
	s->type = type;
	s->from = address;
	return true;
}

/* Entries that are not empty, as indices; false if one wraps. */
static bool list_entries(const struct nb_e820_map *map, uint32_t *starts, uint32_t *count)
{
	*count = 0;
	for (uint32_t i = 0; i < map->count; i++) {
		if (entry_end(&map->at[i]) < map->at[i].start)
			return false;
		if (map->at[i].size)
			starts[(*count)++] = i;
	}
	return true;
}

bool nb_e820_sanitize(struct nb_e820_map *map, struct nb_e820_scratch *scratch)
{
	struct nb_e820_map out = {
		.at = scratch->entries,
		.cap = map->cap,
		.merges_pram = map->merges_pram,
		.merges_soft_reserved = map->merges_soft_reserved,
	};
	struct sweep s = { .in = map->at, .out = &out, .live = scratch->live };
	uint32_t *starts = scratch->starts, *ends = scratch->ends;
	uint32_t count, begun = 0, ended = 0;

	if (map->count < 2 || !list_entries(map, starts, &count))
		return false;
	memcpy(ends, starts, count * sizeof(*ends));
	nb_sort(starts, count, start_of, map->at);
	nb_sort(ends, count, end_of, map->at);

	while (ended < count) {
		nb_phys address = entry_end(&map->at[ends[ended]]);

		if (begun < count)
			address = nb_min(address, map->at[starts[begun]].start);
		while (begun < count && map->at[starts[begun]].start == address)
			heap_push(&s, starts[begun++]);
		while (ended < count && entry_end(&map->at[ends[ended]]) == address)
			ended++;
		if (!cross(&s, address, largest_type(&s, address)))
			break;
	}
	memcpy(map->at, out.at, out.count * sizeof(*out.at));
	map->count = out.count;
	return true;
}

static void tell_unsorted(const struct edit *ed, uint32_t count)
{
	nb_emit(ed->env, .kind = NB_EV_MAP_NOT_SANITIZED, .got = count,
		.why = count < 2 ? NB_WHY_TOO_FEW : NB_WHY_WRAPS);
}

static bool sanitize(struct edit *ed)
{
	bool done = nb_e820_sanitize(ed->map, ed->scratch);

	if (ed->map->count >= ed->map->cap && ed->map->cap < ed->env->config->e820_entries)
		ed->overrun = true;
	if (!done)
		tell_unsorted(ed, ed->map->count);
	return done;
}

/* The hole before an entry, for those that show it. Linux 7.3 e820.c e820__print_table(). */
static void show_gap(const struct edit *ed, enum nb_map_view view, nb_phys from, nb_phys to)
{
	if (to < from)
		nb_emit(ed->env, .kind = NB_EV_MAP_OUT_OF_ORDER, .got = to, .limit = from);
	else if (to > from)
		nb_emit(ed->env, .kind = NB_EV_MAP_GAP, .flags = view, .range = { from, to });
}

static void show(const struct edit *ed, enum nb_map_view view)
{
	nb_phys reached = 0;

	if (!ed->env->sink)
		return;
	nb_emit(ed->env, .kind = NB_EV_MAP_BEGIN, .flags = view);
	for (uint32_t i = 0; i < ed->map->count; i++) {
		const struct nb_e820_entry *entry = &ed->map->at[i];

		if (ed->env->rules->e820_shows_gaps)
			show_gap(ed, view, reached, entry->start);
		reached = entry_end(entry);
		nb_emit(ed->env, .kind = NB_EV_MAP_ENTRY, .flags = view, .id = entry->type,
			.range = { entry->start, reached });
	}
}

/* Copies entries; false at one that ends beyond 2^64, after those before it.
 * Linux 6.12 e820.c __append_e820_table(). */
static bool append(struct edit *ed, const struct nb_e820_entry *entries, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct nb_e820_entry entry = entries[i];
		bool ends_at_top = entry.size && entry_end(&entry) == 0;

		if (entry.size && entry.start > entry.start + entry.size - 1)
			return false;
		if (ends_at_top && !ed->env->rules->e820_ends_at_top)
			return false;
		add(ed, entry.start, entry.size, entry.type);
	}
	return true;
}

/*
 * The boot loader's entries sorted where they lie, in a table of 128: touching
 * ones count as one, and what does not fit is lost. Returns how many are left,
 * in the map's array.
 * Linux 4.9 arch/x86/kernel/e820.c default_machine_specific_memory_setup().
 */
static uint32_t sort_first(struct edit *ed, const struct nb_firmware *fw)
{
	uint32_t entries = (uint32_t)nb_max(fw->map_count, PAGE_ENTRIES);
	uint32_t count = (uint32_t)nb_min(fw->map_count, ed->map->cap);
	struct nb_e820_map page = *ed->map;

	page.cap = (uint32_t)nb_min(page.cap, entries);
	page.count = count;
	if (count)
		memcpy(page.at, fw->map, count * sizeof(*page.at));
	if (!nb_e820_sanitize(&page, ed->scratch))
		tell_unsorted(ed, count);
	if (count < fw->map_count || (page.count >= page.cap && page.cap < entries))
		ed->overrun = true;
	return page.count;
}

/* Takes the firmware's map; false if it is no map. */
static bool copy_map(struct edit *ed, const struct nb_firmware *fw)
{
	const struct nb_rules *rules = ed->env->rules;
	const struct nb_e820_entry *entries = fw->map;
	uint32_t count = fw->map_count;
	enum nb_why why = NB_WHY_TOO_FEW;

	if (rules->e820_sorted_first) {
		count = sort_first(ed, fw);
		entries = ed->map->at; /* each is read before its place is written */
	}
	if (count >= rules->e820_least_entries) {
		if (append(ed, entries, count))
			return true;
		why = NB_WHY_WRAPS;
	}
	nb_emit(ed->env, .kind = NB_EV_MAP_REJECTED, .got = count,
		.limit = rules->e820_least_entries, .why = why);
	return false;
}

/* The firmware's map, or one made up from older reports.
 * Linux 6.12 e820.c e820__memory_setup_default(). */
static void take_firmware_map(struct edit *ed, const struct nb_firmware *fw)
{
	enum nb_map_view view = NB_VIEW_BIOS;

	if (!copy_map(ed, fw)) {
		uint64_t kib = nb_max(fw->e801_kib, fw->e88_kib);

		view = fw->e801_kib < fw->e88_kib ? NB_VIEW_E88 : NB_VIEW_E801;
		ed->map->count = 0;
		add(ed, 0, LOW_RAM_END, NB_E820_RAM);
		add(ed, BIOS_END, kib << 10, NB_E820_RAM);
	}
	if (!ed->env->rules->e820_sorted_first)
		sanitize(ed);
	show(ed, view);
}

/* The end of RAM below a limit, in page frames; the walk ends at the first entry
 * that crosses it. Linux 6.12 e820.c e820__end_ram_pfn(). */
static nb_pfn end_of_ram(const struct edit *ed, nb_pfn limit)
{
	nb_pfn last = 0;

	for (uint32_t i = 0; i < ed->map->count; i++) {
		const struct nb_e820_entry *entry = &ed->map->at[i];
		nb_pfn end = nb_pfn_down(entry_end(entry));

		if (entry->type != NB_E820_RAM &&
		    !(entry->type == NB_E820_ACPI && ed->env->rules->e820_end_counts_acpi))
			continue;
		if (nb_pfn_down(entry->start) >= limit)
			continue;
		if (end > limit) {
			last = limit;
			break;
		}
		last = nb_max(last, end);
	}
	last = nb_min(last, ed->max_arch_pfn);
	nb_emit(ed->env, .kind = NB_EV_LAST_PFN, .got = last, .limit = ed->max_arch_pfn);
	return last;
}

/* What the command line says to be there. */
static void add_asked(struct edit *ed, nb_phys start, uint64_t size, uint32_t type)
{
	nb_emit(ed->env, .kind = NB_EV_MAP_ADDED, .range = bounded(start, size), .id = type,
		.why = ed->why, .more = { ed->word });
	add(ed, start, size, type);
}

/* mem=: all RAM from there up is taken out. "nopentium" is about 32 bits' pages.
 * Linux 6.12 e820.c parse_memopt(). */
static void edit_mem(struct edit *ed, struct nb_text value, bool *user_defined)
{
	bool nopentium = nb_text_starts(value, "nopentium") && value.len == 9;
	nb_phys size = 0;

	if (nopentium && ed->env->config->low_and_vmalloc)
		return; /* 32 bits: no large pages */
	if (value.at && !nopentium) {
		*user_defined = true;
		size = nb_text_size(&value);
	}
	if (size)
		take_out(ed, bounded(size, UINT64_MAX - size), NB_E820_RAM);
	else
		nb_emit(ed->env, .kind = NB_EV_PARAM_MALFORMED, .id = NB_PARAM_MEM,
			.flags = nopentium, .more = { ed->word });
}

/* memmap=N%S[-from][+to]. NB_ERR_DIES: the kernel refuses to turn a type into itself. */
static enum nb_err edit_types(struct edit *ed, struct nb_text text, uint64_t size)
{
	nb_phys start = nb_text_size(&text);
	uint32_t from = 0, to = 0;

	if (text.len && *text.at == '-') {
		text = (struct nb_text){ text.at + 1, text.len - 1 };
		from = (uint32_t)nb_text_number(&text);
	}
	if (text.len && *text.at == '+') {
		text = (struct nb_text){ text.at + 1, text.len - 1 };
		to = (uint32_t)nb_text_number(&text);
	}
	if (text.len)
		return NB_OK; /* nothing is changed by what cannot be read to its end */
	if (from && to && from == to) {
		nb_emit(ed->env, .kind = NB_EV_DIES, .id = NB_E820, .why = NB_WHY_DIES_SAME_TYPE,
			.range = bounded(start, size));
		return NB_ERR_DIES;
	}
	if (from && to)
		retype(ed, bounded(start, size), from, to);
	else if (to)
		add_asked(ed, start, size, to);
	else
		take_out(ed, bounded(start, size), from);
	return NB_OK;
}

/* One piece of memmap=, between commas. Linux 6.12 e820.c parse_memmap_one(). */
static enum nb_err edit_memmap(struct edit *ed, struct nb_text text, bool *user_defined)
{
	static const struct {
		char sign;
		uint32_t type;
	} forms[] = {
		{ '@', NB_E820_RAM },
		{ '#', NB_E820_ACPI },
		{ '$', NB_E820_RESERVED },
		{ '!', NB_E820_PRAM },
	};
	const char *before = text.at;
	uint64_t size;

	if (nb_text_starts(text, "exactmap")) {
		if (ed->env->rules->exactmap_tells_end)
			end_of_ram(ed, ed->max_arch_pfn);
		ed->map->count = 0;
		nb_emit(ed->env, .kind = NB_EV_MAP_CLEARED, .why = ed->why, .more = { ed->word });
		*user_defined = true;
		return NB_OK;
	}
	size = nb_text_size(&text);
	if (text.at == before)
		return NB_OK;
	*user_defined = true;

	char sign = text.len ? *text.at : '\0';
	struct nb_text rest = text.len ? (struct nb_text){ text.at + 1, text.len - 1 } : text;

	if (sign == '%' && ed->env->rules->memmap_types)
		return edit_types(ed, rest, size);
	for (size_t i = 0; i < NB_COUNT(forms); i++) {
		bool known = forms[i].type != NB_E820_PRAM || ed->env->rules->e820_pram;

		if (sign == forms[i].sign && known) {
			add_asked(ed, nb_text_size(&rest), size, forms[i].type);
			return NB_OK;
		}
	}
	take_out(ed, bounded(size, UINT64_MAX - size), NB_E820_RAM);
	return NB_OK;
}

static enum nb_err edit_memmaps(struct edit *ed, struct nb_text value, bool *user_defined)
{
	enum nb_err err = NB_OK;

	for (size_t at = 0; value.at && at <= value.len && !err; at++) {
		size_t len = 0;

		while (at + len < value.len && value.at[at + len] != ',')
			len++;
		err = edit_memmap(ed, (struct nb_text){ value.at + at, len }, user_defined);
		at += len;
	}
	return err;
}

/* Tells what is wrong with a parameter that is none of this stage's. */
static enum nb_err tell_fate(struct edit *ed, const struct nb_param *param)
{
	enum nb_param_id id = NB_PARAM_COUNT;

	switch (nb_param_judge(param, ed->env, &id)) {
	case NB_FATE_FINE:
		break;
	case NB_FATE_MALFORMED:
		nb_emit(ed->env, .kind = NB_EV_PARAM_MALFORMED, .id = id, .more = { ed->word });
		break;
	case NB_FATE_DIES:
		nb_emit(ed->env, .kind = NB_EV_DIES, .id = NB_E820, .why = NB_WHY_DIES_NO_VALUE);
		return NB_ERR_DIES;
	}
	return NB_OK;
}

/* What the command line changes, in its order. */
static enum nb_err edit_by_cmdline(struct edit *ed, const char *cmdline, bool *user_defined)
{
	struct nb_cmdline line = { .rest = cmdline };
	struct nb_param param;
	enum nb_err err = NB_OK;

	ed->why = NB_WHY_ASKED;
	while (!err && nb_cmdline_next(&line, &param)) {
		ed->word++;
		if (nb_param_is(&param, "mem"))
			edit_mem(ed, param.value, user_defined);
		else if (nb_param_is(&param, "memmap"))
			err = edit_memmaps(ed, param.value, user_defined);
		else
			err = tell_fate(ed, &param);
	}
	ed->word = 0;
	return err;
}

/* The boot loader's data nodes become ranges of their own, in the map that is kept
 * for kexec too. Linux 6.12 e820.c e820__reserve_setup_data(). */
static void mark_setup_data(struct edit *ed, const struct nb_boot_facts *facts)
{
	if (!facts->setup_data_count || !ed->env->rules->e820_setup_data)
		return;
	ed->why = NB_WHY_SETUP_DATA;
	for (uint32_t i = 0; i < facts->setup_data_count; i++) {
		struct nb_range node = facts->setup_data[i];

		retype(ed, node, NB_E820_RAM, NB_E820_RESERVED_KERN);
		if (ed->env->rules->e820_setup_data_twice)
			nb_emit(ed->env, .kind = NB_EV_MAP_UPDATE, .range = node, .flags = 1,
				.id = NB_E820_RAM, .got = NB_E820_RESERVED_KERN, .why = ed->why);
	}
	sanitize(ed);
	show(ed, NB_VIEW_SETUP_DATA);
}

/* A map that the user changed is sorted again, and shown.
 * Linux 6.12 e820.c e820__finish_early_params(). */
static enum nb_err finish_user_map(struct edit *ed, bool user_defined)
{
	if (!user_defined)
		return NB_OK;
	if (!sanitize(ed)) {
		nb_emit(ed->env, .kind = NB_EV_DIES, .id = NB_E820, .why = NB_WHY_DIES_MAP_INVALID);
		return NB_ERR_DIES;
	}
	show(ed, NB_VIEW_USER);
	return NB_OK;
}

/* Linux 6.12 arch/x86/platform/efi/efi.c efi_remove_e820_mmio(). */
static void remove_efi_mmio(struct edit *ed, const struct nb_boot_facts *facts)
{
	uint32_t count = ed->env->rules->efi_mmio_removed ? facts->efi_mmio_count : 0;

	ed->why = NB_WHY_EFI_DEVICE;
	for (uint32_t i = 0; i < count; i++)
		take_out(ed, facts->efi_mmio[i], NB_E820_RESERVED);
}

/* Whether RAM entries cover a range, taken in the order of the table.
 * Linux 6.12 e820.c e820__mapped_all(). */
static bool is_ram(const struct nb_e820_map *map, struct nb_range range)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const struct nb_e820_entry *entry = &map->at[i];

		if (entry->type != NB_E820_RAM || entry->start >= range.end ||
		    entry_end(entry) <= range.start)
			continue;
		if (entry->start <= range.start)
			range.start = entry_end(entry);
		if (range.start >= range.end)
			return true;
	}
	return false;
}

/* The kernel runs, so where it lies is RAM.
 * Linux 6.12 setup.c e820_add_kernel_range(). */
static void add_kernel(struct edit *ed, const struct nb_boot_facts *facts)
{
	struct nb_range kernel = { facts->kernel.start, facts->kernel_end };

	if (kernel.start >= kernel.end || is_ram(ed->map, kernel))
		return;
	nb_emit(ed->env, .kind = NB_EV_KERNEL_NOT_RAM, .range = kernel);
	ed->why = NB_WHY_KERNEL_THERE;
	take_out(ed, kernel, 0);
	add(ed, kernel.start, nb_range_size(kernel), NB_E820_RAM);
}

/* Page 0 and the BIOS area are the firmware's, whatever the map says.
 * Linux 6.12 setup.c trim_bios_range(). */
static void trim_bios(struct edit *ed)
{
	ed->why = NB_WHY_BIOS_AREA;
	retype(ed, (struct nb_range){ 0, NB_PAGE_SIZE }, NB_E820_RAM, NB_E820_RESERVED);
	take_out(ed, (struct nb_range){ BIOS_START, BIOS_END }, NB_E820_RAM);
	sanitize(ed);
}

/* RAM that the CPU's MTRRs leave uncached is given up. Returns whether any was.
 * Linux 6.12 arch/x86/kernel/cpu/mtrr/cleanup.c mtrr_trim_uncached_memory(). */
static bool trim_uncached(struct edit *ed, const struct nb_boot_facts *facts)
{
	nb_phys lost = 0;

	ed->why = NB_WHY_UNCACHED;
	for (uint32_t i = 0; i < facts->mtrr_uncached_count; i++) {
		struct nb_range range = facts->mtrr_uncached[i];

		for (uint32_t k = 0; k < ed->map->count; k++) {
			const struct nb_e820_entry *entry = &ed->map->at[k];

			if (entry->type == NB_E820_RAM)
				lost += nb_range_size(
					(struct nb_range){ nb_max(range.start, entry->start),
							   nb_min(range.end, entry_end(entry)) });
		}
		retype(ed, range, NB_E820_RAM, NB_E820_RESERVED);
	}
	if (!lost)
		return false;
	nb_emit(ed->env, .kind = NB_EV_MTRR_TRIMMED, .got = lost);
	if (sanitize(ed))
		show(ed, NB_VIEW_MODIFIED);
	return true;
}

/* How many page frames this kernel can address. Linux 6.12 e820.c MAX_ARCH_PFN. */
static nb_pfn max_arch_pfn(const struct nb_boot_facts *facts, const struct nb_env *env)
{
	uint32_t bits = env->config->phys_bits;

	if (bits == FIVE_LEVEL_BITS && !facts->five_level)
		bits = FOUR_LEVEL_BITS;
	return (nb_pfn)1 << (bits - NB_PAGE_SHIFT);
}

/* highmem= is not obeyed, for one of these reasons: flags of the event. */
enum { MORE_THAN_RAM = 1, LEAVES_TOO_LITTLE = 2, MORE_THAN_ABOVE = 4 };

static void refuse_highmem(const struct edit *ed, uint32_t asked, nb_pfn available, uint32_t reason)
{
	nb_emit(ed->env, .kind = NB_EV_HIGHMEM_REFUSED, .got = nb_pfn_phys(asked),
		.limit = nb_pfn_phys(available), .flags = reason);
}

/* All RAM fits into low memory: highmem= may take some of it away.
 * Linux 6.1 arch/x86/mm/init_32.c lowmem_pfn_init(). */
static void cut_low(struct nb_e820 *e820, const struct edit *ed, uint32_t highmem)
{
	const nb_pfn least = nb_pfn_down(64 * NB_MIB);

	e820->max_low_pfn = e820->max_pfn;
	if (highmem >= e820->max_pfn)
		refuse_highmem(ed, highmem, e820->max_pfn, MORE_THAN_RAM);
	else if (highmem && e820->max_pfn - highmem < least)
		refuse_highmem(ed, highmem, e820->max_pfn, LEAVES_TOO_LITTLE);
	else
		e820->max_low_pfn -= highmem;
}

/* There is more RAM than low memory: highmem= may cut off some of what lies above.
 * Linux 6.1 arch/x86/mm/init_32.c highmem_pfn_init(). */
static void cut_high(struct nb_e820 *e820, const struct edit *ed, uint32_t low, uint32_t highmem)
{
	uint32_t end = low + highmem;

	e820->max_low_pfn = low;
	if (end > e820->max_pfn)
		refuse_highmem(ed, highmem, e820->max_pfn - low, MORE_THAN_ABOVE);
	else
		e820->max_pfn = end;
}

/*
 * 32 bits: how much of RAM the kernel's part of the address space holds, beside
 * vmalloc. Addresses and numbers of pages are 32 bits wide, and wrap.
 * Linux 6.1 arch/x86/mm/init_32.c find_low_pfn_range().
 */
static void split_low(struct nb_e820 *e820, const struct edit *ed, const char *cmdline)
{
	/* Read once more: what there is to tell of the line was told. */
	const struct nb_env silent = { .rules = ed->env->rules, .config = ed->env->config };
	struct nb_params params;
	enum nb_err err = nb_params_read(&params, cmdline, &silent);
	uint32_t most = (uint32_t)ed->env->config->low_and_vmalloc - params.vmalloc_bytes;
	uint32_t low = most >> NB_PAGE_SHIFT;
	bool no_high = ed->env->config->no_highmem;
	bool given = params.highmem_pages != NB_NO_HIGHMEM && !no_high;

	nb_assert(!err);
	if (e820->max_pfn <= low)
		cut_low(e820, ed, given ? params.highmem_pages : 0);
	else if (given)
		cut_high(e820, ed, low, params.highmem_pages);
	else
		e820->max_low_pfn = low;
	if (no_high)
		e820->max_pfn = e820->max_low_pfn;
	nb_emit(ed->env, .kind = NB_EV_LOW_RAM_END, .got = nb_pfn_phys(e820->max_low_pfn),
		.limit = nb_pfn_phys(e820->max_pfn));
}

static void find_end(struct nb_e820 *e820, struct edit *ed, const struct nb_firmware *fw)
{
	const nb_pfn four_gib = nb_pfn_down(4 * NB_GIB);

	e820->max_arch_pfn = ed->max_arch_pfn;
	e820->max_pfn = end_of_ram(ed, ed->max_arch_pfn);
	if (trim_uncached(ed, &fw->facts))
		e820->max_pfn = end_of_ram(ed, ed->max_arch_pfn);
	e820->end_pfn = e820->max_pfn;
	if (ed->env->config->low_and_vmalloc)
		split_low(e820, ed, fw->cmdline);
	else
		e820->max_low_pfn = e820->max_pfn > four_gib ? end_of_ram(ed, four_gib)
							     : e820->max_pfn;
}

static void keep_firmware_map(struct nb_e820 *e820)
{
	nb_assert(e820->map.count <= e820->firmware.cap);
	memcpy(e820->firmware.at, e820->map.at, e820->map.count * sizeof(*e820->map.at));
	e820->firmware.count = e820->map.count;
}

/*
 * Whether the image has room where it unpacks itself. Only the end of memory is
 * judged: below it, what the map has no entry for may be there nevertheless. A boot
 * loader that found another place for it has looked for the room.
 * Source: Linux 6.12 Documentation/arch/x86/boot.rst, init_size.
 */
static bool can_unpack(const struct nb_firmware *fw, const struct nb_kernel_config *config)
{
	nb_phys end = config->kernel.start + config->unpack_bytes;

	if (!config->unpack_bytes || fw->facts.kernel.start != config->kernel.start ||
	    !fw->map_count)
		return true;
	for (uint32_t i = 0; i < fw->map_count; i++) {
		const struct nb_e820_entry *entry = &fw->map[i];

		if (entry_end(entry) >= end && (entry->type == NB_E820_RAM || entry->start < end))
			return true;
	}
	return false;
}

enum nb_err nb_e820_build(struct nb_e820 *e820, const struct nb_firmware *fw,
			  const struct nb_env *env)
{
	struct edit ed = {
		.map = &e820->map,
		.scratch = &e820->scratch,
		.env = env,
		.max_arch_pfn = max_arch_pfn(&fw->facts, env),
	};
	enum nb_err err;

	e820->map.merges_pram = !env->rules->e820_pram;
	e820->map.merges_soft_reserved = !env->rules->e820_soft_reserved;
	/* No table is longer than the kernel's, whatever room there is. */
	e820->map.cap = (uint32_t)nb_min(e820->map.cap, env->config->e820_entries);
	e820->map.count = 0;
	e820->user_defined = false;
	if (!can_unpack(fw, env->config)) {
		nb_emit(env, .kind = NB_EV_DIES, .id = NB_E820, .why = NB_WHY_DIES_NO_IMAGE_ROOM);
		return NB_ERR_DIES;
	}
	take_firmware_map(&ed, fw);
	if (fw->extended_count) {
		append(&ed, fw->extended, fw->extended_count);
		sanitize(&ed);
		show(&ed, NB_VIEW_EXTENDED);
	}
	keep_firmware_map(e820);

	err = edit_by_cmdline(&ed, fw->cmdline, &e820->user_defined);
	if (err)
		return err;
	mark_setup_data(&ed, &fw->facts);
	if (fw->facts.setup_data_count && env->rules->e820_setup_data_kept)
		keep_firmware_map(e820);
	err = finish_user_map(&ed, e820->user_defined);
	if (err)
		return err;

	remove_efi_mmio(&ed, &fw->facts);
	if (fw->facts.kvm && env->rules->kvm_tells_end)
		end_of_ram(&ed, nb_pfn_down(4 * NB_GIB));
	add_kernel(&ed, &fw->facts);
	trim_bios(&ed);
	find_end(e820, &ed, fw);
	return ed.overrun ? NB_ERR_FULL : NB_OK;
}

enum nb_err nb_e820_add_tables(struct nb_e820 *e820, struct nb_range tables,
			       const struct nb_env *env)
{
	struct edit ed = { .map = &e820->map, .scratch = &e820->scratch, .env = env };

	add(&ed, tables.start, nb_range_size(tables), env->rules->initrd_tables_type);
	if (sanitize(&ed))
		show(&ed, NB_VIEW_MODIFIED);
	return ed.overrun ? NB_ERR_FULL : NB_OK;
}
