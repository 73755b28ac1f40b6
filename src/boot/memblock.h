/* SPDX-License-Identifier: MIT */
/* memblock: what the stages that change memblock share: how they tell of it. */
#ifndef NB_BOOT_MEMBLOCK_H
#define NB_BOOT_MEMBLOCK_H

#include <numaboot/events.h>
#include <numaboot/memblock.h>

/* Emits the doublings that were not told yet. To be called after each change or
 * allocation that a stage makes. */
void nb_memblock_tell(struct nb_memblock *mb, const struct nb_env *env);

/*
 * Tells how a change to a set of mb ended, and says how the stage goes on: a
 * request that Linux loses is an event and no error, a kernel that dies is an
 * event and stays one. Not for allocations, which may fail without a loss.
 */
NB_MUST_CHECK enum nb_err nb_memblock_settle(struct nb_memblock *mb, const struct nb_regions *set,
					     enum nb_stage stage, enum nb_err err,
					     const struct nb_env *env);

#endif
