/* SPDX-License-Identifier: MIT */
/*
 * purposes: what early memory is taken for, told from the stage that takes it or
 * from the function that asked; and what would give it back.
 */
#ifndef HOSTS_SOURCES_PURPOSES_H
#define HOSTS_SOURCES_PURPOSES_H

#include "text.h"

#include <numaboot/events.h>

enum purpose {
	FOR_KERNEL,
	FOR_INITRD,
	FOR_LOW_MEMORY,
	FOR_FIRMWARE,
	FOR_PAGE_TABLES,
	FOR_PROBE,
	FOR_LOG,
	FOR_NODE_DATA,
	FOR_MEMMAP,
	FOR_PERCPU,
	FOR_HASHES,
	FOR_BOUNCE,
	FOR_HUGE_PAGES,
	FOR_CRASH,
	FOR_MEMBLOCK,
	FOR_SOFT_RESERVED,
	FOR_SMALL_THINGS,
	PURPOSES,
};

struct purpose_row {
	const char *key; /* its name for programs */
	const char *name;
	const char *reason;
	const char *gives_back; /* "": nothing would */
};

extern const struct purpose_row purpose_rows[PURPOSES];

/* What a stage's event says that memory was taken for; PURPOSES if it is no such
 * event. `id` is the event's. */
enum purpose purpose_of_event(enum nb_event_kind kind, uint32_t id);

/* What a function of Linux takes memory for. */
enum purpose purpose_of_caller(struct nb_text caller);

#endif
