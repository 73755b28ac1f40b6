/* SPDX-License-Identifier: MIT */
/* memblock: what the stages that change memblock share: how they tell of it. */
#ifndef NB_BOOT_MEMBLOCK_H
#define NB_BOOT_MEMBLOCK_H

#include <numaboot/events.h>
#include <numaboot/firmware.h>
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

/* Reserves a range for something, and tells so; an empty one is nothing. */
NB_MUST_CHECK enum nb_err nb_memblock_keep(struct nb_memblock *mb, struct nb_range range,
					   enum nb_reserved_for reason, const struct nb_env *env);

/* Allocates for something, and tells so. Errors: NB_ERR_MEMORY, of which nothing is
 * told: what that means is for the caller to judge. */
NB_MUST_CHECK enum nb_err nb_memblock_get(struct nb_memblock *mb, const struct nb_request *request,
					  enum nb_reserved_for reason, nb_phys *at,
					  const struct nb_env *env);

/* Gives back what was reserved for something, and tells so. */
NB_MUST_CHECK enum nb_err nb_memblock_give_back(struct nb_memblock *mb, struct nb_range range,
						enum nb_reserved_for reason,
						const struct nb_env *env);

/* Size bytes from start on, as far as addresses go: memblock_cap_size(). */
struct nb_range nb_capped(nb_phys start, uint64_t size);

/* The initrd's pages; only its end may lie inside one. Empty: there is none. */
struct nb_range nb_initrd_pages(const struct nb_boot_facts *facts);

#endif
