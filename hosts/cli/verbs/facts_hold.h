/* SPDX-License-Identifier: MIT */
/* facts_hold: adding facts to a comparison. */
#ifndef HOSTS_CLI_VERBS_FACTS_HOLD_H
#define HOSTS_CLI_VERBS_FACTS_HOLD_H

#include "facts.h"

/* Formats a text, which belongs to the comparison. */
struct nb_text say(struct comparison *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds a fact of which both sides are known as text; recorded.at null: it is not. */
void hold(struct comparison *c, enum fact_group group, struct nb_text name,
	  struct nb_text predicted, struct nb_text recorded);

#endif
