/* SPDX-License-Identifier: MIT */
/*
 * percpu: an area of memory for each CPU's own variables: how large it is, which
 * areas lie together, and where.
 */
#ifndef NUMABOOT_PERCPU_H
#define NUMABOOT_PERCPU_H

#include <numaboot/cpus.h>
#include <numaboot/firmware.h>
#include <numaboot/memblock.h>
#include <numaboot/numa.h>
#include <numaboot/params.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_env;

/* The CPUs of a node: their areas lie in one piece of memory. */
struct nb_percpu_group {
	int32_t nid;          /* whose memory was asked for; NB_NO_NODE: any */
	uint32_t first, cpus; /* its CPUs, ascending: nb_percpu.member[first .. first + cpus) */
	uint32_t units;       /* the piece, in units; those behind its CPUs' are given back */
	nb_phys area;         /* where its first unit begins; 0 if the areas are paged */
};

/*
 * The first chunk. An area is static variables, then room that is reserved for
 * those of modules, then room to give out; it begins a unit, whose rest is given
 * back. All sizes in bytes.
 */
struct nb_percpu {
	nb_phys static_bytes, reserved_bytes, dynamic_bytes;
	nb_phys unit_bytes;       /* from area to area in a group */
	nb_phys alloc_bytes;      /* what a group's memory is a multiple of */
	nb_phys atom_bytes;       /* what it is aligned to */
	uint32_t units_per_alloc; /* units in alloc_bytes */
	bool paged;               /* the units are mapped from single pages, wherever these lie */

	struct nb_percpu_group *group; /* [nodes], by the lowest CPU of each */
	uint32_t groups;
	uint32_t *member; /* [cap] CPU numbers, group by group */
	nb_phys *offset;  /* [cap] by CPU: from the lowest unit to the CPU's */
	nb_phys base;     /* where the lowest unit lies; 0 if they are paged */
	uint32_t cap;     /* CPU numbers that there is room for */

	uint32_t nodes;     /* node numbers that the arrays have room for */
	uint16_t *group_of; /* [nodes] working memory of the stage */
};

/* The bytes of one area, a whole number of pages. */
static inline nb_phys nb_percpu_area_bytes(const struct nb_percpu *percpu)
{
	return percpu->static_bytes + percpu->reserved_bytes + percpu->dynamic_bytes;
}

/* The physical address of a possible CPU's area; 0 if the areas are paged. */
static inline nb_phys nb_percpu_area(const struct nb_percpu *percpu, uint32_t cpu)
{
	return percpu->paged ? 0 : percpu->base + percpu->offset[cpu];
}

/*
 * Tells the bounds of CPU and node numbers and makes the areas of all possible
 * CPUs, with memory of memblock.
 *
 * Errors: NB_ERR_FULL if the caller's limits are too small; NB_ERR_DIES, after an
 * event, if no CPU is possible or memory does not suffice.
 * Source: Linux 6.12 arch/x86/kernel/setup_percpu.c setup_per_cpu_areas(),
 * mm/percpu.c pcpu_embed_first_chunk(), pcpu_page_first_chunk().
 */
NB_MUST_CHECK enum nb_err nb_percpu_build(struct nb_percpu *percpu, struct nb_memblock *mb,
					  const struct nb_cpus *cpus, const struct nb_numa *numa,
					  const struct nb_boot_facts *facts,
					  const struct nb_params *params, const struct nb_env *env);

#ifdef __cplusplus
}
#endif
#endif
