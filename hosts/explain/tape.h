/* SPDX-License-Identifier: MIT */
/*
 * tape: the events of one boot, kept in their order, and looks at them.
 */
#ifndef HOSTS_EXPLAIN_TAPE_H
#define HOSTS_EXPLAIN_TAPE_H

#include <numaboot/events.h>

/* All zero is an empty tape. */
struct tape {
	struct nb_sink sink; /* first: the library's way back here */
	struct nb_event *at;
	uint32_t count, cap;
	int32_t order_of; /* of the fallback orders only this node's is kept; NB_NO_NODE: none */
	bool in_order;    /* a list that is kept goes on */
};

/* Prepares a tape, whose sink a boot then gets. */
void tape_begin(struct tape *tape, int32_t order_of);
void tape_drop(struct tape *tape);

/* A part of a tape: from one event up to another. */
struct tape_part {
	const struct tape *tape;
	uint32_t from, to;
};

struct tape_part tape_all(const struct tape *tape);

/* The attempt to make nodes of a source, enum nb_numa_source, down to the end of the
 * stage; empty if it was not made. */
struct tape_part tape_attempt(const struct tape *tape, uint32_t source);

/* The next event of a kind at or behind *at, which it moves behind it; null at the end. */
const struct nb_event *tape_next(struct tape_part *part, enum nb_event_kind kind);

/* The last event of a kind; null if there is none. */
const struct nb_event *tape_last(struct tape_part part, enum nb_event_kind kind);

/* The event before or behind another one; null at the tape's ends. */
const struct nb_event *tape_before(const struct tape *tape, const struct nb_event *event);
const struct nb_event *tape_behind(const struct tape *tape, const struct nb_event *event);

#endif
