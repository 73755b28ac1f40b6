/* SPDX-License-Identifier: MIT */
/*
 * hmat: which initiator is nearest to memory, how fast it is from each, and its
 * caches: ACPI 6.5 5.2.28. Lengths are judged as Linux does in
 * drivers/acpi/numa/hmat.c, but a locality's counts are multiplied without
 * wrapping.
 */
#include <numaboot/acpi.h>

#include "acpi/entry.h"
#include "base/bytes.h"

/* Where every entry has its length: 32 bits. */
enum { ENTRY_LENGTH = 4 };

/* Memory Proximity Domain Attributes, type 0: 5.2.28.3. Offsets in bytes. */
enum {
	PROXIMITY_BYTES = 40,
	PROXIMITY_FLAGS = 8,
	PROXIMITY_INITIATOR = 12,
	PROXIMITY_MEMORY = 16,
};

/* System Locality Latency and Bandwidth Information, type 1: 5.2.28.4. */
enum {
	LOCALITY_BYTES = 32, /* then the lists and the matrix */
	LOCALITY_FLAGS = 8,
	LOCALITY_TYPE = 9,
	LOCALITY_MIN_TRANSFER = 10,
	LOCALITY_INITIATORS = 12,
	LOCALITY_TARGETS = 16,
	LOCALITY_UNIT = 24,
};

/* Memory Side Cache Information, type 2: 5.2.28.5. */
enum {
	CACHE_BYTES = 32, /* then the handles */
	CACHE_MEMORY = 8,
	CACHE_SIZE = 16,
	CACHE_ATTRIBUTES = 24,
	CACHE_HANDLES = 30,
};

/* Whether the entry both claims and has the bytes of its type. */
static bool has(const struct nb_entry *entry, uint32_t need, struct nb_fault *fault)
{
	return entry_claims(entry, need, ENTRY_LENGTH, fault) && entry_is_there(entry, need, fault);
}

enum nb_err nb_hmat_proximity(const struct nb_entry *entry, struct nb_hmat_proximity *out,
			      struct nb_fault *fault)
{
	if (!has(entry, PROXIMITY_BYTES, fault))
		return NB_ERR_FIRMWARE;
	if (entry->length != PROXIMITY_BYTES) {
		*fault = (struct nb_fault){
			.kind = NB_FAULT_LENGTH,
			.offset = entry->bytes.offset + ENTRY_LENGTH,
			.got = entry->length,
			.want = PROXIMITY_BYTES,
		};
		return NB_ERR_FIRMWARE;
	}

	*out = (struct nb_hmat_proximity){
		.flags = nb_le16(entry->bytes, PROXIMITY_FLAGS),
		.initiator_pxm = nb_le32(entry->bytes, PROXIMITY_INITIATOR),
		.memory_pxm = nb_le32(entry->bytes, PROXIMITY_MEMORY),
	};
	return NB_OK;
}

/* Bytes of a locality entry with these counts, or the largest number where that
 * is too large: 2 * i * t + 4 * i + 4 * t stays below 2^64 if i * t < 2^62. */
static uint64_t locality_bytes(uint64_t initiators, uint64_t targets)
{
	if (targets && initiators > (UINT64_MAX >> 2) / targets)
		return UINT64_MAX;
	return LOCALITY_BYTES + 4 * initiators + 4 * targets + 2 * initiators * targets;
}

enum nb_err nb_hmat_locality(const struct nb_entry *entry, struct nb_hmat_locality *out,
			     struct nb_fault *fault)
{
	struct nb_bytes bytes = entry->bytes;
	uint64_t need, initiators, targets;

	if (!has(entry, LOCALITY_BYTES, fault))
		return NB_ERR_FIRMWARE;
	initiators = nb_le32(bytes, LOCALITY_INITIATORS);
	targets = nb_le32(bytes, LOCALITY_TARGETS);
	need = locality_bytes(initiators, targets);
	if (need > bytes.len) {
		*fault = (struct nb_fault){
			.kind = NB_FAULT_COUNT,
			.offset = bytes.offset + LOCALITY_INITIATORS,
			.got = bytes.len,
			.want = need,
		};
		return NB_ERR_FIRMWARE;
	}

	/* Both counts are below a quarter of bytes.len now: nothing can wrap. */
	*out = (struct nb_hmat_locality){
		.flags = nb_u8(bytes, LOCALITY_FLAGS),
		.data_type = nb_u8(bytes, LOCALITY_TYPE),
		.min_transfer = nb_u8(bytes, LOCALITY_MIN_TRANSFER),
		.base_unit = nb_le64(bytes, LOCALITY_UNIT),
		.initiators = (uint32_t)initiators,
		.targets = (uint32_t)targets,
		.initiator_pxms = nb_slice(bytes, LOCALITY_BYTES, 4 * initiators),
		.target_pxms = nb_slice(bytes, LOCALITY_BYTES + 4 * initiators, 4 * targets),
		.values = nb_slice(bytes, LOCALITY_BYTES + 4 * (initiators + targets),
				   2 * initiators * targets),
	};
	return NB_OK;
}

enum nb_err nb_hmat_cache(const struct nb_entry *entry, struct nb_hmat_cache *out,
			  struct nb_fault *fault)
{
	if (!has(entry, CACHE_BYTES, fault))
		return NB_ERR_FIRMWARE;
	*out = (struct nb_hmat_cache){
		.memory_pxm = nb_le32(entry->bytes, CACHE_MEMORY),
		.size = nb_le64(entry->bytes, CACHE_SIZE),
		.attributes = nb_le32(entry->bytes, CACHE_ATTRIBUTES),
		.smbios_handles = nb_le16(entry->bytes, CACHE_HANDLES),
	};
	return NB_OK;
}
