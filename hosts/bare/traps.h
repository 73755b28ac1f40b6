/* SPDX-License-Identifier: MIT */
/*
 * traps: what an exception of the processor comes to: a line, and the end.
 */
#ifndef HOSTS_BARE_TRAPS_H
#define HOSTS_BARE_TRAPS_H

/* Has this processor's exceptions reported. Once on each. */
void traps_load(void);

#endif
