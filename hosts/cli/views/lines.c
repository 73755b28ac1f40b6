/* SPDX-License-Identifier: MIT */
/*
 * lines: the kernels that are modelled: what each line changed from the one
 * before it, what its build chose, and how a release was told to be of one.
 */
#include "json_parts.h"

#include <stdio.h>
#include <string.h>

enum { VALUE_MOST = 80, NAME_COLUMNS = 26 };

static void put_distance(struct out *out, enum nb_line line, uint32_t distance, const char *side)
{
	out_string(out, nb_lines[line].line);
	out_string(out, ", ");
	out_count(out, distance, "release");
	out_string(out, " ");
	out_string(out, side);
}

/* "Linux 5.15.20 is not modelled; the nearest is 5.10, ..." */
static void put_nearest(struct out *out, const struct kernel *kernel)
{
	bool is_below = kernel->line == kernel->below;

	out_string(out, "Linux ");
	out_text(out, kernel->release);
	out_string(out, " is not modelled. This is ");
	if (line_rows[kernel->line].i386) {
		out_string(out, nb_lines[kernel->line].line);
		out_string(out, ", the only one of 32 bits.");
		if (kernel->above >= NB_LINES || kernel->below >= NB_LINES)
			out_string(out, " What changed beyond 3.14 and 7.3 is not known.");
		return;
	}
	out_string(out, "the nearest, ");
	put_distance(out, kernel->line, is_below ? kernel->below_distance : kernel->above_distance,
		     is_below ? "before it" : "after it");
	if (is_below && kernel->above < NB_LINES) {
		out_string(out, "; there is ");
		put_distance(out, kernel->above, kernel->above_distance, "after it");
	} else if (!is_below && kernel->below < NB_LINES) {
		out_string(out, "; there is ");
		put_distance(out, kernel->below, kernel->below_distance, "before it");
	}
	out_string(out, ".");
	if (kernel->above >= NB_LINES || kernel->below >= NB_LINES)
		out_string(out, " What changed beyond it is not known.");
}

/* The rules that decide something here, and of how many. */
static void put_doubts(struct out *out, const struct weighed *doubts)
{
	uint32_t shown = 0;

	for (uint32_t i = 0; i < doubts->count; i++) {
		if (!doubts->matters[i])
			continue;
		if (!shown++)
			out_string(out, " What changed in between and decides something on this "
					"machine, so that it may come out otherwise: ");
		else
			out_string(out, ", ");
		out_string(out, doubts->rule[i]->name);
	}
	if (shown)
		out_string(out, "; of ");
	else
		out_string(out, " What changed in between does not change what comes out here, but "
				"decisions and lines of the log may be others: ");
	out_count(out, doubts->count, "rule");
	out_string(out, ".");
}

/* "boot.log is a boot log; it does not tell: distances between nodes". */
static void put_what(struct out *out, const struct prediction *p)
{
	char lacks[LACKS_MOST];

	if (!p->source->what)
		return;
	out_string(out, strcmp(p->name, "-") ? p->name : "Standard input");
	out_string(out, " is ");
	out_string(out, p->source->what);
	if (source_lacks(p->source, lacks, sizeof(lacks))) {
		out_string(out, "; it does not tell: ");
		out_string(out, lacks);
	}
	out_string(out, ".\n");
}

void view_kernel(struct out *out, const struct prediction *p)
{
	const struct kernel *kernel = &p->source->kernel;

	put_what(out, p);
	if (p->source->boots > 1) {
		out_string(out, "The log holds ");
		out_number(out, p->source->boots);
		out_string(out, " boots: this is the last.\n");
	}
	if (p->source->cmdline_cut)
		out_string(out, "The log's command line is as long as a line of a log can be: what "
				"followed is lost, --cmdline gives it whole.\n");
	if (kernel->pick == PICK_DEFAULT) {
		out_string(out, "The source does not name its kernel: Linux ");
		out_string(out, nb_lines[kernel->line].line);
		out_string(out, " is taken, --line names another.\n");
	}
	if (kernel->config_release.len) {
		out_string(out, "The .config that was read is of Linux ");
		out_text(out, kernel->config_release);
		out_string(out, ": its options are taken for those of ");
		if (kernel->release.len)
			out_text(out, kernel->release);
		else
			out_string(out, kernel->rules->line);
		out_string(out, ".\n");
	}
	if (kernel->config.tolerant)
		out_string(
			out,
			"This kernel is tolerant, as no Linux is: what is plainly wrong in tables "
			"is mended.\n");
	if (kernel->pick != PICK_NEAREST)
		return;
	put_nearest(out, kernel);
	if (p->doubts && p->doubts->count)
		put_doubts(out, p->doubts);
	out_string(out, "\n");
}

static void put_change(struct out *out, const char *name, const char *says, const char *from,
		       const char *to)
{
	out_string(out, "  ");
	out_left(out, name, NAME_COLUMNS);
	out_string(out, "  ");
	out_string(out, says);
	out_string(out, "\n");
	out_blanks(out, NAME_COLUMNS + 6);
	out_string(out, from);
	out_string(out, " -> ");
	out_string(out, to);
	out_string(out, "\n");
}

static const char *says(const struct nb_rule *rule)
{
	return rule->words->says ? rule->words->says : "";
}

