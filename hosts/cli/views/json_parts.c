/* SPDX-License-Identifier: MIT */
/*
 * json_parts: what all JSON views are made of.
 */
#include "json_parts.h"

#include "../../sources/sentence.h"

#include <numaboot/render.h>
#include <stdio.h>
#include <stdlib.h>

/* Puts a value into an object; jansson owns it from then on. Without memory
 * there is nothing to show. */
void object_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		pool_exhausted();
}

void array_add(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		pool_exhausted();
}

json_t *number_json(uint64_t value)
{
	return json_integer((json_int_t)value);
}

json_t *address_json(nb_phys value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	return json_string(text);
}

json_t *range_json(struct nb_range range)
{
	json_t *object = json_object();

	object_set(object, "start", address_json(range.start));
	object_set(object, "end", address_json(range.end));
	return object;
}

/* Text that may hold bytes that are no UTF-8: each such byte becomes a '?'. */
json_t *text_json(struct nb_text text)
{
	json_t *string = json_stringn(text.at ? text.at : "", text.len);
	char *copy;

	if (string)
		return string;
	copy = (char *)malloc(text.len + 1);
	if (!copy)
		pool_exhausted();
	for (size_t i = 0; i < text.len; i++)
		copy[i] = (char)(text.at[i] & 0x80 ? '?' : text.at[i]);
	string = json_stringn(copy, text.len);
	free(copy);
	return string;
}

/* The members of a bit set, one by one. */
json_t *members_json(const uint64_t *bits, uint32_t end)
{
	json_t *array = json_array();
	struct run_of run;

	for (uint32_t from = 0; bits_next_run(bits, from, end, &run); from = run.last + 1)
		for (uint32_t n = run.first; n <= run.last; n++)
			array_add(array, number_json(n));
	return array;
}

json_t *nodes_json(const struct nb_nodes *set)
{
	return members_json(set->bits, NB_MAX_NODES);
}

json_t *sentence_json(const struct nb_event *event)
{
	struct sentence s;

	sentence_of(&s, event);
	return text_json((struct nb_text){ s.text, s.len });
}

json_t *death_json(const struct run *run)
{
	json_t *object;

	if (!run->dies)
		return json_null();
	object = json_object();
	object_set(object, "stage", json_string(nb_stage_name(run->boot.next)));
	object_set(object, "why", json_string(nb_why_name(run->death.why)));
	object_set(object, "text", sentence_json(&run->death));
	return object;
}

static json_t *line_or_null(enum nb_line line)
{
	return line < NB_LINES ? json_string(nb_lines[line].line) : json_null();
}

/* The rules that may differ in a release that is not modelled. */
static json_t *in_doubt(const struct prediction *p)
{
	const struct nb_rule *rules[RULES_MOST];
	uint32_t count = rules_in_doubt(&p->source->kernel, rules, RULES_MOST);
	json_t *array = json_array();

	for (uint32_t i = 0; i < count && i < RULES_MOST; i++) {
		json_t *object = json_object();

		object_set(object, "rule", json_string(rules[i]->name));
		object_set(object, "matters", json_boolean(weighed_matters(p->doubts, rules[i])));
		array_add(array, object);
	}
	return array;
}

json_t *kernel_json(const struct prediction *p)
{
	static const char *const picks[] = {
		[PICK_DEFAULT] = "default",
		[PICK_ASKED] = "asked",
		[PICK_SAME] = "same",
		[PICK_NEAREST] = "nearest",
	};
	const struct kernel *kernel = &p->source->kernel;
	json_t *object = json_object();

	object_set(object, "line", json_string(kernel->rules->line));
	object_set(object, "release", json_string(kernel->rules->release));
	object_set(object, "pick", json_string(picks[kernel->pick]));
	object_set(object, "asked_release",
		   kernel->release.len ? text_json(kernel->release) : json_null());
	object_set(object, "below", line_or_null(kernel->below));
	object_set(object, "above", line_or_null(kernel->above));
	object_set(object, "in_doubt", in_doubt(p));
	object_set(object, "policy", json_string(kernel->config.tolerant ? "tolerant" : "linux"));
	object_set(object, "build", json_string(kernel->config.name));
	object_set(object, "build_from",
		   kernel->config_from ? json_string(kernel->config_from) : json_null());
	object_set(object, "build_release",
		   kernel->config_release.len ? text_json(kernel->config_release) : json_null());
	return object;
}

static int write_json(const char *bytes, size_t len, void *out)
{
	out_write((struct out *)out, bytes, len);
	return 0;
}

void json_print(struct out *out, json_t *object)
{
	if (json_dump_callback(object, write_json, out, JSON_INDENT(1) | JSON_REAL_PRECISION(6)))
		pool_exhausted();
	out_string(out, "\n");
	json_decref(object);
}
