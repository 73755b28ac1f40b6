/* SPDX-License-Identifier: MIT */
/* buddy: see buddy.h. */
#include "buddy.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	TOP = 10,
	BATCH = 63,
	HIGH = 6 * BATCH,
	NOT_FREE = 0xff, /* as the order of a descriptor */
};

/* A link of a list: lists end where they begin, at their head. */
struct link {
	struct link *next, *prev;
};

/* The rest is what others keep there: who uses the frame, and how often. */
struct frame {
	uint64_t flags;
	struct link link; /* of a free block's first frame */
	uint32_t order;   /* of that block, or NOT_FREE */
	uint32_t used[8];
};

_Static_assert(sizeof(struct frame) == 64, "a descriptor is a cache line");

struct cpu {
	_Alignas(128) struct link list;
	unsigned count;
};

static struct {
	struct frame *frame;
	uint64_t frames, room;
	struct link list[TOP + 1];
	uint64_t free[TOP + 1];
	struct cpu cpu[BUDDY_CPUS];
	_Alignas(128) atomic_flag lock;
} b;

static void list_make(struct link *list)
{
	list->next = list->prev = list;
}

static void list_add(struct link *list, struct link *link)
{
	link->next = list->next;
	link->prev = list;
	list->next->prev = link;
	list->next = link;
}

static void list_remove(struct link *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
}

static struct frame *frame_of(struct link *link)
{
	return (struct frame *)((char *)link - offsetof(struct frame, link));
}

static uint64_t number_of(const struct frame *frame)
{
	return (uint64_t)(frame - b.frame);
}

static void lock(void)
{
	while (atomic_flag_test_and_set_explicit(&b.lock, memory_order_acquire))
		__builtin_ia32_pause();
}

static void unlock(void)
{
	atomic_flag_clear_explicit(&b.lock, memory_order_release);
}

static void put_block(uint64_t number, unsigned order)
{
	struct frame *frame = &b.frame[number];

	frame->order = order;
	list_add(&b.list[order], &frame->link);
	b.free[order]++;
}

static void drop_block(struct frame *frame)
{
	list_remove(&frame->link);
	b.free[frame->order]--;
	frame->order = NOT_FREE;
}

static uint64_t take(unsigned order)
{
	for (unsigned from = order; from <= TOP; from++) {
		struct frame *frame;

		if (b.list[from].next == &b.list[from])
			continue;
		frame = frame_of(b.list[from].next);
		drop_block(frame);
		while (from > order) {
			from--;
			put_block(number_of(frame) + (1u << from), from);
		}
		return number_of(frame);
	}
	return BUDDY_NONE;
}

static void give(uint64_t number, unsigned order)
{
	while (order < TOP) {
		uint64_t other = number ^ 1u << order;

		if (other >= b.frames || b.frame[other].order != order)
			break;
		drop_block(&b.frame[other]);
		number &= other;
		order++;
	}
	put_block(number, order);
}

static void fill(struct cpu *cpu)
{
	lock();
	for (unsigned i = 0; i < BATCH; i++) {
		uint64_t number = take(0);

		if (number == BUDDY_NONE)
			break;
		list_add(cpu->list.prev, &b.frame[number].link); /* at the end: ascending */
		cpu->count++;
	}
	unlock();
}

static void empty(struct cpu *cpu)
{
	lock();
	for (unsigned i = 0; i < BATCH; i++) {
		struct link *last = cpu->list.prev;

		list_remove(last);
		give(number_of(frame_of(last)), 0);
	}
	unlock();
	cpu->count -= BATCH;
}

uint64_t buddy_alloc(unsigned cpu, unsigned order)
{
	struct cpu *own = &b.cpu[cpu];
	struct link *first;

	if (order != 0) {
		uint64_t number;

		lock();
		number = take(order);
		unlock();
		return number;
	}
	if (own->count == 0)
		fill(own);
	if (own->count == 0)
		return BUDDY_NONE;
	first = own->list.next;
	list_remove(first);
	own->count--;
	return number_of(frame_of(first));
}

void buddy_free(unsigned cpu, uint64_t frame, unsigned order)
{
	struct cpu *own = &b.cpu[cpu];

	if (order != 0) {
		lock();
		give(frame, order);
		unlock();
		return;
	}
	list_add(&own->list, &b.frame[frame].link);
	if (++own->count >= HIGH)
		empty(own);
}

double buddy_make(uint64_t frames)
{
	if (frames > b.room) {
		free(b.frame);
		b.frame = aligned_alloc(64, frames * sizeof(*b.frame));
		b.room = frames;
	}
	if (!b.frame) {
		fprintf(stderr, "out of memory\n");
		exit(2);
	}
	b.frames = frames;
	for (uint64_t i = 0; i < frames; i++)
		b.frame[i] = (struct frame){ .order = NOT_FREE };
	for (unsigned order = 0; order <= TOP; order++) {
		list_make(&b.list[order]);
		b.free[order] = 0;
	}
	for (unsigned cpu = 0; cpu < BUDDY_CPUS; cpu++) {
		list_make(&b.cpu[cpu].list);
		b.cpu[cpu].count = 0;
	}
	for (uint64_t i = frames; i > 0; i -= 1u << TOP)
		put_block(i - (1u << TOP), TOP);
	return sizeof(struct frame);
}
