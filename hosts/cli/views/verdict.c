/* SPDX-License-Identifier: MIT */
/*
 * verdict: what a comparison came to, for people: how many facts and lines of
 * each kind are exact, what differs with both sides, what was taken as given.
 */
#include "views.h"

#include "../verbs/releases.h"

#include <string.h>

enum {
	NAME_COLUMNS = 50,
	DIFFERENCES_SHOWN = 12, /* of the log */
};

static const struct column {
	enum verdict verdict;
	const char *name;
	size_t width;
} columns[] = {
	{ IS_EXACT, "exact", 9 },        { IS_DIFFERENT, "differs", 9 },
	{ IS_GIVEN, "given", 9 },        { IS_NOT_RECORDED, "not recorded", 14 },
	{ IS_OF_RELEASE, "release", 9 }, /* only where the release is not modelled */
};

static size_t column_count(const struct comparison *c)
{
	return NB_COUNT(columns) - !(c->by_meaning || c->counts[IS_OF_RELEASE]);
}

static void put_counts(struct out *out, size_t shown, const char *name,
		       const uint32_t counts[VERDICTS])
{
	uint32_t sum = 0;

	for (int i = 0; i < VERDICTS; i++)
		sum += counts[i];
	if (!sum)
		return;
	out_string(out, "  ");
	out_left(out, name, NAME_COLUMNS);
	for (size_t i = 0; i < shown; i++) {
		const struct column *column = &columns[i];
		uint32_t count = counts[column->verdict];
		bool bad = column->verdict == IS_DIFFERENT && count;

		if (bad)
			out_style(out, STYLE_BAD);
		if (count)
			out_number_in(out, count, column->width);
		else
			out_right(out, "-", column->width);
		if (bad)
			out_style(out, STYLE_PLAIN);
	}
	out_string(out, "\n");
}

static void put_heading(struct out *out, const struct comparison *c)
{
	out_style(out, STYLE_HEAD);
	out_string(out, "  ");
	out_left(out, "", NAME_COLUMNS);
	for (size_t i = 0; i < column_count(c); i++)
		out_right(out, columns[i].name, columns[i].width);
	out_string(out, "\n");
	out_style(out, STYLE_PLAIN);
}

static void put_groups(struct out *out, const struct comparison *c)
{
	uint32_t counts[FACT_GROUPS][VERDICTS] = { { 0 } };

	for (uint32_t i = 0; i < c->fact_count; i++)
		counts[c->facts[i].group][c->facts[i].verdict]++;
	for (int group = 0; group < FACT_GROUPS; group++)
		put_counts(out, column_count(c), group_rows[group].name, counts[group]);
	for (unsigned family = 0; family < family_count; family++) {
		char name[NAME_COLUMNS + 1] = "log: ";

		strncat(name, families[family].name, sizeof(name) - strlen(name) - 1);
		put_counts(out, column_count(c), name, c->lines[family]);
	}
	put_counts(out, column_count(c), "log: lines of no family", c->lines[family_count]);
	if (!c->has_log)
		out_string(out, "  log: not recorded\n");
}

static void put_side(struct out *out, const char *side, struct nb_text text)
{
	out_string(out, "      ");
	out_string(out, side);
	out_string(out, "  ");
	out_text(out, text);
	out_string(out, "\n");
}

static void put_fact_differences(struct out *out, const struct comparison *c)
{
	for (uint32_t i = 0; i < c->fact_count; i++) {
		const struct fact *fact = &c->facts[i];

		if (fact->verdict != IS_DIFFERENT)
			continue;
		out_string(out, "  ");
		out_text(out, fact->name);
		out_string(out, "\n");
		put_side(out, "predicted", fact->predicted);
		put_side(out, "recorded ", fact->recorded);
	}
}

