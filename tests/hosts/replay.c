/* SPDX-License-Identifier: MIT */
/* replay: small traces, what is followed, what differs, what is missing. */
#include "check.h"

#include "../../hosts/sources/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pool_exhausted(void)
{
	abort();
}

/* 16 MiB of RAM, of which the first is taken. */
#define START                                                                                      \
	"Linux version 6.12.0 (x)\n"                                                               \
	"MEMBLOCK configuration:\n"                                                                \
	" memory size = 0x1000000 reserved size = 0x100000\n"                                      \
	" memory.cnt  = 0x1\n"                                                                     \
	" memory[0x0]\t[0x0-0xffffff], 0x1000000 bytes flags: 0x0\n"                               \
	" reserved.cnt  = 0x1\n"                                                                   \
	" reserved[0x0]\t[0x0-0xfffff], 0x100000 bytes flags: 0x0\n"
#define REQUEST(bytes)                                                                             \
	"memblock_alloc_try_nid: " #bytes                                                          \
	" bytes align=0x1000 nid=-1 from=0x0 max_addr=0x0 f+0x1/0x2\n"
#define RESULT(start, last) "memblock_reserve: [" #start "-" #last "] alloc+0x1/0x2\n"
#define TAKEN(start, last) "memblock_reserve: [" #start "-" #last "] g+0x1/0x2\n"
#define FREED(start, last) "memblock_phys_free: [" #start "-" #last "] f+0x1/0x2\n"
#define DUMP(reserved_size, count, regions)                                                        \
	"MEMBLOCK configuration:\n"                                                                \
	" memory size = 0x1000000 reserved size = " #reserved_size "\n"                            \
	" memory.cnt  = 0x1\n"                                                                     \
	" memory[0x0]\t[0x0-0xffffff], 0x1000000 bytes flags: 0x0\n"                               \
	" reserved.cnt  = " #count "\n" regions
#define REGION(start, last, bytes)                                                                 \
	" reserved[0x0]\t[" #start "-" #last "], " #bytes " bytes flags: 0x0\n"
#define END "Memory: 14000K/16384K available\n"

