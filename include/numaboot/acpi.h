/* SPDX-License-Identifier: MIT */
/*
 * acpi: tables as bytes in, plain structs or a fault out. Nothing is decided
 * here: a parser checks form, a stage judges meaning. No byte outside a table
 * is read, whatever its lengths claim.
 */
#ifndef NUMABOOT_ACPI_H
#define NUMABOOT_ACPI_H

#include <numaboot/base.h>
#include <numaboot/firmware.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nb_fault_kind {
	NB_FAULT_NONE,
	NB_FAULT_SHORT,       /* fewer bytes than the structure needs */
	NB_FAULT_TRUNCATED,   /* the structure claims bytes beyond the table's end */
	NB_FAULT_ZERO_LENGTH, /* an entry says that it has no bytes: the walk cannot go on */
	NB_FAULT_SIGNATURE,
	NB_FAULT_CHECKSUM,
	NB_FAULT_COUNT,   /* a count that needs more bytes than there are */
	NB_FAULT_LENGTH,  /* longer than its type, where Linux wants it exact */
	NB_FAULT_ADDRESS, /* no such memory: got is the address, want the bytes */
};

/* What is wrong with a table's form, and where: offset in bytes from its start. */
struct nb_fault {
	enum nb_fault_kind kind;
	uint32_t offset;
	uint64_t got, want;
};

/* The header that all tables share: ACPI 6.5 5.2.6. */
struct nb_acpi_header {
	char signature[4];
	uint32_t length; /* as it says; the bytes may be fewer */
	uint8_t revision;
	char oem_id[6], oem_table_id[8];
	uint32_t oem_revision;
};

/* Reads the header. Errors: NB_ERR_FIRMWARE (short), with *out untouched. */
NB_MUST_CHECK enum nb_err nb_acpi_header(const struct nb_table *table, struct nb_acpi_header *out,
					 struct nb_fault *fault);

/* The bytes of a table that may be read: the smaller of what its header claims
 * and what there is; all there is if there is no whole header. */
struct nb_bytes nb_acpi_bytes(const struct nb_table *table);

/* Whether the bytes of a table sum to zero, as far as they are there. */
bool nb_acpi_checksum_ok(const struct nb_table *table);

/* How entries of a table begin. */
enum nb_entry_form {
	NB_ENTRY_COMMON, /* u8 type, u8 length: SRAT, MADT */
	NB_ENTRY_HMAT,   /* u16 type, u16 reserved, u32 length */
	NB_ENTRY_CEDT,   /* u8 type, u8 reserved, u16 length */
};

/* One entry. `bytes` begins at the entry and ends where it says or, if that is
 * nearer, where the table ends. `rest` begins there too, but ends with the table:
 * Linux reads fields of some entries that their own lengths leave out. */
struct nb_entry {
	uint32_t type;
	uint32_t length; /* as it says; bytes.len may be less */
	struct nb_bytes bytes, rest;
};

struct nb_entry_walk {
	struct nb_bytes table;
	enum nb_entry_form form;
	uint32_t next;         /* offset of the next entry */
	struct nb_fault fault; /* why the walk ended early, if it did */
};

/* A walk over the entries that begin `first` bytes into the table: 48 in a SRAT,
 * 44 in a MADT, 40 in a HMAT, 36 in a CEDT. */
struct nb_entry_walk nb_entries(const struct nb_table *table, enum nb_entry_form form,
				uint32_t first);

/*
 * Gives the next entry; false at the end. As in Linux an entry is looked at only
 * if the table has a byte beyond the entry's own header, and one of length zero
 * is given before the walk ends with NB_FAULT_ZERO_LENGTH.
 * Source: Linux 6.12 lib/fw_table.c acpi_parse_entries_array().
 */
bool nb_entry_next(struct nb_entry_walk *walk, struct nb_entry *entry);

