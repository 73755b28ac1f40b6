/* SPDX-License-Identifier: MIT */
/*
 * frames: page frames as two levels of bits, zero = free.
 *
 *   word     1 0 1 1 ...     a bit for each 64 frames; 64 of them are a chunk, 16 MiB
 *   frame    |     |  `- 0              taken as a whole: orders 6 to 10, or a CPU's
 *            |     `---- 11010...       open: its own bits tell
 *            `---------- 11111...       open, and full
 *
 * A word is free (word bit 0, frame bits all 0), whole (1, all 0) or open (1,
 * not all 0). What is free is in no list: three hints name the chunks where a
 * search has a chance. All of it zero is free memory.
 *
 * Several CPUs at once. Each bit is changed by an atomic read-modify-write, and
 * who changes it has the frames or gives them:
 * - Free to whole: compare and exchange of the word bits. Only the taker may then
 *   store the frame bits, since nobody takes from frame bits that are all 0.
 * - Frames of an open word: compare and exchange from a value that is neither 0
 *   nor all ones. If the word was closed and opened again since it was read, and
 *   has that value again, those frames are free again: no harm in ABA.
 * - Frames given back: fetch-and. Who makes the bits 0 is alone with the word, as
 *   nobody takes from 0, and clears its word bit; the bits say so if a frame was
 *   free before.
 * - A bit of `partial` and of a hint may be on for nothing, but never stays off
 *   where something is free, once who freed it has shown it. Who frees changes the
 *   level below first, then reads the hint and turns it on if it is off. Who finds
 *   nothing turns the hint off first, then reads the level below again. All of
 *   these are sequentially consistent, so at least one of the two sees what the
 *   other did.
 * So a frame has one owner, and none is lost. A search may miss a block that is
 * on its way between two levels, or that it passed before it was freed: it then
 * fails as if it had come earlier.
 *
 * Linux keeps lists through struct page instead: 6.12 mm/page_alloc.c. The number
 * of blocks that its lists hold is derived from the bits: nb_frames_count().
 */
#include "mem/frames.h"

#include "base/memory.h"

enum {
	LINE_CHUNKS = 512, /* chunks whose hints share a cache line */
	RETRIES = 16,      /* of a search in which others were quicker */
	BLOCK_ORDER = 3,   /* of a block, in words */
	TOP_WORDS_ORDER = NB_TOP_ORDER - NB_WORD_SHIFT,
};

#define FULL UINT64_MAX

static uint64_t bit(uint64_t number)
{
	return (uint64_t)1 << (number & 63);
}

/* 2^order set bits from a bit on; order 0 to 6. */
static uint64_t run(uint64_t at, uint32_t order)
{
	return (order < 6 ? ((uint64_t)1 << (1u << order)) - 1 : FULL) << at;
}

static uint32_t lowest(uint64_t bits)
{
	return (uint32_t)__builtin_ctzll(bits);
}

/* Hints. */

static uint32_t groups(uint32_t chunks)
{
	return chunks / 64 + (chunks % 64 != 0);
}

static uint64_t hinted(const struct nb_hint *hint, const _Atomic uint64_t *word)
{
	return atomic_load(word) ^ hint->none;
}

static void turn(const struct nb_hint *hint, _Atomic uint64_t *word, uint64_t bits, bool on)
{
	if (on == (hint->none == 0))
		atomic_fetch_or(word, bits);
	else
		atomic_fetch_and(word, ~bits);
}

static void hint_on(const struct nb_hint *hint, uint32_t chunk)
{
	uint32_t group = chunk / 64;

	if (!(hinted(hint, &hint->low[group]) & bit(chunk)))
		turn(hint, &hint->low[group], bit(chunk), true);
	if (!(hinted(hint, &hint->high[group / 64]) & bit(group)))
		turn(hint, &hint->high[group / 64], bit(group), true);
}

/* The caller looks at the chunk again afterwards. */
static void hint_off(const struct nb_hint *hint, uint32_t chunk)
{
	uint32_t group = chunk / 64;

	turn(hint, &hint->low[group], bit(chunk), false);
	if (hinted(hint, &hint->low[group]))
		return;
	turn(hint, &hint->high[group / 64], bit(group), false);
	if (hinted(hint, &hint->low[group]))
		turn(hint, &hint->high[group / 64], bit(group), true);
}

