/* SPDX-License-Identifier: MIT */
/* tables: see tables.h. Layouts: ACPI 6.5 5.2.6, 5.2.12, 5.2.16, 5.2.17, 5.2.28; CXL 3.0 9.17.1. */
#include "tables.h"

#include <assert.h>
#include <string.h>

enum { HEADER = 36, LENGTH = 4, REVISION = 8, CHECKSUM = 9 };

static void put(struct table *table, uint64_t value, unsigned width)
{
	assert(table->len + width <= TABLE_BYTES);
	for (unsigned i = 0; i < width; i++)
		table->at[table->len++] = (uint8_t)(value >> (8 * i));
}

static void pad(struct table *table, unsigned width)
{
	for (; width; width--)
		put(table, 0, 1);
}

static void begin(struct table *table, const char *signature, uint8_t revision, unsigned more)
{
	memset(table->at, 0, HEADER);
	memcpy(table->at, signature, 4);
	table->at[REVISION] = revision;
	memcpy(table->at + 10, "NBTESTNBTABLES", 14);
	table->len = HEADER;
	pad(table, more);
}

void table_raw(struct table *table, const void *bytes, uint32_t len)
{
	assert(table->len + len <= TABLE_BYTES);
	memcpy(table->at + table->len, bytes, len);
	table->len += len;
}

struct nb_table table_give(struct table *table)
{
	struct nb_table given = { .at = table->at, .len = table->len };
	uint8_t sum = 0;

	for (unsigned i = 0; i < 4; i++)
		table->at[LENGTH + i] = (uint8_t)(table->len >> (8 * i));
	table->at[CHECKSUM] = 0;
	for (uint32_t i = 0; i < table->len; i++)
		sum = (uint8_t)(sum + table->at[i]);
	table->at[CHECKSUM] = (uint8_t)(0 - sum);
	memcpy(given.signature, table->at, 4);
	return given;
}

void srat_begin(struct table *table, uint8_t revision)
{
	begin(table, "SRAT", revision, 12);
}

void srat_lapic(struct table *table, uint32_t pxm, uint8_t apic_id, uint32_t flags)
{
	put(table, NB_SRAT_LAPIC, 1);
	put(table, 16, 1);
	put(table, pxm, 1);
	put(table, apic_id, 1);
	put(table, flags, 4);
	put(table, 0, 1); /* SAPIC EID */
	put(table, pxm >> 8, 3);
	put(table, 0, 4);
}

void srat_x2apic(struct table *table, uint32_t pxm, uint32_t apic_id, uint32_t flags)
{
	put(table, NB_SRAT_X2APIC, 1);
	put(table, 24, 1);
	put(table, 0, 2);
	put(table, pxm, 4);
	put(table, apic_id, 4);
	put(table, flags, 4);
	pad(table, 8);
}

void srat_memory(struct table *table, uint32_t pxm, nb_phys base, uint64_t size, uint32_t flags)
{
	put(table, NB_SRAT_MEMORY, 1);
	put(table, 40, 1);
	put(table, pxm, 4);
	put(table, 0, 2);
	put(table, base, 8);
	put(table, size, 8);
	put(table, 0, 4);
	put(table, flags, 4);
	pad(table, 8);
}

void srat_initiator(struct table *table, uint8_t type, uint32_t pxm, uint16_t name, uint32_t flags)
{
	put(table, type, 1);
	put(table, 32, 1);
	put(table, 0, 1);
	put(table, 0, 1); /* an ACPI device */
	put(table, pxm, 4);
	put(table, name, 2);
	pad(table, 14);
	put(table, flags, 4);
	pad(table, 4);
}

void slit_make(struct table *table, uint64_t count, const uint8_t *matrix, uint32_t bytes)
{
	begin(table, "SLIT", 1, 0);
	put(table, count, 8);
	table_raw(table, matrix, bytes);
}

void madt_begin(struct table *table)
{
	begin(table, "APIC", 5, 8);
}

void madt_lapic(struct table *table, uint8_t uid, uint8_t apic_id, uint32_t flags)
{
	put(table, NB_MADT_LAPIC, 1);
	put(table, 8, 1);
	put(table, uid, 1);
	put(table, apic_id, 1);
	put(table, flags, 4);
}

void madt_x2apic(struct table *table, uint32_t uid, uint32_t apic_id, uint32_t flags)
{
	put(table, NB_MADT_X2APIC, 1);
	put(table, 16, 1);
	put(table, 0, 2);
	put(table, apic_id, 4);
	put(table, flags, 4);
	put(table, uid, 4);
}

void cedt_begin(struct table *table)
{
	begin(table, "CEDT", 1, 0);
}

void cedt_window(struct table *table, nb_phys base, uint64_t size)
{
	put(table, NB_CEDT_CFMWS, 1);
	put(table, 0, 1);
	put(table, 40, 2);
	put(table, 0, 4);
	put(table, base, 8);
	put(table, size, 8);
	pad(table, 16);
}

void hmat_begin(struct table *table, uint8_t revision)
{
	begin(table, "HMAT", revision, 4);
}

static void hmat_entry(struct table *table, uint16_t type, uint32_t len)
{
	put(table, type, 2);
	put(table, 0, 2);
	put(table, len, 4);
}

void hmat_proximity(struct table *table, uint16_t flags, uint32_t initiator, uint32_t memory)
{
	hmat_entry(table, NB_HMAT_PROXIMITY, 40);
	put(table, flags, 2);
	put(table, 0, 2);
	put(table, initiator, 4);
	put(table, memory, 4);
	pad(table, 20);
}

void hmat_locality(struct table *table, const struct table_locality *l)
{
	hmat_entry(table, NB_HMAT_LOCALITY,
		   32 + 4 * l->initiators + 4 * l->targets + 2 * l->initiators * l->targets);
	put(table, l->flags, 1);
	put(table, l->type, 1);
	put(table, 0, 2);
	put(table, l->initiators, 4);
	put(table, l->targets, 4);
	put(table, 0, 4);
	put(table, l->unit, 8);
	for (uint32_t i = 0; i < l->initiators; i++)
		put(table, l->initiator[i], 4);
	for (uint32_t t = 0; t < l->targets; t++)
		put(table, l->target[t], 4);
	for (uint32_t i = 0; i < l->initiators * l->targets; i++)
		put(table, l->value[i], 2);
}

void hmat_cache(struct table *table, uint32_t memory, uint64_t size)
{
	hmat_entry(table, NB_HMAT_CACHE, 32);
	put(table, memory, 4);
	put(table, 0, 4);
	put(table, size, 8);
	put(table, 0, 4);
	put(table, 0, 4);
}
