/* SPDX-License-Identifier: MIT */
/*
 * story: every decision in the order of the boot, by stage. Of many of one kind in a
 * row the first few are told.
 */
#include "inquiry.h"

enum { ROW_MOST = 6 };

/* What is a part of a list, or of no consequence to a reader. */
static bool is_told(const struct nb_event *event)
{
	switch (event->kind) {
	case NB_EV_STAGE:
	case NB_EV_DIES:
	case NB_EV_MAP_BEGIN:
	case NB_EV_MAP_GAP:
	case NB_EV_NODE_SETUP:
	case NB_EV_RANGE:
	case NB_EV_ZONES_BEGIN:
	case NB_EV_MOVABLE_BEGIN:
	case NB_EV_RANGES_BEGIN:
	case NB_EV_MEMMAP_INIT:
	case NB_EV_FALLBACK_BEGIN:
	case NB_EV_FALLBACK_END:
	case NB_EV_SMP_BEGIN:
	case NB_EV_SMP_NODE_BEGIN:
	case NB_EV_SMP_CPU:
	case NB_EV_SMP_NODE_END:
		return false;
	default:
		return true;
	}
}

/* How many events of the same kind follow, this one among them. */
static uint32_t row_of(const struct tape *tape, uint32_t at)
{
	uint32_t count = 1;

	if (tape->at[at].kind == NB_EV_STAGE)
		return 1;
	while (at + count < tape->count && tape->at[at + count].kind == tape->at[at].kind)
		count++;
	return count;
}

/* Whether a stage decides anything that is told. */
static bool is_silent(const struct tape *tape, uint32_t at)
{
	for (at++; at < tape->count && tape->at[at].kind != NB_EV_STAGE; at++)
		if (is_told(&tape->at[at]))
			return false;
	return true;
}

void explain_story(const struct inquiry *q)
{
	const struct tape *tape = q->tape;

	for (uint32_t at = 0; at < tape->count;) {
		uint32_t row = row_of(tape, at), shown = row > ROW_MOST + 1 ? ROW_MOST : row;
		const struct nb_event *event = &tape->at[at];

		if (event->kind == NB_EV_STAGE && !is_silent(tape, at))
			chain_say(q->chain, 0, NULL, "Stage %s.",
				  nb_stage_name((enum nb_stage)event->id));
		for (uint32_t i = 0; i < shown && is_told(event); i++) {
			chain_tell(q->chain, 1, &tape->at[at + i]);
			prove_event(q, &tape->at[at + i]);
		}
		if (row > shown && is_told(event))
			chain_say(q->chain, 1, NULL, "%u more decisions of this kind follow.",
				  row - shown);
		at += row;
	}
	if (q->death)
		chain_tell(q->chain, 0, q->death);
}
