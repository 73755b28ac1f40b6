/* SPDX-License-Identifier: MIT */
/*
 * outcome: what came out of a boot, as named pieces of text that can be held
 * against those of another boot; and what two boots differ in.
 */
#ifndef HOSTS_CLI_VERBS_OUTCOME_H
#define HOSTS_CLI_VERBS_OUTCOME_H

#include "../run.h"
#include "weigh.h"

enum outcome_group {
	OUT_END,
	OUT_MAP,
	OUT_NODES,
	OUT_MEMORY,
	OUT_CPUS,
	OUT_DISTANCES,
	OUT_ZONES,
	OUT_ORDERS,
	OUT_ACCESS,
	OUT_REPAIRS,
	OUTCOME_GROUPS,
};

extern const char *const outcome_group_names[OUTCOME_GROUPS];

/* "node 3 distances": "20 20 10 20". */
struct piece {
	enum outcome_group group;
	struct nb_text name, value;
};

struct outcome {
	struct pool pool;
	struct piece *pieces;
	uint32_t count, cap;
};

/* Tells what came out of a run. */
void outcome_read(struct outcome *outcome, const struct run *run);

/* Whether two boots came to the same. */
bool outcomes_same(const struct outcome *a, const struct outcome *b);

/* The piece with a name, or null. *hint is where it may be, and is moved on. */
const struct piece *outcome_find(const struct outcome *outcome, struct nb_text name,
				 uint32_t *hint);

/* One side of a comparison. */
struct side {
	const struct source *source;
	const struct run *run;
	const struct outcome *outcome;
	const char *name; /* of the source, for people */
};

/* What a side has that the other has not, or has otherwise: null where it has none. */
struct difference {
	const struct piece *piece[2];
};

/* Why the first decision was not the same. */
enum cause {
	CAUSE_NONE,  /* no single cause: other inputs, or several rules at once */
	CAUSE_RULE,  /* a rule of the lines */
	CAUSE_BUILD, /* something that the builds chose */
};

/* The first decision that two boots do not share. */
struct parting {
	bool parts;
	bool of_consequence; /* looked for among the rules that decide what comes out */
	bool same_inputs;    /* one machine, one command line: lines or builds differ */
	enum nb_stage stage; /* of the first side, or of the second if that has none */
	bool has[2];         /* whether a side decides anything there */
	struct nb_event event[2];
	enum cause cause;
	const struct nb_rule *rule; /* CAUSE_RULE */
	unsigned config_row;        /* CAUSE_BUILD */
	uint32_t rules_differ;      /* how many rules the two lines do not share */
};

struct differences {
	struct side side[2];
	bool not_recorded
		[OUTCOME_GROUPS]; /* not compared: a boot log does not hold what decides it */
	const struct difference *at;
	uint32_t count;
	struct parting parting;
	struct weighed weighed; /* rules that differ, and which of them decide what comes out */
};

#endif