/* The first group at or after `from` that the upper bits name, below `end`; or `end`. */
static uint32_t next_group(const struct nb_hint *hint, uint32_t from, uint32_t end)
{
	for (uint32_t at = from / 64; at < groups(end); at++) {
		uint64_t bits = hinted(hint, &hint->high[at]);

		if (at == from / 64)
			bits &= FULL << from % 64;
		if (bits)
			return (uint32_t)nb_min(at * 64 + lowest(bits), end);
	}
	return end;
}

/* The first chunk at or after `from` with the hint on, below `end`; or `end`. */
static uint32_t hint_next(const struct nb_hint *hint, uint32_t from, uint32_t end)
{
	uint32_t group = from / 64, past = groups(end);

	while (group < past) {
		uint64_t bits = hinted(hint, &hint->low[group]);

		if (group == from / 64)
			bits &= FULL << from % 64;
		if (bits)
			return (uint32_t)nb_min(group * 64 + lowest(bits), end);
		group = next_group(hint, group + 1, past);
	}
	return end;
}

/* What a chunk has, by its word bits. */

static uint64_t whole_blocks(uint64_t words)
{
	return nb_runs(~words, BLOCK_ORDER);
}

static uint64_t loose_words(uint64_t words)
{
	return ~words & ~(whole_blocks(words) * 0xff);
}

/* Turns on what the word bits of a chunk, just changed or read, call for. */
static void note_words(const struct nb_frames *f, uint32_t chunk, uint64_t words)
{
	if (whole_blocks(words))
		hint_on(&f->blocks, chunk);
	if (loose_words(words))
		hint_on(&f->loose, chunk);
}

static void note_partial(const struct nb_frames *f, uint64_t word)
{
	uint32_t chunk = (uint32_t)(word / 64);

	if (!(atomic_load(&f->partial[chunk]) & bit(word)))
		atomic_fetch_or(&f->partial[chunk], bit(word));
	hint_on(&f->partials, chunk);
}

/* A word was seen to have nothing to take. */
static void forget_partial(const struct nb_frames *f, uint64_t word)
{
	uint64_t bits;

	atomic_fetch_and(&f->partial[word / 64], ~bit(word));
	bits = atomic_load(&f->frame[word]);
	if (bits != 0 && bits != FULL)
		note_partial(f, word);
}

/* Giving back. */

static void put_words(const struct nb_frames *f, uint32_t chunk, uint64_t words)
{
	uint64_t old = atomic_fetch_and(&f->word[chunk], ~words);

	nb_assert((old & words) == words); /* else they were free: freed twice */
	note_words(f, chunk, old & ~words);
}

void nb_frames_put_words(struct nb_frames *f, uint64_t frame, uint64_t words)
{
	put_words(f, (uint32_t)(frame >> NB_CHUNK_SHIFT), words);
}

void nb_frames_put(struct nb_frames *f, uint64_t frame, uint64_t mask)
{
	uint64_t word = frame >> NB_WORD_SHIFT;
	uint64_t old = atomic_fetch_and(&f->frame[word], ~mask);

	nb_assert((old & mask) == mask); /* else some were free: freed twice */
	if (old == mask)
		put_words(f, (uint32_t)(word / 64), bit(word));
	else
		note_partial(f, word);
}

void nb_frames_put_block(struct nb_frames *f, uint64_t frame, uint32_t order)
{
	uint64_t word = frame >> NB_WORD_SHIFT;

	if (order < NB_WORD_SHIFT) {
		nb_frames_put(f, frame, run(frame % NB_WORD_FRAMES, order));
		return;
	}
	for (uint64_t i = 0; i < (uint64_t)1 << (order - NB_WORD_SHIFT); i++)
		nb_assert(atomic_load(&f->frame[word + i]) == 0); /* else taken in pieces */
	put_words(f, (uint32_t)(word / 64), run(word % 64, order - NB_WORD_SHIFT));
}

/* Taking. */

/* What a search is for. */
struct wanted {
	enum nb_frames_from from;
	uint32_t order;   /* of frames in a word, or of words */
	bool all;         /* of a word's free frames */
	bool whole_chunk; /* all of its blocks */
	uint32_t lost;    /* how often another CPU was quicker */
};

static bool take_partial(struct nb_frames *f, uint32_t chunk, struct wanted *wanted,
			 struct nb_taken *taken)
{
	uint64_t words = atomic_load(&f->partial[chunk]);

