/* SPDX-License-Identifier: MIT */
/* memblock: rows of requests and where they go; then the kernel's own arrays. */
#include "check.h"

#include <numaboot/memblock.h>

enum { K = 1024, PAGE = 4096, ROOM = 512 };

static struct {
	struct nb_memblock mb;
	struct nb_region memory[ROOM], reserved[ROOM];
} t;

static void start(uint32_t cap)
{
	nb_memblock_init(&t.mb, t.memory, t.reserved, cap);
}

static void must(enum nb_err err, const char *claim)
{
	check(err == NB_OK, claim);
}

/* Two nodes of 64 KiB each with a hole of 64 KiB between them, then 64 KiB that
 * may be unplugged and 64 KiB that are mirrored, on node 1 too:
 * [64K, 128K) [192K, 256K) [256K, 320K) hotplug [384K, 448K) mirror. */
static void two_nodes(const char *claim)
{
	start(ROOM);
	must(nb_memblock_add(&t.mb, 64 * K, 128 * K, 0, 0), claim);
	must(nb_memblock_add(&t.mb, 192 * K, 256 * K, 1, 0), claim);
	must(nb_memblock_add(&t.mb, 256 * K, 320 * K, 1, NB_REGION_HOTPLUG), claim);
	must(nb_memblock_add(&t.mb, 384 * K, 448 * K, 1, NB_REGION_MIRROR), claim);
}

enum { NONE = -1 };

static const struct find_row {
	const char *claim;
	struct nb_request request;
	struct nb_range taken[3]; /* in KiB */
	int down_kib, up_kib;     /* where it lies, or NONE */
	nb_phys limit;
} finds[] = {
	{ .claim = "the highest fit top-down, the lowest bottom-up",
	  .request = { .size = 4 * K, .align = 1, .nid = NB_NO_NODE },
	  .down_kib = 444,
	  .up_kib = 64 },
	{ .claim = "reservations are stepped over",
	  .request = { .size = 4 * K, .align = 1, .nid = NB_NO_NODE },
	  .taken = { { 64, 70 }, { 440, 448 } },
	  .down_kib = 436,
	  .up_kib = 70 },
	{ .claim = "a reservation may reach beyond the region at either end",
	  .request = { .size = 4 * K, .align = 1, .nid = NB_NO_NODE },
	  .taken = { { 0, 100 }, { 300, 500 } },
	  .down_kib = 296,
	  .up_kib = 100 },
	{ .claim = "a gap that is too small is stepped over",
	  .request = { .size = 8 * K, .align = 1, .nid = NB_NO_NODE },
	  .taken = { { 68, 72 }, { 440, 444 } },
	  .down_kib = 432,
	  .up_kib = 72 },
	{ .claim = "the alignment is kept",
	  .request = { .size = 4 * K, .align = 16 * K, .nid = NB_NO_NODE },
	  .taken = { { 64, 65 }, { 447, 448 } },
	  .down_kib = 432,
	  .up_kib = 80 },
	{ .claim = "the node is kept",
	  .request = { .size = 4 * K, .align = 1, .nid = 0 },
	  .down_kib = 124,
	  .up_kib = 64 },
	{ .claim = "a piece lies inside one region: touching regions do not help",
	  .request = { .size = 65 * K, .align = 1, .nid = NB_NO_NODE },
	  .down_kib = NONE,
	  .up_kib = NONE },
	{ .claim = "a whole region may be taken",
	  .request = { .size = 64 * K, .align = 64 * K, .nid = NB_NO_NODE },
	  .down_kib = 384,
	  .up_kib = 64 },
	{ .claim = "a node that does not exist has nothing",
	  .request = { .size = 1, .align = 1, .nid = 7 },
	  .down_kib = NONE,
	  .up_kib = NONE },
	{ .claim = "both ends of a window are kept",
	  .request = { .size = 4 * K,
		       .align = 1,
		       .nid = NB_NO_NODE,
		       .min = 100 * K,
		       .max = 110 * K },
	  .down_kib = 106,
	  .up_kib = 100 },
	{ .claim = "an empty window has nothing",
	  .request = { .size = 1, .align = 1, .nid = NB_NO_NODE, .min = 110 * K, .max = 110 * K },
	  .down_kib = NONE,
	  .up_kib = NONE },
	{ .claim = "without an end of its own a request stays below the limit",
	  .request = { .size = 4 * K, .align = 1, .nid = NB_NO_NODE },
	  .limit = 228 * K,
	  .down_kib = 224,
	  .up_kib = 64 },
	{ .claim = "with an end of its own it may go beyond the limit",
	  .request = { .size = 4 * K, .align = 1, .nid = NB_NO_NODE, .max = 448 * K },
	  .limit = 228 * K,
	  .down_kib = 444,
	  .up_kib = 64 },
	{ .claim = "hot-pluggable regions are passed over on request",
	  .request = { .size = 4 * K,
		       .align = 1,
		       .nid = NB_NO_NODE,
		       .skip_hotplug = true,
		       .min = 256 * K,
		       .max = 380 * K },
	  .down_kib = NONE,
	  .up_kib = NONE },
	{ .claim = "and not passed over without",
	  .request = { .size = 4 * K,
		       .align = 1,
		       .nid = NB_NO_NODE,
		       .min = 256 * K,
		       .max = 380 * K },
	  .down_kib = 316,
	  .up_kib = 256 },
	{ .claim = "mirrored memory is found by its flag",
	  .request = { .size = 4 * K, .align = 1, .nid = NB_NO_NODE, .flags = NB_REGION_MIRROR },
	  .down_kib = 444,
	  .up_kib = 384 },
};

