/* SPDX-License-Identifier: MIT */
/*
 * memblock_random: long random runs of every change, on memblock and on the
 * model, which must agree after each step: in what the call returned, in every
 * region, in every free range. The seeds are fixed.
 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "model/memblock_model.h"

enum { STEPS = 20000, ROOM = 640, NODES = 3 };

static struct {
	struct nb_memblock mb;
	struct nb_region memory[ROOM], reserved[ROOM];
	struct nb_region memory_before[ROOM], reserved_before[ROOM];
	struct model model, trial; /* trial: the model after the step, if that is possible */
	uint32_t cap;
	uint64_t random;
	unsigned steps_ok, steps_full, steps_none, steps_dies;
	char claim[160];
} t;

static uint32_t pick(uint32_t below)
{
	t.random ^= t.random << 13;
	t.random ^= t.random >> 7;
	t.random ^= t.random << 17;
	return (uint32_t)(t.random >> 33) % below;
}

static nb_phys bytes(uint32_t cell)
{
	return (nb_phys)cell * MODEL_CELL_BYTES;
}

static int32_t pick_node(void)
{
	return (int32_t)pick(NODES + 1) - 1;
}

static uint32_t pick_flags(void)
{
	static const uint32_t some[] = { 0,
					 0,
					 0,
					 NB_REGION_HOTPLUG,
					 NB_REGION_MIRROR,
					 NB_REGION_NOMAP,
					 NB_REGION_DRIVER_MANAGED };

	return some[pick(NB_COUNT(some))];
}

static void check_set(const struct nb_regions *set, const struct model_set *model)
{
	uint32_t first, past = 0, count = 0;

	nb_regions_check(set);
	while (model_next_run(model, past, &first, &past)) {
		const struct model_cell *cell = &model->cell[first];
		const struct nb_region *region = nb_region_at(set, count++);

		check(count <= set->count, t.claim);
		check(region->start == bytes(first) && region->end == bytes(past), t.claim);
		check(region->nid == cell->nid && region->flags == cell->flags, t.claim);
	}
	check(count == set->count, t.claim);
}

/* Each address as the look-ups of a set see it. */
static void check_lookups(const struct nb_regions *set, const struct model_set *model)
{
	uint32_t above = 0;
	nb_phys total = 0;

	for (uint32_t cell = 0; cell < MODEL_CELLS; cell++) {
		const struct nb_region *found = nb_regions_find(set, bytes(cell) + pick(1024));
		uint32_t past = cell + 1 + pick(MODEL_CELLS - cell);
		bool overlaps = false;

		while (above < set->count && nb_region_at(set, above)->end <= bytes(cell))
			above++;
		check(nb_regions_first_above(set, bytes(cell)) == above, t.claim);
		check((found != NULL) == model->cell[cell].there, t.claim);
		check(!found || found->nid == model->cell[cell].nid, t.claim);
		for (uint32_t i = cell; i < past; i++)
			overlaps |= model->cell[i].there;
		check(nb_regions_overlap(set, bytes(cell), bytes(past)) == overlaps, t.claim);
		check(!nb_regions_overlap(set, bytes(cell), bytes(cell)), t.claim);
		total += model->cell[cell].there ? MODEL_CELL_BYTES : 0;
	}
	check(nb_regions_size(set) == total, t.claim);
}

/* The free ranges of one node with these flags, all of them. */
static void check_free_walk(int32_t nid, uint32_t flags, bool skip_hotplug)
{
	struct nb_free_walk walk = {
		.mb = &t.mb, .nid = nid, .flags = flags, .skip_hotplug = skip_hotplug
	};
	struct nb_range range;
	int32_t range_nid;
	uint32_t cell = 0;

	while (nb_free_next(&walk, &range, &range_nid)) {
		const struct model_cell *of = &t.model.memory.cell[range.start / MODEL_CELL_BYTES];

		while (cell < range.start / MODEL_CELL_BYTES)
			check(!model_is_free(&t.model, cell++, nid, flags, skip_hotplug), t.claim);
		check(range.start < range.end && bytes(cell) == range.start, t.claim);
		for (; bytes(cell) < range.end; cell++) {
			const struct model_cell *c = &t.model.memory.cell[cell];

			check(model_is_free(&t.model, cell, nid, flags, skip_hotplug), t.claim);
			check(c->nid == range_nid && c->flags == of->flags, t.claim);
		}
	}
	while (cell < MODEL_CELLS)
		check(!model_is_free(&t.model, cell++, nid, flags, skip_hotplug), t.claim);
}

