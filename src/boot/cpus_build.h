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
	const struct nb_numa *numa;
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

/* cpus_set.c: before any list is read; for each entry that is listed; once all are.
 * boot_cpu_only: there is no description of others. Errors: NB_ERR_FULL. */
NB_MUST_CHECK enum nb_err nb_cpus_set_begin(struct nb_census *c);
NB_MUST_CHECK enum nb_err nb_cpus_set_add(struct nb_census *c, uint32_t apic_id, bool enabled);
NB_MUST_CHECK enum nb_err nb_cpus_set_close(struct nb_census *c, bool boot_cpu_only);

/* cpus_entry.c: likewise. */
NB_MUST_CHECK enum nb_err nb_cpus_entry_begin(struct nb_census *c);
NB_MUST_CHECK enum nb_err nb_cpus_entry_add(struct nb_census *c, uint32_t apic_id, bool enabled);
NB_MUST_CHECK enum nb_err nb_cpus_entry_close(struct nb_census *c);

static inline bool nb_census_seen(const uint32_t *bits, uint32_t apic_id)
{
	return bits[apic_id / 32] >> (apic_id % 32) & 1;
}

static inline void nb_census_see(uint32_t *bits, uint32_t apic_id)
{
	bits[apic_id / 32] |= (uint32_t)1 << (apic_id % 32);
}

/* cpus_hpet.c: takes what is taken of memory once the MADT was read. */
NB_MUST_CHECK enum nb_err nb_cpus_hpet(struct nb_memblock *mb, const struct nb_firmware *fw,
				       const struct nb_params *params, const struct nb_env *env);

/* cpus_place.c: gives each possible CPU its node, and brings nodes online that
 * have CPUs or initiators. */
void nb_cpus_place(struct nb_cpus *cpus, const struct nb_numa *numa, const struct nb_env *env);

#endif
