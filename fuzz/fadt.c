/* SPDX-License-Identifier: MIT */
/* fadt: any bytes as a FADT, and what all tables share. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nb_table table = fuzz_table(data, size);
	struct nb_firmware fw = { .tables = &table, .table_count = 1 };
	struct nb_bytes bytes = nb_acpi_bytes(&table);
	struct nb_acpi_header header;
	struct nb_fault fault;
	struct nb_fadt fadt;

	ensure(bytes.len <= size);
	ensure((nb_acpi_header(&table, &header, &fault) == NB_OK) == (size >= 36));
	ensure(size < 36 || bytes.len == (header.length < size ? header.length : size));
	ensure((nb_fadt(&table, &fadt, &fault) == NB_OK) == (size >= 36));
	if (size >= 36) {
		ensure(fadt.major == data[8]);
		ensure(fadt.minor == (bytes.len > 131 ? data[131] : 0));
	}
	ensure(nb_firmware_table(&fw, table.signature) == &table);
	(void)nb_acpi_checksum_ok(&table);
	return 0;
}
