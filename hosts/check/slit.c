/* SPDX-License-Identifier: MIT */
/*
 * slit: the matrix of distances: ACPI 6.5 5.2.17. A distance and the one back need
 * not be equal, and 255 says that there is no way: neither is a finding.
 */
#include "lint.h"

enum { COUNT_AT = 36, MATRIX_AT = 44, LOCAL = 10, REMOTE = 20 };

static uint8_t distance(const struct lint *l, uint64_t i, uint64_t j)
{
	return l->matrix.matrix.at[i * l->matrix.count + j];
}

static void lint_value(struct lint *l, uint32_t i, uint32_t j)
{
	uint8_t value = distance(l, i, j);
	uint32_t offset = MATRIX_AT + i * (uint32_t)l->matrix.count + j;

	if (i == j && value != LOCAL) {
		report(l, FINDING_SLIT_LOCAL, in_table(l, l->slit, offset), "10",
		       "%u as the distance of domain %u from itself", value, i);
		mend_set(l, l->slit, offset, 1, LOCAL);
	} else if (i != j && value <= LOCAL) {
		uint8_t back = distance(l, j, i);

		report(l, FINDING_SLIT_REMOTE, in_table(l, l->slit, offset), "more than 10",
		       "%u as the distance from domain %u to %u", value, i, j);
		mend_set(l, l->slit, offset, 1, back > LOCAL ? back : REMOTE);
	}
}

/* The matrix against the domains that the SRAT names. */
static void lint_domains(struct lint *l)
{
	uint32_t last = 0;

	if (l->srat == NO_TABLE || !l->memory_count)
		return;
	for (uint32_t i = 0; i < l->memory_count; i++)
		if (is_on(&l->memory[i]) && l->memory[i].pxm > last)
			last = l->memory[i].pxm;
	for (uint32_t i = 0; i < l->cpu_count; i++)
		if (l->cpu[i].enabled && l->cpu[i].pxm > last)
			last = l->cpu[i].pxm;
	if (last >= l->matrix.count)
		report(l, FINDING_SLIT_SRAT, in_table(l, l->slit, COUNT_AT),
		       "a row for each domain of the SRAT",
		       "%llu localities, and the SRAT names domain %u",
		       (unsigned long long)l->matrix.count, last);
	else if (l->matrix.count > (uint64_t)last + 1)
		report(l, FINDING_SLIT_LARGE, in_table(l, l->slit, COUNT_AT),
		       "no more rows than the SRAT has domains",
		       "%llu localities, and the SRAT's last domain is %u",
		       (unsigned long long)l->matrix.count, last);
}

void lint_slit(struct lint *l)
{
	const struct nb_table *table = &l->fw->tables[l->slit];
	uint64_t bytes = nb_acpi_bytes(table).len, count = table_number(table, COUNT_AT, 8);
	struct place_of_finding place = in_table(l, l->slit, COUNT_AT);

	if (bytes < MATRIX_AT || !count) {
		report(l, FINDING_SLIT_EMPTY, place, "one locality or more",
		       "%llu localities in %llu bytes", (unsigned long long)count,
		       (unsigned long long)bytes);
		mend(l, (struct edit){ .kind = EDIT_DROP, .table = l->slit });
		return;
	}
	if (!l->matrix.count) {
		report(l, FINDING_SLIT_SHORT, place, "count * count bytes behind it",
		       "%llu localities, and %llu bytes of distances", (unsigned long long)count,
		       (unsigned long long)bytes - MATRIX_AT);
		mend(l, (struct edit){ .kind = EDIT_DROP, .table = l->slit });
		return;
	}
	if (bytes > MATRIX_AT + count * count) {
		uint32_t end = MATRIX_AT + (uint32_t)(count * count);

		report(l, FINDING_SLIT_LONG, in_table(l, l->slit, end),
		       "a table that ends with its matrix",
		       "%llu bytes behind the matrix of %llu localities",
		       (unsigned long long)bytes - end, (unsigned long long)count);
		mend(l, (struct edit){ .kind = EDIT_CUT,
				       .table = l->slit,
				       .offset = end,
				       .width = (uint32_t)bytes - end });
	}
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < count; j++)
			lint_value(l, i, j);
	if (!source_guesses(l->source, FACT_SLIT))
		lint_domains(l);
}
