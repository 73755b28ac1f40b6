/* SPDX-License-Identifier: MIT */
/* memblock_model: see memblock_model.h. */
#include "model/memblock_model.h"

static bool same(const struct model_cell *a, const struct model_cell *b)
{
	return a->there && b->there && a->nid == b->nid && a->flags == b->flags;
}

bool model_next_run(const struct model_set *set, uint32_t from, uint32_t *first, uint32_t *past)
{
	while (from < MODEL_CELLS && !set->cell[from].there)
		from++;
	if (from == MODEL_CELLS)
		return false;
	*first = from++;
	while (from < MODEL_CELLS && same(&set->cell[from - 1], &set->cell[from]))
		from++;
	*past = from;
	return true;
}

uint32_t model_runs(const struct model_set *set)
{
	uint32_t runs = 0;

	for (uint32_t i = 0; i < MODEL_CELLS; i++)
		runs += set->cell[i].there && (i == 0 || !same(&set->cell[i - 1], &set->cell[i]));
	return runs;
}

void model_set_add(struct model_set *set, uint32_t first, uint32_t past, int32_t nid,
		   uint32_t flags)
{
	for (uint32_t i = first; i < past; i++)
		if (!set->cell[i].there)
			set->cell[i] = (struct model_cell){ true, nid, flags };
}

void model_set_remove(struct model_set *set, uint32_t first, uint32_t past)
{
	for (uint32_t i = first; i < past; i++)
		set->cell[i] = (struct model_cell){ 0 };
}

void model_set_node(struct model_set *set, uint32_t first, uint32_t past, int32_t nid)
{
	for (uint32_t i = first; i < past; i++)
		if (set->cell[i].there)
			set->cell[i].nid = nid;
}

void model_set_flags(struct model_set *set, uint32_t first, uint32_t past, uint32_t flags, bool on)
{
	for (uint32_t i = first; i < past; i++) {
		if (!set->cell[i].there)
			continue;
		if (on)
			set->cell[i].flags |= flags;
		else
			set->cell[i].flags &= ~flags;
	}
}

static uint32_t count_cells(const struct model_set *set, uint32_t first, uint32_t past)
{
	uint32_t cells = 0;

	for (uint32_t i = first; i < past; i++)
		cells += set->cell[i].there;
	return cells;
}

/* How many pieces of a range the set lacks. */
static uint32_t count_gaps(const struct model_set *set, uint32_t first, uint32_t past)
{
	uint32_t gaps = 0;

	for (uint32_t i = first; i < past; i++)
		gaps += !set->cell[i].there && (i == first || set->cell[i - 1].there);
	return gaps;
}

bool model_is_free(const struct model *m, uint32_t cell, int32_t nid, uint32_t flags,
		   bool skip_hotplug)
{
	const struct model_cell *c = &m->memory.cell[cell];

	if (!c->there || m->reserved.cell[cell].there)
		return false;
	if (nid != NB_NO_NODE && c->nid != nid)
		return false;
	if ((flags & NB_REGION_MIRROR) && !(c->flags & NB_REGION_MIRROR))
		return false;
	if ((c->flags & NB_REGION_NOMAP) && !(flags & NB_REGION_NOMAP))
		return false;
	if ((c->flags & NB_REGION_DRIVER_MANAGED) && !(flags & NB_REGION_DRIVER_MANAGED))
		return false;
	if ((c->flags & NB_REGION_HOTPLUG) && (skip_hotplug || m->skip_hotplug) &&
	    !(flags & NB_REGION_HOTPLUG))
		return false;
	return true;
}

/* Whether a piece fits at an address: all of its cells free, in one region. */
static bool fits(const struct model *m, const struct nb_request *request, int32_t nid,
		 uint32_t flags, nb_phys address)
{
	uint32_t first = (uint32_t)(address / MODEL_CELL_BYTES);
	uint32_t past = first + (uint32_t)(request->size / MODEL_CELL_BYTES);

	if (past > MODEL_CELLS)
		return false;
	for (uint32_t i = first; i < past; i++) {
		if (!model_is_free(m, i, nid, flags, request->skip_hotplug))
			return false;
		if (i > first && !same(&m->memory.cell[i - 1], &m->memory.cell[i]))
			return false;
	}
	return true;
}

static bool find(const struct model *m, const struct nb_request *request, int32_t nid,
		 uint32_t flags, nb_phys *address)
{
	nb_phys low = request->min > NB_PAGE_SIZE ? request->min : NB_PAGE_SIZE;
	nb_phys high = request->max ? request->max : m->limit;
	bool found = false;

	for (nb_phys at = 0; at < MODEL_CELLS * MODEL_CELL_BYTES; at += request->align) {
		if (at < low || at + request->size > high)
			continue;
		if (!fits(m, request, nid, flags, at))
			continue;
		if (found && m->bottom_up)
			break;
		*address = at;
		found = true;
	}
	return found;
}

bool model_find(const struct model *m, const struct nb_request *request, nb_phys *address)
{
	return find(m, request, request->nid, request->flags, address);
}

static bool find_storage(const struct model *m, nb_phys bytes, nb_phys min, nb_phys max,
			 nb_phys *address)
{
	struct nb_request request = {
		.size = bytes, .align = NB_PAGE_SIZE, .min = min, .max = max
	};

	if (m->prefer_mirror && find(m, &request, NB_NO_NODE, NB_REGION_MIRROR, address))
		return true;
	return find(m, &request, NB_NO_NODE, 0, address);
}

