/* SPDX-License-Identifier: MIT */
/* Calls itself through a pointer: tools/check-core rejects it. */
typedef unsigned long (*step)(unsigned long n, const void *next);

unsigned long recursion_by_pointer(unsigned long n, step first);

static unsigned long down(unsigned long n, const void *next)
{
	const step *call = next;

	return n ? 3 * (*call)(n - 1, next) + n : 1;
}

unsigned long recursion_by_pointer(unsigned long n, step first)
{
	const step calls[2] = { first, down };

	return calls[n % 2](n, calls);
}
