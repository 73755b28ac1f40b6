/* SPDX-License-Identifier: MIT */
/*
 * record: a sink that keeps all that is told, and a comparison with what was to
 * be told. What differs first is printed in words and field by field.
 */
#ifndef TESTS_RECORD_H
#define TESTS_RECORD_H

#include "events.h"

#include <inttypes.h>
#include <stdio.h>

enum { RECORD_EVENTS = 8192 };

struct record {
	struct nb_sink sink;
	size_t count;
	struct nb_event at[RECORD_EVENTS];
};

static inline void record_put(struct nb_sink *sink, const struct nb_event *event)
{
	struct record *record = (struct record *)sink; /* its first member */

	check(record->count < RECORD_EVENTS, "there is room for the events");
	record->at[record->count++] = *event;
}

static inline void record_start(struct record *record)
{
	record->sink.put = record_put;
	record->count = 0;
}

static inline void record_write(struct nb_writer *self, const char *text, size_t len)
{
	(void)self;
	print_error("%.*s", (int)len, text);
}

static inline void record_number(enum nb_event_kind kind, enum nb_event_field field, uint64_t value)
{
	const char *name = nb_event_field_name(kind, field);

	if (value)
		print_error(" %s=%#" PRIx64, *name ? name : "(not of this kind)", value);
}

/* An event in words, then what its fields hold. */
static inline void record_print(const char *what, const struct nb_event *event)
{
	struct nb_writer out = { .write = record_write };

	print_error("%s: ", what);
	if (!event) {
		print_error("nothing\n");
		return;
	}
	print_error("%s ", nb_event_name(event->kind));
	if (event->why != NB_WHY_NONE)
		print_error("(%s) ", nb_why_name(event->why));
	nb_render_sentence(event, &out);
	record_number(event->kind, NB_FIELD_NID, (uint64_t)event->nid);
	record_number(event->kind, NB_FIELD_OTHER_NID, (uint64_t)event->other_nid);
	record_number(event->kind, NB_FIELD_ID, event->id);
	record_number(event->kind, NB_FIELD_FLAGS, event->flags);
	print_error(" [%#" PRIx64 ", %#" PRIx64 ")", event->range.start, event->range.end);
	print_error(" [%#" PRIx64 ", %#" PRIx64 ")", event->other.start, event->other.end);
	record_number(event->kind, NB_FIELD_GOT, event->got);
	record_number(event->kind, NB_FIELD_LIMIT, event->limit);
	for (unsigned i = 0; i < NB_COUNT(event->more); i++)
		record_number(event->kind, (enum nb_event_field)(NB_FIELD_MORE0 + i),
			      event->more[i]);
	print_error("\n");
}

/* Fails unless exactly these events were told. */
static inline void check_told(const struct record *record, const struct nb_event *want,
			      size_t wants, const char *claim)
{
	for (size_t i = 0; i < wants || i < record->count; i++) {
		const struct nb_event *got = i < record->count ? &record->at[i] : NULL;
		const struct nb_event *wanted = i < wants ? &want[i] : NULL;

		if (got && wanted && same_event(got, wanted))
			continue;
		print_error("event %zu differs.\n", i);
		record_print("told", got);
		record_print("wanted", wanted);
		check(false, claim);
	}
}

/* Forgets where it was read what events of a kind tell of, for rows that are about
 * what is decided: an offset in a table, a word of the command line and its reason. */
static inline void record_forget_place(struct record *record, enum nb_event_kind kind)
{
	for (size_t i = 0; i < record->count; i++) {
		if (record->at[i].kind != kind)
			continue;
		record->at[i].more[0] = 0;
		record->at[i].why = NB_WHY_NONE;
	}
}

/* Drops all events of a kind. */
static inline void record_drop(struct record *record, enum nb_event_kind kind)
{
	size_t kept = 0;

	for (size_t i = 0; i < record->count; i++)
		if (record->at[i].kind != kind)
			record->at[kept++] = record->at[i];
	record->count = kept;
}

/* Drops all events but those of these kinds, which keep their order. */
static inline void record_keep(struct record *record, const enum nb_event_kind *kinds, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < record->count; i++)
		for (size_t k = 0; k < count; k++)
			if (record->at[i].kind == kinds[k]) {
				record->at[kept++] = record->at[i];
				break;
			}
	record->count = kept;
}

#endif
