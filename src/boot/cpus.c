/* SPDX-License-Identifier: MIT */
/*
 * cpus: how many CPUs there can be, which number each gets, and its node.
 *
 *   boot CPU            number 0, before the firmware's list is read
 *   list: enabled       the next number, in the list's order, up to the limit
 *   list: disabled      counted now, numbered last, by ascending APIC ID
 *
 *   node of a number    dealt in turn from the nodes with memory; then, if the
 *                       SRAT names its APIC ID, that one, which comes online
 *
 * The limit is the smallest of what the build, nr_cpus=, possible_cpus= and the
 * absence of SMP allow. A CPU beyond it is rejected and never gets a number.
 *
 * Source: Linux 6.12 arch/x86/kernel/cpu/topology.c, arch/x86/kernel/acpi/boot.c,
 * arch/x86/mm/numa.c numa_init_array(), init_cpu_to_node(), init_gi_nodes().
 */
#include <numaboot/cpus.h>

#include "boot/madt.h"

#include <numaboot/rules.h>

/* An I/O APIC's entry in the MADT, type 1: ACPI 6.5 5.2.12.3. */
enum { MADT_IO_APIC = 1 };

/* What is known while the list is read. */
struct census {
	struct nb_cpus *cpus;
	const struct nb_boot_facts *facts;
	const struct nb_env *env;
	uint32_t limit;               /* numbers are below this */
	uint32_t boot_id, bsp_id;     /* APIC IDs; the bootstrap processor's is found out */
	uint32_t numbered;            /* CPUs that have a number: the boot CPU always has */
	uint32_t disabled;            /* entries that may come to life, repeated ones too */
	uint32_t offset;              /* in the MADT, of the entry that is being read */
	bool said_too_big, said_full; /* Linux says so once */
};

/* How the CPUs become known, and what follows from it. */
struct sources {
	struct nb_madt madt;
	bool x2apic;
	bool lapic; /* the MADT lists local APICs */
	bool found; /* there is a description of a multiprocessor machine */
};

static bool bit_is_set(const uint32_t *bits, uint32_t at)
{
	return bits[at / 32] >> (at % 32) & 1;
}

static void set_bit(uint32_t *bits, uint32_t at)
{
	bits[at / 32] |= (uint32_t)1 << (at % 32);
}

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

/* Notes an APIC ID that may run, and gives it the next number if it is enabled. */
static enum nb_err add_cpu(struct census *c, uint32_t apic_id, bool enabled)
{
	struct nb_cpus *cpus = c->cpus;
	bool fits = apic_id < cpus->apic_ids;
	uint32_t number = 0;

	if (!fits && apic_id < NB_MAX_APIC_IDS)
		return NB_ERR_FULL;
	if (fits)
		set_bit(cpus->apic_seen, apic_id);
	if (!enabled) {
		c->disabled++;
		nb_emit(c->env, .kind = NB_EV_CPU_REGISTERED, .id = apic_id);
		return NB_OK;
	}

	if (fits && bit_is_set(cpus->apic_present, apic_id)) {
		/* The boot CPU is always met again: it was there before the list. */
		if (apic_id != c->boot_id)
			nb_emit(c->env, .kind = NB_EV_MADT_ENTRY_SKIPPED, .why = NB_WHY_REPEATED,
				.id = apic_id, .more = { c->offset });
		return NB_OK;
	}
	if (apic_id != c->boot_id)
		number = c->numbered++;
	if (number >= cpus->cap)
		return NB_ERR_FULL;
	if (fits)
		set_bit(cpus->apic_present, apic_id);
	cpus->cpu[number] = (struct nb_cpu){ apic_id, NB_NO_NODE, true };
	nb_emit(c->env, .kind = NB_EV_CPU_REGISTERED, .id = apic_id, .got = number, .flags = 1);
	return NB_OK;
}

/*
 * Whether this CPU must be left alone because it is the bootstrap processor and
 * the kernel runs on another: a crash kernel, in which waking that one would
 * reset the machine. The firmware lists it first, so only the first entry is
 * asked. Linux 6.12 arch/x86/kernel/cpu/topology.c check_for_real_bsp().
 */