static void test_find(void **state)
{
	(void)state;
	for (const struct find_row *row = finds; row < finds + NB_COUNT(finds); row++) {
		two_nodes(row->claim);
		t.mb.limit = row->limit ? row->limit : UINT64_MAX;
		for (const struct nb_range *r = row->taken; r->end; r++)
			must(nb_memblock_reserve(&t.mb, r->start * K, r->end * K), row->claim);
		for (int up = 0; up < 2; up++) {
			int want = up ? row->up_kib : row->down_kib;
			nb_phys at = 1;

			t.mb.bottom_up = up;
			check(nb_memblock_find(&t.mb, &row->request, &at) ==
				      (want == NONE ? NB_ERR_MEMORY : NB_OK),
			      row->claim);
			check(at == (want == NONE ? 1 : (nb_phys)want * K), row->claim);
		}
	}
}

static void test_first_page(void **state)
{
	const struct nb_request request = { .size = PAGE, .align = 1, .nid = NB_NO_NODE };
	nb_phys at = 0;

	(void)state;
	start(ROOM);
	must(nb_memblock_add(&t.mb, 0, 2 * PAGE, 0, 0), "two pages are there");
	must(nb_memblock_alloc(&t.mb, &request, &at), "one of them is given");
	check(at == PAGE, "it is not the first");
	check(nb_memblock_alloc(&t.mb, &request, &at) == NB_ERR_MEMORY, "the first never is");
	check(at == PAGE, "a failed call leaves the address as it was");
}

static void test_give_up(void **state)
{
	struct nb_request request = { .size = 4 * K, .align = 1, .nid = 0 };
	nb_phys at;

	(void)state;
	two_nodes("two nodes");
	must(nb_memblock_reserve(&t.mb, 64 * K, 128 * K), "node 0 is full");
	request.exact_nid = true;
	check(nb_memblock_alloc(&t.mb, &request, &at) == NB_ERR_MEMORY,
	      "an exact node is not given up");
	request.exact_nid = false;
	must(nb_memblock_alloc(&t.mb, &request, &at), "a node is given up");
	check(at == 444 * K, "then any node will do");

	request.nid = 1;
	request.max = 256 * K;
	request.flags = NB_REGION_MIRROR;
	must(nb_memblock_alloc(&t.mb, &request, &at), "the mirror is given up");
	check(at == 252 * K, "then memory without a mirror will do");

	two_nodes("two nodes");
	request = (struct nb_request){ .size = 4 * K, .align = 1, .nid = 0 };
	t.mb.prefer_mirror = true;
	must(nb_memblock_alloc(&t.mb, &request, &at), "a mirror is preferred to the node");
	check(at == 444 * K, "the mirrored region is on another node");

	two_nodes("two nodes");
	t.mb.skip_hotplug = true;
	request.nid = 1;
	request.min = 256 * K;
	request.max = 380 * K;
	check(nb_memblock_alloc(&t.mb, &request, &at) == NB_ERR_MEMORY,
	      "with movable_node no request needs to say that it passes over hotplug");

	two_nodes("two nodes");
	request = (struct nb_request){ .size = 96 * K, .align = 1, .min = 300 * K, .nid = 1 };
	check(nb_memblock_alloc(&t.mb, &request, &at) == NB_ERR_MEMORY, "no region has so much");
	request.size = 64 * K;
	must(nb_memblock_alloc(&t.mb, &request, &at), "the last region is above min");
	check(nb_memblock_alloc(&t.mb, &request, &at) == NB_ERR_MEMORY, "min is kept");
	request.gives_up_min = true;
	must(nb_memblock_alloc(&t.mb, &request, &at), "min is given up by who says so");
	check(at == 256 * K, "below min the node is tried again");
}

