/* SPDX-License-Identifier: MIT */
/*
 * replay: follows a log of memblock on our own memblock.
 *
 *	a dump             the state begins with it, or is compared with it
 *	a request          is made of ours, and must get what the next line says
 *	a reservation      without its request: is it the next thing that a stage
 *	                   does? else it is an input
 *	a free, an add     is done
 *
 * What no kernel prints, as which node a region has, is done as the stages do
 * it, in their order: before the step of theirs that is met next.
 *
 * Where lines are missing the state is Linux's all the same, as far as it is
 * seen: each result is taken as it is printed, and what cannot be as it is told
 * is what is missing.
 */
#include "replay.h"

#include <string.h>

enum {
	SLOTS = 128,      /* regions of memblock's own arrays, before they are doubled */
	SCAN = 256,       /* steps of stages that may come in another order */
	MISSING_MOST = 16 /* pieces that one request may show to be missing */
};

/* A dump that is being read. */
struct dump {
	bool open, counted[2];
	uint64_t size, reserved_size;
	uint32_t want[2], have[2]; /* regions: of memory, of reserved */
	uint32_t line;
};

struct follower {
	struct replay *r;
	struct nb_memblock *mb;
	struct stage_steps *steps;
	struct pool *pool;
	uint32_t line;
	uint32_t caller_cap, last_caller;

	struct memblock_line pending; /* a request whose result is still to come */
	uint32_t pending_line;
	bool has_pending;

	struct dump dump;
	struct nb_region *dumped[2], *first; /* first: what was reserved in the first dump */
	uint32_t first_count;
	uint32_t entry_cap, lines; /* lines: of the log */

	uint32_t next_step; /* of the stages: what they have not come to yet */
	bool follows;       /* the first dump is behind */
	bool unsure;        /* lines are missing since the last dump */
	bool lost_start;    /* the log's beginning is */
	bool nodes_known;   /* the nodes of memory are */
	bool behind_nodes;  /* all that the stages set for them is set */
	bool limit_known;
	uint32_t doublings_met;
	bool is_flat;
	uint32_t region_cap;
};

const char replay_before[] = "before the first dump";

/* Callers. */

static uint32_t caller_index(struct follower *f, struct nb_text name)
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

/* The entry is valid until the next one is made. */
static struct replay_entry *enter(struct follower *f, enum replay_what what, struct nb_text caller)
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
		.caller = caller_index(f, caller),
	};
	return entry;
}

/* Lines are missing: from here on what does not fit is not judged, unless this
 * very gap is all that was missing. */
