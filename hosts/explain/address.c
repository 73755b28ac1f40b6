/* SPDX-License-Identifier: MIT */
/*
 * address: why memory is on its node, or is no memory. A range is cut where the
 * answer changes: at the borders of the memory map, of memblock's regions and of
 * zones; each piece has an answer of its own.
 *
 *   in memblock, on a node    the entry of the SRAT, the made-up or the emulated node
 *   in memblock, on none      no entry covers it
 *   not in memblock           the map's entry, what the command line did to it, what
 *                             is cut off to whole pages
 */
#include "inquiry.h"

enum { PIECES_MOST = 16, TAKEN_MOST = 4 };

/* What holds of a whole piece. */
struct piece {
	struct nb_range range;
	const struct nb_region *region;    /* of memblock's memory; null: none */
	const struct nb_e820_entry *entry; /* of the map as the kernel uses it; null: none */
	enum nb_zone_id zone;
};

/* Draws the end of a piece nearer, to a border that lies in it. */
static void cut_at(struct nb_range *range, nb_phys border)
{
	if (border > range->start && border < range->end)
		range->end = border;
}

static void cut_at_map(struct piece *piece, const struct nb_e820_map *map)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const struct nb_e820_entry *entry = &map->at[i];

		if (range_has((struct nb_range){ entry->start, entry->start + entry->size },
			      piece->range.start))
			piece->entry = entry;
		cut_at(&piece->range, entry->start);
		cut_at(&piece->range, entry->start + entry->size);
	}
}

static void cut_at_zones(const struct inquiry *q, struct piece *piece)
{
	const struct nb_zones *zones = &q->boot->zones;

	piece->zone = NB_ZONES;
	if (q->boot->next <= NB_ZONES_STAGE || !piece->region || piece->region->nid < 0)
		return;
	for (int id = 0; id < NB_ZONES; id++) {
		const struct nb_zone *zone = &zones->node[piece->region->nid].zone[id];

		cut_at(&piece->range, nb_pfn_phys(zone->start));
		cut_at(&piece->range, nb_pfn_phys(zone->start + zone->spanned_pages));
	}
	piece->zone = nb_zone_of(q->boot, piece->range.start);
}

static struct piece piece_at(const struct inquiry *q, struct nb_range range)
{
	const struct nb_regions *memory = &q->boot->memblock.memory;
	struct piece piece = { .range = range, .zone = NB_ZONES };

	if (q->boot->next > NB_E820)
		cut_at_map(&piece, &q->boot->e820.map);
	if (q->boot->next <= NB_MEMBLOCK)
		return piece;
	for (uint32_t i = 0; i < memory->count; i++) {
		cut_at(&piece.range, nb_region_at(memory, i)->start);
		cut_at(&piece.range, nb_region_at(memory, i)->end);
	}
	piece.region = nb_regions_find(memory, range.start);
	cut_at_zones(q, &piece);
	return piece;
}

static void say_map(const struct inquiry *q, const struct piece *piece)
{
	const struct nb_e820_entry *entry = piece->entry;
	const char *type = entry ? nb_e820_type_text(entry->type, q->source->kernel.rules->wording)
				 : NULL;

	if (entry)
		chain_say(q->chain, 1, NULL, "In the memory map %s is of type %u, %s.",
			  range_words(q->chain, (struct nb_range){ entry->start,
								   entry->start + entry->size }),
			  entry->type, type ? type : "which has no name");
	else
		chain_say(q->chain, 1, NULL, "The memory map has no entry there.");
	chain_function(q->chain, NB_EV_MEMORY_ADDED);
	prove_map(q, piece->range);
	say_edits(q, 2, piece->range);
}

/* The event that put the piece on its node, of the attempt that made the nodes; null
 * if none did. */
static const struct nb_event *placed_by(const struct inquiry *q, const struct piece *piece)
{
	static const enum nb_event_kind kinds[] = { NB_EV_FAKE_NODE, NB_EV_SRAT_MEMORY,
						    NB_EV_WINDOW_NODE, NB_EV_WINDOW_FILLED };

	for (size_t i = 0; i < NB_COUNT(kinds); i++) {
		struct tape_part part = nodes_made(q);
		const struct nb_event *event;

		if (kinds[i] == NB_EV_FAKE_NODE && !q->boot->numa.emulated)
			continue;
		while ((event = tape_next(&part, kinds[i])))
			if (range_has(event->range, piece->range.start) &&
			    (event->kind == NB_EV_WINDOW_FILLED ||
			     event->nid == piece->region->nid))
				return event;
	}
	return NULL;
}