/* Whole pages: only where all of a page is one region is it counted. */
static void check_pages(void)
{
	enum { PAGE_CELLS = 4, PAGES = MODEL_CELLS / PAGE_CELLS };
	const struct model_set *memory = &t.model.memory;
	bool whole[PAGES], walked[PAGES] = { false };
	struct nb_page_walk walk = { .memory = &t.mb.memory, .nid = NB_NO_NODE };
	struct nb_range pfns;
	uint32_t first = pick(PAGES), past = first + pick(PAGES - first + 1);
	uint64_t count = 0;
	int32_t nid;

	for (uint32_t page = 0; page < PAGES; page++) {
		const struct model_cell *cell = &memory->cell[page * PAGE_CELLS];

		whole[page] = true;
		for (uint32_t i = 0; i < PAGE_CELLS; i++)
			whole[page] &= cell[i].there && cell[i].nid == cell->nid &&
				       cell[i].flags == cell->flags;
		count += whole[page] && page >= first && page < past;
		check(nb_memblock_node(&t.mb, page) == (cell->there ? cell->nid : NB_NO_NODE),
		      t.claim);
	}
	check(nb_memblock_pages(&t.mb, first, past) == count, t.claim);
	while (nb_page_next(&walk, &pfns, &nid)) {
		check(pfns.start < pfns.end && pfns.end <= PAGES, t.claim);
		for (nb_pfn pfn = pfns.start; pfn < pfns.end; pfn++) {
			check(whole[pfn] && !walked[pfn], t.claim);
			check(memory->cell[pfn * PAGE_CELLS].nid == nid, t.claim);
			walked[pfn] = true;
		}
	}
	check(memcmp(whole, walked, sizeof(whole)) == 0, t.claim);
}

/* What a step must have returned, given what the model made of it. */
static enum nb_err expected(enum nb_err model_err)
{
	if (model_runs(&t.trial.memory) > t.cap || model_runs(&t.trial.reserved) > t.cap)
		return NB_ERR_FULL;
	return model_err;
}

static struct nb_request pick_request(void)
{
	nb_phys unit = MODEL_CELL_BYTES;
	struct nb_request request = {
		.size = unit * (1 + pick(pick(4) ? 6 : 40)),
		.align = unit << pick(5),
		.nid = pick_node(),
		.exact_nid = pick(3) == 0,
		.flags = pick(4) ? 0 : pick_flags(),
		.skip_hotplug = pick(4) == 0,
		.gives_up_min = pick(2),
	};

	if (pick(3) == 0)
		request.min = bytes(pick(MODEL_CELLS));
	if (pick(3) == 0)
		request.max = bytes(pick(MODEL_CELLS + 1));
	return request;
}

static enum nb_err step_alloc(enum nb_err *want)
{
	struct nb_request request = pick_request();
	nb_phys got = 12345, model_got = 12345;
	bool found = model_find(&t.model, &request, &model_got);

	check(nb_memblock_find(&t.mb, &request, &got) == (found ? NB_OK : NB_ERR_MEMORY), t.claim);
	check(got == model_got, t.claim);

	got = model_got = 12345;
	*want = expected(model_alloc(&t.trial, &request, &model_got));

	enum nb_err err = nb_memblock_alloc(&t.mb, &request, &got);

	check(got == (err ? 12345 : model_got), t.claim);
	return err;
}

static enum nb_err step_edit(uint32_t first, uint32_t past, enum nb_err *want)
{
	bool of_reserved = pick(2);
	struct nb_regions *set = of_reserved ? &t.mb.reserved : &t.mb.memory;
	struct model_set *trial = of_reserved ? &t.trial.reserved : &t.trial.memory;
	int32_t nid = pick_node();
	uint32_t flags = pick_flags();
	bool on = pick(2), sets_node = pick(3);

	*want = model_isolate(&t.trial, trial, first, past);
	if (*want == NB_OK && sets_node)
		model_set_node(trial, first, past, nid);
	else if (*want == NB_OK)
		model_set_flags(trial, first, past, flags, on);
	*want = expected(*want);
	if (sets_node)
		return nb_memblock_set_node(&t.mb, set, bytes(first), bytes(past), nid);
	return nb_memblock_set_flags(&t.mb, set, (struct nb_range){ bytes(first), bytes(past) },
				     flags, on);
}

/* One random change on both; returns what memblock returned. */
static enum nb_err step(unsigned kind, enum nb_err *want)
{
	uint32_t first = pick(MODEL_CELLS);
	uint32_t past = first + 1 + pick(pick(4) ? 8 : MODEL_CELLS);
	int32_t nid = pick_node();
	uint32_t flags = pick_flags();

