/* SPDX-License-Identifier: MIT */
/* explain: a chain of decisions, for people, for programs, as a picture. */
#ifndef HOSTS_CLI_VIEWS_EXPLAIN_H
#define HOSTS_CLI_VIEWS_EXPLAIN_H

#include "../../explain/chain.h"
#include "views.h"

struct explanation {
	struct prediction prediction;
	const struct chain *chain;
};

void view_explain(struct out *out, const struct explanation *explanation);
void view_explain_json(struct out *out, const struct explanation *explanation);
void view_explain_dot(struct out *out, const struct explanation *explanation);

#endif
