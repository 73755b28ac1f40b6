/* SPDX-License-Identifier: MIT */
/*
 * allocations: which lines of memblock=debug tell of memory that a modelled stage
 * takes or gives back.
 */
#ifndef HOSTS_CLI_VERBS_ALLOCATIONS_H
#define HOSTS_CLI_VERBS_ALLOCATIONS_H

#include <numaboot/params.h>

/* Who asked for what the next line reserves; all zero to begin. */
struct allocations {
	bool asked, modelled;
	bool last;                    /* the last change was a modelled one */
	bool low_ram, sparse, percpu; /* the stages that have begun, or are over */
};

enum allocation {
	ALLOCATION_NONE, /* a line of something else */
	ALLOCATION_OURS,
	ALLOCATION_OTHERS, /* of code that is not modelled, or no change */
};

/* Looks at the next line of a log, in plain words. */
enum allocation allocation_of(struct allocations *state, struct nb_text plain);

/* A line without the function that it names, which is of one build. */
struct nb_text without_function(struct nb_text line);

#endif
