/* SPDX-License-Identifier: MIT */
/*
 * limine: the memory map of the Limine protocol.
 */
#include "adapters/loader.h"

enum {
	USABLE,
	RESERVED,
	ACPI_RECLAIMABLE,
	ACPI_NVS,
	BAD,
	LOADER_RECLAIMABLE, /* its page tables, its responses, the stack */
	KERNEL_AND_MODULES,
};

static uint32_t type_of(uint64_t type)
{
	switch (type) {
	case USABLE:
	case LOADER_RECLAIMABLE:
	case KERNEL_AND_MODULES:
		return NB_E820_RAM;
	case ACPI_RECLAIMABLE:
		return NB_E820_ACPI;
	case ACPI_NVS:
		return NB_E820_NVS;
	case BAD:
		return NB_E820_UNUSABLE;
	default: /* the frame buffer, and what later revisions add */
		return NB_E820_RESERVED;
	}
}

enum nb_err nb_limine_read(struct nb_loader *to, const struct nb_limine_entry *const *entries,
			   uint64_t count)
{
	nb_loader_begin(to);
	for (uint64_t i = 0; i < count; i++) {
		const struct nb_limine_entry *entry = entries[i];

		nb_loader_add(to, (struct nb_e820_entry){ entry->base, entry->length,
							  type_of(entry->type) });
		if (entry->type == LOADER_RECLAIMABLE || entry->type == KERNEL_AND_MODULES)
			nb_loader_taken(to, entry->base, entry->length);
	}
	return nb_loader_end(to);
}
