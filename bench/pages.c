/* SPDX-License-Identifier: MIT */
/*
 * pages: page frames against a buddy allocator with descriptors (buddy.h) and a
 * plain bitmap, in one run: the same work on each, one after the other, five times.
 * A row is the median; its ratio is the median of the five ratios, ours to the
 * buddy's. Time is that of the threads' CPUs, so that others on the machine
 * disturb less. A goal that is missed fails the benchmark.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <numaboot/pages.h>

#include "buddy.h"
#include "measure.h"

enum {
	PAIRS = 5,
	CHURN = 2000000,   /* frees, each followed by an allocation */
	SMALL = 1 << 20,   /* frames of 4 GiB */
	LARGE = 16 << 20,  /* frames of 64 GiB */
	HUGE_FRAMES = 512, /* of order 9 */
	HUGE_PASSES = 16,
	TAKE_OVER_RANGES = 200,
};

enum who { OURS, BUDDY, BITMAP, ALL };

void nb_assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
	abort();
}

static void *need(size_t size)
{
	void *at = aligned_alloc(128, (size + 127) & ~(size_t)127);

	if (!at) {
		fprintf(stderr, "out of memory\n");
		exit(2);
	}
	return at;
}

/* A plain bitmap: a bit for each frame, a place where the search goes on, one lock. */
static struct {
	uint64_t word[LARGE / 64];
	uint64_t words, at;
	_Alignas(128) atomic_flag lock;
} map;

static void map_lock(void)
{
	while (atomic_flag_test_and_set_explicit(&map.lock, memory_order_acquire))
		__builtin_ia32_pause();
}

static void map_unlock(void)
{
	atomic_flag_clear_explicit(&map.lock, memory_order_release);
}

static uint64_t map_take(void)
{
	for (uint64_t i = 0; i < map.words; i++) {
		uint64_t *word = &map.word[map.at];

		if (~*word) {
			unsigned bit = (unsigned)__builtin_ctzll(~*word);

			*word |= (uint64_t)1 << bit;
			return map.at * 64 + bit;
		}
		map.at = map.at + 1 < map.words ? map.at + 1 : 0;
	}
	return NB_NO_PFN;
}

static uint64_t map_take_huge(void)
{
	for (uint64_t i = 0; i < map.words / 8; i++) {
		uint64_t *word = &map.word[map.at &= ~(uint64_t)7], used = 0;

		for (unsigned j = 0; j < 8; j++)
			used |= word[j];
		if (!used) {
			memset(word, 0xff, 64);
			return map.at * 64;
		}
		map.at = map.at + 8 < map.words ? map.at + 8 : 0;
	}
	return NB_NO_PFN;
}

static uint64_t map_alloc(unsigned order)
{
	uint64_t frame;

	map_lock();
	frame = order ? map_take_huge() : map_take();
	map_unlock();
	return frame;
}

static void map_free(uint64_t frame, unsigned order)
{
	map_lock();
	if (order)
		memset(&map.word[frame / 64], 0, 64);
	else
		map.word[frame / 64] &= ~((uint64_t)1 << frame % 64);
	map_unlock();
}

/* Ours. */
static const struct nb_pages_limits limits = { .nodes = 1, .cpus = BUDDY_CPUS, .spans = 1 };

static struct {
	struct nb_pages pages;
	void *block, *storage;
	size_t room;
} ours;

static void ours_make(nb_pfn frames)
{
	struct nb_page_span span = { .zone = NB_ZONE_NORMAL, .end = frames };
	size_t size = nb_pages_span_size(&limits, 0, frames);

	if (!ours.block)
		ours.block = need(nb_pages_size(&limits));
	if (size > ours.room) {
		free(ours.storage);
		ours.storage = need(size);
		ours.room = size;
	}
	span.storage = ours.storage;
	if (nb_pages_init(&ours.pages, ours.block, nb_pages_size(&limits), &limits) ||
	    nb_pages_add(&ours.pages, &span))
		exit(2);
	nb_pages_give(&ours.pages, 0, frames);
}

/* The same for all three. `who` is a constant wherever this is used. */

