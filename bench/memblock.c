/* SPDX-License-Identifier: MIT */
/*
 * memblock: a million requests, each of whose addresses is held against that of a
 * plain scan; and the replay of a trace of 12,000 lines, once the log is cut into
 * lines. A goal that is missed fails the benchmark.
 */
#define _POSIX_C_SOURCE 200809L

#include "../hosts/sources/replay.h"
#include "measure.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STEPS = 1000000,
	LIVE = 400, /* pieces that are taken at a time */
	NODES = 8,
	ROOM = 4096, /* regions */
	LINES = 12000,
	RUNS = 31,
};
#define MY_TIME CLOCK_PROCESS_CPUTIME_ID /* what others do here is not counted */
#define GOAL_REQUESTS_US 1e6
#define GOAL_TRACE_US 1e4

void nb_assert_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
	abort();
}

void pool_exhausted(void)
{
	fputs("out of memory\n", stderr);
	exit(2);
}

static void *need(size_t count, size_t size)
{
	void *at = calloc(count, size);

	if (!at)
		pool_exhausted();
	return at;
}

static uint64_t random_state = 88172645463325252;

static uint32_t pick(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 33) % below;
}

/* Two ranges of RAM on each node, 1 GiB and 3 GiB, with a hole before each. */
static struct nb_range ram_of(uint32_t nid, uint32_t which)
{
	nb_phys base = (nb_phys)nid * 8 * NB_GIB + NB_MIB;

	return which ? (struct nb_range){ base + 4 * NB_GIB, base + 7 * NB_GIB }
		     : (struct nb_range){ base, base + NB_GIB };
}

/* A request, and which of the pieces that are taken is freed before it. */
struct step {
	struct nb_request request;
	uint32_t piece;
};

static struct nb_request pick_request(void)
{
	static const nb_phys sizes[] = { 64, 104, 4096, 24576, 2 * NB_MIB };
	nb_phys align = pick(3) ? 64 : pick(2) ? 4096 : 2 * NB_MIB;

	return (struct nb_request){
		.size = sizes[pick(NB_COUNT(sizes))] * (1 + pick(4)),
		.align = align,
		.min = pick(4) ? 0 : 16 * NB_MIB,
		.max = pick(8) ? 0 : (nb_phys)(1 + pick(60)) * NB_GIB,
		.nid = pick(2) ? (int32_t)pick(NODES) : NB_NO_NODE,
	};
}

static void fill(struct nb_memblock *mb)
{
	static struct nb_region memory[ROOM], reserved[ROOM];

	nb_memblock_init(mb, memory, reserved, ROOM);
	for (uint32_t nid = 0; nid < NODES; nid++)
		for (uint32_t i = 0; i < 2; i++) {
			struct nb_range ram = ram_of(nid, i);

			if (nb_memblock_add(mb, ram.start, ram.end, (int32_t)nid, 0))
				exit(2);
		}
}

/* What memblock answers to all steps; an address of 0: nothing was found. */
static double ask_memblock(const struct step *steps, nb_phys *answers)
{
	struct nb_memblock mb;
	struct nb_range pieces[LIVE] = { { 0 } };
	double start;

	fill(&mb);
	start = now_us(MY_TIME);
	for (uint32_t i = 0; i < STEPS; i++) {
		struct nb_range *piece = &pieces[steps[i].piece];
		nb_phys at = 0;

		if (nb_memblock_free(&mb, piece->start, piece->end))
			exit(2);
		if (nb_memblock_alloc(&mb, &steps[i].request, &at))
			at = 0;
		*piece = (struct nb_range){ at, at ? at + steps[i].request.size : 0 };
		answers[i] = at;
	}
	return now_us(MY_TIME) - start;
}

/* The plain scan: pieces in a sorted array, each search looks at all of them. */
struct plain {
	struct nb_range taken[LIVE];
	uint32_t count;
};

static void plain_put(struct plain *p, struct nb_range range)
{
	uint32_t i = p->count++;

	for (; i > 0 && p->taken[i - 1].start > range.start; i--)
		p->taken[i] = p->taken[i - 1];
	p->taken[i] = range;
}

