/* SPDX-License-Identifier: MIT */
/*
 * protocol: any bytes as the memory that a boot protocol left: what it begins with
 * lies at the address BASE. Each protocol reads them.
 */
#include "physical.h"

#include <numaboot/adapters.h>

enum { MAP = 24, TAKEN = 4, CMDLINE = 16 };

/* What is handed over, and room for it. */
struct room {
	struct nb_loader loader;
	struct nb_e820_entry entries[MAP];
	struct nb_range taken[TAKEN];
	char cmdline[CMDLINE];
};

static void begin(struct room *room)
{
	*room = (struct room){
		.loader = { .map_cap = MAP, .taken_cap = TAKEN, .cmdline_cap = CMDLINE }
	};
	room->loader.map = room->entries;
	room->loader.taken = room->taken;
	room->loader.cmdline = room->cmdline;
}

static void check(const struct nb_loader *loader, enum nb_err err)
{
	struct nb_firmware fw = { 0 };

	ensure(err == NB_OK || err == NB_ERR_FULL || err == NB_ERR_FIRMWARE);
	ensure((err == NB_ERR_FULL) == (loader->map_count > MAP || loader->taken_count > TAKEN));
	ensure(loader->extended_count <= loader->map_count);
	ensure(loader->setup_data_count <= loader->taken_count);
	ensure(memchr(loader->cmdline, '\0', CMDLINE));
	for (uint32_t i = 0; i < loader->taken_count && i < TAKEN; i++)
		ensure(loader->taken[i].start < loader->taken[i].end);
	if (err)
		return;
	nb_firmware_take(&fw, loader);
	ensure(fw.map_count + fw.extended_count == loader->map_count);
	ensure(fw.facts.setup_data_count + fw.facts.found_count == loader->taken_count);
}

typedef enum nb_err reader(struct nb_loader *, struct nb_map *, nb_phys, struct nb_fault *);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static reader *const readers[] = { nb_multiboot2_read, nb_pvh_read, nb_boot_params_read };
	struct room room;
	struct nb_fault fault;

	for (size_t i = 0; i < NB_COUNT(readers); i++) {
		struct physical memory = { .map = { .map = physical_map },
					   .at = data,
					   .size = size };

		begin(&room);
		check(&room.loader, readers[i](&room.loader, &memory.map, BASE, &fault));
		ensure(memory.copies < MOST_MAPS); /* lists end by their number */
		physical_drop(&memory);
	}

	void *copy = fuzz_copy(data, size);
	struct nb_bytes bytes = { .at = copy, .len = size };

	begin(&room);
	check(&room.loader, nb_efi_map_read(&room.loader, bytes, size ? data[0] : 40, &fault));
	free(copy);
	return 0;
}