/* Blocks of a node that became one, with what lay between them. */
static const struct nb_event *joined_over(const struct inquiry *q, const struct piece *piece)
{
	struct tape_part part = nodes_made(q);
	const struct nb_event *event;

	while ((event = tape_next(&part, NB_EV_BLOCKS_JOINED)))
		if (event->nid == piece->region->nid &&
		    range_has((struct nb_range){ event->more[0], event->more[1] },
			      piece->range.start))
			return event;
	return NULL;
}

/* "because ..." of an answer. */
static const char *placed_words(const struct inquiry *q, const struct piece *piece,
				const struct nb_event *event)
{
	if (q->boot->numa.emulated && event && event->kind == NB_EV_FAKE_NODE)
		return chain_text(q->chain,
				  "the command line asks for emulated nodes, and this is a part "
				  "of physical node %d",
				  event->other_nid);
	if (q->boot->numa.source != NB_NUMA_ACPI)
		return chain_text(q->chain, "%s, and then all memory is node 0", why_one_node(q));
	if (!event)
		return joined_over(q, piece)
			       ? "it lies between two blocks of that node, which became one"
			       : "its block was stretched over it";
	switch (event->kind) {
	case NB_EV_WINDOW_NODE:
		return "it is a window for CXL memory that no entry of the SRAT has";
	case NB_EV_WINDOW_FILLED:
		return "a window for CXL memory stretched that node's block over it";
	default:
		if (q->source->is_log)
			return chain_text(q->chain, "the SRAT puts it into proximity domain %u",
					  event->id);
		return chain_text(q->chain,
				  "the SRAT's entry at 0x%llx puts it into proximity domain %u",
				  (unsigned long long)event->more[0], event->id);
	}
}

/* Whether what was taken was given back in whole. */
static bool is_given_back(const struct inquiry *q, const struct nb_event *taken)
{
	for (const struct nb_event *event = taken; event; event = tape_behind(q->tape, event))
		if (event->kind == NB_EV_FREED && event->range.start <= taken->range.start &&
		    event->range.end >= taken->range.end)
			return true;
	return false;
}

/* What the kernel took of it while it booted, and keeps. */
static void say_taken(const struct inquiry *q, struct nb_range range)
{
	struct tape_part part = tape_all(q->tape);
	const struct nb_event *event;
	unsigned told = 0, more = 0;

	while ((event = tape_next(&part, NB_EV_RESERVED))) {
		if (!nb_ranges_overlap(event->range, range) || is_given_back(q, event))
			continue;
		if (told == TAKEN_MOST) {
			more++;
			continue;
		}
		chain_tell(q->chain, 1, event);
		told++;
	}
	if (more)
		chain_say(q->chain, 1, NULL, "%u more pieces of it are taken early.", more);
}

static void say_zone(const struct inquiry *q, const struct piece *piece)
{
	const struct nb_zone *zone;

	if (piece->zone == NB_ZONES)
		return;
	zone = &q->boot->zones.node[piece->region->nid].zone[piece->zone];
	chain_say(q->chain, 1, NULL, "Zone %s of node %d spans %s.", nb_zone_name(piece->zone),
		  piece->region->nid,
		  range_words(q->chain,
			      (struct nb_range){ nb_pfn_phys(zone->start),
						 nb_pfn_phys(zone->start + zone->spanned_pages) }));
	chain_function(q->chain, NB_EV_ZONE);
}

static void say_placing(const struct inquiry *q, const struct piece *piece,
			const struct nb_event *event)
{
	const struct nb_event *joined = event ? NULL : joined_over(q, piece);

	if (event && event->kind == NB_EV_FAKE_NODE) {
		chain_tell(q->chain, 1, event);
		prove_param(q, "numa", "fake=");
	} else if (event) {
		chain_tell(q->chain, 1, event);
		prove_event(q, event);
		say_numbering(q, 2, piece->region->nid);
	} else if (joined) {
		chain_tell(q->chain, 1, joined);
	}
	say_why_one_node(q, 1);
}

