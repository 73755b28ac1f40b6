/* SPDX-License-Identifier: MIT */
/*
 * root: any bytes as the memory that the RSDP and the tables lie in: the first
 * is at the address BASE, where the RSDP has to be. What is mapped is copied, so
 * that a read beyond it is seen.
 */
#include "physical.h"

enum { CAP = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct physical memory = { .map = { .map = physical_map }, .at = data, .size = size };
	struct nb_table *tables = malloc(CAP * sizeof(*tables));
	struct nb_fault fault;
	uint32_t count = 0;
	enum nb_err err;

	ensure(tables != NULL);
	err = nb_acpi_root(&memory.map, BASE, tables, CAP, &count, &fault);
	ensure(err == NB_OK || err == NB_ERR_FULL || err == NB_ERR_FIRMWARE);
	ensure((err == NB_ERR_FULL) == (count > CAP));
	if (err == NB_ERR_FIRMWARE)
		ensure(fault.kind != NB_FAULT_NONE && count == 0);
	for (uint32_t i = 0; i < count && i < CAP; i++) {
		ensure(tables[i].len >= 36);
		ensure(!memcmp(tables[i].signature, tables[i].at, 4));
		ensure(!memcmp(tables[i].at, data + (tables[i].address - BASE), tables[i].len));
		(void)nb_acpi_checksum_ok(&tables[i]);
	}
	physical_drop(&memory);
	free(tables);
	return 0;
}
