/* SPDX-License-Identifier: MIT */
/* early: the stage between the direct map and the nodes; see early.c. */
#ifndef NB_BOOT_EARLY_H
#define NB_BOOT_EARLY_H

#include <numaboot/e820.h>
#include <numaboot/firmware.h>
#include <numaboot/memblock.h>
#include <numaboot/params.h>

NB_MUST_CHECK enum nb_err nb_early_build(struct nb_e820 *e820, struct nb_memblock *mb,
					 const struct nb_firmware *fw,
					 const struct nb_params *params, const struct nb_env *env);

/*
 * Maps the local APIC: its registers get a fixed address in the kernel's address space
 * as soon as the MADT is read, unless they are not needed: in x2APIC mode. Where the
 * image has no table for that address, one is taken. Linux 4.9
 * arch/x86/kernel/apic/apic.c register_lapic_address().
 */
NB_MUST_CHECK enum nb_err nb_early_map_apic(struct nb_memblock *mb, const struct nb_firmware *fw,
					    const struct nb_params *params,
					    const struct nb_env *env);

#endif
