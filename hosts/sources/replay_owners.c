/* SPDX-License-Identifier: MIT */
/*
 * replay_owners: when a log of memblock is followed to its end: what of each piece
 * was freed again, what each caller has taken, and who has what when the page
 * allocator takes over.
 */
#include "replay_follow.h"

const char replay_before[] = "before the first dump";

enum purpose replay_purpose(const struct replay *r, const struct replay_entry *entry)
{
	enum purpose purpose = purpose_of_event(entry->kind, entry->id);

	return purpose < PURPOSES ? purpose : r->callers[entry->caller].purpose;
}

/* What of each piece was freed again: whoever took the bytes last had them. */
static void take_back(struct replay *r, const struct replay_entry *free)
{
	uint64_t left = nb_range_size(free->range);

	for (uint32_t i = (uint32_t)(free - r->entries); i > 0 && left > 0; i--) {
		struct replay_entry *entry = &r->entries[i - 1];
		nb_phys start, end;
		uint64_t back;

		if (entry->what != REPLAY_TOOK || entry->range.start >= free->range.end ||
		    entry->range.end <= free->range.start)
			continue;
		start = nb_max(entry->range.start, free->range.start);
		end = nb_min(entry->range.end, free->range.end);
		back = nb_min(end - start, nb_range_size(entry->range) - entry->freed);
		entry->freed += back;
		left -= nb_min(back, left);
	}
}

/* Pieces are mostly taken from the top down, so that each would go to the start of a
 * sorted array: owners are collected in an array of mirrored addresses. */
static struct nb_range mirrored(struct nb_range range)
{
	return (struct nb_range){ UINT64_MAX - range.end, UINT64_MAX - range.start };
}

static void own(struct follower *f, struct nb_range range, int32_t caller, enum purpose purpose)
{
	struct nb_range at = mirrored(range);

	if (range.start < range.end)
		let_be(nb_regions_add(&f->r->owners, at.start, at.end, caller, purpose));
}

static void disown(struct follower *f, struct nb_range range)
{
	struct nb_range at = mirrored(range);

	if (range.start < range.end)
		let_be(nb_regions_remove(&f->r->owners, at.start, at.end));
}

static void turn_round(struct nb_regions *owners)
{
	for (uint32_t i = 0; i < (owners->count + 1) / 2; i++) {
		struct nb_region *low = nb_region_at(owners, i),
				 *high = nb_region_at(owners, owners->count - 1 - i);
		struct nb_region kept = *low;
		struct nb_range a = mirrored((struct nb_range){ high->start, high->end });
		struct nb_range b = mirrored((struct nb_range){ kept.start, kept.end });

		*low = (struct nb_region){ a.start, a.end, high->nid, high->flags };
		*high = (struct nb_region){ b.start, b.end, kept.nid, kept.flags };
	}
}

/* Takes out of the owners what is not reserved. */
static void keep_reserved(struct follower *f)
{
	const struct nb_regions *reserved = &f->r->mb.reserved;
	nb_phys at = 0;

	for (uint32_t i = 0; i <= reserved->count; i++) {
		disown(f,
		       (struct nb_range){ at, i < reserved->count ? nb_region_at(reserved, i)->start
								  : UINT64_MAX });
		if (i < reserved->count)
			at = nb_region_at(reserved, i)->end;
	}
}

/* What the first dump shows to be taken and no line tells of: for what, is known
 * from the stages that take it before. */
static void settle_first(struct follower *f, const struct nb_region *first, int32_t before)
{
	for (uint32_t i = 0; i < f->steps->filled; i++) {
		const struct stage_step *step = &f->steps->at[i];
		enum purpose purpose = purpose_of_event(step->kind, step->id);
		struct nb_range both = { nb_max(first->start, step->step.range.start),
					 nb_min(first->end, step->step.range.end) };

		if (stage_step_takes(step) && purpose < PURPOSES)
			own(f, both, before, purpose);
	}
	own(f, (struct nb_range){ first->start, first->end }, before, FOR_SMALL_THINGS);
}

/* Who has what when the page allocator takes over: whoever took a byte first. */
static void settle_owners(struct follower *f)
{
	struct replay *r = f->r;
	int32_t before = (int32_t)replay_caller_index(f, text_of(replay_before));
	int32_t nobody = (int32_t)replay_caller_index(f, (struct nb_text){ NULL, 0 });

	for (uint32_t i = 0; i < r->entry_count; i++) {
		const struct replay_entry *entry = &r->entries[i];

		for (uint32_t k = 0; entry->is_first && k < f->first_count; k++)
			settle_first(f, &f->first[k], before);
		if (entry->what == REPLAY_TOOK || entry->gap == GAP_LOST_TAKE)
			own(f, entry->range, (int32_t)entry->caller, replay_purpose(r, entry));
		else if (entry->what == REPLAY_FREED)
			disown(f, entry->range);
	}
	keep_reserved(f);
	/* What a dump showed that no line tells of is nobody's. */
	for (uint32_t i = 0; i < r->mb.reserved.count; i++)
		own(f,
		    (struct nb_range){ nb_region_at(&r->mb.reserved, i)->start,
				       nb_region_at(&r->mb.reserved, i)->end },
		    nobody, FOR_SMALL_THINGS);
	turn_round(&r->owners);
}

static void sum_up(struct follower *f)
{
	struct replay *r = f->r;

	for (struct replay_entry *e = r->entries; e < r->entries + r->entry_count; e++) {
		struct replay_caller *caller = &r->callers[e->caller];
		const struct nb_region *region = nb_regions_find(&r->mb.memory, e->range.start);

		if (region && region->nid >= 0 && region->nid < NB_MAX_NODES)
			e->nid = region->nid;
		if (e->what == REPLAY_TOOK) {
			caller->takes++;
			caller->took += nb_range_size(e->range);
		} else if (e->what == REPLAY_FREED) {
			take_back(r, e);
			caller->frees++;
			caller->freed += nb_range_size(e->range);
		}
	}
	for (uint32_t i = 0; i < r->owners.count; i++) {
		const struct nb_region *region = nb_region_at(&r->owners, i);

		r->callers[region->nid].left += region->end - region->start;
	}
}

void replay_settle(struct follower *f)
{
	settle_owners(f);
	sum_up(f);
}
