/* SPDX-License-Identifier: MIT */
/* regions: rows of changes, and the set that they leave. */
#include "check.h"

#include <numaboot/memblock.h>

enum op { END, ADD, REMOVE, NODE, SET_FLAGS, CLEAR_FLAGS };

/* value: the node of ADD and NODE; flags are ADD's too. */
struct change {
	enum op op;
	nb_phys start, end;
	int32_t value;
	uint32_t flags;
};

struct row {
	const char *claim;
	struct change change[6];
	struct nb_region want[6];
	enum nb_err err; /* what the last change returns */
	uint32_t cap;    /* 0: ample */
};

static enum nb_err apply(struct nb_regions *set, const struct change *c)
{
	switch (c->op) {
	case ADD:
		return nb_regions_add(set, c->start, c->end, c->value, c->flags);
	case REMOVE:
		return nb_regions_remove(set, c->start, c->end);
	case NODE:
		return nb_regions_set_node(set, c->start, c->end, c->value);
	case SET_FLAGS:
		return nb_regions_set_flags(set, c->start, c->end, c->flags, true);
	case CLEAR_FLAGS:
		return nb_regions_set_flags(set, c->start, c->end, c->flags, false);
	case END:
		break;
	}
	return NB_OK;
}

static void check_row(const struct row *row)
{
	struct nb_region store[16];
	struct nb_regions set = { .store = store, .cap = row->cap ? row->cap : NB_COUNT(store) };
	uint32_t wants = 0;

	for (const struct change *c = row->change; c->op != END; c++)
		check(apply(&set, c) == (c[1].op == END ? row->err : NB_OK), row->claim);
	nb_regions_check(&set);
	while (wants < NB_COUNT(row->want) && row->want[wants].end)
		wants++;
	check(set.count == wants, row->claim);
	for (uint32_t i = 0; i < wants; i++) {
		check(nb_region_at(&set, i)->start == row->want[i].start, row->claim);
		check(nb_region_at(&set, i)->end == row->want[i].end, row->claim);
		check(nb_region_at(&set, i)->nid == row->want[i].nid, row->claim);
		check(nb_region_at(&set, i)->flags == row->want[i].flags, row->claim);
	}
}

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_row(&rows[i]);
}

/* clang-format off */
static const struct row adds[] = {
	{ "disjoint ranges stay apart",
	  { { ADD, 4, 6, 0, 0 }, { ADD, 0, 2, 0, 0 } },
	  { { 0, 2, 0, 0 }, { 4, 6, 0, 0 } }, 0, 0 },
	{ "touching ranges become one",
	  { { ADD, 0, 1, 0, 0 }, { ADD, 1, 3, 0, 0 } },
	  { { 0, 3, 0, 0 } }, 0, 0 },
	{ "touching ranges of two nodes stay two",
	  { { ADD, 0, 1, 0, 0 }, { ADD, 1, 3, 1, 0 } },
	  { { 0, 1, 0, 0 }, { 1, 3, 1, 0 } }, 0, 0 },
	{ "touching ranges with different flags stay two",
	  { { ADD, 0, 1, 0, 0 }, { ADD, 1, 3, 0, 2 } },
	  { { 0, 1, 0, 0 }, { 1, 3, 0, 2 } }, 0, 0 },
	{ "one range may bridge two",
	  { { ADD, 0, 2, 0, 0 }, { ADD, 4, 6, 0, 0 }, { ADD, 1, 5, 0, 0 } },
	  { { 0, 6, 0, 0 } }, 0, 0 },
	{ "one range may fill the gap between two exactly",
	  { { ADD, 0, 2, 0, 0 }, { ADD, 4, 6, 0, 0 }, { ADD, 2, 4, 0, 0 } },
	  { { 0, 6, 0, 0 } }, 0, 0 },
	{ "what is there wins over what is added",
	  { { ADD, 2, 4, 1, 0 }, { ADD, 0, 6, 0, 0 } },
	  { { 0, 2, 0, 0 }, { 2, 4, 1, 0 }, { 4, 6, 0, 0 } }, 0, 0 },
	{ "what is there wins with its flags too",
	  { { ADD, 2, 4, 0, 1 }, { ADD, 0, 6, 0, 0 } },
	  { { 0, 2, 0, 0 }, { 2, 4, 0, 1 }, { 4, 6, 0, 0 } }, 0, 0 },
	{ "a range that is covered changes nothing",
	  { { ADD, 0, 6, 1, 1 }, { ADD, 2, 4, 0, 0 } },
	  { { 0, 6, 1, 1 } }, 0, 0 },
	{ "pieces join neighbours that are like them, and only those",
	  { { ADD, 0, 2, 0, 0 }, { ADD, 4, 6, 1, 0 }, { ADD, 8, 9, 0, 0 }, { ADD, 1, 8, 0, 0 } },
	  { { 0, 4, 0, 0 }, { 4, 6, 1, 0 }, { 6, 9, 0, 0 } }, 0, 0 },
	{ "many gaps are filled at once, some grow and some are new",
	  { { ADD, 1, 2, 1, 0 }, { ADD, 3, 4, 2, 0 }, { ADD, 5, 6, 0, 0 }, { ADD, 7, 8, 0, 0 },
	    { ADD, 0, 9, 0, 0 } },
	  { { 0, 1, 0, 0 }, { 1, 2, 1, 0 }, { 2, 3, 0, 0 }, { 3, 4, 2, 0 },
	    { 4, 9, 0, 0 } }, 0, 0 },
	{ "a range may end at the last address",
	  { { ADD, UINT64_MAX - 1, UINT64_MAX, 0, 0 }, { ADD, 0, UINT64_MAX, 0, 0 } },
	  { { 0, UINT64_MAX, 0, 0 } }, 0, 0 },
	{ "a full set takes what merges",
	  { { ADD, 0, 2, 0, 0 }, { ADD, 4, 6, 0, 0 }, { ADD, 2, 3, 0, 0 } },
	  { { 0, 3, 0, 0 }, { 4, 6, 0, 0 } }, 0, 2 },
	{ "a full set refuses what does not fit, and stays as it was",
	  { { ADD, 0, 2, 0, 0 }, { ADD, 4, 6, 1, 0 }, { ADD, 1, 8, 0, 0 } },
	  { { 0, 2, 0, 0 }, { 4, 6, 1, 0 } }, NB_ERR_FULL, 2 },
};