static void put_rules(struct out *out, enum nb_line before, enum nb_line line)
{
	const struct nb_rule *rules[RULES_MOST];
	uint32_t count = rules_between(&nb_lines[before], &nb_lines[line], rules, RULES_MOST);

	for (uint32_t i = 0; i < count && i < RULES_MOST; i++) {
		char from[VALUE_MOST], to[VALUE_MOST];

		rule_value_text(&nb_lines[before], rules[i], from, sizeof(from));
		rule_value_text(&nb_lines[line], rules[i], to, sizeof(to));
		put_change(out, rules[i]->name, says(rules[i]), from, to);
	}
}

static void put_build(struct out *out, enum nb_line before, enum nb_line line)
{
	for (unsigned row = 0; row < config_row_count; row++) {
		char from[VALUE_MOST], to[VALUE_MOST];

		if (config_same(&nb_configs[before], &nb_configs[line], row))
			continue;
		config_value_text(&nb_configs[before], row, from, sizeof(from));
		config_value_text(&nb_configs[line], row, to, sizeof(to));
		put_change(out, config_rows[row].key, config_rows[row].says, from, to);
	}
}

static void put_line(struct out *out, enum nb_line line)
{
	enum nb_line before = line_rows[line].before;

	out_style(out, STYLE_HEAD);
	out_string(out, nb_lines[line].line);
	out_style(out, STYLE_PLAIN);
	out_string(out, ": the rules of Linux ");
	out_string(out, nb_lines[line].release);
	out_string(out, ", the build of ");
	out_string(out, nb_configs[line].name);
	out_string(out, "\n");
	if (before == NB_LINES)
		return;
	out_string(out, " rules, from ");
	out_string(out, nb_lines[before].line);
	out_string(out, ":\n");
	put_rules(out, before, line);
	out_string(out, " build:\n");
	put_build(out, before, line);
}

static void put_keys(struct out *out)
{
	out_style(out, STYLE_HEAD);
	out_string(out, "What a build chooses, for --config KEY=VALUE");
	out_style(out, STYLE_PLAIN);
	out_string(out, "; --kconfig reads it from these options of a .config\n");
	for (unsigned row = 0; row < config_row_count; row++) {
		out_string(out, "  ");
		out_left(out, config_rows[row].key, NAME_COLUMNS);
		out_string(out, "  ");
		out_left(out, config_rows[row].says, 44);
		out_string(out, *config_rows[row].options ? "  " : "");
		out_string(out, config_rows[row].options);
		out_string(out, "\n");
	}
}

void view_lines(struct out *out)
{
	for (int line = 0; line < NB_LINES; line++) {
		put_line(out, (enum nb_line)line);
		out_string(out, "\n");
	}
	put_keys(out);
}

static json_t *rules_json(enum nb_line before, enum nb_line line)
{
	const struct nb_rule *rules[RULES_MOST];
	uint32_t count = rules_between(&nb_lines[before], &nb_lines[line], rules, RULES_MOST);
	json_t *array = json_array();

	for (uint32_t i = 0; i < count && i < RULES_MOST; i++) {
		char from[VALUE_MOST], to[VALUE_MOST];
		json_t *object = json_object();

		rule_value_text(&nb_lines[before], rules[i], from, sizeof(from));
		rule_value_text(&nb_lines[line], rules[i], to, sizeof(to));
		object_set(object, "rule", json_string(rules[i]->name));
		object_set(object, "says", json_string(says(rules[i])));
		object_set(object, "from", json_string(from));
		object_set(object, "to", json_string(to));
		array_add(array, object);
	}
	return array;
}

static json_t *build_json(enum nb_line line)
{
	json_t *object = json_object(), *values = json_array();

	for (unsigned row = 0; row < config_row_count; row++) {
		char value[VALUE_MOST];
		json_t *one = json_object();

		config_value_text(&nb_configs[line], row, value, sizeof(value));
		object_set(one, "key", json_string(config_rows[row].key));
		object_set(one, "value", json_string(value));
		array_add(values, one);
	}
	object_set(object, "name", json_string(nb_configs[line].name));
	object_set(object, "values", values);
	return object;
}

static json_t *line_json(enum nb_line line)
{
	enum nb_line before = line_rows[line].before;
	json_t *object = json_object();

	object_set(object, "line", json_string(nb_lines[line].line));
	object_set(object, "release", json_string(nb_lines[line].release));
	object_set(object, "before",
		   before < NB_LINES ? json_string(nb_lines[before].line) : json_null());
	object_set(object, "changed", before < NB_LINES ? rules_json(before, line) : json_array());
	object_set(object, "build", build_json(line));
	return object;
}

void view_lines_json(struct out *out)
{
	json_t *root = json_object(), *lines = json_array(), *keys = json_array();

	for (int line = 0; line < NB_LINES; line++)
		array_add(lines, line_json((enum nb_line)line));
	for (unsigned row = 0; row < config_row_count; row++) {
		json_t *object = json_object();

		object_set(object, "key", json_string(config_rows[row].key));
		object_set(object, "says", json_string(config_rows[row].says));
		object_set(object, "options", json_string(config_rows[row].options));
		array_add(keys, object);
	}
	object_set(root, "schema", json_string("numaboot/lines/1"));
	object_set(root, "lines", lines);
	object_set(root, "keys", keys);
	json_print(out, root);
}