/* SRAT: ACPI 6.5 5.2.16. Entry types. */
enum {
	NB_SRAT_ENTRIES = 48,
	NB_SRAT_LAPIC = 0,
	NB_SRAT_MEMORY = 1,
	NB_SRAT_X2APIC = 2,
	NB_SRAT_GICC = 3,
	NB_SRAT_GIC_ITS = 4,
	NB_SRAT_INITIATOR = 5,
	NB_SRAT_PORT = 6,
	NB_SRAT_RINTC = 7,
};

/* Flags of SRAT entries. */
enum {
	NB_SRAT_ENABLED = 0x1, /* of all */
	NB_SRAT_HOTPLUG = 0x2, /* of memory */
	NB_SRAT_NONVOLATILE = 0x4,
};

/*
 * A processor, LAPIC or x2APIC form. Fields are read wherever the table has the
 * bytes, beyond the entry's own length too, as Linux does: the stage judges the
 * length. Bytes that the table does not have read as zero; *fault then says so
 * (NB_FAULT_TRUNCATED), else its kind is NB_FAULT_NONE.
 */
struct nb_srat_cpu {
	uint32_t length;   /* as the entry says: the stage judges */
	uint32_t pxm_low;  /* LAPIC: 8 bits; x2APIC: all 32 */
	uint32_t pxm_high; /* LAPIC: the upper 24 bits, already shifted up by 8; x2APIC: 0 */
	uint32_t apic_id;
	uint32_t flags;
};
void nb_srat_lapic(const struct nb_entry *entry, struct nb_srat_cpu *out, struct nb_fault *fault);
void nb_srat_x2apic(const struct nb_entry *entry, struct nb_srat_cpu *out, struct nb_fault *fault);

struct nb_srat_memory {
	uint32_t length;
	uint32_t pxm; /* all 32 bits: revision 1 has only 8 of them */
	nb_phys base;
	uint64_t size; /* base + size may wrap */
	uint32_t flags;
};
void nb_srat_memory(const struct nb_entry *entry, struct nb_srat_memory *out,
		    struct nb_fault *fault);

struct nb_srat_initiator {
	uint32_t length;
	uint32_t pxm;
	uint8_t handle_type; /* 0: ACPI device, 1: PCI device */
	uint8_t handle[16];
	uint32_t flags;
};
/* Generic initiator (type 5) and generic port (type 6): the same layout. */
void nb_srat_initiator(const struct nb_entry *entry, struct nb_srat_initiator *out,
		       struct nb_fault *fault);

/* SLIT: ACPI 6.5 5.2.17. */
struct nb_slit {
	uint64_t count;         /* localities, as the table says */
	struct nb_bytes matrix; /* the bytes of count * count that are there */
};
/* Errors: NB_ERR_FIRMWARE: not even the count is there, or count * count is more
 * than the bytes that are there (NB_FAULT_COUNT, with *out filled in). */
NB_MUST_CHECK enum nb_err nb_slit(const struct nb_table *table, struct nb_slit *out,
				  struct nb_fault *fault);

/* MADT: ACPI 6.5 5.2.12. */
enum {
	NB_MADT_ENTRIES = 44,
	NB_MADT_LAPIC = 0,
	NB_MADT_IOAPIC = 1,
	NB_MADT_LAPIC_OVERRIDE = 5,
	NB_MADT_SAPIC = 7,
	NB_MADT_X2APIC = 9,
	NB_MADT_ENABLED = 0x1,
	NB_MADT_ONLINE_CAPABLE = 0x2,
};

struct nb_madt_cpu {
	uint32_t apic_id; /* SAPIC: id and eid in one, as Linux has it */
	uint32_t uid;     /* ACPI processor UID; SAPIC: processor id, likewise */
	uint32_t flags;
};
/* A LAPIC, SAPIC or x2APIC entry. Errors: NB_ERR_FIRMWARE, with *out untouched,
 * where Linux 6.12 BAD_MADT_ENTRY() is true: shorter than its type, or reaching
 * beyond the table. */