static void enter_gap(struct follower *f, enum replay_gap gap, struct nb_range range)
{
	struct replay_entry *entry = enter(f, REPLAY_GAP, (struct nb_text){ NULL, 0 });

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

static void judge(struct follower *f, struct replay_entry *entry, bool equal)
{
	if (equal)
		return;
	entry->differs = !f->unsure;
	entry->unsure = f->unsure;
	f->r->counts.differ += entry->differs;
	f->r->counts.unsure += entry->unsure;
}

/* Changing our memblock. */

/* Our storage takes any trace that the log can hold, so what is lost here is lost
 * in Linux too: where its arrays cannot grow. */
static void let_be(enum nb_err err)
{
	(void)err;
}

static void reserve(struct follower *f, const struct memblock_line *line)
{
	struct nb_memblock *mb = f->mb;
	struct nb_range range = line->range;

	if (range.start >= range.end)
		return;
	if (line->has_mark && line->flags & NB_REGION_KERNEL)
		let_be(nb_memblock_take(mb, range.start, range.end));
	else
		let_be(nb_memblock_reserve(mb, range.start, range.end));
	if (line->has_mark && line->nid != NB_NO_NODE)
		let_be(nb_regions_set_node(&mb->reserved, range.start, range.end, line->nid));
}

/* Marks that a request does not name, as that huge pages are not set up yet. */
static void mark(struct follower *f, const struct memblock_line *line)
{
	if (line->has_mark && line->flags & ~(uint32_t)NB_REGION_KERNEL)
		let_be(nb_regions_set_flags(&f->mb->reserved, line->range.start, line->range.end,
					    line->flags, true));
}

/* The stages. */

static bool sets(const struct nb_memblock_step *step)
{
	return step->op == NB_OP_SET_NODE || step->op == NB_OP_SET_FLAGS;
}

static bool takes(const struct nb_memblock_step *step)
{
	return step->err == NB_OK &&
	       (step->op == NB_OP_RESERVE || step->op == NB_OP_TAKE || step->op == NB_OP_ALLOC);
}

static void set_as(struct follower *f, const struct nb_memblock_step *step)
{
	struct nb_memblock *mb = f->mb;
	struct nb_regions *set = step->of_reserved ? &mb->reserved : &mb->memory;

	if (step->op == NB_OP_SET_NODE) {
		let_be(nb_memblock_set_node(mb, set, step->range.start, step->range.end,
					    step->nid));
		f->nodes_known = f->nodes_known || (!step->of_reserved && step->nid != NB_NO_NODE);
	} else {
		let_be(nb_memblock_set_flags(mb, set, step->range, step->flags, step->on));
	}
}

/* How memblock searches at a step, or behind the last. */
static void set_modes_at(struct follower *f, uint32_t at)
{
	uint32_t count = f->steps->count;

	if (count)
		memblock_set_modes(f->mb, &f->steps->at[at < count ? at : count - 1].modes);
}

/* Comes to a step of the stages: what they set before it is set. */
static void come_to(struct follower *f, uint32_t to)
{
	for (; f->next_step < to; f->next_step++) {
		struct stage_step *step = &f->steps->at[f->next_step];

		if (sets(&step->step) && !step->done) {
			set_as(f, &step->step);
			step->done = true;
		}
	}
	set_modes_at(f, to);
	f->limit_known = true;
}

/* A request for a node: by then the stages have set the nodes. */
static void come_to_nodes(struct follower *f)
{
	uint32_t last = f->next_step;

	if (f->behind_nodes)
		return;
	f->behind_nodes = true;
	for (uint32_t i = f->next_step; i < f->steps->count; i++)
		if (f->steps->at[i].stage == NB_NUMA && sets(&f->steps->at[i].step))
			last = i + 1;
	if (last > f->next_step)
		come_to(f, last);
}

static bool same_range(struct nb_range a, struct nb_range b)
{
	return a.start == b.start && a.end == b.end;
}

/* Where our memblock would put a request, without a mirror or lower end given up. */
static bool would_get(const struct nb_memblock *mb, const struct nb_request *request,
		      nb_phys *address)
{
	struct nb_request any = *request;

	any.nid = NB_NO_NODE;
	return nb_memblock_find(mb, request, address) == NB_OK ||
	       (!request->exact_nid && nb_memblock_find(mb, &any, address) == NB_OK);
}

/* The step of the stages that takes next. */
static uint32_t next_taking(const struct follower *f)
{
	uint32_t i = f->next_step;

	while (i < f->steps->count && (f->steps->at[i].done || !takes(&f->steps->at[i].step)))
		i++;
	return i;
}

/* A step that took the very same range, in whatever order. */
static uint32_t same_taking(const struct follower *f, struct nb_range range)
{
	for (uint32_t i = f->steps->filled; i < f->steps->count && i < f->next_step + SCAN; i++)
		if (!f->steps->at[i].done && takes(&f->steps->at[i].step) &&
		    same_range(f->steps->at[i].step.range, range))
			return i;
	return f->steps->count;
}

/*
 * Looks whether what Linux took is what a stage takes next, and if so takes it as
 * the stage does: a request is made of our memblock once more, and has to get the
 * same. Returns the step, or null if no stage knows of it.
 */
static const struct stage_step *predict(struct follower *f, struct nb_range range)
{
	uint32_t next = next_taking(f), same;
	struct stage_step *step;
	struct nb_range to;
	nb_phys at;

	if (next < f->steps->count && f->steps->at[next].step.op == NB_OP_ALLOC &&
	    f->steps->at[next].step.request.size == nb_range_size(range)) {
		step = &f->steps->at[next];
		come_to(f, next);
		if (would_get(f->mb, &step->step.request, &at) && at == range.start &&
		    !nb_memblock_alloc(f->mb, &step->step.request, &at)) {
			step->done = true;
			f->next_step = next + 1;
			return step;
		}
	}
	same = same_taking(f, range);
	if (same == f->steps->count)
		return NULL;
	step = &f->steps->at[same];
	if (same >= f->next_step)
		come_to(f, same);
	to = step->step.range;
	let_be(step->step.op == NB_OP_RESERVE ? nb_memblock_reserve(f->mb, to.start, to.end)
					      : nb_memblock_take(f->mb, to.start, to.end));
	if (step->step.op == NB_OP_ALLOC && f->mb->marks_kernel &&
	    step->step.request.nid != NB_NO_NODE)
		let_be(nb_regions_set_node(&f->mb->reserved, to.start, to.end,
					   step->step.request.nid));
	step->done = true;
	f->next_step = same >= f->next_step ? same + 1 : f->next_step;
	return step;
}

/* The stages come to a request that is printed too, if they make it. */
static const struct stage_step *meet_request(struct follower *f, const struct nb_request *request,
					     struct nb_range result)
{
	uint32_t next = next_taking(f), at = f->steps->count;
	const struct nb_memblock_step *step = next < at ? &f->steps->at[next].step : NULL;

	if (step && step->op == NB_OP_ALLOC && step->request.size == request->size &&
	    step->request.align == request->align && step->request.nid == request->nid)
		at = next;
	else if (result.end)
		at = same_taking(f, result);
	if (at == f->steps->count)
		return NULL;
	if (at >= f->next_step) {
		come_to(f, at);
		f->next_step = at + 1;
	}
	f->steps->at[at].done = true;
	return &f->steps->at[at];
}

/* Lines. */

static void tell_stage(struct replay_entry *entry, const struct stage_step *step)
{
	if (!step)
		return;
	entry->kind = step->kind;
	entry->id = step->id;
	entry->of_nid = step->nid;
}

/* What a request asks of our memblock: an end above the limit is the limit. */
static struct nb_request asked(const struct follower *f, const struct nb_request *printed)
{
	struct nb_request request = *printed;

	if (request.gives_up_min && request.max > f->mb->limit)
		request.max = 0;
	return request;
}

/* The free memory around an address that a search found. */
static struct nb_range free_around(const struct nb_memblock *mb, nb_phys at)
{
	const struct nb_region *region = nb_regions_find(&mb->memory, at);
	uint32_t next = nb_regions_first_above(&mb->reserved, at);
	struct nb_range range = { region->start, region->end };

	if (next > 0)
		range.start = nb_max(range.start, mb->reserved.at[next - 1].end);
	if (next < mb->reserved.count)
		range.end = nb_min(range.end, mb->reserved.at[next].start);
	return range;
}

/*
 * What must be taken, since Linux passed over it. Between its place and the better
 * one that we found there may be many that a small request could have had: then all
 * between is taken. Of few places no more is known than that each is not free.
 */
static struct nb_range passed_over(const struct nb_memblock *mb, const struct nb_request *request,
				   nb_phys at, struct nb_range result)
{
	enum { FEW = 4 };
	struct nb_range free = free_around(mb, at), piece = { at, at + request->size };
	uint64_t away = at > result.start ? at - result.start : result.start - at;

	if (away / request->align <= FEW)
		return piece;
	if (at > result.start)
		piece.start = nb_max(free.start, result.end);
	else
		piece.end = nb_min(free.end, result.start);
	return piece;
}

/* A free that was lost gave back, as far as can be known, all of the last piece that
 * was taken there. */
static void free_lost(struct follower *f, struct nb_range result)
{
	const struct replay *r = f->r;

	enter_gap(f, GAP_LOST_FREE, result);
	let_be(nb_memblock_free(f->mb, result.start, result.end));
	for (uint32_t i = r->entry_count; i > 0; i--) {
		const struct replay_entry *entry = &r->entries[i - 1];

		if (entry->what != REPLAY_TOOK || result.start < entry->range.start ||
		    result.start >= entry->range.end)
			continue;
		let_be(nb_memblock_free(f->mb, entry->range.start, entry->range.end));
		return;
	}
}

/*
 * Our memblock gave another place than Linux. If Linux's is taken here, a free was
 * lost; if ours was better, something unseen lies there. Either is put right, and
 * the request is made again. Where that does not lead to Linux's place, nothing of
 * it is believed.
 */
static bool find_missing(struct follower *f, const struct nb_request *request,
			 struct nb_range result)
{
	struct nb_range piece[MISSING_MOST];
	uint32_t count = 0;
	nb_phys at = 0;

	if (nb_regions_overlap(&f->mb->reserved, result.start, result.end))
		free_lost(f, result);
	while (count < MISSING_MOST && !nb_memblock_alloc(f->mb, request, &at)) {
		if (at == result.start)
			break;
		let_be(nb_memblock_free(f->mb, at, at + request->size));
		piece[count] = passed_over(f->mb, request, at, result);
		let_be(nb_memblock_reserve(f->mb, piece[count].start, piece[count].end));
		count++;
	}
	if (at != result.start) {
		while (count > 0) {
			count--;
			let_be(nb_memblock_free(f->mb, piece[count].start, piece[count].end));
		}
		return false;
	}
	for (uint32_t i = 0; i < count; i++)
		enter_gap(f, GAP_LOST_TAKE, piece[i]);
	return true;
}

/* A request and what came of it: an empty range is nothing. */
static void take_request(struct follower *f, const struct memblock_line *line, uint32_t at_line,
			 const struct memblock_line *result)
{
	struct nb_range got = { 0 }, want = result ? result->range : (struct nb_range){ 0 };
	const struct stage_step *step;
	struct replay_entry *entry;
	struct nb_request request;
	uint32_t now = f->line;
	bool equal, lost;

	f->line = at_line;
	if (line->request.nid != NB_NO_NODE)
		come_to_nodes(f);
	step = meet_request(f, &line->request, want);
	if (!f->limit_known && !line->request.max && f->steps->count) {
		f->mb->limit = f->steps->at[f->steps->count - 1].modes.limit;
		f->limit_known = true;
	}
	request = asked(f, &line->request);
	if (!nb_memblock_alloc(f->mb, &request, &got.start))
		got.end = got.start + request.size;
	equal = same_range(got, want);
	lost = !equal && !result;
	if (!equal && result) {
		if (got.end)
			let_be(nb_memblock_free(f->mb, got.start, got.end));
		if (!find_missing(f, &request, want))
			reserve(f, result);
	} else if (lost) {
		/* Linux found what we found: it is the line with the result that is lost. */
		enter_gap(f, GAP_LOST_TAKE, got);
		want = got;
	}
	if (result)
		mark(f, result);

	entry = enter(f, want.end ? REPLAY_TOOK : REPLAY_FAILED, line->caller);
	entry->how = REPLAY_REPLAYED;
	entry->has_request = true;
	entry->request = line->request;
	entry->range = want;
	entry->ours = got;
	tell_stage(entry, step);
	judge(f, entry, equal || lost);
	f->r->counts.requests++;
	f->r->counts.replayed += equal;
	f->line = now;
}

/* The result that a request waited for has not come: it found nothing. */
static void end_pending(struct follower *f)
{
	if (f->has_pending && f->follows)
		take_request(f, &f->pending, f->pending_line, NULL);
	f->has_pending = false;
}

/* An array that was doubled although nothing was taken: what stages set next does
 * that, as it cuts regions. */
static void come_to_doubling(struct follower *f)
{
	uint32_t to = next_taking(f);

	while (f->next_step < to && f->doublings_met == f->mb->doubled_count)
		come_to(f, f->next_step + 1);
}

static void set_slots(struct follower *f, const struct memblock_line *line)
{
	*(line->of_reserved ? &f->mb->reserved_slots : &f->mb->memory_slots) = (uint32_t)line->size;
}

/* An array that was doubled, which our memblock has done by now. The line tells of
 * its regions, we of the pages that they take. Before the first dump it is only
 * remembered: it is given back when the next one is made. */
static void meet_doubling(struct follower *f, const struct memblock_line *line)
{
	struct nb_memblock *mb = f->mb;
	const struct nb_doubling theirs = {
		.of_reserved = line->of_reserved,
		.regions = (uint32_t)line->size,
		.storage = { line->range.start, nb_align_up(line->range.end, NB_PAGE_SIZE) },
	};
	struct replay_entry *entry = enter(f, REPLAY_DOUBLED, line->caller);
	struct nb_doubling ours = { 0 };
	bool equal;

	entry->range = line->range;
	entry->of_reserved = theirs.of_reserved;
	entry->regions = theirs.regions;
	if (!f->follows) {
		if (mb->doubled_count < NB_MAX_DOUBLINGS)
			mb->doubled[mb->doubled_count++] = theirs;
		f->doublings_met = mb->doubled_count;
		set_slots(f, line);
		return;
	}
	come_to_doubling(f);
	if (f->doublings_met < mb->doubled_count)
		ours = mb->doubled[f->doublings_met++];
	equal = ours.of_reserved == theirs.of_reserved && ours.regions == theirs.regions &&
		same_range(ours.storage, theirs.storage);
	entry->ours = ours.storage;
	f->r->counts.doublings++;
	judge(f, entry, equal);
	if (!equal)
		set_slots(f, line);
}

/* Whether a range is the new home of an array that our memblock doubled. */
static bool is_doublings(const struct follower *f, struct nb_range range)
{
	for (uint32_t i = 0; i < f->mb->doubled_count; i++)
		if (same_range(f->mb->doubled[i].storage, range))
			return true;
	return false;
}

static void take_reservation(struct follower *f, const struct memblock_line *line)
{
	struct replay_entry *entry = enter(f, REPLAY_TOOK, line->caller);
	const struct stage_step *step = NULL;
	bool by_memblock;

	entry->range = line->range;
	if (!f->follows)
		return;
	by_memblock = is_doublings(f, line->range);
	if (!by_memblock)
		step = predict(f, line->range);
	if (!by_memblock && !step)
		reserve(f, line);
	mark(f, line);
	entry->how = by_memblock || step ? REPLAY_PREDICTED : REPLAY_TAKEN;
	tell_stage(entry, step);
	f->r->counts.unprinted++;
	f->r->counts.predicted += entry->how == REPLAY_PREDICTED;
	f->r->counts.taken += entry->how == REPLAY_TAKEN;
}

static void take_reserve(struct follower *f, const struct memblock_line *line)
{
	bool is_result = f->has_pending && f->follows &&
			 nb_range_size(line->range) == f->pending.request.size;

	if (!is_result) {
		end_pending(f);
		take_reservation(f, line);
		return;
	}
	f->has_pending = false;
	take_request(f, &f->pending, f->pending_line, line);
}

static void take_free(struct follower *f, const struct memblock_line *line)
{
	struct replay_entry *entry = enter(f, REPLAY_FREED, line->caller);
	struct nb_range range = line->range;

	entry->range = range;
	if (!f->follows)
		return;
	f->r->counts.frees++;
	f->r->counts.frees_of_nothing += range.start >= range.end;
	if (is_doublings(f, range))
		return; /* our memblock gave its old array back by itself */
	let_be(nb_memblock_free(f->mb, range.start, range.end));
	for (uint32_t i = f->next_step; i < f->steps->count && i < f->next_step + SCAN; i++) {
		struct stage_step *step = &f->steps->at[i];

		if (step->done || step->step.op != NB_OP_FREE ||
		    !same_range(step->step.range, range))
			continue;
		come_to(f, i);
		step->done = true;
		f->next_step = i + 1;
		return;
	}
}

static void take_memory(struct follower *f, const struct memblock_line *line)
{
	bool adds = line->kind == LINE_ADD;
	struct replay_entry *entry = enter(f, adds ? REPLAY_ADDED : REPLAY_REMOVED, line->caller);
	struct nb_range range = line->range;

	entry->range = range;
	if (!f->follows || range.start >= range.end)
		return;
	if (adds)
		let_be(nb_memblock_add(f->mb, range.start, range.end, NB_NO_NODE, 0));
	else
		let_be(nb_memblock_remove(f->mb, range.start, range.end));
}

/* Dumps. */

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
		struct nb_region *region = &set->at[i];
		const struct nb_region *before = i ? region - 1 : NULL;

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

		memcpy(set->at, f->dumped[i], f->dump.have[i] * sizeof(*set->at));
		set->count = f->dump.have[i];
		if (!*slots)
			*slots = SLOTS;
		while (*slots < set->count)
			*slots *= 2;
		number_nodes(set, i ? mb->unset_node : NB_NO_NODE);
	}
	for (uint32_t k = 0; k < mb->memory.count; k++) {
		if (f->is_flat)
			mb->memory.at[k].nid = 0;
		f->nodes_known = f->nodes_known || mb->memory.at[k].nid != NB_NO_NODE;
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
		const struct nb_region *ours = i < set->count ? &set->at[i] : &none;

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
	judge(f, entry, equal);
	if (!equal) {
		adopt(f);
		f->behind_nodes = f->behind_nodes || f->nodes_known;
	}
	f->unsure = f->lost_start && !f->steps->count;
}

