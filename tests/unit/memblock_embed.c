/* SPDX-License-Identifier: MIT */
/*
 * memblock_embed: memblock on its own, as an operating system uses it before
 * its allocators are up: two arrays of 8 regions, no kernel modelled.
 */
#include "check.h"

#include <numaboot/memblock.h>

enum { REGIONS = 8, PAGE = 4096 };

static struct nb_region memory[REGIONS], reserved[REGIONS];

/* 1 MiB of RAM from 1 MiB on; the system itself lies in the first 256 KiB of it. */
static struct nb_memblock a_machine(void)
{
	struct nb_memblock mb;

	nb_memblock_init(&mb, memory, reserved, REGIONS);
	check(nb_memblock_add(&mb, NB_MIB, 2 * NB_MIB, NB_NO_NODE, 0) == NB_OK, "memory is there");
	check(nb_memblock_reserve(&mb, NB_MIB, NB_MIB + 256 * NB_KIB) == NB_OK,
	      "the image is reserved");
	return mb;
}

static void test_until_no_memory(void **state)
{
	const struct nb_request page = { .size = PAGE, .align = PAGE, .nid = NB_NO_NODE };
	struct nb_memblock mb = a_machine();
	nb_phys at = 0, last = 2 * NB_MIB;
	unsigned pages = 0;
	enum nb_err err;

	(void)state;
	while ((err = nb_memblock_alloc(&mb, &page, &at)) == NB_OK) {
		check(at == last - PAGE, "pages come from the top down, one below the other");
		last = at;
		pages++;
		check(pages <= 192, "no page is given twice");
	}
	check(err == NB_ERR_MEMORY, "it ends when no memory is left");
	check(pages == 192, "all that was not the image has been given");
	check(mb.reserved.count == 1, "pages that touch are one region, however many they are");
	check(at == last, "a call that fails leaves the address as it was");
	check(nb_memblock_free(&mb, at, at + PAGE) == NB_OK, "a page is given back");
	check(nb_memblock_alloc(&mb, &page, &at) == NB_OK && at == last, "and given again");
}

static void test_until_full(void **state)
{
	/* Every other page, so that no two merge. */
	struct nb_request request = { .size = PAGE, .align = 2 * PAGE, .nid = NB_NO_NODE };
	struct nb_memblock mb = a_machine();
	nb_phys at = 0, last = 0;
	unsigned pages = 0;
	enum nb_err err;

	(void)state;
	while ((err = nb_memblock_alloc(&mb, &request, &at)) == NB_OK) {
		last = at;
		pages++;
		check(pages < REGIONS, "an array of 8 does not hold more");
	}
	check(err == NB_ERR_FULL, "it ends when the array is full");
	check(pages == REGIONS - 1, "one entry is the image's");
	check(at == last && mb.reserved.count == REGIONS, "the call that failed changed nothing");
	nb_regions_check(&mb.reserved);

	request.align = PAGE;
	request.min = last + PAGE;
	request.max = last + 2 * PAGE;
	check(nb_memblock_alloc(&mb, &request, &at) == NB_OK && at == last + PAGE,
	      "a piece that closes a gap still fits");
	check(mb.reserved.count == REGIONS - 1, "and makes two regions one");
	check(nb_memblock_free(&mb, at, at + 1) == NB_OK, "an end may be given back");
	check(nb_memblock_free(&mb, 5, 5) == NB_OK, "nothing may be given back");
}

static void test_split_when_full(void **state)
{
	struct nb_memblock mb;

	(void)state;
	nb_memblock_init(&mb, memory, reserved, 1);
	check(nb_memblock_add(&mb, 0, NB_MIB, 0, 0) == NB_OK, "one region of memory");
	check(nb_memblock_add(&mb, 2 * NB_MIB, 3 * NB_MIB, 0, 0) == NB_ERR_FULL, "no second");
	check(nb_memblock_remove(&mb, PAGE, 2 * PAGE) == NB_ERR_FULL, "no hole");
	check(nb_memblock_set_node(&mb, &mb.memory, 0, PAGE, 1) == NB_ERR_FULL,
	      "no part of a node");
	check(mb.memory.count == 1 && nb_region_at(&mb.memory, 0)->end == NB_MIB &&
		      nb_region_at(&mb.memory, 0)->nid == 0,
	      "it is as it was");
	check(mb.memory_size == NB_MIB, "and as large");
	check(nb_memblock_set_node(&mb, &mb.memory, 0, NB_MIB, 1) == NB_OK, "all of it may move");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_until_no_memory),
		cmocka_unit_test(test_until_full),
		cmocka_unit_test(test_split_when_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
