/* SPDX-License-Identifier: MIT */
/*
 * cpus_build: what the files of the cpus stage share: one build in progress.
 *
 *   cpus.c         where the list of CPUs comes from, and the stage itself
 *   cpus_set.c     CPUs as a set of APIC IDs: the newer lines
 *   cpus_entry.c   CPUs counted entry by entry: the older lines
 *   cpus_place.c   the node of each
 */
#ifndef NB_BOOT_CPUS_BUILD_H
#define NB_BOOT_CPUS_BUILD_H

#include <numaboot/cpus.h>
#include <numaboot/events.h>
#include <numaboot/rules.h>

/* What is known while the list is read. */
struct nb_census {
	struct nb_cpus *cpus;
	const struct nb_boot_facts *facts;
	const struct nb_params *params;
	const struct nb_env *env;
	uint32_t limit;               /* numbers are below this */
	uint32_t boot_id, bsp_id;     /* APIC IDs; the bootstrap processor's is found out */
	uint32_t counted;             /* CPUs that are there */
	uint32_t next;                /* the next number; 0 is the boot CPU's */
	uint32_t disabled;            /* entries that may come to life, repeated ones too */
	uint32_t offset;              /* in the MADT, of the entry that is being read */
	bool x2apic;                  /* the boot CPU is in x2APIC mode */
	bool said_too_big, said_full; /* some lines say so once */
};

/* How a kernel registers CPUs: before any list is read, for each entry that is
 * listed, and once all are. boot_cpu_only: there is no description of others. */
struct nb_census_way {
	enum nb_err (*begin)(struct nb_census *c);
	enum nb_err (*add)(struct nb_census *c, uint32_t apic_id, bool enabled);
	enum nb_err (*close)(struct nb_census *c, bool boot_cpu_only);
};

extern const struct nb_census_way nb_census_by_set, nb_census_by_entry;

static inline bool nb_census_seen(const uint32_t *bits, uint32_t apic_id)
{
	return bits[apic_id / 32] >> (apic_id % 32) & 1;
}

static inline void nb_census_see(uint32_t *bits, uint32_t apic_id)
{
	bits[apic_id / 32] |= (uint32_t)1 << (apic_id % 32);
}

/* Gives each possible CPU its node, and brings nodes online that have CPUs or
 * initiators. Errors: NB_ERR_DIES if there is no room for a node's data, after
 * an event; NB_ERR_FULL. */
NB_MUST_CHECK enum nb_err nb_cpus_place(struct nb_cpus *cpus, struct nb_memblock *mb,
					struct nb_numa *numa, const struct nb_env *env);

#endif