/* The steps that are behind at a first dump: those up to the filling of memory,
 * or, if it shows nodes, those up to the last node's data. */
static void start_steps(struct follower *f)
{
	bool shows_nodes = f->nodes_known && !f->is_flat;

	f->next_step = f->steps->has_filled ? f->steps->filled : f->steps->count;
	for (uint32_t i = f->next_step; shows_nodes && i < f->steps->count; i++)
		if (f->steps->at[i].stage == NB_NUMA && takes(&f->steps->at[i].step))
			f->next_step = i + 1;
	f->limit_known = shows_nodes;
	set_modes_at(f, f->next_step);
}

/* A dump that does not come to its end shows nothing that could be relied on. */
static void drop_dump(struct follower *f)
{
	if (!f->dump.open)
		return;
	f->dump.open = false;
	enter_gap(f, GAP_DUMP, (struct nb_range){ 0 });
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
		drop_dump(f);
		return;
	}
	f->dump.open = false;
	entry = enter(f, REPLAY_DUMP, nobody);
	entry->line = f->dump.line;
	if (f->follows) {
		compare_dump(f, entry);
		return;
	}
	adopt(f);
	start_steps(f);
	/* Of a kernel whose start is not known, neither is how it searches. */
	f->unsure = f->lost_start && !f->steps->count;
	f->first_count = f->dump.have[1];
	memcpy(f->first, f->dumped[1], f->first_count * sizeof(*f->first));
	entry->is_first = true;
	entry->regions = f->dump.have[0] + f->dump.have[1];
	f->follows = true;
}

