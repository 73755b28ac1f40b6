/* SPDX-License-Identifier: MIT */
/* A function of 96 KiB: tools/check-core rejects it. */
void large_text(void);

void large_text(void)
{
	__asm__ volatile(".fill 98304, 1, 0x90");
}