NB_MUST_CHECK enum nb_err nb_madt_cpu(const struct nb_entry *entry, struct nb_madt_cpu *out,
				      struct nb_fault *fault);

/* FADT: what matters here is how new it is. ACPI 6.5 5.2.9. */
struct nb_fadt {
	uint8_t major, minor; /* minor: the whole byte at 131, errata included, as Linux compares
			       * it; 0 if it is not there */
};
NB_MUST_CHECK enum nb_err nb_fadt(const struct nb_table *table, struct nb_fadt *out,
				  struct nb_fault *fault);

/* CEDT: CXL 3.0 9.17.1. */
enum {
	NB_CEDT_ENTRIES = 36,
	NB_CEDT_CFMWS = 1,
};
struct nb_cedt_window {
	uint32_t length;
	nb_phys base;
	uint64_t size;
};
void nb_cedt_window(const struct nb_entry *entry, struct nb_cedt_window *out,
		    struct nb_fault *fault);

/* HMAT: ACPI 6.5 5.2.28. */
enum {
	NB_HMAT_ENTRIES = 40,
	NB_HMAT_PROXIMITY = 0,
	NB_HMAT_LOCALITY = 1,
	NB_HMAT_CACHE = 2,
};
struct nb_hmat_proximity {
	uint32_t flags; /* bit 0: the initiator is valid */
	uint32_t initiator_pxm, memory_pxm;
};
NB_MUST_CHECK enum nb_err nb_hmat_proximity(const struct nb_entry *entry,
					    struct nb_hmat_proximity *out, struct nb_fault *fault);

/* Latency or bandwidth between initiators and targets. */
struct nb_hmat_locality {
	uint8_t flags, data_type, min_transfer;
	uint64_t base_unit;
	uint32_t initiators, targets;
	struct nb_bytes initiator_pxms, target_pxms; /* 32 bits each */
	struct nb_bytes values;                      /* 16 bits each, a row for an initiator */
};
NB_MUST_CHECK enum nb_err nb_hmat_locality(const struct nb_entry *entry,
					   struct nb_hmat_locality *out, struct nb_fault *fault);

struct nb_hmat_cache {
	uint32_t memory_pxm;
	uint64_t size;
	uint32_t attributes;
	uint16_t smbios_handles;
};
NB_MUST_CHECK enum nb_err nb_hmat_cache(const struct nb_entry *entry, struct nb_hmat_cache *out,
					struct nb_fault *fault);

/* A host's way from a physical address to bytes that stay readable, or a null pointer. */
struct nb_map {
	const void *(*map)(struct nb_map *self, nb_phys address, size_t len);
};

/*
 * Walks from the RSDP to the root table to all tables it lists, the XSDT where
 * there is one; a FADT is followed by the DSDT and the FACS that it names. At
 * most `cap` tables are stored; *count is how many there were. A table of which
 * only the header can be mapped is given with the header's bytes alone, one
 * without even that is left out.
 *
 * Errors: NB_ERR_FIRMWARE with *fault, whose offset counts from the start of the
 * RSDP or, behind it, of the root table; NB_ERR_FULL if there were more than cap.
 * With NB_OK the fault is what is wrong but does not stop Linux (the first of
 * its kind: the root table's checksum, a table that cannot be mapped), or none.
 * Source: ACPI 6.5 5.2.5; Linux 6.12 drivers/acpi/acpica/tbxfroot.c
 * acpi_tb_validate_rsdp(), tbutils.c acpi_tb_parse_root_table(), tbfadt.c
 * acpi_tb_parse_fadt().
 */
NB_MUST_CHECK enum nb_err nb_acpi_root(struct nb_map *host, nb_phys rsdp, struct nb_table *tables,
				       uint32_t cap, uint32_t *count, struct nb_fault *fault);

#ifdef __cplusplus
}
#endif
#endif
