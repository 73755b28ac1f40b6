/* SPDX-License-Identifier: MIT */
/*
 * facts_log: the part of a comparison that is about the boot log.
 */
#ifndef HOSTS_CLI_VERBS_FACTS_LOG_H
#define HOSTS_CLI_VERBS_FACTS_LOG_H

#include "facts.h"

/* Lines that follow each other. */
struct lines {
	const struct log_line *at;
	uint32_t count;
};

/*
 * Compares the modelled lines. Where the record ends before the prediction does, and
 * may have lost its end, what is predicted beyond it is not recorded; returns how
 * many lines that are.
 */
uint32_t compare_logs(struct comparison *c, const struct held *held);

/* Looks for what differs in what the record's release is known to have of its own. */
void compare_known_releases(struct comparison *c, struct nb_text release);

/* Looks into the log that another line would have printed for what differs. */
void compare_other_log(struct comparison *c, const struct comparison *other);

#endif
