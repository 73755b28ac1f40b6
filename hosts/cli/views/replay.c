/* SPDX-License-Identifier: MIT */
/*
 * replay: early memory as a log tells it, for people: how far our memblock agrees,
 * who took what and where, who took most, and what was left.
 */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

enum { LABEL_COLUMNS = 24, CALLER_COLUMNS = 34 };

const char *const replay_what_names[REPLAY_WHATS] = {
	[REPLAY_TOOK] = "taken",      [REPLAY_FAILED] = "not found",
	[REPLAY_FREED] = "freed",     [REPLAY_FREED_LATE] = "freed late",
	[REPLAY_ADDED] = "added",     [REPLAY_REMOVED] = "removed",
	[REPLAY_DOUBLED] = "doubled", [REPLAY_DUMP] = "dump",
	[REPLAY_GAP] = "missing",
};

const char *const replay_how_names[REPLAY_HOWS] = {
	[REPLAY_BEFORE] = "before",
	[REPLAY_REPLAYED] = "request",
	[REPLAY_PREDICTED] = "stage",
	[REPLAY_TAKEN] = "log",
};

const char *const replay_gap_names[REPLAY_GAPS] = {
	[GAP_NONE] = "",           [GAP_TOLD] = "told",       [GAP_DAMAGED] = "damaged_line",
	[GAP_DUMP] = "dump",       [GAP_START] = "start",     [GAP_END] = "end",
	[GAP_LOST_TAKE] = "taken", [GAP_LOST_FREE] = "freed",
};

const char *const replay_gap_texts[REPLAY_GAPS] = {
	[GAP_NONE] = "",
	[GAP_TOLD] = "the log says that messages were lost here",
	[GAP_DAMAGED] = "this line is not whole",
	[GAP_DUMP] = "a dump of the map is not whole",
	[GAP_START] = "the log does not begin with the kernel's first line",
	[GAP_END] = "the log ends before the page allocator takes over",
	[GAP_LOST_TAKE] = "before this line something was taken that no line tells of",
	[GAP_LOST_FREE] = "before this line something was freed that no line tells of",
};

static bool is_named(struct nb_text caller, const char *asked)
{
	return !asked || (caller.len && text_find(caller, asked) < caller.len);
}

bool replay_shows_caller(const struct replaying *v, const struct replay_caller *caller)
{
	return is_named(caller->name, v->choice->caller);
}

bool replay_shows(const struct replaying *v, const struct replay_entry *entry)
{
	const struct choice *choice = v->choice;

	if (choice->has_node && entry->nid != choice->nid)
		return false;
	return is_named(v->replay->callers[entry->caller].name, choice->caller);
}

static const struct replay *sorted; /* qsort() has no argument for it */

static int by_size(const void *a, const void *b)
{
	uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;
	uint64_t took = sorted->callers[first].took + sorted->callers[first].left;
	uint64_t other = sorted->callers[second].took + sorted->callers[second].left;

	if (took != other)
		return took > other ? -1 : 1;
	return first < second ? -1 : 1;
}

uint32_t replay_largest(const struct replaying *v, uint32_t *order)
{
	const struct replay *r = v->replay;
	uint32_t count = 0;

	for (uint32_t i = 0; i < r->caller_count; i++)
		if ((r->callers[i].takes || r->callers[i].left) &&
		    replay_shows_caller(v, &r->callers[i]))
			order[count++] = i;
	sorted = r;
	qsort(order, count, sizeof(*order), by_size);
	return v->choice->top && v->choice->top < count ? v->choice->top : count;
}

static void label(struct out *out, const char *text)
{
	out_string(out, "  ");
	out_left(out, text, LABEL_COLUMNS);
}

static void put_caller(struct out *out, struct nb_text name)
{
	if (name.len)
		out_text(out, name);
	else
		out_string(out, "-");
}

static void put_title(struct out *out, const struct replaying *v)
{
	out_style(out, STYLE_HEAD);
	out_string(out, "Early memory of Linux ");
	out_string(out, v->prediction.source->kernel.rules->line);
	out_string(out, " as ");
	out_string(out, v->log_name);
	out_string(out, " tells it");
	out_style(out, STYLE_PLAIN);
	if (!v->as_recorded)
		out_string(out, "\nThe log is of another boot: the stages ran with another command "
				"line, or mended tables, so that they may differ.");
	out_string(out, "\n\n");
}

static void put_counts(struct out *out, const struct replaying *v)
{
	const struct replay_counts *c = &v->replay->counts;

	label(out, "requests");
	out_number(out, c->requests);
	out_string(out, " printed, ");
	out_number(out, c->replayed);
	out_string(out, " get the address that Linux gave\n");
	label(out, "other reservations");
	out_number(out, c->unprinted);
	out_string(out, ": ");
	out_number(out, c->predicted);
	out_string(out, " predicted by stages, ");
	out_number(out, c->taken);
	out_string(out, " taken from the log\n");
	label(out, "dumps of the map");
	out_number(out, c->dumps);
	out_string(out, " behind the first, ");
	out_number(out, c->dumps_equal);
	out_string(out, " equal region by region\n");
	label(out, "freed");
	out_count(out, c->frees, "time");
	out_string(out, ", ");
	out_number(out, c->frees_of_nothing);
	out_string(out, " of them nothing\n");
	if (c->unsure) {
		label(out, "cannot be judged");
		out_number(out, c->unsure);
		out_string(out, ", since lines before are missing\n");
	}
	if (!v->has_machine)
		out_string(out, "  The log does not tell of the machine: no stage could run.\n");
}