static void plain_free(struct plain *p, struct nb_range range)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < p->count; i++)
		if (p->taken[i].start != range.start)
			p->taken[kept++] = p->taken[i];
	p->count = kept;
}

/* The highest fit in free memory of [ram.start, ram.end), or 0. */
static nb_phys plain_fit(const struct plain *p, struct nb_range ram,
			 const struct nb_request *request)
{
	nb_phys best = 0, from = ram.start;

	for (uint32_t i = 0; i <= p->count; i++) {
		nb_phys to = i < p->count ? nb_min(p->taken[i].start, ram.end) : ram.end;

		if (to > from && to - from >= request->size) {
			nb_phys fit = (to - request->size) / request->align * request->align;

			if (fit >= from)
				best = fit;
		}
		if (i < p->count)
			from = nb_max(from, p->taken[i].end);
	}
	return best;
}

static nb_phys plain_find(const struct plain *p, const struct nb_request *request, int32_t nid)
{
	nb_phys best = 0;

	for (uint32_t i = 0; i < 2 * NODES; i++) {
		struct nb_range ram = ram_of(i / 2, i % 2);
		nb_phys fit;

		if (nid != NB_NO_NODE && nid != (int32_t)(i / 2))
			continue;
		ram.start = nb_max(ram.start, request->min);
		ram.end = request->max ? nb_min(ram.end, request->max) : ram.end;
		fit = ram.start < ram.end ? plain_fit(p, ram, request) : 0;
		best = fit ? fit : best;
	}
	return best;
}

static uint32_t count_wrong(const struct step *steps, const nb_phys *answers)
{
	struct plain p = { .count = 0 };
	struct nb_range pieces[LIVE] = { { 0 } };
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < STEPS; i++) {
		const struct nb_request *request = &steps[i].request;
		struct nb_range *piece = &pieces[steps[i].piece];
		nb_phys at;

		if (piece->end)
			plain_free(&p, *piece);
		at = plain_find(&p, request, request->nid);
		if (!at && request->nid != NB_NO_NODE)
			at = plain_find(&p, request, NB_NO_NODE);
		*piece = (struct nb_range){ at, at ? at + request->size : 0 };
		if (at)
			plain_put(&p, *piece);
		wrong += at != answers[i];
	}
	return wrong;
}

static bool measure_requests(void)
{
	struct step *steps = (struct step *)need(STEPS, sizeof(*steps));
	nb_phys *answers = (nb_phys *)need(STEPS, sizeof(*answers));
	double took;
	uint32_t wrong;
	bool met;

	for (uint32_t i = 0; i < STEPS; i++)
		steps[i] = (struct step){ pick_request(), pick(LIVE) };
	took = ask_memblock(steps, answers);
	wrong = count_wrong(steps, answers);
	met = took <= GOAL_REQUESTS_US && !wrong;
	printf("%d requests and frees %12.0f us   goal %.0f us: %s; %" PRIu32
	       " addresses are not those of a plain scan\n",
	       STEPS, took, GOAL_REQUESTS_US, met ? "met" : "MISSED", wrong);
	free(steps);
	free(answers);
	return met;
}

/* The text of a log, which grows. */
struct text {
	char *at;
	size_t len, cap;
	uint32_t lines;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *text, const char *format, ...)
{
	va_list args;

	if (text->cap - text->len < 512) {
		text->cap = 2 * text->cap + 4096;
		text->at = (char *)realloc(text->at, text->cap);
		if (!text->at)
			pool_exhausted();
	}
	text->len += (size_t)sprintf(text->at + text->len, "<6>[    0.000000] ");
	va_start(args, format);
	text->len += (size_t)vsnprintf(text->at + text->len, 400, format, args);
	va_end(args);
	text->at[text->len++] = '\n';
	text->lines++;
}