	past = past > MODEL_CELLS ? MODEL_CELLS : past;
	if (kind < 16) {
		*want = expected(model_add(&t.trial, first, past, nid, flags));
		return nb_memblock_add(&t.mb, bytes(first), bytes(past), nid, flags);
	}
	if (kind < 24) {
		*want = expected(model_remove(&t.trial, first, past));
		return nb_memblock_remove(&t.mb, bytes(first), bytes(past));
	}
	if (kind < 42) {
		*want = expected(model_reserve(&t.trial, first, past));
		return nb_memblock_reserve(&t.mb, bytes(first), bytes(past));
	}
	if (kind < 58) {
		*want = expected(model_free(&t.trial, first, past));
		return nb_memblock_free(&t.mb, bytes(first), bytes(past));
	}
	if (kind < 78)
		return step_alloc(want);
	if (kind < 99)
		return step_edit(first, past, want);
	*want = NB_OK;
	model_trim(&t.trial, 4);
	nb_memblock_trim(&t.mb, NB_PAGE_SIZE);
	return NB_OK;
}

static void set_policy(void)
{
	t.mb.bottom_up = t.model.bottom_up = pick(2);
	t.mb.skip_hotplug = t.model.skip_hotplug = pick(4) == 0;
	t.mb.prefer_mirror = t.model.prefer_mirror = pick(4) == 0;
	t.mb.limit = t.model.limit = pick(3) ? bytes(MODEL_CELLS) : bytes(1 + pick(MODEL_CELLS));
	t.mb.may_double = t.model.may_double = pick(8) != 0;
}

static void start(uint32_t cap, uint32_t slots)
{
	t.model = (struct model){ .memory.slots = slots, .reserved.slots = slots };
	t.cap = cap;
	nb_memblock_init(&t.mb, t.memory, t.reserved, cap);
	t.mb.memory_slots = t.mb.reserved_slots = slots;
	set_policy();
}

static void check_unchanged(const struct nb_memblock *before)
{
	check(memcmp(before, &t.mb, sizeof(t.mb)) == 0, t.claim);
	check(memcmp(t.memory, t.memory_before, t.mb.memory.count * sizeof(*t.memory)) == 0,
	      t.claim);
	check(memcmp(t.reserved, t.reserved_before, t.mb.reserved.count * sizeof(*t.reserved)) == 0,
	      t.claim);
}

static void one_step(void)
{
	struct nb_memblock before;
	unsigned kind = pick(100);
	enum nb_err err, want;

	memcpy(&before, &t.mb, sizeof(before)); /* with its padding */
	memcpy(t.memory_before, t.memory, t.mb.memory.count * sizeof(*t.memory));
	memcpy(t.reserved_before, t.reserved, t.mb.reserved.count * sizeof(*t.reserved));
	t.trial = t.model;
	err = step(kind, &want);
	check(err == want, t.claim);
	t.steps_ok += err == NB_OK;
	t.steps_full += err == NB_ERR_FULL;
	t.steps_none += err == NB_ERR_MEMORY;
	t.steps_dies += err == NB_ERR_DIES;
	if (err == NB_ERR_FULL || (err == NB_ERR_DIES && !t.mb.may_double))
		check_unchanged(&before);
	else
		t.model = t.trial;
	check_set(&t.mb.memory, &t.model.memory);
	check_set(&t.mb.reserved, &t.model.reserved);
	check(t.mb.memory_size == t.model.memory_size, t.claim);
	check(t.mb.memory_slots == t.model.memory.slots, t.claim);
	check(t.mb.reserved_slots == t.model.reserved.slots, t.claim);
	check(t.mb.doubled_count == t.model.doublings, t.claim);
}

static void run(const char *name, uint64_t seed, uint32_t cap, uint32_t slots)
{
	t.random = seed * 0x9e3779b97f4a7c15u + 1;
	start(cap, slots);
	for (unsigned i = 0; i < STEPS; i++) {
		snprintf(t.claim, sizeof(t.claim), "%s: memblock and model agree at step %u", name,
			 i);
		one_step();
		if (i % 16 == 0)
			set_policy();
		if (i % 64 == 0) {
			check_lookups(&t.mb.memory, &t.model.memory);
			check_lookups(&t.mb.reserved, &t.model.reserved);
			check_free_walk(pick_node(), pick_flags(), pick(2));
			check_pages();
		}
		if (i % 2048 == 2047)
			start(cap, slots);
	}
}

static void test_ample(void **state)
{
	(void)state;
	run("ample arrays, seed 1", 1, ROOM, 0);
	run("ample arrays, seed 2", 2, ROOM, 0);
}

static void test_small(void **state)
{
	(void)state;
	t.steps_full = 0;
	run("arrays of 6, seed 3", 3, 6, 0);
	run("arrays of 12, seed 4", 4, 12, 0);
	check(t.steps_full > 1000, "small arrays are full more than now and then");
}

static void test_doubling(void **state)
{
	(void)state;
	t.steps_dies = 0;
	run("modelled arrays of 8, seed 5", 5, ROOM, 8);
	run("modelled arrays of 16, seed 6", 6, ROOM, 16);
	check(t.steps_dies > 100, "a full array that may not grow is met");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ample),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_doubling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
