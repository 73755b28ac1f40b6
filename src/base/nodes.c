/* SPDX-License-Identifier: MIT */
/* nodes: sets of nodes as bits. */
#include <numaboot/base.h>

enum { WORDS = NB_MAX_NODES / 64 };

static bool valid(int32_t nid)
{
	return nid >= 0 && nid < NB_MAX_NODES;
}

void nb_nodes_add(struct nb_nodes *set, int32_t nid)
{
	if (valid(nid))
		set->bits[nid / 64] |= (uint64_t)1 << (nid % 64);
}

void nb_nodes_remove(struct nb_nodes *set, int32_t nid)
{
	if (valid(nid))
		set->bits[nid / 64] &= ~((uint64_t)1 << (nid % 64));
}

uint32_t nb_nodes_count(const struct nb_nodes *set)
{
	uint32_t count = 0;

	for (int word = 0; word < WORDS; word++)
		for (uint64_t bits = set->bits[word]; bits; bits &= bits - 1)
			count++;
	return count;
}

/* The lowest bit at or above `from` that is set once the words are flipped by `flip`. */
static int32_t next(const struct nb_nodes *set, int32_t from, uint64_t flip)
{
	if (from < 0)
		from = 0;
	for (int32_t word = from / 64; word < WORDS; word++) {
		uint64_t bits = set->bits[word] ^ flip;

		if (word == from / 64)
			bits &= UINT64_MAX << (from % 64);
		if (bits)
			return word * 64 + __builtin_ctzll(bits);
	}
	return NB_NO_NODE;
}

int32_t nb_nodes_next(const struct nb_nodes *set, int32_t from)
{
	return next(set, from, 0);
}

int32_t nb_nodes_next_gap(const struct nb_nodes *set, int32_t from)
{
	return next(set, from, UINT64_MAX);
}

int32_t nb_nodes_last(const struct nb_nodes *set)
{
	for (int32_t word = WORDS - 1; word >= 0; word--)
		if (set->bits[word])
			return word * 64 + 63 - __builtin_clzll(set->bits[word]);
	return NB_NO_NODE;
}
