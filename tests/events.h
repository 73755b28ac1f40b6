/* SPDX-License-Identifier: MIT */
/* events: a sink that keeps what a stage tells, and comparing it field by field. */
#ifndef TESTS_EVENTS_H
#define TESTS_EVENTS_H

#include "check.h"

#include <numaboot/events.h>
#include <numaboot/render.h>

enum { KEPT_EVENTS = 256 };

/* Kinds that are passed over are told about, but not kept. */
struct kept_events {
	struct nb_sink sink;
	const enum nb_event_kind *skipped;
	size_t skips, count;
	struct nb_event at[KEPT_EVENTS];
};

static inline void keep_event(struct nb_sink *sink, const struct nb_event *event)
{
	struct kept_events *kept = (struct kept_events *)sink;

	for (size_t i = 0; i < kept->skips; i++)
		if (kept->skipped[i] == event->kind)
			return;
	if (kept->count < KEPT_EVENTS)
		kept->at[kept->count] = *event;
	kept->count++;
}

static inline bool same_event(const struct nb_event *a, const struct nb_event *b)
{
	for (size_t i = 0; i < NB_COUNT(a->more); i++)
		if (a->more[i] != b->more[i])
			return false;
	return a->kind == b->kind && a->why == b->why && a->nid == b->nid &&
	       a->other_nid == b->other_nid && a->id == b->id && a->flags == b->flags &&
	       a->range.start == b->range.start && a->range.end == b->range.end &&
	       a->other.start == b->other.start && a->other.end == b->other.end &&
	       a->got == b->got && a->limit == b->limit;
}

/* Fails, and names the first difference, unless exactly these events were kept. */
static inline void check_events(const struct kept_events *kept, const struct nb_event *want,
				size_t wants, const char *claim)
{
	for (size_t i = 0; i < wants || i < kept->count; i++) {
		if (i < wants && i < kept->count && same_event(&kept->at[i], &want[i]))
			continue;
		print_error("event %zu is %s, wanted %s\n", i,
			    i < kept->count ? nb_event_name(kept->at[i].kind) : "missing",
			    i < wants ? nb_event_name(want[i].kind) : "none");
		check(false, claim);
	}
}

#endif
