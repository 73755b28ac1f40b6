/* SPDX-License-Identifier: MIT */
/* memory: the four functions that the compiler may call anyway; the only
 * symbols that the library needs from outside, beside nb_assert_failed(). */
#ifndef NB_BASE_MEMORY_H
#define NB_BASE_MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *at, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);

#endif