static void take_dump_line(struct follower *f, const struct memblock_line *line)
{
	struct dump *dump = &f->dump;
	int set = line->of_reserved;

	if (line->kind == LINE_DUMP) {
		drop_dump(f);
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
		drop_dump(f);
	} else {
		f->dumped[set][dump->have[set]++] = (struct nb_region){ line->range.start,
									line->range.end, line->nid,
									line->flags };
	}
	if (dump->open && dump->size && dump->counted[0] && dump->counted[1] &&
	    dump->have[0] == dump->want[0] && dump->have[1] == dump->want[1])
		end_dump(f);
}

/* A line that names what was reserved just before it. */
static void take_node_data(struct follower *f, const struct memblock_line *line)
{
	enum { LOOK_BACK = 8 };
	struct replay *r = f->r;

	for (uint32_t i = r->entry_count; i > 0 && r->entry_count - i < LOOK_BACK; i--) {
		struct replay_entry *entry = &r->entries[i - 1];

		if (entry->what != REPLAY_TOOK || !same_range(entry->range, line->range))
			continue;
		entry->kind = NB_EV_NODE_DATA;
		if (line->nid != NB_NO_NODE)
			entry->of_nid = line->nid;
		return;
	}
}

static void take_line(struct follower *f, const struct memblock_line *line)
{
	if (line->kind == LINE_NODE_DATA) {
		take_node_data(f, line);
		return;
	}
	if (line->kind >= LINE_DUMP && line->kind <= LINE_DUMP_REGION) {
		end_pending(f);
		take_dump_line(f, line);
		return;
	}
	drop_dump(f);
	if (line->kind != LINE_RESERVE)
		end_pending(f);
	switch (line->kind) {
	case LINE_REQUEST:
		f->pending = *line;
		f->pending_line = f->line;
		f->has_pending = true;
		break;
	case LINE_RESERVE:
		take_reserve(f, line);
		break;
	case LINE_FREE:
		take_free(f, line);
		break;
	case LINE_FREE_LATE:
		enter(f, REPLAY_FREED_LATE, line->caller)->range = line->range;
		break;
	case LINE_ADD:
	case LINE_REMOVE:
		take_memory(f, line);
		break;
	case LINE_DOUBLED:
		meet_doubling(f, line);
		break;
	case LINE_LOST:
		enter_gap(f, GAP_TOLD, (struct nb_range){ 0 });
		break;
	default:
		enter_gap(f, GAP_DAMAGED, (struct nb_range){ 0 });
		break;
	}
}