static void make(enum who who, uint64_t frames)
{
	if (who == OURS)
		ours_make(frames);
	if (who == BUDDY)
		buddy_make(frames);
	if (who == BITMAP) {
		memset(map.word, 0, frames / 8);
		map.words = frames / 64;
		map.at = 0;
	}
}

static inline uint64_t take(enum who who, unsigned cpu, uint8_t order)
{
	if (who == OURS)
		return nb_pages_alloc(
			&ours.pages, cpu,
			(struct nb_page_request){ .order = order, .highest = NB_ZONE_NORMAL });
	return who == BUDDY ? buddy_alloc(cpu, order) : map_alloc(order);
}

static inline void give(enum who who, unsigned cpu, uint64_t frame, unsigned order)
{
	if (who == OURS)
		nb_pages_free(&ours.pages, cpu, frame, order);
	else if (who == BUDDY)
		buddy_free(cpu, frame, order);
	else
		map_free(frame, order);
}

/* What a thread does, as one of one or two; no line of the cache is of both. */
struct thread {
	_Alignas(128) unsigned cpu;
	uint64_t *live; /* frames that it has */
	uint64_t count, ops, next;
	double ns; /* of its CPU, for the work */
};

static inline uint64_t pick(uint64_t *random, uint64_t below)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (*random >> 32) * below >> 32;
}

static double now_ns(void)
{
	return 1e3 * now_us(CLOCK_THREAD_CPUTIME_ID);
}

static inline void do_fill(enum who who, struct thread *me)
{
	for (uint64_t i = 0; i < me->count; i++)
		me->live[i] = take(who, me->cpu, 0);
}

static inline void do_free(enum who who, struct thread *me)
{
	for (uint64_t i = 0; i < me->count; i++)
		give(who, me->cpu, me->live[i], 0);
}

static inline void do_churn(enum who who, struct thread *me)
{
	for (uint64_t i = 0; i < me->ops; i++) {
		uint64_t *one = &me->live[me->next];

		me->next = me->next + 1 < me->count ? me->next + 1 : 0;
		give(who, me->cpu, *one, 0);
		*one = take(who, me->cpu, 0);
	}
}

static inline void do_huge(enum who who, struct thread *me)
{
	for (uint64_t i = 0; i < me->count; i++)
		me->live[i] = take(who, me->cpu, 9);
}

static inline void do_huge_free(enum who who, struct thread *me)
{
	for (uint64_t i = 0; i < me->count; i++)
		give(who, me->cpu, me->live[i], 9);
}

enum work { FILL, FREE, CHURN_WORK, HUGE_FILL, HUGE_FREE };

static inline __attribute__((always_inline)) void do_one(enum who who, enum work what,
							 struct thread *me)
{
	switch (what) {
	case FILL:
		do_fill(who, me);
		break;
	case FREE:
		do_free(who, me);
		break;
	case CHURN_WORK:
		do_churn(who, me);
		break;
	case HUGE_FILL:
		do_huge(who, me);
		break;
	case HUGE_FREE:
		do_huge_free(who, me);
		break;
	}
}

static struct {
	enum who who;
	enum work what;
	unsigned threads;
	pthread_barrier_t barrier;
} job;

static void *work(void *argument)
{
	struct thread *me = argument;

	pthread_barrier_wait(&job.barrier);
	me->ns = now_ns();
	if (job.who == OURS)
		do_one(OURS, job.what, me);
	else if (job.who == BUDDY)
		do_one(BUDDY, job.what, me);
	else
		do_one(BITMAP, job.what, me);
	me->ns = now_ns() - me->ns;
	return NULL;
}

static struct thread threads[BUDDY_CPUS];

/* Nanoseconds of CPU for each operation: the sum over the threads. */
static double run(enum who who, enum work what)
{
	pthread_t other;
	double ns = 0, ops = 0;

	job.who = who;
	job.what = what;
	pthread_barrier_init(&job.barrier, NULL, job.threads);
	if (job.threads == 2 && pthread_create(&other, NULL, work, &threads[1]))
		exit(2);
	work(&threads[0]);
	if (job.threads == 2)
		pthread_join(other, NULL);
	pthread_barrier_destroy(&job.barrier);
	for (unsigned i = 0; i < job.threads; i++) {
		ns += threads[i].ns;
		ops += (double)(what == CHURN_WORK ? threads[i].ops : threads[i].count);
	}
	return ns / ops;
}