static const struct row removes[] = {
	{ "a hole makes two of one",
	  { { ADD, 0, 6, 3, 1 }, { REMOVE, 2, 4, 0, 0 } },
	  { { 0, 2, 3, 1 }, { 4, 6, 3, 1 } }, 0, 0 },
	{ "the end goes",
	  { { ADD, 0, 6, 0, 0 }, { REMOVE, 4, 9, 0, 0 } }, { { 0, 4, 0, 0 } }, 0, 0 },
	{ "the start goes",
	  { { ADD, 2, 6, 0, 0 }, { REMOVE, 0, 4, 0, 0 } }, { { 4, 6, 0, 0 } }, 0, 0 },
	{ "all goes",
	  { { ADD, 2, 6, 0, 0 }, { REMOVE, 2, 6, 0, 0 } }, { { 0 } }, 0, 0 },
	{ "several regions go, the outer ones in part",
	  { { ADD, 0, 2, 0, 0 }, { ADD, 3, 4, 0, 0 }, { ADD, 5, 8, 0, 0 }, { REMOVE, 1, 6, 0, 0 } },
	  { { 0, 1, 0, 0 }, { 6, 8, 0, 0 } }, 0, 0 },
	{ "what is not there is not missed",
	  { { ADD, 0, 2, 0, 0 }, { ADD, 4, 6, 0, 0 }, { REMOVE, 2, 4, 0, 0 } },
	  { { 0, 2, 0, 0 }, { 4, 6, 0, 0 } }, 0, 0 },
	{ "a hole in a full set does not fit, and the set stays as it was",
	  { { ADD, 0, 6, 0, 0 }, { REMOVE, 2, 4, 0, 0 } }, { { 0, 6, 0, 0 } }, NB_ERR_FULL, 1 },
	{ "an end of a full set may go",
	  { { ADD, 0, 6, 0, 0 }, { REMOVE, 2, 6, 0, 0 } }, { { 0, 2, 0, 0 } }, 0, 1 },
};

static const struct row edits[] = {
	{ "a node in the middle makes three of one",
	  { { ADD, 0, 6, 0, 0 }, { NODE, 2, 4, 1, 0 } },
	  { { 0, 2, 0, 0 }, { 2, 4, 1, 0 }, { 4, 6, 0, 0 } }, 0, 0 },
	{ "holes stay holes",
	  { { ADD, 0, 2, 0, 0 }, { ADD, 4, 6, 0, 0 }, { NODE, 0, 9, 1, 0 } },
	  { { 0, 2, 1, 0 }, { 4, 6, 1, 0 } }, 0, 0 },
	{ "regions of one node merge again",
	  { { ADD, 0, 2, 0, 0 }, { ADD, 2, 4, 1, 0 }, { ADD, 4, 6, 0, 0 }, { NODE, 2, 4, 0, 0 } },
	  { { 0, 6, 0, 0 } }, 0, 0 },
	{ "a part merges with the region below",
	  { { ADD, 0, 2, 0, 0 }, { ADD, 2, 6, 1, 0 }, { NODE, 2, 4, 0, 0 } },
	  { { 0, 4, 0, 0 }, { 4, 6, 1, 0 } }, 0, 0 },
	{ "a part merges with the region above",
	  { { ADD, 0, 4, 0, 0 }, { ADD, 4, 6, 1, 0 }, { NODE, 2, 4, 1, 0 } },
	  { { 0, 2, 0, 0 }, { 2, 6, 1, 0 } }, 0, 0 },
	{ "the same node again cuts nothing",
	  { { ADD, 0, 6, 1, 0 }, { NODE, 2, 4, 1, 0 } }, { { 0, 6, 1, 0 } }, 0, 1 },
	{ "a cut and a merge in one go",
	  { { ADD, 0, 4, 0, 0 }, { ADD, 4, 6, 1, 0 }, { ADD, 6, 9, 2, 0 }, { NODE, 2, 7, 1, 0 } },
	  { { 0, 2, 0, 0 }, { 2, 7, 1, 0 }, { 7, 9, 2, 0 } }, 0, 0 },
	{ "a node for nothing changes nothing",
	  { { ADD, 0, 2, 0, 0 }, { ADD, 4, 6, 0, 0 }, { NODE, 2, 4, 1, 0 } },
	  { { 0, 2, 0, 0 }, { 4, 6, 0, 0 } }, 0, 0 },
	{ "flags are added to those that are there",
	  { { ADD, 0, 4, 0, 2 }, { SET_FLAGS, 0, 2, 0, 1 } },
	  { { 0, 2, 0, 3 }, { 2, 4, 0, 2 } }, 0, 0 },
	{ "only the named flags are cleared, and what is alike merges",
	  { { ADD, 0, 2, 0, 3 }, { ADD, 2, 4, 0, 2 }, { CLEAR_FLAGS, 0, 4, 0, 1 } },
	  { { 0, 4, 0, 2 } }, 0, 0 },
	{ "a full set refuses a cut, and stays as it was",
	  { { ADD, 0, 6, 0, 0 }, { ADD, 8, 9, 0, 0 }, { NODE, 2, 9, 1, 0 } },
	  { { 0, 6, 0, 0 }, { 8, 9, 0, 0 } }, NB_ERR_FULL, 2 },
	{ "a full set takes a border that moves",
	  { { ADD, 0, 6, 0, 0 }, { ADD, 6, 9, 1, 0 }, { NODE, 2, 6, 1, 0 } },
	  { { 0, 2, 0, 0 }, { 2, 9, 1, 0 } }, 0, 2 },
};
/* clang-format on */

