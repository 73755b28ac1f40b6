/* SPDX-License-Identifier: MIT */
/*
 * tables: ACPI tables from a few words. A table is begun, given its entries one
 * by one, and handed out as the firmware would: length and checksum are right.
 */
#ifndef TESTS_TABLES_H
#define TESTS_TABLES_H

#include <numaboot/acpi.h>
#include <numaboot/firmware.h>

enum { TABLE_BYTES = 1 << 17 };

struct table {
	uint8_t at[TABLE_BYTES];
	uint32_t len;
};

void srat_begin(struct table *table, uint8_t revision);
void srat_lapic(struct table *table, uint32_t pxm, uint8_t apic_id, uint32_t flags);
void srat_x2apic(struct table *table, uint32_t pxm, uint32_t apic_id, uint32_t flags);
void srat_memory(struct table *table, uint32_t pxm, nb_phys base, uint64_t size, uint32_t flags);
/* A generic initiator or, as NB_SRAT_PORT, a generic port; the handle begins with `name`. */
void srat_initiator(struct table *table, uint8_t type, uint32_t pxm, uint16_t name, uint32_t flags);

/* A matrix of count * count values; `bytes` of it are put in. */
void slit_make(struct table *table, uint64_t count, const uint8_t *matrix, uint32_t bytes);

void madt_begin(struct table *table);
void madt_lapic(struct table *table, uint8_t uid, uint8_t apic_id, uint32_t flags);
void madt_x2apic(struct table *table, uint32_t uid, uint32_t apic_id, uint32_t flags);

void cedt_begin(struct table *table);
void cedt_window(struct table *table, nb_phys base, uint64_t size);

/* One matrix of numbers between initiators and targets, row by row. */
struct table_locality {
	uint8_t flags, type;
	uint64_t unit;
	uint32_t initiators, targets;
	const uint32_t *initiator, *target;
	const uint16_t *value;
};

void hmat_begin(struct table *table, uint8_t revision);
void hmat_proximity(struct table *table, uint16_t flags, uint32_t initiator, uint32_t memory);
void hmat_locality(struct table *table, const struct table_locality *locality);
void hmat_cache(struct table *table, uint32_t memory, uint64_t size);

/* Bytes as they are, to build what no firmware should. */
void table_raw(struct table *table, const void *bytes, uint32_t len);

/* The table as firmware hands it over; it stays where it is. */
struct nb_table table_give(struct table *table);

#endif
