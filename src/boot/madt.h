/* SPDX-License-Identifier: MIT */
/* madt: which CPUs the firmware lists. What the stages share, not for embedders. */
#ifndef NB_BOOT_MADT_H
#define NB_BOOT_MADT_H

#include <numaboot/acpi.h>
#include <numaboot/events.h>
#include <numaboot/firmware.h>
#include <numaboot/params.h>

/* What is known of the MADT before its CPUs are read. */
struct nb_madt {
	const struct nb_table *table; /* null: there is none, or ACPI is off */
	bool acpi;                    /* ACPI is on, with or without a MADT */
	bool apic_moved;              /* an entry gives the local APICs another address */
	struct nb_fault fault;        /* what turned ACPI off, if the MADT did */
};

/*
 * Looks for the MADT, and for the one thing in it that is read before the
 * nodes are: where the local APICs are. A MADT in which that cannot be read
 * turns ACPI off, so that there is no SRAT either.
 * Source: Linux 6.12 arch/x86/kernel/acpi/boot.c early_acpi_process_madt().
 */
struct nb_madt nb_madt_find(const struct nb_firmware *fw, const struct nb_params *params);

/* Whether the boot CPU's APIC is in x2APIC mode while the tables are read.
 * Source: Linux 6.12 arch/x86/kernel/apic/apic.c check_x2apic(), setup_nox2apic(). */
bool nb_x2apic_mode(const struct nb_boot_facts *facts, const struct nb_params *params);

/* Where the list of CPUs comes from. */
enum nb_cpu_list {
	NB_LIST_SAPIC,  /* the MADT has SAPIC entries: only these count */
	NB_LIST_APIC,   /* LAPIC and x2APIC entries, in the table's order */
	NB_LIST_X2APIC, /* x2APIC entries; LAPIC entries come after them */
	NB_LIST_LAPIC,
	NB_LIST_MP, /* the MultiProcessor table */
};

/* A walk over the CPUs that the firmware lists and that may ever run. */
struct nb_cpu_walk {
	struct nb_entry_walk entries;
	const struct nb_table *madt;
	const struct nb_env *env;
	enum nb_cpu_list list;
	uint32_t left;   /* entries that are still looked at */
	uint32_t offset; /* in the table, of the entry that was given last */
	uint32_t max_apic_id, mp_unlisted;
	bool online_capable, guest, lapic_cpus;
	bool seen;   /* there was an entry of a CPU, whatever became of it */
	bool broken; /* a malformed entry ended the walk, or its first half */
};

/* Begins a walk over the MADT, which has to be there. */
struct nb_cpu_walk nb_madt_cpus(const struct nb_table *madt, const struct nb_firmware *fw,
				bool x2apic, const struct nb_env *env);

/* Begins a walk over the CPUs of a MultiProcessor table, taken from the MADT. */
struct nb_cpu_walk nb_mp_cpus(const struct nb_table *madt, const struct nb_firmware *fw,
			      const struct nb_env *env);

/* Gives the next CPU; false at the end. Emits what it passes over. */
bool nb_cpu_next(struct nb_cpu_walk *walk, struct nb_madt_cpu *cpu);

#endif
