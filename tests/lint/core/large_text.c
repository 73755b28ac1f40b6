/* SPDX-License-Identifier: MIT */
/* A function of 192 KiB: tools/check-core rejects it. */
void large_text(void);

void large_text(void)
{
	__asm__ volatile(".fill 196608, 1, 0x90");
}
