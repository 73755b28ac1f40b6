/* SPDX-License-Identifier: MIT */
/* Allocates: tools/check-core rejects the symbol. */
#include <stddef.h>

void *malloc(size_t size);
void *allocation(size_t size);

void *allocation(size_t size)
{
	return malloc(size);
}
