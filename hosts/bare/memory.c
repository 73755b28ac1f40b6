/* SPDX-License-Identifier: MIT */
/*
 * memory: the four functions that compilers call, and the library with them.
 */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *at, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
	void *at = to;

	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(len) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t len)
{
	uint8_t *last_to = (uint8_t *)to + len - 1;
	const uint8_t *last_from = (const uint8_t *)from + len - 1;

	if ((uintptr_t)to - (uintptr_t)from >= len)
		return memcpy(to, from, len);
	__asm__ volatile("std; rep movsb; cld"
			 : "+D"(last_to), "+S"(last_from), "+c"(len)
			 :
			 : "memory");
	return to;
}

void *memset(void *at, int value, size_t len)
{
	void *next = at;

	__asm__ volatile("rep stosb" : "+D"(next), "+c"(len) : "a"(value) : "memory");
	return at;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;

	for (; len; len--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}
