/* SPDX-License-Identifier: MIT */
/*
 * madt: processors as interrupt targets, in three forms. An entry that is too
 * short for its type, by its own word or by the table's end, is refused: with
 * it Linux ends its walk. Source: Linux 6.12 include/linux/acpi.h
 * BAD_MADT_ENTRY(), arch/x86/kernel/acpi/boot.c.
 */
#include <numaboot/acpi.h>

#include "acpi/entry.h"
#include "base/bytes.h"

/* Processor Local APIC, type 0: ACPI 6.5 5.2.12.2. Offsets in bytes. */
enum {
	LAPIC_BYTES = 8,
	LAPIC_UID = 2,
	LAPIC_ID = 3,
	LAPIC_FLAGS = 4,
};

/* Local SAPIC, type 7, without its string: ACPI 6.5 5.2.12.10. */
enum {
	SAPIC_BYTES = 16,
	SAPIC_PROCESSOR = 2,
	SAPIC_ID = 3,
	SAPIC_EID = 4,
	SAPIC_FLAGS = 8,
};

/* Processor Local x2APIC, type 9: ACPI 6.5 5.2.12.12. */
enum {
	X2APIC_BYTES = 16,
	X2APIC_ID = 4,
	X2APIC_FLAGS = 8,
	X2APIC_UID = 12,
};

/* All entries have their length in the second byte. */
enum { ENTRY_LENGTH = 1 };

static uint32_t bytes_of_type(uint32_t type)
{
	switch (type) {
	case NB_MADT_LAPIC:
		return LAPIC_BYTES;
	case NB_MADT_SAPIC:
		return SAPIC_BYTES;
	case NB_MADT_X2APIC:
		return X2APIC_BYTES;
	}
	nb_assert_failed("an entry of a processor", __FILE__, __LINE__);
}

enum nb_err nb_madt_cpu(const struct nb_entry *entry, struct nb_madt_cpu *out,
			struct nb_fault *fault)
{
	struct nb_bytes bytes = entry->rest;
	uint32_t need = bytes_of_type(entry->type);

	if (!entry_claims(entry, need, ENTRY_LENGTH, fault) || !entry_is_there(entry, need, fault))
		return NB_ERR_FIRMWARE;

	switch (entry->type) {
	case NB_MADT_LAPIC:
		*out = (struct nb_madt_cpu){
			.apic_id = nb_u8(bytes, LAPIC_ID),
			.uid = nb_u8(bytes, LAPIC_UID),
			.flags = nb_le32(bytes, LAPIC_FLAGS),
		};
		break;
	case NB_MADT_SAPIC:
		*out = (struct nb_madt_cpu){
			.apic_id = (uint32_t)nb_u8(bytes, SAPIC_ID) << 8 | nb_u8(bytes, SAPIC_EID),
			.uid = nb_u8(bytes, SAPIC_PROCESSOR),
			.flags = nb_le32(bytes, SAPIC_FLAGS),
		};
		break;
	default:
		*out = (struct nb_madt_cpu){
			.apic_id = nb_le32(bytes, X2APIC_ID),
			.uid = nb_le32(bytes, X2APIC_UID),
			.flags = nb_le32(bytes, X2APIC_FLAGS),
		};
		break;
	}
	return NB_OK;
}