/* Doubles the array of a set until it takes this many more regions. */
static enum nb_err grow(struct model *m, struct model_set *set, uint32_t more, uint32_t first,
			uint32_t past)
{
	while (set->slots && model_runs(set) + more > set->slots) {
		nb_phys bytes = (set->slots * 2 * 24 + 4095) / 4096 * 4096, at;
		nb_phys start = (nb_phys)first * MODEL_CELL_BYTES;
		nb_phys end = (nb_phys)past * MODEL_CELL_BYTES;
		struct nb_range old = set->storage;
		bool found;

		if (!m->may_double)
			return NB_ERR_DIES;
		if (set == &m->memory) {
			found = find_storage(m, bytes, 0, m->limit, &at);
		} else {
			found = find_storage(m, bytes, end, m->limit, &at);
			if (!found)
				found = find_storage(m, bytes, 0,
						     start < m->limit ? start : m->limit, &at);
		}
		if (!found)
			return NB_ERR_MEMORY;
		set->slots *= 2;
		set->storage = (struct nb_range){ at, at + bytes };
		m->doublings++;
		if (old.end > old.start &&
		    model_free(m, (uint32_t)(old.start / MODEL_CELL_BYTES),
			       (uint32_t)(old.end / MODEL_CELL_BYTES)) == NB_ERR_DIES)
			return NB_ERR_DIES;
		if (model_reserve(m, (uint32_t)(at / MODEL_CELL_BYTES),
				  (uint32_t)((at + bytes) / MODEL_CELL_BYTES)) != NB_OK)
			return NB_ERR_DIES;
	}
	return NB_OK;
}

enum nb_err model_add(struct model *m, uint32_t first, uint32_t past, int32_t nid, uint32_t flags)
{
	bool was_empty = model_runs(&m->memory) == 0;
	uint32_t fresh = past - first - count_cells(&m->memory, first, past);
	enum nb_err err = grow(m, &m->memory, count_gaps(&m->memory, first, past), first, past);

	if (err)
		return err;
	model_set_add(&m->memory, first, past, nid, flags);
	m->memory_size = (was_empty ? 0 : m->memory_size) + (nb_phys)fresh * MODEL_CELL_BYTES;
	return NB_OK;
}

enum nb_err model_remove(struct model *m, uint32_t first, uint32_t past)
{
	enum nb_err err = grow(m, &m->memory, 2, first, past);

	if (err)
		return err;
	m->memory_size -= (nb_phys)count_cells(&m->memory, first, past) * MODEL_CELL_BYTES;
	model_set_remove(&m->memory, first, past);
	return NB_OK;
}

enum nb_err model_reserve(struct model *m, uint32_t first, uint32_t past)
{
	enum nb_err err = grow(m, &m->reserved, count_gaps(&m->reserved, first, past), first, past);

	if (!err)
		model_set_add(&m->reserved, first, past, NB_UNSET_NODE, 0);
	return err;
}

enum nb_err model_free(struct model *m, uint32_t first, uint32_t past)
{
	enum nb_err err = grow(m, &m->reserved, 2, first, past);

	if (!err)
		model_set_remove(&m->reserved, first, past);
	return err;
}

enum nb_err model_isolate(struct model *m, struct model_set *set, uint32_t first, uint32_t past)
{
	return grow(m, set, 2, first, past);
}

void model_trim(struct model *m, uint32_t align_cells)
{
	struct model_set before = m->memory;
	uint32_t first, past = 0;

	while (model_next_run(&before, past, &first, &past)) {
		uint32_t start = (first + align_cells - 1) / align_cells * align_cells;
		uint32_t end = past / align_cells * align_cells;

		if (start < end) {
			model_set_remove(&m->memory, first, start);
			model_set_remove(&m->memory, end, past);
		} else {
			model_set_remove(&m->memory, first, past);
			m->memory_size -= (nb_phys)(past - first) * MODEL_CELL_BYTES;
		}
	}
}

static enum nb_err try_alloc(struct model *m, const struct nb_request *request, int32_t nid,
			     uint32_t flags, nb_phys *address)
{
	nb_phys at;
	enum nb_err err;

	if (!find(m, request, nid, flags, &at))
		return NB_ERR_MEMORY;
	err = model_reserve(m, (uint32_t)(at / MODEL_CELL_BYTES),
			    (uint32_t)((at + request->size) / MODEL_CELL_BYTES));
	if (!err)
		*address = at;
	return err;
}

static enum nb_err alloc_once(struct model *m, const struct nb_request *request, nb_phys *address)
{
	uint32_t flags = request->flags | (m->prefer_mirror ? NB_REGION_MIRROR : 0);
	bool other_nodes = request->nid != NB_NO_NODE && !request->exact_nid;
	enum nb_err err = try_alloc(m, request, request->nid, flags, address);

	if (err == NB_ERR_MEMORY && other_nodes)
		err = try_alloc(m, request, NB_NO_NODE, flags, address);
	if (err != NB_ERR_MEMORY || !(flags & NB_REGION_MIRROR))
		return err;
	flags &= ~(uint32_t)NB_REGION_MIRROR;
	err = try_alloc(m, request, request->nid, flags, address);
	if (err == NB_ERR_MEMORY && other_nodes)
		err = try_alloc(m, request, NB_NO_NODE, flags, address);
	return err;
}

enum nb_err model_alloc(struct model *m, const struct nb_request *request, nb_phys *address)
{
	struct nb_request again = *request;
	enum nb_err err = alloc_once(m, request, address);

	again.min = 0;
	if (err == NB_ERR_MEMORY && request->gives_up_min && request->min)
		err = alloc_once(m, &again, address);
	return err;
}
