/* SPDX-License-Identifier: MIT */
/*
 * frames: the page frames of one span of memory as bits, zero = free, and the
 * hints that lead to the free ones. Knows no zone and no CPU; may be called by
 * any number of CPUs at once. See frames.c.
 */
#ifndef NB_MEM_FRAMES_H
#define NB_MEM_FRAMES_H

#include <stdatomic.h>

#include <numaboot/base.h>

enum {
	NB_WORD_SHIFT = 6,   /* frames of a word */
	NB_CHUNK_SHIFT = 12, /* frames of a chunk: 64 words */
	NB_WORD_FRAMES = 1 << NB_WORD_SHIFT,
	NB_CHUNK_FRAMES = 1 << NB_CHUNK_SHIFT,
	NB_TOP_ORDER = 10,
};

/* Which chunks may have something: a bit for each, and one for each 64 of them. */
struct nb_hint {
	_Atomic uint64_t *low, *high;
	uint64_t none; /* a word that leads nowhere: 0, or ~0 where zero is a hint */
};

struct nb_frames {
	nb_pfn start, end;         /* only these are ever given */
	nb_pfn base;               /* of frame 0: start, down to a chunk */
	uint32_t chunks;           /* at least 1 */
	uint32_t zone;             /* its owner's; not looked at here */
	_Atomic uint32_t next;     /* its owner's too */
	_Atomic uint64_t *frame;   /* [64 * chunks] a bit for each frame */
	_Atomic uint64_t *word;    /* [chunks] a bit for each word */
	_Atomic uint64_t *partial; /* [chunks] words that may have free frames among others */
	struct nb_hint partials;   /* chunks with such words */
	struct nb_hint loose;      /* chunks with free words in a block that is not whole */
	struct nb_hint blocks;     /* chunks with whole blocks */
	uint8_t *orders;           /* [4096 * chunks] order + 1 of what begins there; or null */
};

/* Where to take from. In this order blocks stay whole as long as possible. */
enum nb_frames_from {
	NB_FROM_PARTIAL, /* words of which something is taken: orders 0 to 5 */
	NB_FROM_LOOSE,   /* whole words of broken blocks: any order below 9 */
	NB_FROM_BLOCKS,
	NB_FROMS,
};

/* What was taken: frames of one word, or whole words and then mask is 0. */
struct nb_taken {
	uint64_t frame; /* number of the first frame of the word; or of the chunk */
	uint64_t mask;
};

/* The bits that begin an aligned run of 2^order set bits, order 0 to 5. */
static inline uint64_t nb_runs(uint64_t bits, uint32_t order)
{
	static const uint64_t aligned[] = {
		UINT64_MAX,         0x5555555555555555, 0x1111111111111111,
		0x0101010101010101, 0x0001000100010001, 0x0000000100000001,
	};

	for (uint32_t i = 0; i < order; i++)
		bits &= bits >> (1u << i);
	return bits & aligned[order];
}

/* How many bits are set; a compiler's own may need a library. */
static inline uint32_t nb_bits(uint64_t bits)
{
	if ((bits & (bits - 1)) == 0)
		return bits != 0;
	bits -= bits >> 1 & 0x5555555555555555;
	bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return (uint32_t)(bits * 0x0101010101010101 >> 56);
}

/* Bytes of storage for the frames of [start, end), page frames. */
size_t nb_frames_size(nb_pfn start, nb_pfn end, bool orders);

/*
 * Makes f of [start, end) over the storage, aligned to 64, with every frame
 * taken: as if there was none. `zeroed`: the storage is zero already.
 */
void nb_frames_init(struct nb_frames *f, nb_pfn start, nb_pfn end, void *storage, bool orders,
		    bool zeroed);

/* Gives frames [from, to) that nobody ever took; they are free then. */
void nb_frames_give(struct nb_frames *f, uint64_t from, uint64_t to);

/*
 * Takes one aligned block of 2^order frames. Looks at the chunks from *cursor
 * on, once around, and leaves it where the block was found. False if there is
 * none, or if others were quicker each time.
 */
bool nb_frames_take(struct nb_frames *f, enum nb_frames_from from, uint32_t order, uint32_t *cursor,
		    struct nb_taken *taken);

/*
 * Takes what one word has: all free frames of a partial one; or 2^words_order
 * whole words, of which the caller has each opened before it uses its frames.
 */
bool nb_frames_take_words(struct nb_frames *f, enum nb_frames_from from, uint32_t words_order,
			  uint32_t *cursor, struct nb_taken *taken);

/* Takes all whole blocks of a chunk; taken->mask is the words that they begin with. */
bool nb_frames_take_blocks(struct nb_frames *f, uint32_t *cursor, struct nb_taken *taken);

/* Turns a whole word that the caller has into frames: those of the mask stay
 * the caller's, the others are free. */
void nb_frames_open(struct nb_frames *f, uint64_t frame, uint64_t mask);

/* Gives back frames of one word; asserts that they were taken. */
void nb_frames_put(struct nb_frames *f, uint64_t frame, uint64_t mask);

/* Whole words, as bits, of the chunk that a frame is in; likewise. */
void nb_frames_put_words(struct nb_frames *f, uint64_t frame, uint64_t words);

/* Gives back a block, as nb_frames_take() took it. */
void nb_frames_put_block(struct nb_frames *f, uint64_t frame, uint32_t order);

/* Adds the greatest aligned free blocks of each order to blocks[0 .. 10].
 * Exact if nothing changes meanwhile. */
void nb_frames_count(const struct nb_frames *f, uint64_t blocks[NB_TOP_ORDER + 1]);

/* Asserts the invariants, while nothing changes; returns the free frames. */
uint64_t nb_frames_check(const struct nb_frames *f);

/* Whether a frame's own bit says that it is taken: not so if its word is. */
static inline bool nb_frames_taken(const struct nb_frames *f, uint64_t frame)
{
	return atomic_load_explicit(&f->frame[frame >> NB_WORD_SHIFT], memory_order_relaxed) >>
		       frame % NB_WORD_FRAMES &
	       1;
}

/* Has the bits of a frame fetched, which is about to be put. */
static inline void nb_frames_expect(const struct nb_frames *f, uint64_t frame)
{
	__builtin_prefetch((const void *)&f->frame[frame >> NB_WORD_SHIFT], 1);
}

#endif
