/* SPDX-License-Identifier: MIT */
/*
 * edits: what was done to the firmware's memory map, by the command line and by the
 * fixed rules: it is why RAM is not used that is there.
 */
#include "inquiry.h"

/* Whether an event edits the map that the kernel uses, and not the one for kexec. */
static bool is_edit(const struct nb_event *event)
{
	switch (event->kind) {
	case NB_EV_MAP_CLEARED:
	case NB_EV_MAP_ADDED:
	case NB_EV_MAP_REMOVE:
		return true;
	case NB_EV_MAP_UPDATE:
		return !event->flags;
	default:
		return false;
	}
}

/* The part of a range that an edit is about: of all, where the map is thrown away. */
static struct nb_range part_of(const struct nb_event *edit, struct nb_range range)
{
	if (edit->kind == NB_EV_MAP_CLEARED)
		return range;
	return (struct nb_range){ nb_max(range.start, edit->range.start),
				  nb_min(range.end, edit->range.end) };
}

const struct nb_event *edit_of(const struct inquiry *q, struct nb_range range)
{
	const struct nb_event *found = NULL;
	uint64_t most = 0;

	for (uint32_t i = 0; i < q->tape->count; i++) {
		const struct nb_event *event = &q->tape->at[i];
		uint64_t size = is_edit(event) ? nb_range_size(part_of(event, range)) : 0;

		if (size && size >= most) {
			most = size;
			found = event;
		}
	}
	return found;
}

const char *edit_words(const struct inquiry *q, const struct nb_event *edit)
{
	struct nb_param param;

	if (edit->why != NB_WHY_ASKED || !find_word(q, edit->more[0], &param))
		return nb_why_text(edit->why);
	return chain_text(q->chain, "the command line says %s", word_text(q, &param));
}

void say_edits(const struct inquiry *q, unsigned depth, struct nb_range range)
{
	for (uint32_t i = 0; i < q->tape->count; i++) {
		const struct nb_event *event = &q->tape->at[i];

		if (!is_edit(event) || !nb_range_size(part_of(event, range)))
			continue;
		chain_tell(q->chain, depth, event);
		prove_event(q, event);
	}
}
