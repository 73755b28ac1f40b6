/* SPDX-License-Identifier: MIT */
/*
 * srat: how long entries of a SRAT have to be. The numa stage asks, and so does whoever
 * says how much room the stage needs.
 */
#ifndef NB_BOOT_SRAT_H
#define NB_BOOT_SRAT_H

#include <numaboot/acpi.h>

#include "base/bytes.h"

/*
 * The bytes that an entry should have, if Linux minds how many it says it has; 0: it does
 * not. Of memory it minds more than enough only where it is exact; an initiator it reads
 * whatever its length, unless that is 0.
 *
 * Source: Linux 6.12 arch/x86/mm/srat.c, drivers/acpi/numa/srat.c.
 */
static inline uint32_t nb_srat_length_wanted(const struct nb_entry *entry, bool exact)
{
	enum { LAPIC = 16, X2APIC = 24, MEMORY = 40, INITIATOR = 32 };

	switch (entry->type) {
	case NB_SRAT_LAPIC:
		return entry->length == LAPIC ? 0 : LAPIC;
	case NB_SRAT_X2APIC:
		return entry->length >= X2APIC ? 0 : X2APIC;
	case NB_SRAT_MEMORY:
		return entry->length == MEMORY || (entry->length > MEMORY && !exact) ? 0 : MEMORY;
	case NB_SRAT_INITIATOR:
		return entry->length ? 0 : INITIATOR;
	default:
		return 0;
	}
}

/* Has an entry be that long, and the walk go on behind it. */
static inline void nb_srat_set_length(struct nb_entry_walk *walk, struct nb_entry *entry,
				      uint32_t length)
{
	entry->length = length;
	entry->bytes = nb_slice(entry->rest, 0, length);
	walk->fault = (struct nb_fault){ .kind = NB_FAULT_NONE };
	walk->next = entry->bytes.offset + (uint32_t)entry->bytes.len;
}

#endif
