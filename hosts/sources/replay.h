/* SPDX-License-Identifier: MIT */
/*
 * replay: a recorded trace of Linux's memblock, followed on ours: each request
 * that the log prints must get the address that Linux gave, each dump must show
 * what ours holds.
 */
#ifndef HOSTS_SOURCES_REPLAY_H
#define HOSTS_SOURCES_REPLAY_H

#include "memblock_lines.h"
#include "purposes.h"
#include "source.h"
#include "stage_steps.h"

enum replay_what {
	REPLAY_TOOK,
	REPLAY_FAILED, /* a request that found nothing */
	REPLAY_FREED,
	REPLAY_FREED_LATE, /* by the page allocator */
	REPLAY_ADDED,
	REPLAY_REMOVED,
	REPLAY_DOUBLED,
	REPLAY_DUMP,
	REPLAY_GAP, /* lines are missing */
	REPLAY_WHATS,
};

/* Where it was known from that a piece is taken. */
enum replay_how {
	REPLAY_BEFORE,    /* before the first dump: not followed */
	REPLAY_REPLAYED,  /* its request is printed */
	REPLAY_PREDICTED, /* its request is not, but a stage makes it */
	REPLAY_TAKEN,     /* from the log, as it is */
	REPLAY_HOWS,
};

enum replay_gap {
	GAP_NONE,
	GAP_TOLD,      /* the log says that messages were lost */
	GAP_DAMAGED,   /* a line that is not whole */
	GAP_DUMP,      /* a dump that is not whole */
	GAP_START,     /* the log begins in the middle */
	GAP_END,       /* the log ends before the page allocator takes over */
	GAP_LOST_TAKE, /* something was taken, by the look of what follows */
	GAP_LOST_FREE, /* something was freed */
	REPLAY_GAPS,
};

struct replay_entry {
	enum replay_what what;
	enum replay_how how;
	enum replay_gap gap;
	bool differs;  /* Linux did something else than we */
	bool unsure;   /* it could not be judged: lines before it are missing */
	bool is_first; /* of a dump: the one that all begins with */
	bool has_request;
	uint32_t line;         /* of the log, from 0 */
	struct nb_range range; /* bytes; empty: nothing was freed */
	struct nb_range ours;  /* where it differs: what we would have done; empty: nothing */
	struct nb_request request;
	int32_t nid;             /* the node it lies on, NB_NO_NODE: none, or not known */
	uint32_t caller;         /* index into callers */
	enum nb_event_kind kind; /* of the stage's event that tells of it, NB_EVENT_KINDS: none */
	uint32_t id;
	int32_t of_nid; /* it is this node's data; NB_NO_NODE: it is none's */
	uint64_t freed; /* bytes of it that were freed again */

	/* A dump: what is not equal, how many regions, and the first of them. */
	uint32_t regions, regions_differ;
	struct nb_region linux_region, our_region;
	bool of_reserved;
};

struct replay_caller {
	struct nb_text name;
	enum purpose purpose; /* by its name alone */
	uint32_t takes, frees;
	uint64_t took, freed, left; /* bytes; left: when the page allocator takes over */
};

struct replay_counts {
	uint32_t requests, replayed;          /* requests that are printed, and those that agree */
	uint32_t unprinted, predicted, taken; /* reservations that are printed alone */
	uint32_t frees, frees_of_nothing;
	uint32_t doublings;
	uint32_t dumps, dumps_equal; /* behind the first */
	uint32_t gaps, unsure;       /* unsure: what could not be judged */
	uint32_t differ;
};

struct replay {
	struct replay_entry *entries;
	uint32_t entry_count;
	struct replay_caller *callers;
	uint32_t caller_count;
	struct replay_counts counts;
	struct nb_memblock mb;    /* as the page allocator finds it */
	struct nb_regions owners; /* what was reserved then: nid: the caller, flags: the purpose */
	bool ended;               /* the log goes on behind the last line about memblock */
};

/* The name of a caller that stands for all that the first dump shows to be taken
 * and no line before it tells of. */
extern const char replay_before[];

/* What an entry was taken for. */
enum purpose replay_purpose(const struct replay *replay, const struct replay_entry *entry);

/* Whether the log says that part of a range was freed late. */
bool replay_freed_late(const struct replay *replay, struct nb_range range);

/*
 * Follows the log of a boot with what stages did on the same machine, of which
 * there may be none. `kernel` says how its memblock searches. All memory is the
 * pool's. False if the log has no whole dump of the map.
 */
bool replay_log(struct replay *replay, const struct boot_log *log, const struct kernel *kernel,
		struct stage_steps *steps, struct pool *pool);

#endif
