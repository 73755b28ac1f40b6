/* SPDX-License-Identifier: MIT */
/*
 * cpus_entry: CPUs counted entry by entry, as kernels did before 6.9.
 *
 *   list: the boot CPU     number 0
 *   list: enabled          the next number; listed again, it counts again
 *   list: disabled         a number of its own in the end, but no APIC ID
 *   list: over nr_cpus=    as if it were disabled; the last place is kept for
 *                          the boot CPU as long as that has not come up
 *
 * possible_cpus= stands for all that was counted, larger or smaller. What the
 * boot CPU is called is known from the start, but it counts as any other.
 *
 * Source: Linux 6.1 arch/x86/kernel/apic/apic.c generic_processor_info(),
 * arch/x86/kernel/smpboot.c prefill_possible_map().
 */
#include "boot/cpus_build.h"

enum { LAST_XAPIC_ID = 0xfe };

enum nb_err nb_cpus_entry_begin(struct nb_census *c)
{
	uint32_t built = c->env->config->max_cpus;

	c->limit = c->params->nr_cpus ? (uint32_t)nb_min(c->params->nr_cpus, built) : built;
	c->next = 1;
	return NB_OK;
}

static enum nb_err ignore(struct nb_census *c, uint32_t apic_id, bool place_kept)
{
	nb_emit(c->env, .kind = NB_EV_CPU_IGNORED, .id = apic_id, .limit = c->limit,
		.got = (uint64_t)c->limit + c->disabled - place_kept, .flags = place_kept);
	c->disabled++;
	c->cpus->rejected++;
	return NB_OK;
}

/* The number that an APIC ID has, or the next one if it has none. */
static uint32_t number_of(const struct nb_census *c, uint32_t apic_id)
{
	const struct nb_cpus *cpus = c->cpus;

	if (apic_id < cpus->apic_ids && !nb_census_seen(cpus->apic_present, apic_id))
		return c->next;
	for (uint32_t number = 0; number < c->next; number++)
		if (cpus->cpu[number].apic_id == apic_id)
			return number;
	return c->next;
}

/* Gives a CPU that is there its number. */
static enum nb_err give_number(struct nb_census *c, uint32_t apic_id)
{
	struct nb_cpus *cpus = c->cpus;
	uint32_t number = c->next;

	if (apic_id == c->boot_id)
		number = 0;
	else if (c->env->rules->cpu_registry == NB_REGISTRY_KEPT)
		number = number_of(c, apic_id);
	if (number >= cpus->cap)
		return NB_ERR_FULL;
	c->next += number == c->next;
	c->counted++;
	if (apic_id < cpus->apic_ids)
		nb_census_see(cpus->apic_present, apic_id);
	cpus->cpu[number] = (struct nb_cpu){ apic_id, NB_NO_NODE, true };
	nb_emit(c->env, .kind = NB_EV_CPU_REGISTERED, .id = apic_id, .got = number, .flags = 1);
	return NB_OK;
}

/* Linux 6.1 arch/x86/kernel/acpi/boot.c acpi_register_lapic(). */
enum nb_err nb_cpus_entry_add(struct nb_census *c, uint32_t apic_id, bool enabled)
{
	struct nb_cpus *cpus = c->cpus;
	bool fits = apic_id < cpus->apic_ids, met;

	if (!fits && apic_id < NB_MAX_APIC_IDS)
		return NB_ERR_FULL;
	if (!fits && apic_id != NB_NO_APIC_ID) {
		nb_emit(c->env, .kind = NB_EV_APIC_TOO_BIG, .id = apic_id, .got = apic_id,
			.limit = NB_MAX_APIC_IDS - 1);
		cpus->rejected++;
		return NB_OK;
	}
	if (fits)
		nb_census_see(cpus->apic_seen, apic_id);
	if (!enabled) {
		c->disabled++;
		nb_emit(c->env, .kind = NB_EV_CPU_REGISTERED, .id = apic_id);
		return NB_OK;
	}

	met = c->boot_id < cpus->apic_ids && nb_census_seen(cpus->apic_present, c->boot_id);
	if (apic_id != c->boot_id && !met && c->counted + 1 >= c->limit)
		return ignore(c, apic_id, true);
	if (c->counted >= c->limit)
		return ignore(c, apic_id, false);
	return give_number(c, apic_id);
}

/* Nothing was listed: the boot CPU runs all the same. */
static enum nb_err only_boot_cpu(struct nb_census *c)
{
	bool addressable = c->x2apic || c->boot_id <= LAST_XAPIC_ID;
	enum nb_err err = NB_OK;

	if (c->env->rules->cpu_registry == NB_REGISTRY_KEPT && !c->params->no_apic) {
		nb_emit(c->env, .kind = NB_EV_BOOT_CPU_UNLISTED, .id = c->boot_id);
		if (addressable)
			err = nb_cpus_entry_add(c, c->boot_id, true);
	}
	c->counted = 1;
	return err;
}

/* How many CPUs are possible, by what was counted and what the command line says. */
static uint32_t count_possible(const struct nb_census *c)
{
	const struct nb_params *params = c->params;
	uint32_t possible = params->possible_cpus;

	if (possible == UINT32_MAX)
		possible = c->counted + (params->max_cpus ? c->disabled : 0);
	if (possible > c->limit) {
		/* a negative one is shown as such */
		nb_emit(c->env, .kind = NB_EV_CPUS_EXCEED_LIMIT, .limit = c->limit,
			.got = (uint64_t)(int64_t)(int32_t)possible);
		possible = c->limit;
	}
	if (!params->max_cpus && possible > 1) {
		nb_emit(c->env, .kind = NB_EV_CPUS_EXCEED_LIMIT, .got = possible, .flags = 1);
		possible = 1;
	}
	return possible;
}

enum nb_err nb_cpus_entry_close(struct nb_census *c)
{
	struct nb_cpus *cpus = c->cpus;
	enum nb_err err = c->counted ? NB_OK : only_boot_cpu(c);
	uint32_t possible, hotplug;

	if (err)
		return err;
	possible = count_possible(c);
	if (possible > cpus->cap)
		return NB_ERR_FULL;
	hotplug = possible > c->counted ? possible - c->counted : 0;
	nb_emit(c->env, .kind = NB_EV_CPUS_ALLOWED, .got = possible - hotplug, .limit = hotplug,
		.more = { possible });

	cpus->cpu[0].present = true; /* it runs, listed or not */
	for (uint32_t cpu = possible ? possible : 1; cpu < c->next; cpu++)
		cpus->cpu[cpu] = (struct nb_cpu){ .apic_id = NB_NO_APIC_ID, .nid = NB_NO_NODE };
	cpus->possible = possible;
	cpus->present = possible - hotplug;
	/* by CPUID alone, whichever CPUs are listed */
	cpus->threads_per_core = (uint32_t)1 << nb_min(c->facts->thread_shift, 31);
	return NB_OK;
}
