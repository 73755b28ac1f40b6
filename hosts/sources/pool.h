/* SPDX-License-Identifier: MIT */
/*
 * pool: memory that is taken piece by piece and given back all at once: what a
 * source has read lives as long as the source.
 */
#ifndef HOSTS_SOURCES_POOL_H
#define HOSTS_SOURCES_POOL_H

#include <stddef.h>

struct pool_block;

/* All zero is an empty pool. */
struct pool {
	struct pool_block *blocks;
	char *at; /* free space of the newest block */
	size_t left;
};

/* The host gives this its meaning, for when there is no memory; it must not return. */
__attribute__((noreturn)) void pool_exhausted(void);

/* Takes size bytes, aligned for any type and cleared. */
void *pool_take(struct pool *pool, size_t size);

/*
 * For bytes whose number is not known yet: makes sure that at least `least`
 * bytes are free in one piece and returns them, not taken; pool->left says how
 * many. pool_keep() then takes the first len of them.
 */
char *pool_space(struct pool *pool, size_t least);
void pool_keep(struct pool *pool, size_t len);

/* Gives everything back. */
void pool_drop(struct pool *pool);

#endif
