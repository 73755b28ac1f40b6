/* SPDX-License-Identifier: MIT */
/* Has an array whose size is not fixed: tools/check-core rejects it. */
#include <stdint.h>

uint64_t vla(uint64_t count);

uint64_t vla(uint64_t count)
{
	volatile uint64_t words[count];

	for (uint64_t i = 0; i < count; i++)
		words[i] = i * i;
	return words[count / 2];
}