/* Writes down what it is told of. */
struct notes {
	struct nb_memblock_watch watch; /* first: memblock's way back here */
	struct nb_memblock_step step[8];
	nb_phys reserved[8]; /* bytes, as they were when it was told */
	uint32_t count;
};

static void note(struct nb_memblock_watch *self, const struct nb_memblock *mb,
		 const struct nb_memblock_step *step)
{
	struct notes *notes = (struct notes *)self;

	check(notes->count < NB_COUNT(notes->step), "no more steps are told than were taken");
	notes->reserved[notes->count] = nb_regions_size(&mb->reserved);
	notes->step[notes->count++] = *step;
}

static void test_watch(void **state)
{
	const struct nb_request request = { .size = 4 * K, .align = 1, .nid = 0 };
	const struct nb_request too_much = { .size = 400 * K, .align = 1, .nid = NB_NO_NODE };
	static const enum nb_memblock_op ops[] = { NB_OP_ADD,   NB_OP_RESERVE,  NB_OP_ALLOC,
						   NB_OP_ALLOC, NB_OP_SET_NODE, NB_OP_SET_FLAGS,
						   NB_OP_FREE,  NB_OP_REMOVE };
	static const int reserved_kib[] = { 0, 4, 8, 8, 8, 8, 4, 4 };
	struct notes notes = { .watch.told = note };
	nb_phys at;

	(void)state;
	start(ROOM);
	t.mb.watch = &notes.watch;
	must(nb_memblock_add(&t.mb, 64 * K, 128 * K, 0, 0), "memory is there");
	must(nb_memblock_reserve(&t.mb, 64 * K, 68 * K), "a reservation");
	must(nb_memblock_alloc(&t.mb, &request, &at), "a request");
	check(nb_memblock_alloc(&t.mb, &too_much, &at) == NB_ERR_MEMORY, "one that fails");
	must(nb_memblock_set_node(&t.mb, &t.mb.reserved, 0, UINT64_MAX, 1), "a node");
	must(nb_memblock_set_flags(&t.mb, &t.mb.memory, (struct nb_range){ 0, UINT64_MAX },
				   NB_REGION_MIRROR, true),
	     "a flag");
	must(nb_memblock_free(&t.mb, 64 * K, 68 * K), "freed");
	must(nb_memblock_remove(&t.mb, 64 * K, 68 * K), "removed");
	check(notes.count == NB_COUNT(ops), "each step is told, once");
	for (size_t i = 0; i < NB_COUNT(ops); i++) {
		check(notes.step[i].op == ops[i], "in its order");
		check(notes.reserved[i] == (nb_phys)reserved_kib[i] * K, "after it was taken");
	}
	check(notes.step[2].range.start == at && notes.step[2].range.end == at + 4 * K,
	      "with what was found");
	check(notes.step[3].err == NB_ERR_MEMORY && notes.step[3].range.end == 0,
	      "or that nothing was");
	check(notes.step[4].of_reserved && !notes.step[5].of_reserved, "and in which set");
}

static void test_by_name_only(void **state)
{
	static const uint32_t flags[] = { NB_REGION_NOMAP, NB_REGION_DRIVER_MANAGED };

	(void)state;
	for (size_t i = 0; i < NB_COUNT(flags); i++) {
		struct nb_request request = { .size = K, .align = 1, .nid = NB_NO_NODE };
		nb_phys at;

		start(ROOM);
		must(nb_memblock_add(&t.mb, 64 * K, 128 * K, 0, flags[i]), "memory is there");
		check(nb_memblock_find(&t.mb, &request, &at) == NB_ERR_MEMORY,
		      "memory with this flag is not for all");
		request.flags = flags[i];
		must(nb_memblock_find(&t.mb, &request, &at), "those who name the flag find it");
	}
}