	for (; words; words &= words - 1) {
		uint64_t word = (uint64_t)chunk * 64 + lowest(words);
		uint64_t old = atomic_load(&f->frame[word]), mask = ~old;

		if (old == 0 || old == FULL) {
			forget_partial(f, word);
			continue;
		}
		if (!wanted->all) {
			uint64_t runs = nb_runs(~old, wanted->order);

			if (!runs)
				continue;
			mask = run(lowest(runs), wanted->order);
		}
		if (!atomic_compare_exchange_strong(&f->frame[word], &old, old | mask)) {
			wanted->lost++;
			return false;
		}
		if ((old | mask) == FULL)
			forget_partial(f, word);
		*taken = (struct nb_taken){ word << NB_WORD_SHIFT, mask };
		return true;
	}
	if (!atomic_load(&f->partial[chunk])) {
		hint_off(&f->partials, chunk);
		if (atomic_load(&f->partial[chunk]))
			hint_on(&f->partials, chunk);
	}
	return false;
}

/* The first of the runs, if it can be one that has no free neighbour to grow with. */
static uint32_t choose(uint64_t words, uint64_t runs, uint32_t order)
{
	uint64_t pairs = order < TOP_WORDS_ORDER ? nb_runs(words, order + 1) : 0;
	uint64_t odd = runs & ~(pairs | pairs << (1u << order));

	return lowest(odd ? odd : runs);
}

static bool take_whole(struct nb_frames *f, uint32_t chunk, struct wanted *wanted,
		       struct nb_taken *taken)
{
	bool loose = wanted->from == NB_FROM_LOOSE;
	uint64_t old = atomic_load(&f->word[chunk]);
	uint64_t words = loose ? loose_words(old) : whole_blocks(old) * 0xff;
	uint64_t runs = nb_runs(words, wanted->order), bits;
	uint32_t at;

	if (!words) {
		hint_off(loose ? &f->loose : &f->blocks, chunk);
		note_words(f, chunk, atomic_load(&f->word[chunk]));
	}
	if (!runs)
		return false;
	at = wanted->whole_chunk ? 0 : choose(words, runs, wanted->order);
	bits = wanted->whole_chunk ? words : run(at, wanted->order);
	if (!atomic_compare_exchange_strong(&f->word[chunk], &old, old | bits)) {
		wanted->lost++;
		return false;
	}
	if (wanted->order < BLOCK_ORDER && !loose)
		note_words(f, chunk, old | bits);
	*taken = (struct nb_taken){ ((uint64_t)chunk * 64 + at) << NB_WORD_SHIFT,
				    wanted->whole_chunk ? runs : 0 };
	return true;
}

/* Looks at the hinted chunks of [at, end), and leaves *cursor at the last one. */
static bool walk(struct nb_frames *f, struct wanted *wanted, uint32_t at, uint32_t end,
		 uint32_t *cursor, struct nb_taken *taken)
{
	const struct nb_hint *const hints[] = { &f->partials, &f->loose, &f->blocks };
	const struct nb_hint *hint = hints[wanted->from];

	for (at = hint_next(hint, at, end); at < end; at = hint_next(hint, at + 1, end)) {
		uint32_t lost = wanted->lost;

		*cursor = at;
		if (wanted->from == NB_FROM_PARTIAL ? take_partial(f, at, wanted, taken)
						    : take_whole(f, at, wanted, taken))
			return true;
		if (wanted->lost != lost)
			at |= LINE_CHUNKS - 1; /* away from the one who was quicker */
	}
	return false;
}

static bool search(struct nb_frames *f, struct wanted wanted, uint32_t *cursor,
		   struct nb_taken *taken)
{
	for (uint32_t i = 0; i < RETRIES; i++) {
		uint32_t begin = *cursor < f->chunks ? *cursor : 0, lost = wanted.lost;

		if (walk(f, &wanted, begin, f->chunks, cursor, taken) ||
		    walk(f, &wanted, 0, begin, cursor, taken))
			return true;
		if (wanted.lost == lost)
			return false;
	}
	return false;
}

void nb_frames_open(struct nb_frames *f, uint64_t frame, uint64_t mask)
{
	uint64_t word = frame >> NB_WORD_SHIFT;

	nb_assert(mask != 0);
	atomic_store_explicit(&f->frame[word], mask, memory_order_release);
	if (mask != FULL) {
		atomic_thread_fence(memory_order_seq_cst);
		note_partial(f, word);
	}
}

