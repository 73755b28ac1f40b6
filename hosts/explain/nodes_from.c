/* SPDX-License-Identifier: MIT */
/*
 * nodes_from: who made the nodes: the ACPI tables, or, where these are missing,
 * refused or switched off, one node that is made up over all RAM. What refused them
 * is the last of these in the attempt with the tables:
 *
 *   an entry that makes the SRAT useless     srat_rejected, and what comes before it
 *   two nodes that claim the same bytes      nodes_overlap
 *   RAM that no node has                     uncovered
 *   no memory at all                         srat_no_memory
 *   a parameter                              no event: the tables were not asked
 */
#include "inquiry.h"

struct tape_part nodes_made(const struct inquiry *q)
{
	return tape_attempt(q->tape,
			    q->boot->numa.source == NB_NUMA_DUMMY ? NB_NUMA_DUMMY : NB_NUMA_ACPI);
}

/* The event that refused the tables; null if none did. */
static const struct nb_event *refusal(const struct inquiry *q)
{
	static const enum nb_event_kind kinds[] = {
		NB_EV_UNCOVERED,
		NB_EV_NODES_OVERLAP,
		NB_EV_SRAT_REJECTED,
		NB_EV_SRAT_NO_MEMORY,
	};
	struct tape_part part = tape_attempt(q->tape, NB_NUMA_ACPI);

	for (size_t i = 0; i < NB_COUNT(kinds); i++) {
		const struct nb_event *event = tape_last(part, kinds[i]);

		if (event)
			return event;
	}
	return NULL;
}

/* The entry of memory that put a part of a block on a node; null if none did. */
static const struct nb_event *entry_behind(const struct inquiry *q, int32_t nid,
					   struct nb_range range)
{
	struct tape_part part = tape_attempt(q->tape, NB_NUMA_ACPI);
	const struct nb_event *event;

	while ((event = tape_next(&part, NB_EV_SRAT_MEMORY)))
		if (event->nid == nid && nb_ranges_overlap(event->range, range))
			return event;
	return NULL;
}

/* The bytes that two nodes both claim. */
static struct nb_range contested(const struct nb_event *overlap)
{
	return (struct nb_range){
		nb_max(overlap->range.start, overlap->other.start),
		nb_min(overlap->range.end, overlap->other.end),
	};
}

static const char *extent_words(const struct inquiry *q, struct nb_range range)
{
	uint64_t bytes = nb_range_size(range);

	return bytes == 1 ? "one byte" : size_words(q->chain, bytes);
}

static const char *overlap_words(const struct inquiry *q, const struct nb_event *overlap)
{
	struct nb_range range = contested(overlap);
	const struct nb_event *one = entry_behind(q, overlap->nid, range);
	const struct nb_event *other = entry_behind(q, overlap->other_nid, range);

	if (!one || !other || q->source->is_log)
		return chain_text(q->chain,
				  "the SRAT is rejected: nodes %d and %d both claim %s (%s)",
				  overlap->nid, overlap->other_nid, range_words(q->chain, range),
				  extent_words(q, range));
	return chain_text(q->chain,
			  "the SRAT is rejected: its entries at 0x%llx (domain %u) and 0x%llx "
			  "(domain %u) both claim %s (%s)",
			  (unsigned long long)one->more[0], one->id,
			  (unsigned long long)other->more[0], other->id,
			  range_words(q->chain, range), extent_words(q, range));
}

static const char *rejected_words(const struct inquiry *q, const struct nb_event *event)
{
	if (q->source->is_log)
		return chain_text(q->chain, "the SRAT is rejected: %s", nb_why_text(event->why));
	return chain_text(q->chain, "the SRAT is rejected at its entry at 0x%llx: %s",
			  (unsigned long long)event->more[0], nb_why_text(event->why));
}

static const char *no_event_words(const struct inquiry *q)
{
	if (q->boot->params.numa_off)
		return "the command line says numa=off";
	if (q->boot->params.numa_noacpi)
		return "the command line says numa=noacpi";
	return "no table gave usable nodes";
}

const char *why_one_node(const struct inquiry *q)
{
	const struct nb_event *event = refusal(q);

	if (q->boot->numa.source == NB_NUMA_NONE)
		return "this kernel is built without NUMA";
	if (q->boot->numa.source == NB_NUMA_ACPI)
		return "";
	if (!event)
		return no_event_words(q);
	switch (event->kind) {
	case NB_EV_NODES_OVERLAP:
		return overlap_words(q, event);
	case NB_EV_UNCOVERED:
		return chain_text(q->chain,
				  "the SRAT is rejected: it leaves %s of RAM without a node, more "
				  "than the %s that are forgiven",
				  size_words(q->chain, event->got),
				  size_words(q->chain, event->limit));
	case NB_EV_SRAT_REJECTED:
		return rejected_words(q, event);
	default:
		if (event->why == NB_WHY_ABSENT)
			return "the firmware has no SRAT";
		if (event->why == NB_WHY_NOT_RAM)
			return "no memory that the SRAT names is RAM";
		if (event->why == NB_WHY_OFF)
			return "the command line says acpi=off";
		return chain_text(q->chain, "the SRAT gives no nodes: %s", nb_why_text(event->why));
	}
}

/* Both entries that claim the same bytes. */
static void say_overlap(const struct inquiry *q, unsigned depth, const struct nb_event *overlap)
{
	struct nb_range range = contested(overlap);
	const int32_t nids[] = { overlap->nid, overlap->other_nid };

	chain_tell(q->chain, depth, overlap);
	for (size_t i = 0; i < NB_COUNT(nids); i++) {
		const struct nb_event *entry = entry_behind(q, nids[i], range);

		if (!entry)
			continue;
		chain_tell(q->chain, depth + 1, entry);
		prove_event(q, entry);
	}
}

