/* SPDX-License-Identifier: MIT */
/*
 * replay_dump: dumps of the map in a log of memblock. The first one that is whole
 * becomes the state of our memblock; each that follows is compared with it, and
 * where they differ the state becomes Linux's.
 */
#include "replay_follow.h"

#include <string.h>

static struct nb_regions *set_of(struct follower *f, int of_reserved)
{
	return of_reserved ? &f->mb->reserved : &f->mb->memory;
}

/*
 * Nodes as they are kept. There are two numbers for none, which no dump shows, but
 * regions that touch and are shown alike differ in that.
 */
static void number_nodes(struct nb_regions *set, int32_t unset_node)
{
	for (uint32_t i = 0; i < set->count; i++) {
		struct nb_region *region = nb_region_at(set, i);
		const struct nb_region *before = i ? nb_region_at(set, i - 1) : NULL;

		if (region->nid != NB_NO_NODE)
			continue;
		region->nid = unset_node;
		if (before && before->end == region->start && before->nid == region->nid &&
		    before->flags == region->flags)
			region->nid = unset_node == NB_NO_NODE ? NB_UNSET_NODE : NB_NO_NODE;
	}
}

/* The state becomes what a dump shows. */
static void adopt(struct follower *f)
{
	struct nb_memblock *mb = f->mb;

	for (int i = 0; i < 2; i++) {
		struct nb_regions *set = set_of(f, i);
		uint32_t *slots = i ? &mb->reserved_slots : &mb->memory_slots;

		memcpy(set->store, f->dumped[i], f->dump.have[i] * sizeof(*set->store));
		set->count = set->front = f->dump.have[i];
		if (!*slots)
			*slots = REPLAY_SLOTS;
		while (*slots < set->count)
			*slots *= 2;
		number_nodes(set, i ? mb->unset_node : NB_NO_NODE);
	}
	for (uint32_t k = 0; k < mb->memory.count; k++) {
		if (f->is_flat)
			nb_region_at(&mb->memory, k)->nid = 0;
		f->nodes_known = f->nodes_known || nb_region_at(&mb->memory, k)->nid != NB_NO_NODE;
	}
	mb->memory_size = f->dump.size;
	mb->may_double = true;
}

/* Whether a region is shown so. No node has several numbers, and is not shown. */
static bool same_region(const struct nb_region *shown, const struct nb_region *ours, bool is_flat)
{
	int32_t nid = ours->nid >= 0 && ours->nid < NB_MAX_NODES && !is_flat ? ours->nid
									     : NB_NO_NODE;

	return shown->start == ours->start && shown->end == ours->end && shown->nid == nid &&
	       shown->flags == ours->flags;
}

/* Compares what a dump shows with what we have. */
static void compare_set(struct follower *f, int of_reserved, struct replay_entry *entry)
{
	const struct nb_regions *set = set_of(f, of_reserved);
	uint32_t shown = f->dump.have[of_reserved], differ = 0;

	for (uint32_t i = 0; i < shown || i < set->count; i++) {
		const struct nb_region none = { 0 };
		const struct nb_region *linux = i < shown ? &f->dumped[of_reserved][i] : &none;
		const struct nb_region *ours = i < set->count ? nb_region_at(set, i) : &none;

		if (i < shown && i < set->count && same_region(linux, ours, f->is_flat))
			continue;
		if (!differ++ && !entry->regions_differ) {
			entry->linux_region = *linux;
			entry->our_region = *ours;
			entry->of_reserved = of_reserved;
		}
	}
	entry->regions += shown;
	entry->regions_differ += differ;
}

/* A kernel whose machine is not known tells its nodes in a dump. */
static void learn_nodes(struct follower *f)
{
	if (f->nodes_known || f->steps->count)
		return;
	for (int i = 0; i < 2; i++)
		for (uint32_t k = 0; k < f->dump.have[i]; k++) {
			const struct nb_region *region = &f->dumped[i][k];

			if (region->nid == NB_NO_NODE)
				continue;
			let_be(nb_regions_set_node(set_of(f, i), region->start, region->end,
						   region->nid));
			f->nodes_known = f->nodes_known || !i;
		}
}

