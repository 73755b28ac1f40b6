/* SPDX-License-Identifier: MIT */
/*
 * trace: boots as sequences of numbers.
 */
#include "trace.h"

#include <numaboot/render.h>
#include <stdlib.h>
#include <string.h>

/* Whether a field says what a decision was made by, and not what was decided. */
static bool is_of_the_way(enum nb_event_kind kind, enum nb_event_field field)
{
	const char *name = nb_event_field_name(kind, field);

	return !strcmp(name, "offset") || !strcmp(name, "word") || !strcmp(name, "load");
}

/* FNV-1a over the event's bytes: it has no gaps between its fields. */
static uint64_t number_of(const struct nb_event *event)
{
	struct nb_event decision = *event;
	const uint8_t *at = (const uint8_t *)&decision;
	uint64_t number = 0xcbf29ce484222325;

	if (is_of_the_way(event->kind, NB_FIELD_MORE0))
		decision.more[0] = 0;
	if (is_of_the_way(event->kind, NB_FIELD_LIMIT))
		decision.limit = 0;
	for (size_t i = 0; i < sizeof(decision); i++)
		number = (number ^ at[i]) * 0x100000001b3;
	return number;
}

static void put(struct nb_sink *sink, const struct nb_event *event)
{
	struct trace *trace = (struct trace *)sink; /* its first member */

	if (trace->count == trace->wanted) {
		trace->event = *event;
		trace->has_event = true;
	}
	if (event->kind == NB_EV_STAGE && trace->count < trace->wanted)
		trace->stage = (enum nb_stage)event->id;
	if (trace->count == trace->cap) {
		uint32_t cap = trace->cap ? 2 * trace->cap : 4096;
		uint64_t *more = (uint64_t *)realloc(trace->at, cap * sizeof(*more));

		if (!more)
			pool_exhausted();
		trace->at = more;
		trace->cap = cap;
	}
	trace->at[trace->count++] = number_of(event);
}

bool trace_boot(struct trace *trace, const struct source *source, const struct kernel *kernel,
		struct complaint *complaint)
{
	static struct run run;
	bool ran;

	trace->sink.put = put;
	trace->count = 0;
	trace->has_event = false;
	trace->stage = NB_PARAMS;
	ran = run_boot(&run, source, kernel, &trace->sink, complaint);
	run_drop(&run);
	return ran;
}

uint32_t traces_agree(const struct trace *a, const struct trace *b)
{
	uint32_t count = 0;

	while (count < a->count && count < b->count && a->at[count] == b->at[count])
		count++;
	return count;
}

bool traces_same(const struct trace *a, const struct trace *b)
{
	return a->count == b->count && traces_agree(a, b) == a->count;
}

void trace_drop(struct trace *trace)
{
	free(trace->at);
	*trace = (struct trace){ .at = NULL };
}
