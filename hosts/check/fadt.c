/* SPDX-License-Identifier: MIT */
/*
 * fadt: how new it says that it is, against how long it is: ACPI 6.5 5.2.9. Its
 * version decides how disabled processors of the MADT are read.
 */
#include "lint.h"

enum { REVISION_AT = 8 };

/* The least bytes of each version. */
static const uint32_t least[] = {
	[1] = 116, [2] = 116, [3] = 244, [4] = 244, [5] = 268, [6] = 276
};

void lint_fadt(struct lint *l)
{
	const struct nb_table *table = &l->fw->tables[l->fadt];
	uint64_t revision = table_number(table, REVISION_AT, 1);

	if (revision < NB_COUNT(least) && nb_acpi_bytes(table).len < least[revision])
		report(l, FINDING_FADT_LENGTH, in_table(l, l->fadt, REVISION_AT),
		       "a table as long as its version's", "version %llu in %zu bytes",
		       (unsigned long long)revision, nb_acpi_bytes(table).len);
}