static void say_dump(struct text *text, const struct nb_memblock *mb)
{
	say(text, "MEMBLOCK configuration:");
	say(text, " memory size = 0x%" PRIx64 " reserved size = 0x0", mb->memory_size);
	say(text, " memory.cnt  = 0x%" PRIx32, mb->memory.count);
	for (uint32_t i = 0; i < mb->memory.count; i++) {
		const struct nb_region *region = nb_region_at(&mb->memory, i);

		say(text,
		    " memory[0x%" PRIx32 "]\t[0x%016" PRIx64 "-0x%016" PRIx64 "], 0x%" PRIx64
		    " bytes on node %d flags: 0x0",
		    i, region->start, region->end - 1, region->end - region->start, region->nid);
	}
	say(text, " reserved.cnt  = 0x0");
}

static void say_doublings(struct text *text, struct nb_memblock *mb)
{
	for (; mb->doubled_told < mb->doubled_count; mb->doubled_told++) {
		const struct nb_doubling *doubling = &mb->doubled[mb->doubled_told];

		say(text,
		    "memblock: reserved is doubled to %" PRIu32 " at [0x%016" PRIx64
		    "-0x%016" PRIx64 "]",
		    doubling->regions, doubling->storage.start, doubling->storage.end - 1);
	}
}

/* What a kernel would print of these requests, one in eight freed again. */
static void make_log(struct text *text)
{
	struct nb_memblock mb;
	nb_phys at;
	unsigned function = 0;

	fill(&mb);
	mb.memory_slots = mb.reserved_slots = 128; /* as those who follow the log have it */
	mb.may_double = true;
	say(text, "Linux version 6.12.0 (x)");
	say_dump(text, &mb);
	while (text->lines < LINES - 3) {
		struct nb_request request = pick_request();

		/* A function mostly asks more than once. */
		function = pick(8) ? function : pick(40);
		if (nb_memblock_alloc(&mb, &request, &at))
			continue;
		say(text,
		    "memblock_alloc_try_nid: %" PRIu64 " bytes align=0x%" PRIx64
		    " nid=%d from=0x%016" PRIx64 " max_addr=0x%016" PRIx64 " function_%u+0x1/0x2",
		    request.size, request.align, request.nid, request.min, request.max, function);
		say(text, "memblock_reserve: [0x%016" PRIx64 "-0x%016" PRIx64 "] alloc+0xbd/0x180",
		    at, at + request.size - 1);
		say_doublings(text, &mb);
		if (pick(8))
			continue;
		if (nb_memblock_free(&mb, at, at + request.size))
			exit(2);
		say(text, "memblock_phys_free: [0x%016" PRIx64 "-0x%016" PRIx64 "] f+0x1/0x2", at,
		    at + request.size - 1);
		say_doublings(text, &mb);
	}
	say(text, "Memory: 1K/2K available");
}

static bool measure_trace(void)
{
	struct text text = { .at = NULL };
	struct replay replay;
	double times[RUNS], us;
	bool met;

	make_log(&text);
	for (int i = 0; i < RUNS; i++) {
		struct pool pool = { .blocks = NULL };
		struct stage_steps none = { .count = 0 };
		struct kernel kernel;
		struct boot_log log;
		double start;

		kernel_of_release(&kernel, NULL);
		boot_log_read(&log, (struct nb_text){ text.at, text.len }, &pool);
		start = now_us(MY_TIME);
		if (!replay_log(&replay, &log, &kernel, &none, &pool))
			exit(2);
		times[i] = now_us(MY_TIME) - start;
		pool_drop(&pool);
	}
	us = median(times, RUNS);
	met = us <= GOAL_TRACE_US && !replay.counts.differ && !replay.counts.gaps;
	printf("a trace of %" PRIu32 " lines      %12.0f us   goal %.0f us: %s; %" PRIu32
	       " of %" PRIu32 " requests get the address that is printed\n",
	       text.lines, us, GOAL_TRACE_US, met ? "met" : "MISSED", replay.counts.replayed,
	       replay.counts.requests);
	free(text.at);
	return met;
}

int main(void)
{
	bool requests = measure_requests(), trace = measure_trace();

	return requests && trace ? EXIT_SUCCESS : EXIT_FAILURE;
}
