/* SPDX-License-Identifier: MIT */
/*
 * differences: what two predictions do not share, and the decision at which they
 * part, for people and for programs.
 */
#include "json_parts.h"

enum { PIECES_SHOWN = 200, VALUE_COLUMNS = 300, KEYS_SHOWN = 6 };

/* Whether what is to be told of a side's kernel was told of the other's. */
static bool same_notice(const struct source *a, const struct source *b)
{
	return a->kernel.pick == b->kernel.pick && a->kernel.line == b->kernel.line &&
	       a->boots == b->boots && text_same(a->kernel.release, b->kernel.release) &&
	       text_same(a->kernel.config_release, b->kernel.config_release);
}

static void put_notices(struct out *out, const struct side side[2])
{
	for (int i = 0; i < 2; i++) {
		const struct prediction prediction = { side[i].source, side[i].run, side[i].name,
						       NULL };

		if (!i || !same_notice(side[0].source, side[1].source))
			view_kernel(out, &prediction);
	}
}

static bool same_build(const struct kernel *a, const struct kernel *b)
{
	for (unsigned row = 0; row < config_row_count; row++)
		if (!config_same(&a->config, &b->config, row))
			return false;
	return true;
}

/* How a side was built, if the other was built otherwise: as its line usually is, but
 * for some rows; of one line, what of it the other has otherwise. */
static void put_build(struct out *out, const struct side *side, const struct side *other)
{
	const struct kernel *own = &side->source->kernel, *others = &other->source->kernel;
	bool one_line = own->line == others->line;
	const struct nb_kernel_config *told_from = one_line ? &others->config
							    : &nb_configs[own->line];
	uint32_t differ = 0;

	if (same_build(own, others))
		return;
	out_string(out, "   built ");
	out_string(out, one_line ? "" : "as ");
	out_string(out, one_line ? "" : own->config.name);
	for (unsigned row = 0; row < config_row_count; row++) {
		char value[80];

		if (config_same(&own->config, told_from, row) || differ++ >= KEYS_SHOWN)
			continue;
		out_string(out, differ > 1 ? ", " : one_line ? "with " : ", but with ");
		config_value_text(&own->config, row, value, sizeof(value));
		out_string(out, config_rows[row].key);
		out_string(out, "=");
		out_string(out, value);
	}
	if (differ > KEYS_SHOWN) {
		out_string(out, ", and ");
		out_number(out, differ - KEYS_SHOWN);
		out_string(out, " more");
	}
	out_string(out, "\n");
}

static void put_side_title(struct out *out, const struct side *side, const struct side *other,
			   const char *which)
{
	const struct kernel *kernel = &side->source->kernel;

	out_style(out, STYLE_HEAD);
	out_string(out, which);
	out_string(out, "  Linux ");
	out_string(out, kernel->rules->line);
	out_string(out, " on ");
	out_string(out, side->name);
	out_style(out, STYLE_PLAIN);
	if (side->source->fw.cmdline && *side->source->fw.cmdline) {
		out_string(out, ": ");
		out_string(out, side->source->fw.cmdline);
	}
	out_string(out, "\n");
	put_build(out, side, other);
}

static void put_piece(struct out *out, const char *which, const struct piece *piece)
{
	struct nb_text value = piece ? piece->value : text_of("-");

	out_string(out, "      ");
	out_string(out, which);
	out_string(out, "  ");
	if (value.len > VALUE_COLUMNS) {
		out_write(out, value.at, VALUE_COLUMNS);
		out_string(out, " ...");
	} else {
		out_text(out, value);
	}
	out_string(out, "\n");
}

static void put_pieces(struct out *out, const struct differences *d)
{
	uint32_t shown = d->count < PIECES_SHOWN ? d->count : PIECES_SHOWN;

	for (uint32_t i = 0; i < shown; i++) {
		const struct piece *first = d->at[i].piece[0], *second = d->at[i].piece[1];

		out_string(out, "  ");
		out_text(out, first ? first->name : second->name);
		out_string(out, "\n");
		put_piece(out, "1", first);
		put_piece(out, "2", second);
	}
	if (d->count > shown) {
		out_string(out, "  and ");
		out_number(out, d->count - shown);
		out_string(out, " more (--json has all)\n");
	}
}

/* What is counted, so that an empty sentence is seen. */
struct counting_writer {
	struct nb_writer writer;
	struct out *out;
	size_t len;
};

