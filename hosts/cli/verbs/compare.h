/* SPDX-License-Identifier: MIT */
/*
 * compare: a prediction held against what a machine showed, fact by fact and
 * line by line.
 */
#ifndef HOSTS_CLI_VERBS_COMPARE_H
#define HOSTS_CLI_VERBS_COMPARE_H

#include "../run.h"
#include "families.h"

enum verdict {
	IS_EXACT,
	IS_DIFFERENT,
	IS_GIVEN,        /* taken from the record, since nothing else has it */
	IS_NOT_RECORDED, /* predicted, but the record is silent */
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
	GROUP_ACCESS,
	GROUP_GIVEN,
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
};

enum { FAMILIES_MOST = 32 };

struct comparison {
	struct pool pool;
	struct fact *facts;
	uint32_t fact_count, fact_cap;

	bool has_log;
	struct log_line *predicted, *recorded; /* modelled lines */
	uint32_t *recorded_at;                 /* the record's line numbers */
	uint32_t predicted_count, recorded_count;
	uint32_t later_count; /* recorded lines of modelled families that came after the boot */
	uint32_t lines[FAMILIES_MOST]
		      [VERDICTS]; /* of each family; given: same but for what is given */
	struct log_difference *differences;
	uint32_t difference_count;

	uint32_t counts[VERDICTS]; /* facts and lines together */
};

/* Compares. predicted_log is what the prediction's log says, as text. */
void compare(struct comparison *comparison, const struct source *source, const struct run *run,
	     const struct recorded *recorded, struct nb_text predicted_log);

#endif
