/* SPDX-License-Identifier: MIT */
/*
 * cpu: why a CPU is on its node: the MADT gives its number an APIC ID, the SRAT the
 * APIC ID a node; where it does not, the nodes are dealt, and on AMD's processors a
 * CPU that comes up looks once more.
 */
#include "inquiry.h"

/* The last word on a CPU's node. */
static const struct nb_event *placed(const struct inquiry *q, uint32_t cpu)
{
	struct tape_part part = tape_all(q->tape);
	const struct nb_event *event, *last = NULL;

	while ((event = tape_next(&part, NB_EV_CPU_NODE)))
		if (event->id == cpu)
			last = event;
	return last;
}

/* The SRAT's word on an APIC ID: the last one holds. */
static const struct nb_event *srat_word(const struct inquiry *q, uint32_t apic_id)
{
	static const enum nb_event_kind kinds[] = { NB_EV_SRAT_CPU, NB_EV_SRAT_X2APIC_IGNORED,
						    NB_EV_SRAT_APIC_TOO_BIG, NB_EV_SRAT_SKIPPED };

	for (size_t i = 0; i < NB_COUNT(kinds); i++) {
		struct tape_part part = tape_attempt(q->tape, NB_NUMA_ACPI);
		const struct nb_event *event, *last = NULL;

		while ((event = tape_next(&part, kinds[i])))
			if (kinds[i] == NB_EV_SRAT_SKIPPED
				    ? event->id != 1 && event->limit == apic_id
				    : event->id == apic_id)
				last = event;
		if (last)
			return last;
	}
	return NULL;
}

static const char *because(const struct inquiry *q, const struct nb_event *event, uint32_t apic_id,
			   const struct nb_event *srat)
{
	if (event->why == NB_WHY_SRAT && srat && srat->kind == NB_EV_SRAT_CPU)
		return q->source->is_log
			       ? chain_text(
					 q->chain,
					 "the SRAT puts its APIC ID 0x%x into proximity domain %u",
					 apic_id, (unsigned)srat->got)
			       : chain_text(q->chain,
					    "the SRAT's entry at 0x%llx puts its APIC ID 0x%x into "
					    "proximity domain %u",
					    (unsigned long long)srat->more[0], apic_id,
					    (unsigned)srat->got);
	if (event->why != NB_WHY_ROUND_ROBIN)
		return nb_why_text(event->why);
	if (q->boot->numa.source != NB_NUMA_ACPI)
		return chain_text(q->chain, "%s, and then all CPUs are on node 0", why_one_node(q));
	if (apic_id == NB_NO_APIC_ID)
		return "it may be plugged in later, and until then the nodes are dealt in turn";
	if (srat && srat->kind != NB_EV_SRAT_CPU)
		return "the SRAT's entry of its APIC ID does not count, so that the nodes are dealt in turn";
	return chain_text(
		q->chain,
		"no entry of the SRAT names its APIC ID 0x%x, so that the nodes are dealt in turn",
		apic_id);
}

static void say_apic_id(const struct inquiry *q, uint32_t cpu, uint32_t apic_id)
{
	struct tape_part part = tape_all(q->tape);
	const struct nb_event *event;

	if (apic_id == NB_NO_APIC_ID) {
		chain_say(q->chain, 1, NULL, "No entry of the MADT has given CPU %u an APIC ID.",
			  cpu);
		return;
	}
	while ((event = tape_next(&part, NB_EV_CPU_REGISTERED)))
		if (event->id == apic_id)
			break;
	if (!cpu)
		chain_say(q->chain, 1, event, "CPU 0 is the one that boots: its APIC ID is 0x%x.",
			  apic_id);
	else if (event && !(event->flags & 1))
		chain_say(
			q->chain, 1, event,
			"APIC ID 0x%x is not there yet: it gets CPU number %u, behind those that are.",
			apic_id, cpu);
	else
		chain_say(
			q->chain, 1, event,
			"APIC ID 0x%x is CPU %u: numbers follow the order in which the MADT is read, behind the CPU that boots.",
			apic_id, cpu);
	prove_madt(q, apic_id);
}

static void say_srat(const struct inquiry *q, const struct nb_event *srat, uint32_t apic_id)
{
	if (!srat) {
		if (q->boot->numa.source == NB_NUMA_ACPI && apic_id != NB_NO_APIC_ID)
			chain_say(q->chain, 1, NULL, "No entry of the SRAT names APIC ID 0x%x.",
				  apic_id);
		return;
	}
	chain_tell(q->chain, 1, srat);
	prove_event(q, srat);
	if (srat->kind == NB_EV_SRAT_CPU)
		say_numbering(q, 2, srat->nid);
}