static void count_out(struct nb_writer *self, const char *text, size_t len)
{
	struct counting_writer *w = (struct counting_writer *)self; /* its first member */

	while (len && text[len - 1] == '\n')
		len--;
	w->len += len;
	out_write(w->out, text, len);
}

/* A decision in a sentence; a part of a list as the log has it, or its name. */
static void put_event(struct out *out, const struct differences *d, int side)
{
	struct counting_writer w = { .writer.write = count_out, .out = out };
	const struct nb_event *event = &d->parting.event[side];

	if (!d->parting.has[side]) {
		out_string(out, "nothing more is decided");
		return;
	}
	if (event->kind == NB_EV_STAGE) { /* what is next, but no decision */
		out_string(out, "nothing more is decided there: the stage ");
		out_string(out, nb_stage_name((enum nb_stage)event->id));
		out_string(out, " follows");
		return;
	}
	nb_render_sentence(event, &w.writer);
	if (!w.len)
		nb_render_log(event, d->side[side].source->kernel.rules->wording, &w.writer);
	if (!w.len)
		out_string(out, nb_event_name(event->kind));
}

static void put_cause(struct out *out, const struct differences *d)
{
	const struct parting *p = &d->parting;
	char value[2][80];

	if (p->cause == CAUSE_RULE) {
		for (int i = 0; i < 2; i++)
			rule_value_text(d->side[i].source->kernel.rules, p->rule, value[i],
					sizeof(value[i]));
		out_string(out, "  by the rule ");
		out_string(out, p->rule->name);
		out_string(out, ": ");
		out_string(out, p->rule->words->says ? p->rule->words->says : "");
	} else if (p->cause == CAUSE_BUILD) {
		for (int i = 0; i < 2; i++)
			config_value_text(&d->side[i].source->kernel.config, p->config_row,
					  value[i], sizeof(value[i]));
		out_string(out, "  by the build's ");
		out_string(out, config_rows[p->config_row].key);
		out_string(out, ": ");
		out_string(out, config_rows[p->config_row].says);
	} else {
		if (p->same_inputs) {
			out_string(out, "  by several of the ");
			out_number(out, p->rules_differ);
			out_string(out, " rules that differ, together\n");
		}
		return;
	}
	out_string(out, "\n      1  ");
	out_string(out, value[0]);
	out_string(out, "\n      2  ");
	out_string(out, value[1]);
	out_string(out, "\n");
}

/* What a log does not hold is no difference, and no sameness either. */
static void put_not_recorded(struct out *out, const struct differences *d)
{
	uint32_t shown = 0;

	for (int group = 0; group < OUTCOME_GROUPS; group++) {
		if (!d->not_recorded[group])
			continue;
		out_string(out, shown++ ? ", "
					: "Not compared, since a boot log does not hold what "
					  "decides it: ");
		out_string(out, outcome_group_names[group]);
	}
	if (shown)
		out_string(out, "\n");
}

static bool all_recorded(const struct differences *d)
{
	for (int group = 0; group < OUTCOME_GROUPS; group++)
		if (d->not_recorded[group])
			return false;
	return true;
}

static void put_parting(struct out *out, const struct differences *d)
{
	const struct parting *p = &d->parting;

	if (!p->parts)
		return;
	out_string(out, "\n");
	out_style(out, STYLE_HEAD);
	out_string(out, p->of_consequence ? "The first decision that leads there"
					  : "The first decision that is not the same");
	out_style(out, STYLE_PLAIN);
	out_string(out, ", at the stage ");
	out_string(out, nb_stage_name(p->stage));
	out_string(out, "\n      1  ");
	put_event(out, d, 0);
	out_string(out, "\n      2  ");
	put_event(out, d, 1);
	out_string(out, "\n");
	put_cause(out, d);
}

/* The rules that, each alone, make the first side come out otherwise. */
static void put_weighed(struct out *out, const struct weighed *weighed)
{
	uint32_t shown = 0;

	for (uint32_t i = 0; i < weighed->count; i++) {
		if (!weighed->matters[i])
			continue;
		out_string(out,
			   shown++ ? ", " : "\nRules that, each alone, change what comes out: ");
		out_string(out, weighed->rule[i]->name);
	}
	if (shown) {
		out_string(out, "; of ");
		out_number(out, weighed->count);
		out_string(out, " that differ\n");
	}
}