/* The end of what entries of the SRAT cover from an address on; the address itself if
 * none covers it. *next is where the next one begins. */
static nb_phys covered_from(const struct inquiry *q, nb_phys address, nb_phys *next)
{
	struct tape_part part = tape_attempt(q->tape, NB_NUMA_ACPI);
	const struct nb_event *event;
	nb_phys end = address;

	*next = UINT64_MAX;
	while ((event = tape_next(&part, NB_EV_SRAT_MEMORY))) {
		if (range_has(event->range, address))
			end = nb_max(end, event->range.end);
		else if (event->range.start > address && event->range.end > event->range.start)
			*next = nb_min(*next, event->range.start);
	}
	return end;
}

/* RAM of a region that no entry covers, piece by piece. */
static void say_gaps(const struct inquiry *q, unsigned depth, struct nb_range region)
{
	nb_phys at = region.start, next;

	while (at < region.end) {
		nb_phys end = covered_from(q, at, &next);
		struct nb_range gap = { at, nb_min(next, region.end) };

		if (end == at && nb_range_size(gap) >= NB_PAGE_SIZE) {
			chain_say(q->chain, depth, NULL,
				  "No entry of the SRAT covers %s of RAM, %s.",
				  range_words(q->chain, gap),
				  size_words(q->chain, nb_range_size(gap)));
			prove_map(q, gap);
		}
		at = end == at ? gap.end : end;
	}
}

/* RAM that has no node, and the rules that count it. */
static void say_uncovered(const struct inquiry *q, unsigned depth, const struct nb_event *event)
{
	const struct nb_regions *memory = &q->boot->memblock.memory;

	chain_tell(q->chain, depth, event);
	prove_rule(q, "coverage_forgiven");
	prove_rule(q, "coverage_by_blocks");
	for (uint32_t i = 0; i < memory->count; i++)
		say_gaps(q, depth + 1,
			 (struct nb_range){ nb_region_at(memory, i)->start,
					    nb_region_at(memory, i)->end });
}

static void say_refusal(const struct inquiry *q, unsigned depth, const struct nb_event *event)
{
	const struct nb_event *before = tape_before(q->tape, event);

	if (event->kind == NB_EV_NODES_OVERLAP) {
		say_overlap(q, depth, event);
		return;
	}
	if (event->kind == NB_EV_UNCOVERED) {
		say_uncovered(q, depth, event);
		return;
	}
	chain_tell(q->chain, depth, event);
	if (event->why == NB_WHY_OFF)
		prove_param(q, "acpi", "off");
	if (event->kind == NB_EV_SRAT_REJECTED && before &&
	    (before->kind == NB_EV_PXM_REFUSED || before->kind == NB_EV_SRAT_ENTRY_LENGTH ||
	     before->kind == NB_EV_SRAT_BLOCKS_FULL)) {
		chain_tell(q->chain, depth + 1, before);
		prove_event(q, before);
	}
	if (event->kind == NB_EV_SRAT_NO_MEMORY && before &&
	    before->kind == NB_EV_SRAT_ZERO_LENGTH) {
		chain_tell(q->chain, depth + 1, before);
		prove_event(q, before);
	}
}

void say_why_one_node(const struct inquiry *q, unsigned depth)
{
	const struct nb_event *event = refusal(q);
	const struct nb_event *dummy = tape_last(tape_all(q->tape), NB_EV_DUMMY);

	if (q->boot->numa.source == NB_NUMA_ACPI)
		return;
	if (q->boot->numa.source == NB_NUMA_NONE) {
		chain_tell(q->chain, depth, tape_last(tape_all(q->tape), NB_EV_FLAT_MEMORY));
		return;
	}
	if (event) {
		say_refusal(q, depth, event);
	} else if (q->boot->params.numa_noacpi && !q->boot->params.numa_off) {
		chain_say(q->chain, depth, NULL,
			  "The command line keeps the kernel from the SRAT.");
		prove_param(q, "numa", "noacpi");
		chain_function_at(q->chain, "arch/x86/mm/numa.c numa_setup()");
	}
	if (dummy) {
		chain_tell(q->chain, depth, dummy);
		if (q->boot->params.numa_off)
			prove_param(q, "numa", "off");
	}
}

void say_numbering(const struct inquiry *q, unsigned depth, int32_t nid)
{
	struct tape_part part = tape_attempt(q->tape, NB_NUMA_ACPI);
	const struct nb_event *event, *entry;
	unsigned before = 0;

	for (; (event = tape_next(&part, NB_EV_PXM_NUMBERED)); before++) {
		if (event->nid != nid)
			continue;
		chain_say(q->chain, depth, event,
			  "Domain %u became node %d: a domain takes the lowest free number when an "
			  "entry names it first, and %s.",
			  event->id, nid,
			  before ? chain_text(q->chain, "%u had one before it", before)
				 : "it was the first");
		entry = tape_behind(q->tape, event);
		if (entry)
			prove_event(q, entry);
		return;
	}
}

bool came_so_far(const struct inquiry *q, enum nb_stage stage, const char *what)
{
	const struct nb_event *death = q->death;

	if (q->boot->next > stage)
		return true;
	if (death)
		chain_tell(q->chain, 0, death);
	else
		chain_say(q->chain, 0, NULL, "This kernel does not survive this machine.");
	chain_say(q->chain, 1, NULL, "There is no %s to explain: it dies before.", what);
	if (death && nb_range_size(death->range)) {
		chain_say(q->chain, 1, NULL, "The memory that it dies of is %s.",
			  range_words(q->chain, death->range));
		prove_map(q, death->range);
	}
	return false;
}
