/* SPDX-License-Identifier: MIT */
/*
 * cpus: which CPU numbers there are, which APIC ID each has and which node it
 * is on, before any but the boot CPU runs.
 */
#ifndef NUMABOOT_CPUS_H
#define NUMABOOT_CPUS_H

#include <numaboot/firmware.h>
#include <numaboot/numa.h>
#include <numaboot/params.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_env;

struct nb_cpu {
	uint32_t apic_id; /* NB_NO_APIC_ID: a number without a CPU */
	int16_t nid;
	bool present;
};

struct nb_cpus {
	struct nb_cpu *cpu; /* [cap] by CPU number */
	uint32_t cap;
	uint32_t possible;         /* nr_cpu_ids: CPUs 0 .. possible - 1 are possible */
	uint32_t present;          /* how many the log counts as present */
	uint32_t rejected;         /* entries of the list that were turned away */
	uint32_t threads_per_core; /* of all that are registered, or of CPUID; at least 1 */
	bool boot_cpu_only;        /* no configuration, or switched off: no other is started */
	struct nb_nodes online;    /* the numa stage's, and those of CPUs and initiators */
	uint32_t *apic_seen;       /* bit set of registered APIC IDs, present or not */
	uint32_t *apic_present;    /* bit set */
	uint32_t apic_ids;
};

/*
 * Counts the CPUs of the MADT, numbers them and puts each on a node.
 *
 * mb: what is taken for notes of the machine's timer comes from there; null: nothing
 * is taken.
 *
 * Errors: NB_ERR_FULL if the caller's limits are too small.
 * Source: Linux 6.12 arch/x86/kernel/cpu/topology.c, arch/x86/kernel/acpi/boot.c,
 * arch/x86/mm/numa.c init_cpu_to_node().
 */
NB_MUST_CHECK enum nb_err nb_cpus_build(struct nb_cpus *cpus, struct nb_memblock *mb,
					const struct nb_numa *numa, const struct nb_firmware *fw,
					const struct nb_params *params, const struct nb_env *env);

#ifdef __cplusplus
}
#endif
#endif