/* Every word on its node, in their order, where there are several: a later one replaces
 * the one before. */
static void say_placings(const struct inquiry *q, uint32_t cpu)
{
	struct tape_part part = tape_all(q->tape);
	const struct nb_event *event;
	unsigned words = 0;

	while ((event = tape_next(&part, NB_EV_CPU_NODE)))
		words += event->id == cpu;
	part = tape_all(q->tape);
	if (words < 2)
		return;
	while ((event = tape_next(&part, NB_EV_CPU_NODE))) {
		if (event->id != cpu)
			continue;
		chain_tell(q->chain, 1, event);
		prove_event(q, event);
	}
}

static void say_emulated(const struct inquiry *q, uint32_t cpu)
{
	const struct nb_numa *numa = &q->boot->numa;
	const char *nodes = "";

	if (!numa->emulated || q->boot->next <= NB_SMP)
		return;
	for (int32_t nid = 0; (uint32_t)nid < numa->nodes; nid++)
		if (nb_smp_on_node(&q->boot->smp, cpu, nid))
			nodes = chain_text(q->chain, "%s %d", nodes, nid);
	chain_say(
		q->chain, 1, NULL,
		"Nodes are emulated: it is in the sets of CPUs of all that lie on its physical one:%s.",
		nodes);
	chain_function_beside(q->chain, NB_EV_FAKE_NODE, "numa_add_cpu()");
	prove_param(q, "numa", "fake=");
}

/* What limits CPUs: the command line, or how many the MADT lists. */
static void no_such_cpu(const struct inquiry *q, uint32_t cpu)
{
	static const char *const params[] = { "nr_cpus", "maxcpus", "possible_cpus", "nosmp" };
	static const enum nb_event_kind kinds[] = { NB_EV_CPU_LIMIT_EARLY, NB_EV_CPU_LIMIT_REACHED,
						    NB_EV_CPUS_EXCEED_LIMIT, NB_EV_CPUS_ALLOWED };
	const struct nb_cpus *cpus = &q->boot->cpus;

	chain_say(
		q->chain, 0, NULL,
		"There is no CPU %u: numbers end at %u; entries of the MADT that were turned away: %u.",
		cpu, cpus->possible - (cpus->possible > 0), cpus->rejected);
	for (size_t i = 0; i < NB_COUNT(params); i++)
		prove_param(q, params[i], NULL);
	chain_function(q->chain, NB_EV_CPUS_ALLOWED);
	for (size_t i = 0; i < NB_COUNT(kinds); i++) {
		const struct nb_event *event = tape_last(tape_all(q->tape), kinds[i]);

		if (event)
			chain_tell(q->chain, 1, event);
	}
}

void explain_cpu(const struct inquiry *q, uint32_t cpu)
{
	const struct nb_cpus *cpus = &q->boot->cpus;
	const struct nb_event *event, *srat;
	uint32_t apic_id;

	if (!came_so_far(q, NB_CPUS, "CPU"))
		return;
	if (cpu >= cpus->possible) {
		no_such_cpu(q, cpu);
		return;
	}
	apic_id = cpus->cpu[cpu].apic_id;
	event = placed(q, cpu);
	srat = srat_word(q, apic_id);
	if (!event) {
		chain_say(
			q->chain, 0, NULL,
			"CPU %u is on node %d: it runs, though none was possible, and no table was asked.",
			cpu, cpus->cpu[cpu].nid);
		return;
	}
	chain_say(q->chain, 0, event, "CPU %u is on node %d because %s%s.", cpu, event->nid,
		  because(q, event, apic_id, srat),
		  q->boot->numa.emulated && srat
			  ? chain_text(q->chain, ", on which node %d is emulated", event->nid)
			  : "");
	prove_event(q, event);
	if (q->boot->next > NB_SMP && !nb_smp_is_online(&q->boot->smp, cpu))
		chain_say(q->chain, 1, NULL, "It does not run: %s.",
			  cpus->cpu[cpu].present ? "it was not started, or did not answer"
						 : "it is not there yet");
	say_apic_id(q, cpu, apic_id);
	say_srat(q, srat, apic_id);
	say_why_one_node(q, 1);
	say_placings(q, cpu);
	say_emulated(q, cpu);
}
