/* SPDX-License-Identifier: MIT */
/*
 * smp: the CPUs are started, one after the other, and enter their nodes' masks.
 */
#ifndef NUMABOOT_SMP_H
#define NUMABOOT_SMP_H

#include <numaboot/cpus.h>
#include <numaboot/firmware.h>
#include <numaboot/numa.h>
#include <numaboot/params.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_env;

struct nb_smp {
	uint64_t *online;       /* bit set of CPUs that run */
	uint64_t *node_cpus;    /* [nodes * words] bit set of each node's CPUs: cpumask_of_node() */
	uint32_t nodes, words;  /* words of 64 bits in one set */
	uint32_t *apic_scratch; /* bit set of APIC IDs */
	uint32_t apic_ids;      /* how many it has room for */
	uint32_t online_count;
	uint32_t possible;       /* CPU numbers that are in the end: one, where SMP was given up */
	struct nb_nodes has_cpu; /* as node/has_cpu shows it */
	struct nb_nodes online_nodes;
};

/*
 * Starts the CPUs that facts and command line allow.
 *
 * Errors: NB_ERR_DIES, after an event, if memblock had no room for the code that
 * starts them, or by some rules if the boot CPU is not listed or not possible.
 * Source: Linux 6.12 kernel/cpu.c bringup_nonboot_cpus(), arch/x86/kernel/smpboot.c,
 * mm/numa_emulation.c numa_add_cpu().
 */
NB_MUST_CHECK enum nb_err nb_smp_build(struct nb_smp *smp, const struct nb_memblock *mb,
				       const struct nb_cpus *cpus, const struct nb_numa *numa,
				       const struct nb_boot_facts *facts,
				       const struct nb_params *params, const struct nb_env *env);

static inline bool nb_smp_is_online(const struct nb_smp *smp, uint32_t cpu)
{
	return cpu / 64 < smp->words && (smp->online[cpu / 64] >> (cpu % 64) & 1);
}

/* Whether a CPU is in a node's mask: with emulation it may be in several. */
static inline bool nb_smp_on_node(const struct nb_smp *smp, uint32_t cpu, int32_t nid)
{
	return cpu / 64 < smp->words && nid >= 0 && (uint32_t)nid < smp->nodes &&
	       (smp->node_cpus[(uint32_t)nid * smp->words + cpu / 64] >> (cpu % 64) & 1);
}

#ifdef __cplusplus
}
#endif
#endif
