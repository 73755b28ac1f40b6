/* SPDX-License-Identifier: MIT */
/*
 * pool: blocks of memory in a list; the newest one is taken from.
 */
#include "pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16, BLOCK = 64 << 10 };

struct pool_block {
	struct pool_block *older;
	size_t size; /* keeps what follows aligned */
};

_Static_assert(sizeof(struct pool_block) == ALIGN, "a block's bytes are aligned");

char *pool_space(struct pool *pool, size_t least)
{
	if (pool->left >= least)
		return pool->at;

	size_t size = least > BLOCK - ALIGN ? least : BLOCK - ALIGN;
	struct pool_block *block =
		size > SIZE_MAX - ALIGN ? NULL : (struct pool_block *)malloc(ALIGN + size);

	if (!block)
		pool_exhausted();
	block->older = pool->blocks;
	block->size = size;
	pool->blocks = block;
	pool->at = (char *)block + ALIGN;
	pool->left = size;
	return pool->at;
}

void pool_keep(struct pool *pool, size_t len)
{
	size_t whole = (len + ALIGN - 1) & ~(size_t)(ALIGN - 1);

	if (whole > pool->left)
		whole = pool->left;
	pool->at += whole;
	pool->left -= whole;
}

void *pool_take(struct pool *pool, size_t size)
{
	char *at = pool_space(pool, size);

	memset(at, 0, size);
	pool_keep(pool, size);
	return at;
}

void pool_drop(struct pool *pool)
{
	while (pool->blocks) {
		struct pool_block *older = pool->blocks->older;

		free(pool->blocks);
		pool->blocks = older;
	}
	*pool = (struct pool){ 0 };
}
