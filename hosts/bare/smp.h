/* SPDX-License-Identifier: MIT */
/*
 * smp: every processor is started and reports itself.
 */
#ifndef HOSTS_BARE_SMP_H
#define HOSTS_BARE_SMP_H

#include <numaboot/boot.h>

struct started {
	const uint32_t *apic_ids; /* of those that run, the boot CPU's first */
	uint32_t count;
	uint32_t at_home; /* whose area lies on their own node */
	uint32_t wrong;   /* that did not answer, or by another APIC ID than they were called by */
};

/*
 * Starts every CPU that is present, whatever maxcpus= says, one after the other, each with an area of its
 * own from memblock, on its node as long as that has room. The areas are of CPUs
 * in their order, so that the boot CPU's comes first.
 *
 * Errors: NB_ERR_MEMORY, NB_ERR_FULL: there was no room for an area.
 */
NB_MUST_CHECK enum nb_err smp_start(struct nb_boot *boot, bool x2apic, struct started *started);

#endif
