/* SPDX-License-Identifier: MIT */
/*
 * run: one boot of one source. Of the events it keeps those that tell of
 * something wrong: a person wants them without reading a log.
 */
#include "run.h"

#include <numaboot/base.h>
#include <numaboot/render.h>
#include <stdlib.h>
#include <string.h>

bool run_is_repair(const struct nb_event *event)
{
	return event->kind >= NB_EV_REPAIR_LENGTH && event->kind <= NB_EV_REPAIR_UNCOVERED;
}

/* Kinds that name a fault of the firmware or of the command line, or what this
 * kernel gives up because of one. */
static bool is_notable(const struct nb_event *event)
{
	switch (event->kind) {
	case NB_EV_CMDLINE_CUT:
	case NB_EV_PARAM_MALFORMED:
	case NB_EV_PARAM_UNMODELLED:
	case NB_EV_MAP_REJECTED:
	case NB_EV_MAP_NOT_SANITIZED:
	case NB_EV_MAP_FULL:
	case NB_EV_KERNEL_NOT_RAM:
	case NB_EV_MTRR_TRIMMED:
	case NB_EV_TABLE_FAULT:
	case NB_EV_PXM_REFUSED:
	case NB_EV_SRAT_X2APIC_IGNORED:
	case NB_EV_SRAT_APIC_TOO_BIG:
	case NB_EV_SRAT_STOPPED:
	case NB_EV_SRAT_ZERO_LENGTH:
	case NB_EV_SRAT_ENTRY_LENGTH:
	case NB_EV_SRAT_BLOCK_INVALID:
	case NB_EV_SRAT_BLOCKS_FULL:
	case NB_EV_SRAT_REJECTED:
	case NB_EV_SLIT_INVALID:
	case NB_EV_DISTANCE_BOUNDS:
	case NB_EV_DISTANCE_INVALID:
	case NB_EV_WINDOW_FULL:
	case NB_EV_NODES_OVERLAP:
	case NB_EV_NODE_OVERLAPS_ITSELF:
	case NB_EV_FAKE_TOO_MANY_NODES:
	case NB_EV_FAKE_TOO_SMALL:
	case NB_EV_FAKE_SHORT:
	case NB_EV_FAKE_BLOCKS_FULL:
	case NB_EV_FAKE_INVALID:
	case NB_EV_FAKE_DROPPED:
	case NB_EV_FAKE_DISTANCE_UNKNOWN:
	case NB_EV_UNCOVERED:
	case NB_EV_NODE_DATA_ELSEWHERE:
	case NB_EV_NO_MIRROR:
	case NB_EV_X2APIC_ENTRY_IGNORED:
	case NB_EV_APIC_TOO_BIG:
	case NB_EV_BSP_NOT_MARKED:
	case NB_EV_BSP_ORDER_BUG:
	case NB_EV_CPU_LIMIT_REACHED:
	case NB_EV_CPUS_EXCEED_LIMIT:
		return true;
	default:
		return run_is_repair(event);
	}
}

/* Whether the same was noted before: Linux reads some tables several times. */
static bool is_noted(const struct run *run, const struct nb_event *event)
{
	for (uint32_t i = 0; i < run->note_count && i < RUN_NOTES; i++)
		if (!memcmp(&run->notes[i], event, sizeof(*event)))
			return true;
	return false;
}

static void put(struct nb_sink *sink, const struct nb_event *event)
{
	struct run *run = (struct run *)sink; /* its first member */

	if (event->kind == NB_EV_DIES && !run->dies) {
		run->dies = true;
		run->death = *event;
	} else if (is_notable(event) && !is_noted(run, event)) {
		if (run->note_count < RUN_NOTES)
			run->notes[run->note_count] = *event;
		run->note_count++;
	}
	if (run->next)
		run->next->put(run->next, event);
}

/* Boots; whoever watches memblock is told from its first step on. */
static bool boot(struct run *run, const struct source *source, const struct kernel *kernel,
		 struct nb_memblock_watch *watch, struct complaint *complaint)
{
	const struct nb_env env = {
		.rules = kernel->rules,
		.config = &kernel->config,
		.sink = &run->sink,
	};
	struct nb_limits limits = nb_limits_for(&source->fw, &kernel->config);
	size_t size = nb_boot_size(&limits);

	run->sink.put = put;
	if (!size) {
		complain(complaint, "this machine is larger than what is supported: %s",
			 nb_err_text(NB_ERR_LIMITS));
		return false;
	}
	run->block = malloc(size);
	if (!run->block)
		pool_exhausted();
	run->err = nb_boot_init(&run->boot, run->block, size, &limits, &env, &source->fw);
	run->boot.memblock.watch = watch;
	if (!run->err)
		run->err = nb_boot(&run->boot);
	if (run->err && run->err != NB_ERR_DIES) {
		complain(complaint, "this machine cannot be predicted: %s (at stage %s)",
			 nb_err_text(run->err), nb_stage_name(run->boot.next));
		return false;
	}
	run->dies = run->dies || run->err == NB_ERR_DIES;
	return true;
}

bool run_boot(struct run *run, const struct source *source, const struct kernel *kernel,
	      struct nb_sink *next, struct complaint *complaint)
{
	*run = (struct run){ .next = next };
	return boot(run, source, kernel, NULL, complaint);
}

bool run_watched(struct run *run, const struct source *source, struct stage_steps *steps,
		 struct complaint *complaint)
{
	stage_steps_begin(steps);
	*run = (struct run){ .next = &steps->sink };
	return boot(run, source, &source->kernel, &steps->watch, complaint);
}

bool run_source(struct run *run, const struct source *source, struct nb_sink *next,
		struct complaint *complaint)
{
	return run_boot(run, source, &source->kernel, next, complaint);
}

void run_drop(struct run *run)
{
	free(run->block);
	run->block = NULL;
}
