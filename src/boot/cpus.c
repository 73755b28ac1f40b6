/* SPDX-License-Identifier: MIT */
/*
 * cpus: how many CPUs there can be, which number each gets, and its node.
 *
 *   MADT --none, or ACPI is off--> MultiProcessor table --none--> the boot CPU
 *    |                               |                              |
 *    +------- each CPU listed -------+                              |
 *                  |                                                |
 *          counted and numbered, as the line has it  <--------------+
 *                  |
 *          each number gets a node; nodes with CPUs come online
 *
 * Source: Linux 6.12 arch/x86/kernel/acpi/boot.c acpi_process_madt(),
 * arch/x86/kernel/mpparse.c mpparse_parse_smp_config().
 */
#include <numaboot/cpus.h>

#include "boot/cpus_build.h"
#include "boot/early.h"
#include "boot/madt.h"

/* An I/O APIC's entry in the MADT, type 1: ACPI 6.5 5.2.12.3. */
enum { MADT_IO_APIC = 1 };

/* How the CPUs become known, and what follows from it. */
struct sources {
	struct nb_madt madt;
	bool x2apic;
	bool lapic; /* the MADT lists local APICs */
	bool found; /* there is a description of a multiprocessor machine */
};

static void clear_result(struct nb_cpus *cpus, const struct nb_numa *numa)
{
	for (uint32_t cpu = 0; cpu < cpus->cap; cpu++)
		cpus->cpu[cpu] = (struct nb_cpu){ .apic_id = NB_NO_APIC_ID, .nid = NB_NO_NODE };
	for (uint32_t word = 0; word < (cpus->apic_ids + 31) / 32; word++) {
		cpus->apic_seen[word] = 0;
		cpus->apic_present[word] = 0;
	}
	cpus->possible = 0;
	cpus->present = 0;
	cpus->rejected = 0;
	cpus->online = numa->online;
}

static enum nb_err begin(struct nb_census *c)
{
	if (c->env->rules->cpu_registry == NB_REGISTRY_SET)
		return nb_cpus_set_begin(c);
	return nb_cpus_entry_begin(c);
}

/* Takes or rejects one CPU of the list. */
static enum nb_err add(struct nb_census *c, uint32_t apic_id, bool enabled)
{
	if (c->env->rules->cpu_registry == NB_REGISTRY_SET)
		return nb_cpus_set_add(c, apic_id, enabled);
	return nb_cpus_entry_add(c, apic_id, enabled);
}

static enum nb_err close(struct nb_census *c, bool boot_cpu_only)
{
	if (c->env->rules->cpu_registry == NB_REGISTRY_SET)
		return nb_cpus_set_close(c, boot_cpu_only);
	return nb_cpus_entry_close(c);
}

/* Registers a whole list; *enabled is how many of it are there. */
static enum nb_err register_list(struct nb_census *c, struct nb_cpu_walk *walk, uint32_t *enabled)
{
	struct nb_madt_cpu cpu;
	enum nb_err err = NB_OK;

	*enabled = 0;
	while (!err && nb_cpu_next(walk, &cpu)) {
		bool there = cpu.flags & NB_MADT_ENABLED;

		*enabled += there;
		c->offset = walk->offset;
		err = add(c, cpu.apic_id, there);
	}
	return err;
}

static bool has_io_apic(const struct nb_table *madt)
{
	struct nb_entry_walk walk = nb_entries(madt, NB_ENTRY_COMMON, NB_MADT_ENTRIES);
	struct nb_entry entry;

	while (nb_entry_next(&walk, &entry))
		if (entry.type == MADT_IO_APIC)
			return true;
	return false;
}

