/* SPDX-License-Identifier: MIT */
/*
 * replay: follows a log of memblock on our own memblock.
 *
 *	a dump             the state begins with it, or is compared with it: replay_dump
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
#include "replay_follow.h"

enum {
	SCAN = 256,       /* steps of stages that may come in another order */
	MISSING_MOST = 16 /* pieces that one request may show to be missing */
};

/* Changing our memblock. */

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

	while (i < f->steps->count && (f->steps->at[i].done || !stage_step_takes(&f->steps->at[i])))
		i++;
	return i;
}

/* A step that took the very same range, in whatever order. */
static uint32_t same_taking(const struct follower *f, struct nb_range range)
{
	for (uint32_t i = f->steps->filled; i < f->steps->count && i < f->next_step + SCAN; i++)
		if (!f->steps->at[i].done && stage_step_takes(&f->steps->at[i]) &&
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
		range.start = nb_max(range.start, nb_region_at(&mb->reserved, next - 1)->end);
	if (next < mb->reserved.count)
		range.end = nb_min(range.end, nb_region_at(&mb->reserved, next)->start);
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

	replay_gap(f, GAP_LOST_FREE, result);
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
		replay_gap(f, GAP_LOST_TAKE, piece[i]);
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
		replay_gap(f, GAP_LOST_TAKE, got);
		want = got;
	}
	if (result)
		mark(f, result);

	entry = replay_enter(f, want.end ? REPLAY_TOOK : REPLAY_FAILED, line->caller);
	entry->how = REPLAY_REPLAYED;
	entry->has_request = true;
	entry->request = line->request;
	entry->range = want;
	entry->ours = got;
	tell_stage(entry, step);
	replay_judge(f, entry, equal || lost);
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
	struct replay_entry *entry = replay_enter(f, REPLAY_DOUBLED, line->caller);
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
	replay_judge(f, entry, equal);
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
	struct replay_entry *entry = replay_enter(f, REPLAY_TOOK, line->caller);
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
	struct replay_entry *entry = replay_enter(f, REPLAY_FREED, line->caller);
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
	struct replay_entry *entry =
		replay_enter(f, adds ? REPLAY_ADDED : REPLAY_REMOVED, line->caller);
	struct nb_range range = line->range;

	entry->range = range;
	if (!f->follows || range.start >= range.end)
		return;
	if (adds)
		let_be(nb_memblock_add(f->mb, range.start, range.end, NB_NO_NODE, 0));
	else
		let_be(nb_memblock_remove(f->mb, range.start, range.end));
}

/* The steps that are behind at a first dump: those up to the filling of memory,
 * or, if it shows nodes, those up to the last node's data. */
static void start_steps(struct follower *f)
{
	bool shows_nodes = f->nodes_known && !f->is_flat;

	f->next_step = f->steps->has_filled ? f->steps->filled : f->steps->count;
	for (uint32_t i = f->next_step; shows_nodes && i < f->steps->count; i++)
		if (f->steps->at[i].stage == NB_NUMA && stage_step_takes(&f->steps->at[i]))
			f->next_step = i + 1;
	f->limit_known = shows_nodes;
	set_modes_at(f, f->next_step);
}

static void take_dump(struct follower *f, const struct memblock_line *line)
{
	bool followed = f->follows;

	replay_dump_line(f, line);
	if (f->follows && !followed)
		start_steps(f);
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
		take_dump(f, line);
		return;
	}
	replay_drop_dump(f);
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
		replay_enter(f, REPLAY_FREED_LATE, line->caller)->range = line->range;
		break;
	case LINE_ADD:
	case LINE_REMOVE:
		take_memory(f, line);
		break;
	case LINE_DOUBLED:
		meet_doubling(f, line);
		break;
	case LINE_LOST:
		replay_gap(f, GAP_TOLD, (struct nb_range){ 0 });
		break;
	default:
		replay_gap(f, GAP_DAMAGED, (struct nb_range){ 0 });
		break;
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
	f->r->owners = (struct nb_regions){ .store = take_regions(f), .cap = f->region_cap };
	f->dumped[0] = take_regions(f);
	f->dumped[1] = take_regions(f);
	f->first = take_regions(f);
	mb->memory_slots = mb->reserved_slots = REPLAY_SLOTS;
	mb->unset_node = rules->unset_node_apart ? NB_UNSET_NODE : NB_NO_NODE;
	mb->marks_kernel = rules->kernel_memory_marked;
	mb->region_bytes = rules->region_bytes;
	f->is_flat = kernel->config.no_numa;
}

/* The page allocator tells of the memory that it took over, in all kernels: the trace
 * ended there, or where the kernel died. */
static bool goes_on(const struct follower *f, const struct boot_log *log)
{
	return log->panicked || (!f->has_pending && boot_log_line(log, "Memory: ").at);
}

bool replay_freed_late(const struct replay *replay, struct nb_range range)
{
	for (uint32_t i = 0; i < replay->entry_count; i++)
		if (replay->entries[i].what == REPLAY_FREED_LATE &&
		    nb_ranges_overlap(replay->entries[i].range, range))
			return true;
	return false;
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
		replay_gap(&f, GAP_START, (struct nb_range){ 0 });
	for (f.line = 0; f.line < log->count; f.line++) {
		memblock_line_read(&line, log->lines[f.line]);
		if (line.kind == LINE_OTHER)
			continue;
		take_line(&f, &line);
		if (line.kind != LINE_FREE_LATE)
			last = f.line;
	}
	f.line = last;
	r->ended = goes_on(&f, log);
	if (!r->ended)
		replay_gap(&f, GAP_END, (struct nb_range){ 0 });
	end_pending(&f);
	replay_drop_dump(&f);
	if (!f.follows)
		return false;
	replay_settle(&f);
	return true;
}
