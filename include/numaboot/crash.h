/* SPDX-License-Identifier: MIT */
/* crash: the stage that keeps memory for a kernel that takes over when this one dies. */
#ifndef NUMABOOT_CRASH_H
#define NUMABOOT_CRASH_H

#include <numaboot/events.h>
#include <numaboot/memblock.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nb_params;

struct nb_crash {
	struct nb_range kernel; /* where it is loaded; empty: none */
	struct nb_range low;    /* what it has below 4 GiB, if it is loaded above; empty: none */
};

/*
 * Obeys crashkernel= in all its forms, once memblock knows the nodes of memory.
 * Errors: those of memblock; no room is an event.
 * Source: Linux 6.12 kernel/crash_reserve.c parse_crashkernel(),
 * reserve_crashkernel_generic().
 */
NB_MUST_CHECK enum nb_err nb_crash_build(struct nb_crash *crash, struct nb_memblock *mb,
					 const char *cmdline, const struct nb_params *params,
					 const struct nb_env *env);

#ifdef __cplusplus
}
#endif
#endif
