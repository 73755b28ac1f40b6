/* SPDX-License-Identifier: MIT */
/* e820_model: see e820_model.h. */
#include "e820_model.h"

#include <assert.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
	nb_phys x = *(const nb_phys *)a, y = *(const nb_phys *)b;

	return (x > y) - (x < y);
}

/* The largest type of the entries that hold an address; 0: none does. */
static uint32_t type_at(const struct nb_e820_entry *in, uint32_t count, nb_phys address)
{
	uint32_t type = 0;

	for (uint32_t i = 0; i < count; i++)
		if (in[i].start <= address && address - in[i].start < in[i].size &&
		    in[i].type > type)
			type = in[i].type;
	return type;
}

uint32_t e820_model_sanitize(const struct nb_e820_entry *in, uint32_t count,
			     struct nb_e820_entry *out, uint32_t cap)
{
	nb_phys border[2 * E820_MODEL_MOST];
	uint32_t borders = 0, made = 0;
	bool full = false;

	assert(count <= E820_MODEL_MOST);
	for (uint32_t i = 0; i < count; i++) {
		if (!in[i].size)
			continue;
		border[borders++] = in[i].start;
		border[borders++] = in[i].start + in[i].size;
	}
	qsort(border, borders, sizeof(*border), ascending);

	for (uint32_t i = 0; i + 1 < borders; i++) {
		uint32_t type = type_at(in, count, border[i]);
		struct nb_e820_entry *last = made ? &out[made - 1] : NULL;
		bool splits = type == NB_E820_PRAM || type == NB_E820_SOFT_RESERVED;

		if (border[i] == border[i + 1] || !type)
			continue;
		if (last && !splits && last->type == type &&
		    last->start + last->size == border[i]) {
			last->size += border[i + 1] - border[i];
			continue;
		}
		full = made == cap;
		if (full)
			break;
		out[made++] = (struct nb_e820_entry){ border[i], border[i + 1] - border[i], type };
	}
	return made;
}
