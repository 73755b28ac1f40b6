/* SPDX-License-Identifier: MIT */
/*
 * boot_params: the page of Linux's boot protocol, and the data nodes behind it.
 */
#include "adapters/loader.h"

#include "base/bytes.h"

/* struct boot_params. Offsets in bytes. */
enum {
	PAGE = 4096,
	EXT_MEM_K = 0x02,
	RSDP = 0x70,
	EXT_RAMDISK_IMAGE = 0xc0,
	EXT_RAMDISK_SIZE = 0xc4,
	EXT_CMDLINE = 0xc8,
	EFI_SIGNATURE = 0x1c0,
	ALT_MEM_K = 0x1e0,
	E820_COUNT = 0x1e8,
	RAMDISK_IMAGE = 0x218,
	RAMDISK_SIZE = 0x21c,
	CMDLINE = 0x228,
	SETUP_DATA = 0x250,
	E820 = 0x2d0,
	E820_MOST = 128,
	E820_ENTRY = 20,
};

/* A node: the next one's address, a type, the bytes that follow. */
enum { NODE = 16, NODE_TYPE = 8, NODE_LEN = 12, NODE_E820 = 1, NODES_MOST = 64 };

#define NODE_INDIRECT 0x80000000u

/* What such a node holds: a type, how long the data is and where. */
enum { INDIRECT_LEN = 8, INDIRECT_ADDR = 16, INDIRECT = 24 };

#define SIGNATURE_32 0x32334c45u /* EL32 */
#define SIGNATURE_64 0x34364c45u /* EL64 */

/* A number whose upper half was added to the page later. */
static uint64_t split(struct nb_bytes page, size_t low, size_t high)
{
	return nb_le32(page, low) | (uint64_t)nb_le32(page, high) << 32;
}

static void read_entries(struct nb_loader *to, struct nb_bytes bytes)
{
	for (size_t at = 0; bytes.len - at >= E820_ENTRY; at += E820_ENTRY)
		nb_loader_add(to,
			      (struct nb_e820_entry){ nb_le64(bytes, at), nb_le64(bytes, at + 8),
						      nb_le32(bytes, at + 16) });
}

/* Data that lies elsewhere is in use, too; a pointer to one more pointer is none. Linux
 * 6.12 arch/x86/kernel/setup.c memblock_x86_reserve_range_setup_data(). */
static void read_indirect(struct nb_loader *to, struct nb_bytes data)
{
	if (data.len >= INDIRECT && nb_le32(data, 0) != NODE_INDIRECT)
		nb_loader_taken(to, nb_le64(data, INDIRECT_ADDR), nb_le64(data, INDIRECT_LEN));
}

/* Notes the nodes and what they point at, and takes the map's entries of those that
 * have some. */
static void read_nodes(struct nb_loader *to, struct nb_map *host)
{
	uint32_t page_count = to->map_count;
	nb_phys next = to->setup_data;

	for (uint32_t i = 0; next && i < NODES_MOST; i++) {
		struct nb_fault fault;
		struct nb_bytes node = nb_loader_map(host, next, NODE, &fault);
		uint32_t len = nb_le32(node, NODE_LEN), type = nb_le32(node, NODE_TYPE);
		nb_phys after;

		if (!node.at)
			break;
		after = nb_le64(node, 0);
		nb_loader_taken(to, next, (uint64_t)NODE + len);
		if (type == NODE_E820 || type == NODE_INDIRECT) {
			struct nb_bytes all =
				nb_loader_map(host, next, (uint64_t)NODE + len, &fault);

			if (all.at && type == NODE_E820)
				read_entries(to, nb_slice(all, NODE, all.len));
			else if (all.at)
				read_indirect(to, nb_slice(all, NODE, all.len));
		}
		next = after;
	}
	to->setup_data_count = to->taken_count;
	to->extended_count = to->map_count - page_count;
}

enum nb_err nb_boot_params_read(struct nb_loader *to, struct nb_map *host, nb_phys at,
				struct nb_fault *fault)
{
	struct nb_bytes page = nb_loader_map(host, at, PAGE, fault);
	uint32_t signature = nb_le32(page, EFI_SIGNATURE);
	nb_phys initrd = split(page, RAMDISK_IMAGE, EXT_RAMDISK_IMAGE);

	if (!page.at)
		return NB_ERR_FIRMWARE;
	nb_loader_begin(to);
	read_entries(to, nb_slice(page, E820,
				  (size_t)nb_min(nb_u8(page, E820_COUNT), E820_MOST) * E820_ENTRY));
	to->e801_kib = nb_le32(page, ALT_MEM_K);
	to->e88_kib = nb_le16(page, EXT_MEM_K);
	to->rsdp = nb_le64(page, RSDP);
	to->efi = signature == SIGNATURE_32 || signature == SIGNATURE_64;
	if (initrd)
		to->initrd = nb_loader_range(initrd, split(page, RAMDISK_SIZE, EXT_RAMDISK_SIZE));
	to->setup_data = nb_le64(page, SETUP_DATA);
	read_nodes(to, host);
	nb_loader_cmdline_at(to, host, split(page, CMDLINE, EXT_CMDLINE));
	return nb_loader_end(to);
}
