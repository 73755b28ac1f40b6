/* SPDX-License-Identifier: MIT */
/*
 * adapters: what boot protocols hand over, as the library wants it. An OS picks the
 * one of the protocol that started it, or fills struct nb_firmware by itself.
 *
 *     nb_multiboot2_read()    GRUB
 *     nb_pvh_read()           Xen, QEMU's -kernel
 *     nb_boot_params_read()   Linux's own boot protocol
 *     nb_efi_map_read()       an EFI application, after ExitBootServices()
 *     nb_limine_read()        Limine
 *
 * Nothing is decided here. No byte is read but those that host->map() gives, or that
 * a length in them covers; what is wanted of them is copied.
 */
#ifndef NUMABOOT_ADAPTERS_H
#define NUMABOOT_ADAPTERS_H

#include <numaboot/acpi.h>
#include <numaboot/base.h>
#include <numaboot/firmware.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What was handed over. The caller gives the arrays; all else is filled in. */
struct nb_loader {
	struct nb_e820_entry *map;
	uint32_t map_cap;
	char *cmdline; /* NUL-terminated, cut to what fits; null: not wanted */
	size_t cmdline_cap;
	struct nb_range *taken; /* null: not wanted */
	uint32_t taken_cap;

	uint32_t map_count;        /* entries that there were: may be more than map_cap */
	uint32_t extended_count;   /* of these, the last ones: beyond the 128 of Linux's page */
	uint32_t taken_count;      /* ranges of RAM that are in use, of bytes: as above */
	uint32_t setup_data_count; /* of these, the first ones: nodes of Linux's boot protocol,
				    * and data that one of type SETUP_INDIRECT points at */
	nb_phys setup_data;        /* the first of these nodes; 0: none */
	nb_phys rsdp;              /* 0: not told */
	struct nb_range initrd;    /* empty: none */
	uint64_t e801_kib, e88_kib;
	bool efi;
};

/*
 * Each reads what its protocol left at a physical address.
 *
 * Errors: NB_ERR_FIRMWARE with *fault: it is not there, or nothing of that kind;
 * *to is then as it was. NB_ERR_FULL: more entries, or more ranges in use, than the
 * caller has room for: the counts say how many; with as much room it will do.
 */

/* Tags that are cut short end the list. Modules and the information itself are in use.
 * Source: Multiboot2 Specification 2.0, 3.6. */
NB_MUST_CHECK enum nb_err nb_multiboot2_read(struct nb_loader *to, struct nb_map *host,
					     nb_phys info, struct nb_fault *fault);

/* The first module is the initrd, the others are in use. Needs version 1, which has a map.
 * Source: Xen xen/include/public/arch-x86/hvm/start_info.h; Linux 6.12
 * arch/x86/platform/pvh/enlighten.c init_pvh_bootparams(). */
NB_MUST_CHECK enum nb_err nb_pvh_read(struct nb_loader *to, struct nb_map *host, nb_phys info,
				      struct nb_fault *fault);

/* Data nodes that cannot be mapped end their list, and so does the 64th, lest a list that
 * goes round has no end. Source: Linux 6.12
 * Documentation/arch/x86/boot.rst, arch/x86/include/uapi/asm/bootparam.h. */
NB_MUST_CHECK enum nb_err nb_boot_params_read(struct nb_loader *to, struct nb_map *host,
					      nb_phys page, struct nb_fault *fault);

/*
 * The descriptors that GetMemoryMap() gave, `size` bytes each, to the map that Linux's
 * EFI stub makes of them: neighbours of one type are one entry. Memory that has to be
 * accepted first, and types that UEFI does not name, are left out. The RSDP is for the
 * caller to look up in the configuration table.
 *
 * Errors: NB_ERR_FIRMWARE if a descriptor is too small to be one; NB_ERR_FULL.
 * Source: UEFI 2.10, 7.2.3; Linux 6.12 drivers/firmware/efi/libstub/x86-stub.c setup_e820().
 */
NB_MUST_CHECK enum nb_err nb_efi_map_read(struct nb_loader *to, struct nb_bytes map, size_t size,
					  struct nb_fault *fault);

/* An entry of Limine's map: struct limine_memmap_entry has the same layout. */
struct nb_limine_entry {
	uint64_t base, length, type;
};

/*
 * The map of Limine's response. What it may give back once it is left, the kernel and
 * its modules are RAM in use. The RSDP and the command line are in other responses.
 *
 * Errors: NB_ERR_FULL.
 * Source: Limine PROTOCOL.md, Memory Map Feature.
 */
NB_MUST_CHECK enum nb_err
nb_limine_read(struct nb_loader *to, const struct nb_limine_entry *const *entries, uint64_t count);

/* Puts what was handed over where a boot looks for it: map, command line, initrd, what
 * is in use. The tables are for nb_acpi_root(); all other facts stay as they are. The
 * arrays stay the caller's. */
void nb_firmware_take(struct nb_firmware *fw, const struct nb_loader *loader);

#ifdef __cplusplus
}
#endif
#endif
