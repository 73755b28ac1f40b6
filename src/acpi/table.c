/* SPDX-License-Identifier: MIT */
/*
 * table: what all ACPI tables share: the header, which bytes may be read, the
 * checksum, and the walk over entries. It looks at form and at nothing else.
 */
#include <numaboot/acpi.h>

#include "base/bytes.h"
#include "base/memory.h"

/* The header, ACPI 6.5 5.2.6. Offsets in bytes. */
enum {
	HEADER = 36,
	LENGTH = 4,
	REVISION = 8,
	OEM_ID = 10,
	OEM_TABLE_ID = 16,
	OEM_REVISION = 24,
};

/* What is there, whatever the header says. */
static struct nb_bytes stored(const struct nb_table *table)
{
	return (struct nb_bytes){ .at = table->at, .len = table->len };
}

enum nb_err nb_acpi_header(const struct nb_table *table, struct nb_acpi_header *out,
			   struct nb_fault *fault)
{
	struct nb_bytes bytes = stored(table);

	if (bytes.len < HEADER) {
		*fault = (struct nb_fault){
			.kind = NB_FAULT_SHORT,
			.got = bytes.len,
			.want = HEADER,
		};
		return NB_ERR_FIRMWARE;
	}
	*fault = (struct nb_fault){ .kind = NB_FAULT_NONE };

	out->length = nb_le32(bytes, LENGTH);
	out->revision = nb_u8(bytes, REVISION);
	out->oem_revision = nb_le32(bytes, OEM_REVISION);
	memcpy(out->signature, bytes.at, sizeof(out->signature));
	memcpy(out->oem_id, bytes.at + OEM_ID, sizeof(out->oem_id));
	memcpy(out->oem_table_id, bytes.at + OEM_TABLE_ID, sizeof(out->oem_table_id));
	return NB_OK;
}

struct nb_bytes nb_acpi_bytes(const struct nb_table *table)
{
	struct nb_bytes bytes = stored(table);

	if (bytes.len >= HEADER)
		bytes.len = nb_min(bytes.len, nb_le32(bytes, LENGTH));
	return bytes;
}

bool nb_acpi_checksum_ok(const struct nb_table *table)
{
	struct nb_bytes bytes = nb_acpi_bytes(table);
	uint8_t sum = 0;

	for (size_t i = 0; i < bytes.len; i++)
		sum = (uint8_t)(sum + bytes.at[i]);
	return sum == 0;
}

const struct nb_table *nb_firmware_table(const struct nb_firmware *fw, const char signature[4])
{
	for (uint32_t i = 0; i < fw->table_count; i++)
		if (memcmp(fw->tables[i].signature, signature, 4) == 0)
			return &fw->tables[i];
	return NULL;
}

struct nb_entry_walk nb_entries(const struct nb_table *table, enum nb_entry_form form,
				uint32_t first)
{
	return (struct nb_entry_walk){
		.table = nb_acpi_bytes(table),
		.form = form,
		.next = first,
	};
}

/* Bytes of the part that all entries of a form begin with. */
static uint32_t entry_header(enum nb_entry_form form)
{
	switch (form) {
	case NB_ENTRY_COMMON:
		return 2;
	case NB_ENTRY_HMAT:
		return 8;
	case NB_ENTRY_CEDT:
		return 4;
	}
	nb_assert_failed("a form of entries", __FILE__, __LINE__);
}

/* Reads type and length; the walk saw to it that they are there. */
static void read_entry_header(enum nb_entry_form form, struct nb_entry *entry)
{
	switch (form) {
	case NB_ENTRY_COMMON:
		entry->type = nb_u8(entry->rest, 0);
		entry->length = nb_u8(entry->rest, 1);
		break;
	case NB_ENTRY_HMAT:
		entry->type = nb_le16(entry->rest, 0);
		entry->length = nb_le32(entry->rest, 4);
		break;
	case NB_ENTRY_CEDT:
		entry->type = nb_u8(entry->rest, 0);
		entry->length = nb_le16(entry->rest, 2);
		break;
	}
}

bool nb_entry_next(struct nb_entry_walk *walk, struct nb_entry *entry)
{
	size_t end = walk->table.len;

	if (walk->fault.kind != NB_FAULT_NONE)
		return false;
	if (walk->next >= end || end - walk->next <= entry_header(walk->form))
		return false;

	entry->rest = nb_slice(walk->table, walk->next, end);
	read_entry_header(walk->form, entry);
	entry->bytes = nb_slice(entry->rest, 0, entry->length);

	if (entry->length == 0)
		walk->fault = (struct nb_fault){
			.kind = NB_FAULT_ZERO_LENGTH,
			.offset = walk->next,
			.want = entry_header(walk->form),
		};
	/* A table is no longer than its 32-bit length, so `next` cannot wrap. */
	walk->next += (uint32_t)entry->bytes.len;
	return true;
}