/* Afterwards. */

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
		struct nb_region *low = &owners->at[i], *high = &owners->at[owners->count - 1 - i];
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
		disown(f, (struct nb_range){ at, i < reserved->count ? reserved->at[i].start
								     : UINT64_MAX });
		if (i < reserved->count)
			at = reserved->at[i].end;
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

		if (takes(&step->step) && purpose < PURPOSES)
			own(f, both, before, purpose);
	}
	own(f, (struct nb_range){ first->start, first->end }, before, FOR_SMALL_THINGS);
}

/* Who has what when the page allocator takes over: whoever took a byte first. */
static void settle_owners(struct follower *f)
{
	struct replay *r = f->r;
	int32_t before = (int32_t)caller_index(f, text_of(replay_before));
	int32_t nobody = (int32_t)caller_index(f, (struct nb_text){ NULL, 0 });

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
		own(f, (struct nb_range){ r->mb.reserved.at[i].start, r->mb.reserved.at[i].end },
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
		const struct nb_region *region = &r->owners.at[i];

		r->callers[region->nid].left += region->end - region->start;
	}
}

/* Room for regions, most of which is never touched. */
static struct nb_region *take_regions(struct follower *f)
{
	size_t size = f->region_cap * sizeof(struct nb_region);
	struct nb_region *regions = (struct nb_region *)(void *)pool_space(f->pool, size);

