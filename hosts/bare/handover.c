/* SPDX-License-Identifier: MIT */
/*
 * handover: the adapter of the protocol that started the image, and the memory that
 * it points into.
 */
#include "handover.h"
#include "layout.h"

nb_phys memory_end(void)
{
	return MAPPED_GIB * NB_GIB;
}

const void *memory_at(nb_phys address, size_t len)
{
	const nb_phys end = memory_end();

	if (!address || address >= end || len > end - address)
		return NULL;
	return (const void *)(uintptr_t)address;
}

static const void *map(struct nb_map *self, nb_phys address, size_t len)
{
	(void)self;
	return memory_at(address, len);
}

struct nb_map memory_map = { .map = map };

const char *handover_read(struct nb_loader *to, uint32_t magic, nb_phys info)
{
	/* As many entries as the page of Linux's own boot protocol has; more of a command
	 * line than Linux keeps, so that it is seen where that cuts it. */
	static struct nb_e820_entry map[128];
	static char cmdline[4096];
	struct nb_fault fault;
	enum nb_err err;

	*to = (struct nb_loader){ .map = map,
				  .map_cap = NB_COUNT(map),
				  .cmdline = cmdline,
				  .cmdline_cap = sizeof(cmdline) };
	err = magic == MULTIBOOT2_MAGIC ? nb_multiboot2_read(to, &memory_map, info, &fault)
					: nb_pvh_read(to, &memory_map, info, &fault);
	if (err == NB_ERR_FULL)
		return "the memory map has more than 128 entries";
	if (err)
		return fault.kind == NB_FAULT_ADDRESS
			       ? "what was handed over is out of reach"
			       : "what was handed over is not of its protocol";
	return to->map_count ? NULL : "no memory map was handed over";
}