static void test_add(void **state)
{
	(void)state;
	check_rows(adds, NB_COUNT(adds));
}

static void test_no_array(void **state)
{
	struct nb_regions none = { 0 };

	(void)state;
	check(nb_regions_add(&none, 0, 1, 0, 0) == NB_ERR_FULL, "a set without an array is full");
	check(none.count == 0, "a set without an array stays empty");
}

static void test_remove(void **state)
{
	(void)state;
	check_rows(removes, NB_COUNT(removes));
}

static void test_edit(void **state)
{
	(void)state;
	check_rows(edits, NB_COUNT(edits));
}

static void test_look(void **state)
{
	struct nb_region at[] = { { 2, 4, 0, 0 }, { 4, 6, 1, 0 }, { 8, 9, 0, 0 } };
	const struct nb_regions set = { .store = at, .count = 3, .cap = 3, .front = 3 };

	(void)state;
	check(nb_regions_find(&set, 1) == NULL, "below the first region is none");
	check(nb_regions_find(&set, 2) == &at[0], "a region holds its start");
	check(nb_regions_find(&set, 4) == &at[1], "an end belongs to the region above");
	check(nb_regions_find(&set, 6) == NULL, "an end may belong to none");
	check(nb_regions_find(&set, 8) == &at[2], "the last region is found");
	check(nb_regions_find(&set, UINT64_MAX) == NULL, "above the last region is none");
	check(nb_regions_first_above(&set, 0) == 0, "all regions end above 0");
	check(nb_regions_first_above(&set, 4) == 1, "a region does not end above its end");
	check(nb_regions_first_above(&set, 9) == 3, "past the end no region is left");
	check(nb_regions_overlap(&set, 5, 8), "one byte is enough to overlap");
	check(!nb_regions_overlap(&set, 6, 8), "a hole overlaps nothing");
	check(!nb_regions_overlap(&set, 5, 5), "an empty range overlaps nothing");
	check(nb_regions_size(&set) == 5, "the size leaves holes out");
}

/* Free slots stay where the last change was; who reads does not see them. */
static void test_middle(void **state)
{
	struct nb_region store[8];
	struct nb_regions set = { .store = store, .cap = NB_COUNT(store) };

	(void)state;
	for (nb_phys at = 0; at < 6; at++)
		check(nb_regions_add(&set, 10 * at, 10 * at + 4, 0, 0) == NB_OK, "six regions");
	check(nb_regions_remove(&set, 11, 12) == NB_OK, "the second is cut in two");
	check(set.front == 3 && set.count == 7, "so the free slot is behind its halves");
	check(nb_region_at(&set, 2)->start == 12 && nb_region_at(&set, 3)->start == 20 &&
		      nb_region_at(&set, 6)->end == 54,
	      "regions have their places on both sides of it");
	nb_regions_check(&set);
	nb_regions_cut(&set, 5);
	check(set.count == 5 && nb_region_at(&set, 4)->start == 30, "the first five are kept");
	nb_regions_cut(&set, 2);
	check(set.count == 2 && nb_region_at(&set, 1)->end == 11, "and of these two");
	nb_regions_check(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),    cmocka_unit_test(test_no_array),
		cmocka_unit_test(test_remove), cmocka_unit_test(test_edit),
		cmocka_unit_test(test_look),   cmocka_unit_test(test_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
