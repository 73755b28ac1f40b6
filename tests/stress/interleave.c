/* SPDX-License-Identifier: MIT */
/*
 * interleave: page frames (src/mem/frames.c) under tasks that one thread switches
 * between, at random, before any of their atomic operations: so that what a
 * second CPU does may fall between any two steps of the first, which real threads
 * rarely manage. There is little memory, far apart, so that hints go on and off all
 * the time. Between rounds no task is in a call: then the frames that nobody owns
 * are free, and hints lead to all of them. The seed is fixed.
 *
 *     interleave [ROUNDS]
 */
#define _XOPEN_SOURCE 700

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

static void may_switch(void);

#undef atomic_load
#undef atomic_fetch_or
#undef atomic_fetch_and
#undef atomic_compare_exchange_strong
#define atomic_load(at) (may_switch(), atomic_load_explicit(at, memory_order_seq_cst))
#define atomic_fetch_or(at, bits)                                                                  \
	(may_switch(), atomic_fetch_or_explicit(at, bits, memory_order_seq_cst))
#define atomic_fetch_and(at, bits)                                                                 \
	(may_switch(), atomic_fetch_and_explicit(at, bits, memory_order_seq_cst))
#define atomic_compare_exchange_strong(at, old, new)                                               \
	(may_switch(), atomic_compare_exchange_strong_explicit(at, old, new, memory_order_seq_cst, \
							       memory_order_seq_cst))

#include "mem/frames.c"

enum {
	TASKS = 3,
	OPERATIONS = 4, /* of a task in a round */
	LIVE = 24,      /* of a task */
	CHUNKS = 130,   /* more than one group of hints */
	STACK = 64 << 10,
};

/* What is given: a block, single words, parts of words, in three groups of chunks. */
static const struct {
	uint64_t from, to;
} given[] = {
	{ 0, 512 + 64 },
	{ 1 * 4096 + 100, 1 * 4096 + 103 },
	{ 70 * 4096 + 64, 70 * 4096 + 128 },
	{ 129 * 4096 + 10, 129 * 4096 + 20 },
	{ 129 * 4096 + 128, 129 * 4096 + 256 },
};

static struct {
	struct nb_frames frames;
	bool owned[CHUNKS * NB_CHUNK_FRAMES];
	uint64_t owned_count, random;
	ucontext_t between, context[TASKS];
	_Alignas(16) uint8_t stack[TASKS][STACK];
	int running; /* -1: none */
	bool done[TASKS];
	uint32_t left; /* tasks of the round that are not done */
	struct piece {
		uint64_t frame, mask; /* frames of one word, or mask 0: a block */
		uint32_t order;
	} live[TASKS][LIVE];
	uint32_t count[TASKS];
	uint64_t taken, refused;
} t = { .random = 88172645463325252, .running = -1 };

void nb_assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "interleave: %s:%d: assertion failed: %s\n", file, line, what);
	exit(EXIT_FAILURE);
}

static uint32_t pick(uint32_t below)
{
	t.random ^= t.random << 13;
	t.random ^= t.random >> 7;
	t.random ^= t.random << 17;
	return (uint32_t)(t.random >> 33) % below;
}

static void may_switch(void)
{
	if (t.running >= 0 && pick(3) == 0)
		swapcontext(&t.context[t.running], &t.between);
}

static void own(uint64_t frame, bool owned)
{
	if (t.owned[frame] == owned) {
		fprintf(stderr, "interleave: frame %llu has %s\n", (unsigned long long)frame,
			owned ? "two owners" : "no owner");
		exit(EXIT_FAILURE);
	}
	t.owned[frame] = owned;
	t.owned_count += owned ? 1 : (uint64_t)-1;
}

static void own_piece(const struct piece *piece, bool owned)
{
	for (uint64_t i = 0; piece->mask && i < 64; i++)
		if (piece->mask & bit(i))
			own(piece->frame + i, owned);
	for (uint64_t i = 0; !piece->mask && i < (uint64_t)1 << piece->order; i++)
		own(piece->frame + i, owned);
}

static bool take_piece(struct piece *piece)
{
	uint32_t order = pick(2) ? 0 : pick(8), cursor = pick(CHUNKS);
	bool words = pick(4) == 0;

	for (uint32_t from = 0; from < NB_FROMS; from++) {
		struct nb_taken taken;

		if (words && nb_frames_take_words(&t.frames, (enum nb_frames_from)from, 0, &cursor,
						  &taken)) {
			*piece = (struct piece){ .frame = taken.frame, .mask = taken.mask };
			if (!piece->mask) {
				piece->mask = UINT64_MAX;
				nb_frames_open(&t.frames, piece->frame, piece->mask);
			}
			return true;
		}
		if (!words &&
		    nb_frames_take(&t.frames, (enum nb_frames_from)from, order, &cursor, &taken)) {
			*piece = (struct piece){ .frame = taken.frame, .order = order };
			piece->frame += taken.mask ? lowest(taken.mask) : 0;
			return true;
		}
	}
	return false;
}

static void put_piece(struct piece *piece)
{
	own_piece(piece, false);
	if (piece->mask)
		nb_frames_put(&t.frames, piece->frame, piece->mask);
	else
		nb_frames_put_block(&t.frames, piece->frame, piece->order);
}

static void work(int task)
{
	for (uint32_t i = 0; i < OPERATIONS; i++) {
		struct piece *live = t.live[task], piece;

		if (t.count[task] < LIVE - 1 && pick(2)) {
			if (!take_piece(&piece)) {
				t.refused++;
				continue;
			}
			t.taken++;
			own_piece(&piece, true);
			live[t.count[task]++] = piece;
		} else if (t.count[task]) {
			uint32_t at = pick(t.count[task]);

			piece = live[at];
			live[at] = live[--t.count[task]];
			put_piece(&piece);
		}
	}
	t.done[task] = true;
}

static void round_of_tasks(void)
{
	for (int task = 0; task < TASKS; task++) {
		t.done[task] = false;
		getcontext(&t.context[task]);
		t.context[task].uc_stack.ss_sp = t.stack[task];
		t.context[task].uc_stack.ss_size = STACK;
		t.context[task].uc_link = &t.between;
		makecontext(&t.context[task], (void (*)(void))work, 1, task);
	}
	t.left = TASKS;
	while (t.left > 0) {
		int task = (int)pick(TASKS);

		if (t.done[task])
			continue;
		t.running = task;
		swapcontext(&t.between, &t.context[task]);
		t.running = -1;
		t.left -= t.done[task];
	}
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 50000;
	nb_pfn end = (nb_pfn)CHUNKS * NB_CHUNK_FRAMES;
	void *storage = aligned_alloc(64, nb_align_up(nb_frames_size(0, end, false), 64));
	uint64_t frames = 0;

	if (!storage)
		return 2;
	nb_frames_init(&t.frames, 0, end, storage, false, false);
	for (size_t i = 0; i < NB_COUNT(given); i++) {
		nb_frames_give(&t.frames, given[i].from, given[i].to);
		frames += given[i].to - given[i].from;
	}
	for (unsigned long i = 0; i < rounds; i++) {
		round_of_tasks();
		if (nb_frames_check(&t.frames) != frames - t.owned_count) {
			fprintf(stderr, "interleave: frames are lost in round %lu\n", i);
			return EXIT_FAILURE;
		}
	}
	printf("%lu rounds: %llu taken, %llu refused\n", rounds, (unsigned long long)t.taken,
	       (unsigned long long)t.refused);
	free(storage);
	return EXIT_SUCCESS;
}
