/* SPDX-License-Identifier: MIT */
/*
 * e820: any bytes as a memory map and a command line that edits it:
 *
 *     u8 count, then count entries { u64 start, u64 size, u32 type }, then text
 *
 * All little-endian; entries that are not whole are not there. The sanitizer is held
 * against a model that looks up every piece between two borders by itself.
 */
#include <numaboot/e820.h>
#include <numaboot/rules.h>

#include "base/bytes.h"

#include "fuzz.h"
#include "listen.h"

enum { ENTRY = 20 };

/* A table of the given size and its scratch, each array in its own block. */
struct room {
	struct nb_e820_map map;
	struct nb_e820_scratch scratch;
};

static void *block(size_t count, size_t size)
{
	void *at = calloc(count ? count : 1, size);

	ensure(at != NULL);
	return at;
}

static struct room make_room(uint32_t cap)
{
	return (struct room){
		.map = { .at = block(cap, sizeof(struct nb_e820_entry)), .cap = cap },
		.scratch = {
			.entries = block(cap, sizeof(struct nb_e820_entry)),
			.starts = block(cap, sizeof(uint32_t)),
			.ends = block(cap, sizeof(uint32_t)),
			.live = block(cap, sizeof(uint32_t)),
		},
	};
}

static void drop_room(struct room *room)
{
	free(room->map.at);
	free(room->scratch.entries);
	free(room->scratch.starts);
	free(room->scratch.ends);
	free(room->scratch.live);
}

/* The largest type of the entries that cover an address; 0: none does. */
static uint32_t type_at(const struct nb_e820_entry *at, uint32_t count, nb_phys address)
{
	uint32_t type = 0;

	for (uint32_t i = 0; i < count; i++)
		if (address >= at[i].start && address - at[i].start < at[i].size &&
		    at[i].type > type)
			type = at[i].type;
	return type;
}

/* The borders of one map, looked up in both; of a large one some, to be quick. */
static void compare_at_borders(const struct nb_e820_map *borders, const struct nb_e820_entry *in,
			       uint32_t count, const struct nb_e820_map *out)
{
	for (uint32_t i = 0; i < borders->count; i += 1 + borders->count / 32) {
		nb_phys start = borders->at[i].start, end = start + borders->at[i].size;
		const nb_phys look[] = { start, start - 1, end, end - 1 };

		for (size_t k = 0; k < NB_COUNT(look); k++)
			ensure(type_at(in, count, look[k]) ==
			       type_at(out->at, out->count, look[k]));
	}
}

static void ensure_sanitized(const struct nb_e820_map *map)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const struct nb_e820_entry *entry = &map->at[i], *next = entry + 1;
		nb_phys end = entry->start + entry->size;

		ensure(entry->size && entry->type && end > entry->start);
		if (i + 1 == map->count)
			break;
		ensure(end <= next->start);
		ensure(end < next->start || entry->type != next->type ||
		       entry->type == NB_E820_PRAM || entry->type == NB_E820_SOFT_RESERVED);
	}
}

static bool any_wraps(const struct nb_e820_entry *in, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (in[i].start + in[i].size < in[i].start)
			return true;
	return false;
}

static void sanitize(const struct nb_e820_entry *in, uint32_t count)
{
	struct nb_e820_map given = { .at = (struct nb_e820_entry *)(uintptr_t)in, .count = count };
	struct room room = make_room(2 * count + 1), tight = make_room(count);
	bool done;

	memcpy(room.map.at, in, count * sizeof(*in));
	room.map.count = count;
	done = nb_e820_sanitize(&room.map, &room.scratch);
	ensure(done == (count >= 2 && !any_wraps(in, count)));
	if (done) {
		ensure_sanitized(&room.map);
		compare_at_borders(&given, in, count, &room.map);
		compare_at_borders(&room.map, in, count, &room.map);
	} else {
		ensure(room.map.count == count && !memcmp(room.map.at, in, count * sizeof(*in)));
	}

	/* A table that is full from the start: the first pieces, as many as fit. */
	memcpy(tight.map.at, in, count * sizeof(*in));
	tight.map.count = count;
	ensure(nb_e820_sanitize(&tight.map, &tight.scratch) == done);
	if (done) {
		ensure(tight.map.count == nb_min(room.map.count, count));
		ensure(!memcmp(tight.map.at, room.map.at, tight.map.count * sizeof(*room.map.at)));
	}
	drop_room(&room);
	drop_room(&tight);
}

/* The stage, with a kernel whose table holds `entries` and arrays of `cap`. */
static void build(const struct nb_firmware *fw, uint32_t entries, uint32_t cap)
{
	struct nb_kernel_config config = nb_configs[NB_LINE_6_12];
	struct listener listener = listen(NB_LINE_6_12);
	struct nb_env env = {
		.rules = &nb_lines[NB_LINE_6_12],
		.config = &config,
		.sink = &listener.sink,
	};
	struct room room = make_room(cap);
	struct nb_e820 e820 = {
		.map = room.map,
		.firmware = { .at = block(cap, sizeof(struct nb_e820_entry)), .cap = cap },
		.scratch = room.scratch,
	};
	enum nb_err err;

	config.e820_entries = entries;
	err = nb_e820_build(&e820, fw, &env);
	ensure(err == NB_OK || err == NB_ERR_DIES || (err == NB_ERR_FULL && cap < entries));
	ensure((err == NB_ERR_DIES) == (listener.dies != 0));
	ensure(e820.map.count <= cap && e820.firmware.count <= cap);
	if (!err) {
		ensure(e820.max_pfn <= e820.max_arch_pfn && e820.max_low_pfn <= e820.max_pfn);
		ensure(e820.max_low_pfn <= nb_pfn_down(4 * NB_GIB));
	}
	drop_room(&room);
	free(e820.firmware.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nb_bytes bytes = { .at = data, .len = size };
	uint32_t count = (uint32_t)nb_min(nb_u8(bytes, 0), size ? (size - 1) / ENTRY : 0);
	size_t text = 1 + (size_t)count * ENTRY;
	struct nb_e820_entry *in = block(count, sizeof(*in));
	char *cmdline = block(size + 1, 1);
	struct nb_firmware fw = { .map = in, .map_count = count, .cmdline = cmdline };

	for (uint32_t i = 0; i < count; i++) {
		in[i].start = nb_le64(bytes, 1 + i * ENTRY);
		in[i].size = nb_le64(bytes, 1 + i * ENTRY + 8);
		in[i].type = nb_le32(bytes, 1 + i * ENTRY + 16);
	}
	if (text < size) {
		char *exact = block(size - text + 1, 1);

		memcpy(exact, data + text, size - text);
		free(cmdline);
		fw.cmdline = cmdline = exact;
	}
	fw.facts = nb_boot_facts_assumed(&nb_configs[NB_LINE_6_12]);
	sanitize(in, count);
	build(&fw, 300, 300);
	build(&fw, 16, 16);
	build(&fw, 300, 16);
	free(in);
	free(cmdline);
	return 0;
}
