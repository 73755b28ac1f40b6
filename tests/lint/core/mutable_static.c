/* SPDX-License-Identifier: MIT */
/* Counts its calls: tools/check-core rejects the counter. */
unsigned int mutable_static(void);

unsigned int mutable_static(void)
{
	static unsigned int calls;

	return ++calls;
}