static void test_trim(void **state)
{
	(void)state;
	start(ROOM);
	must(nb_memblock_add(&t.mb, 100, 3 * PAGE + 5, 0, 0), "both ends lie inside pages");
	must(nb_memblock_add(&t.mb, 4 * PAGE + 1, 5 * PAGE + 7, 0, 0), "no whole page");
	must(nb_memblock_add(&t.mb, 6 * PAGE, 7 * PAGE, 0, 0), "one whole page");
	must(nb_memblock_add(&t.mb, UINT64_MAX - 9, UINT64_MAX, 0, 0), "the last page, in part");
	nb_memblock_trim(&t.mb, PAGE);
	nb_regions_check(&t.mb.memory);
	check(t.mb.memory.count == 2, "regions of less than a page vanish");
	check(nb_region_at(&t.mb.memory, 0)->start == PAGE &&
		      nb_region_at(&t.mb.memory, 0)->end == 3 * PAGE,
	      "ends are cut");
	check(nb_region_at(&t.mb.memory, 1)->start == 6 * PAGE &&
		      nb_region_at(&t.mb.memory, 1)->end == 7 * PAGE,
	      "whole pages stay");
	check(t.mb.memory_size == 3 * PAGE + 5 - 100 + PAGE,
	      "the size keeps bytes cut from a region, but not those of one that vanished");
	must(nb_memblock_remove(&t.mb, 0, 4 * PAGE), "memory goes");
	check(t.mb.memory_size == PAGE + PAGE + 5 - 100, "the cut bytes are still counted");
	must(nb_memblock_remove(&t.mb, 6 * PAGE, 7 * PAGE), "all of it");
	must(nb_memblock_add(&t.mb, 0, PAGE, 0, 0), "new memory comes");
	check(t.mb.memory_size == PAGE, "the first region of an empty set counts anew");
}

static void test_walks(void **state)
{
	struct nb_free_walk walk = { .mb = &t.mb, .nid = 1 };
	struct nb_page_walk pages = { .memory = &t.mb.memory, .nid = NB_NO_NODE };
	struct nb_range range;
	int32_t nid;

	(void)state;
	two_nodes("two nodes");
	must(nb_memblock_reserve(&t.mb, 200 * K, 208 * K), "a reservation inside");
	must(nb_memblock_reserve(&t.mb, 310 * K, 390 * K), "a reservation over two regions");
	check(nb_free_next(&walk, &range, &nid) && range.start == 192 * K && range.end == 200 * K &&
		      nid == 1,
	      "free memory ends where a reservation begins");
	check(nb_free_next(&walk, &range, &nid) && range.start == 208 * K && range.end == 256 * K,
	      "and goes on after it, up to the region's end");
	check(nb_free_next(&walk, &range, &nid) && range.start == 256 * K && range.end == 310 * K,
	      "the next region is a range of its own");
	check(nb_free_next(&walk, &range, NULL) && range.start == 390 * K && range.end == 448 * K,
	      "a reservation may cover the start of a region");
	check(!nb_free_next(&walk, &range, &nid), "there is no more");

	must(nb_memblock_add(&t.mb, 500 * K + 1, 508 * K - 1, 2, 0), "one page in two pieces");
	check(nb_page_next(&pages, &range, &nid) && range.start == 16 && range.end == 32 &&
		      nid == 0,
	      "pages of node 0");
	check(nb_page_next(&pages, &range, &nid) && range.start == 48, "pages of node 1");
	check(nb_page_next(&pages, &range, &nid) && range.start == 64, "hot-pluggable pages");
	check(nb_page_next(&pages, &range, &nid) && range.start == 96, "mirrored pages");
	check(!nb_page_next(&pages, &range, &nid), "less than a page is no page");
	check(nb_memblock_node(&t.mb, 16) == 0 && nb_memblock_node(&t.mb, 63) == 1,
	      "a page has its region's node");
	check(nb_memblock_node(&t.mb, 32) == NB_NO_NODE, "a hole has none");
	check(nb_memblock_node(&t.mb, UINT64_MAX) == NB_NO_NODE, "nor has what no address reaches");
	check(nb_memblock_pages(&t.mb, 0, UINT64_MAX) == 64,
	      "holes and partial pages do not count");
	check(nb_memblock_pages(&t.mb, 20, 50) == 12 + 2, "only pages inside count");
	check(nb_memblock_pages(&t.mb, 32, 48) == 0, "a hole has no pages");
	check(nb_memblock_pages(&t.mb, 50, 50) == 0, "an empty range has no pages");
}

