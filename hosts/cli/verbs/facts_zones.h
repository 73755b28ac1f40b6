/* SPDX-License-Identifier: MIT */
/*
 * facts_zones: the part of a comparison that is about the page allocator's zones.
 */
#ifndef HOSTS_CLI_VERBS_FACTS_ZONES_H
#define HOSTS_CLI_VERBS_FACTS_ZONES_H

#include "facts.h"

/*
 * Compares which nodes have pages that waited, and how many pages zones manage in the end: those that memblock had left by a
 * trace of it, and what the log says came back since. Where there is no trace these
 * facts are none; where the log does not tell, they are not recorded.
 */
void hold_managed(struct comparison *c, const struct held *held);

/*
 * Compares marks, reserves and lists. How many pages a zone managed when they were
 * made is read from the record: what it manages in the end, less what the log says
 * came back since. Where that does not tell, these facts are not recorded.
 */
void hold_watermarks(struct comparison *c, const struct held *held);

#endif
