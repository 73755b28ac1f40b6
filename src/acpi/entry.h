/* SPDX-License-Identifier: MIT */
/* entry: the two ways in which an entry of a table can be too short. */
#ifndef NB_ACPI_ENTRY_H
#define NB_ACPI_ENTRY_H

#include <numaboot/acpi.h>

/* Whether the table has `need` bytes from the entry on; if not, the fault says
 * where the bytes end. */
static inline bool entry_is_there(const struct nb_entry *entry, uint32_t need,
				  struct nb_fault *fault)
{
	*fault = (struct nb_fault){ .kind = NB_FAULT_NONE };
	if (entry->rest.len >= need)
		return true;
	*fault = (struct nb_fault){
		.kind = NB_FAULT_TRUNCATED,
		.offset = entry->rest.offset,
		.got = entry->rest.len,
		.want = need,
	};
	return false;
}

/* Whether the entry claims `need` bytes; its length is `at` bytes into it. */
static inline bool entry_claims(const struct nb_entry *entry, uint32_t need, uint32_t at,
				struct nb_fault *fault)
{
	*fault = (struct nb_fault){ .kind = NB_FAULT_NONE };
	if (entry->length >= need)
		return true;
	*fault = (struct nb_fault){
		.kind = NB_FAULT_SHORT,
		.offset = entry->rest.offset + at,
		.got = entry->length,
		.want = need,
	};
	return false;
}

#endif