bool nb_frames_take_words(struct nb_frames *f, enum nb_frames_from from, uint32_t words_order,
			  uint32_t *cursor, struct nb_taken *taken)
{
	const struct wanted wanted = { .from = from, .order = words_order, .all = true };

	return search(f, wanted, cursor, taken);
}

bool nb_frames_take_blocks(struct nb_frames *f, uint32_t *cursor, struct nb_taken *taken)
{
	const struct wanted wanted = { .from = NB_FROM_BLOCKS,
				       .order = BLOCK_ORDER,
				       .whole_chunk = true };

	return search(f, wanted, cursor, taken);
}

bool nb_frames_take(struct nb_frames *f, enum nb_frames_from from, uint32_t order, uint32_t *cursor,
		    struct nb_taken *taken)
{
	bool of_word = order < NB_WORD_SHIFT;
	struct wanted wanted = { .from = from, .order = order };

	if (from == NB_FROM_PARTIAL)
		return of_word && search(f, wanted, cursor, taken);
	wanted.order = of_word ? 0 : order - NB_WORD_SHIFT;
	if (!search(f, wanted, cursor, taken))
		return false;
	if (of_word) {
		taken->mask = run(0, order);
		nb_frames_open(f, taken->frame, taken->mask);
	}
	return true;
}

/* Making, and giving what was never taken. */

size_t nb_frames_size(nb_pfn start, nb_pfn end, bool orders)
{
	nb_pfn first = start >> NB_CHUNK_SHIFT, past = (end - 1) >> NB_CHUNK_SHIFT;
	size_t chunks = (size_t)(past - first + 1);
	size_t low = (chunks + 63) / 64, high = (low + 63) / 64;

	return 8 * (64 * chunks + 2 * chunks + 3 * (low + high)) +
	       (orders ? chunks * NB_CHUNK_FRAMES : 0);
}

static struct nb_hint make_hint(_Atomic uint64_t **at, uint32_t chunks, uint64_t none)
{
	size_t low = groups(chunks), high = groups((uint32_t)low);
	struct nb_hint hint = { .low = *at, .high = *at + low, .none = none };

	*at += low + high;
	return hint;
}

void nb_frames_init(struct nb_frames *f, nb_pfn start, nb_pfn end, void *storage, bool orders,
		    bool zeroed)
{
	_Atomic uint64_t *at = storage;

	nb_assert(start < end && ((uintptr_t)storage & 63) == 0);
	nb_assert((end - 1) >> NB_CHUNK_SHIFT < UINT32_MAX);
	if (!zeroed)
		memset(storage, 0, nb_frames_size(start, end, orders));
	f->start = start;
	f->end = end;
	f->base = nb_align_down(start, NB_CHUNK_FRAMES);
	f->chunks = (uint32_t)(((end - 1) >> NB_CHUNK_SHIFT) - (start >> NB_CHUNK_SHIFT) + 1);
	f->frame = at;
	f->word = at += (size_t)f->chunks * 64;
	f->partial = at += f->chunks;
	at += f->chunks;
	f->partials = make_hint(&at, f->chunks, 0);
	f->loose = make_hint(&at, f->chunks, 0);
	f->blocks = make_hint(&at, f->chunks, FULL);
	f->orders = orders ? (uint8_t *)at : NULL;
	memset(f->word, 0xff, (size_t)f->chunks * 8);
	memset(f->blocks.low, 0xff, (size_t)((uint8_t *)at - (uint8_t *)f->blocks.low));
}

/* Some frames of a word, which is opened for them if no other was given yet. */
static void give_part(struct nb_frames *f, uint64_t frame, uint64_t mask)
{
	uint64_t word = frame >> NB_WORD_SHIFT, none = 0;

	nb_assert(atomic_load(&f->word[word / 64]) & bit(word));
	if (atomic_compare_exchange_strong(&f->frame[word], &none, ~mask))
		note_partial(f, word);
	else
		nb_frames_put(f, frame, mask);
}