static void shuffle(uint64_t *live, uint64_t count)
{
	uint64_t random = 88172645463325252;

	for (uint64_t i = count - 1; i > 0; i--) {
		uint64_t j = pick(&random, i + 1), other = live[j];

		live[j] = live[i];
		live[i] = other;
	}
}

/* The rows, in the order in which one pass over an allocator measures them. */
enum row {
	FILL0,
	FREE0,
	ALLOC9,
	FREE9,
	CHURN_LARGE,
	CHURN_SMALL,
	FILL0_2,
	FREE0_2,
	ALLOC9_2,
	CHURN_2,
	ROWS
};

static const struct {
	const char *name;
	double goal;         /* ours to the buddy's; 0: none */
	enum row one_thread; /* of two threads: the row that it must not lose to */
} rows[ROWS] = {
	[FILL0] = { "order 0, fill 64 GiB", 0.15, ROWS },
	[FREE0] = { "order 0, random free", 0.12, ROWS },
	[ALLOC9] = { "order 9, fill", 0.25, ROWS },
	[FREE9] = { "order 9, free", 0, ROWS },
	[CHURN_LARGE] = { "churn, 64 GiB", 0.2, ROWS },
	[CHURN_SMALL] = { "churn, 4 GiB", 0, ROWS },
	[FILL0_2] = { "2 threads: order 0, fill", 0, FILL0 },
	[FREE0_2] = { "2 threads: random free", 0, FREE0 },
	[ALLOC9_2] = { "2 threads: order 9, fill", 0, ALLOC9 },
	[CHURN_2] = { "2 threads: churn, 64 GiB", 0, CHURN_LARGE },
};

static double result[ROWS][ALL][PAIRS];

static void share(uint64_t *live, uint64_t count, unsigned count_of_threads)
{
	job.threads = count_of_threads;
	for (unsigned i = 0; i < count_of_threads; i++)
		threads[i] = (struct thread){ .cpu = i,
					      .live = live + i * (count / count_of_threads),
					      .count = count / count_of_threads,
					      .ops = CHURN / count_of_threads };
}

/* Seven eighths of it are taken; then one of them at random goes back, and one is
 * taken for it. What was taken is read in order, so that it costs no time. */
static double measure_churn(enum who who, uint64_t frames, uint64_t *live, unsigned of_threads)
{
	make(who, frames);
	share(live, frames / 8 * 7, of_threads);
	run(who, FILL);
	for (unsigned i = 0; i < of_threads; i++)
		shuffle(threads[i].live, threads[i].count);
	run(who, CHURN_WORK); /* the beginning is not what it is like later */
	return run(who, CHURN_WORK);
}

static void measure_threads(enum who who, uint64_t *live, unsigned of_threads, int pair)
{
	bool two = of_threads == 2;
	double huge = 0, huge_free = 0;

	make(who, LARGE);
	share(live, LARGE - 2048, of_threads); /* what caches hold is not missed */
	result[two ? FILL0_2 : FILL0][who][pair] = run(who, FILL);
	for (unsigned i = 0; i < of_threads; i++)
		shuffle(threads[i].live, threads[i].count);
	result[two ? FREE0_2 : FREE0][who][pair] = run(who, FREE);
	make(who, LARGE);
	for (int i = 0; i < HUGE_PASSES; i++) {
		share(live, LARGE / HUGE_FRAMES, of_threads);
		huge += run(who, HUGE_FILL) / HUGE_PASSES;
		huge_free += run(who, HUGE_FREE) / HUGE_PASSES;
	}
	result[two ? ALLOC9_2 : ALLOC9][who][pair] = huge;
	if (!two)
		result[FREE9][who][pair] = huge_free;
	result[two ? CHURN_2 : CHURN_LARGE][who][pair] =
		measure_churn(who, LARGE, live, of_threads);
}

/* The pairs stay in their order, by which others are divided by them. */
static double median_of_pairs(const double *values)
{
	double sorted[PAIRS];

	memcpy(sorted, values, sizeof(sorted));
	return median(sorted, PAIRS);
}

