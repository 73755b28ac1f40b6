/* SPDX-License-Identifier: MIT */
/* blocks_model: see blocks_model.h. */
#include "blocks_model.h"

#include <assert.h>

static void tell(struct blocks_model *m, struct nb_event event)
{
	assert(m->tells < BLOCKS_MODEL_TELLS);
	m->told[m->tells++] = event;
}

static void drop(struct blocks_model *m, uint32_t index)
{
	for (m->count--; index < m->count; index++)
		m->at[index] = m->at[index + 1];
}

static bool meet(struct nb_range a, struct nb_range b)
{
	return a.start < b.end && b.start < a.end;
}

static bool has_ram(const struct nb_regions *memory, struct nb_range range)
{
	for (uint32_t i = 0; i < memory->count; i++)
		if (meet(range, (struct nb_range){ nb_region_at(memory, i)->start,
						   nb_region_at(memory, i)->end }))
			return true;
	return false;
}

static void set_aside(struct blocks_model *m, struct nb_range range, int32_t nid, enum nb_why why)
{
	tell(m, (struct nb_event){
			.kind = NB_EV_BLOCK_SET_ASIDE, .nid = nid, .range = range, .why = why });
}

/* Cuts one block; false if nothing of it is left in the list. */
static bool cut(struct blocks_model *m, struct nb_block *block)
{
	const struct nb_regions *memory = m->memory;
	struct nb_range was = block->range;
	nb_phys end = memory->count ? nb_region_at(memory, memory->count - 1)->end : 0;

	if (!has_ram(memory, was)) {
		set_aside(m, was, block->nid, NB_WHY_NOT_RAM);
		return false;
	}
	block->range.start = nb_max(was.start, nb_region_at(memory, 0)->start);
	if (was.end > end) {
		set_aside(m, (struct nb_range){ end, was.end }, block->nid, NB_WHY_ABOVE_RAM);
		block->range.end = end;
	}
	if (block->range.start != was.start || block->range.end != was.end)
		tell(m, (struct nb_event){ .kind = NB_EV_BLOCK_CLAMPED,
					   .nid = block->nid,
					   .range = block->range,
					   .other = was });
	return true;
}

static bool other_node_in(const struct blocks_model *m, struct nb_range span, int32_t nid)
{
	for (uint32_t i = 0; i < m->count; i++)
		if (m->at[i].nid != nid && meet(m->at[i].range, span))
			return true;
	return false;
}

bool blocks_model_clean(struct blocks_model *m)
{
	for (uint32_t i = 0; i < m->count;)
		if (cut(m, &m->at[i]))
			i++;
		else
			drop(m, i);

	for (uint32_t i = 0; i < m->count; i++) {
		for (uint32_t j = i + 1; j < m->count;) {
			struct nb_block *a = &m->at[i], *b = &m->at[j];
			struct nb_range span = { nb_min(a->range.start, b->range.start),
						 nb_max(a->range.end, b->range.end) };
			bool same = a->nid == b->nid;
			struct nb_event event = { .nid = a->nid,
						  .range = a->range,
						  .other = b->range };

			if (meet(a->range, b->range)) {
				event.kind = same ? NB_EV_NODE_OVERLAPS_ITSELF
						  : NB_EV_NODES_OVERLAP;
				event.other_nid = same ? 0 : b->nid;
				tell(m, event);
				if (!same)
					return false;
			}
			if (!same || other_node_in(m, span, a->nid)) {
				j++;
				continue;
			}
			event.kind = NB_EV_BLOCKS_JOINED;
			event.other_nid = 0;
			event.more[0] = span.start;
			event.more[1] = span.end;
			tell(m, event);
			a->range = span;
			drop(m, j);
		}
	}
	return true;
}