static const struct row {
	const char *claim, *log;
	struct replay_counts want;
	enum replay_gap gap; /* the first */
	nb_phys left;        /* bytes that are reserved in the end */
} rows[] = {
	{ "a request gets what Linux gave",
	  START REQUEST(4096) RESULT(0xfff000, 0xffffff) END,
	  { .requests = 1, .replayed = 1 },
	  .left = 0x101000 },
	{ "a request that finds nothing has no result",
	  START REQUEST(33554432) REQUEST(4096) RESULT(0xfff000, 0xffffff) END,
	  { .requests = 2, .replayed = 2 },
	  .left = 0x101000 },
	{ "other lines may come between a request and its result",
	  START REQUEST(4096) "percpu: hello\n" RESULT(0xfff000, 0xffffff) END,
	  { .requests = 1, .replayed = 1 },
	  .left = 0x101000 },
	{ "a reservation that no stage makes is taken",
	  START TAKEN(0xfff000, 0xffffff) REQUEST(4096) RESULT(0xffe000, 0xffefff) END,
	  { .requests = 1, .replayed = 1, .unprinted = 1, .taken = 1 },
	  .left = 0x102000 },
	{ "what was freed is given again",
	  START TAKEN(0xfff000, 0xffffff) FREED(0xfff000, 0xffffff) REQUEST(4096)
		  RESULT(0xfff000, 0xffffff) END,
	  { .requests = 1, .replayed = 1, .unprinted = 1, .taken = 1, .frees = 1 },
	  .left = 0x101000 },
	{ "a free of nothing frees nothing",
	  START FREED(0x800000, 0x7fffff) END,
	  { .frees = 1, .frees_of_nothing = 1 },
	  .left = 0x100000 },
	{ "a dump is compared region by region",
	  START TAKEN(0x800000, 0x800fff)
		  DUMP(0x101000, 0x2,
		       REGION(0x0, 0xfffff, 0x100000) REGION(0x800000, 0x800fff, 0x1000)) END,
	  { .unprinted = 1, .taken = 1, .dumps = 1, .dumps_equal = 1 },
	  .left = 0x101000 },
	{ "a dump that shows something else differs, and is what Linux has",
	  START DUMP(0x101000, 0x2,
		     REGION(0x0, 0xfffff, 0x100000) REGION(0x800000, 0x800fff, 0x1000)) END,
	  { .dumps = 1, .differ = 1 },
	  .left = 0x101000 },
	{ "a result elsewhere tells of something that was taken",
	  START REQUEST(4096) RESULT(0xffe000, 0xffefff) REQUEST(4096) RESULT(0xffd000, 0xffdfff)
		  END,
	  { .requests = 2, .replayed = 1, .gaps = 1, .differ = 2 },
	  .gap = GAP_LOST_TAKE,
	  .left = 0x103000 },
	{ "a result where something lies tells of something that was freed",
	  START TAKEN(0xff0000, 0xffffff) REQUEST(4096) RESULT(0xfff000, 0xffffff) REQUEST(4096)
		  RESULT(0xffe000, 0xffefff) END,
	  { .requests = 2, .replayed = 1, .unprinted = 1, .taken = 1, .gaps = 1, .differ = 2 },
	  .gap = GAP_LOST_FREE,
	  .left = 0x102000 },
	{ "a request without its result is followed by what it gets here",
	  START REQUEST(4096) REQUEST(4096) RESULT(0xffe000, 0xffefff) END,
	  { .requests = 2, .replayed = 1, .gaps = 1, .differ = 1 },
	  .gap = GAP_LOST_TAKE,
	  .left = 0x102000 },
	{ "behind lost messages nothing is judged, up to the next dump",
	  START "** 3 printk messages dropped **\n" REQUEST(4096) RESULT(0x800000, 0x800fff) DUMP(
		  0x101000, 0x2, REGION(0x0, 0xfffff, 0x100000) REGION(0x800000, 0x800fff, 0x1000))
		  REQUEST(4096) RESULT(0xffe000, 0xffefff) END,
	  { .requests = 2, .dumps = 1, .unsure = 2, .gaps = 3, .differ = 2 },
	  .gap = GAP_TOLD,
	  .left = 0x103000 },
	{ "a line that is not whole is named",
	  START "memblock_reserve: [0x800000-0x80\n" END,
	  { .gaps = 1 },
	  .gap = GAP_DAMAGED,
	  .left = 0x100000 },
	{ "a dump that is not whole is not believed",
	  START "MEMBLOCK configuration:\n" TAKEN(0x800000, 0x800fff) END,
	  { .unprinted = 1, .taken = 1, .gaps = 1 },
	  .gap = GAP_DUMP,
	  .left = 0x101000 },
	{ "a log that ends in a request has lost its end",
	  START REQUEST(4096),
	  { .requests = 1, .gaps = 2 },
	  .gap = GAP_END,
	  .left = 0x101000 },
	{ "so has one that ends before the page allocator has its memory",
	  START REQUEST(4096) RESULT(0xfff000, 0xffffff) "Zone ranges:\n",
	  { .requests = 1, .replayed = 1, .gaps = 1 },
	  .gap = GAP_END,
	  .left = 0x101000 },
	{ "a log that begins in the middle has lost its start",
	  "MEMBLOCK configuration:\n"
	  " memory size = 0x1000000 reserved size = 0x1000\n"
	  " memory.cnt  = 0x1\n"
	  " memory[0x0]\t[0x0-0xffffff], 0x1000000 bytes flags: 0x0\n"
	  " reserved.cnt  = 0x1\n" REGION(0x0, 0xfff, 0x1000) END,
	  { .gaps = 1 },
	  .gap = GAP_START,
	  .left = 0x1000 },
};

static void check_counts(const struct replay_counts *got, const struct row *row)
{
	const struct replay_counts *want = &row->want;

	check(got->requests == want->requests && got->replayed == want->replayed, row->claim);
	check(got->unprinted == want->unprinted && got->taken == want->taken, row->claim);
	check(got->predicted == want->predicted && got->doublings == 0, row->claim);
	check(got->frees == want->frees && got->frees_of_nothing == want->frees_of_nothing,
	      row->claim);
	check(got->dumps == want->dumps && got->dumps_equal == want->dumps_equal, row->claim);
	check(got->gaps == want->gaps && got->unsure == want->unsure, row->claim);
	check(got->differ == want->differ, row->claim);
}

static enum replay_gap first_gap(const struct replay *replay)
{
	for (uint32_t i = 0; i < replay->entry_count; i++)
		if (replay->entries[i].what == REPLAY_GAP)
			return replay->entries[i].gap;
	return GAP_NONE;
}

