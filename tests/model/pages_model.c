/* SPDX-License-Identifier: MIT */
/* pages_model: see pages_model.h. */
#include "model/pages_model.h"

#include <string.h>

#include "check.h"

void pages_model_set(struct pages_model *m, nb_pfn start, nb_pfn end, enum pages_model_state from,
		     enum pages_model_state to)
{
	for (nb_pfn pfn = start; pfn < end; pfn++) {
		check(pfn < PAGES_MODEL_FRAMES && m->state[pfn] == from,
		      "frames are in the state that the call says");
		m->state[pfn] = (uint8_t)to;
	}
}

uint64_t pages_model_free(const struct pages_model *m, uint32_t zone)
{
	uint64_t free = 0;

	for (nb_pfn pfn = 0; pfn < PAGES_MODEL_FRAMES; pfn++)
		free += m->zone[pfn] == zone && m->state[pfn] == PAGES_FREE;
	return free;
}

static bool is_free(const struct pages_model *m, uint32_t zone, nb_pfn pfn, uint32_t order)
{
	for (nb_pfn at = pfn; at < pfn + ((nb_pfn)1 << order); at++)
		if (at >= PAGES_MODEL_FRAMES || m->zone[at] != zone || m->state[at] != PAGES_FREE)
			return false;
	return true;
}

bool pages_model_has(const struct pages_model *m, uint32_t zone, uint32_t order)
{
	for (nb_pfn pfn = 0; pfn < PAGES_MODEL_FRAMES; pfn += (nb_pfn)1 << order)
		if (is_free(m, zone, pfn, order))
			return true;
	return false;
}

void pages_model_blocks(const struct pages_model *m, uint32_t zone, uint64_t blocks[NB_ORDERS])
{
	memset(blocks, 0, NB_ORDERS * sizeof(*blocks));
	for (nb_pfn pfn = 0; pfn < PAGES_MODEL_FRAMES;) {
		uint32_t order = NB_ORDERS - 1;

		while (order > 0 && (pfn % ((nb_pfn)1 << order) || !is_free(m, zone, pfn, order)))
			order--;
		if (is_free(m, zone, pfn, order))
			blocks[order]++;
		pfn += (nb_pfn)1 << order;
	}
}