	pool_keep(f->pool, size);
	return regions;
}

/* A memblock as this kernel's is when it starts. */
static void prepare(struct follower *f, const struct kernel *kernel)
{
	struct nb_memblock *mb = f->mb;
	const struct nb_rules *rules = kernel->rules;
	struct nb_region *memory = take_regions(f);

	nb_memblock_init(mb, memory, take_regions(f), f->region_cap);
	f->r->owners = (struct nb_regions){ .at = take_regions(f), .cap = f->region_cap };
	f->dumped[0] = take_regions(f);
	f->dumped[1] = take_regions(f);
	f->first = take_regions(f);
	mb->memory_slots = mb->reserved_slots = SLOTS;
	mb->unset_node = rules->unset_node_apart ? NB_UNSET_NODE : NB_NO_NODE;
	mb->marks_kernel = rules->kernel_memory_marked;
	mb->region_bytes = rules->region_bytes;
	f->is_flat = kernel->config.no_numa;
}

/* Lines about something else follow the last one about memblock. */
static bool goes_on(const struct follower *f, const struct boot_log *log, uint32_t last)
{
	return log->panicked || (!f->has_pending && last + 1 < log->count);
}

bool replay_log(struct replay *r, const struct boot_log *log, const struct kernel *kernel,
		struct stage_steps *steps, struct pool *pool)
{
	enum { REGIONS_EACH = 2, REGIONS_MORE = 1024 };
	struct follower f = {
		.r = r, .mb = &r->mb, .steps = steps, .pool = pool, .lines = log->count
	};
	struct memblock_line line;
	uint32_t last = 0;

	*r = (struct replay){ .entries = NULL };
	f.region_cap = REGIONS_EACH * log->count + REGIONS_MORE;
	prepare(&f, kernel);
	f.lost_start = !log->from_start;
	if (f.lost_start)
		enter_gap(&f, GAP_START, (struct nb_range){ 0 });
	for (f.line = 0; f.line < log->count; f.line++) {
		memblock_line_read(&line, log->lines[f.line]);
		if (line.kind == LINE_OTHER)
			continue;
		take_line(&f, &line);
		if (line.kind != LINE_FREE_LATE)
			last = f.line;
	}
	f.line = last;
	r->ended = goes_on(&f, log, last);
	if (!r->ended)
		enter_gap(&f, GAP_END, (struct nb_range){ 0 });
	end_pending(&f);
	drop_dump(&f);
	if (!f.follows)
		return false;
	settle_owners(&f);
	sum_up(&f);
	return true;
}
