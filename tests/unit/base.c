/* SPDX-License-Identifier: MIT */
/* base: sets of nodes, the sort, the arena, bounded reads, rounding, words for errors. */
#include "check.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

static const struct row {
	const char *claim;
	int32_t member[4]; /* the set; -2 ends it */
	int32_t from, next, gap, last;
	uint32_t count;
} rows[] = {
	{ "an empty set has no member and no last", { -2 }, 0, NB_NO_NODE, 0, NB_NO_NODE, 0 },
	{ "a member is next to itself", { 5, -2 }, 5, 5, 6, 5, 1 },
	{ "a negative start begins at 0", { 0, 1, -2 }, -7, 0, 2, 1, 2 },
	{ "a search crosses words", { 63, 64, -2 }, 64, 64, 65, 64, 2 },
	{ "the last bit of a word counts", { 63, -2 }, 1, 63, 1, 63, 1 },
	{ "the highest node has no successor", { 1023, -2 }, 1023, 1023, NB_NO_NODE, 1023, 1 },
	{ "nothing is found above the highest node", { 1023, -2 }, 1024, -1, -1, 1023, 1 },
	{ "what is no node is not added", { -1, 1024, 70000, -2 }, 0, -1, 0, -1, 0 },
};

static void test_nodes(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct nb_nodes set = { 0 };

		for (const int32_t *nid = row->member; *nid != -2; nid++)
			nb_nodes_add(&set, *nid);
		check(nb_nodes_next(&set, row->from) == row->next, row->claim);
		check(nb_nodes_next_gap(&set, row->from) == row->gap, row->claim);
		check(nb_nodes_last(&set) == row->last, row->claim);
		check(nb_nodes_count(&set) == row->count, row->claim);
	}
}

static void test_nodes_random(void **state)
{
	const char *claim = "a set of bits is an array of flags";

	(void)state;
	srand(1);
	for (int run = 0; run < 200; run++) {
		static bool model[NB_MAX_NODES];
		struct nb_nodes set = { 0 };
		uint32_t count = 0;
		int32_t at = 0;

		memset(model, 0, sizeof(model));
		for (int step = rand() % 300; step > 0; step--) {
			int32_t nid = rand() % NB_MAX_NODES;

			model[nid] = rand() % 3 != 0;
			if (model[nid])
				nb_nodes_add(&set, nid);
			else
				nb_nodes_remove(&set, nid);
		}
		nb_for_each_node (nid, &set) {
			for (; at < nid; at++)
				check(!model[at] && !nb_nodes_has(&set, at), claim);
			check(model[nid] && nb_nodes_has(&set, nid), claim);
			at = nid + 1;
			count++;
		}
		for (; at < NB_MAX_NODES; at++)
			check(!model[at], claim);
		check(nb_nodes_count(&set) == count, claim);
	}
}

static uint64_t key(const void *of, uint32_t index)
{
	return ((const uint64_t *)of)[index];
}

static void test_sort(void **state)
{
	enum { MOST = 300 };
	const char *claim = "indices are ordered by key, equal keys by index";
	static uint64_t keys[MOST];
	static uint32_t at[MOST];

	(void)state;
	srand(2);
	for (int run = 0; run < 600; run++) {
		uint32_t count = (uint32_t)(rand() % MOST), spread = 1 + (uint32_t)(rand() % 400);

		for (uint32_t i = 0; i < count; i++) {
			keys[i] = run % 3 ? (uint64_t)rand() % spread : run % 2 ? i : MOST - i;
			at[i] = i;
		}
		for (uint32_t i = 1; i < count && run % 5 == 0; i++) { /* from any order */
			uint32_t other = (uint32_t)rand() % i, held = at[i];

			at[i] = at[other];
			at[other] = held;
		}
		nb_sort(at, count, key, keys);
		for (uint32_t i = 1; i < count; i++)
			check(keys[at[i - 1]] < keys[at[i]] ||
				      (keys[at[i - 1]] == keys[at[i]] && at[i - 1] < at[i]),
			      claim);
	}
}