/* Reads the CPUs of the MADT, if it is there and there is an APIC to use. */
static enum nb_err read_madt(struct nb_census *c, struct sources *s, const struct nb_firmware *fw,
			     const struct nb_params *params)
{
	struct nb_cpu_walk walk;
	uint32_t enabled;
	enum nb_err err;

	/* ACPI without a MADT means one CPU, whatever a MP table says. */
	if (s->madt.acpi && !s->madt.table)
		s->found = false;
	if (!s->madt.table || params->no_apic)
		return NB_OK;

	walk = nb_madt_cpus(s->madt.table, fw, s->x2apic, c->env);
	err = register_list(c, &walk, &enabled);
	if (err || walk.broken || !walk.seen)
		return err; /* an entry is malformed, or there was none at all */
	s->lapic = true;
	/* nosmp and maxcpus=0 switch the I/O APICs off. */
	if (!params->no_smp && has_io_apic(s->madt.table))
		s->found = true;
	return NB_OK;
}

/* Reads the MultiProcessor table, if the CPUs are not known from ACPI. */
static enum nb_err read_mp_table(struct nb_census *c, struct sources *s,
				 const struct nb_firmware *fw)
{
	const struct nb_table *madt = nb_firmware_table(fw, "APIC");
	struct nb_cpu_walk walk;
	uint32_t enabled;
	enum nb_err err;

	if (!s->found || !c->facts->mp_table || s->lapic)
		return NB_OK;
	if (!madt) /* at least the CPU that runs is in it */
		return add(c, c->boot_id, true);
	walk = nb_mp_cpus(madt, fw, c->env);
	err = register_list(c, &walk, &enabled);
	s->found = enabled > 0;
	return err;
}

static enum nb_err count_cpus(struct nb_cpus *cpus, struct nb_memblock *mb,
			      const struct nb_numa *numa, const struct nb_firmware *fw,
			      const struct nb_params *params, const struct nb_env *env)
{
	struct sources s = {
		.madt = nb_madt_find(fw, params),
		.x2apic = nb_x2apic_mode(&fw->facts, params),
	};
	struct nb_census c = {
		.cpus = cpus,
		.facts = &fw->facts,
		.params = params,
		.numa = numa,
		.env = env,
		.boot_id = fw->facts.boot_apic_id,
		.bsp_id = NB_NO_APIC_ID,
		.x2apic = s.x2apic,
	};
	enum nb_err err;

	/* A MADT counts as a description before its CPUs are read, but for one
	 * that moves the local APICs: Linux takes their number for an error. */
	s.lapic = s.madt.table && !params->no_apic && !s.madt.apic_moved;
	s.found = s.lapic || fw->facts.mp_table;
	if (params->no_apic && !s.x2apic && !fw->facts.mp_table)
		c.boot_id = 0; /* nothing has read the real one */

	err = begin(&c);
	if (!err && mb && env->rules->apic_table == NB_APIC_TABLE_LATE)
		err = nb_early_map_apic(mb, fw, params, env);
	if (!err)
		err = read_madt(&c, &s, fw, params);
	if (!err && mb)
		err = nb_cpus_hpet(mb, fw, params, env);
	if (!err)
		err = read_mp_table(&c, &s, fw);
	if (err)
		return err;
	cpus->boot_cpu_only = params->no_apic || fw->facts.no_local_apic ||
			      (!s.found && !s.lapic) || (s.found && params->max_cpus == 0);
	return close(&c, params->no_apic || !s.found);
}

enum nb_err nb_cpus_build(struct nb_cpus *cpus, struct nb_memblock *mb, const struct nb_numa *numa,
			  const struct nb_firmware *fw, const struct nb_params *params,
			  const struct nb_env *env)
{
	enum nb_err err;

	nb_assert(cpus->cap > 0);
	clear_result(cpus, numa);
	err = count_cpus(cpus, mb, numa, fw, params, env);
	if (err)
		return err;
	nb_cpus_place(cpus, numa, env);

	/* possible_cpus=0 is obeyed up to here; the boot CPU exists all the same,
	 * but not to the older lines, which do not survive that. */
	if (!cpus->possible && env->rules->cpu_registry == NB_REGISTRY_SET) {
		cpus->possible = 1;
		cpus->cpu[0].nid = (int16_t)nb_nodes_next(&numa->online, 0);
	}
	return NB_OK;
}