void view_differences(struct out *out, const struct differences *d)
{
	put_notices(out, d->side);
	put_side_title(out, &d->side[0], &d->side[1], "1");
	put_side_title(out, &d->side[1], &d->side[0], "2");
	out_string(out, "\n");
	if (d->count)
		put_pieces(out, d);
	else if (!all_recorded(d))
		out_string(out, "What the log decides comes out the same.\n");
	else
		out_string(out, d->parting.parts
					? "The outcome is the same, though not all decisions are.\n"
					: "The outcome is the same, and so is every decision.\n");
	put_not_recorded(out, d);
	put_parting(out, d);
	put_weighed(out, &d->weighed);
}

static json_t *side_json(const struct side *side)
{
	const struct prediction prediction = { side->source, side->run, side->name, NULL };
	json_t *object = json_object();
	const char *cmdline = side->source->fw.cmdline;

	object_set(object, "source", text_json(text_of(side->name)));
	object_set(object, "kernel", kernel_json(&prediction));
	object_set(object, "cmdline", text_json(text_of(cmdline ? cmdline : "")));
	object_set(object, "dies", death_json(side->run));
	return object;
}

static json_t *piece_json(const struct piece *piece)
{
	return piece ? text_json(piece->value) : json_null();
}

static json_t *pieces_json(const struct differences *d)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < d->count; i++) {
		const struct piece *const *piece = d->at[i].piece;
		const struct piece *any = piece[0] ? piece[0] : piece[1];
		json_t *object = json_object();

		object_set(object, "group", json_string(outcome_group_names[any->group]));
		object_set(object, "name", text_json(any->name));
		object_set(object, "first", piece_json(piece[0]));
		object_set(object, "second", piece_json(piece[1]));
		array_add(array, object);
	}
	return array;
}

static json_t *event_json(const struct parting *p, int side)
{
	json_t *object;

	if (!p->has[side] || p->event[side].kind == NB_EV_STAGE)
		return json_null();
	object = json_object();
	object_set(object, "event", json_string(nb_event_name(p->event[side].kind)));
	object_set(object, "text", sentence_json(&p->event[side]));
	return object;
}

static json_t *cause_json(const struct differences *d)
{
	const struct parting *p = &d->parting;
	const struct kernel *kernel[2] = { &d->side[0].source->kernel, &d->side[1].source->kernel };
	bool rule = p->cause == CAUSE_RULE;
	char value[2][80];
	json_t *object;

	if (p->cause == CAUSE_NONE)
		return json_null();
	object = json_object();
	for (int i = 0; i < 2; i++)
		if (rule)
			rule_value_text(kernel[i]->rules, p->rule, value[i], sizeof(value[i]));
		else
			config_value_text(&kernel[i]->config, p->config_row, value[i],
					  sizeof(value[i]));
	object_set(object, "rule", rule ? json_string(p->rule->name) : json_null());
	object_set(object, "build",
		   rule ? json_null() : json_string(config_rows[p->config_row].key));
	object_set(object, "first", json_string(value[0]));
	object_set(object, "second", json_string(value[1]));
	return object;
}

static json_t *weighed_json(const struct weighed *weighed)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < weighed->count; i++) {
		json_t *object = json_object();

		object_set(object, "rule", json_string(weighed->rule[i]->name));
		object_set(object, "matters", json_boolean(weighed->matters[i]));
		array_add(array, object);
	}
	return array;
}

static json_t *parting_json(const struct differences *d)
{
	const struct parting *p = &d->parting;
	json_t *object;

	if (!p->parts)
		return json_null();
	object = json_object();
	object_set(object, "stage", json_string(nb_stage_name(p->stage)));
	object_set(object, "of_consequence", json_boolean(p->of_consequence));
	object_set(object, "first", event_json(p, 0));
	object_set(object, "second", event_json(p, 1));
	object_set(object, "cause", cause_json(d));
	return object;
}

static json_t *not_recorded_json(const struct differences *d)
{
	json_t *array = json_array();

	for (int group = 0; group < OUTCOME_GROUPS; group++)
		if (d->not_recorded[group])
			array_add(array, json_string(outcome_group_names[group]));
	return array;
}

void view_differences_json(struct out *out, const struct differences *d)
{
	json_t *root = json_object();

	object_set(root, "schema", json_string("numaboot/compare/1"));
	object_set(root, "first", side_json(&d->side[0]));
	object_set(root, "second", side_json(&d->side[1]));
	object_set(root, "same", json_boolean(!d->count));
	object_set(root, "not_recorded", not_recorded_json(d));
	object_set(root, "differences", pieces_json(d));
	object_set(root, "parting", parting_json(d));
	object_set(root, "rules", weighed_json(&d->weighed));
	json_print(out, root);
}
