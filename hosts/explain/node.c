/* SPDX-License-Identifier: MIT */
/*
 * node: what a node has, who named it, and why it has no memory if it has none.
 */
#include "inquiry.h"

enum { ENTRIES_MOST = 12 };

/* What of the SRAT names a node. */
struct naming {
	const struct nb_event *memory, *cpu, *initiator, *window; /* the first of each */
	unsigned memories, cpus;
};

/* Where an event that names a node is noted; null if it is of another kind. */
static const struct nb_event **place_in(struct naming *naming, enum nb_event_kind kind)
{
	switch (kind) {
	case NB_EV_SRAT_MEMORY:
		return &naming->memory;
	case NB_EV_SRAT_CPU:
		return &naming->cpu;
	case NB_EV_SRAT_INITIATOR:
		return &naming->initiator;
	case NB_EV_WINDOW_NODE:
		return &naming->window;
	default:
		return NULL;
	}
}

static struct naming naming_of(const struct inquiry *q, int32_t nid)
{
	struct tape_part part = tape_attempt(q->tape, NB_NUMA_ACPI);
	struct naming naming = { 0 };

	for (uint32_t i = part.from; i < part.to; i++) {
		const struct nb_event *event = &q->tape->at[i];
		const struct nb_event **first = place_in(&naming, event->kind);

		if (!first || event->nid != nid)
			continue;
		if (!*first)
			*first = event;
		naming.memories += event->kind == NB_EV_SRAT_MEMORY;
		naming.cpus += event->kind == NB_EV_SRAT_CPU;
	}
	return naming;
}

static uint64_t pages_of(const struct inquiry *q, int32_t nid)
{
	uint64_t pages = 0;

	for (int zone = 0; zone < NB_ZONES; zone++)
		pages += q->boot->zones.node[nid].zone[zone].present_pages;
	return pages;
}

/* What became of the blocks of a node that are no RAM; the last of it. */
static const struct nb_event *block_lost(const struct inquiry *q, int32_t nid)
{
	static const enum nb_event_kind kinds[] = { NB_EV_NODE_TOO_SMALL, NB_EV_BLOCK_SET_ASIDE,
						    NB_EV_BLOCK_DROPPED, NB_EV_SRAT_BLOCK_INVALID };

	for (size_t i = 0; i < NB_COUNT(kinds); i++) {
		struct tape_part part = nodes_made(q);
		const struct nb_event *event;

		while ((event = tape_next(&part, kinds[i])))
			if (event->nid == nid)
				return event;
	}
	return NULL;
}

/* An entry of memory of the node's domain that does not count; null: there is none. */
static const struct nb_event *skipped_memory(const struct inquiry *q, int32_t nid)
{
	struct tape_part part = tape_attempt(q->tape, NB_NUMA_ACPI);
	const struct nb_event *event;

	while ((event = tape_next(&part, NB_EV_SRAT_SKIPPED)))
		if (event->id == 1 && q->boot->numa.node_pxm[nid] == (int64_t)event->got)
			return event;
	return NULL;
}

static const char *lost_words(const struct inquiry *q, const struct nb_event *lost)
{
	const char *range = range_words(q->chain, lost->range);

	switch (lost->kind) {
	case NB_EV_NODE_TOO_SMALL:
		return chain_text(q->chain,
				  "it spans less than the %s that this line asks of a node",
				  size_words(q->chain, lost->limit));
	case NB_EV_SRAT_BLOCK_INVALID:
		return "its memory entry ends before it begins";
	default:
		return chain_text(q->chain, "the SRAT gives it %s, but %s", range,
				  nb_why_text(lost->why));
	}
}

/* Who names a node that no memory does. */
static const char *named_words(const struct naming *naming)
{
	if (naming->cpu)
		return "processors do";
	if (naming->initiator)
		return "a generic initiator does";
	return naming->window ? "a window of CXL memory does" : "nothing does";
}

