/* SPDX-License-Identifier: MIT */
/*
 * root: from the RSDP to the root table to the tables.
 *
 *   RSDP --> XSDT, else RSDT --> table, table, FADT, table ...
 *                                              |
 *                                              +--> DSDT, FACS
 *
 * Every step is a physical address that the firmware wrote, so every step goes
 * through the host's map() with the length that is wanted. No table is followed
 * any further than shown, so that a root table which lists itself is one more
 * table and no loop.
 *
 * What stops Linux stops this: a false RSDP, a root table that cannot be mapped
 * or has no entry. The root table's signature and checksum do not.
 */
#include <numaboot/acpi.h>

#include "base/bytes.h"
#include "base/memory.h"

/* Root System Description Pointer: ACPI 6.5 5.2.5.3. Offsets in bytes. */
enum {
	RSDP_BYTES_1 = 20, /* all of revision 0, and what the first checksum is over */
	RSDP_BYTES_2 = 36, /* all of revision 2 */
	RSDP_REVISION = 15,
	RSDP_RSDT = 16,
	RSDP_XSDT = 24,
};

/* The header of a table, and a root table's entries behind it: 5.2.6 to 5.2.8. */
enum {
	HEADER = 36,
	LENGTH = 4,
	RSDT_ENTRY = 4,
	XSDT_ENTRY = 8,
};

/* Addresses in a FADT: 5.2.9. A 64-bit one counts unless it is zero. */
enum {
	FADT_FACS = 36,
	FADT_DSDT = 40,
	FADT_X_FACS = 132,
	FADT_X_DSDT = 140,
};

/* The walk so far: tables go into at[0 .. cap), but all are counted. */
struct found {
	struct nb_map *host;
	struct nb_table *at;
	uint32_t cap, count;
	struct nb_fault fault; /* the first that Linux does not stop at */
};

/* Where the addresses of the tables are, and how wide each is. */
struct root {
	nb_phys address;
	uint32_t entry;
};

static struct nb_bytes map(struct nb_map *host, nb_phys address, size_t len)
{
	const uint8_t *at = host->map(host, address, len);

	return (struct nb_bytes){ .at = at, .len = at ? len : 0 };
}

static uint8_t sum(struct nb_bytes bytes, size_t len)
{
	uint8_t total = 0;

	for (size_t i = 0; i < len; i++)
		total = (uint8_t)(total + nb_u8(bytes, i));
	return total;
}

static enum nb_err fail(struct nb_fault *fault, enum nb_fault_kind kind, uint64_t got,
			uint64_t want)
{
	*fault = (struct nb_fault){ .kind = kind, .got = got, .want = want };
	return NB_ERR_FIRMWARE;
}

/* Reads the RSDP: signature, the checksum of each half that its revision has. */
static enum nb_err read_rsdp(struct nb_map *host, nb_phys address, struct root *root,
			     struct nb_fault *fault)
{
	struct nb_bytes rsdp = map(host, address, RSDP_BYTES_1);
	bool extended;

	if (!rsdp.at)
		return fail(fault, NB_FAULT_ADDRESS, address, RSDP_BYTES_1);
	if (memcmp(rsdp.at, "RSD PTR ", 8) != 0)
		return fail(fault, NB_FAULT_SIGNATURE, nb_le64(rsdp, 0), 0);
	if (sum(rsdp, RSDP_BYTES_1) != 0)
		return fail(fault, NB_FAULT_CHECKSUM, sum(rsdp, RSDP_BYTES_1), 0);

	extended = nb_u8(rsdp, RSDP_REVISION) >= 2;
	if (extended) {
		rsdp = map(host, address, RSDP_BYTES_2);
		if (!rsdp.at)
			return fail(fault, NB_FAULT_ADDRESS, address, RSDP_BYTES_2);
		if (sum(rsdp, RSDP_BYTES_2) != 0)
			return fail(fault, NB_FAULT_CHECKSUM, sum(rsdp, RSDP_BYTES_2), 0);
	}

