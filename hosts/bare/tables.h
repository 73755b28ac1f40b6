/* SPDX-License-Identifier: MIT */
/*
 * tables: the direct map as the mapping stage plans it, in tables that the processors
 * then use.
 */
#ifndef HOSTS_BARE_TABLES_H
#define HOSTS_BARE_TABLES_H

#include "identity.h"

#include <numaboot/boot.h>

/*
 * Has the mapping stage of this boot, which is yet to run, write its tables. Not if
 * the modelled kernel has 32 bits: its tables are none that long mode can use.
 */
void tables_prepare(struct nb_boot *boot, const struct identity *id);

/*
 * Once the stage has run: adds the identity map that this image lives in, loads the
 * tables, and looks through them at the borders of all RAM. Returns how many of these
 * were not what they are at their physical addresses.
 */
uint64_t tables_load(const struct nb_boot *boot, const struct identity *id);

#endif