/* RAM from 1 MiB to 2 MiB, arrays of 128, and 128 reserved pages with a page
 * between them from `first` on. */
static void full_of_reserved(nb_phys first, const char *claim)
{
	start(ROOM);
	must(nb_memblock_add(&t.mb, NB_MIB, 4 * NB_MIB, 0, 0), claim);
	t.mb.memory_slots = t.mb.reserved_slots = 128;
	t.mb.may_double = true;
	for (nb_phys i = 0; i < 128; i++)
		must(nb_memblock_reserve(&t.mb, first + 2 * i * PAGE, first + (2 * i + 1) * PAGE),
		     claim);
	check(t.mb.doubled_count == 0, claim);
}

static const struct doubling_row {
	const char *claim;
	nb_phys first, reserve; /* the 128, then one more page */
	nb_phys bytes;          /* of it */
	nb_phys limit;
	bool bottom_up;
	enum nb_err err;
	nb_phys storage; /* of the array of 256, which takes two pages; 0: not doubled */
} doublings[] = {
	{ "the new array lies at the top", NB_MIB, 3 * NB_MIB, PAGE, 0, false, NB_OK,
	  4 * NB_MIB - 2 * PAGE },
	{ "it keeps clear of the range that is about to be reserved", NB_MIB, 4 * NB_MIB - PAGE,
	  PAGE, 0, false, NB_OK, 4 * NB_MIB - 3 * PAGE },
	{ "it lies above that range if there is room, even when searching upwards", NB_MIB,
	  3 * NB_MIB, PAGE, 0, true, NB_OK, 3 * NB_MIB + PAGE },
	{ "else below, as high as can be", NB_MIB, 3 * NB_MIB, PAGE, 3 * NB_MIB + PAGE, false,
	  NB_OK, 3 * NB_MIB - 2 * PAGE },
	{ "it lies below the limit", NB_MIB, NB_MIB + PAGE, 1, 3 * NB_MIB, false, NB_OK,
	  3 * NB_MIB - 2 * PAGE },
	{ "where no two pages are left the request is lost", NB_MIB, NB_MIB + PAGE, 1,
	  NB_MIB + 255 * PAGE, false, NB_ERR_MEMORY, 0 },
	{ "a range that is covered needs no region", NB_MIB, NB_MIB, PAGE, NB_MIB, false, NB_OK,
	  0 },
	{ "a range that will merge needs one all the same, before it does", NB_MIB, NB_MIB + PAGE,
	  PAGE, 0, false, NB_OK, 4 * NB_MIB - 2 * PAGE },
};

static void test_doubling(void **state)
{
	(void)state;
	for (const struct doubling_row *row = doublings; row < doublings + NB_COUNT(doublings);
	     row++) {
		full_of_reserved(row->first, row->claim);
		if (row->limit)
			t.mb.limit = row->limit;
		t.mb.bottom_up = row->bottom_up;
		check(nb_memblock_reserve(&t.mb, row->reserve, row->reserve + row->bytes) ==
			      row->err,
		      row->claim);
		nb_regions_check(&t.mb.reserved);
		check(nb_regions_overlap(&t.mb.reserved, row->reserve, row->reserve + row->bytes) ==
			      (row->err == NB_OK),
		      row->claim);
		check(t.mb.doubled_count == (row->storage != 0), row->claim);
		check(t.mb.reserved_slots == (row->storage ? 256 : 128), row->claim);
		if (!row->storage)
			continue;
		check(t.mb.doubled[0].of_reserved && t.mb.doubled[0].regions == 256, row->claim);
		check(t.mb.doubled[0].storage.start == row->storage, row->claim);
		check(t.mb.doubled[0].storage.end == row->storage + 2 * PAGE, row->claim);
		check(nb_regions_find(&t.mb.reserved, row->storage) != NULL, row->claim);
	}
}