static const char *piece_words(const struct inquiry *q, const struct piece *piece)
{
	if (piece->range.end - piece->range.start == 1)
		return chain_text(q->chain, "Address 0x%llx",
				  (unsigned long long)piece->range.start);
	return chain_text(q->chain, "Memory %s", range_words(q->chain, piece->range));
}

static void explain_ram(const struct inquiry *q, const struct piece *piece)
{
	const char *what = piece_words(q, piece);
	const struct nb_event *event;

	if (q->boot->next <= NB_NUMA) {
		chain_say(q->chain, 0, q->death,
			  "%s is RAM, but this kernel dies before it has a node.", what);
		say_map(q, piece);
		return;
	}
	if (piece->region->nid < 0 || piece->region->nid >= NB_MAX_NODES) {
		chain_say(q->chain, 0, NULL,
			  "%s is RAM of no node: no entry of the SRAT covers it.", what);
		chain_function(q->chain, NB_EV_UNCOVERED);
		prove_rule(q, "coverage_forgiven");
		say_map(q, piece);
		if (q->death)
			chain_tell(q->chain, 1, q->death);
		return;
	}
	event = placed_by(q, piece);
	if (piece->zone == NB_ZONES)
		chain_say(q->chain, 0, NULL, "%s is on node %d%s, because %s.", what,
			  piece->region->nid,
			  q->boot->next > NB_ZONES_STAGE
				  ? ", but in no zone, since its page is not whole in one node"
				  : "",
			  placed_words(q, piece, event));
	else
		chain_say(q->chain, 0, NULL, "%s is on node %d, zone %s, because %s.", what,
			  piece->region->nid, nb_zone_name(piece->zone),
			  placed_words(q, piece, event));
	say_placing(q, piece, event);
	say_map(q, piece);
	say_zone(q, piece);
	say_taken(q, piece->range);
}

static bool was_ram(const struct inquiry *q, nb_phys address)
{
	const struct nb_e820_map *map = &q->boot->e820.firmware;

	for (uint32_t i = 0; i < map->count; i++)
		if (map->at[i].type == NB_E820_RAM && address >= map->at[i].start &&
		    address - map->at[i].start < map->at[i].size)
			return true;
	return false;
}

static const char *no_ram_words(const struct inquiry *q, const struct piece *piece)
{
	const struct nb_event *lost = edit_of(q, piece->range);
	const char *type;

	if (lost && was_ram(q, piece->range.start))
		return chain_text(q->chain,
				  "the firmware calls it RAM, but it is taken out of the map: %s",
				  edit_words(q, lost));
	if (!piece->entry)
		return "the memory map does not name it";
	type = nb_e820_type_text(piece->entry->type, q->source->kernel.rules->wording);
	if (piece->entry->type == NB_E820_RAM)
		return unused_words(piece->range);
	return chain_text(q->chain, "the memory map calls it %s", type ? type : "of no known type");
}

static void explain_no_ram(const struct inquiry *q, const struct piece *piece)
{
	struct tape_part part = nodes_made(q);
	const struct nb_event *event;

	chain_say(q->chain, 0, NULL, "%s is no RAM to Linux: %s.", piece_words(q, piece),
		  no_ram_words(q, piece));
	say_map(q, piece);
	while ((event = tape_next(&part, NB_EV_BLOCK_SET_ASIDE))) {
		if (!nb_ranges_overlap(event->range, piece->range))
			continue;
		chain_tell(q->chain, 1, event);
		prove_event(q, event);
	}
}

void explain_range(const struct inquiry *q, struct nb_range range)
{
	for (unsigned pieces = 0; range.start < range.end; pieces++) {
		struct piece piece;

		if (pieces == PIECES_MOST) {
			chain_say(q->chain, 0, NULL, "What lies in %s is not told: ask for less.",
				  range_words(q->chain, range));
			return;
		}
		piece = piece_at(q, range);
		if (piece.region)
			explain_ram(q, &piece);
		else
			explain_no_ram(q, &piece);
		range.start = piece.range.end;
	}
}