/* Why a node has no memory, as what follows "because". */
static const char *memoryless_words(const struct inquiry *q, int32_t nid,
				    const struct naming *naming)
{
	const struct nb_event *lost = block_lost(q, nid), *skipped = skipped_memory(q, nid);

	if (q->boot->numa.emulated)
		return "the command line asks for emulated nodes, and none that is made has this number";
	if (lost)
		return lost_words(q, lost);
	if (skipped)
		return chain_text(
			q->chain,
			"the SRAT's memory entry of its domain at 0x%llx does not count: %s",
			(unsigned long long)skipped->more[0], nb_why_text(skipped->why));
	if (!naming->memories)
		return chain_text(q->chain,
				  "no memory entry of the SRAT names its proximity domain; %s",
				  named_words(naming));
	return "its memory entry is empty, or ends inside of a page";
}

static void say_entries(const struct inquiry *q, int32_t nid)
{
	static const enum nb_event_kind kinds[] = {
		NB_EV_SRAT_MEMORY,        NB_EV_WINDOW_NODE,    NB_EV_SRAT_INITIATOR,
		NB_EV_BLOCK_CLAMPED,      NB_EV_BLOCK_DROPPED,  NB_EV_BLOCK_SET_ASIDE,
		NB_EV_SRAT_BLOCK_INVALID, NB_EV_NODE_TOO_SMALL, NB_EV_NODE_OVERLAPS_ITSELF,
	};
	struct tape_part part = nodes_made(q);
	unsigned told = 0;

	for (uint32_t i = part.from; i < part.to; i++) {
		const struct nb_event *event = &q->tape->at[i];

		for (size_t k = 0; k < NB_COUNT(kinds); k++) {
			if (event->kind != kinds[k] || event->nid != nid || told++ >= ENTRIES_MOST)
				continue;
			chain_tell(q->chain, 1, event);
			prove_event(q, event);
		}
	}
	if (told > ENTRIES_MOST)
		chain_say(q->chain, 1, NULL, "%u more decisions about its memory follow.",
			  told - ENTRIES_MOST);
}

/* "4-5" of the CPUs that run on a node. */
static const char *cpu_words(const struct inquiry *q, int32_t nid)
{
	const struct nb_smp *smp = &q->boot->smp;
	const char *text = "";
	struct run_of run;

	for (uint32_t from = 0;
	     bits_next_run(smp->node_cpus + (size_t)nid * smp->words, from, smp->words * 64, &run);
	     from = run.last + 1)
		text = run.first == run.last
			       ? chain_text(q->chain, "%s%s%u", text, *text ? "," : "", run.first)
			       : chain_text(q->chain, "%s%s%u-%u", text, *text ? "," : "",
					    run.first, run.last);
	return *text ? text : "none";
}

static void say_cpus(const struct inquiry *q, int32_t nid, const struct naming *naming)
{
	if (q->boot->next <= NB_SMP || (uint32_t)nid >= q->boot->smp.nodes)
		return;
	chain_say(q->chain, 1, NULL, "CPUs that run on it: %s.", cpu_words(q, nid));
	if (!naming->cpu || q->boot->numa.source != NB_NUMA_ACPI || q->boot->numa.emulated)
		return;
	chain_say(q->chain, 2, naming->cpu,
		  "The SRAT puts %u APIC ID%s on it; the first:", naming->cpus,
		  naming->cpus == 1 ? "" : "s");
	prove_event(q, naming->cpu);
}

static void say_online(const struct inquiry *q, int32_t nid)
{
	struct tape_part part = tape_all(q->tape);
	const struct nb_event *event;

	while ((event = tape_next(&part, NB_EV_NODE_ONLINE)))
		if (event->nid == nid) {
			chain_tell(q->chain, 1, event);
			prove_event(q, event);
		}
	part = tape_all(q->tape);
	while ((event = tape_next(&part, NB_EV_NODE_DATA)))
		if (event->nid == nid)
			chain_tell(q->chain, 1, event);
}

