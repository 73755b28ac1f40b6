/* SPDX-License-Identifier: MIT */
/*
 * pvh: the start info of Xen's PVH protocol.
 */
#include "adapters/loader.h"

#include "base/bytes.h"

#define MAGIC 0x336ec578u

/* struct hvm_start_info and what it points at. Offsets and sizes in bytes. */
enum {
	START_INFO = 56,
	VERSION = 4,
	MODULES = 12,
	MODULE_LIST = 16,
	CMDLINE = 24,
	RSDP = 32,
	MAP = 40,
	MAP_ENTRIES = 48,
	MODULE = 32, /* address, size, and two that are not looked at */
	MAP_ENTRY = 24,
};

/* Modules that cannot be mapped are none. */
static void read_modules(struct nb_loader *to, struct nb_map *host, struct nb_bytes info)
{
	uint64_t count = nb_le32(info, MODULES);
	struct nb_fault fault;
	struct nb_bytes list = { 0 };

	if (count)
		list = nb_loader_map(host, nb_le64(info, MODULE_LIST), count * MODULE, &fault);
	for (size_t at = 0; at < list.len; at += MODULE) {
		nb_phys start = nb_le64(list, at);
		uint64_t size = nb_le64(list, at + 8);

		if (at)
			nb_loader_taken(to, start, size);
		else
			to->initrd = nb_loader_range(start, size);
	}
}

enum nb_err nb_pvh_read(struct nb_loader *to, struct nb_map *host, nb_phys info,
			struct nb_fault *fault)
{
	struct nb_bytes start = nb_loader_map(host, info, START_INFO, fault), map;

	if (!start.at)
		return NB_ERR_FIRMWARE;
	if (nb_le32(start, 0) != MAGIC)
		return nb_loader_fail(fault, NB_FAULT_SIGNATURE, nb_le32(start, 0), MAGIC);
	if (!nb_le32(start, VERSION) || !nb_le32(start, MAP_ENTRIES))
		return nb_loader_fail(fault, NB_FAULT_COUNT, 0, 1);
	map = nb_loader_map(host, nb_le64(start, MAP),
			    (uint64_t)nb_le32(start, MAP_ENTRIES) * MAP_ENTRY, fault);
	if (!map.at)
		return NB_ERR_FIRMWARE;

	nb_loader_begin(to);
	for (size_t at = 0; at < map.len; at += MAP_ENTRY)
		nb_loader_add(to, (struct nb_e820_entry){ nb_le64(map, at), nb_le64(map, at + 8),
							  nb_le32(map, at + 16) });
	to->rsdp = nb_le64(start, RSDP);
	read_modules(to, host, start);
	nb_loader_cmdline_at(to, host, nb_le64(start, CMDLINE));
	return nb_loader_end(to);
}