static bool is_forbidden_bsp(struct census *c, uint32_t apic_id)
{
	bool marked = c->facts->boot_apic_is_bsp;

	if (c->bsp_id != NB_NO_APIC_ID)
		return false;
	if (apic_id == c->boot_id && marked) {
		c->bsp_id = apic_id;
		return false;
	}
	if (apic_id == c->boot_id) {
		/* The real one is not known: the next entry is asked as well. */
		nb_emit(c->env, .kind = NB_EV_BSP_NOT_MARKED, .id = apic_id);
		nb_emit(c->env, .kind = NB_EV_BSP_ASSUME_KDUMP);
		nb_emit(c->env, .kind = NB_EV_BSP_ORDER_BUG);
		c->limit = 1;
		return false;
	}

	nb_emit(c->env, .kind = NB_EV_BSP_NOT_FIRST, .id = c->boot_id, .got = apic_id);
	if (marked) {
		nb_emit(c->env, .kind = NB_EV_BSP_ORDER_BUG);
		c->bsp_id = c->boot_id;
		return false;
	}
	nb_emit(c->env, .kind = NB_EV_BSP_DISABLED, .id = apic_id);
	c->bsp_id = apic_id;
	return true;
}

/* Takes or rejects one CPU of the list. Linux 6.12 topology_register_apic(). */
static enum nb_err register_cpu(struct census *c, uint32_t apic_id, bool enabled)
{
	if (apic_id >= NB_MAX_APIC_IDS) {
		if (!c->said_too_big)
			nb_emit(c->env, .kind = NB_EV_APIC_TOO_BIG, .id = apic_id, .got = apic_id,
				.limit = NB_MAX_APIC_IDS - 1);
		c->said_too_big = true;
		c->cpus->rejected++;
		return NB_OK;
	}
	if (is_forbidden_bsp(c, apic_id)) {
		c->cpus->rejected++;
		return NB_OK;
	}
	/* Once the numbers are used up even a CPU that has one is turned away. */
	if (apic_id != c->boot_id && c->numbered >= c->limit) {
		if (!c->said_full)
			nb_emit(c->env, .kind = NB_EV_CPU_LIMIT_REACHED, .limit = c->limit);
		c->said_full = true;
		c->cpus->rejected++;
		return NB_OK;
	}
	return add_cpu(c, apic_id, enabled);
}

/* Registers a whole list; *enabled is how many of it are there. */
static enum nb_err register_list(struct census *c, struct nb_cpu_walk *walk, uint32_t *enabled)
{
	struct nb_madt_cpu cpu;
	enum nb_err err = NB_OK;

