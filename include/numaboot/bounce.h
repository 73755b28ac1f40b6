/* SPDX-License-Identifier: MIT */
/* bounce: the stage that takes memory for devices that cannot reach all of RAM. */
#ifndef NUMABOOT_BOUNCE_H
#define NUMABOOT_BOUNCE_H

#include <numaboot/cpus.h>
#include <numaboot/e820.h>
#include <numaboot/events.h>
#include <numaboot/memblock.h>
#include <numaboot/numa.h>
#include <numaboot/params.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_bounce {
	struct nb_range buffers; /* below 4 GiB; empty: none */
};

/*
 * Takes bounce buffers, if RAM reaches above 4 GiB or the command line asks for them.
 * Errors: those of memblock; no room is an event.
 * Source: Linux 6.12 kernel/dma/swiotlb.c swiotlb_init_remap(),
 * arch/x86/kernel/pci-dma.c pci_swiotlb_detect().
 */
NB_MUST_CHECK enum nb_err nb_bounce_build(struct nb_bounce *bounce, struct nb_memblock *mb,
					  const struct nb_e820 *e820, const struct nb_numa *numa,
					  const struct nb_cpus *cpus,
					  const struct nb_params *params, const struct nb_env *env);

#ifdef __cplusplus
}
#endif
#endif