/* Whole chunks of one group: one fence and one change of the hints for all. */
static void give_chunks(struct nb_frames *f, uint32_t first, uint32_t past)
{
	uint64_t chunks = (past - first < 64 ? bit(past - first) - 1 : FULL) << first % 64;

	for (uint32_t chunk = first; chunk < past; chunk++) {
		nb_assert(atomic_load_explicit(&f->word[chunk], memory_order_relaxed) == FULL &&
			  atomic_load_explicit(&f->partial[chunk], memory_order_relaxed) == 0);
		atomic_store_explicit(&f->word[chunk], 0, memory_order_release);
	}
	atomic_thread_fence(memory_order_seq_cst);
	turn(&f->blocks, &f->blocks.low[first / 64], chunks, true);
	hint_on(&f->blocks, first);
}

void nb_frames_give(struct nb_frames *f, uint64_t from, uint64_t to)
{
	while (from < to) {
		uint64_t at = from % NB_WORD_FRAMES, word = from >> NB_WORD_SHIFT, count;
		uint64_t chunk = from >> NB_CHUNK_SHIFT, group_end = (chunk | 63) + 1;

		if (from % NB_CHUNK_FRAMES == 0 && to - from >= NB_CHUNK_FRAMES) {
			count = nb_min((to - from) >> NB_CHUNK_SHIFT, group_end - chunk);
			give_chunks(f, (uint32_t)chunk, (uint32_t)(chunk + count));
			count <<= NB_CHUNK_SHIFT;
		} else if (at == 0 && to - from >= NB_WORD_FRAMES) {
			count = nb_min((to - from) >> NB_WORD_SHIFT, 64 - word % 64);
			uint64_t words = (count < 64 ? bit(count) - 1 : FULL) << word % 64;

			nb_assert(!(atomic_load(&f->partial[chunk]) & words));
			put_words(f, (uint32_t)chunk, words);
			count <<= NB_WORD_SHIFT;
		} else {
			count = nb_min(to - from, NB_WORD_FRAMES - at);
			give_part(f, from - at, (bit(count) - 1) << at);
		}
		from += count;
	}
}

/* Looking. */

/* Adds what free bits are as blocks: each run that is no half of a greater one. */
static void count_runs(uint64_t bits, uint32_t top, uint64_t *blocks)
{
	for (uint32_t order = 0; order < top; order++) {
		uint64_t pairs = bits & bits >> (1u << order) & nb_runs(FULL, order + 1);

		blocks[order] += nb_bits(bits) - 2 * nb_bits(pairs);
		bits = pairs;
	}
	blocks[top] += nb_bits(bits);
}

/* The free frames of a word that is open, as bits; else 0. */
static uint64_t open_frames(const struct nb_frames *f, uint64_t word)
{
	uint64_t bits = atomic_load(&f->frame[word]);

	return bits ? ~bits : 0;
}

void nb_frames_count(const struct nb_frames *f, uint64_t blocks[NB_TOP_ORDER + 1])
{
	for (uint32_t chunk = 0; chunk < f->chunks; chunk++) {
		uint64_t partial = atomic_load(&f->partial[chunk]);

		count_runs(~atomic_load(&f->word[chunk]), TOP_WORDS_ORDER, blocks + NB_WORD_SHIFT);
		for (; partial; partial &= partial - 1)
			count_runs(open_frames(f, (uint64_t)chunk * 64 + lowest(partial)),
				   NB_WORD_SHIFT - 1, blocks);
	}
}

static bool is_hinted(const struct nb_hint *hint, uint32_t chunk)
{
	return (hinted(hint, &hint->low[chunk / 64]) & bit(chunk)) &&
	       (hinted(hint, &hint->high[chunk / 4096]) & bit(chunk / 64));
}

uint64_t nb_frames_check(const struct nb_frames *f)
{
	uint64_t free = 0;

	for (uint32_t chunk = 0; chunk < f->chunks; chunk++) {
		uint64_t words = atomic_load(&f->word[chunk]);
		uint64_t partial = atomic_load(&f->partial[chunk]);

		nb_assert(!whole_blocks(words) || is_hinted(&f->blocks, chunk));
		nb_assert(!loose_words(words) || is_hinted(&f->loose, chunk));
		nb_assert(!partial || is_hinted(&f->partials, chunk));
		free += (uint64_t)nb_bits(~words) << NB_WORD_SHIFT;
		for (uint64_t i = 0; i < 64; i++) {
			uint64_t frames = open_frames(f, (uint64_t)chunk * 64 + i);

			nb_assert(words & bit(i) ||
				  atomic_load(&f->frame[(uint64_t)chunk * 64 + i]) == 0);
			nb_assert(!frames || partial & bit(i));
			free += nb_bits(frames);
		}
	}
	return free;
}
