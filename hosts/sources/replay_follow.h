/* SPDX-License-Identifier: MIT */
/*
 * replay_follow: what following a log of memblock has in hand, for the files that
 * do it:
 *
 *	replay.c           requests, reservations, frees, in the log's order
 *	replay_dump.c      dumps of the map between them
 *	replay_entries.c   the account that both write
 *	replay_owners.c    what comes of it in the end
 */
#ifndef HOSTS_SOURCES_REPLAY_FOLLOW_H
#define HOSTS_SOURCES_REPLAY_FOLLOW_H

#include "replay.h"

enum { REPLAY_SLOTS = 128 }; /* regions of memblock's own arrays, before they are doubled */

/* A dump that is being read. */
struct dump {
	bool open, counted[2];
	uint64_t size, reserved_size;
	uint32_t want[2], have[2]; /* regions: of memory, of reserved */
	uint32_t line;
};

struct follower {
	struct replay *r;
	struct nb_memblock *mb;
	struct stage_steps *steps;
	struct pool *pool;
	uint32_t line;
	uint32_t caller_cap, last_caller;

	struct memblock_line pending; /* a request whose result is still to come */
	uint32_t pending_line;
	bool has_pending;

	struct dump dump;
	struct nb_region *dumped[2], *first; /* first: what was reserved in the first dump */
	uint32_t first_count;
	uint32_t entry_cap, lines; /* lines: of the log */

	uint32_t next_step; /* of the stages: what they have not come to yet */
	bool follows;       /* the first dump is behind */
	bool unsure;        /* lines are missing since the last dump */
	bool lost_start;    /* the log's beginning is */
	bool nodes_known;   /* the nodes of memory are */
	bool behind_nodes;  /* all that the stages set for them is set */
	bool limit_known;
	uint32_t doublings_met;
	bool is_flat;
	uint32_t region_cap;
};

/* Our storage takes any trace that the log can hold, so what is lost here is lost
 * in Linux too: where its arrays cannot grow. */
static inline void let_be(enum nb_err err)
{
	(void)err;
}

/* The number of a caller in the replay's list, to which it is added. */
uint32_t replay_caller_index(struct follower *f, struct nb_text name);

/* Writes an entry of the line that is read. It is valid until the next one is written. */
struct replay_entry *replay_enter(struct follower *f, enum replay_what what, struct nb_text caller);

/* Lines are missing: from here on what does not fit is not judged, unless this
 * very gap is all that was missing. */
void replay_gap(struct follower *f, enum replay_gap gap, struct nb_range range);

/* Says of an entry whether Linux did the same as we. */
void replay_judge(struct follower *f, struct replay_entry *entry, bool equal);

/* Takes a line of a dump. With the last line of the first one the log is followed;
 * of the stages' steps those that are behind are still to be found. */
void replay_dump_line(struct follower *f, const struct memblock_line *line);

/* A dump that does not come to its end shows nothing that could be relied on. */
void replay_drop_dump(struct follower *f);

/* Sums up a log that was followed to its end, and finds the owners. */
void replay_settle(struct follower *f);

#endif
