/* SPDX-License-Identifier: MIT */
/* chain: links that are put together, one behind the other. */
#include "chain.h"

#include "../sources/sentence.h"
#include "../sources/text.h"

#include <numaboot/render.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *format_text(struct chain *chain, const char *format, va_list values)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, values);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	nb_assert(len >= 0);
	text = (char *)pool_take(chain->pool, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, values);
	return text;
}

const char *chain_text(struct chain *chain, const char *format, ...)
{
	const char *text;
	va_list values;

	va_start(values, format);
	text = format_text(chain, format, values);
	va_end(values);
	return text;
}

const char *range_words(struct chain *chain, struct nb_range range)
{
	return chain_text(chain, "0x%llx-0x%llx", (unsigned long long)range.start,
			  (unsigned long long)range.end - 1);
}

const char *size_words(struct chain *chain, uint64_t bytes)
{
	char text[SIZE_TEXT];

	text_size(bytes, text);
	return chain_text(chain, "%s", text);
}

static struct link *add(struct chain *chain, unsigned depth, const struct nb_event *event)
{
	static const struct nb_source nowhere = { .where = "" };
	struct link *link;

	if (chain->count == chain->cap) {
		uint32_t cap = chain->cap ? 2 * chain->cap : 64;
		struct link *more = (struct link *)realloc(chain->at, cap * sizeof(*more));

		if (!more)
			pool_exhausted();
		chain->at = more;
		chain->cap = cap;
	}
	link = &chain->at[chain->count++];
	*link = (struct link){
		.depth = depth,
		.event = event ? nb_event_name(event->kind) : "",
		.function = event ? nb_event_source(event->kind, chain->wording) : nowhere,
	};
	return link;
}

void chain_say(struct chain *chain, unsigned depth, const struct nb_event *event,
	       const char *format, ...)
{
	va_list values;

	va_start(values, format);
	add(chain, depth, event)->says = format_text(chain, format, values);
	va_end(values);
}

void chain_tell(struct chain *chain, unsigned depth, const struct nb_event *event)
{
	struct sentence s;

	chain_say(chain, depth, event, "%s", sentence_of(&s, event));
}

void chain_function(struct chain *chain, enum nb_event_kind kind)
{
	nb_assert(chain->count);
	chain->at[chain->count - 1].function = nb_event_source(kind, chain->wording);
}

void chain_function_at(struct chain *chain, const char *where)
{
	chain_function(chain, NB_EV_STAGE); /* for the line */
	chain->at[chain->count - 1].function.where = where;
}

void chain_function_beside(struct chain *chain, enum nb_event_kind kind, const char *name)
{
	struct nb_source *function;

	chain_function(chain, kind);
	function = &chain->at[chain->count - 1].function;
	function->where = chain_text(chain, "%.*s %s",
				     (int)text_find(text_of(function->where), " "), function->where,
				     name);
}

struct proof *chain_prove(struct chain *chain, enum proof_kind kind)
{
	struct link *link;
	struct proof *proof;

	nb_assert(chain->count);
	link = &chain->at[chain->count - 1];
	if (link->proof_count == LINK_PROOFS)
		return NULL;
	proof = &link->proofs[link->proof_count++];
	*proof = (struct proof){ .kind = kind, .where = "", .what = "", .chapter = "" };
	return proof;
}

void proof_add(struct proof *proof, const char *name, uint32_t at, const char *value)
{
	nb_assert(proof->field_count < PROOF_FIELDS);
	proof->fields[proof->field_count++] = (struct proof_field){ name, at, value };
}

void chain_drop(struct chain *chain)
{
	free(chain->at);
	*chain = (struct chain){ .pool = chain->pool, .wording = chain->wording };
}
