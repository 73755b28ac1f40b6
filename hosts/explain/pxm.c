/* SPDX-License-Identifier: MIT */
/* pxm: what became of a proximity domain, and which entries name it. */
#include "inquiry.h"

enum { ENTRIES_MOST = 16 };

/* The domain that an event of an entry names; false if it names none. */
static bool names(const struct nb_event *event, uint64_t *pxm)
{
	switch (event->kind) {
	case NB_EV_SRAT_CPU:
	case NB_EV_SRAT_X2APIC_IGNORED:
	case NB_EV_SRAT_APIC_TOO_BIG:
	case NB_EV_SRAT_SKIPPED:
		*pxm = event->got;
		return true;
	case NB_EV_SRAT_MEMORY:
	case NB_EV_SRAT_INITIATOR:
	case NB_EV_PXM_REFUSED:
	case NB_EV_WINDOW_NODE:
		*pxm = event->id;
		return true;
	default:
		return false;
	}
}

static unsigned say_entries(const struct inquiry *q, uint32_t pxm)
{
	struct tape_part part = tape_attempt(q->tape, NB_NUMA_ACPI);
	unsigned told = 0;
	uint64_t named;

	for (uint32_t i = part.from; i < part.to; i++) {
		const struct nb_event *event = &q->tape->at[i];

		if (!names(event, &named) || named != pxm || told++ >= ENTRIES_MOST)
			continue;
		chain_tell(q->chain, 1, event);
		prove_event(q, event);
	}
	if (told > ENTRIES_MOST)
		chain_say(q->chain, 1, NULL, "%u more entries name it.", told - ENTRIES_MOST);
	return told;
}

static const struct nb_event *refused(const struct inquiry *q, uint32_t pxm)
{
	struct tape_part part = tape_attempt(q->tape, NB_NUMA_ACPI);
	const struct nb_event *event;

	while ((event = tape_next(&part, NB_EV_PXM_REFUSED)))
		if (event->id == pxm)
			return event;
	return NULL;
}

void explain_pxm(const struct inquiry *q, uint32_t pxm)
{
	const struct nb_numa *numa = &q->boot->numa;
	int32_t nid;

	if (!came_so_far(q, NB_NUMA, "domain"))
		return;
	nid = pxm < NB_MAX_PXMS ? numa->pxm_node[pxm] : NB_NO_NODE;
	if (nid != NB_NO_NODE && numa->source == NB_NUMA_ACPI)
		chain_say(q->chain, 0, NULL, "Proximity domain %u is node %d%s.", pxm, nid,
			  numa->emulated ? ", among the emulated ones" : "");
	else if (nid != NB_NO_NODE)
		chain_say(
			q->chain, 0, NULL,
			"Proximity domain %u took the number %d, but there is no such node, because %s.",
			pxm, nid, why_one_node(q));
	else if (refused(q, pxm))
		chain_say(q->chain, 0, refused(q, pxm),
			  "Proximity domain %u is no node: it was refused.", pxm);
	else if (*why_one_node(q))
		chain_say(q->chain, 0, NULL, "Proximity domain %u is no node, because %s.", pxm,
			  why_one_node(q));
	else
		chain_say(q->chain, 0, NULL,
			  "Proximity domain %u is no node: no entry that counts names it.", pxm);
	if (!q->chain->at[q->chain->count - 1].function.where[0])
		chain_function(q->chain, NB_EV_PXM_NUMBERED);
	if (nid != NB_NO_NODE)
		say_numbering(q, 1, nid);
	say_entries(q, pxm);
	say_why_one_node(q, 1);
}
