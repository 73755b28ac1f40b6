/* SPDX-License-Identifier: MIT */
/*
 * run: one boot of one source, in one block of memory, with what a person should
 * be told about it on the side.
 */
#ifndef HOSTS_CLI_RUN_H
#define HOSTS_CLI_RUN_H

#include "../sources/source.h"
#include "../sources/stage_steps.h"
#include <numaboot/boot.h>

enum { RUN_NOTES = 64 };

struct run {
	struct nb_sink sink; /* first: the library's way back here */
	struct nb_sink *next;
	struct nb_boot boot;
	enum nb_err err; /* NB_OK or NB_ERR_DIES */
	void *block;

	bool dies;
	struct nb_event death;
	struct nb_event notes[RUN_NOTES]; /* faults and what was given up because of them */
	uint32_t note_count;              /* may be more than there is room for */
};

/*
 * Boots a source with a kernel, which may be another one than the source's; where
 * the kernel lies is then still that of the source. The run holds pointers into itself and into the source. The
 * events go on to `next`, if it is not null. False, with a complaint, if the
 * machine is larger than the library supports.
 */
bool run_boot(struct run *run, const struct source *source, const struct kernel *kernel,
	      struct nb_sink *next, struct complaint *complaint);

/* Boots a source with its own kernel. */
bool run_source(struct run *run, const struct source *source, struct nb_sink *next,
		struct complaint *complaint);

/* The same, with what its stages do to memblock written down. */
bool run_watched(struct run *run, const struct source *source, struct stage_steps *steps,
		 struct complaint *complaint);

/* Whether an event is of something that a tolerant kernel mended. */
bool run_is_repair(const struct nb_event *event);

/* Whether a stage's result is there. */
static inline bool run_has(const struct run *run, enum nb_stage stage)
{
	return run->boot.next > stage;
}

void run_drop(struct run *run);

#endif
