/* SPDX-License-Identifier: MIT */
/*
 * facts: a prediction held against what a machine showed, fact by fact and line
 * by line.
 */
#ifndef HOSTS_CLI_VERBS_FACTS_H
#define HOSTS_CLI_VERBS_FACTS_H

#include "../../sources/replay.h"
#include "../run.h"
#include "families.h"

enum verdict {
	IS_EXACT,
	IS_DIFFERENT,
	IS_GIVEN,        /* taken from the record, since nothing else has it */
	IS_NOT_RECORDED, /* predicted, but the record is silent, or the source does not
			  * hold what it depends on */
	IS_OF_RELEASE,   /* as the release that left the record has it, which is not
			  * modelled: in other words, or as the line on its other side */
	VERDICTS,
};

/* Facts of one kind. */
enum fact_group {
	GROUP_END,
	GROUP_NODES,
	GROUP_CPULISTS,
	GROUP_DISTANCES,
	GROUP_CPUS,
	GROUP_ZONES,
	GROUP_MANAGED,
	GROUP_MEMORY,
	GROUP_WATERMARKS,
	GROUP_RESERVES,
	GROUP_LISTS,
	GROUP_DIRECT_MAP,
	GROUP_BOUNCE,
	GROUP_ACCESS,
	GROUP_GIVEN,
	GROUP_NOT_HELD,
	FACT_GROUPS,
};

struct group_row {
	const char *name, *recorded_in;
};

extern const struct group_row group_rows[FACT_GROUPS];

struct fact {
	enum fact_group group;
	enum verdict verdict;
	struct nb_text name, predicted, recorded;
};

/* A line that one side alone has, or that both have at one place, but not alike. */
struct log_difference {
	const struct log_line *predicted, *recorded; /* null: this side has none */
	uint32_t at;                                 /* the record's line, from 1 */
	bool of_release;                             /* the line on the other side has it so */
};

enum { REASONS_MOST = 8 };

/* Lines that cannot be predicted, and the fact that the source does not hold. */
struct not_held {
	enum source_fact fact;
	unsigned family;
	uint32_t lines; /* of the record */
};

struct comparison {
	struct pool pool;
	struct fact *facts;
	uint32_t fact_count, fact_cap;

	bool has_log;
	bool by_meaning; /* the record's release is not modelled: other words are no difference */
	struct log_line *predicted, *recorded; /* modelled lines */
	uint32_t *recorded_at;                 /* the record's line numbers */
	uint32_t predicted_count, recorded_count;
	uint32_t later_count; /* recorded lines of modelled families that came after the boot */
	uint32_t lines[FAMILIES_MOST]
		      [VERDICTS]; /* of each family; given: same but for what is given */
	struct log_difference *differences;
	uint32_t difference_count;
	struct not_held not_held[REASONS_MOST];
	uint32_t not_held_count;

	uint32_t counts[VERDICTS]; /* facts and lines together */
};

/* What is compared. The log is what the prediction's log says, as text. */
struct held {
	const struct source *source;
	const struct run *run;
	const struct recorded *recorded;
	struct nb_text predicted_log;
	const struct replay *replay; /* of the log's trace of memblock; null: there is none */
};

/* Compares. */
void compare_facts(struct comparison *comparison, const struct held *held);

/*
 * For a record whose release is between two modelled lines: what differs from the
 * nearest line, but is as the other one has it, was changed in between.
 */
void compare_other_line(struct comparison *comparison, const struct comparison *other);

/* The fact that decides a line and that the source does not hold; FACTS if there
 * is none. */
enum source_fact line_needs(const struct held *held, const struct log_line *line);

/* Whether the addresses of memory that is taken early are compared. */
bool knows_addresses(const struct held *held);

#endif