static void test_arena(void **state)
{
	static const size_t sizes[][2] = { { 3, 1 }, { 0, 8 }, { 1, 17 }, { 7, 24 } };
	static _Alignas(16) uint8_t block[512];
	struct nb_arena counted = { 0 }, carved = { .block = block, .size = sizeof(block) };
	const uint8_t *end = block;

	(void)state;
	memset(block, 0xaa, sizeof(block));
	for (size_t i = 0; i < NB_COUNT(sizes); i++) {
		size_t bytes = sizes[i][0] * sizes[i][1];
		uint8_t *at = nb_arena_take(&carved, sizes[i][0], sizes[i][1]);

		check(!nb_arena_take(&counted, sizes[i][0], sizes[i][1]), "counting gives nothing");
		check(counted.used == carved.used, "what is counted is what is taken");
		check((uintptr_t)at % 16 == 0, "every array is aligned");
		check(at >= end, "no array overlaps the one before");
		for (size_t b = 0; b < bytes; b++)
			check(at[b] == 0, "every array is cleared");
		end = at + bytes;
	}
	check(block[carved.used] == 0xaa, "nothing beyond what was taken is touched");
}

static void test_bytes(void **state)
{
	static const uint8_t raw[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	const struct nb_bytes bytes = { .at = raw, .len = 9, .offset = 100 };
	struct nb_bytes slice;

	(void)state;
	check(nb_le64(bytes, 0) == 0x0807060504030201, "the first byte is the lowest");
	check(nb_le32(bytes, 7) == 0x0908, "a byte beyond the end reads as zero");
	check(nb_le16(bytes, 9) == 0 && nb_u8(bytes, SIZE_MAX) == 0, "all bytes beyond read so");

	slice = nb_slice(bytes, 2, 3);
	check(slice.len == 3 && nb_u8(slice, 0) == 3 && nb_u8(slice, 3) == 0,
	      "a slice hides what is behind it");
	check(slice.offset == 102, "a slice knows its place in the table");
	slice = nb_slice(bytes, 7, 100);
	check(slice.len == 2, "a slice ends where its bytes do");
	slice = nb_slice(bytes, 12, 1);
	check(slice.len == 0 && slice.offset == 109, "a slice beyond the end is empty, at the end");
}

static void test_numbers(void **state)
{
	const struct nb_range a = { 2, 5 }, b = { 5, 9 }, empty = { 7, 3 };

	(void)state;
	check(nb_align_up(4097, 4096) == 8192 && nb_align_up(4096, 4096) == 4096, "up");
	check(nb_align_down(4095, 4096) == 0, "down");
	check(nb_clamp(5, 6, 9) == 6 && nb_clamp(10, 6, 9) == 9 && nb_clamp(7, 6, 9) == 7, "clamp");
	check(nb_pfn_up(1) == 1 && nb_pfn_up(4096) == 1 && nb_pfn_down(8191) == 1, "whole pages");
	check(nb_pfn_up(UINT64_MAX) == (nb_pfn)1 << 52, "the last page of all does not wrap");
	check(!nb_ranges_overlap(a, b) && nb_ranges_overlap(a, (struct nb_range){ 4, 6 }),
	      "touching is no overlap");
	check(nb_range_size(a) == 3 && nb_range_size(empty) == 0, "a backward range is empty");
}

static void test_words(void **state)
{
	static const enum nb_err all[] = { NB_OK,         NB_ERR_FULL,     NB_ERR_MEMORY,
					   NB_ERR_LIMITS, NB_ERR_FIRMWARE, NB_ERR_DIES };

	(void)state;
	check(nb_api_version() == (uint32_t)(NB_API_MAJOR << 16 | NB_API_MINOR), "the version");
	for (size_t i = 0; i < NB_COUNT(all); i++) {
		check(*nb_err_text(all[i]), "every error has words");
		for (size_t k = 0; k < i; k++)
			check(strcmp(nb_err_text(all[i]), nb_err_text(all[k])), "its own ones");
	}
	check(!strcmp(nb_err_text((enum nb_err)77), "unknown error"), "so has what is none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes), cmocka_unit_test(test_nodes_random),
		cmocka_unit_test(test_sort),  cmocka_unit_test(test_arena),
		cmocka_unit_test(test_bytes), cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