static bool follow(struct replay *replay, const char *text, struct stage_steps *steps,
		   struct pool *pool)
{
	struct kernel kernel;
	struct boot_log log;

	kernel_of_release(&kernel, NULL);
	boot_log_read(&log, text_of(text), pool);
	return replay_log(replay, &log, &kernel, steps, pool);
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct row *row = rows; row < rows + NB_COUNT(rows); row++) {
		struct pool pool = { 0 };
		struct stage_steps none = { .count = 0 };
		struct replay replay;

		check(follow(&replay, row->log, &none, &pool), row->claim);
		check_counts(&replay.counts, row);
		check(first_gap(&replay) == row->gap, row->claim);
		check(nb_regions_size(&replay.mb.reserved) == row->left, row->claim);
		check(nb_regions_size(&replay.owners) == row->left, row->claim);
		pool_drop(&pool);
	}
}

static void test_no_dump(void **state)
{
	static const char *const logs[] = {
		"",
		"Linux version 6.12.0 (x)\n" REQUEST(4096) RESULT(0xfff000, 0xffffff) END,
		"MEMBLOCK configuration:\n memory size = 0x1000 reserved size = 0x0\n",
	};

	(void)state;
	for (size_t i = 0; i < NB_COUNT(logs); i++) {
		struct pool pool = { 0 };
		struct stage_steps none = { .count = 0 };
		struct replay replay;

		check(!follow(&replay, logs[i], &none, &pool),
		      "without a dump nothing is followed");
		pool_drop(&pool);
	}
}

/* The steps of a stage that takes a page, sets a node and takes another there. */
static void act(struct stage_steps *steps)
{
	static struct nb_region memory[64], reserved[64];
	const struct nb_request any = { .size = 4096, .align = 4096, .nid = NB_NO_NODE };
	const struct nb_request on_1 = { .size = 8192, .align = 4096, .nid = 1 };
	struct nb_memblock mb;
	nb_phys at;

	stage_steps_begin(steps);
	nb_memblock_init(&mb, memory, reserved, 64);
	mb.unset_node = NB_NO_NODE;
	mb.watch = &steps->watch;
	check(!nb_memblock_add(&mb, 0, 16 << 20, NB_NO_NODE, 0), "memory");
	check(!nb_memblock_reserve(&mb, 0, 1 << 20), "the first MiB");
	steps->sink.put(&steps->sink, &(struct nb_event){ .kind = NB_EV_MEMORY_FILLED });
	check(!nb_memblock_alloc(&mb, &any, &at), "a page");
	check(!nb_memblock_set_node(&mb, &mb.memory, 0, 8 << 20, 1), "a node");
	check(!nb_memblock_alloc(&mb, &on_1, &at), "two pages of the node");
	steps->sink.put(&steps->sink, &(struct nb_event){ .kind = NB_EV_NODE_DATA,
							  .nid = 1,
							  .range = { at, at + 8192 } });
}

static void test_stages(void **state)
{
	/* Linux takes one more page than the stage before the node is set. */
	static const char log[] = START RESULT(0xfff000, 0xffffff) TAKEN(0xffe000, 0xffefff)
		RESULT(0x7fe000, 0x7fffff) "memblock_alloc_try_nid: 4096 bytes align=0x1000 nid=1 "
					   "from=0x0 max_addr=0x0 f+0x1/0x2\n" RESULT(0x7fd000,
										      0x7fdfff) END;
	struct pool pool = { 0 };
	struct stage_steps steps;
	struct replay replay;
	const struct replay_entry *data;

	(void)state;
	act(&steps);
	check(steps.count == 5 && steps.filled == 2 && steps.has_filled,
	      "each step is written down");
	check(follow(&replay, log, &steps, &pool), "followed");
	check(replay.counts.unprinted == 3 && replay.counts.predicted == 2 &&
		      replay.counts.taken == 1,
	      "what a stage takes is predicted, at the place that it gets here");
	check(replay.counts.replayed == 1 && !replay.counts.differ,
	      "the node that the stage set is known to a request");
	data = &replay.entries[3];
	check(data->what == REPLAY_TOOK && data->of_nid == 1 &&
		      replay_purpose(&replay, data) == FOR_NODE_DATA,
	      "and what it was for");
	pool_drop(&pool);
	stage_steps_drop(&steps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_dump),
		cmocka_unit_test(test_stages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
