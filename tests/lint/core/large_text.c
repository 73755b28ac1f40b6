/* SPDX-License-Identifier: MIT */
/* A function of 144 KiB: tools/check-core rejects it. */
void large_text(void);

void large_text(void)
{
	__asm__ volatile(".fill 147456, 1, 0x90");
}
