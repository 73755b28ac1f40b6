/* SPDX-License-Identifier: MIT */
/* arena: see arena.h. */
#include "base/arena.h"
#include "base/memory.h"

enum { ALIGN = 16 };

void *nb_arena_take(struct nb_arena *arena, size_t count, size_t size)
{
	size_t bytes = (count * size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	size_t at = arena->used;

	nb_assert(size == 0 || count <= (SIZE_MAX - ALIGN) / size);
	nb_assert(bytes <= SIZE_MAX - at);
	arena->used = at + bytes;
	if (!arena->block)
		return NULL;
	nb_assert(arena->used <= arena->size);
	memset(arena->block + at, 0, bytes);
	return arena->block + at;
}
