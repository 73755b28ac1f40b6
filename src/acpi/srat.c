/* SPDX-License-Identifier: MIT */
/*
 * srat: the entries that tie processors, memory and initiators to proximity
 * domains. A field is read if the table has it, whatever the entry's length:
 * Linux looks at the length of some types only, and later or never, so that is
 * left to the stage. GICC, ITS and RINTC entries belong to other architectures
 * and are only walked over.
 */
#include <numaboot/acpi.h>

#include "acpi/entry.h"
#include "base/bytes.h"
#include "base/memory.h"

/* Processor Local APIC/SAPIC Affinity, type 0: ACPI 6.5 5.2.16.1. Offsets in bytes. */
enum {
	LAPIC_BYTES = 16,
	LAPIC_PXM_LOW = 2,
	LAPIC_ID = 3,
	LAPIC_FLAGS = 4,
	LAPIC_PXM_HIGH = 9, /* three bytes */
};

/* Memory Affinity, type 1: ACPI 6.5 5.2.16.2. */
enum {
	MEMORY_BYTES = 40,
	MEMORY_PXM = 2,
	MEMORY_BASE = 8,
	MEMORY_SIZE = 16,
	MEMORY_FLAGS = 28,
};

/* Processor Local x2APIC Affinity, type 2: ACPI 6.5 5.2.16.3. */
enum {
	X2APIC_BYTES = 24,
	X2APIC_PXM = 4,
	X2APIC_ID = 8,
	X2APIC_FLAGS = 12,
};

/* Generic Initiator and Generic Port Affinity, types 5 and 6: ACPI 6.5 5.2.16.6, 5.2.16.7. */
enum {
	INITIATOR_BYTES = 32,
	INITIATOR_HANDLE_TYPE = 3,
	INITIATOR_PXM = 4,
	INITIATOR_HANDLE = 8,
	INITIATOR_FLAGS = 24,
};

void nb_srat_lapic(const struct nb_entry *entry, struct nb_srat_cpu *out, struct nb_fault *fault)
{
	struct nb_bytes bytes = entry->rest;

	entry_is_there(entry, LAPIC_BYTES, fault);
	*out = (struct nb_srat_cpu){
		.length = entry->length,
		.pxm_low = nb_u8(bytes, LAPIC_PXM_LOW),
		.pxm_high = (uint32_t)nb_le(bytes, LAPIC_PXM_HIGH, 3) << 8,
		.apic_id = nb_u8(bytes, LAPIC_ID),
		.flags = nb_le32(bytes, LAPIC_FLAGS),
	};
}

void nb_srat_x2apic(const struct nb_entry *entry, struct nb_srat_cpu *out, struct nb_fault *fault)
{
	struct nb_bytes bytes = entry->rest;

	entry_is_there(entry, X2APIC_BYTES, fault);
	*out = (struct nb_srat_cpu){
		.length = entry->length,
		.pxm_low = nb_le32(bytes, X2APIC_PXM),
		.apic_id = nb_le32(bytes, X2APIC_ID),
		.flags = nb_le32(bytes, X2APIC_FLAGS),
	};
}

void nb_srat_memory(const struct nb_entry *entry, struct nb_srat_memory *out,
		    struct nb_fault *fault)
{
	struct nb_bytes bytes = entry->rest;

	entry_is_there(entry, MEMORY_BYTES, fault);
	*out = (struct nb_srat_memory){
		.length = entry->length,
		.pxm = nb_le32(bytes, MEMORY_PXM),
		.base = nb_le64(bytes, MEMORY_BASE),
		.size = nb_le64(bytes, MEMORY_SIZE),
		.flags = nb_le32(bytes, MEMORY_FLAGS),
	};
}

void nb_srat_initiator(const struct nb_entry *entry, struct nb_srat_initiator *out,
		       struct nb_fault *fault)
{
	struct nb_bytes bytes = entry->rest;
	struct nb_bytes handle = nb_slice(bytes, INITIATOR_HANDLE, sizeof(out->handle));

	entry_is_there(entry, INITIATOR_BYTES, fault);
	*out = (struct nb_srat_initiator){
		.length = entry->length,
		.pxm = nb_le32(bytes, INITIATOR_PXM),
		.handle_type = nb_u8(bytes, INITIATOR_HANDLE_TYPE),
		.flags = nb_le32(bytes, INITIATOR_FLAGS),
	};
	memcpy(out->handle, handle.at, handle.len);
}
