/* SPDX-License-Identifier: MIT */
/*
 * replay_entries: the account that is written while a log of memblock is followed:
 * an entry for each line that did something, and who asked for it.
 */
#include "replay_follow.h"

#include <string.h>

uint32_t replay_caller_index(struct follower *f, struct nb_text name)
{
	struct replay *r = f->r;

	if (f->last_caller < r->caller_count && text_same(r->callers[f->last_caller].name, name))
		return f->last_caller;
	for (uint32_t i = 0; i < r->caller_count; i++)
		if (text_same(r->callers[i].name, name))
			return f->last_caller = i;
	if (r->caller_count == f->caller_cap) {
		uint32_t cap = f->caller_cap ? 2 * f->caller_cap : 64;
		struct replay_caller *more =
			(struct replay_caller *)pool_take(f->pool, cap * sizeof(*more));

		if (r->caller_count)
			memcpy(more, r->callers, r->caller_count * sizeof(*more));
		r->callers = more;
		f->caller_cap = cap;
	}
	r->callers[r->caller_count].name = name;
	r->callers[r->caller_count].purpose = purpose_of_caller(name);
	return f->last_caller = r->caller_count++;
}

struct replay_entry *replay_enter(struct follower *f, enum replay_what what, struct nb_text caller)
{
	struct replay *r = f->r;
	struct replay_entry *entry;

	if (r->entry_count == f->entry_cap) {
		uint32_t cap = f->entry_cap ? 2 * f->entry_cap : f->lines + 64;
		struct replay_entry *more =
			(struct replay_entry *)(void *)pool_space(f->pool, cap * sizeof(*more));

		pool_keep(f->pool, cap * sizeof(*more));
		if (r->entry_count)
			memcpy(more, r->entries, r->entry_count * sizeof(*more));
		r->entries = more;
		f->entry_cap = cap;
	}
	entry = &r->entries[r->entry_count++];
	*entry = (struct replay_entry){
		.what = what,
		.how = f->follows ? REPLAY_TAKEN : REPLAY_BEFORE,
		.line = f->line,
		.nid = NB_NO_NODE,
		.kind = NB_EVENT_KINDS,
		.of_nid = NB_NO_NODE,
		.caller = replay_caller_index(f, caller),
	};
	return entry;
}

void replay_gap(struct follower *f, enum replay_gap gap, struct nb_range range)
{
	struct replay_entry *entry = replay_enter(f, REPLAY_GAP, (struct nb_text){ NULL, 0 });

	entry->gap = gap;
	entry->range = range;
	f->r->counts.gaps++;
	if (gap == GAP_LOST_TAKE || gap == GAP_LOST_FREE) {
		entry->differs = !f->unsure;
		entry->unsure = f->unsure;
		f->r->counts.differ += entry->differs;
	} else {
		f->unsure = true;
	}
}

void replay_judge(struct follower *f, struct replay_entry *entry, bool equal)
{
	if (equal)
		return;
	entry->differs = !f->unsure;
	entry->unsure = f->unsure;
	f->r->counts.differ += entry->differs;
	f->r->counts.unsure += entry->unsure;
}
