/* SPDX-License-Identifier: MIT */
/* Counts from a first value: tools/check-core rejects the counter. */
unsigned int initialised_static(void);

unsigned int initialised_static(void)
{
	static unsigned int calls = 7;

	return ++calls;
}