	if (extended && nb_le64(rsdp, RSDP_XSDT))
		*root = (struct root){ nb_le64(rsdp, RSDP_XSDT), XSDT_ENTRY };
	else
		*root = (struct root){ nb_le32(rsdp, RSDP_RSDT), RSDT_ENTRY };
	return NB_OK;
}

/* Maps the root table as far as its header says. */
static enum nb_err map_root(struct nb_map *host, const struct root *root, struct nb_bytes *out,
			    struct nb_fault *fault)
{
	struct nb_bytes header = map(host, root->address, HEADER);
	uint32_t length = nb_le32(header, LENGTH);

	if (!header.at)
		return fail(fault, NB_FAULT_ADDRESS, root->address, HEADER);
	if (length < HEADER + root->entry) {
		fail(fault, NB_FAULT_SHORT, length, HEADER + root->entry);
		fault->offset = LENGTH;
		return NB_ERR_FIRMWARE;
	}
	*out = map(host, root->address, length);
	return out->at ? NB_OK : fail(fault, NB_FAULT_ADDRESS, root->address, length);
}

/* Keeps a fault that does not end the walk, if it is the first. */
static void note(struct found *found, struct nb_fault fault)
{
	if (found->fault.kind == NB_FAULT_NONE)
		found->fault = fault;
}

/*
 * Takes one table in: all of it, or its header if the host maps no more.
 * `offset` is where the root table has its address, for a fault. Returns the
 * bytes that may be read, none if the table is left out.
 */
static struct nb_bytes take(struct found *found, nb_phys address, uint32_t offset)
{
	struct nb_bytes header = map(found->host, address, HEADER), whole;
	uint32_t length = nb_le32(header, LENGTH);

	if (!header.at) {
		note(found, (struct nb_fault){ NB_FAULT_ADDRESS, offset, address, HEADER });
		return header;
	}
	whole = map(found->host, address, nb_max(length, HEADER));
	if (!whole.at) {
		note(found, (struct nb_fault){ NB_FAULT_ADDRESS, offset, address, length });
		whole = header;
	}
	if (found->count < found->cap) {
		struct nb_table *table = &found->at[found->count];

		*table = (struct nb_table){
			.address = address,
			.at = whole.at,
			.len = whole.len,
		};
		memcpy(table->signature, whole.at, sizeof(table->signature));
	}
	found->count++;
	return whole;
}

/* The DSDT and the FACS stand in no root table. Linux takes a FACS from both of
 * the FADT's fields, and the DSDT from one. */
static void take_of_fadt(struct found *found, struct nb_bytes fadt, uint32_t offset)
{
	nb_phys dsdt = nb_le64(fadt, FADT_X_DSDT);

	if (!dsdt)
		dsdt = nb_le32(fadt, FADT_DSDT);
	if (dsdt)
		take(found, dsdt, offset);
	if (nb_le32(fadt, FADT_FACS))
		take(found, nb_le32(fadt, FADT_FACS), offset);
	if (nb_le64(fadt, FADT_X_FACS))
		take(found, nb_le64(fadt, FADT_X_FACS), offset);
}

enum nb_err nb_acpi_root(struct nb_map *host, nb_phys rsdp, struct nb_table *tables, uint32_t cap,
			 uint32_t *count, struct nb_fault *fault)
{
	struct found found = { .host = host, .at = tables, .cap = cap };
	struct nb_bytes bytes;
	struct root root;
	enum nb_err err = read_rsdp(host, rsdp, &root, fault);

	if (!err)
		err = map_root(host, &root, &bytes, fault);
	if (err)
		return err;

	if (sum(bytes, bytes.len) != 0)
		note(&found,
		     (struct nb_fault){ .kind = NB_FAULT_CHECKSUM, .got = sum(bytes, bytes.len) });
	for (uint32_t at = HEADER; bytes.len - at >= root.entry; at += root.entry) {
		nb_phys address = nb_le(bytes, at, root.entry);
		struct nb_bytes table;

		if (!address)
			continue;
		table = take(&found, address, at);
		if (table.len && memcmp(table.at, "FACP", 4) == 0)
			take_of_fadt(&found, table, at);
	}
	*count = found.count;
	*fault = found.fault;
	return found.count > cap ? NB_ERR_FULL : NB_OK;
}
