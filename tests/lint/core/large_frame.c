/* SPDX-License-Identifier: MIT */
/* Has a large array on its stack: tools/check-core rejects it. */
#include <stdint.h>

uint64_t large_frame(uint64_t seed);

uint64_t large_frame(uint64_t seed)
{
	volatile uint64_t words[160];

	for (unsigned int i = 0; i < 160; i++)
		words[i] = seed * i;
	return words[seed % 160];
}
