/* SPDX-License-Identifier: MIT */
/*
 * facts: what is assumed of a machine where nothing is known: booted by a BIOS,
 * in xAPIC mode, bare metal, by a boot loader that left no data behind.
 */
#include <numaboot/firmware.h>
#include <numaboot/rules.h>

/* The last KiB below 640 KiB is the extended BIOS data area on most machines. */
enum { LOW_KIB = 639 };

struct nb_boot_facts nb_boot_facts_assumed(const struct nb_kernel_config *config)
{
	return (struct nb_boot_facts){
		.kernel = config->kernel,
		.kernel_end = config->kernel_end,
		.boot_apic_is_bsp = true,
		.gb_pages = true,
		.five_level = false, /* few processors have it */
		.mp_table = true,
		.bios_low_kib = LOW_KIB,
		.parallel_bringup = true,
	};
}
