/* SPDX-License-Identifier: MIT */
/*
 * facts: what is assumed of a machine where nothing is known: booted by a BIOS,
 * in xAPIC mode, bare metal, by a boot loader that left no data behind.
 */
#include <numaboot/firmware.h>

/*
 * Debian's build of 6.12.117 at 16 MiB. Its image is kept up to 0x3c00000; then
 * come 17 pages that early page tables and the DMI reader take of its brk, which
 * has 0x30000 bytes in all: the .brk section of vmlinux.
 */
enum {
	KERNEL_START = 0x1000000,
	KERNEL_RESERVED_END = 0x3c11000,
	KERNEL_END = 0x3c30000,
};

/* The last KiB below 640 KiB is the extended BIOS data area on most machines. */
enum { LOW_KIB = 639 };

struct nb_boot_facts nb_boot_facts_assumed(void)
{
	return (struct nb_boot_facts){
		.kernel = { KERNEL_START, KERNEL_RESERVED_END },
		.kernel_end = KERNEL_END,
		.boot_apic_is_bsp = true,
		.gb_pages = true,
		.five_level = false, /* few processors have it */
		.mp_table = true,
		.bios_low_kib = LOW_KIB,
		.parallel_bringup = true,
	};
}
