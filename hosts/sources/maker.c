/* SPDX-License-Identifier: MIT */
/*
 * maker: an ACPI table that is made byte by byte. Source: ACPI 6.5 5.2.6.
 */
#include "maker.h"

#include <string.h>

enum { HEADER = 36, LENGTH = 4, REVISION = 8, CHECKSUM = 9 };

struct maker maker_begin(struct pool *pool, const char *signature, uint8_t revision, size_t most)
{
	struct maker maker = { (uint8_t *)pool_take(pool, HEADER + most), HEADER, HEADER + most };

	memcpy(maker.at, signature, 4);
	maker.at[REVISION] = revision;
	return maker;
}

void maker_put(struct maker *maker, uint64_t value, size_t bytes)
{
	nb_assert(bytes <= maker->most - maker->len);
	for (size_t i = 0; i < bytes; i++)
		maker->at[maker->len++] = i < 8 ? (uint8_t)(value >> (8 * i)) : 0;
}

void maker_finish(struct source *source, struct maker *maker, nb_phys address)
{
	struct nb_firmware *fw = &source->fw;
	struct nb_table *table = &source->tables[fw->table_count++];
	uint8_t sum = 0;

	nb_assert(fw->table_count <= SOURCE_TABLES);
	for (size_t i = 0; i < 4; i++)
		maker->at[LENGTH + i] = (uint8_t)(maker->len >> (8 * i));
	for (size_t i = 0; i < maker->len; i++)
		sum = (uint8_t)(sum + maker->at[i]);
	maker->at[CHECKSUM] = (uint8_t)(0 - sum);
	*table = (struct nb_table){ .address = address, .at = maker->at, .len = maker->len };
	memcpy(table->signature, maker->at, 4);
	fw->tables = source->tables;
}
