/* SPDX-License-Identifier: MIT */
/*
 * multiboot2: the boot information that GRUB leaves: a list of tags.
 *
 * Source: Multiboot2 Specification 2.0, 3.6.
 */
#include "handover.h"

enum {
	TAG_END = 0,
	TAG_CMDLINE = 1,
	TAG_MAP = 6,
	TAG_EFI32 = 11,
	TAG_EFI64 = 12,
	TAG_RSDP_1 = 14, /* ACPI 1.0's */
	TAG_RSDP_2 = 15,
};

struct tag {
	uint32_t type, size; /* size in bytes, header included, without padding */
};

struct map_tag {
	struct tag tag;
	uint32_t entry_size, entry_version;
};

struct map_entry {
	uint64_t start, size;
	uint32_t type, reserved;
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

static void read_map(struct handover *to, const struct map_tag *map)
{
	const uint8_t *at = (const uint8_t *)(map + 1);
	uint32_t left = map->tag.size > sizeof(*map) ? map->tag.size - (uint32_t)sizeof(*map) : 0;

	for (; map->entry_size >= sizeof(struct map_entry) && left >= map->entry_size;
	     left -= map->entry_size, at += map->entry_size) {
		const struct map_entry *entry = (const struct map_entry *)at;

		handover_add(to, (struct nb_e820_entry){ entry->start, entry->size,
							 type_of(entry->type) });
	}
}

static void read_tag(struct handover *to, const struct tag *tag)
{
	const uint8_t *body = (const uint8_t *)(tag + 1);

	switch (tag->type) {
	case TAG_CMDLINE:
		handover_cmdline(to, (const char *)body, tag->size - sizeof(*tag));
		break;
	case TAG_MAP:
		read_map(to, (const struct map_tag *)tag);
		break;
	case TAG_EFI32:
	case TAG_EFI64:
		to->efi = true;
		break;
	case TAG_RSDP_1: /* a copy of it is in the tag */
		if (!to->rsdp)
			to->rsdp = (uintptr_t)body;
		break;
	case TAG_RSDP_2:
		to->rsdp = (uintptr_t)body;
		break;
	default:
		break;
	}
}

const char *multiboot2_read(struct handover *to, nb_phys info)
{
	enum { HEADER = 8, TAG_ALIGN = 8 };
	const uint32_t *total = (const uint32_t *)memory_at(info, HEADER);
	const uint8_t *at = (const uint8_t *)total;

	if (!total || !memory_at(info, *total))
		return "the information of multiboot2 is out of reach";
	for (uint64_t next = HEADER; next + sizeof(struct tag) <= *total;) {
		const struct tag *tag = (const struct tag *)(at + next);

		if (tag->type == TAG_END || tag->size < sizeof(*tag) || tag->size > *total - next)
			break;
		read_tag(to, tag);
		next = nb_align_up(next + tag->size, TAG_ALIGN);
	}
	return to->map_count ? NULL : "multiboot2 has no memory map";
}
