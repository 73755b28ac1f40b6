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
 * Once the per-CPU areas are there: has the boot CPU move into its own, and report
 * from the stack in it.
 *
 * Errors: NB_ERR_MEMORY: an area lies where nothing is mapped, or is no one piece.
 */
NB_MUST_CHECK enum nb_err smp_prepare_boot_cpu(const struct nb_boot *boot, bool x2apic);

/*
 * Starts every other CPU that is present, whatever maxcpus= says, one after the other,
 * each in its area. Errors: as above.
 */
NB_MUST_CHECK enum nb_err smp_start(const struct nb_boot *boot, bool x2apic,
				    struct started *started);

/* How many CPUs run, and have work for them begin and end: work(number, shared) is
 * called once on each, on all at once. */
uint32_t smp_running(void);
void smp_run(const struct nb_boot *boot, void (*work)(uint32_t number, void *shared), void *shared);

/* Waits until a number that others raise is as high as that. */
void smp_wait_for(const uint32_t *number, uint32_t least);

#endif
