/* SPDX-License-Identifier: MIT */
/*
 * releases: what releases that are not modelled are known to do otherwise than the
 * lines around them, or before all of them.
 */
#ifndef HOSTS_CLI_VERBS_RELEASES_H
#define HOSTS_CLI_VERBS_RELEASES_H

#include "families.h"

enum { RELEASE_PATTERNS = 8 };

struct release_row {
	const char *first, *last; /* "2.6.39" */
	const char *says;
	const char *patterns[RELEASE_PATTERNS]; /* of lines, as in families; null after the last */
};

extern const struct release_row release_rows[];
extern const unsigned release_row_count;

/* Whether a line, in plain words, is one that a release is known to have or to lack. */
bool release_has_own(struct nb_text release, struct nb_text plain);

#endif
