/* SPDX-License-Identifier: MIT */
/* question: what is asked, in the words of the command line. */
#ifndef HOSTS_EXPLAIN_QUESTION_H
#define HOSTS_EXPLAIN_QUESTION_H

#include "../sources/tree.h"

#include <numaboot/base.h>

enum question_kind {
	ASK_STORY,
	ASK_RANGE,
	ASK_NODE,
	ASK_CPU,
	ASK_ZONE,
	ASK_PXM,
	ASK_FALLBACK,
	ASK_MEMORY,
};

struct question {
	enum question_kind kind;
	struct nb_range range;
	int32_t nid;
	uint32_t number; /* of a CPU, or of a proximity domain */
	enum nb_zone_id zone;
};

/* What a question may be, for people. */
extern const char question_forms[];

/* Whether a word begins a question, and is no file's name. */
bool question_begins(const char *word);

/* Reads a question: no word at all is one too. False, with a complaint. */
bool question_read(struct question *question, const char *const *words, unsigned count,
		   struct complaint *complaint);

#endif
