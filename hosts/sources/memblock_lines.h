/* SPDX-License-Identifier: MIT */
/*
 * memblock_lines: what a kernel booted with memblock=debug printed about its
 * memblock, line by line, in the words of any kernel.
 */
#ifndef HOSTS_SOURCES_MEMBLOCK_LINES_H
#define HOSTS_SOURCES_MEMBLOCK_LINES_H

#include "text.h"

#include <numaboot/memblock.h>

enum memblock_line_kind {
	LINE_OTHER, /* of something else */
	LINE_REQUEST,
	LINE_RESERVE,
	LINE_FREE,
	LINE_FREE_LATE, /* to the page allocator, which has taken over */
	LINE_ADD,
	LINE_REMOVE,
	LINE_DOUBLED,
	LINE_DUMP, /* "MEMBLOCK configuration:" */
	LINE_DUMP_SIZES,
	LINE_DUMP_COUNT,
	LINE_DUMP_REGION,
	LINE_NODE_DATA, /* says of what was reserved before it that it is a node's data */
	LINE_LOST,      /* the log says that messages were lost here */
	LINE_DAMAGED,   /* of memblock, but not whole */
};

struct memblock_line {
	enum memblock_line_kind kind;
	bool of_reserved;          /* doubled, count, region: of which set */
	bool has_mark;             /* reserve: the line has nid and flags */
	struct nb_range range;     /* may be empty, as what is freed sometimes is */
	uint64_t size, other;      /* count, doubled: regions; sizes: memory and reserved, bytes */
	int32_t nid;               /* NB_NO_NODE: none is named; node data: whose */
	uint32_t flags;            /* as the line has them */
	struct nb_request request; /* request */
	struct nb_text caller;     /* the function that asked, without its offset; may be empty */
};

/* Reads one line without its time stamp. */
void memblock_line_read(struct memblock_line *line, struct nb_text text);

#endif
