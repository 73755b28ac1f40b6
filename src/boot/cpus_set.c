/* SPDX-License-Identifier: MIT */
/*
 * cpus_set: CPUs as a set of APIC IDs.
 *
 *   boot CPU            number 0, before the firmware's list is read
 *   list: enabled       the next number, in the list's order, up to the limit
 *   list: disabled      counted now, numbered last, by ascending APIC ID
 *
 * The limit is the smallest of what the build, nr_cpus=, possible_cpus= and the
 * absence of SMP allow. A CPU beyond it is rejected and never gets a number.
 *
 * Source: Linux 6.12 arch/x86/kernel/cpu/topology.c.
 */
#include "boot/cpus_build.h"

/* Notes an APIC ID that may run, and gives it the next number if it is enabled. */
static enum nb_err note(struct nb_census *c, uint32_t apic_id, bool enabled)
{
	struct nb_cpus *cpus = c->cpus;
	bool fits = apic_id < cpus->apic_ids;
	uint32_t number = 0;

	if (!fits && apic_id < NB_MAX_APIC_IDS)
		return NB_ERR_FULL;
	if (fits)
		nb_census_see(cpus->apic_seen, apic_id);
	if (!enabled) {
		c->disabled++;
		nb_emit(c->env, .kind = NB_EV_CPU_REGISTERED, .id = apic_id);
		return NB_OK;
	}

	if (fits && nb_census_seen(cpus->apic_present, apic_id)) {
		/* The boot CPU is always met again: it was there before the list. */
		if (apic_id != c->boot_id)
			nb_emit(c->env, .kind = NB_EV_MADT_ENTRY_SKIPPED, .why = NB_WHY_REPEATED,
				.id = apic_id, .more = { c->offset });
		return NB_OK;
	}
	if (apic_id != c->boot_id)
		number = c->counted++;
	if (number >= cpus->cap)
		return NB_ERR_FULL;
	if (fits)
		nb_census_see(cpus->apic_present, apic_id);
	cpus->cpu[number] = (struct nb_cpu){ apic_id, NB_NO_NODE, true };
	nb_emit(c->env, .kind = NB_EV_CPU_REGISTERED, .id = apic_id, .got = number, .flags = 1);
	return NB_OK;
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

enum nb_err nb_cpus_set_begin(struct nb_census *c)
{
	enum nb_err err;

	c->counted = 1;
	err = note(c, c->boot_id, true);
	c->limit = early_limit(c->params, c->env);
	return err;
}

/*
 * Whether this CPU must be left alone because it is the bootstrap processor and
 * the kernel runs on another: a crash kernel, in which waking that one would
 * reset the machine. The firmware lists it first, so only the first entry is
 * asked. Linux 6.12 arch/x86/kernel/cpu/topology.c check_for_real_bsp().
 */
static bool is_forbidden_bsp(struct nb_census *c, uint32_t apic_id)
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

/* Linux 6.12 arch/x86/kernel/cpu/topology.c topology_register_apic(). */
enum nb_err nb_cpus_set_add(struct nb_census *c, uint32_t apic_id, bool enabled)
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
	if (apic_id != c->boot_id && c->counted >= c->limit) {
		if (!c->said_full)
			nb_emit(c->env, .kind = NB_EV_CPU_LIMIT_REACHED, .limit = c->limit);
		c->said_full = true;
		c->cpus->rejected++;
		return NB_OK;
	}
	return note(c, apic_id, enabled);
}

/* CPUs that are not there yet get the numbers that are left. */
static void number_disabled(const struct nb_census *c, uint32_t first, uint32_t count)
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
enum nb_err nb_cpus_set_close(struct nb_census *c, bool boot_cpu_only)
{
	struct nb_cpus *cpus = c->cpus;
	uint32_t total = c->counted + c->disabled, allowed = 1, present;

	if (!boot_cpu_only)
		allowed = (uint32_t)nb_min(total, c->limit);
	if (total > allowed)
		nb_emit(c->env, .kind = NB_EV_CPUS_EXCEED_LIMIT, .got = total, .limit = allowed);
	if (allowed > cpus->cap)
		return NB_ERR_FULL;
	present = (uint32_t)nb_min(allowed, c->counted);

	nb_emit(c->env, .kind = NB_EV_LOGICAL_NODES, .got = nb_nodes_count(&c->numa->of_cpus));
	nb_emit(c->env, .kind = NB_EV_CPUS_ALLOWED, .got = present, .limit = allowed - present,
		.more = { allowed });
	if (cpus->rejected)
		nb_emit(c->env, .kind = NB_EV_CPUS_REJECTED, .got = cpus->rejected);

	for (uint32_t cpu = allowed ? allowed : 1; cpu < c->counted; cpu++)
		cpus->cpu[cpu] = (struct nb_cpu){ .apic_id = NB_NO_APIC_ID, .nid = NB_NO_NODE };
	number_disabled(c, present, allowed - present);
	cpus->possible = allowed;
	cpus->present = present;
	cpus->threads_per_core =
		threads_per_core(cpus, (unsigned)nb_min(c->facts->thread_shift, 31));
	return NB_OK;
}
