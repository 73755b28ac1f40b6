/* SPDX-License-Identifier: MIT */
/*
 * handover: what both protocols fill, and the memory that they point into.
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

void handover_add(struct handover *to, struct nb_e820_entry entry)
{
	if (to->map_count < HANDOVER_MAP)
		to->map[to->map_count] = entry;
	to->map_count++;
}

void handover_cmdline(struct handover *to, const char *text, size_t most)
{
	size_t len = 0;

	for (; len < most && len + 1 < HANDOVER_CMDLINE && text[len]; len++)
		to->cmdline[len] = text[len];
	to->cmdline[len] = '\0';
}