static void test_doubled_again(void **state)
{
	nb_phys old = 4 * NB_MIB - 2 * PAGE;

	(void)state;
	full_of_reserved(NB_MIB, "128 reservations");
	for (nb_phys i = 128; i < 255; i++)
		must(nb_memblock_reserve(&t.mb, NB_MIB + 2 * i * PAGE, NB_MIB + (2 * i + 1) * PAGE),
		     "the array of 256 fills up");
	check(t.mb.doubled_count == 1 && t.mb.reserved.count == 256, "it is full now");
	must(nb_memblock_free(&t.mb, NB_MIB + PAGE, NB_MIB + PAGE + 1), "nothing is given back");
	check(t.mb.doubled_count == 2 && t.mb.reserved_slots == 512,
	      "giving back asks for two regions, cut or not");
	check(t.mb.doubled[1].storage.start == old - 3 * PAGE, "an array of 512 takes three pages");
	check(nb_regions_find(&t.mb.reserved, old) == NULL, "the old array is given back");
}

static void test_memory_doubled(void **state)
{
	nb_phys top = 64 * NB_MIB;

	(void)state;
	start(ROOM);
	t.mb.memory_slots = t.mb.reserved_slots = 128;
	for (nb_phys i = 0; i < 128; i++)
		must(nb_memblock_add(&t.mb, top + 2 * i * NB_MIB, top + (2 * i + 1) * NB_MIB, 0, 0),
		     "128 pieces of memory");
	check(nb_memblock_add(&t.mb, NB_MIB, 2 * NB_MIB, 0, 0) == NB_ERR_DIES,
	      "before the array may be doubled the kernel dies");
	check(t.mb.memory.count == 128, "and the set is as it was");
	t.mb.may_double = true;
	t.mb.limit = top + NB_MIB;
	must(nb_memblock_add(&t.mb, NB_MIB, 2 * NB_MIB, 0, 0), "then it is doubled");
	check(t.mb.memory_slots == 256 && !t.mb.doubled[0].of_reserved, "the memory array is");
	check(t.mb.doubled[0].storage.start == top + NB_MIB - 2 * PAGE, "below the limit");
	check(t.mb.reserved.count == 1, "and takes its piece of memory");

	t.mb.memory_slots = 129;
	t.mb.limit = NB_MIB;
	check(nb_memblock_set_node(&t.mb, &t.mb.memory, 0, UINT64_MAX, 1) == NB_ERR_MEMORY,
	      "a node cannot be set when two more regions have no room");
	check(nb_region_at(&t.mb.memory, 0)->nid == 0, "so it is not");
	t.mb.limit = UINT64_MAX;
	must(nb_memblock_set_node(&t.mb, &t.mb.memory, 0, UINT64_MAX, 1), "with room it can");
	check(nb_region_at(&t.mb.memory, 0)->nid == 1 && nb_region_at(&t.mb.memory, 128)->nid == 1,
	      "and is");
}

static void test_unset_node(void **state)
{
	(void)state;
	start(ROOM);
	must(nb_memblock_reserve(&t.mb, 0, PAGE), "a reservation");
	must(nb_memblock_set_node(&t.mb, &t.mb.reserved, 0, UINT64_MAX, NB_NO_NODE),
	     "NUMA takes the nodes of reservations away");
	must(nb_memblock_reserve(&t.mb, PAGE, 2 * PAGE), "one more that touches it");
	check(t.mb.reserved.count == 2, "they stay two");
	must(nb_memblock_reserve(&t.mb, 2 * PAGE, 3 * PAGE), "a third");
	check(t.mb.reserved.count == 2, "it joins the second, which never had a node either");
}