static void put_region(struct out *out, const struct nb_region *region)
{
	if (region->start >= region->end) {
		out_string(out, "none");
		return;
	}
	out_range(out, (struct nb_range){ region->start, region->end });
	if (region->nid >= 0 && region->nid < NB_MAX_NODES) {
		out_string(out, " node ");
		out_number(out, (uint64_t)region->nid);
	}
	out_string(out, " flags ");
	out_hex(out, region->flags);
}

static void put_line_number(struct out *out, const struct replay_entry *entry)
{
	out_string(out, "  line ");
	out_number(out, entry->line + 1);
	out_string(out, ": ");
}

static void put_difference(struct out *out, const struct replaying *v,
			   const struct replay_entry *entry)
{
	put_line_number(out, entry);
	out_string(out, replay_what_names[entry->what]);
	if (entry->what == REPLAY_DUMP) {
		out_string(out, ", ");
		out_count(out, entry->regions_differ, "region");
		out_string(out,
			   entry->regions_differ == 1 ? " differs, of " : " differ, the first of ");
		out_string(out, entry->of_reserved ? "reserved" : "memory");
		out_string(out, "\n    Linux  ");
		put_region(out, &entry->linux_region);
		out_string(out, "\n    here   ");
		put_region(out, &entry->our_region);
		out_string(out, "\n");
		return;
	}
	out_string(out, ", asked by ");
	put_caller(out, v->replay->callers[entry->caller].name);
	out_string(out, "\n    Linux  ");
	put_region(out, &(struct nb_region){ entry->range.start, entry->range.end, NB_NO_NODE, 0 });
	out_string(out, "\n    here   ");
	put_region(out, &(struct nb_region){ entry->ours.start, entry->ours.end, NB_NO_NODE, 0 });
	out_string(out, "\n");
}

static void put_differences(struct out *out, const struct replaying *v)
{
	const struct replay *r = v->replay;

	if (!r->counts.differ)
		return;
	out_heading(out, "What differs");
	for (const struct replay_entry *e = r->entries; e < r->entries + r->entry_count; e++)
		if (e->differs && e->what != REPLAY_GAP)
			put_difference(out, v, e);
}

static void put_gaps(struct out *out, const struct replaying *v)
{
	const struct replay *r = v->replay;

	if (!r->counts.gaps)
		return;
	out_heading(out, "What is missing");
	for (const struct replay_entry *e = r->entries; e < r->entries + r->entry_count; e++) {
		if (e->what != REPLAY_GAP)
			continue;
		put_line_number(out, e);
		out_string(out, replay_gap_texts[e->gap]);
		if (e->range.start < e->range.end) {
			out_string(out, ": ");
			out_range(out, e->range);
		}
		out_string(out, "\n");
	}
}

/* Pieces that follow each other and are of one caller, one kind and one node. */
struct row {
	const struct replay_entry *first;
	struct nb_range range;
	uint64_t size, freed;
	uint32_t pieces;
};

static bool joins(const struct row *row, const struct replay_entry *entry)
{
	return row->first && row->first->what == entry->what && row->first->how == entry->how &&
	       row->first->caller == entry->caller && row->first->nid == entry->nid &&
	       row->first->kind == entry->kind && row->first->id == entry->id &&
	       row->first->of_nid == entry->of_nid && nb_range_size(row->range) &&
	       nb_range_size(entry->range);
}

static void put_node(struct out *out, int32_t nid)
{
	if (nid == NB_NO_NODE)
		out_right(out, "-", 5);
	else
		out_number_in(out, (uint64_t)nid, 5);
}

static void put_for(struct out *out, const struct replaying *v, const struct replay_entry *entry)
{
	out_string(out, "  ");
	put_caller(out, v->replay->callers[entry->caller].name);
	if (entry->what != REPLAY_TOOK)
		return;
	out_style(out, STYLE_FAINT);
	out_string(out, "  ");
	out_string(out, purpose_rows[replay_purpose(v->replay, entry)].name);
	if (entry->of_nid != NB_NO_NODE) {
		out_string(out, ", node ");
		out_number(out, (uint64_t)entry->of_nid);
	}
	out_style(out, STYLE_PLAIN);
}

static void put_row(struct out *out, const struct replaying *v, const struct row *row)
{
	const struct replay_entry *entry = row->first;

	if (!entry)
		return;
	out_number_in(out, entry->line + 1, 6);
	out_string(out, "  ");
	out_left(out, replay_what_names[entry->what], 10);
	if (row->pieces > 1)
		out_number_in(out, row->pieces, 5);
	else
		out_blanks(out, 5);
	if (row->size)
		out_size_in(out, row->size, 11);
	else
		out_right(out, "nothing", 11);
	put_node(out, entry->nid);
	out_string(out, "  ");
	out_left(out, entry->what == REPLAY_TOOK ? replay_how_names[entry->how] : "", 8);
	out_left(out, !row->freed ? "" : row->freed >= row->size ? "freed" : "in part", 8);
	if (row->size) {
		out_string(out, "at ");
		out_hex(out, row->range.start);
	}
	put_for(out, v, entry);
	out_string(out, "\n");
}

