/* SPDX-License-Identifier: MIT */
/*
 * machine: a machine of QEMU in the shape of a prediction: as many nodes, RAM and
 * CPUs on each, as far from each other. What is no node of memory or CPUs, and
 * where the memory lies, is QEMU's.
 */
#ifndef HOSTS_CLI_MACHINE_H
#define HOSTS_CLI_MACHINE_H

#include "run.h"

struct machine {
	struct pool pool;  /* of the texts */
	const char **args; /* QEMU's arguments, a null pointer at the end */
	uint32_t count, cap;

	uint32_t nodes, cpus;
	uint64_t bytes; /* of RAM */
};

/*
 * Describes the machine: with the RAM that the prediction has, each node's rounded up
 * to a MiB, or with `bytes` in all, if that is not 0, shared out in the same
 * proportion. False, with a complaint, if the boot did not get to its CPUs.
 */
bool machine_shape(struct machine *machine, const struct run *run, uint64_t bytes,
		   struct complaint *complaint);

/* Adds an argument. */
__attribute__((format(printf, 2, 3))) void machine_add(struct machine *machine, const char *format,
						       ...);

void machine_drop(struct machine *machine);

#endif
