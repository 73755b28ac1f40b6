/* SPDX-License-Identifier: MIT */
/*
 * efi: the memory map of UEFI, as Linux's EFI stub hands it to the kernel.
 */
#include "adapters/loader.h"

#include "base/bytes.h"

/* EFI_MEMORY_DESCRIPTOR. Offsets in bytes. */
enum { DESCRIPTOR = 40, START = 8, PAGES = 24, ATTRIBUTES = 32 };

/* EFI_MEMORY_SP: memory for a purpose of its own. */
#define SPECIFIC_PURPOSE ((uint64_t)1 << 18)

/* EFI_MEMORY_TYPE. */
enum {
	RESERVED,
	LOADER_CODE,
	LOADER_DATA,
	BOOT_CODE,
	BOOT_DATA,
	RUNTIME_CODE,
	RUNTIME_DATA,
	CONVENTIONAL,
	UNUSABLE,
	ACPI_RECLAIM,
	ACPI_NVS,
	MMIO,
	MMIO_PORTS,
	PAL_CODE,
	PERSISTENT,
};

/* As many entries as the page of Linux's boot protocol has. */
enum { PAGE_MOST = 128 };

/* The type that Linux gives a descriptor; 0: it is left out. */
static uint32_t type_of(uint32_t type, uint64_t attributes)
{
	switch (type) {
	case RESERVED:
	case RUNTIME_CODE:
	case RUNTIME_DATA:
	case MMIO:
	case MMIO_PORTS:
	case PAL_CODE:
		return NB_E820_RESERVED;
	case LOADER_CODE:
	case LOADER_DATA:
	case BOOT_CODE:
	case BOOT_DATA:
	case CONVENTIONAL:
		return attributes & SPECIFIC_PURPOSE ? NB_E820_SOFT_RESERVED : NB_E820_RAM;
	case UNUSABLE:
		return NB_E820_UNUSABLE;
	case ACPI_RECLAIM:
		return NB_E820_ACPI;
	case ACPI_NVS:
		return NB_E820_NVS;
	case PERSISTENT:
		return NB_E820_PMEM;
	default:
		return 0;
	}
}

enum nb_err nb_efi_map_read(struct nb_loader *to, struct nb_bytes map, size_t size,
			    struct nb_fault *fault)
{
	struct nb_e820_entry entry = { 0 };

	*fault = (struct nb_fault){ .kind = NB_FAULT_NONE };
	if (size < DESCRIPTOR)
		return nb_loader_fail(fault, NB_FAULT_SHORT, size, DESCRIPTOR);
	nb_loader_begin(to);
	for (size_t at = 0; map.len - at >= size; at += size) {
		uint32_t type = type_of(nb_le32(map, at), nb_le64(map, at + ATTRIBUTES));
		nb_phys start = nb_le64(map, at + START);
		uint64_t bytes = nb_le64(map, at + PAGES) << NB_PAGE_SHIFT;

		if (type && type == entry.type && start == entry.start + entry.size) {
			entry.size += bytes;
			continue;
		}
		if (type && entry.type)
			nb_loader_add(to, entry);
		if (type)
			entry = (struct nb_e820_entry){ start, bytes, type };
	}
	if (entry.type)
		nb_loader_add(to, entry);
	if (to->map_count > PAGE_MOST)
		to->extended_count = to->map_count - PAGE_MOST;
	to->efi = true;
	return nb_loader_end(to);
}
