/* SPDX-License-Identifier: MIT */
/* Two functions call each other: tools/check-core rejects them. */
unsigned long recursion_even(unsigned long n);
unsigned long recursion_odd(unsigned long n);

__attribute__((noinline)) unsigned long recursion_even(unsigned long n)
{
	return n ? 3 * recursion_odd(n - 1) + n : 1;
}

__attribute__((noinline)) unsigned long recursion_odd(unsigned long n)
{
	return n ? 5 * recursion_even(n - 1) - n : 0;
}
