/* SPDX-License-Identifier: MIT */
/* explain: picks who answers. What cannot be as it is asked ends in a complaint. */
#include "inquiry.h"

bool explain(const struct inquiry *q, const struct question *question, struct complaint *complaint)
{
	switch (question->kind) {
	case ASK_STORY:
		explain_story(q);
		return true;
	case ASK_RANGE:
		explain_range(q, question->range);
		return true;
	case ASK_NODE:
		explain_node(q, question->nid);
		return true;
	case ASK_CPU:
		explain_cpu(q, question->number);
		return true;
	case ASK_ZONE:
		return explain_zone(q, question->nid, question->zone, complaint);
	case ASK_PXM:
		explain_pxm(q, question->number);
		return true;
	case ASK_FALLBACK:
		return explain_fallback(q, question->nid, complaint);
	case ASK_MEMORY:
		explain_memory(q);
		return true;
	}
	return false;
}
