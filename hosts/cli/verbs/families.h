/* SPDX-License-Identifier: MIT */
/*
 * families: which lines of a boot log are modelled, and what of a line is given.
 */
#ifndef HOSTS_CLI_VERBS_FAMILIES_H
#define HOSTS_CLI_VERBS_FAMILIES_H

#include <numaboot/params.h>

enum { FAMILY_PATTERNS = 16 };

/*
 * In a pattern * stands for any text, # for a decimal number, which may be
 * negative, % for a hexadecimal one with 0x; what a pair of braces encloses is
 * given: it has to be there, but is not compared.
 */
struct family {
	const char *name;
	const char *patterns[FAMILY_PATTERNS]; /* null after the last */
};

extern const struct family families[];
extern const unsigned family_count;

/* A line of a log and what it is. */
struct log_line {
	struct nb_text text;
	unsigned family;
	size_t given_at, given_len; /* the part that is given; 0 long: none */
};

/* Finds the family of a line; false if it is not modelled. */
bool family_of(struct nb_text text, struct log_line *line);

/* Whether two lines are the same to the letter, but for what is given. */
bool log_lines_same(const struct log_line *a, const struct log_line *b);

#endif
