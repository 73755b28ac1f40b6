/* SPDX-License-Identifier: MIT */
/*
 * reading: a source with its record, for the verbs that need both.
 */
#ifndef HOSTS_CLI_VERBS_READING_H
#define HOSTS_CLI_VERBS_READING_H

#include "../place.h"
#include "../run.h"

struct reading {
	struct place place;
	struct source source;
	struct recorded recorded;
};

/* Reads what the machine showed, once its place was read. `log` is a file to take the boot log from; null:
 * the place's own. False, with a complaint, if something is there but cannot be read. */
bool reading_record(struct reading *reading, const char *log, struct complaint *complaint);

/* Reads the inputs of the boot too, and settles what is given by the record. */
bool reading_both(struct reading *reading, const struct ask *ask, const char *log,
		  struct complaint *complaint);

/* Whether a boot is the one that was recorded: with the same command line, and nothing
 * mended that Linux does not mend. */
bool reading_as_recorded(const struct ask *ask, const struct run *run);

void reading_drop(struct reading *reading);

#endif
