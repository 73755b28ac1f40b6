/* SPDX-License-Identifier: MIT */
/*
 * fallback: who is asked for pages when a node is empty, first to last. Nearer nodes
 * come first; one with a lower number than the asking node counts as one further away;
 * of equally near ones the one with less load, and then the lowest number. A node gets
 * load where a list that was made before begins a distance with it.
 */
#include "inquiry.h"

enum { PLACES_MOST = 16 };

/* What a place is sorted by first. */
static uint64_t key_of(int32_t nid, const struct nb_event *place)
{
	return place->got + (place->other_nid < nid);
}

/* "of those that are 20 away": the places that come before all others of the list. */
static const char *among(const struct inquiry *q, int32_t nid, const struct nb_event *place)
{
	if (nid == 0 || place->other_nid < nid)
		return chain_text(q->chain, "of those that are %llu away",
				  (unsigned long long)place->got);
	return chain_text(q->chain,
			  "of those that are %llu away numbers above %d go first, and of these",
			  (unsigned long long)place->got, nid);
}

static const char *because(const struct inquiry *q, int32_t nid, const struct nb_event *place,
			   const struct nb_event *next)
{
	if (!next)
		return "no other node has memory";
	if (place->got != next->got)
		return chain_text(
			q->chain,
			"it is the nearest with memory, %llu away; node %d, which follows, is %llu away",
			(unsigned long long)place->got, next->other_nid,
			(unsigned long long)next->got);
	if (key_of(nid, place) != key_of(nid, next))
		return chain_text(q->chain, "%s it is the only one", among(q, nid, place));
	if (place->limit != next->limit)
		return chain_text(
			q->chain,
			"%s it has the least load, %llu; node %d, which follows, has %llu: "
			"it begins a distance in lists that were made before",
			among(q, nid, place), (unsigned long long)place->limit, next->other_nid,
			(unsigned long long)next->limit);
	return chain_text(q->chain, "%s it has the lowest number, and none has less load",
			  among(q, nid, place));
}

/* The places of a list: what the tape kept of the fallback orders. */
static void say_places(const struct inquiry *q, int32_t nid)
{
	struct tape_part part = tape_all(q->tape);
	const struct nb_event *place;
	unsigned told = 0;

	while ((place = tape_next(&part, NB_EV_FALLBACK_NODE))) {
		if (told++ >= PLACES_MOST)
			continue;
		chain_say(q->chain, 1, NULL, "%u. node %d, %llu away, load %llu.", told,
			  place->other_nid, (unsigned long long)place->got,
			  (unsigned long long)place->limit);
		prove_distance(q, nid, place->other_nid);
	}
	if (told > PLACES_MOST)
		chain_say(q->chain, 1, NULL, "%u more nodes follow.", told - PLACES_MOST);
}

/* Whether no order was made: a kernel without NUMA has one node, which has all memory. */
static bool is_alone(const struct inquiry *q, int32_t nid)
{
	struct tape_part part = tape_all(q->tape);

	return nb_nodes_has(&q->boot->zones.has_memory, nid) &&
	       !tape_next(&part, NB_EV_FALLBACK_NODE);
}

static void answer(const struct inquiry *q, int32_t nid)
{
	struct tape_part part = tape_all(q->tape);
	const struct nb_event *self = tape_next(&part, NB_EV_FALLBACK_NODE), *first = self, *next;

	if (!self) {
		chain_say(q->chain, 0, NULL, "Node %d asks nobody: no node has memory.", nid);
		return;
	}
	if (self->other_nid == nid)
		first = tape_next(&part, NB_EV_FALLBACK_NODE);
	next = tape_next(&part, NB_EV_FALLBACK_NODE);
	if (!first) {
		chain_say(q->chain, 0, self, "Node %d has no fallback: no other node has memory.",
			  nid);
		return;
	}
	chain_say(q->chain, 0, first, "Node %d is the first fallback of node %d because %s.",
		  first->other_nid, nid, because(q, nid, first, next));
	prove_distance(q, nid, first->other_nid);
	if (next)
		prove_distance(q, nid, next->other_nid);
	if (self->other_nid != nid)
		chain_say(q->chain, 1, NULL, "Node %d is not in its own list: it has no memory.",
			  nid);
	else if (!nb_nodes_has(&q->boot->zones.has_memory, nid))
		chain_say(
			q->chain, 1, NULL,
			"Node %d heads its own list, though it has no memory: this line does not ask.",
			nid);
	if (!nb_nodes_has(&q->boot->zones.has_memory, nid))
		prove_rule(q, "fallback_skips_empty_self");
}

void explain_fallback(const struct inquiry *q, int32_t nid)
{
	const struct nb_zonelists *lists = &q->boot->zonelists;

	if (!came_so_far(q, NB_ZONELISTS, "fallback order") || !node_is_possible(q, nid))
		return;
	if ((uint32_t)nid >= lists->nodes || !lists->order_count[nid]) {
		chain_say(q->chain, 0, NULL, "Node %d has no fallback order: it is not online.",
			  nid);
		chain_function(q->chain, NB_EV_FALLBACK_NODE);
		return;
	}
	if (is_alone(q, nid)) {
		chain_say(q->chain, 0, NULL, "Node %d has no fallback: there is one node.", nid);
		chain_function(q->chain, NB_EV_FALLBACK_NODE);
		return;
	}
	answer(q, nid);
	if (!q->boot->numa.distance_count)
		chain_say(
			q->chain, 1, NULL,
			"There is no table of distances: a node is 10 from itself and 20 from all others.");
	else
		chain_say(q->chain, 1, NULL, "Distances come first, then load, then the number.");
	chain_function(q->chain, NB_EV_FALLBACK_NODE);
	prove_rule(q, "fallback_load_adds");
	say_places(q, nid);
}
