/* SPDX-License-Identifier: MIT */
/* A function of 128 KiB: tools/check-core rejects it. */
void large_text(void);

void large_text(void)
{
	__asm__ volatile(".fill 131072, 1, 0x90");
}
