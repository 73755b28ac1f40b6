/* SPDX-License-Identifier: MIT */
/* tape: what only lays out a list of the log is not kept. */
#include "tape.h"

#include "../sources/pool.h"

#include <stdlib.h>

static bool is_kept(struct tape *tape, const struct nb_event *event)
{
	bool kept = tape->in_order;

	switch (event->kind) {
	case NB_EV_FALLBACK_BEGIN:
		kept = tape->in_order = event->nid == tape->order_of;
		return kept;
	case NB_EV_FALLBACK_END:
		tape->in_order = false;
		return kept;
	case NB_EV_FALLBACK_NODE:
		return kept;
	case NB_EV_ZONELIST_BEGIN:
	case NB_EV_ZONELIST_ZONE:
	case NB_EV_ZONELIST_END:
	case NB_EV_PERCPU_ROW_BEGIN:
	case NB_EV_PERCPU_ROW_GROUP:
	case NB_EV_PERCPU_ROW_UNIT:
	case NB_EV_PERCPU_ROW_END:
	case NB_EV_SMP_PAD:
		return false;
	default:
		return true;
	}
}

static void put(struct nb_sink *sink, const struct nb_event *event)
{
	struct tape *tape = (struct tape *)sink; /* its first member */

	if (!is_kept(tape, event))
		return;
	if (tape->count == tape->cap) {
		uint32_t cap = tape->cap ? 2 * tape->cap : 1024;
		struct nb_event *more = (struct nb_event *)realloc(tape->at, cap * sizeof(*more));

		if (!more)
			pool_exhausted();
		tape->at = more;
		tape->cap = cap;
	}
	tape->at[tape->count++] = *event;
}

void tape_begin(struct tape *tape, int32_t order_of)
{
	*tape = (struct tape){ .sink.put = put, .order_of = order_of };
}

void tape_drop(struct tape *tape)
{
	free(tape->at);
	*tape = (struct tape){ .at = NULL };
}

struct tape_part tape_all(const struct tape *tape)
{
	return (struct tape_part){ tape, 0, tape->count };
}

struct tape_part tape_attempt(const struct tape *tape, uint32_t source)
{
	struct tape_part part = { tape, tape->count, tape->count };

	for (uint32_t i = 0; i < tape->count; i++) {
		const struct nb_event *event = &tape->at[i];
		bool begins = event->kind == NB_EV_NUMA_TRY;

		if (begins && event->id == source)
			part.from = i + 1;
		else if (part.from <= i && (begins || event->kind == NB_EV_STAGE))
			return (struct tape_part){ tape, part.from, i };
	}
	return part;
}

const struct nb_event *tape_next(struct tape_part *part, enum nb_event_kind kind)
{
	while (part->from < part->to) {
		const struct nb_event *event = &part->tape->at[part->from++];

		if (event->kind == kind)
			return event;
	}
	return NULL;
}

const struct nb_event *tape_last(struct tape_part part, enum nb_event_kind kind)
{
	for (uint32_t i = part.to; i > part.from; i--)
		if (part.tape->at[i - 1].kind == kind)
			return &part.tape->at[i - 1];
	return NULL;
}

const struct nb_event *tape_before(const struct tape *tape, const struct nb_event *event)
{
	return event > tape->at ? event - 1 : NULL;
}

const struct nb_event *tape_behind(const struct tape *tape, const struct nb_event *event)
{
	return event + 1 < tape->at + tape->count ? event + 1 : NULL;
}
