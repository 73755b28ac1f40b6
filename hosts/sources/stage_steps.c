/* SPDX-License-Identifier: MIT */
/*
 * stage_steps: see stage_steps.h. The watch sees each step, the sink hears what
 * it was for.
 */
#include "stage_steps.h"
#include "pool.h"

#include <stddef.h>
#include <stdlib.h>

struct memblock_modes memblock_modes(const struct nb_memblock *mb)
{
	return (struct memblock_modes){
		.limit = mb->limit,
		.upwards_from = mb->upwards_from,
		.unset_node = mb->unset_node,
		.bottom_up = mb->bottom_up,
		.skip_hotplug = mb->skip_hotplug,
		.upwards_takes_hotplug = mb->upwards_takes_hotplug,
		.prefer_mirror = mb->prefer_mirror,
		.marks_kernel = mb->marks_kernel,
	};
}

void memblock_set_modes(struct nb_memblock *mb, const struct memblock_modes *modes)
{
	mb->limit = modes->limit;
	mb->upwards_from = modes->upwards_from;
	mb->unset_node = modes->unset_node;
	mb->bottom_up = modes->bottom_up;
	mb->skip_hotplug = modes->skip_hotplug;
	mb->upwards_takes_hotplug = modes->upwards_takes_hotplug;
	mb->prefer_mirror = modes->prefer_mirror;
	mb->marks_kernel = modes->marks_kernel;
}

static void told(struct nb_memblock_watch *self, const struct nb_memblock *mb,
		 const struct nb_memblock_step *step)
{
	struct stage_steps *steps = (struct stage_steps *)self; /* its first member */

	if (steps->count == steps->cap) {
		uint32_t cap = steps->cap ? 2 * steps->cap : 256;
		struct stage_step *more =
			(struct stage_step *)realloc(steps->at, cap * sizeof(*more));

		if (!more)
			pool_exhausted();
		steps->at = more;
		steps->cap = cap;
	}
	steps->at[steps->count++] = (struct stage_step){
		.step = *step,
		.modes = memblock_modes(mb),
		.stage = steps->stage,
		.kind = NB_EVENT_KINDS,
		.nid = NB_NO_NODE,
	};
}

/* An event that tells of the step before it, or of one a little before that. */
static void annotate(struct stage_steps *steps, const struct nb_event *event, struct nb_range range)
{
	enum { LOOK_BACK = 8 };

	for (uint32_t i = steps->count; i > 0 && steps->count - i < LOOK_BACK; i--) {
		struct stage_step *step = &steps->at[i - 1];

		if (step->kind == event->kind || step->step.range.start != range.start ||
		    step->step.range.end != range.end)
			continue;
		step->kind = event->kind;
		step->id = event->id;
		step->nid = event->kind == NB_EV_NODE_DATA ? event->nid : NB_NO_NODE;
		return;
	}
}

static void put(struct nb_sink *sink, const struct nb_event *event)
{
	struct stage_steps *steps =
		(struct stage_steps *)((char *)sink - offsetof(struct stage_steps, sink));

	switch (event->kind) {
	case NB_EV_STAGE:
		steps->stage = (enum nb_stage)event->id;
		break;
	case NB_EV_MEMORY_FILLED:
		steps->filled = steps->count;
		steps->has_filled = true;
		break;
	case NB_EV_RESERVED:
	case NB_EV_NODE_DATA:
		annotate(steps, event, event->range);
		break;
	case NB_EV_INITRD_MOVED:
		annotate(steps, event,
			 (struct nb_range){ event->other.start,
					    nb_align_up(event->other.end, NB_PAGE_SIZE) });
		break;
	default:
		break;
	}
}

void stage_steps_begin(struct stage_steps *steps)
{
	*steps = (struct stage_steps){ .watch.told = told, .sink.put = put };
}

void stage_steps_drop(struct stage_steps *steps)
{
	free(steps->at);
	steps->at = NULL;
	steps->count = steps->cap = 0;
}