static void say_emulation(const struct inquiry *q, int32_t nid)
{
	struct tape_part part = nodes_made(q);
	const struct nb_event *event;

	while ((event = tape_next(&part, NB_EV_FAKE_NODE))) {
		if (event->nid != nid)
			continue;
		chain_tell(q->chain, 1, event);
		prove_param(q, "numa", "fake=");
	}
}

/* The ranges of a node's RAM, the first few. */
static const char *ram_words(const struct inquiry *q, int32_t nid)
{
	enum { SHOWN = 4 };
	const struct nb_regions *memory = &q->boot->memblock.memory;
	const char *text = "";
	unsigned count = 0;

	for (uint32_t i = 0; i < memory->count; i++) {
		if (nb_region_at(memory, i)->nid != nid || count++ >= SHOWN)
			continue;
		text = chain_text(
			q->chain, "%s%s%s", text, *text ? " " : "",
			range_words(q->chain, (struct nb_range){ nb_region_at(memory, i)->start,
								 nb_region_at(memory, i)->end }));
	}
	return count > SHOWN ? chain_text(q->chain, "%s and %u more", text, count - SHOWN) : text;
}

static void answer(const struct inquiry *q, int32_t nid, const struct naming *naming)
{
	uint64_t pages = pages_of(q, nid);
	const char *ram = size_words(q->chain, nb_pfn_phys(pages));

	if (!pages)
		chain_say(q->chain, 0, NULL, "Node %d is memoryless because %s.", nid,
			  memoryless_words(q, nid, naming));
	else if (q->boot->numa.source != NB_NUMA_ACPI && !q->boot->numa.emulated)
		chain_say(q->chain, 0, NULL, "Node %d has all RAM, %s, because %s.", nid, ram,
			  why_one_node(q));
	else if (q->boot->numa.emulated)
		chain_say(
			q->chain, 0, NULL,
			"Node %d has %s of RAM, at %s, because the command line asks for emulated nodes.",
			nid, ram, ram_words(q, nid));
	else
		chain_say(q->chain, 0, NULL,
			  "Node %d has %s of RAM, at %s: it is proximity domain %d of the SRAT.",
			  nid, ram, ram_words(q, nid), q->boot->numa.node_pxm[nid]);
	chain_function(q->chain, pages ? NB_EV_NODE_SPAN : NB_EV_NODE_MEMORYLESS);
}

bool node_is_possible(const struct inquiry *q, int32_t nid)
{
	const struct nb_nodes *possible = &q->boot->numa.possible;

	if (nb_nodes_has(possible, nid))
		return true;
	chain_say(q->chain, 0, NULL, "There is no node %d: the highest possible one is %d%s%s.",
		  nid, nb_nodes_last(possible),
		  q->boot->numa.source == NB_NUMA_ACPI ? "" : ", because ", why_one_node(q));
	say_numbering(q, 1, nid);
	say_why_one_node(q, 1);
	return false;
}

void explain_node(const struct inquiry *q, int32_t nid)
{
	const struct nb_event *skipped;
	struct naming naming;

	if (!came_so_far(q, NB_NUMA, "node"))
		return;
	if (!node_is_possible(q, nid) || !came_so_far(q, NB_ZONES_STAGE, "zone"))
		return;
	naming = naming_of(q, nid);
	answer(q, nid, &naming);
	if (q->boot->numa.emulated)
		say_emulation(q, nid);
	else if (q->boot->numa.source == NB_NUMA_ACPI)
		say_numbering(q, 1, nid);
	say_why_one_node(q, 1);
	if (!q->boot->numa.emulated)
		say_entries(q, nid);
	skipped = skipped_memory(q, nid);
	if (skipped) {
		chain_tell(q->chain, 1, skipped);
		prove_event(q, skipped);
	}
	say_cpus(q, nid, &naming);
	say_online(q, nid);
}
