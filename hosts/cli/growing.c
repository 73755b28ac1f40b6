/* SPDX-License-Identifier: MIT */
/*
 * growing: doubles its memory when it is full.
 */
#include "growing.h"

#include "../sources/pool.h"

#include <stdlib.h>
#include <string.h>

static void grow(struct nb_writer *self, const char *text, size_t len)
{
	struct growing *g = (struct growing *)self; /* its first member */

	if (g->cap - g->len < len) {
		char *more;

		g->cap = 2 * g->cap + len + (64 << 10);
		more = (char *)realloc(g->at, g->cap);
		if (!more)
			pool_exhausted();
		g->at = more;
	}
	memcpy(g->at + g->len, text, len);
	g->len += len;
}

struct growing growing_empty(void)
{
	return (struct growing){ .writer.write = grow };
}

void growing_drop(struct growing *growing)
{
	free(growing->at);
	*growing = growing_empty();
}
