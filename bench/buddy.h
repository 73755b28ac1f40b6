/* SPDX-License-Identifier: MIT */
/*
 * buddy: what page frames are measured against: a descriptor of 64 bytes for each
 * frame, doubly linked free lists of each order through them, one lock, and lists
 * of single frames for each CPU that are filled and emptied in batches. Written
 * from the textbook, with the sizes that Linux 6.12 uses.
 */
#ifndef BENCH_BUDDY_H
#define BENCH_BUDDY_H

#include <stdint.h>

enum { BUDDY_CPUS = 2 };

#define BUDDY_NONE UINT64_MAX

/* Makes `frames` free frames, a multiple of 1024, 0 and up. Returns bytes per frame. */
double buddy_make(uint64_t frames);
uint64_t buddy_alloc(unsigned cpu, unsigned order);
void buddy_free(unsigned cpu, uint64_t frame, unsigned order);

#endif