/* What a dump that is not the first is compared in. */
static void compare_dump(struct follower *f, struct replay_entry *entry)
{
	bool equal;

	learn_nodes(f);
	compare_set(f, 0, entry);
	compare_set(f, 1, entry);
	equal = !entry->regions_differ && f->dump.size == f->mb->memory_size &&
		f->dump.reserved_size == nb_regions_size(&f->mb->reserved);
	f->r->counts.dumps++;
	f->r->counts.dumps_equal += equal;
	replay_judge(f, entry, equal);
	if (!equal) {
		adopt(f);
		f->behind_nodes = f->behind_nodes || f->nodes_known;
	}
	f->unsure = f->lost_start && !f->steps->count;
}

void replay_drop_dump(struct follower *f)
{
	if (!f->dump.open)
		return;
	f->dump.open = false;
	replay_gap(f, GAP_DUMP, (struct nb_range){ 0 });
}

/* Whether two regions would be one, were they in memblock: those of no node may still
 * differ in what is not shown. */
static bool is_one(const struct nb_region *a, const struct nb_region *b)
{
	return a->end == b->start && a->nid == b->nid && a->flags == b->flags &&
	       a->nid != NB_NO_NODE;
}

/* Whether the regions of a set are in order and as large as the dump says. Of memory
 * it says too much, where ends of less than a page were cut off. */
static bool is_whole(const struct follower *f, int of_reserved)
{
	const struct nb_region *regions = f->dumped[of_reserved];
	uint64_t sum = 0;

	for (uint32_t i = 0; i < f->dump.have[of_reserved]; i++) {
		if (i &&
		    (regions[i].start < regions[i - 1].end || is_one(&regions[i - 1], &regions[i])))
			return false;
		sum += regions[i].end - regions[i].start;
	}
	return of_reserved ? sum == f->dump.reserved_size : sum <= f->dump.size;
}

static void end_dump(struct follower *f)
{
	struct replay_entry *entry;
	struct nb_text nobody = { NULL, 0 };

	if (!is_whole(f, 0) || !is_whole(f, 1)) {
		replay_drop_dump(f);
		return;
	}
	f->dump.open = false;
	entry = replay_enter(f, REPLAY_DUMP, nobody);
	entry->line = f->dump.line;
	if (f->follows) {
		compare_dump(f, entry);
		return;
	}
	adopt(f);
	/* Of a kernel whose start is not known, neither is how it searches. */
	f->unsure = f->lost_start && !f->steps->count;
	f->first_count = f->dump.have[1];
	memcpy(f->first, f->dumped[1], f->first_count * sizeof(*f->first));
	entry->is_first = true;
	entry->regions = f->dump.have[0] + f->dump.have[1];
	f->follows = true;
}

void replay_dump_line(struct follower *f, const struct memblock_line *line)
{
	struct dump *dump = &f->dump;
	int set = line->of_reserved;

	if (line->kind == LINE_DUMP) {
		replay_drop_dump(f);
		*dump = (struct dump){ .open = true, .line = f->line };
		return;
	}
	if (!dump->open)
		return;
	if (line->kind == LINE_DUMP_SIZES) {
		dump->size = line->size;
		dump->reserved_size = line->other;
	} else if (line->kind == LINE_DUMP_COUNT) {
		dump->want[set] = line->size < f->region_cap ? (uint32_t)line->size : f->region_cap;
		dump->counted[set] = true;
	} else if (!dump->counted[set] || dump->have[set] == dump->want[set]) {
		replay_drop_dump(f);
	} else {
		f->dumped[set][dump->have[set]++] = (struct nb_region){ line->range.start,
									line->range.end, line->nid,
									line->flags };
	}
	if (dump->open && dump->size && dump->counted[0] && dump->counted[1] &&
	    dump->have[0] == dump->want[0] && dump->have[1] == dump->want[1])
		end_dump(f);
}