	*enabled = 0;
	while (!err && nb_cpu_next(walk, &cpu)) {
		bool there = cpu.flags & NB_MADT_ENABLED;

		*enabled += there;
		c->offset = walk->offset;
		err = register_cpu(c, cpu.apic_id, there);
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
static enum nb_err read_madt(struct census *c, struct sources *s, const struct nb_firmware *fw,
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
	if (err || walk.broken || walk.left == NB_MAX_APIC_IDS)
		return err; /* an entry is malformed, or there was none at all */
	s->lapic = true;
	/* nosmp and maxcpus=0 switch the I/O APICs off. */
	if (!params->no_smp && has_io_apic(s->madt.table))
		s->found = true;
	return NB_OK;
}

/* Reads the MultiProcessor table, if the CPUs are not known from ACPI. */
static enum nb_err read_mp_table(struct census *c, struct sources *s, const struct nb_firmware *fw)
{
	const struct nb_table *madt = nb_firmware_table(fw, "APIC");
	struct nb_cpu_walk walk;
	uint32_t enabled;
	enum nb_err err;

	if (!s->found || !c->facts->mp_table || s->lapic)
		return NB_OK;
	if (!madt) /* at least the CPU that runs is in it */
		return register_cpu(c, c->boot_id, true);
	walk = nb_mp_cpus(madt, fw, c->env);
	err = register_list(c, &walk, &enabled);
	s->found = enabled > 0;
	return err;
}

/* The limit before any list is read. Linux 6.12 kernel/smp.c nrcpus(),
 * arch/x86/kernel/cpu/topology.c topology_apply_cmdline_limits_early(). */
static uint32_t early_limit(const struct nb_params *params, const struct nb_env *env)
{
	uint32_t built = env->config->max_cpus;
	uint32_t given = params->nr_cpus ? (uint32_t)nb_min(params->nr_cpus, built) : built;
	uint32_t limit = params->max_cpus == 0 || params->no_apic ? 1 : given;

	limit = (uint32_t)nb_min(limit, params->possible_cpus);
	if (limit < given)
		nb_emit(env, .kind = NB_EV_CPU_LIMIT_EARLY, .got = limit);
	return limit;
}

/* CPUs that are not there yet get the numbers that are left. */
static void number_disabled(const struct census *c, uint32_t first, uint32_t count)
{
	struct nb_cpus *cpus = c->cpus;
	uint32_t words = (cpus->apic_ids + 31) / 32, number = first;

	for (uint32_t word = 0; word < words; word++) {
		uint32_t bits = cpus->apic_seen[word] & ~cpus->apic_present[word];

		for (; bits && number < first + count; bits &= bits - 1)
			cpus->cpu[number++].apic_id = word * 32 + (uint32_t)__builtin_ctz(bits);
	}
}

/* Threads of a core, as the registered APIC IDs have it: rounded up. */
static uint32_t threads_per_core(const struct nb_cpus *cpus, unsigned thread_shift)
{
	uint32_t ids = 0, cores = 0, last_core = UINT32_MAX;

	for (uint32_t word = 0; word < (cpus->apic_ids + 31) / 32; word++) {
		for (uint32_t bits = cpus->apic_seen[word]; bits; bits &= bits - 1) {
			uint32_t id = word * 32 + (uint32_t)__builtin_ctz(bits);

			ids++;
			cores += id >> thread_shift != last_core;
			last_core = id >> thread_shift;
		}
	}
	return cores ? (ids + cores - 1) / cores : 1;
}

/* Fixes how many are possible, and numbers the rest.
 * Linux 6.12 arch/x86/kernel/cpu/topology.c topology_init_possible_cpus(). */
static enum nb_err close_census(struct census *c, bool boot_cpu_only)
{
	struct nb_cpus *cpus = c->cpus;
	uint32_t total = c->numbered + c->disabled, allowed = 1, present;

	if (!boot_cpu_only)
		allowed = (uint32_t)nb_min(total, c->limit);
	if (total > allowed)
		nb_emit(c->env, .kind = NB_EV_CPUS_EXCEED_LIMIT, .got = total, .limit = allowed);
	if (allowed > cpus->cap)
		return NB_ERR_FULL;
	present = (uint32_t)nb_min(allowed, c->numbered);

	nb_emit(c->env, .kind = NB_EV_CPUS_ALLOWED, .got = present, .limit = allowed - present);
	if (cpus->rejected)
		nb_emit(c->env, .kind = NB_EV_CPUS_REJECTED, .got = cpus->rejected);

	for (uint32_t cpu = allowed ? allowed : 1; cpu < c->numbered; cpu++)
		cpus->cpu[cpu] = (struct nb_cpu){ .apic_id = NB_NO_APIC_ID, .nid = NB_NO_NODE };
	number_disabled(c, present, allowed - present);
	cpus->possible = allowed;
	cpus->present = present;
	cpus->threads_per_core =
		threads_per_core(cpus, (unsigned)nb_min(c->facts->thread_shift, 31));
	return NB_OK;
}

static enum nb_err count_cpus(struct nb_cpus *cpus, const struct nb_firmware *fw,
			      const struct nb_params *params, const struct nb_env *env)
{
	struct sources s = {
		.madt = nb_madt_find(fw, params),
		.x2apic = nb_x2apic_mode(&fw->facts, params),
	};
	struct census c = {
		.cpus = cpus,
		.facts = &fw->facts,
		.env = env,
		.boot_id = fw->facts.boot_apic_id,
		.bsp_id = NB_NO_APIC_ID,
		.numbered = 1,
	};
	enum nb_err err;

	/* A MADT counts as a description before its CPUs are read, but for one
	 * that moves the local APICs: Linux takes their number for an error. */
	s.lapic = s.madt.table && !params->no_apic && !s.madt.apic_moved;
	s.found = s.lapic || fw->facts.mp_table;
	if (params->no_apic && !s.x2apic && !fw->facts.mp_table)
		c.boot_id = 0; /* nothing has read the real one */

	err = add_cpu(&c, c.boot_id, true);
	c.limit = early_limit(params, env);
	if (!err)
		err = read_madt(&c, &s, fw, params);
	if (!err)
		err = read_mp_table(&c, &s, fw);
	if (err)
		return err;
	cpus->boot_cpu_only = params->no_apic || (!s.found && !s.lapic) ||
			      (s.found && params->max_cpus == 0);
	return close_census(&c, params->no_apic || !s.found);
}

static void bring_online(struct nb_cpus *cpus, int32_t nid, enum nb_why why,
			 const struct nb_env *env)
{
	if (nb_nodes_has(&cpus->online, nid))
		return;
	nb_nodes_add(&cpus->online, nid);
	nb_emit(env, .kind = NB_EV_NODE_ONLINE, .nid = nid, .why = why);
}

/* The node that the SRAT gives an APIC ID. */
static int32_t srat_node(const struct nb_numa *numa, uint32_t apic_id)
{
	return apic_id < numa->apic_ids ? numa->apic_node[apic_id] : NB_NO_NODE;
}

/*
 * Gives each possible CPU a node. Every number was dealt one before any CPU was
 * known, in turn from the nodes with memory; the SRAT's word replaces it, but
 * only for CPUs that are there: Linux does not note the APIC IDs of others here.
 */
static void place_cpus(struct nb_cpus *cpus, const struct nb_numa *numa, const struct nb_env *env)
{
	int32_t turn = nb_nodes_next(&numa->online, 0);

	for (uint32_t cpu = 0; cpu < cpus->possible; cpu++) {
		struct nb_cpu *it = &cpus->cpu[cpu];
		int32_t nid = it->present ? srat_node(numa, it->apic_id) : NB_NO_NODE;
		bool listed = nid != NB_NO_NODE;

		if (listed)
			bring_online(cpus, nid, NB_WHY_HAS_CPU, env);
		it->nid = (int16_t)(listed ? nid : turn);
		nb_emit(env, .kind = NB_EV_CPU_NODE, .id = cpu, .nid = it->nid,
			.why = listed ? NB_WHY_SRAT : NB_WHY_ROUND_ROBIN);

		turn = nb_nodes_next(&numa->online, turn + 1);
		if (turn == NB_NO_NODE)
			turn = nb_nodes_next(&numa->online, 0);
	}
}

enum nb_err nb_cpus_build(struct nb_cpus *cpus, const struct nb_numa *numa,
			  const struct nb_firmware *fw, const struct nb_params *params,
			  const struct nb_env *env)
{
	enum nb_err err;

	nb_assert(cpus->cap > 0);
	clear_result(cpus, numa);
	err = count_cpus(cpus, fw, params, env);
	if (err)
		return err;
	place_cpus(cpus, numa, env);
	nb_for_each_node (nid, &numa->initiator)
		bring_online(cpus, nid, NB_WHY_HAS_INITIATOR, env);

	/* possible_cpus=0 is obeyed up to here; the boot CPU exists all the same. */
	if (!cpus->possible) {
		cpus->possible = 1;
		cpus->cpu[0].nid = (int16_t)nb_nodes_next(&numa->online, 0);
	}
	return NB_OK;
}
