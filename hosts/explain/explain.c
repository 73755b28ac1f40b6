/* SPDX-License-Identifier: MIT */
/* explain: picks who answers. */
#include "inquiry.h"

void explain(const struct inquiry *q, const struct question *question)
{
	switch (question->kind) {
	case ASK_STORY:
		explain_story(q);
		break;
	case ASK_RANGE:
		explain_range(q, question->range);
		break;
	case ASK_NODE:
		explain_node(q, question->nid);
		break;
	case ASK_CPU:
		explain_cpu(q, question->number);
		break;
	case ASK_ZONE:
		explain_zone(q, question->nid, question->zone);
		break;
	case ASK_PXM:
		explain_pxm(q, question->number);
		break;
	case ASK_FALLBACK:
		explain_fallback(q, question->nid);
		break;
	case ASK_MEMORY:
		explain_memory(q);
		break;
	}
}