static void put_log_differences(struct out *out, const struct comparison *c)
{
	uint32_t shown = 0, hidden = 0;

	for (uint32_t i = 0; i < c->difference_count; i++) {
		const struct log_difference *d = &c->differences[i];

		if (d->of_release)
			continue;
		if (shown == DIFFERENCES_SHOWN) {
			hidden++;
			continue;
		}
		shown++;
		out_string(out, "  log");
		if (d->recorded) {
			out_string(out, ", its line ");
			out_number(out, d->at);
		}
		out_string(out, "\n");
		if (d->predicted)
			put_side(out, "predicted", d->predicted->own);
		else
			out_string(out, "      not predicted\n");
		if (d->recorded)
			put_side(out, "recorded ", d->recorded->own);
		else
			out_string(out, "      not in the record\n");
	}
	if (hidden) {
		out_string(out, "  and ");
		out_number(out, hidden);
		out_string(out, " more lines of the log (--json has all)\n");
	}
}

static void put_given(struct out *out, const struct comparison *c)
{
	bool any = false;

	for (uint32_t i = 0; i < c->fact_count; i++) {
		const struct fact *fact = &c->facts[i];

		if (fact->verdict != IS_GIVEN)
			continue;
		if (!any)
			out_string(out, "\nGiven by the record:\n");
		any = true;
		out_string(out, "  ");
		out_text(out, fact->name);
		out_string(out, ": ");
		out_text(out, fact->predicted);
		out_string(out, " (");
		out_text(out, fact->recorded);
		out_string(out, ")\n");
	}
}

/* The record's own release, where it is another than that whose source was read. */
static void put_release(struct out *out, const struct verification *v)
{
	const struct kernel *kernel = &v->prediction.source->kernel;

	if (!v->recorded->release.at || text_is(v->recorded->release, kernel->rules->release) ||
	    kernel->pick == PICK_NEAREST)
		return;
	out_string(out, "The record is of Linux ");
	out_text(out, v->recorded->release);
	out_string(out, "; the rules are those of ");
	out_string(out, kernel->rules->release);
	out_string(out, ".\n");
}

/* What the source does not hold, and therefore nobody can predict. */
static void put_not_held(struct out *out, const struct comparison *c)
{
	bool any = false;

	for (uint32_t i = 0; i < c->fact_count; i++) {
		const struct fact *fact = &c->facts[i];

		if (fact->group != GROUP_NOT_HELD)
			continue;
		if (!any)
			out_string(out, "\nNot recorded, since the source does not hold it:\n");
		any = true;
		out_string(out, "  ");
		out_text(out, fact->name);
		out_string(out, ": ");
		out_text(out, fact->predicted);
		out_string(out, "\n");
	}
}

static void put_title(struct out *out, const struct verification *v)
{
	view_kernel(out, &v->prediction);
	out_style(out, STYLE_HEAD);
	out_string(out, "Linux ");
	out_string(out, v->prediction.source->kernel.rules->line);
	out_string(out, " on ");
	out_string(out, v->prediction.name);
	out_string(out, ", predicted and recorded\n");
	out_style(out, STYLE_PLAIN);
	put_release(out, v);
	if (v->prediction.run->dies) {
		view_death(out, v->prediction.run);
		out_string(out, "\n");
	}
	out_string(out, "\n");
}

static void put_sum(struct out *out, const struct comparison *c)
{
	uint32_t compared = c->counts[IS_EXACT] + c->counts[IS_GIVEN] + c->counts[IS_DIFFERENT];

	out_string(out, "\n");
	if (c->counts[IS_DIFFERENT]) {
		out_style(out, STYLE_BAD);
		out_number(out, c->counts[IS_DIFFERENT]);
		out_string(out, " of ");
		out_number(out, compared);
		out_string(out, " differ.");
	} else if (!c->counts[IS_EXACT]) {
		out_style(out, STYLE_BAD);
		out_string(out, "Nothing was recorded that could be compared.");
	} else {
		out_style(out, STYLE_GOOD);
		out_string(out, compared == 1 ? "Exact: the one fact or line that is recorded."
					      : "Exact: all ");
		if (compared != 1) {
			out_number(out, compared);
			out_string(out, " facts and lines that are recorded.");
		}
	}
	if (c->counts[IS_OF_RELEASE]) {
		out_string(out, " ");
		out_number(out, c->counts[IS_OF_RELEASE]);
		out_string(out, c->counts[IS_OF_RELEASE] == 1 ? " more is" : " more are");
		out_string(out, " as this release has it.");
	}
	out_style(out, STYLE_PLAIN);
	out_string(out, "\n");
}

