/* SPDX-License-Identifier: MIT */
/*
 * percpu_model: groups of CPUs found by comparing each with each, and units of an
 * allocation by filling allocations one CPU at a time.
 */
#ifndef TESTS_MODEL_PERCPU_MODEL_H
#define TESTS_MODEL_PERCPU_MODEL_H

#include <numaboot/cpus.h>

enum { PERCPU_MODEL_LEAST = 32 << 10 }; /* bytes of the smallest unit */

struct percpu_model {
	uint64_t alloc, unit; /* bytes */
	uint32_t groups, units_per_alloc;
	uint32_t group_of[NB_MAX_CPUS]; /* by CPU */
	uint32_t rank[NB_MAX_CPUS];     /* which unit of its group each CPU has */
	uint32_t count[NB_MAX_CPUS];    /* CPUs of each group */
};

/* How far a CPU is from another; 10 is none at all. */
typedef uint32_t percpu_model_distance(const struct nb_cpus *cpus, uint32_t from, uint32_t to);

/* Local on the same node, remote on any other, as x86 has it. */
percpu_model_distance percpu_model_by_node;

/* Compares each CPU with each that has a lower number: they are of one group if
 * there is no distance between them either way. */
void percpu_model_groups(struct percpu_model *model, const struct nb_cpus *cpus,
			 percpu_model_distance *distance);

/* The units for areas of so many bytes, once groups are known. */
void percpu_model_units(struct percpu_model *model, uint64_t area, uint64_t atom,
			uint32_t possible);

#endif
