/* SPDX-License-Identifier: MIT */
/*
 * zone: why a zone of a node begins and ends where it does. A zone is what the node
 * has of the zone's own part of memory, less what the Movable zone takes of its end:
 *
 *   begins   where the node's RAM does, or the zone's part, or Movable
 *   ends     where the node's RAM does, or the zone's part, or Movable begins
 */
#include "inquiry.h"

/* What made a Movable zone. Linux 6.12 mm/mm_init.c find_zone_movable_pfns_for_nodes(). */
static const char *movable_words(const struct inquiry *q)
{
	const struct nb_params *params = &q->boot->params;

	if (params->movable_node)
		return "movable_node is given, and the node's hot-pluggable memory begins there, "
		       "rounded up to 4 MiB";
	if (params->kernelcore_mirror)
		return "kernelcore=mirror is given, and memory that is not mirrored begins there, "
		       "rounded up to 4 MiB";
	return "what kernelcore= and movablecore= leave to the kernel ends there, rounded up "
	       "to 4 MiB";
}

/* What of the boot a border of the zone is. */
static const char *start_words(const struct inquiry *q, int32_t nid, enum nb_zone_id id)
{
	const struct nb_node_zones *node = &q->boot->zones.node[nid];
	nb_pfn start = node->zone[id].start;
	struct nb_range limit = q->boot->zones.limit[id];

	if (id == NB_ZONE_MOVABLE)
		return movable_words(q);
	if (start == node->start)
		return chain_text(q->chain, "the RAM of node %d begins there", nid);
	if (start == limit.start)
		return chain_text(q->chain, "no zone %s begins lower", nb_zone_name(id));
	return chain_text(q->chain, "the node's RAM goes on there");
}

static const char *end_words(const struct inquiry *q, int32_t nid, enum nb_zone_id id)
{
	const struct nb_node_zones *node = &q->boot->zones.node[nid];
	nb_pfn end = node->zone[id].start + node->zone[id].spanned_pages;

	if (id != NB_ZONE_MOVABLE && node->movable_start && end == node->movable_start)
		return "Movable takes the rest";
	if (end == node->end)
		return chain_text(q->chain, "the RAM of node %d does", nid);
	if (end == q->boot->zones.limit[id].end)
		return chain_text(q->chain, "every zone %s does", nb_zone_name(id));
	return "the node's RAM in it does";
}

static void say_limits(const struct inquiry *q, enum nb_zone_id id)
{
	struct tape_part part = tape_all(q->tape);
	const struct nb_event *event;

	while ((event = tape_next(&part, NB_EV_ZONE_LIMITS)))
		if (event->id == (uint32_t)id)
			chain_tell(q->chain, 1, event);
	part = tape_all(q->tape);
	while ((event = tape_next(&part, NB_EV_ZONE_EMPTY)))
		if (event->id == (uint32_t)id && id != NB_ZONE_MOVABLE)
			chain_tell(q->chain, 1, event);
}

/* The region of the node's RAM that the zone begins in, and who put it there. */
static void say_first_ram(const struct inquiry *q, int32_t nid, nb_phys start)
{
	const struct nb_regions *memory = &q->boot->memblock.memory;
	struct tape_part part = nodes_made(q);
	const struct nb_event *event;
	uint32_t at = nb_regions_first_above(memory, start);

	while (at < memory->count && nb_region_at(memory, at)->nid != nid)
		at++;
	if (at == memory->count)
		return;
	chain_say(q->chain, 1, NULL, "The first RAM of node %d in it is %s.", nid,
		  range_words(q->chain, (struct nb_range){ nb_region_at(memory, at)->start,
							   nb_region_at(memory, at)->end }));
	chain_function(q->chain, NB_EV_NODE_SPAN);
	prove_map(q, (struct nb_range){ nb_max(start, nb_region_at(memory, at)->start),
					nb_region_at(memory, at)->end });
	while ((event = tape_next(&part, NB_EV_SRAT_MEMORY))) {
		if (event->nid != nid ||
		    !nb_ranges_overlap(event->range,
				       (struct nb_range){ nb_region_at(memory, at)->start,
							  nb_region_at(memory, at)->end }))
			continue;
		chain_tell(q->chain, 2, event);
		prove_event(q, event);
	}
	part = nodes_made(q);
	while ((event = tape_next(&part, NB_EV_FAKE_NODE)))
		if (event->nid == nid &&
		    range_has(event->range, nb_max(start, nb_region_at(memory, at)->start)))
			chain_tell(q->chain, 2, event);
}

static void say_movable(const struct inquiry *q, int32_t nid)
{
	static const char *const params[] = { "movable_node", "kernelcore", "movablecore" };
	struct tape_part part = tape_all(q->tape);
	const struct nb_event *event;

	while ((event = tape_next(&part, NB_EV_MOVABLE_START))) {
		if (event->nid != nid)
			continue;
		chain_tell(q->chain, 1, event);
		for (size_t i = 0; i < NB_COUNT(params); i++)
			prove_param(q, params[i], NULL);
	}
}

static void answer(const struct inquiry *q, int32_t nid, enum nb_zone_id id)
{
	const struct nb_zone *zone = &q->boot->zones.node[nid].zone[id];
	nb_phys start = nb_pfn_phys(zone->start);
	nb_phys end = nb_pfn_phys(zone->start + zone->spanned_pages);

	chain_say(q->chain, 0, NULL,
		  "Zone %s of node %d begins at 0x%llx, page frame %llu, because %s; it ends at "
		  "0x%llx because %s.",
		  nb_zone_name(id), nid, (unsigned long long)start, (unsigned long long)zone->start,
		  start_words(q, nid, id), (unsigned long long)end, end_words(q, nid, id));
	chain_function(q->chain, NB_EV_ZONE);
	say_limits(q, id);
	say_first_ram(q, nid, start);
	say_movable(q, nid);
	chain_say(q->chain, 1, NULL, "It spans %llu pages, of which %llu are RAM, %s.",
		  (unsigned long long)zone->spanned_pages, (unsigned long long)zone->present_pages,
		  size_words(q->chain, nb_pfn_phys(zone->present_pages)));
	chain_function(q->chain, NB_EV_NODE_PAGES);
}

void explain_zone(const struct inquiry *q, int32_t nid, enum nb_zone_id id)
{
	const struct nb_node_zones *node;

	if (!came_so_far(q, NB_ZONES_STAGE, "zone") || !node_is_possible(q, nid))
		return;
	node = &q->boot->zones.node[nid];
	if (node->zone[id].spanned_pages) {
		answer(q, nid, id);
		return;
	}
	if (node->start == node->end)
		chain_say(q->chain, 0, NULL, "Node %d has no zone %s: it has no memory.", nid,
			  nb_zone_name(id));
	else
		chain_say(
			q->chain, 0, NULL,
			"Node %d has no zone %s: of its memory, which spans %s, nothing is in it.",
			nid, nb_zone_name(id),
			range_words(q->chain, (struct nb_range){ nb_pfn_phys(node->start),
								 nb_pfn_phys(node->end) }));
	chain_function(q->chain, NB_EV_ZONE);
	say_limits(q, id);
	say_movable(q, nid);
}