void view_verdict(struct out *out, const struct verification *v)
{
	const struct comparison *c = v->comparison;

	put_title(out, v);
	put_heading(out, c);
	put_groups(out, c);
	if (c->counts[IS_DIFFERENT]) {
		out_string(out, "\nDiffers:\n");
		put_fact_differences(out, c);
		put_log_differences(out, c);
	}
	put_given(out, c);
	put_not_held(out, c);
	put_sum(out, c);
}

/* As Markdown, so that docs/FIDELITY.md can carry it as it is. */
static void put_fact_table(struct out *out)
{
	out_string(out,
		   "## Boot facts\n\n"
		   "| fact | read from | verify also | assumed |\n| --- | --- | --- | --- |\n");
	for (int i = 0; i < FACTS; i++) {
		const struct fact_row *row = &fact_rows[i];

		out_string(out, "| ");
		out_string(out, row->name);
		out_string(out, " | ");
		out_string(out, *row->read_from ? row->read_from : "-");
		out_string(out, " | ");
		out_string(out, *row->given_by ? row->given_by : "-");
		out_string(out, " | ");
		out_string(out, row->assumed);
		out_string(out, " |\n");
	}
}

static void put_group_table(struct out *out)
{
	out_string(out, "\n## Facts that are compared\n\n| fact | recorded in |\n| --- | --- |\n");
	for (int i = 0; i < FACT_GROUPS; i++) {
		out_string(out, "| ");
		out_string(out, group_rows[i].name);
		out_string(out, " | ");
		out_string(out, group_rows[i].recorded_in);
		out_string(out, " |\n");
	}
}

static void put_patterns(struct out *out, const char *const *pattern, const char *const *end)
{
	for (; pattern < end && *pattern; pattern++) {
		out_string(out, "`");
		out_string(out, *pattern);
		out_string(out, pattern + 1 < end && pattern[1] ? "`<br>" : "`");
	}
}

static void put_release_table(struct out *out)
{
	out_string(out, "\n## What other releases have of their own\n\n"
			"| releases | what | lines |\n| --- | --- | --- |\n");
	for (unsigned i = 0; i < release_row_count; i++) {
		const struct release_row *row = &release_rows[i];

		out_string(out, "| ");
		out_string(out, row->first);
		if (strcmp(row->first, row->last)) {
			out_string(out, " to ");
			out_string(out, row->last);
		}
		out_string(out, " | ");
		out_string(out, row->says);
		out_string(out, " | ");
		put_patterns(out, row->patterns, row->patterns + RELEASE_PATTERNS);
		out_string(out, " |\n");
	}
}

void view_facts(struct out *out)
{
	put_fact_table(out);
	put_group_table(out);
	out_string(out, "\n## Lines of the log that are compared\n\n"
			"`*` is any text, `#` a decimal and `%` a hexadecimal number; what stands "
			"in braces is given.\n\n| family | lines |\n| --- | --- |\n");
	for (unsigned i = 0; i < family_count; i++) {
		out_string(out, "| ");
		out_string(out, families[i].name);
		out_string(out, " | ");
		put_patterns(out, families[i].patterns, families[i].patterns + FAMILY_PATTERNS);
		out_string(out, " |\n");
	}
	put_release_table(out);
}