static double median_ratio(const double *a, const double *b)
{
	double ratios[PAIRS];

	for (int i = 0; i < PAIRS; i++)
		ratios[i] = a[i] / b[i];
	return median(ratios, PAIRS);
}

static bool say_goal(double value, double goal)
{
	if (goal > 0)
		printf("   goal %.2f: %s", goal, value <= goal ? "met" : "MISSED");
	printf("\n");
	return goal <= 0 || value <= goal;
}

static bool say_rows(void)
{
	bool met = true;

	printf("%-26s %9s %9s %9s   %s\n", "ns of CPU an operation", "ours", "buddy", "bitmap",
	       "ours / buddy");
	for (enum row row = 0; row < ROWS; row++) {
		double ratio = median_ratio(result[row][OURS], result[row][BUDDY]);

		printf("%-26s %9.1f %9.1f %9.1f %9.3f", rows[row].name,
		       median_of_pairs(result[row][OURS]), median_of_pairs(result[row][BUDDY]),
		       median_of_pairs(result[row][BITMAP]), ratio);
		met &= say_goal(ratio, rows[row].goal);
	}
	for (enum row row = 0; row < ROWS; row++) {
		if (rows[row].one_thread == ROWS)
			continue;

		/* Two CPUs lose if each of them is slower than half of one alone. */
		double lost =
			median_ratio(result[row][OURS], result[rows[row].one_thread][OURS]) / 2;

		printf("%-26s %39.2f of the time of one", rows[row].name, lost);
		met &= say_goal(lost, 1);
	}
	double growth = median_ratio(result[CHURN_LARGE][OURS], result[CHURN_SMALL][OURS]);

	printf("%-26s %39.2f", "churn, 64 GiB to 4 GiB", growth);
	return say_goal(growth, 4) && met;
}

/* Free ranges as memblock tells them, with a few pages kept between any two. */
static bool measure_take_over(const char *name, nb_pfn frames)
{
	struct nb_page_span span = { .zone = NB_ZONE_NORMAL, .end = frames };
	size_t size = nb_pages_span_size(&limits, 0, frames);
	nb_pfn piece = frames / TAKE_OVER_RANGES;
	double ratios[PAIRS], us[PAIRS];
	double bytes = (double)(size + nb_pages_size(&limits)) / (double)frames;

	span.storage = need(size);
	memset(span.storage, 1, size);
	for (int i = 0; i < PAIRS; i++) {
		double start = now_ns(), clear;

		memset(span.storage, i, size);
		__asm__ volatile("" : : "r"(span.storage) : "memory");
		clear = now_ns() - start;
		start = now_ns();
		if (nb_pages_init(&ours.pages, ours.block, nb_pages_size(&limits), &limits) ||
		    nb_pages_add(&ours.pages, &span))
			exit(2);
		for (nb_pfn at = 0; at + piece <= frames; at += piece)
			nb_pages_give(&ours.pages, at, at + piece - 5);
		us[i] = (now_ns() - start) / 1000;
		ratios[i] = us[i] * 1000 / clear;
	}
	free(span.storage);
	printf("take over %-16s %9.0f us %26.3f of a memset", name, median(us, PAIRS),
	       median(ratios, PAIRS));
	bool met = say_goal(median(ratios, PAIRS), 1.5);

	printf("metadata  %-16s %9.4f bytes a frame %15s", name, bytes, "");
	return say_goal(bytes, 0.15) && met;
}

int main(void)
{
	uint64_t *live = need(LARGE * sizeof(*live));
	bool met;

	memset(live, 0, LARGE * sizeof(*live));
	for (int pair = 0; pair < PAIRS; pair++) {
		for (enum who who = 0; who < ALL; who++) {
			measure_threads(who, live, 1, pair);
			result[CHURN_SMALL][who][pair] = measure_churn(who, SMALL, live, 1);
			measure_threads(who, live, 2, pair);
		}
	}
	met = say_rows();
	met &= measure_take_over("64 GiB", LARGE);
	met &= measure_take_over("1 TiB", (nb_pfn)16 * LARGE);
	free(live);
	free(ours.storage);
	free(ours.block);
	return met ? EXIT_SUCCESS : EXIT_FAILURE;
}
