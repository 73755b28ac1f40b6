/* SPDX-License-Identifier: MIT */
/*
 * percpu: per-CPU areas are made for all CPU numbers below a bound, and masks of
 * CPUs and nodes have as many bits. The areas themselves take memory whose place
 * shows in addresses only: they are not modelled yet.
 *
 * Where no CPU is possible, which older lines let possible_cpus= ask for, the
 * bound is found by a search that ends beyond all numbers, and areas for none
 * cannot be made.
 *
 * Source: Linux 6.12 arch/x86/kernel/setup_percpu.c setup_per_cpu_areas().
 */
#include "boot/percpu.h"

#include <numaboot/rules.h>

enum nb_err nb_percpu_build(const struct nb_cpus *cpus, const struct nb_numa *numa,
			    const struct nb_env *env)
{
	uint32_t most = env->config->max_cpus;
	uint32_t ids = cpus->possible ? cpus->possible : most + 1;
	uint32_t mask_bits = env->config->cpumask_offstack ? ids : most;

	nb_emit(env, .kind = NB_EV_CPU_IDS, .more = { most, mask_bits, ids, numa->nr_node_ids });
	if (cpus->possible)
		return NB_OK;
	nb_emit(env, .kind = NB_EV_DIES, .id = NB_PERCPU, .why = NB_WHY_DIES_NO_CPU);
	return NB_ERR_DIES;
}
