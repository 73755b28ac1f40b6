/* SPDX-License-Identifier: MIT */
/*
 * sort: orders an array of indices by a key, in place and in O(n log n)
 * whatever the input. Equal keys are ordered by index, so the result is that of
 * a stable sort. Sorted input costs one pass.
 */
#ifndef NB_BASE_SORT_H
#define NB_BASE_SORT_H

#include <numaboot/base.h>

/* The key of thing `index` of whatever `of` is. */
typedef uint64_t nb_key(const void *of, uint32_t index);

void nb_sort(uint32_t *at, uint32_t count, nb_key *key, const void *of);

#endif
