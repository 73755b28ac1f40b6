/* SPDX-License-Identifier: MIT */
/* explain_json: a chain for programs: each answer an object, its reasons in it. */
#include "explain.h"
#include "json_parts.h"

#include "../../sources/text.h"

#include <stdio.h>

enum { DEPTHS = 8 };

static const char *const kinds[] = {
	[PROOF_TABLE] = "table",
	[PROOF_MAP] = "memory_map",
	[PROOF_WORD] = "command_line",
	[PROOF_RULE] = "rule",
};

static json_t *field_json(const struct proof *proof, const struct proof_field *field)
{
	json_t *object = json_object();

	object_set(object, "name", json_string(field->name));
	object_set(object, "offset",
		   proof->kind == PROOF_TABLE || proof->kind == PROOF_WORD ? number_json(field->at)
									   : json_null());
	object_set(object, "value", text_json(text_of(field->value)));
	return object;
}

static json_t *proof_json(const struct proof *proof)
{
	json_t *object = json_object(), *fields = json_array();

	object_set(object, "kind", json_string(kinds[proof->kind]));
	object_set(object, "where", json_string(proof->where));
	object_set(object, "offset",
		   proof->kind == PROOF_RULE ? json_null() : number_json(proof->offset));
	object_set(object, "what", json_string(proof->what));
	object_set(object, "chapter", *proof->chapter ? json_string(proof->chapter) : json_null());
	for (uint32_t i = 0; i < proof->field_count; i++)
		array_add(fields, field_json(proof, &proof->fields[i]));
	object_set(object, "fields", fields);
	return object;
}

/* "6.12 mm/memblock.c memblock_reserve()". */
static json_t *function_json(const struct nb_source *function)
{
	char text[128];

	if (!*function->where)
		return json_null();
	snprintf(text, sizeof(text), "%s %s", nb_lines[function->line].line, function->where);
	return json_string(text);
}

/* One link; its reasons are filled in as they come. */
static json_t *link_json(const struct link *link, json_t *reasons)
{
	json_t *object = json_object(), *proofs = json_array();

	object_set(object, "says", text_json(text_of(link->says)));
	object_set(object, "event", *link->event ? json_string(link->event) : json_null());
	object_set(object, "function", function_json(&link->function));
	for (uint32_t i = 0; i < link->proof_count; i++)
		array_add(proofs, proof_json(&link->proofs[i]));
	object_set(object, "read_from", proofs);
	object_set(object, "because", reasons);
	return object;
}

void view_explain_json(struct out *out, const struct explanation *e)
{
	json_t *root = json_object(), *open[DEPTHS + 1] = { json_array() };

	object_set(root, "schema", json_string("numaboot/explain/1"));
	object_set(root, "source", text_json(text_of(e->prediction.name)));
	object_set(root, "recognized",
		   e->prediction.source->what ? text_json(text_of(e->prediction.source->what))
					      : json_null());
	object_set(root, "kernel", kernel_json(&e->prediction));
	object_set(root, "dies", death_json(e->prediction.run));
	for (uint32_t i = 0; i < e->chain->count; i++) {
		const struct link *link = &e->chain->at[i];

		nb_assert(link->depth < DEPTHS);
		open[link->depth + 1] = json_array();
		array_add(open[link->depth], link_json(link, open[link->depth + 1]));
	}
	object_set(root, "answers", open[0]);
	json_print(out, root);
}
