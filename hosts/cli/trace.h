/* SPDX-License-Identifier: MIT */
/*
 * trace: the decisions of a boot in their order, kept as one number each, so that
 * two boots can be laid side by side however long they are.
 */
#ifndef HOSTS_CLI_TRACE_H
#define HOSTS_CLI_TRACE_H

#include "run.h"

struct trace {
	struct nb_sink sink; /* first: the library's way back here */
	uint64_t *at;        /* one number for each event */
	uint32_t count, cap;

	/* One event is kept whole: the `wanted`th, if there are so many. */
	uint32_t wanted;
	struct nb_event event;
	bool has_event;
	enum nb_stage stage; /* that the boot was at just before it: the last one that began */
};

/* Boots a source with a kernel and traces it: all zero is an empty trace. False,
 * with a complaint, if the machine is larger than the library supports. */
bool trace_boot(struct trace *trace, const struct source *source, const struct kernel *kernel,
		struct complaint *complaint);

/* How many events two boots begin with alike. */
uint32_t traces_agree(const struct trace *a, const struct trace *b);

/* Whether they are the same from the first event to the last. */
bool traces_same(const struct trace *a, const struct trace *b);

void trace_drop(struct trace *trace);

#endif
