/* SPDX-License-Identifier: MIT */
/* hmat: any bytes as a HMAT. */
#include "fuzz.h"

/* Reads a piece of a locality to its last byte, and ensures that it is in the entry. */
static void read_piece(struct nb_bytes piece, const struct nb_entry *entry)
{
	uint32_t sum = 0;

	ensure(piece.offset >= entry->bytes.offset);
	ensure(piece.offset + piece.len <= entry->bytes.offset + entry->bytes.len);
	for (size_t i = 0; i < piece.len; i++)
		sum += piece.at[i];
	ensure(sum <= 255 * piece.len);
}

static void read_locality(const struct nb_entry *entry)
{
	struct nb_hmat_locality locality;
	struct nb_fault fault;

	if (nb_hmat_locality(entry, &locality, &fault)) {
		ensure(fault.kind != NB_FAULT_NONE);
		return;
	}
	ensure(locality.initiator_pxms.len == 4 * (uint64_t)locality.initiators);
	ensure(locality.target_pxms.len == 4 * (uint64_t)locality.targets);
	ensure(locality.values.len == 2 * (uint64_t)locality.initiators * locality.targets);
	read_piece(locality.initiator_pxms, entry);
	read_piece(locality.target_pxms, entry);
	read_piece(locality.values, entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nb_table table = fuzz_table(data, size);
	struct nb_entry_walk walk = nb_entries(&table, NB_ENTRY_HMAT, NB_HMAT_ENTRIES);
	struct nb_entry entry;

	while (fuzz_next(&walk, &entry)) {
		struct nb_hmat_proximity proximity;
		struct nb_hmat_cache cache;
		struct nb_fault fault;

		if (entry.type == NB_HMAT_PROXIMITY)
			ensure((nb_hmat_proximity(&entry, &proximity, &fault) == NB_OK) ==
			       (entry.length == 40 && entry.bytes.len == 40));
		else if (entry.type == NB_HMAT_LOCALITY)
			read_locality(&entry);
		else
			ensure((nb_hmat_cache(&entry, &cache, &fault) == NB_OK) ==
			       (entry.bytes.len >= 32));
	}
	return 0;
}