/* Searching upwards as old kernels do: above an address, else downwards. */
static void test_upwards_from(void **state)
{
	static const struct {
		const char *claim;
		nb_phys from, max;
		bool takes_hotplug;
		nb_phys at;
	} rows[] = {
		{ "the lowest fit above where the search begins", 200 * K, 0, false, 200 * K },
		{ "hot-pluggable memory is passed over", 256 * K, 0, false, 384 * K },
		{ "unless a search upwards takes it", 256 * K, 0, true, 256 * K },
		{ "where nothing above fits, the highest below", 446 * K, 0, false, 444 * K },
		{ "hot-pluggable memory is passed over there all the same", 440 * K, 330 * K, true,
		  252 * K },
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(rows); i++) {
		const struct nb_request request = {
			.size = 4 * K, .align = 1, .nid = NB_NO_NODE, .max = rows[i].max
		};
		nb_phys at;

		two_nodes(rows[i].claim);
		t.mb.bottom_up = t.mb.skip_hotplug = true;
		t.mb.upwards_from = rows[i].from;
		t.mb.upwards_takes_hotplug = rows[i].takes_hotplug;
		must(nb_memblock_find(&t.mb, &request, &at), rows[i].claim);
		check(at == rows[i].at, rows[i].claim);
	}
}

/* What the kernel takes is marked, and is of the node that it was asked for. */
static void test_marks(void **state)
{
	struct nb_request request = { .size = 4 * K, .align = 4 * K, .nid = 0 };
	nb_phys at;

	(void)state;
	two_nodes("two nodes");
	t.mb.marks_kernel = true;
	t.mb.unset_node = NB_NO_NODE;
	must(nb_memblock_alloc(&t.mb, &request, &at), "a piece of node 0");
	must(nb_memblock_reserve(&t.mb, 120 * K, 124 * K), "a reservation beside it");
	check(t.mb.reserved.count == 2 && nb_region_at(&t.mb.reserved, 1)->nid == 0 &&
		      nb_region_at(&t.mb.reserved, 1)->flags == NB_REGION_KERNEL,
	      "what was allocated is marked, and on the node");
	check(nb_region_at(&t.mb.reserved, 0)->flags == 0 &&
		      nb_region_at(&t.mb.reserved, 0)->nid == NB_NO_NODE,
	      "the other is not");
	request.size = 60 * K;
	must(nb_memblock_alloc(&t.mb, &request, &at), "a piece that node 0 has no room for");
	check(nb_regions_find(&t.mb.reserved, at)->nid == NB_NO_NODE, "is of no node");
	must(nb_memblock_take(&t.mb, 116 * K, 120 * K), "the kernel may take a place by itself");
	check(t.mb.reserved.count == 4 &&
		      nb_region_at(&t.mb.reserved, 0)->flags == NB_REGION_KERNEL,
	      "which is marked too");
}

static void test_full(void **state)
{
	(void)state;
	start(140);
	must(nb_memblock_add(&t.mb, NB_MIB, 4 * NB_MIB, 0, 0), "memory");
	t.mb.memory_slots = t.mb.reserved_slots = 128;
	t.mb.may_double = true;
	for (nb_phys i = 0; i < 128; i++)
		must(nb_memblock_reserve(&t.mb, NB_MIB + 2 * i * PAGE, NB_MIB + (2 * i + 1) * PAGE),
		     "128 reservations");
	must(nb_memblock_reserve(&t.mb, 3 * NB_MIB, 3 * NB_MIB + PAGE), "one doubling fits");
	t.mb.reserved_slots = t.mb.reserved.count;
	for (nb_phys i = t.mb.reserved.count; i < 136; i++) {
		t.mb.reserved_slots++;
		must(nb_memblock_reserve(&t.mb, NB_MIB + 2 * i * PAGE, NB_MIB + (2 * i + 1) * PAGE),
		     "more reservations");
	}
	check(nb_memblock_reserve(&t.mb, 2 * NB_MIB + PAGE, 2 * NB_MIB + PAGE + 1) == NB_ERR_FULL,
	      "what a doubling may need is kept back in the caller's array");
	check(t.mb.doubled_count == 1 && t.mb.reserved.count == 136, "nothing is half done");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),           cmocka_unit_test(test_first_page),
		cmocka_unit_test(test_give_up),        cmocka_unit_test(test_by_name_only),
		cmocka_unit_test(test_trim),           cmocka_unit_test(test_walks),
		cmocka_unit_test(test_doubling),       cmocka_unit_test(test_doubled_again),
		cmocka_unit_test(test_memory_doubled), cmocka_unit_test(test_unset_node),
		cmocka_unit_test(test_upwards_from),   cmocka_unit_test(test_marks),
		cmocka_unit_test(test_full),           cmocka_unit_test(test_watch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
