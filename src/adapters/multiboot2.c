/* SPDX-License-Identifier: MIT */
/*
 * multiboot2: the boot information that GRUB leaves: a list of tags.
 */
#include "adapters/loader.h"

#include "base/bytes.h"

/* The information begins with its size; a tag with type and size, without padding. */
enum {
	HEADER = 8,
	TAG_ALIGN = 8,
	MAP_ENTRY_SIZE = 8, /* in the tag of the map */
	MAP_ENTRIES = 16,
	MAP_ENTRY = 24, /* at least */
	MODULE_START = 8,
	MODULE_END = 12,
};

enum {
	TAG_END = 0,
	TAG_CMDLINE = 1,
	TAG_MODULE = 3,
	TAG_MAP = 6,
	TAG_EFI32 = 11,
	TAG_EFI64 = 12,
	TAG_RSDP_1 = 14, /* ACPI 1.0's */
	TAG_RSDP_2 = 15,
};

/* Types that the protocol does not name mean memory that is reserved, whatever GRUB
 * knows of it: 3.6.8. */
static uint32_t type_of(uint32_t type)
{
	switch (type) {
	case NB_E820_RAM:
	case NB_E820_ACPI:
	case NB_E820_NVS:
	case NB_E820_UNUSABLE:
		return type;
	default:
		return NB_E820_RESERVED;
	}
}

static void read_map(struct nb_loader *to, struct nb_bytes tag)
{
	uint32_t size = nb_le32(tag, MAP_ENTRY_SIZE);

	if (size < MAP_ENTRY)
		return;
	for (size_t at = MAP_ENTRIES; at < tag.len && tag.len - at >= size; at += size)
		nb_loader_add(to, (struct nb_e820_entry){ nb_le64(tag, at), nb_le64(tag, at + 8),
							  type_of(nb_le32(tag, at + 16)) });
}

static void read_module(struct nb_loader *to, struct nb_bytes tag)
{
	nb_phys start = nb_le32(tag, MODULE_START), end = nb_le32(tag, MODULE_END);

	if (start < end)
		nb_loader_taken(to, start, end - start);
}

/* Reads one tag; the information is at the address `info`. */
static void read_tag(struct nb_loader *to, struct nb_bytes tag, nb_phys info)
{
	nb_phys body = info + tag.offset + HEADER;

	switch (nb_le32(tag, 0)) {
	case TAG_CMDLINE:
		nb_loader_cmdline(to, nb_slice(tag, HEADER, tag.len));
		break;
	case TAG_MODULE:
		read_module(to, tag);
		break;
	case TAG_MAP:
		read_map(to, tag);
		break;
	case TAG_EFI32:
	case TAG_EFI64:
		to->efi = true;
		break;
	case TAG_RSDP_1: /* a copy of it is in the tag */
		if (!to->rsdp)
			to->rsdp = body;
		break;
	case TAG_RSDP_2:
		to->rsdp = body;
		break;
	default:
		break;
	}
}

/* The next tag; nothing at the end, or where it claims more than there is. */
static struct nb_bytes next_tag(struct nb_bytes info, uint64_t at)
{
	uint32_t size = nb_le32(info, (size_t)at + 4);

	if (at >= info.len || info.len - at < HEADER || nb_le32(info, (size_t)at) == TAG_END ||
	    size < HEADER || size > info.len - at)
		return (struct nb_bytes){ 0 };
	return nb_slice(info, (size_t)at, size);
}

enum nb_err nb_multiboot2_read(struct nb_loader *to, struct nb_map *host, nb_phys info,
			       struct nb_fault *fault)
{
	struct nb_bytes bytes = nb_loader_map(host, info, HEADER, fault), tag;
	uint32_t total = nb_le32(bytes, 0);

	if (!bytes.at)
		return NB_ERR_FIRMWARE;
	if (total < HEADER)
		return nb_loader_fail(fault, NB_FAULT_SHORT, total, HEADER);
	bytes = nb_loader_map(host, info, total, fault);
	if (!bytes.at)
		return NB_ERR_FIRMWARE;

	nb_loader_begin(to);
	nb_loader_taken(to, info, total);
	for (uint64_t at = HEADER; (tag = next_tag(bytes, at)).len;
	     at = nb_align_up(at + tag.len, TAG_ALIGN))
		read_tag(to, tag, info);
	return nb_loader_end(to);
}
