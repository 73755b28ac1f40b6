/* SPDX-License-Identifier: MIT */
/* percpu: the stage in which CPU and node numbers get their final bounds; see percpu.c. */
#ifndef NB_BOOT_PERCPU_H
#define NB_BOOT_PERCPU_H

#include <numaboot/cpus.h>
#include <numaboot/events.h>
#include <numaboot/numa.h>

/* Errors: NB_ERR_DIES if no CPU is possible, after an event. */
NB_MUST_CHECK enum nb_err nb_percpu_build(const struct nb_cpus *cpus, const struct nb_numa *numa,
					  const struct nb_env *env);

#endif