static void put_dump(struct out *out, const struct replay_entry *entry)
{
	out_number_in(out, entry->line + 1, 6);
	out_string(out, "  the map: ");
	out_number(out, entry->regions);
	out_string(out, " regions");
	out_string(out, entry->is_first  ? ", with which all begins\n"
			: entry->differs ? ", not equal\n"
					 : ", equal\n");
}

static void put_timeline(struct out *out, const struct replaying *v)
{
	const struct replay *r = v->replay;
	struct row row = { .first = NULL };

	out_heading(out, "Who took what, in order");
	out_style(out, STYLE_HEAD);
	out_string(out,
		   "  line  what       pieces      size node  from    later   where and who\n");
	out_style(out, STYLE_PLAIN);
	for (const struct replay_entry *e = r->entries; e < r->entries + r->entry_count; e++) {
		bool is_dump = e->what == REPLAY_DUMP;

		if (e->what == REPLAY_GAP || (!is_dump && !replay_shows(v, e)))
			continue;
		if (!is_dump && joins(&row, e)) {
			row.range.start = nb_min(row.range.start, e->range.start);
			row.range.end = nb_max(row.range.end, e->range.end);
			row.size += nb_range_size(e->range);
			row.freed += e->freed;
			row.pieces++;
			continue;
		}
		put_row(out, v, &row);
		row = (struct row){ e, e->range, nb_range_size(e->range), e->freed, 1 };
		if (is_dump) {
			put_dump(out, e);
			row.first = NULL;
		}
	}
	put_row(out, v, &row);
}

static void put_largest(struct out *out, const struct replaying *v)
{
	const struct replay *r = v->replay;
	uint32_t *order = (uint32_t *)malloc((r->caller_count + 1) * sizeof(*order)), count;

	if (!order)
		pool_exhausted();
	count = replay_largest(v, order);
	out_heading(out, "Who took most");
	out_style(out, STYLE_HEAD);
	out_string(out, "  ");
	out_left(out, "function", CALLER_COLUMNS);
	out_string(out, "pieces      taken        left\n");
	out_style(out, STYLE_PLAIN);
	for (uint32_t i = 0; i < count; i++) {
		const struct replay_caller *caller = &r->callers[order[i]];
		size_t len = caller->name.len;

		out_string(out, "  ");
		put_caller(out, caller->name);
		out_blanks(out, len < CALLER_COLUMNS ? CALLER_COLUMNS - (len ? len : 1) : 1);
		out_number_in(out, caller->takes, 6);
		out_size_in(out, caller->took, 11);
		out_size_in(out, caller->left, 12);
		out_string(out, "\n");
	}
	free(order);
}

/* Reserved RAM: what the page allocator does not get. */
static void put_left(struct out *out, const struct replaying *v)
{
	const struct replay *r = v->replay;
	uint64_t left[PURPOSES] = { 0 }, sum = 0;

	for (uint32_t i = 0; i < r->owners.count; i++) {
		left[nb_region_at(&r->owners, i)->flags] +=
			nb_region_at(&r->owners, i)->end - nb_region_at(&r->owners, i)->start;
		sum += nb_region_at(&r->owners, i)->end - nb_region_at(&r->owners, i)->start;
	}
	out_heading(out, "What is reserved when the page allocator takes over");
	for (int i = 0; i < PURPOSES; i++) {
		if (!left[i])
			continue;
		label(out, purpose_rows[i].name);
		out_size_in(out, left[i], 11);
		out_string(out, "\n");
	}
	label(out, "in all");
	out_size_in(out, sum, 11);
	out_string(out, ", in ");
	out_count(out, r->mb.reserved.count, "region");
	out_string(out, "\n");
}

static void put_verdict(struct out *out, const struct replaying *v)
{
	const struct replay_counts *c = &v->replay->counts;

	out_string(out, "\n");
	if (c->differ) {
		out_style(out, STYLE_BAD);
		out_count(out, c->differ, "thing");
		out_string(out, c->differ == 1 ? " differs" : " differ");
		out_string(out, " from this memblock, or lines are missing.\n");
	} else {
		out_style(out, STYLE_GOOD);
		out_string(out, c->gaps ? "Equal as far as the log tells.\n"
					: "Equal: every request and every dump.\n");
	}
	out_style(out, STYLE_PLAIN);
}

void view_replay(struct out *out, const struct replaying *v)
{
	view_kernel(out, &v->prediction);
	put_title(out, v);
	put_counts(out, v);
	put_differences(out, v);
	put_gaps(out, v);
	put_timeline(out, v);
	put_largest(out, v);
	if (!v->choice->caller && !v->choice->has_node)
		put_left(out, v);
	put_verdict(out, v);
}
