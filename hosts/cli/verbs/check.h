/* SPDX-License-Identifier: MIT */
/*
 * check: one machine, and all that was found.
 */
#ifndef HOSTS_CLI_VERBS_CHECK_H
#define HOSTS_CLI_VERBS_CHECK_H

#include "../../check/findings.h"
#include "../options.h"
#include "../output.h"
#include "../run.h"

struct checked {
	struct source source;
	struct findings findings;
	struct run run; /* with the source's own kernel, if `ran` */
	bool ran;
	const char *name; /* of the source, for people */
};

/* Reads and checks a source. False, with a complaint, if it cannot be read. */
bool check_source(struct checked *checked, const struct options *options, const struct ask *ask,
		  struct complaint *complaint);

void check_drop(struct checked *checked);

/* Whether something is as bad as --fail-on says. */
bool check_fails(const struct checked *checked, const struct check_ask *check);

/* Checks all sources of a directory. */
enum exit_code check_each(const struct options *options, struct out *out,
			  struct complaint *complaint);

#endif
