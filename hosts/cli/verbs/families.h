/* SPDX-License-Identifier: MIT */
/*
 * families: which lines of a boot log are modelled.
 */
#ifndef HOSTS_CLI_VERBS_FAMILIES_H
#define HOSTS_CLI_VERBS_FAMILIES_H

#include <numaboot/params.h>

enum { FAMILY_PATTERNS = 24, FAMILIES_MOST = 48 };

/*
 * A pattern is in plain words: those of 6.12, without leading zeros, and one that
 * begins with <7> is a line for debugging, which not every log keeps. * stands for any text, # for a decimal number, which may be
 * negative, % for a hexadecimal one with 0x.
 */
struct family {
	const char *name;
	const char *patterns[FAMILY_PATTERNS]; /* null after the last */
};

extern const struct family families[];
extern const unsigned family_count;

/* A line of a log and what it is. */
struct log_line {
	struct nb_text own, plain; /* as it was written, and in plain words */
	unsigned family;
	bool debug;
};

/* Finds the family of a line; false if it is not modelled. */
bool family_of(struct nb_text text, struct nb_text plain, struct log_line *line);

/* Whether a line, in plain words, fits a pattern as a whole. */
bool pattern_fits(const char *pattern, struct nb_text plain);

/* Whether two lines are the same to the letter. */
bool log_lines_same(const struct log_line *a, const struct log_line *b);

/* Whether they are in plain words. */
bool log_lines_agree(const struct log_line *a, const struct log_line *b);

#endif
