/* SPDX-License-Identifier: MIT */
/*
 * percpu: per-CPU areas are made for all CPU numbers below a bound, and masks of
 * CPUs and nodes have as many bits. The areas themselves take memory whose place
 * shows in addresses only: they are not modelled yet.
 *
 * Source: Linux 6.12 arch/x86/kernel/setup_percpu.c setup_per_cpu_areas().
 */
#include "boot/percpu.h"

#include <numaboot/rules.h>

enum nb_err nb_percpu_build(const struct nb_cpus *cpus, const struct nb_numa *numa,
			    const struct nb_env *env)
{
	uint32_t mask_bits = env->config->cpumask_offstack ? cpus->possible : env->config->max_cpus;

	nb_emit(env, .kind = NB_EV_CPU_IDS,
		.more = { env->config->max_cpus, mask_bits, cpus->possible, numa->nr_node_ids });
	return NB_OK;
}
