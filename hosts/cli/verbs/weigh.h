/* SPDX-License-Identifier: MIT */
/*
 * weigh: which rules decide anything on one machine: those whose other value, alone,
 * makes something else come out.
 */
#ifndef HOSTS_CLI_VERBS_WEIGH_H
#define HOSTS_CLI_VERBS_WEIGH_H

#include "../run.h"

enum { RULES_MOST = 256 };

/* Rules, and which of them matter. */
struct weighed {
	const struct nb_rule *rule[RULES_MOST];
	bool matters[RULES_MOST];
	uint32_t count;
};

/* A set of rules with one that is another's. */
void rule_copy(struct nb_rules *to, const struct nb_rules *from, const struct nb_rule *rule);

/* Weighs the rules that may differ in a release that is not modelled: none if the
 * source's kernel is. */
bool weigh_doubts(struct weighed *weighed, const struct source *source,
		  struct complaint *complaint);

/* Weighs the rules that a line does not share with the source's kernel. */
bool weigh_between(struct weighed *weighed, const struct source *source,
		   const struct nb_rules *other, struct complaint *complaint);

/* Whether a rule is among those that matter. */
bool weighed_matters(const struct weighed *weighed, const struct nb_rule *rule);

#endif
