/* SPDX-License-Identifier: MIT */
/*
 * stage_steps: what the stages of a boot did to memblock, step by step, so that
 * a boot that was recorded can be followed by what was predicted of it. A stage
 * that is added to the library is in here by itself.
 */
#ifndef HOSTS_SOURCES_STAGE_STEPS_H
#define HOSTS_SOURCES_STAGE_STEPS_H

#include <numaboot/events.h>
#include <numaboot/memblock.h>

/* How memblock searched and marked at a step: what is set, not what is kept. */
struct memblock_modes {
	nb_phys limit, upwards_from;
	int32_t unset_node;
	bool bottom_up, skip_hotplug, upwards_takes_hotplug, prefer_mirror, marks_kernel;
};

struct memblock_modes memblock_modes(const struct nb_memblock *mb);
void memblock_set_modes(struct nb_memblock *mb, const struct memblock_modes *modes);

struct stage_step {
	struct nb_memblock_step step;
	struct memblock_modes modes;
	enum nb_stage stage;
	enum nb_event_kind kind; /* of the event that tells of it; NB_EVENT_KINDS: none does */
	uint32_t id;             /* of that event: what it was taken for */
	int32_t nid;
	bool done; /* whoever follows the steps has met it */
};

/* All zero is an empty list. */
struct stage_steps {
	struct nb_memblock_watch watch; /* first: memblock's way back here */
	struct nb_sink sink;
	struct stage_step *at;
	uint32_t count, cap;
	uint32_t filled; /* steps that were taken when memory was filled */
	bool has_filled;
	enum nb_stage stage; /* that runs */
};

/* Whether a step took memory: a request that found nothing did not. */
static inline bool stage_step_takes(const struct stage_step *step)
{
	enum nb_memblock_op op = step->step.op;

	return step->step.err == NB_OK &&
	       (op == NB_OP_RESERVE || op == NB_OP_TAKE || op == NB_OP_ALLOC);
}

/* Prepares a list whose watch and sink a boot then gets. */
void stage_steps_begin(struct stage_steps *steps);
void stage_steps_drop(struct stage_steps *steps);

#endif
