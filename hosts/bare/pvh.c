/* SPDX-License-Identifier: MIT */
/*
 * pvh: the start info of Xen's PVH protocol, which QEMU's -kernel speaks.
 *
 * Source: Xen xen/include/public/arch-x86/hvm/start_info.h.
 */
#include "handover.h"

struct start_info {
	uint32_t magic, version, flags, modules;
	uint64_t module_list, cmdline, rsdp;
	uint64_t map; /* since version 1 */
	uint32_t map_entries, reserved;
};

struct map_entry {
	uint64_t start, size;
	uint32_t type, reserved;
};

const char *pvh_read(struct handover *to, nb_phys info)
{
	enum { MAGIC = 0x336ec578 };
	const struct start_info *start = (const struct start_info *)memory_at(info, sizeof(*start));
	const struct map_entry *map;

	if (!start || start->magic != MAGIC || start->version < 1)
		return "no start info of PVH with a memory map";
	map = (const struct map_entry *)memory_at(start->map, start->map_entries * sizeof(*map));
	if (!map)
		return "the memory map is out of reach";
	for (uint32_t i = 0; i < start->map_entries; i++)
		handover_add(to, (struct nb_e820_entry){ map[i].start, map[i].size, map[i].type });
	to->rsdp = start->rsdp;
	if (memory_at(start->cmdline, HANDOVER_CMDLINE))
		handover_cmdline(to, (const char *)memory_at(start->cmdline, HANDOVER_CMDLINE),
				 HANDOVER_CMDLINE);
	return NULL;
}
