/* SPDX-License-Identifier: MIT */
/* fake_model: see fake_model.h. The words are those of kernel documentation: numa=fake. */
#include "fake_model.h"

#include <assert.h>

#define GRAIN (32 * NB_MIB)
#define FOUR_GIB (4 * NB_GIB)

/* Whole pages of RAM in a range, in bytes; of its parts of pages nothing counts. */
static nb_phys ram_in(const struct fake_model *m, nb_phys start, nb_phys end)
{
	nb_pfn from = (start + 4095) / 4096, to = end / 4096, pages = 0;

	for (uint32_t i = 0; i < m->memory->count; i++) {
		nb_pfn first = (nb_region_at(m->memory, i)->start + 4095) / 4096;
		nb_pfn past = nb_region_at(m->memory, i)->end / 4096;

		if (first < from)
			first = from;
		if (past > to)
			past = to;
		if (first < past)
			pages += past - first;
	}
	return pages * 4096;
}

/* What is missing of whole pages. */
static nb_phys hole_in(const struct fake_model *m, nb_phys start, nb_phys end)
{
	nb_pfn from = (start + 4095) / 4096, to = end / 4096;

	return from < to ? (to - from) * 4096 - ram_in(m, start, end) : 0;
}

static nb_phys solid(const struct fake_model *m, nb_phys start, nb_phys end)
{
	return end - start - hole_in(m, start, end);
}

static int first_block_of(const struct fake_model *m, int32_t nid)
{
	for (uint32_t i = 0; i < m->left_count; i++)
		if (m->left[i].nid == nid)
			return (int)i;
	return -1;
}

/* One request: what a node is to have. */
struct want {
	nb_phys size;
	uint64_t larger; /* the first so many pieces get a grain more */
	bool by_span;
	uint32_t wrap;
};

static nb_phys end_of_piece(const struct fake_model *m, struct nb_range block,
			    const struct want *want)
{
	nb_phys end = block.start + want->size;

	if (m->pieces < want->larger)
		end += GRAIN;
	while (!want->by_span && solid(m, block.start, end) < want->size) {
		end += GRAIN;
		if (end > block.end) {
			end = block.end;
			break;
		}
	}
	if (end < FOUR_GIB && solid(m, end, FOUR_GIB) < GRAIN)
		end = FOUR_GIB;
	if (!want->by_span && end <= block.end && solid(m, end, block.end) < want->size)
		end = block.end;
	return end < block.end ? end : block.end;
}

static bool take_piece(struct fake_model *m, uint32_t index, nb_phys end, uint32_t wrap)
{
	struct nb_block *from = &m->left[index];

	if (m->pieces == m->max_pieces)
		return false;
	assert(m->pieces < FAKE_MODEL_PIECES);
	m->physical[m->pieces] = from->nid;
	m->piece[m->pieces] =
		(struct nb_block){ { from->range.start, end }, (int32_t)(m->pieces % wrap) };
	m->pieces++;
	from->range.start = end;
	if (end == from->range.end)
		for (m->left_count--; index < m->left_count; index++)
			m->left[index] = m->left[index + 1];
	return true;
}

/* Goes round these nodes, each giving one piece, until none has any memory. */
static bool go_round(struct fake_model *m, const struct nb_nodes *nodes, const struct want *want)
{
	for (bool any = true; any;) {
		any = false;
		nb_for_each_node (nid, nodes) {
			int index = first_block_of(m, nid);

			if (index < 0)
				continue;
			any = true;
			if (!take_piece(m, (uint32_t)index,
					end_of_piece(m, m->left[index].range, want), want->wrap))
				return false;
		}
	}
	return true;
}

static nb_phys at_least(nb_phys asked, nb_phys share)
{
	nb_phys least = share < GRAIN ? GRAIN : share;

	least = (least + GRAIN - 1) / GRAIN * GRAIN;
	return (asked < least ? least : asked) / GRAIN * GRAIN;
}

static bool split_each(struct fake_model *m, uint64_t number)
{
	struct want want = { .by_span = true, .wrap = m->max_nodes };
	uint32_t nodes = nb_nodes_count(&m->parsed);

	if (!number || !nodes)
		return false;
	for (uint32_t turn = 0; turn < nodes && m->left_count; turn++) {
		struct nb_range whole = m->left[0].range;
		struct nb_nodes one = { 0 };
		uint32_t before = m->pieces;
		nb_phys share = (whole.end / 4096 - whole.start / 4096) / number * 4096;

		nb_nodes_add(&one, m->left[0].nid);
		want.size = at_least(share, share);
		if (!go_round(m, &one, &want) || m->pieces - before < number)
			return false;
	}
	return true;
}

bool fake_model_split(struct fake_model *m, enum fake_form form, uint64_t number)
{
	nb_phys ram = ram_in(m, 0, m->max_pfn * 4096), share;
	struct want want = { .wrap = m->max_nodes };

	m->pieces = 0;
	if (form == FAKE_EACH)
		return split_each(m, number);
	if (!number)
		return false;
	if (form == FAKE_SIZE) {
		want.size = at_least(number, ram / 4096 / m->max_nodes * 4096);
		return go_round(m, &m->parsed, &want);
	}
	if (number > m->max_nodes)
		number = m->max_nodes;
	share = ram / 4096 / number * 4096;
	want.size = share / GRAIN * GRAIN;
	want.larger = share % GRAIN * number / GRAIN;
	want.wrap = (uint32_t)number;
	return want.size && go_round(m, &m->parsed, &want);
}
